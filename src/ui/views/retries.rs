//! Every event that is tried again, on a time line: what was seen, what follows from it, and what comes next.
//!
//! ```text
//! ├ Retries  2 tried again · 1 lost ─────────────────────────────────────────────────────────────┤
//! │                       14:00       14:01       now   14:02                                      │
//! │ ✗ orders-in    5f1c   ✗━━━━━━━━━━━✗╌╌╌╌╌╌╌╌╌╌╌╌│╌╌╌╌░░░░   3 of 3 in 01:12–01:24, then dropped │
//! ```

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{delivery, logs};
use crate::domain::delivery::{AttemptOutcome, Certainty, Deliveries, Delivery, Fate};
use crate::store::snapshot::Snapshot;
use crate::ui::render_context::RenderContext;
use crate::ui::retries::{Entry, Retries, chosen_attempt, is_tried_again, needs_a_look, rows};
use crate::ui::settings::Charset;
use crate::ui::text::{count, pad};
use crate::ui::theme::Role;
use crate::ui::timeline::Axis;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;

/// Draws it; `joined` to the pane above where there is one.
pub fn render(
    buffer: &mut Buffer,
    area: Rect,
    joined: bool,
    state: &Retries,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let inside = frame(buffer, area, joined, snapshot, look);
    let all = rows(&snapshot.deliveries, state);
    let at = state.place(&all);
    let parts = Parts::of(inside, state, all.len());
    if let Some(list) = parts.list {
        draw_list(buffer, list, &all, Some(at), state, snapshot, look);
    }
    if let (Some(words), Some(entry)) = (parts.words, all.get(at)) {
        let chosen = chosen_attempt(entry.first(), state.attempt);
        delivery::render(buffer, words, entry, chosen, state.scroll, snapshot, look);
    }
    if let Some(log) = parts.log {
        match &state.log {
            Some(pane) => logs::render(buffer, log, false, pane, snapshot, look),
            None => no_log(buffer, log, look),
        }
    }
}

/// Draws the first rows, to be looked at only: beneath the chain as long as no pane is open.
pub fn glance(buffer: &mut Buffer, area: Rect, snapshot: &Snapshot, look: &RenderContext) {
    let inside = frame(buffer, area, true, snapshot, look);
    let state = Retries::default();
    let all = rows(&snapshot.deliveries, &state);
    draw_list(buffer, inside, &all, None, &state, snapshot, look);
}

/// Draws the frame with its title; what is inside comes back.
fn frame(buffer: &mut Buffer, area: Rect, joined: bool, snapshot: &Snapshot, look: &RenderContext) -> Rect {
    let mut title = Row::new().then(look, Role::Title, "Retries");
    let counts = counts(&snapshot.deliveries, look);
    if counts.width() > 0 {
        title = title.then(look, Role::Text, "  ").join(counts);
    }
    pane::pane(
        buffer,
        area,
        title.cut(look, usize::from(area.width).saturating_sub(4)),
        look,
    );
    if joined {
        pane::join(buffer, area, look);
    }
    let inside = pane::inside(area);
    Rect::new(inside.x + 1, inside.y, inside.width.saturating_sub(2), inside.height)
}

/// Where no line can tell of an attempt.
fn no_log(buffer: &mut Buffer, area: Rect, look: &RenderContext) {
    pane::pane(buffer, area, Row::new().then(look, Role::Title, "Logs"), look);
    let inside = pane::inside(area);
    let row = Row::new().then(look, Role::Muted, " no line tells of this attempt");
    buffer.set_line(
        inside.x,
        inside.y,
        &row.cut(look, usize::from(inside.width)).line(),
        inside.width,
    );
}

/// Where rows are, what is said of the opened one, and the log of its attempt.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    list: Option<Rect>,
    words: Option<Rect>,
    log: Option<Rect>,
}

