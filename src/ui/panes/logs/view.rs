//! Lines of logs, merged in time order: when, whose, which request and attempt, what.
//!
//! ```text
//! ├ Logs  orders-work · 2,480 lines · following ──────────────────────────────────────────────────┤
//! │ 14:02:11.320  orders-work  5f1c22aa·2  ✗  [ERROR] KeyError: 'action' ⏎                         │
//! ├ complete to 14:00:41 ────────────────────────────────────────────────────────────────────────┤
//! ```

use std::collections::BTreeSet;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::log::{Level, TailState};
use crate::domain::text::plain;
use crate::logs::parse::parse;
use crate::logs::{GroupLog, Shown};
use crate::store::snapshot::Snapshot;
use crate::ui::panes::dead_letters::state::sift::Sifting;
use crate::ui::panes::delivery::{name, short_id};
use crate::ui::panes::logs::state::{LogPane, groups, has_more, owner, unfolded};
use crate::ui::text::{pad, width, wrap};
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

fn short_group(group: &str) -> &str {
    group.strip_prefix("/aws/lambda/").unwrap_or(group)
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
        let names: BTreeSet<&str> = before.iter().chain(&behind).map(|shown| &*shown.group.name).collect();
        let columns = Columns {
            name: if state.only.is_some() && names.len() < 2 {
                0
            } else {
                names
                    .iter()
                    .map(|name| width(&plain(short_group(name))))
                    .max()
                    .unwrap_or(0)
                    .min(20)
            },
            cells: usize::from(area.width),
        };
        let draw = |shown: &Shown| draw_line(shown, state, &columns, snapshot, look);
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

struct Columns {
    name: usize,
    cells: usize,
}

fn level_of(level: Option<Level>, text: &str) -> (Role, Role) {
    match level {
        Some(Level::Error | Level::Fatal) => (Role::Failing, Role::Text),
        Some(Level::Warn) => (Role::Warning, Role::Text),
        _ if parse(text).is_of_the_service() => (Role::Faint, Role::Muted),
        _ => (Role::Faint, Role::Text),
    }
}

fn draw_line(
    shown: &Shown,
    state: &LogPane,
    columns: &Columns,
    snapshot: &Snapshot,
    look: &RenderContext,
) -> Vec<Line<'static>> {
    let line = &shown.line;
    let (mark_role, text_role) = level_of(line.level, line.text);
    let run = owner(shown, snapshot);
    let request = run.map_or_else(String::new, |run| {
        let attempt = if run.attempt > 1 {
            format!("{}{}", look.glyphs.text.dot, run.attempt)
        } else {
            String::new()
        };
        format!("{}{attempt}", short_id(&run.request_id))
    });
    let mark = match line.level {
        Some(Level::Error | Level::Fatal) => look.glyphs.signs.failing,
        Some(Level::Warn) => look.glyphs.signs.warning,
        _ if shown.preview => look.glyphs.signs.not_live,
        _ => " ",
    };
    let mut head = Row::of(look, Role::Muted, look.time_to_the_millisecond(line.at));
    if columns.name > 0 {
        let group = look.name(short_group(&shown.group.name), columns.name);
        head = head
            .then(look, Role::Text, "  ")
            .then(look, Role::Strong, pad(&group, columns.name));
    }
    if columns.cells >= 90 {
        head = head.then(look, Role::Faint, format!("  {}", pad(&request, 10)));
    }
    head = head.then(look, mark_role, format!(" {mark} "));
    let indent = head.width();
    let room = columns.cells.saturating_sub(indent).max(16);
    let role = if shown.preview { Role::Inferred } else { text_role };
    let texts: Vec<String> = if state.open.contains(&shown.id()) {
        unfolded(line.text)
            .iter()
            .flat_map(|row| hard_wrap(row, room))
            .collect()
    } else if state.wrap {
        let rows = unfolded_plain(line.text);
        rows.iter().flat_map(|row| wrap(row, room)).collect()
    } else {
        let mut rows = unfolded_plain(line.text);
        let first = if rows.is_empty() { String::new() } else { rows.remove(0) };
        let more = has_more(line.text);
        let cut = look.cut(&first, if more { room.saturating_sub(2) } else { room });
        vec![if more {
            format!("{cut} {}", look.glyphs.text.again_below)
        } else {
            cut
        }]
    };
    let mut out = Vec::new();
    for (n, text) in texts.into_iter().enumerate() {
        let front = if n == 0 {
            std::mem::take(&mut head)
        } else {
            Row::of(look, Role::Faint, " ".repeat(indent))
        };
        let mut spans = front.line().spans;
        spans.extend(highlighted(&text, state, role, look));
        out.push(Line::from(spans));
    }
    out
}

/// The rows of a line that was joined, without looking into JSON.
fn unfolded_plain(text: &str) -> Vec<String> {
    let rows = text.trim_end().split(['\r', '\n']);
    rows.map(|row| plain(&row.replace('\u{a0}', " ")).into_owned())
        .collect()
}

/// Indented text keeps its spaces.
fn hard_wrap(text: &str, cells: usize) -> Vec<String> {
    let text = plain(text).into_owned();
    let indent = text.len() - text.trim_start().len();
    if width(&text) <= cells || indent * 2 > cells {
        return wrap_at(&text, cells);
    }
    let rows = wrap(text.trim_start(), cells - indent);
    rows.into_iter()
        .map(|row| format!("{}{row}", " ".repeat(indent)))
        .collect()
}

fn wrap_at(text: &str, cells: usize) -> Vec<String> {
    if width(text) <= cells {
        vec![text.to_owned()]
    } else {
        wrap(text, cells)
    }
}

fn highlighted(text: &str, state: &LogPane, role: Role, look: &RenderContext) -> Vec<Span<'static>> {
    let style = look.style(role);
    let Some(places) = state.marks.as_ref().and_then(|marks| marks.of(text)) else {
        return vec![Span::styled(text.to_owned(), style)];
    };
    let mut spans = Vec::new();
    let mut at = 0;
    for found in places.iter() {
        spans.push(Span::styled(text[at..found.start].to_owned(), style));
        spans.push(Span::styled(text[found.clone()].to_owned(), look.style(Role::Match)));
        at = found.end;
    }
    spans.push(Span::styled(text[at..].to_owned(), style));
    spans
}
