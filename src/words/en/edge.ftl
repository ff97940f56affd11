# What the details say of an edge.

edge-triggers = triggers
edge-triggered-by = triggered by
edge-success-destination = on-success destination
edge-failure-destination = on-failure destination
edge-destination = destination
edge-destination-of = destination of
edge-dead-letters-to = dead letters to
edge-dead-letters-of = dead letters of
edge-writes-to = writes to
edge-written-by = written by

edge-observed = observed in traffic, not configured
edge-declared = declared in your file
edge-permitted = allowed by policy only: no service confirms it
edge-guessed =
    { $variable ->
        [none] inferred
       *[other] inferred from environment variable { $variable }
    }

edge-on =
    { $condition ->
        [OnSuccess] on success
       *[other] on failure
    }
edge-schedule =
    { $zone ->
        [none] { $schedule }
       *[other] { $schedule } ({ $zone })
    }
edge-events = on { $events }
edge-subscriber = for { $name }
edge-reads = reads { $what }
edge-only =
    { $scope ->
        [none] only { $filter }
       *[other] only { $filter } in { $scope }
    }
edge-batch =
    { $window ->
        [none] batch size { $size }
       *[other] batch size { $size }, window { $window }
    }
edge-parallelization = parallelization factor { $factor }
edge-maximum-concurrency = maximum concurrency { $limit }
edge-starting-position = starting position { $position }
edge-partial-response =
    { $on ->
        [yes] ReportBatchItemFailures on: only the failed items of a batch are retried
       *[no] ReportBatchItemFailures off: one failure retries the whole batch
    }
edge-bisect = BisectBatchOnFunctionError on: a failing batch is split in two
edge-max-receive-count = maxReceiveCount { $count }
edge-raw-delivery = raw message delivery: messages come without the SNS envelope
edge-state = state: { $state }
edge-last-result = last result: { $result }

edge-retried-by-visibility = a failed batch is visible again when its visibility timeout ends
edge-retried-by-nobody = no retries: the caller gets the error
edge-retried-by-sns = SNS delivers for up to 23 d; Lambda retries a failed invocation
edge-retried-by-s3 = S3 delivers at least once; Lambda retries a failed invocation
edge-retried-by-logs = Logs delivers for up to 24 h; Lambda retries a failed invocation
edge-retries =
    { $endless ->
        [yes] unlimited retries
       *[no] { $count ->
            [none] retries
            [0] no retries
            [one] 1 retry
           *[other] { $count } retries
        }
    }{ $by ->
        [none] { "" }
       *[other] { " " }{ $by }
    }{ $age ->
        [none] { "" }
       *[other] { " " }for up to { $age }
    }

retried-by-pipe = by the pipe
retried-by-lambda = by Lambda
retried-by-mapping = by the event source mapping; the shard waits
retried-by-eventbridge = of the delivery by EventBridge
retried-by-scheduler = of the delivery by Scheduler

edge-after-receives =
    { $count ->
        [one] after 1 receive
       *[other] after { $count } receives
    }
edge-after-attempts = after { $count }

# Losses to come, counted down.

loss-so-far =
    { $least ->
        [yes] at least { $n }
       *[no] { $n }
    } lost
loss-another-by-now = { $lost }, another may be by now
loss-next-in = { $lost }, next in { $left }
loss-next-within = { $lost }, next within { $left }
loss-next-now = { $lost }, next any moment
loss-in = { $first } in { $left }
loss-within = { $first } within { $left }
loss-now = { $what } any moment
loss-last = { $what }, last { $age } ago

# When a schedule starts something.

schedule-minutes = { $n ->
        [one] every min
       *[other] every { $n } min
    }
schedule-hours = { $n ->
        [one] every h
       *[other] every { $n } h
    }
schedule-days = { $n ->
        [one] every d
       *[other] every { $n } d
    }
schedule-as = { $expression }
