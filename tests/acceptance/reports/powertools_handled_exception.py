"""Source: aws-powertools/powertools-lambda-python#320 and #107: logger.exception() inside an `except` writes one JSON line with `exception`
and `exception_name`. The handler caught it and returned, so AWS counts no error and retries nothing. In the text format the Python
runtime's own word for an uncaught exception begins with [ERROR]; there is none here."""

from reported import *  # noqa: F403

with account("demo") as a:
    a.function("pay")
    r = str(uuid.uuid4())
    line = {"level": "ERROR", "location": "handler:14", "message": "card declined, order parked", "timestamp": "2026-11-30 08:00:00,123+0000",
            "service": "pay", "function_name": "pay", "function_request_id": r,
            "exception": "Traceback (most recent call last):\n  File \"/var/task/index.py\", line 12, in handler\n    charge(order)\nValueError: card declined",
            "exception_name": "ValueError"}
    a.log("pay", wrap(r, json.dumps(line) + "\n"))
    got, status = outcomes(a), a.run("status")
    print("retries:", got.get(r, "nothing (right)"), "\nstatus:", status.code, status.stdout.strip())
    assert r not in got, f"the run ended well, retries predicts another attempt: {got[r]}"
    assert status.code == 0, status.stdout
