//! What the REST services share: finding the operation by method and path, taking members out of the path, the query,
//! the headers and the body, and putting an answer's members back where they travel.

use bytes::Bytes;
use http::HeaderValue;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::route::Format;
use super::schema::{Kind, Member, Model, Need, Op, Place, Segment};
use super::xml::Writer;
use super::{json, s3, xml};
use crate::call::{Answer, Fault, Service};
use crate::time;
use crate::value::{Map, Value};

/// A request's operation and what its path held: wire name and text.
#[derive(Debug)]
pub struct Found<'m> {
    /// The operation.
    pub op: &'m Op,
    params: Vec<(&'static str, String)>,
}

/// Finds the operation: the one whose path fits, of whose needs most are met, and whose path says most in words. Of
/// two on one path (S3's listings of directory buckets and of all others) the one that the table describes.
#[must_use]
pub fn find<'m>(model: &'m Model, parts: &Parts, path: &str) -> Option<Found<'m>> {
    let query: Vec<(String, String)> = query(parts);
    let fits = model.ops.iter().filter(|op| op.method == parts.method.as_str());
    let fits = fits.filter(|op| op.needs.iter().all(|need| need.met(parts, &query)));
    let fits = fits.filter_map(|op| Some((op, params(&op.path, path)?)));
    let (op, params) =
        fits.max_by_key(|(op, params)| (op.needs.len(), op.path.len() - params.len(), op.input.is_some()))?;
    Some(Found { op, params })
}

impl Need {
    fn met(self, parts: &Parts, query: &[(String, String)]) -> bool {
        match self {
            Self::Header(name) => parts.headers.contains_key(name),
            Self::Query(key, value) => query
                .iter()
                .any(|(k, v)| k == key && value.is_none_or(|value| value == v)),
        }
    }
}

fn query(parts: &Parts) -> Vec<(String, String)> {
    form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}

/// Matches a path; an encoded slash inside a part (an ARN) is no separator.
fn params(template: &[Segment], path: &str) -> Option<Vec<(&'static str, String)>> {
    let decode = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .ok()
            .map(std::borrow::Cow::into_owned)
    };
    let mut rest = path.strip_prefix('/').unwrap_or(path);
    let mut found = Vec::new();
    for segment in template {
        if let Segment::Rest(name) = segment {
            found.push((*name, decode(rest).filter(|rest| !rest.is_empty())?));
            return Some(found);
        }
        let (part, after) = rest.split_once('/').unwrap_or((rest, ""));
        match segment {
            Segment::Text(text) if *text == part => {}
            Segment::Param(name) if !part.is_empty() => found.push((*name, decode(part)?)),
            _ => return None,
        }
        rest = after;
    }
    rest.is_empty().then_some(found)
}

/// The input, and the raw body where the operation's body is one.
pub fn input(
    model: &Model,
    found: Found<'_>,
    parts: &Parts,
    body: &Bytes,
    format: Format,
) -> Result<(Value, Option<Bytes>), Fault> {
    let members = model.members(found.op.input);
    let (mut input, payload) = match members.iter().find(|member| member.place == Place::Body) {
        None => (children(model, found.op.input, body, format)?, None),
        Some(Member {
            name,
            kind: Kind::Structure(_),
            ..
        }) if body.is_empty() => (Map::from_iter([(*name, Value::Null)]), None),
        Some(Member {
            name,
            kind: kind @ Kind::Structure(_),
            ..
        }) => {
            let value = match format {
                Format::RestXml => xml::read(body)?.value(model, kind),
                _ => json::rename(json::read(body)?, model, kind),
            };
            (Map::from_iter([(*name, value)]), None)
        }
        Some(_) => (Map::new(), Some(body.clone())),
    };
    // Parameters that the table does not know (an operation whose structures it lacks) keep their wire names.
    let name = |place, wire: &str| {
        members
            .iter()
            .find(|m| m.place == place && m.wire.eq_ignore_ascii_case(wire))
            .map_or(wire, |m| m.name)
            .to_owned()
    };
    let query = query(parts);
    for (key, value) in &query {
        let list = members
            .iter()
            .any(|m| m.place == Place::Query && m.wire == key && matches!(m.kind, Kind::List(..)));
        if list {
            let all = query.iter().filter(|(k, _)| k == key).map(|(_, v)| v.as_str());
            input.insert(name(Place::Query, key), all.collect::<Value>());
        } else if members.iter().any(|m| m.place == Place::Query && m.wire == key) || !marks(found.op, key) {
            input.insert(name(Place::Query, key), value);
        }
    }
    for (wire, value) in found.params {
        input.insert(name(Place::Path, wire), value);
    }
    for member in members {
        match member.place {
            Place::Header => match (utf8(parts.headers.get(member.wire)), &member.kind) {
                (Some(value), Kind::List(..)) => {
                    input.insert(member.name, value.split(',').map(str::trim).collect::<Value>());
                }
                (Some(value), _) => input.insert(member.name, value),
                (None, _) => {}
            },
            Place::Prefix => {
                let with = |name: &str| name.strip_prefix(member.wire).map(str::to_owned);
                let headers = parts.headers.iter();
                let map: Map = headers
                    .filter_map(|(k, v)| Some((with(k.as_str())?, v.to_str().ok()?)))
                    .collect();
                if !map.is_empty() {
                    input.insert(member.name, map);
                }
            }
            _ => {}
        }
    }
    Ok((Value::Map(input), payload))
}