impl Parts {
    /// The rows above, words and log side by side beneath; on a narrow screen one under the other, and on the smallest
    /// one in the place of the other.
    fn of(area: Rect, state: &Retries, rows: usize) -> Self {
        if !state.open {
            return Self {
                list: Some(area),
                ..Self::default()
            };
        }
        if area.width < 100 {
            if area.height < 17 {
                let (words, log) = if state.log_first {
                    (None, Some(area))
                } else {
                    (Some(area), None)
                };
                return Self { list: None, words, log };
            }
            let log = (area.height * 2 / 5).max(7);
            return Self {
                list: None,
                words: Some(Rect::new(area.x, area.y, area.width, area.height - log)),
                log: Some(Rect::new(area.x, area.bottom() - log, area.width, log)),
            };
        }
        let wanted = u16::try_from(rows + 3).unwrap_or(u16::MAX);
        let list = if area.height < 16 {
            0
        } else {
            wanted.min(area.height / 3)
        };
        let words = (area.width * 2 / 5).clamp(44, 80);
        let (y, height) = (area.y + list, area.height - list);
        Self {
            list: (list > 0).then(|| Rect::new(area.x, area.y, area.width, list)),
            words: Some(Rect::new(area.x, y, words, height)),
            log: Some(Rect::new(area.x + words + 1, y, area.width - words - 1, height)),
        }
    }
}

/// Where the log of the chosen attempt is, in a pane of that size.
#[must_use]
pub fn log_area(area: Rect, state: &Retries, snapshot: &Snapshot) -> Option<Rect> {
    let inside = pane::inside(area);
    let inside = Rect::new(inside.x + 1, inside.y, inside.width.saturating_sub(2), inside.height);
    Parts::of(inside, state, rows(&snapshot.deliveries, state).len()).log
}

/// The place of the row at that line of the screen.
#[must_use]
pub fn row_at(area: Rect, y: u16, state: &Retries, snapshot: &Snapshot) -> Option<usize> {
    let all = rows(&snapshot.deliveries, state);
    let inside = pane::inside(area);
    let list = Parts::of(inside, state, all.len()).list?;
    let (first, shown) = window(
        all.len(),
        state.place(&all),
        list_rows(list.height, &snapshot.deliveries),
    );
    let row = usize::from(y.checked_sub(inside.y + 1)?);
    (row < shown).then_some(first + row)
}

/// Lines for rows: the first line is the axis, the last ones say what cannot be seen.
fn list_rows(height: u16, deliveries: &Deliveries) -> usize {
    usize::from(height)
        .saturating_sub(1)
        .saturating_sub(notes(deliveries))
        .max(1)
}

fn notes(deliveries: &Deliveries) -> usize {
    usize::from(!deliveries.unobservable.is_empty()) + usize::from(!deliveries.throttled.is_empty())
}

/// Which rows are in sight: the first, and how many.
fn window(rows: usize, at: usize, room: usize) -> (usize, usize) {
    let first = if at < room { 0 } else { at + 1 - room };
    (first, room.min(rows - first.min(rows)))
}

fn counts(deliveries: &Deliveries, look: &RenderContext) -> Row {
    let of = |what: &dyn Fn(&&Delivery) -> bool| -> u64 {
        let all = deliveries.deliveries.iter().filter(what);
        all.map(|delivery| delivery.count.max(1)).sum()
    };
    let has_end =
        |delivery: &&Delivery, fates: &[Fate]| delivery.end.as_ref().is_some_and(|end| fates.contains(&end.fate));
    let again = of(&|delivery| needs_a_look(delivery) && is_tried_again(delivery));
    // A mapping that is off, receives that are used up, a shard of which nothing is heard.
    let waiting = of(&|delivery| delivery.end.is_none() && needs_a_look(delivery) && !is_tried_again(delivery));
    let lost = of(&|delivery| has_end(delivery, &[Fate::Dropped, Fate::Expired]));
    let dead = of(&|delivery| has_end(delivery, &[Fate::DeadLetter, Fate::Destination]));
    let parts = [
        (again, "tried again", Role::Warning),
        (lost, "lost", Role::Failing),
        (
            dead,
            if dead == 1 { "dead letter" } else { "dead letters" },
            Role::Muted,
        ),
        (waiting, "waiting", Role::Muted),
    ];
    let mut row = Row::new();
    for (n, word, role) in parts.into_iter().filter(|(n, ..)| *n > 0) {
        if row.width() > 0 {
            row = row.then(look, Role::Faint, format!(" {} ", look.glyphs.dot));
        }
        row = row.then(look, role, format!("{} {word}", count(n)));
    }
    row
}

