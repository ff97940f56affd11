"""Killed with SIGKILL at random and resumed: nothing lost, nothing altered, duplicates at most the unknown count.

PITAGORA_KILLS=200 tests/acceptance/run test_redrive.py -s    the long run; 20 kills without it
"""

import os

import pytest

from redrive import kills, served

KILLS = int(os.environ.get("PITAGORA_KILLS", "20"))


@pytest.mark.parametrize("where", ["ministack", "demo"])
def test_killed_and_resumed(where, binary, tmp_path, request):
    # Half of the kills on each; and more, until each step was hit. An emulator answers so fast on a quiet machine that a
    # kill hardly ever finds some step under way: there they are counted and not waited for.
    wanted = KILLS // 2
    if where == "ministack":
        emulator = request.getfixturevalue("ministack")
        emulator.reset()
        tally = kills(binary, tmp_path, emulator, wanted, seed=1, every_step=False)
    else:
        # A few milliseconds an answer, so that a kill finds every step under way.
        with served(binary, tmp_path, "--latency", "15ms") as account:
            tally = kills(binary, tmp_path, account, wanted, seed=2)
    print(f"\n{where}: {tally}")
    assert tally.kills >= wanted
