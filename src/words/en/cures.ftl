# What happens next, or what to do. Advice never says "fix the function" where it did not fail.

next-allowed-now =
    { $topic ->
        [yes] the subscriber's policy allows it now: check whether the subscriber was throttled or unavailable; add a DLQ to each subscription
       *[no] the target's policy allows it now: check whether the target was throttled or unavailable, and the retry policy; add a DLQ to each target
    }
next-check-permission =
    { $topic ->
        [yes] check the subscriber's permission (resource policy or role), then add a DLQ to each subscription
       *[no] check the target's permission (resource policy or role), then add a DLQ to each target
    }
next-check-role = check that its role may invoke its target (permission), then add a DLQ
next-check-roles = check that each schedule's role may invoke its target (permission), then add a DLQ to each
next-check-keepers-of-schedules = check that each schedule's DLQ exists, and that the schedule's role may write to it
next-create-target = create { $name }, or name one that exists
next-then-add-dlq =
    { $topic ->
        [yes] then add a DLQ to each subscription
       *[no] then add a DLQ to each target
    }
next-then-let-dlq-write = for its DLQ { $name }: { $advice }
next-then-add-dlqs = then add a DLQ to each schedule
next-check-function-role = check that the function's role may write to its dead-letter queue (permission, key), and that the queue exists
next-check-queue-policy = check that the queue's policy allows it (permission, key), and that the queue exists
next-check-destination = check that the function's role may write to its on-failure destination (permission, key)
next-create-dlq = its DLQ { $name } does not exist: create it, or set one that exists
next-create-destination = its destination { $name } does not exist: create it, or set one that exists
next-check-keepers = check that the DLQs and on-failure destinations exist, and that the functions' roles may write to them
next-fix-and-keep = fix the function, then add a DLQ or an on-failure destination
next-fix-and-subscribe = fix the function, then subscribe a queue to the topic { $topic }
next-raise-reserved = its reserved concurrency is 0, so that nothing is invoked: raise it, then add a DLQ or an on-failure destination
next-throttled = it was throttled until events were too old, and did not fail: raise its concurrency or the maximum event age, then add a DLQ or an on-failure destination
next-fix-or-raise-retention = fix the function, or raise the retention
next-empty-and-raise-retention = redrive or save its messages, then raise its retention (14 d at most)
next-enable-or-raise-retention = enable the event source mapping or fix its function, or raise the retention
next-fix-and-add-destination = fix the function, then add an on-failure destination to the mapping
next-allow-event-invoke-configs = allow lambda:ListFunctionEventInvokeConfigs to find out
next-allow-topic-attributes = allow sns:GetTopicAttributes to find out
next-add-dlq-to-subscriptions = add a DLQ to each subscription: what it cannot keep has a metric of its own

# Against losses to come.

next-first-attempt = find out why the first attempt fails, and add { $add }
keeper-dlq = a DLQ
keeper-destination = an on-failure destination to the mapping
keeper-change-stream = to the change stream's retention
next-add-dlq-before = fix the function before then, or add a DLQ
next-set-one-that-exists = fix the function before then, or set one that exists
next-subscribe-before = fix the function before then, or subscribe a queue to the topic
next-raise-queue-retention = fix the function before then, or raise the queue's retention
next-raise-change-stream-retention = fix the function before then, or raise the retention of the cluster's change stream
next-limit-retries = fix the function before then, or limit the mapping's retries and add an on-failure destination
next-add-destination-before = fix the function before then, or add an on-failure destination to the mapping
next-enable-before = enable the event source mapping before then, or raise the queue's retention
next-redrive-before = redrive or save its messages before then, and raise its retention (14 d at most)
next-read-faster = let more of it be read at once (concurrency, batch size), or raise its retention (14 d at most)
next-enable-or-delete = records that come in expire unread: enable the event source mapping, or delete it if another consumer reads them

# Functions.

