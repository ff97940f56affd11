# 再試行: 一覧、1 件のイベントの全体。

retries-title = 再試行
retries-retrying = 再試行中 { $n }
retries-lost = 消失 { $n }
retries-dead-letters = デッドレター { $n } 件
retries-waiting = 待機中 { $n }
retries-dropped = 終了の古い { $n } 件を破棄
retries-no-log = この試行のログの行なし
retries-none-of = { $name } の再試行なし、f で全関数
retries-none-observable = 観測された試行なし、{ $n } 個の関数の試行は観測不可
retries-none = 再試行なし、成功または初回試行中 { $n } 件、e で表示
retries-throttled = スロットリング、ログには残らない:
retries-throttled-by = { $name } 少なくとも { $n } (メトリクス、{ $age })
retries-not-observable = 試行の観測不可: { $name }: { $why }{ $more ->
        [0] {""}
       *[other] 、ほか { $more }
    }

# 次に起こること、1 行で。

next-no-countdown = 試行 { $n }: カウントダウンなし、AWS は待機時間を非公開
next-was-due = 試行 { $n } の予定時刻を経過、まだ観測なし
next-was-due-by = 試行 { $n } の予定は { $by } まで、まだ観測なし
next-missed = 予定は { $by } まで、来ず
next-now = 試行 { $n } は今、{ $left } 以内
next-in = 試行 { $n } まで { $left }
next-if = { $condition }:
next-none-left = 残りの試行なし、{ $when } { $to }
next-moves-in = { $left } 後に
next-moves-within = { $left } 以内に
next-then =
    { $left ->
        [none] {""}
       *[other] 、残り { $left }
    }、その後

fate-succeeded = 成功
fate-to = { $to } へ
fate-to-dlq = DLQ へ
fate-to-destination = 送信先へ
fate-dropped = 破棄
fate-expired = 期限切れ
fate-unknown = 結末不明

# 1 件のイベントの全体。

event-from =
    { $from ->
        [none] { $pattern }
       *[other] { $pattern }、{ $from } から
    }
pattern-asynchronous = 非同期
pattern-queue = キューから
pattern-stream = ストリームから
pattern-synchronous = 同期: 再試行できるのは呼び出し元のみ
pattern-not-delivered = 発生元からの配信なし
event-many = 同じエラーのイベント { $n } 件、最も差し迫ったものを表示
event-stands-for = 区別できないイベント { $n } 件の代表 (推定)
event-time-unknown = 時刻不明
event-predicted = { $when } (予測)
event-not-before = { $time } 以降
event-only-if = { $condition }のみ
event-missed = { $window } の予定、観測なし: ログは { $through } まで完全
event-overdue = 試行 { $attempt } の予定は { $window }、まだ観測なし
event-if-it-fails = 失敗が続く場合: { $fate }
event-by = { $time } まで

outcome-succeeded = 成功
outcome-failed = 失敗
outcome-timed-out = タイムアウト
outcome-throttled = スロットリング
outcome-running = 実行中
outcome-waiting = 待機中
outcome-unknown =
    { $ended ->
        [yes] 不明
       *[no] 終了の観測なし
    }
certainty-observed = 観測
certainty-inferred = 推定
