//! Lines of logs, merged in time order: when, whose, which attempt, how grave, what.
//!
//! ```text
//! ├ Logs  orders-work · 2,480 lines · following ──────────────────────────────────────────────────┤
//! │ 14:02:11.320  orders-work  2  ERROR  KeyError: 'action' ⏎                                      │
//! │ 14:02:11.322  orders-work  2  end    failed after 202 ms · 51 of 512 MB                        │
//! ├ complete to 14:00:41 ────────────────────────────────────────────────────────────────────────┤
//! ```

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::line::{self, Columns, short_group};
use crate::domain::log::TailState;
use crate::logs::{GroupLog, Shown};
use crate::store::snapshot::Snapshot;
use crate::ui::panes::dead_letters::state::sift::Sifting;
use crate::ui::panes::delivery::{name, short_id};
use crate::ui::panes::logs::state::{LogPane, groups};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// Draws it.
pub fn render(buffer: &mut Buffer, area: Rect, state: &LogPane, snapshot: &Snapshot, look: &RenderContext) {
    let cells = usize::from(area.width).saturating_sub(4);
    let inside = pane::pane(buffer, area, title(state, snapshot, look), look);
    let state_row = trust(state, snapshot, look);
    pane::at_right(
        buffer,
        area.bottom() - 1,
        area.x,
        area.right() - 1,
        state_row.cut(look, cells.saturating_sub(2)),
    );
    if state.view.is_empty() {
        pane::nothing(buffer, inside, nothing(state, snapshot, look), look);
        return;
    }
    let lines = Lines::around(state, snapshot, look, inside);
    for (row, y) in lines.rows.into_iter().zip(inside.top()..inside.bottom()) {
        buffer.set_line(inside.x, y, &row, inside.width);
    }
    if let (Some(chosen), false) = (lines.chosen, state.follows()) {
        let top = inside.y + u16::try_from(chosen.start).unwrap_or(0);
        let tall = u16::try_from(chosen.len())
            .unwrap_or(1)
            .min(inside.bottom().saturating_sub(top));
        let rows = Rect::new(inside.x - 1, top, inside.width + 2, tall);
        buffer.set_style(rows, look.style(Role::Cursor));
    }
}

/// The lines in a pane of that size.
#[must_use]
pub fn height(area: Rect) -> usize {
    usize::from(pane::inside(area).height)
}

fn title(state: &LogPane, snapshot: &Snapshot, look: &RenderContext) -> Row {
    let dot = format!(" {} ", look.glyphs.text.dot);
    let mut row = Row::of(look, Role::Title, say!(look, "logs-title")).then(look, Role::Text, "  ");
    let of = match (&state.request, &state.only) {
        (Some(request), _) => {
            let (name, id) = (name(snapshot, &request.function, look), short_id(&request.id));
            say!(look, "logs-request", name = name, id = id, attempt = request.attempt)
        }
        (None, Some(only)) => name(snapshot, only, look),
        (None, None) => say!(look, "logs-all"),
    };
    row = row
        .then(look, Role::Strong, of)
        .then(look, Role::Faint, dot.clone())
        .then(look, Role::Text, say!(look, "logs-lines", n = state.view.len()));
    if let Some(pattern) = &state.pattern {
        let text = format!("/{}/", look.cut(pattern.as_str(), 32));
        row = row.then(look, Role::Faint, dot.clone()).then(look, Role::Match, text);
    }
    if let Some(level) = state.level {
        let text = say!(look, "logs-level", level = level.word());
        row = row.then(look, Role::Faint, dot.clone()).then(look, Role::Notice, text);
    }
    if state.searching.as_ref().is_some_and(|job| job.is_first) {
        let text = look.say(&Sifting::Search.into());
        row = row.then(look, Role::Faint, dot.clone()).then(look, Role::Notice, text);
    }
    row = row.then(look, Role::Faint, dot);
    if state.follows() {
        return row.then(look, Role::Well, say!(look, "logs-following"));
    }
    match state.new_lines() {
        0 => row.then(look, Role::Muted, say!(look, "logs-paused")),
        n => row.then(look, Role::Warning, say!(look, "logs-new", n = n)),
    }
}

