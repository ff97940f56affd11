"""Puts dead letters back, kills the program at random, resumes, and counts what lies where, message by message."""

import contextlib
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import emulators
from account import Account
from product import environment
from proxy import Fault, Proxy

MESSAGES = 120
FIFO_MESSAGES = 60
STEPS = {"after the journal", "after the send", "before the delete", "after the delete"}


@contextlib.contextmanager
def far_away(where, binary, folder, request):
    """An empty account, and the endpoint at which each call takes a few milliseconds on its way there and on its way back, so
    that a kill finds every step under way."""
    with contextlib.ExitStack() as stack:
        if where == "ministack":
            account = request.getfixturevalue("ministack")
            account.reset()
        else:
            account = stack.enter_context(emulators.demo(binary, folder))
        yield account, stack.enter_context(Proxy(account.endpoint, Fault("*", "slow"))).endpoint


def fill(sqs, url, count, group=None):
    """Messages of every kind: bodies of odd bytes, attributes of every type. Answers id → what it is."""
    sent = {}
    for start in range(0, count, 10):
        entries = []
        for n in range(start, min(start + 10, count)):
            entry = {
                "Id": str(n), "MessageBody": json.dumps({"order": n, "text": "注文  \t\"x\""}, ensure_ascii=n % 2 == 0) + " " * (n % 3),
                "MessageAttributes": {
                    "kind": {"DataType": "String.kind", "StringValue": f"k{n}"},
                    "price": {"DataType": "Number.float", "StringValue": "1.50"},
                    "raw": {"DataType": "Binary.png", "BinaryValue": bytes([0, 255, n % 256])},
                } if n % 3 else {},
            }  # fmt: skip
            if group:
                entry |= {"MessageGroupId": f"{group}{n % 4}", "MessageDeduplicationId": f"d{n}"}
            entries.append(entry)
        answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        assert not answer.get("Failed"), answer
        by_entry = {e["Id"]: e for e in entries}
        for done in answer["Successful"]:
            sent[done["MessageId"]] = content(by_entry[done["Id"]]["MessageBody"], by_entry[done["Id"]]["MessageAttributes"])
    return sent


def content(body, attributes):
    """A message without what a queue adds, comparable."""
    values = {k: (a["DataType"], a.get("StringValue"), a.get("BinaryValue")) for k, a in (attributes or {}).items()}
    return body, tuple(sorted(values.items()))


def drained(sqs, url):
    """Takes all out of a queue that nobody else reads: contents."""
    found, empty = [], 0
    while empty < 3:
        got = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60, WaitTimeSeconds=0, MessageAttributeNames=["All"]
        ).get("Messages", [])
        empty = 0 if got else empty + 1
        found += [content(m["Body"], m.get("MessageAttributes")) for m in got]
        if got:
            entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(got)]
            assert not sqs.delete_message_batch(QueueUrl=url, Entries=entries).get("Failed")
    return Counter(found)


def lying(sqs, url):
    """All that can be seen in a queue, by id: content and message."""
    found, empty = {}, 0
    while empty < 3:
        got = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=120, WaitTimeSeconds=0,
            MessageAttributeNames=["All"], AttributeNames=["All"],
        ).get("Messages", [])  # fmt: skip
        empty = 0 if got else empty + 1
        for m in got:
            found[m["MessageId"]] = (content(m["Body"], m.get("MessageAttributes")), m)
        if got:  # what is looked at is shown again at the end; order of groups goes on behind it
            entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 120} for n, m in enumerate(got)]
            sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    for start in range(0, len(found), 10):
        part = list(found.values())[start : start + 10]
        entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 0} for n, (_, m) in enumerate(part)]
        if entries:
            sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    return found


def records(journal):
    """The journal's whole lines after its header."""
    lines = Path(journal).read_bytes().split(b"\n")[:-1]
    out = []
    for line in lines[1:]:
        try:
            out.append(json.loads(line))
        except ValueError:
            break
    return out


def state(journal):
    """How far each message was by the journal: intent, sent, gone."""
    intents, sent, gone = Counter(), set(), set()
    closed = Counter()
    for record in records(journal):
        (kind, value), *_ = record.items() if isinstance(record, dict) else [(record, None)]
        if kind == "intent":
            intents.update(i["id"] for i in value)
        elif kind == "sent":
            sent.update(i for i, _ in value)
            closed.update(i for i, _ in value)
        elif kind in ("refused", "unknown"):
            closed.update(i for i, _ in value)
        elif kind == "gone":
            gone.update(value)
    open_ = {i for i in intents if intents[i] > closed[i]}
    return open_, sent, gone


