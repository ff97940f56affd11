"""Everything that keeps it from connecting ends in one sentence that says what to do, before any screen opens."""

import hashlib
import json
import os
import signal
import subprocess
import sys

import pytest

from emulators import free_port, wait_until
from product import environment
from proxy import Fault, Proxy
from screen import Screen

NOBODY = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
SOMEWHERE = "http://127.0.0.1:9"


def one_sentence(run, code):
    """Exit `code`, nothing on stdout, and one line for a person on stderr; answers that line."""
    lines = [line for line in run.stderr.splitlines() if line.strip()]
    assert run.code == code, str(run)
    assert run.stdout == "", str(run)
    assert len(lines) == 1, str(run)
    assert "\x1b[?1049h" not in run.stderr
    assert "panicked" not in run.stderr, str(run)
    return lines[0]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def aws_config(pitagora, text):
    write(pitagora.home / ".aws" / "config", text)


def test_no_credentials(pitagora):
    said = one_sentence(pitagora.run("graph", "--endpoint-url", SOMEWHERE, **NOBODY), 4)
    assert "credentials" in said.lower()


def test_no_region(pitagora):
    said = one_sentence(pitagora.run("graph", "--endpoint-url", SOMEWHERE, AWS_REGION=None), 4)
    assert "region" in said.lower()
    assert "--region" in said or "AWS_REGION" in said


def test_no_such_profile(pitagora):
    aws_config(pitagora, "[profile here]\nregion = us-east-1\n")
    said = one_sentence(pitagora.run("graph", "--profile", "not-there", "--endpoint-url", SOMEWHERE, **NOBODY), 4)
    assert "not-there" in said


def test_nobody_answers_at_the_endpoint(pitagora):
    endpoint = f"http://127.0.0.1:{free_port()}"
    said = one_sentence(pitagora.run("graph", "--endpoint-url", endpoint, timeout=60), 4)
    assert endpoint in said or endpoint.rsplit(":", 1)[1] in said


@pytest.mark.parametrize(("kind", "says"), [("denied", "access denied"), ("error", "HTTP 500"), ("html", "access denied")])
def test_who_answers_with_an_error_is_not_called_silent(pitagora, moto, kind, says):
    with Proxy(moto.endpoint, Fault("sts:GetCallerIdentity", kind)) as proxy:
        said = one_sentence(pitagora.run("graph", "--endpoint-url", proxy.endpoint, timeout=60), 4)
        assert f"{proxy.endpoint} answered" in said and says in said
        assert "Could not connect" not in said


def test_while_nobody_answers_it_says_whom_it_asks(pitagora, moto):
    with Proxy(moto.endpoint, Fault("sts:GetCallerIdentity", "silent")) as proxy:
        with Screen(pitagora, "--endpoint-url", proxy.endpoint) as screen:
            screen.wait_for(f"connecting to {proxy.endpoint}", 5)


@pytest.mark.parametrize("command", [["graph"], ["status"], ["demo", "--list"]], ids=" ".join)
@pytest.mark.parametrize(
    ("text", "line"),
    [("region = 'x'\ntheme = 'nope'\n", 2), ("[accounts.shop]\nread_only = true\n", 1), ("[scope]\ntag = 'team'\n", 2)],
    ids=["theme", "account", "tag"],
)
def test_a_wrong_value_in_the_file_is_said_by_every_command(pitagora, command, text, line):
    path = write(pitagora.home / "config" / "pitagora" / "config.toml", text)
    said = one_sentence(pitagora.run(*command, "--endpoint-url", SOMEWHERE), 2)
    assert f"{path}:{line}: " in said


def test_a_tag_is_a_key_and_a_value(pitagora):
    run = pitagora.run("graph", "--tag", "team", "--endpoint-url", SOMEWHERE)
    assert run.code == 2 and "KEY=VALUE" in run.stderr, str(run)


@pytest.mark.parametrize("command", [["status"], ["graph", "--format", "dot"], ["graph", "--format", "text"]], ids=" ".join)
def test_other_commands_say_the_same(pitagora, command):
    said = one_sentence(pitagora.run(*command, "--endpoint-url", SOMEWHERE, **NOBODY), 4)
    assert "credentials" in said.lower()


