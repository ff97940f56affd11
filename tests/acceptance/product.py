"""Runs the finished binary as a person would, with a home of its own and nothing of this machine's AWS settings."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from expect import differences


def environment(home: Path, **more):
    """Nothing but what is needed: a variable of value None is left out."""
    own = {
        "HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color", "TZ": "UTC",
        "XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(home / "cache"), "XDG_STATE_HOME": str(home / "state"),
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # whatever is not told where to go stays on this machine
        "RUST_BACKTRACE": "1",
    }  # fmt: skip
    return {k: v for k, v in {**own, **more}.items() if v is not None}


@dataclass
class Run:
    code: int
    stdout: str
    stderr: str
    command: str

    @property
    def json(self):
        """The one document on stdout."""
        try:
            return json.loads(self.stdout)
        except ValueError:
            raise AssertionError(f"stdout is not one JSON document\n{self}") from None

    def __str__(self):
        return f"{self.command}\nexit {self.code}\nstdout: {self.stdout[-1500:]}\nstderr: {self.stderr[-1500:]}"


class Pitagora:
    def __init__(self, binary: str, home: Path):
        self.binary, self.home = binary, home
        home.mkdir(parents=True, exist_ok=True)

    def run(self, *args, timeout=120, **env) -> Run:
        command = [self.binary, *args]
        done = subprocess.run(
            command, env=environment(self.home, **env), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
        )
        return Run(done.returncode, done.stdout, done.stderr, " ".join(command))

    def graph(self, account_or_endpoint, timeout=120, **env) -> Run:
        endpoint = getattr(account_or_endpoint, "endpoint", account_or_endpoint)
        return self.run("graph", "--format", "json", "--endpoint-url", endpoint, timeout=timeout, **env)


def held(run: Run, expected, account=None):
    """A whole graph, as expected, with nothing left unread but what the account's emulator does not serve."""
    graph = run.json
    not_served = account.not_served if account and expected.functions else set()
    wrong = differences(graph, expected)
    for u in graph["unknown"]:
        if not any(action in u["what"] + u["why"] for action in not_served):
            wrong.append(f"could not read {u['what']}: {u['why']}")
    # What is asked of some functions alone need not have been asked: loop detection, of those in a circle.
    asked = {"lambda:GetFunctionRecursionConfig"} & not_served if graph["loops"] else set()
    for action in asked:
        if not any(action in u["what"] + u["why"] for u in graph["unknown"]):
            wrong.append(f"{action} was answered with 404, and is not in unknown")
    code = 3 if graph["unknown"] else 0
    if run.code != code:
        wrong.append(f"exit {run.code}, not {code}: {run.stderr.strip()[-500:]}")
    if graph["complete"] is not (not graph["unknown"]):
        wrong.append(f"complete: {graph['complete']}")
    assert not wrong, "\n" + "\n".join(wrong)
