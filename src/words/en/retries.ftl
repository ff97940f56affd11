# Retries: the list, and an event in full.

retries-title = Retries
retries-retrying = { $n } retrying
retries-lost = { $n } lost
retries-dead-letters =
    { $n ->
        [one] 1 dead letter
       *[other] { $n } dead letters
    }
retries-waiting = { $n } waiting
retries-dropped = { $n } that ended longest ago dropped
retries-no-log = no log line about this attempt
retries-none-of = no retries of { $name }; f shows all functions
retries-none-observable =
    { $n ->
        [one] no attempt observed; those of 1 function cannot be observed
       *[other] no attempt observed; those of { $n } functions cannot be observed
    }
retries-none = no retries; { $n } succeeded or are on their first attempt, e shows them
retries-throttled = throttled, not in the logs:
retries-throttled-by = { $name } at least { $n } (metric, { $age })
retries-not-observable = attempts cannot be observed: { $name }: { $why }{ $more ->
        [0] {""}
       *[other] ; and { $more } more
    }

# What comes next, in a row.

next-no-countdown = attempt { $n }: no countdown, AWS publishes none
next-was-due = attempt { $n } was due, not seen yet
next-was-due-by = attempt { $n } was due by { $by }, not seen yet
next-missed = was due by { $by }, did not come
next-now = attempt { $n } now, within { $left }
next-in = attempt { $n } in { $left }
next-if = if { $condition }:
next-none-left = no attempts left, { $to } { $when }
next-moves-in = in { $left }
next-moves-within = within { $left }
next-then =
    { $left ->
        [none] {""}
       *[other] , { $left } left
    }, then

fate-succeeded = succeeded
fate-to = to { $to }
fate-to-dlq = to a DLQ
fate-to-destination = to its destination
fate-dropped = dropped
fate-expired = expired
fate-unknown = end unknown

# An event in full.

event-from =
    { $from ->
        [none] { $pattern }
       *[other] { $pattern }, from { $from }
    }
pattern-asynchronous = asynchronous
pattern-queue = from a queue
pattern-stream = from a stream
pattern-synchronous = synchronous: only the caller may retry
pattern-not-delivered = not delivered by its source
event-many = { $n } events with the same error; the most urgent is shown
event-stands-for = stands for { $n } events that cannot be distinguished (estimate)
event-time-unknown = time unknown
event-predicted = { $when } (predicted)
event-not-before = not before { $time }
event-only-if = only if { $condition }
event-missed = expected { $window }, not seen: the log is complete through { $through }
event-overdue = attempt { $attempt } was due { $window }, not seen so far
event-if-it-fails = If it keeps failing: { $fate }
event-by = by { $time }

outcome-succeeded = succeeded
outcome-failed = failed
outcome-timed-out = timed out
outcome-throttled = throttled
outcome-running = running
outcome-waiting = waiting
outcome-unknown =
    { $ended ->
        [yes] unknown
       *[no] end not seen
    }
certainty-observed = observed
certainty-inferred = inferred
