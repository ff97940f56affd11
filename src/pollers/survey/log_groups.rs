//! Log groups and the targets of their subscription filters.
//!
//! AWS has no listing of subscriptions: each group needs a call, at a few calls per second. Groups that functions write to
//! and those that policies name are read: new ones at once, the others in turn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Survey, part};
use crate::aws::api;
use crate::aws::functions::FunctionSeen;
use crate::aws::logs::SubscriptionFilter;
use crate::domain::{Edge, EdgeFilter, EdgeKind, EdgePolicy, Evidence, NodeId};
use crate::pollers::unread::Unread;

/// Whose turn it is to be read again.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    round: u32,
    /// In which round each group was last read; 0 where it could not be, so that its turn comes first.
    read: BTreeMap<String, u32>,
}

impl Turns {
    /// Chooses groups to read now: all that never were, and `again` of the others, the longest waiting first. The second
    /// list is of those that wait for a later turn.
    fn choose(&self, wanted: &BTreeSet<String>, again: usize) -> (Vec<String>, Vec<String>) {
        let (known, mut now): (Vec<String>, Vec<String>) =
            wanted.iter().cloned().partition(|group| self.read.contains_key(group));
        let mut known: Vec<(Option<&u32>, String)> =
            known.into_iter().map(|group| (self.read.get(&group), group)).collect();
        known.sort();
        let mut known = known.into_iter().map(|(_, group)| group);
        now.extend(known.by_ref().take(again));
        (now, known.collect())
    }

    /// Notes that a group was asked about in this round.
    fn asked(&mut self, group: &str, was_read: bool) {
        self.read
            .insert(group.to_owned(), if was_read { self.round + 1 } else { 0 });
    }

    /// Ends a survey: forgets groups that no longer exist.
    pub(super) fn end(&mut self, groups: &BTreeSet<String>) {
        self.read.retain(|group, _| groups.contains(group));
        self.round = self.round.wrapping_add(1);
    }
}

impl Survey<'_> {
    /// Subscription filters of the groups that these functions write to.
    pub(super) async fn own_log_groups(&self, functions: &[Arc<FunctionSeen>]) {
        let groups = functions.iter().map(|function| function.detail.logging.group.clone());
        let groups = groups.filter(|group| !group.is_empty()).collect();
        self.groups(self.with_subscriptions(groups)).await;
    }

    /// Subscription filters of the groups that policies name.
    pub(super) async fn named_log_groups(&self) {
        let groups = self.state().log_groups.clone();
        self.groups(groups).await;
    }

    async fn groups(&self, mut wanted: BTreeSet<String>) {
        let (now, later) = {
            let mut state = self.state();
            wanted.retain(|group| state.asked.log_groups.insert(group.clone()));
            state.turns.choose(&wanted, self.groups_again)
        };
        // What an earlier survey said of them stays.
        for group in later {
            self.carry_on(&part(&api::DESCRIBE_SUBSCRIPTION_FILTERS, self.group(&group).as_str()));
        }
        self.each(now, |group| async move { self.log_group(&group).await })
            .await;
    }

    pub(super) fn group(&self, name: &str) -> NodeId {
        NodeId::from(self.scope().arn("logs", &format!("log-group:{name}")))
    }

    pub(super) async fn log_group(&self, group: &str) {
        let id = self.group(group);
        let part = part(&api::DESCRIBE_SUBSCRIPTION_FILTERS, id.as_str());
        let answer = self.session.subscription_filters(group).await;
        self.state().turns.asked(group, answer.is_ok());
        match answer {
            Ok(filters) => {
                let mut edges: Vec<Edge> = Vec::new();
                for edge in filters.into_iter().filter_map(|filter| edge(&id, filter)) {
                    match edges.iter_mut().find(|known| known.key == edge.key) {
                        Some(known) => known.merge(&edge),
                        None => edges.push(edge),
                    }
                }
                self.found(part, Vec::new(), edges).await;
            }
            Err(error) => {
                let what = Unread::SubscriptionFilters {
                    group: group.to_owned(),
                };
                self.unread(part, what, &error).await;
            }
        }
    }
}

fn edge(group: &NodeId, filter: SubscriptionFilter) -> Option<Edge> {
    let (to, qualifier) = super::node_of(&filter.target)?;
    let policy = EdgePolicy {
        id: Some(filter.name),
        filter: EdgeFilter {
            patterns: Some(filter.pattern)
                .filter(|text| !text.is_empty())
                .into_iter()
                .collect(),
            ..EdgeFilter::default()
        },
        role: filter.role.filter(|role| !role.is_empty()),
        ..EdgePolicy::retried_by("logs")
    };
    let edge = Edge::new(group.clone(), to, EdgeKind::Trigger, Evidence::Configured);
    Some(edge.qualified(qualifier).with(policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> BTreeSet<String> {
        (0..count).map(|n| format!("/aws/lambda/f{n:02}")).collect()
    }

    /// One survey: how many were read, and how many of the groups wait.
    fn survey(turns: &mut Turns, wanted: &BTreeSet<String>, again: usize) -> (Vec<String>, usize) {
        let (now, later) = turns.choose(wanted, again);
        for group in &now {
            turns.asked(group, true);
        }
        turns.end(wanted);
        (now, later.len())
    }

    #[test]
    fn what_is_new_is_read_at_once_and_the_rest_in_turns() {
        let mut turns = Turns::default();
        assert_eq!(survey(&mut turns, &names(50), 20).0.len(), 50);
        let mut read = BTreeSet::new();
        for waiting in [30, 30, 30] {
            let (now, later) = survey(&mut turns, &names(50), 20);
            assert_eq!((now.len(), later), (20, waiting));
            read.extend(now);
        }
        assert_eq!(read, names(50), "each had its turn");
        let (now, _) = survey(&mut turns, &names(53), 0);
        assert_eq!(now, ["/aws/lambda/f50", "/aws/lambda/f51", "/aws/lambda/f52"]);
    }

    #[test]
    fn what_could_not_be_read_has_the_next_turn_and_what_is_gone_is_forgotten() {
        let mut turns = Turns::default();
        survey(&mut turns, &names(10), 1);
        turns.asked("/aws/lambda/f07", false);
        assert_eq!(survey(&mut turns, &names(10), 1).0, ["/aws/lambda/f07"]);
        survey(&mut turns, &names(3), 0);
        assert_eq!(survey(&mut turns, &names(4), 0).0, ["/aws/lambda/f03"]);
    }

    #[test]
    fn a_subscription_tells_its_role_and_alias() {
        let group = NodeId::from("arn:aws:logs:r:1:log-group:/aws/lambda/f");
        let filter = |target: &str, role: Option<&str>| SubscriptionFilter {
            name: "all".into(),
            pattern: String::new(),
            target: target.into(),
            role: role.map(str::to_owned),
        };
        let to = edge(&group, filter("arn:aws:lambda:r:1:function:ship:live", None)).expect("an edge");
        assert_eq!(to.key.to, "arn:aws:lambda:r:1:function:ship".into());
        assert_eq!(to.key.qualifier.as_deref(), Some("live"));
        assert_eq!(to.policies[0].role, None);
        assert!(to.policies[0].filter.patterns.is_empty());
        let role = "arn:aws:iam::1:role/logs-to-stream";
        let stream = edge(&group, filter("arn:aws:kinesis:r:1:stream/all", Some(role))).expect("an edge");
        assert_eq!(stream.policies[0].role.as_deref(), Some(role));
    }
}
