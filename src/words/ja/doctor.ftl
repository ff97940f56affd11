# 設定の診断: ルールの名前。残りはコマンドラインの英語のまま。

rule-cannot-arrive = トリガーを通る送信が一切届かない
rule-dlq-not-writable = デッドレターキューまたは送信先が書き込み不可
rule-retention-before-dlq = 失敗メッセージが DLQ に届く前にキューの保持期間が終了
rule-retention-before-maximum-age = マッピングのレコードの最大有効期間より先にストリームの保持期間が終了
rule-dlq-retention = デッドレターキューの保持期間がソースより長くない
rule-redrive-allow-policy = デッドレターキューの再処理許可ポリシーにソースが含まれない
rule-async-without-dlq = 非同期関数に DLQ も失敗時の送信先もなし
rule-visibility-timeout = 可視性タイムアウトが関数のタイムアウトの 6 倍とバッチウィンドウの合計より短い
rule-max-receive-count = 関数が読み取るキューの maxReceiveCount が 5 未満
rule-reserved-concurrency = 予約済み同時実行数がイベントソースマッピングの同時呼び出し数を下回る
rule-partial-batch-response = 1 件の失敗でバッチ全体を返却
rule-dlq-without-alarm = デッドレターキューへの到着を検知するアラームなし
rule-stale-permission = 関数のポリシーが存在しないソースを許可
rule-loop = チェーンのループ
