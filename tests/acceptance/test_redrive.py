"""Killed with SIGKILL at random and resumed: nothing lost, nothing altered, duplicates at most the unknown count.

PITAGORA_KILLS=200 tests/acceptance/run test_redrive.py -s    the long run; 20 kills without it
"""

import contextlib
import os

import pytest

import emulators
from proxy import Fault, Proxy
from redrive import FIFO_MESSAGES, kills, repeated

KILLS = int(os.environ.get("PITAGORA_KILLS", "20"))


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


@pytest.mark.parametrize("where", ["ministack", "demo"])
def test_killed_and_resumed(where, binary, tmp_path, request):
    # Half of the kills on each; and more, until each step was hit.
    wanted = KILLS // 2
    with far_away(where, binary, tmp_path, request) as (account, endpoint):
        tally = kills(binary, tmp_path, account, wanted, seed=wanted, endpoint=endpoint)
    print(f"\n{where}: {tally}")
    assert tally.kills >= wanted


@pytest.mark.parametrize("where", ["ministack", "demo"])
def test_fifo_repeated_within_five_minutes(where, binary, tmp_path, request):
    """Killed, and begun anew by somebody who has not its journal: nothing is sent twice, and each group keeps its order."""
    with far_away(where, binary, tmp_path, request) as (account, endpoint):
        sent_before = repeated(binary, tmp_path, account, endpoint)
    print(f"\n{where}: {sent_before} of {FIFO_MESSAGES} were sent by the first run and again by the second; each is there once")
