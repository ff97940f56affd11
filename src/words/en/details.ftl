# The details of a box.

details-no-links = no links found
details-disabled = disabled
details-via = via the { $via }
details-cut = nothing can arrive: { $why }
details-doubt = whether events arrive is unknown: { $why }
details-traffic =
    { $shared ->
        [yes] traffic { $age } ago, this way or another
       *[no] traffic { $age } ago
    }

details-title = Details
details-nothing-selected = nothing selected
details-collapsed = { $n } collapsed
details-expand = Enter expands them
details-identity = Identity
details-links = Links
details-configuration = Configuration
details-last-hour = Last hour

status-ok = OK
status-warning = Warning
status-failing = Failing
status-lost = Lost
status-disabled = Disabled
status-unknown = Unknown

details-alarm =
    { $since ->
        [none] alarm { $name }
       *[other] alarm { $name } since { $since }
    }
details-since =
    { $before ->
        [yes] { $what }, since before { $time }
       *[no] { $what }, since { $time }
    }
details-hint = hint: { $what }
details-next = next: { $next }
details-changed-at =
    { $errors ->
        [none] { $what } at { $time }
       *[other] { $what } at { $time }; errors since { $errors }
    }
details-ago = { $age } ago, { $time }

details-messages = messages
details-depth = { $visible } visible, { $in_flight } in flight, { $delayed } delayed
details-approximate = approximate, { $age }
details-last-invocation = last invoked
details-last-success = last success
details-failing-since = failing since
details-in-a-row =
    { $before ->
        [yes] before { $time }, { $n } in a row
       *[no] { $time }, { $n } in a row
    }
details-last-error = last error
details-error-ago = { $error } ({ $age } ago)
details-log = log
details-log-through = { $time }, { $age }
details-log-complete = log through
details-not-read = not read
details-unread = could not be read: { $error }

details-event-bridge =
    { $on ->
        [yes] on: every event goes to the default event bus
       *[no] off
    }
details-image = container image
details-runtime = runtime
details-timeout = timeout
details-memory = memory
details-changed = changed
details-state = state
details-state-why =
    { $why ->
        [none] { $state }
       *[other] { $state }: { $why }
    }
details-concurrency = concurrency
details-reserved =
    { $n ->
        [0] reserved 0: never invoked
       *[other] reserved { $n }
    }
details-async = async
details-async-retries =
    { $retries ->
        [one] 1 retry
       *[other] { $retries } retries
    }, up to { $age }{ $default ->
        [yes] {" "}(default)
       *[no] {""}
    }
details-loops = recursion
details-loop-detection =
    { $allowed ->
        [yes] recursive loop detection: Allow
       *[no] recursive loop detection: Terminate, after about 16 invocations
    }
details-environment = environment
details-open-to = invocable by
details-log-group = log group
details-type = type
details-queue-type =
    { $fifo ->
        [yes] FIFO
       *[no] standard
    }
details-visibility = visibility
details-retention = retention
details-max-receives = max. receives
details-redrive-allow = redrive allow
details-kms-key = KMS key
details-max-size = maximum size

metric-none = none
metric-invocations = invocations
metric-failed = failed
metric-errors = errors
metric-throttles = throttles
metric-duration = duration p99
metric-concurrency = concurrency
metric-async-age = async age
metric-async-dropped = async dropped
metric-dlq-errors = DLQ errors
metric-destination-failures = not delivered
metric-iterator-age = iterator age
metric-oldest = oldest
metric-sent = sent
metric-received = received
metric-deleted = deleted
metric-failures = failures
metric-failed-attempts = failed attempts
metric-dead-letters = dead letters
metric-lost = lost
