"""Source: docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html (the record), aws/aws-cdk#28010, oss-serverless/osls#90: the OnFailure record of a mapping of
MSK has KafkaBatchInfo where Kinesis has KinesisBatchInfo. It is a batch that a mapping gave up, and comes from the cluster.
The demo drops DestinationConfig of Kafka mappings, so a loopback proxy puts it into ListEventSourceMappings."""

from reported import *  # noqa: F403

with account("demo") as a:
    sqs, lam, arn = a.client("sqs"), a.client("lambda"), f"arn:aws:sqs:{REGION}:{ACCOUNT}:failed"
    url = sqs.create_queue(QueueName="failed")["QueueUrl"]
    function = a.function("consume")
    cluster = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/events/6ee4ae0e-1111-2222-3333-444455556666-2"
    lam.create_event_source_mapping(FunctionName="consume", EventSourceArn=cluster, Topics=["orders"], StartingPosition="LATEST")
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({
        "requestContext": {"requestId": str(uuid.uuid4()), "functionArn": function, "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 3},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}, "version": "1.0", "timestamp": "2026-11-30T08:00:00.021Z",
        "KafkaBatchInfo": {"batchSize": 12, "eventSourceArn": cluster, "bootstrapServers": "b-1.example:9098", "payloadSize": 2039, "recordsInfo": {"orders-0": {
            "firstRecordOffset": "100", "lastRecordOffset": "111", "firstRecordTimestamp": "2026-11-30T07:59:04.835Z", "lastRecordTimestamp": "2026-11-30T07:59:05.580Z"}}}}))

    def rewrite(command, path, data):
        if command == "GET" and "/event-source-mappings" in path:
            answer = json.loads(data)
            for mapping in answer["EventSourceMappings"]:
                mapping["DestinationConfig"] = {"OnFailure": {"Destination": arn}}
            return json.dumps(answer).encode()
        return data

    with rewritten(a, rewrite):
        print(a.run("dlq", "list").stdout, a.run("dlq", "show", "failed").stdout)
        letter = a.json("dlq", "show", "failed")["messages"][0]
    assert not any("not configured" in text for text in letter["evidence"]), f"`dlq list` says `consume (stream)`, `dlq show`: {letter['evidence']}"
    assert (letter["origin"], letter["source"]) == ("stream", cluster), (letter["origin"], letter["source"])
