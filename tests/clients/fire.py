#!/usr/bin/env python3
"""Builds the chain of orders.py over a served account and sends events through it to the end: a row in the table, a
record in its stream, every function's log, a copy in the audit queue, and a poisoned one in the dead-letter queue.
usage: fire.py ENDPOINT [--seconds 60]"""
import argparse, json, os, pathlib, random, subprocess, sys, time

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("endpoint")
    parser.add_argument("--seconds", type=float, default=60, help="how long each thing may take, in wall time")
    args = parser.parse_args()
    prefix = "".join(random.choice("abcdefghkmnpqrstuvwxyz") for _ in range(6)) + "-orders"
    env = {**os.environ, "ORDERS_PREFIX": prefix}
    built = subprocess.run([sys.executable, HERE / "orders.py", "--endpoint", args.endpoint], env=env)
    if built.returncode:
        sys.exit("orders.py could not build everything")
    client = lambda name: boto3.client(name, endpoint_url=args.endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                                       config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}))
    events, ddb, sqs, logs, streams = (client(n) for n in ("events", "dynamodb", "sqs", "logs", "dynamodbstreams"))
    passed, failed = 0, 0

    def until(what, look):
        nonlocal passed, failed
        end = time.time() + args.seconds
        while time.time() < end:
            found = look()
            if found:
                passed += 1
                print(f"  ok     {what}")
                return found
            time.sleep(0.2)
        failed += 1
        print(f"  FAILED {what}")

    def send(**detail):
        entry = {"Source": f"demo.{prefix}", "DetailType": "order", "Detail": json.dumps(detail, ensure_ascii=False)}
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    def receive(queue):
        url = sqs.get_queue_url(QueueName=f"{prefix}-{queue}")["QueueUrl"]
        return sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, MaxNumberOfMessages=10, VisibilityTimeout=0,
                                   MessageSystemAttributeNames=["All"]).get("Messages", [])

    send(id="first", note="注文 1")
    row = until("a row in the table", lambda: ddb.get_item(TableName=f"{prefix}-table", Key={"id": {"S": "first"}}).get("Item"))
    if row and json.loads(row["body"]["S"]).get("note") != "注文 1":
        failed += 1
        print("  FAILED the row holds what was sent:", row)
    until("a copy in the audit queue", lambda: [m for m in receive("audit") if json.loads(m["Body"])["id"] == "first"])

    def record():
        stream = streams.list_streams(TableName=f"{prefix}-table")["Streams"][0]["StreamArn"]
        for shard in streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]:
            at = streams.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            if [r for r in streams.get_records(ShardIterator=at)["Records"] if r["dynamodb"]["Keys"]["id"]["S"] == "first"]:
                return True

    until("a record in the stream", record)
    for name in ("ingest", "parse", "worker", "notify", "stream"):
        search = dict(logGroupName=f"/aws/lambda/{prefix}-{name}", filterPattern="first", startTime=0)
        lines = lambda: [e for page in logs.get_paginator("filter_log_events").paginate(**search) for e in page["events"]]
        until(f"a line in the log of {name}", lines)

    send(id="second", note="poison-C")
    search = dict(logGroupName=f"/aws/lambda/{prefix}-worker", filterPattern='"RuntimeError: poison C"')
    until("the worker's error, three times",
          lambda: len([e for page in logs.get_paginator("filter_log_events").paginate(**search) for e in page["events"]]) >= 3)
    dead = until("the poisoned one in the dead-letter queue", lambda: [m for m in receive("work-dlq") if "poison-C" in m["Body"]])
    if dead and not dead[0]["Attributes"].get("DeadLetterQueueSourceArn", "").endswith(f":{prefix}-work"):
        failed += 1
        print("  FAILED it says whence it came:", dead[0]["Attributes"])
    print(f"{passed} passed, {failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
