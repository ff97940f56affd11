# The logs, and the tables of invocations.

logs-title = Logs
logs-request =
    { $attempt ->
        [none] { $name } request { $id }
       *[other] { $name } request { $id }, attempt { $attempt }
    }
logs-end-level = end
logs-end = ended after { $time }
logs-end-ok = OK after { $time }
logs-end-failed = failed after { $time }
logs-end-timeout = timed out after { $time }
logs-end-memory = out of memory after { $time }
logs-end-crash = crashed after { $time }
logs-end-init = init failed after { $time }
logs-end-mb = { $used } of { $of } MB
logs-end-cold = init { $time }
logs-all = all functions on screen
logs-lines =
    { $n ->
        [one] 1 line
       *[other] { $n } lines
    }
logs-level = { $level }+
logs-following = following
logs-paused = paused
logs-new = { $n } new below, G follows
logs-complete = complete through { $time }
logs-not-complete = not complete yet
logs-reading-back = reading back to { $time }
logs-late = { $n } arrived late
logs-dropped = { $n } oldest dropped
logs-incomplete = some lines are missing: too many in one millisecond
logs-only-marks = only START, END, REPORT and error lines
logs-live-sampled = live, sampled
logs-live = live, $0.01/min
logs-no-live = no live tail: { $why }
logs-live-starting = starting live tail, $0.01/min
logs-none-of-request = no line of this request found; f shows the whole log
logs-no-match = no line matches; Esc clears the filter
logs-none-since = no line since { $time }; < reads further back
logs-unreadable = could not be read: see the lower border
logs-not-read = not read yet

invocations-title = Invocations
invocations-all = all functions
invocations-slowest = slowest
invocations-failed = failed
invocations-cold = cold starts
invocations-errors = errors by type
sort-slowest = slowest first
sort-latest = latest first
sort-slowest-start = slowest start first
sort-most-frequent = most frequent first
sort-newest-type = newest type first
sort-memory = most memory first
invocations-shown =
    { $all ->
        [one] { $n } of 1 invocation
       *[other] { $n } of { $all } invocations
    }
invocations-types =
    { $n ->
        [one] 1 type
       *[other] { $n } types
    } in { $all ->
        [one] 1 invocation
       *[other] { $all } invocations
    }
invocations-dropped = those before { $time } dropped
invocations-none-so-far = no invocations seen so far; reading logs
invocations-none-readable = no invocations seen; some logs could not be read
invocations-none-yet = no invocations seen yet
invocations-no-duration =
    { $n ->
        [one] the duration of the 1 invocation is unknown
       *[other] the duration of all { $n } invocations is unknown
    }
invocations-none-failed = no failures in { $n } invocations; Tab: next table
invocations-none-cold = no cold starts in { $n } invocations; Tab: next table
invocations-no-error = no errors in { $n } invocations; Tab: next table
outcome-out-of-memory = out of memory
outcome-crashed = crashed
outcome-init-failed = init failed

table-functions = Functions
table-queues = Queues
table-topics = Topics
table-rules = Rules
table-apis = APIs
table-of = { $n } of { $all }
table-worst = worst first
table-sorted = by { $column }
table-share = { $n } of { $all }
table-no-dlq = none
table-no-match = no name contains that; Esc clears the filter
table-none = none in this account and region
table-none-yet = none so far: { $why }
column-name = name
column-state = state
column-invocations = invocations/min
column-errors = errors
column-p99 = p99
column-concurrency = concurrency
column-async-age = async age
column-dlq = DLQ
column-deployed = deployed
column-visible = visible
column-in-flight = in flight
column-delayed = delayed
column-oldest = oldest
column-retention = retention
column-consumers = consumers
column-subscriptions = subscriptions
column-failed = failed (1 h)
column-targets = targets
column-schedule = schedule
column-kind = kind
column-what = issue
column-since = since
column-next = next
column-count = count
column-first = first
column-last = last
column-ended = ended
column-request = request
column-duration = duration
column-init = init
column-memory = memory
column-result = result
