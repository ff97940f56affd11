//! The HTTP client of all services: through the proxy of the environment, and with the certificates that it trusts, as the AWS
//! CLI honours them.

use std::fmt;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use http::Uri;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::ConnectError;

/// Hosts that no proxy can reach.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// A proxy of the environment, and the variable that names it.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::aws) struct Proxy {
    variable: &'static str,
    /// With name and password, where it has them.
    url: Uri,
}

/// Without name and password: it is shown.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.url.authority().map_or("", |authority| authority.as_str());
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        write!(f, "{}://{host}", self.url.scheme_str().unwrap_or("http"))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={self}", self.variable)
    }
}

/// The proxies that an environment names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::aws) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    no: String,
}

impl Proxies {
    /// Those of this process.
    pub(in crate::aws) fn here() -> Result<Self, ConnectError> {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConnectError> {
        let set = |name: &&'static str| variable(name).filter(|value| !value.trim().is_empty());
        let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, set(&name)?)));
        let proxy = |names| first(names).map(|(name, value)| read(name, value.trim())).transpose();
        // A server of CGI gets its clients' headers as variables: `Proxy:` becomes HTTP_PROXY.
        let is_cgi = variable("REQUEST_METHOD").is_some();
        Ok(Self {
            http: if is_cgi {
                None
            } else {
                proxy(["HTTP_PROXY", "http_proxy"])?
            },
            https: proxy(["HTTPS_PROXY", "https_proxy"])?,
            no: first(["NO_PROXY", "no_proxy"])
                .map(|(_, value)| value)
                .unwrap_or_default(),
        })
    }

    /// The proxy for HTTPS, by which AWS is reached.
    pub(in crate::aws) fn https(&self) -> Option<&Proxy> {
        self.https.as_ref()
    }

    fn config(&self) -> ProxyConfig {
        let made = match (&self.http, &self.https) {
            (None, None) => return ProxyConfig::disabled(),
            (Some(http), None) => ProxyConfig::http(http.url.clone()),
            (None, Some(https)) => ProxyConfig::https(https.url.clone()),
            (Some(http), Some(https)) if http.url == https.url => ProxyConfig::all(https.url.clone()),
            // One configuration holds no two proxies unless it reads them itself.
            (Some(_), Some(_)) => return ProxyConfig::from_env(),
        };
        let rules = if self.no.is_empty() {
            LOOPBACK.to_owned()
        } else {
            format!("{},{LOOPBACK}", self.no)
        };
        // Whatever it refuses was refused when the variables were read.
        made.map_or_else(|_| ProxyConfig::disabled(), |config| config.no_proxy(rules))
    }
}

/// Reads a proxy's URL. What is wrong is said without the value, which may hold a password.
fn read(variable: &'static str, value: &str) -> Result<Proxy, ConnectError> {
    let wrong = || ConnectError::BadProxy { variable };
    let with_scheme = if value.contains("://") {
        value.to_owned()
    } else {
        format!("http://{value}")
    };
    let url: Uri = with_scheme.parse().map_err(|_| wrong())?;
    let is_http = matches!(url.scheme_str(), Some("http" | "https"));
    if !is_http || url.host().is_none_or(str::is_empty) {
        return Err(wrong());
    }
    Ok(Proxy { variable, url })
}

/// One client for all services: one TLS stack, one pool of connections. `bundle` is a file of certificates in PEM that are
/// trusted in place of the system's.
pub(super) fn client(bundle: Option<&str>) -> Result<SharedHttpClient, ConnectError> {
    let proxies = Proxies::here()?;
    let trusted = bundle.map_or_else(|| Ok(TrustStore::default()), trusted)?;
    let tls = TlsContext::builder().with_trust_store(trusted).build();
    let tls = tls.map_err(|why| ConnectError::Tls { why: why.to_string() })?;
    let connector = move |settings: Option<&HttpConnectorSettings>, runtime: Option<&RuntimeComponents>| {
        let mut made = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .proxy_config(proxies.config());
        made.set_connector_settings(settings.cloned());
        made.set_sleep_impl(runtime.and_then(RuntimeComponents::sleep_impl));
        made.build()
    };
    Ok(aws_smithy_http_client::Builder::new().build_with_connector_fn(connector))
}

/// The certificates of a file. Each is tried: the client would panic on one that it cannot use.
fn trusted(path: &str) -> Result<TrustStore, ConnectError> {
    let wrong = |why: String| ConnectError::BadBundle {
        path: path.to_owned(),
        why,
    };
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        store.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(wrong("no certificate in PEM".to_owned()));
    }
    Ok(TrustStore::empty().with_pem_certificate(pem))
}

/// What a proxy in between made of a connection, if it was the proxy.
pub(in crate::aws) fn refused_by_proxy(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if let Some(how) = text.strip_prefix("tunnel error: ") {
            let proxies = Proxies::here().ok()?;
            let proxy = proxies.https()?;
            return Some(match how {
                "proxy authorization required" => {
                    format!(
                        "the proxy {proxy} wants a user name and a password (HTTP 407): add them to {}",
                        proxy.variable
                    )
                }
                "unsuccessful" => format!("the proxy {proxy} refused the connection"),
                _ => match error.source() {
                    Some(_) => format!("no connection to the proxy {proxy}: {}", innermost(error)),
                    None => format!("the proxy {proxy} did not answer as a proxy does"),
                },
            });
        }
        next = error.source();
    }
    None
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Proxies, ConnectError> {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name);
        Proxies::of(|name| value(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn proxies_are_shown_without_their_passwords() {
        for (value, shown) in [
            ("http://me:secret@proxy.corp:3128", "http://proxy.corp:3128"),
            ("me:se%40cret@proxy.corp:3128", "http://proxy.corp:3128"),
            ("proxy.corp:3128", "http://proxy.corp:3128"),
            ("https://proxy.corp", "https://proxy.corp"),
            ("http://[::1]:3128/", "http://[::1]:3128"),
        ] {
            let proxies = of(&[("https_proxy", value)]).expect(value);
            assert_eq!(proxies.https().map(ToString::to_string).as_deref(), Some(shown));
            assert!(!format!("{proxies:?}").contains("cret"), "{proxies:?}");
            assert!(!proxies.config().is_disabled(), "it is taken");
        }
    }

    #[test]
    fn what_is_no_proxy_is_an_error_that_does_not_quote_it() {
        for value in [
            "socks5://me:secret@proxy:1080",
            "http://",
            "http://me:secret@",
            "ftp://secret",
            "http://secret host",
        ] {
            let error = of(&[("HTTPS_PROXY", value)]).expect_err(value).to_string();
            assert!(error.starts_with("HTTPS_PROXY is not the URL of a proxy"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        for value in ["", "  "] {
            assert_eq!(
                of(&[("HTTPS_PROXY", value), ("ALL_PROXY", "socks5://x:1")]),
                Ok(Proxies::default())
            );
        }
        let cgi = of(&[("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")]);
        assert_eq!(cgi, Ok(Proxies::default()));
    }

    #[test]
    fn a_bundle_that_cannot_be_used_is_said_and_no_panic() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        let wrong = |text: &str| {
            std::fs::write(&path, text).expect("written");
            trusted(path.to_str().expect("a path")).expect_err(text).to_string()
        };
        let torn = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAA", torn] {
            assert!(
                wrong(text).starts_with("Could not use the certificates in "),
                "{}",
                wrong(text)
            );
        }
        assert!(trusted("/nowhere/ca.pem").is_err());
    }
}
