//! Reads one log group: completely while it is on screen, otherwise only lines that mark invocations.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::domain::log::{Page, Reach};
use crate::logs::cursor::{Ask, Brought, Seen, Window};

/// How far back the first reading of a group goes.
pub(in crate::pollers) const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(15);
/// How long a group is still read completely after it left the screen.
const LINGER: Duration = Duration::from_mins(2);

/// One log group.
#[derive(Default)]
pub(in crate::pollers) struct Group {
    /// When it was last asked about.
    pub(in crate::pollers) polled: Option<Instant>,
    /// When it last had news: busy groups are read more often.
    pub(in crate::pollers) busy: Option<Instant>,
    looked_at: Option<Instant>,
    seen: Seen,
    marks: Option<Window>,
    whole: Option<Window>,
    is_whole: bool,
}

/// What is to be asked, and of which lines.
pub(in crate::pollers) struct Question {
    pub(in crate::pollers) ask: Ask,
    pub(in crate::pollers) only_marks: bool,
}

fn back(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Group {
    /// Whether a reading is under way.
    pub(in crate::pollers) fn is_reading(&self) -> bool {
        let window = if self.is_whole { &self.whole } else { &self.marks };
        window.as_ref().is_some_and(Window::is_reading)
    }

    /// The next request. `wanted`: whether the group is on screen, or the endpoint has no filter patterns; `since`: from
    /// when on.
    pub(in crate::pollers) fn ask(&mut self, now: Timestamp, wanted: bool, since: Option<Timestamp>) -> Question {
        if wanted {
            self.looked_at = Some(Instant::now());
        }
        let first = since.unwrap_or_else(|| back(now, FIRST_LOOK));
        let whole = self.looked_at.is_some_and(|at| at.elapsed() < LINGER);
        if whole && !self.is_whole {
            // Back on screen after a while: the interval between was not read completely, and if it is long it stays so.
            let recent = back(now, FIRST_LOOK);
            self.whole
                .take_if(|window| window.complete_to().is_none_or(|mark| mark < recent));
        } else if !whole
            && self.is_whole
            && let Some(read) = &self.whole
        {
            self.marks
                .get_or_insert_with(|| Window::new(read.since()))
                .take_over(read);
        }
        self.is_whole = whole;
        let window = if whole { &mut self.whole } else { &mut self.marks };
        let window = window.get_or_insert_with(|| Window::new(first));
        if let Some(since) = since {
            window.reach_back(since);
        }
        Question {
            ask: window.ask(now),
            only_marks: !whole,
        }
    }

    /// Takes the answer.
    pub(in crate::pollers) fn answer(&mut self, page: Page, now: Timestamp) -> Brought {
        let window = if self.is_whole {
            &mut self.whole
        } else {
            &mut self.marks
        };
        let Some(window) = window else {
            return Brought::default();
        };
        let brought = window.answer(&mut self.seen, page, now);
        if brought.done {
            // The other window goes on from here, or is no older than a first look, or begins anew.
            let oldest = window.oldest().min(back(now, FIRST_LOOK));
            self.seen.forget_before(oldest);
        }
        if !brought.lines.is_empty() {
            self.busy = Some(Instant::now());
        }
        brought
    }

    /// The reading under way cannot go on.
    pub(in crate::pollers) fn give_up(&mut self) {
        for window in [&mut self.whole, &mut self.marks].into_iter().flatten() {
            window.give_up();
        }
    }

    /// How far it is read.
    pub(in crate::pollers) fn reach(&self) -> Option<Reach> {
        let window = if self.is_whole { &self.whole } else { &self.marks };
        let window = window.as_ref()?;
        Some(Reach {
            since: window.since(),
            read_to: window.read_to()?,
            complete_to: window.complete_to(),
            settled_to: window.settled_to(),
            whole_since: self.is_whole.then(|| window.since()),
        })
    }

    /// Milliseconds that could not be read whole.
    pub(in crate::pollers) fn cut(&self) -> u64 {
        [&self.whole, &self.marks].into_iter().flatten().map(Window::cut).sum()
    }
}
