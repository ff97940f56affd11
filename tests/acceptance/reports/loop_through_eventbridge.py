"""A bucket that feeds itself by way of EventBridge, which AWS's own loop detection does not stop: in `loops`, and in `status`."""

from reported import *  # noqa: F403

TEXT = '''
title = "a bucket that feeds itself by way of EventBridge"
[[bucket]]
name = "loop-bucket"
event_bus = true
[[rule]]
name = "on-object"
pattern = '{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["loop-bucket"]}}}'
target = [{ to = "copier" }]
[[function]]
name = "copier"
env = { BUCKET = "loop-bucket" }
[function.does]
work = "200ms"
steps = [{ put_object = { bucket = "{env.BUCKET}", key = "out/{uuid}", body = "x" } }]
[[script]]
at = "2s"
does = { put_object = { bucket = "loop-bucket", key = "first", body = "x" } }
'''
with scenario(TEXT, 20) as a:
    time.sleep(5)
    graph = a.json("graph")
    edges = {(e["from"].split(":")[-1], e["to"].split(":")[-1]) for e in graph["edges"]}
    print(edges, graph["loops"])
    assert any(f == "loop-bucket" and "on-object" in t for f, t in edges), "the bucket sends to the bus, and the rule takes from it"
    assert graph["loops"], "bucket, rule, function, bucket: a loop"
    emulators.wait_until(lambda: a.run("status").code == 1, 20, "a loop that runs is trouble")
