//! Whether it can be said that nothing was lost in the last hour: only where all that could contradict it was read, and nothing
//! announces a loss.

use super::coming::{Coming, is_near};
use super::snapshot::{Kind, Severity, Snapshot, Trouble};
use crate::domain::{Detail, EdgeKind, Metric, NodeId, NodeKind};
use crate::phrases;

/// What can be said where no loss is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLoss {
    /// All that could contradict it was read, and nothing announces a loss.
    Known,
    /// Something that could contradict it was not read.
    Unread(Unseen),
    /// Nothing is known to be lost yet, and an event that fails now will be.
    Announced,
    /// Events may be lost by now: nothing of what something sends arrives, or what expires is counted nowhere.
    NotExcluded,
}

phrases! {
    /// Unread sources that could show a loss.
    #[derive(Copy)]
    pub enum Unseen in "unseen" {
        /// So many things were refused or failed.
        Refused { count: usize },
        /// The chain was not surveyed to its end.
        Chain,
        /// What so many rules, topics and schedule groups lost.
        Losses { count: usize },
        /// The logs of so many functions.
        Logs { count: usize },
        /// The depths of so many queues.
        Depths { count: usize },
        /// The age of the oldest message of so many queues, whose messages nothing takes out.
        Ages { count: usize },
    }
}

impl Snapshot {
    /// What can be said of losses where none is known.
    #[must_use]
    pub fn no_loss(&self) -> NoLoss {
        if let Some(unseen) = self.unseen() {
            return NoLoss::Unread(unseen);
        }
        let is_under_way = |kind| matches!(kind, Kind::Unreached | Kind::ForgetsBeforeDeadLetter);
        let mut failing = self.troubles.iter().filter(|t| t.severity >= Severity::Failing);
        if failing.any(|t| is_under_way(t.kind)) || self.answers.may_have_lost() {
            return NoLoss::NotExcluded;
        }
        let now = self.as_of.unwrap_or_default();
        // Events that a retry has saved each time so far, and conditional ones, are not announced as losses.
        let is_announced = |one: &Coming| one.saved == 0 && (is_near(one, now) || !one.conditional);
        if self.answers.coming.iter().any(is_announced) {
            return NoLoss::Announced;
        }
        NoLoss::Known
    }

    /// Whether more may be lost than is counted: a count is a least one, or something loses events that nothing has counted yet.
    #[must_use]
    pub fn counts_least(&self) -> bool {
        let losses = &self.answers.losses;
        let is_counted = |id: &NodeId| losses.of(id).next().is_some();
        let now = self.as_of.unwrap_or_default();
        let uncounted = |t: &Trouble| {
            let drops = matches!(t.kind, Kind::Unreached | Kind::ForgetsBeforeDeadLetter);
            t.severity == Severity::Failing && drops && !is_counted(&t.id)
        };
        let unknown = |one: &Coming| one.lost == 0 && one.cause.is_uncounted() && is_near(one, now);
        losses.certain.iter().any(|loss| loss.at_least)
            || self.troubles.iter().any(uncounted)
            || self.answers.may_have_lost()
            || self.answers.coming.iter().any(unknown)
    }

    /// The first unread source that could show a loss; `None` if all were read.
    #[must_use]
    pub fn unseen(&self) -> Option<Unseen> {
        let some = |n: usize| (n > 0).then_some(n);
        self.not_known()
            .or_else(|| some(self.unread_logs()).map(|count| Unseen::Logs { count }))
            .or_else(|| some(self.unread_depths()).map(|count| Unseen::Depths { count }))
            .or_else(|| some(self.unread_ages().count()).map(|count| Unseen::Ages { count }))
    }

    fn unread_depths(&self) -> usize {
        let queues = self
            .topology
            .nodes
            .values()
            .filter(|node| matches!(node.detail, Detail::Queue(_)));
        let is_read = |id| self.vitals.get(id).is_some_and(|vitals| vitals.depth.is_some());
        queues.filter(|node| !is_read(&node.id)).count()
    }

    /// Queues without a consumer of which the age of the oldest message was not read: no log line and no other metric shows
    /// what expired.
    pub fn unread_ages(&self) -> impl Iterator<Item = &NodeId> {
        let is_consumed = |id: &NodeId| {
            let mut out = self.topology.from(id);
            out.any(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled)
        };
        let is_queue = |id: &NodeId| {
            self.topology
                .nodes
                .get(id)
                .is_some_and(|node| node.kind == NodeKind::Sqs)
        };
        let holding = self.vitals.iter().filter(|(_, vitals)| {
            let holds = vitals.depth.is_some_and(|depth| depth.value.total() > 0);
            holds && !vitals.metrics.contains_key(&Metric::OldestMessageAge)
        });
        holding
            .map(|(id, _)| id)
            .filter(move |id| is_queue(id) && !is_consumed(id))
    }
}
