//! The Scheduler: schedules of their own, without a bus.

use std::sync::Arc;

use super::bus::{Origin, Target};
use super::schedule::Expression;
use super::{Happening, World};
use crate::sim::value::Value;

/// A schedule.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The expression's text.
    pub text: String,
    /// What it means.
    pub expression: Expression,
    /// An IANA time zone; UTC where it is empty.
    pub zone: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// What was said about it.
    pub description: Option<String>,
    /// What is called.
    pub target: Target,
    /// `FlexibleTimeWindow`, echoed.
    pub window: Value,
    /// It fires from here.
    pub start: Option<i64>,
    /// It fires up to here.
    pub end: Option<i64>,
    /// Whether it goes away after it has fired for the last time.
    pub delete_after: bool,
    /// When it was created.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// When it fires next.
    pub next: Option<i64>,
}

impl World {
    /// A schedule's ARN.
    #[must_use]
    pub fn schedule_arn(&self, group: &str, name: &str) -> String {
        self.arn("scheduler", &format!("schedule/{group}/{name}"))
    }

    /// Sets a schedule's next time down, after it was made or changed.
    pub(crate) fn plan_schedule(&mut self, group: &str, name: &str) {
        let now = self.now;
        let key = (group.to_owned(), name.to_owned());
        let Some(schedule) = self.schedules.get_mut(&key) else {
            return;
        };
        let from = schedule.start.map_or(now, |start| now.max(start - 1));
        let since = schedule.start.unwrap_or(schedule.created);
        let next = schedule
            .expression
            .next(from, since, &schedule.zone)
            .filter(|at| schedule.end.is_none_or(|end| *at <= end));
        schedule.next = next.filter(|_| schedule.enabled);
        if let Some(at) = schedule.next {
            self.later(at, Happening::Schedule(key.0, key.1));
        }
    }

    pub(super) fn fire_schedule(&mut self, group: &str, name: &str) {
        let (now, key) = (self.now, (group.to_owned(), name.to_owned()));
        let Some(schedule) = self.schedules.get(&key).filter(|s| s.next == Some(now)) else {
            return;
        };
        let (target, delete_after) = (schedule.target.clone(), schedule.delete_after);
        let payload: Arc<str> = target.input.clone().unwrap_or_else(|| "{}".to_owned()).into();
        let origin = Origin::Schedule(group.to_owned(), name.to_owned(), now);
        self.deliver(origin, target, Arc::clone(&payload), payload);
        self.plan_schedule(group, name);
        if delete_after && self.schedules.get(&key).is_some_and(|s| s.next.is_none()) {
            self.schedules.remove(&key);
        }
    }
}
