//! One event on its way through one function: what was seen of it, what follows from that, and what comes next.
//!
//! What was *observed*, what was *inferred* from something else that was observed, and what is *predicted* are kept
//! apart in the types: an [`Attempt`] lies in the past and is observed or inferred, only a [`Prediction`] tells of
//! the future.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;
use super::condition::Condition;
use super::invocation::RunError;
use super::phrase::Phrase;

/// By which rules an event is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Lambda's own queue: retries after about one and two minutes.
    Asynchronous,
    /// A queue's mapping: received again when its visibility timeout is over.
    Queue,
    /// A stream's mapping: the same batch again, and the shard waits.
    Stream,
    /// Nobody but the caller tries again.
    RequestResponse,
    /// A rule, topic or schedule that could not hand the event over.
    SourceDelivery,
}

/// How something of the past is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A line, a message or a count says so.
    Observed,
    /// It follows from what was observed and from AWS's rules.
    Inferred,
}

/// How an attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// It ended well.
    Ok,
    /// It failed: an exception, a crash, no memory left.
    Error,
    /// It was stopped at the function's timeout.
    Timeout,
    /// There was no concurrency for it.
    Throttled,
    /// It runs.
    Running,
    /// It waits to be run.
    Pending,
    /// It started, and its end was never seen.
    Unknown,
}

/// One try, in the past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub n: u32,
    /// When it started.
    pub start: Option<Timestamp>,
    /// When it ended.
    pub end: Option<Timestamp>,
    /// How it went.
    pub outcome: AttemptOutcome,
    /// How it is known.
    pub evidence: Certainty,
    /// The run's request id, which leads to its log lines.
    pub request_id: Option<String>,
    /// What it said, where it failed.
    pub error: Option<RunError>,
}

/// The next try: within this window, if AWS does what it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Not before.
    pub earliest: Timestamp,
    /// Not after; nothing where AWS publishes no rule, so that there is no countdown.
    pub latest: Option<Timestamp>,
    /// Which attempt that will be.
    pub attempt: u32,
    /// By which rule: "1 min after failed attempt 1 ended, up to an eighth longer".
    pub rule: Phrase,
    /// What must hold for it, as far as that is not known to hold; empty where the window stands by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// A prediction that did not come true: the log is complete past its window, and tells no attempt in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// Expected not before.
    pub earliest: Timestamp,
    /// Expected not after.
    pub latest: Timestamp,
    /// Up to here no line of the log is missing.
    pub complete_to: Timestamp,
}

/// A prediction whose window has passed, of which nobody can tell yet whether it came true: the log is not complete to
/// there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    /// Expected not before.
    pub earliest: Timestamp,
    /// Expected not after.
    pub latest: Timestamp,
    /// Which attempt that would be.
    pub attempt: u32,
    /// Up to here no line of the log is missing; nothing where that is not known yet.
    pub complete_to: Option<Timestamp>,
    /// Whether it was expected only under conditions that were not known to hold.
    #[serde(default)]
    pub conditional: bool,
}

/// Where the event ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was processed.
    Succeeded,
    /// It lies in a dead-letter queue.
    DeadLetter,
    /// It was sent to a destination.
    Destination,
    /// It is gone without a trace.
    Dropped,
    /// It was too old, or its queue or stream forgot it.
    Expired,
    /// Nobody can tell.
    Unknown,
}

/// The end of a delivery, reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// What became of the event.
    pub fate: Fate,
    /// When; the last possible moment where only a window is known.
    pub at: Option<Timestamp>,
    /// The start of that window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// The dead-letter queue or destination.
    pub to: Option<NodeId>,
    /// How it is known.
    pub evidence: Certainty,
    /// Why: "3 attempts failed, no retries left".
    pub why: Phrase,
}

impl End {
    /// An end of which neither time nor place is known.
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

/// Where the event ends if it goes on failing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// What becomes of the event then.
    pub fate: Fate,
    /// The dead-letter queue or destination.
    pub to: Option<NodeId>,
    /// Not before; nothing where AWS publishes no rule.
    pub earliest: Option<Timestamp>,
    /// Not after.
    pub latest: Option<Timestamp>,
    /// Attempts left before that; nothing where there is no limit, or none is known.
    pub attempts_left: Option<u32>,
    /// By which rule.
    pub rule: Phrase,
    /// Whether all of this holds only if a service, and not its caller, retries the event.
    #[serde(default)]
    pub conditional: bool,
}

impl Outlook {
    /// An outlook of which neither times nor a place are known.
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
    /// The same for the same event: its request id, message id, or shard and sequence number with what they are of.
    pub id: String,
    /// The function it goes through; the source itself where it never got that far.
    pub function: NodeId,
    /// Where it comes from; nothing where several could have sent it.
    pub source: Option<NodeId>,
    /// Who tries again.
    pub pattern: Pattern,
    /// The tries so far, in their order.
    pub attempts: Vec<Attempt>,
    /// The next try; nothing where there is none, or nothing can be said.
    pub next: Option<Prediction>,
    /// Why nothing can be said of the next try, where that is so ("event source mapping disabled: not polled").
    pub waits: Option<Phrase>,
    /// What was expected and did not happen; what comes next is unknown since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
    /// What was due and may have happened: its window has passed, and the log is not complete to there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<Overdue>,
    /// Where it ends if it goes on failing; nothing once it has ended.
    pub outlook: Option<Outlook>,
    /// The end, once it has ended.
    pub end: Option<End>,
    /// How many events this row stands for where they cannot be told apart (an estimate of a queue, a blocked shard).
    pub count: u64,
    /// Whether the runs listed may be of different messages: none of them is a known try of one event.
    #[serde(default)]
    pub estimate: bool,
    /// Whether others of the same source passed meanwhile, and no line tells which attempt was of which.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub others_pass: bool,
    /// Further facts: "FIFO: the messages behind it in its group wait", "iterator age 4 min, expires in 23 h".
    pub notes: Vec<Phrase>,
}

impl Delivery {
    /// Bytes that it takes, by and large.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const TEXTS: usize = 256;
        size_of::<Self>() + TEXTS + self.attempts.capacity() * (size_of::<Attempt>() + TEXTS / 2)
    }

    /// One event of which nothing is known yet but whose it is.
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

/// A function whose attempts cannot be seen: never shown as one without attempts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unobservable {
    /// Which.
    pub function: NodeId,
    /// Why, with what to do about it.
    pub why: Phrase,
}

/// Everything known of deliveries at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deliveries {
    /// What needs a person soonest first: those that will be lost, by the time of it; then what was lost; then the rest,
    /// newest first.
    pub deliveries: Vec<Delivery>,
    /// Functions whose attempts cannot be seen.
    pub unobservable: Vec<Unobservable>,
    /// Throttled tries, which leave no line: at least so many in the last hour, and when the metric was read.
    pub throttled: Vec<Throttled>,
    /// Events that ended longest ago and are not listed, because there are more than are kept.
    #[serde(default, skip_serializing_if = "is_none_forgotten")]
    pub forgotten: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks it so")]
const fn is_none_forgotten(count: &u64) -> bool {
    *count == 0
}

impl Deliveries {
    /// Bytes that they take, by and large.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.deliveries.iter().map(Delivery::bytes).sum()
    }

    /// Lists at most so many bytes: of the events that have ended the last ones go, which ended longest ago. What is still
    /// on its way stays.
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
    /// At least.
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
