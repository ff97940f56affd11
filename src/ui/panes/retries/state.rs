//! The state of the pane of retries: its rows and the chosen one.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::delivery::{AttemptOutcome, Deliveries, Delivery, Fate};
use crate::domain::{Condition, NodeId};
use crate::store::snapshot::Snapshot;
use crate::ui::panes::logs::state::{LogPane, Request};

/// More rows than this are aggregated by function and error, unless a person chose otherwise.
const TOO_MANY: usize = 200;

/// The state of the pane.
#[derive(Clone, Debug, Default)]
pub struct Retries {
    /// The key of the chosen row, which stays chosen when rows come and go.
    pub chosen: Option<String>,
    /// Its last index, in case it is gone.
    pub at: usize,
    /// Whether it is open.
    pub open: bool,
    /// The rows scrolled in it.
    pub scroll: u16,
    /// The number of the attempt whose log is shown; `None` for the last one.
    pub attempt: Option<u32>,
    /// The log of that attempt; `None` if no line belongs to it.
    pub log: Option<Box<LogPane>>,
    /// Whether the log is shown instead of the text, on a screen too small for both.
    pub log_first: bool,
    /// Whether succeeded events are shown too.
    pub everything: bool,
    /// The only function shown; `None` for all.
    pub only: Option<NodeId>,
    /// Whether rows are aggregated.
    pub grouping: Grouping,
    /// Zoom steps from the axis that fits: positive ones show less time.
    pub zoom: i8,
}

/// Whether rows are aggregated by function and error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// If there are too many.
    #[default]
    Auto,
    /// Never: one row per event.
    Each,
    /// Always.
    Grouped,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<'a> {
    /// One event.
    One(&'a Delivery),
    /// Events of a function with the same error, most urgent first.
    Many(Vec<&'a Delivery>),
}

impl<'a> Entry<'a> {
    /// The event that stands for the row.
    #[must_use]
    pub fn first(&self) -> &'a Delivery {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many[0],
        }
    }

    /// The events of the row.
    #[must_use]
    pub fn all(&self) -> &[&'a Delivery] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }

    /// The number of events.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.all().iter().map(|delivery| delivery.count.max(1)).sum()
    }

    /// The key of the row, stable across snapshots.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::One(one) => format!("{} {}", one.function, one.id),
            Self::Many(many) => format!("{} {}", many[0].function, what_failed(many[0])),
        }
    }
}

/// The error of the last failed attempt, by which events are aggregated.
fn what_failed(delivery: &Delivery) -> String {
    let error = delivery
        .attempts
        .iter()
        .rev()
        .find_map(|attempt| attempt.error.as_ref());
    match error {
        Some(error) => error.kind.clone().unwrap_or_else(|| error.message.clone()),
        None => "no error".to_owned(),
    }
}

/// Whether the event failed, waits for an attempt, or is lost.
#[must_use]
pub fn needs_a_look(delivery: &Delivery) -> bool {
    let ended_well = delivery
        .end
        .as_ref()
        .is_some_and(|end| matches!(end.fate, Fate::Succeeded));
    let failed = delivery.attempts.iter().any(|attempt| {
        !matches!(
            attempt.outcome,
            AttemptOutcome::Ok | AttemptOutcome::Running | AttemptOutcome::Pending
        )
    });
    !ended_well && (failed || delivery.next.is_some() || delivery.waits.is_some() || delivery.end.is_some())
}

/// Whether another attempt is expected, or was due and may have been made.
#[must_use]
pub fn is_tried_again(delivery: &Delivery) -> bool {
    let was_due = delivery.overdue.is_some() || delivery.missed.is_some();
    delivery.end.is_none() && (delivery.next.is_some() || was_due)
}

/// The index of the chosen attempt of a delivery; `None` if it has no attempts.
#[must_use]
pub fn chosen_attempt(delivery: &Delivery, attempt: Option<u32>) -> Option<usize> {
    let last = delivery.attempts.len().checked_sub(1)?;
    let chosen = attempt.and_then(|n| delivery.attempts.iter().position(|one| one.n == n));
    Some(chosen.unwrap_or(last))
}

/// The request of an attempt's lines. Attempts with the same ID are distinguished by their order.
#[must_use]
pub fn request_of(delivery: &Delivery, attempt: usize) -> Option<Request> {
    let id = delivery.attempts.get(attempt)?.request_id.clone()?;
    let same = |one: &&crate::domain::delivery::Attempt| one.request_id.as_ref() == Some(&id);
    let nth = delivery.attempts[..attempt].iter().filter(same).count() + 1;
    let shared = delivery.attempts.iter().filter(same).count() > 1;
    Some(Request {
        function: delivery.function.clone(),
        attempt: u32::try_from(nth).ok().filter(|_| shared),
        id,
    })
}

/// The events of a function that will be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// Their number.
    pub count: u64,
    /// The earliest time of the first retry; `None` if AWS publishes no rule.
    pub nearest: Option<Timestamp>,
}

