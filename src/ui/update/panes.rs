//! What keys and clicks do in what is open beneath the chain.

use jiff::Timestamp;
use ratatui::layout::Position;

use crate::domain::text::plain;
use crate::domain::{NodeId, NodeKind};
use crate::store::snapshot::Snapshot;
use crate::ui::app::{App, Effect, Mode};
use crate::ui::keys::Command;
use crate::ui::letters::act::{self, Want};
use crate::ui::letters::{Inside, LettersPane, Question, queues};
use crate::ui::logs::{LogPane, Request, owner};
use crate::ui::pane::Pane;
use crate::ui::retries::{Entry, Grouping, Retries, chosen_attempt, request_of, rows};
use crate::ui::runs::RunsPane;
use crate::ui::views::{letters, logs, retries, runs};
use crate::ui::widgets::pane;

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

/// Opens the retries, on the row of the selected box where it has one.
pub(super) fn open_retries(app: &mut App, snapshot: &Snapshot) {
    let mut state = Retries::default();
    let rows = rows(&snapshot.deliveries, &state);
    let own = app
        .selected
        .as_ref()
        .and_then(|id| rows.iter().position(|row| row.first().function == *id));
    state.choose(&rows, own.unwrap_or(0));
    state.look(snapshot);
    app.details = None;
    app.mode = Mode::Chain;
    app.below = Pane::Retries(state);
}

