"""Text that others wrote reaches nobody's terminal raw, and what is secret reaches nobody at all."""

import pytest

from screen import Screen

FORMS = ["text", "mermaid", "dot", "json"]
HOSTILE = "tidy\x1b[2J\x1b]0;owned\x07\u202ereversed\r\n\x9b31m"


def controls(text):
    """The control and direction-changing characters of a text, line breaks and tabs apart."""
    return {hex(ord(c)) for c in text if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 or c in "\u202e\u2066\u2067"}


@pytest.mark.parametrize("form", FORMS)
def test_values_of_variables_are_not_printed(ministack_account, pitagora, form):
    secret = "hunter2-never-to-be-seen"
    ministack_account.function("keeper", env={"PASSWORD": secret, "AWS_SECRET_ACCESS_KEY": secret})
    run = pitagora.run("graph", "--format", form, "--endpoint-url", ministack_account.endpoint)
    assert run.code == 0, str(run)
    assert "keeper" in run.stdout
    assert secret not in run.stdout + run.stderr
    for file in pitagora.home.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("form", FORMS)
def test_control_characters_are_not_printed(ministack_account, pitagora, form):
    ministack_account.function("described", Description=HOSTILE, Tags={"note": HOSTILE})
    run = pitagora.run("graph", "--format", form, "--endpoint-url", ministack_account.endpoint)
    assert run.code == 0, str(run)
    assert "described" in run.stdout
    assert controls(run.stdout) == set()


def test_a_hostile_description_does_not_reach_the_screen(ministack_account, pitagora):
    ministack_account.function("described", Description=HOSTILE)
    with Screen(pitagora, "--endpoint-url", ministack_account.endpoint) as screen:
        screen.wait_for("described", 60)
        screen.press("\r")
        screen.wait_for("tidy", 20)
        assert b"\x1b]0;owned" not in screen.raw and "\u009d0;owned".encode() not in screen.raw
        assert "\u202e".encode() not in screen.raw
