# ノードの問題。名前に続く。

trouble-events-lost = { lost-at-least }{ lost-events }: { $reasons }
lost-at-least =
    { $at_least ->
        [yes] 少なくとも{" "}
       *[no] {""}
    }
lost-events = { $count } 件のイベントが消失
trouble-group-lost = DLQ なし、グループ { $group } でイベントが消失
trouble-maybe-dropped = 非同期イベント { $count } 件を破棄、DLQ 不明
trouble-attempts-failed = 配信の試行 { $count } 回失敗、消失の可能性
trouble-saved = 再試行で{ $unit } { $count } 件を救済 (1 h)、消失なし
unit-events = イベント
unit-messages = メッセージ
unit-records = レコード
unit-batches = バッチ
trouble-maybe-lost-by-now =
    { $count ->
        [none] イベントが既に消失した可能性
       *[other] 少なくとも { $count } 件のメッセージが既に消失した可能性
    }
trouble-maybe-lost = イベント消失の可能性
trouble-lost-if-failing = 失敗が続けばイベントが消失
trouble-first-lost = 最初のイベントが消失
trouble-first-lost-within = 遅くとも最初のイベントが消失
trouble-lost = イベントが消失
trouble-lost-within = 遅くともイベントが消失
trouble-reserved-zero = 呼び出しなし: 予約済み同時実行数 0
trouble-state-failed = 呼び出し不可: 関数の状態が Failed
trouble-state = 状態 { $state }
trouble-failed = { $failed }/{ $of } 失敗
trouble-failed-lately =
    { $of ->
        [none] { $within } で { $failed } 回失敗
       *[other] { $within } で { $of } 回中 { $failed } 回失敗
    }
trouble-throttled = { $within } で { $times } 回スロットリング{ trouble-reserved }{ trouble-holds }
trouble-reserved =
    { $reserved ->
        [none] {""}
       *[other] {" "}(予約済み同時実行数 { $reserved })
    }
trouble-holds =
    { $holds ->
        [none] {""}
       *[other] 、{ $holds }
    }
holds-dead-letters = { $queue } にデッドレター { $count } 件
trouble-mapping-problem = イベントソースマッピングが問題を報告
trouble-partial-failures = 部分的なバッチ失敗: { $within } で { $count } 件が { $queue } へ
trouble-dead-letters = デッドレター { $count } 件
trouble-maybe-dead-letters = メッセージ { $count } 件、デッドレターの可能性
trouble-retention-before-dlq = DLQ より先に保持期間が終了する設定
trouble-loses-failing = 失敗するメッセージが消失: DLQ より先に保持期間が終了
trouble-retention-shorter = 保持期間が { $source } より短い
trouble-retention-no-longer = 保持期間が { $source } より長くない
trouble-nobody-reads = メッセージ { $count } 件が待機、イベントソースマッピングは無効
trouble-backs-up = 滞留中: メッセージ { $count } 件
trouble-refused-by-dlq = デッドレターキュー { $queue } がソースとして許可していない
trouble-reads-late = ストリームの読み取りが { $age } 遅延
trouble-retention-before-maximum-age = レコードの最大有効期間より先にストリームの保持期間が終了
trouble-missing = 存在しない
trouble-alarm = アラーム { $name }
trouble-does-not-read = { $source } を読み取っていない
trouble-disabled = { $kind } は無効
trouble-seems-to-feed-itself = 自己呼び出しの疑い: { $rate }
trouble-fed-by-its-own-log =
    { $rate ->
        [none] 自己呼び出し: サブスクリプションが自身のログを送信
       *[other] 自己呼び出し: サブスクリプションが自身のログを送信、{ $rate }
    }
trouble-may-feed-itself = 自己呼び出しの可能性
rate-invocations = 毎分 { $per_minute } 回の呼び出し、約 { $price }

# イベントが消失する理由、短く。

lost-cannot = { $does }が不可
lost-cannot-and-more = { $does }が不可、ほか { $more }
lost-reserved-zero = 予約済み同時実行数 0
lost-throttled = スロットリング
lost-no-dlq = DLQ なし
lost-no-subscription = サブスクリプションなし
lost-topic-unheard = トピック { $topic } にサブスクリプションなし
lost-dlq-not-written = DLQ への書き込み失敗
lost-dlq-gone = DLQ { $name } が存在しない
lost-destination-not-reached = 送信先に到達せず
lost-destination-gone = 送信先 { $name } が存在しない
lost-expired = 期限切れ
lost-expired-in = { $queue } で期限切れ
lost-retries-used-up = 再試行の上限に到達
lost-maximum-age-passed = レコードの最大有効期間を超過

