//! Messages in hand: received, hidden for longer, lost, found again.

use super::super::effect::Effect;
use super::super::fingerprint::of_letter;
use super::super::record::Record;
use super::item::{Lease, State};
use super::state::Doing;
use super::{BACKOFF_MS, Engine, MARGIN_MS, RECEIVES, outside};
use crate::domain::outgoing::BATCH;
use crate::domain::{Handled, NoAnswer, Received};
use crate::redrive::progress::Phase;
use crate::redrive::words::Stays;

/// The longest hiding asked for at once, in seconds.
const HIDE_MAX_S: u32 = 600;
/// AWS (sqs): a message shows again 12 hours after its receive, whatever is asked.
const HIDE_LIMIT_S: u32 = 43_200;

impl Engine {
    /// Takes a message in hand, wherever it belongs.
    pub(super) fn take(&mut self, held: Received, until: i64, hidden_s: u32, now: i64) {
        let id = held.letter.message_id.clone();
        let known = self.by_id.get(&id).copied().or_else(|| self.admit(&held.letter));
        let Some(n) = known else {
            self.leases.others.insert(id, (held.handle, until));
            return;
        };
        if of_letter(&held.letter) != self.items[n].hash {
            if !self.items[n].is_settled() {
                self.leave(n, &Stays::AnotherMessage.into());
            }
            self.leases.others.insert(id, (held.handle, until));
            return;
        }
        if !self.items[n].is_settled() && self.items[n].hand.is_none() {
            self.receiving.missing -= 1;
            self.receiving.found_at = now;
        }
        self.hold(n, held, until, hidden_s);
        match self.items[n].state {
            State::Waiting => self.enqueue(n),
            // It reappeared: the final sweep.
            State::Sent => self.lanes.to_delete.push_back(n),
            State::Gone | State::MaybeGone if self.items[n].is_sent() => {
                self.settled -= 1;
                self.items[n].state = State::Sent;
                self.lanes.to_delete.push_back(n);
            }
            // On its way: the newer handle is used when its turn comes.
            _ => {}
        }
    }

    fn hold(&mut self, n: usize, held: Received, until: i64, hidden_s: u32) {
        if let Some(before) = &self.items[n].hand {
            self.leases.expiry.remove(&(due(before), n));
        }
        let hand = Lease {
            held,
            until,
            hidden_s,
            hiding: false,
        };
        self.leases.expiry.insert((due(&hand), n));
        self.items[n].hand = Some(hand);
    }

    /// Lets go of a message whose visibility has ended: it comes again.
    pub(super) fn lose(&mut self, n: usize) {
        if let Some(hand) = self.items[n].hand.take() {
            self.leases.expiry.remove(&(due(&hand), n));
            if !self.items[n].is_settled() {
                self.receiving.missing += 1;
            }
        }
        self.lanes.ready.remove(&n);
    }

    /// Makes messages in hand of a group visible again if the next one in order is no longer in hand: AWS returns nothing
    /// of a group while one of its messages is in flight, so it would never be received.
    fn let_go_behind(&mut self, n: usize) {
        let Some(lane) = self.items[n]
            .lane
            .clone()
            .filter(|_| self.items[n].state == State::Waiting)
        else {
            return;
        };
        let mut handles = Vec::new();
        for m in self.lanes.waiting.get(&lane).cloned().unwrap_or_default() {
            if let Some(hand) = self.items[m]
                .hand
                .as_ref()
                .filter(|_| self.items[m].state == State::Waiting)
            {
                handles.push(hand.held.handle.clone());
                self.lose(m);
            }
        }
        self.give_back(&handles);
    }

    /// Puts an unsent message in hand into its line.
    fn enqueue(&mut self, n: usize) {
        let lane = self.items[n].lane.as_ref();
        if let Some(why) = lane.and_then(|lane| self.lanes.stopped.get(lane)).cloned() {
            self.leave(n, &why);
            return;
        }
        self.lanes.ready.insert(n);
    }

    pub(super) fn received(&mut self, answer: Result<Vec<Received>, NoAnswer>, now: i64) {
        // Counted from the oldest question: hidden for less is safe to believe, for longer is not.
        let asked = self.receiving.receives.pop_front().unwrap_or(now);
        let messages = match answer {
            Ok(messages) => {
                self.receiving.answered_at = now;
                messages
            }
            Err(why) => {
                self.report.trouble = Some(outside(&why.0));
                // A queue that never answers again shows nothing more.
                self.receiving.deaf = now - self.receiving.answered_at >= self.header.settings.patience_ms;
                self.receiving.receive_at = now + BACKOFF_MS * 4;
                self.closing.failed();
                return;
            }
        };
        let seconds = self.hidden_s();
        let until = asked + i64::from(seconds) * 1000;
        let missing = self.receiving.missing;
        let fresh = messages
            .iter()
            .any(|held| !self.by_id.contains_key(&held.letter.message_id));
        let records = messages
            .iter()
            .map(|held| (held.letter.message_id.clone(), held.handle.clone()));
        let records: Vec<_> = records.collect();
        if records.is_empty() {
            self.receiving.empty_receives += 1;
            if missing > 0 && self.phase != Phase::Closing && !self.receiving.counting {
                self.receiving.counting = true;
                self.effects.push(Effect::Count);
            }
        } else {
            self.effects.push(Effect::Journal(None, vec![Record::Held(records)]));
        }
        let mut shown = Vec::new();
        let items = self.items.len();
        for held in messages {
            shown.push((held.letter.message_id.clone(), held.handle.clone()));
            self.take(held, until, seconds, now);
        }
        if self.receiving.missing < missing || self.items.len() > items {
            self.receiving.empty_receives = 0;
        } else if missing > 0 && !fresh {
            // Only what is known and not looked for: the rest comes when its time comes.
            self.receiving.receive_at = now + BACKOFF_MS;
        }
        self.closing.received(&shown, &self.by_id);
        if self.phase == Phase::Closing {
            // What stays, and what was never meant, is not kept from others for longer than a moment.
            let mut back = Vec::new();
            for (id, handle) in shown {
                let is_other = self.leases.others.remove(&id).is_some();
                let staying = self.by_id.get(&id).copied();
                let staying = staying.filter(|n| matches!(self.items[*n].state, State::Left(_)));
                if let Some(n) = staying {
                    self.lose(n);
                }
                if is_other || staying.is_some() {
                    back.push(handle);
                }
            }
            self.give_back(&back);
        }
    }

