"""The orders chain, which really runs on ministack:

    EventBridge rule ──┐
    API Gateway v2/v1 ─┴▶ A ingest ─▶ S3 ─▶ B parse ─▶ SQS work ─▶ C worker ─▶ SNS ─▶ D notify ─▶ DynamoDB ─▶ E stream
                          ╎ fn-dlq                     ╎ work-dlq              └▶ audit  ╎ failures             ╎ stream-failures

`poison-C` anywhere in an event makes function C fail, and likewise for the others.
"""

import json

from account import Account, zipped
from expect import Expected, dead_letter, destination, permitted, trigger, writes

HANDLER = zipped(r'''
import json, os, botocore.session

def client(name):
    return botocore.session.get_session().create_client(
        name, region_name=os.environ.get("AWS_REGION", "us-east-1"), endpoint_url=os.environ.get("EMULATOR"),
        aws_access_key_id="test", aws_secret_access_key="test")

def handler(event, context):
    e, stage = os.environ, os.environ["STAGE"]
    if "poison-" + stage in json.dumps(event):
        print("ERROR poison message for stage " + stage)
        raise RuntimeError("poison " + stage)
    if stage == "A":
        detail = event.get("detail") or {}
        client("s3").put_object(Bucket=e["BUCKET"], Key="incoming/%s.json" % detail.get("id", "api"), Body=json.dumps(detail).encode())
        return {"statusCode": 200, "body": "{}"}
    for r in event["Records"]:
        if stage == "B":
            where = r["s3"]
            body = client("s3").get_object(Bucket=where["bucket"]["name"], Key=where["object"]["key"])["Body"].read().decode()
            client("sqs").send_message(QueueUrl=e["QUEUE_URL"], MessageBody=body)
        if stage == "C":
            client("sns").publish(TopicArn=e["TOPIC_ARN"], Message=r["body"])
        if stage == "D":
            m = json.loads(r["Sns"]["Message"])
            item = {"id": {"S": str(m.get("id", "?"))}, "body": {"S": r["Sns"]["Message"]}}
            client("dynamodb").put_item(TableName=e["TABLE"], Item=item)
    return {"ok": True}
''')


