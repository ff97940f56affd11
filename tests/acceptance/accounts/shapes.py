"""Small accounts, each with the edges that it must show. A shape is a function: account in, expectation out."""

import json

from account import Account, name_of
from expect import Expected, dead_letter, destination, permitted, trigger, writes

ELSEWHERE = "999999999999"


def bucket_topic_two_functions_and_a_queue(a: Account):
    bucket, topic, queue = a.bucket("fan-bucket"), a.topic("fan-topic"), a.queue("fan-queue")
    left, right = a.function("fan-left"), a.function("fan-right")
    a.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic}],
    }))  # fmt: skip
    a.notify(bucket, topic, prefix="in/")
    for function in (left, right):
        a.permit(function, topic)
        a.subscribe(topic, function)
    a.subscribe(topic, queue)
    a.subscribe(topic, "https://example.com/hook", protocol="https")
    return Expected(a.id, a.region, functions={left, right}, edges=[
        trigger(bucket, topic), trigger(topic, left), trigger(topic, right), trigger(topic, queue),
    ])  # fmt: skip


def one_bucket_to_three_kinds(a: Account):
    bucket, topic, queue, function = a.bucket("three-bucket"), a.topic("three-topic"), a.queue("three-queue"), a.function("three-fn")
    for_sqs, for_sns = a.bucket("three-other"), a.bucket("three-last")
    a.permit(function, bucket)
    a.notify(bucket, function, suffix=".csv")
    a.notify(for_sqs, queue, suffix=".json")
    a.notify(for_sns, topic)
    a.bucket("three-silent")
    return Expected(a.id, a.region, functions={function}, edges=[
        trigger(bucket, function), trigger(for_sqs, queue), trigger(for_sns, topic),
    ])  # fmt: skip


def fifo_lane(a: Account):
    dead = a.queue("lane-dead.fifo")
    lane = a.queue("lane.fifo", dead_letters=dead, receives=5)
    function = a.function("lane-worker")
    a.mapping(lane, function, BatchSize=10)
    return Expected(a.id, a.region, functions={function}, edges=[trigger(lane, function), dead_letter(lane, dead)])


def kinesis_reader(a: Account):
    stream, failures = a.kinesis("clicks"), a.queue("clicks-failures")
    reader, off = a.function("clicks-reader"), a.function("clicks-off")
    a.mapping(stream, reader, on_failure=failures, BatchSize=50, MaximumRetryAttempts=3)
    a.mapping(stream, off, Enabled=False)
    return Expected(a.id, a.region, functions={reader, off}, edges=[
        trigger(stream, reader), trigger(stream, off, enabled=False), dead_letter(reader, failures),
    ])  # fmt: skip


def subscription_and_rule_dead_letters(a: Account):
    lost, rule_lost = a.queue("subscription-lost"), a.queue("rule-lost")
    function, other, queue, topic = a.function("dl-fn"), a.function("dl-other"), a.queue("dl-queue"), a.topic("dl-topic")
    for f in (function, other):
        a.permit(f, topic)
        a.subscribe(topic, f, dead_letters=lost)
    a.subscribe(topic, queue)
    rule = a.rule("dl-rule", function, dead_letters=rule_lost)
    a.permit(function, rule)
    to_queue = a.rule("dl-rule-to-queue", queue, dead_letters=rule_lost)
    to_topic = a.rule("dl-rule-to-topic", topic)
    return Expected(a.id, a.region, functions={function, other}, edges=[
        trigger(topic, function), trigger(topic, other), trigger(topic, queue), dead_letter(topic, lost),
        trigger(rule, function), dead_letter(rule, rule_lost),
        trigger(to_queue, queue), dead_letter(to_queue, rule_lost), trigger(to_topic, topic),
    ])  # fmt: skip


def destinations_of_both_kinds(a: Account):
    queue, topic, bus = a.queue("dest-queue"), a.topic("dest-topic"), a.bus("dest-bus")
    first, second, third, fourth = (a.function(f"dest-{n}") for n in ("first", "second", "third", "fourth"))
    a.destinations(first, success=second, failure=queue)
    a.destinations(second, success=topic, failure=bus)
    a.destinations(third, success=queue, failure=queue)
    a.destinations(fourth, success=a.arn("events", "event-bus/default"))
    rule = a.rule("dest-rule", third, bus=bus)
    a.permit(third, rule)
    return Expected(a.id, a.region, functions={first, second, third, fourth}, edges=[
        destination(first, second), destination(first, queue), destination(second, topic), destination(second, bus),
        destination(third, queue), trigger(bus, rule), trigger(rule, third),
        destination(fourth, a.arn("events", "event-bus/default")),
    ])  # fmt: skip


