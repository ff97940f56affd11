# What AWS does next with an event that failed, and where it ends.

log-reach =
    { $complete_to ->
        [none] how far the log is complete is not known yet
       *[other] the log is complete through { $complete_to }
    }

# Of an event, by whatever rules it is retried.

forecast-was-due =
    { $only_if ->
        [none] was due { $window }, not seen so far; { log-reach }
       *[other] was due { $window }, not seen so far; { log-reach }; only if { $only_if }
    }
forecast-mapping-off = event source mapping disabled: not polled
forecast-ambiguous = whether it failed is unknown: nothing is predicted
forecast-succeeded = its invocation succeeded
forecast-caller-got-error = the caller got the error, and only the caller may retry
forecast-caller-got-unknown = no log line says how it ended, and only the caller may retry
forecast-caller-gets-error = the caller gets the error, and only the caller may retry
forecast-lies-in = it is in { $queue }
forecast-receive-count =
    { $receives ->
        [one] the message in the DLQ counts 1 receive, reads of the DLQ included
       *[other] the message in the DLQ counts { $receives } receives, reads of the DLQ included
    }
forecast-grew = { $queue } grew by { $by } ({ $window })
forecast-grew-fed-by = { $queue } grew by { $by } ({ $window }), and only { $feeder } feeds it
forecast-not-delivered =
    { $events ->
        [one] 1 event could not be delivered (metric { $metric }): { $lands }
       *[other] { $events } events could not be delivered (metric { $metric }): { $lands }
    }
forecast-target-retries =
    { $retries ->
        [one] delivery to { $target } is retried at most once
       *[other] delivery to { $target } is retried at most { $retries } times
    }

# Where an event ends, to end a sentence about it.

lands-in = it goes to { $queue }
lands-all-in = they go to { $queue }
lands-in-both = it goes to { $queue } and { $destination }
lands-dropped = it is dropped: the function has no DLQ and no on-failure destination
lands-missing = it is dropped: { $queue }, where it is to go, does not exist
lands-missing-by-now = { $queue }, where it went, does not exist now; whether it did then is unknown
lands-unheard = it is dropped: the topic { $topic }, where it is to go, has no subscription
lands-unheard-by-now = the topic { $topic }, where it went, has no subscription now; whether it had one then is unknown
lands-qualifier-unknown = where it ends is unknown: no log line says which alias or version was invoked
lands-version-unread = where it ends is unknown: the DLQ of the version behind { $alias } was not read (lambda:GetFunctionConfiguration)
lands-alias-undocumented = where it ends is unknown: alias { $alias } has no configuration of its own, and AWS does not document whether it takes the destination of $LATEST
lands-dropped-by-source = they are lost, no DLQ took them
lands-one-of = the metric does not say for which target: they are in { $queues } or lost

# Of an event in Lambda's own queue.

if-so =
    { $doubt ->
        [none] { "" }
       *[other] if { $doubt }:{ " " }
    }
not-seen = expected { $window }, not seen; { log-reach }
attempts-failed =
    { $attempts ->
        [one] 1 attempt failed
       *[other] { $attempts } attempts failed
    }

async-succeeded =
    { $attempt ->
        [one] its invocation succeeded
       *[other] attempt { $attempt } succeeded
    }
async-durable = an invocation of a durable function also succeeds while its execution waits: see the execution's history
async-duplicates =
    { $starts ->
        [one] started once more after it had succeeded: a duplicate delivery, not a retry
       *[other] started { $starts } more times after it had succeeded: duplicate deliveries, not retries
    }
async-end-unknown = when its last attempt ended is unknown
async-more-than-aws = more attempts were seen than AWS makes: what comes next is unknown
async-retry = { $wait } after failed attempt { $attempt } ended, up to an eighth longer
async-retry-unclear = after about 1 or 2 min, if attempts are left
async-no-other-came = whether its last attempt failed is unknown, and no other came
async-earlier-unread = earlier attempts may lie before what was read of the log
async-attempt-unknown = which attempt this was is unknown: the log was not read far enough back (see --since)
async-was-due-attempt-unknown = was due { $window }, not seen so far; { log-reach }; which attempt this was is unknown
async-left =
    { $left ->
        [one] { if-so }1 attempt left; then { $lands }
       *[other] { if-so }{ $left } attempts left; then { $lands }
    }