def http_api(a: Account, function):
    api = a.client("apigatewayv2")
    i = api.create_api(Name="orders-http", ProtocolType="HTTP")["ApiId"]
    integration = api.create_integration(ApiId=i, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0")
    api.create_route(ApiId=i, RouteKey="POST /orders", Target=f"integrations/{integration['IntegrationId']}")
    api.create_stage(ApiId=i, StageName="$default", AutoDeploy=True)
    a.permit(function, a.arn("execute-api", f"{i}/*/*/orders"))
    return a.arn("execute-api", i)


def rest_api(a: Account, function):
    api = a.client("apigateway")
    i = api.create_rest_api(name="orders-rest")["id"]
    root = api.get_resources(restApiId=i)["items"][0]["id"]
    resource = api.create_resource(restApiId=i, parentId=root, pathPart="orders")["id"]
    api.put_method(restApiId=i, resourceId=resource, httpMethod="POST", authorizationType="NONE")
    uri = f"arn:aws:apigateway:{a.region}:lambda:path/2015-03-31/functions/{function}/invocations"
    api.put_integration(restApiId=i, resourceId=resource, httpMethod="POST", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    api.create_deployment(restApiId=i, stageName="prod")
    a.permit(function, a.arn("execute-api", f"{i}/*/POST/orders"))
    return a.arn("execute-api", i)


class Orders:
    """The chain, built; its parts by ARN; what `graph` must say; and how to fire it."""

    def __init__(self, a: Account):
        self.account = a
        q = {n: a.queue(f"orders-{n}") for n in ("work-dlq", "audit", "ingest-fn-dlq", "notify-failures", "stream-failures", "bulk-dlq")}
        q["work"] = a.queue("orders-work", dead_letters=q["work-dlq"], receives=3, VisibilityTimeout="2")
        q["bulk"] = a.queue("orders-bulk", dead_letters=q["bulk-dlq"])
        allow = {"redrivePermission": "byQueue", "sourceQueueArns": [q["work"]]}
        a.client("sqs").set_queue_attributes(QueueUrl=a.queue_url(q["work-dlq"]), Attributes={"RedriveAllowPolicy": json.dumps(allow)})
        topic, bucket, table = a.topic("orders-events"), a.bucket(f"orders-bucket-{a.id}"), a.table("orders-table")

        env = {
            "A": {"BUCKET": f"orders-bucket-{a.id}"},
            "B": {"QUEUE_URL": a.queue_url(q["work"])},
            "C": {"TOPIC_ARN": topic},
            "D": {"TABLE": "orders-table"},
            "E": {},
        }
        names = {"A": "ingest", "B": "parse", "C": "worker", "D": "notify", "E": "stream"}
        f = {
            k: a.function(
                f"orders-{names[k]}", env={"STAGE": k, "EMULATOR": a.endpoint, **env[k]}, code=HANDLER, Timeout=15,
                Tags={"app": "orders"}, dead_letters=q["ingest-fn-dlq"] if k == "A" else None,
            )
            for k in names
        }  # fmt: skip
        a.client("lambda").get_waiter("function_active_v2").wait(FunctionName="orders-stream")

        rule = a.rule("orders-rule", f["A"], dead_letters=q["ingest-fn-dlq"])
        a.client("events").put_rule(Name="orders-rule", EventPattern=json.dumps({"source": ["demo.orders"]}))
        schedule = a.rule("orders-schedule", f["A"], schedule="rate(5 minutes)", enabled=False)
        a.permit(f["A"], rule)
        a.permit(f["B"], bucket)
        a.notify(bucket, f["B"], prefix="incoming/", suffix=".json")
        a.mapping(q["work"], f["C"], BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"])
        a.permit(f["D"], topic)
        a.subscribe(topic, f["D"])
        a.subscribe(topic, q["audit"], RawMessageDelivery="true")
        a.subscribe(topic, "ops@example.com", protocol="email")
        a.mapping(
            table, f["E"], on_failure=q["stream-failures"], BatchSize=5, MaximumRetryAttempts=1, BisectBatchOnFunctionError=True,
            FilterCriteria={"Filters": [{"Pattern": '{"eventName":["INSERT","MODIFY"]}'}]},
        )  # fmt: skip
        a.destinations(f["D"], success=a.arn("events", "event-bus/default"), failure=q["notify-failures"])
        http, rest = http_api(a, f["A"]), rest_api(a, f["A"])

        self.functions, self.queues, self.topic, self.bucket, self.table = f, q, topic, bucket, table
        self.expected = Expected(a.id, a.region, functions=set(f.values()), edges=[
            trigger(rule, f["A"]),
            dead_letter(rule, q["ingest-fn-dlq"]),
            trigger(schedule, f["A"], enabled=False),
            permitted(http, f["A"]),
            permitted(rest, f["A"]),
            # moto takes a function's DeadLetterConfig and never shows it again.
            *([] if a.emulator == "moto" else [dead_letter(f["A"], q["ingest-fn-dlq"])]),
            writes(f["A"], bucket),
            trigger(bucket, f["B"]),
            writes(f["B"], q["work"]),
            trigger(q["work"], f["C"]),
            dead_letter(q["work"], q["work-dlq"]),
            writes(f["C"], topic),
            trigger(topic, f["D"]),
            trigger(topic, q["audit"]),
            writes(f["D"], table),
            destination(f["D"], q["notify-failures"]), destination(f["D"], a.arn("events", "event-bus/default")),
            trigger(table, f["E"]),
            dead_letter(f["E"], q["stream-failures"]),
            dead_letter(q["bulk"], q["bulk-dlq"]),
        ])  # fmt: skip

    def fire(self, *ids):
        """Sends one event an id through the rule; an id such as `poison-C-1` fails at function C."""
        entries = [{"Source": "demo.orders", "DetailType": "order", "Detail": json.dumps({"id": i})} for i in ids]
        for n in range(0, len(entries), 10):
            answer = self.account.client("events").put_events(Entries=entries[n : n + 10])
            assert not answer["FailedEntryCount"], answer

    def depth(self, queue):
        """What boto3 counts in one of the queues: waiting, in flight and delayed."""
        sqs, names = self.account.client("sqs"), ("", "NotVisible", "Delayed")
        got = sqs.get_queue_attributes(QueueUrl=self.account.queue_url(self.queues[queue]), AttributeNames=["All"])["Attributes"]
        return sum(int(got.get(f"ApproximateNumberOfMessages{n}", 0)) for n in names)

    def stored(self):
        """How many orders reached the table: the chain's far end."""
        return self.account.client("dynamodb").scan(TableName="orders-table", Select="COUNT")["Count"]
