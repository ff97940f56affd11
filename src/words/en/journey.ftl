# Where an event went: each hop, and how the link before it is known.

journey-title = Journey of { $id }: { $hops ->
    [one] 1 function
   *[other] { $hops } functions
}, { $runs ->
    [one] 1 invocation
   *[other] { $runs } invocations
}
journey-none = Nothing that was read names { $id }.
journey-common = More than { $most } invocations name { $id }: it is no ID of one event.
journey-cut = More invocations belong to it than are shown.
journey-heads-start = start
journey-heads-function = function
journey-heads-what = what happened
journey-heads-waited = waited
journey-heads-ran = ran
journey-heads-known = known by

# What happened at a hop.
journey-succeeded = succeeded
journey-succeeded-after = succeeded at attempt { $n }
journey-failed = failed
journey-failed-times = { $n } attempts failed
journey-running = running
journey-unknown = its end was not read
journey-next = attempt { $n } in { $when }
journey-next-late = attempt { $n } is due
journey-dead = in { $queue }
journey-dead-predicted = moved to { $queue } (inferred)
journey-dropped = lost
journey-batch = with { $n ->
    [one] 1 other
   *[other] { $n } others
}

# How a link is known.
journey-carried = carried
journey-traced = traced
journey-correlated = correlated
journey-inferred = inferred
journey-candidate = candidate
journey-by-request-id = request ID
journey-by-message-id = message ID
journey-by-notification-id = message ID of the topic
journey-by-event-id = event ID
journey-by-sequence-number = sequence number
journey-by-object-key = object key
journey-by-trace = X-Ray trace
journey-by-only-one = only invocation then
journey-by-one-of-several = one of several then
journey-through = through { $resources }
journey-names-it = names it

journey-correlated-with =
    correlated by { $key } = { $value }: { $n ->
        [one] 1 more invocation
       *[other] { $n } more invocations
    } of { $functions }
journey-waited-ran = Waited { $waited } in front of functions, ran { $ran } in { $runs ->
    [one] 1 invocation
   *[other] { $runs } invocations
}.

# What was not searched.
journey-not-searched = Not searched: { $what }
journey-unsearched-dead-letters = messages in { $n ->
    [one] 1 dead-letter queue
   *[other] { $n } dead-letter queues
} (reading counts as a receive: pitagora dlq show reads one)
journey-unsearched-older = log lines older than { $since }
journey-unsearched-dropped = { $n ->
    [one] 1 line that was let go to make room
   *[other] { $n } lines that were let go to make room
}

# The pane.
journey-pane-title = Journey
journey-pane-counts = { $hops ->
    [one] 1 function
   *[other] { $hops } functions
}, { $runs ->
    [one] 1 invocation
   *[other] { $runs } invocations
}
journey-pane-none = Nothing that is held names { $id }. Not searched: older lines, logs that are not on screen, dead letters that were not read.
journey-pane-held = searched: the lines held, dead letters that were read

# Events that have not come out.
journeys-title =
    { $n ->
        [one] 1 event
       *[other] { $n } events
    }, { $stuck } not come out
journeys-for = for { $age }
journeys-running = running
journeys-retrying = retrying
journeys-failed = failed
journeys-dead-lettered = in a DLQ or destination
journeys-lost = lost
journeys-not-seen-after = succeeded, not seen at what comes next
journeys-finished = finished
journeys-unknown = its end was not read
journeys-hop =
    { $function }: { $n ->
        [one] 1 event
       *[other] { $n } events
    }, waited p50 { $wait }, p95 { $wait_most }; ran p50 { $run }, p95 { $run_most }
journeys-slowest = Slowest: { $function }
