//! The help: every key of the table, and a legend of the signs in the graph.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::text::plain;
use crate::ui::app::App;
use crate::ui::input::keys::Context;
use crate::ui::text::{pad, width, wrap};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The least width of a column: most descriptions fit into it.
const NARROWEST: usize = 44;
/// The cells of a key.
const KEY: usize = 14;
/// The cells between two columns.
const GAP: usize = 3;

/// Draws the help over the screen except for the last line.
pub fn render(buffer: &mut Buffer, area: Rect, scroll: u16, app: &App, look: &RenderContext) {
    let room = usize::from(area.height.saturating_sub(3));
    let (mut lines, cells) = lines(app, look, usize::from(area.width).saturating_sub(4), room);
    let wide = area.width.min(u16::try_from(cells + 4).unwrap_or(u16::MAX));
    let tall = area
        .height
        .saturating_sub(1)
        .min(u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2));
    let area = Rect::new((area.width - wide) / 2, (area.height - 1 - tall) / 2, wide, tall);
    let inside = pane::window(buffer, area, Row::of(look, Role::Title, say!(look, "help-title")), look);
    let last = lines.len().saturating_sub(usize::from(inside.height));
    let scroll = usize::from(scroll).min(last);
    if scroll < last {
        let row = Row::of(
            look,
            Role::Muted,
            format!(
                "{} {} ",
                look.glyphs.lines.arrows[1],
                say!(look, "pane-more", n = last - scroll)
            ),
        )
        .then(look, Role::Key, "j");
        pane::at_right(buffer, area.bottom() - 1, area.x + 2, area.right() - 1, row);
    }
    for (line, y) in lines.drain(..).skip(scroll).zip(inside.top()..inside.bottom()) {
        buffer.set_line(inside.x, y, &line, inside.width);
    }
}

/// The lines and the cells of the widest, in as few columns as make all lines fit into `rows`.
fn lines(app: &App, look: &RenderContext, cells: usize, rows: usize) -> (Vec<Line<'static>>, usize) {
    let places: Vec<Context> = [
        Context::Chain,
        Context::Retries,
        Context::Logs,
        Context::Invocations,
        Context::Table,
        Context::DeadLetters,
        Context::Pane,
        Context::Demo,
        Context::Stage,
        Context::Always,
    ]
    .into_iter()
    .filter(|place| match place {
        Context::Demo => app.demo.is_some(),
        Context::Stage => app.is_staged(),
        Context::Always => true,
        place => app.panes.below.places().contains(place),
    })
    .collect();
    let most = (cells / NARROWEST).clamp(1, 3);
    let of = |n: usize| {
        let wide = (cells / n).saturating_sub(GAP);
        let mut parts: Vec<Vec<Row>> = places.iter().map(|place| keys(*place, app, look, wide)).collect();
        parts.push(signs(look, wide));
        columns(&parts, n)
    };
    let columns = (1..=most)
        .map(of)
        .find(|columns| columns.iter().all(|column| column.len() <= rows))
        .unwrap_or_else(|| of(most));
    let widths = widths(&columns, cells);
    let tall = columns.iter().map(Vec::len).max().unwrap_or(0);
    let lines = (0..tall)
        .map(|row| {
            let mut line = Row::new();
            let mut from = 0;
            for (column, wide) in columns.iter().zip(&widths) {
                let part = column.get(row).cloned().unwrap_or_default();
                let gap = pad("", from - line.width());
                line = line.then(look, Role::Text, gap).join(part.cut(look, *wide));
                from += wide + GAP;
            }
            line.line()
        })
        .collect();
    (lines, widths.iter().map(|wide| wide + GAP).sum())
}

/// The width of each column: as needed, less for the widest if that is too much.
fn widths(columns: &[Vec<Row>], cells: usize) -> Vec<usize> {
    let needs = |column: &Vec<Row>| column.iter().map(Row::width).max().unwrap_or(0);
    let mut widths: Vec<usize> = columns.iter().map(needs).collect();
    loop {
        let over = (widths.iter().sum::<usize>() + widths.len() * GAP).saturating_sub(cells);
        match widths.iter_mut().max() {
            Some(widest) if over > 0 && *widest > 0 => *widest -= 1,
            _ => return widths,
        }
    }
}

