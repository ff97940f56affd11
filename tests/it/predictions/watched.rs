//! What the pollers saw, folded, and the pictures that come of time alone.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use pitagora::aws::Session;
use pitagora::domain::{Clock, Fact, Interest, Observation, Scope, Source};
use pitagora::pollers::stepped::{Lockstep, Rhythm};
use pitagora::store::{Snapshot, Store};

use super::play::STEP_MS;

/// Surveys half as often as the product, which costs most of the time of a test; metrics as the product. Of a larger
/// account each log group and queue has its turn later.
const RHYTHM: Rhythm = Rhythm {
    survey: SignedDuration::from_secs(120),
    seen: SignedDuration::ZERO,
    metrics: SignedDuration::from_secs(60),
    at_once: 16,
    speed: 1.0,
};

pub struct Watched {
    pollers: Lockstep,
    store: Store,
    clock: Clock,
    scope: Scope,
}

impl Watched {
    pub fn new(session: Session, clock: Clock) -> Self {
        Self {
            scope: session.scope.clone(),
            pollers: Lockstep::new(session, clock.clone(), RHYTHM),
            store: Store::new(),
            clock,
        }
    }

    /// How long it takes until each group has had its turn.
    pub fn round_ms(&self) -> i64 {
        let steps = self.pollers.targets().functions.len().div_ceil(RHYTHM.at_once);
        i64::from(STEP_MS) * i64::try_from(steps + 1).expect("few")
    }

    /// One look at what is due, and what is known then.
    pub async fn look(&mut self) -> Arc<Snapshot> {
        let seen = self.pollers.look(&Interest::default()).await;
        for observation in seen.expect("the account can be read") {
            self.store.apply(observation);
        }
        let snapshot = self.store.snapshot();
        assert!(snapshot.topology.complete, "{:?}", snapshot.unread());
        snapshot
    }

    /// The pictures that come of time alone until `end`, as the store's driver has them made.
    pub fn pass(&mut self, end: Timestamp) -> Vec<(Timestamp, Arc<Snapshot>)> {
        let mut all = Vec::new();
        while let Some(at) = self.store.next_deadline().filter(|at| *at < end) {
            // Never sooner than the driver would.
            let at = at.max(all.last().map_or(self.clock.now(), |(at, _)| *at) + SignedDuration::from_millis(500));
            self.store.apply(Observation {
                at,
                scope: self.scope.clone(),
                source: Source::Session,
                what: Fact::Reached,
            });
            all.push((at, self.store.snapshot()));
        }
        all
    }
}
