"""EventBridge, Scheduler, Pipes, the API gateways and tags."""
import json

GONE = "ResourceNotFoundException"


def run(ask):
    p = ask.prefix
    url = ask("sqs", "create_queue", QueueName=p + "route").get("QueueUrl", "")
    queue = ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"]).get("Attributes", {}).get("QueueArn", "")
    ask.permit(url, queue, "events.amazonaws.com")
    events(ask, p, url, queue)
    schedules(ask, p, queue)
    apis(ask, p)
    tags(ask, p, url, queue)
    ask("ec2", "describe_instances", ["InvalidAction", "UnknownOperationException"]) if ask.strict else None
    ask("stepfunctions", "list_state_machines", ["UnknownOperationException"]) if ask.strict else None
    ask("ecs", "list_clusters", ["UnknownOperationException"]) if ask.strict else None


def events(ask, p, url, queue):
    ev = lambda op, fails=None, **kw: ask("events", op, fails, **kw)
    ask.check("events", "list_event_buses", "the default bus", "default" in [b["Name"] for b in ev("list_event_buses").get("EventBuses", [])])
    bus = ev("create_event_bus", Name=p + "bus").get("EventBusArn", "")
    ev("create_event_bus", "ResourceAlreadyExistsException", Name=p + "bus")
    ev("describe_event_bus", Name=p + "bus")
    ev("describe_event_bus", GONE, Name=p + "gone")
    pattern = json.dumps({"source": ["test." + p], "detail": {"n": [{"numeric": [">", 1]}]}})
    rule = ev("put_rule", Name=p + "r", EventPattern=pattern, Description="d").get("RuleArn", "")
    ask.check("events", "put_rule", "its arn", rule.endswith(":rule/" + p + "r"))
    ev("put_rule", "InvalidEventPatternException", Name=p + "bad", EventPattern="{not json")
    ev("put_rule", "ValidationException", Name=p + "bad", ScheduleExpression="every now and then")
    ev("put_rule", ["ValidationException", "ResourceNotFoundException"], Name=p + "bad", EventPattern=pattern, EventBusName=p + "gone")
    back = ev("describe_rule", Name=p + "r")
    ask.check("events", "describe_rule", "what was put", json.loads(back.get("EventPattern", "{}")) == json.loads(pattern) and back.get("State") == "ENABLED")
    ev("describe_rule", GONE, Name=p + "gone")
    ev("put_rule", Name=p + "sched", ScheduleExpression="rate(5 minutes)", State="DISABLED")
    ask.check("events", "list_rules", "both", {r["Name"] for r in ev("list_rules", NamePrefix=p).get("Rules", [])} == {p + "r", p + "sched"})
    target = {"Id": "t", "Arn": queue, "DeadLetterConfig": {"Arn": queue}, "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600}}
    put = ev("put_targets", Rule=p + "r", Targets=[target])
    ask.check("events", "put_targets", "none failed", put.get("FailedEntryCount") == 0)
    ev("put_targets", GONE, Rule=p + "gone", Targets=[target])
    ask.check("events", "list_targets_by_rule", "what was put", ev("list_targets_by_rule", Rule=p + "r").get("Targets") == [target])
    ev("list_targets_by_rule", GONE, Rule=p + "gone")
    ask.check("events", "list_rule_names_by_target", "the rule", ev("list_rule_names_by_target", TargetArn=queue).get("RuleNames") == [p + "r"])
    entry = lambda n: {"Source": "test." + p, "DetailType": "t", "Detail": json.dumps({"n": n, "text": "注文"})}
    sent = ev("put_events", Entries=[entry(1), entry(2), {"Source": "x", "DetailType": "t", "Detail": "{bad"}])
    ask.check("events", "put_events", "the malformed one failed", sent.get("FailedEntryCount") == 1 and sent.get("Entries", [{}] * 3)[2].get("ErrorCode") == "MalformedDetail")
    got = ask.until("events", "put_events", "the matching event arrives", lambda: ask("sqs", "receive_message", QueueUrl=url, WaitTimeSeconds=1).get("Messages"))
    ask.check("events", "put_events", "only the one that matches", [json.loads(m["Body"])["detail"]["n"] for m in got or []] == [2])
    tested = ev("test_event_pattern", EventPattern=pattern, Event=json.dumps({"id": "1", "account": "1", "source": "test." + p, "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [], "detail-type": "t", "detail": {"n": 2}}))
    ask.check("events", "test_event_pattern", "it matches", tested.get("Result") is True)
    ev("disable_rule", Name=p + "r")
    ev("enable_rule", Name=p + "r")
    ev("enable_rule", GONE, Name=p + "gone")
    ev("tag_resource", ResourceARN=rule, Tags=[{"Key": "app", "Value": p}])
    ask.check("events", "list_tags_for_resource", "tags", ev("list_tags_for_resource", ResourceARN=rule).get("Tags") == [{"Key": "app", "Value": p}])
    ev("delete_rule", "ValidationException", Name=p + "r")
    ev("remove_targets", Rule=p + "r", Ids=["t"])
    ev("delete_rule", Name=p + "r")
    ev("delete_event_bus", Name=p + "bus")
    ask.check("events", "create_event_bus", "its arn", bus.endswith(":event-bus/" + p + "bus"))


def schedules(ask, p, queue):
    sc = lambda op, fails=None, **kw: ask("scheduler", op, fails, **kw)
    target = {"Arn": queue, "RoleArn": "arn:aws:iam::123456789012:role/x", "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 600}}
    args = dict(Name=p + "s", ScheduleExpression="rate(5 minutes)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target, State="DISABLED")
    made = sc("create_schedule", **args).get("ScheduleArn", "")
    ask.check("scheduler", "create_schedule", "its arn", made.endswith("schedule/default/" + p + "s"))
    sc("create_schedule", "ConflictException", **args)
    sc("create_schedule", "ValidationException", **{**args, "Name": p + "bad", "ScheduleExpression": "whenever"})
    got = sc("get_schedule", Name=p + "s")
    ask.check("scheduler", "get_schedule", "what was put", got.get("Target", {}).get("Arn") == queue and got.get("State") == "DISABLED")
    sc("get_schedule", GONE, Name=p + "gone")
    ask.check("scheduler", "list_schedules", "it is listed", [s["Name"] for s in sc("list_schedules", NamePrefix=p).get("Schedules", [])] == [p + "s"])
    sc("list_schedule_groups")
    sc("delete_schedule", Name=p + "s")
    sc("delete_schedule", GONE, Name=p + "s")
    ask.check("pipes", "list_pipes", "none", ask("pipes", "list_pipes", NamePrefix=p).get("Pipes") == [])
    ask("pipes", "describe_pipe", "NotFoundException", Name=p + "gone")


def apis(ask, p):
    v2 = lambda op, fails=None, **kw: ask("apigatewayv2", op, fails, **kw)
    arn = "arn:aws:lambda:us-east-1:123456789012:function:" + p + "f"
    api = v2("create_api", Name=p + "http", ProtocolType="HTTP").get("ApiId", "none")
    integration = v2("create_integration", ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0").get("IntegrationId", "none")
    v2("create_route", ApiId=api, RouteKey="POST /orders", Target="integrations/" + integration)
    v2("create_stage", ApiId=api, StageName="$default", AutoDeploy=True)
    ask.check("apigatewayv2", "get_apis", "it is listed", api in [a["ApiId"] for a in v2("get_apis").get("Items", [])])
    v2("get_api", ApiId=api)
    v2("get_api", "NotFoundException", ApiId="none")
    ask.check("apigatewayv2", "get_routes", "the route", [r["RouteKey"] for r in v2("get_routes", ApiId=api).get("Items", [])] == ["POST /orders"])
    ask.check("apigatewayv2", "get_integrations", "the function", [i["IntegrationUri"] for i in v2("get_integrations", ApiId=api).get("Items", [])] == [arn])
    v2("get_stages", ApiId=api)
    v2("delete_api", ApiId=api)
    v1 = lambda op, fails=None, **kw: ask("apigateway", op, fails, **kw)
    rest = v1("create_rest_api", name=p + "rest").get("id", "none")
    root = (v1("get_resources", restApiId=rest).get("items") or [{"id": "x"}])[0]["id"]
    child = v1("create_resource", restApiId=rest, parentId=root, pathPart="orders").get("id", "none")
    v1("put_method", restApiId=rest, resourceId=child, httpMethod="POST", authorizationType="NONE")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    v1("put_integration", restApiId=rest, resourceId=child, httpMethod="POST", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    v1("create_deployment", restApiId=rest, stageName="prod")
    methods = [i for i in v1("get_resources", restApiId=rest, embed=["methods"]).get("items", []) if i.get("path") == "/orders"]
    got = methods[0].get("resourceMethods", {}).get("POST", {}).get("methodIntegration", {}).get("uri") if methods else None
    ask.check("apigateway", "get_resources", "the integration's uri", got == uri)
    ask.check("apigateway", "get_rest_apis", "it is listed", rest in [a["id"] for a in v1("get_rest_apis").get("items", [])])
    v1("get_rest_api", "NotFoundException", restApiId="none")
    v1("get_stages", restApiId=rest)
    v1("delete_rest_api", restApiId=rest)


def tags(ask, p, url, queue):
    ask("sqs", "tag_queue", QueueUrl=url, Tags={"app": p})
    found = ask("resourcegroupstaggingapi", "get_resources", TagFilters=[{"Key": "app", "Values": [p]}], ResourceTypeFilters=["sqs"])
    ask.check("resourcegroupstaggingapi", "get_resources", "the queue", [r["ResourceARN"] for r in found.get("ResourceTagMappingList", [])] == [queue])
    none = ask("resourcegroupstaggingapi", "get_resources", TagFilters=[{"Key": "app", "Values": ["none" + p]}])
    ask.check("resourcegroupstaggingapi", "get_resources", "nothing", none.get("ResourceTagMappingList") == [])
