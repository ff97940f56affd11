//! The event that each trigger hands to a function, as AWS documents it, with the names of an account in it.
//!
//! The shapes are those of the [developer guide](https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html) and of the
//! services' own pages; the ids and times are made up, and always the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

/// A trigger of which an event can be shown.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter, strum::IntoStaticStr, strum::EnumString,
)]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "each is the AWS service of that name")]
pub enum Kind {
    S3,
    Sqs,
    Sns,
    Dynamodb,
    Kinesis,
    Eventbridge,
    Scheduler,
    /// API Gateway, HTTP API and function URLs (payload format 2.0).
    ApiHttp,
    /// API Gateway, REST API (payload format 1.0).
    ApiRest,
    /// A subscription filter of CloudWatch Logs.
    Logs,
    Cognito,
    Ses,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The names that stand in a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// What triggers, by its short name: a bucket, a queue, a topic, a table, a stream, a rule.
    pub resource: String,
    /// The function that it triggers.
    pub function: String,
}

const ID: &str = "19dd0b57-b21e-4ac1-bd88-01bbb068cb78";
const TIME: &str = "2026-01-01T12:00:00.000Z";
const SECONDS: &str = "2026-01-01T12:00:00Z";
const EPOCH_MS: i64 = 1_767_268_800_000;

impl Names {
    fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition, self.region, self.account
        )
    }
}

/// The event that a trigger hands to a function.
#[must_use]
pub fn sample(kind: Kind, names: &Names) -> Value {
    match kind {
        Kind::S3 => s3(names),
        Kind::Sqs => sqs(names),
        Kind::Sns => sns(names),
        Kind::Dynamodb => dynamodb(names),
        Kind::Kinesis => kinesis(names),
        Kind::Eventbridge => bus(
            names,
            "shop",
            "Order Placed",
            &names.arn("events", &format!("rule/{}", names.resource)),
            &json!({"id": "4711"}),
        ),
        Kind::Scheduler => {
            let schedule = names.arn("scheduler", &format!("schedule/default/{}", names.resource));
            bus(names, "aws.scheduler", "Scheduled Event", &schedule, &json!("{}"))
        }
        Kind::ApiHttp => api_http(names),
        Kind::ApiRest => api_rest(names),
        Kind::Logs => logs(names),
        Kind::Cognito => cognito(names),
        Kind::Ses => ses(names),
    }
}

fn s3(names: &Names) -> Value {
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": names.region,
        "eventTime": TIME,
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "203.0.113.10"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "EXAMPLE123/5678abcdefghijklambdaisawesome"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "notification",
            "bucket": {
                "name": names.resource,
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": format!("arn:{}:s3:::{}", names.partition, names.resource),
            },
            "object": {"key": "incoming/4711.json", "size": 1024, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0055AED6DCD90281E5"},
        },
    }]})
}

fn sqs(names: &Names) -> Value {
    json!({"Records": [{
        "messageId": ID,
        "receiptHandle": "AQEBExample",
        "body": "{\"id\": \"4711\"}",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": EPOCH_MS.to_string(),
            "SenderId": "AIDAEXAMPLE",
            "ApproximateFirstReceiveTimestamp": (EPOCH_MS + 5).to_string(),
        },
        "messageAttributes": {},
        "md5OfBody": "098f6bcd4621d373cade4e832627b4f6",
        "eventSource": "aws:sqs",
        "eventSourceARN": names.arn("sqs", &names.resource),
        "awsRegion": names.region,
    }]})
}

fn sns(names: &Names) -> Value {
    let topic = names.arn("sns", &names.resource);
    let subscription = format!("{topic}:{ID}");
    let host = format!("https://sns.{}.amazonaws.com", names.region);
    json!({"Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": {
            "Type": "Notification",
            "MessageId": ID,
            "TopicArn": topic,
            "Subject": null,
            "Message": "{\"id\": \"4711\"}",
            "Timestamp": TIME,
            "SignatureVersion": "1",
            "Signature": "EXAMPLE",
            "SigningCertUrl": format!("{host}/SimpleNotificationService-0000000000000000.pem"),
            "UnsubscribeUrl": format!("{host}/?Action=Unsubscribe&SubscriptionArn={subscription}"),
            "MessageAttributes": {},
        },
    }]})
}

fn dynamodb(names: &Names) -> Value {
    json!({"Records": [{
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": names.region,
        "dynamodb": {
            "ApproximateCreationDateTime": EPOCH_MS / 1_000,
            "Keys": {"id": {"S": "4711"}},
            "SequenceNumber": "800000000003126276362",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "NewImage": {"id": {"S": "4711"}},
        },
        "eventSourceARN": names.arn("dynamodb", &format!("table/{}/stream/2026-01-01T00:00:00.000", names.resource)),
    }]})
}

fn kinesis(names: &Names) -> Value {
    let sequence = "49590338271490256608559692538361571095921575989136588898";
    json!({"Records": [{
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "4711",
            "sequenceNumber": sequence,
            "data": BASE64.encode("{\"id\": \"4711\"}"),
            "approximateArrivalTimestamp": 1_767_268_800.987_f64,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": format!("shardId-000000000000:{sequence}"),
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": format!("arn:{}:iam::{}:role/{}", names.partition, names.account, names.function),
        "awsRegion": names.region,
        "eventSourceARN": names.arn("kinesis", &format!("stream/{}", names.resource)),
    }]})
}

