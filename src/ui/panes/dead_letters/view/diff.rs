//! The difference that an edit makes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use similar::{ChangeTag, TextDiff};

use super::dialog::{Window, cells, say, window};
use crate::domain::text::plain;
use crate::ui::app::App;
use crate::ui::input::keys::Command;
use crate::ui::panes::dead_letters::state::DeadLettersPane;
use crate::ui::text::wrap;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The lines of context around a change.
const AROUND: usize = 3;

pub(super) fn render(
    buffer: &mut Buffer,
    screen: Rect,
    (id, body, scroll): (&str, &str, usize),
    state: &DeadLettersPane,
    app: &App,
    look: &RenderContext,
) {
    let original = state.letters.as_ref().and_then(|letters| letters.entry(id));
    let Some(original) = original.map(|entry| &*entry.letter.body) else {
        return;
    };
    let cells = cells(screen);
    let mut rows = Vec::new();
    let diff = TextDiff::from_lines(original, body);
    for group in diff.grouped_ops(AROUND) {
        if !rows.is_empty() {
            rows.push(Row::of(look, Role::Faint, look.glyphs.text.ellipsis));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (mark, role) = match change.tag() {
                ChangeTag::Delete => ("-", Role::Failing),
                ChangeTag::Insert => ("+", Role::Well),
                ChangeTag::Equal => (" ", Role::Muted),
            };
            let text = plain(change.value().trim_end_matches(['\n', '\r'])).into_owned();
            for (n, part) in wrap(&text, cells.saturating_sub(2)).into_iter().enumerate() {
                let mark = if n == 0 { mark } else { " " };
                rows.push(Row::of(look, role, format!("{mark} {part}")));
            }
        }
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(original).is_ok()
        && serde_json::from_str::<serde::de::IgnoredAny>(body).is_err()
    {
        rows.push(Row::new());
        say(&mut rows, look, Role::Warning, &say!(look, "dialog-no-json"), cells);
    }
    let open = Window {
        title: &say!(look, "dialog-edited"),
        lines: rows,
        scroll,
        buttons: vec![
            (Command::Open, say!(look, "button-keep-edit")),
            (Command::Close, say!(look, "button-drop-edit")),
        ],
    };
    window(buffer, screen, open, app, look);
}