def bucket_whose_function_feeds_it(a: Account):
    bucket = a.bucket("copies")
    copier = a.function("copier", env={"OUTPUT_BUCKET": "copies"})
    a.permit(copier, bucket)
    a.notify(bucket, copier, prefix="in/")
    return Expected(a.id, a.region, functions={copier}, loops=[{bucket, copier}], edges=[
        trigger(bucket, copier), writes(copier, bucket),
    ])  # fmt: skip


def two_loops_and_a_way_out(a: Account):
    queue, topic, out = a.queue("ring-queue"), a.topic("ring-topic"), a.queue("ring-out")
    retry, retried = a.queue("retry-queue"), a.function("retried")
    one, two = a.function("ring-one", env={"NEXT": queue}), a.function("ring-two", env={"TOPIC": topic})
    a.mapping(queue, two)
    a.permit(one, topic)
    a.subscribe(topic, one)
    a.subscribe(topic, out)
    a.mapping(retry, retried)
    a.destinations(retried, failure=retry)
    return Expected(a.id, a.region, functions={one, two, retried}, loops=[{one, queue, two, topic}, {retry, retried}], edges=[
        writes(one, queue), trigger(queue, two), writes(two, topic), trigger(topic, one), trigger(topic, out),
        trigger(retry, retried), destination(retried, retry),
    ])  # fmt: skip


def function_behind_an_alias(a: Account):
    # moto stores the version that the alias names with a mapping, and drops the alias of an invoke config.
    mapped, configured = ("1", None) if a.emulator == "moto" else ("live", "live")
    function, queue, failures, topic = a.function("aliased"), a.queue("alias-queue"), a.queue("alias-failures"), a.topic("alias-topic")
    live = a.alias(function, "live")
    a.mapping(queue, live)
    rule = a.rule("alias-rule", live)
    a.permit(function, rule, qualifier="live")
    unconfirmed = a.arn("events", "rule/alias-deleted-rule")
    a.permit(function, unconfirmed, qualifier="live")
    a.permit(function, topic)
    a.subscribe(topic, function)
    a.destinations(function, failure=failures, qualifier="live")
    return Expected(a.id, a.region, functions={function}, edges=[
        trigger(queue, function, qualifier=mapped), trigger(rule, function, qualifier="live"),
        permitted(unconfirmed, function, qualifier="live"), trigger(topic, function),
        destination(function, failures, qualifier=configured),
    ])  # fmt: skip


def names_in_japanese(a: Account):
    tags = {"チーム": "注文処理", "説明": "夜間の再試行"}
    pairs = [{"Key": k, "Value": v} for k, v in tags.items()]
    dead = a.queue("jp-dead", tags=tags)
    queue, topic, bucket = a.queue("jp-queue", dead_letters=dead, tags=tags), a.topic("jp-topic", tags=pairs), a.bucket("jp-bucket")
    function = a.function("jp-fn", env={"GREETING": "こんにちは、世界", "QUEUE": "jp-queue"}, Description="注文を受け付けて検証する関数", Tags=tags)
    a.client("s3").put_bucket_tagging(Bucket="jp-bucket", Tagging={"TagSet": pairs})
    a.permit(function, bucket)
    a.notify(bucket, function, prefix="受注/")
    a.subscribe(topic, queue, FilterPolicy=json.dumps({"種類": ["緊急"]}, ensure_ascii=False))
    rule = a.rule("jp-rule", function, description="五分ごとに注文を確認する")
    a.permit(function, rule)
    return Expected(a.id, a.region, functions={function}, edges=[
        dead_letter(queue, dead), trigger(bucket, function), trigger(topic, queue), trigger(rule, function), writes(function, queue),
    ])  # fmt: skip


