//! Where nobody watches: whether the message that went first proves that the cause is fixed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::target::Target;
use crate::domain::Clock;

/// Account time in which an invocation begins and its log arrives. AWS: a queue is polled for up to 20 s, and lines come
/// seconds late. How long the function takes and how long its batches are gathered comes on top.
const COMES: SignedDuration = SignedDuration::from_secs(120);
/// Account time after which its invocation has begun and its log is read, as a rule. AWS: as above.
const SETTLES: SignedDuration = SignedDuration::from_secs(45);
/// Wall time that is waited at least: an account whose time runs fast does not make this engine faster.
const LEAST: Duration = Duration::from_secs(20);
/// How often time is looked at.
const TICK: Duration = Duration::from_millis(500);

/// Waits for an invocation of the target that began after `sent` and ends. Errors say, as a sentence without its stop, why
/// the rest must not follow.
pub(super) async fn wait(
    functions: &mut Option<Target>,
    sent: Timestamp,
    clock: &Clock,
    stop: &CancellationToken,
) -> Result<(), String> {
    let Some(functions) = functions else {
        return Err("no function is known that runs with it".to_owned());
    };
    let takes = functions.takes();
    let most = COMES + takes;
    // Where others invoke it too, a success may be theirs: then nothing may fail either until this message's is over.
    let least = if functions.is_busy() {
        SETTLES + takes
    } else {
        SignedDuration::ZERO
    };
    let began = Instant::now();
    loop {
        match functions.since(sent) {
            (_, failed @ 1..) => {
                return Err(if failed == 1 {
                    "an invocation of its target failed".to_owned()
                } else {
                    format!("{failed} invocations of its target failed")
                });
            }
            (true, 0) if clock.now().duration_since(sent) >= least => return Ok(()),
            (_, 0) => {}
        }
        if clock.now().duration_since(sent) > most && began.elapsed() > LEAST {
            return Err(format!(
                "no invocation of its target is known to have succeeded within {} s",
                most.as_secs()
            ));
        }
        tokio::select! {
            () = functions.news() => {}
            () = tokio::time::sleep(TICK) => {}
            () = stop.cancelled() => return Err("it was stopped".to_owned()),
        }
    }
}
