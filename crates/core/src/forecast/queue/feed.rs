//! The queues that feed a function, and by which rules their messages come again.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{EdgeKind, EdgePolicy, Invocation, NodeId, Queue};
use crate::forecast::function_context::{FunctionContext, begun};
use crate::forecast::input::{Depths, Input};
use crate::forecast::policy::{QUEUE_POLL, Window, plus, queue_return, visibility};

/// AWS (sqs): a queue's counts are right within a minute.
const COUNTS_LAG: SignedDuration = SignedDuration::from_mins(1);
/// Receives counted ahead at most: AWS allows `maxReceiveCount` up to 1,000.
const MOST_RECEIVES: u32 = 1_000;

pub(in crate::forecast) struct Feed<'a> {
    /// The queue, where it is one.
    pub source: Option<&'a NodeId>,
    /// All of them.
    pub queues: Vec<&'a NodeId>,
    /// The shortest and the longest time a message stays hidden.
    hidden: (SignedDuration, SignedDuration),
    /// Receives before a message moves, where all queues agree.
    pub limit: Option<u32>,
    pub dead_letter: Option<&'a NodeId>,
    pub retention: SignedDuration,
    pub fifo: bool,
    /// Whether a mapping polls.
    pub enabled: bool,
    /// Whether a successful invocation may have returned single messages (`ReportBatchItemFailures`).
    pub partial: bool,
    /// What the queues hold.
    pub depth: Depth,
    /// Name and depth of the dead-letter queue, if they were read.
    dead_held: Option<(&'a str, u64)>,
    /// How long a mapping gathers messages beyond the longest poll.
    gathers: SignedDuration,
    /// The IDs in its log lines.
    pub named: Named,
}

/// What the queues of a function hold, where that was read.
#[derive(Clone, Copy)]
pub(in crate::forecast) struct Depth {
    /// Messages received and not yet deleted.
    pub in_flight: Option<u64>,
    /// All messages, received or not.
    pub held: Option<u64>,
    /// When that was read.
    at: Option<Timestamp>,
    /// The last reading that found any in flight.
    in_flight_seen: Option<Timestamp>,
}

impl Depth {
    fn and(self, other: Self) -> Self {
        Self {
            in_flight: match (self.in_flight, other.in_flight) {
                (Some(one), Some(two)) => Some(one + two),
                (one, two) => one.or(two),
            },
            held: self.held.zip(other.held).map(|(one, two)| one + two),
            at: self.at.zip(other.at).map(|(one, two)| one.min(two)),
            in_flight_seen: self.in_flight_seen.max(other.in_flight_seen),
        }
    }
}

/// What message IDs in a function's log lines refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::forecast) enum Named {
    /// Messages, as far as is known.
    Messages,
    /// Something else: one of them came more often than a message can.
    Others,
}

/// How a message ends that keeps failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// The poll in this window moves it.
    Moved(Window),
    /// Its queue deletes it, at this moment at the latest, after so many further receives.
    Forgotten { at: Timestamp, receives: u32 },
    /// It has no dead-letter queue: it expires, at this time at the latest.
    Never(Option<Timestamp>),
}

impl<'a> Feed<'a> {
    /// The queue of a function; `None` if none is known.
    pub fn of(place: &FunctionContext<'a>) -> Option<Self> {
        let input = place.input;
        let none = EdgePolicy::default();
        let mut feed: Option<Self> = None;
        // A mapping that is off sends nothing, as long as another one is on.
        let any_on = place.triggers.queue.iter().any(|edge| edge.enabled);
        for edge in place.triggers.queue.iter().filter(|edge| edge.enabled || !any_on) {
            let Some(queue) = input.queue(&edge.key.from) else {
                continue;
            };
            let mapping = edge.policies.first().unwrap_or(&none);
            let one = Self::one(place, &edge.key.from, queue, mapping, edge.enabled);
            feed = Some(match feed {
                None => one,
                Some(all) => all.and(one),
            });
        }
        feed
    }

