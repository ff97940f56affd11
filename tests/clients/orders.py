#!/usr/bin/env python3
"""Deterministic Lambda trigger-chain fixture for ANY AWS-compatible endpoint.

EventBridge rule ─┐
API Gateway v2/v1 ┴▶ A orders-ingest ─▶ S3 put ─▶ B orders-parse ─▶ SQS orders-work(+dlq)
 ─▶ C orders-worker ─▶ SNS orders-events ─▶ D orders-notify (+email, +sqs audit)
 ─▶ DynamoDB orders (stream) ─▶ E orders-stream (ESM on-failure -> SQS)

What the functions do over a served world is in orders.toml: there the code below is stored, never run.

usage: orders.py --endpoint http://127.0.0.1:4566 [--report out.json]
       [--bulk-logs N] [--bulk-dlq N] [--now EPOCH_MS] [--no-seed]
Every step is attempted; failures are recorded, not raised (exit 1 if any).
Names, bodies and log text are fixed; only ARN account/region, queue URL host and
timestamps (--now, default: current minute) depend on the endpoint.
"""
import argparse, hashlib, io, json, os, sys, time, zipfile
import boto3
from botocore.config import Config

P = os.environ.get("ORDERS_PREFIX", "orders")  # the client tests also pass with every name prefixed at random
FN = dict(A=f"{P}-ingest", B=f"{P}-parse", C=f"{P}-worker", D=f"{P}-notify", E=f"{P}-stream")
Q = dict(work=f"{P}-work", dlq=f"{P}-work-dlq", audit=f"{P}-audit", fndlq=f"{P}-ingest-fn-dlq",
         fail=f"{P}-notify-failures", streamfail=f"{P}-stream-failures", bulk=f"{P}-bulk", bulkdlq=f"{P}-bulk-dlq")
RULE, SCHED, TOPIC, TABLE, ROLE, HTTPAPI, RESTAPI = f"{P}-rule", f"{P}-schedule", f"{P}-events", f"{P}-table", f"{P}-role", f"{P}-http", f"{P}-rest"
DLQ_N = 100

HANDLER = r'''
import json, os, botocore.session
def cli(name):
    s = botocore.session.get_session()
    ep = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("EMU_ENDPOINT") or None
    return s.create_client(name, region_name=os.environ.get("AWS_REGION", "us-east-1"), endpoint_url=ep,
        aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "test"), aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "test"))
def handler(event, context):
    role = os.environ["STAGE"]
    print(json.dumps({"level": "INFO", "msg": "event", "stage": role, "event": event}, ensure_ascii=False)[:2000])
    text = json.dumps(event)
    if "poison-" + role in text:
        print("ERROR poison message for stage " + role)
        raise RuntimeError("poison " + role)
    e = os.environ
    if role == "A":
        d = event.get("detail") or {}
        oid = str(d.get("id", "apigw"))
        cli("s3").put_object(Bucket=e["BUCKET"], Key="incoming/%s.json" % oid, Body=json.dumps(d).encode())
        return {"statusCode": 200, "body": json.dumps({"id": oid})}
    if role == "B":
        s3 = cli("s3")
        for r in event["Records"]:
            body = s3.get_object(Bucket=r["s3"]["bucket"]["name"], Key=r["s3"]["object"]["key"])["Body"].read().decode()
            cli("sqs").send_message(QueueUrl=e["QUEUE_URL"], MessageBody=body)
    if role == "C":
        for r in event["Records"]:
            cli("sns").publish(TopicArn=e["TOPIC_ARN"], Message=r["body"])
    if role == "D":
        for r in event["Records"]:
            m = json.loads(r["Sns"]["Message"])
            cli("dynamodb").put_item(TableName=e["TABLE"], Item={"id": {"S": str(m.get("id", "?"))}, "body": {"S": r["Sns"]["Message"]}})
    return {"ok": True}
'''

def zipped():
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w") as z:
        zi = zipfile.ZipInfo("index.py", (2024, 1, 1, 0, 0, 0)); zi.external_attr = 0o644 << 16
        z.writestr(zi, HANDLER)
    return b.getvalue()

