"""Source: getmoto/moto#5489, terraform-aws-modules/terraform-aws-lambda#431, bridgecrewio/checkov#6500, aws/aws-cdk#19538 (Principal "*" with aws:PrincipalOrgID),
DataDog/datadog-cdk-constructs#124 (s3.amazonaws.com with StringEquals AWS:SourceAccount alone). Nobody outside the organisation, and no bucket of
another account, may invoke these functions."""

from reported import *  # noqa: F403

with account("moto") as a:
    lam = a.client("lambda")
    for name, more in (("org", {"Principal": "*", "PrincipalOrgID": "o-a1b2c3d4e5"}), ("forwarder", {"Principal": "s3.amazonaws.com", "SourceAccount": "111122223333"})):
        a.function(name)
        lam.add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", **more)
    told = {n["name"]: n.get("open_permissions") for n in a.json("graph")["nodes"]}
    print(told)
    assert told["org"] != ["anyone"] and "o-a1b2c3d4e5" in str(told["org"]), f"restricted to one organisation, told as {told['org']}"
    assert "111122223333" in str(told["forwarder"]), f"restricted to one account, told as {told['forwarder']}"
