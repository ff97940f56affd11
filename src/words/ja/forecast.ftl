# 失敗したイベントに AWS が次に行うことと、その結末。

log-reach =
    { $complete_to ->
        [none] ログがどこまで完全かは未確定
       *[other] ログは { $complete_to } まで完全
    }

forecast-was-due =
    { $only_if ->
        [none] 予定は { $window }、まだ観測なし、{ log-reach }
       *[other] 予定は { $window }、まだ観測なし、{ log-reach }、{ $only_if }のみ
    }
forecast-mapping-off = イベントソースマッピングが無効: ポーリングなし
forecast-ambiguous = 失敗したかは不明: 予測なし
forecast-succeeded = 呼び出しは成功
forecast-caller-got-error = 呼び出し元にエラー、再試行できるのは呼び出し元のみ
forecast-caller-got-unknown = 結末を示すログの行なし、再試行できるのは呼び出し元のみ
forecast-caller-gets-error = 呼び出し元にエラーが返り、再試行できるのは呼び出し元のみ
forecast-lies-in = { $queue } に存在
forecast-receive-count = DLQ 内のメッセージの受信数は { $receives } (DLQ の読み取りを含む)
forecast-grew = { $queue } が { $by } 件増加 ({ $window })
forecast-grew-fed-by = { $queue } が { $by } 件増加 ({ $window })、送信元は { $feeder } のみ
forecast-not-delivered = イベント { $events } 件の配信失敗 (メトリクス { $metric }): { $lands }
forecast-target-retries = { $target } への配信の再試行は最大 { $retries } 回

lands-in = { $queue } へ
lands-all-in = すべて { $queue } へ
lands-in-both = { $queue } と { $destination } へ
lands-dropped = 破棄: 関数に DLQ も失敗時の送信先もなし
lands-missing = 破棄: 行き先の { $queue } が存在しない
lands-missing-by-now = 行き先の { $queue } は現在存在しない、当時の有無は不明
lands-unheard = 破棄: 行き先のトピック { $topic } にサブスクリプションなし
lands-unheard-by-now = 行き先のトピック { $topic } に現在サブスクリプションなし、当時の有無は不明
lands-qualifier-unknown = 結末は不明: 呼び出されたエイリアスやバージョンを示すログの行なし
lands-version-unread = 結末は不明: { $alias } の指すバージョンの DLQ は未取得 (lambda:GetFunctionConfiguration)
lands-alias-undocumented = 結末は不明: エイリアス { $alias } に固有の設定なし、$LATEST の送信先を使うかは AWS のドキュメントに記載なし
lands-dropped-by-source = 消失、保持した DLQ なし
lands-one-of = メトリクスからはターゲットを特定できず: { $queues } 内、または消失

# Lambda 自身のキューのイベント。

if-so =
    { $doubt ->
        [none] { "" }
       *[other] { $doubt }:{ " " }
    }
not-seen = { $window } の予定、観測なし、{ log-reach }
attempts-failed = { $attempts } 回の試行が失敗

async-succeeded = 試行 { $attempt } で成功
async-durable = Durable Functions の呼び出しは実行の待機中も成功扱い: 実行履歴を参照
async-duplicates = 成功後さらに { $starts } 回開始: 再試行ではなく重複配信
async-end-unknown = 最後の試行の終了時刻は不明
async-more-than-aws = AWS の上限を超える試行を観測: 次は不明
async-retry = 失敗した試行 { $attempt } の終了から { $wait } 後、最大 8 分の 1 長い
async-retry-unclear = 試行が残っていれば約 1～2 分後
async-no-other-came = 最後の試行が失敗したかは不明、その後の試行なし
async-earlier-unread = それ以前の試行は取得済みログの範囲外の可能性
async-attempt-unknown = 何回目の試行かは不明: ログの取得範囲が不足 (--since を参照)
async-was-due-attempt-unknown = 予定は { $window }、まだ観測なし、{ log-reach }、何回目の試行かは不明
async-left = { if-so }残り { $left } 回の試行、その後 { $lands }
async-after-last = { if-so }最後の試行の後 { $lands }
async-at-age = 最大有効期間 { $max_age } または最後の試行の後、{ $lands }
async-none-after = これ以降の試行なし、ログは { $complete_to } まで完全: { if-so }{ $lands }
async-used-up = { attempts-failed }、残りの再試行なし: { $lands }
async-too-old = { attempts-failed }、次の待機は最大有効期間 { $max_age } を超過: { $lands }
async-off = 関数の予約済み同時実行数が 0: { $lands }
async-perhaps = { $doubt }: { $why }、そうでなければ呼び出し元にエラー
async-refused = 関数の予約済み同時実行数が 0: 次の試行 ({ $window }) は拒否され、イベントは終了
async-was-refused = 関数の予約済み同時実行数が 0: 次の試行 ({ $window }) は拒否、{ log-reach }
async-not-seen = { not-seen }、次は不明
async-not-seen-caller = 再試行なし ({ not-seen })、つまり同期呼び出し: 呼び出し元にエラー
async-not-seen-too-old = { not-seen }、既に最大有効期間 { $max_age } を超過: { $lands }
async-given-up = その後 Lambda がイベント { $dropped } 件を破棄 (AsyncEventsDropped)
async-not-seen-dropped =
    { $doubt ->
        [none] { not-seen }、{ async-given-up }: { $lands }
       *[other] { not-seen }、{ async-given-up }: { $doubt }、{ $lands }、そうでなければ呼び出し元にエラー
    }
