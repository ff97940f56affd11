# ログ、呼び出しの表。

logs-title = ログ
logs-request =
    { $attempt ->
        [none] { $name } リクエスト { $id }
       *[other] { $name } リクエスト { $id }、試行 { $attempt }
    }
logs-all = 画面上の全関数
logs-lines = { $n } 行
logs-level = { $level }+
logs-following = 追従中
logs-paused = 一時停止中
logs-new = 下に新着 { $n } 行、G で追従
logs-complete = { $time } まで完全
logs-not-complete = 取得途中
logs-reading-back = { $time } まで遡って読み取り中
logs-late = 遅延到着 { $n } 行
logs-dropped = 古い { $n } 行を破棄
logs-incomplete = 一部の行が欠落: 1 ミリ秒に多すぎる行
logs-only-marks = START、END、REPORT、エラー行のみ
logs-live-sampled = ライブ、サンプリング
logs-live = ライブ、$0.01/分
logs-no-live = Live Tail 不可: { $why }
logs-live-starting = Live Tail を開始中、$0.01/分
logs-none-of-request = このリクエストの行なし、f でログ全体
logs-no-match = 一致する行なし、Esc でフィルター解除
logs-none-since = { $time } 以降の行なし、S でさらに過去へ
logs-unreadable = 取得失敗: 下の枠を参照
logs-not-read = 未取得

invocations-title = 呼び出し
invocations-all = 全関数
invocations-slowest = 最も遅い
invocations-failed = 失敗
invocations-cold = コールドスタート
invocations-errors = タイプ別エラー
sort-slowest = 遅い順
sort-latest = 新しい順
sort-slowest-start = 起動の遅い順
sort-most-frequent = 頻度の高い順
sort-newest-type = 新しいタイプ順
sort-memory = メモリの多い順
invocations-shown = 呼び出し { $n } / { $all }
invocations-types = 呼び出し { $all } 回中 { $n } タイプ
invocations-dropped = { $time } より前を破棄
invocations-none-so-far = まだ呼び出しなし、ログを読み取り中
invocations-none-readable = 呼び出しなし、一部のログは取得失敗
invocations-none-yet = まだ呼び出しなし
invocations-no-duration = { $n } 回の呼び出しの実行時間は不明
invocations-none-failed = { $n } 回の呼び出しで失敗なし、Tab で次の表
invocations-none-cold = { $n } 回の呼び出しでコールドスタートなし、Tab で次の表
invocations-no-error = { $n } 回の呼び出しでエラーなし、Tab で次の表
outcome-out-of-memory = メモリ不足
outcome-crashed = クラッシュ
outcome-init-failed = 初期化失敗

column-count = 回数
column-first = 最初
column-last = 最後
column-ended = 終了
column-request = リクエスト
column-duration = 実行時間
column-init = 初期化
column-memory = メモリ
column-result = 結果
