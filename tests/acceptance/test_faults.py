"""One API at a time answers with an error, refuses, throttles, stays silent or hangs up: the rest stays complete."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from account import Account
from accounts.everything import everything
from expect import key_of, short
from product import Pitagora, held
from proxy import Fault, Proxy

# What discovery reads, and the action that a policy would have to allow where it has another name.
APIS = {
    "lambda:ListFunctions": None,
    "lambda:ListEventSourceMappings": None,
    "lambda:GetPolicy": None,
    "lambda:ListAliases": None,
    "lambda:ListFunctionEventInvokeConfigs": None,
    "lambda:ListFunctionUrlConfigs": None,
    "lambda:GetFunction": None,
    "lambda:GetFunctionConfiguration": None,
    "lambda:GetFunctionRecursionConfig": None,
    "sqs:ListQueues": None,
    "sqs:GetQueueAttributes": None,
    "sns:ListTopics": None,
    "sns:GetTopicAttributes": None,
    "sns:ListSubscriptions": None,
    "sns:GetSubscriptionAttributes": None,
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "events:ListEventBuses": None,
    "events:ListRules": None,
    "events:ListTargetsByRule": None,
    "scheduler:ListSchedules": None,
    "scheduler:GetSchedule": None,
    "pipes:ListPipes": None,
    "pipes:DescribePipe": None,
    "logs:DescribeSubscriptionFilters": None,
    "logs:DescribeLogGroups": None,
}
# The question whose account this is: without an answer there is no graph. Moto does not read the format in which alarms are asked
# for. How many shards a table's stream has is a number for forecasts, and no link.
NOT_DISCOVERY = {"sts:GetCallerIdentity", "cloudwatch:DescribeAlarms", "dynamodb:DescribeStream"}
LASTING = ["error", "denied", "throttled", "silent", "closed"]
PASSING = ["error", "throttled", "closed"]
DEADLINE = 150


class Faults:
    """Runs the product against every fault that was asked for, several at a time: they mostly wait."""

    def __init__(self, endpoint, binary, homes, asked):
        self.endpoint, self.binary, self.homes = endpoint, binary, homes
        self.clean, self.called = self.run(None)
        self.pool = ThreadPoolExecutor(12)
        self.futures = {f: self.pool.submit(self.run, Fault(*f)) for f in asked}

    def run(self, fault):
        home = self.homes / (f"{fault.api}-{fault.kind}-{fault.times}".replace(":", "-") if fault else "clean")
        with Proxy(self.endpoint, fault) as proxy:
            return Pitagora(self.binary, home).graph(proxy.endpoint, timeout=DEADLINE), proxy.seen

    def graph(self, *fault):
        return self.futures[fault].result()[0]


@pytest.fixture(scope="module")
def built(ministack):
    ministack.reset()
    return everything(Account(ministack))


@pytest.fixture(scope="module")
def faults(request, ministack, built, binary, tmp_path_factory):
    asked = [i.callspec.params["fault"] for i in request.session.items if i.module.__name__ == __name__ and hasattr(i, "callspec")]
    runs = Faults(ministack.endpoint, binary, tmp_path_factory.mktemp("faults"), asked)
    yield runs
    runs.pool.shutdown(cancel_futures=True)


def each(kinds, times):
    cases = [(api, kind, times) for api in APIS for kind in kinds]
    return pytest.mark.parametrize("fault", cases, ids=[f"{api}-{kind}" for api, kind, _ in cases])


def test_without_a_fault_the_proxy_changes_nothing(faults, built):
    held(faults.clean, built[0])


def test_every_api_that_discovery_calls_has_its_faults_here(faults):
    assert set(faults.called) - NOT_DISCOVERY == set(APIS)


@each(LASTING, None)
def test_one_api_fails_for_good(fault, faults, built):
    api, kind, _ = fault
    run = faults.graph(*fault)
    expected, needs = built
    wrong = []

    graph = run.json
    said = {key_of(e): e for e in graph["edges"]}
    for edge in expected.edges:
        got, spoilt = said.pop(edge.key, None), api in needs[edge.key]
        if not got and not spoilt:
            wrong.append(f"edge missing: {short(edge.key)}")
        if got and not spoilt and got["evidence"] != edge.evidence:
            wrong.append(f"evidence {got['evidence']}, not {edge.evidence}: {short(edge.key)}")
    wrong += [f"edge invented: {short(key)}" for key in said]

    names = [n for n in (api, APIS[api]) if n]
    action = APIS[api] or api
    if not any(action in u["what"] + u["why"] for u in graph["unknown"]):
        wrong.append(f"{action} is not named in unknown: {graph['unknown']}")
    wrong += [f"unknown without cause: {u}" for u in graph["unknown"] if not any(n in u["what"] + u["why"] for n in names)]
    if run.code != 3:
        wrong.append(f"exit {run.code}, not 3: {run.stderr[-300:]}")
    if graph["complete"] is not False:
        wrong.append("complete, although something was not read")
    assert not wrong, "\n" + "\n".join(wrong)


@each(PASSING, 2)
def test_a_fault_that_ends_is_survived(fault, faults, built):
    held(faults.graph(*fault), built[0])
