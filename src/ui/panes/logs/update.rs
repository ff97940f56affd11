//! Keys in the pane of logs.

use jiff::Timestamp;

use crate::domain::text::plain;
use crate::domain::{NodeId, NodeKind};
use crate::store::snapshot::{Severity, Snapshot};
use crate::ui::app::App;
use crate::ui::input::keys::Command;
use crate::ui::panes::logs::state::{LogPane, Request, owner};
use crate::ui::panes::runs::state::RunsPane;
use crate::ui::panes::state::Pane;
use crate::ui::panes::update::{PaneRequest, open};

/// The selected function, where it is one.
pub fn selected_function(app: &App, snapshot: &Snapshot) -> Option<NodeId> {
    let id = app.chain.selected.as_ref()?;
    let node = snapshot.topology.nodes.get(id)?;
    (node.kind == NodeKind::Lambda).then(|| id.clone())
}

/// The log of the attempt that failed last, on its error: of the selected function, or of the one that fails beside the selected
/// box. `None` if no issue says that it fails.
pub fn log_of_failure(app: &App, snapshot: &Snapshot) -> Option<LogPane> {
    let function = failing(app.chain.selected.as_ref()?, snapshot)?;
    let runs = snapshot.invocations.get(&function);
    let failed = runs.and_then(|runs| runs.iter().rev().find(|run| run.outcome.is_failure()));
    let Some(run) = failed else {
        return Some(LogPane::of(Some(function)));
    };
    let mut pane = LogPane::on(Request {
        id: run.request_id.clone(),
        attempt: Some(run.attempt),
        function,
    });
    pane.update_from(snapshot);
    pane.choose_error();
    Some(pane)
}

/// The function that fails of those an issue of this box is about: itself, the other end of the link, who reads it, who sends to
/// it, or who reads what sends to it.
fn failing(id: &NodeId, snapshot: &Snapshot) -> Option<NodeId> {
    let topology = &snapshot.topology;
    let of_it: Vec<_> = snapshot.troubles.iter().filter(|trouble| trouble.id == *id).collect();
    if of_it.iter().all(|trouble| trouble.severity == Severity::Notice) {
        return None;
    }
    let readers = |id: &NodeId| -> Vec<NodeId> { topology.from(id).map(|edge| edge.key.to.clone()).collect() };
    let senders: Vec<NodeId> = topology.to(id).map(|edge| edge.key.from.clone()).collect();
    let links = of_it.iter().filter_map(|trouble| trouble.link.clone());
    let near = std::iter::once(id.clone()).chain(links).chain(readers(id));
    let behind = senders.iter().flat_map(readers);
    let fails = |id: &NodeId| {
        let is_function = topology.nodes.get(id).is_some_and(|node| node.kind == NodeKind::Lambda);
        let runs = snapshot.vitals.get(id).and_then(|vitals| vitals.runs.as_ref());
        is_function && runs.is_some_and(|runs| runs.last_error.is_some())
    };
    near.chain(senders.clone()).chain(behind).find(fails)
}

/// Opens the log of the selected function, or of all in sight.
pub fn open_logs(app: &mut App, snapshot: &Snapshot, mut pane: LogPane) {
    pane.update_from(snapshot);
    open(app, Pane::Logs(Box::new(pane)));
}

pub(crate) fn in_logs(
    state: &mut LogPane,
    snapshot: &Snapshot,
    command: Command,
    height: usize,
    now: Timestamp,
) -> PaneRequest {
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
        Command::ServiceLines => state.marks_shown = !state.marks_shown,
        Command::Wrap => state.wrap = !state.wrap,
        Command::Live => state.live = !state.live,
        Command::ReadFurther => state.further(now),
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
            return PaneRequest::Pattern(text.unwrap_or_default());
        }
        Command::GoToNode => return function(state).map_or(PaneRequest::Close, PaneRequest::GoTo),
        Command::Invocations => {
            let runs = RunsPane::of(state.only.clone(), state.table.unwrap_or_default());
            return PaneRequest::Runs(match run(state) {
                Some(run) => runs.choosing(&run),
                None => runs,
            });
        }
        Command::Retries => {
            return match (run(state), function(state)) {
                (Some(run), _) => PaneRequest::Retries(run.function, Some(run.request_id)),
                (None, Some(function)) => PaneRequest::Retries(function, None),
                (None, None) => PaneRequest::Nothing,
            };
        }
        Command::Copy => {
            let text = state.line().map(|line| plain(line.line.text.trim_end()).into_owned());
            return text.map_or(PaneRequest::Nothing, PaneRequest::Copy);
        }
        _ => return PaneRequest::NotMine,
    }
    PaneRequest::Nothing
}
