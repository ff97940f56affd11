"""Source: public handlers of a log subscription that print what they were sent, `for log_event in ...["logEvents"]: print(log_event["message"])` (index hits 49683574027, 70737778334,
51847939149), and notifiers like assertible/lambda-cloudwatch-slack#55. What they print are START, REPORT and `Task timed out` lines of ANOTHER function,
within a run of their own that ended well. In the text format one sandbox runs one request at a time."""

from reported import *  # noqa: F403

with account("demo") as a:
    other = str(uuid.uuid4())
    cases = {
        "notifier": [f"2026-11-30T08:00:00.000Z {other} Task timed out after 3.00 seconds\n\n", "posted to the channel\n"],
        "shipper": [*wrap(other, "[ERROR] KeyError: 'a'\rTraceback (most recent call last):\r"), "shipped 4 lines\n"],
        "reporter": [f"REPORT RequestId: {other}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\tStatus: timeout\n", "metrics sent\n"],
    }
    for name, lines in cases.items():
        a.function(name)
        a.log(name, wrap(str(uuid.uuid4()), *lines))
    phantoms = [(d["function"].rsplit(":", 1)[1], [t["outcome"] for t in d["attempts"]]) for d in a.json("retries")["deliveries"]]
    status = a.run("status")
    print(phantoms, "\n" + status.stdout)
    for line in a.json("logs", "shipper"):
        print(line["request_id"] == other and "the other's" or line["request_id"] and "its own" or "nobody's", repr(line["message"][:50]))
    assert not phantoms, f"three runs, all well; told as failed runs of these functions: {phantoms}"
