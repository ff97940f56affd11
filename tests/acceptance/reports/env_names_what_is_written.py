"""Variables as public templates have them: an ARN or URL in JSON or a list, a function by its name, a stream that nobody reads."""

from reported import *  # noqa: F403

with account("demo") as a:
    a.client("sqs").create_queue(QueueName="orders")
    a.client("sns").create_topic(Name="alerts")
    a.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    url, arn = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders", f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
    cases = {
        "in-json": ({"CONFIG": json.dumps({"queueUrl": url, "topics": [arn]})}, {"orders", "alerts"}),
        "in-json-in-json": ({"CONFIG": json.dumps({"inner": json.dumps({"url": url})})}, {"orders"}),
        "in-a-list": ({"TARGETS": f"{url};{arn}"}, {"orders", "alerts"}),
        "bare-in-json": ({"CONFIG": json.dumps({"queue": "orders"})}, set()),
        "by-name": ({"WORKER_FUNCTION": "worker"}, {"worker"}),
        "by-alias": ({"FUNCTION_NAME": "worker:live"}, {"worker"}),
        "stream": ({"STREAM_NAME": "clicks"}, {"clicks"}),
        "stream-by-arn": ({"OUT": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/unread"}, {"unread"}),
        "of-another-account": ({"OUT": f"arn:aws:sqs:{REGION}:999988887777:theirs"}, {"theirs"}),
    }
    for name, (env, _) in cases.items():
        a.function(name, env=env)
    a.function("worker")
    graph = a.json("graph")
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    for name, (env, expected) in cases.items():
        found = {names[e["to"]] for e in graph["edges"] if e["kind"] == "writes" and names[e["from"]] == name}
        assert found == expected, f"{name}: {env} leads to {found}, not {expected}"
