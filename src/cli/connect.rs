//! Opens the connection that options and configuration ask for.

use super::failure::Failure;
use super::{Globals, console};
use crate::aws::{ConnectError, Options, Session};
use crate::config::{Config, tag_parts};
use crate::pollers::ScopeFilter;

/// Connects to AWS.
pub(super) async fn session(globals: &Globals, config: &Config) -> Result<Session, Failure> {
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
        // A simulated account has its own time; any other account leaves the clock as it is.
        clock: Some(crate::domain::Clock::told()),
        announce: Some(|whom| console::progress(format_args!("connecting to {whom} …"))),
        ..Options::default()
    };
    let connected = Session::connect(options).await;
    console::clear();
    connected.map_err(|error| match error {
        ConnectError::NoProfile(name) if globals.profile.is_none() && config.profile() == Some(name.as_str()) => {
            let why = format!("profile {name:?} is not in the AWS configuration");
            Failure::no_connection(config.wrong_profile(&why))
        }
        error => Failure::no_connection(error),
    })
}

/// The configuration's value, unless the environment sets one: that is for the SDK to read.
fn fallback(variables: &[&str], choice: Option<&str>) -> Option<String> {
    let is_set = |variable: &&str| std::env::var_os(variable).is_some();
    choice.filter(|_| !variables.iter().any(is_set)).map(str::to_owned)
}

/// The scope in words; empty for the whole account.
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

/// The part of the account to show.
pub(super) async fn filter(globals: &Globals, config: &Config, session: &Session) -> Result<ScopeFilter, Failure> {
    let filter = only_pattern(&only(globals, config))?;
    let stack = globals.stack.as_deref().or(config.scope.stack());
    let tag = tag(globals, config).map(tag_parts).transpose();
    let tag = tag.map_err(|why| Failure::usage(format_args!("{why}.")))?;
    filter.narrow(session, stack, tag).await.map_err(|error| {
        Failure::no_connection(format_args!(
            "Could not list the resources of this stack or tag: {error}."
        ))
    })
}

/// Only the names that match one of these patterns.
pub(super) fn only_pattern(only: &[String]) -> Result<ScopeFilter, Failure> {
    ScopeFilter::only(only).map_err(|error| {
        Failure::usage(format_args!(
            "Invalid --only pattern ({error}): use a pattern such as 'orders-*'."
        ))
    })
}
