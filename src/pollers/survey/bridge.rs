//! From buckets to rules, by way of the default event bus.
//!
//! AWS (delivery): with `EventBridgeConfiguration` a bucket sends every event to the default bus of its account and region, and
//! each rule there takes what its pattern matches. The bus itself is no box: everything passes it. Only where a function
//! of the chain writes to it it is one, and leads to the rules that may take what comes from there.

use std::collections::BTreeSet;

use super::pattern::{Sender, Sent, may_match, may_match_sent, narrowed};
use super::{Survey, node_of};
use crate::aws::events::Rule;
use crate::domain::{Arn, Edge, EdgeFilter, EdgeKind, EdgePolicy, Evidence, NodeId, Part};

/// Stands for an API where rules are held against buckets.
const BRIDGE: &str = "default bus";

/// What is known of the way from buckets to rules.
#[derive(Default)]
pub(super) struct Bridge {
    /// The buckets that send to the default bus. Most surveys read no bucket, and go on with those of the last one that
    /// did.
    pub buckets: BTreeSet<String>,
    /// The default bus's rules that have a pattern.
    pub rules: Vec<Rule>,
}

impl Survey<'_> {
    /// Keeps the rules of the default bus that have a pattern.
    pub(super) fn note_rules(&self, bus: &str, rules: &[Rule]) {
        let is_default = bus == "default" || Arn::parse(bus).is_some_and(|arn| arn.is_default_bus());
        if is_default {
            let listening = rules.iter().filter(|rule| rule.pattern.is_some()).cloned();
            self.state().bridge.rules.extend(listening);
        }
    }

    /// The rules of a bus could not be listed: what was found earlier stays.
    pub(super) fn keep_bridge(&self) {
        self.state().unread.insert(BRIDGE.to_owned());
    }

    /// What a bucket's configuration says of the default bus.
    pub(super) fn note_bucket(&self, bucket: &str, sends: bool) {
        let mut state = self.state();
        if sends {
            state.bridge.buckets.insert(bucket.to_owned());
        } else {
            state.bridge.buckets.remove(bucket);
        }
    }

    /// Says which rules the buckets lead to.
    pub(super) async fn through_bus(&self) {
        // Not all rules are known: what an earlier survey found stays.
        if self.state().unread.contains(BRIDGE) {
            return;
        }
        let found: Vec<(NodeId, Vec<Edge>)> = {
            let state = self.state();
            let scope = self.scope();
            let edges = |bucket: &String| {
                let id = NodeId::from(format!("arn:{}:s3:::{bucket}", scope.partition));
                let sender = Sender {
                    bucket,
                    account: &scope.account,
                    region: &scope.region,
                    partition: &scope.partition,
                };
                let rules = state.bridge.rules.iter();
                let edges = rules.filter_map(|rule| edge(&id, rule, sender)).collect();
                (id, edges)
            };
            state.bridge.buckets.iter().map(edges).collect()
        };
        for (bucket, edges) in found {
            let nodes = {
                // What is out of scope was listed all the same, and is known in full.
                let state = self.state();
                let ends: BTreeSet<&NodeId> = edges.iter().flat_map(|edge| [&edge.key.from, &edge.key.to]).collect();
                ends.iter()
                    .filter_map(|id| state.guessing.left_out.get(*id).cloned())
                    .collect()
            };
            self.found(Part::new(BRIDGE, bucket.as_str()), nodes, edges).await;
        }
    }
}

impl Survey<'_> {
    /// Says which rules the default bus leads to, where functions are known to write to it.
    pub(super) async fn rules_of_default_bus(&self) {
        if self.state().unread.contains(BRIDGE) {
            return;
        }
        let scope = self.scope();
        let bus = NodeId::from(format!(
            "arn:{}:events:{}:{}:event-bus/default",
            scope.partition, scope.region, scope.account
        ));
        let edges: Vec<Edge> = {
            let state = self.state();
            let into = state.memory.iter().flat_map(|part| &part.edges);
            let sent: Vec<Sent> = into.filter(|edge| edge.key.to == bus).flat_map(sent).collect();
            let rules = state.bridge.rules.iter();
            let taking = rules.filter(|rule| {
                let pattern = rule.pattern.as_deref().unwrap_or_default();
                let takes = |sent: &Sent| may_match_sent(pattern, *sent, &scope.account, &scope.region);
                sent.iter().any(takes)
            });
            let edge = |rule: &Rule| {
                let (id, _) = node_of(&rule.arn)?;
                let edge = Edge::new(bus.clone(), id, EdgeKind::Trigger, Evidence::Configured);
                Some(edge.enabled(rule.enabled))
            };
            taking.filter_map(edge).collect()
        };
        if !edges.is_empty() {
            self.found(Part::new(BRIDGE, bus.as_str()), Vec::new(), edges).await;
        }
    }
}

/// What an edge to the bus brings there.
fn sent(edge: &Edge) -> Vec<Sent> {
    let is_function = Arn::parse(edge.key.from.as_str()).is_some_and(|arn| arn.service == "lambda");
    match edge.key.kind {
        EdgeKind::Writes => vec![Sent::Own],
        EdgeKind::Destination if is_function => {
            let conditions = edge.policies.iter().filter_map(|policy| policy.condition.as_deref());
            conditions
                .map(|condition| Sent::Result {
                    success: condition == "OnSuccess",
                })
                .collect()
        }
        // Rules, schedules and pipes that send on bring whatever event they took.
        _ => Vec::new(),
    }
}

fn edge(bucket: &NodeId, rule: &Rule, sender: Sender<'_>) -> Option<Edge> {
    let pattern = rule.pattern.as_deref()?;
    if !may_match(pattern, sender) {
        return None;
    }
    let (rule_id, _) = node_of(&rule.arn)?;
    let (events, filters) = narrowed(pattern);
    let policy = EdgePolicy {
        filter: EdgeFilter {
            patterns: filters,
            events,
            ..EdgeFilter::default()
        },
        ..EdgePolicy::default()
    };
    let edge = Edge::new(bucket.clone(), rule_id, EdgeKind::Trigger, Evidence::Configured);
    Some(edge.via("default bus").enabled(rule.enabled).with(policy))
}
