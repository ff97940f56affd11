"""What every test may ask for: the binary, the emulators, and an empty account on each."""

import os
import signal

import pytest

import emulators
from account import Account
from product import Pitagora


def pytest_configure():
    """Ended from outside, it still ends what it started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


# The longest first, so that no worker is left with one of them at the end.
LONGEST = ["test_redrive", "test_faults", "test_generated", "test_redrive_fifo", "test_retries", "test_screen"]


def pytest_collection_modifyitems(items):
    """In the order in which workers take whole files, each with emulators of its own."""
    rank = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session")
def binary():
    path = os.environ.get("PITAGORA_BIN")
    if not path:
        pytest.exit("PITAGORA_BIN names no binary: start the tests with tests/acceptance/run", returncode=2)
    return path


@pytest.fixture
def pitagora(binary, tmp_path):
    """The binary with a fresh home: no configuration, no cache."""
    return Pitagora(binary, tmp_path / "home")


@pytest.fixture(scope="session")
def ministack():
    with emulators.ministack() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def moto():
    with emulators.moto() as emulator:
        yield emulator


@pytest.fixture(params=["ministack", "moto"])
def account(request):
    """An empty account, once on each emulator."""
    emulator = request.getfixturevalue(request.param)
    emulator.reset()
    return Account(emulator)


@pytest.fixture
def moto_account(moto):
    moto.reset()
    return Account(moto)


@pytest.fixture
def ministack_account(ministack):
    ministack.reset()
    return Account(ministack)
