//! The engine: takes events and returns effects. No I/O, no clock, no randomness.
//!
//! ```text
//!            receive          intent durable       sent durable
//!  Waiting ───────────▶ in hand ─────────▶ Sending ─────────▶ Sent ──▶ Deleting ──▶ Gone
//!     ▲                    ▲ │ later, unknown (again) │          │ handle too old      │
//!     └── visibility ended ┘ └────────────────────────┘          └─ received again ◀───┘ shows again
//! ```
//!
//! Three rules prevent losses: nothing is sent before its intent is durable, nothing is deleted before its sending is
//! durable, and nothing counts as deleted because of a receipt handle that may have been old.

mod end;
mod item;
mod leases;
mod send;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use self::end::Closing;
use self::item::{Item, State};
use self::state::{Doing, Inflight, Lanes, Leases, Pacing, Receiving, Report};
use super::effect::{Command, Effect, Event, Ticket};
use super::fingerprint::of_letter;
use super::progress::{Left, Phase, Progress, Summary};
use super::record::{Chosen, Growth, Header, Record, Why};
use super::replay::Replay;
use super::route::Edit;
use super::settings::OnUnknown;
use super::words::Stays;
use crate::domain::phrase::Phrase;
use crate::domain::{Handled, QueueMessage, Received};

/// Receives under way at the same time.
const RECEIVES: usize = 16;
/// Attempts per message before it is left.
const TRIES: u32 = 8;
/// First wait before another attempt; it doubles.
const BACKOFF_MS: i64 = 500;
/// Longest wait before another attempt.
const BACKOFF_MAX_MS: i64 = 20_000;
/// A handle is used for nothing new so shortly before its message shows again.
const MARGIN_MS: i64 = 5_000;

/// Invocations of the target needed to stop: one failure among few proves little, and whoever watches the canary sees it.
const ENOUGH: u64 = 5;

/// A redrive of one queue by the client engine.
pub struct Engine {
    header: Header,
    items: Vec<Item>,
    by_id: HashMap<String, usize>,
    settled: usize,
    leases: Leases,
    lanes: Lanes,
    inflight: Inflight,
    receiving: Receiving,
    pacing: Pacing,
    phase: Phase,
    stopping: Option<Phrase>,
    journal_broken: Option<String>,
    closing: Closing,
    report: Report,
    effects: Vec<Effect>,
}

impl Engine {
    /// Sends this many messages as a canary, also in a resumed redrive: what an earlier canary proved is unknown.
    pub fn first(&mut self, canary: usize) {
        if canary > 0 {
            self.pacing.allowance = Some(canary);
            self.phase = Phase::Canary;
        }
    }

    /// A new redrive, or one that goes on: the replay says how far it came. `held` are messages in hand with the moment at
    /// which others may see them again. Answers with the first effects.
    #[must_use]
    pub fn start(
        replay: &Replay,
        edits: &BTreeMap<String, Edit>,
        held: Vec<(Received, i64)>,
        now: i64,
    ) -> (Self, Vec<Effect>) {
        let settings = &replay.header.settings;
        let is_fresh = replay.entries.values().all(|entry| !entry.open && entry.sent.is_none());
        let allowance = (settings.canary > 0 && is_fresh).then_some(settings.canary);
        let mut engine = Self {
            header: replay.header.clone(),
            items: Vec::with_capacity(replay.order.len()),
            by_id: HashMap::new(),
            settled: 0,
            leases: Leases::default(),
            lanes: Lanes::default(),
            inflight: Inflight::default(),
            receiving: Receiving::begin(now),
            pacing: Pacing {
                allowance,
                next_send_at: now,
            },
            phase: Phase::Canary,
            stopping: None,
            journal_broken: None,
            closing: Closing::default(),
            report: Report {
                runs: (0, 0),
                sent_at: None,
                since: (now, 0),
                unknown_total: replay.unknown(),
                trouble: None,
            },
            effects: Vec::new(),
        };
        if engine.pacing.allowance.is_none() {
            engine.phase = Phase::Moving;
        }
        engine.take_over(replay, edits);
        engine.report.since = (now, engine.sent());
        let mut records = Vec::new();
        for (held, until) in held {
            records.push((held.letter.message_id.clone(), held.handle.clone()));
            engine.take(held, until, settings.visibility_s, now);
        }
        if !records.is_empty() {
            engine.effects.push(Effect::Journal(None, vec![Record::Held(records)]));
        }
        engine.advance(now);
        let effects = std::mem::take(&mut engine.effects);
        (engine, effects)
    }