def test_a_screen_needs_a_terminal(pitagora):
    said = one_sentence(pitagora.run("--endpoint-url", SOMEWHERE), 2)
    assert "terminal" in said.lower()


def test_wrong_usage(pitagora):
    assert pitagora.run("graph", "--no-such-flag").code == 2
    assert pitagora.run("no-such-command").code == 2
    assert pitagora.run("graph", "--format", "yaml").code == 2


def test_in_a_terminal_too_the_sentence_comes_before_the_screen(pitagora):
    with Screen(pitagora, "--endpoint-url", f"http://127.0.0.1:{free_port()}") as screen:
        assert screen.ended(60) == 4
        assert b"\x1b[?1049h" not in screen.raw, "the screen was opened"
        assert screen.text.strip(), "and nothing was said"


def test_an_expired_sso_token_names_the_command_that_renews_it(pitagora):
    start = "https://example.awsapps.com/start"
    aws_config(pitagora, f"""
[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Reader
region = us-east-1

[sso-session corp]
sso_start_url = {start}
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[profile old]
sso_start_url = {start}
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Reader
region = us-east-1
""")  # fmt: skip
    token = json.dumps({"startUrl": start, "region": "us-east-1", "accessToken": "not-to-be-shown", "expiresAt": "2020-01-01T00:00:00Z"})
    for key in ("corp", start):
        write(pitagora.home / ".aws" / "sso" / "cache" / f"{hashlib.sha1(key.encode()).hexdigest()}.json", token)
    for profile in ("dev", "old"):
        run = pitagora.run("graph", "--profile", profile, "--endpoint-url", SOMEWHERE, timeout=60, **NOBODY)
        assert f"aws sso login --profile {profile}" in one_sentence(run, 4)
        assert "not-to-be-shown" not in run.stderr


def test_no_sso_token_at_all_names_it_too(pitagora):
    aws_config(pitagora, "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\nregion = us-east-1\n"
               "[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n")  # fmt: skip
    run = pitagora.run("graph", "--profile", "dev", "--endpoint-url", SOMEWHERE, timeout=60, **NOBODY)
    assert "aws sso login --profile dev" in one_sentence(run, 4)


def with_a_process(pitagora, script):
    program = write(pitagora.home / "credentials.py", script)
    aws_config(pitagora, f"[profile made]\nregion = eu-west-1\ncredential_process = {sys.executable} {program}\n")


def test_a_credential_process_is_run(pitagora, ministack_account):
    with_a_process(pitagora, "print('{\"Version\": 1, \"AccessKeyId\": \"test\", \"SecretAccessKey\": \"test\"}')")
    run = pitagora.run(
        "graph", "--format", "json", "--profile", "made", "--endpoint-url", ministack_account.endpoint, AWS_REGION=None, **NOBODY
    )
    assert run.code == 0, str(run)
    assert run.json["region"] == "eu-west-1"


def test_a_credential_process_that_fails(pitagora):
    with_a_process(pitagora, "import sys; print('secret-on-stdout'); sys.exit('the vault is locked')")
    run = pitagora.run("graph", "--profile", "made", "--endpoint-url", SOMEWHERE, **NOBODY)
    said = one_sentence(run, 4)
    assert "made" in said and "the vault is locked" in said, said
    assert "secret-on-stdout" not in run.stderr


def test_a_region_that_is_none_is_named(pitagora):
    run = pitagora.run("graph", "--region", "eu west", "--endpoint-url", SOMEWHERE)
    assert '"eu west"' in one_sentence(run, 4)


def test_profile_region_and_flag(pitagora, ministack_account):
    """The flag wins over the environment, the environment over the profile."""
    write(pitagora.home / ".aws" / "credentials", "[team]\naws_access_key_id = test\naws_secret_access_key = test\n")
    aws_config(pitagora, "[profile team]\nregion = eu-west-1\n")
    where = ["graph", "--format", "json", "--endpoint-url", ministack_account.endpoint]

    def region(*flags, **env):
        return pitagora.run(*where, *flags, **NOBODY, **env).json["region"]

    assert region("--profile", "team", AWS_REGION=None) == "eu-west-1"
    assert region(AWS_REGION=None, AWS_PROFILE="team") == "eu-west-1"
    assert region("--profile", "team", AWS_REGION="us-west-2") == "us-west-2"
    assert region("--profile", "team", "--region", "ap-northeast-1", AWS_REGION="us-west-2") == "ap-northeast-1"


