"""Eight threads of boto3 and `dlq redrive` put the same messages back, one after the other, on one served account.

Both are measured from their start to their end, the program's own start, survey and last look at the queue included. The
counts are compared, and every message with its attributes, so that nobody is fast by losing some.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import boto3
from botocore.config import Config

THREADS = 8


def client(endpoint):
    return boto3.session.Session().client(
        "sqs", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1}),
    )  # fmt: skip


@contextlib.contextmanager
def served(binary, scenario, latency):
    """An account behind a socket, so far away."""
    process = subprocess.Popen(
        [binary, "demo", scenario, "--region", "us-east-1", "--speed", "1", "--serve", "127.0.0.1:0", "--latency", latency],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment(tempfile.gettempdir()),
    )  # fmt: skip
    try:
        yield re.search(r"http://[0-9.:]*[0-9]", process.stdout.readline())[0]
    finally:
        process.terminate()
        process.wait(10)


def environment(home):
    return {
        "HOME": home, "PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip


def content(body, attributes):
    return body, tuple(sorted((k, a["DataType"], a.get("StringValue"), a.get("BinaryValue")) for k, a in (attributes or {}).items()))


def attributes(n):
    return {
        "kind": {"DataType": "String.kind", "StringValue": f"k{n % 7}"},
        "price": {"DataType": "Number.float", "StringValue": "1.50"},
        "raw": {"DataType": "Binary.png", "BinaryValue": bytes([0, 255, n % 256])},
    }


def queues(endpoint, name):
    """A queue with its dead letters, and a queue that takes them: URLs of the dead letters and of the taker."""
    sqs = client(endpoint)
    dlq, target = (sqs.create_queue(QueueName=f"{name}-{kind}")["QueueUrl"] for kind in ("dlq", "target"))
    arn = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    sqs.create_queue(QueueName=f"{name}-work", Attributes={"RedrivePolicy": policy})
    return dlq, target


def fill(endpoint, url, messages, with_attributes):
    """Answers what was sent."""
    def send(sqs, start):
        entries = [
            {"Id": str(n), "MessageBody": json.dumps({"order": n}), "MessageAttributes": attributes(n) if with_attributes else {}}
            for n in range(start, min(start + 10, messages))
        ]
        assert not sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")
        return [content(e["MessageBody"], e["MessageAttributes"]) for e in entries]

    clients = [client(endpoint) for _ in range(THREADS)]
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        batches = pool.map(lambda n: send(clients[n // 10 % THREADS], n), range(0, messages, 10))
        return collections.Counter(one for batch in batches for one in batch)


def boto(endpoint, dlq, target):
    """Eight threads that share a client: receive 10, send batch, delete batch, until nothing comes."""
    def work(sqs):
        moved = 0
        while True:
            got = sqs.receive_message(
                QueueUrl=dlq, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"], VisibilityTimeout=60
            ).get("Messages", [])
            if not got:
                return moved
            entries = [
                {"Id": str(n), "MessageBody": m["Body"], "MessageAttributes": m.get("MessageAttributes", {})} for n, m in enumerate(got)
            ]
            sent = sqs.send_message_batch(QueueUrl=target, Entries=entries)["Successful"]
            gone = [{"Id": s["Id"], "ReceiptHandle": got[int(s["Id"])]["ReceiptHandle"]} for s in sent]
            sqs.delete_message_batch(QueueUrl=dlq, Entries=gone)
            moved += len(gone)

    shared = client(endpoint)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        moved = sum(pool.map(work, [shared] * THREADS))
    return moved, time.monotonic() - began


def product(binary, endpoint, dlq, target):
    """The program, from its start to its end."""
    with tempfile.TemporaryDirectory() as home:
        command = [
            binary, "dlq", "redrive", dlq.rsplit("/", 1)[1], "--to", target.rsplit("/", 1)[1], "--engine", "client",
            "--yes", "--format", "json", "--endpoint-url", endpoint,
        ]  # fmt: skip
        began = time.monotonic()
        done = subprocess.run(command, env=environment(home), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        took = time.monotonic() - began
    assert done.returncode == 0, (done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    document = json.loads(done.stdout)
    assert document["sent"] == document["deleted"] and document["unknown"] == 0 and not document["left"], document
    return document["deleted"], took


def lying(sqs, url):
    """How many messages a queue has, in any state."""
    names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
    return sum(int(n) for n in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())


def compare(endpoint, dlq, target, wanted):
    """Every message is at its target, as it was, and none is left."""
    def drain(sqs):
        found = []
        while got := sqs.receive_message(QueueUrl=target, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=600).get("Messages"):
            found += [content(m["Body"], m.get("MessageAttributes")) for m in got]
        return found

    assert lying(client(endpoint), dlq) == 0, "some are still there"
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        found = collections.Counter(one for part in pool.map(drain, [client(endpoint) for _ in range(THREADS)]) for one in part)
    assert found == wanted, f"lost or altered: {list((wanted - found).items())[:3]}, more: {list((found - wanted).items())[:3]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--latency", default="15ms")
    parser.add_argument("--scenario", default="pitagora", help="the account: one with a chain in it, or `empty`")
    parser.add_argument("--attributes", action="store_true", help="messages with three attributes each")
    parser.add_argument("--times", type=float, default=5, help="how many times as fast the program must be")
    args = parser.parse_args()
    with served(args.binary, args.scenario, args.latency) as endpoint:
        took = {}
        for name, move in (
            ("eight threads of boto3", lambda *urls: boto(endpoint, *urls)),
            ("pitagora dlq redrive", lambda *urls: product(args.binary, endpoint, *urls)),
        ):
            dlq, target = queues(endpoint, name.split()[0])
            wanted = fill(endpoint, dlq, args.messages, args.attributes)
            moved, took[name] = move(dlq, target)
            assert moved == args.messages, f"{name} moved {moved} of {args.messages}"
            compare(endpoint, dlq, target, wanted)
            rate = args.messages / took[name]
            print(f"{name}: {args.messages} messages in {took[name]:.2f} s, {rate:.0f} a second; all there, as they were", flush=True)
    slow, fast = took.values()
    print(f"{slow / fast:.1f} times as fast over an endpoint {args.latency} away")
    if slow / fast < args.times:
        sys.exit(f"less than {args.times:g} times as fast")


if __name__ == "__main__":
    main()
