//! Runs the store: applies observations, publishes snapshots at most once per frame, advances time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::domain::{Clock, Fact, Observation, Scope, Source};
use crate::store::Store;
use crate::store::snapshot::Snapshot;

/// The screen's frame interval.
const FRAME: Duration = Duration::from_millis(33);
/// A snapshot that is dear to make is made so seldom that it takes one part in so many of a core: a thousand functions that are
/// surveyed change for a minute on end.
const REST: u32 = 20;
/// Observations taken at once before readers hear of it.
const BATCH: usize = 1_024;

/// Applies observations until the last sender is dropped, then returns the store.
pub async fn drive(
    mut store: Store,
    mut observations: mpsc::Receiver<Observation>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    clock: Clock,
) -> Store {
    let mut batch = Vec::with_capacity(BATCH);
    let mut scope: Option<Scope> = None;
    let mut published = Instant::now().checked_sub(FRAME).unwrap_or_else(Instant::now);
    let mut dirty = false;
    let mut took = Duration::ZERO;
    loop {
        let frame = published + FRAME.max(took * REST);
        let deadline = wall_deadline(&store, &clock);
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(frame), if dirty => {
                let began = std::time::Instant::now();
                snapshots.send_replace(store.snapshot());
                took = began.elapsed();
                published = Instant::now();
                dirty = false;
            }
            taken = observations.recv_many(&mut batch, BATCH) => {
                if taken == 0 {
                    store.finish();
                    snapshots.send_replace(store.snapshot());
                    return store;
                }
                for observation in batch.drain(..) {
                    if scope.as_ref() != Some(&observation.scope) {
                        scope = Some(observation.scope.clone());
                    }
                    store.apply(observation);
                }
                dirty = true;
            }
            () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() && scope.is_some() => {
                if let Some(scope) = &scope {
                    let (at, source) = (clock.now(), Source::Session);
                    store.apply(Observation { at, scope: scope.clone(), source, what: Fact::Reached });
                    dirty = true;
                }
            }
        }
    }
}

/// The store's next deadline, as wall time.
fn wall_deadline(store: &Store, clock: &Clock) -> Option<Instant> {
    let left = store.next_deadline()?.duration_since(clock.now());
    let seconds = left.as_secs_f64().max(0.0) / clock.speed().max(1.0);
    // Never so close that passing time alone would keep the program busy.
    Some(Instant::now() + Duration::from_secs_f64(seconds.clamp(0.5, 3600.0)))
}
