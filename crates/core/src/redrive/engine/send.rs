//! Sending and deleting.

use super::super::effect::{Effect, Ticket};
use super::super::fingerprint::fingerprint;
use super::super::record::{Intent, Record, Why};
use super::super::settings::OnUnknown;
use super::item::State;
use super::state::Doing;
use super::{BACKOFF_MAX_MS, BACKOFF_MS, Engine, TRIES, outside};
use crate::domain::outgoing::{BATCH, BATCH_BYTES};
use crate::domain::phrase::Phrase;
use crate::domain::{Handled, Outgoing, Sending};
use crate::redrive::progress::Phase;
use crate::redrive::words::Stays;

impl Engine {
    /// Messages whose time has come wait in line again.
    pub(super) fn wake(&mut self, now: i64) {
        while let Some(&(at, n)) = self.lanes.later.first() {
            if at > now {
                break;
            }
            self.lanes.later.pop_first();
            match self.items[n].state {
                State::Waiting if self.items[n].hand.is_some() => {
                    self.lanes.ready.insert(n);
                }
                State::Sent if self.items[n].hand.is_some() => self.lanes.to_delete.push_back(n),
                _ => {}
            }
        }
    }

    pub(super) fn start_sends(&mut self, now: i64) {
        while self.stopping.is_none()
            && self.inflight.sends < self.header.settings.lanes
            && now >= self.pacing.next_send_at
            && self.pacing.allowance != Some(0)
        {
            let (items, way, messages) = self.next_batch(now);
            if items.is_empty() {
                return;
            }
            if let Some(allowance) = &mut self.pacing.allowance {
                *allowance = allowance.saturating_sub(items.len());
            }
            if let Some(rate) = self.header.settings.rate {
                let each = 1000 * i64::try_from(items.len()).unwrap_or(1) / i64::from(rate.max(1));
                self.pacing.next_send_at = self.pacing.next_send_at.max(now) + each.max(1);
            }
            let to = self.header.ways[way].target.arn().to_owned();
            let intents = items.iter().zip(&messages).map(|(n, message)| Intent {
                id: self.items[*n].id.clone(),
                to: to.clone(),
                hash: fingerprint(&message.body, &message.attributes),
                dedup: message.dedup.clone(),
                at: jiff::Timestamp::from_millisecond(now).ok(),
            });
            let intents = intents.collect();
            for n in &items {
                self.items[*n].state = State::Sending;
                self.lanes.ready.remove(n);
                if let Some(lane) = self.items[*n].lane.clone() {
                    self.lanes.busy.insert(lane);
                }
            }
            self.inflight.sends += 1;
            let ticket = self.ticket(Doing::Intent { items, way });
            self.effects
                .push(Effect::Journal(Some(ticket), vec![Record::Intent(intents)]));
        }
    }

    /// The next messages that go together: one way, one a lane, within the limits of a batch.
    fn next_batch(&mut self, now: i64) -> (Vec<usize>, usize, Vec<Outgoing>) {
        let (mut items, mut way, mut messages, mut bytes) = (Vec::new(), 0, Vec::new(), 0);
        let mut groups: Vec<String> = Vec::new();
        let (mut lost, mut impossible) = (Vec::new(), Vec::new());
        let mut most = BATCH;
        if let Some(rate) = self.header.settings.rate {
            most = most.min(usize::try_from(rate).unwrap_or(BATCH).max(1));
        }
        most = most.min(self.pacing.allowance.unwrap_or(most));
        for &n in &self.lanes.ready {
            let item = &self.items[n];
            if !items.is_empty() && item.way != way {
                continue;
            }
            if !self.is_usable(n, now) {
                lost.push(n);
                continue;
            }
            if let Some(lane) = &item.lane {
                let is_first = self.lanes.waiting.get(lane).and_then(|lane| lane.first()) == Some(&n);
                if !is_first || self.lanes.busy.contains(lane) || groups.contains(lane) {
                    continue;
                }
            }
            let Some(hand) = &item.hand else { continue };
            let Some(the_way) = self.header.ways.get(item.way) else {
                continue;
            };
            let message = match the_way.outgoing(&hand.held.letter, item.edit.as_ref()) {
                Ok(message) => message,
                Err(why) => {
                    impossible.push((n, why));
                    continue;
                }
            };
            if !items.is_empty() && bytes + message.size() > BATCH_BYTES {
                break;
            }
            bytes += message.size();
            way = item.way;
            most = most.min(the_way.target.batch());
            groups.extend(item.lane.clone());
            items.push(n);
            messages.push(message);
            if items.len() >= most {
                break;
            }
        }
        for n in lost {
            // A longer hiding may be under way: it waits for that, or comes again.
            self.lanes.ready.remove(&n);
            let until = self.items[n].hand.as_ref().map_or(now, |hand| hand.until);
            self.lanes.later.insert((until.max(now) + 1, n));
        }
        for (n, why) in impossible {
            self.fail(n, &why.into());
        }
        (items, way, messages)
    }

