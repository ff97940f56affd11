"""A proxy between the product and an emulator that spoils one API, and leaves all others alone.

    with Proxy(emulator.endpoint, Fault("lambda:GetPolicy", "denied")) as proxy:
        pitagora.graph(proxy.endpoint)
"""

import http.client
import json
import re
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TARGETS = {
    "AmazonSQS": "sqs", "AWSEvents": "events", "Logs_20140328": "logs", "GraniteServiceVersion20100801": "cloudwatch",
    "DynamoDB_20120810": "dynamodb", "DynamoDBStreams_20120810": "dynamodb", "Kinesis_20131202": "kinesis",
    "ResourceGroupsTaggingAPI_20170126": "tag", "CloudApiService": "cloudformation",
}  # fmt: skip
# The REST services: (service, method, path, API).
ROUTES = [
    ("lambda", "GET", r"/2015-03-31/functions/?", "ListFunctions"),
    ("lambda", "GET", r"/2015-03-31/functions/[^/]+", "GetFunction"),
    ("lambda", "GET", r"/2015-03-31/functions/[^/]+/configuration", "GetFunctionConfiguration"),
    ("lambda", "GET", r"/2015-03-31/functions/[^/]+/policy", "GetPolicy"),
    ("lambda", "GET", r"/2015-03-31/functions/[^/]+/aliases", "ListAliases"),
    ("lambda", "GET", r"/2015-03-31/functions/[^/]+/versions", "ListVersionsByFunction"),
    ("lambda", "GET", r"/2015-03-31/event-source-mappings/?", "ListEventSourceMappings"),
    ("lambda", "GET", r"/2019-09-25/functions/[^/]+/event-invoke-config/list", "ListFunctionEventInvokeConfigs"),
    ("lambda", "GET", r"/2019-09-30/functions/[^/]+/concurrency", "GetFunctionConcurrency"),
    ("lambda", "GET", r"/2024-08-31/functions/[^/]+/recursion-config", "GetFunctionRecursionConfig"),
    ("lambda", "GET", r"/2021-10-31/functions/[^/]+/urls", "ListFunctionUrlConfigs"),
    ("lambda", "GET", r"/2016-08-19/account-settings/?", "GetAccountSettings"),
    ("lambda", "GET", r"/2017-03-31/tags/.+", "ListTags"),
    ("scheduler", "GET", r"/schedules", "ListSchedules"),
    ("scheduler", "GET", r"/schedules/.+", "GetSchedule"),
    ("scheduler", "GET", r"/schedule-groups", "ListScheduleGroups"),
    ("pipes", "GET", r"/v1/pipes", "ListPipes"),
    ("pipes", "GET", r"/v1/pipes/.+", "DescribePipe"),
]
BUCKET_APIS = {
    "notification": "GetBucketNotificationConfiguration", "location": "GetBucketLocation", "tagging": "GetBucketTagging",
    "policy": "GetBucketPolicy", "versioning": "GetBucketVersioning",
}  # fmt: skip


def api_of(method, target, headers, body):
    """Which API a request calls, as `service:Operation`."""
    url = urlsplit(target)
    prefix, _, operation = headers.get("X-Amz-Target", "").partition(".")
    if operation:
        return f"{TARGETS.get(prefix, prefix)}:{operation}"
    smithy = re.fullmatch(r"/service/([^/]+)/operation/([^/]+)", url.path)
    if smithy:
        return f"{TARGETS.get(smithy[1], smithy[1])}:{smithy[2]}"
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request", headers.get("Authorization", ""))
    service = {"monitoring": "cloudwatch"}.get(scope[1], scope[1]) if scope else "unsigned"
    if service == "s3":
        query = parse_qs(url.query, keep_blank_values=True)
        if url.path.strip("/") == "":
            return "s3:ListBuckets"
        return "s3:" + next((api for key, api in BUCKET_APIS.items() if key in query), f"{method} {url.query}")
    for owner, verb, path, operation in ROUTES:
        if (owner, verb) == (service, method) and re.fullmatch(path, url.path):
            return f"{service}:{operation}"
    action = parse_qs(body.decode(errors="replace")).get("Action") if method == "POST" else None
    return f"{service}:{action[0]}" if action else f"{service}:{method} {url.path}"


