//! The frame around the graph: the visible part, counts of what is off screen, and failing boxes.
//!
//! The right and the lower border are rulers of the whole graph, as in an editor: the part on screen is drawn heavy,
//! and every box that fails is a red mark, wherever it is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::{Connection, Node, NodeId};
use crate::layout::{Direction, Seat};
use crate::store::snapshot::{Health, Snapshot};
use crate::ui::app::App;
use crate::ui::chain::scene::health;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The cells that the name of a box beyond an edge may have.
const NAME: usize = 18;

/// Draws the frame with its title.
pub fn frame(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let mut title = Row::of(look, Role::Title, say!(look, "chain-title"));
    let mut add = |role: Role, text: String| {
        title = std::mem::take(&mut title)
            .then(look, Role::Faint, format!(" {} ", look.glyphs.text.dot))
            .then(look, role, text);
    };
    if app.chain.zoom.is_some() {
        add(Role::Notice, say!(look, "chain-zoomed"));
    }
    if app.clock.frozen.is_some() {
        add(Role::Stale, say!(look, "chain-paused"));
    }
    if !snapshot.connection.is_up() {
        add(Role::Stale, say!(look, "chain-last-known"));
    }
    if let Some(node) = app
        .chain
        .filter
        .focus
        .as_ref()
        .and_then(|id| snapshot.topology.nodes.get(id))
    {
        add(
            Role::Notice,
            say!(look, "chain-through", name = look.name(&node.name, 28)),
        );
    }
    if app.chain.filter.collapse {
        add(Role::Notice, say!(look, "chain-collapsed"));
    }
    if !app.chain.filter.guesses {
        add(Role::Notice, say!(look, "chain-not-inferred"));
    }
    if app.chain.shown.picture.hidden > 0 {
        let hidden = say!(look, "chain-hidden", n = app.chain.shown.picture.hidden);
        add(Role::Muted, hidden);
    }
    let width = title.width();
    pane::pane(buffer, area, title, look);
    let unread = snapshot.unread().len();
    if unread > 0 {
        let row = Row::of(
            look,
            Role::Warning,
            format!(
                "{} {}",
                look.glyphs.signs.unknown,
                say!(look, "chain-unread", n = unread)
            ),
        );
        let row = row.then(look, Role::Muted, " (u)");
        let left = area.x + 4 + u16::try_from(width).unwrap_or(0);
        pane::at_right(buffer, area.y, left, area.right() - 1, row);
    }
}

/// Says why there is no graph; never "nothing" if nothing could be read.
pub fn nothing(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let topology = &snapshot.topology;
    let (role, text) = match &*snapshot.connection {
        Connection::Opening => (Role::Notice, say!(look, "chain-connecting")),
        Connection::Expired { .. } | Connection::Unreachable { .. } | Connection::Failing { .. } => {
            (Role::Warning, say!(look, "chain-nothing-read"))
        }
        Connection::Open if !topology.nodes.is_empty() && app.chain.shown.picture.hidden == topology.nodes.len() => {
            (Role::Notice, say!(look, "chain-all-hidden"))
        }
        Connection::Open if !topology.nodes.is_empty() => (Role::Notice, say!(look, "chain-drawing")),
        Connection::Open if !topology.unknown.is_empty() => {
            (Role::Warning, say!(look, "chain-none-read", n = topology.unknown.len()))
        }
        Connection::Open if topology.complete && !app.settings.scope.is_empty() => (
            Role::Warning,
            say!(look, "chain-no-match", scope = app.settings.scope.clone()),
        ),
        Connection::Open if topology.complete => (Role::Muted, say!(look, "chain-empty")),
        Connection::Open => (Role::Notice, say!(look, "chain-looking")),
    };
    let row = Row::of(look, role, text).cut(look, usize::from(area.width));
    let x = area.x + area.width.saturating_sub(u16::try_from(row.width()).unwrap_or(0)) / 2;
    buffer.set_line(x, area.y + area.height / 2, &row.line(), area.right() - x);
}

