# What must hold for a prediction: clauses that follow "only if".

condition-asynchronous = it was invoked asynchronously (its caller is unknown)
condition-asynchronous-not-by = it was invoked asynchronously, not by { $callers }
condition-last-attempt-failed = its last attempt failed, which no log line says
condition-returned = the invocation reported it as failed (partial batch responses are not in the log)
condition-receives-left = the message has receives left
condition-within-maximum-age = its wait ends within its maximum age of { $age }
condition-within-retention = the queue's retention of { $retention } has not ended by then
condition-not-throttled = it is not throttled then ({ $throttles } throttled in 15 min)
condition-concurrency-free = it is not throttled then (at reserved concurrency { $reserved })
condition-short-backlog =
    { $age ->
        [none] it is not held up in Lambda's queue (other attempts came late)
       *[other] it is not held up in Lambda's queue (AsyncEventAge { $age })
    }
condition-alias-defaults = alias { $alias } follows AWS's defaults (it has no configuration of its own, and AWS does not document whether it takes that of $LATEST)
condition-invoked-by = it was sent to { $qualifier }, not to { $others } (no log line says which, and their configurations differ)
condition-and = { $first }, and { $second }

# The same in a word or two, after "if".

condition-short-asynchronous = async
condition-short-failed = it failed
condition-short-returned = reported failed
condition-short-receives-left = receives left
condition-short-within-age = within its age
condition-short-within-retention = within retention
condition-short-not-throttled = not throttled
condition-short-no-backlog = no backlog
condition-short-alias-defaults = alias defaults
condition-short-qualifier = qualifier
