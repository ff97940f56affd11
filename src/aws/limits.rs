//! One limiter for each account, region and budget.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

use super::api::Budget;
use crate::domain::Scope;

/// A gate for each budget of a place.
type Gates = HashMap<(Scope, Budget), Arc<Gate>>;

/// Hands out permission to call. Cheap to clone; clones share the budgets.
#[derive(Clone)]
pub struct Limits {
    gates: Arc<Mutex<Gates>>,
    share: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self::times(1)
    }
}

struct Gate {
    limiter: DefaultDirectRateLimiter,
    /// No call of this budget starts before this time: set when AWS throttles.
    closed_until: Mutex<Option<Instant>>,
}

impl Limits {
    /// Budgets `share` times as large: for an account that nobody else uses or pays for.
    #[must_use]
    pub fn times(share: u32) -> Self {
        Self {
            gates: Arc::default(),
            share,
        }
    }

    fn gate(&self, scope: &Scope, budget: Budget) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (scope.clone(), budget);
        let gate = gates.entry(key).or_insert_with(|| {
            let rate = NonZeroU32::new(budget.per_second().saturating_mul(self.share)).unwrap_or(NonZeroU32::MIN);
            // AWS admits a second's worth at once, too: where as many went, one that comes a little early would be refused, and
            // all of the budget wait.
            let burst = NonZeroU32::new(rate.get().div_ceil(3) * 2).map_or(rate, |burst| burst.min(rate));
            let limiter = RateLimiter::direct(Quota::per_second(rate).allow_burst(burst));
            Arc::new(Gate {
                limiter,
                closed_until: Mutex::new(None),
            })
        });
        Arc::clone(gate)
    }

    /// Waits until one more call of this budget is within it.
    pub async fn admit(&self, scope: &Scope, budget: Budget) {
        let gate = self.gate(scope, budget);
        loop {
            let closed = *gate.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
            match closed {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => break,
            }
        }
        gate.limiter.until_ready().await;
    }

    /// Closes a budget for a while: AWS said that it was too much, so all callers of it wait, not only this one.
    pub fn pause(&self, scope: &Scope, budget: Budget, pause: Duration) {
        let gate = self.gate(scope, budget);
        let mut closed = gate.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + pause;
        *closed = Some(closed.map_or(until, |before| before.max(until)));
    }
}
