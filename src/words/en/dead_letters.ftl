# How it is known where a dead letter comes from.

evidence-attributes = attributes RequestID, ErrorCode and ErrorMessage
evidence-attribute-names = attribute { $attribute } names { $id }
evidence-configured = configured: { $by } sends its dead letters here
evidence-configured-several = configured: { $functions } functions send their dead letters here
evidence-not-configured = not configured (any more): { $what }
evidence-only-sender = only { $id } sends here
evidence-log-has = the log of { $function } has request { $request }
evidence-no-log-has = no log of the { $functions } functions has request { $request }
evidence-logs-unread = not every log was searched for request { $request }
evidence-ended = a record of how an invocation of { $function } ended
evidence-stream-batch = a record of a batch of { $stream } that { $function } could not process
evidence-kafka-batch = a record of a batch of Kafka cluster { $cluster } that { $function } could not process
evidence-kafka-records = it names { $records }
evidence-pipe = a record of pipe { $pipe }
evidence-leads-to = { $from } leads to { $to }
evidence-truncated = its payload was truncated
evidence-source-arn = DeadLetterQueueSourceArn names { $queue }
evidence-only-reader = only { $function } reads { $queue }
evidence-logged-id = an invocation of { $function } logged its message ID
evidence-one-error = every invocation of { $function } that failed during its attempts had the same error
evidence-several-errors = invocations of { $function } failed with different errors during its attempts: which one is its own is unknown
evidence-envelope = in the envelope of topic { $topic }
evidence-notification = a notification of topic { $topic }
evidence-unsubscribe-link = its link to unsubscribe names the subscription
evidence-only-subscription = only one subscription sends here
evidence-several-subscriptions = { $subscriptions } subscriptions send here: which one sent it is unknown
evidence-subscription-leads = the subscription leads to { $to }
evidence-unmarked = nothing in it says where it comes from
evidence-one-of-senders = nothing in it says which of { $senders } sent it
evidence-only-bare = no other sender here but { $sender } writes messages without an envelope
evidence-named-alone = failed invocations of { $function } name this message and no other
evidence-died-beside = inferred: it died beside { $messages } in failed batches of { $function }
evidence-died-among =
    { $others ->
        [one] it died with 1 other message of its batches: the log of { $function } does not say which of them fails
       *[other] it died with { $others } other messages of its batches: the log of { $function } does not say which of them fails
    }
evidence-whole-batch = ReportBatchItemFailures off: one failure retries the whole batch (batch size { $size })

# What the configuration does not have.

unconfigured-function = no function names this queue
unconfigured-on-failure = that function's OnFailure does not lead here
unconfigured-mapping = no event source mapping of that function leads here
unconfigured-target = no target there names this queue
unconfigured-pipe = that pipe's source does not name this queue
unconfigured-redrive-policy = that queue's redrive policy does not name this queue
unconfigured-subscription = no subscription of that topic names this queue

# Why a function was never invoked.

capacity-reserved-zero = reserved concurrency of { $function } is 0
capacity-zero-reserved-concurrency = reserved concurrency of { $function } was 0 (ZeroReservedConcurrency)
capacity-throttled = throttled until Lambda gave up (ErrorCode { $code })
capacity-event-age-exceeded = it waited for { $function } until it was too old, without an invocation (EventAgeExceeded)
capacity-record-age-exceeded = the batch grew too old before { $function } was invoked once
capacity-target-throttled = the target refused it for lack of capacity ({ $text })
capacity-never-started =
    { $throttles ->
        [one] { $function } was throttled once and never invoked during its attempts
       *[other] { $function } was throttled { $throttles } times and never invoked during its attempts
    }

# Why a service gave up.

given-up-service = { $word }
given-up-received =
    { $times ->
        [one] received once
       *[other] received { $times } times
    }

# What went wrong, equal for equal faults.

fault-capacity = capacity: throttled, never invoked
fault-error = { $text }
fault-condition = { $condition }, no error known
fault-unknown = no error known
fault-neighbour = healthy neighbour of a failing message (inferred): ReportBatchItemFailures off
fault-one-of-batch = its batch failed (ReportBatchItemFailures off): { $fault }

# Records of Kafka.

records-offset = { $partition } offset { $offset }
records-offsets = { $partition } offsets { $first } to { $last }
records-count =
    { $records ->
        [one] 1 record
       *[other] { $records } records
    }

