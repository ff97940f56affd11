# What a box says, in its few cells.

box-collapsed = healthy
box-healthy = { $n } OK
box-chains =
    { $n ->
        [one] 1 chain
       *[other] { $n } chains
    }
box-now = now
box-lost =
    { $least ->
        [yes] { $n }+ lost 1 h
       *[no] { $n } lost (1 h)
    }
box-maybe-lost = may be lost
box-lost-in =
    { $left ->
        [none] lost now
       *[other] lost in { $left }
    }
box-errors = { $n } in 5 min
box-disabled = Disabled
box-concurrency-zero = concurrency 0
box-not-read = not read
box-ago = { $age } ago
box-quiet = quiet
box-throttled = throttled
box-partial = partial
box-ok = OK
box-feeds = feeds { $n }
box-elsewhere = elsewhere
box-in = in { $left }
box-per-minute = { $n }/min
box-per-hour = { $n }/h
box-within = { $n } in { $age }
