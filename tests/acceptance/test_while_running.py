"""What happens while it runs and looks: credentials that expire and are renewed, and a part of an account."""

import json
import re

import pytest

import emulators
from account import Account
from proxy import Fault, Proxy
from screen import Screen


@pytest.fixture
def served(binary, tmp_path):
    """The simulated account with its chain, and a proxy before it."""
    with emulators.demo(binary, tmp_path, "pitagora", "--speed", "1") as account, Proxy(account.endpoint) as proxy:
        yield proxy


def test_expired_credentials_keep_the_last_values_and_it_goes_on_by_itself(pitagora, served):
    with Screen(pitagora, "--endpoint-url", served.endpoint, columns=240, lines=50) as screen:
        screen.wait(lambda s: s.numbers_in("orders-q"), 60, "the depth of a queue was read")
        served.fault = Fault("*", "expired")
        screen.wait(lambda s: "expired" in s.lines[0], 60, "the header says that the credentials expired")
        screen.wait(lambda s: re.search(r"~\d", s.box_text("orders-q")), 10, "its values stay, marked as perhaps old")
        assert "credentials expired" in screen.lines[1], screen.text
        assert screen.box_with("orders-in") and screen.box_with("orders-work"), screen.text
        assert "no functions" not in screen.text
        served.fault = None
        screen.wait(lambda s: "expired" not in "".join(s.lines[:4]), 60, "it goes on when they are renewed")
        screen.wait(lambda s: s.box_with("orders-q") and "~" not in s.box_text("orders-q"), 60, "and reads anew")


@pytest.fixture
def two_chains(binary, tmp_path):
    """A queue with dead letters of a tagged stack, and one of nobody's."""
    with emulators.demo(binary, tmp_path) as emulator:
        account = Account(emulator)
        tags = {"team": "shop", "aws:cloudformation:stack-name": "orders"}
        account.queue("orders-q", dead_letters=account.queue("orders-dead", tags=tags), tags=tags)
        account.queue("other-q", dead_letters=account.queue("other-dead"))
        yield account


@pytest.mark.parametrize("flags", [["--only", "orders-*"], ["--tag", "team=shop"], ["--stack", "orders"]], ids=lambda f: f[0])
def test_a_part_of_an_account(pitagora, two_chains, flags):
    run = pitagora.run("graph", "--format", "json", "--endpoint-url", two_chains.endpoint, *flags)
    assert run.code == 0, str(run)
    assert {node["name"] for node in run.json["nodes"]} == {"orders-q", "orders-dead"}, json.dumps(run.json, indent=1)
    assert [edge["kind"] for edge in run.json["edges"]] == ["dead_letter"]


def test_a_part_that_is_empty_is_a_slip_of_the_hand(pitagora, two_chains):
    run = pitagora.run("graph", "--endpoint-url", two_chains.endpoint, "--tag", "team=nobody")
    assert run.code == 2 and "team=nobody" in run.stderr, str(run)
