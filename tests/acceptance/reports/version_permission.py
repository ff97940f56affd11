"""A rule that invokes a version by its number: only a permission on that version counts, not one on the function."""

from reported import *  # noqa: F403

for kind in ("demo", "moto"):
    with account(kind) as a:
        lam, events = a.client("lambda"), a.client("events")
        function = a.function("work")
        version = lam.publish_version(FunctionName="work")["Version"]
        for rule, qualifier in (("let-in", version), ("left-out", None)):
            arn = events.put_rule(Name=rule, EventPattern='{"source":["shop"]}', State="ENABLED")["RuleArn"]
            events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": f"{function}:{version}"}])
            on = {"Qualifier": qualifier} if qualifier else {}
            lam.add_permission(FunctionName="work", StatementId=rule, Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
                               SourceArn=arn, **on)
        status = a.run("status").stdout
        assert f"rule left-out: cannot invoke work:{version}" in status and f"--qualifier {version}" in status, status
        assert "let-in: cannot" not in status, status
