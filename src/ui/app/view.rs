//! The whole screen.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{caption, footer, header, overview, presenter};
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::mode::{ListOf, Mode};
use crate::ui::app::screen_layout::SMALLEST;
use crate::ui::chain;
use crate::ui::dialogs::{copy, find, help, info, list, palette, themes};
use crate::ui::input::keys::Command;
use crate::ui::panes::state::Pane;
use crate::ui::panes::{dead_letters, details, issues, logs, retries, runs, tables};
use crate::ui::settings::Charset;
use crate::ui::text::wrap;
use crate::ui::theme::Role;
use crate::ui::widgets::pane;
use crate::words::say;

/// What is known of a drawing.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// When something of it changes only because time passes; `None` if nothing does.
    pub changes_at: Option<Timestamp>,
    /// What can be clicked, what lies above first.
    pub buttons: Vec<(Rect, Command)>,
}

/// Draws everything.
pub fn render(frame: &mut Frame, app: &App, snapshot: &Snapshot) -> Drawn {
    let look = app.look();
    let area = frame.area();
    let buffer = frame.buffer_mut();
    pane::clear(buffer, area, look.style(Role::Text));
    let Some(areas) = app.areas() else {
        let needs = format!("{}x{}", SMALLEST.0, SMALLEST.1);
        let has = format!("{}x{}", area.width, area.height);
        let text = say!(look, "screen-too-small", needs = needs, has = has);
        let lines = wrap(&text, usize::from(area.width));
        let first = (area.height / 2).saturating_sub(u16::try_from(lines.len() / 2).unwrap_or(0));
        for (line, y) in lines.iter().zip(first..area.height) {
            buffer.set_stringn(0, y, line, usize::from(area.width), look.style(Role::Warning));
        }
        return Drawn::default();
    };
    if !app.is_staged() {
        header::render(buffer, areas.header, app, snapshot, &look);
        overview::render(buffer, areas.answers, app, snapshot, &look);
    }
    if !areas.chain.is_empty() {
        chain::view::render(buffer, areas.chain, app, snapshot, &look);
    }
    if let Some(area) = areas.below {
        match &app.panes.below {
            Pane::Issues => issues::render(buffer, area, areas.glance.is_some(), app, snapshot, &look),
            Pane::Logs(state) => logs::view::render(buffer, area, state, snapshot, &look),
            Pane::Runs(state) => runs::view::render(buffer, area, state, snapshot, &look),
            Pane::Table(state) => tables::view::render(buffer, area, state, snapshot, &look),
            Pane::DeadLetters(state) => {
                dead_letters::view::render(buffer, area, state, app, snapshot, &look);
            }
            Pane::Retries(state) => {
                retries::view::render(buffer, area, state, snapshot, &look);
            }
        }
    }
    if !areas.chain.is_empty() && !app.is_staged() {
        chain::view::beyond(buffer, areas.chain, app, snapshot, &look);
    }
    if let Some(area) = areas.glance {
        retries::view::glance(buffer, area, snapshot, &look);
    }
    if let Some(area) = areas.details {
        details::render(buffer, area, app, snapshot, &look);
    }
    match areas.caption {
        Some(area) if app.is_staged() => presenter::render(buffer, area, app, &look),
        Some(area) => caption::render(buffer, area, app, &look),
        None => {}
    }
    match &app.mode {
        Mode::Chain | Mode::Pattern(_) | Mode::Answer(..) => {}
        Mode::Find(found) => find::view::render(buffer, areas.viewport(), found, snapshot, &look),
        Mode::Palette(open) => {
            let bottom = areas.caption.map_or(area.bottom() - 1, |caption| caption.y);
            let free = Rect::new(area.x, area.y, area.width, bottom - area.y);
            palette::view::render(buffer, free, open, &look);
        }
        Mode::Copy(at) => copy::render(buffer, area, *at, app, snapshot, &look),
        Mode::Themes(_) => themes::render(buffer, area, app, &look),
        Mode::Help(scroll) => help::render(buffer, area, *scroll, app, &look),
        Mode::List(open) => match open.of {
            ListOf::Issues => list::issues(buffer, area, open.at, snapshot, &look),
            ListOf::Unknown => list::unknown(buffer, area, open.at, snapshot, &look),
            ListOf::Info => info::render(buffer, area, open.at, app, snapshot, &look),
        },
    }
    if let Pane::DeadLetters(state) = &app.panes.below {
        dead_letters::view::render_dialog(buffer, area, state, app, snapshot, &look);
    }
    if !app.is_staged() || matches!(app.mode, Mode::Answer(..) | Mode::Pattern(_)) {
        let last = Rect::new(area.x, area.bottom() - 1, area.width, 1);
        footer::render(buffer, last, app, &look);
    }
    if look.glyphs.charset == Charset::Ascii {
        to_ascii(buffer);
    }
    Drawn {
        changes_at: look.next_change_at(),
        buttons: look.into_buttons(),
    }
}

/// Replaces what an ASCII terminal cannot show by question marks, cell by cell.
fn to_ascii(buffer: &mut Buffer) {
    let mut after_wide = false;
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            if after_wide {
                cell.set_symbol("?");
            }
            after_wide = false;
        } else {
            after_wide = crate::ui::text::width(symbol) > 1;
            cell.set_symbol("?");
        }
    }
}