/// How wide each column is.
#[derive(Clone, Copy)]
struct Columns {
    name: usize,
    id: usize,
    chart: u16,
    words: usize,
}

impl Columns {
    fn of(width: u16, all: &[Entry], snapshot: &Snapshot, look: &RenderContext) -> Self {
        let width = usize::from(width);
        let longest = all
            .iter()
            .map(|entry| crate::ui::text::width(&delivery::name(snapshot, &entry.first().function, look)))
            .max();
        let name = longest.unwrap_or(8).clamp(8, if width < 80 { 14 } else { 24 });
        let id = if width < 70 { 0 } else { 9 };
        let words = match width {
            // When the next try comes is worth more than a long line.
            0..90 => 22,
            90..130 => 26,
            130..170 => 44,
            _ => 60,
        };
        let chart = width.saturating_sub(2 + name + 1 + id + words + 2);
        Self {
            name,
            id,
            chart: u16::try_from(chart).unwrap_or(0),
            words,
        }
    }
}

fn draw_list(
    buffer: &mut Buffer,
    area: Rect,
    all: &[Entry],
    at: Option<usize>,
    state: &Retries,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let deliveries = &snapshot.deliveries;
    if all.is_empty() {
        let row = Row::new().then(look, Role::Muted, nothing(state, snapshot));
        buffer.set_line(
            area.x,
            area.y,
            &row.cut(look, usize::from(area.width)).line(),
            area.width,
        );
    } else {
        let (first, shown) = window(all.len(), at.unwrap_or(0), list_rows(area.height, deliveries));
        let seen = &all[first..first + shown];
        let columns = Columns::of(area.width, all, snapshot, look);
        let axis = axis(seen, columns.chart, state.zoom, look);
        let chart_x = area.x + u16::try_from(2 + columns.name + 1 + columns.id).unwrap_or(0);
        draw_axis(buffer, Rect::new(chart_x, area.y, columns.chart, 1), &axis, look);
        for ((place, entry), y) in seen.iter().enumerate().zip(area.y + 1..) {
            draw_row(
                buffer,
                Rect::new(area.x, y, area.width, 1),
                entry,
                &columns,
                &axis,
                snapshot,
                look,
            );
            if at == Some(first + place) {
                let line = Rect::new(area.x.saturating_sub(1), y, area.width + 2, 1);
                buffer.set_style(line, look.style(Role::Cursor));
            }
        }
        let unseen = (first, all.len() - first - shown);
        pane::beyond(buffer, area.bottom(), area.x, area.right(), unseen, look);
    }
    draw_notes(buffer, area, snapshot, look);
}

fn nothing(state: &Retries, snapshot: &Snapshot) -> String {
    let deliveries = &snapshot.deliveries;
    if let Some(only) = &state.only {
        let name = snapshot
            .topology
            .nodes
            .get(only)
            .map_or(only.as_str(), |node| &node.name);
        return format!("nothing of {name} is tried again; f shows all functions");
    }
    if deliveries.deliveries.is_empty() {
        return match deliveries.unobservable.len() {
            0 => no_run(snapshot).to_owned(),
            1 => "no attempt was seen; those of 1 function are not observable".to_owned(),
            n => format!("no attempt was seen; those of {n} functions are not observable"),
        };
    }
    let well = deliveries.deliveries.len();
    format!("nothing is tried again; {well} ended well or run for the first time, e shows them")
}

