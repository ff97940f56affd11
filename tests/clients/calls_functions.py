"""Lambda, IAM and STS."""
import io, json, zipfile

GONE = "ResourceNotFoundException"


def code():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("index.py", "def handler(event, context): return event")
    return out.getvalue()


def run(ask):
    p, account = ask.prefix, ask("sts", "get_caller_identity").get("Account", "")
    ask.check("sts", "get_caller_identity", "twelve digits", len(account) == 12)
    role = roles(ask, p)
    fn = lambda op, fails=None, **kw: ask("lambda", op, fails, **kw)
    name = p + "f"
    args = dict(FunctionName=name, Runtime="python3.12", Role=role, Handler="index.handler", Code={"ZipFile": code()}, Timeout=15,
                MemorySize=256, Description="注文", Environment={"Variables": {"MODE": "plain"}}, Tags={"app": p})
    made = fn("create_function", **args)
    arn = made.get("FunctionArn", "")
    ask.check("lambda", "create_function", "its configuration", arn.endswith(":function:" + name) and made.get("Timeout") == 15
              and made.get("Environment") == {"Variables": {"MODE": "plain"}} and made.get("CodeSha256") and made.get("CodeSize", 0) > 0)
    fn("create_function", "ResourceConflictException", **args)
    fn("create_function", ["ValidationException", "InvalidParameterValueException"], **{**args, "FunctionName": p + "x", "Timeout": 901})
    got = fn("get_function", FunctionName=name)
    ask.check("lambda", "get_function", "configuration, code and tags", got.get("Configuration", {}).get("FunctionArn") == arn
              and got.get("Tags") == {"app": p} and "Code" in got)
    ask.until("lambda", "get_function_configuration", "active", lambda: fn("get_function_configuration", FunctionName=arn).get("State") == "Active")
    for op, more in (("get_function", {}), ("get_function_configuration", {}), ("invoke", {}), ("delete_function", {}), ("get_policy", {}),
                     ("list_aliases", {}), ("get_function_event_invoke_config", {}), ("put_function_concurrency", {"ReservedConcurrentExecutions": 1})):
        fn(op, GONE, FunctionName=p + "gone", **more)
    names, marker = [], None
    while True:
        page = fn("list_functions", **({"Marker": marker} if marker else {}))
        names, marker = names + [f["FunctionName"] for f in page.get("Functions", [])], page.get("NextMarker")
        if not marker:
            break
    ask.check("lambda", "list_functions", "it is listed", name in names)
    page = fn("list_functions", MaxItems=1)
    ask.check("lambda", "list_functions", "one a page", len(page.get("Functions", [])) == 1)
    changed = fn("update_function_configuration", FunctionName=name, Timeout=20, TracingConfig={"Mode": "Active"})
    ask.check("lambda", "update_function_configuration", "it changed", changed.get("Timeout") == 20)
    ask.until("lambda", "get_function_configuration", "updated", lambda: fn("get_function_configuration", FunctionName=name).get("LastUpdateStatus") == "Successful")
    fn("update_function_code", FunctionName=name, ZipFile=code())

    done = fn("invoke", FunctionName=name, Payload=b'{"a": 1}', LogType="Tail")
    ask.check("lambda", "invoke", "an answer with the log's tail", done.get("StatusCode") == 200 and done.get("LogResult")
              and json.loads(done["Payload"].read()) is not Ellipsis and "FunctionError" not in done)
    event = fn("invoke", FunctionName=name, InvocationType="Event", Payload=b"{}")
    ask.check("lambda", "invoke", "202 for an event", event.get("StatusCode") == 202)
    ask.check("lambda", "invoke", "204 for a dry run", fn("invoke", FunctionName=name, InvocationType="DryRun").get("StatusCode") == 204)
    fn("invoke", "InvalidRequestContentException", FunctionName=name, Payload=b"{not json")

    grant = dict(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::" + p + "b")
    fn("get_policy", GONE, FunctionName=name)
    statement = json.loads(fn("add_permission", **grant).get("Statement", "{}"))
    ask.check("lambda", "add_permission", "the statement", statement.get("Sid") == "s")
    fn("add_permission", "ResourceConflictException", **grant)
    policy = json.loads(fn("get_policy", FunctionName=name).get("Policy", "{}"))
    ask.check("lambda", "get_policy", "the statement in it", [s["Sid"] for s in policy.get("Statement", [])] == ["s"])
    fn("remove_permission", FunctionName=name, StatementId="s")
    fn("remove_permission", GONE, FunctionName=name, StatementId="s")

    version = fn("publish_version", FunctionName=name).get("Version")
    ask.check("lambda", "publish_version", "version 1", version == "1")
    alias = fn("create_alias", FunctionName=name, Name="live", FunctionVersion="1")
    ask.check("lambda", "create_alias", "its arn", alias.get("AliasArn") == arn + ":live")
    fn("create_alias", "ResourceConflictException", FunctionName=name, Name="live", FunctionVersion="1")
    fn("get_alias", FunctionName=name, Name="live")
    fn("get_alias", GONE, FunctionName=name, Name="none")
    ask.check("lambda", "list_aliases", "one", [a["Name"] for a in fn("list_aliases", FunctionName=name).get("Aliases", [])] == ["live"])
    versions = [v["Version"] for v in fn("list_versions_by_function", FunctionName=name).get("Versions", [])]
    ask.check("lambda", "list_versions_by_function", "latest and 1", sorted(versions) == ["$LATEST", "1"])

    ask.check("lambda", "put_function_concurrency", "5", fn("put_function_concurrency", FunctionName=name, ReservedConcurrentExecutions=5).get("ReservedConcurrentExecutions") == 5)
    ask.check("lambda", "get_function_concurrency", "5", fn("get_function_concurrency", FunctionName=name).get("ReservedConcurrentExecutions") == 5)
    fn("delete_function_concurrency", FunctionName=name)
    mappings(ask, fn, p, name, arn)
    asynchronous(ask, fn, p, name)
    ask.check("lambda", "list_tags", "tags", fn("list_tags", Resource=arn).get("Tags") == {"app": p})
    fn("tag_resource", Resource=arn, Tags={"more": "1"})
    fn("untag_resource", Resource=arn, TagKeys=["app", "more"])
    url = fn("create_function_url_config", FunctionName=name, AuthType="NONE")
    ask.check("lambda", "create_function_url_config", "a url", url.get("FunctionUrl", "").startswith("http"))
    fn("list_function_url_configs", FunctionName=name)
    fn("get_account_settings")
    fn("list_code_signing_configs", ["UnknownOperationException", "NotImplementedException"])
    fn("delete_function", FunctionName=name)
    fn("get_function", GONE, FunctionName=name)


def mappings(ask, fn, p, name, arn):
    url = ask("sqs", "create_queue", QueueName=p + "esm", Attributes={"VisibilityTimeout": "60"}).get("QueueUrl", "")
    queue = ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"]).get("Attributes", {}).get("QueueArn", "")
    made = fn("create_event_source_mapping", EventSourceArn=queue, FunctionName=name, BatchSize=5, Enabled=False,
              FunctionResponseTypes=["ReportBatchItemFailures"], FilterCriteria={"Filters": [{"Pattern": '{"body":{"a":[1]}}'}]})
    uuid = made.get("UUID", "none")
    ask.check("lambda", "create_event_source_mapping", "what was asked", made.get("BatchSize") == 5 and made.get("FunctionArn") == arn and made.get("EventSourceArn") == queue)
    fn("create_event_source_mapping", "ResourceConflictException", EventSourceArn=queue, FunctionName=name)
    fn("create_event_source_mapping", "InvalidParameterValueException", EventSourceArn=queue + "-gone", FunctionName=name)
    fn("get_event_source_mapping", UUID=uuid)
    fn("get_event_source_mapping", GONE, UUID="00000000-0000-0000-0000-000000000000")
    listed = fn("list_event_source_mappings", FunctionName=name).get("EventSourceMappings", [])
    ask.check("lambda", "list_event_source_mappings", "one", [m["UUID"] for m in listed] == [uuid])
    fn("list_event_source_mappings")
    fn("update_event_source_mapping", UUID=uuid, BatchSize=3)
    fn("delete_event_source_mapping", UUID=uuid)


def asynchronous(ask, fn, p, name):
    fn("get_function_event_invoke_config", GONE, FunctionName=name)
    url = ask("sqs", "create_queue", QueueName=p + "onfail").get("QueueUrl", "")
    queue = ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"]).get("Attributes", {}).get("QueueArn", "")
    made = fn("put_function_event_invoke_config", FunctionName=name, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=3600, DestinationConfig={"OnFailure": {"Destination": queue}})
    ask.check("lambda", "put_function_event_invoke_config", "what was asked", made.get("MaximumRetryAttempts") == 1 and made.get("DestinationConfig", {}).get("OnFailure") == {"Destination": queue})
    fn("put_function_event_invoke_config", ["InvalidParameterValueException", "ValidationException"], FunctionName=name, MaximumRetryAttempts=3)
    fn("get_function_event_invoke_config", FunctionName=name)
    fn("update_function_event_invoke_config", FunctionName=name, MaximumRetryAttempts=0)
    listed = fn("list_function_event_invoke_configs", FunctionName=name).get("FunctionEventInvokeConfigs", [])
    ask.check("lambda", "list_function_event_invoke_configs", "one", len(listed) == 1)
    fn("delete_function_event_invoke_config", FunctionName=name)
    ask.check("lambda", "get_function_recursion_config", "on by default", fn("get_function_recursion_config", FunctionName=name).get("RecursiveLoop") == "Terminate")
    fn("put_function_recursion_config", FunctionName=name, RecursiveLoop="Allow")


def roles(ask, p):
    iam, trust = (lambda op, fails=None, **kw: ask("iam", op, fails, **kw)), json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    access = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]})
    arn = iam("create_role", RoleName=p + "role", AssumeRolePolicyDocument=trust).get("Role", {}).get("Arn", "arn:aws:iam::1:role/x")
    iam("create_role", "EntityAlreadyExists", RoleName=p + "role", AssumeRolePolicyDocument=trust)
    ask.check("iam", "get_role", "its arn", iam("get_role", RoleName=p + "role").get("Role", {}).get("Arn") == arn)
    iam("get_role", "NoSuchEntity", RoleName=p + "gone")
    iam("put_role_policy", RoleName=p + "role", PolicyName="access", PolicyDocument=access)
    ask.check("iam", "list_role_policies", "one", iam("list_role_policies", RoleName=p + "role").get("PolicyNames") == ["access"])
    iam("get_role_policy", RoleName=p + "role", PolicyName="access")
    iam("attach_role_policy", RoleName=p + "role", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    iam("list_attached_role_policies", RoleName=p + "role")
    iam("list_roles")
    iam("upload_ssh_public_key", ["InvalidAction", "UnknownOperationException"], UserName="x", SSHPublicKeyBody="x")
    return arn
