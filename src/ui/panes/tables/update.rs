//! Keys in a table.

use crate::domain::{NodeId, NodeKind};
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::input::keys::Command;
use crate::ui::panes::logs::state::LogPane;
use crate::ui::panes::state::Pane;
use crate::ui::panes::tables::rows::Subject;
use crate::ui::panes::tables::state::TablePane;
use crate::ui::panes::update::{PaneRequest, open};

/// The table that a command opens.
#[must_use]
pub fn subject(command: Command) -> Option<Subject> {
    Some(match command {
        Command::Functions => Subject::Functions,
        Command::Queues => Subject::Queues,
        Command::Topics => Subject::Topics,
        Command::Rules => Subject::Rules,
        Command::Apis => Subject::Apis,
        Command::IssueTable => Subject::Issues,
        _ => return None,
    })
}

/// Opens a table, on the selected box where it has a row.
pub fn open_table(app: &mut App, snapshot: &Snapshot, subject: Subject) {
    let mut table = TablePane::of(subject);
    table.update_from(snapshot);
    let selected = app.chain.selected.as_ref();
    let own = table.rows.iter().position(|row| Some(&row.id) == selected);
    table.choose(own.unwrap_or(0));
    open(app, Pane::Table(Box::new(table)));
}

pub(crate) fn in_table(table: &mut TablePane, snapshot: &Snapshot, command: Command) -> PaneRequest {
    let id = table.row().map(|row| row.id.clone());
    match command {
        Command::Open | Command::GoToNode => id.map_or(PaneRequest::Nothing, PaneRequest::GoTo),
        Command::Copy => id.map_or(PaneRequest::Nothing, |id| PaneRequest::Copy(id.to_string())),
        Command::Sort => {
            table.sort(snapshot);
            PaneRequest::Nothing
        }
        Command::Find => PaneRequest::Pattern(table.filter.clone()),
        Command::Close if !table.filter.is_empty() => {
            table.filter("", snapshot);
            PaneRequest::Nothing
        }
        Command::Logs => {
            let is_function = |id: &NodeId| {
                let node = snapshot.topology.nodes.get(id);
                node.is_some_and(|node| node.kind == NodeKind::Lambda)
            };
            PaneRequest::Logs(Box::new(LogPane::of(id.filter(is_function))))
        }
        _ => {
            let Some(to) = command.row_from(table.place()) else {
                return PaneRequest::NotMine;
            };
            table.choose(to);
            table
                .row()
                .map_or(PaneRequest::Nothing, |row| PaneRequest::Select(row.id.clone()))
        }
    }
}
