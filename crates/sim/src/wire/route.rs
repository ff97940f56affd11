//! Which service a request is for, which operation it names and which format it speaks.
//!
//! One service may be spoken to in several formats (SQS in JSON and, by older clients, in query form; `CloudWatch` in
//! CBOR, JSON and query form), so the format is the request's own: a target header means JSON, the smithy protocol
//! header CBOR, an `Action` query form, and whatever is left is REST. In process there is no `host` header: all that
//! is asked of the host is whether it names a bucket.

use http::HeaderMap;
use http::request::Parts;

use crate::call::Service;

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// awsJson 1.0.
    Json10,
    /// awsJson 1.1.
    Json11,
    /// Paths, query and headers around JSON bodies.
    RestJson,
    /// Paths, query and headers around XML bodies.
    RestXml,
    /// A form in, XML out.
    Query,
    /// Smithy's RPC v2 in CBOR.
    Cbor,
}

/// What the credential scope of a signed request says. Read, never checked: any credentials do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The access key id.
    pub access_key: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The service's signing name.
    pub service: Option<String>,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// How to read it and how to answer.
    pub format: Format,
    /// The service; `None` for one that this account lacks.
    pub service: Option<Service>,
    /// The operation, where the route names it; the REST formats find it by path, the query form in the body.
    pub op: Option<String>,
    /// From the signature.
    pub scope: Scope,
}

/// The first part of `X-Amz-Target` and the service in a smithy RPC path.
const TARGETS: [(&str, Service, Format); 13] = [
    ("AmazonSQS", Service::Sqs, Format::Json10),
    ("DynamoDB_20120810", Service::DynamoDb, Format::Json10),
    ("DynamoDBStreams_20120810", Service::DynamoDbStreams, Format::Json10),
    ("GraniteServiceVersion20100801", Service::CloudWatch, Format::Json10),
    ("AWSEvents", Service::Events, Format::Json11),
    ("Logs_20140328", Service::Logs, Format::Json11),
    ("Kinesis_20131202", Service::Kinesis, Format::Json11),
    ("ResourceGroupsTaggingAPI_20170126", Service::Tagging, Format::Json11),
    ("AWSSecurityTokenServiceV20110615", Service::Sts, Format::Json11),
    ("AmazonSimpleNotificationService", Service::Sns, Format::Json10),
    ("AWSStepFunctions", Service::States, Format::Json10),
    ("AWSCognitoIdentityProviderService", Service::Cognito, Format::Json11),
    ("secretsmanager", Service::Secrets, Format::Json11),
];

/// API versions of the services that speak the query form, for requests without a signature.
const VERSIONS: [(&str, Service); 6] = [
    ("2012-11-05", Service::Sqs),
    ("2010-03-31", Service::Sns),
    ("2011-06-15", Service::Sts),
    ("2010-05-08", Service::Iam),
    ("2010-08-01", Service::CloudWatch),
    ("2015-12-01", Service::Balancers),
];

/// Finds the route of a request, from everything but its body.
#[must_use]
pub fn route(parts: &Parts) -> Route {
    let scope = scope(parts);
    let path = parts.uri.path();
    if let Some(target) = text(&parts.headers, "x-amz-target") {
        let (prefix, op) = target.rsplit_once('.').unwrap_or(("", target));
        let known = TARGETS.iter().find(|(name, ..)| *name == prefix);
        let format = match content_type(&parts.headers) {
            "application/x-amz-json-1.0" => Format::Json10,
            "application/x-amz-json-1.1" => Format::Json11,
            _ => known.map_or(Format::Json11, |(.., format)| *format),
        };
        return Route {
            format,
            service: known.map(|(_, service, _)| *service),
            op: Some(op.to_owned()),
            scope,
        };
    }
    if let Some((name, op)) = rpc_path(path)
        && (text(&parts.headers, "smithy-protocol").is_some() || content_type(&parts.headers) == "application/cbor")
    {
        let known = TARGETS.iter().find(|(prefix, ..)| *prefix == name);
        let service = known.map(|(_, service, _)| *service);
        return Route {
            format: Format::Cbor,
            service,
            op: Some(op.to_owned()),
            scope,
        };
    }
    if let Some(name) = scope.service.as_deref() {
        return by_scope(name, path, scope.clone());
    }
    let service = by_path(path);
    let format = match service {
        Some(_) => Format::RestJson,
        None if is_form(parts) => Format::Query,
        None => Format::RestXml,
    };
    let service = match format {
        Format::RestXml => Some(Service::S3),
        _ => service,
    };
    Route {
        format,
        service,
        op: None,
        scope,
    }
}