    /// Restores items from the journal, and makes messages visible again that the killed redrive still held.
    fn take_over(&mut self, replay: &Replay, edits: &BTreeMap<String, Edit>) {
        let (mut open, mut handles) = (Vec::new(), Vec::new());
        for id in &replay.order {
            let Some(entry) = replay.entries.get(id) else { continue };
            let n = self.add(Chosen {
                id: id.clone(),
                hash: entry.hash.clone(),
                way: entry.way,
                group: entry.group.clone(),
                edited: entry.edited,
            });
            let item = &mut self.items[n];
            item.edit = edits.get(id).cloned();
            item.unknown = entry.unknown + u32::from(entry.open);
            item.new_id.clone_from(&entry.sent);
            self.leases.own.extend(entry.sent.clone());
            let is_unknown = item.unknown > 0 && !item.is_sent();
            let is_bare = entry.edited && item.edit.is_none();
            if entry.open {
                open.push((id.clone(), Why(Stays::Unanswered.into())));
            }
            if entry.gone {
                self.finish_item(n, State::Gone);
            } else if item.is_sent() {
                self.items[n].state = State::Sent;
                self.leave_lane(n);
            } else if is_unknown && self.header.settings.unknown == OnUnknown::Leave {
                self.fail(n, &Stays::Unknown.into());
            } else if is_bare {
                self.fail(n, &Stays::EditLost.into());
            }
            if !entry.gone {
                handles.extend(entry.handle.clone());
            }
        }
        if !open.is_empty() {
            self.effects.push(Effect::Journal(None, vec![Record::Unknown(open)]));
        }
        handles.extend(replay.others.values().cloned());
        self.give_back(&handles);
    }

    /// Says what happened; answers with what is to be done.
    pub fn step(&mut self, now: i64, event: Event) -> Vec<Effect> {
        match event {
            Event::Tick => {}
            Event::Journaled(ticket) => self.journaled(ticket, now),
            Event::JournalFailed(ticket, why) => self.journal_failed(ticket, &why),
            Event::Received(answer) => self.received(answer, now),
            Event::Sent(ticket, outcomes) => self.answered(ticket, outcomes, now),
            Event::Deleted(ticket, outcomes) => self.deleted(ticket, &outcomes, now),
            Event::Hidden(ticket, outcomes) => self.hidden(ticket, &outcomes),
            Event::Counted(count) => self.counted(count, now),
            Event::Runs { all, failed } => self.evaluate(all, failed),
            Event::Command(Command::GoOn) => self.go_on(now),
            Event::Command(Command::Stop) => self.stop(&Stays::Stopped.into()),
        }
        self.advance(now);
        std::mem::take(&mut self.effects)
    }

    /// When something is due though nothing happens, in account milliseconds.
    #[must_use]
    pub fn deadline(&self, now: i64) -> Option<i64> {
        if self.phase == Phase::Over {
            return None;
        }
        let later = self.lanes.later.first().map(|(at, _)| *at);
        let expiry = self.leases.expiry.first().map(|(at, _)| *at);
        let send = (!self.lanes.ready.is_empty()).then_some(self.pacing.next_send_at);
        let receive = self.wants_receive().then_some(self.receiving.receive_at);
        let closing = self.closing.at();
        let patience =
            (self.receiving.missing > 0).then_some(self.receiving.found_at + self.header.settings.patience_ms);
        [later, expiry, send, receive, closing, patience]
            .into_iter()
            .flatten()
            .filter(|at| *at > now)
            .min()
    }

