//! Keys in the tables of runs.

use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::input::keys::Command;
use crate::ui::panes::logs::state::{LogPane, Request};
use crate::ui::panes::runs::state::RunsPane;
use crate::ui::panes::state::Pane;
use crate::ui::panes::update::{PaneRequest, open};

/// Opens a table of runs.
pub fn open_runs(app: &mut App, snapshot: &Snapshot, mut pane: RunsPane) {
    pane.update_from(snapshot);
    pane.choose(pane.place());
    open(app, Pane::Runs(Box::new(pane)));
}

pub(crate) fn in_runs(state: &mut RunsPane, snapshot: &Snapshot, command: Command) -> PaneRequest {
    let run = state.line().map(|line| line.run().clone());
    let function = |state: &RunsPane| state.line().map(|line| line.run().function.clone());
    match command {
        Command::Open => {
            return run.map_or(PaneRequest::Nothing, |run| {
                let mut log = LogPane::on(Request {
                    function: run.function.clone(),
                    id: run.request_id.clone(),
                    attempt: Some(run.attempt),
                });
                log.table = Some(state.table);
                PaneRequest::Logs(Box::new(log))
            });
        }
        Command::Logs => {
            let mut log = LogPane::of(state.only.clone());
            log.table = Some(state.table);
            return PaneRequest::Logs(Box::new(log));
        }
        Command::Retries => {
            return run.map_or(PaneRequest::Nothing, |run| {
                PaneRequest::Retries(run.function.clone(), Some(run.request_id.clone()))
            });
        }
        Command::Copy => {
            return run.map_or(PaneRequest::Nothing, |run| PaneRequest::Copy(run.request_id.clone()));
        }
        Command::GoToNode => return function(state).map_or(PaneRequest::Close, PaneRequest::GoTo),
        Command::NextLink => state.turn(1, snapshot),
        Command::PreviousLink => state.turn(-1, snapshot),
        Command::Sort => state.sort(snapshot),
        Command::Only => {
            state.only = match state.only.take() {
                Some(_) => None,
                None => function(state),
            };
            state.begin(snapshot);
        }
        _ => {
            let Some(to) = command.row_from(state.place()) else {
                return PaneRequest::NotMine;
            };
            state.choose(to);
            return function(state).map_or(PaneRequest::Nothing, PaneRequest::Select);
        }
    }
    PaneRequest::Nothing
}
