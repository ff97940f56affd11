# What is wrong with a node, to follow its name: "check: 2 events lost: no DLQ".

trouble-events-lost = { lost-at-least }{ lost-events }: { $reasons }
lost-at-least =
    { $at_least ->
        [yes] at least{" "}
       *[no] {""}
    }
lost-events =
    { $count ->
        [one] { $count } event lost
       *[other] { $count } events lost
    }
trouble-group-lost = no DLQ, and its group { $group } lost events
trouble-maybe-dropped =
    { $count ->
        [one] { $count } async event dropped, DLQ unknown
       *[other] { $count } async events dropped, DLQ unknown
    }
trouble-attempts-failed =
    { $count ->
        [one] { $count } failed delivery attempt, perhaps lost
       *[other] { $count } failed delivery attempts, perhaps lost
    }
trouble-saved = { $count } { $unit } saved by a retry (1 h), none lost
unit-events = events
unit-messages = messages
unit-records = records
unit-batches = batches
trouble-maybe-lost-by-now =
    { $count ->
        [none] an event may be lost by now
        [one] at least 1 message may be lost by now
       *[other] at least { $count } messages may be lost by now
    }
trouble-maybe-lost = an event may be lost
trouble-lost-if-failing = an event is lost if it goes on failing
trouble-first-lost = first event lost
trouble-first-lost-within = first event lost, at the latest
trouble-lost = an event is lost
trouble-lost-within = an event is lost, at the latest
trouble-reserved-zero = not invoked: reserved concurrency 0
trouble-state-failed = cannot be invoked: the function is in state Failed
trouble-state = is in state { $state }
trouble-failed = { $failed }/{ $of } failed
trouble-failed-lately =
    { $of ->
        [none] { $failed ->
            [one] { $failed } invocation failed in { $within }
           *[other] { $failed } invocations failed in { $within }
        }
       *[other] { $failed } of { $of } invocations failed in { $within }
    }
trouble-throttled = throttled { $times ->
        [one] once
       *[other] { $times } times
    } in { $within }{ trouble-reserved }{ trouble-holds }
trouble-reserved =
    { $reserved ->
        [none] {""}
       *[other] {" "}(reserved concurrency { $reserved })
    }
trouble-holds =
    { $holds ->
        [none] {""}
       *[other] ; { $holds }
    }
holds-dead-letters =
    { $count ->
        [one] { $queue } holds { $count } dead letter
       *[other] { $queue } holds { $count } dead letters
    }
trouble-mapping-problem = its event source mapping reports a problem
trouble-partial-failures =
    { $count ->
        [one] partial batch failures: { $count } message moved to { $queue } in { $within }
       *[other] partial batch failures: { $count } messages moved to { $queue } in { $within }
    }
trouble-dead-letters =
    { $count ->
        [one] { $count } dead letter
       *[other] { $count } dead letters
    }
trouble-maybe-dead-letters =
    { $count ->
        [one] { $count } message, perhaps a dead letter
       *[other] { $count } messages, perhaps dead letters
    }
trouble-retention-before-dlq = its retention would end before its DLQ
trouble-loses-failing = loses failing messages: its retention ends before its DLQ
trouble-retention-shorter = its retention is shorter than that of { $source }
trouble-retention-no-longer = its retention is no longer than that of { $source }
trouble-nobody-reads =
    { $count ->
        [one] { $count } message waits, event source mapping disabled
       *[other] { $count } messages wait, event source mapping disabled
    }
trouble-backs-up = backs up: { $count } messages
trouble-refused-by-dlq = dead-letter queue { $queue } does not allow it as a source
trouble-reads-late = reads its stream { $age } late
trouble-retention-before-maximum-age = the stream's retention ends before the maximum record age
trouble-missing = does not exist
trouble-alarm = alarm { $name }
trouble-does-not-read = does not read { $source }
trouble-disabled = { $kind } is off (disabled)
trouble-seems-to-feed-itself = seems to feed itself: { $rate }
trouble-fed-by-its-own-log =
    { $rate ->
        [none] feeds itself: a subscription sends its own log to it
       *[other] feeds itself: a subscription sends its own log to it, { $rate }
    }
trouble-may-feed-itself = may feed itself
rate-invocations = { $per_minute } invocations/min, about { $price }

# Why events are lost, in a few words.

