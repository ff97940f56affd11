# 読み取れなかったログの行。

log-gap-lines = { $group } のログの行 (logs:FilterLogEvents)
log-gap-lines-before = { $at } より前の { $group } のログの行 (logs:FilterLogEvents)
log-gap-not-in-time = 制限時間内に未取得: より遅い --since を指定