/// Distributes the parts over columns, in order, so that the tallest is as short as possible.
fn columns(parts: &[Vec<Row>], n: usize) -> Vec<Vec<Row>> {
    let joined = |parts: &[Vec<Row>]| parts.join(&Row::new());
    if n <= 1 || parts.len() <= 1 {
        return vec![joined(parts)];
    }
    (1..parts.len())
        .map(|at| {
            let mut all = vec![joined(&parts[..at])];
            all.extend(columns(&parts[at..], n - 1));
            all
        })
        .min_by_key(|columns| columns.iter().map(Vec::len).max())
        .unwrap_or_else(|| vec![joined(parts)])
}

/// The keys of a context, wrapped at the width of the column.
fn keys(place: Context, app: &App, look: &RenderContext, cells: usize) -> Vec<Row> {
    let title = look.words.text(&format!("help-keys-{}", place.word()));
    let rows = app.keys.of(place).flat_map(|binding| {
        let on = binding.keys();
        let indent = KEY.max(width(&on) + 1);
        let says = wrap(&plain(&binding.desc), cells.saturating_sub(indent));
        says.into_iter().enumerate().map(move |(line, says)| {
            let key = if line == 0 { on.as_str() } else { "" };
            Row::of(look, Role::Key, pad(key, indent)).then(look, Role::Text, says)
        })
    });
    std::iter::once(Row::of(look, Role::Title, title)).chain(rows).collect()
}

/// Cells of a sign.
const SIGN: usize = 7;

/// What the signs mean, in rows of so many cells.
fn signs(look: &RenderContext, cells: usize) -> Vec<Row> {
    let g = look.glyphs;
    let says = |key: &str| look.words.text(key);
    let sign = |role: Role, sign: String, means: &str| -> Vec<Row> {
        let says = wrap(&says(means), cells.saturating_sub(SIGN)).into_iter().enumerate();
        let row = |(line, says): (usize, String)| {
            let sign = pad(if line == 0 { sign.as_str() } else { "" }, SIGN);
            Row::of(look, role, sign).then(look, Role::Text, says)
        };
        says.map(row).collect()
    };
    let title = |key: &str| vec![Row::of(look, Role::Title, says(key))];
    let line =
        |role: Role, body: &str, means: &str| sign(role, format!("{}{}", body.repeat(3), g.lines.arrows[3]), means);
    vec![
        title("help-boxes"),
        sign(
            Role::Failing,
            format!("{0} {1} {0}", g.borders.heavy.vertical_left, g.signs.failing),
            "help-box-failing",
        ),
        sign(
            Role::Warning,
            format!("{0} {1} {0}", g.borders.light.vertical_left, g.signs.warning),
            "help-box-warning",
        ),
        sign(
            Role::Off,
            format!("{0} {1} {0}", g.borders.dashed.vertical_left, g.signs.off),
            "help-box-disabled",
        ),
        sign(
            Role::Unknown,
            format!("{0} {1} {0}", g.borders.light.vertical_left, g.signs.unknown),
            "help-box-unknown",
        ),
        sign(
            Role::Box,
            format!("{0}   {0}", g.borders.light.vertical_left),
            "help-box-ok",
        ),
        sign(Role::Stale, "~41".to_owned(), "help-stale"),
        vec![Row::new()],
        title("help-lines"),
        line(Role::Line, g.borders.light.horizontal_top, "help-line-configured"),
        line(
            Role::LineGuess,
            if g.charset == crate::ui::settings::Charset::Utf8 {
                "┄"
            } else {
                "."
            },
            "help-line-inferred",
        ),
        line(
            Role::LineBacking,
            if g.charset == crate::ui::settings::Charset::Utf8 {
                "━"
            } else {
                "="
            },
            "help-line-backing",
        ),
        line(Role::LineDead, g.borders.light.horizontal_top, "help-line-dead"),
        sign(
            Role::Warning,
            format!(
                "{0}{1}{0}{2}",
                g.borders.light.horizontal_top, g.lines.cut, g.lines.arrows[3]
            ),
            "help-line-cut",
        ),
        vec![Row::new()],
        title("help-traffic"),
        sign(Role::Marble, g.lines.marble.to_owned(), "help-marble"),
        sign(Role::MarbleOld, g.lines.marble.to_owned(), "help-marble-old"),
        sign(Role::Marble, g.lines.marble_inferred.to_owned(), "help-marble-inferred"),
    ]
    .concat()
}
