"""A stream keeps records 24 h: a maximum record age of 7 days ends at 24 h, silently, not in the on-failure destination after 7 days."""

from reported import *  # noqa: F403

TEXT = '''
title = "table age"
[[table]]
name = "orders"
stream = true
[[queue]]
name = "stream-dlq"
[[function]]
name = "poisoned"
[function.does]
work = "100ms"
fails = [{ error = "ValueError: always" }]
[[mapping]]
from = "table:orders"
to = "poisoned"
max_age = "7d"
on_failure = "queue:stream-dlq"
[[script]]
at = "5s"
does = { put_item = { table = "orders", item = { id = "1" } } }
'''
from datetime import datetime, timedelta
with scenario(TEXT, 30) as a:
    time.sleep(4)
    d = a.json("retries", "--since", "30m")["deliveries"][0]
    print(d["outlook"])
    start = datetime.fromisoformat(d["attempts"][0]["start"].replace("Z", "+00:00"))
    latest = datetime.fromisoformat(d["outlook"]["latest"].replace("Z", "+00:00"))
    assert latest - start < timedelta(hours=25), f"gone after 24 h; told: {latest - start}"
    assert d["outlook"]["fate"] == "expired", f"nothing is written to the destination; told: {d['outlook']['fate']}"
