"""Accounts nobody thought of: built from a seed, with every edge written down as it is built."""

import random
from dataclasses import dataclass

from account import Account, name_of
from expect import Expected, dead_letter, destination, loops_of, permitted, trigger, writes

WORDS = "orders order billing invoice stock mail audit import export image video search user session cart refund".split()
ENDINGS = ["", "-dlq", "-in", "-out", "-v2", "-retry", "_x"]


def hint(arn):
    """What a variable's name says of a resource."""
    return {"sqs": "QUEUE", "sns": "TOPIC", "s3": "BUCKET", "events": "BUS"}[arn.split(":")[2]]


@dataclass
class Size:
    functions: int
    rules: int
    queues: int
    topics: int
    buckets: int
    streams: int = 2
    buses: int = 1

    @staticmethod
    def of(rng):
        return Size(
            functions=rng.randint(1, 9), rules=rng.randint(0, 8), queues=rng.randint(2, 14), topics=rng.randint(0, 4),
            buckets=rng.randint(0, 4), streams=rng.randint(0, 3), buses=rng.randint(0, 2),
        )  # fmt: skip


BIG = Size(functions=60, rules=120, queues=1100, topics=130, buckets=12, streams=6, buses=2)
STRENGTH = {"configured": 2, "permitted": 1}


class Edges:
    """Edges by key: what is both configured and permitted is configured."""

    def __init__(self):
        self.by_key = {}

    def add(self, edge):
        old = self.by_key.get(edge.key)
        if old is None or STRENGTH.get(edge.evidence, 0) > STRENGTH.get(old.evidence, 0):
            self.by_key[edge.key] = edge
        return edge