fn bus(names: &Names, source: &str, detail_type: &str, resource: &str, detail: &Value) -> Value {
    // Only what AWS itself sends names its resources.
    let resources = if source.starts_with("aws.") {
        vec![resource]
    } else {
        Vec::new()
    };
    json!({
        "version": "0",
        "id": ID,
        "detail-type": detail_type,
        "source": source,
        "account": names.account,
        "time": SECONDS,
        "region": names.region,
        "resources": resources,
        "detail": detail,
    })
}

fn api_http(names: &Names) -> Value {
    let domain = format!("abcdef1234.execute-api.{}.amazonaws.com", names.region);
    json!({
        "version": "2.0",
        "routeKey": "POST /orders",
        "rawPath": "/orders",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": domain, "x-amzn-trace-id": "Root=1-69566000-0123456789abcdef01234567"},
        "requestContext": {
            "accountId": names.account,
            "apiId": "abcdef1234",
            "domainName": domain,
            "domainPrefix": "abcdef1234",
            "http": {"method": "POST", "path": "/orders", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.10", "userAgent": "curl/8.5.0"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /orders",
            "stage": "$default",
            "time": "01/Jan/2026:12:00:00 +0000",
            "timeEpoch": EPOCH_MS,
        },
        "body": "{\"id\": \"4711\"}",
        "isBase64Encoded": false,
    })
}

fn api_rest(names: &Names) -> Value {
    let domain = format!("abcdef1234.execute-api.{}.amazonaws.com", names.region);
    json!({
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "Host": domain},
        "multiValueHeaders": {"Content-Type": ["application/json"], "Host": [domain]},
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "accountId": names.account,
            "apiId": "abcdef1234",
            "domainName": domain,
            "domainPrefix": "abcdef1234",
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "httpMethod": "POST",
            "identity": {"sourceIp": "203.0.113.10", "userAgent": "curl/8.5.0"},
            "path": "/prod/orders",
            "protocol": "HTTP/1.1",
            "requestId": ID,
            "requestTime": "01/Jan/2026:12:00:00 +0000",
            "requestTimeEpoch": EPOCH_MS,
            "resourceId": "123456",
            "resourcePath": "/orders",
            "stage": "prod",
        },
        "body": "{\"id\": \"4711\"}",
        "isBase64Encoded": false,
    })
}

/// AWS (delivery): the lines are compressed with gzip and encoded with Base64.
fn logs(names: &Names) -> Value {
    use std::io::Write as _;
    let lines = json!({
        "messageType": "DATA_MESSAGE",
        "owner": names.account,
        "logGroup": names.resource,
        "logStream": "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
        "subscriptionFilters": [names.function],
        "logEvents": [{"id": "35689263598234567890123456789012345678901234567890123456", "timestamp": EPOCH_MS, "message": "ERROR order 4711"}],
    });
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = packed
        .write_all(lines.to_string().as_bytes())
        .and_then(|()| packed.finish());
    json!({"awslogs": {"data": BASE64.encode(written.unwrap_or_default())}})
}

fn cognito(names: &Names) -> Value {
    json!({
        "version": "1",
        "region": names.region,
        "userPoolId": format!("{}_EXAMPLE", names.region),
        "userName": "someone",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "EXAMPLE"},
        "triggerSource": "PreAuthentication_Authentication",
        "request": {"userAttributes": {"sub": ID}},
        "response": {},
    })
}

fn ses(names: &Names) -> Value {
    let verdict = json!({"status": "PASS"});
    let message = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1";
    json!({"Records": [{
        "eventSource": "aws:ses",
        "eventVersion": "1.0",
        "ses": {
            "mail": {
                "timestamp": TIME,
                "source": "shop@example.com",
                "messageId": message,
                "destination": ["orders@example.com"],
                "headersTruncated": false,
                "headers": [{"name": "Subject", "value": "Order 4711"}],
                "commonHeaders": {
                    "returnPath": "shop@example.com",
                    "from": ["shop@example.com"],
                    "date": "Thu, 1 Jan 2026 12:00:00 +0000",
                    "to": ["orders@example.com"],
                    "messageId": "<4711@example.com>",
                    "subject": "Order 4711",
                },
            },
            "receipt": {
                "timestamp": TIME,
                "processingTimeMillis": 574,
                "recipients": ["orders@example.com"],
                "spamVerdict": verdict,
                "virusVerdict": verdict,
                "spfVerdict": verdict,
                "dkimVerdict": verdict,
                "dmarcVerdict": verdict,
                "action": {"type": "Lambda", "functionArn": names.arn("lambda", &format!("function:{}", names.function)), "invocationType": "Event"},
            },
        },
    }]})
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    #[test]
    fn every_kind_has_an_event_and_is_found_by_its_name() {
        let names = Names {
            partition: "aws".into(),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            resource: "orders".into(),
            function: "work".into(),
        };
        for kind in Kind::iter() {
            let event = sample(kind, &names);
            assert!(event.is_object(), "{kind:?}");
            assert_eq!(kind.word().parse::<Kind>(), Ok(kind));
        }
        let queue = &sample(Kind::Sqs, &names)["Records"][0]["eventSourceARN"];
        assert_eq!(queue, "arn:aws:sqs:eu-west-1:111122223333:orders");
    }
}
