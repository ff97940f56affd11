//! Failed attempts that no line tells apart, put into chains: those of a chain may be of the same message.

use jiff::{SignedDuration, Timestamp};

use super::feed::Feed;
use crate::domain::Invocation;
use crate::forecast::function_context::begun;
use crate::forecast::policy::{Window, plus};

/// Lambda polls all the time: as a rule a message is received within so long when it is visible again.
const PROMPT: SignedDuration = SignedDuration::from_secs(4);

/// Failed invocations that may belong to the same message: each started when the one before was due again.
pub(super) struct Chain {
    /// When its first invocation began.
    pub first: Timestamp,
    /// When its message comes again, or is moved.
    pub window: Window,
    /// Invocations of it, the last one included.
    pub receives: u32,
    /// The last of them.
    pub last: usize,
    /// When that one began.
    last_start: Timestamp,
}

/// Which receive of its message comes next: the second at least, and none beyond the limit.
pub(super) fn next_receive(feed: &Feed, chain: Option<&Chain>) -> u32 {
    let next = chain.map_or(1, |chain| chain.receives) + 1;
    feed.limit.map_or(next, |limit| next.min(limit))
}

/// Groups failed invocations into chains, in time order: one within the window of another belongs to it.
pub(super) fn chains(feed: &Feed, failed: &[&Invocation], runs: &[&Invocation]) -> Vec<Chain> {
    let mut all: Vec<Chain> = Vec::new();
    for (last, run) in failed.iter().enumerate() {
        let (Some(start), Some(window)) = (begun(run), feed.returns(run)) else {
            continue;
        };
        // What was received as often as it can be, or is as old as it can be, does not come again: that is another message.
        let is_there = |chain: &Chain| {
            feed.limit.is_none_or(|limit| chain.receives < limit)
                && feed.forgets(chain.first).is_none_or(|forgets| start <= forgets)
        };
        // The head of a message group comes again when its visibility timeout ends. What comes at another time, after something
        // succeeded, is the next head.
        let is_next_head =
            |chain: &Chain| feed.fifo && !chain.is_prompt(start) && any_succeeded(runs, chain.last_start, start);
        let is_due = |chain: &&mut Chain| {
            chain.window.earliest <= start && start <= chain.window.latest && is_there(chain) && !is_next_head(chain)
        };
        let nearest = |chain: &&mut Chain| (feed.fifo && !chain.is_prompt(start), chain.window.latest);
        match all.iter_mut().filter(is_due).min_by_key(nearest) {
            Some(chain) => {
                *chain = Chain {
                    first: chain.first,
                    window,
                    receives: chain.receives + 1,
                    last,
                    last_start: start,
                }
            }
            None => all.push(Chain {
                first: start,
                window,
                receives: 1,
                last,
                last_start: start,
            }),
        }
    }
    all.sort_by_key(|chain| chain.last);
    all
}

impl Chain {
    /// Whether what began then came as soon as its message was visible again.
    fn is_prompt(&self, start: Timestamp) -> bool {
        start <= plus(self.window.earliest, PROMPT)
    }
}

/// Of messages that cannot be told apart and are never moved, the one that expires first. An attempt that comes while an earlier
/// one may still be repeated takes nothing away from that.
pub(super) fn first_to_expire<'c>(
    feed: &Feed,
    open: &[&'c Chain],
    runs: &[&Invocation],
    now: Timestamp,
) -> Option<&'c Chain> {
    if feed.limit.is_some_and(|limit| !feed.forgets_before(limit)) {
        return None;
    }
    // One head after another: what did not come again when it was due, and was followed by a success, is done or gone.
    let is_done = |chain: &Chain| !chain.is_prompt(now) && any_succeeded(runs, chain.last_start, now);
    let mut open: Vec<&Chain> = open.to_vec();
    if feed.fifo && open.len() > 1 {
        open.retain(|chain| !is_done(chain));
    }
    let first = open.iter().min_by_key(|chain| chain.first)?;
    // Whichever of them an attempt was of: none was processed since it first failed, where nothing succeeded since.
    let is_sure = feed.fifo || open.len() == 1 || !any_succeeded(runs, first.first, now);
    is_sure.then_some(*first)
}

/// Whether an invocation that began in between may have processed its messages.
fn any_succeeded(runs: &[&Invocation], after: Timestamp, before: Timestamp) -> bool {
    let began = |run: &Invocation| begun(run).or(run.end);
    runs.iter()
        .filter(|run| !run.outcome.is_failure())
        .any(|run| began(run).is_none_or(|at| at >= after && at <= before))
}
