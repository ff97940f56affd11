"""What the reports share: an account on the loopback (moto, or the simulated one), the product run against it, and lines as AWS writes them."""

import contextlib
import functools
import http.client
import http.server
import json
import os
import re  # noqa: F401 - for the reports
import sys
import tempfile
import threading
import time
import uuid  # noqa: F401 - for the reports
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import account as accounts
import emulators
from product import Pitagora

BINARY, REGION = os.environ["PITAGORA_BIN"], accounts.REGION
ACCOUNT = "123456789012"


@contextlib.contextmanager
def account(kind="moto", *flags, scenario="empty"):
    """An account of its own, empty unless a scenario is named."""
    home = Path(tempfile.mkdtemp(prefix="reported-"))
    running = emulators.demo(BINARY, home, scenario, "--region", REGION, *flags) if kind == "demo" else getattr(emulators, kind)()
    with running as emulator:
        yield Reported(emulator, Pitagora(BINARY, home))


@contextlib.contextmanager
def scenario(text, speed):
    """The simulated account playing this scenario at `speed` account seconds a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(text)
        file.flush()
        with account("demo", "--speed", str(speed), scenario=file.name) as a:
            yield a


class Reported:
    def __init__(self, emulator, product):
        self.endpoint, self.product = emulator.endpoint, product
        self.account = accounts.Account(emulator)

    def client(self, service):
        return self.account.client(service)

    @functools.cached_property
    def role(self):
        return self.account.role

    def function(self, name, env=None, **more):
        more = {"Runtime": "python3.12", "Timeout": 3, **more}
        return self.client("lambda").create_function(
            FunctionName=name, Role=self.role, Handler="index.handler", Code={"ZipFile": accounts.IDLE}, Environment={"Variables": env or {}}, **more
        )["FunctionArn"]

    def log(self, function, lines, stream=None, group=None, ago=60.0, step=0.05):
        """Puts lines (text, or (text, seconds before now)) into a stream."""
        logs, group = self.client("logs"), group or f"/aws/lambda/{function}"
        stream = stream or "2026/11/30/[$LATEST]0123456789abcdef0123456789abcdef"
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=group)
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now, events = time.time(), []
        for n, line in enumerate(lines):
            text, at = line if isinstance(line, tuple) else (line, ago - n * step)
            events.append({"timestamp": int((now - at) * 1000), "message": text})
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def run(self, *args, timeout=120):
        return self.product.run(*args, "--endpoint-url", self.endpoint, timeout=timeout)

    def json(self, *args):
        """The document on stdout, or the list of its JSON lines."""
        done = self.run(*args, "--format", "json")
        try:
            return json.loads(done.stdout)
        except ValueError:
            try:
                return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
            except ValueError:
                raise AssertionError(f"no JSON\n{done}") from None


@contextlib.contextmanager
def rewritten(a, rewrite):
    """A loopback proxy before the account that changes answers: for what the emulators refuse to hold."""
    up = int(a.endpoint.rsplit(":", 1)[1])

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def go(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            connection = http.client.HTTPConnection("127.0.0.1", up, timeout=60)
            skip = ("host", "connection", "transfer-encoding", "accept-encoding")
            headers = {k: v for k, v in self.headers.items() if k.lower() not in skip}
            connection.request(self.command, self.path, body, headers | {"Host": self.headers.get("host", "")})
            answer = connection.getresponse()
            data = rewrite(self.command, self.path, answer.read())
            self.send_response(answer.status)
            for k, v in answer.getheaders():
                if k.lower() not in ("content-length", "transfer-encoding", "connection", "x-amz-crc32"):
                    self.send_header(k, v)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = go

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before, a.endpoint = a.endpoint, f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield
    finally:
        a.endpoint = before
        server.shutdown()


def wrap(r, *lines, extra=""):
    """An invocation in the text format, as AWS writes it."""
    return [
        f"START RequestId: {r} Version: $LATEST\n", *lines, f"END RequestId: {r}\n",
        f"REPORT RequestId: {r}\tDuration: 12.30 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t{extra}\n",
    ]  # fmt: skip


def outcomes(a):
    """Request -> (outcome, error) of every attempt that `retries` knows; an invocation that succeeded is not there."""
    found = {}
    for delivery in a.json("retries")["deliveries"]:
        for attempt in delivery["attempts"]:
            found[attempt["request_id"]] = (attempt["outcome"], attempt.get("error"))
    return found
