# 画面の枠: ヘッダー、チェーン、フッター、一覧。

header-read-only = 読み取り専用
header-cached =
    { $age ->
        [none] キャッシュから
       *[other] { $age } 前のキャッシュ
    }
header-survey = 調査中 { $done }/{ $total }
header-shares-calls = デプロイは Lambda の毎秒 15 回を共有
header-calls =
    { $short ->
        [yes] { $rate }/秒
       *[no] API { $rate }/秒
    }
header-paused = 一時停止 { $clock }
header-connecting = 接続中
header-errors = エラー
header-expired = 期限切れ
header-no-answer = 応答なし
header-as-of = { $clock } 時点
header-late = { $clock }、{ $age } 前

chain-title = チェーン
chain-paused = 一時停止中
chain-last-known = 最後に取得した値
chain-through = { $name } を通過
chain-collapsed = 正常を折りたたみ
chain-not-inferred = 推定エッジなし
chain-hidden = 非表示 { $n }
chain-unread = 未取得 { $n }
chain-connecting = 接続中
chain-nothing-read = まだ何も取得できず
chain-all-hidden = すべての名前がパターンにより非表示
chain-drawing = 描画中
chain-none-read = チェーンの取得失敗、未取得 { $n } 件 (u)
chain-no-match = { $scope } に一致するものなし
chain-empty = このアカウントとリージョンに関数とトリガーなし
chain-looking = 関数とトリガーを検索中

footer-move = 移動
footer-paused = 一時停止
footer-of-speed = / { $speed }

pane-more = ほか { $n }
pane-of = / { $n }

find-title = 検索
find-none = 一致する名前なし
palette-title = コマンド
palette-none = 一致するコマンドなし

issues-title = 問題
issues-none = 問題なし
issue-invocations = 呼び出し { $n } 回
issue-since =
    { $longer ->
        [yes] { $time } より前から
       *[no] { $time } から
    }
issues-none-yet = 現時点で問題なし: { $why }
issues-no-chain = 該当なし: このアカウントとリージョンにチェーンなし
unknown-title =
    { $unproved ->
        [0] 取得失敗: { $unread }
       *[other] 取得失敗: { $unread }、イベントの到達が不明: { $unproved }
    }
unknown-none = すべて取得済み
unknown-none-yet = 現時点でエラーなし、取得は途中

screen-too-small = pitagora には { $needs } セルが必要、このターミナルは { $has }

age-fresh = 最新
age-old = { $age } 前
about-a-minute = 1 分未満
about-minutes = 約 { $n } 分

# 手で投入されたイベントの終わり: 名前、番号、所要時間。
marble-name = イベント
marble-done = { $name } { $n }: { $time }
marble-dead = { $name } { $n }: { $time } 後に { $place } へ
marble-lost = { $name } { $n }: { $time } 後に { $place } で消失

# ステージの隅。
stage-past = 当時の表示、. でここから再開
stage-restarts = 再現中
stage-waits = 待機中
stage-camera = カメラ追従中、c で停止
