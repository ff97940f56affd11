"""Source: DataDog/datadog-serverless-functions#443 and #227, DataDog/datadog-cdk-constructs#124: a log shipper is permitted to every log group with
SourceArn arn:aws:logs:<region>:<account>:log-group:* (or :*:*). That is a permission without one resource, like `/aws/lambda/*:*`, which is told;
`:*:*` vanishes: no edge, no open permission, nothing unknown, and "complete": true; `:*` becomes a box named `log-group`."""

from reported import *  # noqa: F403

with account("demo") as a:
    lam, logs = a.client("lambda"), a.client("logs")
    forms = {"part": "log-group:/aws/lambda/*:*", "all": "log-group:*", "all2": "log-group:*:*"}
    for name, resource in forms.items():
        a.function(name)
        lam.add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com", SourceArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:{resource}")
    logs.create_log_group(logGroupName="/app/web")
    try:
        logs.put_subscription_filter(logGroupName="/app/web", filterName="ship", filterPattern="", destinationArn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:all")
    except Exception as error:
        print("subscription filter:", error)
    graph = a.json("graph")
    told = {n["name"]: n.get("open_permissions") for n in graph["nodes"] if n["kind"] == "lambda"}
    fed = {name: [e["from"] for e in graph["edges"] if e["to"].endswith(":" + name)] for name in forms}
    print(told, fed, "complete:", graph["complete"], "unknown:", graph["unknown"])
    assert told["part"], told
    web = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/app/web"
    assert {f.removesuffix(":*") for f in fed["all"]} <= {web}, f"a box for a resource that is not there: {fed['all']}"
    silent = [name for name in ("all", "all2") if not told[name]]
    assert not silent, f"that any log group may invoke {silent} is told nowhere, and complete is {graph['complete']}"
