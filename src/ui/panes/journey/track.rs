//! A journey's time in cells: how long it waited, ran, and what comes next.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::RunOutcome;
use crate::journey::{Hop, Journey};
use crate::ui::settings::Charset;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;

/// A stretch of time over so many cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Track {
    from: i64,
    to: i64,
    cells: u16,
}

impl Track {
    /// From the first of a journey to now where it goes on, else to its last, with what is predicted.
    pub(super) fn of(journey: &Journey, now: Timestamp, cells: u16) -> Self {
        let begins = journey
            .hops
            .iter()
            .filter_map(Hop::begin)
            .map(Timestamp::as_millisecond);
        let ends = journey
            .hops
            .iter()
            .flat_map(|hop| hop.attempts.iter().filter_map(|run| run.end.or(run.start)));
        let next = journey.hops.iter().filter_map(|hop| {
            let next = hop.delivery.as_ref()?.next.as_ref()?;
            Some(next.latest.unwrap_or(next.earliest))
        });
        let goes_on = journey.hops.iter().any(|hop| {
            let waits = hop
                .delivery
                .as_ref()
                .is_some_and(|row| row.end.is_none() && row.next.is_some());
            waits
                || hop
                    .attempts
                    .last()
                    .is_some_and(|run| run.outcome == RunOutcome::Running)
        });
        let from = begins.min().unwrap_or(now.as_millisecond());
        let last = ends
            .chain(next)
            .chain(goes_on.then_some(now))
            .map(Timestamp::as_millisecond)
            .max();
        Self {
            from,
            to: last.unwrap_or(from).max(from + 100),
            cells: cells.max(1),
        }
    }

    /// The cell of a moment.
    pub(super) fn cell(&self, at: Timestamp) -> u16 {
        let at = at.as_millisecond().clamp(self.from, self.to) - self.from;
        let last = i64::from(self.cells) - 1;
        u16::try_from(at * last / (self.to - self.from)).unwrap_or(0)
    }

    /// Times at its start, in its middle and at its end, with their cells.
    pub(super) fn marks(&self) -> [(u16, Timestamp); 3] {
        let at = |part: i64| {
            let ms = self.from + (self.to - self.from) * part / 2;
            Timestamp::from_millisecond(ms).unwrap_or_default()
        };
        [0, 1, 2].map(|part| (self.cell(at(part)), at(part)))
    }

    /// Whether seconds say too little.
    pub(super) fn is_short(&self) -> bool {
        self.to - self.from < 10_000
    }
}

/// The characters of what was and what will be.
struct Strokes {
    ran: &'static str,
    waited: &'static str,
    between: &'static str,
    predicted: &'static str,
}

fn strokes(look: &RenderContext) -> Strokes {
    match look.glyphs.charset {
        Charset::Utf8 => Strokes {
            ran: "█",
            waited: "░",
            between: "─",
            predicted: "▒",
        },
        Charset::Ascii => Strokes {
            ran: "=",
            waited: ".",
            between: "-",
            predicted: "%",
        },
    }
}

/// Draws one hop: from when it was sent, if that is known, through its attempts, to what comes next.
pub(super) fn draw(
    buffer: &mut Buffer,
    area: Rect,
    hop: &Hop,
    sent: Option<Timestamp>,
    track: &Track,
    look: &RenderContext,
) {
    let strokes = strokes(look);
    let mut fill = |from: u16, to: u16, symbol: &str, role: Role| {
        for x in from..to.min(area.width) {
            buffer[(area.x + x, area.y)]
                .set_symbol(symbol)
                .set_style(look.style(role));
        }
    };
    let mut before = sent.map(|at| (track.cell(at), strokes.waited));
    for run in &hop.attempts {
        let Some(start) = run.start.or(run.end) else { continue };
        let (first, last) = (track.cell(start), track.cell(run.end.unwrap_or(look.now)));
        if let Some((from, stroke)) = before {
            fill(from, first, stroke, Role::Faint);
        }
        let (symbol, role) = match run.outcome {
            RunOutcome::Ok => (strokes.ran, Role::Well),
            RunOutcome::Running => (strokes.ran, Role::Marble),
            RunOutcome::Unknown => (look.glyphs.signs.unknown, Role::Unknown),
            _ => (look.glyphs.signs.failing, Role::Failing),
        };
        fill(first, last.max(first + 1), strokes.ran, role);
        if symbol != strokes.ran {
            fill(last, last + 1, symbol, role);
        }
        before = Some((last + 1, strokes.between));
    }
    if let Some(next) = hop.delivery.as_ref().and_then(|row| row.next.as_ref()) {
        let (first, last) = (
            track.cell(next.earliest),
            track.cell(next.latest.unwrap_or(next.earliest)),
        );
        if let Some((from, _)) = before {
            fill(from, first, strokes.between, Role::Faint);
        }
        fill(first, last.max(first + 1), strokes.predicted, Role::Predicted);
        look.changes_at(next.earliest);
    }
}