def generated(a: Account, seed: int, size: Size | None = None) -> Expected:
    rng = random.Random(seed)
    size = size or Size.of(rng)
    edges = Edges()
    add = edges.add
    taken = set()

    def names(kind, n):
        out = []
        while len(out) < n:
            ending = rng.choice(ENDINGS) + (str(rng.randint(1, 4 * size.queues)) if n > 20 else "")
            name = f"{rng.choice(WORDS)}{ending}"
            name = name.replace("_", "-") if kind == "bucket" else name
            name = f"{name}-{kind}" if kind == "bucket" or rng.random() < 0.5 or name in taken else name
            if name not in taken:  # one name, one resource: what a variable names is then never in doubt
                taken.add(name)
                out.append(name)
        return out

    def some(things, most):
        return rng.sample(things, min(len(things), rng.randint(0, most)))

    def maybe(things, chance):
        return rng.choice(things) if things and rng.random() < chance else None

    def every(build, things):
        # One after the other: moto walks over all queues while it makes one, and answers 500 where another comes meanwhile.
        return [build(thing) for thing in things]

    # Queues: the second half may send its dead letters to the first.
    half = names("queue", size.queues // 2)
    dead = every(a.queue, half)
    plan = [(n, maybe(dead, 0.4)) for n in names("queue", size.queues - len(half))]
    queues = dead + every(lambda p: a.queue(p[0], dead_letters=p[1]), plan)
    for arn, its in zip(queues[len(dead) :], (d for _, d in plan), strict=True):
        if its:
            add(dead_letter(arn, its))

    topics = every(a.topic, names("topic", size.topics))
    buckets = every(a.bucket, names("bucket", size.buckets))
    buses = every(a.bus, names("bus", size.buses))
    streams = [a.kinesis(n) if rng.random() < 0.5 else a.table(n) for n in names("stream", size.streams)]

    # Functions, and what their environment names.
    nameable = queues + topics + buckets + buses
    plan = []
    for name in names("function", size.functions):
        named = some(nameable, 2)
        # An ARN under any name; a bare name only where the variable says of what kind it is.
        env = dict((f"V{n}", t) if rng.random() < 0.5 else (f"V{n}_{hint(t)}", name_of(t)) for n, t in enumerate(named))
        plan.append((name, named, {**env, "STAGE": "prod", "TEXT": "not-a-name-of-anything"}))
    functions = every(lambda p: a.function(p[0], env=p[2]), plan)
    named_by = [(f, t) for f, (_, named, _) in zip(functions, plan, strict=True) for t in named]

    aliased = some(functions, 3)
    alias = dict(zip(every(lambda f: a.alias(f, "live"), aliased), aliased, strict=True))

    # Polled: queues, Kinesis, tables.
    plan = [(q, rng.choice(functions), {}) for q in rng.sample(queues, min(len(queues), size.functions))]
    plan += [(s, f, {"on_failure": maybe(queues, 0.5)}) for s in streams for f in some(functions, 2)]
    plan = [(s, f, {**more, "Enabled": rng.random() < 0.85}) for s, f, more in plan]
    every(lambda p: a.mapping(p[0], p[1], **p[2]), plan)
    polled = {(f, s) for s, f, _ in plan}
    for f, t in named_by:
        if (f, t) not in polled:  # a function's variable that names what it reads is no guess of what it writes
            add(writes(f, t))
    for s, f, more in plan:
        add(trigger(s, f, enabled=more["Enabled"]))
        if more.get("on_failure"):
            add(dead_letter(f, more["on_failure"]))

    # Pushed by topics and buckets.
    subscriptions = [(t, e, maybe(queues, 0.3)) for t in topics for e in some(functions, 2) + some(queues, 2)]
    for t in topics[::3]:
        a.subscribe(t, "ops@example.com", protocol="email")
    for t, e, lost in subscriptions:
        a.subscribe(t, e, dead_letters=lost)  # one after another: here moto trips over itself when asked from threads
        add(trigger(t, e))
        if lost:
            add(dead_letter(t, lost))
    plan = [(b, maybe(functions + queues + topics, 0.8)) for b in buckets]
    for b, target in plan:
        if target:
            a.notify(b, target, prefix=rng.choice([None, "in/"]))
            add(trigger(b, target))

    # Rules on all buses.
    plan = []
    for name in names("rule", size.rules):
        targets = some(functions, 2) + some(list(alias), 1) + some(queues, 1) + some(topics, 1)
        bus = maybe(buses, 0.3)
        lost = maybe(queues, 0.3) if targets else None
        schedule = None if bus else rng.choice([None, "rate(1 day)"])
        plan.append((name, targets, {"bus": bus, "enabled": rng.random() < 0.85, "dead_letters": lost, "schedule": schedule}))
    rules = every(lambda p: a.rule(p[0], *p[1], **p[2]), plan)
    for rule, (_, targets, more) in zip(rules, plan, strict=True):
        for t in targets:
            add(trigger(rule, alias.get(t, t), enabled=more["enabled"], qualifier="live" if t in alias else None))
        if more["bus"]:
            add(trigger(more["bus"], rule, enabled=None))
        if more["dead_letters"]:
            add(dead_letter(rule, more["dead_letters"]))

    # Permissions: some for a trigger that is there, some for none; and where results go.
    apis = [a.arn("execute-api", f"api{seed:04d}{n}") for n in range(2)]
    sources = topics + buckets + rules + apis + [f"arn:aws:sns:{a.region}:999999999999:theirs"]
    plan = [(f, s, None) for f in functions for s in some(sources, 3)] + [(f, s, "live") for f in aliased for s in some(rules, 1)]
    every(lambda p: a.permit(p[0], p[1] + ("/*/GET/x" if p[1] in apis else ""), qualifier=p[2]), plan)
    for f, s, qualifier in plan:
        add(permitted(s, f, qualifier=qualifier))
    plan = [(f, maybe(functions + topics + queues, 0.5), maybe(queues + topics + buses, 0.5)) for f in functions]
    plan = [(f, s, e) for f, s, e in plan if rng.random() < 0.4 and (s or e) and s != f]
    every(lambda p: a.destinations(p[0], success=p[1], failure=p[2]), plan)
    for f, *targets in plan:
        for t in filter(None, targets):
            add(destination(f, t))

    made = list(edges.by_key.values())
    return Expected(a.id, a.region, edges=made, functions=set(functions), loops=loops_of(made))