/// The service of a query-form request without a signature, by its `Version`.
#[must_use]
pub fn by_version(version: &str) -> Option<Service> {
    VERSIONS
        .iter()
        .find(|(name, _)| *name == version)
        .map(|(_, service)| *service)
}

fn by_scope(name: &str, path: &str, scope: Scope) -> Route {
    let (service, format) = match name {
        "lambda" => (Some(Service::Lambda), Format::RestJson),
        "scheduler" => (Some(Service::Scheduler), Format::RestJson),
        "pipes" => (Some(Service::Pipes), Format::RestJson),
        "apigateway" if path.starts_with("/v2/") => (Some(Service::ApiGatewayV2), Format::RestJson),
        "apigateway" => (Some(Service::ApiGateway), Format::RestJson),
        "s3" => (Some(Service::S3), Format::RestXml),
        "sqs" => (Some(Service::Sqs), Format::Query),
        "sns" => (Some(Service::Sns), Format::Query),
        "sts" => (Some(Service::Sts), Format::Query),
        "iam" => (Some(Service::Iam), Format::Query),
        "elasticloadbalancing" => (Some(Service::Balancers), Format::Query),
        "monitoring" => (Some(Service::CloudWatch), Format::Query),
        "events" => (Some(Service::Events), Format::Json11),
        "logs" => (Some(Service::Logs), Format::Json11),
        "kinesis" => (Some(Service::Kinesis), Format::Json11),
        "tagging" => (Some(Service::Tagging), Format::Json11),
        "dynamodb" => (Some(Service::DynamoDb), Format::Json10),
        // Of the services that this account lacks, the ones in query form expect XML.
        "ec2" | "cloudformation" | "autoscaling" | "rds" | "elasticache" | "redshift" | "ses" | "elasticbeanstalk" => {
            (None, Format::Query)
        }
        _ => (None, Format::RestJson),
    };
    Route {
        format,
        service,
        op: None,
        scope,
    }
}

fn by_path(path: &str) -> Option<Service> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next()?;
    let second = parts.next();
    match (first, second) {
        ("schedules" | "schedule-groups", _) => Some(Service::Scheduler),
        ("restapis", _) => Some(Service::ApiGateway),
        ("v2", Some("apis")) => Some(Service::ApiGatewayV2),
        ("v1", Some("pipes")) => Some(Service::Pipes),
        // `/2015-03-31/functions`: a dated path whose second part Lambda has.
        (date, Some("functions" | "event-source-mappings" | "layers" | "tags" | "account-settings"))
            if date.len() == 10 && date.bytes().all(|b| b.is_ascii_digit() || b == b'-') =>
        {
            Some(Service::Lambda)
        }
        _ => None,
    }
}

fn rpc_path(path: &str) -> Option<(&str, &str)> {
    let (name, op) = path.strip_prefix("/service/")?.split_once("/operation/")?;
    // The service may be written with its namespace: `com.amazonaws.x.Name`.
    Some((name.rsplit('.').next().unwrap_or(name), op))
}

fn is_form(parts: &Parts) -> bool {
    content_type(&parts.headers) == "application/x-www-form-urlencoded"
        || parts
            .uri
            .query()
            .is_some_and(|query| query.split('&').any(|pair| pair.starts_with("Action=")))
}

/// The media type without its parameters, empty if there is none.
#[must_use]
pub fn content_type(headers: &HeaderMap) -> &str {
    text(headers, "content-type")
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
}

