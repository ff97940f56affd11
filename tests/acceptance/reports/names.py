"""Source: serverless/serverless#4700 and aws/serverless-application-model#574 (amzn1.ask.skill.<id> as EventSourceToken), MSK's ARN cluster/<name>/<uuid>
(hashicorp/terraform-provider-aws#35400, aws/aws-cdk#28010), smk:// sources of pipes. The name is what a person knows the thing by: two skills must not both be `amzn1`."""

from reported import *  # noqa: F403

with account("demo") as a:
    lam = a.client("lambda")
    for n, name in enumerate(("home", "news")):
        a.function(name)
        lam.add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal="alexa-appkit.amazon.com",
                           EventSourceToken=f"amzn1.ask.skill.5ac5b15a-ee34-44d8-97d1-d1c1c658102{n}")
    lam.create_event_source_mapping(FunctionName="home", EventSourceArn=f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/clicks/6ee4ae0e-1111-2222-3333-444455556666-2",
                                    Topics=["t"], StartingPosition="LATEST")
    names = {n["id"]: n["name"] for n in a.json("graph")["nodes"]}
    print(a.run("graph").stdout)
    skills = [name for id_, name in names.items() if id_.startswith("amzn1")]
    assert len(set(skills)) == 2, f"two skills, both named {skills}"
    assert [name for id_, name in names.items() if ":kafka:" in id_] == ["clicks"], names
