//! The graph: boxes, lines, marbles, and counts of what is off screen.
//!
//! ```text
//! ╭ Chain ───────────────────────────────────────────────────────╮
//! │  ╭ SQS ────── ▲ ╮    ┏ λ ──────── ✗ ┓    ╭ SNS ───────╮      │
//! │  │ orders-q     │━●━▶┃ orders-work  ┃┄┄┄▶│ orders-done│      │
//! │  │ 41 ▂▃▅▇ 38 s │    ┃ ✗ 100%   ↻ 7 ┃    │ 2 subscr…  │      │
//! │  ╰──────┬───────╯    ┗━━━━━━━━━━━━━━┛    ╰────────────╯      │
//! │         │ after 3 receives                                   │
//! ╰ ◀ 3 more ──────────────────────────────── 12 more ▶ ✗ 1 ─────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;

use crate::domain::Edge;
use crate::layout::{self, Painted, Stroke};
use crate::store::snapshot::{Health, Snapshot};
use crate::ui::app::App;
use crate::ui::chain::canvas::Canvas;
use crate::ui::chain::scene::Line;
use crate::ui::chain::{boxes, frame, node_card};
use crate::ui::panes::state::Pane;
use crate::ui::settings::Charset;
use crate::ui::text::edge_text;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;

/// The number of last cells of a line in which joining lines run together.
const JOINED: u32 = 3;

/// Draws the graph.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    frame::frame(buffer, area, app, snapshot, look);
    let inside = area.inner(Margin::new(1, 1));
    if app.chain.shown.picture.items.is_empty() {
        frame::nothing(buffer, inside, app, snapshot, look);
        return;
    }
    let mut canvas = Canvas::new(buffer, inside, app.chain.scroll);
    let viewport = app.viewport();
    let mut inks = Inks::new(app, snapshot, look);
    let painted = layout::paint(&app.chain.shown.placed, viewport);
    lines(&mut canvas, &painted, &mut inks, look);
    let stale = snapshot.is_blind() || !snapshot.connection.is_up();
    for seat in app.chain.shown.placed.seats_in(viewport) {
        if let Some(item) = app.chain.shown.picture.items.get(&seat.id) {
            let mut face = node_card::NodeCard::of(item, look, snapshot, &app.chain.edges);
            face.waits(app.retries.in_flight.get(&seat.id), look);
            let answers = &snapshot.answers;
            face.loses(
                &seat.id,
                &answers.losses,
                answers.coming.iter().find(|one| one.of == seat.id),
                look,
            );
            face.stale |= stale && face.is_measured;
            face.has_hint = !app.hints.of(&seat.id).is_empty();
            boxes::draw(
                &mut canvas,
                seat.rect,
                &face,
                app.chain.selected.as_ref() == Some(&seat.id),
                look,
            );
        }
    }
    ends(&mut canvas, &painted, &mut inks, app, snapshot, look);
    labels(&mut canvas, viewport, app, look);
    cuts(&mut canvas, app, snapshot, look);
    marbles(&mut canvas, app, look);
}

/// Draws the counts of what is off screen into the border, after the panes that share and redraw the border.
pub fn beyond(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    if !app.chain.shown.picture.items.is_empty() {
        let titled = !matches!(app.panes.below, Pane::Issues);
        frame::ruler(buffer, area, titled, app, snapshot, look);
    }
}

/// The styles of lines, computed once for each line on screen.
struct Inks<'a> {
    app: &'a App,
    snapshot: &'a Snapshot,
    look: &'a RenderContext<'a>,
    known: Vec<Option<Ink>>,
}

#[derive(Clone, Copy)]
struct Ink {
    /// The rank of a line: of two in one cell, the higher one is drawn.
    rank: u8,
    stroke: Stroke,
    style: Style,
}

impl<'a> Inks<'a> {
    fn new(app: &'a App, snapshot: &'a Snapshot, look: &'a RenderContext<'a>) -> Self {
        Self {
            app,
            snapshot,
            look,
            known: vec![None; app.chain.shown.picture.lines.len()],
        }
    }

