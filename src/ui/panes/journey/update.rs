//! Keys in the pane of a journey.

use crate::domain::text::plain;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::effect::Effect;
use crate::ui::input::keys::Command;
use crate::ui::panes::journey::state::JourneyPane;
use crate::ui::panes::logs::state::{LogPane, Request};
use crate::ui::panes::state::Pane;
use crate::ui::panes::update::{PaneRequest, open};

/// Opens the journey of an id.
pub fn open_journey(app: &mut App, snapshot: &Snapshot, id: String) {
    let mut pane = JourneyPane::of(id).with_letters(&app.dlq);
    pane.update_from(snapshot);
    if let Some(named) = pane.journey.named.first() {
        pane.choose(*named);
    }
    open(app, Pane::Journey(Box::new(pane)));
}

pub(crate) fn in_journey(state: &mut JourneyPane, command: Command) -> PaneRequest {
    let hop = state.hop();
    match command {
        Command::Open => {
            state.open = !state.open && state.hop().is_some();
            PaneRequest::Nothing
        }
        Command::Logs => hop
            .and_then(|hop| hop.attempts.last())
            .map_or(PaneRequest::Nothing, |run| {
                PaneRequest::Logs(Box::new(LogPane::on(Request {
                    function: run.function.clone(),
                    id: run.request_id.clone(),
                    attempt: Some(run.attempt),
                })))
            }),
        Command::Retries => hop.map_or(PaneRequest::Nothing, |hop| {
            let request = hop.attempts.last().map(|run| run.request_id.clone());
            PaneRequest::Retries(hop.function.clone(), request)
        }),
        Command::GoToNode => hop.map_or(PaneRequest::Close, |hop| PaneRequest::GoTo(hop.function.clone())),
        Command::Copy => PaneRequest::Do(Effect::Copy(plain(&state.ids()).into_owned())),
        _ => {
            let Some(to) = command.row_from(state.place()) else {
                return PaneRequest::NotMine;
            };
            state.choose(to);
            let chosen = state.hop().map(|hop| hop.function.clone());
            chosen.map_or(PaneRequest::Nothing, PaneRequest::Select)
        }
    }
}
