//! What is open beneath the chain, and what keys do there.

use ratatui::layout::Position;

use super::app::{App, Effect, Mode};
use super::areas::Share;
use super::keys::{Command, Place};
use super::retries::{Entry, Grouping, Retries, rows};
use super::views::retries;
use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;

/// What lies beneath the chain.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Below {
    /// What needs a look; keys move in the chain.
    #[default]
    Troubles,
    /// Every event that is tried again.
    Retries(Retries),
}

impl Below {
    /// Where its keys are.
    #[must_use]
    pub fn places(&self) -> &'static [Place] {
        match self {
            Self::Troubles => &[Place::Chain],
            Self::Retries(_) => &[Place::Pane, Place::Retries],
        }
    }

    /// How much of the screen it wants.
    #[must_use]
    pub fn share(&self, enlarged: bool) -> Share {
        match self {
            Self::Troubles => Share::Small,
            Self::Retries(_) if enlarged => Share::Whole,
            Self::Retries(_) => Share::Half,
        }
    }
}

/// What the pane wants done that reaches beyond it.
pub(super) enum Asked {
    /// Nothing more.
    Done(Vec<Effect>),
    /// The pane has no such command: it means the same as in the chain.
    NotMine,
    /// Select this box.
    Select(NodeId),
    /// Close the pane, and select this box.
    GoTo(NodeId),
    /// Close the pane.
    Close,
}

/// Rows of a page.
const PAGE: usize = 10;

/// Opens the retries, on the row of the selected box where it has one.
pub(super) fn open_retries(app: &mut App, snapshot: &Snapshot) {
    let mut state = Retries::default();
    let rows = rows(&snapshot.deliveries, &state);
    let own = app
        .selected
        .as_ref()
        .and_then(|id| rows.iter().position(|row| row.first().function == *id));
    state.choose(&rows, own.unwrap_or(0));
    app.details = None;
    app.mode = Mode::Chain;
    app.below = Below::Retries(state);
}

/// A key in the pane.
pub(super) fn run(app: &mut App, snapshot: &Snapshot, command: Command) -> Asked {
    match command {
        Command::Enlarge => {
            app.enlarged = !app.enlarged;
            return Asked::Done(Vec::new());
        }
        Command::Close if !matches!(&app.below, Below::Retries(state) if state.open) => return Asked::Close,
        _ => {}
    }
    match &mut app.below {
        Below::Troubles => Asked::NotMine,
        Below::Retries(state) => in_retries(state, snapshot, command),
    }
}

fn in_retries(state: &mut Retries, snapshot: &Snapshot, command: Command) -> Asked {
    let all = rows(&snapshot.deliveries, state);
    let at = state.place(&all);
    let function = |at: usize| all.get(at).map(|row: &Entry| row.first().function.clone());
    let to = match command {
        Command::Down => at + 1,
        Command::Up => at.saturating_sub(1),
        Command::PageDown => at + PAGE,
        Command::PageUp => at.saturating_sub(PAGE),
        Command::Top => 0,
        Command::End => usize::MAX,
        Command::Open => {
            state.choose(&all, at);
            state.open = !state.open && !all.is_empty();
            return Asked::Done(Vec::new());
        }
        Command::Close => {
            state.open = false;
            return Asked::Done(Vec::new());
        }
        Command::ScrollDown => {
            state.scroll = state.scroll.saturating_add(3);
            return Asked::Done(Vec::new());
        }
        Command::ScrollUp => {
            state.scroll = state.scroll.saturating_sub(3);
            return Asked::Done(Vec::new());
        }
        Command::GoToNode => return function(at).map_or(Asked::Close, Asked::GoTo),
        Command::Only => {
            state.only = match state.only.take() {
                Some(_) => None,
                None => function(at),
            };
            return Asked::Done(Vec::new());
        }
        Command::Everything => {
            state.everything = !state.everything;
            return Asked::Done(Vec::new());
        }
        Command::Aggregate => {
            let grouped = all.iter().any(|row| matches!(row, Entry::Many(_)));
            state.grouping = if grouped { Grouping::Each } else { Grouping::Grouped };
            return Asked::Done(Vec::new());
        }
        Command::Wider => {
            state.zoom = (state.zoom - 1).max(-8);
            return Asked::Done(Vec::new());
        }
        Command::Closer => {
            state.zoom = (state.zoom + 1).min(8);
            return Asked::Done(Vec::new());
        }
        _ => return Asked::NotMine,
    };
    state.choose(&all, to);
    function(state.at).map_or(Asked::Done(Vec::new()), Asked::Select)
}

/// A click into the pane.
pub(super) fn click(app: &mut App, snapshot: &Snapshot, at: Position) -> Option<Asked> {
    let area = app.areas()?.below?;
    match &mut app.below {
        Below::Troubles => None,
        Below::Retries(state) => {
            let row = retries::row_at(area, at.y, state, snapshot)?;
            let all = rows(&snapshot.deliveries, state);
            if state.place(&all) == row {
                return Some(in_retries(state, snapshot, Command::Open));
            }
            state.choose(&all, row);
            Some(Asked::Select(all.get(row)?.first().function.clone()))
        }
    }
}
