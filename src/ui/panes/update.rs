//! Commands and clicks in the pane below the chain.

use ratatui::layout::Position;

use crate::domain::NodeId;
use crate::domain::phrase::Phrase;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::Mode;
use crate::ui::app::notice::Notice;
use crate::ui::input::keys::Command;
use crate::ui::panes::dead_letters::state::sift::{Job, Outcome};
use crate::ui::panes::dead_letters::state::{DeadLettersPane, Inside, Question, queues};
use crate::ui::panes::logs::state::LogPane;
use crate::ui::panes::retries::state::{Retries, rows};
use crate::ui::panes::runs::state::RunsPane;
use crate::ui::panes::state::Pane;
use crate::ui::panes::{dead_letters, logs, retries, runs, tables};
use crate::ui::terminal::editor::EditError;
use crate::ui::widgets::pane;

pub(crate) use super::logs::update::{log_of_failure, open_logs, selected_function};
pub(crate) use super::retries::update::{open_retries, open_retries_at};
pub(crate) use super::runs::update::open_runs;
pub(crate) use super::tables::update::{open_table, subject};

/// A request of a pane for what it cannot do itself.
#[derive(Debug)]
pub(crate) enum PaneRequest {
    /// Nothing.
    Nothing,
    /// Run an effect.
    Do(Effect),
    /// Run the command in the chain: the pane does not have it.
    NotMine,
    /// Select this box.
    Select(NodeId),
    /// Close the pane, and select this box.
    GoTo(NodeId),
    /// Open logs.
    Logs(Box<LogPane>),
    /// Open invocations.
    Runs(RunsPane),
    /// Open the retries of a request of a function.
    Retries(NodeId, Option<String>),
    /// Ask for the pattern that lines must match.
    Pattern(String),
    /// Ask a question, with an initial answer.
    Ask(Question, String),
    /// Copy this text.
    Copy(String),
    /// Say it.
    Say(Notice),
    /// Close the pane.
    Close,
}

/// Opens a pane in place of the current one.
pub(crate) fn open(app: &mut App, pane: Pane) {
    app.panes.details = None;
    app.mode = Mode::Chain;
    app.panes.below = pane;
}

/// Runs a command in the pane.
pub(crate) fn run(app: &mut App, snapshot: &Snapshot, command: Command) -> PaneRequest {
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
    let height = area.map_or(0, logs::view::height);
    let now = app.clock.now;
    match &mut app.panes.below {
        Pane::Issues => PaneRequest::NotMine,
        Pane::Retries(state) => {
            let log = area.and_then(|area| retries::view::log_area(area, state, snapshot));
            let asked = retries::update::in_retries(state, snapshot, command, log.map_or(0, logs::view::height));
            state.update_from(snapshot);
            asked
        }
        Pane::Runs(state) => runs::update::in_runs(state, snapshot, command),
        Pane::Table(state) => tables::update::in_table(state, snapshot, command),
        Pane::DeadLetters(state) => dead_letters::update::run(state, &app.dlq, snapshot, now, command),
        Pane::Logs(state) => {
            let asked = logs::update::in_logs(state, snapshot, command, height, now);
            state.update_from(snapshot);
            asked
        }
    }
}

/// Whether closing closes something within the pane, not the pane.
fn has_something_to_close(below: &Pane) -> bool {
    match below {
        Pane::Issues | Pane::Runs(_) => false,
        Pane::Table(state) => !state.filter.is_empty(),
        Pane::Retries(state) => state.open,
        Pane::Logs(state) => state.pattern.is_some() || state.level.is_some(),
        Pane::DeadLetters(_) => true,
    }
}

/// Opens the dead letters on the selected queue, if it is one.
pub(crate) fn open_dead_letters(app: &mut App, snapshot: &Snapshot) {
    let mut state = DeadLettersPane::default();
    let queues = queues(snapshot);
    let selected = app.chain.selected.as_ref();
    let own = queues.iter().find(|queue| Some(&queue.id) == selected);
    if let Some(queue) = own.or(queues.first()) {
        state.choose(queue.id.clone(), &app.dlq);
    }
    open(app, Pane::DeadLetters(Box::new(state)));
}

/// Handles a new state of dead letters.
pub(crate) fn update_dlq(app: &mut App) {
    if let Pane::DeadLetters(state) = &mut app.panes.below {
        state.update_from(&app.dlq);
    }
}

