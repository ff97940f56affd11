# What is shown, what was read when, and what it costs.

info-title = Account and readings
info-account = account
info-place = { $account } in { $region } ({ $partition })
info-connection = connection
info-connecting = connecting
info-connected = connected
info-expired = credentials expired: { $advice }
info-no-answer = no answer: { $why }
info-errors = the account answers with errors: { $why }
info-changes = changes
info-changes-allowed =
    { $allowed ->
        [yes] allowed, each asks first
       *[no] read-only: nothing can be changed
    }
info-scope = scope
info-broken-theme = broken theme
info-hidden = hidden names
info-shown = shown
info-drawn = { $boxes } boxes and { $lines } lines of { $resources } resources
info-drawn-hidden = { $n } hidden by name
info-drawn-beside = { $n } outside the focus
info-drawn-collapsed = { $n } collapsed
info-survey = survey
info-survey-under-way =
    { $shares ->
        [yes] in progress: { $done } of { $total } answers; deployments share Lambda's 15 control-plane calls/s with it
       *[no] in progress: { $done } of { $total } answers
    }
info-survey-none = none completed yet
info-unread = not read
info-unread-missing =
    { $n ->
        [one] 1 answer is missing (u lists it)
       *[other] { $n } answers are missing (u lists them)
    }
info-loop = loop
info-hints =
    { $n ->
        [one] 1 hint from the configuration
       *[other] { $n } hints from the configuration
    }
info-now = Now
info-read = Last read
info-never = never
info-memory = Memory
info-of = of { $budget }
info-dropped = { $n } oldest dropped
info-marbles = marbles
info-simulated = simulated account
info-slowed = of { $budget }: time is slowed down
info-cost = Cost
info-calls = { $n } calls, { $rate }/s; { $dollars } so far, { $price } at the pace of the last 10 min
