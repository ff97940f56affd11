# What a command could not read, and why.
cli-account = the rest of the account, after { $done } of { $total } responses
cli-connection = { $why }
cli-cut = the endpoint returned only a part of them
cli-did-not-fit =
    { $lines ->
        [one] the oldest line did not fit in memory: use a shorter --since
       *[other] the oldest { $lines } lines did not fit in memory: use a shorter --since
    }
cli-functions = the other functions
cli-invocations = invocations of { $function } before { $before }
cli-invocations-forgotten = there are more than are kept: use a shorter --since
cli-lines = lines of { $group }
cli-no-response = no response for { $after }
cli-observations = logs, metrics or alarms not read completely
cli-partly-read = not read completely, no response for { $after }
cli-refused = { $why }
