"""Source: DataDog/datadog-serverless-functions#709 and #1160, ministackorg/ministack#895, aws/serverless-application-model#92: several functions with
LoggingConfig.LogGroup set to one group; the streams are YYYY/MM/DD/<function>[<version>]<id>.
`pitagora logs one`: "lines of the functions' logs" - of `one`, not of its neighbours in the group."""

from reported import *  # noqa: F403

with account("demo") as a:
    group = "/shared/orders"
    for name in ("one", "two"):
        a.function(name, LoggingConfig={"LogFormat": "Text", "LogGroup": group})
        a.log(name, wrap(str(uuid.uuid4()), f"hello from {name}\n"), stream=f"2026/11/30/{name}[$LATEST]{'a' * 32}", group=group)
    a.log("x", ["not lambda at all\n"], stream="ecs/app/0123", group=group)
    lines = a.json("logs", "one")
    print(a.run("logs", "one").stdout)
    others = [line["message"] for line in lines if not (line["function"] or "").endswith(":one")]
    assert not others, f"asked for `one`, got of others: {others}"
