# 箱の中の短い言葉。

box-collapsed = 正常
box-healthy = { $n } OK
box-chains = チェーン { $n }
box-now = 現在
box-lost =
    { $least ->
        [yes] 消失 { $n }+ 1 h
       *[no] 消失 { $n } (1 h)
    }
box-maybe-lost = 消失の恐れ
box-lost-in =
    { $left ->
        [none] 間もなく消失
       *[other] 消失まで { $left }
    }
box-errors = { $n } /5m
box-disabled = 無効
box-concurrency-zero = 同時実行 0
box-not-read = 未取得
box-ago = { $age } 前
box-quiet = 待機中
box-throttled = 制限中
box-partial = 部分失敗
box-ok = OK
box-feeds = 配信 { $n }
box-elsewhere = 外部
box-in-flight = 処理中 { $n }
box-slowest = p99 { $time }
box-in = あと { $left }
box-per-minute = { $n }/分
box-per-hour = { $n }/時
box-within = { $n } /{ $age }
