"""Dead letters of a function that is throttled: its runs end well, so `no run failed` proves nothing. A redrive must see the throttles, and what a dry run says must be what the run does."""

from reported import *  # noqa: F403

with account("demo", "--speed", "20", scenario="throttle") as a:
    deadline = time.time() + 90
    dead = 0
    while time.time() < deadline and dead < 10:
        queues = {q["name"]: q for q in a.json("dlq", "list")["queues"]}
        dead = max((q["messages"] or 0) for q in queues.values())
        time.sleep(2)
    queue = max(queues.values(), key=lambda q: q["messages"] or 0)["name"]
    dry = a.run("dlq", "redrive", queue, "--dry-run")
    text = dry.stdout + dry.stderr
    print(text)
    assert "throttl" in text.lower(), "the function is throttled; the preview does not say so"
    real = a.run("dlq", "redrive", queue, "--yes", timeout=200)
    print(real.stdout, real.stderr)
    assert real.code == 3 and "throttl" in (real.stdout + real.stderr).lower(), "with --yes it must stay, and say why, unless the check is waived by a flag of its own"
