# 原因は修正済みか: メッセージが再び失敗する要因。

check-throttled =
    { $function }: 直近 { $within_s ->
        [900] 15 分
       *[other] 1 時間
    }に { $times } 回スロットリング、最後は { $last } 前 { $reserved ->
        [none] (予約なし: アカウントの同時実行数が上限): メッセージは呼び出しなしで戻る可能性
       *[other] (予約済み同時実行数 { $reserved }): 引き上げなければメッセージは呼び出しなしで戻る
    }
check-concurrency-zero = { $function }: 予約済み同時実行数が 0、全呼び出しがスロットリング: 0 より大きく設定
check-concurrency-low = { $function }: 予約済み同時実行数 { $reserved } に対しマッピングは同時に { $wanted } を要求 (メッセージは { $batches } バッチ): スロットリングの見込み、スロットリングも受信回数に計上。引き上げるか --rate で再処理を制限
check-mapping-disabled = { $function }: { $queue } のイベントソースマッピングは { $state }: メッセージは期限切れまで待機。有効化が必要
check-mapping-refused = { $function }: { $queue } のイベントソースマッピングが権限不足を報告: LastProcessingResult "{ $result }"
check-state-refuses =
    { $why ->
        [none] { $function }: 関数の状態が { $state }: 再デプロイが必要
       *[other] { $function }: 関数の状態が { $state } ({ $why }): 再デプロイが必要
    }
check-missing = { $target } が存在しない
check-denied = { $source } から { $target } へ到達不可: { $why }
check-failing =
    { $function }: { $failed ->
        [0] { $in_row ->
            [0] { $last } 前の最後の呼び出しが失敗
            [one] { $last } 前の最後の呼び出しが失敗
           *[other] 直近 { $in_row } 回の呼び出しが失敗、最後は { $last } 前
        }、その後デプロイなし
       *[other] { $since ->
            [none] 直近 15 分
           *[other] { $since } 前のデプロイ以降
        }に { $of } 回中 { $failed } 回の呼び出しが失敗{ $last ->
            [none] { " " }(メトリクス Errors、ログにはなし)
           *[other] 、最後は { $last } 前
        }
    }{ $error ->
        [none] { "" }
       *[other] : { $error }
    }
check-filtered-out = { $function }: { $queue } のイベントソースマッピングのフィルターが { $messages } 件に一致せず、削除される: フィルターを変更するか --to でターゲットを選択
check-partial-failures = { $function }: 失敗した呼び出しがないのに { $queue } の { $messages } 件がデッドレター化: 成功しつつ batchItemFailures として返却。ログに理由がある可能性
check-still-dying =
    { $queue }: 直近 15 分に { $messages } 件到着、最後は約 { $last } 前、{ $changed ->
        [none] 関数の変更は確認されず
       *[other] 最後のデプロイまたはマッピング変更は最初の試行より前の { $changed } 前
    }
check-own-queue-grew = { $target }: 自身のデッドレターキュー { $queue } に直近 15 分で { $by } 件

# 確認できなかったこと。

check-gap-function = { $function }: 呼び出しの可否は不明: 状態と予約済み同時実行数の取得失敗 ({ $why })
check-gap-mappings = { $queue }: 読み取り元は不明: イベントソースマッピングの取得失敗 (lambda:ListEventSourceMappings の許可が必要)
check-gap-metrics = { $function }: スロットリングの有無は不明: メトリクスの取得失敗 ({ $why })
check-gap-log = { $function }: 呼び出しの失敗の有無は不明: ログの取得失敗 ({ $why })
check-gap-unproved =
    { $function }: { $died ->
        [none] { "" }
       *[other] デッドレター化以降の
    }成功した呼び出しの確認なし: 原因の修正は証明されていない{ $unread ->
        [none] { "" }
       *[other] 。{ $unread }
    }
check-gap-filtered = { $function }: { $queue } のイベントソースマッピングにフィルターがあり、一致しない SQS メッセージは削除: これらに一致するかは不明。1 件と照合が必要
check-gap-no-target = これらのメッセージのターゲットはいずれも不明

check-said-unread =
    { $since ->
        [none] ログは { $wanted } 前まで未取得: { $why }
       *[other] ログは { $since } 前まで取得済み、{ $wanted } 前までは未取得: { $why }
    }
check-stopped-pages = 読み取りは最大 { $pages } ページ
check-stopped-seconds = { $seconds } 秒を超過
check-stopped-failed = { $why }

# 判断材料にならないこと。

check-note-succeeds =
    { $function }: { $invocations ->
        [0] 最後の成功は { $last } 前、その後の失敗なし
       *[other] { $since ->
            [none] { $read_since ->
                [none] 直近 15 分
               *[other] { $read_since }
            }
           *[other] { $since } 前のデプロイ以降
        }の呼び出し { $invocations } 回、失敗なし、最後の成功は { $last } 前
    }
check-note-not-invoked =
    { $changed ->
        [none] { $function }: 直近 15 分の呼び出しなし: 修正済みかは不明
       *[other] { $function }: { $changed } 前のデプロイ以降の呼び出しなし: 修正済みかは不明
    }
check-note-other-errors = { $function }: 直近 15 分に { $failed } 回の呼び出しが失敗、これらのメッセージとは別のエラー: { $error }
check-note-partial-failures-before = { $function }: 失敗した呼び出しがないのに { $queue } の { $messages } 件がデッドレター化: batchItemFailures として返却。その後変更あり、他の成功は証明にならない: 証明はカナリアのみ
check-note-failed-alone = { $function }: 他の呼び出しが成功した時間帯に { $messages } 件が失敗: 現在の他の成功は証明にならない: 証明はカナリアのみ
check-note-limit-raised =
    { $function }: { $last ->
        [none] メッセージはスロットリングされていた
       *[other] { $times } 回スロットリング、最後は { $last } 前
    }、上限は解消: { $reserved ->
        [none] 現在予約なし (当時も予約なしなら、アカウントの上限に到達)
       *[other] { $wanted ->
            [none] 予約済み同時実行数 { $reserved }
           *[other] 予約済み同時実行数 { $reserved } は要求され得る { $wanted } を満たす
        }
    }、未証明: 証明はカナリアのみ
check-note-throttled-before = { $function }: 直近 15 分に { $times } 回スロットリング、最後は { $last } 前、上限は解消
check-note-concurrency-tight = { $function }: 予約済み同時実行数 { $reserved }: 速すぎるとスロットリング
check-note-nobody-reads = { $queue }: このチェーンに読み取る関数なし: 読み取り側の動作は不明
check-note-cut-link = { $source } から { $target } へ到達不可: { $why }。再処理は迂回、新しいメッセージは修正まで失敗
check-note-whole-batches = { $function } ({ $queue }): ReportBatchItemFailures オフ: 1 件の失敗でバッチ全体を再試行 (バッチサイズ { $batch })

# 結論。

check-said-passed = 再処理を妨げる要因は見つからず
check-said-unproven = 未証明: 証明はカナリアのみ
check-said-nothing-proves = 不明: 原因の修正を証明するものなし
check-said-unknown = 不明: 一部の取得失敗
check-said-failed = いいえ: メッセージは再び失敗
