"""Asks a served account and holds each answer against botocore's model. Nothing here knows what is served."""
import collections, json, os, random, time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

import validate


class Asker:
    """Counts calls; a wrong answer is recorded, not raised, so that one run tells all that is wrong."""

    def __init__(self, endpoint, region="us-east-1", seed=None):
        self.endpoint, self.region = endpoint, region
        self.random = random.Random(seed)
        self.prefix = "".join(self.random.choice("abcdefghkmnpqrstuvwxyz") for _ in range(5)) + "-"
        self.calls, self.checks, self.wrong, self.clients = 0, 0, [], {}
        self.per_service = collections.Counter()

    def client(self, name, **config):
        key = (name, json.dumps(config, default=str, sort_keys=True))
        if key not in self.clients:
            config.setdefault("s3", {"addressing_style": "path"})
            client = boto3.client(
                name, endpoint_url=self.endpoint, region_name=self.region,
                aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "AKIDANYTHING"), aws_secret_access_key="anything",
                config=Config(retries={"total_max_attempts": 1}, read_timeout=40, parameter_validation=False,
                              inject_host_prefix=False, **config))
            client.meta.events.register("before-parse.*", lambda **kw: self.seen(**kw))
            self.clients[key] = client
        return self.clients[key]

    def seen(self, operation_model, response_dict, **_):
        """The raw answer, before botocore's parser forgives anything."""
        for problem in validate.problems(operation_model, response_dict):
            self.fail(operation_model.service_model.service_name, operation_model.name, f"model: {problem}")
        clock = response_dict["headers"].get("x-pitagora-clock")
        if os.environ.get("EXPECT_CLOCK") and not clock:
            self.fail("any", operation_model.name, "no x-pitagora-clock header")

    def fail(self, service, op, what):
        self.wrong.append((service, op, what))
        print(f"  WRONG {service} {op}: {what}", flush=True)

    def __call__(self, service, op, fails=None, config=None, **params):
        """Calls `op`. `fails` names the error codes of which one must come back; then the error's dict is returned."""
        self.calls += 1
        self.per_service[service] += 1
        try:
            answer = getattr(self.client(service, **(config or {})), op)(**params)
        except ClientError as error:
            code, told = error.response["Error"].get("Code"), error.response["Error"]
            if fails is None:
                self.fail(service, op, f"failed: {code}: {told.get('Message')}")
            elif code not in ([fails] if isinstance(fails, str) else fails):
                self.fail(service, op, f"failed with {code} ({told.get('Message')}), not {fails}")
            elif not told.get("Message"):
                self.fail(service, op, f"{code} without a message")
            return error.response
        except EndpointConnectionError as error:
            raise SystemExit(f"nobody listens: {error}") from error
        except (BotoCoreError, KeyError, ValueError) as error:
            self.fail(service, op, f"{type(error).__name__}: {error}")
            return collections.defaultdict(dict)
        if fails is not None:
            self.fail(service, op, f"succeeded, not {fails}")
        return answer

    def permit(self, url, arn, service):
        """Lets a service send to a queue: AWS delivers to no queue whose policy does not say so."""
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"Policy": policy})

    def check(self, service, op, what, right):
        """A statement about an answer's content."""
        self.checks += 1
        if not right:
            self.fail(service, op, f"not so: {what}")

    def until(self, service, op, what, look, seconds=10):
        """Waits for something that takes its time, in wall time."""
        end = time.time() + seconds
        while True:
            found = look()
            if found or time.time() > end:
                self.check(service, op, what, found)
                return found
            time.sleep(0.1)
