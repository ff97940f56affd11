# ターゲットに何も届かない理由と、わからないこと。

source-bucket = このバケット
source-topic = このトピック
source-log-group = このロググループ
source-alarm = このアラーム
source-rule = このルール

permissions-no-statement = { $source } について { $service } を許可するステートメントがポリシーになし
permissions-only-sources = ポリシーが { $service } を許可するのは { $allowed } のみ、{ $source } ({ $arn }) は対象外
permissions-only-accounts = ポリシーが { $service } を許可するのはアカウント { $allowed } のみ、{ $account } の { $source } は対象外
permissions-only-resources = ポリシーが { $service } に許可するのは { $allowed } のみ、{ $resource } は対象外
permissions-only-with-key =
    { $present ->
        [yes] ポリシーが { $service } を許可するのは { $key } 付きのリクエストのみ、{ $source } には付かない
       *[no] ポリシーが { $service } を許可するのは { $key } のないリクエストのみ、{ $source } には付く
    }
permissions-only-under-condition = ポリシーが { $service } を許可するのは { $key } の条件 ({ $values }) の下のみ、{ $source } は満たさない
permissions-denied = ポリシーのステートメント { $statement } が { $service } を拒否
permissions-gone = 存在しない
permissions-aws-managed-key = AWS マネージドキー { $key } で暗号化、サービスの利用は不可
permissions-fifo = AWS はそこから FIFO のキューやトピックへ配信しない
permissions-mapping-off = イベントソースマッピングが無効
permissions-state = 状態 { $state }

permissions-missing =
    { $nearest ->
        [none] 権限 { $action } の不足
       *[other] 権限 { $action } の不足、最も近いステートメント: { $nearest }
    }
permissions-action-denied = 権限 { $action } の拒否
permissions-not-listed = 設定で指定されているが、アカウントの一覧に存在しない
permissions-key-policy-fixed = キーポリシーは変更不可

permissions-policy-unread = ポリシーは未取得
permissions-state-unread = 状態は未取得
permissions-depends-on = { $what } に依存、未取得
permissions-conditions-unknown = ポリシーが { $keys } に依存、ここでは不明
permissions-organisation-unread = ポリシーが組織 ({ $conditions }) を許可、このアカウントの組織は未取得
permissions-role-unread =
    { $role ->
        [none] ロールに依存、未取得
       *[other] ロール { $role } に依存、未取得
    }
permissions-key-unread = キー { $key } のポリシーに依存、未取得
permissions-elsewhere = 別のアカウントまたはリージョン
permissions-state-undocumented = 状態 { $state } で呼び出せるかは AWS のドキュメントに記載なし
permissions-allow = 許可するには: { $command }
permissions-add-statement = ポリシーに追加するステートメント: { $statement }

# リンクがターゲットに行うこと。

does-write-dead-letter-queue = デッドレターキュー { $name } への書き込み
does-send-dead-letters = { $name } へのデッドレターの送信
does-write-destination = 送信先 { $name } への書き込み
does-invoke = { $name } の呼び出し
does-publish = { $name } への発行
does-send = { $name } への送信
does-reach = { $name } への到達

permissions-cannot = { $does }が不可: { $why }
permissions-whether = { $from } による{ $does }の可否