/// The events that will be retried, by function.
#[must_use]
pub fn in_flight(deliveries: &Deliveries) -> BTreeMap<NodeId, InFlight> {
    let mut all: BTreeMap<NodeId, InFlight> = BTreeMap::new();
    let again = |delivery: &&Delivery| needs_a_look(delivery) && is_tried_again(delivery);
    for delivery in deliveries.deliveries.iter().filter(again) {
        let next = delivery.next.as_ref();
        // Of what is throttled no countdown is kept.
        let nearest = next
            .filter(|next| !next.conditions.iter().any(Condition::is_of_time))
            .and_then(|next| next.latest.map(|_| next.earliest));
        let known = all
            .entry(delivery.function.clone())
            .or_insert(InFlight { count: 0, nearest });
        known.count += delivery.count.max(1);
        known.nearest = match (known.nearest, nearest) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    all
}

/// The rows, most urgent first.
#[must_use]
pub fn rows<'a>(deliveries: &'a Deliveries, state: &Retries) -> Vec<Entry<'a>> {
    let shown: Vec<&Delivery> = deliveries
        .deliveries
        .iter()
        .filter(|delivery| state.everything || needs_a_look(delivery))
        .filter(|delivery| state.only.as_ref().is_none_or(|only| delivery.function == *only))
        .collect();
    let grouped = match state.grouping {
        Grouping::Auto => shown.len() > TOO_MANY,
        Grouping::Each => false,
        Grouping::Grouped => true,
    };
    if !grouped {
        return shown.into_iter().map(Entry::One).collect();
    }
    let mut at: BTreeMap<(&NodeId, String), usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Delivery>> = Vec::new();
    for delivery in shown {
        let place = *at
            .entry((&delivery.function, what_failed(delivery)))
            .or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(delivery),
            None => groups.push(vec![delivery]),
        }
    }
    groups.into_iter().map(Entry::Many).collect()
}

impl Retries {
    /// The index of the chosen row.
    #[must_use]
    pub fn place(&self, rows: &[Entry]) -> usize {
        let known = self
            .chosen
            .as_ref()
            .and_then(|key| rows.iter().position(|row| row.key() == *key));
        known.unwrap_or_else(|| self.at.min(rows.len().saturating_sub(1)))
    }

    /// Chooses a row.
    pub fn choose(&mut self, rows: &[Entry], at: usize) {
        let at = at.min(rows.len().saturating_sub(1));
        let chosen = rows.get(at).map(Entry::key);
        if self.chosen != chosen {
            self.scroll = 0;
            self.attempt = None;
        }
        (self.at, self.chosen) = (at, chosen);
    }

    /// Moves the chosen attempt of the open row by a number; the last one is followed.
    pub fn go_to_attempt(&mut self, rows: &[Entry], by: isize) {
        let Some(delivery) = rows.get(self.place(rows)).map(Entry::first) else {
            return;
        };
        let Some(at) = chosen_attempt(delivery, self.attempt) else {
            return;
        };
        let last = delivery.attempts.len() - 1;
        let to = at.saturating_add_signed(by).min(last);
        self.attempt = (to < last).then(|| delivery.attempts[to].n);
    }

    /// Opens the log of the chosen attempt, if a row is open.
    pub fn update_from(&mut self, snapshot: &Snapshot) {
        if !self.open {
            self.log = None;
            return;
        }
        let all = rows(&snapshot.deliveries, self);
        let delivery = all.get(self.place(&all)).map(Entry::first);
        let request = delivery.and_then(|one| request_of(one, chosen_attempt(one, self.attempt)?));
        let Some(request) = request else {
            self.log = None;
            return;
        };
        let same = self
            .log
            .as_ref()
            .is_some_and(|log| log.request.as_ref() == Some(&request));
        if !same {
            let mut log = LogPane::on(request);
            log.wrap = true;
            self.log = Some(Box::new(log));
        }
        if let Some(log) = &mut self.log {
            log.update_from(snapshot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::{deliveries, noon};

    #[test]
    fn what_ended_well_is_shown_only_when_asked_for() {
        let all = deliveries(noon());
        let few = rows(&all, &Retries::default());
        let everything = Retries {
            everything: true,
            ..Retries::default()
        };
        assert!(few.iter().all(|row| needs_a_look(row.first())));
        assert_eq!(rows(&all, &everything).len(), all.deliveries.len());
        assert!(few.len() < all.deliveries.len());
    }

    #[test]
    fn thousands_are_put_together_by_function_and_error() {
        let one = deliveries(noon()).deliveries.remove(0);
        let many = (0..3_000).map(|n| Delivery {
            id: n.to_string(),
            ..one.clone()
        });
        let all = Deliveries {
            deliveries: many.collect(),
            ..Deliveries::default()
        };
        let grouped = rows(&all, &Retries::default());
        assert_eq!((grouped.len(), grouped[0].count()), (1, 3_000));
        let each = Retries {
            grouping: Grouping::Each,
            ..Retries::default()
        };
        assert_eq!(rows(&all, &each).len(), 3_000);
    }

    #[test]
    fn the_chosen_row_stays_chosen_when_others_come() {
        let mut all = deliveries(noon());
        let mut state = Retries::default();
        let before = rows(&all, &state);
        state.choose(&before, 1);
        let chosen = before[1].key();
        let newcomer = Delivery {
            id: "another".into(),
            ..all.deliveries[0].clone()
        };
        all.deliveries.insert(0, newcomer);
        let after = rows(&all, &state);
        assert_eq!(after[state.place(&after)].key(), chosen);
        all.deliveries.clear();
        assert_eq!(state.place(&rows(&all, &state)), 0);
    }
}
