"""CloudWatch Logs and CloudWatch."""
import datetime, time

GONE = "ResourceNotFoundException"


def run(ask):
    logs(ask, ask.prefix)
    metrics(ask, ask.prefix)


def now(ask):
    """The account's time: a served world tells it in a header, any other account's is the wall's."""
    answer = ask("sts", "get_caller_identity")
    told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-pitagora-clock")
    return int(told.split(";")[0]) if told else int(time.time() * 1000)


def logs(ask, p):
    lg, g, t = (lambda op, fails=None, **kw: ask("logs", op, fails, **kw)), "/test/" + p + "g", now(ask)
    lg("create_log_group", logGroupName=g, tags={"app": p})
    lg("create_log_group", "ResourceAlreadyExistsException", logGroupName=g)
    found = lg("describe_log_groups", logGroupNamePrefix=g).get("logGroups") or [{}]
    ask.check("logs", "describe_log_groups", "it is listed", found[0].get("logGroupName") == g and found[0].get("arn", "").endswith(g + ":*"))
    ask.check("logs", "describe_log_groups", "nothing", lg("describe_log_groups", logGroupNamePrefix="/none" + p).get("logGroups") == [])
    lg("put_retention_policy", logGroupName=g, retentionInDays=14)
    lg("put_retention_policy", "InvalidParameterException", logGroupName=g, retentionInDays=2)
    for op, more in (("describe_log_streams", {}), ("filter_log_events", {}), ("get_log_events", {"logStreamName": "s"}),
                     ("create_log_stream", {"logStreamName": "s"}), ("put_retention_policy", {"retentionInDays": 1}), ("delete_log_group", {})):
        lg(op, GONE, logGroupName=g + "-gone", **more)
    for stream in ("one", "two"):
        lg("create_log_stream", logGroupName=g, logStreamName=stream)
    lg("create_log_stream", "ResourceAlreadyExistsException", logGroupName=g, logStreamName="one")
    event = lambda i, text: {"timestamp": t - 5000 + i, "message": text}
    lg("put_log_events", logGroupName=g, logStreamName="one", logEvents=[event(i, f"line {i} 注文\tERROR" if i % 2 else f"line {i}") for i in range(10)])
    lg("put_log_events", logGroupName=g, logStreamName="two", logEvents=[event(3, '{"level":"error","n":7}')])
    lg("put_log_events", GONE, logGroupName=g, logStreamName="none", logEvents=[event(0, "x")])
    lg("put_log_events", "InvalidParameterException", logGroupName=g, logStreamName="one", logEvents=[event(5, "x"), event(1, "y")])
    names = lg("describe_log_streams", logGroupName=g, orderBy="LogStreamName").get("logStreams", [])
    ask.check("logs", "describe_log_streams", "both", [s["logStreamName"] for s in names] == ["one", "two"])
    lg("describe_log_streams", logGroupName=g, orderBy="LastEventTime", descending=True, limit=1)
    got = lg("get_log_events", logGroupName=g, logStreamName="one", startFromHead=True).get("events", [])
    ask.check("logs", "get_log_events", "all, in order", [e["timestamp"] for e in got] == [t - 5000 + i for i in range(10)])
    collect = lambda: everything(lg, logGroupName=g, startTime=t - 60_000)
    ask.until("logs", "filter_log_events", "all streams", lambda: len(collect()) == 11)
    some = everything(lg, logGroupName=g, filterPattern="ERROR")
    ask.check("logs", "filter_log_events", "a term", len(some) == 5 and all("ERROR" in e["message"] and e["eventId"] for e in some))
    ask.check("logs", "filter_log_events", "a field", len(everything(lg, logGroupName=g, filterPattern="{ $.n = 7 }")) == 1)
    ask.check("logs", "filter_log_events", "a window", len(everything(lg, logGroupName=g, startTime=t - 5000, endTime=t - 4998)) in (2, 3))
    pages = everything(lg, logGroupName=g, limit=3)
    ask.check("logs", "filter_log_events", "in pages, none twice", len({e["eventId"] for e in pages}) == len(pages) == 11)
    lg("filter_log_events", "InvalidParameterException", logGroupName=g, filterPattern="{ $.n = ")
    lg("describe_subscription_filters", logGroupName=g)
    arn = found[0].get("logGroupArn") or found[0].get("arn", "")[:-2]
    ask.check("logs", "list_tags_for_resource", "tags", lg("list_tags_for_resource", resourceArn=arn).get("tags") == {"app": p})
    tail(ask, g, arn, t)
    lg("delete_log_stream", logGroupName=g, logStreamName="two")
    lg("delete_log_group", logGroupName=g)
    lg("describe_destinations", ["UnknownOperationException"]) if ask.strict else None


def everything(lg, **kw):
    events, token = [], None
    while True:
        page = lg("filter_log_events", **kw, **({"nextToken": token} if token else {}))
        events, token = events + page.get("events", []), page.get("nextToken")
        if not token:
            return events


