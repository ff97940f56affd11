//! The end of a redrive: every selected message is confirmed by the queue's counts and a short receive.

use std::collections::{HashMap, HashSet};

use super::super::effect::Effect;
use super::super::record::Record;
use super::item::State;
use super::{Engine, outside};
use crate::domain::NoAnswer;
use crate::domain::outgoing::BATCH;
use crate::redrive::progress::Phase;
use crate::redrive::words::Stays;

/// Waits between the rounds in which the queue is asked, in milliseconds. AWS (sqs): counts lag by up to a minute.
const ROUNDS_MS: [i64; 7] = [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000];
/// Seconds that a message stays hidden which the short receive of the end shows.
const SHORT_S: u32 = 10;

/// Times in a row that a queue must count nothing but what stays. AWS (sqs): counts are approximate.
const BARREN: u32 = 2;

/// What the queue said of its size in this round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Count {
    /// Not yet.
    #[default]
    Waiting,
    /// It could not be asked.
    Mute,
    /// So many.
    Told(u64),
}

/// How far the end is.
#[derive(Clone, Debug, Default)]
pub(super) struct Closing {
    round: usize,
    /// The next round's moment.
    at: Option<i64>,
    asked: bool,
    /// Messages that the redrive knew of when the end began.
    items: usize,
    received: bool,
    count: Count,
    /// Messages seen that this redrive leaves in the queue.
    present: HashSet<String>,
    disagreement: Option<u64>,
    /// Whether what the queue counts and shows agreed at the end.
    agreed: bool,
}

impl Closing {
    pub(super) fn at(&self) -> Option<i64> {
        self.at.filter(|_| !self.asked)
    }

    pub(super) fn disagreement(&self) -> Option<u64> {
        self.disagreement
    }

    pub(super) fn agreed(&self) -> bool {
        self.agreed
    }

    pub(super) fn failed(&mut self) {
        self.received = true;
    }

    pub(super) fn received(&mut self, shown: &[(String, String)], known: &HashMap<String, usize>) {
        self.received = true;
        let others = shown.iter().map(|(id, _)| id);
        self.present
            .extend(others.filter(|id| !known.contains_key(*id)).cloned());
    }
}

impl Engine {
    pub(super) fn counted(&mut self, count: Result<u64, NoAnswer>, now: i64) {
        if std::mem::take(&mut self.receiving.counting) {
            self.is_barren(count.ok(), now);
            return;
        }
        if let Err(why) = &count {
            self.report.trouble = Some(outside(&why.0));
        }
        self.closing.count = count.map_or(Count::Mute, Count::Told);
    }

    /// Where the queue has nothing but what stays, twice in a row, what is looked for is no longer there.
    fn is_barren(&mut self, count: Option<u64>, now: i64) {
        let left = self
            .items
            .iter()
            .filter(|item| matches!(item.state, State::Left(_)))
            .count();
        let staying = u64::try_from(left + self.leases.others.len()).unwrap_or(0);
        self.receiving.barren = if count.is_some_and(|count| count <= staying) {
            self.receiving.barren + 1
        } else {
            0
        };
        if self.receiving.barren >= BARREN {
            self.receiving.found_at = now - self.header.settings.patience_ms;
        }
    }

    /// Whether nothing is left to be done but to ask the queue.
    fn is_quiet(&self) -> bool {
        let grows = self.wants_receive() && self.phase != Phase::Closing;
        self.settled == self.items.len()
            && self.inflight.sends == 0
            && self.inflight.deletes == 0
            && self.lanes.to_delete.is_empty()
            && self.inflight.doing.is_empty()
            && self.receiving.receives.is_empty()
            && !self.receiving.counting
            && !grows
    }

    /// Seconds for which a receive of this phase hides. No receive is under way while the phase changes.
    pub(super) fn hidden_s(&self) -> u32 {
        let seconds = self.header.settings.visibility_s;
        if self.phase == Phase::Closing {
            SHORT_S.min(seconds)
        } else {
            seconds
        }
    }

