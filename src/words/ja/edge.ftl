# エッジの詳細。

edge-triggers = トリガー先
edge-triggered-by = トリガー元
edge-success-destination = 成功時の送信先
edge-failure-destination = 失敗時の送信先
edge-destination = 送信先
edge-destination-of = 送信元
edge-dead-letters-to = デッドレターの送信先
edge-dead-letters-of = デッドレターの送信元
edge-writes-to = 書き込み先
edge-written-by = 書き込み元

edge-observed = トラフィックで観測、設定には存在しない
edge-declared = ファイルで宣言
edge-permitted = ポリシーで許可のみ: 確認できるサービスなし
edge-guessed =
    { $variable ->
        [none] 推定
       *[other] 環境変数 { $variable } からの推定
    }

edge-on =
    { $condition ->
        [OnSuccess] 成功時
       *[other] 失敗時
    }
edge-schedule =
    { $zone ->
        [none] { $schedule }
       *[other] { $schedule } ({ $zone })
    }
edge-events = { $events } で
edge-subscriber = { $name } 宛て
edge-reads = { $what } を読み取り
edge-only =
    { $scope ->
        [none] { $filter } のみ
       *[other] { $scope } の { $filter } のみ
    }
edge-batch =
    { $window ->
        [none] バッチサイズ { $size }
       *[other] バッチサイズ { $size }、バッチウィンドウ { $window }
    }
edge-parallelization = 並列化係数 { $factor }
edge-maximum-concurrency = 最大同時実行数 { $limit }
edge-starting-position = 開始位置 { $position }
edge-partial-response =
    { $on ->
        [yes] ReportBatchItemFailures オン: バッチ内の失敗した項目のみ再試行
       *[no] ReportBatchItemFailures オフ: 1 件の失敗でバッチ全体を再試行
    }
edge-bisect = BisectBatchOnFunctionError オン: 失敗したバッチを二分割
edge-max-receive-count = maxReceiveCount { $count }
edge-raw-delivery = raw メッセージの配信: SNS エンベロープなし
edge-state = 状態: { $state }
edge-last-result = 直近の結果: { $result }

edge-retried-by-visibility = 失敗したバッチは可視性タイムアウト終了後に再び利用可能
edge-retried-by-nobody = 再試行なし: 呼び出し元にエラー
edge-retried-by-sns = SNS が最大 23 日間配信、失敗した呼び出しは Lambda が再試行
edge-retried-by-s3 = S3 が少なくとも 1 回配信、失敗した呼び出しは Lambda が再試行
edge-retried-by-logs = Logs が最大 24 時間配信、失敗した呼び出しは Lambda が再試行
edge-retries =
    { $by ->
        [none] { "" }
       *[other] { $by }
    }{ $endless ->
        [yes] 無制限に再試行
       *[no] { $count ->
            [none] 再試行
            [0] 再試行なし
           *[other] 再試行 { $count } 回
        }
    }{ $age ->
        [none] { "" }
       *[other] 、最大 { $age }
    }

retried-by-pipe = パイプによる
retried-by-lambda = Lambda による
retried-by-mapping = イベントソースマッピングによる (シャードは待機)
retried-by-eventbridge = EventBridge の配信の
retried-by-scheduler = Scheduler の配信の

edge-after-receives = { $count } 回受信後
edge-after-attempts = { $count } 後

# これからの消失、カウントダウン付き。

loss-so-far =
    { $least ->
        [yes] 少なくとも { $n } 件消失
       *[no] { $n } 件消失
    }
loss-another-by-now = { $lost }、さらに 1 件の可能性
loss-next-in = { $lost }、次は { $left } 後
loss-next-within = { $lost }、次は { $left } 以内
loss-next-now = { $lost }、次は間もなく
loss-in = { $left } 後に{ $first }
loss-within = { $left } 以内に{ $first }
loss-now = 間もなく{ $what }
loss-last = { $what }、直近は { $age } 前