    /// The intents are durable.
    pub(super) fn send_now(&mut self, items: Vec<usize>, way: usize, now: i64) {
        let the_way = &self.header.ways[way];
        let made = items.iter().map(|n| {
            let item = &self.items[*n];
            let letter = item.hand.as_ref().map(|hand| &hand.held.letter)?;
            the_way.outgoing(letter, item.edit.as_ref()).ok()
        });
        let made: Option<Vec<Outgoing>> = made.collect();
        // A message whose visibility ended meanwhile is not in hand any more: it goes when it comes again.
        let (Some(messages), None) = (made, &self.journal_broken) else {
            self.inflight.sends -= 1;
            for n in items {
                self.not_sent(n, &Stays::NotInHand.into(), now);
            }
            return;
        };
        let target = the_way.target.clone();
        let ticket = self.ticket(Doing::Send { items });
        self.effects.push(Effect::Send(ticket, target, messages));
    }

    /// The target answered.
    pub(super) fn answered(&mut self, ticket: Ticket, outcomes: Vec<Sending>, now: i64) {
        let Some(Doing::Send { items }) = self.inflight.doing.remove(&ticket) else {
            return;
        };
        self.inflight.sends -= 1;
        let (mut sent, mut unknown, mut noted) = (Vec::new(), Vec::new(), Vec::new());
        let mut blocked = None;
        let mut outcomes = outcomes.into_iter();
        for n in items {
            let id = self.items[n].id.clone();
            match outcomes.next() {
                Some(Sending::Sent { id: new }) => {
                    self.report.sent_at = Some(now);
                    self.items[n].state = State::Noting;
                    self.leases.own.insert(new.clone());
                    self.items[n].new_id = Some(new.clone());
                    sent.push((id, new));
                    noted.push(n);
                }
                Some(Sending::Later { why }) => self.not_sent(n, &outside(&why), now),
                Some(Sending::Refused { why }) => {
                    let why = outside(&why);
                    self.report.trouble = Some(why.clone());
                    self.refused(n, &why);
                    self.fail(n, &why);
                }
                Some(Sending::Blocked { why }) => {
                    let why = outside(&why);
                    self.refused(n, &why);
                    self.fail(n, &why);
                    blocked = Some(why);
                }
                nobody_knows => {
                    let why = match nobody_knows {
                        Some(Sending::Unknown { why }) => outside(&why),
                        _ => Stays::Unnamed.into(),
                    };
                    self.report.trouble = Some(why.clone());
                    self.report.unknown_total += 1;
                    self.items[n].unknown += 1;
                    unknown.push((id, Why(why)));
                    let why = Stays::Unknown.into();
                    if self.header.settings.unknown == OnUnknown::Leave {
                        self.fail(n, &why);
                    } else {
                        self.again(n, &why, now);
                    }
                }
            }
        }
        if !unknown.is_empty() {
            self.effects.push(Effect::Journal(None, vec![Record::Unknown(unknown)]));
        }
        if !noted.is_empty() {
            let ticket = self.ticket(Doing::Note { items: noted });
            self.effects
                .push(Effect::Journal(Some(ticket), vec![Record::Sent(sent)]));
        }
        if let Some(why) = blocked {
            self.report.trouble = Some(why.clone());
            self.stop(&why);
        }
    }

    fn refused(&mut self, n: usize, why: &Phrase) {
        let refused = vec![(self.items[n].id.clone(), Why(why.clone()))];
        self.effects.push(Effect::Journal(None, vec![Record::Refused(refused)]));
    }

    /// Handles a message that was certainly not sent: it is retried.
    fn not_sent(&mut self, n: usize, why: &Phrase, now: i64) {
        self.report.trouble = Some(why.clone());
        self.refused(n, why);
        self.again(n, why, now);
    }

    /// Schedules a retry, or leaves the message after too many attempts.
    fn again(&mut self, n: usize, why: &Phrase, now: i64) {
        self.items[n].tries += 1;
        if self.items[n].tries >= TRIES {
            self.fail(n, why);
            return;
        }
        self.free_lane(n);
        if let Some(why) = self.stopping.clone() {
            self.leave(n, &why);
            return;
        }
        self.items[n].state = State::Waiting;
        self.postpone(n, now);
    }