    /// What a screen shows of it.
    #[must_use]
    pub fn progress(&self, now: i64) -> Progress {
        let count = |state: fn(&Item) -> bool| self.items.iter().filter(|item| state(item)).count();
        let (since, sent_before) = self.report.since;
        Progress {
            phase: self.phase,
            chosen: self.items.len(),
            in_hand: count(|item| item.hand.is_some() && item.state == State::Waiting),
            sending: count(|item| matches!(item.state, State::Sending | State::Noting)),
            sent: self.sent(),
            deleted: count(|item| item.state == State::Gone),
            left: count(|item| matches!(item.state, State::Left(_))),
            unknown: self.report.unknown_total,
            elapsed_ms: (now - since).max(1),
            sent_before,
            rate: self.header.settings.rate,
            sent_at: self.report.sent_at,
            runs: self.report.runs,
            trouble: self.report.trouble.clone(),
        }
    }

    /// What came of it.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let left = self.items.iter().filter_map(|item| match &item.state {
            State::Gone => None,
            State::Left(why) => Some((item, why.clone())),
            _ => Some((item, Stays::Unconfirmed.into())),
        });
        Summary {
            chosen: self.items.len(),
            sent: self.sent(),
            deleted: self.items.iter().filter(|item| item.state == State::Gone).count(),
            unknown: self.report.unknown_total,
            left: left
                .map(|(item, why)| Left {
                    message_id: item.id.clone(),
                    why,
                    remedy: None,
                })
                .collect(),
            maybe_twice: self
                .items
                .iter()
                .filter(|item| item.unknown > 0 && item.is_sent())
                .map(|item| item.id.clone())
                .collect(),
            journal_trouble: self.journal_broken.clone(),
            unsettled_count: self.closing.disagreement(),
            unseen: self.header.grows.is_some() && !self.closing.agreed(),
        }
    }

    fn add(&mut self, chosen: Chosen) -> usize {
        let n = self.items.len();
        self.by_id.insert(chosen.id.clone(), n);
        let target = self.header.ways.get(chosen.way).map(|way| &way.target);
        let lane = target.filter(|target| target.is_fifo()).zip(chosen.group);
        let lane = lane.map(|(target, group)| format!("{}\n{group}", target.arn()));
        if let Some(lane) = &lane {
            self.lanes.waiting.entry(lane.clone()).or_default().insert(n);
        }
        self.items.push(Item::new(chosen.id, chosen.hash, chosen.way, lane));
        self.receiving.missing += 1;
        n
    }

    fn ticket(&mut self, doing: Doing) -> Ticket {
        self.inflight.next_ticket += 1;
        self.inflight.doing.insert(self.inflight.next_ticket, doing);
        self.inflight.next_ticket
    }

    /// The item of a received message that is selected for the redrive.
    fn admit(&mut self, letter: &QueueMessage) -> Option<usize> {
        if self.stopping.is_some() || self.leases.own.contains(&letter.message_id) {
            return None;
        }
        if letter.sent().is_none_or(|sent| sent > self.header.started) {
            return None;
        }
        let way = match self.header.grows? {
            Growth::First => (!self.header.ways.is_empty()).then_some(0)?,
            Growth::Back => {
                let source = letter.moved_from()?;
                self.header.ways.iter().position(|way| way.target.arn() == source)?
            }
        };
        let chosen = Chosen {
            id: letter.message_id.clone(),
            hash: of_letter(letter),
            way,
            group: letter.group().map(str::to_owned),
            edited: false,
        };
        self.effects
            .push(Effect::Journal(None, vec![Record::Chosen(vec![chosen.clone()])]));
        Some(self.add(chosen))
    }

    /// Nothing more is to be done with an item.
    fn finish_item(&mut self, n: usize, state: State) {
        let item = &mut self.items[n];
        if !item.is_settled() {
            self.settled += 1;
            if item.hand.is_none() {
                self.receiving.missing -= 1;
            }
        }
        item.state = state;
        self.lanes.ready.remove(&n);
        self.leave_lane(n);
    }

    /// The next of its group may go.
    fn leave_lane(&mut self, n: usize) {
        let lane = self.items[n].lane.as_ref();
        if let Some(waiting) = lane.and_then(|lane| self.lanes.waiting.get_mut(lane)) {
            waiting.remove(&n);
        }
    }

    fn leave(&mut self, n: usize, why: &Phrase) {
        self.finish_item(n, State::Left(why.clone()));
        let id = self.items[n].id.clone();
        self.effects
            .push(Effect::Journal(None, vec![Record::Left(vec![(id, Why(why.clone()))])]));
    }

    /// Nothing new is sent; what waits is left.
    fn stop(&mut self, why: &Phrase) {
        if self.stopping.is_none() {
            self.stopping = Some(why.clone());
        }
        for n in 0..self.items.len() {
            if self.items[n].state == State::Waiting {
                self.leave(n, why);
            }
        }
    }

    fn sent(&self) -> usize {
        self.items.iter().filter(|item| item.is_sent()).count()
    }

    fn go_on(&mut self, now: i64) {
        if matches!(self.phase, Phase::Canary | Phase::Waiting) {
            self.report.since = (now, self.sent());
            self.phase = Phase::Moving;
            self.pacing.allowance = None;
        }
    }

    /// Stops if too many invocations of the target failed.
    fn evaluate(&mut self, all: u64, failed: u64) {
        self.report.runs = (all, failed);
        #[expect(clippy::cast_precision_loss, reason = "counts of runs are small")]
        let share = failed as f64 / all.max(1) as f64;
        if all >= ENOUGH && share >= self.header.settings.stop_at {
            self.stop(&Stays::TargetFails { failed, all }.into());
        }
    }

    fn give_back(&mut self, handles: &[String]) {
        for batch in handles.chunks(crate::domain::outgoing::BATCH) {
            let ticket = self.ticket(Doing::GiveBack);
            self.effects.push(Effect::Hide(ticket, batch.to_vec(), 0));
        }
    }

    fn hidden(&mut self, ticket: Ticket, outcomes: &[Handled]) {
        let Some(Doing::Hide { items, at, seconds }) = self.inflight.doing.remove(&ticket) else {
            return;
        };
        for (n, outcome) in items.into_iter().zip(outcomes) {
            self.hidden_longer(n, at, seconds, outcome);
        }
    }

    fn journaled(&mut self, ticket: Ticket, now: i64) {
        match self.inflight.doing.remove(&ticket) {
            Some(Doing::Intent { items, way }) => self.send_now(items, way, now),
            Some(Doing::Note { items }) => items.into_iter().for_each(|n| self.noted(n)),
            other => {
                if let Some(doing) = other {
                    self.inflight.doing.insert(ticket, doing);
                }
            }
        }
    }

    fn journal_failed(&mut self, ticket: Ticket, why: &str) {
        self.journal_broken = Some(why.to_owned());
        let not_sent = Stays::JournalFailed { why: why.to_owned() }.into();
        match self.inflight.doing.remove(&ticket) {
            Some(Doing::Intent { items, .. }) => {
                self.inflight.sends -= 1;
                for n in items {
                    self.free_lane(n);
                    self.leave(n, &not_sent);
                }
            }
            Some(Doing::Note { items }) => {
                let why = Stays::SentJournalFailed { why: why.to_owned() }.into();
                for n in items {
                    self.free_lane(n);
                    self.leave(n, &why);
                }
            }
            _ => {}
        }
        self.stop(&not_sent);
    }

    /// Starts whatever may start now.
    fn advance(&mut self, now: i64) {
        if self.phase == Phase::Over {
            return;
        }
        self.wake(now);
        self.lengthen(now);
        self.start_sends(now);
        self.start_deletes(now);
        self.start_receives(now);
        self.check_canary();
        self.check_end(now);
    }
}

/// An error text from outside as a phrase.
fn outside(why: &str) -> Phrase {
    Stays::Answer { why: why.to_owned() }.into()
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("phase", &self.phase)
            .field("items", &self.items.len())
            .field("settled", &self.settled)
            .finish_non_exhaustive()
    }
}
