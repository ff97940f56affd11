//! The formats of AWS, one file a codec: bytes in, a [`Call`] out, and the service's [`Answer`] or [`Fault`] back in the
//! format of the request.

mod body;
mod cbor;
mod errors;
mod eventstream;
mod json;
mod query;
mod rest;
mod route;
mod s3;
mod schema;
mod xml;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};

pub use body::LIMIT;
pub use eventstream::{event as stream_event, exception as stream_exception, initial_response as stream_start};
pub use route::Format;

use crate::call::{Answer, Call, Fault, Service};
use crate::value::{Map, Value};
use route::Route;
use schema::{Kind, Model};

/// What must be kept of a request to answer it in its own format.
#[derive(Clone, Debug)]
pub struct Envelope {
    format: Format,
    service: Option<Service>,
    op: String,
    /// The client asked for the old SQS codes beside the new ones (`x-amzn-query-mode`).
    old_codes: bool,
    head: bool,
    url_encoded: bool,
}

impl Envelope {
    /// The service asked; `None` for one that the account lacks.
    #[must_use]
    pub const fn service(&self) -> Option<Service> {
        self.service
    }

    /// The operation, empty where the request named none.
    #[must_use]
    pub fn op(&self) -> &str {
        &self.op
    }
}

/// Reads a request. Whatever is wrong with it is an error in the words of the service it was meant for. The region is
/// `home` where the request is not signed. `received_ms` and `serial` of the call are left at zero for the caller.
pub fn decode(request: Request<Bytes>, home: &str) -> (Envelope, Result<Call, Fault>) {
    let (parts, body) = request.into_parts();
    let route = route::route(&parts);
    let mut envelope = Envelope {
        format: route.format,
        service: route.service,
        op: route.op.clone().unwrap_or_default(),
        old_codes: parts.headers.contains_key("x-amzn-query-mode"),
        head: parts.method == http::Method::HEAD,
        url_encoded: false,
    };
    let call = read(&mut envelope, route, &parts, body, home);
    let call = call.map_err(|fault| errors::unreadable(envelope.service, fault));
    (envelope, call)
}

fn read(envelope: &mut Envelope, route: Route, parts: &Parts, body: Bytes, home: &str) -> Result<Call, Fault> {
    if body.len() > LIMIT {
        return Err(body::too_large());
    }
    let body = plain_body(parts, body, route.service)?;
    let (input, payload) = match route.format {
        Format::Json10 | Format::Json11 => {
            let typed = matches!(
                route::content_type(&parts.headers),
                "" | "application/x-amz-json-1.0" | "application/x-amz-json-1.1" | "application/json"
            );
            if !typed || envelope.op.is_empty() {
                return Err(errors::unknown(envelope.format, envelope.service, &envelope.op));
            }
            (json::read(&body)?, None)
        }
        Format::Cbor => (cbor::read(&body)?, None),
        Format::Query => {
            let form = query::read(parts.uri.query(), &body)?;
            envelope.op = form.action.unwrap_or_default();
            envelope.service = envelope.service.or_else(|| route::by_version(form.version.as_deref()?));
            if envelope.op.is_empty() {
                return Err(errors::unknown(envelope.format, envelope.service, ""));
            }
            let sqs = envelope.service == Some(Service::Sqs);
            (
                if sqs {
                    query::sqs_input(form.input, parts.uri.path())
                } else {
                    form.input
                },
                None,
            )
        }
        Format::RestJson | Format::RestXml => rest_input(envelope, parts, &body)?,
    };
    let service = envelope
        .service
        .ok_or_else(|| errors::unknown(envelope.format, None, &envelope.op))?;
    let headers = parts
        .headers
        .iter()
        .filter(|(name, _)| *name != http::header::AUTHORIZATION);
    Ok(Call {
        service,
        op: envelope.op.clone(),
        region: route.scope.region.unwrap_or_else(|| home.to_owned()),
        access_key: route.scope.access_key,
        input,
        payload,
        headers: headers
            .filter_map(|(k, v)| Some((k.as_str().to_owned(), v.to_str().ok()?.to_owned())))
            .collect(),
        received_ms: 0,
        serial: 0,
        resume: None,
    })
}

/// Takes off what is around the body. A gzip upload to S3 stays as it is: there the encoding is the object's own.
fn plain_body(parts: &Parts, body: Bytes, service: Option<Service>) -> Result<Bytes, Fault> {
    let header = |name| route::text(&parts.headers, name).unwrap_or_default();
    let encoding = header("content-encoding");
    if service == Some(Service::S3) {
        let chunked = encoding.split(',').any(|part| part.trim() == "aws-chunked");
        if chunked || header("x-amz-content-sha256").starts_with("STREAMING-") {
            return body::unchunk(&body, header("x-amz-decoded-content-length").parse().ok());
        }
    } else if encoding.eq_ignore_ascii_case("gzip") {
        return body::gunzip(&body);
    }
    Ok(body)
}

fn rest_input(envelope: &mut Envelope, parts: &Parts, body: &Bytes) -> Result<(Value, Option<Bytes>), Fault> {
    let unknown = |envelope: &Envelope| {
        let asked = format!("{} {}", parts.method, parts.uri.path());
        errors::unknown(envelope.format, envelope.service, &asked)
    };
    let Some(model) = envelope.service.and_then(Model::of) else {
        return Err(unknown(envelope));
    };
    let in_host = route::bucket_of_host(parts).filter(|_| envelope.service == Some(Service::S3));
    let path = in_host.map(|bucket| format!("/{bucket}{}", parts.uri.path()));
    let path = path.as_deref().unwrap_or(parts.uri.path());
    let Some(found) = rest::find(model, parts, path) else {
        return Err(unknown(envelope));
    };
    found.op.name.clone_into(&mut envelope.op);
    let (mut input, payload) = rest::input(model, found, parts, body, envelope.format)?;
    if envelope.service == Some(Service::S3) {
        envelope.url_encoded = envelope.op.starts_with("List") && input.get("EncodingType").str() == Some("url");
        // A policy is text whose format is S3's own: it is a member like any other.
        if envelope.op == "PutBucketPolicy"
            && let Some(text) = payload
                .as_ref()
                .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())
        {
            input.set("Policy", text);
        }
    }
    Ok((input, payload))
}