/// Whether a query key only says which operation is meant, or only signs or names the request.
fn marks(op: &Op, key: &str) -> bool {
    let needed = op
        .needs
        .iter()
        .any(|need| matches!(need, Need::Query(name, _) if *name == key));
    needed || key == "x-id" || key.starts_with("X-Amz-")
}

/// A header's text; S3 clients send UTF-8 in metadata, though headers were made for ASCII.
fn utf8(value: Option<&HeaderValue>) -> Option<&str> {
    value.and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
}

fn children(model: &Model, structure: Option<&'static str>, body: &Bytes, format: Format) -> Result<Map, Fault> {
    let kind = structure.map_or(Kind::Plain, Kind::Structure);
    let value = match format {
        Format::RestXml if body.is_empty() => Value::Null,
        Format::RestXml => xml::read(body)?.value(model, &kind),
        _ => json::rename(json::read(body)?, model, &kind),
    };
    match value {
        Value::Map(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

/// An answer on its way: status, headers and body.
#[derive(Debug, Default)]
pub struct Output {
    /// HTTP status.
    pub status: u16,
    /// Headers, the content type included.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// Puts an answer's members where they travel.
#[must_use]
pub fn output(service: Service, model: &Model, op: &Op, answer: Answer) -> Output {
    let members = model.members(op.output);
    let mut out = Output {
        status: op.status,
        ..Output::default()
    };
    let mut children = Map::new();
    let mut raw = answer.payload;
    let mut whole = None;
    let Answer { output, status, .. } = answer;
    let map = if let Value::Map(map) = output { map } else { Map::new() };
    for (name, value) in map {
        let member = members.iter().find(|member| member.name == name);
        match member.map(|member| (member, member.place)) {
            _ if value.is_null() => {}
            Some((member, Place::Header)) => out.headers.push((member.wire.to_owned(), header(&value, &member.kind))),
            Some((member, Place::Prefix)) => {
                let each = value
                    .entries()
                    .filter_map(|(k, v)| Some((format!("{}{k}", member.wire), v.text()?)));
                out.headers.extend(each);
            }
            Some((_, Place::Status)) => out.status = value.int().and_then(|n| n.try_into().ok()).unwrap_or(out.status),
            Some((member, Place::Body)) => match value {
                Value::Map(_) => whole = Some((member, value)),
                Value::Blob(bytes) => raw = raw.or(Some(bytes)),
                value => raw = raw.or(value.text().map(Bytes::from)),
            },
            _ => children.push(name, value),
        }
    }
    out.status = status.unwrap_or(out.status);
    out.headers.extend(answer.headers);
    let has_body = members.iter().any(|member| member.place == Place::Body);
    out.body = match (raw, whole) {
        (Some(raw), _) => raw,
        (None, None) if has_body => Bytes::new(),
        (None, whole) => {
            let (kind, value) = match whole {
                Some((member, value)) => (member.kind.clone(), value),
                None => (op.output.map_or(Kind::Plain, Kind::Structure), Value::Map(children)),
            };
            if service == Service::S3 {
                s3_body(model, op, &value, &kind)
            } else if out.status == 204 {
                Bytes::new()
            } else {
                json::write(&value, Some(model), &kind)
            }
        }
    };
    let typed = out
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let bare = service == Service::S3 && out.body.is_empty();
    if !typed && !bare {
        let kind = match service {
            Service::S3 if has_body && !out.body.starts_with(b"<?xml") => "binary/octet-stream",
            Service::S3 => "application/xml",
            _ => "application/json",
        };
        out.headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    out
}

fn s3_body(model: &Model, op: &Op, value: &Value, kind: &Kind) -> Bytes {
    let Some(root) = s3::root(op.name) else {
        return Bytes::new();
    };
    let mut xml = Writer::new(Some(model), &[]);
    xml.open(root, s3::NAMESPACE);
    if root == "LocationConstraint" {
        xml.raw_text(value.get(root).str().unwrap_or_default());
    } else {
        xml.members(value, kind);
    }
    xml.close(root);
    xml.finish()
}

fn header(value: &Value, kind: &Kind) -> String {
    match (value, kind) {
        (Value::Time(ms), Kind::Iso) => time::to_iso(*ms),
        (Value::Time(ms), Kind::Epoch) => time::to_seconds(*ms).to_string(),
        (Value::Time(ms), _) => time::to_http_date(*ms),
        (Value::List(_), _) => value.strings().collect::<Vec<_>>().join(","),
        (value, _) => value.text().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::value::{list, map};

    fn parts(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn op(service: Service, method: &str, uri: &str, headers: &[(&str, &str)]) -> Option<&'static str> {
        let parts = parts(method, uri, headers);
        find(Model::of(service)?, &parts, parts.uri.path()).map(|found| found.op.name)
    }

    fn read(
        service: Service,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> (Value, Option<Bytes>) {
        let parts = parts(method, uri, headers);
        let model = Model::of(service).expect("a REST service");
        let found = find(model, &parts, parts.uri.path()).expect("an operation");
        let format = if service == Service::S3 {
            Format::RestXml
        } else {
            Format::RestJson
        };
        input(model, found, &parts, &Bytes::from_static(body.as_bytes()), format).expect("readable")
    }

    #[test]
    fn an_operation_is_found_by_its_path_and_its_needs() {
        use Service::{ApiGateway, ApiGatewayV2, Lambda, Pipes, S3, Scheduler};
        for (service, method, uri, headers, name) in [
            (
                Lambda,
                "POST",
                "/2015-03-31/functions/f/invocations?Qualifier=live",
                &[][..],
                "Invoke",
            ),
            (Lambda, "GET", "/2015-03-31/functions/", &[], "ListFunctions"),
            (
                Lambda,
                "GET",
                "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af",
                &[],
                "ListTags",
            ),
            (
                Lambda,
                "GET",
                "/2015-03-31/event-source-mappings",
                &[],
                "ListEventSourceMappings",
            ),
            (Scheduler, "GET", "/schedules", &[], "ListSchedules"),
            (Pipes, "GET", "/v1/pipes/p", &[], "DescribePipe"),
            (
                ApiGateway,
                "GET",
                "/restapis/a/resources?embed=methods",
                &[],
                "GetResources",
            ),
            (ApiGateway, "POST", "/restapis?mode=import", &[], "ImportRestApi"),
            (ApiGatewayV2, "GET", "/v2/apis/a/routes", &[], "GetRoutes"),
            (S3, "GET", "/", &[], "ListBuckets"),
            (S3, "GET", "/b?list-type=2&prefix=x", &[], "ListObjectsV2"),
            (S3, "GET", "/b/", &[], "ListObjects"),
            (S3, "PUT", "/b/a/b%20c?x-id=PutObject", &[], "PutObject"),
            (S3, "PUT", "/b/k", &[("x-amz-copy-source", "/b/j")], "CopyObject"),
            (S3, "PUT", "/b/k?partNumber=1&uploadId=u", &[], "UploadPart"),
            (S3, "GET", "/b?notification", &[], "GetBucketNotificationConfiguration"),
            (S3, "GET", "/b?location=", &[], "GetBucketLocation"),
            (S3, "GET", "/b?website", &[], "GetBucketWebsite"),
        ] {
            assert_eq!(op(service, method, uri, headers), Some(name), "{method} {uri}");
        }
        assert_eq!(op(Lambda, "PATCH", "/2015-03-31/functions/f", &[]), None);
    }

    #[test]
    fn members_come_from_everywhere() {
        let (invoke, body) = read(
            Service::Lambda,
            "POST",
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af/invocations?Qualifier=live",
            &[("X-Amz-Invocation-Type", "Event")],
            "{not json",
        );
        assert_eq!(
            invoke.get("FunctionName").str(),
            Some("arn:aws:lambda:us-east-1:1:function:f")
        );
        assert_eq!(
            (invoke.get("Qualifier").str(), invoke.get("InvocationType").str()),
            (Some("live"), Some("Event"))
        );
        assert_eq!(body.as_deref(), Some(&b"{not json"[..]));
        let (put, _) = read(
            Service::S3,
            "PUT",
            "/b/a/b%20c%2B",
            &[("x-amz-meta-a", "1"), ("content-type", "text/x")],
            "",
        );
        let expected =
            map! { "Bucket" => "b", "Key" => "a/b c+", "ContentType" => "text/x", "Metadata" => map! { "a" => "1" } };
        for (name, value) in expected.entries() {
            assert_eq!(put.get(name), value);
        }
        let (untag, _) = read(
            Service::Lambda,
            "DELETE",
            "/2017-03-31/tags/arn?tagKeys=a&tagKeys=b",
            &[],
            "",
        );
        assert_eq!(untag.get("TagKeys"), &list!["a", "b"]);
        let (api, _) = read(
            Service::ApiGatewayV2,
            "POST",
            "/v2/apis",
            &[],
            r#"{"name":"n","protocolType":"HTTP"}"#,
        );
        assert_eq!(api, map! { "Name" => "n", "ProtocolType" => "HTTP" });
        let (xml, _) = read(
            Service::S3,
            "PUT",
            "/b?tagging",
            &[],
            "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
        );
        assert_eq!(xml.path("Tagging.TagSet.0.Key").str(), Some("k"));
    }

    #[test]
    fn an_answer_goes_back_where_it_travels() {
        let model = Model::of(Service::Lambda).expect("a REST service");
        let invoke = model.op("Invoke").expect("an operation");
        let answer = Answer {
            output: map! { "StatusCode" => 202_i64, "FunctionError" => "Unhandled" },
            payload: Some(Bytes::from_static(b"{}")),
            ..Answer::default()
        };
        let out = output(Service::Lambda, model, invoke, answer);
        assert_eq!((out.status, &out.body[..]), (202, &b"{}"[..]));
        assert!(
            out.headers
                .contains(&("X-Amz-Function-Error".to_owned(), "Unhandled".to_owned()))
        );
        let model = Model::of(Service::S3).expect("a REST service");
        let text = |name: &str, value: Value| {
            let out = output(
                Service::S3,
                model,
                model.op(name).expect("an operation"),
                Answer::of(value),
            );
            String::from_utf8(out.body.to_vec()).expect("text")
        };
        let list = text(
            "ListBuckets",
            map! { "Buckets" => list![map! { "Name" => "b", "CreationDate" => Value::Time(0) }] },
        );
        assert!(list.contains("<Buckets><Bucket><Name>b</Name><CreationDate>1970-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets>"), "{list}");
        let copy = text("CopyObject", map! { "CopyObjectResult" => map! { "ETag" => "\"e\"" } });
        assert!(
            copy.contains(
                "<CopyObjectResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><ETag>&quot;e&quot;</ETag>"
            ),
            "{copy}"
        );
        let location = text("GetBucketLocation", map! { "LocationConstraint" => "eu-west-1" });
        assert!(location.contains(">eu-west-1</LocationConstraint>"), "{location}");
    }
}
