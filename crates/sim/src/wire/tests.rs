//! Whole requests through the codecs, the well-meant and the hostile.

use bytes::Bytes;
use http::Request;
use proptest::prelude::*;

use super::*;
use crate::value::{list, map};

const SCOPES: [&str; 17] = [
    "lambda",
    "sqs",
    "sns",
    "s3",
    "events",
    "logs",
    "monitoring",
    "dynamodb",
    "kinesis",
    "sts",
    "iam",
    "scheduler",
    "pipes",
    "apigateway",
    "tagging",
    "ec2",
    "nonsense",
];

fn request(method: &str, uri: &str, scope: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request<Bytes> {
    let auth = format!("AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/{scope}/aws4_request, Signature=0");
    let mut request = Request::builder().method(method).uri(uri).header("authorization", auth);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).expect("a request")
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).expect("text")
}

#[test]
fn an_sqs_error_bears_both_codes() {
    let headers = [
        ("x-amz-target", "AmazonSQS.GetQueueUrl"),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amzn-query-mode", "true"),
    ];
    let (envelope, call) = decode(
        request("POST", "/", "sqs", &headers, r#"{"QueueName":"gone"}"#),
        "us-east-1",
    );
    let call = call.expect("readable");
    assert_eq!(
        (call.service, call.op.as_str(), call.str("QueueName")),
        (Service::Sqs, "GetQueueUrl", Some("gone"))
    );
    assert!(call.header("authorization").is_none());
    let fault = Fault::bad("QueueDoesNotExist", "The specified queue does not exist.");
    let response = encode(&envelope, Err(fault), "id-1");
    assert_eq!(response.status(), 400);
    assert_eq!(
        response.headers()["x-amzn-query-error"],
        "AWS.SimpleQueueService.NonExistentQueue;Sender"
    );
    assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.0");
    assert_eq!(response.headers()["x-amzn-requestid"], "id-1");
    let expected =
        r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#;
    assert_eq!(text(&response), expected);
}

#[test]
fn a_lambda_error_names_its_type_in_a_header() {
    let (envelope, call) = decode(
        request("GET", "/2015-03-31/functions/f", "lambda", &[], ""),
        "us-east-1",
    );
    assert_eq!(call.expect("readable").str("FunctionName"), Some("f"));
    let fault = Fault::new(404, "ResourceNotFoundException", "Function not found: f");
    let response = encode(&envelope, Err(fault), "id");
    assert_eq!(response.headers()["x-amzn-errortype"], "ResourceNotFoundException");
    assert_eq!(text(&response), r#"{"Message":"Function not found: f","Type":"User"}"#);
}

#[test]
fn the_id_of_an_invocation_is_the_answers() {
    let (envelope, _) = decode(
        request("POST", "/2015-03-31/functions/f/invocations", "lambda", &[], "{}"),
        "us-east-1",
    );
    let headers = vec![("x-amzn-RequestId".to_owned(), "the-functions-own".to_owned())];
    let response = encode(
        &envelope,
        Ok(Answer {
            headers,
            status: Some(202),
            ..Answer::default()
        }),
        "other",
    );
    assert_eq!(response.headers()["x-amzn-requestid"], "the-functions-own");
    assert_eq!(response.status(), 202);
}

#[test]
fn a_listing_is_url_encoded_when_asked() {
    let (envelope, call) = decode(
        request("GET", "/b?list-type=2&encoding-type=url", "s3", &[], ""),
        "us-east-1",
    );
    assert_eq!(call.expect("readable").op, "ListObjectsV2");
    let output = map! { "Contents" => list![map! { "Key" => "a b" }], "IsTruncated" => false };
    let response = encode(&envelope, Ok(Answer::of(output)), "id");
    assert!(
        text(&response).contains("<Contents><Key>a%20b</Key></Contents>"),
        "{}",
        text(&response)
    );
    assert!(text(&response).contains("<EncodingType>url</EncodingType>"));
    assert_eq!(response.headers()["x-amz-request-id"], "id");
}

#[test]
fn a_bucket_in_the_host_is_a_bucket_in_the_path() {
    let host = [("host", "b.s3.us-east-1.amazonaws.com")];
    let call = decode(request("GET", "/k/l", "s3", &host, ""), "us-east-1")
        .1
        .expect("readable");
    assert_eq!(
        (call.op.as_str(), call.str("Bucket"), call.str("Key")),
        ("GetObject", Some("b"), Some("k/l"))
    );
    let call = decode(request("PUT", "/", "s3", &host, ""), "us-east-1")
        .1
        .expect("readable");
    assert_eq!((call.op.as_str(), call.str("Bucket")), ("CreateBucket", Some("b")));
}

#[test]
fn what_a_service_lacks_is_its_own_error() {
    for (request, status, code) in [
        (
            request("POST", "/", "sqs", &[("x-amz-target", "NoSuch_1.Op")], "{}"),
            400,
            "UnknownOperationException",
        ),
        (
            request(
                "POST",
                "/",
                "sqs",
                &[("x-amz-target", "AmazonSQS.X"), ("content-type", "text/plain")],
                "{}",
            ),
            400,
            "UnknownOperationException",
        ),
        (
            request("POST", "/", "ec2", &[], "Action=RunInstances"),
            400,
            "InvalidAction",
        ),
        (request("POST", "/", "sns", &[], "{}"), 400, "MissingAction"),
        (
            request("GET", "/nothing/here", "lambda", &[], ""),
            404,
            "UnknownOperationException",
        ),
        (
            request("GET", "/x", "nonsense", &[], ""),
            404,
            "UnknownOperationException",
        ),
        (request("PATCH", "/b", "s3", &[], ""), 405, "MethodNotAllowed"),
        (
            request("POST", "/2015-03-31/functions", "lambda", &[], "{"),
            400,
            "InvalidRequestContentException",
        ),
        (request("PUT", "/b?tagging", "s3", &[], "<a"), 400, "MalformedXML"),
        (
            request("PUT", "/b/k", "s3", &[], vec![0; LIMIT + 1]),
            400,
            "EntityTooLarge",
        ),
        (
            request(
                "POST",
                "/",
                "sqs",
                &[("x-amz-target", "AmazonSQS.X")],
                vec![b' '; LIMIT + 1],
            ),
            413,
            "RequestEntityTooLargeException",
        ),
        (
            request(
                "POST",
                "/service/GraniteServiceVersion20100801/operation/X",
                "monitoring",
                &[("smithy-protocol", "rpc-v2-cbor")],
                "\u{1}",
            ),
            400,
            "SerializationException",
        ),
    ] {
        let (envelope, call) = decode(request, "us-east-1");
        let response = encode(&envelope, Err(call.expect_err(code)), "id");
        assert_eq!(response.status(), status, "{code}");
        let named = response
            .headers()
            .get("x-amzn-errortype")
            .is_some_and(|value| value == code);
        let body = String::from_utf8_lossy(response.body());
        assert!(named || body.contains(code), "{code}: {body}");
    }
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        "[\\[{\"a:,0-9}\\]]{0,200}".prop_map(String::into_bytes),
        "(Action=[A-Za-z]{0,8})?(&[A-Za-z.0-9]{1,20}=[a-z%]{0,5}){0,9}".prop_map(String::into_bytes),
        "(<[a-c]>|</[a-c]>|&lt;|x){0,60}".prop_map(String::into_bytes),
        (1..6000usize).prop_map(|n| "[".repeat(n).into_bytes()),
        (1..6000usize).prop_map(|n| vec![0x81; n]),
        (1..3000usize).prop_map(|n| "<a>".repeat(n).into_bytes()),
    ]
}

proptest! {
    /// Whatever comes, there is an answer with a status that HTTP has: no panic, and in bounded time.
    #[test]
    fn any_request_has_an_answer(
        method in prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH"]),
        path in "(/[a-zA-Z0-9%:{}.~-]{0,12}){0,6}/?(\\?[a-z0-9=&%-]{0,30})?",
        known in prop::sample::select(vec!["", "/2015-03-31/functions/f/invocations", "/b?notification", "/b/k?tagging", "/b?delete", "/v2/apis", "/service/GraniteServiceVersion20100801/operation/GetMetricData"]),
        scope in prop::sample::select(SCOPES.to_vec()),
        target in prop::option::of("(AmazonSQS|Logs_20140328|DynamoDB_20120810|[a-z]{0,3})[.]?[A-Za-z]{0,8}"),
        kind in prop::option::of(prop::sample::select(vec!["application/x-amz-json-1.0", "application/json", "application/cbor", "application/x-www-form-urlencoded", "text/plain", ";;"])),
        encoding in prop::option::of(prop::sample::select(vec!["gzip", "aws-chunked", "br", ""])),
        protocol in any::<bool>(),
        body in any_body(),
    ) {
        let uri = if known.is_empty() { path.as_str() } else { known };
        let mut headers = Vec::new();
        headers.extend(target.as_deref().map(|target| ("x-amz-target", target)));
        headers.extend(kind.map(|kind| ("content-type", kind)));
        headers.extend(encoding.map(|encoding| ("content-encoding", encoding)));
        headers.extend(protocol.then_some(("smithy-protocol", "rpc-v2-cbor")));
        let uri = if uri.is_empty() { "/" } else { uri };
        let Ok(_) = uri.parse::<http::Uri>() else { return Ok(()) };
        let (envelope, call) = decode(request(method, uri, scope, &headers, body), "us-east-1");
        let result = match call {
            Ok(call) => {
                prop_assert!(call.input.map().is_some());
                prop_assert!(!call.op.is_empty());
                Err(Fault::unknown_operation(call.service, &call.op))
            }
            Err(fault) => Err(fault),
        };
        let response = encode(&envelope, result, "id");
        prop_assert!(response.status().as_u16() >= 400);
        prop_assert!(method == "HEAD" || !response.body().is_empty());
    }

    /// An answer of any shape is written in every format without a panic.
    #[test]
    fn any_answer_is_written(json in "[a-z]{0,4}", n in any::<i64>(), f in any::<f64>()) {
        let output = map! { "a" => json, "n" => n, "f" => f, "t" => Value::Time(n), "l" => list![map! { "x" => n }, list![f]], "Attributes" => list![1_i64] };
        for (uri, scope, target) in [("/", "sqs", Some("AmazonSQS.X")), ("/2015-03-31/functions", "lambda", None), ("/b?notification", "s3", None), ("/?Action=X", "sns", None), ("/?Action=X", "sqs", None)] {
            let headers: Vec<_> = target.map(|target| ("x-amz-target", target)).into_iter().collect();
            let (envelope, _) = decode(request("GET", uri, scope, &headers, ""), "us-east-1");
            let response = encode(&envelope, Ok(Answer::of(output.clone())), "id");
            prop_assert!(response.status().is_success());
        }
    }
}