    pub(super) fn check_end(&mut self, now: i64) {
        if self.phase != Phase::Closing {
            if !self.is_quiet() {
                return;
            }
            self.phase = Phase::Closing;
            self.closing.at = Some(now);
            self.closing.items = self.items.len();
            self.give_back_all();
        }
        if self.closing.asked {
            self.judge_round(now);
        }
        if self.phase == Phase::Closing
            && !self.closing.asked
            && self.is_quiet()
            && self.closing.at.is_some_and(|at| at <= now)
        {
            self.closing.asked = true;
            self.closing.received = false;
            self.closing.count = Count::Waiting;
            self.receiving.receives.push_back(now);
            // Where every delete was confirmed with a handle that was fresh, a short look is enough beside the count.
            let is_certain = self.items.iter().all(|item| item.state != State::MaybeGone);
            self.effects.push(Effect::Receive {
                max: BATCH,
                visibility_s: self.hidden_s(),
                wait_s: u32::from(self.closing.round > 0 || !is_certain),
            });
        }
    }

    /// Everything in hand goes back: what stays, and what was never meant.
    fn give_back_all(&mut self) {
        let mut handles: Vec<String> = Vec::new();
        for n in 0..self.items.len() {
            if let Some(hand) = &self.items[n].hand {
                handles.push(hand.held.handle.clone());
                self.lose(n);
            }
        }
        let others = std::mem::take(&mut self.leases.others);
        self.closing.present.extend(others.keys().cloned());
        handles.extend(others.into_values().map(|(handle, _)| handle));
        self.give_back(&handles);
    }

    /// Both answers of a round are there, and what they showed is dealt with: do they agree?
    fn judge_round(&mut self, now: i64) {
        let is_more = self.items.len() > self.closing.items;
        // What came into sight behind the canary waits for a word, and the end does not come before that.
        let waits = is_more && self.pacing.allowance == Some(0) && self.receiving.receives.is_empty();
        if !self.closing.received || !(waits || self.is_quiet()) {
            return;
        }
        if is_more {
            // More came into sight: the end was not the end.
            self.closing = Closing {
                present: std::mem::take(&mut self.closing.present),
                ..Closing::default()
            };
            self.receiving.empty_receives = 0;
            self.phase = match self.pacing.allowance {
                Some(_) => Phase::Canary,
                None => Phase::Moving,
            };
            return;
        }
        // Count after the messages of that receive are deleted or visible again.
        let count = match self.closing.count {
            Count::Waiting => {
                if self.closing.at.take().is_some() {
                    self.effects.push(Effect::Count);
                }
                return;
            }
            Count::Mute => None,
            Count::Told(count) => Some(count),
        };
        let gone = self
            .items
            .iter()
            .filter(|item| matches!(item.state, State::Gone | State::MaybeGone));
        let gone = u64::try_from(gone.count()).unwrap_or(u64::MAX);
        let left = self
            .items
            .iter()
            .filter(|item| matches!(item.state, State::Left(_)))
            .count();
        let present = u64::try_from(left + self.closing.present.len()).unwrap_or(0);
        // A redrive of the whole queue is not done while the queue has messages that it has not seen.
        let expected = match self.header.grows {
            Some(_) => present,
            None => self.header.depth.saturating_sub(gone).max(present),
        };
        self.closing.disagreement = count
            .and_then(|count| count.checked_sub(expected))
            .filter(|over| *over > 0);
        let agree = count.is_some_and(|count| count <= expected);
        self.closing.round += 1;
        // A queue that does not return counts will not return them in a minute either.
        let mute = count.is_none() && self.closing.round > 1;
        if agree || mute || self.closing.round >= ROUNDS_MS.len() {
            self.finish(agree);
        } else {
            self.closing.asked = false;
            self.closing.at = Some(now + ROUNDS_MS[self.closing.round]);
        }
    }

    fn finish(&mut self, agree: bool) {
        self.closing.agreed = agree;
        let mut gone = Vec::new();
        for n in 0..self.items.len() {
            if self.items[n].state == State::MaybeGone {
                if agree {
                    gone.push(self.items[n].id.clone());
                    self.items[n].state = State::Gone;
                } else {
                    self.leave(n, &Stays::DeleteUncertain.into());
                }
            }
        }
        let whole = self.items.iter().all(|item| item.state == State::Gone);
        let mut records = vec![Record::End(whole)];
        if !gone.is_empty() {
            records.insert(0, Record::Gone(gone));
        }
        self.effects.push(Effect::Journal(None, records));
        self.effects.push(Effect::End);
        self.phase = Phase::Over;
    }
}