lost-cannot = cannot { $does }
lost-cannot-and-more = cannot { $does }, +{ $more } more
lost-reserved-zero = reserved concurrency 0
lost-throttled = throttled
lost-no-dlq = no DLQ
lost-no-subscription = no subscription
lost-topic-unheard = its topic { $topic } has no subscription
lost-dlq-not-written = DLQ not written
lost-dlq-gone = its DLQ { $name } is gone
lost-destination-not-reached = destination not reached
lost-destination-gone = its destination { $name } is gone
lost-expired = expired
lost-expired-in = expired in { $queue }
lost-items-expired = failed items expired
lost-items-expired-in = failed items expired in { $queue }, no DLQ
lost-retries-used-up = retries used up
lost-maximum-age-passed = maximum record age passed

# Why nothing will keep an event that fails.

coming-source =
    { $source ->
        [none] its source
       *[other] { $source }
    }
coming-no-dlq = no DLQ
coming-dlq-gone =
    { $name ->
        [none] its DLQ is gone
       *[other] its DLQ { $name } is gone
    }
coming-destination-gone =
    { $name ->
        [none] its destination is gone
       *[other] its destination { $name } is gone
    }
coming-topic-unheard =
    { $topic ->
        [none] its topic has no subscription
       *[other] its topic { $topic } has no subscription
    }
coming-retention-before-dlq = the retention of { coming-source } ends before its DLQ
coming-queue-retention = { coming-source } has no DLQ, its retention ends
coming-stream-retention = the retention of { coming-source } ends
coming-no-destination = no on-failure destination
coming-record-age = the mapping's maximum record age passes, no on-failure destination
coming-unread =
    { $source ->
        [none] mapping disabled, its retention ends
       *[other] mapping disabled, the retention of { $source } ends
    }
coming-dlq-retention = the dead-letter queue's own retention ends
coming-items-returned = it returns failed items to { coming-source }, which has no DLQ
coming-read-too-slowly = it is read too slowly: its oldest message reached the retention

# How trouble is known.

evidence-reported = { $text }
evidence-metric = metric { $metric }
evidence-log-ahead-of-metric = all attempts failed, by the log; metrics come minutes later
evidence-expired-while-failing = inferred: the retention of its source ended while every invocation failed
evidence-expired-by-depth = inferred from its depth
evidence-expired-unread = inferred: messages reach its retention of { $retention } unread (depth, ApproximateAgeOfOldestMessage)
evidence-expired-waiting = inferred: messages waited in it for its retention of { $retention }, and nothing that reads it succeeded
evidence-returned-items = inferred: its queue counts more receives than deletes, and no invocation failed: its responses return messages (ReportBatchItemFailures)
evidence-skips-batch = all attempts failed, by the log: its mapping skips the batch when its retries are used up
evidence-skips-at-maximum-age = its mapping skips records at their maximum age
evidence-not-delivered = metric { $metric }: not delivered to { $to }
evidence-unreachable = metric { $metric }: not delivered to { $to }, which cannot be reached
evidence-whose = metric { $metric }, which does not name the { $topic ->
        [yes] subscriber
       *[no] target
    }
evidence-not-invoked = { evidence-whose }: probably { $target }, no invocation of it was seen in the last hour
evidence-one-of = { evidence-whose }: one of { $targets }
evidence-dlq-unwritten = metric { $metric }: its dead-letter queue could not be written
evidence-dlqs-unwritable = metric { $metric }: { $queues } cannot be written
evidence-unreachable-and-unwritable = metric { $metric }: not delivered to { $to }, and { $queues } cannot be written
evidence-group-metric = metric { $metric } of the schedule group, which does not name the schedule{ $probably ->
        [none] { $among ->
            [none] {""}
           *[other] : one of { $among }
        }
       *[other] : probably { $probably }
    }
