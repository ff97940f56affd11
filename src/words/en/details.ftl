# The details of a box.

details-no-links = no links found
details-disabled = disabled
details-via = via the { $via }
details-cut = nothing can arrive: { $why }
details-doubt = whether events arrive is unknown: { $why }
details-traffic =
    { $shared ->
        [yes] traffic { $age } ago, this way or another
       *[no] traffic { $age } ago
    }
