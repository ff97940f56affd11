# 他の受信者が保持し、待機しているメッセージ。

hidden-waits = 約 { $messages } 件が他のコンシューマー (別の pitagora の可能性) で処理中。延長がなければ { $until } までに再び利用可能: 待機中 (--no-wait で待機なし)。
hidden-short = 他のコンシューマーで処理中 約 { $messages } 件: 待機中、{ $until } までに再び利用可能、X で停止
hidden-left-out = 約 { $messages } 件が他のコンシューマー (別の pitagora の可能性) で処理中、{ $until } までに再び利用可能の見込み: この再処理の対象外。