async-held-up = { $window } の予定、観測なし、{ $by }: { if-so }{ $max_age } 経過まで少なくとも { $pause } ごとに再試行
async-held-up-too-old = { $window } の予定、観測なし、{ $by }、既に最大有効期間 { $max_age } を超過: { if-so }{ $lands }
async-from =
    { $from ->
        [none] ログ
       *[other] { $from } 以降のログ
    }
async-dropped-unseen = { async-from } に行のないままイベント { $events } 件が終了 (メトリクス AsyncEventsDropped): { $by }、{ $lands }

held-up-throttled = 関数はスロットリング中
held-up-concurrency-reached = 関数はスロットリングの可能性 (予約済み同時実行数 { $reserved })
held-up-backlog = Lambda のキューの滞留 (AsyncEventAge)

dropped-by-off = 予約済み同時実行数が 0
dropped-by-failed-or-throttled = 試行の失敗、または最大有効期間 { $max_age } を超えるスロットリング
dropped-by-throttled = 最大有効期間 { $max_age } を超えるスロットリング

# キューのメッセージ。

receives-failed = { $receives } 回の受信が失敗
receives = { $receives } 回の受信
its-dlq =
    { $dlq ->
        [none] DLQ
       *[other] { $dlq }
    }

receive-attributes-unread = { $queues } のメッセージの再受信時刻は不明: キューの属性は未取得
receive-estimate = 推定: メッセージを示すログの行なし、各呼び出しがどのメッセージかは不明
receive-estimate-other-ids = 推定: ログの ID はメッセージ ID ではない、maxReceiveCount を超えて出現
receive-estimate-by-depth = キューの深さからの推定
receive-seen = { $limit } 回中 { $receives } 回の受信を観測
receive-fifo = FIFO: 完了まで同じグループの後続メッセージは待機
receive-succeeded = 受信 { $receive } で成功
receive-duplicates = 成功後さらに { $receives } 回受信: 標準キューで起こり得る重複配信
receive-start-unknown = 受信時刻は不明
receive-again = 可視性タイムアウト { $visibility } の終了後、次のポーリングで (最大 20 秒)
receive-throttled-hidden = 関数はスロットリング中: 受信されても処理されず、再び不可視になる可能性
receive-throttled-counts = 受信後スロットリング: 関数の呼び出しなしでも受信回数に計上
receive-expires = 再受信の前に期限切れ: キューの保持期間 { $retention } が { $by } までに終了
receive-expired = { receives-failed }、次の受信の前にキューの保持期間 { $retention } が終了
receive-expires-first = { receives }より先にキューの保持期間 { $retention } が終了: 期限切れとなり { its-dlq } に届かない
receive-expires-in-the-end = キューの保持期間の終了で期限切れ
receive-expires-without-dlq = 期限切れまで繰り返し受信: キューに DLQ なし
receive-moves = { receives }の後、次のポーリングで { its-dlq } へ移動
receive-moves-throttled = { receives }の後、処理の有無にかかわらず DLQ へ移動
receive-used-up = 残りの受信なし: { $window } のポーリングで移動
receive-was-used-up = 残りの受信なし: { $window } のポーリングで移動の予定、{ log-reach }
receive-moved = { receives-failed }、残りなし: キューは空、{ $dlq } に { $holds } 件
receive-none-after-last = { receives-failed }、残りなし、その後の受信なし
receive-not-seen-after-last = { receives-failed }、残りなし、ログは { $complete_to } まで完全
receive-passed-or-moved = 失敗したものの再受信なし: 別の呼び出しで成功、または移動済み
receive-did-not-return = 最後の呼び出しは成功、再受信なし
receive-not-seen = { not-seen }: 受信後スロットリング、他による削除、または移動、次は不明

# ストリームのバッチ。

keeps =
    { $keeper ->
        [none] その後スキップされ、保持するものなし
       *[other] その後 { $keeper } がストリーム内の位置を保持
    }
records-too =
    { $records ->
        [none] { "" }
       *[other] 、{ $records }
    }

shard-one-row = シャードを示すログの行なし: 1 行がイベントソースマッピングを代表
shard-not-logged = シャードを示すログの行なし
shard-batch-retried = バッチ全体を再試行
shard-lane-waits = シャードの { $lanes } レーン中 1 レーンが待機: 他のパーティションキーのレコードは続行
shard-partition-waits = パーティションのブロック: バッチの後のレコードはすべて待機
shard-shard-waits = シャードのブロック: バッチの後のレコードはすべて待機
shard-iterator-age =
    { $expires_in ->
        [none] イテレーター経過時間 { $age }
       *[other] イテレーター経過時間 { $age }、期限切れまで { $expires_in }
    }
