//! Whether there are credentials, and what to do where there are none.

use std::time::Duration;

use aws_config::SdkConfig;

use super::{ConnectError, Options, trim};
use crate::aws::error::root_cause;
use crate::domain::text::shell;

/// Longest wait for a `credential_process` or a sign-in at the start: a code may have to be typed. A helper that hangs is
/// then reported.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_mins(1);

/// Loads credentials, so that missing ones are reported with what to do.
pub(super) async fn prove_credentials(config: &SdkConfig, options: &Options) -> Result<(), ConnectError> {
    use aws_sdk_sts::config::ProvideCredentials;
    let Some(provider) = config.credentials_provider() else {
        return Err(ConnectError::NoCredentials {
            why: "none is configured".into(),
            advice: first_advice(options),
        });
    };
    let asked = tokio::time::timeout(CREDENTIALS_TIMEOUT, provider.provide_credentials());
    let Ok(answer) = asked.await else {
        return Err(ConnectError::NoCredentials {
            why: format!("their provider did not respond for {} s", CREDENTIALS_TIMEOUT.as_secs()),
            advice: match &options.profile {
                Some(profile) => {
                    format!("run the credential_process of profile {profile:?} by hand, or sign in again.")
                }
                None => "run the profile's credential_process by hand, or sign in again.".into(),
            },
        });
    };
    match answer {
        Ok(_) => Ok(()),
        Err(error) => {
            let profile = profile(options).await;
            if let Profile::Missing(name) = profile {
                return Err(ConnectError::NoProfile(name));
            }
            // The SDK's error if no provider failed and none has credentials; its cause lists every place it tried.
            let nobody_has_any = error.to_string().contains("not enabled");
            let why = if nobody_has_any {
                "none were found".to_owned()
            } else {
                short_cause(&error)
            };
            let advice = match profile {
                Profile::Sso(name) => login(name.as_deref()) + ".",
                _ => first_advice(options),
            };
            Err(ConnectError::NoCredentials {
                why: trim(&why),
                advice,
            })
        }
    }
}

fn first_advice(options: &Options) -> String {
    match &options.profile {
        Some(profile) => format!("check profile {profile:?} in ~/.aws, or sign in again."),
        None => {
            "run `aws configure` or `aws sso login`, set AWS_PROFILE, or use --profile. Without an account, run `pitagora \
            demo`.".into()
        }
    }
}

/// What to do when credentials are refused. A profile of IAM Identity Center needs a login and nothing else.
pub(super) async fn renewal_advice(options: &Options) -> String {
    // The keys of the environment go first unless a profile was named.
    let by_keys = options.profile.is_none() && std::env::var_os("AWS_ACCESS_KEY_ID").is_some();
    match profile(options).await {
        Profile::Sso(name) if !by_keys => login(name.as_deref()) + ".",
        _ => {
            let keys = if asked(options).is_some() {
                "of that profile"
            } else {
                ""
            };
            let advice = format!("{}, or renew the keys {keys}", login(asked(options).as_deref()));
            format!("{}.", advice.trim_end())
        }
    }
}

fn login(profile: Option<&str>) -> String {
    match profile.and_then(|name| shell(&[name])) {
        Some(name) => format!("run `aws sso login --profile {name}`"),
        None => "run `aws sso login`".to_owned(),
    }
}

/// What the AWS configuration says of the profile in use.
pub(super) enum Profile {
    /// It was asked for by name, and is in neither file. The SDK itself falls silent on it.
    Missing(String),
    /// It logs in through IAM Identity Center.
    Sso(Option<String>),
    /// Anything else.
    Other,
}

/// What the program reads of the profile itself, since the SDK does not.
#[derive(Clone, Debug, Default)]
pub(super) struct ProfileSettings {
    /// A file of certificates to trust: `AWS_CA_BUNDLE`, or `ca_bundle` of the profile.
    pub ca_bundle: Option<String>,
}

/// Reads them.
pub(super) async fn settings(options: &Options) -> ProfileSettings {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(file) = set("AWS_CA_BUNDLE") {
        return ProfileSettings { ca_bundle: Some(file) };
    }
    let profiles = profiles(asked(options)).await;
    ProfileSettings {
        ca_bundle: profiles.and_then(|profiles| profiles.get("ca_bundle").map(str::to_owned)),
    }
}

fn asked(options: &Options) -> Option<String> {
    let named = options.profile.clone();
    let named = named.or_else(|| std::env::var("AWS_PROFILE").ok());
    named.filter(|name| !name.is_empty())
}

async fn profiles(asked: Option<String>) -> Option<aws_runtime::env_config::section::EnvConfigSections> {
    let files = aws_runtime::env_config::file::EnvConfigFiles::default();
    let (fs, env) = (
        aws_types::os_shim_internal::Fs::real(),
        aws_types::os_shim_internal::Env::real(),
    );
    let loaded = aws_config::profile::load(&fs, &env, &files, asked.map(Into::into)).await;
    loaded.ok()
}

pub(super) async fn profile(options: &Options) -> Profile {
    let asked = asked(options);
    let Some(profiles) = profiles(asked.clone()).await else {
        return Profile::Other;
    };
    if let Some(name) = asked
        .clone()
        .filter(|name| !profiles.profiles().any(|known| known == name))
    {
        return Profile::Missing(name);
    }
    let is_sso = profiles.get("sso_session").is_some() || profiles.get("sso_start_url").is_some();
    if is_sso { Profile::Sso(asked) } else { Profile::Other }
}

/// The innermost cause, its first line: a helper's words may be many.
fn short_cause(error: &(dyn std::error::Error + 'static)) -> String {
    const MOST: usize = 200;
    let why = root_cause(error);
    let line = why
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("no reason was given");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
