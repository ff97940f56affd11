"""10,000 dead letters read, listed, grouped and filtered by the finished program, within a bound on its memory."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import emulators
from account import Account
from product import environment

LETTERS = 10_000
BODY = 512  # bytes of each body
# What each letter may take beside its body: ids, attributes, receipt handle, what is understood of it, and its line.
OWN = 6 * 1024
SCENARIO = """
title = "One function and its dead letters"

[[queue]]
name = "dlq"

[[function]]
name = "f"
dlq = "dlq"
"""
ERRORS = ["ValueError: no price for order {n}", "KeyError: 'customer_{n}'", "Task timed out after {n}.00 seconds"]


def fill(account, start, count):
    """Letters as Lambda leaves them."""
    sqs = account.client("sqs")
    url = sqs.get_queue_url(QueueName="dlq")["QueueUrl"]

    def send(first):
        entries = []
        for n in range(first, min(first + 10, start + count)):
            attributes = {"RequestID": f"00000000-0000-4000-8000-{n:012}", "ErrorMessage": ERRORS[n % 3].format(n=n)}
            named = {k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()}
            named["ErrorCode"] = {"DataType": "Number", "StringValue": "200"}
            entries.append({"Id": str(n), "MessageBody": json.dumps({"order": n}).ljust(BODY), "MessageAttributes": named})
        assert not sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(start, start + count, 10)))


def show(binary, home, endpoint, *args):
    """What the program says, and the most memory it held, in bytes."""
    command = [binary, "dlq", "show", "dlq", "--max", str(LETTERS), *args, "--endpoint-url", endpoint]
    with open(home / "said", "w+") as said, open(home / "told", "w+") as told:
        process = subprocess.Popen(command, env=environment(home), stdin=subprocess.DEVNULL, stdout=said, stderr=told)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (said, told):
            file.seek(0)
        assert process.returncode == 0, (process.returncode, told.read()[-2000:])
        return said.read(), usage.ru_maxrss * 1024


def test_ten_thousand_letters_within_a_memory_bound(binary, tmp_path):
    scenario = tmp_path / "one.toml"
    scenario.write_text(SCENARIO)
    with emulators.demo(binary, tmp_path, str(scenario)) as demo:
        account = Account(demo)
        fill(account, 0, 10)
        _, few = show(binary, tmp_path, demo.endpoint)
        fill(account, 10, LETTERS - 10)
        listed, many = show(binary, tmp_path, demo.endpoint)
        # A line for each letter, under a line for each fault.
        assert sum(" bytes  " in line for line in listed.splitlines()) == LETTERS
        counts = sorted(int(line.split(" × ")[0]) for line in listed.splitlines() if " × " in line)
        assert counts == [3333, 3333, 3334], listed[:500]
        wanted = sum(n % 7 == 0 and n % 3 == 1 for n in range(LETTERS))
        said, filtered = show(
            binary, tmp_path, demo.endpoint, "--format", "json", "--where", '.body.order % 7 == 0 and (.error | contains("KeyError"))'
        )
        document = json.loads(said)
        assert document["read"] == LETTERS and [group["count"] for group in document["groups"]] == [wanted]
        assert len(document["messages"]) == wanted
    for what, most in (("listed and grouped", many), ("filtered", filtered)):
        each = (most - few) / LETTERS
        print(f"\n{what}: {most >> 20} MB at most, {few >> 20} MB for ten letters; {each:.0f} bytes a letter of {BODY} bytes")
        assert each < BODY + OWN, f"{what}: {each:.0f} bytes a letter"