/// A header as text.
#[must_use]
pub fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Reads `Credential=KEY/DATE/REGION/SERVICE/aws4_request` from the header, or from the query of a presigned URL.
fn scope(parts: &Parts) -> Scope {
    let from_header = text(&parts.headers, "authorization")
        .and_then(|value| value.split_once("Credential="))
        .map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or_default().to_owned());
    let credential = from_header.or_else(|| {
        form_urlencoded::parse(parts.uri.query()?.as_bytes())
            .find(|(key, _)| key == "X-Amz-Credential")
            .map(|(_, value)| value.into_owned())
    });
    let Some(credential) = credential else {
        return Scope::default();
    };
    // An access key may hold slashes: read from the end.
    let mut from_end = credential.rsplitn(5, '/');
    let mut take = || from_end.next().filter(|part| !part.is_empty()).map(str::to_owned);
    match take().as_deref() {
        // A signature over several regions names none: KEY/DATE/SERVICE/aws4_request.
        Some("aws4_request") if credential.matches('/').count() == 3 => {
            let service = take();
            take();
            Scope {
                access_key: take(),
                region: None,
                service,
            }
        }
        Some("aws4_request") => {
            let (service, region) = (take(), take());
            take();
            Scope {
                access_key: take(),
                region,
                service,
            }
        }
        _ => Scope::default(),
    }
}

/// The bucket that a virtual-host style request names in its host.
#[must_use]
pub fn bucket_of_host(parts: &Parts) -> Option<&str> {
    let host = text(&parts.headers, "host").or_else(|| parts.uri.host())?;
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |h| h.0);
    let bucket = if host.ends_with(".amazonaws.com") {
        host.split_once(".s3.")
            .or_else(|| host.split_once(".s3-"))
            .map(|(bucket, _)| bucket)
    } else {
        let name = host.strip_suffix(".localhost")?;
        Some(name.strip_suffix(".s3").unwrap_or(name)).filter(|name| *name != "s3")
    };
    bucket.filter(|bucket| !bucket.is_empty())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn signed(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn the_request_chooses_the_format() {
        let json = route(&parts(
            "/",
            &[
                ("x-amz-target", "AmazonSQS.ReceiveMessage"),
                ("authorization", &signed("sqs")),
            ],
        ));
        assert_eq!(
            (json.format, json.service, json.op.as_deref()),
            (Format::Json10, Some(Service::Sqs), Some("ReceiveMessage"))
        );
        assert_eq!(json.scope.region.as_deref(), Some("eu-west-1"));
        assert_eq!(json.scope.access_key.as_deref(), Some("AKID"));
        let form = route(&parts("/", &[("authorization", &signed("sqs"))]));
        assert_eq!((form.format, form.service), (Format::Query, Some(Service::Sqs)));
        let cbor = route(&parts(
            "/service/GraniteServiceVersion20100801/operation/GetMetricData",
            &[
                ("smithy-protocol", "rpc-v2-cbor"),
                ("authorization", &signed("monitoring")),
            ],
        ));
        assert_eq!((cbor.format, cbor.op.as_deref()), (Format::Cbor, Some("GetMetricData")));
        let v2 = route(&parts("/v2/apis", &[("authorization", &signed("apigateway"))]));
        assert_eq!(v2.service, Some(Service::ApiGatewayV2));
        let presigned = route(&parts(
            "/b/k?X-Amz-Credential=AK%2F20260102%2Fus-east-1%2Fs3%2Faws4_request",
            &[],
        ));
        assert_eq!(
            (presigned.service, presigned.scope.region.as_deref()),
            (Some(Service::S3), Some("us-east-1"))
        );
        assert_eq!(route(&parts("/", &[("authorization", &signed("ec2"))])).service, None);
    }

    #[test]
    fn an_unsigned_request_is_known_by_its_path() {
        assert_eq!(
            route(&parts("/2015-03-31/functions/f", &[])).service,
            Some(Service::Lambda)
        );
        assert_eq!(route(&parts("/?Action=ListTopics", &[])).format, Format::Query);
        assert_eq!(route(&parts("/some-bucket/functions", &[])).service, Some(Service::S3));
    }

    #[test]
    fn a_bucket_may_be_in_the_host() {
        for (host, bucket) in [
            ("b.s3.us-east-1.amazonaws.com", Some("b")),
            ("a.b.s3.amazonaws.com:443", Some("a.b")),
            ("s3.us-east-1.amazonaws.com", None),
            ("b.localhost:4566", Some("b")),
            ("s3.localhost", None),
            ("b.s3.localhost:1", Some("b")),
            ("localhost:4566", None),
            ("127.0.0.1:4566", None),
            ("[::1]:4566", None),
        ] {
            assert_eq!(bucket_of_host(&parts("/", &[("host", host)])), bucket, "{host}");
        }
        assert_eq!(
            bucket_of_host(&parts("http://b.s3.us-east-1.amazonaws.com/k", &[])),
            Some("b")
        );
    }
}
