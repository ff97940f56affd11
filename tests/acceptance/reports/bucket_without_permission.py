"""A bucket notifies a function whose policy no longer lets it: no event arrives, no metric tells. Configuration alone proves it."""

from reported import *  # noqa: F403

TEXT = '''
title = "a bucket without permission"
[[bucket]]
name = "inbox"
notify = [{ to = "function:on-s3" }]
[[function]]
name = "on-s3"
[[script]]
at = "2s"
deny = { function = "on-s3", service = "s3" }
[[traffic]]
every = "20s"
does = { put_object = { bucket = "inbox", key = "a{n}", body = "x" } }
'''
with scenario(TEXT, 5) as a:
    time.sleep(3)
    done = a.run("status")
    print(done.stdout)
    assert done.code == 1 and "permission" in done.stdout.lower(), "the notification cannot arrive, and nothing is said"