/// A key in the pane.
pub(super) fn run(app: &mut App, snapshot: &Snapshot, command: Command) -> Asked {
    match command {
        Command::Enlarge => {
            app.enlarged = !app.enlarged;
            return Asked::Done(Vec::new());
        }
        Command::Close if app.below.is_open() && !has_something_to_close(&app.below) => return Asked::Close,
        _ => {}
    }
    let area = app.areas().and_then(|areas| areas.below);
    let height = area.map_or(0, logs::height);
    let now = app.now;
    match &mut app.below {
        Pane::Troubles => Asked::NotMine,
        Pane::Retries(state) => {
            let log = area.and_then(|area| retries::log_area(area, state, snapshot));
            let asked = in_retries(state, snapshot, command, log.map_or(0, logs::height));
            state.look(snapshot);
            asked
        }
        Pane::Runs(state) => in_runs(state, snapshot, command),
        Pane::Letters(state) => wanted(act::run(state, &app.desk, snapshot, now, command)),
        Pane::Logs(state) => {
            let asked = in_logs(state, snapshot, command, height, now);
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

fn in_retries(state: &mut Retries, snapshot: &Snapshot, command: Command, log_height: usize) -> Asked {
    if state.open && in_opened(state, snapshot, command, log_height) {
        return Asked::Done(Vec::new());
    }
    let all = rows(&snapshot.deliveries, state);
    let at = state.place(&all);
    let function = |at: usize| all.get(at).map(|row: &Entry| row.first().function.clone());
    let to = match command {
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
        Command::Logs => {
            let chosen = all.get(at).map(Entry::first);
            let request = chosen.and_then(|one| request_of(one, chosen_attempt(one, state.attempt)?));
            // Of an event that is not open, all attempts.
            let request = request.map(|request| Request {
                attempt: request.attempt.filter(|_| state.open),
                ..request
            });
            let log = request.map_or_else(|| LogPane::of(function(at)), LogPane::on);
            return Asked::Logs(Box::new(log));
        }
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
        _ => match command.row_from(at) {
            Some(to) => to,
            None => return Asked::NotMine,
        },
    };
    state.choose(&all, to);
    function(state.at).map_or(Asked::Done(Vec::new()), Asked::Select)
}

/// A key while an event is open: through its attempts, and in the log of the chosen one. False where it is none of these.
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

/// Opens a table of runs.
pub(super) fn open_runs(app: &mut App, snapshot: &Snapshot, mut pane: RunsPane) {
    pane.look(snapshot);
    pane.choose(pane.place());
    app.details = None;
    app.mode = Mode::Chain;
    app.below = Pane::Runs(Box::new(pane));
}

fn in_runs(state: &mut RunsPane, snapshot: &Snapshot, command: Command) -> Asked {
    let at = state.place();
    let run = state.line().map(|line| line.run().clone());
    let to = match command {
        Command::Open => {
            return run.map_or(Asked::Done(Vec::new()), |run| {
                let mut log = LogPane::on(Request {
                    function: run.function.clone(),
                    id: run.request_id.clone(),
                    attempt: Some(run.attempt),
                });
                log.table = Some(state.table);
                Asked::Logs(Box::new(log))
            });
        }
        Command::Logs => {
            let mut log = LogPane::of(state.only.clone());
            log.table = Some(state.table);
            return Asked::Logs(Box::new(log));
        }
        Command::Retries => {
            return run.map_or(Asked::Done(Vec::new()), |run| {
                Asked::Retries(run.function.clone(), Some(run.request_id.clone()))
            });
        }
        Command::GoToNode => return run.map_or(Asked::Close, |run| Asked::GoTo(run.function.clone())),
        Command::NextLink | Command::PreviousLink => {
            state.turn(if command == Command::NextLink { 1 } else { -1 }, snapshot);
            return Asked::Done(Vec::new());
        }
        Command::Sort => {
            state.sort(snapshot);
            return Asked::Done(Vec::new());
        }
        Command::Only => {
            state.only = match state.only.take() {
                Some(_) => None,
                None => run.map(|run| run.function.clone()),
            };
            state.begin(snapshot);
            return Asked::Done(Vec::new());
        }
        _ => match command.row_from(at) {
            Some(to) => to,
            None => return Asked::NotMine,
        },
    };
    state.choose(to);
    let run = state.line().map(|line| line.run().function.clone());
    run.map_or(Asked::Done(Vec::new()), Asked::Select)
}

/// Opens the log of the selected function, or of all in sight.
pub(super) fn open_logs(app: &mut App, snapshot: &Snapshot, mut pane: LogPane) {
    pane.look(snapshot);
    app.details = None;
    app.mode = Mode::Chain;
    app.below = Pane::Logs(Box::new(pane));
}

/// The selected function, where it is one.
pub(super) fn selected_function(app: &App, snapshot: &Snapshot) -> Option<NodeId> {
    let id = app.selected.as_ref()?;
    let node = snapshot.topology.nodes.get(id)?;
    (node.kind == NodeKind::Lambda).then(|| id.clone())
}

/// Opens the retries on one request's row.
pub(super) fn open_retries_at(app: &mut App, snapshot: &Snapshot, function: &NodeId, request: Option<&str>) {
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
        None => app.notice = Some("no attempt of this line was seen".to_owned()),
    }
    state.look(snapshot);
    app.below = Pane::Retries(state);
}

fn in_logs(state: &mut LogPane, snapshot: &Snapshot, command: Command, height: usize, now: Timestamp) -> Asked {
    let page = isize::try_from(height.saturating_sub(2)).unwrap_or(1).max(1);
    let run = |state: &LogPane| state.line().and_then(|line| owner(&line, snapshot).cloned());
    let function = |state: &LogPane| state.line().and_then(|line| line.line.stream.function.clone());
    match command {
        Command::Down => state.go(1, height),
        Command::Up => state.go(-1, height),
        Command::PageDown => state.go(page, height),
        Command::PageUp => state.go(-page, height),
        Command::Top => state.top(),
        Command::End => state.follow(),
        Command::Open => state.unfold(),
        Command::Level => state.next_level(),
        Command::Wrap => state.wrap = !state.wrap,
        Command::Live => state.live = !state.live,
        Command::Further => state.further(now),
        Command::Only => {
            state.only = match state.only.take() {
                Some(_) => None,
                None => function(state),
            };
            state.request = None;
        }
        Command::ThisRequest => {
            state.request = match (state.request.take(), run(state)) {
                (None, Some(run)) => Some(Request {
                    function: run.function,
                    id: run.request_id,
                    attempt: None,
                }),
                _ => None,
            };
        }
        Command::Close => {
            state.pattern = None;
            state.level = None;
        }
        Command::Find => {
            let text = state.pattern.as_ref().map(|pattern| pattern.as_str().to_owned());
            return Asked::Pattern(text.unwrap_or_default());
        }
        Command::GoToNode => return function(state).map_or(Asked::Close, Asked::GoTo),
        Command::Runs => {
            let runs = RunsPane::of(state.only.clone(), state.table.unwrap_or_default());
            return Asked::Runs(match run(state) {
                Some(run) => runs.choosing(&run),
                None => runs,
            });
        }
        Command::Retries => {
            return match (run(state), function(state)) {
                (Some(run), _) => Asked::Retries(run.function, Some(run.request_id)),
                (None, Some(function)) => Asked::Retries(function, None),
                (None, None) => Asked::Done(Vec::new()),
            };
        }
        Command::Copy => {
            let text = state.line().map(|line| plain(line.line.text.trim_end()).into_owned());
            return Asked::Done(text.map(Effect::Copy).into_iter().collect());
        }
        _ => return Asked::NotMine,
    }
    Asked::Done(Vec::new())
}

/// What the dead letters want, as the screen does it.
fn wanted(want: Want) -> Asked {
    match want {
        Want::Nothing => Asked::Done(Vec::new()),
        Want::NotMine => Asked::NotMine,
        Want::DlqState(order) => Asked::Done(vec![Effect::DlqState(order)]),
        Want::Edit { id, body } => Asked::Done(vec![Effect::Edit { id, body }]),
        Want::Say(text) => Asked::Say(text),
        Want::Ask(question, text) => Asked::Ask(question, text),
        Want::Select(id) => Asked::Select(id),
        Want::GoTo(id) => Asked::GoTo(id),
        Want::Retries(function, request) => Asked::Retries(function, request),
        Want::Logs(function, Some(id)) => Asked::Logs(Box::new(LogPane::on(Request {
            function,
            id,
            attempt: None,
        }))),
        Want::Logs(function, None) => Asked::Logs(Box::new(LogPane::of(Some(function)))),
        Want::Close => Asked::Close,
    }
}

/// Opens the dead letters, on the selected queue where it is one.
pub(super) fn open_letters(app: &mut App, snapshot: &Snapshot) {
    let mut state = LettersPane::default();
    let queues = queues(snapshot);
    let selected = app.selected.as_ref();
    let own = queues.iter().find(|queue| Some(&queue.id) == selected);
    if let Some(queue) = own.or(queues.first()) {
        state.choose(queue.id.clone(), &app.desk);
    }
    app.details = None;
    app.mode = Mode::Chain;
    app.below = Pane::Letters(Box::new(state));
}

/// The state of the dead letters is new.
pub(super) fn look_at_the_desk(app: &mut App) {
    if let Pane::Letters(state) = &mut app.below {
        state.look(&app.desk);
    }
}

/// A letter comes back from the editor.
pub(super) fn edited(app: &mut App, id: String, outcome: Result<String, String>) -> Asked {
    match &mut app.below {
        Pane::Letters(state) => wanted(act::edited(state, id, outcome)),
        _ => Asked::Done(Vec::new()),
    }
}

/// An answer as far as it is typed.
pub(super) fn typing(app: &mut App) {
    if let (Mode::Answer(question, text), Pane::Letters(state)) = (&app.mode, &mut app.below) {
        act::typing(state, question, text);
    }
}

/// An answer that was typed to its end, or given up.
pub(super) fn answered(app: &mut App, snapshot: &Snapshot, given: bool) -> Asked {
    let Mode::Answer(question, text) = std::mem::take(&mut app.mode) else {
        return Asked::Done(Vec::new());
    };
    let Pane::Letters(state) = &mut app.below else {
        return Asked::Done(Vec::new());
    };
    if given {
        return wanted(act::typed(state, &app.desk, snapshot, question, &text));
    }
    if question.is_live() {
        act::typing(state, &question, "");
    }
    Asked::Done(Vec::new())
}

/// A click into the glance at the retries: opens them on that row.
pub(super) fn click_glance(app: &mut App, snapshot: &Snapshot, at: Position) -> bool {
    let area = app.areas().and_then(|areas| areas.glance);
    let Some(area) = area.filter(|area| area.contains(at)) else {
        return false;
    };
    let mut state = Retries::default();
    if let Some(row) = retries::row_at(area, at.y, &state, snapshot) {
        state.choose(&rows(&snapshot.deliveries, &state), row);
    }
    app.details = None;
    app.below = Pane::Retries(state);
    true
}

/// A click into the pane.
pub(super) fn click(app: &mut App, snapshot: &Snapshot, at: Position) -> Option<Asked> {
    let area = app.areas()?.below?;
    let now = app.now;
    match &mut app.below {
        Pane::Troubles | Pane::Logs(_) => None,
        Pane::Runs(state) => {
            let row = runs::row_at(area, at.y, state)?;
            if state.place() == row {
                return Some(in_runs(state, snapshot, Command::Open));
            }
            state.choose(row);
            Some(Asked::Select(state.line()?.run().function.clone()))
        }
        Pane::Letters(state) => {
            let inside = pane::inside(area);
            let row = match state.inside {
                Inside::Queues => letters::queue_row_at(inside, at.y, state, snapshot),
                Inside::List => letters::list_row_at(inside, at.y, &state.list),
                Inside::Letter => None,
            }?;
            Some(wanted(act::click(state, &app.desk, snapshot, now, row)))
        }
        Pane::Retries(state) => {
            let row = retries::row_at(area, at.y, state, snapshot)?;
            let all = rows(&snapshot.deliveries, state);
            if state.place(&all) == row {
                let asked = in_retries(state, snapshot, Command::Open, 0);
                state.look(snapshot);
                return Some(asked);
            }
            state.choose(&all, row);
            state.look(snapshot);
            Some(Asked::Select(all.get(row)?.first().function.clone()))
        }
    }
}
