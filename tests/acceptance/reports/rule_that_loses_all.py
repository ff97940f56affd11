"""A rule whose only target may not be invoked, without a dead-letter queue: FailedInvocations, every event is lost. `status` must say so and exit 1."""

from reported import *  # noqa: F403

TEXT = '''
title = "a rule that loses all"
history = "30m"
[[function]]
name = "bad"
[[rule]]
name = "r"
pattern = '{"source":["shop"]}'
target = [{ to = "bad", unpermitted = true }]
[[traffic]]
every = "20s"
does = { put_events = { source = "shop", detail_type = "t", detail = '{"n":1}' } }
'''
with scenario(TEXT, 5) as a:
    time.sleep(4)
    done = a.run("status")
    print(done.stdout)
    assert done.code == 1, "every event of the rule is lost, and nothing is said"
    assert re.search(r"\blost\b", done.stdout, re.I) and "permission" in done.stdout.lower(), "say that events are lost, and that the permission is missing"
