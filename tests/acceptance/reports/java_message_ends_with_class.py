"""Source: pattern of aws/aws-lambda-java-libs#102 (time, request, level, logger, message, then the throwable), with the everyday log.error("bank not reached: " + e, e) of an exception
WITHOUT a message (TimeoutException; kdgregory/log4j-aws-appenders#183 and #189 show such lines). e.toString() is the class alone, so the first line ends with the class and the
second begins with it. A level and a logger stand before it, an INFO line follows, and the run ended well."""

from reported import *  # noqa: F403

with account("demo") as a:
    a.function("pay", Runtime="java21")
    r = str(uuid.uuid4())
    a.log("pay", wrap(r, f"2026-11-30 08:00:00 {r} ERROR Pay:31 - bank not reached: java.util.concurrent.TimeoutException\njava.util.concurrent.TimeoutException\n\tat example.Pay.run(Pay.java:31)\n",
                      f"2026-11-30 08:00:01 {r} INFO  Pay:35 - order parked\n"))
    got = outcomes(a)
    print(got, a.run("status").stdout)
    assert r not in got, f"the run ended well, told as {got[r]}"
