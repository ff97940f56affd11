# デッドレターの出所の根拠。

evidence-attributes = 属性 RequestID、ErrorCode、ErrorMessage
evidence-attribute-names = 属性 { $attribute } が { $id } を示す
evidence-configured = 設定: { $by } がデッドレターをここへ送信
evidence-configured-several = 設定: { $functions } 個の関数がデッドレターをここへ送信
evidence-not-configured = 設定なし (または既に削除): { $what }
evidence-only-sender = ここへ送信するのは { $id } のみ
evidence-log-has = { $function } のログにリクエスト { $request } あり
evidence-no-log-has = { $functions } 個の関数のどのログにもリクエスト { $request } なし
evidence-logs-unread = リクエスト { $request } を検索していないログあり
evidence-ended = { $function } の呼び出しの終了の記録
evidence-stream-batch = { $function } が処理できなかった { $stream } のバッチの記録
evidence-kafka-batch = { $function } が処理できなかった Kafka クラスター { $cluster } のバッチの記録
evidence-kafka-records = { $records } を示す
evidence-pipe = パイプ { $pipe } の記録
evidence-leads-to = { $from } から { $to } へ
evidence-truncated = ペイロードは切り詰め
evidence-source-arn = DeadLetterQueueSourceArn が { $queue } を示す
evidence-only-reader = { $queue } を読み取るのは { $function } のみ
evidence-logged-id = { $function } の呼び出しがメッセージ ID を記録
evidence-one-error = その試行中に失敗した { $function } の呼び出しはすべて同じエラー
evidence-several-errors = その試行中に { $function } の呼び出しは異なるエラーで失敗: どれが該当するかは不明
evidence-envelope = トピック { $topic } のエンベロープ内
evidence-notification = トピック { $topic } の通知
evidence-unsubscribe-link = 登録解除のリンクがサブスクリプションを示す
evidence-only-subscription = ここへ送信するサブスクリプションは 1 つのみ
evidence-several-subscriptions = { $subscriptions } 個のサブスクリプションがここへ送信: どれが送ったかは不明
evidence-subscription-leads = サブスクリプションの先は { $to }
evidence-unmarked = 出所を示すものなし
evidence-one-of-senders = { $senders } のどれが送ったかを示すものなし
evidence-only-bare = エンベロープなしで書き込む送信元は { $sender } のみ
evidence-named-alone = { $function } の失敗した呼び出しがこのメッセージのみを示す
evidence-died-beside = 推定: { $function } の失敗したバッチで { $messages } と共にデッドレター化
evidence-died-among = バッチの他の { $others } 件と共にデッドレター化: どれが失敗したかは { $function } のログからは不明
evidence-whole-batch = ReportBatchItemFailures オフ: 1 件の失敗でバッチ全体を再試行 (バッチサイズ { $size })

# 設定にないもの。

unconfigured-function = このキューを指定する関数なし
unconfigured-on-failure = その関数の OnFailure はここを指していない
unconfigured-mapping = その関数のイベントソースマッピングはここを指していない
unconfigured-target = このキューを指定するターゲットなし
unconfigured-pipe = そのパイプのソースはこのキューを指定していない
unconfigured-redrive-policy = そのキューの再処理ポリシーはこのキューを指定していない
unconfigured-subscription = そのトピックにこのキューを指定するサブスクリプションなし

# 関数が一度も呼び出されなかった理由。

capacity-reserved-zero = { $function } の予約済み同時実行数が 0
capacity-zero-reserved-concurrency = { $function } の予約済み同時実行数が 0 だった (ZeroReservedConcurrency)
capacity-throttled = Lambda が断念するまでスロットリング (ErrorCode { $code })
capacity-event-age-exceeded = { $function } の呼び出しのないまま有効期間を超過 (EventAgeExceeded)
capacity-record-age-exceeded = { $function } の呼び出しのないままバッチの有効期間を超過
capacity-target-throttled = ターゲットが容量不足で拒否 ({ $text })
capacity-never-started = { $function } は { $throttles } 回スロットリング、その試行中の呼び出しなし

# サービスが断念した理由。

given-up-service = { $word }
given-up-received = { $times } 回受信

# 失敗の内容。

fault-capacity = 容量: スロットリング、呼び出しなし
fault-error = { $text }
fault-condition = { $condition }、エラー不明
fault-unknown = エラー不明
fault-neighbour = 失敗したメッセージと同じバッチの正常なメッセージ (推定): ReportBatchItemFailures オフ
fault-one-of-batch = バッチの失敗 (ReportBatchItemFailures オフ): { $fault }

# Kafka のレコード。