    fn one(place: &FunctionContext<'a>, id: &'a NodeId, queue: &Queue, mapping: &EdgePolicy, enabled: bool) -> Self {
        let hidden = visibility(queue, mapping, place.config);
        let dead_letter = place
            .input
            .edges
            .iter()
            .find(|edge| edge.key.kind == EdgeKind::DeadLetter && edge.key.from == *id)
            .map(|edge| &edge.key.to);
        let depth: Option<&Depths> = place.input.depths.get(id);
        Self {
            source: Some(id),
            queues: vec![id],
            hidden: (hidden, hidden),
            limit: queue.max_receive_count.filter(|_| dead_letter.is_some()),
            dead_letter,
            retention: SignedDuration::from_secs(queue.retention_s.into()),
            fifo: queue.fifo,
            enabled,
            partial: mapping.batching.partial_response == Some(true),
            depth: Depth {
                in_flight: depth.map(|depth| depth.in_flight),
                held: depth.map(|depth| depth.visible + depth.in_flight + depth.delayed),
                at: depth.map(|depth| depth.at),
                in_flight_seen: depth.and_then(|depth| depth.in_flight_seen),
            },
            dead_held: dead_letter.and_then(|id| {
                let depth = place.input.depths.get(id)?;
                Some((place.input.name(id), depth.visible + depth.in_flight + depth.delayed))
            }),
            gathers: gathering(mapping),
            named: Named::Messages,
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.source = None;
        self.queues.extend(other.queues);
        self.hidden = (self.hidden.0.min(other.hidden.0), self.hidden.1.max(other.hidden.1));
        self.limit = self.limit.filter(|_| self.limit == other.limit);
        self.dead_letter = self.dead_letter.filter(|_| self.dead_letter == other.dead_letter);
        self.retention = match (self.retention.is_zero(), other.retention.is_zero()) {
            (false, false) => self.retention.max(other.retention),
            _ => SignedDuration::ZERO,
        };
        self.fifo |= other.fifo;
        self.enabled |= other.enabled;
        self.partial |= other.partial;
        self.depth = self.depth.and(other.depth);
        self.dead_held = self.dead_held.filter(|_| self.dead_letter.is_some());
        self.gathers = self.gathers.max(other.gathers);
        self
    }

    /// When the messages of a failed invocation are received again.
    pub fn returns(&self, run: &Invocation) -> Option<Window> {
        let init = SignedDuration::from_micros(i64::try_from(run.report.init_us.unwrap_or(0)).unwrap_or(0));
        let start = begun(run)?;
        let (low, high) = self.hidden;
        Some(Window {
            earliest: queue_return(start, init, low).earliest,
            latest: plus(queue_return(start, init, high).latest, self.gathers),
        })
    }

    /// Whether the messages of an invocation are unknown.
    pub fn is_nameless(&self, run: &Invocation) -> bool {
        self.named == Named::Others || run.message_ids.is_empty()
    }

    /// Whether windows are of use: queues with different timeouts, and long batching windows, make them wide.
    pub fn is_exact(&self) -> bool {
        self.hidden.0 == self.hidden.1 && self.gathers.is_zero()
    }

    /// The latest time at which a message first received at `first` expires; `None` if the queue's retention was not read.
    pub fn forgets(&self, first: Timestamp) -> Option<Timestamp> {
        (!self.retention.is_zero()).then(|| plus(first, self.retention))
    }

    /// How a message ends that is due in this window and fails each time, with so many receives left after the last one: it
    /// is moved, unless its queue's retention ends first. AWS (sqs-mappings): retention counts from when it was sent, and deletes what is
    /// in flight too.
    pub fn last(&self, first: Option<Timestamp>, due: Window, left: Option<u32>) -> Last {
        let forgets = first.and_then(|first| self.forgets(first));
        let (round, poll) = (self.hidden(), due.latest.duration_since(due.earliest));
        let mut at = due;
        let mut receives = 0;
        loop {
            if let Some(end) = forgets.filter(|end| at.earliest > *end) {
                return Last::Forgotten { at: end, receives };
            }
            if left.is_some_and(|left| receives >= left) {
                return Last::Moved(at);
            }
            if left.is_none() && (forgets.is_none() || round.is_zero() || receives >= MOST_RECEIVES) {
                return Last::Never(forgets);
            }
            receives += 1;
            // Each further receive waits its timeout out, and its poll.
            at = at.after(round, round + poll);
        }
    }

    /// Whether so many receives take longer than the queue keeps a message.
    pub fn forgets_before(&self, limit: u32) -> bool {
        !self.retention.is_zero() && self.hidden.0 * i32::try_from(limit).unwrap_or(i32::MAX) > self.retention
    }

    /// How long a message stays hidden, for a sentence.
    pub fn hidden(&self) -> SignedDuration {
        self.hidden.1
    }

    /// Whether the queue was read after this moment, and held nothing.
    fn is_empty_after(&self, at: Timestamp) -> bool {
        self.depth.held == Some(0) && self.depth.at.is_some_and(|read| read > at)
    }

    /// Whether nothing that was due by then can come any more: the queue holds nothing, and its counts, which may lag,
    /// have had their time.
    pub fn is_empty_since(&self, latest: Timestamp) -> bool {
        self.is_empty_after(plus(latest, COUNTS_LAG))
    }

    /// Evidence that a message without receives left was moved: the poll may have happened, its queue is empty, and its
    /// dead-letter queue is not. Counts may lag, but the message was in its queue for a while.
    pub fn moved(&self, window: Window) -> Option<(String, u64)> {
        let (name, holds) = self.dead_held.filter(|(_, holds)| *holds > 0)?;
        self.is_empty_after(window.earliest).then(|| (name.to_owned(), holds))
    }

    /// The name of its dead-letter queue.
    pub fn dlq(&self, input: &Input) -> Option<String> {
        self.dead_letter.map(|id| input.name(id).to_owned())
    }

    /// Whether messages were in flight at a reading after this moment.
    pub fn in_flight_after(&self, at: Timestamp) -> bool {
        self.depth.in_flight_seen.is_some_and(|read| read > at)
    }
}

/// What a batching window adds to the longest poll.
fn gathering(mapping: &EdgePolicy) -> SignedDuration {
    let window = SignedDuration::from_secs(mapping.batching.window_s.unwrap_or(0).into());
    (window - QUEUE_POLL).max(SignedDuration::ZERO)
}
