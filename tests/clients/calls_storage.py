"""S3, DynamoDB with its streams, and Kinesis."""
import io, json


def run(ask):
    buckets(ask, ask.prefix)
    tables(ask, ask.prefix)
    streams(ask, ask.prefix)


def buckets(ask, p):
    s3, b = (lambda op, fails=None, **kw: ask("s3", op, fails, **kw)), p + "b"
    s3("create_bucket", Bucket=b)
    s3("create_bucket", ["InvalidBucketName"], Bucket="Bad_Name")
    ask.check("s3", "list_buckets", "it is listed", b in [x["Name"] for x in s3("list_buckets").get("Buckets", [])])
    s3("head_bucket", Bucket=b)
    s3("head_bucket", "404", Bucket=b + "-gone")
    ask.check("s3", "get_bucket_location", "us-east-1 is null", s3("get_bucket_location", Bucket=b).get("LocationConstraint") is None)
    for op in ("list_objects_v2", "list_objects", "get_bucket_location", "get_bucket_notification_configuration", "delete_bucket"):
        s3(op, "NoSuchBucket", Bucket=b + "-gone")
    put = s3("put_object", Bucket=b, Key="in/a b+注文.json", Body=b'{"a":1}', ContentType="application/json", Metadata={"k": "v"})
    ask.check("s3", "put_object", "the tag is the body's MD5", put.get("ETag") == '"bb6cb5c68df4652941caf652a366f2d8"')
    got = s3("get_object", Bucket=b, Key="in/a b+注文.json")
    ask.check("s3", "get_object", "what was put", got.get("Body", io.BytesIO()).read() == b'{"a":1}' and got.get("Metadata") == {"k": "v"}
              and got.get("ContentType") == "application/json" and got.get("ETag") == put.get("ETag"))
    part = s3("get_object", Bucket=b, Key="in/a b+注文.json", Range="bytes=1-3")
    ask.check("s3", "get_object", "a range", part.get("Body", io.BytesIO()).read() == b'"a"' and part["ResponseMetadata"]["HTTPStatusCode"] == 206)
    head = s3("head_object", Bucket=b, Key="in/a b+注文.json")
    ask.check("s3", "head_object", "its size", head.get("ContentLength") == 7)
    s3("head_object", "404", Bucket=b, Key="none")
    s3("get_object", "NoSuchKey", Bucket=b, Key="none")
    s3("put_object", "NoSuchBucket", Bucket=b + "-gone", Key="k", Body=b"x")
    s3("put_object", Bucket=b, Key="stream", Body=io.BytesIO(b"x" * 100_000))
    copied = s3("copy_object", Bucket=b, Key="copy", CopySource={"Bucket": b, "Key": "in/a b+注文.json"})
    ask.check("s3", "copy_object", "the same tag", copied.get("CopyObjectResult", {}).get("ETag") == put.get("ETag"))
    s3("copy_object", "InvalidRequest", Bucket=b, Key="copy", CopySource={"Bucket": b, "Key": "copy"})
    s3("copy_object", "NoSuchKey", Bucket=b, Key="x", CopySource={"Bucket": b, "Key": "none"})
    for i in range(5):
        s3("put_object", Bucket=b, Key=f"many/{i}/x", Body=b"")
    keys, token = [], None
    while True:
        page = s3("list_objects_v2", Bucket=b, Prefix="many/", MaxKeys=2, **({"ContinuationToken": token} if token else {}))
        keys, token = keys + [x["Key"] for x in page.get("Contents", [])], page.get("NextContinuationToken")
        if not token:
            break
    ask.check("s3", "list_objects_v2", "in pages, in order", keys == [f"many/{i}/x" for i in range(5)])
    folders = s3("list_objects_v2", Bucket=b, Prefix="many/", Delimiter="/")
    ask.check("s3", "list_objects_v2", "folders", [x["Prefix"] for x in folders.get("CommonPrefixes", [])] == [f"many/{i}/" for i in range(5)] and "Contents" not in folders)
    ask.check("s3", "list_objects", "odd keys", "in/a b+注文.json" in [x["Key"] for x in s3("list_objects", Bucket=b, Prefix="in/").get("Contents", [])])
    ask.check("s3", "list_objects_v2", "nothing", s3("list_objects_v2", Bucket=b, Prefix="zzz").get("KeyCount") == 0)
    s3("put_object_tagging", Bucket=b, Key="copy", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    ask.check("s3", "get_object_tagging", "tags", s3("get_object_tagging", Bucket=b, Key="copy").get("TagSet") == [{"Key": "k", "Value": "v"}])
    s3("get_bucket_tagging", "NoSuchTagSet", Bucket=b)
    s3("put_bucket_tagging", Bucket=b, Tagging={"TagSet": [{"Key": "app", "Value": p}]})
    ask.check("s3", "get_bucket_tagging", "tags", s3("get_bucket_tagging", Bucket=b).get("TagSet") == [{"Key": "app", "Value": p}])
    none = s3("get_bucket_notification_configuration", Bucket=b)
    ask.check("s3", "get_bucket_notification_configuration", "none", set(none) <= {"ResponseMetadata"})
    url = ask("sqs", "create_queue", QueueName=p + "s3").get("QueueUrl", "")
    queue = ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"]).get("Attributes", {}).get("QueueArn", "")
    rule = {"Id": "i", "QueueArn": queue, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "n/"}]}}}
    put = lambda fails, *rules: s3("put_bucket_notification_configuration", fails, Bucket=b, NotificationConfiguration={"QueueConfigurations": list(rules)})
    put("InvalidArgument", rule)  # the queue does not let the bucket in
    ask.permit(url, queue, "s3.amazonaws.com")
    put("InvalidArgument", rule, {**rule, "Id": "j", "Events": ["s3:ObjectCreated:Put"]})
    put("InvalidArgument", {**rule, "QueueArn": queue + ".fifo"})
    put(None, rule)
    tested = ask.until("s3", "put_bucket_notification_configuration", "a test event", lambda: ask("sqs", "receive_message", QueueUrl=url, WaitTimeSeconds=1).get("Messages"))
    ask.check("s3", "put_bucket_notification_configuration", "its form", [set(json.loads(m["Body"])) for m in tested or []] == [{"Service", "Event", "Time", "Bucket", "RequestId", "HostId"}])
    back = s3("get_bucket_notification_configuration", Bucket=b).get("QueueConfigurations") or [{}]
    same = {**back[0], "Filter": {"Key": {"FilterRules": [{**r, "Name": r["Name"].lower()} for r in back[0].get("Filter", {}).get("Key", {}).get("FilterRules", [])]}}}
    ask.check("s3", "get_bucket_notification_configuration", "what was put", same == rule)
    put("InvalidArgument", {**rule, "QueueArn": queue + "-gone"})
    s3("put_object", Bucket=b, Key="n/1", Body=b"x")
    receive = lambda: [m for m in ask("sqs", "receive_message", QueueUrl=url, WaitTimeSeconds=1).get("Messages", []) if "n/1" in m["Body"]]
    ask.until("s3", "put_object", "the notification arrives", receive, 20)
    s3("get_bucket_versioning", Bucket=b)
    s3("get_bucket_policy", "NoSuchBucketPolicy", Bucket=b)
    s3("get_bucket_website", ["NotImplemented", "NoSuchWebsiteConfiguration"], Bucket=b)
    s3("delete_bucket", "BucketNotEmpty", Bucket=b)
    s3("delete_object", Bucket=b, Key="none")
    keys = [x["Key"] for x in s3("list_objects_v2", Bucket=b).get("Contents", [])]
    gone = s3("delete_objects", Bucket=b, Delete={"Objects": [{"Key": key} for key in keys]})
    ask.check("s3", "delete_objects", "all", sorted(x["Key"] for x in gone.get("Deleted", [])) == sorted(keys))
    s3("delete_bucket", Bucket=b)


