# 次に起こること、または対処。

next-allowed-now =
    { $topic ->
        [yes] サブスクライバーのポリシーは現在許可済み: スロットリングや停止の有無を確認し、各サブスクリプションに DLQ を追加
       *[no] ターゲットのポリシーは現在許可済み: スロットリングや停止の有無と再試行ポリシーを確認し、各ターゲットに DLQ を追加
    }
next-check-permission =
    { $topic ->
        [yes] サブスクライバーの権限 (リソースベースのポリシーまたはロール) を確認し、各サブスクリプションに DLQ を追加
       *[no] ターゲットの権限 (リソースベースのポリシーまたはロール) を確認し、各ターゲットに DLQ を追加
    }
next-check-role = ロールによるターゲットの呼び出し権限を確認し、DLQ を追加
next-check-roles = 各スケジュールのロールによるターゲットの呼び出し権限を確認し、それぞれに DLQ を追加
next-check-function-role = 関数のロールによるデッドレターキューへの書き込み権限 (権限、キー) とキューの存在を確認
next-check-queue-policy = キューのポリシーによる許可 (権限、キー) とキューの存在を確認
next-check-destination = 関数のロールによる失敗時の送信先への書き込み権限 (権限、キー) を確認
next-create-dlq = DLQ { $name } が存在しない: 作成、または存在するものを設定
next-create-destination = 送信先 { $name } が存在しない: 作成、または存在するものを設定
next-check-keepers = DLQ と失敗時の送信先の存在、関数のロールによる書き込み権限を確認
next-fix-and-keep = 関数を修正し、DLQ または失敗時の送信先を追加
next-fix-and-subscribe = 関数を修正し、トピック { $topic } にキューをサブスクライブ
next-raise-reserved = 予約済み同時実行数が 0 のため呼び出しなし: 引き上げ、DLQ または失敗時の送信先を追加
next-throttled = イベントが古くなるまでスロットリング、失敗ではない: 同時実行数またはイベントの最大有効期間を引き上げ、DLQ または失敗時の送信先を追加
next-fix-or-raise-retention = 関数の修正、または保持期間の延長
next-empty-and-raise-retention = メッセージを再処理または保存し、保持期間を延長 (最大 14 日)
next-enable-or-raise-retention = イベントソースマッピングの有効化または関数の修正、または保持期間の延長
next-fix-and-add-destination = 関数を修正し、マッピングに失敗時の送信先を追加
next-allow-event-invoke-configs = 確認には lambda:ListFunctionEventInvokeConfigs の許可が必要
next-allow-topic-attributes = 確認には sns:GetTopicAttributes の許可が必要
next-add-dlq-to-subscriptions = 各サブスクリプションに DLQ を追加: 保持できない分には専用のメトリクスあり

# これからの消失への対処。

next-first-attempt = 最初の試行が失敗する原因を調べ、{ $add } を追加
keeper-dlq = DLQ
keeper-destination = マッピングの失敗時の送信先
keeper-change-stream = 変更ストリームの保持期間
next-add-dlq-before = それまでに関数を修正、または DLQ を追加
next-set-one-that-exists = それまでに関数を修正、または存在するものを設定
next-subscribe-before = それまでに関数を修正、またはトピックにキューをサブスクライブ
next-raise-queue-retention = それまでに関数を修正、またはキューの保持期間を延長
next-raise-change-stream-retention = それまでに関数を修正、またはクラスターの変更ストリームの保持期間を延長
next-limit-retries = それまでに関数を修正、またはマッピングの再試行を制限し失敗時の送信先を追加
next-add-destination-before = それまでに関数を修正、またはマッピングに失敗時の送信先を追加
next-enable-before = それまでにイベントソースマッピングを有効化、またはキューの保持期間を延長
next-redrive-before = それまでにメッセージを再処理または保存し、保持期間を延長 (最大 14 日)
next-read-faster = 一度に読み取る量 (同時実行数、バッチサイズ) の増加、または保持期間の延長 (最大 14 日)
next-enable-or-delete = 届いたレコードは読まれずに期限切れ: イベントソースマッピングの有効化、または別のコンシューマーが読むなら削除

# 関数。