shard-bisected = BisectBatchOnFunctionError: 失敗したバッチを二分割、再試行回数は消費しない
shard-as-many-as-one-has = バッチ 1 つ分の試行が失敗: 1 つか複数かは不明、シャード数は未取得
shard-others-passed = その間に他のバッチが成功: 呼び出しがどのシャードかは不明
shard-same-batch = 同じバッチを再試行、待機時間は AWS が非公開
shard-some-batch = 失敗したバッチを再試行、待機時間は AWS が非公開
shard-no-waits-published = ストリームの試行間の待機時間は AWS が非公開
shard-silent = { $since } 以降の試行なし、これまでのどの待機よりも長い: シャードが先に進んだ可能性{ records-too }、{ log-reach }
shard-spent =
    { $keeper ->
        [none] { attempts-failed }{ $by }: バッチはスキップ、保持するものなし
       *[other] { attempts-failed }{ $by }: { $keeper } が保持するのはストリーム内の位置のみ、レコードはなし
    }
shard-attempts-unknown = どの試行がそのバッチかは不明
shard-halves-unknown = どの試行が二分割されたバッチで、どれが最後のレコードかは不明
shard-by-rhythm = 間隔からの推定: 複数のシャードを読み取り、その間に他のバッチが成功
shard-counted-off = 計数: 1 つのバッチの連続した試行とみなす
shard-moved-on = シャードは先へ進行
shard-moved-on-unknown = シャードは先へ進行{ records-too }: バッチの成功か断念かを示すログの行なし
shard-too-old =
    { $keeper ->
        [none] { attempts-failed }、成功なし、レコードの最大有効期間 { $age } を超過: レコードはスキップ、保持するものなし
       *[other] { attempts-failed }、レコードの最大有効期間 { $age } を超過: { $keeper } が保持するのはストリーム内の位置のみ、レコードはなし
    }
shard-expired = { attempts-failed }、成功なし、保持期間 { $retention } の終了: ストリームはレコードを削除済み
shard-expired-or-kept = { attempts-failed }、成功なし、保持期間 { $retention } の終了: { $keeper } がレコードの位置を保持、または保持なし
shard-at-least = 少なくともこの数のレコード: バッチの件数を示すログの行なし
shard-too-old-by = 推定: 最初の試行以降の成功なし、{ $by } までに有効期間を超過
shard-from-first-failed = 最初に失敗したレコード以降のバッチ、待機時間は AWS が非公開
shard-mapping-says = 推定: イベントソースマッピングの LastProcessingResult は "{ $result }"、失敗した呼び出しなし
shard-age-rises = 推定: イテレーター経過時間が毎分 1 分ずつ増加、失敗した呼び出しなし
shard-partial-not-logged = 部分的なバッチレスポンスはログに残らない: 失敗レコードを報告した呼び出しは不明
shard-broker = ブローカーの再配信の上限とブローカー自身の DLQ に依存
shard-retries-of = バッチの再試行 { $retries } 回
shard-own-limit =
    { $own_limit ->
        [yes] { shard-retries-of } (送信先のみの場合の Lambda 自身の上限)
       *[no] { shard-retries-of }
    }
shard-retries =
    { $until ->
        [none] { shard-own-limit }、{ keeps }
       *[other] { shard-own-limit }、または { $until } まで、{ keeps }
    }
shard-until-old = { $age } 経過まで無制限に再試行、{ keeps }
shard-until-expired = { $until } まで無制限に再試行、その後期限切れ (予測: 書き込まれる内容は AWS のドキュメントに記載なし)
shard-until-disabled = { $until } まで再試行、その後 Lambda がイベントソースマッピングを無効化し、後続もすべて消失
shard-until-unread = トピックの保持期間 (未取得) の終了まで無制限に再試行

spent-by-one = 、残りの再試行なし
spent-by-one-of = 、同時に { $at_a_time } バッチのうち 1 つは残りの再試行なし
spent-by-halves = 、二分割だけでは説明できない回数: 少なくとも { $records } 件のレコードは残りの再試行なし
spent-by-rhythm = 、次第に長くなる待機の後バッチ 1 つ分の回数で途絶、その繰り返し
spent-by-passed-over = 、どの再試行よりも早く他のレコードが即座に成功、その繰り返し

until-age = { $age } 経過
until-retention = 保持期間 { $retention } の終了
until-default-retention = 保持期間 { $retention } (デフォルト、延長されていればより長い) の終了
until-default-retention-of-seven-days = 保持期間 { $retention } (デフォルト、最大 7 日) の終了

records-holds = { $queue } にレコード { $records } 件

# 関数の試行が見えない理由。

blind-spot-log-class = ロググループのクラスが { $class }、Tail 不可
blind-spot-log-level = システムログレベルが { $level }、START 行の出力なし
blind-spot-log-unread = ログの取得失敗 ({ $why })
