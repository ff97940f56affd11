"""Source: Oxen-AI/Oxen#662 (tracing's colours reach CloudWatch), aws/aws-lambda-rust-runtime#674 (the ansi feature), #890 (the line's words); tracing-subscriber's default format:
time dimmed, level red, span bold, its fields italic, target dimmed. Without colours the same line is read as the failure that it is."""

from reported import *  # noqa: F403

with account("demo") as a:
    a.function("plain", Runtime="provided.al2023")
    a.function("coloured", Runtime="provided.al2023")
    p, c = str(uuid.uuid4()), str(uuid.uuid4())
    E = "\x1b["
    a.log("plain", wrap(p, f'2026-11-30T08:00:00.000000Z ERROR Lambda runtime invoke{{requestId="{p}" xrayTraceId="Root=1-5"}}: lambda_runtime::layers::panic: no stock\n'))
    a.log("coloured", wrap(c, f'{E}2m2026-11-30T08:00:00.000000Z{E}0m {E}31mERROR{E}0m {E}1mLambda runtime invoke{E}0m{E}1m{{{E}0m{E}3mrequestId{E}0m{E}2m={E}0m"{c}" '
                              f'{E}3mxrayTraceId{E}0m{E}2m={E}0m"Root=1-5"{E}1m}}{E}0m{E}2m:{E}0m {E}2mlambda_runtime::layers::panic{E}0m{E}2m:{E}0m no stock\n'))
    got = outcomes(a)
    print(got)
    assert got.get(p, ("?",))[0] == "error", got
    assert c in got and got[c][0] == "error", "the same failure in colours is taken for a run that ended well"
