//! Two queues and a disk, with faults on demand.

use std::collections::BTreeMap;

use crate::domain::{Handled, NoAnswer, Outgoing, QueueMessage, Received, Sending};
use crate::redrive::effect::{Effect, Event, Ticket};
use crate::redrive::engine::Engine;
use crate::redrive::progress::Summary;
use crate::redrive::record::{Header, line};
use crate::redrive::replay::Replay;
use crate::redrive::route::Edit;

use super::START;

/// What befalls one call, or the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// Too many calls: certainly not done.
    Throttled,
    /// A 500: done or not, nobody knows.
    ServerError,
    /// No answer, and it never came there.
    TimeoutBefore,
    /// No answer, after the server did it.
    TimeoutAfter,
    /// The credentials have expired: from now on nothing more is done for this redrive.
    Expired,
    /// Some of a batch are done, some are not, some are not even named.
    Partial,
    /// The journal's disk is full: from now on nothing more is durable in this redrive.
    FullDisk,
}

impl Fault {
    pub(super) const ALL: [Self; 7] = [
        Self::Throttled,
        Self::ServerError,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::Expired,
        Self::Partial,
        Self::FullDisk,
    ];
}

/// What may go wrong, and how often.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    /// Chances in a hundred that a call meets a fault.
    pub(super) calls: u8,
    /// The one that it meets; nothing: any, the lasting ones seldom.
    pub(super) only: Option<Fault>,
    /// Chances in a hundred that the disk is full from now on.
    pub(super) disk: u8,
    /// Somebody else receives from the queue, too.
    pub(super) rival: u8,
    /// In place of chances: this one, at this thing that is done in the redrive, counted from 0.
    pub(super) at: Option<(usize, Fault)>,
}

/// A message in the model's queue.
#[derive(Clone, Debug)]
struct Lying {
    letter: QueueMessage,
    visible_at: i64,
    receives: u32,
}

/// The world around the engine.
pub(super) struct Model {
    pub(super) now: i64,
    lying: Vec<Lying>,
    /// What the target has, in its order.
    pub(super) delivered: Vec<Outgoing>,
    seen_dedup: BTreeMap<String, i64>,
    /// What goes in place of messages' own texts, as it is beside the journal.
    pub(super) edits: BTreeMap<String, Edit>,
    /// What is durable.
    pub(super) disk: String,
    /// What was written and may be lost.
    cache: String,
    full: bool,
    expired: bool,
    /// Things done in this redrive.
    done: usize,
    /// How often each fault struck.
    pub(super) struck: BTreeMap<Fault, usize>,
    rng: fastrand::Rng,
    pub(super) deleted_unsent: Vec<String>,
    pub(super) most_under_way: usize,
}

impl Model {
    pub(super) fn new(letters: Vec<QueueMessage>, seed: u64) -> Self {
        let lying = letters.into_iter().map(|letter| Lying {
            letter,
            visible_at: 0,
            receives: 0,
        });
        Self {
            now: START,
            lying: lying.collect(),
            delivered: Vec::new(),
            seen_dedup: BTreeMap::new(),
            edits: BTreeMap::new(),
            disk: String::new(),
            cache: String::new(),
            full: false,
            expired: false,
            done: 0,
            struck: BTreeMap::new(),
            rng: fastrand::Rng::with_seed(seed),
            deleted_unsent: Vec::new(),
            most_under_way: 0,
        }
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        self.lying
            .iter()
            .map(|lying| lying.letter.message_id.as_str())
            .collect()
    }

    pub(super) fn copies(&self, letter: &QueueMessage) -> usize {
        let body = self
            .edits
            .get(&letter.message_id)
            .map_or(&letter.body, |edit| &edit.body);
        let same = |sent: &&Outgoing| {
            sent.body == *body
                && sent.attributes == letter.attributes
                && sent.trace.as_deref() == letter.system.get("AWSTraceHeader").map(String::as_str)
                && sent.group.as_deref() == letter.group()
        };
        self.delivered.iter().filter(same).count()
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.rng.u8(0..100) < percent
    }

