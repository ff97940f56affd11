//! The links of a box with their policies, and the command that pauses or resumes the chosen one.

use super::Text;
use crate::domain::phrase::Phrase;
use crate::domain::{Edge, EdgeKind, NodeId, NodeKind};
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::overview::name;
use crate::ui::chain::scene::Item;
use crate::ui::text::commands::Note;
use crate::ui::text::commands::PauseCommand;
use crate::ui::text::{commands, edge_text};
use crate::ui::theme::Role;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The links of the selected node: incoming ones, then outgoing ones.
fn links<'a>(app: &'a App, id: &'a NodeId) -> impl Iterator<Item = &'a Edge> {
    app.chain
        .edges
        .reaching(id)
        .chain(app.chain.edges.leaving(id))
        .map(AsRef::as_ref)
}

/// The command for the chosen link, or for the first link with a command if the chosen one has none.
#[must_use]
pub fn command(app: &App, snapshot: &Snapshot) -> Option<PauseCommand> {
    let (id, Item::Node(_)) = app.selected_item()? else {
        return None;
    };
    let chosen = app.panes.details.map_or(0, |open| open.link);
    let all: Vec<Option<PauseCommand>> = links(app, id).map(|edge| command_for(edge, app, snapshot)).collect();
    all.get(chosen)
        .cloned()
        .flatten()
        .or_else(|| all.into_iter().flatten().next())
}

/// Why there is no command for the chosen link.
#[must_use]
pub fn why_no_command(app: &App, snapshot: &Snapshot) -> Note {
    let chosen = app.panes.details.map_or(0, |open| open.link);
    let source = app
        .selected_item()
        .and_then(|(id, _)| links(app, id).nth(chosen))
        .and_then(|edge| snapshot.topology.nodes.get(&edge.key.from));
    commands::why_none(source.map_or(NodeKind::External, |node| node.kind))
}

fn command_for(edge: &Edge, app: &App, snapshot: &Snapshot) -> Option<PauseCommand> {
    let nodes = &snapshot.topology.nodes;
    let aim = app.settings.aim.clone().unwrap_or_default();
    let region = &snapshot.scope.as_ref()?.region;
    if let Some(obstacle) = snapshot.arrivals.cut.get(&edge.key)
        && let Some(command) = commands::to_allow(obstacle, nodes.get(&edge.key.to)?, region, &aim)
    {
        return Some(command);
    }
    commands::for_edge(edge, nodes.get(&edge.key.from)?, region, &aim)
}

pub(super) fn link_lines(text: &mut Text, app: &App, snapshot: &Snapshot, id: &NodeId) {
    let look = text.look;
    let chosen = app.panes.details.map_or(0, |open| open.link);
    if links(app, id).next().is_none() {
        text.head(&say!(look, "details-links"));
        text.say(0, Role::Muted, &say!(look, "details-no-links"));
        return;
    }
    text.head(&say!(look, "details-links"));
    for (at, edge) in links(app, id).enumerate() {
        let inward = edge.key.to == *id && at < app.chain.edges.reaching(id).count();
        let (verb, other) = if inward {
            (edge_text::verb_in(edge), &edge.key.from)
        } else {
            (edge_text::verb_out(edge), &edge.key.to)
        };
        let is_chosen = at == chosen;
        let cursor = if is_chosen { look.glyphs.text.cursor } else { " " };
        let mut row = Row::of(look, Role::Notice, format!("{cursor} "))
            .then(look, Role::Muted, format!("{} ", look.say(&verb.into())))
            .then(
                look,
                if is_chosen { Role::LineSelected } else { Role::Text },
                name(snapshot, other, look),
            );
        if let Some(qualifier) = &edge.key.qualifier {
            row = row.then(look, Role::Muted, format!(" ({})", look.cut(qualifier, 16)));
        }
        if !edge.enabled {
            row = row.then(
                look,
                Role::Warning,
                format!("  {} {}", look.glyphs.signs.off, say!(look, "details-disabled")),
            );
        }
        text.row(row);
        if let Some(via) = &edge.via {
            text.say(4, Role::Muted, &say!(look, "details-via", via = via.as_str()));
        }
        if let Some(evidence) = edge_text::evidence(edge) {
            text.say(4, Role::Muted, &look.say(&evidence.into()));
        }
        for policy in &edge.policies {
            for line in edge_text::policy(edge, policy) {
                text.say(4, Role::Muted, &look.say(&line.into()));
            }
        }
        arrivals(text, snapshot, edge);
        let source = snapshot.topology.nodes.get(&edge.key.from).map(|node| node.kind);
        if is_chosen && source == Some(NodeKind::Schedule) && edge.key.kind == EdgeKind::Trigger {
            text.say(
                4,
                Role::Muted,
                &look.say(&commands::why_none(NodeKind::Schedule).into()),
            );
        }
        if let Some(command) = command_for(edge, app, snapshot).filter(|_| is_chosen) {
            command_lines(text, &command, app.settings.aim.is_some());
        }
    }
}

/// Whether a link can deliver, and when it last did.
fn arrivals(text: &mut Text, snapshot: &Snapshot, edge: &Edge) {
    let look = text.look;
    if let Some(obstacle) = snapshot.arrivals.cut.get(&edge.key) {
        text.say(
            4,
            Role::Failing,
            &say!(look, "details-cut", why = Phrase::from(obstacle.said())),
        );
    } else if let Some(doubt) = snapshot
        .arrivals
        .open
        .get(&edge.key)
        .filter(|_| !snapshot.topology.cached)
    {
        text.say(
            4,
            Role::Unknown,
            &say!(look, "details-doubt", why = Phrase::from(doubt.said())),
        );
    }
    let last = snapshot
        .pulses
        .iter()
        .filter(|pulse| pulse.edge == edge.key)
        .max_by_key(|pulse| pulse.at);
    if let Some(pulse) = last {
        // Of several triggers a log does not say by which an event came.
        let age = look.age(pulse.at);
        text.say(
            4,
            Role::Muted,
            &say!(look, "details-traffic", age = age, shared = pulse.shared),
        );
    }
}

/// The command that pauses or resumes the link.
fn command_lines(text: &mut Text, command: &PauseCommand, is_reached: bool) {
    let look = text.look;
    let indent = Row::of(look, Role::Text, "    ");
    let does: &str = command.does.into();
    text.row(if is_reached {
        let says = format!(" {}", say!(look, "link-copies", does = does));
        indent.then(look, Role::Key, "y").then(look, Role::Muted, says)
    } else {
        indent.then(look, Role::Muted, say!(look, "link-would", does = does))
    });
    text.say(4, Role::Notice, &command.line);
    if let Some(warning) = command.warning {
        text.say(4, Role::Warning, &look.say(&warning.into()));
    }
}
