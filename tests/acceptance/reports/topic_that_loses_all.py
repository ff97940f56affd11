"""A topic whose subscriber may not be invoked, without a subscription dead-letter queue: NumberOfNotificationsFailed, all are lost."""

from reported import *  # noqa: F403

TEXT = '''
title = "a topic that loses all"
history = "30m"
[[function]]
name = "bad"
[[topic]]
name = "t"
subscribe = [{ to = "function:bad", unpermitted = true }]
[[traffic]]
every = "20s"
does = { publish = { topic = "t", message = "x" } }
'''
with scenario(TEXT, 5) as a:
    time.sleep(4)
    done = a.run("status")
    print(done.stdout)
    assert done.code == 1 and re.search(r"\blost\b", done.stdout, re.I), "every notification is lost, and nothing is said"
