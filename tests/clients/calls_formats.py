"""Requests as today's SDKs no longer write them, and requests that nobody should write: raw HTTP."""
import gzip, http.client, json, urllib.parse
import xml.etree.ElementTree as ET


class Raw:
    def __init__(self, ask):
        self.ask, self.at = ask, urllib.parse.urlparse(ask.endpoint)

    def __call__(self, method, path, service, body=b"", headers=None, host=None):
        self.ask.calls += 1
        self.ask.per_service["raw " + service] += 1
        connection = http.client.HTTPConnection(self.at.hostname, self.at.port, timeout=20)
        auth = f"AWS4-HMAC-SHA256 Credential=AKID/20200101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        connection.request(method, path, body, {"Authorization": auth, **({"Host": host} if host else {}), **(headers or {})})
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


def local(body, tag):
    return [node.text for node in ET.fromstring(body).iter() if node.tag.rsplit("}", 1)[-1] == tag]


def run(ask):
    raw, p = Raw(ask), ask.prefix
    check = lambda what, right: ask.check("raw", "formats", what, right)
    form = lambda service, **kw: raw("POST", "/", service, urllib.parse.urlencode(kw), FORM)

    status, _, body = form("sqs", Action="CreateQueue", Version="2012-11-05", QueueName=p + "old", **{"Attribute.1.Name": "VisibilityTimeout", "Attribute.1.Value": "7"})
    url = (local(body, "QueueUrl") or [""])[0]
    check(f"SQS in its old form makes a queue: {body[:200]}", status == 200 and url.endswith(p + "old"))
    path = urllib.parse.urlparse(url).path
    status, _, body = raw("POST", path, "sqs", urllib.parse.urlencode({"Action": "SendMessage", "Version": "2012-11-05", "MessageBody": "old <&>"}), FORM)
    check("a message sent to the queue's own path", status == 200 and local(body, "MD5OfMessageBody"))
    status, _, body = form("sqs", Action="ReceiveMessage", Version="2012-11-05", QueueUrl=url, **{"AttributeName.1": "All"})
    check("and received", local(body, "Body") == ["old <&>"] and "ApproximateReceiveCount" in local(body, "Name"))
    status, _, body = form("sqs", Action="GetQueueAttributes", Version="2012-11-05", QueueUrl=url, **{"AttributeName.1": "VisibilityTimeout"})
    check("attributes in the old form", local(body, "Name") == ["VisibilityTimeout"] and local(body, "Value") == ["7"])
    status, _, body = form("sqs", Action="GetQueueUrl", Version="2012-11-05", QueueName=p + "gone")
    check("the old error", status == 400 and local(body, "Code") == ["AWS.SimpleQueueService.NonExistentQueue"] and local(body, "Type") == ["Sender"])

    status, _, body = form("monitoring", Action="ListMetrics", Version="2010-08-01", Namespace="None/" + p)
    check("CloudWatch in its old form", status == 200 and b"<ListMetricsResponse" in body)
    target = {"X-Amz-Target": "GraniteServiceVersion20100801.ListMetrics", "Content-Type": "application/x-amz-json-1.0"}
    status, headers, body = raw("POST", "/", "monitoring", json.dumps({"Namespace": "None/" + p}), target)
    check("CloudWatch in JSON", status == 200 and json.loads(body).get("Metrics") == [])

    sqs = {"X-Amz-Target": "AmazonSQS.GetQueueUrl", "Content-Type": "application/x-amz-json-1.0"}
    name = json.dumps({"QueueName": p + "old"}).encode()
    status, headers, body = raw("POST", "/", "sqs", gzip.compress(name), {**sqs, "Content-Encoding": "gzip"})
    check("a gzipped body", status == 200 and json.loads(body).get("QueueUrl") == url)
    status, headers, body = raw("POST", "/", "sqs", b"{", sqs)
    check("half a body", status == 400 and b"SerializationException" in body)
    status, headers, body = raw("POST", "/", "sqs", b"[" * 100_000, sqs)
    check("a deep body", status == 400 and b"SerializationException" in body)
    status, headers, body = raw("POST", "/", "sqs", name, {**sqs, "Content-Type": "text/plain"})
    check("a wrong content type", status in (400, 404, 415) and b"Exception" in body)
    status, headers, body = raw("POST", "/", "sqs", name, {**sqs, "X-Amz-Target": "AmazonSQS.Nonsense"})
    check("an unknown operation", status in (400, 404) and b"UnknownOperation" in body)
    status, headers, body = raw("POST", "/", "sqs", b" " * (21 << 20), sqs)
    check("a huge body", status in (400, 413))
    status, headers, body = raw("POST", "/", "lambda", b"", {})
    check("a path that no service has", status in (403, 404) and "x-amzn-errortype" in headers)
    status, headers, body = raw("PATCH", "/" + p + "b", "s3")
    check("a method that S3 lacks", status == 405 and local(body, "Code") == ["MethodNotAllowed"])
    check("every answer tells the account's time", ";speed=" in headers.get("x-pitagora-clock", ""))
    check("and the wall's date", "date" in headers)

    host = f"{p}vh.s3.localhost"
    status, _, body = raw("PUT", "/", "s3", host=host)
    check(f"a bucket named by the host: {body[:200]}", status == 200)
    status, _, _ = raw("PUT", "/k%20%2B/1", "s3", b"5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n",
                       {"Content-Encoding": "aws-chunked", "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-decoded-content-length": "5"}, host)
    check("a signed chunked upload", status == 200)
    status, _, body = raw("GET", f"/{p}vh/k%20%2B/1", "s3")
    check("read back by path", (status, body) == (200, b"hello"))
    status, headers, body = raw("HEAD", f"/{p}vh/k%20%2B/1", "s3")
    check("its head", status == 200 and headers.get("content-length") == "5" and body == b"")
    status, headers, body = raw("GET", f"/{p}vh/none", "s3")
    check("S3's own error", status == 404 and local(body, "Code") == ["NoSuchKey"] and local(body, "Key") == ["none"])
    presigned = f"/{p}vh/k%20%2B/1?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20200101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20200101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0"
    connection = http.client.HTTPConnection(raw.at.hostname, raw.at.port, timeout=20)
    connection.request("GET", presigned)
    check("a presigned URL, long expired", connection.getresponse().read() == b"hello")
