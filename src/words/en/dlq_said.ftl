# Why work on dead letters was not done.
dlq-error-read-only = This account is read-only (--read-only, or read_only in the configuration): nothing was changed.
dlq-error-no-queue = No queue { $queue } in this account and region: see `pitagora dlq list`.
dlq-error-attributes-unread = Could not read the attributes of queue { $queue } ({ $why }).
dlq-error-not-surveyed = The attributes of { $queue } have not been read yet: retry in a moment.
dlq-error-unread = Could not read { $queue } ({ $why }): nothing was received.
dlq-error-guarded = { $against }: nothing was read.
dlq-error-exists = { $path } exists and is not overwritten: choose another file.
dlq-error-no-file = { $path } is { $what }, not a regular file: choose another file.
dlq-error-unwritten = Could not write { $path } ({ $why }): no file was created.
dlq-error-no-home = No home directory for the journal: set HOME.
dlq-error-edits = Could not save the edits beside the journal ({ $why }): nothing was sent. Check the disk.
dlq-error-edits-unread = Could not read the edits beside the journal ({ $why }): nothing was sent.
dlq-error-other-account = The journal belongs to account { $account } in { $region }: use that profile and region.
dlq-error-other-endpoint = { $endpoint ->
        [none] The journal belongs to AWS itself: resume it without --endpoint-url.
       *[other] The journal belongs to another endpoint: resume it at { $endpoint }.
    }
dlq-error-journal = { $why }
dlq-error-move-refused = Could not start the move task ({ $why }): use the client engine.
dlq-error-move-unread = Could not read the progress of the move task ({ $why }); SQS keeps moving messages.
dlq-error-move-unnamed = SQS did not return the handle of the move task that it started: check the queue.

# What went wrong beside the work, which goes on.
dlq-trouble-audit = Could not write to the audit file ({ $why }).
dlq-trouble-edits = Could not remove the edits beside the journal ({ $why }).
dlq-trouble-not-cancelled = Could not cancel the move task ({ $why }).
dlq-trouble-task-failed = The move task failed: { $why }.
dlq-trouble-uncounted = Whether the queue is empty now is unknown ({ $why }).
dlq-trouble-came-in = { $count ->
        [one] The queue has 1 message: SQS moved all that were there at the start, so it arrived meanwhile.
       *[other] The queue has { $count } messages: SQS moved all that were there at the start, so these arrived meanwhile.
    }

# What is said on screen of work on dead letters.
dlq-said-nothing-goes = No message can be redriven: nothing was sent.
dlq-said-busy = Another operation is in progress: wait for it, or stop it.
dlq-said-not-read = The queue has not been read yet: nothing was done.
dlq-said-exported = { $count ->
        [one] Exported 1 message to { $path }.
       *[other] Exported { $count } messages to { $path }.
    }
dlq-said-deleted = { $gone } of { $wanted } messages of { $queue } were deleted.{ $missing ->
        [0] { "" }
       *[other] { " " }The others were not found again or could not be deleted: read the queue again.
    }{ $stuck ->
        [0] { "" }
       *[other] { " " }{ $stuck } others become visible again by themselves.
    } A copy is in { $path }.
dlq-said-not-deleted = { $why } Nothing was deleted.

# Why the queue's name is to be typed before a redrive.
dlq-confirm-production = this is a production account
dlq-confirm-many = more than ten messages
