"""Emulators as child processes on free loopback ports, ended by their own process id whatever happens."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, seconds, what):
    """The first true value of `condition()`, asked again and again until the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.05)  # the pace of asking; what ends the wait is the condition


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


class Emulator:
    """One running emulator: its name, its endpoint, and how it becomes an empty account again."""

    def __init__(self, name, port, reset_path):
        self.name, self.port, self.reset_path = name, port, reset_path
        self.endpoint = f"http://127.0.0.1:{port}"

    def reset(self):
        request = urllib.request.Request(self.endpoint + self.reset_path, method="POST")
        with urllib.request.urlopen(request, timeout=60):
            pass


@contextlib.contextmanager
def _running(name, port, command, env, reset_path):
    log = tempfile.NamedTemporaryFile("w+", prefix=f"{name}-", suffix=".log")
    process = subprocess.Popen(command, env=os.environ | env, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        emulator = Emulator(name, port, reset_path)

        def up():
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended at once:\n{Path(log.name).read_text()[-2000:]}")
            return _answers(emulator.endpoint + "/")

        wait_until(up, 60, lambda: f"{name} answers; its log:\n{Path(log.name).read_text()[-2000:]}")
        yield emulator
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


@contextlib.contextmanager
def demo(binary, home, scenario="empty", *flags):
    """The product's own simulated account, served to the product: where nothing else knows what is asked."""
    command = [binary, "demo", scenario, "--serve", "127.0.0.1:0", *flags]
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "AWS_REGION": "us-east-1"}
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        yield Emulator("demo", port, "")
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def ministack():
    port = free_port()
    env = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    return _running("ministack", port, [str(BIN / "ministack")], env, "/_ministack/reset")


def moto():
    port = free_port()
    return _running("moto", port, [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], {}, "/moto-api/reset")
