//! Unattended redrives: whether the canary proves that the cause is fixed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::target::{Lies, TargetWatch};
use crate::domain::Clock;

/// Account time in which an invocation begins and its log arrives. AWS (sqs-mappings): a queue is polled for up to 20 s, and lines come
/// seconds late. How long the function takes and how long its batches are gathered comes on top.
const COMES: SignedDuration = SignedDuration::from_secs(120);
/// Account time after which its invocation has begun and its log is read, as a rule. AWS (async): as above.
const SETTLES: SignedDuration = SignedDuration::from_secs(45);
/// Least wall time to wait: fast account time does not make this engine faster.
const LEAST: Duration = Duration::from_secs(20);
/// Interval of checking the time.
const TICK: Duration = Duration::from_millis(500);
/// Wall time of one answer: when a message was sent is noted after its answer came.
const ANSWER_MS: f64 = 100.0;

/// What proves that the cause is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The invocation was waited for, and its own answer says so.
    Answered,
    /// An invocation that may only have been of this message succeeded.
    Invoked,
    /// An invocation succeeded, and the message was not returned.
    Processed,
    /// Its target has it, and no function is known that reads it.
    Delivered,
}

impl Proof {
    /// It as a sentence without its stop.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Answered => "the invocation succeeded",
            Self::Invoked => "an invocation of the target succeeded",
            Self::Processed => "an invocation of the target succeeded, and the message was not returned to the queue",
            Self::Delivered => "its target has it; no function of this chain is known to read it",
        }
    }
}

/// Why nothing is proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// Invocations failed.
    #[error("{}", failed(*.0))]
    Failed(u64),
    /// It, or other messages, arrived in the dead-letter queue.
    #[error("{0} arrived in the dead-letter queue meanwhile")]
    Back(u64),
    /// An invocation succeeded, but the message may have been returned or still be waiting.
    #[error(
        "an invocation of its target succeeded within {seconds} s, but {waiting} messages are still in the target queue: \
        whether it is one of them is unknown"
    )]
    StillThere {
        /// How long was waited, in account seconds.
        seconds: i64,
        /// Messages in the target queue.
        waiting: u64,
    },
    /// Nothing succeeded in time.
    #[error("no invocation of its target succeeded within {0} s")]
    Silent(i64),
    /// The target queue's counts could not be read.
    #[error("whether it left the target queue is unknown (allow sqs:GetQueueAttributes)")]
    Unread,
    /// The person stopped it.
    #[error("stopped")]
    Stopped,
}

fn failed(n: u64) -> String {
    match n {
        1 => "an invocation of its target failed".to_owned(),
        n => format!("{n} invocations of its target failed"),
    }
}

/// What must be seen beside an invocation that succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaves {
    /// Not needed: nothing else invokes the function.
    Unasked,
    /// No message waits in the target queue, so that this one was received: others invoke it too.
    Received,
    /// The message was deleted: invocations that succeed may give messages back.
    Deleted,
}

/// What is known at one moment.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Account time since the message could be received.
    since: SignedDuration,
    succeeded: bool,
    failed: u64,
    /// What is in the target queues; `None` if that could not be read.
    lies: Option<Lies>,
    /// Additional messages in the dead-letter queue.
    back: u64,
}

/// How long things take.
#[derive(Clone, Copy, Debug)]
struct Times {
    /// The function, and the gathering of its batches.
    takes: SignedDuration,
    /// Time from a receive to being back in the dead-letter queue; `None` if nothing can come back.
    bounce: Option<SignedDuration>,
}

/// Judges one moment; `None` if it is to be waited on.
fn evaluate(leaves: Leaves, times: Times, seen: &Seen) -> Option<Result<Proof, Unproved>> {
    let settled = seen.since >= SETTLES + times.takes;
    match (leaves, seen.failed, seen.back) {
        (_, failed @ 1.., _) => Some(Err(Unproved::Failed(failed))),
        (Leaves::Deleted, _, back @ 1..) => Some(Err(Unproved::Back(back))),
        _ if !seen.succeeded => None,
        (Leaves::Unasked, ..) => Some(Ok(Proof::Invoked)),
        // Where others invoke it too, a success may be theirs: then nothing may fail either until this message's is over.
        (Leaves::Received, ..) => {
            let received = seen.lies.is_some_and(|lies| lies.waiting == 0);
            (settled && received).then_some(Ok(Proof::Invoked))
        }
        (Leaves::Deleted, ..) => {
            // AWS (sqs-mappings): a message that an invocation returns stays in flight until its visibility timeout ends.
            let deleted = seen.lies.is_some_and(|lies| lies.waiting + lies.in_flight == 0);
            let late = times
                .bounce
                .is_some_and(|bounce| seen.since >= bounce + SETTLES + times.takes);
            (settled && (deleted || late)).then_some(Ok(Proof::Processed))
        }
    }
}

