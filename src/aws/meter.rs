//! Counts every call and what it costs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Api;
use crate::domain::CallCount;

/// The pace is that of the last ten minutes, so that it does not jump with each sweep. It is so from the start: over a
/// shorter time it would be mostly the first sweep, which comes only once.
const WINDOW: Duration = Duration::from_mins(10);
const RATE_WINDOW: Duration = Duration::from_secs(10);

/// The meter. Cheap to clone; clones count together.
#[derive(Clone)]
pub struct Meter {
    state: Arc<Mutex<State>>,
}

struct State {
    by_api: BTreeMap<&'static str, u64>,
    total: u64,
    nanodollars: u64,
    /// Seconds with calls: when, how many, billionths of a dollar.
    recent: VecDeque<(Instant, u64, u64)>,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                by_api: BTreeMap::new(),
                total: 0,
                nanodollars: 0,
                recent: VecDeque::new(),
            })),
        }
    }
}

impl Meter {
    /// Counts one call. `metrics` is how many metrics a `GetMetricData` asks for, else 0.
    pub fn count(&self, api: &'static Api, metrics: u64) {
        self.count_at(Instant::now(), api, metrics);
    }

    /// As [`count`](Self::count), for a call at that moment.
    pub fn count_at(&self, now: Instant, api: &'static Api, metrics: u64) {
        let cost = api.nanodollars + metrics * super::api::METRIC_NANODOLLARS;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state.by_api.entry(api.action).or_default() += 1;
        state.total += 1;
        state.nanodollars += cost;
        match state.recent.back_mut() {
            Some((at, calls, dollars)) if now.duration_since(*at) < Duration::from_secs(1) => {
                *calls += 1;
                *dollars += cost;
            }
            _ => state.recent.push_back((now, 1, cost)),
        }
        while state
            .recent
            .front()
            .is_some_and(|(at, ..)| now.duration_since(*at) > WINDOW)
        {
            state.recent.pop_front();
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn read(&self) -> CallCount {
        self.read_at(Instant::now())
    }

    /// As [`read`](Self::read), at that moment.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts and prices shown with two digits")]
    pub fn read_at(&self, now: Instant) -> CallCount {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = state
            .recent
            .iter()
            .filter(|(at, ..)| now.duration_since(*at) <= RATE_WINDOW)
            .map(|(_, n, _)| n)
            .sum::<u64>();
        let cost = state
            .recent
            .iter()
            .filter(|(at, ..)| now.duration_since(*at) <= WINDOW)
            .map(|(_, _, d)| d)
            .sum::<u64>();
        CallCount {
            by_api: state.by_api.iter().map(|(api, n)| ((*api).to_owned(), *n)).collect(),
            total: state.total,
            per_second: calls as f64 / RATE_WINDOW.as_secs_f64(),
            dollars_per_hour: cost as f64 / 1e9 / WINDOW.as_secs_f64() * 3600.0,
            dollars: state.nanodollars as f64 / 1e9,
        }
    }
}
