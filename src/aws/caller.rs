//! One way to make a call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::limits::Limits;
use super::meter::Meter;
use super::{Api, Error};
use crate::domain::Scope;

/// Attempts if throttled; the wait doubles from half a second.
const THROTTLED_TRIES: u32 = 6;
/// Attempts after a 5xx or a broken connection; the wait doubles from a fifth of a second.
const FAILED_TRIES: u32 = 4;
/// Attempts without a response: each takes the whole timeout.
const SLOW_TRIES: u32 = 2;
/// An API that failed so often in a row gets one attempt a call until it answers again, so that a thousand functions do not
/// each wait for the same failure.
const GIVE_UP_AFTER: u32 = 2;

/// Makes calls within the budgets, counts them, retries where that can help. The SDK's own retries are off.
#[derive(Clone)]
pub struct Caller {
    scope: Scope,
    limits: Limits,
    meter: Meter,
    failing: Arc<Mutex<HashMap<&'static str, u32>>>,
}

impl Caller {
    /// A caller for one account and region.
    #[must_use]
    pub fn new(scope: Scope, limits: Limits, meter: Meter) -> Self {
        Self {
            scope,
            limits,
            meter,
            failing: Arc::default(),
        }
    }

    /// Counts so far.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Makes one call. `send` makes the SDK's future anew for each attempt.
    pub async fn call<T, E, F, S>(&self, api: &'static Api, send: S) -> Result<T, Error>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        S: Fn() -> F,
    {
        self.call_priced(api, 0, send).await
    }

    /// As [`call`](Self::call), for a `GetMetricData` of so many metrics.
    pub async fn call_priced<T, E, F, S>(&self, api: &'static Api, metrics: u64, send: S) -> Result<T, Error>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        S: Fn() -> F,
    {
        let mut attempts = 0;
        loop {
            self.limits.admit(&self.scope, api.budget).await;
            self.meter.count(api, metrics);
            tracing::trace!(api = api.action, "call");
            let error = match send().await {
                Ok(answer) => {
                    self.failing
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .remove(api.action);
                    return Ok(answer);
                }
                Err(error) => Error::from_sdk(api, &error),
            };
            attempts += 1;
            let (tries, first_wait) = match &error {
                Error::Throttled { .. } => (THROTTLED_TRIES, Duration::from_millis(500)),
                Error::Unreachable { slow: true, .. } => (SLOW_TRIES, Duration::from_millis(200)),
                Error::Unreachable { .. } | Error::Failed { transient: true, .. } => {
                    (FAILED_TRIES, Duration::from_millis(200))
                }
                _ => (1, Duration::ZERO),
            };
            if attempts >= tries || (tries > 1 && self.is_given_up(api)) {
                if error.is_transient() {
                    *self
                        .failing
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .entry(api.action)
                        .or_default() += 1;
                }
                tracing::debug!(api = api.action, %error, attempts, "call failed");
                return Err(error);
            }
            // Full jitter between half and the whole of the step, so that parallel callers spread.
            let step = first_wait * 2_u32.saturating_pow(attempts - 1);
            let wait = step.mul_f64(0.5 + fastrand::f64() / 2.0);
            if matches!(error, Error::Throttled { .. }) {
                self.limits.pause(&self.scope, api.budget, wait);
            } else {
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// Makes one call, once: for what must not happen twice, and where the caller of this decides what a failure means.
    pub async fn call_once<T, E, F>(&self, api: &'static Api, request: F) -> Result<T, Error>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.limits.admit(&self.scope, api.budget).await;
        self.meter.count(api, 0);
        request.await.map_err(|error| Error::from_sdk(api, &error))
    }

    fn is_given_up(&self, api: &Api) -> bool {
        let failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        failing.get(api.action).is_some_and(|times| *times >= GIVE_UP_AFTER)
    }
}
