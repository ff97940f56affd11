//! One event on its way through one function: its attempts, what follows from them, and what comes next.
//!
//! What was *observed*, what was *inferred* from something else that was observed, and what is *predicted* are kept apart
//! in the types: an [`Attempt`] is in the past and is observed or inferred; only a [`Prediction`] is about the future.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;
use super::condition::Condition;
use super::invocation::RunError;
use super::phrase::Phrase;

/// The rules by which an event is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Lambda's own queue: retries after about one and two minutes.
    Asynchronous,
    /// An SQS event source mapping: received again after the visibility timeout.
    Queue,
    /// A stream's event source mapping: the same batch again, and the shard is blocked.
    Stream,
    /// Synchronous: only the caller can retry.
    RequestResponse,
    /// A rule, topic or schedule that could not deliver the event.
    SourceDelivery,
}

/// How a past event is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A log line, a message or a metric shows it.
    Observed,
    /// It follows from what was observed and from AWS's rules.
    Inferred,
}

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// It succeeded.
    Ok,
    /// It failed: an exception, a crash, out of memory.
    Error,
    /// It timed out.
    Timeout,
    /// It was throttled.
    Throttled,
    /// It is running.
    Running,
    /// It has not started yet.
    Pending,
    /// It started, and its end was not observed.
    Unknown,
}

/// One attempt, in the past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub n: u32,
    /// When it started.
    pub start: Option<Timestamp>,
    /// When it ended.
    pub end: Option<Timestamp>,
    /// Its outcome.
    pub outcome: AttemptOutcome,
    /// Its certainty.
    pub evidence: Certainty,
    /// The request ID, which leads to its log lines.
    pub request_id: Option<String>,
    /// The error, if it failed.
    pub error: Option<RunError>,
}

/// The next attempt, expected within this window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Not before.
    pub earliest: Timestamp,
    /// Not after; `None` if AWS publishes no rule: then there is no countdown.
    pub latest: Option<Timestamp>,
    /// The number of that attempt.
    pub attempt: u32,
    /// The rule behind it: "1 min after failed attempt 1 ended, up to an eighth longer".
    pub rule: Phrase,
    /// Conditions that are not known to be met; empty if the prediction is unconditional.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// A prediction that did not come true: the log is complete past its window and has no such attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// Expected not before.
    pub earliest: Timestamp,
    /// Expected not after.
    pub latest: Timestamp,
    /// The log is complete through this time.
    pub complete_to: Timestamp,
}

/// A prediction whose window has passed, but the log is not yet complete to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    /// Expected not before.
    pub earliest: Timestamp,
    /// Expected not after.
    pub latest: Timestamp,
    /// The number of that attempt.
    pub attempt: u32,
    /// The log is complete through this time; `None` if unknown.
    pub complete_to: Option<Timestamp>,
    /// Whether it was expected only under conditions that were not known to be met.
    #[serde(default)]
    pub conditional: bool,
}

/// What becomes of an event in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was processed.
    Succeeded,
    /// It is in a dead-letter queue.
    DeadLetter,
    /// It was sent to a destination.
    Destination,
    /// It is lost.
    Dropped,
    /// It exceeded the maximum age, or expired in its queue or stream.
    Expired,
    /// Unknown.
    Unknown,
}

/// The end of a delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// What became of the event.
    pub fate: Fate,
    /// When; the latest possible time if only a window is known.
    pub at: Option<Timestamp>,
    /// The start of that window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// The dead-letter queue or destination.
    pub to: Option<NodeId>,
    /// Its certainty.
    pub evidence: Certainty,
    /// Why: "3 attempts failed, no retries left".
    pub why: Phrase,
}

impl End {
    /// An end at an unknown time and place.
    #[must_use]
    pub fn new(fate: Fate, evidence: Certainty, why: impl Into<Phrase>) -> Self {
        Self {
            fate,
            at: None,
            not_before: None,
            to: None,
            evidence,
            why: why.into(),
        }
    }
}

/// What becomes of the event if it keeps failing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// The outcome.
    pub fate: Fate,
    /// The dead-letter queue or destination.
    pub to: Option<NodeId>,
    /// Not before; `None` if AWS publishes no rule.
    pub earliest: Option<Timestamp>,
    /// Not after.
    pub latest: Option<Timestamp>,
    /// Attempts left before that; `None` if there is no known limit.
    pub attempts_left: Option<u32>,
    /// The rule behind it.
    pub rule: Phrase,
    /// Whether all of this depends on a service, not the caller, retrying the event.
    #[serde(default)]
    pub conditional: bool,
}

impl Outlook {
    /// An outlook with unknown times and place.
    #[must_use]
    pub fn new(fate: Fate, rule: impl Into<Phrase>) -> Self {
        Self {
            fate,
            to: None,
            earliest: None,
            latest: None,
            attempts_left: None,
            rule: rule.into(),
            conditional: false,
        }
    }
}

