# What a setting puts at risk, to follow the name of its node.

hint-visibility-too-short = visibility timeout { $visibility } is under 6 × the timeout of { $function } ({ $timeout })
hint-few-receives =
    { $receives ->
        [one] maxReceiveCount is 1
       *[other] maxReceiveCount is { $receives }, under 5
    }
hint-no-alarm = no alarm watches this dead-letter queue
hint-alarm-misses-moves = its alarm { $alarm } watches NumberOfMessagesSent
hint-nothing-kept =
    { $qualifier ->
        [none] no DLQ and no on-failure destination for asynchronous events
       *[other] no DLQ and no on-failure destination for asynchronous events of { $qualifier }
    }
hint-stale-permission = its policy still allows { $source }, which does not exist
hint-whole-batch = ReportBatchItemFailures is off: one failure returns up to { $size } messages of { $queue }
hint-reserved-below-maximum = reserved concurrency { $reserved } is below the maximum concurrency { $maximum } of { $queues }
hint-reserved-below-pollers = reserved concurrency { $reserved }, and the mapping of { $queue } has no maximum concurrency

# What follows from it.

proof-received-while-running = a message becomes visible again while its first invocation may still run, and is processed twice
proof-throttled-until-visible = a batch that is throttled is retried until the visibility timeout ends, and then counts as a receive although nothing ran
proof-throttle-counts =
    { $receives ->
        [one] a single throttle or timeout moves a healthy message to the DLQ
       *[other] { $receives } throttles or timeouts move a healthy message to the DLQ
    }
proof-unnoticed = messages there are deleted { $retention } after they were first enqueued, noticed or not
proof-moves-not-sent =
    { $some ->
        [yes] that metric counts what services send there, not what SQS moves there after maxReceiveCount
       *[no] that metric does not count what SQS moves there after maxReceiveCount: the alarm never fires
    }
proof-dropped-after =
    { $attempts ->
        [one] events from { proof-from } are dropped after a single failed attempt
       *[other] events from { proof-from } are dropped after { $attempts } failed attempts
    }
proof-from =
    { $more ->
        [0] { $sources }
       *[other] { $sources } and { $more } more
    }
proof-name-is-free = anybody may create a bucket of this name, and invoke the function with it: the statement asks for no account
proof-source-gone = nothing of this name can invoke it: it is left over
proof-one-fails-all =
    { $dlq ->
        [none] messages that succeeded are processed again
       *[other] messages that succeeded are processed again, and move to { $dlq } with the one that fails
    }
proof-throttles-use-receives = what exceeds it is throttled, and each throttle may use up a receive
proof-starts-with-five = a mapping starts with { $pollers } concurrent invocations: what exceeds the reserved concurrency is throttled, and each throttle may use up a receive

# What helps.

cure-visibility-timeout = set VisibilityTimeout to { $least } or more (6 × the function timeout, and the batching window)
cure-max-receive-count = set maxReceiveCount to { $least } or more
cure-alarm-on-depth = alarm on ApproximateNumberOfMessagesVisible > 0, with an action that reaches someone
cure-add-destination = add an on-failure destination or a DLQ that the function's role may write to
cure-remove-permission =
    { $statement ->
        [none] remove the source from the statement that names it
       *[other] remove statement { $statement }
    }
cure-partial-batch-response = return batchItemFailures from the function, then set FunctionResponseTypes to ReportBatchItemFailures
cure-lower-maximum = set MaximumConcurrency to { $maximum }
cure-raise-reserved = set reserved concurrency to { $reserved } or more
cure-maximum-concurrency = set MaximumConcurrency to { $maximum }: the mapping then invokes no more than that
cure-add-permission = allow it in the function's policy
cure-add-statement = add a statement to the policy
cure-create = create { $name }, or name one that exists
cure-not-fifo = use a standard queue or topic there
cure-enable = enable the event source mapping

# What no rule could judge.

unjudged-roles =
    { $count ->
        [one] whether a function's role may write to its DLQ or destination: roles are not read
       *[other] whether the roles of functions may write to { $count } DLQs and destinations: roles are not read
    }
