//! Moves the selection, and scrolls to keep it visible.

use super::scroll::{around, within};
use crate::domain::NodeId;
use crate::layout::{self, Direction};
use crate::store::snapshot::{Health, Severity, Snapshot};
use crate::ui::app::App;
use crate::ui::app::mode::Details;
use crate::ui::app::notice::Notice;
use crate::ui::panes::details;

/// The initial selection: the worst issue, else the head of the first chain.
pub(crate) fn first(app: &App, snapshot: &Snapshot) -> Option<NodeId> {
    let failing = troubles(app, snapshot).into_iter().next();
    failing.or_else(|| {
        let seats = app.chain.shown.placed.seats();
        seats
            .iter()
            .min_by_key(|seat| (seat.rect.y, seat.rect.x))
            .map(|seat| seat.id.clone())
    })
}

/// The boxes with issues, worst first.
pub(super) fn troubles(app: &App, snapshot: &Snapshot) -> Vec<NodeId> {
    let told = snapshot.troubles.iter().map(|trouble| &trouble.id);
    let mut seen: Vec<(&NodeId, Health)> = snapshot
        .vitals
        .iter()
        .filter(|(_, vitals)| vitals.health >= Health::Warning)
        .map(|(id, vitals)| (id, vitals.health))
        .collect();
    seen.sort_by_key(|(_, health)| std::cmp::Reverse(*health));
    let mut found: Vec<NodeId> = Vec::new();
    for id in told.chain(seen.into_iter().map(|(id, _)| id)) {
        let own = app.chain.shown.picture.box_of(id);
        if let Some(id) = own.filter(|id| !found.contains(id)) {
            found.push(id.clone());
        }
    }
    found
}

/// Goes to the next trouble, or the one before, round and round. The first time it goes to the worst, which the program may
/// have selected by itself.
pub(super) fn next_issue(app: &mut App, snapshot: &Snapshot, step: isize) {
    let found = troubles(app, snapshot);
    if found.is_empty() {
        app.notice = Some(match snapshot.unseen() {
            _ if !snapshot.troubles.is_empty() => Notice::NoIssuesShown,
            Some(why) => Notice::NotYet { why: why.into() },
            None => Notice::NoIssues,
        });
        return;
    }
    let at = app
        .chain
        .selected
        .as_ref()
        .filter(|_| app.chain.chosen)
        .and_then(|id| found.iter().position(|known| known == id));
    let next = match at {
        Some(at) => (at + found.len()).saturating_add_signed(step) % found.len(),
        None => 0,
    };
    select(app, found.get(next).cloned());
}

/// Selects the neighbour in a direction.
pub(super) fn go(app: &mut App, direction: Direction) {
    let next = match &app.chain.selected {
        Some(from) => {
            let links = app.chain.shown.request().map_or(&[][..], |request| &request.edges);
            layout::neighbour(&app.chain.shown.placed, links, from, direction)
        }
        None => app.chain.shown.placed.seats().first().map(|seat| seat.id.clone()),
    };
    if next.is_some() {
        select(app, next);
    }
}

/// Selects a box on behalf of the person.
pub(crate) fn select(app: &mut App, id: Option<NodeId>) {
    app.chain.chosen = true;
    if app.chain.selected != id {
        app.chain.selected = id;
        if let Some(open) = &mut app.panes.details {
            *open = Details::default();
        }
    }
    show_selected(app);
}

/// Scrolls the details.
pub(crate) fn scroll_details(app: &mut App, snapshot: &Snapshot, rows: i32) {
    let most = details::overflow(app, snapshot);
    if let Some(open) = &mut app.panes.details {
        let scroll = (i32::from(open.scroll) + rows).clamp(0, i32::from(most));
        open.scroll = u16::try_from(scroll).unwrap_or(0);
    }
}

/// Scrolls the graph.
pub(crate) fn scroll_by(app: &mut App, x: i32, y: i32) {
    app.chain.scroll.0 += x;
    app.chain.scroll.1 += y;
    clamp(app);
}

/// Limits scrolling to the graph.
pub(crate) fn clamp(app: &mut App) {
    app.chain.scroll = within(&app.chain.shown.placed, app.viewport(), app.chain.scroll);
}

/// Scrolls until the selected box is on screen, with a margin.
pub(crate) fn show_selected(app: &mut App) {
    let view = app.viewport();
    if let Some(seat) = app
        .chain
        .selected
        .as_ref()
        .and_then(|id| app.chain.shown.placed.seat(id))
    {
        app.chain.scroll = around(view, seat.rect, (8, 3));
    }
    clamp(app);
}

/// Selects the worst issue until a person selects something. The screen does not scroll for it.
pub(crate) fn follow(app: &mut App, snapshot: &Snapshot) {
    let severity = |app: &App, id: &NodeId| -> Option<Severity> {
        let own = |other: &NodeId| app.chain.shown.picture.box_of(other) == Some(id);
        let mine = snapshot.troubles.iter().filter(|trouble| own(&trouble.id));
        mine.map(|trouble| trouble.severity).max()
    };
    let Some(worst) = first(app, snapshot).filter(|_| !app.chain.chosen) else {
        return;
    };
    let now = app.chain.selected.as_ref().and_then(|id| severity(app, id));
    if severity(app, &worst) > now {
        app.chain.selected = Some(worst);
    }
}
