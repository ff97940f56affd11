//! Which group comes next, of all that share the budget.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::group::Group;
use crate::pollers::intervals::Pace;

/// A reading of several pages goes on so soon, where others leave room.
const NEXT_PAGE: Duration = Duration::from_millis(250);

/// How much a group is wanted. Later is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wanted {
    /// Only lines that mark invocations.
    Marks,
    /// Its function is in sight.
    InSight,
    /// Its function is selected.
    Selected,
    /// On screen, from some time on.
    Read(Option<Timestamp>),
}

impl Wanted {
    /// Whether every line is wanted.
    pub(super) fn whole(self) -> bool {
        self != Self::Marks
    }

    fn is_focus(self) -> bool {
        matches!(self, Self::Selected | Self::Read(_))
    }
}

/// Hands the budget out.
#[derive(Default)]
pub(super) struct Schedule {
    /// Whether the last call went to a group in focus.
    focus_last: bool,
}

/// How overdue a group is (from 1 on it is its turn), and how long until then.
#[derive(Clone, Copy)]
struct Due {
    overdue: f64,
    wait: Duration,
}

impl Schedule {
    /// The next group, and how long it is until its turn. What is in focus and all others take turns where both wait, so
    /// that neither starves; among its like the most overdue one is next.
    pub(super) fn next(
        &mut self,
        wanted: &BTreeMap<String, Wanted>,
        groups: &BTreeMap<String, Group>,
        pace: &Pace,
    ) -> Option<(String, Duration)> {
        let mut best: [Option<(&String, Due)>; 2] = [None, None];
        for (name, wanted) in wanted {
            let due = due(*wanted, groups.get(name), pace);
            let best = &mut best[usize::from(wanted.is_focus())];
            if best.as_ref().is_none_or(|(_, most)| due.overdue > most.overdue) {
                *best = Some((name, due));
            }
        }
        let [other, focus] = best;
        let chosen = match (other, focus) {
            (Some(other), Some(focus)) => {
                let takes_focus = match (other.1.wait.is_zero(), focus.1.wait.is_zero()) {
                    (true, true) => !self.focus_last,
                    (_, due) => due || focus.1.wait < other.1.wait,
                };
                if takes_focus { focus } else { other }
            }
            (one, another) => one.or(another)?,
        };
        let (name, due) = chosen;
        if due.wait.is_zero() {
            self.focus_last = wanted[name].is_focus();
        }
        Some((name.clone(), due.wait))
    }
}

fn due(wanted: Wanted, group: Option<&Group>, pace: &Pace) -> Due {
    let Some((group, since)) = group.and_then(|group| Some((group, group.polled?.elapsed()))) else {
        // Never read: before all others, and what is in sight first.
        let overdue = if wanted.whole() { f64::INFINITY } else { f64::MAX };
        return Due {
            overdue,
            wait: Duration::ZERO,
        };
    };
    let mut every = match wanted {
        Wanted::Read(_) | Wanted::Selected => pace.focus,
        Wanted::InSight => pace.seen,
        Wanted::Marks => pace.unseen,
    };
    if group.busy.is_some_and(|busy| busy.elapsed() < pace.unseen) {
        every = every.min(pace.seen);
    }
    if group.is_reading() {
        every = every.min(NEXT_PAGE);
    }
    Due {
        overdue: since.as_secs_f64() / every.as_secs_f64(),
        wait: every.saturating_sub(since),
    }
}