# 失敗するイベントを保持するものがない理由。

coming-source =
    { $source ->
        [none] ソース
       *[other] { $source }
    }
coming-no-dlq = DLQ なし
coming-dlq-gone =
    { $name ->
        [none] DLQ が存在しない
       *[other] DLQ { $name } が存在しない
    }
coming-destination-gone = 送信先 { $name } が存在しない
coming-topic-unheard =
    { $topic ->
        [none] トピックにサブスクリプションなし
       *[other] トピック { $topic } にサブスクリプションなし
    }
coming-retention-before-dlq = DLQ より先に { coming-source } の保持期間が終了
coming-queue-retention = { coming-source } に DLQ なし、保持期間の終了
coming-stream-retention = { coming-source } の保持期間の終了
coming-no-destination = 失敗時の送信先なし
coming-record-age = マッピングのレコードの最大有効期間を超過、失敗時の送信先なし
coming-unread =
    { $source ->
        [none] マッピングは無効、保持期間の終了
       *[other] マッピングは無効、{ $source } の保持期間の終了
    }
coming-dlq-retention = デッドレターキュー自身の保持期間の終了
coming-read-too-slowly = 読み取りの遅れ: 最も古いメッセージが保持期間に到達

# 問題の根拠。

evidence-reported = { $text }
evidence-metric = メトリクス { $metric }
evidence-log-ahead-of-metric = ログによると全試行が失敗、メトリクスは数分遅れ
evidence-expired-while-failing = 推定: 全呼び出しの失敗中にソースの保持期間が終了
evidence-expired-by-depth = キューの深さからの推定
evidence-expired-unread = 推定: メッセージが未読のまま保持期間 { $retention } に到達 (深さ、ApproximateAgeOfOldestMessage)
evidence-expired-waiting = 推定: メッセージが保持期間 { $retention } の間待機し、読み取り側の成功なし
evidence-skips-batch = ログによると全試行が失敗: 再試行を使い切るとマッピングはバッチをスキップ
evidence-skips-at-maximum-age = マッピングは最大有効期間でレコードをスキップ
evidence-not-delivered = メトリクス { $metric }: { $to } への配信なし
evidence-unreachable = メトリクス { $metric }: 到達できない { $to } への配信なし
evidence-whose = メトリクス { $metric } ({ $topic ->
        [yes] サブスクライバー
       *[no] ターゲット
    }の特定なし)
evidence-not-invoked = { evidence-whose }: おそらく { $target }、直近 1 時間の呼び出しの観測なし
evidence-one-of = { evidence-whose }: { $targets } のいずれか
evidence-dlq-unwritten = メトリクス { $metric }: デッドレターキューへの書き込み失敗
evidence-dlqs-unwritable = メトリクス { $metric }: { $queues } は書き込み不可
evidence-unreachable-and-unwritable = メトリクス { $metric }: { $to } への配信なし、{ $queues } は書き込み不可
evidence-group-metric = スケジュールグループのメトリクス { $metric }、スケジュールの特定なし{ $probably ->
        [none] { $among ->
            [none] {""}
           *[other] : { $among } のいずれか
        }
       *[other] : おそらく { $probably }
    }