/// The background jobs to start after typing.
pub(crate) fn work(app: &mut App) -> Option<Effect> {
    match &mut app.panes.below {
        Pane::DeadLetters(state) => state.list.job().map(Effect::Sift),
        Pane::Logs(state) => state.job().map(Effect::Search),
        _ => None,
    }
}

/// Handles the outcome of a filter. Returns the notice about it.
pub(crate) fn sifted(app: &mut App, job: &Job, outcome: Outcome) -> Option<Phrase> {
    match &mut app.panes.below {
        Pane::DeadLetters(state) => state.list.sifted(job, outcome),
        _ => None,
    }
}

/// Handles a message from the editor.
pub(crate) fn edited(app: &mut App, id: String, outcome: Result<String, EditError>) -> PaneRequest {
    match &mut app.panes.below {
        Pane::DeadLetters(state) => dead_letters::update::edited(state, id, outcome),
        _ => PaneRequest::Nothing,
    }
}

/// Handles an answer while it is typed.
pub(crate) fn typing(app: &mut App) {
    if let (Mode::Answer(question, text), Pane::DeadLetters(state)) = (&app.mode, &mut app.panes.below) {
        dead_letters::update::typing(state, question, text);
    }
}

/// Handles an answer that was completed or cancelled.
pub(crate) fn answered(app: &mut App, snapshot: &Snapshot, given: bool) -> PaneRequest {
    let Mode::Answer(question, text) = std::mem::take(&mut app.mode) else {
        return PaneRequest::Nothing;
    };
    let Pane::DeadLetters(state) = &mut app.panes.below else {
        return PaneRequest::Nothing;
    };
    if given {
        return dead_letters::update::typed(state, &app.dlq, snapshot, question, &text);
    }
    if question.is_live() {
        dead_letters::update::typing(state, &question, "");
    }
    PaneRequest::Nothing
}

/// Handles a click into the summary of retries: opens them on that row.
pub(crate) fn click_glance(app: &mut App, snapshot: &Snapshot, at: Position) -> bool {
    let area = app.areas().and_then(|areas| areas.glance);
    let Some(area) = area.filter(|area| area.contains(at)) else {
        return false;
    };
    let mut state = Retries::default();
    if let Some(row) = retries::view::row_at(area, at.y, &state, snapshot) {
        state.choose(&rows(&snapshot.deliveries, &state), row);
    }
    app.panes.details = None;
    app.panes.below = Pane::Retries(state);
    true
}

/// Handles a click into the pane.
pub(crate) fn click(app: &mut App, snapshot: &Snapshot, at: Position) -> Option<PaneRequest> {
    let area = app.areas()?.below?;
    let now = app.clock.now;
    match &mut app.panes.below {
        Pane::Issues | Pane::Logs(_) => None,
        Pane::Runs(state) => {
            let row = runs::view::row_at(area, at.y, state)?;
            if state.place() == row {
                return Some(runs::update::in_runs(state, snapshot, Command::Open));
            }
            state.choose(row);
            Some(PaneRequest::Select(state.line()?.run().function.clone()))
        }
        Pane::Table(state) => {
            let row = tables::view::row_at(area, at.y, state)?;
            if state.place() == row {
                return Some(tables::update::in_table(state, snapshot, Command::Open));
            }
            state.choose(row);
            Some(PaneRequest::Select(state.row()?.id.clone()))
        }
        Pane::DeadLetters(state) => {
            let inside = pane::inside(area);
            let row = match state.inside {
                Inside::Queues => dead_letters::view::queue_row_at(inside, at.y, state, snapshot),
                Inside::List => dead_letters::view::list_row_at(inside, at.y, &state.list),
                Inside::Message => None,
            }?;
            Some(dead_letters::update::click(state, &app.dlq, snapshot, now, row))
        }
        Pane::Retries(state) => {
            let row = retries::view::row_at(area, at.y, state, snapshot)?;
            let all = rows(&snapshot.deliveries, state);
            if state.place(&all) == row {
                let asked = retries::update::in_retries(state, snapshot, Command::Open, 0);
                state.update_from(snapshot);
                return Some(asked);
            }
            state.choose(&all, row);
            state.update_from(snapshot);
            Some(PaneRequest::Select(all.get(row)?.first().function.clone()))
        }
    }
}
