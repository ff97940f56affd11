//! The help: every key there is, from the table, and what the signs in the graph mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::ui::app::App;
use crate::ui::keys::Place;
use crate::ui::look::Look;
use crate::ui::text::{pad, width};
use crate::ui::theme::Role;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;

/// Draws it over the whole screen but the last line.
pub fn render(buffer: &mut Buffer, area: Rect, scroll: u16, app: &App, look: &Look) {
    let wide = area.width.min(110);
    let mut lines = lines(app, look, usize::from(wide) - 4);
    let tall = area
        .height
        .saturating_sub(1)
        .min(u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2));
    let area = Rect::new((area.width - wide) / 2, (area.height - 1 - tall) / 2, wide, tall);
    pane::pane(buffer, area, Row::new().then(look, Role::Title, "Help"), look);
    let inside = pane::inside(area);
    let last = lines.len().saturating_sub(usize::from(inside.height));
    let scroll = usize::from(scroll).min(last);
    if scroll < last {
        let row = Row::new()
            .then(
                look,
                Role::Muted,
                format!("{} {} more ", look.glyphs.arrows[1], last - scroll),
            )
            .then(look, Role::Key, "j");
        pane::at_right(buffer, area.bottom() - 1, area.x + 2, area.right() - 1, row);
    }
    for (line, y) in lines.drain(..).skip(scroll).zip(inside.top()..inside.bottom()) {
        buffer.set_line(inside.x + 1, y, &line, inside.width - 1);
    }
}

fn lines(app: &App, look: &Look, cells: usize) -> Vec<Line<'static>> {
    let mut keys: Vec<Row> = Vec::new();
    let mut places = vec![("Keys", Place::Chain), ("Everywhere", Place::Always)];
    if app.demo.is_some() {
        places.insert(1, ("In the demonstration", Place::Demo));
    }
    for (title, place) in places {
        if !keys.is_empty() {
            keys.push(Row::new());
        }
        keys.push(Row::new().then(look, Role::Title, title));
        for binding in app.keys.of(place) {
            let on: Vec<String> = binding.on.iter().map(ToString::to_string).collect();
            let row = Row::new().then(look, Role::Key, pad(&on.join(" "), 14));
            keys.push(row.then(look, Role::Text, look.cut(&binding.desc, cells.saturating_sub(14))));
        }
    }
    let signs = signs(look);
    if cells < 100 {
        return keys
            .into_iter()
            .chain([Row::new()])
            .chain(signs)
            .map(Row::line)
            .collect();
    }
    // Side by side where there is room.
    let half = cells * 3 / 5;
    let rows = keys.len().max(signs.len());
    let (mut keys, mut signs) = (keys.into_iter(), signs.into_iter());
    (0..rows)
        .map(|_| {
            let left = keys.next().unwrap_or_default().cut(look, half - 2);
            let gap = pad("", half - left.width());
            left.then(look, Role::Text, gap)
                .join(signs.next().unwrap_or_default())
                .line()
        })
        .collect()
}

fn signs(look: &Look) -> Vec<Row> {
    let g = look.glyphs;
    let sign = |role: Role, sign: String, means: &str| {
        let gap = pad("", 7usize.saturating_sub(width(&sign)));
        Row::new()
            .then(look, role, sign)
            .then(look, Role::Text, format!("{gap}{means}"))
    };
    let title = |text: &str| Row::new().then(look, Role::Title, text);
    let line = |role: Role, body: &str, means: &str| sign(role, format!("{}{}", body.repeat(3), g.arrows[3]), means);
    vec![
        title("Boxes"),
        sign(
            Role::Failing,
            format!("{0} {1} {0}", g.heavy.down, g.failing),
            "fails, or loses events",
        ),
        sign(
            Role::Warning,
            format!("{0} {1} {0}", g.light.down, g.warning),
            "worth a look",
        ),
        sign(
            Role::Off,
            format!("{0} {1} {0}", g.dashed.down, g.off),
            "off on purpose",
        ),
        sign(
            Role::Unknown,
            format!("{0} {1} {0}", g.light.down, g.unknown),
            "nothing was read of it",
        ),
        sign(Role::Box, format!("{0}   {0}", g.light.down), "well"),
        sign(Role::Stale, "~41".to_owned(), "may no longer be true"),
        Row::new(),
        title("Lines"),
        line(Role::Line, g.light.across, "configured"),
        line(
            Role::LineGuess,
            if g.charset == crate::ui::settings::Charset::Utf8 {
                "┄"
            } else {
                "."
            },
            "guessed, or only permitted",
        ),
        line(
            Role::LineBacking,
            if g.charset == crate::ui::settings::Charset::Utf8 {
                "━"
            } else {
                "="
            },
            "its queue is backing up",
        ),
        line(Role::LineDead, g.light.across, "to a dead-letter queue"),
        sign(
            Role::Warning,
            format!("{0}{1}{0}{2}", g.light.across, g.cut, g.arrows[3]),
            "disabled: nothing passes",
        ),
        Row::new(),
        title("Traffic"),
        sign(Role::Marble, g.marble.to_owned(), "counted, just now"),
        sign(Role::MarbleOld, g.marble.to_owned(), "counted a while ago"),
        sign(
            Role::Marble,
            g.marble_inferred.to_owned(),
            "inferred from what came after",
        ),
    ]
}