async-after-last = { if-so }after its last attempt { $lands }
async-at-age = at its maximum age of { $max_age }, or after its last attempt, { $lands }
async-none-after = no attempt came after this one, and the log is complete through { $complete_to }: { if-so }{ $lands }
async-used-up = { attempts-failed }, no retries left: { $lands }
async-too-old = { attempts-failed }, and the next wait would end past its maximum age of { $max_age }: { $lands }
async-off = the function's reserved concurrency is 0: { $lands }
async-perhaps = if { $doubt }: { $why }; else its caller got the error
async-refused = the function's reserved concurrency is 0: its next attempt is refused ({ $window }), and the event ends
async-was-refused = the function's reserved concurrency is 0: its next attempt was refused ({ $window }); { log-reach }
async-not-seen = { not-seen }; what comes next is unknown
async-not-seen-caller = no retry came ({ not-seen }), so it was a synchronous invocation: its caller got the error
async-not-seen-too-old = { not-seen }; by now it is past its maximum age of { $max_age }: { $lands }
async-given-up =
    { $dropped ->
        [one] Lambda has dropped 1 event since (AsyncEventsDropped)
       *[other] Lambda has dropped { $dropped } events since (AsyncEventsDropped)
    }
async-not-seen-dropped =
    { $doubt ->
        [none] { not-seen }; { async-given-up }: { $lands }
       *[other] { not-seen }; { async-given-up }: if { $doubt }, { $lands }; else its caller got the error
    }
async-held-up = expected { $window }, not seen; { $by }: { if-so }retried at least every { $pause }, until it is { $max_age } old
async-held-up-too-old = expected { $window }, not seen; { $by }; by now it is past its maximum age of { $max_age }: { if-so }{ $lands }
async-from =
    { $from ->
        [none] the log
       *[other] the log, read from { $from } on
    }
async-dropped-unseen =
    { $events ->
        [one] 1 event ended without a line in { async-from } (metric AsyncEventsDropped): { $by }; { $lands }
       *[other] { $events } events ended without a line in { async-from } (metric AsyncEventsDropped): { $by }; { $lands }
    }

held-up-throttled = the function is throttled
held-up-concurrency-reached = the function may be throttled (reserved concurrency { $reserved })
held-up-backlog = Lambda's queue is long (AsyncEventAge)

dropped-by-off = its reserved concurrency is 0
dropped-by-failed-or-throttled = their attempts failed, or were throttled until past their maximum age of { $max_age }
dropped-by-throttled = throttled until past their maximum age of { $max_age }

# Of messages of a queue.

receives-failed =
    { $receives ->
        [one] 1 receive failed
       *[other] { $receives } receives failed
    }
receives =
    { $receives ->
        [one] 1 receive
       *[other] { $receives } receives
    }
its-dlq =
    { $dlq ->
        [none] its DLQ
       *[other] { $dlq }
    }

receive-attributes-unread = when messages of { $queues } are received again is unknown: the queue's attributes were not read
receive-estimate = an estimate: no log line names the messages, so each invocation may be of one message or of another
receive-estimate-other-ids = an estimate: the ids in the log are not message ids, one of them came more often than maxReceiveCount allows
receive-estimate-by-depth = an estimate, from the queue's depth
receive-seen =
    { $limit ->
        [one] { $receives } of 1 receive seen
       *[other] { $receives } of { $limit } receives seen
    }
receive-fifo = FIFO: the messages behind it in its group wait until it is done
receive-succeeded = receive { $receive } succeeded
receive-duplicates =
    { $receives ->
        [one] received once more after it had succeeded: a duplicate delivery, as a standard queue may make
       *[other] received { $receives } more times after it had succeeded: duplicate deliveries, as a standard queue may make
    }
receive-start-unknown = when it was received is unknown
receive-again = when its visibility timeout of { $visibility } ends, at the next poll (up to 20 s)
receive-throttled-hidden = the function is throttled: it may be received, not processed, and hidden again
receive-throttled-counts = received and throttled: each receive counts, though the function is not invoked
receive-expires = it expires before it is received again: the queue's retention of { $retention } ends by { $by }
receive-expired = { receives-failed }, and the queue's retention of { $retention } ended before another
receive-expires-first = the queue's retention of { $retention } ends before { receives }: it expires, and never reaches { its-dlq }
receive-expires-in-the-end = it expires when the queue's retention ends
receive-expires-without-dlq = received again and again until it expires: the queue has no DLQ
receive-moves = after { receives } the next poll moves it to { its-dlq }
receive-moves-throttled = after { receives } a message moves to the DLQ, processed or not
receive-used-up = no receives left: the poll at { $window } moves it
receive-was-used-up = no receives left: the poll at { $window } was to move it; { log-reach }
receive-moved = { receives-failed }, none left: the queue is empty, and { $dlq } holds { $holds }
receive-none-after-last = { receives-failed }, none left, and it did not come again
receive-not-seen-after-last = { receives-failed }, none left; the log is complete through { $complete_to }
receive-passed-or-moved = what failed did not come again: it succeeded in another invocation, or was moved
receive-did-not-return = its last invocation succeeded, and it did not come again
receive-not-seen = { not-seen }: received and throttled, deleted by others, or moved; what comes next is unknown

# Of a batch of a stream.

keeps =
    { $keeper ->
        [none] then it is skipped, and nothing keeps it
       *[other] then { $keeper } keeps where it is in the stream
    }
records-too =
    { $records ->
        [none] { "" }
       *[other] , and { $records }
    }

