"""Small accounts of many shapes, on both emulators: the edges must equal what was built."""

import pytest

from accounts.shapes import SHAPES, SKIPPED
from product import held


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.__name__)
def test_shape(shape, account, pitagora):
    if (shape, account.emulator) in SKIPPED:
        pytest.skip(SKIPPED[shape, account.emulator])
    expected = shape(account)
    held(pitagora.graph(account), expected, account)
