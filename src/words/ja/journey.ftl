# イベントの行き先: 各ホップと、その前のつながりの根拠。

journey-title = { $id } の経路: 関数 { $hops } 個、呼び出し { $runs } 回
journey-none = 読み取り範囲に { $id } の記載なし
journey-common = { $id } の記載は { $most } 回を超える呼び出し、1 件のイベントの ID ではない値
journey-cut = 表示外にも該当する呼び出しあり
journey-heads-start = 開始
journey-heads-function = 関数
journey-heads-what = 結果
journey-heads-waited = 待機
journey-heads-ran = 実行
journey-heads-known = 根拠

# ホップの結果。
journey-succeeded = 成功
journey-succeeded-after = 試行 { $n } で成功
journey-failed = 失敗
journey-failed-times = { $n } 回の試行の失敗
journey-running = 実行中
journey-unknown = 終了の読み取りなし
journey-next = 試行 { $n } まで { $when }
journey-next-late = 試行 { $n } の予定時刻を経過
journey-dead = { $queue } 内
journey-dead-predicted = { $queue } へ移動 (推定)
journey-dropped = 消失
journey-batch = ほか { $n } 件と同じバッチ

# つながりの根拠。
journey-carried = 継承
journey-traced = トレース
journey-correlated = 相関
journey-inferred = 推定
journey-candidate = 候補
journey-by-request-id = リクエスト ID
journey-by-message-id = メッセージ ID
journey-by-notification-id = トピックのメッセージ ID
journey-by-event-id = イベント ID
journey-by-sequence-number = シーケンス番号
journey-by-object-key = オブジェクトキー
journey-by-trace = X-Ray トレース
journey-by-only-one = 当時唯一の呼び出し
journey-by-one-of-several = 当時の複数の呼び出しの 1 つ
journey-through = { $resources } 経由
journey-names-it = ID の記載あり

journey-correlated-with = { $key } = { $value } による相関: { $functions } のほか { $n } 回の呼び出し
journey-waited-ran = 関数の前での待機 { $waited }、呼び出し { $runs } 回の実行 { $ran }

# 検索範囲の外。
journey-not-searched = 検索の対象外: { $what }
journey-unsearched-dead-letters = デッドレターキュー { $n } 個のメッセージ (読み取りは受信 1 回に相当、1 件の表示は pitagora dlq show)
journey-unsearched-older = { $since } より古いログの行
journey-unsearched-dropped = 容量のために破棄した { $n } 行

# ペイン。
journey-pane-title = 経路
journey-pane-counts = 関数 { $hops } 個、呼び出し { $runs } 回
journey-pane-none = 保持中の範囲に { $id } の記載なし、検索の対象外: より古い行、画面外のログ、未読のデッドレター
journey-pane-held = 検索範囲: 保持中の行、読み取り済みのデッドレター

# 未完了のイベント。
journeys-title = イベント { $n } 件、未完了 { $stuck } 件
journeys-for = { $age } 経過
journeys-running = 実行中
journeys-retrying = 再試行中
journeys-failed = 失敗
journeys-dead-lettered = DLQ または送信先
journeys-lost = 消失
journeys-not-seen-after = 成功、次の段階での観測なし
journeys-finished = 完了
journeys-unknown = 終了の読み取りなし
journeys-hop = { $function }: イベント { $n } 件、待機 p50 { $wait }、p95 { $wait_most }、実行 p50 { $run }、p95 { $run_most }
journeys-slowest = 最も遅い関数: { $function }
