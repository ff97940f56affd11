//! Back and forward through where one was: the selected box, the pane beneath the chain, the details.

use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::{Details, Mode};
use crate::ui::app::update::{refresh, reveal};
use crate::ui::input::keys::Command;
use crate::ui::panes::state::Pane;

/// Places that are remembered.
const MOST: usize = 50;

/// Where one was.
#[derive(Clone, Debug)]
pub struct Visit {
    selected: Option<NodeId>,
    below: Pane,
    details: Option<Details>,
}

/// The places behind and ahead.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    behind: Vec<Visit>,
    ahead: Vec<Visit>,
}

fn here(app: &App) -> Visit {
    Visit {
        selected: app.chain.selected.clone(),
        below: app.panes.below.clone(),
        details: app.panes.details,
    }
}

/// Where one is, before a command that may lead elsewhere. Steps from box to box are none.
pub(super) fn before(app: &App, command: Command) -> Option<Visit> {
    use Command as C;
    let leads = matches!(
        command,
        C::Open
            | C::Close
            | C::NextIssue
            | C::PreviousIssue
            | C::Retries
            | C::Logs
            | C::Invocations
            | C::DeadLetters
            | C::GoToNode
            | C::Functions
            | C::Queues
            | C::Topics
            | C::Rules
            | C::Apis
            | C::IssueTable
    );
    leads.then(|| here(app))
}

/// Remembers where one was, if that is elsewhere.
pub(super) fn note(app: &mut App, before: Visit) {
    let is_same = before.selected == app.chain.selected
        && std::mem::discriminant(&before.below) == std::mem::discriminant(&app.panes.below)
        && before.details.is_some() == app.panes.details.is_some();
    if is_same {
        return;
    }
    app.trail.ahead.clear();
    app.trail.behind.push(before);
    if app.trail.behind.len() > MOST {
        app.trail.behind.remove(0);
    }
}

/// Goes back, or forward.
pub(super) fn go(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    let now = here(app);
    let (from, to) = if command == Command::Back {
        (&mut app.trail.behind, &mut app.trail.ahead)
    } else {
        (&mut app.trail.ahead, &mut app.trail.behind)
    };
    let Some(visit) = from.pop() else { return Vec::new() };
    to.push(now);
    app.mode = Mode::Chain;
    app.panes.below = visit.below;
    refresh(app, snapshot);
    let effects = visit.selected.map_or_else(Vec::new, |id| reveal(app, snapshot, &id));
    app.panes.details = visit.details;
    effects
}
