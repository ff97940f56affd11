# The first lines of the screen: losses, changes, failures, sums.

overview-more = +{ $n } more (i)
overview-and-more = , +{ $n } more
overview-whole-account = , whole account
overview-expired = credentials expired
overview-no-answer = no answer
overview-check-network = { $why }; check the network and the endpoint; retrying
overview-account-errors = the account answers with errors
overview-asked-again = { $why }; retrying
overview-last-at = , last at { $time }
overview-old = , { $age } old
overview-yesterday = , same hour yesterday { $n }
overview-metric = metric:
overview-errors =
    { $n ->
        [one] 1 error in the last hour
       *[other] { $n } errors in the last hour
    }
overview-throttles =
    { $n ->
        [one] 1 throttle in the last hour
       *[other] { $n } throttles in the last hour
    }
overview-alarm = alarm { $name }
overview-since = since { $time }
overview-changed-before = { $what } { $before } before
overview-more-changed = , { $n } more changed

losses-unread =
    { $fails ->
        [yes] losses could not be read
       *[no] losses not read yet
    }
losses-in-dlqs = , { $n } in DLQs
losses-none-unread = no events lost so far, { $why }
losses-not-excluded = losses not excluded (1 h)
losses-none-so-far = no events lost so far (1 h)
losses-none = no events lost (1 h)
losses-certain =
    { $least ->
        [yes] at least{" "}
       *[no] {""}
    }{ $shown } { $n ->
        [one] event
       *[other] events
    } lost
losses-whose-unknown = source unknown
losses-by-the-log = , by the log
losses-and = , and { $what }
losses-dropped =
    { $n ->
        [one] 1 async event
       *[other] { $n } async events
    } dropped{ $by ->
        [none] {""}
       *[other] {" "}by { $by }
    } ({ $metric })
losses-dlq-unknown = ; DLQ unknown
losses-function-unknown = ; function unknown
losses-attempts =
    { $n ->
        [one] 1 delivery attempt
       *[other] { $n } delivery attempts
    } failed{ $by ->
        [none] {""}
       *[other] {" "}by { $by }
    } ({ $metric })
losses-counts-attempts = ; HTTP counts each attempt, so not every one is a loss