next-set-reserved = 非同期イベントは直接デッドレターキューへ、または破棄: 0 より大きい同時実行数を設定
next-nothing-starts-it = 既知のトリガーなし: 呼び出しがない限り消失なし
next-state-undocumented = この状態で呼び出せるかは AWS のドキュメントに記載なし
next-deploy-again = 再デプロイまで呼び出し不可
next-saved-so-far = これまで再試行でイベントを救済: 直近 1 時間に { $count } 件、消失なし
next-deployed-since = その後デプロイ済み、まだ呼び出しなし
next-nothing-since = その後デプロイも呼び出しもなし
next-to-dlq = 最後の試行の後、イベントは DLQ { $name } へ
next-to-destination = 最後の試行の後、イベントは失敗時の送信先 { $name } へ
next-dlq-gone = 最後の試行の後、イベントは消失: DLQ { $name } が存在しない
next-destination-gone = 最後の試行の後、イベントは消失: 失敗時の送信先 { $name } が存在しない
next-topic-unheard = 最後の試行の後、イベントは消失: トピック { $name } にサブスクリプションなし
next-open-logs = ログを開く (L)
next-raise-before-redrive = 再処理の前に同時実行数の引き上げが必要: それまでメッセージは受信回数を使い切り DLQ へ
next-raise-concurrency = 同時実行数の引き上げが必要: キューからのスロットリングは受信回数を消費し、メッセージは DLQ へ
next-fix-what-it-names = マッピングは再試行を継続: 示された原因の修正
next-its-own-log = Lambda は失敗した項目の行を残さない: 関数自身のログを確認 (L)

# キューとストリーム。

next-expires-after =
    { $retention ->
        [none] 保持期間は未取得
       *[other] それぞれ{ $from_arrival ->
            [yes] ここに届いて
           *[no] 最初に送信されて
        }から { $retention } 後に期限切れ
    }
next-queue-settings = { $failing ->
        [yes] 失敗するメッセージは削除
       *[no] 毎回失敗するメッセージは DLQ に届く前に削除
    }: 保持期間の延長、または maxReceiveCount か可視性タイムアウトの引き下げ
next-raise-dlq-retention = この保持期間を延長 (最大 14 日): 失敗まで長く待ったものは、ここですぐに削除
next-waits-until-enabled = 有効化までメッセージは待機、保持期間の終了で削除
next-readers-too-slow = 読み取りが追いついていない
next-allow-source = { $queue } の RedriveAllowPolicy を allowAll、または sourceQueueArns にこのキューを含む byQueue に設定
next-retention = レコードはストリームの保持期間に達すると消失
next-left =
    { $left ->
        [none] 既に到達
       *[other] { $left } 後
    }
next-maximum-age =
    { $kept ->
        [yes] レコードはマッピングのレコードの最大有効期間 { $after } で失敗時の送信先へ、{ next-left }
       *[no] レコードはマッピングのレコードの最大有効期間 { $after } で消失、{ next-left }
    }
next-stream-retention = レコードはストリームの保持期間 { $after } で消失{ $assumed ->
        [yes] {" "}(延長されていなければ)
       *[no] {""}
    }、{ next-left }{ $disables ->
        [yes] 、その後 Lambda がマッピングを無効化
       *[no] {""}
    }
next-lower-maximum-age = 長く失敗するレコードは予告なく期限切れ: 保持期間より短い最大有効期間、または再試行の上限を設定

# 設定。

next-sent-in-vain = そこへ送られたイベントは消失、または無駄に再試行
next-not-read-until-enabled = 有効化までそこからの読み取りなし
next-starts-nothing = 有効化まで何も起動しない
next-undetected = Lambda の再帰ループ検出は { $through } を通るループを検出しない、{ $function } の予約済み同時実行数 0 で停止
next-loop-allowed = 再帰ループ検出は「許可」: 止めるものなし
next-loop-stopped = AWS が止めるのは Lambda、SQS、SNS、S3 を通る約 16 周の後のみ

# 届かないものの行方。

next-messages-expire = メッセージは待機し、最初の送信から { $retention } 後に期限切れ
next-messages-wait = メッセージは保持期間の終了まで待機
next-records-wait = レコードは保持期間の終了まで待機
next-waiting-lost = そこで待つものは保持期間の終了で消失
next-to-its-dlq = すべてのイベントがデッドレターキュー { $queue } へ
next-all-lost =
    { $unwritable ->
        [none] { $no_dlq ->
            [yes] { $what } (デッドレターキューなし)
           *[no] { $what }
        }
       *[other] { $what } (デッドレターキュー { $unwritable } は書き込み不可)
    }
next-sent-lost = そこへ向かうものは消失
next-own-key = カスタマーマネージドキーで暗号化
next-change-statement = ステートメント { $statement } の変更または削除
sent-notifications = すべての通知が消失
sent-log-events = ログイベントはそこへ一切配信されない
sent-events = すべてのイベントが消失
next-check-keepers-of-schedules = 各スケジュールの DLQ の存在、スケジュールのロールによる書き込み権限を確認
next-create-target = { $name } を作成、または存在するものを設定
next-then-add-dlq =
    { $topic ->
        [yes] 続いて各サブスクリプションに DLQ を追加
       *[no] 続いて各ターゲットに DLQ を追加
    }
next-then-let-dlq-write = DLQ { $name } について: { $advice }
next-then-add-dlqs = 続いて各スケジュールに DLQ を追加
next-fix-items = { next-its-own-log }、続いて { $queue ->
        [none] キュー
       *[other] { $queue }
    }に DLQ を追加
