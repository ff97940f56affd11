# 予測の前提。

condition-asynchronous = 非同期呼び出しの場合 (呼び出し元は不明)
condition-asynchronous-not-by = { $callers } からではなく非同期呼び出しの場合
condition-last-attempt-failed = 最後の試行が失敗していた場合 (ログに記録なし)
condition-returned = 呼び出しが失敗として報告していた場合 (部分的なバッチレスポンスはログに残らない)
condition-receives-left = メッセージの受信回数が残っている場合
condition-within-maximum-age = 待機がイベントの最大有効期間 { $age } 以内に終わる場合
condition-within-retention = キューの保持期間 { $retention } がそれまでに終わらない場合
condition-not-throttled = その時点でスロットリングされない場合 (15 分間に { $throttles } 回)
condition-concurrency-free = その時点でスロットリングされない場合 (予約済み同時実行数 { $reserved } に到達)
condition-short-backlog =
    { $age ->
        [none] Lambda のキューで滞留しない場合 (他の試行は遅延)
       *[other] Lambda のキューで滞留しない場合 (AsyncEventAge { $age })
    }
condition-alias-defaults = エイリアス { $alias } が AWS のデフォルトに従う場合 (固有の設定なし。$LATEST の設定を使うかは AWS のドキュメントに記載なし)
condition-invoked-by = { $others } ではなく { $qualifier } 宛ての場合 (ログに記録がなく、設定は異なる)
condition-and = { $first }、かつ { $second }

condition-short-asynchronous = 非同期の場合
condition-short-failed = 失敗の場合
condition-short-returned = 失敗報告の場合
condition-short-receives-left = 受信回数が残る場合
condition-short-within-age = 有効期間内の場合
condition-short-within-retention = 保持期間内の場合
condition-short-not-throttled = 制限なしの場合
condition-short-no-backlog = 滞留なしの場合
condition-short-alias-defaults = エイリアスがデフォルトの場合
condition-short-qualifier = 修飾子が一致の場合
