#!/usr/bin/env python3
"""What accounts answer to calls on which emulators differ, each beside the line of the reference that decides it.

    differing.py ENDPOINT        holds one account's answers against the reference: the simulated account passes

`tests/acceptance/test_differences.py` asks the simulated account, moto and ministack, and makes `differences.md` of it."""
import http.client, io, json, sys, time, urllib.parse, zipfile

import boto3, botocore
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

PROBES = []


def probe(call, reference, right, but=None):
    """A question: `call` in words, the reference's line, and the answer (or several) that follows from it. `but`: what the
    simulated account answers in its place, and why."""
    def keep(ask):
        PROBES.append((call, reference, [right] if isinstance(right, str) else right, but, ask))
        return ask
    return keep


class At:
    """One account. Names begin with a prefix of their own, so that a question disturbs no other."""

    def __init__(self, endpoint, prefix):
        self.endpoint, self.p, self.clients = endpoint, prefix, {}

    def client(self, service):
        if service not in self.clients:
            config = Config(retries={"total_max_attempts": 1}, read_timeout=30, parameter_validation=False, inject_host_prefix=False,
                            s3={"addressing_style": "path"})
            self.clients[service] = boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", config=config,
                                                 aws_access_key_id="test", aws_secret_access_key="test")
        return self.clients[service]

    def ask(self, service, op, **params):
        return getattr(self.client(service), op)(**params)

    def code(self, service, op, **params):
        """What a call comes to, in a word: the error's code, or that there is none."""
        try:
            self.ask(service, op, **params)
        except ClientError as error:
            return said(error)
        except BotoCoreError as error:
            return f"no answer that boto3 can read ({type(error).__name__})"
        return "accepted"

    def queue(self, name, **attributes):
        url = self.ask("sqs", "create_queue", QueueName=self.p + name, Attributes=attributes)["QueueUrl"]
        arn = self.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return url, arn

    def function(self, name):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): return event")
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        role = self.ask("iam", "create_role", RoleName=self.p + name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        self.ask("lambda", "create_function", FunctionName=self.p + name, Runtime="python3.12", Role=role, Handler="index.handler",
                 Code={"ZipFile": out.getvalue()}, Timeout=10)
        return self.p + name

    def group(self, name, *lines):
        name = f"/{self.p}{name}"
        self.ask("logs", "create_log_group", logGroupName=name)
        self.ask("logs", "create_log_stream", logGroupName=name, logStreamName="s")
        now = self.now() - 10_000
        events = [{"timestamp": now + i, "message": line} for i, line in enumerate(lines)]
        self.ask("logs", "put_log_events", logGroupName=name, logStreamName="s", logEvents=events)
        return name

    def now(self):
        """The account's time: a served world tells it, any other account's is the wall's."""
        answer = self.ask("sts", "get_caller_identity")["ResponseMetadata"]["HTTPHeaders"]
        return int(answer.get("x-pitagora-clock", str(int(time.time() * 1000))).split(";")[0])

    def raw(self, service, body, target, content="application/x-amz-json-1.0"):
        """A request that no SDK would write: the status, and the error's code where there is one."""
        at = urllib.parse.urlparse(self.endpoint)
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=20)
        auth = f"AWS4-HMAC-SHA256 Credential=test/20200101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        connection.request("POST", "/", body, {"Authorization": auth, "X-Amz-Target": target, "Content-Type": content})
        answer = connection.getresponse()
        text = answer.read()
        try:
            code = json.loads(text).get("__type", "").rsplit("#", 1)[-1]
        except (ValueError, AttributeError):
            code = ""
        if answer.status < 300:
            return "accepted"
        return code or f"HTTP {answer.status} and no error of the service"


def said(error):
    code = str(error.response["Error"].get("Code") or "")
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    is_name = code and not code.isdigit() and " " not in code
    return code if is_name else f"HTTP {status} and no error of the service"


def until(look, seconds=8):
    """The first answer that holds, within so many seconds of wall time."""
    end = time.time() + seconds
    while True:
        found = look()
        if found or time.time() > end:
            return found
        time.sleep(0.2)


# Queues ------------------------------------------------------------------------------------------------------------------

@probe("A message received more often than `maxReceiveCount`: its system attributes in the dead-letter queue",
       "§6: system attr `DeadLetterQueueSourceArn` added (only for SQS-moved messages)", "`DeadLetterQueueSourceArn`")
