//! Keys in the pane of logs.

use jiff::Timestamp;

use crate::domain::text::plain;
use crate::domain::{NodeId, NodeKind};
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::effect::Effect;
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
        Command::Journey => {
            return run(state).map_or(PaneRequest::Nothing, |run| PaneRequest::Journey(run.request_id));
        }
        Command::Copy => {
            let text = state.line().map(|line| plain(line.line.text.trim_end()).into_owned());
            return text.map_or(PaneRequest::Nothing, |text| PaneRequest::Do(Effect::Copy(text)));
        }
        _ => return PaneRequest::NotMine,
    }
    PaneRequest::Nothing
}