    fn of(&mut self, number: usize) -> Option<Ink> {
        let line = self.app.chain.shown.picture.lines.get(number)?;
        if self.known[number].is_none() {
            self.known[number] = Some(self.ink(line));
        }
        self.known[number]
    }

    fn ink(&self, line: &Line) -> Ink {
        let selected = self
            .app
            .chain
            .selected
            .as_ref()
            .is_some_and(|id| *id == line.from || *id == line.to);
        let backing = !line.dead_letter
            && line.enabled
            && line.solid
            && self
                .snapshot
                .vitals
                .get(&line.from)
                .is_some_and(|vitals| vitals.backs_up);
        let stroke = if backing {
            Stroke::Heavy
        } else if line.solid {
            Stroke::Light
        } else {
            Stroke::Dashed
        };
        let (rank, role) = match () {
            () if is_cut(line, self.snapshot) => (6, Role::Failing),
            () if !line.enabled => (1, Role::Off),
            () if backing => (6, Role::LineBacking),
            () if selected => (5, Role::LineSelected),
            () if line.dead_letter => (3, Role::LineDead),
            () if !line.solid => (2, Role::LineGuess),
            () => (4, Role::Line),
        };
        Ink {
            rank,
            stroke,
            style: self.look.style(role),
        }
    }

    /// The line that is drawn in a cell that several share.
    fn over(&mut self, edges: &[usize], dashed: bool) -> Option<Ink> {
        let mut best = edges
            .iter()
            .filter_map(|edge| self.of(*edge))
            .max_by_key(|ink| ink.rank)?;
        if best.stroke == Stroke::Dashed && !dashed {
            best.stroke = Stroke::Light;
        }
        Some(best)
    }
}

fn charset(look: &RenderContext) -> layout::Charset {
    match look.glyphs.charset {
        Charset::Utf8 => layout::Charset::Unicode,
        Charset::Ascii => layout::Charset::Ascii,
    }
}

fn lines(canvas: &mut Canvas, painted: &Painted, inks: &mut Inks, look: &RenderContext) {
    let mut letter = [0; 4];
    for cell in painted.cells().filter(|cell| !cell.on_border) {
        if let Some(ink) = inks.over(cell.edges, cell.dashed) {
            let symbol = layout::glyph(cell.sides, cell.head, ink.stroke, charset(look));
            canvas.put(cell.x, cell.y, symbol.encode_utf8(&mut letter), ink.style);
        }
    }
}

/// The places where lines leave or enter a box at its upper or lower border.
fn ends(canvas: &mut Canvas, painted: &Painted, inks: &mut Inks, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let mut letter = [0; 4];
    for cell in painted.cells().filter(|cell| cell.on_border) {
        let Some(ink) = inks.over(cell.edges, cell.dashed) else {
            continue;
        };
        let placed = &app.chain.shown.placed;
        let owner = placed.box_at(cell.x, cell.y);
        if owner
            .and_then(|id| placed.seat(id))
            .is_some_and(|seat| boxes::is_compact(seat.rect))
        {
            continue;
        }
        let health = owner.map_or(Health::Unknown, |id| crate::ui::chain::scene::health(snapshot, id));
        let stroke = if health == Health::Failing {
            Stroke::Heavy
        } else {
            Stroke::Light
        };
        let selected = owner.is_some() && owner == app.chain.selected.as_ref();
        let style = if cell.head.is_some() {
            ink.style
        } else {
            look.style(boxes::border_role(health, selected))
        };
        let symbol = layout::glyph(cell.sides, cell.head, stroke, charset(look));
        canvas.put(cell.x, cell.y, symbol.encode_utf8(&mut letter), style);
    }
}

