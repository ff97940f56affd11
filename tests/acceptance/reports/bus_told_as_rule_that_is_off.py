"""Source: serverless/serverless#9864, aws/serverless-application-model#2509 and #1630 (rules of a custom bus deployed with State: DISABLED). The bus is no rule, and a bus cannot be disabled."""

from reported import *  # noqa: F403

with account("demo") as a:
    ev, function = a.client("events"), a.function("listener")
    ev.create_event_bus(Name="shop")
    ev.put_rule(Name="on-contract", EventBusName="shop", EventPattern=json.dumps({"source": ["contracts"]}), State="DISABLED")
    ev.put_targets(Rule="on-contract", EventBusName="shop", Targets=[{"Id": "1", "Arn": function}])
    status = a.run("status").stdout
    print(status, a.run("graph").stdout, a.run("graph", "--format", "dot").stdout)
    assert "on-contract: rule is off" in status, status
    assert "rule shop" not in status, "the bus `shop` is told as a rule that is off"
    assert "shop (rule)" not in a.run("graph").stdout and 'label="rule\\nshop"' not in a.run("graph", "--format", "dot").stdout, "the bus `shop` is drawn as a rule"
