//! The chain of requests that an event is part of, as the `Lineage` of the X-Ray header carries it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How often each function was invoked in one chain of requests. Travels with invocations, messages, notifications and
/// objects, but not through tables, streams and buses. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage(Option<Arc<BTreeMap<String, u32>>>);

/// AWS (loops): a chain is stopped when a function was invoked about 16 times in it.
pub const LIMIT: u32 = 16;

impl Lineage {
    /// How often a function was invoked in this chain.
    #[must_use]
    pub fn runs(&self, function: &str) -> u32 {
        self.0
            .as_ref()
            .and_then(|runs| runs.get(function))
            .copied()
            .unwrap_or(0)
    }

    /// The chain with one more invocation of a function.
    #[must_use]
    pub fn with(&self, function: &str) -> Self {
        let mut runs = self.0.as_deref().cloned().unwrap_or_default();
        *runs.entry(function.to_owned()).or_default() += 1;
        Self(Some(Arc::new(runs)))
    }

    /// The chain of a batch: for each function the highest count.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (_, None) => self.clone(),
            (None, _) => other.clone(),
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => self.clone(),
            (Some(a), Some(b)) => {
                let mut runs = (**a).clone();
                for (function, n) in b.iter() {
                    let most = runs.entry(function.clone()).or_default();
                    *most = (*most).max(*n);
                }
                Self(Some(Arc::new(runs)))
            }
        }
    }
}