evidence-account-metric = アカウントのメトリクス { $metric }: 取得済みの関数に該当なし
evidence-counted-by-group = AWS はスケジュールグループ単位で計上: どのスケジュールかは不明
evidence-keeping-unread = メトリクス { $metric }: デッドレターキューや送信先での保持は取得失敗
evidence-subscriptions-unread = メトリクス { $metric }: 送信先トピックのサブスクリプションの有無は取得失敗
evidence-counts-attempts = メトリクス { $metric }: HTTP または HTTPS のサブスクリプションでは試行ごとに計上
evidence-last-retry = { $reason }: 最後の再試行も失敗すればイベントが消失
evidence-others-succeed = その間に他は成功、シャードを示す行なし: どの試行が同じバッチかは不明
evidence-messages-wait = メッセージ { $count } 件が待機
evidence-events-fail = イベント { $count } 件が失敗中
evidence-reserved-zero = 予約済み同時実行数が 0
evidence-state = 状態 { $state }
evidence-errors = メトリクス Errors、1～3 分遅れ
evidence-throttles = メトリクス Throttles、スロットリングされた試行はログに残らない
evidence-reported-items = 呼び出しは成功し、失敗した項目を報告 (ReportBatchItemFailures)
evidence-from = { $queues } から
evidence-from-perhaps = デッドレターは { $queues } から
evidence-receives = 保持期間 { $retention }、可視性タイムアウト { $visibility } x maxReceiveCount { $receives }
evidence-retentions = 保持期間はここが { $here }、元が { $there }、どちらも最初の送信から計算
evidence-mapping-disabled = イベントソースマッピングが無効
evidence-disabled = 無効
evidence-grew = { $within } でメッセージ { $from } → { $to } 件
evidence-redrive-allow-policy = { $queue } の再処理許可ポリシーは { $permission }、{ $receives ->
        [none] maxReceiveCount に達した
       *[other] { $receives } 回受信 (maxReceiveCount) した
    }メッセージの扱いは AWS のドキュメントに記載なし
evidence-iterator-age = メトリクス IteratorAge、失敗したバッチはシャードをブロック
evidence-stream-settings = { $stream } の保持期間 { $retention }{ $assumed ->
        [yes] {" "}(延長されていなければ、未取得)
       *[no] {""}
    }、MaximumRecordAgeInSeconds { $max_age }
evidence-ring = { $names }
evidence-guessed = 環境変数 { $variable } からの推定
evidence-one-by-one = 推定: { $count } 回の呼び出しが連続、それぞれ前回の終了から { $within } 以内、他の起動元なし、{ evidence-price-estimated }
evidence-rising = 推定: 毎分 { $from } 回から { $to } 回へ増加、他の起動元なし、{ evidence-price-estimated }
evidence-rate-now = 現在 { $rate }、起動元を問わず (Lambda のみの概算)
evidence-price-estimated = 料金は Lambda のみの概算

# 同種の問題を 1 行で。

named-nodes =
    { $more ->
        [0] { $names }
       *[other] { $names }、ほか { $more }
    }
issue-missing = 存在しないターゲット { $count } 件: { $nodes }
issue-dead-letters = メッセージのあるデッドレターキュー { $count } 個: { $nodes }
issue-retention-before-dlq = DLQ に届く前に失敗メッセージを削除するキュー { $count } 個: { $nodes }
issue-retention-shorter = ソースより保持期間の短いデッドレターキュー { $count } 個: { $nodes }
issue-retention-no-longer = ソースより保持期間の長くないデッドレターキュー { $count } 個: { $nodes }
issue-retention-before-maximum-age = 最大有効期間より先にストリームの保持期間が終わり得る関数 { $count } 個: { $nodes }
issue-mapping-disabled = マッピング無効によりソースを読まない関数 { $count } 個: { $nodes }
issue-disabled = 無効なルール、スケジュール、パイプ { $count } 個: { $nodes }
issue-may-feed-itself = 自己呼び出しの可能性のある関数 { $count } 個: { $nodes }

# 変更、失敗なしの停止。名前に続く。

change-deployed = デプロイ
change-mapping = マッピングの変更、現在 { $state }
silent-mapping-disabled = { $source } を読み取っていない: マッピングは無効
silent-mapping-problem = イベントソースマッピング { $source }: LastProcessingResult "{ $problem }"
silent-disabled = { $kind } は無効
silent-reserved-zero = 呼び出しなし: 予約済み同時実行数 0
silent-at-reserved = 予約済み同時実行数 ({ $reserved }) に到達

# 未取得で、消失を示し得るもの。

unseen-refused = { $count } 件の取得失敗
unseen-chain = 取得は途中
unseen-losses = ルールとトピック { $count } 個の消失は未取得
unseen-logs = 関数 { $count } 個のログは未取得
unseen-depths = キュー { $count } 個の深さは未取得
unseen-ages = キュー { $count } 個の待機時間は未取得
lost-items-expired = 失敗した項目の期限切れ
lost-items-expired-in = 失敗した項目が { $queue } で期限切れ、DLQ なし
coming-items-returned = 失敗した項目を { coming-source } へ返却、そこに DLQ なし
evidence-returned-items = 推定: キューの受信が削除より多く、失敗した呼び出しなし: 応答がメッセージを返却 (ReportBatchItemFailures)
