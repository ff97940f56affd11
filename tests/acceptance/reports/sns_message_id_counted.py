"""Source: aws/aws-sam-cli#4710 (a handler that logs its whole event, SNS -> SQS -> Lambda, envelope on), fredliporace/cbers-2-stac#45,
kalaspuff/tomodachi#1769 (the two ids are different things). ONE queue message was received twice; the MessageId in the envelope is SNS's."""

from reported import *  # noqa: F403

with account("demo") as a:
    sqs, lam = a.client("sqs"), a.client("lambda")
    sqs.create_queue(QueueName="dead")
    sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "60", "RedrivePolicy": json.dumps(
        {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead", "maxReceiveCount": "5"})})
    a.function("worker")
    lam.create_event_source_mapping(FunctionName="worker", EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders", BatchSize=1)
    queue_id, topic_id, runs = str(uuid.uuid4()), str(uuid.uuid4()), [str(uuid.uuid4()) for _ in range(2)]
    record = {"messageId": queue_id, "receiptHandle": "AQEB", "body": json.dumps({"Type": "Notification", "MessageId": topic_id,
              "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t", "Message": "{\"id\":7}"}), "attributes": {"ApproximateReceiveCount": "1"},
              "eventSource": "aws:sqs", "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"}
    for n, (r, ago) in enumerate(zip(runs, (140, 79))):
        record["attributes"]["ApproximateReceiveCount"] = str(n + 1)
        lines = wrap(r, json.dumps({"Records": [record]}) + "\n", "[ERROR] KeyError: 'a'\rTraceback (most recent call last):\r")
        a.log("worker", [(line, ago) for line in lines])
    ids = [d["id"] for d in a.json("retries")["deliveries"]]
    print("deliveries:", ids, "\nqueue message:", queue_id, "\nSNS's id:     ", topic_id)
    assert ids == [queue_id], f"one message is tried again, {len(ids)} are told; SNS's id among them: {topic_id in ids}"
