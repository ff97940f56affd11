# 表示内容、読み取り時刻、コスト。

info-title = アカウントと読み取り
info-account = アカウント
info-place = { $account }、{ $region } ({ $partition })
info-connection = 接続
info-connecting = 接続中
info-connected = 接続済み
info-expired = 認証情報の期限切れ: { $advice }
info-no-answer = 応答なし: { $why }
info-errors = アカウントからのエラー応答: { $why }
info-changes = 変更操作
info-changes-allowed =
    { $allowed ->
        [yes] 許可、毎回確認
       *[no] 読み取り専用: 変更不可
    }
info-scope = 範囲
info-broken-theme = 不正なテーマ
info-hidden = 非表示の名前
info-shown = 表示
info-drawn = リソース { $resources } 件中、箱 { $boxes }、線 { $lines }
info-drawn-hidden = 名前により非表示 { $n }
info-drawn-beside = フォーカス外 { $n }
info-drawn-collapsed = 折りたたみ { $n }
info-survey = 調査
info-survey-under-way =
    { $shares ->
        [yes] 進行中: 応答 { $done } / { $total }、デプロイは Lambda の毎秒 15 回のコントロールプレーン呼び出しを共有
       *[no] 進行中: 応答 { $done } / { $total }
    }
info-survey-none = 完了した調査なし
info-unread = 未取得
info-unread-missing = 応答 { $n } 件が不足 (u で一覧)
info-loop = ループ
info-now = 現在
info-read = 前回の読み取り
info-never = なし
info-memory = メモリ
info-of = { $budget } のうち
info-dropped = 古い { $n } 件を破棄
info-marbles = ビー玉
info-simulated = シミュレートされたアカウント
info-slowed = { $budget } のうち: 時間を減速中
info-cost = コスト
info-calls = 呼び出し { $n } 回、{ $rate }/秒、これまで { $dollars }、直近 10 分のペースで { $price }
info-messages = メッセージ