def only_a_policy_says_so(a: Account):
    function = a.function("permitted")
    bucket, topic = a.bucket("allowed-bucket"), a.topic("allowed-topic")
    gone = a.arn("sns", "deleted-topic")
    api = a.arn("execute-api", "abcdef1234")
    a.permit(function, bucket)
    a.permit(function, topic)
    a.permit(function, gone)
    a.permit(function, f"{api}/*/GET/one")
    a.permit(function, f"{api}/prod/POST/two")
    group = a.arn("logs", "log-group:/app/payments")
    a.permit(function, group + ":*")
    balancer = a.arn("elasticloadbalancing", "targetgroup/web/0123456789abcdef")
    a.permit(function, balancer)
    pool = a.arn("cognito-idp", "userpool/us-east-1_AbCdEf")
    a.permit(function, pool)
    thing = a.arn("iot", "rule/telemetry")
    a.permit(function, thing)
    a.permit(function, None, principal="config.amazonaws.com")  # who may, but no single resource: any of them
    any_config = a.arn("config", "*")
    any_rule = a.arn("events", "rule/*")
    a.permit(function, any_rule)
    a.permit(function, a.arn("logs", "log-group:*:*"))  # too many to be a box
    sources = (bucket, topic, gone, api, group, balancer, pool, thing, any_config, any_rule)
    return Expected(a.id, a.region, functions={function}, edges=[permitted(source, function) for source in sources])


def other_accounts_and_regions(a: Account):
    function = a.function("visited")
    topic = f"arn:aws:sns:{a.region}:{ELSEWHERE}:their-topic"
    rule = f"arn:aws:events:eu-west-1:{a.id}:rule/their-rule"
    bus = f"arn:aws:events:{a.region}:{ELSEWHERE}:event-bus/central"
    a.permit(function, topic)
    a.permit(function, rule)
    forward = a.rule("forward", bus)
    return Expected(a.id, a.region, functions={function}, edges=[
        permitted(topic, function), permitted(rule, function), trigger(forward, bus),
    ])  # fmt: skip


def what_is_disabled(a: Account):
    queue, function, bus = a.queue("off-queue"), a.function("off-fn"), a.bus("off-bus")
    a.mapping(queue, function, Enabled=False)
    rule, elsewhere = a.rule("off-rule", function, enabled=False), a.rule("off-bus-rule", function, bus=bus, enabled=False)
    a.permit(function, rule)
    on = a.rule("on-rule", function, schedule="cron(0 12 * * ? *)")
    return Expected(a.id, a.region, functions={function}, edges=[
        trigger(queue, function, enabled=False), trigger(rule, function, enabled=False),
        trigger(elsewhere, function, enabled=False), trigger(bus, elsewhere, enabled=None), trigger(on, function),
    ])  # fmt: skip


def what_environment_variables_name(a: Account):
    queue, by_name, topic, bucket = a.queue("env-queue"), a.queue("env-by-name"), a.topic("env-topic"), a.bucket("env-bucket")
    table, stream, bus = a.table("env-table"), a.kinesis("env-stream"), a.bus("env-bus")
    reader = a.function("env-reader")
    a.mapping(table, reader)
    a.mapping(stream, reader)
    a.queue("env-unnamed")
    writer = a.function("env-writer", env={
        "QUEUE_URL": a.queue_url(queue), "SAME": queue, "OTHER_QUEUE": "env-by-name", "TOPIC": topic, "BUCKET": "env-bucket",
        "TABLE": "env-table", "STREAM": stream, "NEXT_FUNCTION": "env-reader", "BUS": "env-bus",
        "POWERTOOLS_SERVICE_NAME": "env-queue", "APP": "env-reader", "TABLE_NAME": "env-unnamed",
        "NOT_A_NAME": "see env-unnamed", "NOT_THERE": "env-nowhere", "EMPTY": "", "CASE": "ENV-UNNAMED", "STAGE": "prod",
    })  # fmt: skip
    return Expected(a.id, a.region, functions={reader, writer}, edges=[
        trigger(table, reader), trigger(stream, reader),
        *(writes(writer, it) for it in (queue, by_name, topic, bucket, table, stream, reader, bus)),
    ])  # fmt: skip


def what_a_function_reads_it_does_not_write(a: Account):
    queue, table = a.queue("own-queue"), a.table("own-table")
    function = a.function("own", env={"QUEUE_URL": a.queue_url(queue), "QUEUE_ARN": queue, "TABLE_NAME": "own-table"})
    a.mapping(queue, function)
    a.mapping(table, function)
    return Expected(a.id, a.region, functions={function}, loops=[{function, table}], edges=[
        trigger(queue, function), trigger(table, function), writes(function, table),
    ])  # fmt: skip


def any_resource_of_a_service(a: Account):
    edges, functions = [], set()
    for name, service, resource in (
        ("any-api", "apigateway.amazonaws.com", "execute-api"), ("any-alb", "elasticloadbalancing.amazonaws.com", "elasticloadbalancing"),
        ("any-ses", "ses.amazonaws.com", "ses"),
    ):  # fmt: skip
        function = a.function(name)
        a.permit(function, None, principal=service)
        functions.add(function)
        edges.append(permitted(a.arn(resource, "*"), function))
    # A rule that is configured explains why any rule may.
    ruled = a.function("any-rule")
    a.permit(ruled, None, principal="events.amazonaws.com")
    edges.append(trigger(a.rule("any-rule-of-these", ruled), ruled))
    return Expected(a.id, a.region, functions=functions | {ruled}, edges=edges)


