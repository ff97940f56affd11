//! Queue depths, from the queues' attributes: cheap, and never a receive.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::context::Shared;
use crate::aws::Error;
use crate::domain::{Fact, NodeId};
use crate::pollers::unread::Unread;

/// Calls a second at most: at $0.40 a million that is half a cent an hour.
pub(super) const PER_SECOND: u32 = 4;

/// Reads depths continuously: those on screen every few seconds, the rest in turn.
pub async fn run(shared: &Shared) -> Result<(), Error> {
    let mut read: BTreeMap<NodeId, Instant> = BTreeMap::new();
    let mut turn = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turn.tick().await;
        shared.link.ready().await;
        let Some((id, url)) = next(shared, &read) else { continue };
        read.insert(id.clone(), Instant::now());
        match shared.session.queue(&url).await {
            Ok(queue) => {
                let (visible, in_flight, delayed) = queue.depth;
                shared
                    .emit
                    .send(Fact::Depth {
                        queue: id,
                        visible,
                        in_flight,
                        delayed,
                    })
                    .await;
                shared.works().await;
            }
            // Deleted: the survey will notice.
            Err(Error::NotFound) => {}
            Err(error) => shared.fails(Unread::Depths, &error).await,
        }
    }
}

/// The queue whose reading is most overdue.
fn next(shared: &Shared, read: &BTreeMap<NodeId, Instant>) -> Option<(NodeId, String)> {
    let targets = shared.targets.borrow();
    let interest = shared.interest.borrow();
    let (id, url, _) = targets
        .queues
        .iter()
        .filter_map(|(id, url)| {
            let every = if interest.selected.as_ref() == Some(id) {
                shared.pace.focus
            } else if interest.sees(id) {
                shared.pace.seen
            } else {
                shared.pace.unseen
            };
            let overdue = read
                .get(id)
                .map_or(f64::MAX, |at| at.elapsed().as_secs_f64() / every.as_secs_f64());
            (overdue >= 1.0).then_some((id, url, overdue))
        })
        .max_by(|a, b| a.2.total_cmp(&b.2).then_with(|| b.0.cmp(a.0)))?;
    Some((id.clone(), url.clone()))
}
