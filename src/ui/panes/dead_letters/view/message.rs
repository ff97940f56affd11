//! One message: its facts, and the layers of its body.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{cursor, origin_word};
use crate::domain::text::plain;
use crate::ui::panes::dead_letters::state::MessageView;
use crate::ui::panes::dead_letters::state::message::{Label, Line, Tone, Value};
use crate::ui::text::{pad, wrap};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;

/// The cells of the names of facts.
const LABEL: usize = 11;

pub(super) fn render(buffer: &mut Buffer, area: Rect, view: &MessageView, look: &RenderContext) {
    let cells = usize::from(area.width);
    let height = usize::from(area.height);
    // Rows may take several lines: those around the chosen one are broken until the screen is full.
    let chosen = lines(view.lines.get(view.at), cells, look);
    let tall = chosen.len().min(height);
    let mut above = Vec::new();
    for line in view.lines.iter().take(view.at).rev() {
        let mut rows = lines(Some(line), cells, look);
        rows.reverse();
        above.extend(rows);
        if above.len() >= height {
            break;
        }
    }
    let mut below = chosen;
    for line in view.lines.iter().skip(view.at + 1) {
        if below.len() >= height {
            break;
        }
        below.extend(lines(Some(line), cells, look));
    }
    let upper = above.len().min((height / 2).max(height.saturating_sub(below.len())));
    let mut rows: Vec<Row> = above.into_iter().take(upper).collect();
    rows.reverse();
    rows.extend(below);
    for (row, y) in rows.into_iter().zip(area.top()..area.bottom()) {
        buffer.set_line(area.x, y, &row.line(), area.width);
    }
    let top = area.y + u16::try_from(upper).unwrap_or(0);
    for y in (top..area.bottom()).take(tall) {
        cursor(buffer, area, y, look);
    }
}

fn lines(line: Option<&Line>, cells: usize, look: &RenderContext) -> Vec<Row> {
    let Some(line) = line else { return Vec::new() };
    let role = match line.tone {
        Tone::Title => Role::Title,
        Tone::Text => Role::Text,
        Tone::Muted => Role::Muted,
        Tone::Warning => Role::Warning,
    };
    let text = match &line.value {
        Value::Text(text) => text.clone(),
        Value::Phrase(phrase) => plain(&look.say(phrase)).into_owned(),
        Value::Layer(at, what, packed) => {
            let at = Some(at.clone()).filter(|at| !at.is_empty());
            let at = at.unwrap_or_else(|| look.say(&Label::Body.into()));
            plain(&format!("{at}: {}{packed}", look.say(&(*what).into()))).into_owned()
        }
        Value::Origin(origin) => origin_word(*origin, look),
        Value::Time(at) => {
            let time = look.time(*at);
            // Another day is named.
            let day = time.rsplit_once(' ').map_or("", |(day, _)| day);
            format!("{day} {}", look.clock(*at)).trim_start().to_owned()
        }
    };
    let fact = line.tone != Tone::Title && line.fold.is_none() && (line.label.is_some() || line.indent == 0);
    let fold = match line.fold {
        Some((_, true)) => look.glyphs.lines.arrows[3],
        Some((_, false)) => look.glyphs.lines.arrows[1],
        None => " ",
    };
    let front = if fact {
        pad(
            &line.label.map(|label| look.say(&label.into())).unwrap_or_default(),
            LABEL,
        )
    } else {
        format!("{}{fold} ", " ".repeat(line.indent.min(cells / 2)))
    };
    let room = cells.saturating_sub(crate::ui::text::width(&front)).max(8);
    let mut rows = Vec::new();
    for (n, part) in wrap(&text, room).into_iter().enumerate() {
        let head = if n == 0 {
            front.clone()
        } else {
            " ".repeat(crate::ui::text::width(&front))
        };
        let head_role = if fact { Role::Faint } else { Role::Muted };
        rows.push(Row::of(look, head_role, head).then(look, role, part));
    }
    rows
}