/// How far the lines can be trusted: the weakest of the groups in sight.
fn trust(state: &LogPane, snapshot: &Snapshot, look: &RenderContext) -> Row {
    let all: Vec<&GroupLog> = groups(state, &snapshot.logs).collect();
    let mut parts: Vec<(Role, String)> = Vec::new();
    if let Some(group) = all.iter().find(|group| group.unread.is_some()) {
        let why = group.unread.clone().unwrap_or_default();
        parts.push((Role::Unknown, format!("{}: {why}", short_group(&group.name))));
    }
    let complete: Vec<_> = all
        .iter()
        .map(|group| group.reach.and_then(|reach| reach.complete_to))
        .collect();
    match complete.iter().min().copied().flatten() {
        Some(at) => parts.push((
            Role::Muted,
            say!(look, "logs-complete", time = look.time_of_day(at, true)),
        )),
        // Nothing to wait for: what was refused stays so.
        None if all.iter().all(|group| group.reach.is_none() && group.unread.is_some()) => {}
        None => parts.push((Role::Muted, say!(look, "logs-not-complete"))),
    }
    let is_short = |since| {
        all.iter()
            .any(|group| group.reach.is_some_and(|reach| reach.since > since))
    };
    if let Some(since) = state.since.filter(|since| is_short(*since)) {
        let text = say!(look, "logs-reading-back", time = look.time_of_day(since, true));
        parts.push((Role::Muted, text));
    }
    let sum = |of: fn(&GroupLog) -> u64| all.iter().map(|group| of(group)).sum::<u64>();
    let late = sum(|group| group.late);
    if late > 0 {
        parts.push((Role::Warning, say!(look, "logs-late", n = late)));
    }
    let dropped = sum(|group| group.lines.dropped);
    if dropped > 0 {
        parts.push((Role::Warning, say!(look, "logs-dropped", n = dropped)));
    }
    if all.iter().any(|group| group.cut > 0) {
        parts.push((Role::Warning, say!(look, "logs-incomplete")));
    }
    if all
        .iter()
        .any(|group| group.reach.is_some_and(|reach| reach.whole_since.is_none()))
    {
        parts.push((Role::Muted, say!(look, "logs-only-marks")));
    }
    match all
        .iter()
        .map(|group| &group.tail)
        .find(|tail| **tail != TailState::Off)
    {
        Some(TailState::On) if all.iter().any(|group| group.sampled) => {
            parts.push((Role::Warning, say!(look, "logs-live-sampled")));
        }
        Some(TailState::On) => parts.push((Role::Well, say!(look, "logs-live"))),
        Some(TailState::Failed { why }) => parts.push((Role::Warning, say!(look, "logs-no-live", why = why.as_str()))),
        _ if state.live => parts.push((Role::Muted, say!(look, "logs-live-starting"))),
        _ => {}
    }
    let mut row = Row::new();
    for (role, text) in parts {
        if row.width() > 0 {
            row = row.then(look, Role::Faint, format!(" {} ", look.glyphs.text.dot));
        }
        row = row.then(look, role, look.cut(&text, 80));
    }
    row
}

fn nothing(state: &LogPane, snapshot: &Snapshot, look: &RenderContext) -> String {
    if state.request.is_some() {
        return say!(look, "logs-none-of-request");
    }
    if state.pattern.is_some() || state.level.is_some() {
        return say!(look, "logs-no-match");
    }
    let reaches = groups(state, &snapshot.logs).filter_map(|group| group.reach);
    match reaches.map(|reach| reach.since).max() {
        Some(since) => say!(look, "logs-none-since", time = look.time_of_day(since, true)),
        None if groups(state, &snapshot.logs).any(|group| group.unread.is_some()) => {
            say!(look, "logs-unreadable")
        }
        None => say!(look, "logs-not-read"),
    }
}

/// Rows of lines, with the chosen one among them.
struct Lines {
    rows: Vec<Line<'static>>,
    chosen: Option<Range<usize>>,
}

impl Lines {
    /// As many as fit around the chosen line.
    fn around(state: &LogPane, snapshot: &Snapshot, look: &RenderContext, area: Rect) -> Self {
        let height = usize::from(area.height);
        let Some(chosen) = state.line() else {
            return Self {
                rows: Vec::new(),
                chosen: None,
            };
        };
        let Some(walk) = state.view.line(&chosen.id()) else {
            return Self {
                rows: Vec::new(),
                chosen: None,
            };
        };
        let before = walk.clone().lines_before(height);
        let behind = walk.lines_behind(height);
        let columns = Columns::of(before.iter().chain(&behind), state, snapshot, look, area.width);
        let draw = |shown: &Shown| line::rows(shown, state, &columns, snapshot, look);
        let mut below: Vec<Line<'static>> = Vec::new();
        let mut own = 0;
        for (place, shown) in behind.iter().enumerate() {
            let rows = draw(shown);
            if place == 0 {
                own = rows.len().min(height);
            }
            below.extend(rows);
            if below.len() >= height {
                break;
            }
        }
        let mut above: Vec<Line<'static>> = Vec::new();
        for shown in before.iter().rev() {
            let mut rows = draw(shown);
            rows.reverse();
            above.extend(rows);
            if above.len() >= height {
                break;
            }
        }
        above.reverse();
        // The chosen line stays in its row, but neither end of the pane stays empty while there are lines for it.
        let row = if state.follows() {
            height.saturating_sub(own)
        } else {
            state.row.min(height.saturating_sub(own))
        };
        let least = height.saturating_sub(below.len());
        let upper = row.max(least).min(above.len());
        let skipped = above.len() - upper;
        let rows: Vec<_> = above.into_iter().skip(skipped).chain(below).take(height).collect();
        Self {
            rows,
            chosen: Some(upper..upper + own),
        }
    }
}
