# The frame of the screen: header, chain, footer, lists over the chain.

header-read-only = READ-ONLY
header-cached =
    { $age ->
        [none] from the cache
       *[other] cached { $age } ago
    }
header-survey = surveying { $done }/{ $total }
header-shares-calls = deployments share Lambda's 15 calls/s
header-calls =
    { $short ->
        [yes] { $rate }/s
       *[no] { $rate } calls/s
    }
header-paused = paused { $clock }
header-connecting = connecting
header-errors = errors
header-expired = expired
header-no-answer = no answer
header-as-of = as of { $clock }
header-late = { $clock }, { $age } ago

chain-title = Chain
chain-paused = paused
chain-last-known = last known values
chain-through = through { $name }
chain-collapsed = healthy collapsed
chain-not-inferred = no inferred edges
chain-hidden = { $n } hidden
chain-unread = { $n } not read
chain-connecting = connecting
chain-nothing-read = nothing could be read yet
chain-all-hidden = all names are hidden by your patterns
chain-drawing = drawing
chain-none-read = no chain could be read; { $n } not read (u)
chain-no-match = nothing matches { $scope }
chain-empty = no functions and no triggers in this account and region
chain-looking = looking for functions and their triggers

footer-move = move
footer-paused = paused
footer-of-speed = of { $speed }

pane-more = { $n } more
pane-of = of { $n }

find-title = Find
find-none = no name matches
palette-title = Commands
palette-none = no command matches

issues-title = Issues
issues-none = no issues
issue-invocations =
    { $n ->
        [one] 1 invocation
       *[other] { $n } invocations
    }
issue-since =
    { $longer ->
        [yes] since before { $time }
       *[no] since { $time }
    }
issues-none-yet = no issues so far: { $why }
issues-no-chain = nothing found: no chain in this account and region
unknown-title =
    { $unproved ->
        [0] Could not be read: { $unread }
       *[other] Could not be read: { $unread }; whether events arrive is unknown: { $unproved }
    }
unknown-none = everything could be read
unknown-none-yet = no errors so far; not everything was read yet

screen-too-small = pitagora needs { $needs } cells; this terminal has { $has }

# How old, and how long until.

age-fresh = fresh
age-old = { $age } old
about-a-minute = <1 min
about-minutes = ~{ $n } min

# An event that was dropped by hand, at its end: what it is called, its number, and how long it took.
marble-name = event
marble-done = { $name } { $n }: { $time }
marble-dead = { $name } { $n }: in { $place } after { $time }
marble-lost = { $name } { $n }: lost at { $place } after { $time }

# The corner of the stage.
stage-past = as it was, . goes on from here
stage-restarts = beginning anew
stage-waits = waiting
stage-camera = camera follows, c stops it
