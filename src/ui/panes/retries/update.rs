//! Commands in the pane of retries.

use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::notice::Notice;
use crate::ui::input::keys::Command;
use crate::ui::panes::logs::state::{LogPane, Request};
use crate::ui::panes::retries::state::{Entry, Grouping, Retries, chosen_attempt, request_of, rows};
use crate::ui::panes::state::Pane;
use crate::ui::panes::update::{PaneRequest, open};

/// Opens the retries on the row of the selected box, if it has one.
pub fn open_retries(app: &mut App, snapshot: &Snapshot) {
    let mut state = Retries::default();
    let rows = rows(&snapshot.deliveries, &state);
    let own = app
        .chain
        .selected
        .as_ref()
        .and_then(|id| rows.iter().position(|row| row.first().function == *id));
    state.choose(&rows, own.unwrap_or(0));
    state.update_from(snapshot);
    open(app, Pane::Retries(state));
}

/// Opens the retries on the row of a request.
pub fn open_retries_at(app: &mut App, snapshot: &Snapshot, function: &NodeId, request: Option<&str>) {
    let mut state = Retries {
        everything: true,
        ..Retries::default()
    };
    let all = rows(&snapshot.deliveries, &state);
    let is_own = |row: &Entry| {
        let of = |delivery: &&crate::domain::delivery::Delivery| {
            let ids = delivery
                .attempts
                .iter()
                .filter_map(|attempt| attempt.request_id.as_deref());
            delivery.function == *function
                && request.is_none_or(|id| delivery.id.contains(id) || ids.into_iter().any(|known| known == id))
        };
        row.all().iter().any(of)
    };
    match all.iter().position(is_own) {
        Some(at) => state.choose(&all, at),
        None => app.notice = Some(Notice::NoAttempt),
    }
    state.update_from(snapshot);
    app.panes.below = Pane::Retries(state);
}

pub(crate) fn in_retries(state: &mut Retries, snapshot: &Snapshot, command: Command, log_height: usize) -> PaneRequest {
    if state.open && in_opened(state, snapshot, command, log_height) {
        return PaneRequest::Nothing;
    }
    let all = rows(&snapshot.deliveries, state);
    let at = state.place(&all);
    let function = |at: usize| all.get(at).map(|row: &Entry| row.first().function.clone());
    match command {
        Command::Open => {
            state.choose(&all, at);
            state.open = !state.open && !all.is_empty();
        }
        Command::Close => state.open = false,
        Command::ScrollDown => state.scroll = state.scroll.saturating_add(3),
        Command::ScrollUp => state.scroll = state.scroll.saturating_sub(3),
        Command::GoToNode => return function(at).map_or(PaneRequest::Close, PaneRequest::GoTo),
        Command::Copy => {
            let chosen = all.get(at).map(Entry::first);
            let request = chosen.and_then(|one| request_of(one, chosen_attempt(one, state.attempt)?));
            return request.map_or(PaneRequest::Nothing, |request| PaneRequest::Copy(request.id));
        }
        Command::Logs => {
            let chosen = all.get(at).map(Entry::first);
            let request = chosen.and_then(|one| request_of(one, chosen_attempt(one, state.attempt)?));
            // Of an event that is not open, all attempts.
            let request = request.map(|request| Request {
                attempt: request.attempt.filter(|_| state.open),
                ..request
            });
            let log = request.map_or_else(|| LogPane::of(function(at)), LogPane::on);
            return PaneRequest::Logs(Box::new(log));
        }
        Command::Only => {
            state.only = match state.only.take() {
                Some(_) => None,
                None => function(at),
            };
        }
        Command::Everything => state.everything = !state.everything,
        Command::Aggregate => {
            let grouped = all.iter().any(|row| matches!(row, Entry::Many(_)));
            state.grouping = if grouped { Grouping::Each } else { Grouping::Grouped };
        }
        Command::Wider => state.zoom = (state.zoom - 1).max(-8),
        Command::Closer => state.zoom = (state.zoom + 1).min(8),
        _ => {
            let Some(to) = command.row_from(at) else {
                return PaneRequest::NotMine;
            };
            state.choose(&all, to);
            return function(state.at).map_or(PaneRequest::Nothing, PaneRequest::Select);
        }
    }
    PaneRequest::Nothing
}

/// Runs a command while an event is open: moves through its attempts and the log. `false` if the command does neither.
fn in_opened(state: &mut Retries, snapshot: &Snapshot, command: Command, height: usize) -> bool {
    let all = rows(&snapshot.deliveries, state);
    let page = isize::try_from(height.saturating_sub(1)).unwrap_or(1).max(1);
    match command {
        Command::Down => state.go_to_attempt(&all, 1),
        Command::Up => state.go_to_attempt(&all, -1),
        Command::Top => state.go_to_attempt(&all, isize::MIN),
        Command::End => state.go_to_attempt(&all, isize::MAX),
        Command::NextLink => state.log_first = !state.log_first,
        Command::PageDown | Command::PageUp => {
            if let Some(log) = &mut state.log {
                log.go(if command == Command::PageDown { page } else { -page }, height);
            }
        }
        _ => return false,
    }
    true
}
