# ヘルプ。

help-title = ヘルプ
help-keys-chain = キー
help-keys-retries = 再試行
help-keys-logs = ログ
help-keys-invocations = 呼び出し
help-keys-table = 表
help-keys-dead-letters = デッドレター
help-keys-pane = すべてのペイン
help-keys-demo = デモ
help-keys-always = 共通

help-boxes = 箱
help-box-failing = 失敗中または消失
help-box-warning = 警告
help-box-disabled = 無効
help-box-unknown = 不明: 情報の取得なし
help-box-ok = OK
help-stale = 古い可能性のある値
help-lines = 線
help-line-configured = 設定済み
help-line-inferred = 推定、またはポリシーで許可のみ
help-line-backing = 滞留が増加中のキュー
help-line-dead = デッドレターキューへ
help-line-cut = 無効、または到達不可
help-traffic = トラフィック
help-marble = 直近に観測
help-marble-old = 少し前に観測
help-marble-inferred = 後続の動きからの推定
help-keys-stage = ステージ
