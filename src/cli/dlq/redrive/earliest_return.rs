//! What comes back: counted without receiving.

use std::time::Duration;

use jiff::SignedDuration;

use super::super::super::console;
use crate::dlq::DlqService;
use crate::redrive::queue_client::Remote;

/// How often the queue is asked for its counts. Wall time.
const ASK: Duration = Duration::from_secs(1);

/// Stays for a while of account time and counts what the queue has beyond the messages that stayed. Nothing where it
/// cannot tell.
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
        let early = if wanted < first {
            ": later than this watch ends"
        } else {
            ""
        };
        format!(
            " A message that fails again can be back {} s after it was sent at the earliest{early}.",
            first.as_secs()
        )
    });
    console::say(format_args!(
        "watching for {} s what comes back; Ctrl-C ends that.{when}",
        wanted.as_secs()
    ));
    // What came in before the run had ended has bounced, too.
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
        // It was too early to say that none comes back.
        return None;
    }
    // New letters count too: of what the run sent no more than all can be among them.
    Some((most - before).min(u64::try_from(sent).unwrap_or(u64::MAX)))
}