/// Why there is no run: an empty log is said to be empty only once all were read.
pub(super) fn no_run(snapshot: &Snapshot) -> &'static str {
    if snapshot.is_reading_logs() {
        "no run was seen so far; the logs are being read"
    } else if snapshot.logs.groups.values().any(|group| group.unread.is_some()) {
        "no run was seen; some logs could not be read"
    } else {
        "no run was seen yet"
    }
}

fn draw_notes(buffer: &mut Buffer, area: Rect, snapshot: &Snapshot, look: &RenderContext) {
    let deliveries = &snapshot.deliveries;
    let mut y = area
        .bottom()
        .saturating_sub(u16::try_from(notes(deliveries)).unwrap_or(0));
    if !deliveries.throttled.is_empty() {
        let mut row = Row::new().then(
            look,
            Role::Warning,
            format!("{} throttled, no line tells of it: ", look.glyphs.warning),
        );
        for (n, one) in deliveries.throttled.iter().enumerate() {
            let name = delivery::name(snapshot, &one.function, look);
            let gap = if n == 0 { "" } else { ", " };
            let text = format!(
                "{gap}{name} at least {} (metric, {})",
                count(one.count),
                look.freshness(one.read_at)
            );
            row = row.then(look, Role::Text, text);
        }
        buffer.set_line(area.x, y, &row.cut(look, usize::from(area.width)).line(), area.width);
        y += 1;
    }
    if let Some(first) = deliveries.unobservable.first() {
        let name = delivery::name(snapshot, &first.function, look);
        let more = match deliveries.unobservable.len() - 1 {
            0 => String::new(),
            n => format!("; and {n} more"),
        };
        let text = format!(
            "{} attempts not observable: {name}: {}{more}",
            look.glyphs.unknown, first.why
        );
        let row = Row::new().then(look, Role::Unknown, look.cut(&text, usize::from(area.width)));
        buffer.set_line(area.x, y, &row.line(), area.width);
    }
}

/// The stretch of time that the rows in sight need.
fn axis(seen: &[Entry], cells: u16, zoom: i8, look: &RenderContext) -> Axis {
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

fn draw_axis(buffer: &mut Buffer, area: Rect, axis: &Axis, look: &RenderContext) {
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
        buffer.set_stringn(x, area.y, "now", 3, look.style(Role::Strong));
    }
    look.changes_at(axis.start_of(now + 1));
}

fn draw_row(
    buffer: &mut Buffer,
    area: Rect,
    entry: &Entry,
    columns: &Columns,
    axis: &Axis,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let first = entry.first();
    let (mark, role) = delivery::mark(first, look);
    let name = look.name(&delivery::name(snapshot, &first.function, look), columns.name);
    let id = match entry {
        Entry::Many(_) => format!("{}{}", look.glyphs.times, count(entry.count())),
        Entry::One(one) if one.count > 1 => format!("{}{}", look.glyphs.times, count(one.count)),
        Entry::One(one) => delivery::short_id(&one.id),
    };
    let row = Row::new()
        .then(look, role, format!("{mark} "))
        .then(look, Role::Strong, pad(&name, columns.name))
        .then(look, Role::Text, " ")
        .then(
            look,
            Role::Muted,
            pad(&look.cut(&id, columns.id.saturating_sub(1)), columns.id),
        );
    buffer.set_line(area.x, area.y, &row.line(), area.width);
    let chart = Rect::new(
        area.x + u16::try_from(2 + columns.name + 1 + columns.id).unwrap_or(0),
        area.y,
        columns.chart,
        1,
    );
    draw_now(buffer, chart, axis, look);
    // What lies on top is drawn last: the first of the row's events.
    for delivery in entry.all().iter().rev().take(50) {
        draw_delivery(buffer, chart, delivery, axis, look);
    }
    draw_delivery(buffer, chart, first, axis, look);
    if columns.words > 0 {
        let words = delivery::in_short(first, snapshot, look, columns.words).cut(look, columns.words);
        buffer.set_line(
            chart.right() + 2,
            area.y,
            &words.line(),
            area.right().saturating_sub(chart.right() + 2),
        );
    }
}