/// The latest moment at which something is still waited for.
fn most(leaves: Leaves, times: Times) -> SignedDuration {
    let comes = COMES + times.takes;
    match (leaves, times.bounce) {
        (Leaves::Deleted, Some(bounce)) => comes.max(bounce + SETTLES + times.takes + SignedDuration::from_secs(15)),
        _ => comes,
    }
}

/// Waits for an invocation of the target that began after so many messages were sent, and ends.
///
/// # Errors
///
/// If the rest must not be sent.
pub(super) async fn wait(
    functions: &mut TargetWatch,
    (sent, messages): (Timestamp, usize),
    clock: &Clock,
    stop: &CancellationToken,
) -> Result<Proof, Unproved> {
    if functions.answers() {
        return Ok(Proof::Answered);
    }
    if !functions.are_known() {
        return Ok(Proof::Delivered);
    }
    let times = Times {
        takes: functions.takes(),
        bounce: functions.bounce(),
    };
    let leaves = if functions.gives_back() {
        Leaves::Deleted
    } else if functions.is_busy() || messages > 1 {
        // Of several messages the first success is not that of all.
        Leaves::Received
    } else {
        Leaves::Unasked
    };
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of one answer")]
    let slack = SignedDuration::from_millis((ANSWER_MS * clock.speed()) as i64);
    // AWS (sqs): a message is not received before its queue's delay is over: what succeeds before is of others.
    let due = sent.checked_add(functions.delay()).unwrap_or(sent);
    let due = due.checked_sub(slack).unwrap_or(due);
    let most = most(leaves, times);
    let began = Instant::now();
    loop {
        let (succeeded, failed) = functions.since(due);
        let mut seen = Seen {
            since: clock.now().duration_since(due),
            succeeded,
            failed,
            lies: None,
            back: 0,
        };
        if succeeded && leaves != Leaves::Unasked {
            seen.lies = functions.lies().await;
            seen.back = functions.back().await;
        }
        if let Some(done) = evaluate(leaves, times, &seen) {
            return done;
        }
        if seen.since > most && began.elapsed() > LEAST {
            return Err(match (seen.succeeded, seen.lies) {
                (false, _) => Unproved::Silent(most.as_secs()),
                (true, None) => Unproved::Unread,
                (true, Some(lies)) => Unproved::StillThere {
                    seconds: most.as_secs(),
                    waiting: lies.waiting + lies.in_flight,
                },
            });
        }
        tokio::select! {
            () = functions.news() => {}
            () = tokio::time::sleep(TICK) => {}
            () = stop.cancelled() => return Err(Unproved::Stopped),
        }
        // News may come thick: the queues are not asked at each.
        if succeeded && leaves != Leaves::Unasked {
            tokio::time::sleep(TICK).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times = Times {
        takes: SignedDuration::from_secs(3),
        bounce: Some(SignedDuration::from_secs(20)),
    };

    fn seen(since_s: i64, lies: Option<(u64, u64)>) -> Seen {
        Seen {
            since: SignedDuration::from_secs(since_s),
            succeeded: true,
            failed: 0,
            lies: lies.map(|(waiting, in_flight)| Lies { waiting, in_flight }),
            back: 0,
        }
    }

    #[test]
    fn an_invocation_that_may_give_its_message_back_proves_nothing_by_succeeding() {
        let of = |seen: &Seen| evaluate(Leaves::Deleted, TIMES, seen);
        assert_eq!(of(&seen(50, Some((0, 1)))), None, "it may be the one in flight");
        assert_eq!(of(&seen(1, Some((0, 0)))), None, "counts lag");
        assert_eq!(of(&seen(50, None)), None, "not read");
        assert_eq!(of(&seen(50, Some((0, 0)))), Some(Ok(Proof::Processed)));
        // Other messages keep the queue busy: a returned message would be back in the dead-letter queue by now.
        assert_eq!(of(&seen(70, Some((3, 1)))), Some(Ok(Proof::Processed)));
        let back = Seen {
            back: 1,
            ..seen(70, Some((0, 0)))
        };
        assert_eq!(of(&back), Some(Err(Unproved::Back(1))));
    }

    #[test]
    fn where_others_invoke_it_too_the_message_must_have_been_received() {
        let of = |seen: &Seen| evaluate(Leaves::Received, TIMES, seen);
        assert_eq!(of(&seen(10, Some((0, 0)))), None);
        assert_eq!(of(&seen(60, Some((40, 5)))), None, "it may still wait");
        assert_eq!(of(&seen(60, Some((0, 5)))), Some(Ok(Proof::Invoked)));
        let failed = Seen {
            failed: 2,
            ..seen(10, None)
        };
        assert_eq!(of(&failed), Some(Err(Unproved::Failed(2))));
        assert_eq!(
            evaluate(Leaves::Unasked, TIMES, &seen(1, None)),
            Some(Ok(Proof::Invoked))
        );
    }
}
