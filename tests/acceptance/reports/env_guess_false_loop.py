"""Source: Powertools' own variable POWERTOOLS_SERVICE_NAME (github-aws-runners/terraform-aws-github-runner#4948 sets it to the stack's prefix), DD_SERVICE, OTEL_SERVICE_NAME,
and a table and a queue of one name (ycu-engine/ycu-schedule src/meta.ts: tableName = `${service}-${stage}`). The queue `orders` starts `orders-worker`, which writes to
the TABLE `orders`; nothing writes to the queue. The variables' own names say service and table, and a table without a stream is no box."""

from reported import *  # noqa: F403

with account("demo") as a:
    a.client("sqs").create_queue(QueueName="orders")
    a.client("dynamodb").create_table(TableName="orders", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                      AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")
    a.function("orders-worker", env={"POWERTOOLS_SERVICE_NAME": "orders", "TABLE_NAME": "orders"})
    a.client("lambda").create_event_source_mapping(FunctionName="orders-worker", EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders", BatchSize=10)
    graph, status = a.json("graph"), a.run("status")
    print(a.run("graph").stdout, status.stdout)
    writes = [(e["to"], e["evidence"], e["policies"]) for e in graph["edges"] if e["kind"] == "writes"]
    assert not graph["loops"] and "feed itself" not in status.stdout, f"a loop that is not there: {graph['loops']}, from {writes}"
