"""A deleted target is told whatever other call is refused; what a scope leaves out is not deleted; a topic, a bus, a bucket, an
alias and a version can be gone as a function or queue can."""

from reported import *  # noqa: F403

TEXT = '''
title = "two parts of one account"
[[function]]
name = "worker"
[[queue]]
name = "work-q"
[[topic]]
name = "news"
subscribe = [{ to = "queue:work-q" }]
tags = { team = "shop" }
[[rule]]
name = "orders-rule"
pattern = '{"source":["shop"]}'
target = [{ to = "worker" }]
tags = { team = "shop" }
'''


def rule(a, name, arn):
    events = a.client("events")
    events.put_rule(Name=name, EventPattern='{"source":["x"]}')
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])


with scenario(TEXT, 1) as a:
    for scope in ([], ["--only", "orders-*"], ["--only", "news"], ["--tag", "team=shop"]):
        done = a.run(*scope, "status")
        assert done.code == 0 and "does not exist" not in done.stdout, f"{scope}: what is out of scope exists\n{done}"

here = f"{REGION}:{ACCOUNT}"
for refused in (None, "pipes:ListPipes", "lambda:GetFunctionRecursionConfig", "sns:ListTopics", "s3:ListBuckets"):
    with account("demo", *(["--fault", f"{refused}=AccessDenied"] if refused else [])) as a:
        a.function("gone")
        rule(a, "r", f"arn:aws:lambda:{here}:function:gone")
        a.client("lambda").delete_function(FunctionName="gone")
        done = a.run("status")
        assert done.code == 1 and "rule r: cannot invoke gone: it does not exist" in done.stdout, f"{refused}\n{done}"

with account("demo") as a:
    functions, topics, events, buckets = (a.client(name) for name in ("lambda", "sns", "events", "s3"))
    a.function("f")
    functions.publish_version(FunctionName="f")
    for alias in ("live", "old"):
        functions.create_alias(FunctionName="f", Name=alias, FunctionVersion="1")
    for qualifier in ("live", "1"):
        functions.add_permission(
            FunctionName="f", Qualifier=qualifier, StatementId="s", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
        )
    for qualifier in ("live", "old", "1", "9"):
        rule(a, f"to-{qualifier}", f"arn:aws:lambda:{here}:function:f:{qualifier}")
    topics.create_topic(Name="gone-t")
    rule(a, "to-topic", f"arn:aws:sns:{here}:gone-t")
    events.create_event_bus(Name="gone-bus")
    buckets.create_bucket(Bucket="gone-bucket")
    for name, target in (("to-bus", f"arn:aws:events:{here}:event-bus/gone-bus"), ("to-bucket", "arn:aws:s3:::gone-bucket")):
        a.function(name)
        functions.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnFailure": {"Destination": target}})
    functions.delete_alias(FunctionName="f", Name="old")
    topics.delete_topic(TopicArn=f"arn:aws:sns:{here}:gone-t")
    events.delete_event_bus(Name="gone-bus")
    buckets.delete_bucket(Bucket="gone-bucket")
    edges = a.json("graph")["edges"]
    judged = {edge["from"].split(":")[-1].removeprefix("rule/"): (edge["arrival"], edge.get("arrival_why")) for edge in edges}
    gone = ("cannot_arrive", "it does not exist")
    for source in ("to-old", "to-9", "to-topic", "to-bus", "to-bucket"):
        assert judged[source] == gone, f"{source}: {judged[source]}"
    for source in ("to-live", "to-1"):
        assert judged[source][0] == "arrives", f"{source}: {judged[source]}"
