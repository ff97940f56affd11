//! Choosing a theme: the screen behind the list is the preview.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pick::{Pick, pick};
use crate::ui::app::App;
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::Mode;
use crate::ui::app::notice::Notice;
use crate::ui::input::keys::Command;
use crate::ui::theme::render_context::RenderContext;
use crate::words::say;

/// A key while a theme is chosen: the one before comes back unless it is kept.
pub fn in_themes(app: &mut App, before: usize, command: Command) -> Vec<Effect> {
    let count = app.theme_names().count().max(1);
    match command {
        Command::Down => app.choose_theme(app.theme_at() + 1),
        Command::Up => app.choose_theme(app.theme_at() + count - 1),
        Command::Open => {
            app.mode = Mode::Chain;
            let name = app.theme().name.clone();
            app.notice = Some(Notice::Theme { name });
        }
        Command::Close => {
            app.choose_theme(before);
            app.mode = Mode::Chain;
        }
        _ => {}
    }
    Vec::new()
}

/// Draws the list.
pub fn render(buffer: &mut Buffer, screen: Rect, app: &App, look: &RenderContext) {
    let names = app.theme_names().map(|name| (look.cut(name, 28), String::new()));
    let list = Pick {
        title: say!(look, "themes-title"),
        rows: names.collect(),
        at: app.theme_at(),
        keep: say!(look, "themes-keep"),
        wide: 34,
    };
    pick(buffer, screen, &list, look);
}
