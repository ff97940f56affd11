# 画面の先頭行: 消失、変更、失敗、合計。

overview-more = +{ $n } 件 (i)
overview-and-more = 、ほか { $n } 件
overview-whole-account = 、アカウント全体
overview-expired = 認証情報の期限切れ
overview-no-answer = 応答なし
overview-check-network = { $why }、ネットワークとエンドポイントの確認が必要、再試行中
overview-account-errors = アカウントからのエラー応答
overview-asked-again = { $why }、再試行中
overview-last-at = 、直近 { $time }
overview-old = 、{ $age } 前の値
overview-yesterday = 、昨日の同時刻 { $n }
overview-metric = メトリクス:
overview-errors = 直近 1 時間のエラー { $n } 件
overview-throttles = 直近 1 時間のスロットリング { $n } 回
overview-alarm = アラーム { $name }
overview-since = { $time } から
overview-changed-before = { $before } 前に{ $what }
overview-more-changed = 、ほか { $n } 件の変更

losses-unread =
    { $fails ->
        [yes] 消失の取得失敗
       *[no] 消失は未取得
    }
losses-in-dlqs = 、DLQ に { $n } 件
losses-none-unread = 現時点で消失なし、{ $why }
losses-not-excluded = 消失の可能性あり (1 h)
losses-none-so-far = 現時点で消失なし (1 h)
losses-none = イベントの消失なし (1 h)
losses-certain =
    { $least ->
        [yes] 少なくとも{" "}
       *[no] {""}
    }{ $shown } 件のイベントが消失
losses-whose-unknown = 発生元不明
losses-by-the-log = 、ログによる
losses-and = 、{ $what }
losses-dropped =
    { $by ->
        [none] {""}
       *[other] { $by } で{" "}
    }非同期イベント { $n } 件を破棄 ({ $metric })
losses-dlq-unknown = ; DLQ 不明
losses-function-unknown = ; 関数不明
losses-attempts =
    { $by ->
        [none] {""}
       *[other] { $by } で{" "}
    }配信の試行 { $n } 回失敗 ({ $metric })
losses-counts-attempts = ; HTTP は試行ごとに計上、すべてが消失とは限らない
