# 箱の詳細。

details-no-links = リンクなし
details-disabled = 無効
details-via = { $via } 経由
details-cut = 到達不可: { $why }
details-doubt = イベントの到達は不明: { $why }
details-traffic =
    { $shared ->
        [yes] { $age } 前にトラフィック (この経路または別の経路)
       *[no] { $age } 前にトラフィック
    }

details-title = 詳細
details-nothing-selected = 選択なし
details-collapsed = { $n } 件を折りたたみ中
details-expand = Enter で展開
details-identity = 識別情報
details-links = リンク
details-configuration = 設定
details-last-hour = 直近 1 時間

status-ok = OK
status-warning = 警告
status-failing = 失敗中
status-lost = 消失
status-disabled = 無効
status-unknown = 不明

details-alarm =
    { $since ->
        [none] アラーム { $name }
       *[other] アラーム { $name } ({ $since } から)
    }
details-since =
    { $before ->
        [yes] { $what }、{ $time } より前から
       *[no] { $what }、{ $time } から
    }
details-next = 対処: { $next }
details-changed-at =
    { $errors ->
        [none] { $time } に{ $what }
       *[other] { $time } に{ $what }、エラーは { $errors } から
    }
details-ago = { $age } 前、{ $time }

details-messages = メッセージ
details-depth = 利用可能 { $visible }、処理中 { $in_flight }、遅延 { $delayed }
details-approximate = 概算、{ $age }
details-last-invocation = 前回の呼び出し
details-last-success = 前回の成功
details-failing-since = 失敗の開始
details-in-a-row =
    { $before ->
        [yes] { $time } より前、連続 { $n } 回
       *[no] { $time }、連続 { $n } 回
    }
details-last-error = 直近のエラー
details-error-ago = { $error } ({ $age } 前)
details-log = ログ
details-log-through = { $time }、{ $age }
details-log-complete = ログの取得範囲
details-not-read = 未取得
details-unread = 取得失敗: { $error }

details-event-bridge =
    { $on ->
        [yes] オン: すべてのイベントをデフォルトのイベントバスへ送信
       *[no] オフ
    }
details-image = コンテナイメージ
details-runtime = ランタイム
details-timeout = タイムアウト
details-memory = メモリ
details-changed = 変更
details-state = 状態
details-state-why =
    { $why ->
        [none] { $state }
       *[other] { $state }: { $why }
    }
details-concurrency = 同時実行数
details-reserved =
    { $n ->
        [0] 予約済み 0: 呼び出されない
       *[other] 予約済み { $n }
    }
details-async = 非同期
details-async-retries =
    再試行 { $retries } 回、最大 { $age }{ $default ->
        [yes] {" "}(デフォルト)
       *[no] {""}
    }
details-loops = 再帰
details-loop-detection =
    { $allowed ->
        [yes] 再帰ループ検出: 許可
       *[no] 再帰ループ検出: 終了 (約 16 回の呼び出し後)
    }
details-environment = 環境変数
details-open-to = 呼び出し許可
details-log-group = ロググループ
details-type = タイプ
details-queue-type =
    { $fifo ->
        [yes] FIFO
       *[no] 標準
    }
details-visibility = 可視性
details-retention = 保持期間
details-max-receives = 最大受信数
details-redrive-allow = 再処理の許可
details-kms-key = KMS キー
details-max-size = 最大サイズ

metric-none = なし
metric-invocations = 呼び出し
metric-failed = 失敗
metric-errors = エラー
metric-throttles = スロットリング
metric-duration = 実行時間 p99
metric-concurrency = 同時実行数
metric-async-age = 非同期の滞留
metric-async-dropped = 非同期の破棄
metric-dlq-errors = DLQ エラー
metric-destination-failures = 配信失敗
metric-iterator-age = イテレーター経過
metric-oldest = 最古
metric-sent = 送信
metric-failures = 失敗
metric-failed-attempts = 失敗した試行
metric-dead-letters = デッドレター
metric-lost = 消失
metric-received = 受信
metric-deleted = 削除
