# Whether the cause is fixed: what would make messages fail again. Times are how long ago; the window is 15 min.

check-throttled =
    { $function }: throttled { $times ->
        [one] once
       *[other] { $times } times
    } in the last { $within_s ->
        [900] 15 min
       *[other] 1 h
    }, the last time { $last } ago { $reserved ->
        [none] (no reserved concurrency: the account's is used up): messages may come back without an invocation
       *[other] (reserved concurrency { $reserved }): raise it, or the messages come back without an invocation
    }
check-concurrency-zero = { $function }: reserved concurrency is 0, so every invocation is throttled: set it above 0
check-concurrency-low =
    { $function }: reserved concurrency { $reserved }, and its mapping asks for { $wanted } at once (the messages are { $batches ->
        [one] 1 batch
       *[other] { $batches } batches
    }): expect throttling, and each throttled receive counts. Raise it, or limit the redrive with --rate
check-mapping-disabled = { $function }: its event source mapping on { $queue } is { $state }: messages would wait there until they expire. Enable it
check-mapping-refused = { $function }: its event source mapping on { $queue } reports a missing permission: LastProcessingResult "{ $result }"
check-state-refuses =
    { $why ->
        [none] { $function }: the function is in state { $state }: deploy it again
       *[other] { $function }: the function is in state { $state } ({ $why }): deploy it again
    }
check-missing = { $target } does not exist
check-denied = { $source } cannot reach { $target }: { $why }
check-failing =
    { $function }: { $failed ->
        [0] { $in_row ->
            [0] its last invocation failed
            [one] its last invocation failed
           *[other] its last { $in_row } invocations failed, the last one
        } { $last } ago{ $in_row ->
            [0] { "" }
            [one] { "" }
           *[other] { "," }
        } and nothing was deployed since
       *[other] { $failed } of { $of } invocations failed { $since ->
            [none] in the last 15 min
           *[other] since it was deployed { $since } ago
        }{ $last ->
            [none] { " " }(metric Errors; the log has none)
           *[other] , the last one { $last } ago
        }
    }{ $error ->
        [none] { "" }
       *[other] : { $error }
    }
check-filtered-out =
    { $function }: the filter of its event source mapping on { $queue } does not match { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    }, so that it would delete them: change the filter, or choose a target with --to
check-partial-failures =
    { $function }: { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    } from { $queue } died although no invocation failed: it succeeds and returns them as batchItemFailures. Its log may say why
check-still-dying =
    { $queue }: { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    } came in within the last 15 min, the last one about { $last } ago; { $changed ->
        [none] no change of its function is known
       *[other] the last deployment or mapping change was { $changed } ago
    }, before their first attempt
check-own-queue-grew =
    { $target }: its own dead-letter queue { $queue } got { $by ->
        [one] 1 message
       *[other] { $by } messages
    } in the last 15 min

# What could not be looked at.

check-gap-function = { $function }: whether it can be invoked is unknown: its state and reserved concurrency could not be read ({ $why })
check-gap-mappings = { $queue }: what reads it is unknown: event source mappings could not be read (allow lambda:ListEventSourceMappings)
check-gap-metrics = { $function }: whether it is throttled is unknown: its metrics could not be read ({ $why })
check-gap-log = { $function }: whether its invocations fail is unknown: its log could not be read ({ $why })
check-gap-unproved =
    { $function }: no invocation is known to have succeeded{ $died ->
        [none] { "" }
       *[other] { " " }since the messages died
    }: not proved that the cause is fixed{ $unread ->
        [none] { "" }
       *[other] . { $unread }
    }
check-gap-filtered = { $function }: its event source mapping on { $queue } has a filter, and SQS messages that it does not match are deleted: whether it matches these is unknown. Compare it with one of them
check-gap-no-target = no target is known for any of these messages

check-said-unread =
    { $since ->
        [none] Its log was not read { $wanted } back: { $why }
       *[other] Its log was read { $since } back and not { $wanted }: { $why }
    }
check-stopped-pages =
    { $pages ->
        [one] 1 page is read at most
       *[other] { $pages } pages are read at most
    }
check-stopped-seconds = it takes longer than { $seconds } s
check-stopped-failed = { $why }

# What decides nothing.

check-note-succeeds =
    { $function }: { $invocations ->
        [0] last success { $last } ago, no failure since
       *[other] { $invocations ->
            [one] 1 invocation
           *[other] { $invocations } invocations
        } { $since ->
            [none] { $read_since ->
                [none] in the last 15 min
               *[other] in { $read_since }
            }
           *[other] since it was deployed { $since } ago
        }, none failed; last success { $last } ago
    }
check-note-not-invoked =
    { $changed ->
        [none] { $function }: not invoked in the last 15 min: not known to be fixed
       *[other] { $function }: not invoked since it was deployed { $changed } ago: not known to be fixed
    }
check-note-other-errors =
    { $function }: { $failed ->
        [one] 1 invocation
       *[other] { $failed } invocations
    } failed in the last 15 min, with another error than these messages: { $error }
check-note-partial-failures-before =
    { $function }: { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    } from { $queue } died although no invocation failed: it returned them as batchItemFailures. It was changed since; that others succeed does not prove that these will: only a canary proves it
check-note-failed-alone =
    { $function }: { $messages ->
        [one] 1 message
       *[other] { $messages } messages
    } failed in minutes in which other invocations succeeded: that others succeed now does not prove that these will: only a canary proves it
check-note-limit-raised =
    { $function }: { $last ->
        [none] its messages were throttled
       *[other] throttled { $times ->
            [one] once
           *[other] { $times } times
        }, the last time { $last } ago
    }; its limit is no longer in the way: { $reserved ->
        [none] none is reserved now (if none was then, the account's was used up)
       *[other] { $wanted ->
            [none] reserved concurrency is { $reserved }
           *[other] reserved concurrency { $reserved } covers the { $wanted } that may be asked for
        }
    }; not proven yet: only a canary proves it
check-note-throttled-before =
    { $function }: throttled { $times ->
        [one] once
       *[other] { $times } times
    } in the last 15 min, the last time { $last } ago; its limit is no longer in the way
check-note-concurrency-tight = { $function }: reserved concurrency { $reserved }: a rate that is too high is throttled
check-note-nobody-reads = { $queue }: no function of this chain reads it: whether its reader works is not known
check-note-cut-link = { $source } cannot reach { $target }: { $why }. A redrive goes around that; new messages keep failing until it is fixed
check-note-whole-batches = { $function } on { $queue }: ReportBatchItemFailures off: one failure retries the whole batch (batch size { $batch })

# What comes of it.

check-said-passed = nothing found that speaks against a redrive
check-said-unproven = not proven yet: only a canary proves it
check-said-nothing-proves = unknown: nothing proves that the cause is fixed
check-said-unknown = unknown: not everything could be read
check-said-failed = no: messages would fail again
