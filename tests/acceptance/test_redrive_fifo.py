"""Ordered messages, killed and begun anew."""

import pytest

from redrive import FIFO_MESSAGES, far_away, repeated


@pytest.mark.parametrize("where", ["ministack", "demo"])
def test_fifo_repeated_within_five_minutes(where, binary, tmp_path, request):
    """Killed, and begun anew by somebody who has not its journal: nothing is sent twice, and each group keeps its order."""
    with far_away(where, binary, tmp_path, request) as (account, endpoint):
        sent_before = repeated(binary, tmp_path, account, endpoint)
    print(f"\n{where}: {sent_before} of {FIFO_MESSAGES} were sent by the first run and again by the second; each is there once")