/// Draws the counts of what is off screen into the border. If the lower border has the title of a pane (`titled`), the counts are
/// in the upper one, and the lower one has no ruler.
pub fn ruler(buffer: &mut Buffer, area: Rect, titled: bool, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let view = app.viewport();
    let seats = app.chain.shown.placed.seats();
    let beyond = |outside: &dyn Fn(&Seat) -> bool| {
        let mut beyond = Beyond::default();
        for seat in seats.iter().filter(|seat| outside(seat)) {
            beyond.all += 1;
            if health(snapshot, &seat.id) == Health::Failing {
                beyond.red += 1;
                beyond.first = beyond
                    .first
                    .or_else(|| snapshot.topology.nodes.get(&seat.id).map(|node| &**node));
            }
        }
        beyond
    };
    // A box that the edge cuts is not seen either.
    let left = beyond(&|seat| seat.rect.x < view.x);
    let right = beyond(&|seat| seat.rect.right() > view.right());
    let above = beyond(&|seat| seat.rect.y < view.y);
    let below = beyond(&|seat| seat.rect.bottom() > view.bottom());
    let (width, height) = (
        i64::from(app.chain.shown.placed.width),
        i64::from(app.chain.shown.placed.height),
    );
    if above.all + below.all > 0 {
        upright(buffer, area, app, snapshot, look, height);
    }
    if left.all + right.all > 0 && !titled {
        flat(buffer, area, app, snapshot, look, width);
    }
    let hints = [
        hint(Direction::Left, left, look),
        hint(Direction::Up, above, look),
        hint(Direction::Down, below, look),
        hint(Direction::Right, right, look),
    ];
    if titled {
        in_one_row(buffer, area, hints, look);
        return;
    }
    let [left, above, below, right] = hints;
    let bottom = area.bottom() - 1;
    let middle = area.x + area.width / 2;
    write(buffer, area.x + 2, bottom, left, &Align::Left);
    write(buffer, area.right() - 2, bottom, right, &Align::Right);
    write(buffer, middle, area.y, above, &Align::Middle);
    write(buffer, middle, bottom, below, &Align::Middle);
}

/// Draws all counts into the rest of the upper border, those to the sides first: a chain runs to the right.
fn in_one_row(buffer: &mut Buffer, area: Rect, [left, above, below, right]: [Option<Row>; 4], look: &RenderContext) {
    let Some((mut start, mut end)) = longest(buffer, area, look) else {
        return;
    };
    for (row, align) in [
        (right, Align::Right),
        (left, Align::Left),
        (below, Align::Right),
        (above, Align::Left),
    ] {
        let Some(row) = row else { continue };
        let width = u16::try_from(row.width()).unwrap_or(u16::MAX);
        if width.saturating_add(1) > end.saturating_sub(start) {
            continue;
        }
        match align {
            Align::Right => {
                write(buffer, end, area.y, Some(row), &align);
                end -= width + 1;
            }
            Align::Left | Align::Middle => {
                write(buffer, start, area.y, Some(row), &align);
                start += width + 1;
            }
        }
    }
}

/// The longest free part of the upper border.
fn longest(buffer: &Buffer, area: Rect, look: &RenderContext) -> Option<(u16, u16)> {
    let across = look.glyphs.borders.light.horizontal_top;
    let columns: Vec<u16> = (area.x + 1..area.right() - 1).collect();
    columns
        .chunk_by(|a, b| (buffer[(*a, area.y)].symbol() == across) == (buffer[(*b, area.y)].symbol() == across))
        .filter(|part| buffer[(part[0], area.y)].symbol() == across)
        .max_by_key(|part| part.len())
        .map(|part| (part[0] + 1, part[part.len() - 1]))
}

/// The boxes beyond one edge.
#[derive(Clone, Copy, Default)]
struct Beyond<'a> {
    all: usize,
    /// How many of them fail.
    red: usize,
    /// The first of these.
    first: Option<&'a Node>,
}

impl Beyond<'_> {
    /// Who fails there: the first by name, and how many more.
    fn failing(&self, look: &RenderContext) -> String {
        let name = self.first.map_or_else(String::new, |node| look.name(&node.name, NAME));
        match self.red {
            0 | 1 => name,
            red => format!("{name} +{}", red - 1),
        }
    }
}

