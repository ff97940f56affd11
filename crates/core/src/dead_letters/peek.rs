//! Reads a queue once: a pure engine that decides what to do next, and makes every message visible again.
//!
//! SQS cannot peek: reading counts as a receive and hides the message. So one scan receives up to a limit, keeps messages
//! hidden only while it reads (so that none is received twice), and then makes all of them visible again, also if it was
//! stopped or failed. It never repeats a scan by itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::domain::outgoing::BATCH;
use crate::domain::{Handled, NoAnswer, QueueMessage, Received};

/// Default number of messages to read.
pub const DEFAULT_MAX: usize = 100;
/// Messages that can be read in one scan. AWS (sqs): about 120,000 may be in flight.
pub const MOST: usize = 120_000;
/// Bytes of messages that one scan takes: AWS (sqs): a message may have 1 MiB.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Seconds a message is hidden by a short scan.
const SHORT_S: u32 = 30;
/// Seconds a message is hidden by a long scan; a scan that takes longer extends it.
const LONG_S: u32 = 60;
/// Seconds for which a message is hidden anew at most.
const LONGEST_S: u32 = 900;
/// Messages above which a scan is long.
const LONG: usize = 1_000;
/// So long before a message would come back it is hidden anew.
const AHEAD: SignedDuration = SignedDuration::from_secs(12);
/// Empty receives that end a scan. AWS (sqs): a receive may come back empty although messages are there.
const EMPTY: u32 = 2;
/// Seconds a receive waits for the first message. AWS (sqs): a wait above 0 asks all servers.
const WAIT_S: u32 = 1;
/// Calls at the same time.
const PARALLEL: usize = 4;
/// Attempts to make a message visible again.
const TRIES: u32 = 3;

/// How long messages are hidden by a scan of at most this many, in seconds.
#[must_use]
pub fn hidden_s(max: usize) -> u32 {
    if max > LONG { LONG_S } else { SHORT_S }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Receive up to `max` messages, hide them for `hidden_s`, wait up to `wait_s` for the first.
    Receive {
        /// At most 10.
        max: usize,
        /// Seconds.
        hidden_s: u32,
        /// Seconds.
        wait_s: u32,
    },
    /// Hide these messages for so many seconds from now; 0 gives them back.
    Hide {
        /// Message id and handle of each, at most 10.
        messages: Vec<(String, String)>,
        /// Seconds.
        seconds: u32,
    },
}

/// What came of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A receive was asked at `asked` and answered.
    Received {
        /// Before the call: the messages are hidden from then on at the earliest.
        asked: Timestamp,
        /// What it gave, or why it failed.
        answer: Result<Vec<Received>, NoAnswer>,
    },
    /// The visibility of messages was changed.
    Hidden {
        /// Before the call.
        asked: Timestamp,
        /// As in the effect.
        messages: Vec<(String, String)>,
        /// As in the effect.
        seconds: u32,
        /// For each, or why the call failed.
        answer: Result<Vec<Handled>, NoAnswer>,
    },
    /// Stop: messages in hand are made visible again.
    Stop,
}

/// Why a scan ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Receives came back empty: everything that could be received was.
    Empty,
    /// As many as were asked for.
    Full,
    /// As many bytes as one scan may take.
    Large,
    /// It was stopped.
    Stopped,
    /// A receive failed, and why.
    Failed(String),
}

/// A message that could not be made visible again: its visibility timeout ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its id.
    pub message_id: String,
    /// When it is visible again.
    pub until: Timestamp,
    /// Why it was not made visible again.
    pub why: String,
}

/// What a scan read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Each message once, in the order of receiving.
    pub letters: Vec<QueueMessage>,
    /// Receives made.
    pub receives: u32,
    /// Messages that came once more during the scan: their count went up again.
    pub repeated: usize,
    /// Messages that are visible again.
    pub given_back: usize,
    /// Messages that are not.
    pub left: Vec<Left>,
    /// Why it ended.
    pub end: End,
}

struct Message {
    letter: QueueMessage,
    handle: String,
    until: Timestamp,
    tries: u32,
}

