"""Writes 20,000 events into a served account, then lets each client fetch all of them in turn, several times.

Each client is a process of its own that prints every line; its start is part of the time. The count of lines must be that
of what was written: a client that fetches less is not faster.
"""

import os
import re
import statistics
import subprocess
import sys
import time

import boto3

EVENTS = 20_000
BATCH = 5_000
GROUP = "/made/fetch"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}

PLAIN = """
import sys, time, boto3
client = boto3.client("logs", endpoint_url=sys.argv[1])
start = int((time.time() - 3600) * 1000)
for page in client.get_paginator("filter_log_events").paginate(logGroupName=sys.argv[2], startTime=start):
    for event in page["events"]:
        print(event["message"])
"""


def served(binary):
    """The process of a served account, and its address."""
    server = subprocess.Popen(
        [binary, "demo", "empty", "--serve", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
    )
    for line in server.stdout:
        if found := re.search(r"http://[0-9.:]+", line):
            return server, found.group()
    sys.exit("the binary named no address")


def write(endpoint):
    client = boto3.client("logs", endpoint_url=endpoint)
    client.create_log_group(logGroupName=GROUP)
    now = int(time.time() * 1000)
    for batch in range(EVENTS // BATCH):
        stream = f"2026/01/01/[$LATEST]{batch:032x}"
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        numbers = range(batch * BATCH, (batch + 1) * BATCH)
        events = [
            {
                # Ten minutes' worth, up to a minute ago.
                "timestamp": now - 660_000 + n * 600_000 // EVENTS,
                "message": f"[INFO]\t2026-01-01T00:00:00.000Z\t{n // 10:08x}-0000-4000-8000-000000000000\torder {n:>8} seen",
            }
            for n in numbers
        ]
        client.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)


def clients(binary, endpoint):
    beside = os.path.dirname(sys.executable)
    return {
        "pitagora": [binary, "logs", GROUP, "--since", "1h", "--endpoint-url", endpoint],
        "awslogs": [
            os.path.join(beside, "awslogs"),
            *("get", GROUP, "ALL", "--start", "1h ago", "--color", "never", "--aws-endpoint-url", endpoint),
        ],
        "boto3": [sys.executable, "-c", PLAIN, endpoint, GROUP],
    }


def main():
    binary, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    os.environ.update(ENVIRONMENT)
    server, endpoint = served(binary)
    try:
        write(endpoint)
        times, counts = {}, {}
        for _ in range(rounds):
            for name, command in clients(binary, endpoint).items():
                begun = time.monotonic()
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                times.setdefault(name, []).append(time.monotonic() - begun)
                if done.returncode != 0:
                    sys.exit(f"{name} ended with {done.returncode}: {done.stderr}")
                lines = [line for line in done.stdout.splitlines() if "order" in line]
                counts.setdefault(name, set()).add((len(lines), len(set(lines))))
    finally:
        server.terminate()
        server.wait()
    print(f"{EVENTS} events, {rounds} rounds; each client is a process that prints every line")
    good = True
    for name, taken in times.items():
        seen = ", ".join(f"{lines} lines" for lines, _ in sorted(counts[name]))
        good &= counts[name] == {(EVENTS, EVENTS)}
        shown = " ".join(f"{t:.2f}" for t in taken)
        print(f"{name:>9}: {seen}; median {statistics.median(taken):.2f} s, fastest {min(taken):.2f} s ({shown})")
    if not good:
        sys.exit("not every client fetched what was written")


main()
