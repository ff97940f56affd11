//! The mouse: it selects, scrolls, and drags the chain.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use crate::domain::NodeId;
use crate::store::causes::causes;
use crate::store::issues::issues;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::Mode;
use crate::ui::app::update::{answer, below_key, reveal, run};
use crate::ui::chain::selection::{scroll_by, scroll_details, select};
use crate::ui::chain::update::open;
use crate::ui::input::keys::{Command, Context};
use crate::ui::panes::update as panes;

/// Updates the state by a mouse event.
pub(crate) fn on_mouse(app: &mut App, snapshot: &Snapshot, event: MouseEvent) -> Vec<Effect> {
    let Some(areas) = app.areas() else { return Vec::new() };
    let at = Position::new(event.column, event.row);
    if event.kind == MouseEventKind::Down(MouseButton::Left) {
        let button = app.mouse.buttons.iter().find(|(area, _)| area.contains(at));
        if let Some((_, command)) = button.copied() {
            app.notice = None;
            return run(app, snapshot, command);
        }
        // A window that asks wants an answer first.
        if app.places().contains(&Context::Dialog) || app.places().contains(&Context::Answer) {
            return Vec::new();
        }
    }
    let over_details = areas.details.is_some_and(|area| area.contains(at));
    match event.kind {
        MouseEventKind::ScrollDown if over_details => scroll_details(app, snapshot, 3),
        MouseEventKind::ScrollUp if over_details => scroll_details(app, snapshot, -3),
        MouseEventKind::ScrollDown if over_rows(app, at) => return below_key(app, snapshot, Command::Down),
        MouseEventKind::ScrollUp if over_rows(app, at) => return below_key(app, snapshot, Command::Up),
        MouseEventKind::ScrollDown if event.modifiers.contains(KeyModifiers::SHIFT) => scroll_by(app, 6, 0),
        MouseEventKind::ScrollUp if event.modifiers.contains(KeyModifiers::SHIFT) => scroll_by(app, -6, 0),
        MouseEventKind::ScrollDown => scroll_by(app, 0, 3),
        MouseEventKind::ScrollUp => scroll_by(app, 0, -3),
        MouseEventKind::ScrollRight => scroll_by(app, 6, 0),
        MouseEventKind::ScrollLeft => scroll_by(app, -6, 0),
        MouseEventKind::Down(MouseButton::Left) if !over_details && areas.viewport().contains(at) => {
            app.mode = Mode::Chain;
            app.mouse.held = Some((at.x, at.y));
            let view = areas.viewport();
            let (x, y) = (
                i32::from(at.x - view.x) + app.chain.scroll.0,
                i32::from(at.y - view.y) + app.chain.scroll.1,
            );
            if let Some(id) = app.chain.shown.placed.box_at(x, y).cloned() {
                if app.chain.selected.as_ref() == Some(&id) {
                    return open(app, snapshot);
                }
                select(app, Some(id));
            }
        }
        MouseEventKind::Down(MouseButton::Left) if over_rows(app, at) => {
            if let Some(asked) = panes::click(app, snapshot, at) {
                return answer(app, snapshot, asked);
            }
        }
        MouseEventKind::Down(MouseButton::Left) => {
            if panes::click_glance(app, snapshot, at) {
                return Vec::new();
            }
            if let Some(id) = row_of(app, snapshot, at) {
                return reveal(app, snapshot, &id);
            }
        }
        MouseEventKind::Drag(MouseButton::Left) => {
            if let Some((x, y)) = app.mouse.held.replace((at.x, at.y)) {
                scroll_by(app, i32::from(x) - i32::from(at.x), i32::from(y) - i32::from(at.y));
            }
        }
        MouseEventKind::Up(_) => app.mouse.held = None,
        _ => {}
    }
    Vec::new()
}

/// The node of the issue in a row.
fn row_of(app: &App, snapshot: &Snapshot, at: Position) -> Option<NodeId> {
    let area = app.areas()?.below.filter(|area| area.contains(at))?;
    let row = usize::from(at.y.checked_sub(area.y + 1)?);
    let issues = causes(issues(&snapshot.troubles, ToString::to_string));
    issues.get(row).map(|issue| issue.trouble.id.clone())
}

fn over_rows(app: &App, at: Position) -> bool {
    let area = app.areas().and_then(|areas| areas.below);
    app.panes.below.is_open() && area.is_some_and(|area| area.contains(at))
}