    /// What befalls the next thing that is done.
    fn strikes(&mut self, faults: Faults, is_disk: bool) -> Option<Fault> {
        let n = self.done;
        self.done += 1;
        let fits = |fault: Fault| is_disk == (fault == Fault::FullDisk);
        let fault = match (faults.at, faults.only) {
            // The first that it can befall from there on.
            (Some((at, fault)), _) => (n >= at && fits(fault) && !self.struck.contains_key(&fault)).then_some(fault),
            (None, Some(fault)) => (fits(fault) && self.chance(faults.calls)).then_some(fault),
            (None, None) if is_disk => self.chance(faults.disk).then_some(Fault::FullDisk),
            (None, None) if self.chance(faults.calls) => {
                Some(Fault::ALL[self.rng.usize(0..6)]).filter(|fault| *fault != Fault::Expired || self.chance(3))
            }
            (None, None) => None,
        };
        if let Some(fault) = fault {
            *self.struck.entry(fault).or_default() += 1;
        }
        self.expired |= fault == Some(Fault::Expired);
        if self.expired && !is_disk {
            Some(Fault::Expired)
        } else {
            fault
        }
    }

    fn receive(&mut self, max: usize, visibility_s: u32) -> Vec<Received> {
        let now = self.now;
        let mut order: Vec<usize> = (0..self.lying.len()).collect();
        let is_fifo = self.lying.iter().any(|lying| lying.letter.group().is_some());
        if !is_fifo {
            self.rng.shuffle(&mut order);
        }
        let busy: Vec<String> = self
            .lying
            .iter()
            .filter(|lying| lying.visible_at > now)
            .filter_map(|lying| lying.letter.group().map(str::to_owned))
            .collect();
        let mut got = Vec::new();
        for n in order {
            let lying = &mut self.lying[n];
            let blocked = lying
                .letter
                .group()
                .is_some_and(|group| busy.iter().any(|busy| busy == group));
            if lying.visible_at > now || blocked || got.len() >= max {
                continue;
            }
            lying.receives += 1;
            lying.visible_at = now + i64::from(visibility_s) * 1000;
            got.push(Received {
                letter: lying.letter.clone(),
                handle: format!("{}#{}", lying.letter.message_id, lying.receives),
            });
        }
        got
    }

    fn by_handle(&mut self, handle: &str) -> Option<usize> {
        let (id, receives) = handle.split_once('#')?;
        let receives: u32 = receives.parse().ok()?;
        self.lying
            .iter()
            .position(|lying| lying.letter.message_id == id && lying.receives == receives)
    }

    fn deliver(&mut self, message: Outgoing) -> String {
        if let Some(dedup) = &message.dedup {
            let fresh = self.seen_dedup.get(dedup).is_none_or(|at| self.now - at > 300_000);
            if !fresh {
                return format!("again-{dedup}");
            }
            self.seen_dedup.insert(dedup.clone(), self.now);
        }
        self.delivered.push(message);
        format!("new-{}", self.delivered.len())
    }

    fn send(&mut self, messages: Vec<Outgoing>, fault: Option<Fault>) -> Vec<Sending> {
        let why = || "a fault".to_owned();
        let count = messages.len();
        let does = match fault {
            None | Some(Fault::Partial | Fault::TimeoutAfter) => true,
            Some(Fault::ServerError) => self.rng.bool(),
            _ => false,
        };
        if fault == Some(Fault::Partial) {
            let some = messages.into_iter().map(|message| match self.rng.u8(0..4) {
                0 => Sending::Later { why: why() },
                1 => {
                    self.deliver(message);
                    Sending::Unknown { why: why() }
                }
                _ => Sending::Sent {
                    id: self.deliver(message),
                },
            });
            return some.collect();
        }
        let mut ids = Vec::new();
        if does {
            ids.extend(messages.into_iter().map(|message| self.deliver(message)));
        }
        match fault {
            None => ids.into_iter().map(|id| Sending::Sent { id }).collect(),
            Some(Fault::Throttled) => vec![Sending::Later { why: why() }; count],
            Some(Fault::Expired) => vec![Sending::Blocked { why: why() }; count],
            Some(_) => vec![Sending::Unknown { why: why() }; count],
        }
    }

