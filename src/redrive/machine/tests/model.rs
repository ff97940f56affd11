//! Two queues and a disk, with faults on demand.

use std::collections::BTreeMap;

use crate::domain::{DeadLetter, Handled, Held, Outgoing, Sending};
use crate::redrive::effect::{Effect, Event, Ticket};
use crate::redrive::ledger::Ledger;
use crate::redrive::machine::Machine;
use crate::redrive::progress::Summary;
use crate::redrive::record::{Header, line};
use crate::redrive::way::Edit;

use super::START;

/// Chances in a hundred that a call meets a fault, and of the disk's that it is full.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    pub(super) calls: u8,
    pub(super) disk: u8,
    /// Somebody else receives from the queue, too.
    pub(super) rival: u8,
}

/// A message in the model's queue.
#[derive(Clone, Debug)]
struct Lying {
    letter: DeadLetter,
    visible_at: i64,
    receives: u32,
}

/// The world around the machine.
pub(super) struct Model {
    pub(super) now: i64,
    lying: Vec<Lying>,
    /// What the target has, in its order.
    pub(super) delivered: Vec<Outgoing>,
    seen_dedup: BTreeMap<String, i64>,
    /// What goes in place of messages' own texts, as it lies beside the journal.
    pub(super) edits: BTreeMap<String, Edit>,
    /// What is durable.
    pub(super) disk: String,
    /// What was written and may be lost.
    cache: String,
    full: bool,
    rng: fastrand::Rng,
    pub(super) deleted_unsent: Vec<String>,
    pub(super) most_under_way: usize,
}

impl Model {
    pub(super) fn new(letters: Vec<DeadLetter>, seed: u64) -> Self {
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

    pub(super) fn copies(&self, letter: &DeadLetter) -> usize {
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

    fn receive(&mut self, max: usize, visibility_s: u32) -> Vec<Held> {
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
            got.push(Held {
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

    fn send(&mut self, messages: Vec<Outgoing>, faults: Faults) -> Vec<Sending> {
        let why = || "a fault".to_owned();
        let kind = if self.chance(faults.calls) {
            self.rng.u8(0..6)
        } else {
            9
        };
        match kind {
            0 => vec![Sending::Later { why: why() }; messages.len()],
            // No answer, after the server did it, or before.
            1 => {
                let count = messages.len();
                messages.into_iter().for_each(|message| drop(self.deliver(message)));
                vec![Sending::Unknown { why: why() }; count]
            }
            2 => vec![Sending::Unknown { why: why() }; messages.len()],
            // Some fail, some are not named.
            3 | 4 => messages
                .into_iter()
                .map(|message| match self.rng.u8(0..4) {
                    0 => Sending::Later { why: why() },
                    1 => {
                        self.deliver(message);
                        Sending::Unknown { why: why() }
                    }
                    _ => Sending::Sent {
                        id: self.deliver(message),
                    },
                })
                .collect(),
            // Expired credentials, now and then.
            5 if self.chance(20) => vec![Sending::Blocked { why: why() }; messages.len()],
            _ => messages
                .into_iter()
                .map(|message| Sending::Sent {
                    id: self.deliver(message),
                })
                .collect(),
        }
    }

    fn delete(&mut self, handles: &[String], faults: Faults) -> Vec<Handled> {
        let fault = Handled::Failed { why: "a fault".into() };
        let whole = self.chance(faults.calls / 2);
        handles
            .iter()
            .map(|handle| {
                let fails = whole || self.chance(faults.calls);
                if fails && self.chance(50) {
                    return fault.clone();
                }
                if let Some(n) = self.by_handle(handle) {
                    let letter = self.lying.remove(n).letter;
                    if self.copies(&letter) == 0 {
                        self.deleted_unsent.push(letter.message_id);
                    }
                }
                if fails { fault.clone() } else { Handled::Done }
            })
            .collect()
    }

    fn hide(&mut self, handles: &[String], seconds: u32, faults: Faults) -> Vec<Handled> {
        let now = self.now;
        handles
            .iter()
            .map(|handle| match self.by_handle(handle) {
                Some(n) if self.lying[n].visible_at > now && !self.chance(faults.calls) => {
                    self.lying[n].visible_at = now + i64::from(seconds) * 1000;
                    Handled::Done
                }
                _ => Handled::Failed {
                    why: "not in flight".into(),
                },
            })
            .collect()
    }

    fn journal(&mut self, ticket: Option<Ticket>, text: &str, faults: Faults) -> Option<Event> {
        // As the writer of the real one: after a failure nothing more is promised in this run.
        self.full |= self.chance(faults.disk);
        if self.full {
            return ticket.map(|ticket| Event::JournalFailed(ticket, "no space left".into()));
        }
        self.cache.push_str(text);
        let ticket = ticket?;
        self.disk.push_str(&std::mem::take(&mut self.cache));
        Some(Event::Journaled(ticket))
    }

    /// What the disk holds after a crash: all that was durable, and perhaps a torn part of the rest.
    pub(super) fn crash(&mut self) {
        let kept = self.rng.usize(0..=self.cache.len());
        let kept: String = self.cache.chars().take(kept).collect();
        self.cache.clear();
        self.disk.push_str(&kept);
    }

    fn act(&mut self, effect: Effect, faults: Faults) -> Option<Event> {
        match effect {
            Effect::Journal(ticket, records) => {
                let text: String = records.iter().map(line).collect();
                self.journal(ticket, &text, faults)
            }
            Effect::Receive { max, visibility_s, .. } => {
                let got = self.receive(max, visibility_s);
                Some(Event::Received(if self.chance(faults.calls) {
                    Err("no answer".into())
                } else {
                    Ok(got)
                }))
            }
            Effect::Send(ticket, _, messages) => Some(Event::Sent(ticket, self.send(messages, faults))),
            Effect::Delete(ticket, handles) => Some(Event::Deleted(ticket, self.delete(&handles, faults))),
            Effect::Hide(ticket, handles, seconds) => Some(Event::Hidden(ticket, self.hide(&handles, seconds, faults))),
            Effect::Count => Some(Event::Counted(Ok(self.lying.len() as u64))),
            Effect::End => None,
        }
    }

    /// Begins a journal, as its file does: the header is whole before anything else happens.
    pub(super) fn begin(&mut self, header: &Header) {
        self.disk = line(header);
        self.cache.clear();
    }

    /// Runs from what the disk holds, until the end or until so many steps are over (a crash).
    pub(super) fn run(&mut self, faults: Faults, steps: usize) -> Option<Summary> {
        let ledger = Ledger::read(self.disk.as_bytes()).expect("a journal");
        self.disk.truncate(ledger.whole);
        self.full = false;
        let (mut machine, effects) = Machine::start(&ledger, &self.edits, Vec::new(), self.now);
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
            let over = calls.iter().any(|effect| *effect == Effect::End);
            if over && disk.is_empty() {
                let text = std::mem::take(&mut self.cache);
                self.disk.push_str(&text);
                return Some(machine.summary());
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
                    let due = machine.deadline(self.now).filter(|_| idle);
                    self.now = due.unwrap_or(self.now + self.rng.i64(0..400));
                    Some(Event::Tick)
                }
            };
            if let Some(event) = event {
                let effects = machine.step(self.now, event);
                sort(effects, &mut disk, &mut calls);
            }
        }
        None
    }
}
