# `pitagora config`: 設定と決定元。

origin-default = デフォルト
origin-sdk = 接続時に AWS SDK が決定
origin-file = { $path }:{ $line }
origin-environment = 環境変数 { $variable }
origin-flag = フラグ { $flag }

settings-unset = 未設定
settings-file-absent = ファイルなし