def moved(at):
    dlq, arn = at.queue("dlq")
    url, _ = at.queue("src", VisibilityTimeout="0", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}))
    at.ask("sqs", "send_message", QueueUrl=url, MessageBody="poison")
    for _ in range(2):
        at.ask("sqs", "receive_message", QueueUrl=url)
    receive = dict(QueueUrl=dlq, MessageSystemAttributeNames=["All"], VisibilityTimeout=0)
    found = until(lambda: at.ask("sqs", "receive_message", **receive).get("Messages"))
    if not found:
        return "it does not arrive"
    return "`DeadLetterQueueSourceArn`" if "DeadLetterQueueSourceArn" in found[0].get("Attributes", {}) else "no such attribute"


def dead_letter_queue(at):
    _, arn = at.queue("dlq")
    at.queue("src", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}))
    return arn


@probe("`StartMessageMoveTask` from a dead-letter queue", "§5: source must be named as DLQ by some *SQS queue*", "accepted")
def move(at):
    return at.code("sqs", "start_message_move_task", SourceArn=dead_letter_queue(at))


@probe("`StartMessageMoveTask` from a queue that is no dead-letter queue",
       "§5: `InvalidParameterValue: Source queue must be configured as a Dead Letter Queue.`", "InvalidParameterValue")
def no_move(at):
    return at.code("sqs", "start_message_move_task", SourceArn=at.queue("plain")[1])


@probe("`ListMessageMoveTasks`", "§5: ListMessageMoveTasks (<=10, default 1): Status, ApproximateNumberOfMessagesMoved …", "accepted")
def moves(at):
    return at.code("sqs", "list_message_move_tasks", SourceArn=dead_letter_queue(at), MaxResults=10)


@probe("`ListDeadLetterSourceQueues`", "§2, row SQS: ListDeadLetterSourceQueues", "the source")
def sources(at):
    dlq, arn = at.queue("dlq")
    url, _ = at.queue("src", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}))
    code = at.code("sqs", "list_dead_letter_source_queues", QueueUrl=dlq)
    if code != "accepted":
        return code
    found = at.ask("sqs", "list_dead_letter_source_queues", QueueUrl=dlq).get("queueUrls")
    return "the source" if found == [url] else "not the source"


@probe("`PurgeQueue` twice within a minute", "§5: PurgeQueue takes 60 s; model: `PurgeQueueInProgress`",
       "AWS.SimpleQueueService.PurgeQueueInProgress")
def purge(at):
    url, _ = at.queue("q")
    at.ask("sqs", "purge_queue", QueueUrl=url)
    return at.code("sqs", "purge_queue", QueueUrl=url)


@probe("`ReceiveMessage` for 11 messages", "§5: SQS: receive <=10", "InvalidParameterValue")
def eleven(at):
    return at.code("sqs", "receive_message", QueueUrl=at.queue("q")[0], MaxNumberOfMessages=11)


@probe("`ReceiveMessage` that waits for 21 seconds", "§5: SQS: wait <=20 s", "InvalidParameterValue")
def too_long(at):
    url, _ = at.queue("q")
    at.ask("sqs", "send_message", QueueUrl=url, MessageBody="x")
    return at.code("sqs", "receive_message", QueueUrl=url, WaitTimeSeconds=21)


@probe("`SendMessage` with a character that XML lacks", "model: `InvalidMessageContents`", "InvalidMessageContents")
def control(at):
    return at.code("sqs", "send_message", QueueUrl=at.queue("q")[0], MessageBody="a\x01b")


@probe("`SendMessage` with a delay of 901 seconds", "model: DelaySeconds, 0 to 900", "InvalidParameterValue")
def delay(at):
    return at.code("sqs", "send_message", QueueUrl=at.queue("q")[0], MessageBody="x", DelaySeconds=901)


@probe("`SetQueueAttributes` with a dead-letter queue that does not exist",
       "§5, errors of StartMessageMoveTask and redrive: the `InvalidParameterValue` family", "InvalidParameterValue")
