# 再処理の進め方、1 行ずつ。

course-client = エンジン client: このプログラムが 1 件ずつ
course-move-task = エンジン move-task: SQS 自身がキュー全体を移動、未読分も含む、キャンセル後も数件移動の可能性
course-messages = メッセージ: { $messages } 件を { $to } へ
course-no-target = メッセージ: { $messages } 件、宛先なし
course-no-canary = カナリア: なし
course-alone = カナリア: なし: 1 件のみのため自身がカナリア、ターゲットの呼び出しが成功しない限り終了コードは 3
course-canary =
    カナリア: { $by_client ->
        [yes] client エンジンで
       *[no] { "" }
    }先に { $messages } 件、{ $proves ->
        [yes] 残りはターゲットの呼び出しの成功後
       *[no] 残りは確認待ち
    }
course-journaled-all =
    { $place ->
        [none] ジャーナル: 全メッセージ
       *[other] ジャーナル: 全メッセージ、{ $place }
    }
course-journaled-canary =
    { $place ->
        [none] ジャーナル: カナリアのみ、残りは SQS のためなし
       *[other] ジャーナル: カナリアのみ、{ $place }、残りは SQS のためなし
    }
course-journaled-nothing = ジャーナル: なし: SQS は書き込まない
course-pace =
    速度: { $rate ->
        [none] 制限なし
       *[other] 最大 { $rate } 件/秒
    }、順序: { $ordered ->
        [yes] メッセージグループ内で維持
       *[no] 維持なし
    }

# メッセージの残留、または未送信の理由。

stays-answer = { $why }
stays-unnamed = 応答に含まれない
stays-unanswered = 応答の前に実行が終了
stays-unknown = ターゲットに届いたかは不明
stays-edit-lost = 編集内容がジャーナルの横に存在しない: キューを再読み取りし、再編集
stays-stopped = 実行は停止
stays-stopped-at-canary = カナリア後に実行は停止
stays-task-ended =
    { $failure ->
        [none] タスクの終了状態は { $status }
       *[other] タスクの終了状態は { $status } ({ $failure })
    }
stays-target-fails = ターゲットが再び失敗 ({ $all } 回中 { $failed } 回)
stays-journal-failed = ジャーナルの書き込み失敗 ({ $why })
stays-sent-journal-failed = 送信済み、キューに残存: ジャーナルの書き込み失敗 ({ $why })
stays-not-in-hand = 手元に保持していない
stays-group-stopped = 同じグループの先行メッセージが残留
stays-not-seen-again = 再受信なし: 他が保持、または既に存在しない
stays-another-message = 同じ ID で別のメッセージを受信
stays-not-deleted = 送信済み、キューに残存: 削除失敗
stays-delete-uncertain = 送信済み、キューに残存の可能性: 古い可能性のある受信ハンドルで削除
stays-unconfirmed = 削除は未確認
stays-order-lost = シャードのレコード内の順序の喪失

# メッセージを送信できない理由。

unsendable-too-long = { $bytes } バイト、ターゲットの上限は { $most } (MaximumMessageSize)
unsendable-sent-earlier = 以前の実行が送信済み、未削除: pitagora dlq redrive --resume { $journal } で完了が必要
unsendable-other-text-earlier = 以前の実行が別の内容で送信済み、またはその可能性: 先に pitagora dlq redrive --resume { $journal } で続行
unsendable-target-unnamed = ターゲットの指定なし
unsendable-from-pipe = パイプが受け取るのは自身のソースからのみ
unsendable-origin-unknown = 出所を示すものなし
unsendable-one-of = { $functions } のいずれかの可能性、特定不可
unsendable-function-unnamed = 関数の指定なし
unsendable-subscriber-unknown = どのサブスクライバー宛てかを示すものなし
unsendable-subscriber-outside = サブスクライバーは HTTP またはメール、配信できるのはトピックのみ
unsendable-no-arn = ターゲット { $target } は ARN ではない
unsendable-service-unserved = サービス { $service } のターゲットにはここから送信不可
unsendable-queue-not-found = キュー { $queue } が見つからない
unsendable-unguarded = { $why }
unsendable-event-missing = 失敗したイベントを含まない
unsendable-batch-missing = ストリームのバッチの指定なし
unsendable-kafka =
    レコード ({ $records }) は Kafka トピック内にあり、pitagora では読み取り不可: 再処理には独自のコンシューマーグループと StartingPosition { $since ->
        [none] AT_TIMESTAMP
       *[other] AT_TIMESTAMP { $since }
    } を持つ 2 つ目のイベントソースマッピングを追加し、通過後に削除
unsendable-notification-missing = 本文はトピックの通知ではない
unsendable-input = { $why }
unsendable-nothing-to-edit = バッチの指定のみでイベントを含まない: 編集対象なし
unsendable-not-json = 本文は JSON ではなく、関数は受け取れない
unsendable-group-missing = メッセージグループなし、FIFO キューには必須

unguarded-switched-off = { $name } の予約済み同時実行数が 0
unguarded-uncaught = { $name } にデッドレターキューも失敗時の送信先もなく、再失敗したものは消失

input-not-json = 本文は JSON のイベントではない
input-nothing-at = イベントにターゲットの InputPath { $path } の値なし

# コマンドラインのオプション。

remedy-raise-or-to = 引き上げるか、--to でターゲットを選択
remedy-to = --to でターゲットを選択
remedy-one-to = --to で 1 つ選択
remedy-invoke-anyway = --invoke-anyway でそれでも呼び出し

# ジャーナルを使用できない理由。

unusable-no-header = 再処理ジャーナルのヘッダーで始まらない
unusable-version = 別のバージョンの pitagora による書き込み (形式 { $format })
unusable-damaged = { $line } 行目の破損により送信済みの範囲が不明: コピーからジャーナルを復元
