//! A connection to one account and region: the standard chain of the SDK, one HTTP client, one set of service clients.

mod clients;
mod credentials;
mod network;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

pub use clients::CLOCK_HEADER;
use clients::clients;
pub(super) use clients::{Clients, endpoint};
use credentials::{Profile, profile, prove_credentials, renewal_advice, settings};
pub(super) use network::refused_by_proxy;

use super::caller::Caller;
use super::limits::Limits;
use super::meter::Meter;
use super::{Error, api};
use crate::domain::{Clock, Scope};

/// What the user chose; what is left out comes from the SDK's standard chain.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--profile`: whose credentials are used, whatever the environment holds.
    pub profile: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--endpoint-url`.
    pub endpoint_url: Option<String>,
    /// An HTTP client in place of the network: the simulated account in process.
    pub http_client: Option<SharedHttpClient>,
    /// The clock that a simulated account sets.
    pub clock: Option<Clock>,
    /// The account is simulated and in process: fixed keys, which it accepts, and larger budgets.
    pub simulated: bool,
    /// Budgets so many times as large as an account's that others use: for one in process whose time is not the wall's.
    pub budgets: Option<u32>,
    /// The longest wait for one answer; 10 s when not given.
    pub timeout: Option<Duration>,
    /// Told whom it asks before it asks: an answer may take its time.
    pub announce: Option<fn(&str)>,
}

/// Why no connection could be made. Each is one sentence with what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No region anywhere.
    #[error("No region: use --region, or set AWS_REGION or `region` in the profile.")]
    NoRegion,
    /// What was given is no region.
    #[error(
        "Invalid region {0:?}: use --region with a name such as eu-west-1, or correct AWS_REGION or `region` in the \
        profile."
    )]
    BadRegion(String),
    /// The profile does not exist.
    #[error(
        "No profile {0:?} in the AWS configuration: check --profile or AWS_PROFILE, or run `aws configure list-profiles`."
    )]
    NoProfile(String),
    /// No credentials anywhere, or the way to them failed.
    #[error("No AWS credentials ({why}): {advice}")]
    NoCredentials {
        /// What the chain says.
        why: String,
        /// What to do.
        advice: String,
    },
    /// Credentials that AWS refuses.
    #[error("AWS rejected the credentials ({code}): {advice}")]
    Refused {
        /// AWS's code.
        code: String,
        /// What to do.
        advice: String,
    },
    /// No answer.
    #[error("Could not connect to {to} ({why}): check the network, --region and --endpoint-url.")]
    Unreachable {
        /// Whom.
        to: String,
        /// Why.
        why: String,
    },
    /// The environment names a proxy that is none. Its value is not shown: it may hold a password.
    #[error(
        "{variable} is not the URL of a proxy: set it to one such as http://proxy.example.com:3128, with http or https, or \
        unset it."
    )]
    BadProxy {
        /// Which variable.
        variable: &'static str,
    },
    /// The certificates that are to be trusted cannot be used.
    #[error("Could not use the certificates in {path} ({why}): check AWS_CA_BUNDLE, or `ca_bundle` in the profile.")]
    BadBundle {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// Encryption cannot be set up.
    #[error("Could not set up TLS ({why}).")]
    Tls {
        /// Why.
        why: String,
    },
    /// Whoever answers shows a certificate that nobody here trusts.
    #[error(
        "Could not connect to {to} ({why}): if a proxy of your network opens connections, set AWS_CA_BUNDLE to the file of its \
        certificates."
    )]
    Untrusted {
        /// Whom.
        to: String,
        /// Why.
        why: String,
    },
    /// Somebody answers, but not who one is.
    #[error("{to} answered sts:GetCallerIdentity with {what}: {advice}")]
    Answered {
        /// Who.
        to: String,
        /// With what.
        what: String,
        /// What to do.
        advice: &'static str,
    },
}

/// An open connection. Cheap to clone; clones share clients, budgets and meter.
#[derive(Clone)]
pub struct Session {
    clients: Arc<RwLock<Arc<Clients>>>,
    options: Options,
    /// Where it leads.
    pub scope: Scope,
    /// Who one is there: the ARN of the caller.
    pub identity: String,
    /// Where calls go in place of AWS, by flag, environment or profile.
    endpoint: Option<String>,
    pub(super) caller: Caller,
}

impl Session {
    /// Connects: finds region and credentials, and asks STS who that is.
    pub async fn connect(options: Options) -> Result<Self, ConnectError> {
        let config = load(&options).await?;
        let region = config
            .region()
            .map(ToString::to_string)
            .filter(|region| !region.is_empty());
        let Some(region) = region else {
            return Err(match profile(&options).await {
                Profile::Missing(name) => ConnectError::NoProfile(name),
                _ => ConnectError::NoRegion,
            });
        };
        // It becomes a part of every host's name.
        let is_label = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !region.chars().all(is_label) {
            return Err(ConnectError::BadRegion(
                crate::domain::text::plain(&region).into_owned(),
            ));
        }
        if let Some(announce) = options.announce {
            announce(&whom(&config, &region));
        }
        prove_credentials(&config, &options).await?;
        let clients = clients(&config, &options);
        let limits = match options.budgets {
            Some(times) => Limits::times(times),
            None if options.simulated => Limits::times(10),
            None => Limits::default(),
        };
        let meter = Meter::default();
        let unknown = Scope {
            partition: "aws".into(),
            account: String::new(),
            region: region.clone(),
        };
        let caller = Caller::new(unknown, limits.clone(), meter.clone());
        let answer = caller
            .call(&api::GET_CALLER_IDENTITY, || clients.sts.get_caller_identity().send())
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Err(refused(error, &config, &region, renewal_advice(&options).await)),
        };
        let arn = answer.arn().unwrap_or_default().to_owned();
        let partition = arn
            .split(':')
            .nth(1)
            .filter(|p| !p.is_empty())
            .unwrap_or("aws")
            .to_owned();
        let scope = Scope {
            partition,
            account: answer.account().unwrap_or_default().to_owned(),
            region,
        };
        let endpoint = clients::endpoints(&config);
        let caller = Caller::new(scope.clone(), limits, meter);
        Ok(Self {
            clients: Arc::new(RwLock::new(Arc::new(clients))),
            options,
            scope,
            identity: arn,
            endpoint,
            caller,
        })
    }

    /// Reads configuration and credentials anew: they may have been renewed. Errors mean that they were not.
    pub async fn renew(&self) -> Result<(), Error> {
        let config = load(&self.options).await.map_err(|why| Error::Unreachable {
            action: api::GET_CALLER_IDENTITY.action,
            why: why.to_string(),
            slow: false,
        })?;
        let fresh = clients(&config, &self.options);
        self.caller
            .call(&api::GET_CALLER_IDENTITY, || fresh.sts.get_caller_identity().send())
            .await?;
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(())
    }

    /// Counts of calls so far.
    #[must_use]
    pub fn calls(&self) -> crate::domain::CallCount {
        self.caller.meter().read()
    }

    /// The clock that this connection's answers set, where one was given.
    #[must_use]
    pub fn clock(&self) -> Option<Clock> {
        self.options.clock.clone()
    }

    /// Where the cache of this connection is keyed, beside its scope.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// The profile by which its credentials were found: the one it was given, or that of the environment where no keys
    /// stand beside it, which go first.
    #[must_use]
    pub fn profile(&self) -> Option<String> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let from_env = || set("AWS_PROFILE").filter(|_| set("AWS_ACCESS_KEY_ID").is_none());
        self.options.profile.clone().or_else(from_env)
    }

    /// What to do when credentials are refused.
    pub async fn renewal_advice(&self) -> String {
        renewal_advice(&self.options).await
    }

    pub(super) fn clients(&self) -> Arc<Clients> {
        Arc::clone(&self.clients.read().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn load(options: &Options) -> Result<SdkConfig, ConnectError> {
    let http = match &options.http_client {
        Some(client) => client.clone(),
        None => network::client(settings(options).await.ca_bundle.as_deref())?,
    };
    let timeout = options.timeout.unwrap_or(Duration::from_secs(10));
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(4).min(timeout))
        .operation_attempt_timeout(timeout)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &options.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if options.simulated {
        loader = loader.test_credentials();
    }
    let mut config = loader.load().await;
    if let Some(profile) = options.profile.as_ref().filter(|_| !options.simulated) {
        // In the SDK's chain the keys of the environment go before a profile that was asked for by name.
        let near = ProviderConfig::default()
            .with_region(config.region().cloned())
            .with_http_client(http);
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&near)
            .profile_name(profile)
            .build();
        let provider = SharedCredentialsProvider::new(provider);
        config = config.into_builder().credentials_provider(provider).build();
    }
    // AWS_ENDPOINT_URL that is set to nothing means none; the SDK's clients would panic on it.
    if config.endpoint_url() == Some("") {
        let mut builder = config.into_builder();
        builder.set_endpoint_url(None);
        return Ok(builder.build());
    }
    Ok(config)
}

fn refused(error: Error, config: &SdkConfig, region: &str, advice: String) -> ConnectError {
    match error {
        Error::Unreachable { why, .. } if why.contains("invalid peer certificate") => ConnectError::Untrusted {
            to: whom(config, region),
            why: trim(&why),
        },
        Error::Unreachable { why, .. } => ConnectError::Unreachable {
            to: whom(config, region),
            why: trim(&why),
        },
        Error::Expired { code } => ConnectError::Refused { code, advice },
        Error::Denied { .. } => answered(
            whom(config, region),
            "\"access denied\"",
            // AWS asks for no permission to say who one is.
            "AWS never does that, so check --endpoint-url and any proxy.",
        ),
        Error::Throttled { .. } => answered(whom(config, region), "\"too many calls\"", "retry in a minute."),
        Error::Failed { code, .. } => answered(
            whom(config, region),
            &code,
            "retry in a minute, or check --endpoint-url and any proxy.",
        ),
        Error::NotFound | Error::Unreadable { .. } | Error::Empty { .. } | Error::Endless { .. } => answered(
            whom(config, region),
            "something that is not an AWS response",
            "check --endpoint-url and any proxy.",
        ),
    }
}

fn answered(to: String, what: &str, advice: &'static str) -> ConnectError {
    let what = trim(what);
    ConnectError::Answered { to, what, advice }
}

/// Whom one talks to, as people say it.
fn whom(config: &SdkConfig, region: &str) -> String {
    clients::endpoint(config, "STS").map_or_else(
        || format!("AWS in {region}"),
        |url| crate::domain::text::plain(&url).into_owned(),
    )
}

/// Ends a cause so that it fits inside a sentence.
fn trim(text: &str) -> String {
    crate::domain::text::plain(text.trim().trim_end_matches('.')).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_with_an_error_is_not_called_silent() {
        let config = SdkConfig::builder().endpoint_url("http://proxy:3128").build();
        let action = "sts:GetCallerIdentity";
        let said = |error| refused(error, &config, "eu-west-1", String::new()).to_string();
        let failed = Error::Failed {
            action,
            code: "HTTP 500".into(),
            transient: true,
        };
        for (error, answer) in [
            (Error::Denied { action }, "\"access denied\""),
            (failed, "HTTP 500"),
            (Error::Unreadable { action }, "not an AWS response"),
            (Error::Throttled { action }, "too many calls"),
        ] {
            let text = said(error);
            assert!(text.starts_with("http://proxy:3128 answered "), "{text}");
            assert!(text.contains(answer) && !text.contains("Could not connect"), "{text}");
        }
        let silent = Error::Unreachable {
            action,
            why: "it took too long".into(),
            slow: true,
        };
        assert!(said(silent).starts_with("Could not connect to http://proxy:3128"));
    }
}