def rid(s):
    h = hashlib.sha256(s.encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"

def dlq_body(i):
    kind = ("poison", "timeout", "schema", "日本語")[i % 4]
    return json.dumps({"id": f"dlq-{i:04d}", "kind": kind, "amount": (i * 37) % 1000,
                       "note": "注文処理に失敗しました" if kind == "日本語" else f"failed order {i}"}, ensure_ascii=False)

def log_lines(fn, i):
    """One invocation's lines: (offset_ms, text)."""
    r = rid(f"{fn}/{i}"); v = "Version: $LATEST"; out = []
    if i % 25 == 0: out.append((0, "INIT_START Runtime Version: python:3.12.v38\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:abc"))
    out.append((1, f"START RequestId: {r} {v}"))
    dur = 12.5 + (i * 7919) % 900 / 10
    if i % 10 == 3:
        out += [(5, f"[ERROR]\t2026-01-01T00:00:00.000Z\t{r}\tValueError: bad order {i}\nTraceback (most recent call last):\n  File \"/var/task/index.py\", line 12, in handler\n    raise ValueError(\"bad order {i}\")"),
                (9, f"END RequestId: {r}"), (9, f"REPORT RequestId: {r}\tDuration: {dur:.2f} ms\tBilled Duration: {int(dur)+1} ms\tMemory Size: 128 MB\tMax Memory Used: 71 MB")]
    elif i % 10 == 7:
        out += [(3001, f"2026-01-01T00:00:03.000Z {r} Task timed out after 3.00 seconds\n"), (3002, f"END RequestId: {r}"),
                (3002, f"REPORT RequestId: {r}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 90 MB\tStatus: timeout")]
    else:
        out += [(3, json.dumps({"level": "INFO", "requestId": r, "msg": "処理完了: 注文を受け付けました" if i % 3 == 0 else "order accepted", "orderId": i}, ensure_ascii=False)),
                (9, f"END RequestId: {r}"),
                (9, f"REPORT RequestId: {r}\tDuration: {dur:.2f} ms\tBilled Duration: {int(dur)+1} ms\tMemory Size: 128 MB\tMax Memory Used: 71 MB" + ("\tInit Duration: 231.10 ms" if i % 25 == 0 else ""))]
    return out

class Prov:
    def __init__(s, a):
        s.a, s.res, s.ids = a, {}, {}
        kw = dict(endpoint_url=a.endpoint, region_name=a.region, aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "test"),
                  aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
                  config=Config(retries={"max_attempts": 1}, read_timeout=60, s3={"addressing_style": "path"}, max_pool_connections=32))
        s.c = lambda n, _m={}: _m.setdefault(n, boto3.client(n, **kw))
        s.acct = s.c("sts").get_caller_identity()["Account"]
        s.bucket = f"{P}-bucket-{s.acct}"

    def step(s, name, f):
        t = time.time()
        try: r = f(); s.res[name] = {"ok": True, "ms": int((time.time() - t) * 1e3)}; return r
        except Exception as e:
            s.res[name] = {"ok": False, "err": f"{type(e).__name__}: {e}"[:240]}; return None

    def arn(s, svc, tail): return f"arn:aws:{svc}:{s.a.region}:{s.acct}:{tail}"
    def fnarn(s, k): return s.arn("lambda", f"function:{FN[k]}")
    def qarn(s, k): return s.arn("sqs", Q[k])

    def run(s):
        st, c, a = s.step, s.c, s.a
        lam, sqs, sns, s3, ev, ddb, logs, iam, cw = (c(n) for n in ("lambda", "sqs", "sns", "s3", "events", "dynamodb", "logs", "iam", "cloudwatch"))
        role = st("iam.create_role", lambda: iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]) or f"arn:aws:iam::{s.acct}:role/{ROLE}"
        st("iam.put_role_policy", lambda: iam.put_role_policy(RoleName=ROLE, PolicyName="access", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": f"arn:aws:s3:::{s.bucket}/*"},
            {"Effect": "Allow", "Action": ["sqs:*"], "Resource": s.arn("sqs", "*")}, {"Effect": "Allow", "Action": "sns:Publish", "Resource": s.arn("sns", TOPIC)},
            {"Effect": "Allow", "Action": "dynamodb:*", "Resource": s.arn("dynamodb", f"table/{TABLE}")}]})))
        # queues
        url = s.url = {}
        def mkq(k, attrs=None): url[k] = sqs.create_queue(QueueName=Q[k], Attributes=attrs or {})["QueueUrl"]
        for k in ("dlq", "audit", "fndlq", "fail", "streamfail", "bulkdlq"): st(f"sqs.create_queue:{Q[k]}", lambda k=k: mkq(k))
        for k, d in (("work", "dlq"), ("bulk", "bulkdlq")):
            st(f"sqs.create_queue+redrive:{Q[k]}", lambda k=k, d=d: mkq(k, {"VisibilityTimeout": "2", "RedrivePolicy": json.dumps({"deadLetterTargetArn": s.qarn(d), "maxReceiveCount": 3})}))
        st("sqs.redrive_allow_policy", lambda: sqs.set_queue_attributes(QueueUrl=url["dlq"], Attributes={"RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [s.qarn("work")]})}))
        topic = st("sns.create_topic", lambda: sns.create_topic(Name=TOPIC)["TopicArn"])
        st("s3.create_bucket", lambda: s3.create_bucket(Bucket=s.bucket))
        tbl = st("dynamodb.create_table+stream", lambda: ddb.create_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})["TableDescription"])
        stream = (tbl or {}).get("LatestStreamArn")
        # whom the queues let in
        def let(k, service, source):
            statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": s.qarn(k), "Condition": {"ArnEquals": {"aws:SourceArn": source}}}
            sqs.set_queue_attributes(QueueUrl=url[k], Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})})
        st("sqs.policy:audit", lambda: let("audit", "sns.amazonaws.com", topic))
        st("sqs.policy:fndlq", lambda: let("fndlq", "events.amazonaws.com", s.arn("events", f"rule/{RULE}")))
        # log groups, functions
        for k in FN:
            g = f"/aws/lambda/{FN[k]}"
            st(f"logs.create_log_group:{FN[k]}", lambda g=g: logs.create_log_group(logGroupName=g))
            st(f"logs.put_retention:{FN[k]}", lambda g=g: logs.put_retention_policy(logGroupName=g, retentionInDays=14))
        env = {"A": {"BUCKET": s.bucket}, "B": {"QUEUE_URL": url.get("work", "")}, "C": {"TOPIC_ARN": topic or ""}, "D": {"TABLE": TABLE}, "E": {}}
        for k in FN:
            extra = {"DeadLetterConfig": {"TargetArn": s.qarn("fndlq")}} if k == "A" else {}
            st(f"lambda.create_function:{FN[k]}", lambda k=k, extra=extra: lam.create_function(FunctionName=FN[k], Runtime="python3.12", Role=role, Handler="index.handler", Code={"ZipFile": zipped()}, Timeout=2, MemorySize=128, Tags={"app": P}, Environment={"Variables": {"STAGE": k, "EMU_ENDPOINT": a.endpoint or "", **env[k]}}, **extra))
        def wait_active():
            for _ in range(20):
                if all(lam.get_function_configuration(FunctionName=f).get("State", "Active") == "Active" for f in FN.values()): return
                time.sleep(.5)
            raise RuntimeError("functions not Active")
        st("lambda.state_active", wait_active)
        # triggers
        perm = lambda k, sid, p, src: st(f"lambda.add_permission:{FN[k]}:{sid}", lambda: lam.add_permission(FunctionName=FN[k], StatementId=sid, Action="lambda:InvokeFunction", Principal=p, SourceArn=src))
        perm("A", "events", "events.amazonaws.com", s.arn("events", f"rule/{RULE}"))
        perm("B", "s3", "s3.amazonaws.com", f"arn:aws:s3:::{s.bucket}")
        perm("D", "sns", "sns.amazonaws.com", topic or "x")
        st("events.put_rule", lambda: ev.put_rule(Name=RULE, EventPattern=json.dumps({"source": [f"demo.{P}"]})))
        st("events.put_targets", lambda: ev.put_targets(Rule=RULE, Targets=[{"Id": "A", "Arn": s.fnarn("A"), "DeadLetterConfig": {"Arn": s.qarn("fndlq")}}]))
        st("events.put_rule:schedule", lambda: ev.put_rule(Name=SCHED, ScheduleExpression="rate(5 minutes)", State="DISABLED"))
        st("events.put_targets:schedule", lambda: ev.put_targets(Rule=SCHED, Targets=[{"Id": "A", "Arn": s.fnarn("A")}]))
        st("s3.put_bucket_notification", lambda: s3.put_bucket_notification_configuration(Bucket=s.bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [{"Id": "b", "LambdaFunctionArn": s.fnarn("B"), "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "incoming/"}, {"Name": "suffix", "Value": ".json"}]}}}]}))
        st("lambda.esm:sqs", lambda: lam.create_event_source_mapping(EventSourceArn=s.qarn("work"), FunctionName=FN["C"], BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"], ScalingConfig={"MaximumConcurrency": 5}))
        for p, e in (("lambda", s.fnarn("D")), ("email", "ops@example.com"), ("sqs", s.qarn("audit"))):
            st(f"sns.subscribe:{p}", lambda p=p, e=e: sns.subscribe(TopicArn=topic, Protocol=p, Endpoint=e, **({"Attributes": {"RawMessageDelivery": "true"}} if p == "sqs" else {})))
        st("lambda.esm:dynamodb+onfailure", lambda: lam.create_event_source_mapping(EventSourceArn=stream, FunctionName=FN["E"], StartingPosition="TRIM_HORIZON", BatchSize=5, MaximumRetryAttempts=1, BisectBatchOnFunctionError=True, DestinationConfig={"OnFailure": {"Destination": s.qarn("streamfail")}}, FilterCriteria={"Filters": [{"Pattern": '{"eventName":["INSERT","MODIFY"]}'}]}))
        st("lambda.put_event_invoke_config", lambda: lam.put_function_event_invoke_config(FunctionName=FN["D"], MaximumRetryAttempts=1, MaximumEventAgeInSeconds=3600, DestinationConfig={"OnSuccess": {"Destination": s.arn("events", "event-bus/default")}, "OnFailure": {"Destination": s.qarn("fail")}}))
        # API gateway
        def http_api():
            g = c("apigatewayv2"); i = g.create_api(Name=HTTPAPI, ProtocolType="HTTP")["ApiId"]; s.ids["http"] = i
            n = g.create_integration(ApiId=i, IntegrationType="AWS_PROXY", IntegrationUri=s.fnarn("A"), PayloadFormatVersion="2.0")["IntegrationId"]
            g.create_route(ApiId=i, RouteKey="POST /orders", Target=f"integrations/{n}"); g.create_stage(ApiId=i, StageName="$default", AutoDeploy=True)
        st("apigatewayv2.http_api", http_api)
        def rest_api():
            g = c("apigateway"); i = g.create_rest_api(name=RESTAPI)["id"]; s.ids["rest"] = i
            root = g.get_resources(restApiId=i)["items"][0]["id"]; r = g.create_resource(restApiId=i, parentId=root, pathPart="orders")["id"]
            g.put_method(restApiId=i, resourceId=r, httpMethod="POST", authorizationType="NONE")
            g.put_integration(restApiId=i, resourceId=r, httpMethod="POST", type="AWS_PROXY", integrationHttpMethod="POST", uri=f"arn:aws:apigateway:{a.region}:lambda:path/2015-03-31/functions/{s.fnarn('A')}/invocations")
            g.create_deployment(restApiId=i, stageName="prod")
        st("apigateway.rest_api", rest_api)
        perm("A", "http", "apigateway.amazonaws.com", s.arn("execute-api", f"{s.ids.get('http', 'x')}/*/*/orders"))
        perm("A", "rest", "apigateway.amazonaws.com", s.arn("execute-api", f"{s.ids.get('rest', 'x')}/*/POST/orders"))
        if not a.no_seed:
            for k in FN: st(f"logs.put_log_events:{FN[k]}", lambda k=k: s.seed_logs(FN[k], 200))
            st(f"sqs.seed_dlq:{DLQ_N}", lambda: s.send(url["dlq"], DLQ_N))
            st("cloudwatch.put_metric_data", lambda: cw.put_metric_data(Namespace="AWS/Lambda", MetricData=[{"MetricName": m, "Dimensions": [{"Name": "FunctionName", "Value": FN[k]}], "Timestamp": a.now / 1e3 - 60 * j, "Value": float((j * 7 + ord(k)) % 10), "Unit": "Count"} for k in "AB" for m in ("Invocations", "Errors") for j in range(5)]))
        if a.bulk_logs:
            st(f"logs.bulk:{a.bulk_logs}", lambda: s.bulk_logs(a.bulk_logs))
        if a.bulk_dlq: st(f"sqs.bulk_dlq:{a.bulk_dlq}", lambda: s.send(url["bulkdlq"], a.bulk_dlq))

    def seed_logs(s, fn, n):
        logs, g = s.c("logs"), f"/aws/lambda/{fn}"
        for sid in range(2):
            name = f"2026/01/01/[$LATEST]{hashlib.md5(f'{fn}{sid}'.encode()).hexdigest()}"
            logs.create_log_stream(logGroupName=g, logStreamName=name)
            evs = [{"timestamp": s.a.now - 3600_000 + i * 15_000 + o, "message": m} for i in range(sid, n, 2) for o, m in log_lines(fn, i)]
            evs.sort(key=lambda e: e["timestamp"])
            for j in range(0, len(evs), 500): logs.put_log_events(logGroupName=g, logStreamName=name, logEvents=evs[j:j + 500])

    def bulk_logs(s, n):
        logs, g = s.c("logs"), "/aws/lambda/orders-bulk"
        logs.create_log_group(logGroupName=g)
        for sid in range(4):
            logs.create_log_stream(logGroupName=g, logStreamName=f"bulk-{sid}")
            idx = list(range(sid, n, 4))
            for j in range(0, len(idx), 2000):
                logs.put_log_events(logGroupName=g, logStreamName=f"bulk-{sid}", logEvents=[{"timestamp": s.a.now - 1800_000 + i * 50, "message": f"line {i:06d} {rid(str(i))} 注文 order processed status={'ERROR' if i % 100 == 0 else 'OK'}"} for i in idx[j:j + 2000]])

    def send(s, url, n):
        for i in range(0, n, 10):
            r = s.c("sqs").send_message_batch(QueueUrl=url, Entries=[{"Id": str(j), "MessageBody": dlq_body(j), "MessageAttributes": {"ErrorCode": {"DataType": "Number", "StringValue": str(500 + j % 4)}, "Source": {"DataType": "String", "StringValue": FN["C"]}}} for j in range(i, min(n, i + 10))])
            if r.get("Failed"): raise RuntimeError(str(r["Failed"])[:200])

if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--endpoint", default=os.environ.get("AWS_ENDPOINT_URL")); ap.add_argument("--region", default="us-east-1")
    ap.add_argument("--report"); ap.add_argument("--bulk-logs", type=int, default=0); ap.add_argument("--bulk-dlq", type=int, default=0)
    ap.add_argument("--now", type=int, default=int(time.time() // 60 * 60 * 1000)); ap.add_argument("--no-seed", action="store_true")
    a = ap.parse_args(); p = Prov(a); t = time.time(); p.run()
    bad = {k: v["err"] for k, v in p.res.items() if not v["ok"]}
    if a.report: json.dump(dict(endpoint=a.endpoint, account=p.acct, ids=p.ids, now=a.now, steps=p.res), open(a.report, "w"), indent=1)
    print(f"{len(p.res) - len(bad)}/{len(p.res)} steps ok in {time.time() - t:.1f}s account={p.acct} ids={p.ids}")
    for k, v in bad.items(): print("FAIL", k, v)
    sys.exit(bool(bad))
