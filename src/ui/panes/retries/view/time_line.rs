//! Time lines: the axis, the mark of now, and events.

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::delivery::{AttemptOutcome, Certainty, Delivery, Fate};
use crate::ui::panes::delivery;
use crate::ui::panes::retries::axis::Axis;
use crate::ui::panes::retries::state::Entry;
use crate::ui::settings::Charset;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::words::say;

/// The time range of the visible rows.
pub(super) fn axis(seen: &[Entry], cells: u16, zoom: i8, look: &RenderContext) -> Axis {
    let all = || seen.iter().flat_map(|entry| entry.all().iter());
    let starts = all().filter_map(|delivery| delivery.attempts.first()?.start);
    let ends = all().flat_map(|delivery| {
        let next = delivery.next.as_ref();
        let outlook = delivery.outlook.as_ref();
        [
            next.map(|next| next.latest.unwrap_or(next.earliest)),
            outlook.and_then(|outlook| outlook.latest),
        ]
    });
    let earliest = starts.min().unwrap_or(look.now);
    let latest = ends.flatten().max().unwrap_or(look.now);
    Axis::around(look.now, earliest, latest, cells, zoom)
}

pub(super) fn draw_axis(buffer: &mut Buffer, area: Rect, axis: &Axis, look: &RenderContext) {
    let now = axis.cell(look.now);
    let seconds = axis.step < 10;
    let wide = if seconds { 8 } else { 5 };
    for (cell, at) in axis.marks(wide + 4) {
        let text = look.time_of_day(at, seconds);
        let fits = cell + wide <= i64::from(area.width) && (cell + wide < now - 1 || cell > now + 4);
        if let (true, Ok(x)) = (fits, u16::try_from(cell)) {
            buffer.set_stringn(
                area.x + x,
                area.y,
                text,
                usize::from(area.width - x),
                look.style(Role::Muted),
            );
        }
    }
    if let Some(x) = u16::try_from(now).ok().filter(|x| x + 3 <= area.width) {
        let x = area.x + x.saturating_sub(1);
        buffer.set_stringn(x, area.y, say!(look, "box-now"), 3, look.style(Role::Strong));
    }
    look.changes_at(axis.start_of(now + 1));
}

pub(super) fn draw_now(buffer: &mut Buffer, chart: Rect, axis: &Axis, look: &RenderContext) {
    if let Some(x) = u16::try_from(axis.cell(look.now)).ok().filter(|x| *x < chart.width) {
        buffer[(chart.x + x, chart.y)]
            .set_symbol(look.glyphs.borders.light.vertical_left)
            .set_style(look.style(Role::Faint));
    }
}

/// The characters of observed, inferred and predicted.
struct Strokes {
    observed: &'static str,
    inferred: &'static str,
    waits: &'static str,
    predicted: &'static str,
}

fn strokes(look: &RenderContext) -> Strokes {
    match look.glyphs.charset {
        Charset::Utf8 => Strokes {
            observed: "━",
            inferred: "┅",
            waits: "─",
            predicted: "░",
        },
        Charset::Ascii => Strokes {
            observed: "=",
            inferred: ":",
            waits: "-",
            predicted: "%",
        },
    }
}

/// Draws an event on a row of the chart.
struct Brush<'a> {
    buffer: &'a mut Buffer,
    chart: Rect,
    look: &'a RenderContext<'a>,
}

impl Brush<'_> {
    fn fill(&mut self, from: i64, to: i64, symbol: &str, role: Role) {
        for cell in from.max(0)..to.min(i64::from(self.chart.width)) {
            if let Ok(x) = u16::try_from(cell) {
                self.buffer[(self.chart.x + x, self.chart.y)]
                    .set_symbol(symbol)
                    .set_style(self.look.style(role));
            }
        }
    }
}

pub(super) fn draw_delivery(buffer: &mut Buffer, chart: Rect, delivery: &Delivery, axis: &Axis, look: &RenderContext) {
    let strokes = strokes(look);
    let mut brush = Brush { buffer, chart, look };
    let now = axis.cell(look.now);
    let before = draw_attempts(&mut brush, delivery, axis, &strokes);
    if let Some(next) = &delivery.next {
        let earliest = axis.cell(next.earliest);
        let latest = next.latest.map_or(earliest, |at| axis.cell(at));
        if let Some(before) = before {
            brush.fill(before + 1, earliest, strokes.waits, Role::Faint);
            brush.fill(now, now + 1, look.glyphs.borders.light.vertical_left, Role::Strong);
        }
        brush.fill(earliest.max(now), latest + 1, strokes.predicted, Role::Predicted);
    }
    if let Some(due) = &delivery.overdue {
        // It may have happened: no line tells yet.
        let earliest = axis.cell(due.earliest);
        if let Some(before) = before {
            brush.fill(before + 1, earliest, strokes.waits, Role::Faint);
        }
        brush.fill(
            earliest,
            axis.cell(due.latest) + 1,
            look.glyphs.signs.unknown,
            Role::Unknown,
        );
        brush.fill(now, now + 1, look.glyphs.borders.light.vertical_left, Role::Strong);
    }
    if let Some(end) = &delivery.end {
        let (symbol, role) = delivery::fate(end.fate, look);
        if end.fate != Fate::Succeeded
            && let Some(at) = end.at
        {
            let at = axis.cell(at);
            if let Some(before) = before {
                brush.fill(before + 1, at, strokes.waits, Role::Faint);
            }
            brush.fill(
                at.max(before.map_or(at, |before| before + 1)),
                at.max(before.map_or(at, |before| before + 1)) + 1,
                symbol,
                role,
            );
        }
    }
    let began = delivery.attempts.first().and_then(|attempt| attempt.start);
    if began.is_some_and(|at| at < axis.from) {
        brush.fill(0, 1, look.glyphs.lines.arrows[0], Role::Muted);
    }
    let ends = delivery.next.as_ref().map(|next| next.earliest);
    if ends.is_some_and(|at| at >= axis.to()) {
        let last = i64::from(chart.width) - 1;
        brush.fill(last, last + 1, look.glyphs.lines.arrows[3], Role::Predicted);
    }
    if let Some(next) = &delivery.next {
        // The window opens or closes: the words change.
        look.changes_at(next.earliest);
        if let Some(latest) = next.latest {
            look.changes_at(latest + SignedDuration::from_secs(1));
        }
    }
}

/// Draws the attempts. Returns the end of the last one.
fn draw_attempts(brush: &mut Brush, delivery: &Delivery, axis: &Axis, strokes: &Strokes) -> Option<i64> {
    let look = brush.look;
    let mut before: Option<i64> = None;
    for attempt in &delivery.attempts {
        let Some(start) = attempt.start.or(attempt.end) else {
            continue;
        };
        let start = axis.cell(start);
        let end = axis.cell(attempt.end.unwrap_or(if attempt.outcome == AttemptOutcome::Running {
            look.now
        } else {
            attempt.start.unwrap_or(look.now)
        }));
        if let Some(before) = before {
            brush.fill(before + 1, start, strokes.waits, Role::Faint);
        }
        let (symbol, role) = delivery::outcome(attempt.outcome, attempt.evidence, look);
        let stroke = match attempt.evidence {
            Certainty::Observed => strokes.observed,
            Certainty::Inferred => strokes.inferred,
        };
        brush.fill(start, end, stroke, role);
        brush.fill(end, end + 1, symbol, role);
        before = Some(end);
    }
    before
}