def bucket_by_way_of_the_default_bus(a: Account):
    bucket, other, function = a.bucket("bus-bucket"), a.bucket("bus-other"), a.function("bus-fn")
    for name in (bucket, other):
        a.client("s3").put_bucket_notification_configuration(
            Bucket=name_of(name), NotificationConfiguration={"EventBridgeConfiguration": {}} if name == bucket else {}
        )
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["bus-bucket"]}}}
    rule = a.rule("bus-rule", function, pattern=pattern)
    a.permit(function, rule)
    elsewhere = a.rule("bus-elsewhere", function, pattern={"source": ["aws.s3"], "detail": {"bucket": {"name": ["bus-other"]}}})
    a.permit(function, elsewhere)
    return Expected(a.id, a.region, functions={function}, edges=[
        trigger(bucket, rule), trigger(rule, function), trigger(elsewhere, function),
    ])  # fmt: skip


def schedules_and_pipes(a: Account):
    lost, source, function, piped = a.queue("sched-lost"), a.queue("pipe-source"), a.function("sched-fn"), a.function("pipe-fn")
    made = []
    for name, state, dead in (("every-hour", "ENABLED", {"DeadLetterConfig": {"Arn": lost}}), ("paused", "DISABLED", {})):
        made.append(a.client("scheduler").create_schedule(
            Name=name, ScheduleExpression="rate(1 hour)", State=state, FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": function, "RoleArn": a.role, **dead},
        )["ScheduleArn"])  # fmt: skip
    pipe = a.client("pipes").create_pipe(Name="sched-pipe", RoleArn=a.role, Source=source, Target=piped)["Arn"]
    return Expected(a.id, a.region, functions={function, piped}, edges=[
        trigger(made[0], function), dead_letter(made[0], lost), trigger(made[1], function, enabled=False),
        trigger(source, pipe), trigger(pipe, piped),
    ])  # fmt: skip


def function_urls(a: Account):
    one, other = a.function("open-url"), a.function("other-url")

    def url(function):
        return a.client("lambda").create_function_url_config(FunctionName=name_of(function), AuthType="NONE")["FunctionUrl"]

    return Expected(a.id, a.region, functions={one, other}, edges=[trigger(url(one), one), trigger(url(other), other)])


def log_groups(a: Account):
    function, logs = a.function("log-reader"), a.client("logs")
    group = a.arn("logs", "log-group:/app/orders")
    logs.create_log_group(logGroupName="/app/orders")
    logs.create_log_group(logGroupName="/aws/lambda/log-reader")  # the function's own: no edge
    a.permit(function, group + ":*")
    logs.put_subscription_filter(logGroupName="/app/orders", filterName="errors", filterPattern="ERROR", destinationArn=function)
    return Expected(a.id, a.region, functions={function}, edges=[trigger(group, function)])


def a_function_alone(a: Account):
    function = a.function("alone", env={"STAGE": "test"})
    a.queue("lonely-queue")
    a.topic("lonely-topic")
    a.bucket("lonely-bucket")
    a.rule("lonely-rule")
    return Expected(a.id, a.region, functions={function}, edges=[])


def nothing_at_all(a: Account):
    return Expected(a.id, a.region, edges=[])


SHAPES = [
    bucket_topic_two_functions_and_a_queue,
    one_bucket_to_three_kinds,
    fifo_lane,
    kinesis_reader,
    subscription_and_rule_dead_letters,
    destinations_of_both_kinds,
    bucket_whose_function_feeds_it,
    two_loops_and_a_way_out,
    function_behind_an_alias,
    names_in_japanese,
    only_a_policy_says_so,
    other_accounts_and_regions,
    what_is_disabled,
    what_environment_variables_name,
    what_a_function_reads_it_does_not_write,
    any_resource_of_a_service,
    bucket_by_way_of_the_default_bus,
    schedules_and_pipes,
    function_urls,
    log_groups,
    a_function_alone,
    nothing_at_all,
]

# What an emulator cannot hold, by name and with the reason.
SKIPPED = {
    (function_urls, "moto"): "moto does not serve ListFunctionUrlConfigs",
    (bucket_by_way_of_the_default_bus, "moto"): "moto's GetBucketNotification leaves EventBridgeConfiguration out",
}
