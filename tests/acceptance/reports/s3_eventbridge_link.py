"""Source: aws-samples/serverless-patterns#614, aws-samples/s3-to-lambda-patterns#37, BlackbirdWorks/gopherstack#326: a bucket with EventBridgeConfiguration and a rule of the
default bus with source aws.s3 and detail.bucket.name [that bucket]. Every object of the bucket runs the function; both ends are configuration. (A limit rather than a slip:
the default bus is no box by design. But no link, no word, and complete is true.)"""

from reported import *  # noqa: F403

with account("demo") as a:
    s3, ev = a.client("s3"), a.client("events")
    s3.create_bucket(Bucket="pics-in")
    s3.put_bucket_notification_configuration(Bucket="pics-in", NotificationConfiguration={"EventBridgeConfiguration": {}})
    function = a.function("indexer")
    ev.put_rule(Name="on-object", EventPattern=json.dumps({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["pics-in"]}}}))
    ev.put_targets(Rule="on-object", Targets=[{"Id": "1", "Arn": function}])
    graph = a.json("graph")
    print(a.run("graph").stdout, "complete:", graph["complete"])
    out = [e for e in graph["edges"] if e["from"] == "arn:aws:s3:::pics-in"]
    assert out, "the bucket leads nowhere in the chain, though rule on-object names it"