@dataclass
class Tally:
    """What the kills hit."""

    kills: int = 0
    resumed: int = 0
    early_or_late: int = 0
    duplicates: int = 0
    unknown: int = 0
    steps: Counter = field(default_factory=Counter)

    def __str__(self):
        steps = ", ".join(f"{name} {n}" for name, n in sorted(self.steps.items()))
        return (
            f"{self.kills} kills between 10 and 90 % moved ({self.early_or_late} more outside), {self.resumed} resumes, "
            f"{self.duplicates} duplicates, {self.unknown} unknown; hit: {steps}"
        )


def start(binary, home, endpoint, *args):
    command = [binary, "dlq", "redrive", *args, "--endpoint-url", endpoint, "--format", "json"]
    return subprocess.Popen(
        command, env=environment(Path(home)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(run):
    """What a run said; one that does not end is ended."""
    try:
        return run.communicate(timeout=180)
    except subprocess.TimeoutExpired:
        run.kill()
        raise AssertionError(f"it never ends: {run.communicate()}") from None


def kill_and_resume(binary, home, endpoint, sqs, args, target, journal, tally, rng, known, rate=200):
    """One run that is killed somewhere, and resumed until it ends. Answers the last run's document."""
    total = len(known)
    dlq = args[0]
    run = start(binary, home, endpoint, *args, "--engine", "client", "--yes", "--rate", str(rate), "--journal", str(journal))
    at = rng.uniform(0.12, 0.85) * total
    deadline = time.monotonic() + 60
    while run.poll() is None and time.monotonic() < deadline:
        if journal.exists() and len(state(journal)[1]) >= at:
            # Somewhere in the next batch: after its intents, its send, its record or its delete.
            time.sleep(rng.uniform(0, 0.03))
            break
        time.sleep(0.001)
    if run.poll() is None:
        os.kill(run.pid, signal.SIGKILL)
    out, err = run.communicate()
    if run.returncode == 0:
        tally.early_or_late += 1
        return json.loads(out)
    assert run.returncode == -signal.SIGKILL, (run.returncode, out, err)
    open_, sent, gone = state(journal)
    moved = len(sent) / total
    if 0.1 <= moved <= 0.9:
        tally.kills += 1
        arrived = Counter(c for c, _ in lying(sqs, url_of(sqs, target)).values())
        # A FIFO queue shows only the first of each group, so that it is not known there.
        for i in open_ if not target.endswith(".fifo") else ():
            tally.steps["after the send" if arrived[known[i]] else "after the journal"] += 1
        still = held(sqs, url_of(sqs, dlq)) - (total - len(sent))
        tally.steps["before the delete"] += still
        tally.steps["after the delete"] += len(sent) - still - len(gone)
    else:
        tally.early_or_late += 1
    run = start(binary, home, endpoint, "--resume", str(journal), "--yes")
    out, err = ended(run)
    assert run.returncode == 0, (run.returncode, out, err)
    tally.resumed += 1
    return json.loads(out)


def url_of(sqs, name):
    return sqs.get_queue_url(QueueName=name)["QueueUrl"]


def held(sqs, url):
    """How many messages a queue has, those in flight too."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(int(n) for n in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())


def check(sqs, dlq, target, sent, document, tally):
    """Nothing lost, nothing altered, duplicates at most the unknown count."""
    left = held(sqs, url_of(sqs, dlq))
    assert not left, f"{left} still in the dead-letter queue: {document}"
    arrived = drained(sqs, url_of(sqs, target))
    wanted = Counter(sent.values())
    lost = wanted - arrived
    assert not lost, f"lost or altered: {list(lost)[:3]}"
    twice = arrived - wanted
    assert set(twice) <= set(wanted), f"altered: {list(set(twice) - set(wanted))[:3]}"
    duplicates = sum(twice.values())
    assert duplicates <= document["unknown"], (duplicates, document)
    assert document["chosen"] == document["sent"] == document["deleted"] == len(sent) and not document["left"], document
    tally.duplicates += duplicates
    tally.unknown += document["unknown"]


def kills(binary, folder, emulator, wanted, seed, endpoint=None):
    """Kills until so many counted, and each step was hit. A fresh pair of queues for each run; each fourth round is FIFO.

    `endpoint` is where the program under test finds the account, if not where the emulator listens.
    """
    tally, rng = Tally(), random.Random(seed)
    sqs = Account(emulator).client("sqs")
    rounds = 0
    while tally.kills < wanted or not STEPS <= {step for step, n in tally.steps.items() if n > 0}:
        rounds += 1
        assert rounds <= 3 * wanted + 20, f"kills hardly ever count, or never hit some step: {tally}"
        account, tail = Account(emulator), ".fifo" if rounds % 4 == 0 else ""
        dlq, work, target = (f"{name}-{seed}-{rounds}{tail}" for name in ("dlq", "work", "target"))
        account.queue(work, dead_letters=account.queue(dlq))
        account.queue(target)
        known = fill(sqs, url_of(sqs, dlq), MESSAGES, group="g" if tail else None)
        journal = Path(folder) / f"journal-{seed}-{rounds}"
        more = (dlq, "--to", target)
        document = kill_and_resume(binary, folder, endpoint or emulator.endpoint, sqs, more, target, journal, tally, rng, known)
        check(sqs, dlq, target, known, document, tally)
        for name in (dlq, work, target):
            sqs.delete_queue(QueueUrl=url_of(sqs, name))
    return tally


def repeated(binary, folder, emulator, endpoint):
    """A run over a FIFO queue is killed in its middle, and another one is begun without its journal. Answers how many the
    first had sent."""
    account = Account(emulator)
    sqs = account.client("sqs")
    dlq, work, target = (f"{name}-again.fifo" for name in ("dlq", "work", "target"))
    account.queue(work, dead_letters=account.queue(dlq))
    account.queue(target)
    known = fill(sqs, url_of(sqs, dlq), FIFO_MESSAGES, group="g")
    journal = Path(folder) / "first"
    command = (dlq, "--to", target, "--engine", "client", "--yes")
    began = time.monotonic()
    run = start(binary, folder, endpoint, *command, "--journal", str(journal))
    while run.poll() is None and not (journal.exists() and len(state(journal)[1]) >= FIFO_MESSAGES // 3):
        time.sleep(0.001)
    os.kill(run.pid, signal.SIGKILL)
    out, err = run.communicate()
    assert run.returncode == -signal.SIGKILL, (run.returncode, out, err)
    sent = state(journal)[1]
    assert 0 < len(sent) < FIFO_MESSAGES
    # What the killed one held would come back by itself; its journal is used for nothing but not to wait for that.
    handles = [handle for record in records(journal) if "held" in record for _, handle in record["held"]]
    for start_at in range(0, len(handles), 10):
        entries = [
            {"Id": str(n), "ReceiptHandle": handle, "VisibilityTimeout": 0} for n, handle in enumerate(handles[start_at : start_at + 10])
        ]
        sqs.change_message_visibility_batch(QueueUrl=url_of(sqs, dlq), Entries=entries)
    # Those that the first had sent and not deleted are sent again, with the same deduplication ids.
    again = held(sqs, url_of(sqs, dlq)) - (FIFO_MESSAGES - len(sent))
    # As long as the killed run's last receive hides some, it says so, and is begun anew once more.
    for n in range(60):
        run = start(binary, folder, endpoint, *command, "--journal", f"{journal}-{n}")
        out, err = ended(run)
        if run.returncode != 3:
            break
        time.sleep(1)
    assert run.returncode == 0, (run.returncode, out, err)
    assert time.monotonic() - began < 300, "no proof: the queue has forgotten the first"
    assert not held(sqs, url_of(sqs, dlq))
    arrived = in_order(sqs, url_of(sqs, target))
    texts = [text for group in arrived.values() for text in group]
    assert Counter(texts) == Counter(known.values()), Counter(texts) - Counter(known.values())
    for group, texts in arrived.items():
        numbers = [json.loads(body)["order"] for body, _ in texts]
        assert numbers == sorted(numbers), (group, numbers)
    return again


def in_order(sqs, url):
    """All of a FIFO queue that nobody else reads, in its order: contents by group."""
    found, empty = {}, 0
    while empty < 3:
        got = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0, MessageAttributeNames=["All"], AttributeNames=["All"]
        ).get("Messages", [])
        empty = 0 if got else empty + 1
        for m in got:
            found.setdefault(m["Attributes"]["MessageGroupId"], []).append(content(m["Body"], m.get("MessageAttributes")))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
    return found
