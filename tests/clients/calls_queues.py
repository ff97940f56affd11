"""SQS and SNS."""
import json

BAD_VALUE = ["InvalidParameterValue", "InvalidParameterValueException"]
GONE = "AWS.SimpleQueueService.NonExistentQueue"


def run(ask):
    p, sqs = ask.prefix, lambda op, fails=None, **kw: ask("sqs", op, fails, **kw)
    url = sqs("create_queue", QueueName=p + "q", Attributes={"VisibilityTimeout": "5"}).get("QueueUrl", "")
    again = sqs("create_queue", QueueName=p + "q", Attributes={"VisibilityTimeout": "5"})
    ask.check("sqs", "create_queue", "the same queue twice is one queue", again.get("QueueUrl") == url)
    sqs("create_queue", "QueueAlreadyExists", QueueName=p + "q", Attributes={"VisibilityTimeout": "7"})
    sqs("create_queue", BAD_VALUE, QueueName="a b!")
    sqs("create_queue", "InvalidAttributeValue", QueueName=p + "bad", Attributes={"VisibilityTimeout": "99999999"})
    ask.check("sqs", "get_queue_url", "the url", sqs("get_queue_url", QueueName=p + "q").get("QueueUrl") == url)
    sqs("get_queue_url", GONE, QueueName=p + "gone")
    gone = url[: -len(p + "q")] + p + "gone"
    for op, more in (("get_queue_attributes", {}), ("receive_message", {}), ("purge_queue", {}), ("delete_queue", {}),
                     ("send_message", {"MessageBody": "x"}), ("list_queue_tags", {})):
        sqs(op, GONE, QueueUrl=gone, **more)
    listed = sqs("list_queues", QueueNamePrefix=p)
    ask.check("sqs", "list_queues", "the queue is listed", url in listed.get("QueueUrls", []))
    empty = sqs("list_queues", QueueNamePrefix=p + "nothing")
    ask.check("sqs", "list_queues", "nothing is listed", not empty.get("QueueUrls"))
    attributes = sqs("get_queue_attributes", QueueUrl=url, AttributeNames=["All"]).get("Attributes", {})
    arn = attributes.get("QueueArn", "")
    ask.check("sqs", "get_queue_attributes", "all attributes", attributes.get("VisibilityTimeout") == "5"
              and attributes.get("ApproximateNumberOfMessages") == "0" and arn.endswith(":" + p + "q"))
    one = sqs("get_queue_attributes", QueueUrl=url, AttributeNames=["DelaySeconds"]).get("Attributes")
    ask.check("sqs", "get_queue_attributes", "only what was asked", one == {"DelaySeconds": "0"})
    sqs("get_queue_attributes", "InvalidAttributeName", QueueUrl=url, AttributeNames=["Nonsense"])
    sqs("set_queue_attributes", QueueUrl=url, Attributes={"VisibilityTimeout": "30"})
    sqs("tag_queue", QueueUrl=url, Tags={"app": p, "日本": "語"})
    ask.check("sqs", "list_queue_tags", "tags", sqs("list_queue_tags", QueueUrl=url).get("Tags") == {"app": p, "日本": "語"})
    sqs("untag_queue", QueueUrl=url, TagKeys=["app"])

    ask.check("sqs", "receive_message", "an empty receive", "Messages" not in sqs("receive_message", QueueUrl=url))
    body = '注文 "<&>" \t\n end'
    extra = {"k": {"DataType": "String", "StringValue": "v"}, "n": {"DataType": "Number", "StringValue": "1.5"},
             "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    sent = sqs("send_message", QueueUrl=url, MessageBody=body, MessageAttributes=extra)
    got = sqs("receive_message", QueueUrl=url, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"])
    message = (got.get("Messages") or [{}])[0]
    ask.check("sqs", "receive_message", "what was sent", message.get("Body") == body
              and message.get("MessageId") == sent.get("MessageId") and message.get("MessageAttributes") == extra
              and message.get("MD5OfMessageAttributes") == sent.get("MD5OfMessageAttributes"))
    system = message.get("Attributes", {})
    ask.check("sqs", "receive_message", "system attributes", system.get("ApproximateReceiveCount") == "1"
              and {"SenderId", "SentTimestamp", "ApproximateFirstReceiveTimestamp"} <= set(system))
    handle = message.get("ReceiptHandle", "none")
    ask.check("sqs", "receive_message", "it is hidden", "Messages" not in sqs("receive_message", QueueUrl=url))
    sqs("change_message_visibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    got = sqs("receive_message", QueueUrl=url, AttributeNames=["ApproximateReceiveCount"]).get("Messages") or [{}]
    ask.check("sqs", "receive_message", "a second receive", got[0].get("Attributes") == {"ApproximateReceiveCount": "2"})
    sqs("change_message_visibility", BAD_VALUE, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=43201)
    sqs("change_message_visibility", "ReceiptHandleIsInvalid", QueueUrl=url, ReceiptHandle="x", VisibilityTimeout=0)
    sqs("delete_message", QueueUrl=url, ReceiptHandle=got[0].get("ReceiptHandle", handle))
    sqs("delete_message", "ReceiptHandleIsInvalid", QueueUrl=url, ReceiptHandle="x")
    sqs("receive_message", BAD_VALUE, QueueUrl=url, MaxNumberOfMessages=11)
    sqs("receive_message", BAD_VALUE, QueueUrl=url, WaitTimeSeconds=21)
    sqs("send_message", ["InvalidMessageContents", "InvalidParameterValue"], QueueUrl=url, MessageBody="a\x01b")
    sqs("send_message", BAD_VALUE + ["MissingParameter"], QueueUrl=url, MessageBody="")
    sqs("send_message", BAD_VALUE, QueueUrl=url, MessageBody="x", DelaySeconds=901)

    entries = [{"Id": str(i), "MessageBody": f"m{i}"} for i in range(3)]
    batch = sqs("send_message_batch", QueueUrl=url, Entries=entries)
    ask.check("sqs", "send_message_batch", "all sent", [e["Id"] for e in batch.get("Successful", [])] == ["0", "1", "2"])
    sqs("send_message_batch", "AWS.SimpleQueueService.EmptyBatchRequest", QueueUrl=url, Entries=[])
    sqs("send_message_batch", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", QueueUrl=url, Entries=entries[:1] * 2)
    many = [{"Id": str(i), "MessageBody": "x"} for i in range(11)]
    sqs("send_message_batch", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", QueueUrl=url, Entries=many)
    sqs("send_message_batch", "AWS.SimpleQueueService.InvalidBatchEntryId", QueueUrl=url, Entries=[{"Id": "a b", "MessageBody": "x"}])
    got = sqs("receive_message", QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
    ask.check("sqs", "receive_message", "the batch", sorted(m["Body"] for m in got) == ["m0", "m1", "m2"])
    handles = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got)]
    changed = sqs("change_message_visibility_batch", QueueUrl=url, Entries=[{**h, "VisibilityTimeout": 60} for h in handles])
    ask.check("sqs", "change_message_visibility_batch", "all changed", len(changed.get("Successful", [])) == len(handles))
    deleted = sqs("delete_message_batch", QueueUrl=url, Entries=handles + [{"Id": "bad", "ReceiptHandle": "x"}])
    ask.check("sqs", "delete_message_batch", "one failed", [e["Id"] for e in deleted.get("Failed", [])] == ["bad"]
              and len(deleted.get("Successful", [])) == len(handles))
    sqs("purge_queue", QueueUrl=url)
    sqs("purge_queue", "AWS.SimpleQueueService.PurgeQueueInProgress", QueueUrl=url)
    fifo(ask, sqs, p)
    redrive(ask, sqs, p, url, arn)
    topics(ask, sqs, p)
    sqs("delete_queue", QueueUrl=url)
    sqs("get_queue_attributes", GONE, QueueUrl=url, AttributeNames=["All"])


def fifo(ask, sqs, p):
    sqs("create_queue", BAD_VALUE, QueueName=p + "f", Attributes={"FifoQueue": "true"})
    url = sqs("create_queue", QueueName=p + "f.fifo", Attributes={"FifoQueue": "true"}).get("QueueUrl", "")
    sqs("send_message", "MissingParameter", QueueUrl=url, MessageBody="x")
    sqs("send_message", BAD_VALUE, QueueUrl=url, MessageBody="x", MessageGroupId="g")
    first = sqs("send_message", QueueUrl=url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="d")
    twice = sqs("send_message", QueueUrl=url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="d")
    ask.check("sqs", "send_message", "a duplicate is the same message", first.get("MessageId") == twice.get("MessageId")
              and "SequenceNumber" in first)
    sqs("send_message", QueueUrl=url, MessageBody="y", MessageGroupId="g", MessageDeduplicationId="e")
    got = sqs("receive_message", QueueUrl=url, MessageSystemAttributeNames=["All"]).get("Messages") or [{}]
    ask.check("sqs", "receive_message", "the first of its group", got[0].get("Body") == "x"
              and got[0].get("Attributes", {}).get("MessageGroupId") == "g")
    ask.check("sqs", "receive_message", "the group waits", not sqs("receive_message", QueueUrl=url).get("Messages"))


def redrive(ask, sqs, p, plain_url, plain_arn):
    dlq = sqs("create_queue", QueueName=p + "dlq").get("QueueUrl", "")
    arn = sqs("get_queue_attributes", QueueUrl=dlq, AttributeNames=["QueueArn"]).get("Attributes", {}).get("QueueArn", "")
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    url = sqs("create_queue", QueueName=p + "src", Attributes={"VisibilityTimeout": "0", "RedrivePolicy": policy}).get("QueueUrl", "")
    missing = json.dumps({"deadLetterTargetArn": arn + "-gone", "maxReceiveCount": 1})
    sqs("set_queue_attributes", BAD_VALUE, QueueUrl=url, Attributes={"RedrivePolicy": missing})
    sqs("set_queue_attributes", "InvalidAttributeName", QueueUrl=url, Attributes={"Nonsense": "1"})
    sources = sqs("list_dead_letter_source_queues", QueueUrl=dlq)
    ask.check("sqs", "list_dead_letter_source_queues", "the source", sources.get("queueUrls") == [url])
    sent = sqs("send_message", QueueUrl=url, MessageBody="poison")
    sqs("receive_message", QueueUrl=url)
    sqs("receive_message", QueueUrl=url)
    take = lambda: sqs("receive_message", QueueUrl=dlq, MessageSystemAttributeNames=["All"], VisibilityTimeout=0).get("Messages")
    moved = (ask.until("sqs", "receive_message", "it is in the dead-letter queue", take) or [{}])[0]
    source_arn = arn[: -len(p + "dlq")] + p + "src"
    ask.check("sqs", "receive_message", "it kept its id and says whence it came", moved.get("MessageId") == sent.get("MessageId")
              and moved.get("Attributes", {}).get("DeadLetterQueueSourceArn") == source_arn)
    sqs("start_message_move_task", BAD_VALUE, SourceArn=plain_arn)
    sqs("start_message_move_task", ["ResourceNotFoundException"], SourceArn=arn + "-gone")
    task = sqs("start_message_move_task", SourceArn=arn, MaxNumberOfMessagesPerSecond=10)
    ask.check("sqs", "start_message_move_task", "a handle", task.get("TaskHandle"))
    tasks = sqs("list_message_move_tasks", SourceArn=arn, MaxResults=10).get("Results") or [{}]
    ask.check("sqs", "list_message_move_tasks", "the task", tasks[0].get("SourceArn") == arn
              and tasks[0].get("Status") in ("RUNNING", "COMPLETED"))
    sqs("cancel_message_move_task", ["ResourceNotFoundException"], TaskHandle="AAAA")
    sqs("add_permission", QueueUrl=plain_url, Label="l", AWSAccountIds=["123456789012"], Actions=["SendMessage"])
    sqs("remove_permission", QueueUrl=plain_url, Label="l")


def topics(ask, sqs, p):
    sns = lambda op, fails=None, **kw: ask("sns", op, fails, **kw)
    topic = sns("create_topic", Name=p + "t", Tags=[{"Key": "app", "Value": p}]).get("TopicArn", "")
    ask.check("sns", "create_topic", "the same topic twice is one", sns("create_topic", Name=p + "t", Tags=[{"Key": "app", "Value": p}]).get("TopicArn") == topic)
    sns("create_topic", "InvalidParameter", Name="a b!")
    listed = [t["TopicArn"] for t in sns("list_topics").get("Topics", [])]
    ask.check("sns", "list_topics", "the topic is listed", topic in listed)
    got = sns("get_topic_attributes", TopicArn=topic).get("Attributes", {})
    ask.check("sns", "get_topic_attributes", "attributes", got.get("TopicArn") == topic and got.get("SubscriptionsConfirmed") == "0")
    for op, more in (("get_topic_attributes", {}), ("publish", {"Message": "x"}), ("list_subscriptions_by_topic", {}),
                     ("subscribe", {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:123456789012:x"})):
        sns(op, ["NotFound", "NotFoundException"], TopicArn=topic + "-gone", **more)
    sns("set_topic_attributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="注文")
    sns("set_topic_attributes", "InvalidParameter", TopicArn=topic, AttributeName="Nonsense", AttributeValue="x")
    sns("subscribe", "InvalidParameter", TopicArn=topic, Protocol="pigeon", Endpoint="x")
    url = sqs("create_queue", QueueName=p + "sub").get("QueueUrl", "")
    queue = sqs("get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"]).get("Attributes", {}).get("QueueArn", "")
    ask.permit(url, queue, "sns.amazonaws.com")
    subscription = sns("subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue, ReturnSubscriptionArn=True,
                       Attributes={"FilterPolicy": '{"kind":["a"]}'}).get("SubscriptionArn", "")
    sns("subscribe", TopicArn=topic, Protocol="email", Endpoint="someone@example.com")
    by_topic = sns("list_subscriptions_by_topic", TopicArn=topic).get("Subscriptions", [])
    ask.check("sns", "list_subscriptions_by_topic", "both", len(by_topic) == 2 and {"Endpoint", "Owner", "Protocol", "SubscriptionArn", "TopicArn"} == set(by_topic[0]))
    ask.check("sns", "list_subscriptions", "all", subscription in [s["SubscriptionArn"] for s in sns("list_subscriptions").get("Subscriptions", [])])
    sns("set_subscription_attributes", SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true")
    sns("set_subscription_attributes", SubscriptionArn=subscription, AttributeName="RedrivePolicy", AttributeValue=json.dumps({"deadLetterTargetArn": queue}))
    got = sns("get_subscription_attributes", SubscriptionArn=subscription).get("Attributes", {})
    ask.check("sns", "get_subscription_attributes", "what was set", got.get("RawMessageDelivery") == "true"
              and json.loads(got.get("RedrivePolicy", "{}")).get("deadLetterTargetArn") == queue)
    sns("get_subscription_attributes", ["NotFound", "InvalidParameter"], SubscriptionArn=subscription + "0")
    kind = lambda value: {"kind": {"DataType": "String", "StringValue": value}}
    sns("publish", TopicArn=topic, Message="to be dropped", MessageAttributes=kind("b"))
    published = sns("publish", TopicArn=topic, Message="hello <&> 注文", Subject="s", MessageAttributes=kind("a"))
    ask.check("sns", "publish", "an id", published.get("MessageId"))
    sns("publish", "InvalidParameter", TopicArn=topic, Message="")
    got = ask.until("sqs", "receive_message", "the topic's message", lambda: sqs("receive_message", QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=1).get("Messages")) or [{}]
    ask.check("sqs", "receive_message", "raw, filtered, with its attribute", got[0].get("Body") == "hello <&> 注文" and got[0].get("MessageAttributes") == kind("a"))
    batch = sns("publish_batch", TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "a"}, {"Id": "2", "Message": "b"}])
    ask.check("sns", "publish_batch", "both", len(batch.get("Successful", [])) == 2)
    ask.check("sns", "list_tags_for_resource", "tags", sns("list_tags_for_resource", ResourceArn=topic).get("Tags") == [{"Key": "app", "Value": p}])
    sns("unsubscribe", SubscriptionArn=subscription)
    sns("delete_topic", TopicArn=topic)
    sns("get_topic_attributes", ["NotFound", "NotFoundException"], TopicArn=topic)