    /// Whether one of a batch is done, and whether the answer says so.
    fn fares(&mut self, fault: Option<Fault>) -> (bool, bool) {
        match fault {
            None => (true, true),
            Some(Fault::TimeoutAfter) => (true, false),
            Some(Fault::ServerError) => (self.rng.bool(), false),
            Some(Fault::Partial) => match self.rng.u8(0..4) {
                0 => (false, false),
                1 => (true, false),
                _ => (true, true),
            },
            Some(_) => (false, false),
        }
    }

    fn delete(&mut self, handles: &[String], fault: Option<Fault>) -> Vec<Handled> {
        let failed = Handled::Failed { why: "a fault".into() };
        let outcomes = handles.iter().map(|handle| {
            let (does, says) = self.fares(fault);
            if let Some(n) = self.by_handle(handle).filter(|_| does) {
                let letter = self.lying.remove(n).letter;
                if self.copies(&letter) == 0 {
                    self.deleted_unsent.push(letter.message_id);
                }
            }
            if says { Handled::Done } else { failed.clone() }
        });
        outcomes.collect()
    }

    fn hide(&mut self, handles: &[String], seconds: u32, fault: Option<Fault>) -> Vec<Handled> {
        let now = self.now;
        let why = || "not in flight".to_owned();
        let outcomes = handles.iter().map(|handle| {
            let (does, says) = self.fares(fault);
            let found = self.by_handle(handle).filter(|n| self.lying[*n].visible_at > now);
            if let Some(n) = found.filter(|_| does) {
                self.lying[n].visible_at = now + i64::from(seconds) * 1000;
            }
            if found.is_some() && says {
                Handled::Done
            } else {
                Handled::Failed { why: why() }
            }
        });
        outcomes.collect()
    }

    fn take(&mut self, max: usize, visibility_s: u32, fault: Option<Fault>) -> Result<Vec<Received>, NoAnswer> {
        let does = match fault {
            None | Some(Fault::TimeoutAfter | Fault::Partial) => true,
            Some(Fault::ServerError) => self.rng.bool(),
            _ => false,
        };
        let mut got = if does {
            self.receive(max, visibility_s)
        } else {
            Vec::new()
        };
        match fault {
            None => Ok(got),
            // What comes damaged is left out, and what follows it in its group; all are hidden.
            Some(Fault::Partial) => {
                let mut damaged: Vec<String> = Vec::new();
                got.retain(|held| {
                    let group = held.letter.group().map(str::to_owned);
                    let whole = self.rng.bool() && group.as_ref().is_none_or(|group| !damaged.contains(group));
                    if !whole {
                        damaged.extend(group);
                    }
                    whole
                });
                Ok(got)
            }
            Some(_) => Err(NoAnswer("no answer".to_owned())),
        }
    }

    fn journal(&mut self, ticket: Option<Ticket>, text: &str, faults: Faults) -> Option<Event> {
        // As the writer of the real one: after a failure nothing more is promised in this redrive.
        self.full |= self.strikes(faults, true).is_some();
        if self.full {
            return ticket.map(|ticket| Event::JournalFailed(ticket, "no space left".into()));
        }
        self.cache.push_str(text);
        let ticket = ticket?;
        self.disk.push_str(&std::mem::take(&mut self.cache));
        Some(Event::Journaled(ticket))
    }

    /// What the disk holds after a crash: all that was durable. Of the rest nothing, or a part that is torn somewhere.
    pub(super) fn crash(&mut self) {
        let most = if self.rng.bool() { self.cache.len() } else { 0 };
        let kept = self.rng.usize(0..=most);
        let kept: String = self.cache.chars().take(kept).collect();
        self.cache.clear();
        self.disk.push_str(&kept);
    }