    /// Whether messages are to be looked for.
    pub(super) fn wants_receive(&self) -> bool {
        let grows = self.header.grows.is_some()
            && self.stopping.is_none()
            && self.receiving.empty_receives < 3
            && !self.receiving.deaf;
        self.phase != Phase::Closing && (self.receiving.missing > 0 || grows)
    }

    pub(super) fn start_receives(&mut self, now: i64) {
        self.give_up_waiting(now);
        if !self.wants_receive() || now < self.receiving.receive_at {
            return;
        }
        let wanted = if self.header.grows.is_some() || self.receiving.empty_receives > 0 {
            1
        } else {
            self.receiving.missing.div_ceil(BATCH).min(RECEIVES)
        };
        while self.receiving.receives.len() < wanted {
            self.receiving.receives.push_back(now);
            self.effects.push(Effect::Receive {
                max: BATCH,
                visibility_s: self.header.settings.visibility_s,
                wait_s: 1,
            });
        }
    }

    /// What did not come within the time that is waited for is named. What was sent is decided by the queue's counts.
    fn give_up_waiting(&mut self, now: i64) {
        if self.receiving.missing == 0 || now - self.receiving.found_at < self.header.settings.patience_ms {
            return;
        }
        for n in 0..self.items.len() {
            let item = &self.items[n];
            if item.hand.is_some() || item.is_settled() {
                continue;
            }
            match item.state {
                State::Waiting => {
                    self.fail(n, &Stays::NotSeenAgain.into());
                }
                State::Sent => self.finish_item(n, State::MaybeGone),
                _ => {}
            }
        }
    }

    /// Hides for longer what is still needed, ahead of time.
    pub(super) fn lengthen(&mut self, now: i64) {
        let mut batches: std::collections::BTreeMap<u32, Vec<usize>> = std::collections::BTreeMap::new();
        while let Some(&(at, n)) = self.leases.expiry.first() {
            if at > now {
                break;
            }
            self.leases.expiry.pop_first();
            let is_settled = self.items[n].is_settled();
            let Some(hand) = &mut self.items[n].hand else { continue };
            if hand.until <= now {
                // Its time is over, unless the answer to a longer hiding is still on its way.
                if !hand.hiding {
                    self.lose(n);
                    self.let_go_behind(n);
                }
            } else if is_settled || hand.hiding {
                // Comes up once more at its end.
                let until = hand.until;
                self.leases.expiry.insert((until, n));
            } else {
                hand.hiding = true;
                let seconds =
                    (hand.hidden_s * 2).clamp(self.header.settings.visibility_s, HIDE_MAX_S.max(hand.hidden_s));
                let until = hand.until;
                self.leases.expiry.insert((until, n));
                batches.entry(seconds.min(HIDE_LIMIT_S)).or_default().push(n);
            }
        }
        for (seconds, items) in batches {
            for items in items.chunks(BATCH) {
                let handles = items.iter().filter_map(|n| self.items[*n].hand.as_ref());
                let handles = handles.map(|hand| hand.held.handle.clone()).collect();
                let items = items.to_vec();
                let ticket = self.ticket(Doing::Hide {
                    items,
                    at: now,
                    seconds,
                });
                self.effects.push(Effect::Hide(ticket, handles, seconds));
            }
        }
    }

    /// The answer to a longer hiding.
    pub(super) fn hidden_longer(&mut self, n: usize, at: i64, seconds: u32, outcome: &Handled) {
        let Some(hand) = &mut self.items[n].hand else { return };
        if !hand.hiding {
            return;
        }
        self.leases.expiry.remove(&(due(hand), n));
        self.leases.expiry.remove(&(hand.until, n));
        hand.hiding = false;
        match outcome {
            Handled::Done => {
                // It counts from when the queue did it, which is not before it was asked.
                hand.until = at + i64::from(seconds) * 1000;
                hand.hidden_s = seconds;
                let due = due(hand);
                self.leases.expiry.insert((due, n));
            }
            Handled::Failed { why } => {
                self.report.trouble = Some(outside(why));
                let until = hand.until;
                self.leases.expiry.insert((until, n));
            }
        }
    }

    /// Whether a hand may still be used for something new.
    pub(super) fn is_usable(&self, n: usize, now: i64) -> bool {
        let margin = MARGIN_MS.min(i64::from(self.header.settings.visibility_s) * 1000 / 4);
        self.items[n]
            .hand
            .as_ref()
            .is_some_and(|hand| hand.until > now + margin)
    }
}

/// When to extend a lease: at half of its time, so that a second attempt is possible.
fn due(hand: &Lease) -> i64 {
    hand.until - i64::from(hand.hidden_s) * 500
}
