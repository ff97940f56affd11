# ウィンドウまたは最下行での入力。

ask-text = このテキストを含むメッセージのみ:
ask-jq = この jq 条件に合うメッセージのみ:
ask-export = メッセージの書き出し先ファイル:
ask-delete-to = 削除前の書き出し先ファイル:
ask-delete-name = 完全に削除するにはキュー名 { $queue } を入力:
ask-read-anyway = それでも読み取るには「{ $word }」を入力:
ask-elsewhere = 送信先のキューまたは関数 (空欄: 各メッセージの元の場所):
ask-redrive-name = 再処理するにはキュー名 { $queue } を入力:

# ボタン。

button-cancel = キャンセル
button-back = 戻る
button-read =
    { $anyway ->
        [yes] それでも読み取る
       *[no] 読み取る
    }
button-read-more = 続きを読み取る
button-keep-edit = 編集を保存
button-drop-edit = 編集を破棄
button-redrive = 再処理
button-redrive-n = { $n } 件を再処理
button-send-canary = カナリアを送信
button-send-rest = 残り { $n } 件を送信
button-engine = エンジンの切り替え
button-target = ターゲットの選択
button-elsewhere = 別の場所へ送信
button-invoke-anyway =
    { $on ->
        [yes] 呼び出さない
       *[no] それでも呼び出す
    }
button-stop = 停止
button-delete = 削除
button-export = 書き出し

copy-title = コピー
copy-name = 名前
copy-arn = ARN
copy-url = URL
copy-console = コンソール
copy-command = コマンド
themes-title = テーマ
themes-keep = 決定

# 読み取り、編集、再処理の前の確認。

dialog-read = { $queue } の読み取り、最大 { $max } 件
dialog-edited = 編集済み: まだ何も送信していません
dialog-no-json = 元は JSON、編集後は JSON ではない

preview-title = { $queue } からの再処理: プレビュー、未送信
preview-looking-up = 各メッセージのターゲットを検索中
preview-bounce = 再び失敗したメッセージが戻るのは送信から { $after } 後
preview-chosen = { $names } のうち { $choice } を選択中
preview-choose = { $names } のどれ宛てか不明: 選択しない限り残留
preview-confirm = { $why }: 確認のためキュー名を入力
preview-way =
    { $n } 件を { $target } へ、{ $form }{ $edited ->
        [0] {""}
       *[other] 、うち編集済み { $edited } 件
    }
preview-elsewhere = 任意のキューまたは関数へ送信可能: 別の場所へ送信
preview-cause = 原因は修正済みか
preview-no-function = これらのメッセージで呼び出される関数は不明
preview-name-without-canary = カナリアなしで一括再処理するにはキュー名を入力
preview-name-anyway = それでも再処理するにはキュー名を入力
preview-stay = { $n } 件は残留: { $reason }
target-queue = キュー { $name }
target-fifo-queue = FIFO キュー { $name }
target-function = 関数 { $name }
target-topic = トピック { $name }
form-same = そのまま、全属性付き
form-invoked = 失敗したイベントで呼び出し
form-batch = シャードからレコードを再取得し同期呼び出し
form-notification = トピックの通知で呼び出し
form-input = イベントに対するターゲットの入力
form-event = 失敗したイベント

run-title = { $queue } からの再処理
run-starting = 開始中
run-canary = カナリア送信中
run-canary-waits = カナリア送信済み、{ $n } 件待機中
run-redriving = 再処理中: { $n } / { $all }
run-moving = SQS がメッセージを移動中
run-moved = SQS が約 { $n } 件を移動
run-task =
    { $all ->
        [none] SQS が約 { $n } 件を移動、{ $status }、件数は遅れて反映
       *[other] SQS が約 { $all } 件中約 { $n } 件を移動、{ $status }、件数は遅れて反映
    }
run-task-asked = SQS にキューの移動を要求済み
run-task-failed = 移動タスクの失敗: { $failure }
run-task-cancelling = キャンセル中: SQS がさらに数件移動する可能性
run-stopped-at-canary = カナリア後に停止: { $n } 件は残留
run-came-in = 再処理の終了後に { $n } 件到着 (現在 { $now }、終了時 { $then })、{ $time } 集計: 再読み取りで戻ったものを確認
run-sent = { $to } へ { $n } / { $all } 件を再処理済み
run-sending = 送信中
run-closing = キューに残りがないことを確認中
run-rate-left = { $rate }/秒、残り { $left }
run-deleted = { $queue } から { $n } 件を削除
run-target =
    { $back ->
        [none] 再び失敗したものが戻る時刻は不明
       *[other] 再び失敗したものが戻るのは { $back } 以降
    }; その後のターゲット: 呼び出し { $n } 回、失敗 { $failed } 回
run-unanswered = 応答のない送信 { $n } 件: 重複の可能性
run-stopping = 停止中: 着手済みの分を完了、残りは再び利用可能に
run-done = 完了: 送信 { $sent }、削除 { $deleted }
run-over = 選択 { $chosen }、送信 { $sent }、削除 { $deleted }、残留 { $stayed }
run-stayed = 残留: { $id }: { $why }
run-twice = ターゲットで重複の可能性: { $id }
run-journal = ジャーナル: { $path }
run-audit = 監査ログ: { $path }
run-journal-failed = ジャーナルの書き込み失敗: { $why }。空き容量を確保し、`pitagora dlq redrive --resume` で続行
run-more = キューには残留分より { $n } 件多い: 新着、または他で処理中だったメッセージ
