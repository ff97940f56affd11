//! Opens the connection that options and configuration ask for.

use super::chosen::{self, environment};
use super::failure::Failure;
use super::{Globals, console};
use crate::aws::{ConnectError, Options, Session};
use crate::config::wrong::Wrong;
use crate::config::{Config, tag_parts};
use crate::pollers::ScopeFilter;

/// Connects to AWS.
pub(super) async fn session(globals: &Globals, config: &Config) -> Result<Session, Failure> {
    let options = Options {
        profile: chosen::profile(globals, config, &environment).for_sdk(),
        region: chosen::region(globals, config, &environment).for_sdk(),
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
            Failure::no_connection(config.wrong_profile(Wrong::Profile { name }))
        }
        error => Failure::no_connection(error),
    })
}

/// The scope in words; empty for the whole account.
pub(super) fn scope_words(globals: &Globals, config: &Config) -> Vec<String> {
    let stack = chosen::stack(globals, config).value;
    let tag = chosen::tag(globals, config).value;
    let only = chosen::only(globals, config).value;
    let stack = stack.map(|stack| format!("stack {stack}"));
    let tag = tag.map(|tag| format!("tag {tag}"));
    let only = only.iter().map(|only| format!("only {only}"));
    stack.into_iter().chain(tag).chain(only).collect()
}

/// The part of the account to show.
pub(super) async fn filter(globals: &Globals, config: &Config, session: &Session) -> Result<ScopeFilter, Failure> {
    let filter = only_pattern(&chosen::only(globals, config).value)?;
    let stack = chosen::stack(globals, config).value;
    let tag = chosen::tag(globals, config).value;
    let tag = tag.as_deref().map(tag_parts).transpose();
    let tag = tag.map_err(|why| Failure::usage(format_args!("{why}.")))?;
    filter.narrow(session, stack.as_deref(), tag).await.map_err(|error| {
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