/// One event on its way through one function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Identifies the event: its request ID, message ID, or shard and sequence number, with their function, queue or
    /// stream.
    pub id: String,
    /// The function; the source itself if the event never reached a function.
    pub function: NodeId,
    /// Its source; `None` if there are several candidates.
    pub source: Option<NodeId>,
    /// The retry rules.
    pub pattern: Pattern,
    /// The attempts so far, in order.
    pub attempts: Vec<Attempt>,
    /// The next attempt; `None` if there is none or it cannot be predicted.
    pub next: Option<Prediction>,
    /// Why the next attempt cannot be predicted ("event source mapping disabled: not polled").
    pub waits: Option<Phrase>,
    /// An expected attempt that did not happen; what comes next is unknown since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
    /// An attempt that was due and may have happened: the log is not yet complete to the end of its window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<Overdue>,
    /// What becomes of it if it keeps failing; `None` once it has ended.
    pub outlook: Option<Outlook>,
    /// The end, once it has ended.
    pub end: Option<End>,
    /// The number of events in this row if they cannot be distinguished (an estimate for a queue, a blocked shard).
    pub count: u64,
    /// Whether the attempts may belong to different messages.
    #[serde(default)]
    pub estimate: bool,
    /// Whether other events of the same source succeeded meanwhile, and the log does not say which attempt belonged to
    /// which.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub others_pass: bool,
    /// Further facts: "FIFO: the messages behind it in its group wait", "iterator age 4 min, expires in 23 h".
    pub notes: Vec<Phrase>,
}

impl Delivery {
    /// Its approximate size in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const TEXTS: usize = 256;
        size_of::<Self>() + TEXTS + self.attempts.capacity() * (size_of::<Attempt>() + TEXTS / 2)
    }

    /// An event without any attempt yet.
    #[must_use]
    pub fn new(id: impl Into<String>, function: NodeId, pattern: Pattern) -> Self {
        Self {
            id: id.into(),
            function,
            source: None,
            pattern,
            attempts: Vec::new(),
            next: None,
            waits: None,
            missed: None,
            overdue: None,
            outlook: None,
            end: None,
            count: 1,
            estimate: false,
            others_pass: false,
            notes: Vec::new(),
        }
    }
}

/// A function whose attempts cannot be observed: never shown as one without attempts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unobservable {
    /// The function.
    pub function: NodeId,
    /// Why, and what to do about it.
    pub why: Phrase,
}

/// All known deliveries at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deliveries {
    /// The most urgent first: those that will be lost, by the time of the loss; then those lost; then the rest, newest
    /// first.
    pub deliveries: Vec<Delivery>,
    /// Functions whose attempts cannot be observed.
    pub unobservable: Vec<Unobservable>,
    /// Throttled attempts of the last hour, which leave no log line.
    pub throttled: Vec<Throttled>,
    /// The number of ended events that are not listed because the limit is reached.
    #[serde(default, skip_serializing_if = "is_none_forgotten")]
    pub forgotten: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks it so")]
const fn is_none_forgotten(count: &u64) -> bool {
    *count == 0
}

impl Deliveries {
    /// Their approximate size in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.deliveries.iter().map(Delivery::bytes).sum()
    }

    /// Limits the list to `budget` bytes by removing the events that ended longest ago. Open events stay.
    pub fn fit(&mut self, budget: usize) {
        let mut over = self.bytes().saturating_sub(budget);
        if over == 0 {
            return;
        }
        let mut stays = vec![true; self.deliveries.len()];
        for (row, stays) in self.deliveries.iter().zip(&mut stays).rev() {
            if over == 0 {
                break;
            }
            if row.end.is_some() {
                over = over.saturating_sub(row.bytes());
                *stays = false;
                self.forgotten += 1;
            }
        }
        let mut stays = stays.into_iter();
        self.deliveries.retain(|_| stays.next().unwrap_or(true));
    }
}

/// "At least n throttled (metric, 2 min old)".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Throttled {
    /// The function.
    pub function: NodeId,
    /// The lower bound.
    pub count: u64,
    /// When the metric was read.
    pub read_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_its_way_is_listed_whatever_the_budget() {
        let row = |id: &str, ended: bool| Delivery {
            end: ended.then(|| End {
                fate: Fate::Succeeded,
                at: None,
                not_before: None,
                to: None,
                evidence: Certainty::Observed,
                why: Phrase::default(),
            }),
            ..Delivery::new(id, NodeId::from("f"), Pattern::Asynchronous)
        };
        let rows = vec![
            row("lost", true),
            row("waits", false),
            row("new", true),
            row("old", true),
        ];
        let (all, each) = (rows.len(), rows[0].bytes());
        let mut told = Deliveries {
            deliveries: rows,
            ..Deliveries::default()
        };
        told.fit(all * each);
        assert_eq!((told.deliveries.len(), told.forgotten), (4, 0));
        told.fit(3 * each);
        let ids: Vec<&str> = told.deliveries.iter().map(|row| row.id.as_str()).collect();
        assert_eq!((ids, told.forgotten), (vec!["lost", "waits", "new"], 1));
        told.fit(0);
        assert_eq!(
            (told.deliveries.len(), told.forgotten),
            (1, 3),
            "it is still on its way"
        );
    }
}
