#!/usr/bin/env python3
"""The AWS CLI against a served account. usage: cli.py ENDPOINT PATH-OF-AWS"""
import json, os, random, subprocess, sys, tempfile


def main():
    endpoint, aws = sys.argv[1:3]
    p = "".join(random.choice("abcdefghkmnpqrstuvwxyz") for _ in range(6)) + "-cli"
    env = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
           "AWS_PAGER": "", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    passed, failed = 0, 0

    def run(*args, fails=None, has=None):
        """Runs a command; `fails` is text of the error that must come, `has` what the answer must hold."""
        nonlocal passed, failed
        command = [aws, *args, "--endpoint-url", endpoint, *([] if args[0] == "s3" else ["--output", "json"])]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        right = (done.returncode == 0) == (fails is None) and (fails or "") in done.stderr and (has or "") in done.stdout
        passed, failed = passed + right, failed + (not right)
        if not right:
            print(f"  WRONG aws {' '.join(args)}: {done.returncode}\n    {done.stdout[:300]}\n    {done.stderr[:300]}")
        try:
            return json.loads(done.stdout)
        except ValueError:
            return {}

    run("sts", "get-caller-identity", has="Arn")
    url = run("sqs", "create-queue", "--queue-name", p + "q").get("QueueUrl", "none")
    run("sqs", "send-message", "--queue-url", url, "--message-body", "hello", "--message-attributes", '{"k":{"DataType":"String","StringValue":"v"}}')
    run("sqs", "receive-message", "--queue-url", url, "--message-attribute-names", "All", has="hello")
    run("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All", has='"ApproximateNumberOfMessagesNotVisible": "1"')
    run("sqs", "get-queue-url", "--queue-name", p + "gone", fails="NonExistentQueue")
    topic = run("sns", "create-topic", "--name", p + "t").get("TopicArn", "none")
    run("sns", "publish", "--topic-arn", topic, "--message", "hi", has="MessageId")
    run("sns", "publish", "--topic-arn", topic + "-gone", "--message", "hi", fails="NotFound")
    bucket = p + "-b"
    run("s3", "mb", "s3://" + bucket)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "ein datei 注文.txt")
        with open(path, "w") as file:
            file.write("text" * 10_000)
        run("s3", "cp", path, f"s3://{bucket}/in/")
        run("s3", "ls", f"s3://{bucket}/in/", has="ein datei 注文.txt")
        run("s3", "cp", f"s3://{bucket}/in/ein datei 注文.txt", path + ".back")
        same = os.path.exists(path + ".back") and open(path).read() == open(path + ".back").read()
        passed, failed = passed + same, failed + (not same)
        run("s3", "sync", folder, f"s3://{bucket}/sync/")
    run("s3", "ls", f"s3://{bucket}-gone", fails="NoSuchBucket")
    run("s3", "rb", "s3://" + bucket, "--force")
    run("logs", "create-log-group", "--log-group-name", f"/{p}")
    run("logs", "describe-log-groups", "--log-group-name-prefix", f"/{p}", has=f"/{p}")
    run("lambda", "list-functions", has="Functions")
    run("lambda", "get-function", "--function-name", p + "gone", fails="ResourceNotFoundException")
    run("events", "put-events", "--entries", '[{"Source":"s","DetailType":"t","Detail":"{}"}]', has='"FailedEntryCount": 0')
    run("cloudwatch", "put-metric-data", "--namespace", p, "--metric-name", "m", "--value", "1")
    run("cloudwatch", "list-metrics", "--namespace", p, has='"m"')
    run("dynamodb", "list-tables", has="TableNames")
    run("scheduler", "list-schedules", has="Schedules")
    run("apigateway", "get-rest-apis")
    run("apigatewayv2", "get-apis", has="Items")
    run("iam", "get-role", "--role-name", p, fails="NoSuchEntity")
    run("ec2", "describe-instances", fails="InvalidAction")
    print(f"{passed} passed, {failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
