//! What need not be asked of a large account, and how that is known.
//!
//! AWS answers 15 of Lambda's control calls a second, deployments included, and 5 `DescribeSubscriptionFilters`. So where an
//! account has many functions its aliases, function URLs and subscriptions are asked about only where something names one: a
//! link, a policy, or the listing of metrics, which shows what was used within two weeks. The dashboard asks about the others
//! in turns, a few a survey; a small account is asked about everything.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::{Survey, part};
use crate::aws::functions::FunctionSeen;
use crate::aws::{api, policy};
use crate::domain::{EdgeKind, Evidence, NodeId};

/// Up to so many functions everything is asked: that takes half a minute.
pub(super) const SMALL: usize = 100;
/// Of what nothing names, so many are asked in each later survey.
const AT_ONCE: usize = 25;

/// What the listing of metrics shows to have been used, and what policies name.
#[derive(Clone, Debug, Default)]
pub(super) struct InUse {
    /// Whether only what is named is asked about.
    prunes: bool,
    /// `function:qualifier`, as it was invoked.
    invoked: BTreeSet<String>,
    /// Functions whose URL had a request.
    urls: BTreeSet<String>,
    /// Log groups of which events went to a subscription.
    forwarded: BTreeSet<String>,
    /// Functions whose policy is about a function URL.
    url_policies: BTreeSet<NodeId>,
    /// Whether a policy admits log groups that it does not name one by one.
    any_group: bool,
}

/// Whether it is a thing's turn in a round, of so many things of which so many are asked in each.
pub(super) fn is_turn(of: &str, round: u32, all: usize, at_once: usize) -> bool {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    let period = u64::try_from(all.div_ceil(at_once.max(1)).max(1)).unwrap_or(u64::MAX);
    hasher.finish() % period == u64::from(round) % period
}

impl Survey<'_> {
    /// Lists what was used of late, where the account is so large that not everything is asked. Where that cannot be had,
    /// everything is.
    pub(super) async fn find_what_is_used(&self, functions: usize) {
        // Other endpoints have no metrics for these listings.
        let counts =
            self.session.endpoint().is_none() || self.session.clock().is_some_and(|clock| clock.is_simulated());
        if functions <= SMALL || !counts {
            return;
        }
        self.more(3);
        let list = async |namespace: &str, metric: &str, dimension: &str| {
            let values = self.session.dimension_values(namespace, metric, dimension).await;
            self.done().await;
            values
        };
        let (invoked, urls, forwarded) = tokio::join!(
            list("AWS/Lambda", "Invocations", "Resource"),
            list("AWS/Lambda", "UrlRequestCount", "FunctionName"),
            list("AWS/Logs", "ForwardedLogEvents", "LogGroupName"),
        );
        if let (Ok(invoked), Ok(urls), Ok(forwarded)) = (invoked, urls, forwarded) {
            let mut state = self.state();
            let in_use = &mut state.in_use;
            (in_use.prunes, in_use.invoked, in_use.urls, in_use.forwarded) = (true, invoked, urls, forwarded);
        }
    }

    /// Notes what a function's policy says of URLs and log groups.
    pub(super) fn note_policy(&self, function: &NodeId, document: &str) {
        let mut state = self.state();
        if policy::is_about_urls(document) {
            state.in_use.url_policies.insert(function.clone());
        }
        state.in_use.any_group |= policy::admits_any_log_group(document);
    }

    /// The functions whose URLs are asked about.
    pub(super) fn with_urls(&self, functions: &[Arc<FunctionSeen>]) -> Vec<Arc<FunctionSeen>> {
        let state = self.state();
        let in_use = &state.in_use;
        let had_one = |id: &NodeId| self.before.led_on(&part(&api::LIST_URLS, id.as_str()));
        self.chosen(functions, in_use, |function| {
            in_use.urls.contains(&function.name) || in_use.url_policies.contains(&function.id) || had_one(&function.id)
        })
    }

    /// The functions whose aliases are asked about.
    pub(super) fn with_aliases(&self, functions: &[Arc<FunctionSeen>]) -> Vec<Arc<FunctionSeen>> {
        let state = self.state();
        let in_use = &state.in_use;
        let is_alias = |qualifier: &str| !qualifier.bytes().all(|b| b.is_ascii_digit()) && qualifier != "$LATEST";
        let invoked = in_use.invoked.iter().filter_map(|resource| resource.split_once(':'));
        let invoked: HashSet<&str> = invoked
            .filter(|(_, alias)| is_alias(alias))
            .map(|(name, _)| name)
            .collect();
        let edges = state.memory.iter().flat_map(|part| &part.edges);
        let solid = edges.filter(|edge| matches!(edge.evidence, Evidence::Configured | Evidence::Permitted));
        // A trigger names the qualifier of what it starts, all else that of what has it.
        let named: HashSet<&NodeId> = solid
            .filter(|edge| edge.key.qualifier.as_deref().is_some_and(is_alias))
            .map(|edge| match edge.key.kind {
                EdgeKind::Trigger => &edge.key.to,
                _ => &edge.key.from,
            })
            .collect();
        let aliased = self.before.aliased();
        self.chosen(functions, in_use, |function| {
            named.contains(&function.id) || invoked.contains(function.name.as_str()) || aliased.contains(&function.id)
        })
    }

    /// The groups of these that are asked about.
    pub(super) fn with_subscriptions(&self, groups: BTreeSet<String>) -> BTreeSet<String> {
        let state = self.state();
        let in_use = &state.in_use;
        if !in_use.prunes || in_use.any_group {
            return groups;
        }
        let all = groups.len();
        let led_on = |group: &String| {
            let id = self.group(group);
            self.before
                .led_on(&part(&api::DESCRIBE_SUBSCRIPTION_FILTERS, id.as_str()))
        };
        let named =
            |group: &String| in_use.forwarded.contains(group) || state.log_groups.contains(group) || led_on(group);
        let is_turn = |group: &String| self.round > 0 && is_turn(group, self.round, all, AT_ONCE);
        groups
            .into_iter()
            .filter(|group| named(group) || is_turn(group))
            .collect()
    }

    fn chosen(
        &self,
        functions: &[Arc<FunctionSeen>],
        in_use: &InUse,
        is_named: impl Fn(&FunctionSeen) -> bool,
    ) -> Vec<Arc<FunctionSeen>> {
        let all = functions.len();
        let is_turn =
            |function: &FunctionSeen| self.round > 0 && is_turn(function.id.as_str(), self.round, all, AT_ONCE);
        let chosen = functions
            .iter()
            .filter(|function| !in_use.prunes || is_named(function) || is_turn(function));
        chosen.cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_its_turn_and_no_round_has_many() {
        let names: Vec<String> = (0..1_000).map(|n| format!("f{n}")).collect();
        let mut asked = BTreeSet::new();
        for round in 0..40 {
            let turn: Vec<&String> = names.iter().filter(|name| is_turn(name, round, 1_000, 25)).collect();
            assert!(turn.len() < 60, "{}", turn.len());
            asked.extend(turn);
        }
        assert_eq!(asked.len(), 1_000);
        assert!(
            names.iter().take(25).all(|name| is_turn(name, 7, 25, 25)),
            "few are asked every time"
        );
    }
}