    fn postpone(&mut self, n: usize, now: i64) {
        let tries = self.items[n].tries.saturating_sub(1).min(16);
        let at = now + (BACKOFF_MS << tries).min(BACKOFF_MAX_MS);
        self.lanes.later.insert((at, n));
    }

    /// Stays, and with it what follows it in its group.
    pub(super) fn fail(&mut self, n: usize, why: &Phrase) {
        self.free_lane(n);
        self.leave(n, why);
        let Some(lane) = self.items[n].lane.clone() else { return };
        let reason = Stays::GroupStopped.into();
        for n in self.lanes.waiting.remove(&lane).into_iter().flatten() {
            self.leave(n, &reason);
        }
        self.lanes.stopped.insert(lane, reason);
    }

    pub(super) fn free_lane(&mut self, n: usize) {
        if let Some(lane) = &self.items[n].lane {
            self.lanes.busy.remove(lane);
        }
    }

    /// The sending is durable: the message may be deleted, and the next of its group may go.
    pub(super) fn noted(&mut self, n: usize) {
        self.items[n].state = State::Sent;
        self.items[n].tries = 0;
        self.free_lane(n);
        self.leave_lane(n);
        if self.items[n].hand.is_some() {
            self.lanes.to_delete.push_back(n);
        }
    }

    pub(super) fn start_deletes(&mut self, now: i64) {
        while self.inflight.deletes < self.header.settings.lanes && !self.lanes.to_delete.is_empty() {
            let mut batch = Vec::new();
            while batch.len() < BATCH {
                let Some(n) = self.lanes.to_delete.pop_front() else {
                    break;
                };
                if self.items[n].state != State::Sent {
                    continue;
                }
                let usable = self.is_usable(n, now);
                match &self.items[n].hand {
                    Some(hand) if usable => {
                        batch.push((n, hand.held.handle.clone()));
                        self.items[n].state = State::Deleting;
                    }
                    Some(hand) => {
                        let until = hand.until;
                        self.lanes.later.insert((until.max(now) + 1, n));
                    }
                    None => {}
                }
            }
            if batch.is_empty() {
                return;
            }
            self.inflight.deletes += 1;
            let handles = batch.iter().map(|(_, handle)| handle.clone()).collect();
            let ticket = self.ticket(Doing::Delete { items: batch });
            self.effects.push(Effect::Delete(ticket, handles));
        }
    }

    /// The queue answered. AWS (sqs): the delete with an old handle says that it succeeded, and deletes nothing.
    pub(super) fn deleted(&mut self, ticket: Ticket, outcomes: &[Handled], now: i64) {
        let Some(Doing::Delete { items }) = self.inflight.doing.remove(&ticket) else {
            return;
        };
        self.inflight.deletes -= 1;
        let mut gone = Vec::new();
        for (at, (n, handle)) in items.into_iter().enumerate() {
            let item = &mut self.items[n];
            match outcomes.get(at) {
                Some(Handled::Done) => match &item.hand {
                    Some(hand) if hand.held.handle != handle => {
                        item.state = State::Sent;
                        self.lanes.to_delete.push_back(n);
                    }
                    Some(hand) if hand.until > now => {
                        gone.push(item.id.clone());
                        self.finish_item(n, State::Gone);
                        self.lose(n);
                    }
                    _ => {
                        self.finish_item(n, State::MaybeGone);
                        self.lose(n);
                    }
                },
                outcome => {
                    if let Some(Handled::Failed { why }) = outcome {
                        self.report.trouble = Some(outside(why));
                    }
                    item.state = State::Sent;
                    item.tries += 1;
                    if item.tries >= TRIES {
                        self.leave(n, &Stays::NotDeleted.into());
                    } else {
                        self.postpone(n, now);
                    }
                }
            }
        }
        if !gone.is_empty() {
            self.effects.push(Effect::Journal(None, vec![Record::Gone(gone)]));
        }
    }

    /// Pauses after the canary was sent, until the user confirms.
    pub(super) fn check_canary(&mut self) {
        if self.phase != Phase::Canary || self.pacing.allowance != Some(0) {
            return;
        }
        let is_busy = self.inflight.sends > 0
            || self.inflight.deletes > 0
            || !self.lanes.to_delete.is_empty()
            || self
                .inflight
                .doing
                .values()
                .any(|doing| matches!(doing, Doing::Note { .. }));
        if !is_busy && self.settled < self.items.len() {
            self.phase = Phase::Waiting;
        }
    }
}
