//! Counted traffic on edges: what marbles stand for.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::runs::Seen;
use super::snapshot::{Pulse, Topology};
use crate::domain::{Edge, EdgeKind, Evidence, NodeId};

/// The age up to which traffic is shown as marbles.
const LIFE: SignedDuration = SignedDuration::from_secs(60);
/// More are counted together than drawn one by one.
const MOST: usize = 2_000;

/// The traffic of the last minute.
#[derive(Default)]
pub struct Traffic {
    pulses: VecDeque<Pulse>,
    number: u64,
}

impl Traffic {
    /// Invocations of a function: an incoming event used its trigger; a successful one went out along what the function is
    /// thought to call.
    pub fn runs(&mut self, topology: &Topology, function: &NodeId, seen: &Seen, now: Timestamp) {
        let triggers: Vec<&Edge> = topology
            .to(function)
            .map(AsRef::as_ref)
            .filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled)
            .collect();
        // What another function is thought to call comes in by no trigger of its own.
        let called: Vec<&Edge> = topology
            .to(function)
            .map(AsRef::as_ref)
            .filter(|edge| matches!(edge.key.kind, EdgeKind::Writes | EdgeKind::Destination))
            .collect();
        let ways: Vec<&Edge> = triggers.into_iter().chain(called).collect();
        if let Some(first) = ways.first() {
            self.count(first, &seen.arrived, Evidence::Observed, ways.len() > 1, now);
        }
        for edge in topology.from(function) {
            let on_success = edge
                .policies
                .iter()
                .any(|policy| policy.condition.as_deref() == Some("OnSuccess"));
            // A function that is called shows its own START.
            let calls = edge.key.kind == EdgeKind::Writes && !edge.key.to.as_str().contains(":function:");
            if calls || (edge.key.kind == EdgeKind::Destination && on_success) {
                self.count(
                    edge,
                    &seen.succeeded,
                    edge.evidence.max(Evidence::Permitted),
                    false,
                    now,
                );
            }
        }
    }

    /// Messages that a queue has more than before.
    pub fn arrived(&mut self, topology: &Topology, queue: &NodeId, count: u64, now: Timestamp) {
        // What a function writes is counted at the function.
        let ways: Vec<&Edge> = topology
            .to(queue)
            .map(AsRef::as_ref)
            .filter(|edge| !(edge.key.kind == EdgeKind::Writes && edge.evidence == Evidence::Guessed))
            .collect();
        let written = topology.to(queue).count() > ways.len();
        if let (Some(first), false) = (ways.first(), written) {
            self.push(first, count, now, Evidence::Observed, ways.len() > 1);
        }
    }

    fn count(&mut self, edge: &Edge, times: &[Timestamp], evidence: Evidence, shared: bool, now: Timestamp) {
        let recent = times.iter().filter(|at| now.duration_since(**at) < LIFE);
        let (mut count, mut last) = (0, None);
        for at in recent {
            count += 1;
            last = last.max(Some(*at));
        }
        if let Some(last) = last {
            self.push(edge, count, last, evidence, shared);
        }
    }

    fn push(&mut self, edge: &Edge, count: u64, at: Timestamp, evidence: Evidence, shared: bool) {
        self.number += 1;
        self.pulses.push_back(Pulse {
            number: self.number,
            edge: edge.key.clone(),
            count,
            at,
            evidence,
            shared,
        });
        while self.pulses.len() > MOST {
            self.pulses.pop_front();
        }
    }

    /// Bytes that it takes, and that it may take.
    #[must_use]
    pub fn bytes(&self) -> (usize, usize) {
        (self.pulses.len() * size_of::<Pulse>(), MOST * size_of::<Pulse>())
    }

    /// Removes what is too old. Returns whether anything was removed.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let before = self.pulses.len();
        self.pulses.retain(|pulse| now.duration_since(pulse.at) < LIFE);
        before != self.pulses.len()
    }

    /// When the oldest is too old.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.pulses
            .iter()
            .map(|pulse| pulse.at)
            .min()
            .and_then(|at| at.checked_add(LIFE).ok())
    }

    /// All, oldest first.
    pub fn pulses(&self) -> impl Iterator<Item = &Pulse> {
        self.pulses.iter()
    }
}
