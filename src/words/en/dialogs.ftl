# What is asked in the last line.

ask-text = only messages that contain:
ask-jq = only messages that match this jq condition:
ask-export = export the messages to this file:
ask-delete-to = first export the messages to this file:
ask-delete-name = type { $queue } to delete these messages for good:
ask-read-anyway = type "{ $word }" to read it anyway:
ask-elsewhere = queue or function to send to (empty: where each came from):
ask-redrive-name = type { $queue } to redrive:

# Buttons.

button-cancel = Cancel
button-back = Back
button-read =
    { $anyway ->
        [yes] Read anyway
       *[no] Read
    }
button-read-more = Read more
button-keep-edit = Keep edit
button-drop-edit = Drop edit
button-redrive = Redrive
button-redrive-n = Redrive { $n }
button-send-canary = Send canary
button-send-rest = Send the remaining { $n }
button-engine = Switch engine
button-target = Choose target
button-elsewhere = Send elsewhere
button-invoke-anyway =
    { $on ->
        [yes] Do not invoke
       *[no] Invoke anyway
    }
button-stop = Stop

# What is asked before messages are read, edited or redriven.

dialog-read = Read { $queue }, { $max } messages at most
dialog-edited = Edited: nothing sent yet
dialog-no-json = the original is JSON, the edit is not

preview-title = Redrive from { $queue }: preview, nothing sent yet
preview-looking-up = looking up each message's target
preview-bounce = a message that fails again is back here { $after } after it was sent, at the earliest
preview-chosen = of { $names }, { $choice } is chosen
preview-choose = which of { $names } a message is for is unknown: choose, or it stays
preview-confirm = { $why }: type the queue's name to confirm
preview-way =
    { $n ->
        [one] 1 message
       *[other] { $n } messages
    } to { $target }, { $form }{ $edited ->
        [0] {""}
       *[other] , { $edited } edited
    }
preview-elsewhere = they can be sent to a queue or function of your choice: Send elsewhere
preview-cause = Is the cause fixed?
preview-no-function = unknown which function these messages would invoke
preview-name-without-canary = to redrive all at once, without a canary, type the queue's name
preview-name-anyway = to redrive anyway, type the queue's name
preview-stay =
    { $n ->
        [one] 1 stays: { $reason }
       *[other] { $n } stay: { $reason }
    }
target-queue = queue { $name }
target-fifo-queue = FIFO queue { $name }
target-function = function { $name }
target-topic = topic { $name }
form-same = as it is, with all its attributes
form-invoked = invoked with the event that failed
form-batch = its records read again from the shard, invoked synchronously
form-notification = invoked with the topic's notification
form-input = with the target's input for the event
form-event = the event that failed

run-title = Redrive from { $queue }
run-starting = starting
run-canary = canary on its way
run-canary-waits = canary sent, { $n } waiting
run-redriving = redriving: { $n } of { $all }
run-moving = SQS is moving messages
run-moved = SQS moved about { $n }
run-task =
    { $all ->
        [none] SQS moved about { $n }, { $status }; its counts lag
       *[other] SQS moved about { $n } of about { $all }, { $status }; its counts lag
    }
run-task-asked = SQS was asked to move the queue
run-task-failed = the move task failed: { $failure }
run-task-cancelling = cancelling: SQS may move a few more
run-stopped-at-canary =
    { $n ->
        [one] stopped after the canary: 1 message stays
       *[other] stopped after the canary: { $n } messages stay
    }
run-came-in =
    { $n ->
        [one] 1 message
       *[other] { $n } messages
    } arrived since the redrive ended ({ $now } now, { $then } then), counted { $time }: read again to see which came back
run-sent = { $n } of { $all } redriven to { $to }
run-sending = sending
run-closing = checking that the queue has none of them left
run-rate-left = { $rate }/s, { $left } left
run-deleted = { $n } deleted from { $queue }
run-target =
    { $back ->
        [none] when a message that fails again is back here is unknown
       *[other] a message that fails again is back here from { $back } on
    }; target since then: { $n ->
        [one] 1 invocation
       *[other] { $n } invocations
    }, { $failed } failed
run-unanswered =
    { $n ->
        [one] 1 send got no answer: it may be there twice
       *[other] { $n } sends got no answer: they may be there twice
    }
run-stopping = stopping: finishing what was begun; the rest is made visible again
run-done = done: { $sent } sent, { $deleted } deleted
run-over = { $chosen } chosen, { $sent } sent, { $deleted } deleted, { $stayed } stayed
run-stayed = stayed: { $id }: { $why }
run-twice = may be at its target twice: { $id }
run-journal = journal: { $path }
run-audit = audit log: { $path }
run-journal-failed = could not write the journal: { $why }. Free some space, then go on with `pitagora dlq redrive --resume`
run-more = { $n } more messages are in the queue: they are new, or in flight at another consumer
