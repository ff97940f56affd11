"""Inputs of public bug reports, reduced: each script in `reports/` names its source, builds the input in an account, and asserts the right value."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPORTS = Path(__file__).parent / "reports"


@pytest.mark.parametrize("report", sorted(p.stem for p in REPORTS.glob("*.py") if p.stem != "reported"))
def test_report(report, binary):
    env = {**os.environ, "PITAGORA_BIN": binary, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, str(REPORTS / f"{report}.py")], env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
