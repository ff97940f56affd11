# 次のキーまで最下行に表示される言葉。

notice-told = { $text }
notice-not-yet = 現時点で問題なし: { $why }
notice-no-issues = 問題なし
notice-no-issues-shown = 表示中の箱に問題なし
notice-inferred-edges =
    { $shown ->
        [yes] 推定エッジを表示
       *[no] 推定エッジを非表示
    }
notice-theme = テーマ { $name }
notice-mouse =
    { $ours ->
        [yes] マウスキャプチャ オン: クリックで選択、スクロールで移動
       *[no] マウスキャプチャ オフ: ターミナルでテキスト選択
    }
notice-only-through = { $name } を通るチェーンのみ、f で全体
notice-copied = クリップボードに送信: { $command }
notice-no-console = 対応するコンソールのページは不明
notice-simulated-console = シミュレーションのアカウントにコンソールなし
notice-saved = { $file } に保存
notice-not-saved = 画面の保存失敗: { $why }
notice-not-copied = コピーなし: { $why }
notice-no-pattern = 正規表現として未完成: { $why }
notice-part-of-id = この ID を含まない行は非表示、いずれかの行で = を押すとリクエスト全体
notice-no-attempt = この行の試行は観測なし
notice-restarted = pitagora の一部がクラッシュし再起動、{ $told }

notice-no-function = 関数はまだ見つからず
notice-no-answer = シミュレートされたアカウントの応答なし
notice-broken = { $name } は以後失敗
notice-fixed = { $name } を修正
notice-throttled = { $name } は以後スロットリング
notice-not-throttled = { $name } のスロットリングを解除
notice-next-step = 次のステップ: { $later } 後
notice-last-step = スクリプトの最後のステップ
notice-full = シミュレートされたアカウントが { $budget } 中 { $held } を使用: メッセージ、項目、オブジェクトの期限切れまで時間を減速

notice-read-only-here = ここではデッドレターの読み取りと再処理は不可
notice-open-first = 先にキューを開く (Enter)
notice-reading = 読み取り中 (これまで { $count } 件)、X で停止
notice-filtering = メッセージのフィルター中: 終了を待つか Esc で停止
notice-not-read = 読み取りなし
notice-no-message = ここにメッセージなし
notice-function-unknown = このメッセージの関数は不明
notice-one-to-edit = 編集するメッセージを 1 件選択
notice-being-redriven = このキューは再処理中: 完了後に編集
notice-unchanged = 変更なし
notice-edit-kept = 編集をここに保存、再処理まではキューに元のまま
notice-edit-undone = メッセージは受信時のまま
notice-edit-dropped = 編集を破棄
notice-no-file = ファイル名なし: 書き込みなし
notice-not-deleted = キュー名の不一致: 削除なし
notice-not-sent = キュー名の不一致: 送信なし
notice-nothing-goes = 送信対象なし: 各メッセージの残留理由はプレビューに表示
notice-already-redriven = 再処理済み: 再送信なし
notice-not-redriven = まだ再処理なし
notice-no-choice = 各メッセージがターゲットを指定: 選択不要
notice-no-move-task = SQS の移動タスクは使用不可: { $why }

# リンクのコマンド。

link-copies =
    { $does ->
        [pause] 一時停止のコマンドをコピー:
        [resume] 再開のコマンドをコピー:
       *[allow] 許可するコマンドをコピー:
    }
link-would =
    { $does ->
        [pause] 一時停止する AWS コマンド:
        [resume] 再開する AWS コマンド:
       *[allow] 許可する AWS コマンド:
    }
link-records-expire = 一時停止中のレコードは期限切れに
link-events-not-kept = その間に一致したイベントは保持されない
link-adds-statement = このステートメントをポリシーに追加: ポリシーの設定は全体の置き換え
link-demo-account = デモのアカウントへは外部から到達不可
link-schedule = スケジュールを停止する単独のコマンドなし: aws scheduler update-schedule に定義全体と --state が必要
link-no-command = このリンクを停止または再開するコマンドなし
