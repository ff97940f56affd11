//! Calls of services of which pitagora makes a few only: an SDK crate for each would double the time that the program takes to
//! build (`docs/decisions/0008-one-signed-caller.md`). The request is signed and sent as the SDK does it; the answer is JSON,
//! whatever the service speaks. Budgets, prices and retries are those of [`Caller`](super::caller::Caller).

mod services;
mod xml;

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_sts::config::{Credentials, ProvideCredentials};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::Value;

use super::{Api, Error, Session};
use services::Protocol;
pub(super) use services::{API_GATEWAY, COGNITO, DYNAMODB, ELB, IAM, SECRETS, SFN, Service, ids};

/// Credentials are renewed this long before they expire.
const LEEWAY: Duration = Duration::from_secs(300);

/// Signs and sends.
pub(super) struct Signer {
    config: SdkConfig,
    interceptor: SharedInterceptor,
    credentials: tokio::sync::Mutex<Option<Credentials>>,
}

/// What is asked.
#[derive(Clone, Debug)]
struct Request {
    /// The operation, as AWS names it.
    operation: &'static str,
    method: &'static str,
    /// Path and query.
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Session {
    /// Makes one call of a service that speaks JSON with the operation in a header.
    pub(super) async fn json(
        &self,
        api: &'static Api,
        (service, operation): (&'static Service, &'static str),
        body: Value,
    ) -> Result<Value, Error> {
        let (target, version) = match service.protocol {
            Protocol::Json { target, version } => (target, version),
            Protocol::Rest | Protocol::Query { .. } => ("", ""),
        };
        let request = Request {
            operation,
            method: "POST",
            path: "/".to_owned(),
            headers: vec![
                ("content-type", format!("application/x-amz-json-{version}")),
                ("x-amz-target", format!("{target}.{operation}")),
            ],
            body: body.to_string(),
        };
        self.ask(api, service, request).await
    }

    /// Makes one call of a service that speaks paths: `path` is encoded already, `query` is not.
    pub(super) async fn get(
        &self,
        api: &'static Api,
        (service, operation): (&'static Service, &'static str),
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, Error> {
        let query = encoded(query.iter().copied());
        let request = Request {
            operation,
            method: "GET",
            path: if query.is_empty() {
                path.to_owned()
            } else {
                format!("{path}?{query}")
            },
            headers: vec![("accept", "application/json".to_owned())],
            body: String::new(),
        };
        self.ask(api, service, request).await
    }

    /// Makes one call of a service that takes a form and answers in XML: what is in the result comes back, a list of `member`s as an
    /// array, all else as text.
    pub(super) async fn form(
        &self,
        api: &'static Api,
        (service, operation): (&'static Service, &'static str),
        parameters: &[(&str, &str)],
    ) -> Result<Value, Error> {
        let version = match service.protocol {
            Protocol::Query { version } => version,
            Protocol::Json { .. } | Protocol::Rest => "",
        };
        let own = [("Action", operation), ("Version", version)];
        let request = Request {
            operation,
            method: "POST",
            path: "/".to_owned(),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: encoded(own.into_iter().chain(parameters.iter().copied())),
        };
        let mut answer = self.ask(api, service, request).await?;
        let result = answer.get_mut(format!("{operation}Result")).map(Value::take);
        result.ok_or(Error::Unreadable { action: api.action })
    }

    async fn ask(&self, api: &'static Api, service: &'static Service, request: Request) -> Result<Value, Error> {
        let clients = self.clients();
        let (signer, request) = (&clients.signer, &request);
        self.caller.call(api, || signer.send(service, request)).await
    }
}

fn encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let byte = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    let text = |text: &str| text.bytes().map(byte).collect::<String>();
    let pairs: Vec<String> = pairs
        .map(|(key, value)| format!("{}={}", text(key), text(value)))
        .collect();
    pairs.join("&")
}

impl Signer {
    pub(super) fn new(config: SdkConfig, interceptor: SharedInterceptor) -> Self {
        Self {
            config,
            interceptor,
            credentials: tokio::sync::Mutex::default(),
        }
    }

