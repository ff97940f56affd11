"""What an account holds, as the test knows it, and how that differs from what the product says."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Edge:
    """One edge of the contract. What makes it the same edge: its two ends, its kind and its qualifier."""

    source: str
    target: str
    kind: str = "trigger"
    evidence: str = "configured"
    qualifier: str | None = None
    enabled: bool | None = True  # None: the contract leaves it open

    @property
    def key(self):
        return (self.source, self.target, self.kind, self.qualifier)


def trigger(source, target, **more):
    return Edge(source, target, "trigger", **more)


def permitted(source, target, **more):
    return Edge(source, target, "trigger", evidence="permitted", **more)


def dead_letter(source, target, **more):
    return Edge(source, target, "dead_letter", enabled=None, **more)


def destination(source, target, **more):
    return Edge(source, target, "destination", enabled=None, **more)


def writes(source, target, **more):
    return Edge(source, target, "writes", evidence="guessed", enabled=None, **more)


@dataclass
class Expected:
    """A whole account: every edge, every function (also those on no edge), and the loops."""

    account: str
    region: str
    edges: list[Edge]
    functions: set[str] = field(default_factory=set)
    loops: list[set[str]] = field(default_factory=list)

    @property
    def nodes(self):
        return self.functions | {end for e in self.edges for end in (e.source, e.target)}

    def kind_of(self, arn):
        """What the contract calls this node."""
        if arn.startswith("https://") or arn.startswith("http://"):
            return "function_url"
        _, _, service, region, account, _ = arn.split(":", 5)
        if (account and account != self.account) or (region and region != self.region):
            return "external"
        own = {"events": "eventbridge", "execute-api": "apigateway", "dynamodb": "dynamodb_stream", "scheduler": "schedule"}
        own |= {"pipes": "pipe", "elasticloadbalancing": "alb", "cognito-idp": "cognito"}
        return own.get(service, service)


def short(key):
    source, target, kind, qualifier = key
    return f"{source} -{kind}-> {target}" + (f" (qualifier {qualifier})" if qualifier else "")


def key_of(edge):
    return (edge["from"], edge["to"], edge["kind"], edge.get("qualifier"))


def differences(graph, expected):
    """Every way in which the product's graph is not what was built: an empty list is a pass."""
    out = []
    for name in ("account", "region"):
        if graph.get(name) != getattr(expected, name):
            out.append(f"{name}: {graph.get(name)!r}, built in {getattr(expected, name)!r}")

    said = Counter(key_of(e) for e in graph["edges"])
    built = {e.key: e for e in expected.edges}
    assert len(built) == len(expected.edges), f"the test lists an edge twice: {Counter(e.key for e in expected.edges).most_common(1)}"
    out += [f"edge missing: {short(k)}" for k in built if k not in said]
    out += [f"edge invented: {short(k)}" for k in said if k not in built]
    out += [f"edge said {n} times: {short(k)}" for k, n in said.items() if n > 1]
    for e in graph["edges"]:
        want = built.get(key_of(e))
        if want and e["evidence"] != want.evidence:
            out.append(f"evidence {e['evidence']}, not {want.evidence}: {short(want.key)}")
        if want and want.enabled is not None and e.get("enabled") is not want.enabled:
            out.append(f"enabled {e.get('enabled')}, not {want.enabled}: {short(want.key)}")

    ids = Counter(n["id"] for n in graph["nodes"])
    out += [f"node missing: {i}" for i in sorted(expected.nodes - set(ids))]
    out += [f"node invented: {i}" for i in sorted(set(ids) - expected.nodes)]
    out += [f"node said {n} times: {i}" for i, n in ids.items() if n > 1]
    for n in graph["nodes"]:
        if n["id"] in expected.nodes and n["kind"] != expected.kind_of(n["id"]):
            out.append(f"kind {n['kind']}, not {expected.kind_of(n['id'])}: {n['id']}")
        if not n.get("name"):
            out.append(f"node without a name: {n['id']}")

    loops = [set(loop) for loop in graph["loops"]]
    out += [f"loop missing: {sorted(loop)}" for loop in expected.loops if loop not in loops]
    out += [f"loop invented: {sorted(loop)}" for loop in loops if loop not in expected.loops]
    return out


def loops_of(edges):
    """The groups of nodes that can reach themselves over what runs on by itself (dead letters wait for a person, and what is
    switched off carries nothing)."""
    onward = {}
    for e in edges:
        if e.kind != "dead_letter" and e.enabled is not False:
            onward.setdefault(e.source, set()).add(e.target)

    def reached(start):
        seen, todo = set(), [start]
        while todo:
            for n in onward.get(todo.pop(), ()):
                if n not in seen:
                    seen.add(n)
                    todo.append(n)
        return seen

    reach = {n: reached(n) for n in onward}
    groups = {frozenset(m for m in reach if m in reach[n] and n in reach[m]) for n in reach if n in reach[n]}
    return [set(g) for g in groups]