#[derive(Default)]
struct Calls {
    under_way: usize,
    /// Messages asked for by receives under way.
    asked: usize,
    /// The last receive was full: several at once are worth it.
    flowing: bool,
    receives: u32,
    /// Receives in a row that brought nothing new.
    empty: u32,
}

/// One reading of one queue.
pub struct Scan {
    max: usize,
    hidden_s: u32,
    /// When it was first asked what to do.
    began: Option<Timestamp>,
    /// Message ids in the order of receiving.
    order: Vec<String>,
    held: BTreeMap<String, Message>,
    /// Held messages by when they come back.
    soonest: BTreeSet<(Timestamp, String)>,
    calls: Calls,
    /// Bytes of what is held.
    bytes: usize,
    repeated: usize,
    end: Option<End>,
    /// Messages still to be made visible again, once that began.
    returning: Option<VecDeque<String>>,
    left: Vec<Left>,
    given_back: usize,
}

impl Scan {
    /// A scan of at most `max` messages.
    #[must_use]
    pub fn new(max: usize) -> Self {
        let max = max.clamp(1, MOST);
        Self {
            max,
            hidden_s: hidden_s(max),
            began: None,
            order: Vec::new(),
            held: BTreeMap::new(),
            soonest: BTreeSet::new(),
            calls: Calls::default(),
            bytes: 0,
            repeated: 0,
            end: None,
            returning: None,
            left: Vec::new(),
            given_back: 0,
        }
    }