def no_dlq(at):
    url, arn = at.queue("q")
    policy = json.dumps({"deadLetterTargetArn": arn + "-gone", "maxReceiveCount": 1})
    return at.code("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"RedrivePolicy": policy})


@probe("`SetQueueAttributes` of an attribute that there is not", "model: `InvalidAttributeName`", "InvalidAttributeName")
def nonsense(at):
    return at.code("sqs", "set_queue_attributes", QueueUrl=at.queue("q")[0], Attributes={"Nonsense": "1"})


# Topics, buckets ---------------------------------------------------------------------------------------------------------

@probe("`Subscribe` with a protocol that there is not", "model: `InvalidParameterException`", "InvalidParameter")
def pigeon(at):
    topic = at.ask("sns", "create_topic", Name=at.p + "t")["TopicArn"]
    return at.code("sns", "subscribe", TopicArn=topic, Protocol="pigeon", Endpoint="x")


@probe("`Publish` of an empty message", "model: `InvalidParameterException`", "InvalidParameter")
def nothing(at):
    topic = at.ask("sns", "create_topic", Name=at.p + "t")["TopicArn"]
    return at.code("sns", "publish", TopicArn=topic, Message="")


def bucket(at):
    at.ask("s3", "create_bucket", Bucket=at.p + "b")
    return at.p + "b"


@probe("`CopyObject` onto itself, nothing changed", "§0: copy onto itself -> `InvalidRequest: This copy request is illegal..`",
       "InvalidRequest")
def copy(at):
    name = bucket(at)
    at.ask("s3", "put_object", Bucket=name, Key="k", Body=b"x")
    return at.code("s3", "copy_object", Bucket=name, Key="k", CopySource={"Bucket": name, "Key": "k"})


def notification(arn):
    return {"QueueConfigurations": [{"Id": "i", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}


@probe("An object's notification to a queue", "§8: hop (S3 1-5 s)", "it arrives")
def notified(at):
    name, (url, arn) = bucket(at), at.queue("q")
    statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
    at.ask("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})})
    at.ask("s3", "put_bucket_notification_configuration", Bucket=name, NotificationConfiguration=notification(arn))
    at.ask("s3", "put_object", Bucket=name, Key="n/1", Body=b"x")
    mine = lambda: [m for m in at.ask("sqs", "receive_message", QueueUrl=url, WaitTimeSeconds=1).get("Messages", []) if "n/1" in m["Body"]]
    return "it arrives" if until(mine, 12) else "it does not arrive"


@probe("A notification to a queue that does not exist", "§1.2, row S3; model: `InvalidArgument`", "InvalidArgument")
def lost(at):
    name, (_, arn) = bucket(at), at.queue("q")
    return at.code("s3", "put_bucket_notification_configuration", Bucket=name, NotificationConfiguration=notification(arn + "-gone"))


# Functions ---------------------------------------------------------------------------------------------------------------

@probe("`Invoke` with a payload that is no JSON", "model: `InvalidRequestContentException`", "InvalidRequestContentException")
def no_json(at):
    return at.code("lambda", "invoke", FunctionName=at.function("f"), Payload=b"{not json")


@probe("`GetPolicy` of a function without one", "§2: 404 = no policy", "ResourceNotFoundException")
def no_policy(at):
    return at.code("lambda", "get_policy", FunctionName=at.function("f"))


@probe("A second mapping of the same queue to the same function", "model: `ResourceConflictException`", "ResourceConflictException")
def twice(at):
    asked = dict(EventSourceArn=at.queue("q", VisibilityTimeout="60")[1], FunctionName=at.function("f"), Enabled=False)
    at.ask("lambda", "create_event_source_mapping", **asked)
    return at.code("lambda", "create_event_source_mapping", **asked)


@probe("A mapping of a queue that does not exist", "§1.3: CreateESM rejects; model: `InvalidParameterValueException`",
       "InvalidParameterValueException")
def mapped(at):
    arn = at.queue("q", VisibilityTimeout="60")[1] + "-gone"
    return at.code("lambda", "create_event_source_mapping", EventSourceArn=arn, FunctionName=at.function("f"))


@probe("A mapping of a queue whose visibility timeout is shorter than the function's", "§1.3: CreateESM rejects fn timeout > VT",
       "InvalidParameterValueException")
def short(at):
    arn = at.queue("q", VisibilityTimeout="2")[1]
    return at.code("lambda", "create_event_source_mapping", EventSourceArn=arn, FunctionName=at.function("f"), Enabled=False)


@probe("`GetFunctionRecursionConfig`", "§7: Recursive loop detection on by default (RecursiveLoop Terminate|Allow)", "Terminate")
def recursion(at):
    name = at.function("f")
    code = at.code("lambda", "get_function_recursion_config", FunctionName=name)
    return at.ask("lambda", "get_function_recursion_config", FunctionName=name)["RecursiveLoop"] if code == "accepted" else code


@probe("`PutFunctionEventInvokeConfig` with 3 retries", "§1.1: `MaximumRetryAttempts` 0-2",
       ["InvalidParameterValueException", "ValidationException"])
def retries(at):
    return at.code("lambda", "put_function_event_invoke_config", FunctionName=at.function("f"), MaximumRetryAttempts=3)


@probe("`UpdateFunctionConfiguration` with a timeout of 901 seconds", "§0: 15 min cap",
       ["InvalidParameterValueException", "ValidationException"])
def timeout(at):
    return at.code("lambda", "update_function_configuration", FunctionName=at.function("f"), Timeout=901)


# Logs, metrics -----------------------------------------------------------------------------------------------------------

def matching(at, group, **how):
    found, token = [], None
    while True:
        page = at.ask("logs", "filter_log_events", logGroupName=group, **how, **({"nextToken": token} if token else {}))
        found, token = found + page.get("events", []), page.get("nextToken")
        if not token:
            return [event["message"] for event in found]


@probe("`FilterLogEvents` with the pattern `{ $.n = 7 }`, of two lines of which one matches", "§5: FilterLogEvents; CloudWatch's filter syntax", "1 line")
def by_field(at):
    group = at.group("g", '{"n": 7}', '{"n": 8}')
    until(lambda: len(matching(at, group)) == 2)
    code = at.code("logs", "filter_log_events", logGroupName=group, filterPattern="{ $.n = 7 }")
    found = len(matching(at, group, filterPattern="{ $.n = 7 }")) if code == "accepted" else None
    return code if found is None else f"{found} line{'' if found == 1 else 's'}"


@probe("`FilterLogEvents` with the pattern `{ $.n = `", "model: `InvalidParameterException`", "InvalidParameterException")
def malformed(at):
    return at.code("logs", "filter_log_events", logGroupName=at.group("g", "x"), filterPattern="{ $.n = ")


@probe("Ten lines of a log, read in pages of three", "§5: FilterLogEvents: pages; dedup by eventId", "each once")
def pages(at):
    lines = [f"line {i}" for i in range(10)]
    group = at.group("g", *lines)
    until(lambda: len(matching(at, group)) == 10)
    found = matching(at, group, limit=3)
    return "each once" if sorted(found) == lines else f"{len(found)} lines"


@probe("The first event of `StartLiveTail`", "§2, row Logs; model: `sessionStart`", "sessionStart")
def tail(at):
    group = at.group("g", "x")
    arn = at.ask("logs", "describe_log_groups", logGroupNamePrefix=group)["logGroups"][0]["arn"].removesuffix(":*")
    code = at.code("logs", "start_live_tail", logGroupIdentifiers=[arn])
    if code != "accepted":
        return code
    stream = at.ask("logs", "start_live_tail", logGroupIdentifiers=[arn]).get("responseStream")
    if stream is None:
        return "no stream"
    try:
        return next((next(iter(event)) for event in stream), "no event")
    except Exception as error:  # whatever the parser stumbles over
        return f"no event that boto3 can read ({type(error).__name__})"
    finally:
        stream.close()


@probe("`GetMetricData` that ends before it starts", "model: `InvalidParameterValueException` and its family",
       ["ValidationError", "InvalidParameterValue"])
def backwards(at):
    now = at.now() / 1000
    stat = {"Metric": {"Namespace": "Test", "MetricName": "x"}, "Period": 60, "Stat": "Sum"}
    return at.code("cloudwatch", "get_metric_data", StartTime=now, EndTime=now - 600, MetricDataQueries=[{"Id": "m", "MetricStat": stat}])


# Rules, schedules --------------------------------------------------------------------------------------------------------

def rule(at):
    at.ask("events", "put_rule", Name=at.p + "r", EventPattern='{"source": ["x"]}')
    return at.p + "r"


@probe("`PutEvents` with a detail that is no JSON", "model: an entry with `ErrorCode`", "MalformedDetail")
def detail(at):
    code = at.code("events", "put_events", Entries=[{"Source": "x", "DetailType": "t", "Detail": "{bad"}])
    if code != "accepted":
        return code
    answer = at.ask("events", "put_events", Entries=[{"Source": "x", "DetailType": "t", "Detail": "{bad"}])
    return answer["Entries"][0].get("ErrorCode") or "accepted"


@probe("`DeleteRule` of a rule with targets", "model: `ValidationException`", "ValidationException")
def with_targets(at):
    name = rule(at)
    at.ask("events", "put_targets", Rule=name, Targets=[{"Id": "t", "Arn": at.queue("q")[1]}])
    return at.code("events", "delete_rule", Name=name)


@probe("`EnableRule` of none", "model: `ResourceNotFoundException`", "ResourceNotFoundException")
def enable(at):
    return at.code("events", "enable_rule", Name=at.p + "gone")


@probe("`CreateSchedule` with an expression that is none", "§1.2, row Scheduler; model: `ValidationException`", "ValidationException")
def whenever(at):
    target = {"Arn": at.queue("q")[1], "RoleArn": "arn:aws:iam::123456789012:role/x"}
    return at.code("scheduler", "create_schedule", Name=at.p + "s", ScheduleExpression="whenever", FlexibleTimeWindow={"Mode": "OFF"}, Target=target)


# Formats -----------------------------------------------------------------------------------------------------------------

@probe("Half a JSON body", "model: `SerializationException`", "SerializationException")
def half(at):
    return at.raw("sqs", b"{", "AmazonSQS.GetQueueUrl")


@probe("An operation that there is not", "model: `UnknownOperationException`", "UnknownOperationException")
def unknown(at):
    return at.raw("sqs", b"{}", "AmazonSQS.Nonsense")


# -------------------------------------------------------------------------------------------------------------------------

def answers(endpoint):
    """Asks everything of one account."""
    stamp = format(int(time.time()) % 1_000_000, "x")
    told = []
    for n, (*_, ask) in enumerate(PROBES):
        try:
            told.append(ask(At(endpoint, f"d{stamp}-{n}-")))
        except ClientError as error:
            told.append(f"{error.operation_name}: {said(error)}")
        except (BotoCoreError, KeyError) as error:
            told.append(f"no answer that boto3 can read ({type(error).__name__})")
    return told


def wrong(told):
    """Where the simulated account does not answer as the reference says, or as it is said to."""
    return [f"{call}: {answer}, not {' or '.join(right)} ({reference})"
            for (call, reference, right, but, _), answer in zip(PROBES, told, strict=True)
            if answer not in ([but[0]] if but else right)]


def page(ours, others):
    """`others`: answers by the emulator's name and version."""
    rows = []
    for n, (call, reference, right, but, _) in enumerate(PROBES):
        theirs = [told[n] for told in others.values()]
        if but or any(answer not in right for answer in theirs):
            cells = ["as the reference" if answer in right else code(answer) for answer in theirs]
            own = f"{code(ours[n])}: {but[1]}" if but else code(ours[n])
            rows.append(f"| {call} | {reference.replace('|', ' or ')} | {own} | {' | '.join(cells)} |")
    alike = len(PROBES) - len(rows)
    names = " | ".join(others)
    return f"""# Where other emulators answer differently

Made by `tests/acceptance/run test_differences.py` with `WRITE_DIFFERENCES=1`, never by hand: the calls, each beside the line
of the reference that decides it, are in [differing.py](differing.py). "§" is a section of the project's page on AWS's
semantics, "model" is botocore's model of the service ({botocore.__version__}).

{len(PROBES)} calls; to {alike} of them all answer as the reference says. The others:

| Call | Reference | Simulated account | {names} |
|---|---|---|{'---|' * len(others)}
{chr(10).join(rows)}
"""


def code(answer):
    return f"`{answer}`" if " " not in answer and "`" not in answer and answer != "accepted" else answer


def main():
    bad = wrong(answers(sys.argv[1]))
    for line in bad:
        print(f"  WRONG {line}")
    print(f"{len(PROBES)} calls on which emulators differ, {len(bad)} not answered as the reference says")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
