//! Filtering in the background: an expression may take any time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::dead_letters::Filter;
use crate::dlq::DlqContents;
use crate::dlq::jq::{Jq, Sifted};
use crate::domain::phrase::Phrase;
use pitagora_core::phrases;

phrases! {
    /// The progress of a filter or a search.
    pub enum Sifting in "sifting" {
        Progress { done: usize, all: usize },
        Search,
    }
}

/// A filter applied to the messages of a reading.
#[derive(Clone, Debug)]
pub struct Job {
    /// The messages.
    pub letters: Arc<DlqContents>,
    /// The filter.
    pub filter: Filter,
    /// The number of messages tested so far.
    done: Arc<AtomicUsize>,
}

/// The outcome.
pub type Outcome = Result<Sifted, Phrase>;

impl Job {
    /// A job that has not started.
    #[must_use]
    pub fn new(letters: Arc<DlqContents>, filter: Filter) -> Self {
        Self {
            letters,
            filter,
            done: Arc::default(),
        }
    }

    /// Whether both are the same job.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.done, &other.done)
    }

    /// Its progress.
    #[must_use]
    pub fn progress(&self) -> Sifting {
        Sifting::Progress {
            done: self.done.load(Ordering::Relaxed),
            all: self.letters.entries.len(),
        }
    }

    /// Runs the job. Dropping the future stops it.
    pub async fn run(self, jq: Jq) -> (Self, Outcome) {
        let told = |count| self.done.store(count, Ordering::Relaxed);
        let outcome = jq.sift(&self.filter, &self.letters.entries, told).await;
        (self, outcome)
    }
}
