//! How each node is, and what is wrong with it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::arrivals::Arrivals;
use super::coming::Coming;
use super::losses::Losses;
use super::snapshot::{Series, Topology, Trouble, Vitals};
use super::{Store, health};
use crate::domain::{Metric, NodeId, Source, Subject};
use crate::logs::Runs;

impl Store {
    /// Judges each node, and lists what is wrong, worst first.
    pub(super) fn vitals(
        &self,
        topology: &Topology,
        arrivals: &Arrivals,
        invocations: &BTreeMap<NodeId, Arc<Runs>>,
        losses: &Losses,
        coming: &[Coming],
        now: Timestamp,
    ) -> (BTreeMap<NodeId, Vitals>, Vec<Trouble>) {
        let mut all = BTreeMap::new();
        let mut troubles = Vec::new();
        let mut by_node: BTreeMap<&NodeId, BTreeMap<Metric, Series>> = BTreeMap::new();
        for ((subject, metric), series) in self.metrics.iter() {
            if let Subject::Node(id) = subject {
                by_node.entry(id).or_default().insert(*metric, series.clone());
            }
        }
        let neighbours = health::Neighbours::new(topology);
        let metrics = self.access.sources.get(&Source::Metrics);
        let metrics_unread = metrics.is_some_and(|state| state.error.is_some() && state.read_at.is_none());
        let (logs_at, metrics_at) = (self.seen_to(Source::Logs, now), self.seen_to(Source::Metrics, now));
        let queues = self.held(now);
        for (id, node) in &topology.nodes {
            let depth = self.depths.get(id);
            let mut vitals = Vitals {
                depth: depth.and_then(|record| record.now),
                depths: depth.map(|record| record.history.points(now)).unwrap_or_default(),
                runs: self.runs.get(id).map(|log| log.summary(logs_at, is_durable(node))),
                metrics: by_node.remove(id).unwrap_or_default(),
                alarms: self
                    .alarms
                    .iter()
                    .filter(|alarm| alarm.node.as_ref() == Some(id))
                    .cloned()
                    .collect(),
                ..Vitals::default()
            };
            let view = health::View {
                node,
                neighbours: &neighbours,
                vitals: &vitals,
                filled_since: depth.and_then(|record| record.filled_since),
                mappings: &self.mappings,
                queues: &queues,
                topology,
                invocations,
                arrivals,
                scope: self.access.scope.as_deref(),
                profile: self.access.profile.as_deref(),
                losses,
                coming,
                read: health::ReadTo {
                    metrics: metrics_at,
                    logs: logs_at,
                    no_metrics: metrics_unread,
                },
            };
            let (health, why, found) = health::evaluate(&view);
            let backs_up = health::backs_up(&view);
            let unexplained = health::is_unexplained(&view);
            vitals.health = health;
            vitals.backs_up = backs_up;
            vitals.unexplained = unexplained;
            vitals.why = why;
            troubles.extend(found);
            if vitals != Vitals::default() {
                all.insert(id.clone(), vitals);
            }
        }
        let schedules = health::Schedules {
            neighbours: &neighbours,
            arrivals,
            invocations,
            logs: logs_at,
        };
        troubles.extend(health::groups_lost(losses, &schedules));
        troubles.extend(health::account_lost(losses));
        troubles.sort_by_cached_key(|one| (Reverse(one.severity), one.kind.rank(), one.since, one.id.clone()));
        (all, troubles)
    }

    /// What each queue holds that was read.
    fn held(&self, now: Timestamp) -> BTreeMap<NodeId, health::Held> {
        let held = |(id, record): (&NodeId, &super::depths::QueueRecord)| {
            let held = health::Held {
                total: record.now?.value.total(),
                grown: record.grown.since(now - health::FRESH),
                grown_at: record.grown.last(),
                oldest_s: self.oldest(id).map(|point| point.value),
            };
            Some((id.clone(), held))
        };
        self.depths.iter().filter_map(held).collect()
    }
}

/// Whether a node is a durable function, whose successful invocations prove nothing.
fn is_durable(node: &crate::domain::Node) -> bool {
    matches!(&node.detail, crate::domain::Detail::Function(function) if function.durable)
}
