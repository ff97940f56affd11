//! Which event source mappings report a problem, and since when, as far as that was seen: AWS dates the last change of a
//! mapping, never the result of its last reading.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Edge, EdgePolicy};

/// If two readings are further apart than this, a start between them is unknown.
const CLOSE: SignedDuration = SignedDuration::from_mins(5);

/// What was seen of each mapping, by its UUID.
#[derive(Default)]
pub struct Mappings(BTreeMap<String, Seen>);

/// The last reading of a mapping.
struct Seen {
    at: Timestamp,
    /// Whether it reported a problem.
    fails: bool,
    /// When the problem was first seen, if it was OK just before.
    since: Option<Timestamp>,
}

impl Mappings {
    /// Takes in what a survey found.
    pub fn see(&mut self, at: Timestamp, edges: &[Edge]) {
        for policy in edges.iter().flat_map(|edge| &edge.policies) {
            let (Some(id), Some(_)) = (&policy.id, &policy.status.last_result) else {
                continue;
            };
            let before = self.0.get(id);
            let since = match before {
                Some(before) if before.fails => before.since,
                Some(before) if at.duration_since(before.at) <= CLOSE => Some(at),
                _ => None,
            };
            let fails = policy.problem().is_some();
            let since = since.filter(|_| fails);
            self.0.insert(id.clone(), Seen { at, fails, since });
        }
    }

    /// Since when a mapping reports a problem; `None` if unknown.
    #[must_use]
    pub fn failing_since(&self, policy: &EdgePolicy) -> Option<Timestamp> {
        self.0.get(policy.id.as_ref()?)?.since
    }
}
