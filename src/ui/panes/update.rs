//! What keys and clicks do in what is open beneath the chain.

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
use crate::ui::panes::{dead_letters, logs, retries, runs};
use crate::ui::terminal::editor::EditError;
use crate::ui::widgets::pane;

pub(crate) use super::logs::update::{open_logs, selected_function};
pub(crate) use super::retries::update::{open_retries, open_retries_at};
pub(crate) use super::runs::update::open_runs;

/// What a key or a click in a pane asks for beyond the pane.
#[derive(Debug)]
pub(crate) enum PaneRequest {
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
    Say(Notice),
    /// Close the pane.
    Close,
}

/// Opens a pane, over whatever was open.
pub(crate) fn open(app: &mut App, pane: Pane) {
    app.panes.details = None;
    app.mode = Mode::Chain;
    app.panes.below = pane;
}

/// A key in the pane.
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
        Pane::DeadLetters(state) => dead_letters::update::run(state, &app.dlq, snapshot, now, command),
        Pane::Logs(state) => {
            let asked = logs::update::in_logs(state, snapshot, command, height, now);
            state.update_from(snapshot);
            asked
        }
    }
}

/// Whether closing takes something away and leaves the pane.
fn has_something_to_close(below: &Pane) -> bool {
    match below {
        Pane::Issues | Pane::Runs(_) => false,
        Pane::Retries(state) => state.open,
        Pane::Logs(state) => state.pattern.is_some() || state.level.is_some(),
        Pane::DeadLetters(_) => true,
    }
}

/// Opens the dead letters, on the selected queue where it is one.
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

/// The state of the dead letters is new.
pub(crate) fn update_dlq(app: &mut App) {
    if let Pane::DeadLetters(state) = &mut app.panes.below {
        state.update_from(&app.dlq);
    }
}

/// What is to be done beside the screen for what was typed.
pub(crate) fn work(app: &mut App) -> Option<Effect> {
    match &mut app.panes.below {
        Pane::DeadLetters(state) => state.list.job().map(Effect::Sift),
        Pane::Logs(state) => state.job().map(Effect::Search),
        _ => None,
    }
}

/// What a filter chose. Answers with what is to be said about it.
pub(crate) fn sifted(app: &mut App, job: &Job, outcome: Outcome) -> Option<Phrase> {
    match &mut app.panes.below {
        Pane::DeadLetters(state) => state.list.sifted(job, outcome),
        _ => None,
    }
}

/// A letter comes back from the editor.
pub(crate) fn edited(app: &mut App, id: String, outcome: Result<String, EditError>) -> PaneRequest {
    match &mut app.panes.below {
        Pane::DeadLetters(state) => dead_letters::update::edited(state, id, outcome),
        _ => PaneRequest::Nothing,
    }
}

/// An answer as far as it is typed.
pub(crate) fn typing(app: &mut App) {
    if let (Mode::Answer(question, text), Pane::DeadLetters(state)) = (&app.mode, &mut app.panes.below) {
        dead_letters::update::typing(state, question, text);
    }
}

/// An answer that was typed to its end, or given up.
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

/// A click into the glance at the retries: opens them on that row.
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

/// A click into the pane.
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
