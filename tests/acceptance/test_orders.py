"""The orders chain: every edge by ARN, no more and no less, on the account where functions really run."""

import json

import pytest

from accounts.orders import Orders
from emulators import wait_until
from expect import differences
from product import held


def test_graph_holds_every_edge(account, pitagora):
    orders = Orders(account)
    held(pitagora.graph(account), orders.expected, account)


def test_every_single_edge_would_be_missed_and_an_invented_one_seen(ministack_account, pitagora):
    orders = Orders(ministack_account)
    graph = pitagora.graph(ministack_account).json
    for n, edge in enumerate(graph["edges"]):
        fewer = graph | {"edges": graph["edges"][:n] + graph["edges"][n + 1 :]}
        assert any("edge missing" in d for d in differences(fewer, orders.expected)), edge
    more = graph | {"edges": [*graph["edges"], graph["edges"][0] | {"from": orders.topic, "to": orders.bucket}]}
    assert any("edge invented" in d for d in differences(more, orders.expected))


def test_changes_are_found_anew_although_there_is_a_cache(ministack_account, pitagora):
    orders = Orders(ministack_account)
    held(pitagora.graph(ministack_account), orders.expected)
    ministack_account.client("sns").subscribe(TopicArn=orders.topic, Protocol="sqs", Endpoint=orders.queues["bulk"])
    run = pitagora.graph(ministack_account)
    assert differences(run.json, orders.expected) == [
        f"edge invented: {orders.topic} -trigger-> {orders.queues['bulk']}"
    ], str(run)


def test_the_chain_runs_and_the_graph_stays(ministack_account, pitagora):
    orders = Orders(ministack_account)
    orders.fire("one", "two", "poison-C-three")
    wait_until(lambda: orders.stored() == 2, 60, "both good orders at the far end")
    wait_until(lambda: orders.depth("work-dlq") == 1, 60, "the poisoned order among the dead letters")
    held(pitagora.graph(ministack_account), orders.expected)


@pytest.mark.parametrize("form", ["text", "mermaid", "dot"])
def test_other_formats_name_every_node(ministack_account, pitagora, form):
    orders = Orders(ministack_account)
    run = pitagora.run("graph", "--format", form, "--endpoint-url", ministack_account.endpoint)
    assert run.code == 0, str(run)
    names = [*orders.queues, "ingest", "parse", "worker", "notify", "stream", "rule", "schedule", "table"]
    names.remove("work")  # part of another name
    missing = [n for n in names if f"orders-{n}" not in run.stdout]
    assert not missing, f"{missing} not in\n{run}"


def test_status_finds_the_trouble(ministack_account, pitagora):
    orders = Orders(ministack_account)
    orders.fire("poison-C-1", "poison-C-2")
    wait_until(lambda: orders.depth("work-dlq") == 2, 60, "both poisoned orders among the dead letters")
    run = pitagora.run("status", "--format", "json", "--endpoint-url", ministack_account.endpoint, timeout=60)
    assert run.code == 1, str(run)
    missing = {orders.queues["work-dlq"], orders.functions["C"]} - {link["id"] for link in run.json["links"]}
    assert not missing, f"{missing} not in\n{json.dumps(run.json, indent=1)}"
