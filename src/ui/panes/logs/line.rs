//! One event of a log in rows: time, function, attempt, level, message. On a narrow screen the message is what stays.

use std::ops::Range;

use ratatui::text::{Line, Span};

use super::state::{LogPane, has_more, owner, unfolded};
use crate::domain::log::Level;
use crate::domain::text::plain;
use crate::domain::{Invocation, RunOutcome};
use crate::logs::Shown;
use crate::logs::parse::reading::read;
use crate::logs::parse::{Report, Said, Status, parse};
use crate::store::snapshot::Snapshot;
use crate::ui::panes::delivery::short_id;
use crate::ui::panes::runs::view::took;
use crate::ui::text::{pad, width, wrap};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// From this many cells on the time has its hour, and function and attempt a column each.
const WIDE: usize = 90;
/// From this many cells on there is room for the request's id.
const WIDER: usize = 140;
/// Cells of a level.
const LEVEL: usize = 5;
/// What is left for the message at the least.
const LEAST: usize = 16;

/// The columns of the lines in sight.
pub(super) struct Columns {
    name: usize,
    attempt: usize,
    cells: usize,
}

impl Columns {
    /// For these lines, in so many cells.
    pub(super) fn of<'a>(
        lines: impl Iterator<Item = &'a Shown<'a>> + Clone,
        state: &LogPane,
        snapshot: &Snapshot,
        look: &RenderContext,
        cells: u16,
    ) -> Self {
        let cells = usize::from(cells);
        let groups = lines.clone().map(|shown| &*shown.group.name);
        let mut names: Vec<&str> = groups.map(short_group).collect();
        names.sort_unstable();
        names.dedup();
        let widest = names.iter().map(|name| width(&plain(name))).max().unwrap_or(0);
        let attempts = lines.filter_map(|shown| owner(shown, snapshot));
        let attempt = attempts.map(|run| width(&attempt(run, look))).max().unwrap_or(0);
        Self {
            name: match state.only {
                Some(_) if names.len() < 2 => 0,
                _ => widest.min(if cells < WIDE { 14 } else { 20 }),
            },
            attempt,
            cells,
        }
    }
}

/// A log group as its function is called.
pub(super) fn short_group(group: &str) -> &str {
    group.strip_prefix("/aws/lambda/").unwrap_or(group)
}

/// Which attempt it is; empty for the first of a request.
fn attempt(run: &Invocation, look: &RenderContext) -> String {
    if run.attempt > 1 {
        format!("{}{}", look.glyphs.text.dot, run.attempt)
    } else {
        String::new()
    }
}

/// What an event says, in the roles of its parts.
struct Told {
    level: (Role, String),
    message: (Role, String),
    fields: String,
    more: bool,
}

impl Told {
    fn of(shown: &Shown, run: Option<&Invocation>, state: &LogPane, look: &RenderContext) -> Self {
        let line = &shown.line;
        let parsed = parse(line.text);
        if let (Said::Report(report), false) = (&parsed.said, state.marks_shown) {
            return end(report, run, look);
        }
        let role = match line.level {
            Some(Level::Error | Level::Fatal) => Role::Failing,
            Some(Level::Warn) => Role::Warning,
            _ => Role::Muted,
        };
        let level = line.level.map_or(String::new(), |level| level.word().to_uppercase());
        if state.marks_shown && parsed.is_of_the_service() {
            let text = line.text.trim_end().replace(['\t', '\r', '\n'], "  ");
            return Self {
                level: (role, level),
                message: (Role::Muted, plain(&text).into_owned()),
                fields: String::new(),
                more: has_more(line.text),
            };
        }
        let reading = read(line.text);
        let fields = reading.fields.iter().map(|(name, value)| format!("  {name}={value}"));
        let text = if shown.preview { Role::Inferred } else { Role::Text };
        Self {
            level: (role, level),
            message: (text, plain(&reading.message).into_owned()),
            fields: plain(&fields.collect::<String>()).into_owned(),
            more: reading.more,
        }
    }
}

/// The end of an invocation in words.
fn end(report: &Report, run: Option<&Invocation>, look: &RenderContext) -> Told {
    let outcome = run.map_or(RunOutcome::Unknown, |run| run.outcome);
    let outcome = match report.status {
        Some(Status::Success) if outcome == RunOutcome::Unknown => RunOutcome::Ok,
        Some(Status::Error | Status::Failure) if outcome == RunOutcome::Unknown => RunOutcome::Error,
        Some(Status::Timeout) if outcome == RunOutcome::Unknown => RunOutcome::Timeout,
        _ => outcome,
    };
    let time = took(report.duration_us);
    let (role, said) = match outcome {
        RunOutcome::Ok => (Role::Well, say!(look, "logs-end-ok", time = time)),
        RunOutcome::Timeout => (Role::Failing, say!(look, "logs-end-timeout", time = time)),
        RunOutcome::OutOfMemory => (Role::Failing, say!(look, "logs-end-memory", time = time)),
        RunOutcome::Crash => (Role::Failing, say!(look, "logs-end-crash", time = time)),
        RunOutcome::InitFailure => (Role::Failing, say!(look, "logs-end-init", time = time)),
        RunOutcome::Error => (Role::Failing, say!(look, "logs-end-failed", time = time)),
        RunOutcome::Running | RunOutcome::Unknown => (Role::Muted, say!(look, "logs-end", time = time)),
    };
    let dot = look.glyphs.text.dot;
    let mut beside = String::new();
    if let (Some(used), Some(of)) = (report.max_memory_mb, report.memory_mb) {
        beside = format!(
            " {dot} {}",
            say!(look, "logs-end-mb", used = used.to_string(), of = of.to_string())
        );
    }
    if let Some(init) = report.init_us {
        let init = say!(look, "logs-end-cold", time = took(Some(init)));
        beside = format!("{beside} {dot} {init}");
    }
    Told {
        level: (Role::Muted, say!(look, "logs-end-level")),
        message: (role, said),
        fields: beside,
        more: false,
    }
}

