# 実行中のフィルターまたは検索。

sifting-progress = フィルター中: メッセージ { $done } / { $all } 件、Esc で停止
sifting-search = 検索中、Esc で停止