def tail(ask, group, arn, t):
    answer = ask("logs", "start_live_tail", logGroupIdentifiers=[arn])
    stream = answer.get("responseStream")
    if stream is None:
        return
    seen = []
    try:
        for event in stream:
            seen.append(next(iter(event)))
            if seen[0] == "sessionStart" and len(seen) == 1:
                ask("logs", "put_log_events", logGroupName=group, logStreamName="one", logEvents=[{"timestamp": now(ask), "message": "live 注文"}])
            if any(r["message"] == "live 注文" for r in event.get("sessionUpdate", {}).get("sessionResults", [])):
                seen.append("line")
                break
            if len(seen) > 15:
                break
    except Exception as error:
        ask.fail("logs", "start_live_tail", f"{type(error).__name__}: {error}")
    finally:
        stream.close()
    ask.check("logs", "start_live_tail", f"a start, then the line: {seen}", seen[:1] == ["sessionStart"] and seen[-1] == "line")


def metrics(ask, p):
    cw, t = (lambda op, fails=None, **kw: ask("cloudwatch", op, fails, **kw)), datetime.datetime.fromtimestamp(now(ask) // 60_000 * 60, datetime.timezone.utc)
    dimensions, minute = [{"Name": "FunctionName", "Value": p + "f"}], datetime.timedelta(minutes=1)
    data = [{"MetricName": "Errors", "Dimensions": dimensions, "Timestamp": t - i * minute, "Value": float(i), "Unit": "Count"} for i in range(1, 6)]
    cw("put_metric_data", Namespace="Test/" + p, MetricData=data)
    gzip = {"request_min_compression_size_bytes": 1}
    cw("put_metric_data", None, config=gzip, Namespace="Test/" + p, MetricData=[{"MetricName": "Zipped", "Value": 1.0, "Timestamp": t - minute}])
    cw("put_metric_data", ["InvalidParameterValue", "ValidationError", "InvalidParameterCombination"], Namespace="Test/" + p, MetricData=[{"MetricName": "X", "Value": 1.0, "Values": [1.0]}])
    listed = cw("list_metrics", Namespace="Test/" + p).get("Metrics", [])
    ask.check("cloudwatch", "list_metrics", "both", {m["MetricName"] for m in listed} == {"Errors", "Zipped"})
    stat = {"Metric": {"Namespace": "Test/" + p, "MetricName": "Errors", "Dimensions": dimensions}, "Period": 60, "Stat": "Sum"}
    query = dict(StartTime=t - 10 * minute, EndTime=t + minute, MetricDataQueries=[{"Id": "m1", "MetricStat": stat}])
    got = cw("get_metric_data", **query).get("MetricDataResults") or [{}]
    ask.check("cloudwatch", "get_metric_data", "newest first", got[0].get("Values") == [1.0, 2.0, 3.0, 4.0, 5.0] and got[0].get("Timestamps", [None])[0] == t - minute)
    up = cw("get_metric_data", **query, ScanBy="TimestampAscending").get("MetricDataResults") or [{}]
    ask.check("cloudwatch", "get_metric_data", "oldest first", up[0].get("Values") == [5.0, 4.0, 3.0, 2.0, 1.0])
    empty = cw("get_metric_data", **{**query, "MetricDataQueries": [{"Id": "m1", "MetricStat": {**stat, "Metric": {"Namespace": "None", "MetricName": "x"}}}]})
    ask.check("cloudwatch", "get_metric_data", "nothing", [r.get("Values") for r in empty.get("MetricDataResults", [])] == [[]])
    statistics = cw("get_metric_statistics", Namespace="Test/" + p, MetricName="Errors", Dimensions=dimensions, StartTime=t - 10 * minute, EndTime=t + minute, Period=600, Statistics=["Sum", "Maximum"])
    ask.check("cloudwatch", "get_metric_statistics", "sum and maximum", sum(d["Sum"] for d in statistics.get("Datapoints", [])) == 15.0)
    cw("get_metric_data", ["ValidationError", "InvalidParameterValue"], **{**query, "StartTime": t, "EndTime": t - minute})
    alarm = dict(AlarmName=p + "alarm", Namespace="Test/" + p, MetricName="Errors", Dimensions=dimensions, Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=3.0, ComparisonOperator="GreaterThanThreshold", AlarmActions=[])
    cw("put_metric_alarm", **alarm)
    back = cw("describe_alarms", AlarmNames=[p + "alarm"]).get("MetricAlarms") or [{}]
    ask.check("cloudwatch", "describe_alarms", "the alarm", back[0].get("AlarmName") == p + "alarm" and back[0].get("Threshold") == 3.0 and back[0].get("StateValue") in ("OK", "ALARM", "INSUFFICIENT_DATA"))
    ask.check("cloudwatch", "describe_alarms", "none", cw("describe_alarms", AlarmNamePrefix=p + "none").get("MetricAlarms") == [])
    cw("delete_alarms", AlarmNames=[p + "alarm"])
