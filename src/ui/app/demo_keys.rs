//! The keys of the demo.

use jiff::SignedDuration;

use crate::domain::{NodeId, NodeKind};
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::demo::DemoControl;
use crate::ui::app::effect::Effect;
use crate::ui::app::notice::Notice;
use crate::ui::chain::scene::Item;
use crate::ui::chain::selection::select;
use crate::ui::input::keys::Command;

/// The function that a demo key applies to: the selected one, else the next after the selected box, else the first of the
/// chain.
fn meant(app: &App) -> Option<NodeId> {
    let is_function = |id: &NodeId| {
        let item = app.chain.shown.picture.items.get(id);
        matches!(item, Some(Item::Node(node)) if node.kind == NodeKind::Lambda)
    };
    let mut behind: Vec<NodeId> = app.chain.selected.clone().into_iter().collect();
    let mut at = 0;
    while let Some(id) = behind.get(at).cloned() {
        if is_function(&id) {
            return Some(id);
        }
        for edge in app.chain.edges.leaving(&id) {
            if !behind.contains(&edge.key.to) {
                behind.push(edge.key.to.clone());
            }
        }
        at += 1;
    }
    let seats = app
        .chain
        .shown
        .placed
        .seats()
        .iter()
        .filter(|seat| is_function(&seat.id));
    let first = seats.min_by_key(|seat| (seat.rect.x, seat.rect.y));
    first.map(|seat| seat.id.clone())
}

/// Selects the function that a demo key applies to and says what happens to it, so that the next key applies to the same one.
fn aim(app: &mut App, snapshot: &Snapshot, command: Command) -> Option<NodeId> {
    let Some(id) = meant(app) else {
        app.notice = Some(Notice::NoFunction);
        return None;
    };
    if app.chain.selected.as_ref() != Some(&id) {
        select(app, Some(id.clone()));
    }
    let node = snapshot.topology.nodes.get(&id);
    let name = node.map_or_else(|| id.short_name(), |node| &node.name).to_owned();
    let is_used_up = app
        .demo
        .as_ref()
        .zip(node)
        .is_some_and(|(demo, node)| demo.used_up.contains(&node.name));
    app.notice = Some(match command {
        Command::Break => Notice::Broken { name },
        Command::Fix => Notice::Fixed { name },
        _ if is_used_up => Notice::NotThrottled { name },
        _ => Notice::Throttled { name },
    });
    Some(id)
}

/// Advances account time to the next step of the script, and says so: everything in between happens at once.
fn next_step(app: &mut App) -> Option<DemoControl> {
    let at = app.demo.as_ref().and_then(|demo| demo.next_caption_at_ms);
    let now = app.clock.now.as_millisecond();
    app.notice = Some(match at {
        Some(at) => Notice::NextStep {
            later: SignedDuration::from_millis(at - now),
        },
        None => Notice::LastStep,
    });
    at.map(|_| DemoControl::NextStep)
}

/// Sends a change to the simulated account.
pub(crate) fn turn(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    let speed = app.demo.as_ref().map_or(1.0, |demo| demo.speed);
    let knob = match command {
        Command::DropEvent => Some(DemoControl::DropMarble),
        Command::Break => aim(app, snapshot, command).map(DemoControl::Break),
        Command::Fix => aim(app, snapshot, command).map(DemoControl::Mend),
        Command::Throttle => aim(app, snapshot, command).map(DemoControl::Throttle),
        Command::DenyPermission => Some(DemoControl::DenyPermission),
        Command::ExpireCredentials => Some(DemoControl::ExpireCredentials),
        Command::SlowNetwork => Some(DemoControl::SlowNetwork),
        Command::Answer500 => Some(DemoControl::Answer500),
        Command::Faster => Some(DemoControl::Speed((speed * 2.0).min(3_600.0))),
        Command::Slower => Some(DemoControl::Speed((speed / 2.0).max(0.125))),
        Command::Pause => Some(DemoControl::Pause),
        Command::Step => Some(DemoControl::Step),
        Command::NextStep => next_step(app),
        _ => None,
    };
    knob.map(Effect::DemoControl).into_iter().collect()
}
