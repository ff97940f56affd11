//! A person's pattern at work: which lines match, and where, is found beside the screen.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::logs::{Filter, Logs, Pattern, Search, View};

/// Texts whose marks are kept; more than that and they are found again.
const KEPT: usize = 10_000;
/// Texts that are looked into in one go.
const AT_ONCE: usize = 1_000;

/// Ends a search between two segments.
pub type Stop = Arc<AtomicBool>;

/// One search over the lines of one moment.
#[derive(Clone, Debug)]
pub struct Job {
    search: Search,
    logs: Arc<Logs>,
    stop: Stop,
    /// Whether nothing is known of this filter yet: the lines on screen are those of another one.
    pub is_first: bool,
}

impl Job {
    /// One that has not begun.
    #[must_use]
    pub fn new(search: Search, logs: Arc<Logs>, is_first: bool) -> Self {
        Self {
            search,
            logs,
            stop: Stop::default(),
            is_first,
        }
    }

    /// What it looks for.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        self.search.filter()
    }

    /// Whether this is the same one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.stop, &other.stop)
    }

    /// What stops it.
    #[must_use]
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Does it. `None` if it was stopped.
    #[must_use]
    pub fn run(mut self) -> Option<(Self, View)> {
        let view = self
            .search
            .view_unless(&self.logs, &|| self.stop.load(Ordering::Relaxed))?;
        Some((self, view))
    }

    /// What it knows of segments, and the lines it looked at.
    pub(super) fn into_parts(self) -> (Search, Arc<Logs>) {
        (self.search, self.logs)
    }
}

/// Places in a text.
type Places = Arc<[Range<usize>]>;

/// The places of matches in the rows on screen: those that are not known are drawn without marks, and looked for.
#[derive(Debug)]
pub struct Marks {
    pattern: Pattern,
    known: Mutex<HashMap<String, Places>>,
    missed: Mutex<Vec<String>>,
    is_busy: AtomicBool,
}

impl Marks {
    /// Of a pattern.
    #[must_use]
    pub fn new(pattern: Pattern) -> Self {
        Self {
            pattern,
            known: Mutex::default(),
            missed: Mutex::default(),
            is_busy: AtomicBool::new(false),
        }
    }

    /// The pattern.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Where a text matches, as far as that is known.
    #[must_use]
    pub fn of(&self, text: &str) -> Option<Places> {
        let known = locked(&self.known).get(text).cloned();
        if known.is_none() {
            let mut missed = locked(&self.missed);
            if missed.len() < AT_ONCE {
                missed.push(text.to_owned());
            }
        }
        known
    }

    /// Whether there is something to look for that nobody looks for yet; whoever asks does.
    #[must_use]
    pub fn begin(&self) -> bool {
        !locked(&self.missed).is_empty() && !self.is_busy.swap(true, Ordering::Relaxed)
    }

    /// Looks for what was missed, until nobody else wants it.
    pub fn work(self: &Arc<Self>) {
        let missed = std::mem::take(&mut *locked(&self.missed));
        for text in missed {
            if Arc::strong_count(self) == 1 {
                break;
            }
            let found: Places = self.pattern.found(&text).filter(|found| !found.is_empty()).collect();
            let mut known = locked(&self.known);
            if known.len() >= KEPT {
                known.clear();
            }
            known.insert(text, found);
        }
        self.is_busy.store(false, Ordering::Relaxed);
    }
}

/// A panic elsewhere leaves nothing half done here.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
