//! What is configured for each function: policy, asynchronous invocation, state; and of those that need it, URLs and aliases.

use std::sync::Arc;

use super::existence::Listing;
use super::lambda::partial;
use super::{Survey, part};
use crate::aws::functions::{FunctionSeen, InvokeConfig};
use crate::aws::{Error, api};
use crate::domain::{Edge, EdgeKind, EdgePolicy, Evidence, Function, Missing, Qualified, RetryPolicy};
use crate::pollers::unread::Unread;

impl Survey<'_> {
    /// Policies, asynchronous configuration and state of each function. Each has a budget of its own or nearly so: all three
    /// go on beside each other.
    pub(super) async fn configurations(&self, functions: &[Arc<FunctionSeen>]) {
        tokio::join!(
            self.sweep(functions),
            self.each_function(functions, |function| async move { self.policy(&function, None).await }),
            self.each_function(
                functions,
                |function| async move { self.invoke_configs(&function).await }
            ),
            self.each_function(
                functions,
                |function| async move { self.function_state(&function).await }
            ),
        );
    }

    pub(super) async fn invoke_configs(&self, function: &FunctionSeen) {
        let part = part(&api::LIST_INVOKE_CONFIGS, function.id.as_str());
        if self.carried_of(function, &part).is_some() {
            return;
        }
        match self.session.invoke_configs(&function.name).await {
            Ok(configs) => self.tell_invoke_configs(function, configs).await,
            Err(error) => {
                let what = Unread::InvokeConfigs {
                    function: function.name.clone(),
                };
                self.unread(part, what, &error).await;
            }
        }
    }

    pub(super) async fn function_state(&self, function: &FunctionSeen) {
        let part = part(&api::GET_FUNCTION, function.id.as_str());
        if self.carried_of(function, &part).is_some() {
            return;
        }
        match self.session.function_state(&function.name).await {
            Ok(detail) => {
                let nodes = detail.into_iter().map(|detail| partial(function, detail));
                self.found(part, nodes.collect(), Vec::new()).await;
            }
            Err(error) => {
                let what = Unread::FunctionState {
                    function: function.name.clone(),
                };
                self.unread(part, what, &error).await;
            }
        }
    }

    /// The URLs of the functions that may have one.
    pub(super) async fn urls(&self, functions: &[Arc<FunctionSeen>]) {
        let asked = self.with_urls(functions);
        self.each(asked, |function| async move { self.function_urls(&function).await })
            .await;
    }

    async fn function_urls(&self, function: &FunctionSeen) {
        let part = part(&api::LIST_URLS, function.id.as_str());
        if self.carried_of(function, &part).is_some() {
            return;
        }
        match self.session.function_urls(&function.name).await {
            Ok(urls) => {
                let edges = urls.into_iter().map(|(url, alias)| {
                    let policy = EdgePolicy::retried_by("caller");
                    Edge::new(url.into(), function.id.clone(), EdgeKind::Trigger, Evidence::Configured)
                        .qualified(alias)
                        .with(policy)
                });
                self.found(part, Vec::new(), edges.collect()).await;
            }
            Err(error) => {
                let what = Unread::Urls {
                    function: function.name.clone(),
                };
                self.unread(part, what, &error).await;
            }
        }
    }

    /// The aliases of the functions of which something names one. An alias has a policy of its own, and leads to a version.
    pub(super) async fn aliases(&self, functions: &[Arc<FunctionSeen>]) {
        let asked = self.with_aliases(functions);
        self.each(asked, |function| async move { self.aliases_of(&function).await })
            .await;
    }

    async fn aliases_of(&self, function: &FunctionSeen) {
        let aliases = match self.session.aliases(&function.name).await {
            Ok(aliases) => {
                let all = aliases.iter().map(|(alias, _)| alias.clone());
                self.state()
                    .existence
                    .listed(Listing::Aliases(function.id.clone()), all);
                aliases
            }
            Err(error) => {
                let what = Unread::Aliases {
                    function: function.name.clone(),
                };
                let part = part(&api::LIST_ALIASES, function.id.as_str());
                return self.unread(part, what, &error).await;
            }
        };
        self.more(aliases.len() * 2);
        for (alias, version) in aliases {
            self.policy(function, Some(&alias)).await;
            self.done().await;
            self.behind(function, &alias, version).await;
            self.done().await;
        }
    }

    /// The version behind an alias, and where it leaves what failed.
    pub(super) async fn behind(&self, function: &FunctionSeen, alias: &str, version: Option<String>) {
        let part = part(&api::GET_FUNCTION, format!("{}:{alias}", function.id));
        match self.session.dead_letter_behind(&function.name, alias).await {
            Ok(target) => {
                let detail = Function {
                    qualified: vec![Qualified {
                        name: alias.to_owned(),
                        version,
                        dead_letter_read: true,
                        ..Qualified::default()
                    }],
                    ..Function::default()
                };
                let edge = target.as_deref().and_then(super::node_of).map(|(to, _)| {
                    let policy = EdgePolicy::retried_by("lambda");
                    Edge::new(function.id.clone(), to, EdgeKind::DeadLetter, Evidence::Configured)
                        .qualified(Some(alias.to_owned()))
                        .with(policy)
                });
                self.found(part, vec![partial(function, detail)], edge.into_iter().collect())
                    .await;
            }
            Err(Error::NotFound) => self.state().existence.not_found(Missing {
                id: function.id.clone(),
                qualifier: Some(alias.to_owned()),
            }),
            Err(error) => {
                let what = Unread::AliasDlq {
                    function: function.name.clone(),
                    alias: alias.to_owned(),
                };
                self.unread(part, what, &error).await;
            }
        }
    }

    async fn tell_invoke_configs(&self, function: &FunctionSeen, configs: Vec<InvokeConfig>) {
        let mut edges: Vec<Edge> = Vec::new();
        let mut detail = Function::default();
        for config in configs {
            match &config.qualifier {
                None => {
                    detail.asynchronous.retries = config.retries;
                    detail.asynchronous.max_age_s = config.max_age_s;
                }
                Some(name) => detail.qualified.push(Qualified {
                    name: name.clone(),
                    configured: true,
                    retries: config.retries,
                    max_age_s: config.max_age_s,
                    ..Qualified::default()
                }),
            }
            for (condition, target) in [("OnSuccess", &config.on_success), ("OnFailure", &config.on_failure)] {
                let Some((to, _)) = target.as_deref().and_then(super::node_of) else {
                    continue;
                };
                let policy = EdgePolicy {
                    condition: Some(condition.into()),
                    retries: RetryPolicy {
                        max: config.retries.map(i64::from),
                        max_age_s: config.max_age_s.map(i64::from),
                        by: Some("lambda".into()),
                        ..RetryPolicy::default()
                    },
                    ..EdgePolicy::default()
                };
                let edge = Edge::new(function.id.clone(), to, EdgeKind::Destination, Evidence::Configured)
                    .qualified(config.qualifier.clone())
                    .with(policy);
                match edges.iter_mut().find(|known| known.key == edge.key) {
                    Some(known) => known.merge(&edge),
                    None => edges.push(edge),
                }
            }
        }
        let part = part(&api::LIST_INVOKE_CONFIGS, function.id.as_str());
        self.found(part, vec![partial(function, detail)], edges).await;
    }
}
