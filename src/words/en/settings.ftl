# `pitagora config`: the settings, and who decided on each.

origin-default = default
origin-sdk = decided by the AWS SDK when it connects
origin-file = { $path }:{ $line }
origin-environment = environment { $variable }
origin-flag = flag { $flag }

settings-unset = not set
settings-file-absent = no such file
