"""Source: aws/aws-cdk#5299 (EventBridgeDestination: "if no event bus is specified, the default event bus is used"), cdk-patterns/serverless#33 (The Destined Lambda), terraform-aws-lambda#101.
OnFailure leads to the account's default event bus. After three failed attempts the record IS kept: it goes there. Beside it the same with a bus of one's own, which is told right."""

from reported import *  # noqa: F403

with account("demo") as a:
    lam, ev = a.client("lambda"), a.client("events")
    ev.create_event_bus(Name="shop")
    runs = {}
    for name, bus in (("to-default", "default"), ("to-shop", "shop")):
        a.function(name)
        lam.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnFailure": {"Destination": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}"}})
        runs[name] = str(uuid.uuid4())
        for ago in (300, 238, 115):
            a.log(name, [(line, ago) for line in wrap(runs[name], "[ERROR] KeyError: 'a'\rTraceback (most recent call last):\r")])
    told = {d["function"].rsplit(":", 1)[1]: d["end"] for d in a.json("retries")["deliveries"]}
    for name, end in told.items():
        print(name, end["fate"], "-", end["why"])
    print(a.run("graph").stdout)
    assert told["to-shop"]["fate"] == "destination", told
    assert told["to-default"]["fate"] == "destination", f"it has a destination, and nothing is lost; told: {told['to-default']['why']}"
