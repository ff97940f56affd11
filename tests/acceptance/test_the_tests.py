"""The tests' own eyes: whatever is wrong with a graph must be seen."""

import copy
import sys

import pytest

from expect import Expected, dead_letter, differences, loops_of, trigger, writes
from product import Pitagora
from proxy import api_of
from screen import Screen

A, B = (f"arn:aws:lambda:us-east-1:1:function:{n}" for n in "ab")
Q, D = (f"arn:aws:sqs:us-east-1:1:{n}" for n in "qd")
EDGES = [writes(A, Q), trigger(Q, B, qualifier="live"), dead_letter(Q, D)]
EXPECTED = Expected("1", "us-east-1", edges=EDGES, functions={A, B})


def said(expected):
    """The graph of a product that is right."""
    return {
        "account": expected.account,
        "region": expected.region,
        "nodes": [{"id": n, "kind": expected.kind_of(n), "name": n} for n in sorted(expected.nodes)],
        "edges": [
            {"from": e.source, "to": e.target, "kind": e.kind, "evidence": e.evidence, "enabled": e.enabled is not False}
            | ({"qualifier": e.qualifier} if e.qualifier else {})
            for e in expected.edges
        ],
        "loops": [sorted(loop) for loop in expected.loops],
    }


def without_an_edge(g):
    del g["edges"][1]


def with_one_more(g):
    g["edges"].append(g["edges"][0] | {"to": D})


def with_one_twice(g):
    g["edges"].append(dict(g["edges"][0]))


def with_another_qualifier(g):
    g["edges"][1]["qualifier"] = "old"


def with_better_evidence(g):
    g["edges"][0]["evidence"] = "configured"


def with_a_disabled_edge(g):
    g["edges"][1]["enabled"] = False


def the_other_way_round(g):
    g["edges"][2]["from"], g["edges"][2]["to"] = D, Q


def without_a_function(g):
    g["nodes"] = [n for n in g["nodes"] if n["id"] != A]


def with_a_lonely_queue(g):
    g["nodes"].append({"id": "arn:aws:sqs:us-east-1:1:lonely", "kind": "sqs", "name": "lonely"})


def with_a_wrong_kind(g):
    g["nodes"][0]["kind"] = "external"


def with_a_loop(g):
    g["loops"].append([A, Q])


def in_another_account(g):
    g["account"] = "2"


MISTAKES = [
    without_an_edge, with_one_more, with_one_twice, with_another_qualifier, with_better_evidence, with_a_disabled_edge,
    the_other_way_round, without_a_function, with_a_lonely_queue, with_a_wrong_kind, with_a_loop, in_another_account,
]  # fmt: skip


def test_a_right_graph_passes():
    assert differences(said(EXPECTED), EXPECTED) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.__name__)
def test_a_mistake_is_seen(mistake):
    graph = copy.deepcopy(said(EXPECTED))
    mistake(graph)
    assert differences(graph, EXPECTED)


def test_loops_are_found_and_dead_letters_do_not_close_one():
    assert loops_of(EDGES) == []
    assert loops_of([*EDGES, trigger(D, A)]) == []
    assert loops_of([*EDGES, writes(B, A)]) == [{A, Q, B}]
    assert loops_of([writes(A, A), trigger(Q, B)]) == [{A}]


PICTURE = r"""
import sys
sys.stdout.write("\x1b[?1049h\x1b[?25l header ● 14:03\r\n"
    "╭ SQS ───────────╮─●─▶╭ λ ──────╮\r\n"
    "│ q-2-dlq 101 38s│    │\x1b[31m work ✗  \x1b[0m│\r\n"
    "╰──── 2d 4h ─────╯    ╰─────────╯\r\n")
sys.stdout.flush()
sys.stdin.readline()
sys.stdout.write("\x1b[?25h\x1b[?1049l")
"""


def test_a_screen_is_read_as_a_person_reads_it(tmp_path):
    with Screen(Pitagora(sys.executable, tmp_path), "-c", PICTURE, columns=60, lines=10) as screen:
        screen.wait_for("work")
        assert screen.marbles() == 1
        assert screen.numbers_in("q-2-dlq") == [101]
        assert "✗" in screen.box_text("work")
        assert "red" in screen.box_colours("work")
        assert "red" not in screen.box_colours("q-2-dlq")
        assert screen.box_with("nowhere") is None
        assert not screen.restored()
        screen.press("\n")
        assert screen.ended() == 0
        assert screen.restored()


REQUESTS = [
    ("lambda:GetPolicy", "GET", "/2015-03-31/functions/a/policy?Qualifier=live", {"Authorization": "lambda"}, b""),
    ("lambda:ListFunctions", "GET", "/2015-03-31/functions?MaxItems=50", {"Authorization": "lambda"}, b""),
    ("sqs:ListQueues", "POST", "/", {"X-Amz-Target": "AmazonSQS.ListQueues"}, b"{}"),
    ("events:ListRules", "POST", "/", {"X-Amz-Target": "AWSEvents.ListRules"}, b"{}"),
    ("sns:ListTopics", "POST", "/", {"Authorization": "sns"}, b"Action=ListTopics&Version=2010-03-31"),
    ("s3:ListBuckets", "GET", "/?x-id=ListBuckets", {"Authorization": "s3"}, b""),
    ("s3:GetBucketNotificationConfiguration", "GET", "/b?notification", {"Authorization": "s3"}, b""),
    ("scheduler:GetSchedule", "GET", "/schedules/x?groupName=default", {"Authorization": "scheduler"}, b""),
    ("pipes:ListPipes", "GET", "/v1/pipes", {"Authorization": "pipes"}, b""),
    ("cloudwatch:GetMetricData", "POST", "/service/GraniteServiceVersion20100801/operation/GetMetricData", {}, b""),
]


@pytest.mark.parametrize("api, method, path, headers, body", REQUESTS, ids=[r[0] for r in REQUESTS])
def test_the_proxy_knows_which_api_is_called(api, method, path, headers, body):
    if "Authorization" in headers:
        scope = f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{headers['Authorization']}/aws4_request, SignedHeaders=host"
        headers = {"Authorization": scope}
    assert api_of(method, path, headers, body) == api