shard-one-row = no log line names the shard: one row stands for the event source mapping
shard-not-logged = no log line names the shard
shard-batch-retried = the batch is retried as a whole
shard-lane-waits = one of { $lanes } lanes of the shard waits: records of other partition keys go on
shard-partition-waits = the partition is blocked: all records behind the batch wait
shard-shard-waits = the shard is blocked: all records behind the batch wait
shard-iterator-age =
    { $expires_in ->
        [none] iterator age { $age }
       *[other] iterator age { $age }, expires in { $expires_in }
    }
shard-bisected = BisectBatchOnFunctionError: a failing batch is split in two, which uses up no retry
shard-as-many-as-one-has = as many attempts failed as a batch has: of one batch or of several, the number of shards was not read
shard-others-passed = other batches succeeded meanwhile: which shard an invocation was of is unknown
shard-same-batch = the same batch again, after a wait that AWS does not publish
shard-some-batch = a batch that failed again, after a wait that AWS does not publish
shard-no-waits-published = AWS publishes no waits between the attempts of a stream
shard-silent = no attempt since { $since }, longer than any wait before: the shard may have moved on{ records-too }; { log-reach }
shard-spent =
    { $keeper ->
        [none] { attempts-failed }{ $by }: the batch is skipped, and nothing keeps it
       *[other] { attempts-failed }{ $by }: { $keeper } keeps where the batch is in the stream, not its records
    }
shard-attempts-unknown = which of the attempts were of that batch is unknown
shard-halves-unknown = which of the attempts were of bisected batches, and which of the last record, is unknown
shard-by-rhythm = inferred from their rhythm: several shards are read, and other batches succeeded meanwhile
shard-counted-off = counted: taken to be the attempts of one batch, one after the other
shard-moved-on = the shard moved on
shard-moved-on-unknown = the shard moved on{ records-too }: no log line says whether the batch succeeded or was given up
shard-too-old =
    { $keeper ->
        [none] { attempts-failed }, none succeeded, and the maximum record age of { $age } passed: the records are skipped, and nothing keeps them
       *[other] { attempts-failed }, and the maximum record age of { $age } passed: { $keeper } keeps where the records are in the stream, not the records
    }
shard-expired = { attempts-failed }, none succeeded, and the retention of { $retention } ended: the stream has deleted the records
shard-expired-or-kept = { attempts-failed }, none succeeded, and the retention of { $retention } ended: { $keeper } keeps where the records were, or nothing does
shard-at-least = at least so many records: no log line says how many a batch held
shard-too-old-by = inferred: nothing succeeded from the first attempt on, and by { $by } they were too old
shard-from-first-failed = the batch again from its first failed record on, after a wait that AWS does not publish
shard-mapping-says = inferred: its event source mapping's LastProcessingResult is "{ $result }", and no invocation failed
shard-age-rises = inferred: the iterator age rises by a minute a minute, and no invocation failed
shard-partial-not-logged = partial batch responses are not in the log: which invocation reported failed records is unknown
shard-broker = the broker's redelivery limit and its own DLQ decide
shard-retries-of =
    { $retries ->
        [one] 1 retry of a batch
       *[other] { $retries } retries of a batch
    }
shard-own-limit =
    { $own_limit ->
        [yes] { shard-retries-of } (Lambda's own limit where there is a destination and no other)
       *[no] { shard-retries-of }
    }
shard-retries =
    { $until ->
        [none] { shard-own-limit }; { keeps }
       *[other] { shard-own-limit }, or until { $until }; { keeps }
    }
shard-until-old = retried without limit until it is { $age } old; { keeps }
shard-until-expired = retried without limit until { $until }; expired then (predicted: AWS does not document what is written)
shard-until-disabled = retried until { $until }; then Lambda disables the event source mapping, and all that comes later is lost too
shard-until-unread = retried without limit until the topic's retention ends, which was not read

spent-by-one = , no retries left
spent-by-one-of = , so many that of { $at_a_time } batches at a time one has no retries left
spent-by-halves =
    { $records ->
        [one] , more than bisected batches explain: at least 1 record had no retries left
       *[other] , more than bisected batches explain: at least { $records } records had no retries left
    }
spent-by-rhythm = , as many as a batch has, after longer and longer waits, and then none, time and again
spent-by-passed-over = , and other records succeeded at once, sooner than any retry, time and again

until-age = it is { $age } old
until-retention = the retention of { $retention } ends
until-default-retention = the retention of { $retention } (default; longer where it was raised) ends
until-default-retention-of-seven-days = the retention of { $retention } (default; at most 7 d) ends

records-holds =
    { $records ->
        [one] { $queue } holds 1 record
       *[other] { $queue } holds { $records } records
    }

# Why the attempts of a function cannot be seen.

blind-spot-log-class = its log group is of class { $class }, which cannot be tailed
blind-spot-log-level = its system log level is { $level }, which leaves out START lines
blind-spot-log-unread = its log cannot be read ({ $why })
