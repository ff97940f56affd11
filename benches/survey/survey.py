"""Serves an account of 1,000 functions at AWS's limits, and runs one command after the other on it.

AWS: 15 GetPolicy, 15 of Lambda's other control calls and 100 GetFunction a second, 5 DescribeSubscriptionFilters, 5
FilterLogEvents, 30 of SNS, 50 of EventBridge; a call takes some 15 ms.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

LIMITS = [
    "lambda:GetPolicy=15/s",
    "lambda:List*=15/s",
    "lambda:GetFunctionRecursionConfig=15/s",
    "lambda:GetFunction=100/s",
    "logs:DescribeSubscriptionFilters=5/s",
    "logs:FilterLogEvents=5/s",
    "sns=30/s",
    "events=50/s",
]
COMMANDS = [
    ["graph", "--format", "json"],
    ["dlq", "list", "--format", "json"],
    ["dlq", "show", "work-dlq-7", "--format", "json"],
    ["dlq", "show", "failed-7", "--format", "json"],
    ["dlq", "redrive", "work-dlq-7", "--dry-run"],
    ["logs", "work-7"],
    ["retries", "--only", "*-7"],
]


def served(binary):
    """The process of the served account, and its address."""
    faults = [word for limit in LIMITS for word in ("--fault", limit)]
    words = ["demo", "thousand.toml", "--region", "eu-west-1", "--latency", "15ms", "--serve", "127.0.0.1:0"]
    server = subprocess.Popen([binary, *words, *faults], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in server.stdout:
        if found := re.search(r"http://[0-9.:]+", line):
            return server, found.group()
    sys.exit("the binary named no address")


def measured(binary, endpoint, home, words):
    environment = os.environ | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "HOME": home}
    environment.pop("AWS_PROFILE", None)
    began = time.monotonic()
    process = subprocess.Popen(
        [binary, "--endpoint-url", endpoint, "--region", "eu-west-1", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    )
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    found = ""
    if words[0] == "graph":
        graph = json.loads(out)
        found = f"{len(graph['nodes'])} nodes, {len(graph['edges'])} edges, complete: {graph['complete']}"
    code = os.waitstatus_to_exitcode(status)
    print(f"{' '.join(words):<42} exit {code}  {seconds:6.1f} s  {cpu:5.1f} s CPU  {memory:4.0f} MB  {found}", flush=True)


def main():
    binary = sys.argv[1]
    server, endpoint = served(binary)
    try:
        with tempfile.TemporaryDirectory() as home:
            for words in COMMANDS:
                measured(binary, endpoint, home, words)
    finally:
        server.terminate()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