    fn act(&mut self, effect: Effect, faults: Faults) -> Option<Event> {
        if let Effect::Journal(ticket, records) = effect {
            let text: String = records.iter().map(line).collect();
            return self.journal(ticket, &text, faults);
        }
        let fault = self.strikes(faults, false);
        match effect {
            Effect::Receive { max, visibility_s, .. } => Some(Event::Received(self.take(max, visibility_s, fault))),
            Effect::Send(ticket, _, messages) => Some(Event::Sent(ticket, self.send(messages, fault))),
            Effect::Delete(ticket, handles) => Some(Event::Deleted(ticket, self.delete(&handles, fault))),
            Effect::Hide(ticket, handles, seconds) => Some(Event::Hidden(ticket, self.hide(&handles, seconds, fault))),
            Effect::Count => Some(Event::Counted(match fault {
                None | Some(Fault::Partial) => Ok(self.lying.len() as u64),
                Some(_) => Err(NoAnswer("no answer".to_owned())),
            })),
            Effect::Journal(..) | Effect::End => None,
        }
    }

    /// Begins a journal, as its file does: the header is whole before anything else happens.
    pub(super) fn begin(&mut self, header: &Header) {
        self.disk = line(header);
        self.cache.clear();
    }

    /// Runs from what the disk holds, until the end or until so many steps are over (a crash).
    pub(super) fn run(&mut self, faults: Faults, steps: usize) -> Option<Summary> {
        let replay = Replay::read(self.disk.as_bytes()).expect("a journal");
        self.disk.truncate(replay.whole);
        (self.full, self.expired, self.done) = (false, false, 0);
        let (mut engine, effects) = Engine::start(&replay, &self.edits, Vec::new(), self.now);
        // The order of the disk is kept; calls overtake each other.
        let mut disk: Vec<Effect> = Vec::new();
        let mut calls: Vec<Effect> = Vec::new();
        let mut answers: Vec<Event> = Vec::new();
        let sort = |effects: Vec<Effect>, disk: &mut Vec<Effect>, calls: &mut Vec<Effect>| {
            for effect in effects {
                match effect {
                    Effect::Journal(..) => disk.push(effect),
                    other => calls.push(other),
                }
            }
        };
        sort(effects, &mut disk, &mut calls);
        for _ in 0..steps {
            if faults.rival > 0 && self.chance(faults.rival) {
                self.receive(2, 40);
            }
            let over = calls.contains(&Effect::End);
            if over && disk.is_empty() {
                let text = std::mem::take(&mut self.cache);
                self.disk.push_str(&text);
                return Some(engine.summary());
            }
            self.most_under_way = self.most_under_way.max(calls.len());
            let event = match self.rng.u8(0..4) {
                0 if !disk.is_empty() => {
                    let effect = disk.remove(0);
                    self.act(effect, faults)
                }
                1 if !calls.is_empty() => {
                    let n = self.rng.usize(0..calls.len());
                    let effect = calls.swap_remove(n);
                    if effect == Effect::End {
                        calls.push(effect);
                        None
                    } else {
                        let answer = self.act(effect, faults);
                        answers.extend(answer);
                        None
                    }
                }
                2 if !answers.is_empty() => {
                    let n = self.rng.usize(0..answers.len());
                    Some(answers.swap_remove(n))
                }
                _ => {
                    let idle = disk.is_empty() && calls.is_empty() && answers.is_empty();
                    let due = engine.deadline(self.now).filter(|_| idle);
                    self.now = due.unwrap_or(self.now + self.rng.i64(0..400));
                    Some(Event::Tick)
                }
            };
            if let Some(event) = event {
                let effects = engine.step(self.now, event);
                sort(effects, &mut disk, &mut calls);
            }
        }
        None
    }
}