    async fn send(
        &self,
        service: &'static Service,
        request: &Request,
    ) -> Result<Value, SdkError<ErrorMetadata, HttpResponse>> {
        let credentials = self.credentials().await.map_err(SdkError::construction_failure)?;
        let url = self.url(service);
        let signed = self
            .signed(service, &url, request, credentials)
            .map_err(SdkError::construction_failure)?;
        let Some(http) = self.config.http_client() else {
            return Err(SdkError::construction_failure("no HTTP client"));
        };
        let timeouts = self.config.timeout_config().cloned();
        let is_xml = matches!(service.protocol, Protocol::Query { .. });
        let mut operation = Operation::builder()
            .service_name(service.id)
            .operation_name(request.operation)
            .http_client(http)
            .endpoint_url(&url)
            .no_auth()
            .no_retry()
            .timeout_config(timeouts.unwrap_or_else(TimeoutConfig::disabled))
            .interceptor(self.interceptor.clone())
            .with_connection_poisoning();
        if let Some(sleep) = self.config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        if let Some(time) = self.config.time_source() {
            operation = operation.time_source(time);
        }
        let operation = operation
            .serializer(move |()| {
                signed
                    .try_clone()
                    .ok_or_else(|| BoxError::from("a body that is read once"))
            })
            .deserializer(move |response: &HttpResponse| read(response, is_xml))
            .build();
        operation.invoke(()).await
    }

    /// Credentials, asked for anew shortly before they expire.
    async fn credentials(&self) -> Result<Credentials, BoxError> {
        let mut kept = self.credentials.lock().await;
        let lasts = |one: &&Credentials| one.expiry().is_none_or(|at| at > SystemTime::now() + LEEWAY);
        if let Some(known) = kept.as_ref().filter(lasts) {
            return Ok(known.clone());
        }
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| BoxError::from("no credentials provider"))?;
        let fresh = provider.provide_credentials().await?;
        *kept = Some(fresh.clone());
        Ok(fresh)
    }

    /// Where a service is asked.
    fn url(&self, service: &Service) -> String {
        let own = super::session::endpoint(&self.config, service.id);
        let region = self.region();
        let url = own.unwrap_or_else(|| {
            service.url(
                region,
                self.config.use_fips().unwrap_or(false),
                self.config.use_dual_stack().unwrap_or(false),
            )
        });
        url.trim_end_matches('/').to_owned()
    }

    fn region(&self) -> &str {
        self.config.region().map_or("us-east-1", AsRef::as_ref)
    }

    fn signed(
        &self,
        service: &Service,
        url: &str,
        request: &Request,
        credentials: Credentials,
    ) -> Result<HttpRequest, BoxError> {
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(service.signing_region(self.region()))
            .name(service.signs)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let whole = format!("{url}{}", request.path);
        let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let body = SignableBody::Bytes(request.body.as_bytes());
        let (instructions, _) =
            sign(SignableRequest::new(request.method, &whole, headers, body)?, &params)?.into_parts();
        let mut http = HttpRequest::new(SdkBody::from(request.body.as_str()));
        http.set_method(request.method)?;
        http.set_uri(request.path.as_str())?;
        let own = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
        for (name, value) in own.chain(instructions.headers()) {
            http.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        http.headers_mut()
            .insert("user-agent", concat!("pitagora/", env!("CARGO_PKG_VERSION")));
        Ok(http)
    }
}

fn read(response: &HttpResponse, is_xml: bool) -> Result<Value, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    let value = if is_xml {
        xml::read(body)
    } else if body.is_empty() {
        Some(Value::Null)
    } else {
        serde_json::from_slice(body).ok()
    };
    if response.status().is_success() {
        return value.ok_or_else(|| OrchestratorError::response("neither JSON nor XML".into()));
    }
    let value = value.unwrap_or_default();
    // AWS names the error in a header, in `__type` or `code`, or in the XML.
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let code = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let code = code
        .or_else(|| text(&value["__type"]))
        .or_else(|| text(&value["code"]))
        .or_else(|| text(&value["Error"]["Code"]));
    let mut error = ErrorMetadata::builder();
    if let Some(code) = code {
        error = error.code(code);
    }
    Err(OrchestratorError::operation(error.build()))
}

/// The entries of a list; none where it is absent or, in XML, an empty text.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text; `None` where it is absent or empty.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_encoded_as_signatures_ask_for() {
        let pairs = [("A b", "x/y+z"), ("Filter.member.1", "Role"), ("注", "~")];
        assert_eq!(
            encoded(pairs.into_iter()),
            "A%20b=x%2Fy%2Bz&Filter.member.1=Role&%E6%B3%A8=~"
        );
    }
}