/// The rows of an event: one, more where it is expanded or wrapped.
pub(super) fn rows(
    shown: &Shown,
    state: &LogPane,
    columns: &Columns,
    snapshot: &Snapshot,
    look: &RenderContext,
) -> Vec<Line<'static>> {
    let run = owner(shown, snapshot);
    let told = Told::of(shown, run, state, look);
    let mut head = head(shown, run, &told, columns, look);
    let indent = head.width();
    let room = columns.cells.saturating_sub(indent).max(LEAST);
    let (role, message) = told.message;
    let text = format!("{message}{}", told.fields);
    // What stands before this place is the message.
    let until = message.len();
    let texts: Vec<(String, usize)> = if state.open.contains(&shown.id()) {
        let rows = unfolded(shown.line.text);
        rows.iter()
            .flat_map(|row| hard_wrap(row, room))
            .map(|row| (row, usize::MAX))
            .collect()
    } else if state.wrap {
        let rows = unfolded_plain(shown.line.text, &text, told.more);
        rows.iter()
            .flat_map(|row| wrap(row, room))
            .map(|row| (row, usize::MAX))
            .collect()
    } else {
        let cut = look.cut(&text, if told.more { room.saturating_sub(2) } else { room });
        vec![if told.more {
            (format!("{cut} {}", look.glyphs.text.again_below), until)
        } else {
            (cut, until)
        }]
    };
    let mut out = Vec::new();
    for (n, (text, until)) in texts.into_iter().enumerate() {
        let front = if n == 0 {
            std::mem::take(&mut head)
        } else {
            Row::of(look, Role::Faint, " ".repeat(indent))
        };
        let mut spans = front.line().spans;
        spans.extend(highlighted(&text, until, state, role, look));
        out.push(Line::from(spans));
    }
    out
}

/// What stands before the message.
fn head(shown: &Shown, run: Option<&Invocation>, told: &Told, columns: &Columns, look: &RenderContext) -> Row {
    let time = look.time_to_the_millisecond(shown.line.at);
    let is_wide = columns.cells >= WIDE;
    let time = if is_wide {
        time.as_str()
    } else {
        time.get(3..).unwrap_or(&time)
    };
    let gap = if is_wide { "  " } else { " " };
    let mut head = Row::of(look, Role::Muted, time);
    if columns.name > 0 {
        let group = look.name(short_group(&shown.group.name), columns.name);
        head = head
            .then(look, Role::Text, gap)
            .then(look, Role::Strong, pad(&group, columns.name));
    }
    if columns.attempt > 0 {
        let attempt = run.map_or_else(String::new, |run| attempt(run, look));
        let gap = if is_wide { " " } else { "" };
        head = head.then(look, Role::Muted, format!("{gap}{}", pad(&attempt, columns.attempt)));
    }
    if columns.cells >= WIDER {
        let id = run.map_or_else(String::new, |run| short_id(&run.request_id));
        head = head.then(look, Role::Muted, format!("  {}", pad(&id, 8)));
    }
    let (role, level) = &told.level;
    let level = if shown.preview && level.is_empty() {
        look.glyphs.signs.not_live
    } else {
        level.as_str()
    };
    head.then(look, Role::Text, gap)
        .then(look, *role, pad(&look.cut(level, LEVEL), LEVEL))
        .then(look, Role::Text, gap)
}

/// The rows of an event that was joined: its reading first, then what follows, without looking into JSON.
fn unfolded_plain(text: &str, reading: &str, more: bool) -> Vec<String> {
    let mut rows = vec![reading.to_owned()];
    if more && !text.trim_start().starts_with('{') {
        let all = text.trim_end().split(['\r', '\n']).skip(1);
        rows.extend(all.map(|row| plain(&row.replace('\u{a0}', " ")).into_owned()));
    }
    rows
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

/// A text whose part before `until` is the message, with what matches a pattern marked.
fn highlighted(text: &str, until: usize, state: &LogPane, role: Role, look: &RenderContext) -> Vec<Span<'static>> {
    let found = state.marks.as_ref().and_then(|marks| marks.of(text));
    let found: &[Range<usize>] = found.as_deref().unwrap_or_default();
    // Where the style changes.
    let mut ends: Vec<usize> = found.iter().flat_map(|range| [range.start, range.end]).collect();
    ends.extend([until.min(text.len()), text.len()]);
    ends.sort_unstable();
    ends.dedup();
    let mut spans = Vec::new();
    let mut at = 0;
    for end in ends.into_iter().filter(|end| text.is_char_boundary(*end)) {
        let role = if found.iter().any(|range| range.contains(&at)) {
            Role::Match
        } else if at < until {
            role
        } else {
            Role::Muted
        };
        if end > at {
            spans.push(Span::styled(text[at..end].to_owned(), look.style(role)));
            at = end;
        }
    }
    spans
}