    /// Messages read so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.held.len()
    }

    /// The next effect; `None` while waiting for a response, or at the end.
    pub fn next(&mut self, now: Timestamp) -> Option<Effect> {
        self.began.get_or_insert(now);
        if self.end.is_none() && self.held.len() >= self.max {
            self.end = Some(End::Full);
        }
        if self.end.is_none() && self.bytes >= MOST_BYTES {
            self.end = Some(End::Large);
        }
        let effect = if self.end.is_none() {
            self.extension(now).or_else(|| self.receive())
        } else {
            // A receive in progress may still return messages, which must be made visible again, too.
            (self.calls.asked == 0).then(|| self.give_back()).flatten()
        }?;
        self.calls.under_way += 1;
        Some(effect)
    }

    /// Whether everything is done.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let returned = self.returning.as_ref().is_some_and(VecDeque::is_empty);
        self.end.is_some() && self.calls.under_way == 0 && (returned || self.held.is_empty())
    }

    fn receive(&mut self) -> Option<Effect> {
        let wanted = self.max.saturating_sub(self.held.len() + self.calls.asked).min(BATCH);
        let parallel = if self.calls.flowing { PARALLEL } else { 1 };
        if wanted == 0 || self.calls.under_way >= parallel {
            return None;
        }
        self.calls.asked += wanted;
        self.calls.receives += 1;
        Some(Effect::Receive {
            max: wanted,
            hidden_s: self.hidden_s,
            wait_s: WAIT_S,
        })
    }

    /// Messages that would come back before the scan ends.
    fn extension(&mut self, now: Timestamp) -> Option<Effect> {
        let mut due = Vec::new();
        while let Some((until, _)) = self.soonest.first().filter(|_| due.len() < BATCH) {
            if until.duration_since(now) > AHEAD {
                break;
            }
            due.extend(self.soonest.pop_first().map(|(_, id)| id));
        }
        // A scan that has lasted long will last longer: hidden for twice its time, hiding anew never takes all of it.
        let lasted = now.duration_since(*self.began.get_or_insert(now)).as_secs();
        let twice = u32::try_from(lasted.saturating_mul(2)).unwrap_or(0);
        self.hide(due, twice.clamp(self.hidden_s, LONGEST_S))
    }

    fn give_back(&mut self) -> Option<Effect> {
        // Calls that extend the visibility timeout must have ended, or they might hide messages again afterwards.
        let still_reading = self.returning.is_none() && self.calls.under_way > 0;
        if still_reading || self.calls.under_way >= PARALLEL {
            return None;
        }
        // In the order of reading: those whose timeout ends first come first.
        let order = &self.order;
        let returning = self.returning.get_or_insert_with(|| order.iter().cloned().collect());
        let batch: Vec<String> = returning.drain(..returning.len().min(BATCH)).collect();
        self.hide(batch, 0)
    }

    fn hide(&self, ids: Vec<String>, seconds: u32) -> Option<Effect> {
        let pair = |id: String| {
            self.held
                .get(&id)
                .map(|message| message.handle.clone())
                .map(|handle| (id, handle))
        };
        let messages: Vec<_> = ids.into_iter().filter_map(pair).collect();
        (!messages.is_empty()).then_some(Effect::Hide { messages, seconds })
    }

    /// Handles the result of an effect. `wanted` is the number of messages that a receive asked for.
    pub fn handle(&mut self, wanted: usize, event: Event) {
        match event {
            Event::Stop => {
                self.end.get_or_insert(End::Stopped);
            }
            Event::Received { asked, answer } => {
                self.calls.under_way -= 1;
                self.calls.asked -= wanted;
                match answer {
                    Ok(held) => self.received(asked, wanted, held),
                    Err(why) => drop(self.end.get_or_insert(End::Failed(why.0))),
                }
            }
            Event::Hidden {
                asked,
                messages,
                seconds,
                answer,
            } => {
                self.calls.under_way -= 1;
                let answers = answer.unwrap_or_else(|why| vec![Handled::Failed { why: why.0 }; messages.len()]);
                for ((id, handle), answer) in messages.into_iter().zip(answers) {
                    if seconds == 0 {
                        self.returned(id, asked, answer);
                    } else {
                        self.extended(id, &handle, asked, seconds, &answer);
                    }
                }
            }
        }
    }

    fn received(&mut self, asked: Timestamp, wanted: usize, messages: Vec<Received>) {
        // Messages that come back while it reads are no news: it must not go round with them.
        let news = messages
            .iter()
            .any(|message| !self.held.contains_key(&message.letter.message_id));
        self.calls.empty = if news { 0 } else { self.calls.empty + 1 };
        if self.calls.empty >= EMPTY {
            self.end.get_or_insert(End::Empty);
        }
        self.calls.flowing = messages.len() == wanted;
        for Received { letter, handle } in messages {
            let id = letter.message_id.clone();
            let message = Message {
                letter,
                // Only the handle of the last receive gives it back.
                handle,
                until: later(asked, self.hidden_s),
                tries: 0,
            };
            let until = message.until;
            let bytes = message.letter.bytes();
            if let Some(before) = self.held.insert(id.clone(), message) {
                self.repeated += 1;
                self.soonest.remove(&(before.until, id.clone()));
            } else {
                self.bytes += bytes;
                self.order.push(id.clone());
            }
            self.soonest.insert((until, id));
        }
    }

    fn extended(&mut self, id: String, handle: &str, asked: Timestamp, seconds: u32, answer: &Handled) {
        // If it failed, the message becomes visible by itself, and may be received once more.
        if let (Some(message), Handled::Done) = (self.held.get_mut(&id), answer)
            && message.handle == handle
        {
            message.until = later(asked, seconds);
            self.soonest.insert((message.until, id));
        }
    }

    fn returned(&mut self, id: String, asked: Timestamp, answer: Handled) {
        let Some(message) = self.held.get_mut(&id) else {
            return;
        };
        match answer {
            Handled::Done => self.given_back += 1,
            // It was visible again by itself before.
            Handled::Failed { .. } if message.until <= asked => self.given_back += 1,
            Handled::Failed { why } => {
                message.tries += 1;
                if message.tries < TRIES {
                    self.returning.get_or_insert_default().push_back(id);
                } else {
                    let until = message.until;
                    self.left.push(Left {
                        message_id: id,
                        until,
                        why,
                    });
                }
            }
        }
    }

    /// What was read, once it is over.
    #[must_use]
    pub fn finish(mut self) -> Reading {
        let letters = self.order.iter().filter_map(|id| self.held.remove(id));
        Reading {
            letters: letters.map(|message| message.letter).collect(),
            receives: self.calls.receives,
            repeated: self.repeated,
            given_back: self.given_back,
            left: self.left,
            end: self.end.unwrap_or(End::Stopped),
        }
    }
}

fn later(at: Timestamp, seconds: u32) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds.into()))
        .unwrap_or(Timestamp::MAX)
}
