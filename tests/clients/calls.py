#!/usr/bin/env python3
"""Some four hundred calls of boto3 against a served account, errors included, each raw answer held against botocore's
model. usage: calls.py ENDPOINT [--only queues,functions,…] [--lenient]     (--lenient: an account that is not ours)"""
import argparse, sys, time

import asking, calls_formats, calls_functions, calls_queues, calls_routing, calls_storage, calls_telemetry

GROUPS = dict(queues=calls_queues, functions=calls_functions, storage=calls_storage, telemetry=calls_telemetry,
              routing=calls_routing, formats=calls_formats)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("endpoint")
    parser.add_argument("--only", default=",".join(GROUPS))
    parser.add_argument("--lenient", action="store_true")
    args = parser.parse_args()
    ask = asking.Asker(args.endpoint)
    ask.strict = not args.lenient
    for name in args.only.split(","):
        began, calls, wrong = time.time(), ask.calls, len(ask.wrong)
        print(f"{name}:", flush=True)
        try:
            GROUPS[name].run(ask)
        except Exception as error:
            if ask.strict:
                raise
            ask.fail(name, "run", f"{type(error).__name__}: {error}")
        print(f"  {ask.calls - calls} calls, {len(ask.wrong) - wrong} wrong, {time.time() - began:.1f} s", flush=True)
    print("calls a service:", dict(ask.per_service))
    print(f"{ask.calls} calls and {ask.checks} statements about their answers, {len(ask.wrong)} wrong")
    print(f"{max(ask.calls + ask.checks - len(ask.wrong), 0)} passed, {len(ask.wrong)} failed")
    sys.exit(bool(ask.wrong))


if __name__ == "__main__":
    main()
