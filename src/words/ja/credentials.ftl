# 実行中のコマンドの認証情報。

credentials-expired =
    認証情報の期限切れ ({ $advice }): { $wait ->
        [none] 更新後、このコマンドは自動的に続行。
       *[other] このコマンドは最大 { $wait } 待機し、更新後に自動的に続行。
    }
credentials-renewed = 認証情報を更新。
