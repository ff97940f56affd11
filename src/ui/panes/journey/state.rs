//! What the pane of a journey remembers.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::dlq::DlqState;
use crate::domain::QueueMessage;
use crate::journey::{Held, Hop, Journey, Keys, follow};
use crate::store::snapshot::Snapshot;

/// Made at most so often: what is held may be a million lines.
const PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// The state of the pane.
#[derive(Clone, Debug, Default)]
pub struct JourneyPane {
    /// What is followed: a request, a message, any words.
    pub id: String,
    /// Where it went, as far as is known.
    pub journey: Journey,
    /// Whether the chosen hop is shown in full.
    pub open: bool,
    keys: Arc<Keys>,
    letters: Vec<Arc<QueueMessage>>,
    at: usize,
    /// The logs that it was made of, and when.
    made: Option<(usize, Timestamp)>,
}

impl JourneyPane {
    /// The journey of what an id is of.
    #[must_use]
    pub fn of(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            keys: Arc::new(Keys::usual()),
            ..Self::default()
        }
    }

    /// With dead letters that were read.
    #[must_use]
    pub fn with_letters(mut self, dlq: &DlqState) -> Self {
        let entries = dlq.letters.values().flat_map(|contents| &contents.entries);
        self.letters = entries.map(|entry| Arc::clone(&entry.letter)).collect();
        self
    }

    /// Looks at what is held now.
    pub fn update_from(&mut self, snapshot: &Snapshot) {
        let now = snapshot.as_of.unwrap_or_default();
        let held = Arc::as_ptr(&snapshot.invocations) as usize;
        let is_known = self
            .made
            .is_some_and(|(logs, at)| logs == held || now.duration_since(at) < PAUSE);
        if is_known {
            return;
        }
        self.made = Some((held, now));
        self.journey = follow(
            &Held {
                now,
                logs: &snapshot.logs,
                runs: &snapshot.invocations,
                deliveries: &snapshot.deliveries.deliveries,
                letters: &self.letters,
                nodes: &snapshot.topology.nodes,
                edges: &snapshot.topology.edges,
                keys: &self.keys,
            },
            &self.id,
        );
    }

    /// The place of the chosen hop.
    #[must_use]
    pub fn place(&self) -> usize {
        self.at.min(self.journey.hops.len().saturating_sub(1))
    }

    /// Chooses a hop.
    pub fn choose(&mut self, at: usize) {
        self.at = at.min(self.journey.hops.len().saturating_sub(1));
    }

    /// The chosen hop.
    #[must_use]
    pub fn hop(&self) -> Option<&Hop> {
        self.journey.hops.get(self.place())
    }

    /// Every id of the journey, a line each.
    #[must_use]
    pub fn ids(&self) -> String {
        let mut ids: Vec<&str> = Vec::new();
        for hop in &self.journey.hops {
            let own = hop.attempts.iter().map(|run| run.request_id.as_str());
            ids.extend(own.chain(hop.batch.iter().map(String::as_str)));
        }
        ids.extend(self.journey.joints.iter().filter_map(|joint| joint.id.as_deref()));
        let mut seen = std::collections::BTreeSet::new();
        ids.retain(|id| seen.insert(*id));
        ids.join("\n")
    }
}
