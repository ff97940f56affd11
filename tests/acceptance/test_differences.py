"""`tests/clients/differences.md` says where other emulators answer differently. It is made here, and held here.

`WRITE_DIFFERENCES=1 tests/acceptance/run test_differences.py` writes it anew."""

import importlib.metadata
import os
import sys
from pathlib import Path

import emulators

CLIENTS = Path(__file__).parent.parent / "clients"
sys.path.insert(0, str(CLIENTS))
import differing  # noqa: E402


def test_the_page_of_differences_is_what_they_answer(binary, tmp_path, moto, ministack):
    with emulators.demo(binary, tmp_path) as ours:
        told = differing.answers(ours.endpoint)
    assert differing.wrong(told) == []
    named = {"moto": moto, "ministack": ministack}
    others = {f"{name} {importlib.metadata.version(name)}": differing.answers(each.endpoint) for name, each in named.items()}
    page, path = differing.page(told, others), CLIENTS / "differences.md"
    if os.environ.get("WRITE_DIFFERENCES"):
        path.write_text(page)
    assert path.read_text() == page
