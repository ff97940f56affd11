//! From flags and configuration to an open connection.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use super::{Globals, NO_CONNECTION, USAGE, refuse};
use crate::aws::{ConnectError, Options, Session};
use crate::config::{Config, tag_parts};
use crate::pollers::ScopeFilter;

/// The connection that was asked for, or the exit code after its error was said.
pub(super) async fn session(globals: &Globals, config: &Config) -> Result<Session, ExitCode> {
    let options = Options {
        profile: globals
            .profile
            .clone()
            .or_else(|| fallback(&["AWS_PROFILE", "AWS_ACCESS_KEY_ID"], config.profile())),
        region: globals
            .region
            .clone()
            .or_else(|| fallback(&["AWS_REGION"], config.region())),
        endpoint_url: globals.endpoint_url.clone(),
        // A simulated account tells its own time; any other account leaves the clock as it is.
        clock: Some(crate::domain::Clock::told()),
        announce: std::io::stderr().is_terminal().then_some(announce as fn(&str)),
        ..Options::default()
    };
    let connected = Session::connect(options).await;
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
    connected.map_err(|error| {
        let why = match error {
            ConnectError::NoProfile(name) if globals.profile.is_none() && config.profile() == Some(name.as_str()) => {
                config
                    .wrong_profile(&format!("profile {name:?} is not in the AWS configuration"))
                    .to_string()
            }
            error => error.to_string(),
        };
        refuse(NO_CONNECTION, &why)
    })
}

/// One line that goes away when there is an answer: until then somebody looks at nothing else.
fn announce(whom: &str) {
    eprint!("\r\x1b[Kconnecting to {whom} …");
}

/// The configuration's choice, unless the environment has one: that is for the SDK to read.
fn fallback(variables: &[&str], choice: Option<&str>) -> Option<String> {
    let is_set = |variable: &&str| std::env::var_os(variable).is_some();
    choice.filter(|_| !variables.iter().any(is_set)).map(str::to_owned)
}

/// The scope that was asked for, in words: nothing where that is the whole account.
pub(super) fn scope_words(globals: &Globals, config: &Config) -> Vec<String> {
    let stack = globals.stack.as_deref().or(config.scope.stack());
    let tag = tag(globals, config);
    let only = only(globals, config);
    let stack = stack.map(|stack| format!("stack {stack}"));
    let tag = tag.map(|tag| format!("tag {tag}"));
    let only = only.iter().map(|only| format!("only {only}"));
    stack.into_iter().chain(tag).chain(only).collect()
}

fn tag<'a>(globals: &'a Globals, config: &'a Config) -> Option<&'a str> {
    globals.tag.as_deref().or_else(|| config.scope.tag())
}

fn only(globals: &Globals, config: &Config) -> Vec<String> {
    if globals.only.is_empty() {
        config.scope.only()
    } else {
        globals.only.clone()
    }
}

/// The part of the account that was asked for.
pub(super) async fn filter(globals: &Globals, config: &Config, session: &Session) -> Result<ScopeFilter, ExitCode> {
    let filter = ScopeFilter::only(&only(globals, config)).map_err(|error| {
        refuse(
            USAGE,
            &format!("--only is no pattern that can be used ({error}): try 'orders-*'."),
        )
    })?;
    let stack = globals.stack.as_deref().or(config.scope.stack());
    let tag = match tag(globals, config).map(tag_parts).transpose() {
        Ok(tag) => tag,
        Err(why) => return Err(refuse(USAGE, &format!("{why}."))),
    };
    filter.narrow(session, stack, tag).await.map_err(|error| {
        refuse(
            NO_CONNECTION,
            &format!("The resources of that stack or tag could not be listed ({error})."),
        )
    })
}
