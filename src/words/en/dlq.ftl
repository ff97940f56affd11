# Dead letters: the queues, the messages of one, one message.

dlq-title = Dead letters
dlq-maybe-more = there may be more: { $why }
dlq-messages =
    { $shown ->
        [none] { $n ->
            [one] 1 message
           *[other] { $n } messages
        }
       *[other] { $shown } of { $n } messages
    }
dlq-redriven = { $n } redriven
dlq-came-back = { $n } came back
dlq-marked = { $n } marked
dlq-marking-range = marking a range
dlq-edited = { $n } edited
dlq-order = by { $order }
dlq-reading =
    { $tracing ->
        [yes] { $n } read and visible again; searching logs
       *[no] reading: { $n } so far, X stops
    }
dlq-run = { $run }, P shows it

dlq-no-queue = no dead-letter queue in this chain: after the last attempt, events are dropped
dlq-no-queue-yet = no dead-letter queue found so far: { $why }
dlq-queue-read = { $n } read { $time }
dlq-refused = not read by default
dlq-refused-why = not read by default: { $why }
dlq-empty = empty
dlq-expires =
    { $left ->
        [none] expires now
       *[other] expires in { $left }
    }
dlq-not-counted = not counted
dlq-expiry-unknown = expiry unknown
dlq-outlived = the retention of { $name } is the same or longer: a message may expire soon after it arrives here
dlq-not-read-yet = not read: SQS shows no message without a receive. Enter says what reading does, and asks.

dlq-none-in-flight = no message received: others have them in flight; read again once their visibility timeout has ended
dlq-none = no message received
dlq-all-redriven = all messages that were read were redriven; R reads the queue again
dlq-no-match = no message matches; Esc clears the filter
dlq-read =
    { $n ->
        [one] read { $time }, 1 receive
       *[other] read { $time }, { $n } receives
    }
dlq-receive-count =
    { $one ->
        [yes] , receive count { $counts }
       *[no] , receive counts { $counts }
    }
dlq-visible-again = , { $n } visible again
dlq-read-more = there may be more: R reads more
dlq-read-large = { $size } of messages read, the most at once: there may be more
dlq-stopped = stopped: there may be more
dlq-ended-early = ended early: { $why }
dlq-in-flight = { $n } in flight with others
dlq-fifo = FIFO: only the first of each group
dlq-invisible = { $n } invisible until { $time }
dlq-twice = { $n } came twice
dlq-not-read = not read: { $what }
dlq-one-of-n = one of { $n }
dlq-one-of = one of { $names }
dlq-no-function = function unknown
dlq-throttled = throttled, never invoked: no fault of the message
dlq-neighbour = healthy message of a failed batch (inferred)
dlq-batch-failed = its batch failed: { $error }
dlq-sent-not-deleted = sent { $time }, not deleted: --resume finishes it
dlq-back-with = came back (redriven { $time }): { $fault }

column-function = function
column-error = error
column-receives = rcv
column-expires = expires in
order-expiry = expiry
order-age = age
order-origin = origin
order-function = function
order-error = error
order-receives = receives
order-size = size
origin-sqs = SQS
origin-async = async
origin-destination = destination
origin-stream = stream
origin-sns = SNS
origin-rule = rule
origin-schedule = schedule
origin-pipe = pipe
origin-unknown = unknown

label-message = message
label-cause = cause
label-error = error
label-function = function
label-request = request
label-origin = origin
label-condition = condition
label-attempts = attempts
label-sent = sent
label-expires = expires
label-receives = receives
label-read = read
label-attributes = attributes
label-sqs = SQS
label-body = body
fact-edited = edited here; the queue still has the original
fact-throttled = throttled, never invoked: no fault of the message
fact-one-of = one of { $names }; which one is unknown
fact-no-function = unknown
fact-receives = { $before } before this read, { $now } now
fact-attribute = { $name } ({ $data_type }): { $value }
fact-bytes =
    { $bytes ->
        [one] { $name } ({ $data_type }): 1 byte
       *[other] { $name } ({ $data_type }): { $bytes } bytes
    }
