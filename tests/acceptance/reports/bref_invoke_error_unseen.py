"""Source: brefphp/bref#1619 and #590: Bref (PHP on provided.al2) writes `<request>TAB Invoke Error TAB {errorType, errorMessage, stack}`
when a handler throws, and posts the error to the runtime API: the invocation failed. The text REPORT has no Status for that.
Both as one line and as the issue shows it, with the JSON on lines of its own."""

from reported import *  # noqa: F403

with account("demo") as a:
    error = {"errorType": "RuntimeException", "errorMessage": "no stock", "stack": ["#0 /var/task/index.php(12): App->handle()"]}
    runs = {}
    for name, text in (("one-line", json.dumps(error)), ("several", "\n" + json.dumps(error, indent=4))):
        a.function(name, Runtime="provided.al2")
        runs[name] = r = str(uuid.uuid4())
        a.log(name, wrap(r, f"{r}\tInvoke Error\t{text}\n"))
    got, status = outcomes(a), a.run("status")
    print("retries:", got, "\nstatus:", status.code, status.stdout.strip())
    for line in a.json("logs"):
        print(line["level"], repr(line["message"][:60]))
    for name, r in runs.items():
        assert r in got and got[r][0] == "error", f"{name}: the failed asynchronous run is taken for a good one: nothing is said to come again"
        assert got[r][1] == {"kind": "RuntimeException", "message": "no stock"}, got[r]
