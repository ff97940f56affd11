# Why nothing arrives at a target, and what is not known of it: clauses about the target.

source-bucket = this bucket
source-topic = this topic
source-log-group = this log group
source-alarm = this alarm
source-rule = this rule

permissions-no-statement = no statement in its policy allows { $service } for { $source }
permissions-only-sources = its policy allows { $service } for { $allowed } only, not for { $source } ({ $arn })
permissions-only-accounts = its policy allows { $service } for account { $allowed } only, not for { $source } of { $account }
permissions-only-resources = its policy allows { $service } to reach { $allowed } only, not { $resource }
permissions-only-with-key =
    { $present ->
        [yes] its policy allows { $service } only for requests with { $key }, unlike those for { $source }
       *[no] its policy allows { $service } only for requests without { $key }, unlike those for { $source }
    }
permissions-only-under-condition = its policy allows { $service } only under a condition on { $key } ({ $values }) that { $source } does not fulfil
permissions-denied = statement { $statement } in its policy denies { $service }
permissions-gone = it does not exist
permissions-aws-managed-key = it is encrypted with { $key }, a key that AWS manages and that admits no service
permissions-fifo = AWS delivers nothing from there to a FIFO queue or topic
permissions-mapping-off = its event source mapping is disabled
permissions-state = it is in state { $state }

permissions-missing =
    { $nearest ->
        [none] permission { $action } is missing
       *[other] permission { $action } is missing; nearest statement: { $nearest }
    }
permissions-action-denied = permission { $action } is denied
permissions-not-listed = named by a configuration, and not among what the account lists
permissions-key-policy-fixed = the key's policy cannot be changed

permissions-policy-unread = its policy was not read
permissions-state-unread = its state was not read
permissions-depends-on = it depends on { $what }, which is not read
permissions-conditions-unknown = its policy depends on { $keys }, which is not known here
permissions-organisation-unread = its policy allows an organization ({ $conditions }), and which one this account is in was not read
permissions-role-unread =
    { $role ->
        [none] it depends on a role, which is not read
       *[other] it depends on role { $role }, which is not read
    }
permissions-key-unread = it depends on the policy of key { $key }, which is not read
permissions-elsewhere = it is in another account or region
permissions-state-undocumented = AWS does not document whether it can be invoked in state { $state }
permissions-allow = allow it: { $command }
permissions-add-statement = add this statement to its policy: { $statement }

# What a link does with its target, as in "cannot invoke thumb".

does-write-dead-letter-queue = write its dead-letter queue { $name }
does-send-dead-letters = send dead letters to { $name }
does-write-destination = write its destination { $name }
does-invoke = invoke { $name }
does-publish = publish to { $name }
does-send = send to { $name }
does-reach = reach { $name }

permissions-cannot = cannot { $does }: { $why }
permissions-whether = whether { $from } may { $does }