/// Draws the label of the line to a dead-letter queue, if all of it fits.
fn labels(canvas: &mut Canvas, viewport: layout::Rect, app: &App, look: &RenderContext) {
    let placed = &app.chain.shown.placed;
    for (line, route) in app
        .chain
        .shown
        .picture
        .lines
        .iter()
        .zip(&placed.routes)
        .filter(|(line, _)| line.dead_letter)
    {
        let [(x, top), (_, bottom)] = route.points[..] else {
            continue;
        };
        if route.points[0].0 != route.points[1].0 || !viewport.contains(x, top + 1) && !viewport.contains(x, bottom - 1)
        {
            continue;
        }
        let Some(label) = line.edges.iter().find_map(|edge| edge_text::dead_letter_label(edge)) else {
            continue;
        };
        let label = look.say(&label.into());
        let y = i32::midpoint(top, bottom);
        let width = i32::try_from(crate::ui::text::width(&label)).unwrap_or(0);
        if y > top && y < bottom && (x + 1..=x + 2 + width).all(|column| canvas.is_free(column, y)) {
            canvas.text(x + 2, y, &label, look.style(Role::Muted));
        }
    }
}

/// Whether no edge of a line can deliver although one of them should.
fn is_cut(line: &Line, snapshot: &Snapshot) -> bool {
    let cut = |edge: &Edge| snapshot.arrivals.cut.contains_key(&edge.key);
    line.enabled && line.edges.iter().all(|edge| cut(edge) || !edge.enabled)
}

/// Draws a gap into the middle of a line that cannot deliver.
fn cuts(canvas: &mut Canvas, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    for (line, route) in app.chain.shown.picture.lines.iter().zip(&app.chain.shown.placed.routes) {
        let middle = route.point_at(route.len() / 2).filter(|_| route.len() > 2);
        let role = match (line.enabled, is_cut(line, snapshot)) {
            (false, _) => Role::Warning,
            (true, true) => Role::Failing,
            (true, false) => continue,
        };
        if let Some((x, y)) = middle {
            canvas.put(x, y, look.glyphs.lines.cut, look.style(role));
        }
    }
}

fn marbles(canvas: &mut Canvas, app: &App, look: &RenderContext) {
    for marble in app.chain.marbles.live() {
        let Some(progress) = marble.progress(app.clock.wall) else {
            continue;
        };
        let Some(route) = app
            .chain
            .shown
            .picture
            .line_of
            .get(&marble.edge)
            .and_then(|at| app.chain.shown.placed.routes.get(*at))
        else {
            continue;
        };
        let Some((x, y)) = position(route, progress, marble.shared) else {
            continue;
        };
        let symbol = if marble.inferred {
            look.glyphs.lines.marble_inferred
        } else {
            look.glyphs.lines.marble
        };
        let style = look.style(if marble.old { Role::MarbleOld } else { Role::Marble });
        canvas.put(x, y, symbol, style);
    }
}

/// The cell of a marble on its line: between the border of one box and the arrow head at the other, which is never covered.
fn position(route: &layout::Route, progress: f64, shared: bool) -> Option<(i32, i32)> {
    // A head that points sideways stands before the border, one that points up or down in it.
    let is_head_before = matches!(route.points[..], [.., (_, y), (_, end)] if y == end);
    let border = route.len();
    let last = border.checked_sub(1 + u32::from(is_head_before))?;
    let first = if shared {
        border.saturating_sub(1 + JOINED).max(1)
    } else {
        1
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the line")]
    let gone = (f64::from(last.checked_sub(first)?) * progress).round() as u32;
    route.point_at(first + gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(points: &[(i32, i32)], shared: bool) -> Vec<(i32, i32)> {
        let route = layout::Route {
            points: points.to_vec(),
        };
        let steps = (0..=100).map(|step| f64::from(step) / 100.0);
        let mut cells: Vec<_> = steps.filter_map(|at| position(&route, at, shared)).collect();
        cells.dedup();
        cells
    }

    #[test]
    fn a_marble_stops_before_the_arrow_head() {
        // From a border at 0 to one at 5: the head stands at 4.
        assert_eq!(way(&[(0, 0), (5, 0)], false), [(1, 0), (2, 0), (3, 0)]);
        assert_eq!(way(&[(5, 0), (0, 0)], false), [(4, 0), (3, 0), (2, 0)]);
        // Downwards the head is in the border.
        assert_eq!(way(&[(0, 0), (0, 3)], false), [(0, 1), (0, 2)]);
        assert_eq!(way(&[(0, 0), (8, 0)], true), [(4, 0), (5, 0), (6, 0)]);
        assert_eq!(way(&[(0, 0), (2, 0)], false), [], "there is room for the head alone");
    }
}
