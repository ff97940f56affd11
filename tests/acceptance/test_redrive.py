"""Killed with SIGKILL at random and resumed: nothing lost, nothing altered, duplicates at most the unknown count.

PITAGORA_KILLS=200 tests/acceptance/run test_redrive.py -s    the long run; 20 kills without it
"""

import os

import pytest

from redrive import far_away, kills

KILLS = int(os.environ.get("PITAGORA_KILLS", "20"))


@pytest.mark.parametrize("where", ["ministack", "demo"])
def test_killed_and_resumed(where, binary, tmp_path, request):
    # Half of the kills on each; and more, until each step was hit.
    wanted = KILLS // 2
    with far_away(where, binary, tmp_path, request) as (account, endpoint):
        tally = kills(binary, tmp_path, account, wanted, seed=wanted, endpoint=endpoint)
    print(f"\n{where}: {tally}")
    assert tally.kills >= wanted