# What each service says: (status, code) for a refusal, too many calls, and its own failure.
REFUSALS = {
    "lambda": ((403, "AccessDeniedException"), (429, "TooManyRequestsException"), (500, "ServiceException")),
    "sqs": ((403, "AccessDeniedException"), (400, "RequestThrottled"), (500, "InternalError")),
    "sns": ((403, "AuthorizationError"), (400, "Throttling"), (500, "InternalError")),
    "s3": ((403, "AccessDenied"), (503, "SlowDown"), (500, "InternalError")),
    "events": ((400, "AccessDeniedException"), (400, "ThrottlingException"), (500, "InternalException")),
    "scheduler": ((403, "AccessDeniedException"), (429, "ThrottlingException"), (500, "InternalServerException")),
    "pipes": ((403, "AccessDeniedException"), (429, "ThrottlingException"), (500, "InternalException")),
    "sts": ((403, "AccessDenied"), (400, "Throttling"), (500, "InternalFailure")),
}
OTHERS = ((400, "AccessDeniedException"), (400, "ThrottlingException"), (500, "InternalFailure"))
EXPIRED = {"sqs": (403, "ExpiredTokenException"), "sns": (403, "ExpiredToken"), "s3": (400, "ExpiredToken"), "sts": (403, "ExpiredToken")}
KINDS = ("denied", "throttled", "error")


def refusal(api, kind):
    """Status, headers and body of an error as that service words it."""
    service = api.split(":")[0]
    if kind == "expired":
        status, code = EXPIRED.get(service, (400, "ExpiredTokenException"))
    else:
        status, code = REFUSALS.get(service, OTHERS)[KINDS.index(kind)]
    message = {
        "denied": f"User: arn:aws:iam::123456789012:user/acceptance is not authorized to perform: {api}",
        "throttled": "Rate exceeded",
        "error": "An internal error occurred",
        "expired": "The security token included in the request is expired",
    }[kind]
    if service == "s3":
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
        return status, {"Content-Type": "application/xml"}, body
    if service in ("sns", "sts", "iam"):
        side = "Receiver" if status >= 500 else "Sender"
        error = f"<Error><Type>{side}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        return status, {"Content-Type": "text/xml"}, f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    if service in ("lambda", "scheduler", "pipes"):
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    if service == "sqs":
        headers["x-amzn-query-error"] = f"{code};Sender"
    return status, headers, json.dumps({"__type": code, "message": message, "Message": message})


# Seconds that a slow way takes in each direction.
SLOW = 0.01


@dataclass
class Fault:
    """What befalls one API, or all where it is `*`: `denied`, `throttled`, `error`, `expired` (the credentials are), `html`
    (a page that is none of AWS's), `silent` (never answers), `closed` (hangs up) or `slow` (takes a while on the way there and
    back; a client that has gone by then is not served).

    `times`: only the first so many calls; without it, all of them.
    """

    api: str
    kind: str
    times: int | None = None


class Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream, fault=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream, self.fault = urlsplit(upstream), fault
        self.seen, self.spoilt = Counter(), 0
        self.lock, self.over = threading.Lock(), threading.Event()
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"

    def takes(self, api):
        """The fault of this very call, if it has one."""
        with self.lock:
            self.seen[api] += 1
            fault = self.fault
            if not fault or fault.api not in (api, "*") or (fault.times is not None and self.spoilt >= fault.times):
                return None
            self.spoilt += 1
            return fault.kind

    def handle_error(self, request, client_address):
        """A client that left before its answer is no error of the proxy's."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        api = api_of(self.command, self.path, self.headers, body)
        kind = self.server.takes(api)
        if kind == "silent":
            self.server.over.wait()
        if kind in ("silent", "closed"):
            self.close_connection = True
        elif kind == "slow":
            time.sleep(SLOW)
            if self.is_alone():
                self.close_connection = True
                return
            answer = self.ask(body)
            time.sleep(SLOW)
            self.answer(*answer)
        elif kind == "html":
            self.answer(403, [("Content-Type", "text/html")], b"<html><body><h1>403 Forbidden</h1></body></html>")
        elif kind:
            status, headers, text = refusal(api, kind)
            self.answer(status, headers.items(), text.encode())
        else:
            self.answer(*self.ask(body))

    def is_alone(self):
        """Whether the client has hung up."""
        try:
            return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def ask(self, body):
        upstream = http.client.HTTPConnection(self.server.upstream.netloc, timeout=60)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "expect")}
            upstream.request(self.command, self.path, body=body or None, headers=headers)
            got = upstream.getresponse()
            hop = ("connection", "transfer-encoding", "content-length", "keep-alive", "server", "date")
            return got.status, [(k, v) for k, v in got.getheaders() if k.lower() not in hop], got.read()
        finally:
            upstream.close()

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = pass_on

    def log_message(self, *_):
        pass
