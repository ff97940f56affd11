"""Retention below visibility timeout x maxReceiveCount: the message is deleted before it can be moved."""

from reported import *  # noqa: F403

TEXT = '''
title = "retention"
[[queue]]
name = "q"
visibility = "60s"
retention = "2m"
dlq = "dlq"
max_receives = 5
[[queue]]
name = "dlq"
[[function]]
name = "f"
[function.does]
work = "100ms"
print = ["INFO message {record.messageId}"]
fails = [{ error = "ValueError: always" }]
[[mapping]]
from = "queue:q"
to = "f"
[[script]]
at = "5s"
does = { send_message = { queue = "q", body = "poison" } }
'''
with scenario(TEXT, 10) as a:
    time.sleep(3)
    d = a.json("retries", "--since", "15m")["deliveries"][0]
    print(d.get("outlook"))
    assert d["outlook"]["fate"] in ("expired", "dropped"), f"deleted by retention before receive 5; told: {d['outlook']['fate']}"
    status = a.run("status").stdout
    print(status)
    assert "retention" in status.lower(), "the queue's settings alone tell that nothing ever reaches its dead-letter queue"