unjudged-versions =
    { $count ->
        [one] the visibility timeout of a queue that an alias or version reads: its timeout is not read
       *[other] the visibility timeouts of { $count } queues that aliases or versions read: their timeouts are not read
    }
unjudged-alarms-unread = which dead-letter queues are watched: alarms were not read
unjudged-alarms-search = which dead-letter queues are watched: an alarm finds its queues by a search or query

# Why an event is lost, if its chain breaks now.

dies-dropped =
    { $attempts ->
        [one] 1 attempt, no DLQ and no on-failure destination
       *[other] { $attempts } attempts, no DLQ and no on-failure destination
    }
dies-reserved-zero = reserved concurrency 0, no DLQ and no on-failure destination
dies-kept-by = { $queue } keeps what failed for { $retention }
dies-queue-retention = no DLQ, and its retention is { $retention }
dies-retention-before-dlq = its retention of { $retention } ends before its DLQ gets it
dies-moved-to = moved to { $queue }, whose retention is { $retention }
dies-stream-retention =
    { $assumed ->
        [yes] its records are kept { $retention }, unless that was raised
       *[no] its records are kept { $retention }
    }
dies-maximum-age = maximum record age { $age }, no on-failure destination
dies-given-up = { $by } retries for { $within }, no DLQ
sender-eventbridge = EventBridge
sender-sns = SNS
sender-scheduler = Scheduler

# Why that is not known.

unclear-keeping-unread = whether it has a DLQ or destination was not read
unclear-keeper-unread = how long { $name } keeps what failed was not read
unclear-queue-unread = its attributes were not read
unclear-retries-unpublished =
    { $within ->
        [none] lost after { $retries } retries, between which AWS publishes no time
       *[other] lost after { $retries } retries, between which AWS publishes no time, and within { $within }
    }
unclear-broker = the broker's redelivery limit decides
unclear-topic-retention = the topic's retention was not read
unclear-undocumented = AWS does not document how long S3 retries

# The rules, a sentence each.

rule-cannot-arrive = Nothing that is sent along a trigger can arrive
rule-dlq-not-writable = A dead-letter queue or destination cannot be written
rule-retention-before-dlq = A queue's retention ends before a failing message reaches its dead-letter queue
rule-retention-before-maximum-age = A stream's retention ends before its mapping's maximum record age
rule-dlq-retention = A dead-letter queue's retention is no longer than that of its source
rule-redrive-allow-policy = A dead-letter queue's redrive allow policy leaves its source out
rule-async-without-dlq = An asynchronous function has neither a dead-letter queue nor an on-failure destination
rule-visibility-timeout = A visibility timeout is under six times the function timeout and the batching window
rule-max-receive-count = A queue that a function reads has a maxReceiveCount under 5
rule-reserved-concurrency = Reserved concurrency is below what the event source mappings invoke at a time
rule-partial-batch-response = One failing message returns its whole batch
rule-dlq-without-alarm = No alarm notices what arrives in a dead-letter queue
rule-stale-permission = A function's policy allows a source that does not exist
rule-loop = A chain leads back to itself

# The command.

doctor-none = { $nodes } nodes in { $region }: no findings.
doctor-none-but = { $nodes } nodes in { $region }: no findings, but not everything was read.
doctor-budgets = Loss budget: when the first event is lost, if a link breaks now and nobody acts
doctor-chain =
    { $boxes ->
        [one] { $sources } (1 box)
       *[other] { $sources } ({ $boxes } boxes)
    }
doctor-and-more = { $names } and { $more } more
doctor-first =
    { $now ->
        [yes] first event lost at once, at { $at }: { $why } (if { $to } fails)
       *[no] first event lost after { $after }, at { $at }: { $why } (if { $to } fails)
    }
doctor-no-loss = no event is lost
doctor-unclear = unknown at { $from } > { $to }: { $why }
doctor-permissions = Permissions: account { $account }, { $region }
doctor-reads = reads: { $granted } granted, { $denied } denied, { $failed } failed, { $untried } not needed here
doctor-denied = denied: { $action }
doctor-failed = failed: { $action }
doctor-writes = writes: unknown, as none is tried: { $actions }
doctor-cost = { $calls } calls, { $price } at the pace of the last 10 min
doctor-unjudged = unknown: { $what }.