fn hint(direction: Direction, beyond: Beyond, look: &RenderContext) -> Option<Row> {
    let Beyond { all, red, .. } = beyond;
    if all == 0 {
        return None;
    }
    let arrow = arrow(direction, look);
    let of = |all| say!(look, "pane-of", n = all);
    let more = |all| say!(look, "pane-more", n = all);
    let trouble = (red > 0).then(|| {
        Row::of(
            look,
            Role::Failing,
            format!("{} {}", look.glyphs.signs.failing, beyond.failing(look)),
        )
    });
    let role = if red > 0 { Role::Failing } else { Role::Muted };
    let row = Row::of(look, role, " ");
    let row = match (direction, trouble) {
        (Direction::Right, Some(trouble)) => row
            .join(trouble)
            .then(look, Role::Muted, format!(" {} ", of(all)))
            .then(look, role, arrow),
        (Direction::Right, None) => row
            .then(look, Role::Muted, format!("{} ", more(all)))
            .then(look, role, arrow),
        (_, Some(trouble)) => {
            row.then(look, role, format!("{arrow} "))
                .join(trouble)
                .then(look, Role::Muted, format!(" {}", of(all)))
        }
        (_, None) => row
            .then(look, role, format!("{arrow} "))
            .then(look, Role::Muted, more(all)),
    };
    Some(row.then(look, Role::Muted, " "))
}

fn arrow(direction: Direction, look: &RenderContext) -> &'static str {
    let [left, down, up, right] = look.glyphs.lines.arrows;
    match direction {
        Direction::Left => left,
        Direction::Down => down,
        Direction::Up => up,
        Direction::Right => right,
    }
}

enum Align {
    Left,
    Middle,
    Right,
}

fn write(buffer: &mut Buffer, x: u16, y: u16, row: Option<Row>, align: &Align) {
    let Some(row) = row else { return };
    let line: Line = row.line();
    let width = u16::try_from(line.width()).unwrap_or(0);
    let x = match align {
        Align::Left => x,
        Align::Middle => x.saturating_sub(width / 2),
        Align::Right => x.saturating_sub(width),
    };
    buffer.set_line(x, y, &line, width);
}

fn failing<'a>(app: &'a App, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a Seat> {
    let red = |id: &NodeId| health(snapshot, id) == Health::Failing;
    app.chain.shown.placed.seats().iter().filter(move |seat| red(&seat.id))
}

fn scaled(at: i64, size: i64, cells: u16) -> u16 {
    let cells = i64::from(cells);
    u16::try_from((at * cells / size.max(1)).clamp(0, cells - 1)).unwrap_or(0)
}

fn upright(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext, size: i64) {
    let (x, rows, view) = (area.right() - 1, area.height - 2, app.viewport());
    let first = scaled(i64::from(view.y), size, rows);
    let last = scaled(i64::from(view.bottom()), size, rows);
    for row in first..=last {
        buffer[(x, area.y + 1 + row)]
            .set_symbol(look.glyphs.bars.thumb[1])
            .set_style(look.style(Role::Muted));
    }
    for seat in failing(app, snapshot) {
        let row = scaled(i64::from(seat.rect.y), size, rows);
        buffer[(x, area.y + 1 + row)]
            .set_symbol(look.glyphs.bars.spot[1])
            .set_style(look.style(Role::Failing));
    }
}

fn flat(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext, size: i64) {
    let (y, columns, view) = (area.bottom() - 1, area.width - 2, app.viewport());
    let first = scaled(i64::from(view.x), size, columns);
    let last = scaled(i64::from(view.right()), size, columns);
    for column in first..=last {
        buffer[(area.x + 1 + column, y)]
            .set_symbol(look.glyphs.bars.thumb[0])
            .set_style(look.style(Role::Muted));
    }
    for seat in failing(app, snapshot) {
        let column = scaled(i64::from(seat.rect.x), size, columns);
        buffer[(area.x + 1 + column, y)]
            .set_symbol(look.glyphs.bars.spot[0])
            .set_style(look.style(Role::Failing));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::{Stage, noon, orders};

    #[test]
    fn a_border_that_is_full_but_for_one_cell_takes_no_words() {
        let stage = Stage::new(crate::ui::settings::Settings::default(), &orders(noon()), (60, 15)).expect("a stage");
        let look = stage.app.look();
        let area = Rect::new(0, 0, 20, 3);
        let mut buffer = Buffer::empty(area);
        pane::pane(&mut buffer, area, Row::new(), &look);
        for x in (1..19).filter(|x| *x != 9) {
            buffer[(x, 0)].set_symbol("x");
        }
        let before = buffer.clone();
        let three = Beyond {
            all: 3,
            ..Beyond::default()
        };
        let more = || hint(Direction::Right, three, &look);
        in_one_row(&mut buffer, area, [more(), None, None, more()], &look);
        assert_eq!(buffer, before);
    }
}