def test_the_endpoint_of_the_environment(pitagora, ministack_account):
    function = ministack_account.function("found-by-environment")
    run = pitagora.run("graph", "--format", "json", AWS_ENDPOINT_URL=ministack_account.endpoint)
    assert [n["id"] for n in run.json["nodes"]] == [function], str(run)


def test_flags_before_and_after_the_subcommand(pitagora, ministack_account):
    where = ["--endpoint-url", ministack_account.endpoint, "--region", "eu-west-1"]
    before, after = pitagora.run(*where, "graph", "--format", "json"), pitagora.run("graph", "--format", "json", *where)
    assert (before.code, before.json) == (0, after.json), f"{before}\n{after}"


def test_a_closed_pipe_is_no_accident(pitagora, ministack_account):
    for n in range(40):
        ministack_account.function(f"a-function-with-a-long-name-so-that-there-is-much-to-print-{n:04d}")
    command = [pitagora.binary, "graph", "--format", "json", "--endpoint-url", ministack_account.endpoint]
    read, wrote = os.pipe()
    process = subprocess.Popen(command, env=environment(pitagora.home), stdout=wrote, stderr=subprocess.PIPE, text=True)
    os.close(wrote)
    os.close(read)
    _, stderr = process.communicate(timeout=60)
    assert "panicked" not in stderr, stderr
    assert process.returncode in (0, 141, -signal.SIGPIPE), (process.returncode, stderr)


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda s: s.name)
def test_a_signal_ends_the_screen_with_its_code_and_gives_the_terminal_back(pitagora, ministack_account, which):
    ministack_account.function("watched")
    with Screen(pitagora, "--endpoint-url", ministack_account.endpoint) as screen:
        screen.wait_for("watched", 60)
        os.kill(screen.process.pid, which)
        assert screen.ended(5) == 128 + which
        wait_until(screen.restored, 2, "the terminal is given back")


class Shell:
    """A shell with job control, in place of the product."""

    def __init__(self, home):
        self.binary, self.home = "/bin/bash", home


def test_ctrl_z_gives_the_terminal_back_and_fg_returns(pitagora, ministack_account):
    ministack_account.function("watched")
    with Screen(Shell(pitagora.home), "--norc", "--noprofile", "-i", PS1="shell> ") as screen:
        screen.wait_for("shell>", 10)
        screen.press(f"{pitagora.binary} --endpoint-url {ministack_account.endpoint}\n")
        screen.wait(lambda s: s.box_with("watched"), 60, "the chain is drawn")
        screen.press("\x1a")
        screen.wait_for("Stopped", 10)
        assert screen.restored()
        opened = bytes(screen.raw).count(b"\x1b[?1049h")
        screen.press("fg\n")
        screen.wait(lambda s: bytes(s.raw).count(b"\x1b[?1049h") > opened and s.box_with("watched"), 10, "it is back")
        screen.press("q")
        wait_until(screen.restored, 10, "the terminal is given back")
        screen.press("echo ended with $?\n")
        screen.wait_for("ended with 0", 10)


def test_q_ends_with_0(pitagora, ministack_account):
    ministack_account.function("watched")
    with Screen(pitagora, "--endpoint-url", ministack_account.endpoint) as screen:
        screen.wait_for("watched", 60)
        screen.press("q")
        assert screen.ended(5) == 0
        wait_until(screen.restored, 2, "the terminal is given back")


def test_sigterm_ends_a_headless_command(pitagora, moto):
    """Also while it waits for an answer that never comes."""
    with Proxy(moto.endpoint, Fault("lambda:ListFunctions", "silent")) as proxy:
        command = [pitagora.binary, "graph", "--format", "json", "--endpoint-url", proxy.endpoint]
        process = subprocess.Popen(
            command, env=environment(pitagora.home), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        wait_until(lambda: proxy.spoilt, 30, "it asked for functions")
        process.terminate()
        stdout, _ = process.communicate(timeout=5)
        assert process.returncode != 0
        assert stdout == b""
