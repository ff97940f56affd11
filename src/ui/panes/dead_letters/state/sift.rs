//! A filter at work: which messages pass is found beside the screen, since nobody knows how long an expression takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::dead_letters::Filter;
use crate::dlq::DlqContents;
use crate::dlq::jq::{Jq, Sifted};
use crate::domain::phrase::Phrase;
use pitagora_core::phrases;

phrases! {
    /// What a filter or a search at work says.
    pub enum Sifting in "sifting" {
        Progress { done: usize, all: usize },
        Search,
    }
}

/// One filter over the messages of one reading.
#[derive(Clone, Debug)]
pub struct Job {
    /// The messages.
    pub letters: Arc<DlqContents>,
    /// The filter.
    pub filter: Filter,
    /// Messages that the expression has been run on.
    done: Arc<AtomicUsize>,
}

/// What came of it.
pub type Outcome = Result<Sifted, Phrase>;

impl Job {
    /// One that has not begun.
    #[must_use]
    pub fn new(letters: Arc<DlqContents>, filter: Filter) -> Self {
        Self {
            letters,
            filter,
            done: Arc::default(),
        }
    }

    /// Whether this is the same one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.done, &other.done)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Sifting {
        Sifting::Progress {
            done: self.done.load(Ordering::Relaxed),
            all: self.letters.entries.len(),
        }
    }

    /// Does it. Dropping the future stops it.
    pub async fn run(self, jq: Jq) -> (Self, Outcome) {
        let told = |count| self.done.store(count, Ordering::Relaxed);
        let outcome = jq.sift(&self.filter, &self.letters.entries, told).await;
        (self, outcome)
    }
}
