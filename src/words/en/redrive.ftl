# How a redrive goes, a line each.

course-client = engine client: pitagora, message by message
course-move-task = engine move-task: SQS itself moves the whole queue, also what was not read; after a cancel it may move a few more
course-messages = messages: { $messages } to { $to }
course-no-target = messages: { $messages } to nothing
course-no-canary = canary: none
course-alone = canary: none: one message is its own, and the exit code is 3 unless its invocation succeeds
course-canary =
    canary: { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    } first{ $by_client ->
        [yes] { " " }by the client engine
       *[no] { "" }
    }, { $proves ->
        [yes] the rest follows once an invocation of its target has succeeded
       *[no] the rest waits for your confirmation
    }
course-journaled-all =
    { $place ->
        [none] journaled: each message
       *[other] journaled: each message, in { $place }
    }
course-journaled-canary =
    { $place ->
        [none] journaled: the canary only; SQS writes no journal of the rest
       *[other] journaled: the canary only, in { $place }; SQS writes no journal of the rest
    }
course-journaled-nothing = journaled: nothing: SQS writes no journal
course-pace =
    rate: { $rate ->
        [none] not limited
       *[other] at most { $rate } messages/s
    }; order: { $ordered ->
        [yes] kept within each message group
       *[no] not kept
    }

# Why a message stayed, or was not sent yet.

stays-answer = { $why }
stays-unnamed = the answer does not name it
stays-unanswered = the run ended before its answer
stays-unknown = whether its target has it is unknown
stays-edit-lost = its edit is no longer beside the journal: read the queue again, and edit it anew
stays-stopped = the run was stopped
stays-stopped-at-canary = the run was stopped after the canary
stays-task-ended =
    { $failure ->
        [none] the task ended as { $status }
       *[other] the task ended as { $status } ({ $failure })
    }
stays-target-fails = the target fails again ({ $failed } of { $all } invocations)
stays-journal-failed = the journal could not be written ({ $why })
stays-sent-journal-failed = sent, and still in the queue: the journal could not be written ({ $why })
stays-not-in-hand = it was not in hand any more
stays-group-stopped = an earlier message of its group stayed
stays-not-seen-again = it did not come again: somebody else holds it, or it is no longer there
stays-another-message = another message came under its ID
stays-not-deleted = sent, and still in the queue: it could not be deleted
stays-delete-uncertain = sent, and perhaps still in the queue: it was deleted with a receipt handle that may have been old
stays-unconfirmed = its deletion is not confirmed
stays-order-lost = its order among the records of its shard is lost

# Why a message cannot be sent.

unsendable-too-long = it is { $bytes } bytes, and its target takes { $most } at most (MaximumMessageSize)
unsendable-sent-earlier = an earlier run has sent it and did not delete it: finish that one, by pitagora dlq redrive --resume { $journal }
unsendable-other-text-earlier = an earlier run has sent it, or may have, with another text: go on with that one first, by pitagora dlq redrive --resume { $journal }
unsendable-target-unnamed = it does not name its target
unsendable-from-pipe = a pipe takes nothing but from its own source
unsendable-origin-unknown = nothing says where it comes from
unsendable-one-of = it may be of { $functions }, and nothing says which
unsendable-function-unnamed = it names no function
unsendable-subscriber-unknown = nothing says which subscriber it was for
unsendable-subscriber-outside = its subscriber takes HTTP or email, which only its topic can deliver
unsendable-no-arn = its target { $target } is no ARN
unsendable-service-unserved = a target of the service { $service } cannot be served from here
unsendable-queue-not-found = the queue { $queue } cannot be found
unsendable-unguarded = { $why }
unsendable-event-missing = it does not hold the event that failed
unsendable-batch-missing = it does not name a batch of a stream
unsendable-kafka =
    its records ({ $records }) are in their Kafka topic, which pitagora cannot read: to process them again, add a second event source mapping with a consumer group of its own and StartingPosition { $since ->
        [none] AT_TIMESTAMP
       *[other] AT_TIMESTAMP { $since }
    }, and delete it when it has passed them
unsendable-notification-missing = its body is no notification of a topic
unsendable-input = { $why }
unsendable-nothing-to-edit = it names a batch and holds no event: there is nothing in it to edit
unsendable-not-json = its body is no JSON, and a function takes nothing else
unsendable-group-missing = it has no message group, and a FIFO queue takes none without

unguarded-switched-off = reserved concurrency of { $name } is 0
unguarded-uncaught = { $name } has no dead-letter queue and no on-failure destination, so that what fails again would be lost

input-not-json = its body is no event in JSON
input-nothing-at = its event has nothing at the target's InputPath { $path }

# The option of the command line by which a message goes all the same.

remedy-raise-or-to = raise that, or choose a target with --to
remedy-to = choose a target with --to
remedy-one-to = choose one with --to
remedy-invoke-anyway = --invoke-anyway invokes it all the same

# Why a journal cannot be used.

unusable-no-header = it does not begin with the header of a redrive journal
unusable-version = it was written by another version of pitagora (format { $format })
unusable-damaged = line { $line } is damaged, so what was sent is unknown: restore the journal from a copy