fn draw_now(buffer: &mut Buffer, chart: Rect, axis: &Axis, look: &RenderContext) {
    if let Some(x) = u16::try_from(axis.cell(look.now)).ok().filter(|x| *x < chart.width) {
        buffer[(chart.x + x, chart.y)]
            .set_symbol(look.glyphs.light.down)
            .set_style(look.style(Role::Faint));
    }
}

/// The characters of the three kinds of knowledge.
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

fn draw_delivery(buffer: &mut Buffer, chart: Rect, delivery: &Delivery, axis: &Axis, look: &RenderContext) {
    let strokes = strokes(look);
    let mut put = |cell: i64, symbol: &str, role: Role| {
        if let Some(x) = u16::try_from(cell).ok().filter(|x| *x < chart.width) {
            buffer[(chart.x + x, chart.y)]
                .set_symbol(symbol)
                .set_style(look.style(role));
        }
    };
    let mut fill = |from: i64, to: i64, symbol: &str, role: Role| {
        for cell in from.max(0)..to.min(i64::from(chart.width)) {
            put(cell, symbol, role);
        }
    };
    let now = axis.cell(look.now);
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
            fill(before + 1, start, strokes.waits, Role::Faint);
        }
        let (symbol, role) = delivery::outcome(attempt.outcome, attempt.evidence, look);
        let stroke = match attempt.evidence {
            Certainty::Observed => strokes.observed,
            Certainty::Inferred => strokes.inferred,
        };
        fill(start, end, stroke, role);
        fill(end, end + 1, symbol, role);
        before = Some(end);
    }
    if let Some(next) = &delivery.next {
        let earliest = axis.cell(next.earliest);
        let latest = next.latest.map_or(earliest, |at| axis.cell(at));
        if let Some(before) = before {
            fill(before + 1, earliest, strokes.waits, Role::Faint);
            fill(now, now + 1, look.glyphs.light.down, Role::Strong);
        }
        fill(earliest.max(now), latest + 1, strokes.predicted, Role::Predicted);
    }
    if let Some(due) = &delivery.overdue {
        // It may have happened: no line tells yet.
        let earliest = axis.cell(due.earliest);
        if let Some(before) = before {
            fill(before + 1, earliest, strokes.waits, Role::Faint);
        }
        fill(earliest, axis.cell(due.latest) + 1, look.glyphs.unknown, Role::Unknown);
        fill(now, now + 1, look.glyphs.light.down, Role::Strong);
    }
    if let Some(end) = &delivery.end {
        let (symbol, role) = delivery::fate(end.fate, look);
        if end.fate != Fate::Succeeded
            && let Some(at) = end.at
        {
            let at = axis.cell(at);
            if let Some(before) = before {
                fill(before + 1, at, strokes.waits, Role::Faint);
            }
            fill(
                at.max(before.map_or(at, |before| before + 1)),
                at.max(before.map_or(at, |before| before + 1)) + 1,
                symbol,
                role,
            );
        }
    }
    let began = delivery.attempts.first().and_then(|attempt| attempt.start);
    if began.is_some_and(|at| at < axis.from) {
        fill(0, 1, look.glyphs.arrows[0], Role::Muted);
    }
    let ends = delivery.next.as_ref().map(|next| next.earliest);
    if ends.is_some_and(|at| at >= axis.to()) {
        let last = i64::from(chart.width) - 1;
        fill(last, last + 1, look.glyphs.arrows[3], Role::Predicted);
    }
    if let Some(next) = &delivery.next {
        // The window opens or closes: the words change.
        look.changes_at(next.earliest);
        if let Some(latest) = next.latest {
            look.changes_at(latest + SignedDuration::from_secs(1));
        }
    }
}