def tables(ask, p):
    ddb, t = (lambda op, fails=None, **kw: ask("dynamodb", op, fails, **kw)), p + "t"
    args = dict(TableName=t, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    stream = ddb("create_table", **args).get("TableDescription", {}).get("LatestStreamArn")
    ddb("create_table", "ResourceInUseException", **args)
    ask.until("dynamodb", "describe_table", "active", lambda: ddb("describe_table", TableName=t).get("Table", {}).get("TableStatus") == "ACTIVE")
    ddb("describe_table", "ResourceNotFoundException", TableName=p + "gone")
    ask.check("dynamodb", "list_tables", "it is listed", t in ddb("list_tables").get("TableNames", []))
    item = {"id": {"S": "1"}, "n": {"N": "2"}, "b": {"B": b"\x00\xff"}, "l": {"L": [{"S": "注文"}, {"NULL": True}]}, "m": {"M": {"k": {"BOOL": True}}}}
    ddb("put_item", TableName=t, Item=item)
    ask.check("dynamodb", "get_item", "what was put", ddb("get_item", TableName=t, Key={"id": {"S": "1"}}).get("Item") == item)
    ask.check("dynamodb", "get_item", "nothing", "Item" not in ddb("get_item", TableName=t, Key={"id": {"S": "none"}}))
    ddb("put_item", "ResourceNotFoundException", TableName=p + "gone", Item=item)
    ddb("put_item", "ValidationException", TableName=t, Item={"other": {"S": "1"}})
    old = ddb("put_item", TableName=t, Item={"id": {"S": "1"}, "n": {"N": "3"}}, ReturnValues="ALL_OLD")
    ask.check("dynamodb", "put_item", "the old item", old.get("Attributes") == item)
    ddb("put_item", TableName=t, Item={"id": {"S": "2"}})
    ask.check("dynamodb", "scan", "both", ddb("scan", TableName=t).get("Count") == 2)
    found = ddb("query", TableName=t, KeyConditionExpression="id = :i", ExpressionAttributeValues={":i": {"S": "2"}})
    ask.check("dynamodb", "query", "one", found.get("Items") == [{"id": {"S": "2"}}])
    ddb("delete_item", TableName=t, Key={"id": {"S": "2"}})
    ds = lambda op, fails=None, **kw: ask("dynamodbstreams", op, fails, **kw)
    ask.check("dynamodbstreams", "list_streams", "one", [s["StreamArn"] for s in ds("list_streams", TableName=t).get("Streams", [])] == [stream])
    shards = ds("describe_stream", StreamArn=stream).get("StreamDescription", {}).get("Shards") or [{}]
    iterator = ds("get_shard_iterator", StreamArn=stream, ShardId=shards[0].get("ShardId", "x"), ShardIteratorType="TRIM_HORIZON").get("ShardIterator", "none")
    records = ds("get_records", ShardIterator=iterator).get("Records", [])
    ask.check("dynamodbstreams", "get_records", "what happened, in order", [r["eventName"] for r in records] == ["INSERT", "MODIFY", "INSERT", "REMOVE"])
    ds("describe_stream", "ResourceNotFoundException", StreamArn=(stream or "arn:aws:dynamodb:us-east-1:1:table/x/stream/") + "0")
    ddb("delete_table", TableName=t)


def streams(ask, p):
    kin, s = (lambda op, fails=None, **kw: ask("kinesis", op, fails, **kw)), p + "s"
    kin("create_stream", StreamName=s, ShardCount=1)
    kin("create_stream", "ResourceInUseException", StreamName=s, ShardCount=1)
    ask.until("kinesis", "describe_stream_summary", "active", lambda: kin("describe_stream_summary", StreamName=s).get("StreamDescriptionSummary", {}).get("StreamStatus") == "ACTIVE")
    kin("describe_stream_summary", "ResourceNotFoundException", StreamName=p + "gone")
    ask.check("kinesis", "list_streams", "it is listed", s in kin("list_streams").get("StreamNames", []))
    put = kin("put_record", StreamName=s, Data=b"\x00one", PartitionKey="k")
    kin("put_records", StreamName=s, Records=[{"Data": b"two", "PartitionKey": "k"}, {"Data": b"three", "PartitionKey": "k"}])
    shards = kin("describe_stream", StreamName=s).get("StreamDescription", {}).get("Shards") or [{}]
    ask.check("kinesis", "put_record", "its shard", put.get("ShardId") == shards[0].get("ShardId"))
    iterator = kin("get_shard_iterator", StreamName=s, ShardId=shards[0].get("ShardId", "x"), ShardIteratorType="TRIM_HORIZON").get("ShardIterator", "none")
    got = kin("get_records", ShardIterator=iterator).get("Records", [])
    ask.check("kinesis", "get_records", "all in order", [r["Data"] for r in got] == [b"\x00one", b"two", b"three"])
    kin("get_shard_iterator", "ResourceNotFoundException", StreamName=p + "gone", ShardId="shardId-000000000000", ShardIteratorType="LATEST")
    kin("delete_stream", StreamName=s)
