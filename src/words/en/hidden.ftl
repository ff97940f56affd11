# Messages that somebody else holds, and that are waited for.

hidden-waits =
    { $messages ->
        [one] about 1 message is
       *[other] about { $messages } messages are
    } in flight at another consumer, perhaps another pitagora. Expected to be visible again by { $until }, unless it extends that: waiting (--no-wait does not).
hidden-short =
    { $messages ->
        [one] about 1 message
       *[other] about { $messages } messages
    } in flight at another consumer: waiting, visible again by { $until }, X stops
hidden-left-out =
    { $messages ->
        [one] about 1 message is
       *[other] about { $messages } messages are
    } in flight at another consumer, perhaps another pitagora, and expected to be visible again by { $until }: not part of this redrive.
