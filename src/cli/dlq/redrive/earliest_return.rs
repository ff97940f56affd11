//! Counts messages that return to the DLQ, without receiving them.

use std::time::Duration;

use jiff::SignedDuration;

use super::super::super::console;
use crate::dlq::DlqService;
use crate::redrive::queue_client::Remote;

/// Interval of reading the queue's counts. Wall time.
const ASK: Duration = Duration::from_secs(1);

/// Watches the queue for some account time and counts messages beyond those that stayed. `None` if that is unknown.
pub(super) async fn watch(
    service: &DlqService,
    remote: &Remote,
    (wanted, first_s): (Option<Duration>, Option<i64>),
    (sent, stays): (usize, u64),
) -> Option<u64> {
    let wanted = SignedDuration::try_from(wanted?).ok()?;
    let first = first_s.map(SignedDuration::from_secs);
    if sent == 0 {
        // Nothing was sent that could come back.
        return Some(0);
    }
    let clock = service.clock();
    let until = clock.now().checked_add(wanted).ok()?;
    let when = first.map_or_else(String::new, |first| {
        let early = if wanted < first { ", after this watch ends" } else { "" };
        format!(
            " A message that fails again is back after {} s at the earliest{early}.",
            first.as_secs()
        )
    });
    console::say(format_args!(
        "watching {} s for messages that come back (Ctrl-C ends the watch).{when}",
        wanted.as_secs()
    ));
    // Messages that arrived before the redrive ended have come back, too.
    let before = remote.count().await.ok()?.min(stays);
    let mut most = before;
    while clock.now() < until && !service.is_stopped() {
        most = most.max(remote.count().await.unwrap_or(most));
        tokio::select! {
            () = tokio::time::sleep(ASK) => {}
            () = service.stopped() => {}
        }
    }
    most = most.max(remote.count().await.unwrap_or(most));
    if most == before && first.is_some_and(|first| wanted < first) {
        // Too early to say that none comes back.
        return None;
    }
    // New messages are counted too: at most as many as were sent can have come back.
    Some((most - before).min(u64::try_from(sent).unwrap_or(u64::MAX)))
}