/// What a service says of a body over [`LIMIT`].
#[must_use]
pub fn too_large(service: Option<Service>) -> Fault {
    errors::unreadable(service, body::too_large())
}

/// Writes an answer or an error in the format of the request. A request id that the answer brings as a header (Lambda
/// `Invoke`: the id under which the function logs) wins over the given one.
#[must_use]
pub fn encode(envelope: &Envelope, result: Result<Answer, Fault>, request_id: &str) -> Response<Bytes> {
    let output = match result {
        Ok(answer) => success(envelope, answer, request_id),
        Err(fault) => failure(envelope, &fault, request_id),
    };
    let mut response = Response::new(if envelope.head { Bytes::new() } else { output.body });
    *response.status_mut() = StatusCode::from_u16(output.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut put = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    };
    put("x-amzn-requestid", request_id);
    if envelope.service == Some(Service::S3) {
        put("x-amz-request-id", request_id);
    }
    for (name, value) in &output.headers {
        put(name, value);
    }
    response
}

/// The head of an answer that is an event stream; the frames follow.
#[must_use]
pub fn encode_stream(request_id: &str) -> Response<()> {
    let mut response = Response::new(());
    let headers = response.headers_mut();
    headers.insert(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static(eventstream::CONTENT_TYPE),
    );
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", value);
    }
    response
}

fn output(status: u16, kind: &str, body: Bytes) -> rest::Output {
    rest::Output {
        status,
        headers: vec![("content-type".to_owned(), kind.to_owned())],
        body,
    }
}

fn success(envelope: &Envelope, answer: Answer, request_id: &str) -> rest::Output {
    let Some(service) = envelope.service else {
        return rest::Output {
            status: 500,
            ..rest::Output::default()
        };
    };
    let status = answer.status.unwrap_or(200);
    let extra = answer.headers.clone();
    let mut out = match envelope.format {
        Format::Json10 | Format::Json11 => {
            let nothing = Value::Map(Map::new());
            let body = if answer.output.is_null() {
                &nothing
            } else {
                &answer.output
            };
            output(
                status,
                json_type(envelope.format),
                json::write(body, None, &Kind::Plain),
            )
        }
        Format::Cbor => {
            let mut out = output(status, "application/cbor", cbor::write(&answer.output));
            out.headers
                .push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
            out
        }
        Format::Query => output(
            status,
            "text/xml",
            query::write(service, &envelope.op, &answer.output, request_id),
        ),
        Format::RestJson | Format::RestXml => {
            let Some((model, op)) = Model::of(service).and_then(|model| Some((model, model.op(&envelope.op)?))) else {
                return rest::Output {
                    status: 500,
                    ..rest::Output::default()
                };
            };
            let output = match answer.output {
                output if envelope.url_encoded => s3::url_encoded(output),
                output => output,
            };
            let answer = Answer { output, ..answer };
            return rest::output(service, model, op, answer);
        }
    };
    out.headers.extend(extra);
    out
}

fn failure(envelope: &Envelope, fault: &Fault, request_id: &str) -> rest::Output {
    let service = envelope.service;
    let (shape, code) = (errors::shape(service, fault), errors::code(service, fault));
    let body = || {
        let mut body = Map::new();
        body.push(errors::message_member(service, shape), &fault.message);
        for (name, value) in &fault.extra {
            body.push(name.clone(), value);
        }
        body
    };
    let who = if fault.sender { "Sender" } else { "Receiver" };
    let old_code = || {
        envelope
            .old_codes
            .then(|| ("x-amzn-query-error".to_owned(), format!("{code};{who}")))
    };
    match envelope.format {
        Format::Json10 | Format::Json11 => {
            let mut members = Map::new();
            members.push("__type", format!("{}{shape}", errors::namespace(service)));
            for (name, value) in body() {
                members.push(name, value);
            }
            let text = json::write(&Value::Map(members), None, &Kind::Plain);
            let mut out = output(fault.status, json_type(envelope.format), text);
            out.headers.extend(old_code());
            out
        }
        Format::RestJson => {
            let mut members = body();
            if service == Some(Service::Lambda) && members.get("Type").is_none() {
                members.push("Type", if fault.sender { "User" } else { "Service" });
            }
            let text = json::write(&Value::Map(members), None, &Kind::Plain);
            let mut out = output(fault.status, "application/json", text);
            out.headers.push(("x-amzn-errortype".to_owned(), shape.to_owned()));
            out
        }
        Format::RestXml => output(
            fault.status,
            "application/xml",
            s3::write_error(fault, code, request_id),
        ),
        Format::Query => output(
            fault.status,
            "text/xml",
            query::write_error(service, fault, code, request_id),
        ),
        Format::Cbor => {
            let mut out = output(fault.status, "application/cbor", cbor::write_error(fault, shape));
            out.headers
                .push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
            out.headers.extend(old_code());
            out
        }
    }
}

const fn json_type(format: Format) -> &'static str {
    match format {
        Format::Json10 => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    }
}
