"""Builds things in an account, tersely. Every method makes real AWS calls and answers with an ARN."""

import functools
import io
import json
import zipfile

import boto3
from botocore.config import Config

REGION = "us-east-1"
PUSHERS = {
    "s3": "s3", "sns": "sns", "events": "events", "execute-api": "apigateway", "logs": "logs", "sqs": "sqs",
    "elasticloadbalancing": "elasticloadbalancing", "iot": "iot", "cognito-idp": "cognito-idp",
}  # fmt: skip


def zipped(source: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        info = zipfile.ZipInfo("index.py", (2024, 1, 1, 0, 0, 0))
        info.external_attr = 0o644 << 16
        z.writestr(info, source)
    return out.getvalue()


# What an emulator answers with a bare 404: honest output names it as unread, wherever there is a function to ask for.
NOT_SERVED = {"moto": {"lambda:ListFunctionUrlConfigs", "lambda:GetFunctionRecursionConfig"}}

IDLE = zipped("def handler(event, context):\n    return None\n")


def name_of(arn: str) -> str:
    """The last part of an ARN: a queue's, topic's, bucket's or function's name."""
    return arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1]


class Account:
    def __init__(self, emulator, region=REGION):
        self.emulator, self.endpoint, self.region = emulator.name, emulator.endpoint, region
        self.not_served = NOT_SERVED.get(emulator.name, set())
        self._let_in = {}

    @functools.cache
    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 1}, read_timeout=60, s3={"addressing_style": "path"}, max_pool_connections=32),
        )

    @functools.cached_property
    def id(self):
        return self.client("sts").get_caller_identity()["Account"]

    def arn(self, service, tail):
        return f"arn:aws:{service}:{self.region}:{self.id}:{tail}"

    @functools.cached_property
    def role(self):
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        return self.client("iam").create_role(RoleName="acceptance", AssumeRolePolicyDocument=document)["Role"]["Arn"]

    # What holds messages

    def queue(self, name, dead_letters=None, receives=3, tags=None, **attributes):
        if dead_letters:
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": receives})
        if name.endswith(".fifo"):
            attributes["FifoQueue"] = "true"
        self.client("sqs").create_queue(QueueName=name, Attributes=attributes, tags=tags or {})
        return self.arn("sqs", name)

    def queue_url(self, arn):
        return self.client("sqs").get_queue_url(QueueName=name_of(arn))["QueueUrl"]

    def topic(self, name, tags=()):
        return self.client("sns").create_topic(Name=name, Tags=list(tags))["TopicArn"]

    def bucket(self, name):
        self.client("s3").create_bucket(Bucket=name)
        if self.emulator == "moto":  # until told something it answers GetBucketNotification with an element of another name
            self.client("s3").put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={})
        return f"arn:aws:s3:::{name}"

    def kinesis(self, name):
        self.client("kinesis").create_stream(StreamName=name, ShardCount=1)
        return self.client("kinesis").describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]

    def table(self, name):
        """A table with a stream; the answer is the stream's ARN, which is the table's node."""
        made = self.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        return made["TableDescription"]["LatestStreamArn"]

    def bus(self, name):
        return self.client("events").create_event_bus(Name=name)["EventBusArn"]

    # Functions and what starts them

    def function(self, name, env=None, dead_letters=None, code=IDLE, **more):
        if dead_letters:
            more["DeadLetterConfig"] = {"TargetArn": dead_letters}
        return self.client("lambda").create_function(
            FunctionName=name, Runtime="python3.12", Role=self.role, Handler="index.handler", Code={"ZipFile": code},
            Environment={"Variables": env or {}}, **more,
        )["FunctionArn"]  # fmt: skip

    def alias(self, function, alias):
        """Publishes a version and names it; answers the qualified ARN."""
        version = self.client("lambda").publish_version(FunctionName=name_of(function))["Version"]
        self.client("lambda").create_alias(FunctionName=name_of(function), Name=alias, FunctionVersion=version)
        return f"{function}:{alias}"

    def permit(self, function, source, qualifier=None, principal=None, **more):
        """Lets `source` (an ARN, or None for anything of the principal) invoke the function."""
        principal = principal or PUSHERS[source.split(":")[2]] + ".amazonaws.com"
        sid = "s" + "".join(c if c.isalnum() else "-" for c in f"{source or principal}-{qualifier or ''}")[-90:]
        if source:
            more["SourceArn"] = source
        if qualifier:
            more["Qualifier"] = qualifier
        self.client("lambda").add_permission(
            FunctionName=name_of(function), StatementId=sid, Action="lambda:InvokeFunction", Principal=principal, **more
        )

    def mapping(self, source, function, on_failure=None, **more):
        if on_failure:
            more["DestinationConfig"] = {"OnFailure": {"Destination": on_failure}}
        if "/stream/" in source or ":kinesis:" in source:
            more.setdefault("StartingPosition", "TRIM_HORIZON")
        return self.client("lambda").create_event_source_mapping(EventSourceArn=source, FunctionName=function, **more)["UUID"]

    def destinations(self, function, success=None, failure=None, qualifier=None):
        config = {k: {"Destination": v} for k, v in (("OnSuccess", success), ("OnFailure", failure)) if v}
        more = {"Qualifier": qualifier} if qualifier else {}
        self.client("lambda").put_function_event_invoke_config(FunctionName=name_of(function), DestinationConfig=config, **more)

    def let_in(self, queue, source):
        """Lets what `source` is (an ARN) send to a queue, and all that was let in before: AWS delivers to no other."""
        url, allowed = self.queue_url(queue), self._let_in.setdefault(queue, [])
        if source in allowed:
            return
        allowed.append(source)
        statements = [
            {
                "Effect": "Allow", "Principal": {"Service": PUSHERS[one.split(":")[2]] + ".amazonaws.com"},
                "Action": "sqs:SendMessage", "Resource": queue, "Condition": {"ArnEquals": {"aws:SourceArn": one}},
            }
            for one in allowed
        ]  # fmt: skip
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    # Topics, buckets and rules

    def subscribe(self, topic, endpoint, protocol=None, dead_letters=None, **attributes):
        protocol = protocol or {"lambda": "lambda", "sqs": "sqs"}[endpoint.split(":")[2]]
        if dead_letters:
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": dead_letters})
        for queue in (endpoint if protocol == "sqs" else None, dead_letters):
            if queue:
                self.let_in(queue, topic)
        return self.client("sns").subscribe(
            TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes, ReturnSubscriptionArn=True
        )["SubscriptionArn"]

    def notify(self, bucket, *targets, prefix=None, suffix=None, events=("s3:ObjectCreated:*",)):
        """Sets the bucket's whole notification configuration: each target by its ARN."""
        shapes = {
            "lambda": ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
            "sqs": ("QueueConfigurations", "QueueArn"),
            "sns": ("TopicConfigurations", "TopicArn"),
        }
        rules = [{"Name": n, "Value": v} for n, v in (("prefix", prefix), ("suffix", suffix)) if v]
        config = {}
        for n, target in enumerate(targets):
            if target.split(":")[2] == "sqs":
                self.let_in(target, bucket)
            group, key = shapes[target.split(":")[2]]
            one = {"Id": f"n{n}", key: target, "Events": list(events)}
            if rules:
                one["Filter"] = {"Key": {"FilterRules": rules}}
            config.setdefault(group, []).append(one)
        self.client("s3").put_bucket_notification_configuration(Bucket=name_of(bucket), NotificationConfiguration=config)

    def rule(self, name, *targets, bus=None, enabled=True, schedule=None, pattern=None, description="", dead_letters=None):
        """A rule and its targets (ARNs); `dead_letters` is every target's own queue."""
        where = {"EventBusName": name_of(bus)} if bus else {}
        what = {"ScheduleExpression": schedule} if schedule else {"EventPattern": json.dumps(pattern or {"source": [f"test.{name}"]})}
        state = "ENABLED" if enabled else "DISABLED"
        arn = self.client("events").put_rule(Name=name, State=state, Description=description, **what, **where)["RuleArn"]
        own = {"DeadLetterConfig": {"Arn": dead_letters}} if dead_letters else {}
        entries = [{"Id": str(n), "Arn": target, **own} for n, target in enumerate(targets)]
        for queue in [target for target in targets if target.split(":")[2] == "sqs"] + ([dead_letters] if dead_letters else []):
            self.let_in(queue, arn)
        for entry in entries:
            if ":event-bus/" in entry["Arn"]:
                entry["RoleArn"] = self.role
        if entries:
            self.client("events").put_targets(Rule=name, Targets=entries, **where)
        return arn