# Why the messages of a queue need not be dead letters.

mixed-also-fed = { $by } also sends messages here: not all are dead letters
mixed-consumed = work queue: { $by } reads it, so its messages need not be dead letters
mixed-paused = work queue: { $by } reads it once its mapping is enabled again, so its messages need not be dead letters
mixed-also-fed-and-consumed = work queue: { $from } sends messages here too and { $by } reads them, so they need not be dead letters

# What reading a queue does, and why it is refused.

guard-ordinary = { $queue } is no dead-letter queue of this chain: nothing in it names { $queue } as one now (what did may have been deleted, or may not have been read), and reading it hides its messages from others for a while
guard-moves-on =
    { $after ->
        [none] { $queue } has a redrive policy of its own, so that reading counts and moves messages on to { $to }
        [one] { $queue } has a redrive policy of its own, so that reading counts and moves messages on to { $to } after 1 receive
       *[other] { $queue } has a redrive policy of its own, so that reading counts and moves messages on to { $to } after { $after } receives
    }
guard-consumed = { $by } takes messages out of { $queue }, so that reading would hide them from it for a while and count as a receive
guard-paused = { $queue } is a work queue of { $by }, whose event source mapping is disabled: its messages need not be dead letters, and reading counts as a receive
guard-read-anyway = { $against }: --read-anyway reads it all the same.
guard-counts = SQS cannot peek: reading counts as a receive, so that the receive count of each message read in { $queue } goes up by 1.
guard-hides = One reading, at most { $most } messages: their visibility timeout is { $seconds } s (extended only if the reading takes longer), so that no consumer gets them and a queue-depth alarm may flap; then they are made visible again at once.
guard-fifo = FIFO: a message that is being read blocks its group, so that only the first messages of each group (at most 10 a receive) can be listed.

# What a layer of a body is, and why no more are opened.

layer-text = text
layer-bytes = bytes
layer-json = JSON
layer-notification = SNS notification
layer-topic-event = SNS event
layer-queue-event = SQS event
layer-bucket-event = S3 event
layer-bus-event = EventBridge event
layer-destination = record of an invocation
layer-batch = record of a failed batch
layer-stream-event = Kinesis event
layer-table-event = DynamoDB stream event
layer-item = DynamoDB item
layer-logs-event = Logs event
layer-log-lines = log lines

cut-too-deep = deeper layers are not opened
cut-too-many = it has more layers than are opened
cut-too-large = it is too large when unpacked

# What is wrong with a jq expression.

jq-unusable = `{ $expression }` is no jq expression that can be used ({ $why }): try '.body.id == 7' or '.error | contains("price")'.
jq-not-known = not defined: { $names }
jq-withheld = `{ $name }` is not available here: an expression sees one message and nothing else
jq-module = modules are not available here: `{ $path }`
jq-expected = expected { $what }, found `{ $found }`
jq-expected-end = expected the end, found `{ $found }`
jq-too-early = expected { $what }, it ends too early

# Why a jq expression chose no messages. `at` is the message that it was run on.

jq-too-slow =
    The jq expression `{ $expression }` took longer than { $seconds } s{ $at ->
        [none] { "" }
       *[other] { " " }(at message { $at })
    }: it was stopped, and no message was chosen. It may loop for ever.
jq-too-much-memory =
    The jq expression `{ $expression }` needs more than { $megabytes } MB of memory{ $at ->
        [none] { "" }
       *[other] { " " }(at message { $at })
    }: it was stopped, and no message was chosen.
jq-too-deep =
    The jq expression `{ $expression }` is nested, or recurses, too deeply{ $at ->
        [none] { "" }
       *[other] { " " }(at message { $at })
    }: it was stopped, and no message was chosen.
jq-ended =
    The jq expression `{ $expression }` could not be run to its end ({ $how }){ $at ->
        [none] { "" }
       *[other] { " " }(at message { $at })
    }: no message was chosen.
jq-not-started = The process that runs jq expressions could not be started ({ $why }): no message was chosen.
jq-stopped = Stopped: no message was chosen.
jq-failed-on =
    the jq expression failed on { $failed ->
        [one] 1 message
       *[other] { $failed } messages
    } ({ $why }): no match there.
