# Why a name is not that of a target. Without a full stop.
target-several = a queue and a function are named { $name }: use the ARN of one
target-nobody = no queue or function { $name } in this chain: check the name
target-here = the messages are in that queue: name another one

# Why a move task cannot move these messages.
no-move-no-source = no SQS queue uses it as its dead-letter queue
no-move-other-sources = others than SQS write to it, and SQS knows no target for their messages
no-move-selection = it moves whole queues, not a selection
no-move-queues-only = it moves to queues only
no-move-fifo-and-standard = both queues must be FIFO, or both standard
no-move-rate = it moves at most 500 messages per second
no-move-sent-before = an earlier redrive has sent some of these messages

# Why nothing came back from the editor.
editor-no-file = could not write a file for the editor ({ $why })
editor-not-started = could not start the editor ({ $why }): set EDITOR
editor-unread = could not read the edited message ({ $why })
editor-failed = the editor ended with { $status }: nothing was changed
editor-lost = the end of the editor is unknown ({ $why }): nothing was changed
