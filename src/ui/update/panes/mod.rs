//! What keys and clicks do in what is open beneath the chain.

mod letters;
mod logs;
mod retries;
mod runs;

use ratatui::layout::Position;

use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::editor::EditError;
use crate::ui::effect::Effect;
use crate::ui::keys::Command;
use crate::ui::letters::{Inside, LettersPane, Question, queues};
use crate::ui::logs::LogPane;
use crate::ui::mode::Mode;
use crate::ui::pane::Pane;
use crate::ui::retries::{Retries, rows};
use crate::ui::runs::RunsPane;
use crate::ui::views;
use crate::ui::widgets::pane;

pub(super) use logs::{open_logs, selected_function};
pub(super) use retries::{open_retries, open_retries_at};
pub(super) use runs::open_runs;

/// What a key or a click in a pane asks for beyond the pane.
#[derive(Debug)]
pub(super) enum PaneRequest {
    /// Nothing more.
    Nothing,
    /// Do this outside.
    Do(Effect),
    /// The pane has no such command: it means the same as in the chain.
    NotMine,
    /// Select this box.
    Select(NodeId),
    /// Close the pane, and select this box.
    GoTo(NodeId),
    /// Show these lines.
    Logs(Box<LogPane>),
    /// Show these runs.
    Runs(RunsPane),
    /// Show the attempts of this function's request.
    Retries(NodeId, Option<String>),
    /// Type what lines must match.
    Pattern(String),
    /// Type an answer; this much is there already.
    Ask(Question, String),
    /// Say it.
    Say(String),
    /// Close the pane.
    Close,
}

/// Opens a pane, over whatever was open.
fn open(app: &mut App, pane: Pane) {
    app.panes.details = None;
    app.mode = Mode::Chain;
    app.panes.below = pane;
}

/// A key in the pane.
pub(super) fn run(app: &mut App, snapshot: &Snapshot, command: Command) -> PaneRequest {
    match command {
        Command::Enlarge => {
            app.panes.enlarged = !app.panes.enlarged;
            return PaneRequest::Nothing;
        }
        Command::Close if app.panes.below.is_open() && !has_something_to_close(&app.panes.below) => {
            return PaneRequest::Close;
        }
        _ => {}
    }
    let area = app.areas().and_then(|areas| areas.below);
    let height = area.map_or(0, views::logs::height);
    let now = app.clock.now;
    match &mut app.panes.below {
        Pane::Troubles => PaneRequest::NotMine,
        Pane::Retries(state) => {
            let log = area.and_then(|area| views::retries::log_area(area, state, snapshot));
            let asked = retries::in_retries(state, snapshot, command, log.map_or(0, views::logs::height));
            state.look(snapshot);
            asked
        }
        Pane::Runs(state) => runs::in_runs(state, snapshot, command),
        Pane::Letters(state) => letters::run(state, &app.desk, snapshot, now, command),
        Pane::Logs(state) => {
            let asked = logs::in_logs(state, snapshot, command, height, now);
            state.look(snapshot);
            asked
        }
    }
}

/// Whether closing takes something away and leaves the pane.
fn has_something_to_close(below: &Pane) -> bool {
    match below {
        Pane::Troubles | Pane::Runs(_) => false,
        Pane::Retries(state) => state.open,
        Pane::Logs(state) => state.pattern.is_some() || state.level.is_some(),
        Pane::Letters(_) => true,
    }
}

/// Opens the dead letters, on the selected queue where it is one.
pub(super) fn open_letters(app: &mut App, snapshot: &Snapshot) {
    let mut state = LettersPane::default();
    let queues = queues(snapshot);
    let selected = app.chain.selected.as_ref();
    let own = queues.iter().find(|queue| Some(&queue.id) == selected);
    if let Some(queue) = own.or(queues.first()) {
        state.choose(queue.id.clone(), &app.desk);
    }
    open(app, Pane::Letters(Box::new(state)));
}

/// The state of the dead letters is new.
pub(super) fn look_at_the_desk(app: &mut App) {
    if let Pane::Letters(state) = &mut app.panes.below {
        state.look(&app.desk);
    }
}

/// A letter comes back from the editor.
pub(super) fn edited(app: &mut App, id: String, outcome: Result<String, EditError>) -> PaneRequest {
    match &mut app.panes.below {
        Pane::Letters(state) => letters::edited(state, id, outcome),
        _ => PaneRequest::Nothing,
    }
}

/// An answer as far as it is typed.
pub(super) fn typing(app: &mut App) {
    if let (Mode::Answer(question, text), Pane::Letters(state)) = (&app.mode, &mut app.panes.below) {
        letters::typing(state, question, text);
    }
}

/// An answer that was typed to its end, or given up.
pub(super) fn answered(app: &mut App, snapshot: &Snapshot, given: bool) -> PaneRequest {
    let Mode::Answer(question, text) = std::mem::take(&mut app.mode) else {
        return PaneRequest::Nothing;
    };
    let Pane::Letters(state) = &mut app.panes.below else {
        return PaneRequest::Nothing;
    };
    if given {
        return letters::typed(state, &app.desk, snapshot, question, &text);
    }
    if question.is_live() {
        letters::typing(state, &question, "");
    }
    PaneRequest::Nothing
}

/// A click into the glance at the retries: opens them on that row.
pub(super) fn click_glance(app: &mut App, snapshot: &Snapshot, at: Position) -> bool {
    let area = app.areas().and_then(|areas| areas.glance);
    let Some(area) = area.filter(|area| area.contains(at)) else {
        return false;
    };
    let mut state = Retries::default();
    if let Some(row) = views::retries::row_at(area, at.y, &state, snapshot) {
        state.choose(&rows(&snapshot.deliveries, &state), row);
    }
    app.panes.details = None;
    app.panes.below = Pane::Retries(state);
    true
}

/// A click into the pane.
pub(super) fn click(app: &mut App, snapshot: &Snapshot, at: Position) -> Option<PaneRequest> {
    let area = app.areas()?.below?;
    let now = app.clock.now;
    match &mut app.panes.below {
        Pane::Troubles | Pane::Logs(_) => None,
        Pane::Runs(state) => {
            let row = views::runs::row_at(area, at.y, state)?;
            if state.place() == row {
                return Some(runs::in_runs(state, snapshot, Command::Open));
            }
            state.choose(row);
            Some(PaneRequest::Select(state.line()?.run().function.clone()))
        }
        Pane::Letters(state) => {
            let inside = pane::inside(area);
            let row = match state.inside {
                Inside::Queues => views::letters::queue_row_at(inside, at.y, state, snapshot),
                Inside::List => views::letters::list_row_at(inside, at.y, &state.list),
                Inside::Letter => None,
            }?;
            Some(letters::click(state, &app.desk, snapshot, now, row))
        }
        Pane::Retries(state) => {
            let row = views::retries::row_at(area, at.y, state, snapshot)?;
            let all = rows(&snapshot.deliveries, state);
            if state.place(&all) == row {
                let asked = retries::in_retries(state, snapshot, Command::Open, 0);
                state.look(snapshot);
                return Some(asked);
            }
            state.choose(&all, row);
            state.look(snapshot);
            Some(PaneRequest::Select(all.get(row)?.first().function.clone()))
        }
    }
}