records-offset = { $partition } オフセット { $offset }
records-offsets = { $partition } オフセット { $first }～{ $last }
records-count = レコード { $records } 件

# キューのメッセージがデッドレターとは限らない理由。

mixed-also-fed = { $by } もここへメッセージを送信: すべてがデッドレターとは限らない
mixed-consumed = 作業キュー: { $by } が読み取るため、デッドレターとは限らない
mixed-paused = 作業キュー: マッピングの有効化後に { $by } が読み取るため、デッドレターとは限らない
mixed-also-fed-and-consumed = 作業キュー: { $from } もここへ送信し { $by } が読み取るため、デッドレターとは限らない

# キューの読み取りの影響と、拒否の理由。

guard-ordinary = { $queue } はこのチェーンのデッドレターキューではない: 現在 { $queue } を指定するものなし (削除済み、または未取得の可能性)、読み取るとメッセージが一時的に他から不可視に
guard-moves-on =
    { $after ->
        [none] { $queue } 自身に再処理ポリシーがあり、読み取りも計上されメッセージは { $to } へ移動
       *[other] { $queue } 自身に再処理ポリシーがあり、読み取りも計上され { $after } 回の受信後にメッセージは { $to } へ移動
    }
guard-consumed = { $by } が { $queue } からメッセージを取り出すため、読み取りは一時的にメッセージを不可視にし受信として計上
guard-paused = { $queue } はイベントソースマッピングが無効な { $by } の作業キュー: デッドレターとは限らず、読み取りは受信として計上
guard-read-anyway = { $against }: --read-anyway でそれでも読み取り。
guard-counts = SQS に覗き見の手段なし: 読み取りは受信として計上され、{ $queue } で読み取った各メッセージの受信数は 1 増加。
guard-hides = 1 回の読み取りは最大 { $most } 件: その間は他から不可視 ({ $seconds } 秒、必要ならより長く)、キューの深さのアラームが変動する可能性、終了後は直ちに再び利用可能。
guard-fifo = FIFO: 読み取り中のメッセージはグループをブロック、一覧にできるのは各グループの先頭のみ (1 回の受信で最大 10 件)。

# 本文の層。

layer-text = テキスト
layer-bytes = バイト
layer-json = JSON
layer-notification = SNS 通知
layer-topic-event = SNS イベント
layer-queue-event = SQS イベント
layer-bucket-event = S3 イベント
layer-bus-event = EventBridge イベント
layer-destination = 呼び出しの記録
layer-batch = 失敗したバッチの記録
layer-stream-event = Kinesis イベント
layer-table-event = DynamoDB ストリームイベント
layer-item = DynamoDB 項目
layer-logs-event = Logs イベント
layer-log-lines = ログの行

cut-too-deep = これより深い層は展開しない
cut-too-many = 展開の上限を超える層
cut-too-large = 展開後のサイズが過大

# jq 式の誤り。

jq-unusable = `{ $expression }` は使用できない jq 式 ({ $why }): 例は '.body.id == 7'、'.error | contains("price")'。
jq-not-known = 未定義: { $names }
jq-withheld = `{ $name }` はここでは使用不可: 式から見えるのは 1 件のメッセージのみ
jq-module = モジュールはここでは使用不可: `{ $path }`
jq-expected = { $what } が必要、`{ $found }` を検出
jq-expected-end = 終端が必要、`{ $found }` を検出
jq-too-early = { $what } が必要、途中で終端

# jq 式がメッセージを選ばなかった理由。

jq-too-slow =
    jq 式 `{ $expression }` が { $seconds } 秒を超過{ $at ->
        [none] { "" }
       *[other] { " " }(メッセージ { $at })
    }: 停止、選択なし。無限ループの可能性。
jq-too-much-memory =
    jq 式 `{ $expression }` に { $megabytes } MB を超えるメモリが必要{ $at ->
        [none] { "" }
       *[other] { " " }(メッセージ { $at })
    }: 停止、選択なし。
jq-too-deep =
    jq 式 `{ $expression }` の入れ子または再帰が過剰{ $at ->
        [none] { "" }
       *[other] { " " }(メッセージ { $at })
    }: 停止、選択なし。
jq-ended =
    jq 式 `{ $expression }` は最後まで実行できず ({ $how }){ $at ->
        [none] { "" }
       *[other] { " " }(メッセージ { $at })
    }: 選択なし。
jq-not-started = jq 式の実行プロセスを開始できず ({ $why }): 選択なし。
jq-stopped = 停止: 選択なし。
jq-failed-on = jq 式が { $failed } 件のメッセージで失敗 ({ $why }): 一致なし。
