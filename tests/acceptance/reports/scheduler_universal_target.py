"""Source: aws/aws-cdk#32328, hashicorp/terraform-provider-aws#29339: EventBridge Scheduler's universal targets, arn:aws:scheduler:::aws-sdk:<service>:<call>, with the
parameters in Input. The target is no schedule; Input names the queue and the function that are really reached."""

from reported import *  # noqa: F403

with account("demo") as a:
    sch, role = a.client("scheduler"), f"arn:aws:iam::{ACCOUNT}:role/r"
    a.client("sqs").create_queue(QueueName="orders")
    a.function("nightly")
    for name, call, data in (("enqueue", "sqs:sendMessage", {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders", "MessageBody": "x"}),
                             ("run", "lambda:invoke", {"FunctionName": "nightly", "InvocationType": "Event", "Payload": "{}"})):
        sch.create_schedule(Name=name, ScheduleExpression="rate(5 minutes)", FlexibleTimeWindow={"Mode": "OFF"},
                            Target={"Arn": f"arn:aws:scheduler:::aws-sdk:{call}", "RoleArn": role, "Input": json.dumps(data)})
    graph = a.json("graph")
    print(a.run("graph").stdout)
    schedules = sorted(n["name"] for n in graph["nodes"] if n["kind"] == "schedule")
    assert schedules == ["enqueue", "run"], f"two schedules are there, boxes of kind schedule: {schedules}"