next-set-reserved = asynchronous events go straight to the dead-letter queue or are dropped; set a concurrency above 0
next-nothing-starts-it = nothing is known to start it: nothing is lost as long as nobody invokes it
next-state-undocumented = AWS does not document whether it can be invoked in this state
next-deploy-again = it cannot be invoked until it is deployed again
next-saved-so-far = retries save its events so far: { $count } in the last hour, none lost
next-deployed-since = deployed since, and not invoked yet
next-nothing-since = nothing was deployed or invoked since
next-to-dlq = after the last attempt, events go to the DLQ { $name }
next-to-destination = after the last attempt, events go to the on-failure destination { $name }
next-dlq-gone = after the last attempt, events are lost: the DLQ { $name } does not exist
next-destination-gone = after the last attempt, events are lost: the on-failure destination { $name } does not exist
next-topic-unheard = after the last attempt, events are lost: the topic { $name } has no subscription
next-open-logs = open logs (L)
next-raise-before-redrive = raise its concurrency before a redrive: until then messages use up their receives and move to the DLQ
next-raise-concurrency = raise its concurrency: from a queue, throttling uses up receives until messages move to the DLQ
next-fix-what-it-names = the mapping goes on retrying; fix what it names
next-fix-items = { next-its-own-log }; then add a DLQ to { $queue ->
        [none] its queue
       *[other] { $queue }
    }
next-its-own-log = Lambda writes no line of a failed item: look for what the function itself logs (L)

# Queues and streams.

next-expires-after =
    { $retention ->
        [none] its retention was not read
       *[other] each expires { $retention } after it { $from_arrival ->
            [yes] arrived here
           *[no] was first enqueued
        }
    }
next-queue-settings = { $failing ->
        [yes] failing messages are deleted
       *[no] a message that failed each time would be deleted before its DLQ gets it
    }: raise the retention, or lower maxReceiveCount or the visibility timeout
next-raise-dlq-retention = raise this retention (14 d at most): what waited long before it failed is deleted here soon, or at once
next-waits-until-enabled = messages wait until it is enabled, and are deleted when their retention ends
next-readers-too-slow = its readers do not keep up
next-allow-source = set RedriveAllowPolicy of { $queue } to allowAll, or to byQueue with this queue among sourceQueueArns
next-retention = records are lost when they reach the stream's retention
next-left =
    { $left ->
        [none] by now
       *[other] in { $left }
    }
next-maximum-age =
    { $kept ->
        [yes] records go to the on-failure destination when they reach the mapping's maximum record age: { $after }, { next-left }
       *[no] records are lost when they reach the mapping's maximum record age: { $after }, { next-left }
    }
next-stream-retention = records are lost when they reach the stream's retention: { $after }{ $assumed ->
        [yes] {" "}unless raised
       *[no] {""}
    }, { next-left }{ $disables ->
        [yes] , then Lambda disables the mapping
       *[no] {""}
    }
next-lower-maximum-age = a record that fails so long expires without notice: set a maximum age below the retention, or a limit of retries

# Configuration.

next-sent-in-vain = events sent there are lost or retried in vain
next-not-read-until-enabled = nothing is read from there until it is enabled
next-starts-nothing = it starts nothing until it is enabled
next-undetected = Lambda's recursive loop detection does not see a loop through { $through }; a reserved concurrency of 0 for { $function } stops it
next-loop-allowed = recursive loop detection is set to Allow: nothing stops it
next-loop-stopped = AWS stops it after about 16 rounds through Lambda, SQS, SNS and S3, and nowhere else

# What becomes of what cannot arrive.

next-messages-expire = its messages wait, and expire { $retention } after they were first enqueued
next-messages-wait = its messages wait until the retention ends
next-records-wait = its records wait until the retention ends
next-waiting-lost = what waits there is lost when its retention ends
next-to-its-dlq = every event goes to dead-letter queue { $queue }
next-all-lost =
    { $unwritable ->
        [none] { $no_dlq ->
            [yes] { $what } (no dead-letter queue)
           *[no] { $what }
        }
       *[other] { $what } (its dead-letter queue { $unwritable } cannot be written)
    }
next-sent-lost = what should go there is lost
next-own-key = encrypt it with a customer managed key
next-change-statement = change or remove statement { $statement }
sent-notifications = every notification is lost
sent-log-events = none of its log events is delivered there
sent-events = every event is lost
