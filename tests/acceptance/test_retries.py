"""`pitagora retries`, held against functions that really run and fail."""

import contextlib
import json
import subprocess
import threading
import time

from account import zipped
from emulators import wait_until
from product import environment

FAILS = zipped("def handler(event, context):\n    raise ValueError('poison')\n")


class Followed:
    """`retries --follow` while it runs: the last that it said of each delivery."""

    def __init__(self, process):
        self.process, self.last, self.lock = process, {}, threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            row = json.loads(line)
            with self.lock:
                self.last[row["function"], row["id"]] = row

    def rows(self, function):
        with self.lock:
            return [row for (of, _), row in self.last.items() if of == function]


@contextlib.contextmanager
def followed(pitagora, account):
    command = [pitagora.binary, "retries", "--follow", "--format", "json", "--endpoint-url", account.endpoint]
    process = subprocess.Popen(
        command, env=environment(pitagora.home), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield Followed(process)
    finally:
        process.terminate()
        process.wait(10)


def depth(account, queue):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = account.client("sqs").get_queue_attributes(QueueUrl=account.queue_url(queue), AttributeNames=names)
    return sum(int(n) for n in answer["Attributes"].values())


def outcomes(rows):
    return [(a["outcome"], a["evidence"]) for row in rows for a in row["attempts"]]


def test_a_poisoned_event_shows_three_failed_attempts_and_its_dead_letter(pitagora, ministack_account):
    account = ministack_account
    dead = account.queue("dead")
    function = account.function("fails", dead_letters=dead, code=FAILS)
    with followed(pitagora, account) as told:
        account.client("lambda").invoke(FunctionName="fails", InvocationType="Event", Payload=b"{}")
        # The emulator gives each attempt an id of its own: three deliveries.
        wait_until(lambda: len(outcomes(told.rows(function))) >= 3, 240, lambda: told.rows(function))
        assert outcomes(told.rows(function)) == [("error", "observed")] * 3

        def landed():
            return [row for row in told.rows(function) if row["end"] and row["end"]["fate"] == "dead_letter"]

        wait_until(landed, 120, lambda: told.rows(function))
        assert landed()[0]["end"]["to"] == dead
    assert depth(account, dead) == 1


def test_a_poisoned_message_shows_its_receives_and_its_dead_letter(pitagora, ministack_account):
    account = ministack_account
    dead = account.queue("dead")
    queue = account.queue("work", dead_letters=dead, receives=3, VisibilityTimeout="5")
    function = account.function("fails", code=FAILS)
    account.mapping(queue, function, BatchSize=1)
    with followed(pitagora, account) as told:
        account.client("sqs").send_message(QueueUrl=account.queue_url(queue), MessageBody="poison")
        wait_until(lambda: len(outcomes(told.rows(function))) >= 3, 120, lambda: told.rows(function))
        assert outcomes(told.rows(function)) == [("error", "observed")] * 3
        (row,) = told.rows(function)
        assert (row["pattern"], row["source"]) == ("queue", queue)

        def landed():
            end = told.rows(function)[0]["end"]
            return end and (end["fate"], end["to"]) == ("dead_letter", dead)

        wait_until(landed, 240, lambda: told.rows(function))
    assert depth(account, dead) == 1


def test_runs_of_one_request_are_attempts_of_one_delivery(pitagora, ministack_account):
    account = ministack_account
    function = account.function("fails", code=FAILS)
    logs = account.client("logs")
    group, stream, request = "/aws/lambda/fails", "2026/01/01/[$LATEST]0123456789abcdef", "5f1c22aa-0000-4000-8000-000000000001"
    with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now, events = int(time.time() * 1000), []
    for start in (now - 240_000, now - 174_000, now - 44_000):
        lines = [
            f"START RequestId: {request} Version: $LATEST\n",
            "[ERROR] ValueError: poison\rTraceback (most recent call last):\r\u00a0\u00a0File \"/var/task/index.py\", line 2, in handler",
            f"END RequestId: {request}\n",
            f"REPORT RequestId: {request}\tDuration: 12.00 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t\n",
        ]
        events += [{"timestamp": start + 3 * n, "message": line} for n, line in enumerate(lines)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    run = pitagora.run("retries", "--format", "json", "--endpoint-url", account.endpoint, timeout=240)
    (row,) = [row for row in run.json["deliveries"] if row["function"] == function]
    assert row["id"] == request
    assert [a["n"] for a in row["attempts"]] == [1, 2, 3]
    assert outcomes([row]) == [("error", "observed")] * 3
    assert row["next"] is None
    assert row["end"]["fate"] == "dropped"
    for attempt in row["attempts"]:
        assert attempt["start"].endswith("Z") and len(attempt["start"]) == len("2026-01-01T00:00:00.000Z")
