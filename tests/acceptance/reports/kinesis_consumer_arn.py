"""Source: serverless/serverless#5510 and #7320, anomalyco/sst#2920, aws-cloudformation/cfn-lint#1844, localstack#10605: with enhanced fan-out the
mapping's EventSourceArn is the CONSUMER's ARN. It reads the stream `orders`: that is the box, and the chain producer -> orders -> reader.
No emulator takes such a mapping, so a loopback proxy puts the value into ListEventSourceMappings as AWS answers it."""

from reported import *  # noqa: F403

with account("demo") as a:
    lam, stream = a.client("lambda"), f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/orders"
    a.function("reader")
    a.client("kinesis").create_stream(StreamName="orders", ShardCount=1)
    time.sleep(1)
    a.function("producer", env={"STREAM_NAME": "orders"})
    a.function("plain")
    lam.create_event_source_mapping(FunctionName="plain", EventSourceArn=stream, StartingPosition="LATEST")
    uuid_ = lam.create_event_source_mapping(FunctionName="reader", EventSourceArn=stream, StartingPosition="LATEST")["UUID"]

    def rewrite(command, path, data):
        if command == "GET" and "/event-source-mappings" in path:
            answer = json.loads(data)
            for mapping in answer["EventSourceMappings"]:
                if mapping["UUID"] == uuid_:
                    mapping["EventSourceArn"] = stream + "/consumer/lambda-a:1524472707"
            return json.dumps(answer).encode()
        return data

    with rewritten(a, rewrite):
        graph = a.json("graph")
        print(a.run("graph").stdout)
    names = sorted(n["name"] for n in graph["nodes"] if n["kind"] == "kinesis")
    sources = sorted(e["from"] for e in graph["edges"] if e["to"].endswith(":reader"))
    assert names == ["orders"], f"one stream is there, the boxes are {names}"
    assert sources == [stream], f"reader reads the stream, told: {sources}"
