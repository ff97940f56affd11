//! The chain of requests that an event is part of, as the `Lineage` of the X-Ray header carries it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How often each function was invoked in one chain of requests. Travels with invocations, messages, notifications and
/// objects, but not through tables, streams and buses. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage {
    runs: Option<Arc<BTreeMap<String, u32>>>,
    /// The event that was dropped by hand which it is part of. Nothing of AWS's: it travels everywhere.
    marble: Option<u64>,
}

/// AWS (loops): a chain is stopped when a function was invoked about 16 times in it.
pub const LIMIT: u32 = 16;

impl Lineage {
    /// A chain that begins now, of an event that was dropped by hand, or of none.
    #[must_use]
    pub fn of_marble(marble: Option<u64>) -> Self {
        Self { runs: None, marble }
    }

    /// The event that was dropped by hand which it is part of.
    #[must_use]
    pub fn marble(&self) -> Option<u64> {
        self.marble
    }

    /// The same chain, of another event.
    #[must_use]
    pub fn with_marble(self, marble: Option<u64>) -> Self {
        Self { marble, ..self }
    }

    /// How often a function was invoked in this chain.
    #[must_use]
    pub fn runs(&self, function: &str) -> u32 {
        self.runs
            .as_ref()
            .and_then(|runs| runs.get(function))
            .copied()
            .unwrap_or(0)
    }

    /// The chain with one more invocation of a function.
    #[must_use]
    pub fn with(&self, function: &str) -> Self {
        let mut runs = self.runs.as_deref().cloned().unwrap_or_default();
        *runs.entry(function.to_owned()).or_default() += 1;
        Self {
            runs: Some(Arc::new(runs)),
            marble: self.marble,
        }
    }

    /// The chain of a batch: for each function the highest count.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let marble = self.marble.or(other.marble);
        let runs = match (&self.runs, &other.runs) {
            (runs, None) | (None, runs) => runs.clone(),
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => Some(Arc::clone(a)),
            (Some(a), Some(b)) => {
                let mut runs = (**a).clone();
                for (function, n) in b.iter() {
                    let most = runs.entry(function.clone()).or_default();
                    *most = (*most).max(*n);
                }
                Some(Arc::new(runs))
            }
        };
        Self { runs, marble }
    }
}
