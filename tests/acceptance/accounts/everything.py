"""A small account in which every API that discovery reads has something to tell, and it is known which edge hangs on which."""

from account import Account
from accounts.shapes import ELSEWHERE
from expect import Expected, dead_letter, destination, permitted, trigger, writes


def everything(a: Account):
    """The expectation, and for each edge's key the APIs without which it may be missing or only permitted."""
    dead, own_dead, lost, failed = (a.queue(f"all-{n}") for n in ("dead", "own-dead", "lost", "failed"))
    work = a.queue("all-work", dead_letters=dead)
    topic, bucket, silent = a.topic("all-topic"), a.bucket("all-bucket"), a.bucket("all-silent")
    bus, table = a.bus("all-bus"), a.table("all-table")
    env = {"BUCKET": "all-bucket", "TOPIC": topic, "QUEUE": work, "TABLE": "all-table", "BUS": "all-bus"}
    first = a.function("all-first", env=env, dead_letters=own_dead)
    second, third = a.function("all-second"), a.function("all-third")
    live = a.alias(third, "live")
    api, gone, theirs = a.arn("execute-api", "everything"), a.arn("sns", "all-gone"), f"arn:aws:sns:{a.region}:{ELSEWHERE}:theirs"
    pipe_source = a.queue("all-pipe-source")

    a.permit(first, f"{api}/*/GET/")
    a.permit(second, bucket)
    a.permit(third, gone, qualifier="live")
    a.permit(third, theirs)
    a.notify(bucket, second)
    a.notify(silent, failed)
    a.mapping(work, second)
    a.mapping(table, third, on_failure=failed)
    a.permit(second, topic)
    a.subscribe(topic, second, dead_letters=lost)
    a.subscribe(topic, work)
    a.destinations(second, success=topic, failure=bus)
    rule = a.rule("all-rule", first, dead_letters=lost)
    a.permit(first, rule)
    on_alias, on_bus = a.rule("all-rule-alias", live), a.rule("all-rule-bus", third, bus=bus)
    schedule = a.client("scheduler").create_schedule(
        Name="all-schedule", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": third, "RoleArn": a.role, "DeadLetterConfig": {"Arn": lost}},
    )["ScheduleArn"]  # fmt: skip
    pipe = a.client("pipes").create_pipe(Name="all-pipe", RoleArn=a.role, Source=pipe_source, Target=third)["Arn"]
    group = a.arn("logs", "log-group:/app/all")
    a.client("logs").create_log_group(logGroupName="/app/all")
    a.permit(third, group + ":*")
    a.client("logs").put_subscription_filter(logGroupName="/app/all", filterName="f", filterPattern="", destinationArn=third)
    url = a.client("lambda").create_function_url_config(FunctionName="all-second", AuthType="NONE")["FunctionUrl"]

    functions, mappings, queues = "lambda:ListFunctions", "lambda:ListEventSourceMappings", "sqs:ListQueues"
    policies, aliases = (functions, "lambda:GetPolicy"), (functions, "lambda:GetPolicy", "lambda:ListAliases")
    invoke = (functions, "lambda:ListFunctionEventInvokeConfigs")
    attributes, subscriptions = (queues, "sqs:GetQueueAttributes"), ("sns:ListTopics", "sns:ListSubscriptions")
    redrive = (*subscriptions, "sns:GetSubscriptionAttributes")
    buckets = ("s3:ListBuckets", "s3:GetBucketNotificationConfiguration")
    rules, schedules = "events:ListRules", "scheduler:ListSchedules"
    targets = (rules, "events:ListTargetsByRule")
    needs = [
        (permitted(api, first), policies),
        (permitted(theirs, third), policies),
        (permitted(gone, third, qualifier="live"), aliases),
        (dead_letter(first, own_dead), (functions,)),
        (trigger(group, third), (*policies, "logs:DescribeSubscriptionFilters")),
        (trigger(url, second), (functions, "lambda:ListFunctionUrlConfigs")),
        (writes(first, bucket), (functions, "s3:ListBuckets")),
        (writes(first, topic), (functions, *subscriptions)),
        (writes(first, work), (functions, queues)),
        (writes(first, table), (functions, mappings)),
        (writes(first, bus), (functions, "events:ListEventBuses")),
        (trigger(bucket, second), buckets),
        (trigger(silent, failed), buckets),
        (dead_letter(work, dead), attributes),
        (trigger(work, second), (mappings,)),
        (trigger(table, third), (mappings,)),
        (dead_letter(third, failed), (mappings,)),
        (trigger(topic, second), subscriptions),
        (trigger(topic, work), subscriptions),
        (dead_letter(topic, lost), redrive),
        (destination(second, topic), invoke),
        (destination(second, bus), invoke),
        (trigger(rule, first), targets),
        (dead_letter(rule, lost), targets),
        (trigger(on_alias, third, qualifier="live"), targets),
        (trigger(bus, on_bus), ("events:ListEventBuses", rules)),
        (trigger(on_bus, third), ("events:ListEventBuses", *targets)),
        (trigger(schedule, third), (schedules,)),
        (dead_letter(schedule, lost), (schedules, "scheduler:GetSchedule")),
        (trigger(pipe_source, pipe), ("pipes:ListPipes",)),
        (trigger(pipe, third), ("pipes:ListPipes",)),
    ]
    loops = [{second, topic, work}]
    expected = Expected(a.id, a.region, functions={first, second, third}, edges=[e for e, _ in needs], loops=loops)
    return expected, {e.key: set(apis) for e, apis in needs}
