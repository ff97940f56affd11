# デッドレター: キュー、メッセージの一覧、1 件のメッセージ。

dlq-title = デッドレター
dlq-maybe-more = さらに存在する可能性: { $why }
dlq-messages =
    { $shown ->
        [none] メッセージ { $n } 件
       *[other] メッセージ { $shown } / { $n } 件
    }
dlq-redriven = 再処理済み { $n }
dlq-came-back = 再失敗 { $n }
dlq-marked = マーク { $n }
dlq-marking-range = 範囲をマーク中
dlq-edited = 編集済み { $n }
dlq-order = { $order }順
dlq-reading =
    { $tracing ->
        [yes] { $n } 件を読み取り、再び利用可能、ログを検索中
       *[no] 読み取り中: これまで { $n } 件、X で停止
    }
dlq-run = { $run }、P で表示

dlq-no-queue = このチェーンにデッドレターキューなし: 最後の試行の後、イベントは破棄
dlq-no-queue-yet = 現時点でデッドレターキューなし: { $why }
dlq-queue-read = { $n } 件を読み取り { $time }
dlq-refused = デフォルトでは読み取らない
dlq-refused-why = デフォルトでは読み取らない: { $why }
dlq-empty = 空
dlq-expires =
    { $left ->
        [none] 間もなく期限切れ
       *[other] 期限まで { $left }
    }
dlq-not-counted = 未集計
dlq-expiry-unknown = 期限不明
dlq-outlived = { $name } の保持期間が同じかより長い: メッセージは到着後すぐに期限切れの可能性
dlq-not-read-yet = 未取得: SQS では受信なしにメッセージを見られない。Enter で読み取りの影響を表示し、確認。

dlq-none-in-flight = 受信メッセージなし: 他で処理中、可視性タイムアウトの終了後に再読み取り
dlq-none = 受信メッセージなし
dlq-all-redriven = 読み取ったメッセージはすべて再処理済み、R でキューを再読み取り
dlq-no-match = 一致するメッセージなし、Esc でフィルター解除
dlq-read = { $time } 読み取り、受信 { $n } 回
dlq-receive-count = 、受信数 { $counts }
dlq-visible-again = 、{ $n } 件は再び利用可能
dlq-read-more = さらに存在する可能性: R で続きを読み取り
dlq-read-large = メッセージ { $size } を読み取り (一度の上限): さらに存在する可能性
dlq-stopped = 停止: さらに存在する可能性
dlq-ended-early = 途中で終了: { $why }
dlq-in-flight = 他で処理中 { $n }
dlq-fifo = FIFO: 各グループの先頭のみ
dlq-invisible = { $time } まで不可視 { $n }
dlq-twice = 重複 { $n }
dlq-not-read = 未取得: { $what }
dlq-one-of-n = { $n } 個のいずれか
dlq-one-of = { $names } のいずれか
dlq-no-function = 関数不明
dlq-throttled = スロットリング、呼び出しなし: メッセージの問題ではない
dlq-neighbour = 失敗したバッチの正常なメッセージ (推定)
dlq-batch-failed = バッチの失敗: { $error }
dlq-sent-not-deleted = { $time } 送信済み、未削除: --resume で完了
dlq-back-with = 再失敗 ({ $time } 再処理): { $fault }

column-function = 関数
column-error = エラー
column-receives = 受信
column-expires = 期限まで
order-expiry = 期限
order-age = 経過時間
order-origin = 送信元
order-function = 関数
order-error = エラー
order-receives = 受信数
order-size = サイズ
origin-sqs = SQS
origin-async = 非同期
origin-destination = 送信先
origin-stream = ストリーム
origin-sns = SNS
origin-rule = ルール
origin-schedule = スケジュール
origin-pipe = パイプ
origin-unknown = 不明

label-message = メッセージ
label-cause = 原因
label-error = エラー
label-function = 関数
label-request = リクエスト
label-origin = 送信元
label-condition = 条件
label-attempts = 試行
label-sent = 送信
label-expires = 期限
label-receives = 受信数
label-read = 読み取り
label-attributes = 属性
label-sqs = SQS
label-body = 本文
fact-edited = ここで編集済み、キューには元のまま
fact-throttled = スロットリング、呼び出しなし: メッセージの問題ではない
fact-one-of = { $names } のいずれか、特定不可
fact-no-function = 不明
fact-receives = この読み取りの前 { $before }、現在 { $now }
fact-attribute = { $name } ({ $data_type }): { $value }
fact-bytes = { $name } ({ $data_type }): { $bytes } バイト
