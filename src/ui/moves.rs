//! Where the selection goes, and what is scrolled so that it is seen.

use super::app::{App, Details, MARGIN};
use super::views::details;
use crate::domain::NodeId;
use crate::graph::{self, Direction};
use crate::store::snapshot::{Health, Severity, Snapshot};

/// What is selected before anybody chose: the worst trouble, else the head of the first chain.
pub(super) fn first(app: &App, snapshot: &Snapshot) -> Option<NodeId> {
    let failing = troubles(app, snapshot).into_iter().next();
    failing.or_else(|| {
        let seats = app.shown.placed.seats();
        seats
            .iter()
            .min_by_key(|seat| (seat.rect.y, seat.rect.x))
            .map(|seat| seat.id.clone())
    })
}

/// The boxes that need a look, worst first.
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
        let own = app.shown.picture.box_of(id);
        if let Some(id) = own.filter(|id| !found.contains(id)) {
            found.push(id.clone());
        }
    }
    found
}

/// Goes to the next trouble, or the one before, round and round.
pub(super) fn next_trouble(app: &mut App, snapshot: &Snapshot, step: isize) {
    let found = troubles(app, snapshot);
    if found.is_empty() {
        app.notice = Some(match snapshot.not_known() {
            _ if !snapshot.troubles.is_empty() => "no trouble among what is shown".to_owned(),
            Some(why) => format!("nothing so far; {why}"),
            None => "nothing needs a look".to_owned(),
        });
        return;
    }
    let at = app
        .selected
        .as_ref()
        .and_then(|id| found.iter().position(|known| known == id));
    let next = match at {
        Some(at) => (at + found.len()).saturating_add_signed(step) % found.len(),
        None => 0,
    };
    select(app, found.get(next).cloned());
}

/// Goes to the neighbour in a direction.
pub(super) fn go(app: &mut App, direction: Direction) {
    let next = match &app.selected {
        Some(from) => graph::neighbour(&app.shown.placed, &app.shown.request.edges, from, direction),
        None => app.shown.placed.seats().first().map(|seat| seat.id.clone()),
    };
    if next.is_some() {
        select(app, next);
    }
}

/// Selects what somebody chose.
pub(super) fn select(app: &mut App, id: Option<NodeId>) {
    app.chosen = true;
    app.trail.let_go();
    if app.selected != id {
        app.selected = id;
        if let Some(open) = &mut app.details {
            *open = Details::default();
        }
    }
    show_selected(app);
}

/// Scrolls the details.
pub(super) fn scroll_details(app: &mut App, snapshot: &Snapshot, rows: i32) {
    let most = details::overflow(app, snapshot);
    if let Some(open) = &mut app.details {
        let scroll = (i32::from(open.scroll) + rows).clamp(0, i32::from(most));
        open.scroll = u16::try_from(scroll).unwrap_or(0);
    }
}

/// Scrolls the graph.
pub(super) fn scroll_by(app: &mut App, x: i32, y: i32) {
    app.trail.let_go();
    app.scroll.0 += x;
    app.scroll.1 += y;
    clamp(app);
}

/// Scrolls no further than the graph reaches.
pub(super) fn clamp(app: &mut App) {
    app.scroll = within(app, app.scroll);
}

/// The nearest to where somebody wants to scroll that the graph reaches.
pub(super) fn within(app: &App, (x, y): (i32, i32)) -> (i32, i32) {
    let view = app.viewport();
    let spare = |size: u32, view: u16| i32::from(view) - i32::try_from(size).unwrap_or(i32::MAX);
    let along = |at: i32, spare: i32, margin: i32| at.clamp(-margin, (margin - spare).max(-margin));
    let (wide, high) = (
        spare(app.shown.placed.width, view.w),
        spare(app.shown.placed.height, view.h),
    );
    // A chain that just fits is not cut for its margin.
    let margin = if wide < 0 { MARGIN.0 } else { MARGIN.0.min(wide / 2) };
    (along(x, wide, margin), along(y, high, MARGIN.1))
}

/// Where to scroll so that these cells are on screen, with so much around them as there is room for.
pub(super) fn around(view: graph::Rect, cells: graph::Rect, room: (i32, i32)) -> (i32, i32) {
    let along = |scroll: i32, start: i32, end: i32, size: i32, room: i32| {
        let room = room.min((size - (end - start)) / 2).max(0);
        if start - room < scroll {
            start - room
        } else if end + room > scroll + size {
            end + room - size
        } else {
            scroll
        }
    };
    (
        along(view.x, cells.x, cells.right() + 1, i32::from(view.w), room.0),
        along(view.y, cells.y, cells.bottom() + 1, i32::from(view.h), room.1),
    )
}

/// Scrolls so that the selected box is on screen, with a little around it.
pub(super) fn show_selected(app: &mut App) {
    let view = app.viewport();
    if let Some(seat) = app.selected.as_ref().and_then(|id| app.shown.placed.seat(id)) {
        app.scroll = around(view, seat.rect, (8, 3));
    }
    clamp(app);
}

/// As long as nobody chose, the screen shows what is worst: it goes to a trouble that is worse than what is selected.
pub(super) fn follow(app: &mut App, snapshot: &Snapshot) {
    let severity = |app: &App, id: &NodeId| -> Option<Severity> {
        let own = |other: &NodeId| app.shown.picture.box_of(other) == Some(id);
        let mine = snapshot.troubles.iter().filter(|trouble| own(&trouble.id));
        mine.map(|trouble| trouble.severity).max()
    };
    let Some(worst) = first(app, snapshot).filter(|_| !app.chosen) else {
        return;
    };
    let now = app.selected.as_ref().and_then(|id| severity(app, id));
    if severity(app, &worst) > now {
        app.selected = Some(worst);
        app.trail.stop();
        show_selected(app);
    }
}