evidence-account-metric = metric { $metric } of the account: no function that was read counts them
evidence-counted-by-group = AWS counts by schedule group: which of its schedules it was is unknown
evidence-keeping-unread = metric { $metric }: whether a dead-letter queue or destination kept them could not be read
evidence-subscriptions-unread = metric { $metric }: whether the topic that they went to has a subscription could not be read
evidence-counts-attempts = metric { $metric }: with an HTTP or HTTPS subscription each attempt counts, not each message
evidence-last-retry = { $reason }: an event is lost if its last retry fails too
evidence-others-succeed = others succeed meanwhile, and no line names the shard: which attempts were of the same batch is unknown
evidence-messages-wait = { $count } messages wait
evidence-events-fail = { $count } events fail now
evidence-reserved-zero = reserved concurrency is 0
evidence-state = state { $state }
evidence-errors = metric Errors, 1 to 3 minutes late
evidence-throttles = metric Throttles; a throttled attempt leaves no line in the log
evidence-reported-items = its invocations succeed and report failed items (ReportBatchItemFailures)
evidence-from = from { $queues }
evidence-from-perhaps = dead letters come from { $queues }
evidence-receives = retention { $retention }, visibility timeout { $visibility } x maxReceiveCount { $receives }
evidence-retentions = retention { $here } here, { $there } there; both count from when a message was first enqueued
evidence-mapping-disabled = its event source mapping is disabled
evidence-disabled = disabled
evidence-grew = { $from } → { $to } messages in { $within }
evidence-redrive-allow-policy = the redrive allow policy of { $queue } is { $permission }; AWS does not document what becomes of messages { $receives ->
        [none] at maxReceiveCount
        [one] after { $receives } receive (maxReceiveCount)
       *[other] after { $receives } receives (maxReceiveCount)
    }
evidence-iterator-age = metric IteratorAge; a failing batch blocks its shard
evidence-stream-settings = retention of { $stream } { $retention }{ $assumed ->
        [yes] {" "}unless raised (not read)
       *[no] {""}
    }, MaximumRecordAgeInSeconds { $max_age }
evidence-ring = { $names }
evidence-guessed = inferred from environment variable { $variable }
evidence-one-by-one = inferred: { $count } invocations one after another, each within { $within } of the end of the last, and nothing else is known to start them; { evidence-price-estimated }
evidence-rising = inferred: from { $from } to { $to } invocations a minute, and nothing else is known to start them; { evidence-price-estimated }
evidence-rate-now = now { $rate }, whatever starts it (Lambda alone, estimated)
evidence-price-estimated = the price is an estimate, of Lambda alone

# Many of a kind in one line. A name or two, and how many more.

named-nodes =
    { $more ->
        [0] { $names }
       *[other] { $names } and { $more } more
    }
issue-missing = { $count } targets do not exist: { $nodes }
issue-dead-letters = { $count } dead-letter queues hold messages: { $nodes }
issue-retention-before-dlq = { $count } queues delete failing messages before their DLQ gets them: { $nodes }
issue-retention-shorter = { $count } dead-letter queues keep messages for less time than their source: { $nodes }
issue-retention-no-longer = { $count } dead-letter queues keep messages no longer than their source: { $nodes }
issue-retention-before-maximum-age = { $count } functions may fail until their stream's retention ends, before the maximum record age: { $nodes }
issue-mapping-disabled = { $count } functions do not read a source, its mapping is disabled: { $nodes }
issue-disabled = { $count } rules, schedules or pipes are disabled: { $nodes }
issue-may-feed-itself = { $count } functions may feed themselves: { $nodes }

# What changed, and what stands still although nothing fails, to follow its name.

change-deployed = deployed
change-mapping = mapping changed, now { $state }
silent-mapping-disabled = does not read { $source }: mapping disabled
silent-mapping-problem = event source mapping { $source }: LastProcessingResult "{ $problem }"
silent-disabled = { $kind } disabled
silent-reserved-zero = not invoked: reserved concurrency 0
silent-at-reserved = at reserved concurrency ({ $reserved })

# What was not read and could tell of a loss.

unseen-refused =
    { $count ->
        [one] 1 thing could not be read
       *[other] { $count } things could not be read
    }
unseen-chain = not everything was read yet
unseen-losses =
    { $count ->
        [one] what 1 rule or topic lost was not read yet
       *[other] what { $count } rules and topics lost was not read yet
    }
unseen-logs =
    { $count ->
        [one] the log of 1 function was not read yet
       *[other] the logs of { $count } functions were not read yet
    }
unseen-depths =
    { $count ->
        [one] the depth of 1 queue was not read yet
       *[other] the depths of { $count } queues were not read yet
    }
unseen-ages =
    { $count ->
        [one] how long messages wait in 1 queue was not read yet
       *[other] how long messages wait in { $count } queues was not read yet
    }

# What has losses without being a node of the chain.

elsewhere-schedule-group = schedule group { $group }
