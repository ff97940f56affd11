//! A table of invocations, or of errors by type: when, whose, how long, how it went.
//!
//! ```text
//! ├ Invocations  orders-work · slowest, slowest first · 12 of 480 ───────────────────────────────────┤
//! │   ended     function     request     duration  init     memory      result                        │
//! │ ✗ 14:02:11  orders-work  5f1c22aa·2  5.00 s    210 ms   98/512 MB   timed out                     │
//! ```

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::text::plain;
use crate::domain::{Invocation, NodeId, RunOutcome};
use crate::logs::ErrorGroup;
use crate::store::snapshot::Snapshot;
use crate::ui::panes::delivery::{name, short_id};
use crate::ui::panes::retries::view::no_run;
use crate::ui::panes::runs::state::{Line, Order, RunsPane, Table};
use crate::ui::text::{count, pad, width};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// Draws it.
pub fn render(buffer: &mut Buffer, area: Rect, state: &RunsPane, snapshot: &Snapshot, look: &RenderContext) {
    let cells = usize::from(area.width).saturating_sub(4);
    let inside = pane::pane(buffer, area, title(state, snapshot, look), look);
    if state.rows.is_empty() {
        pane::nothing(buffer, inside, nothing(state, snapshot, look), look);
        return;
    }
    let columns = Columns::of(state, cells, snapshot, look);
    buffer.set_line(
        inside.x,
        inside.y,
        &columns.head(state.table, look).cut(look, cells).line(),
        inside.width,
    );
    let at = state.place();
    let (first, shown) = in_sight(area, state);
    for (place, y) in (first..first + shown).zip(inside.y + 1..) {
        let row = match &state.rows[place] {
            Line::Run(run) => columns.run(run, snapshot, look),
            Line::Error(group) => columns.error(group, snapshot, look),
        };
        buffer.set_line(inside.x, y, &row.cut(look, cells).line(), inside.width);
        if place == at {
            let line = Rect::new(inside.x - 1, y, inside.width + 2, 1);
            buffer.set_style(line, look.style(Role::Cursor));
        }
    }
    let unseen = (first, state.rows.len() - first - shown);
    pane::beyond(buffer, area.bottom() - 1, area.x, area.right() - 1, unseen, look);
}

/// Which rows are in sight: the first, and how many.
fn in_sight(area: Rect, state: &RunsPane) -> (usize, usize) {
    let room = usize::from(pane::inside(area).height).saturating_sub(1).max(1);
    let at = state.place();
    let first = if at < room { 0 } else { at + 1 - room };
    (first, room.min(state.rows.len() - first))
}

/// The place of the row at that line of the screen.
#[must_use]
pub fn row_at(area: Rect, y: u16, state: &RunsPane) -> Option<usize> {
    let row = usize::from(y.checked_sub(pane::inside(area).y + 1)?);
    let (first, shown) = in_sight(area, state);
    (row < shown && !state.rows.is_empty()).then_some(first + row)
}

fn title(state: &RunsPane, snapshot: &Snapshot, look: &RenderContext) -> Row {
    let dot = format!(" {} ", look.glyphs.text.dot);
    let of = state
        .only
        .as_ref()
        .map_or_else(|| say!(look, "invocations-all"), |only| name(snapshot, only, look));
    let table = match state.table {
        Table::Slowest => say!(look, "invocations-slowest"),
        Table::Failing => say!(look, "invocations-failed"),
        Table::Cold => say!(look, "invocations-cold"),
        Table::Errors => say!(look, "invocations-errors"),
    };
    let order = match (state.order, state.table) {
        (Order::Own, Table::Slowest) => String::new(),
        (Order::Duration, _) => format!(", {}", say!(look, "sort-slowest")),
        (Order::Own, Table::Failing) | (Order::Latest, _) => format!(", {}", say!(look, "sort-latest")),
        (Order::Own, Table::Cold) => format!(", {}", say!(look, "sort-slowest-start")),
        (Order::Own, Table::Errors) => format!(", {}", say!(look, "sort-most-frequent")),
        (Order::First, _) => format!(", {}", say!(look, "sort-newest-type")),
        (Order::Memory, _) => format!(", {}", say!(look, "sort-memory")),
    };
    let (n, of_all) = (state.rows.len(), state.known);
    let numbers = match state.table {
        Table::Errors => say!(look, "invocations-types", n = n, all = of_all),
        _ => say!(look, "invocations-shown", n = n, all = of_all),
    };
    let row = Row::of(look, Role::Title, say!(look, "invocations-title"))
        .then(look, Role::Text, "  ")
        .then(look, Role::Strong, of)
        .then(look, Role::Faint, dot.clone())
        .then(look, Role::Text, format!("{table}{order}"))
        .then(look, Role::Faint, dot.clone())
        .then(look, Role::Muted, numbers);
    match forgotten(state, snapshot) {
        Some(before) => row.then(look, Role::Faint, dot).then(
            look,
            Role::Warning,
            say!(look, "invocations-dropped", time = look.time(before)),
        ),
        None => row,
    }
}

/// Up to when invocations were forgotten to make room, of those that are looked at.
fn forgotten(state: &RunsPane, snapshot: &Snapshot) -> Option<Timestamp> {
    let looked_at = |function: &&NodeId| state.only.as_ref().is_none_or(|only| only == *function);
    let all = snapshot.invocations.iter().filter(|(function, _)| looked_at(function));
    all.filter_map(|(_, runs)| runs.forgotten_before()).max()
}

fn nothing(state: &RunsPane, snapshot: &Snapshot, look: &RenderContext) -> String {
    if state.known == 0 {
        return no_run(snapshot, look);
    }
    match state.table {
        Table::Slowest => say!(look, "invocations-no-duration", n = state.known),
        Table::Failing => say!(look, "invocations-none-failed", n = state.known),
        Table::Cold => say!(look, "invocations-none-cold", n = state.known),
        Table::Errors => say!(look, "invocations-no-error", n = state.known),
    }
}

/// How wide the columns are; 0 where there is no room for one.
struct Columns {
    name: usize,
    request: usize,
    figures: usize,
    cells: usize,
}

impl Columns {
    fn of(state: &RunsPane, cells: usize, snapshot: &Snapshot, look: &RenderContext) -> Self {
        let longest = state
            .rows
            .iter()
            .map(|row| width(&name(snapshot, &row.run().function, look)))
            .max();
        let most = if cells < 90 { 14 } else { 24 };
        Self {
            name: if state.only.is_some() && state.table != Table::Errors {
                0
            } else {
                longest.unwrap_or(8).clamp(8, most)
            },
            request: if cells < 76 { 0 } else { 10 },
            figures: if cells < 100 { 0 } else { 11 },
            cells,
        }
    }

    fn head(&self, table: Table, look: &RenderContext) -> Row {
        let mut row = Row::new();
        let mut put = |cells: usize, word: String| {
            if cells > 0 {
                let taken = std::mem::take(&mut row);
                row = taken.then(look, Role::Muted, format!("{}  ", pad(&word, cells)));
            }
        };
        if table == Table::Errors {
            put(7, format!("{:>7}", say!(look, "column-count")));
            put(8, say!(look, "column-first"));
            put(8, say!(look, "column-last"));
            put(self.name, say!(look, "column-function"));
            put(5, say!(look, "column-error"));
            return row;
        }
        put(10, format!("  {}", say!(look, "column-ended")));
        put(self.name, say!(look, "column-function"));
        put(self.request, say!(look, "column-request"));
        put(8, say!(look, "column-duration"));
        put(8, say!(look, "column-init"));
        put(self.figures, say!(look, "column-memory"));
        put(3, say!(look, "column-result"));
        row
    }

    fn run(&self, run: &Invocation, snapshot: &Snapshot, look: &RenderContext) -> Row {
        let (mark, role, word) = outcome(run, look);
        let at = run.end.or(run.start);
        let at = at.map_or_else(|| "?".to_owned(), |at| look.time_of_day(at, true));
        let mut row = Row::of(look, role, format!("{mark} ")).then(look, Role::Text, format!("{}  ", pad(&at, 8)));
        if self.name > 0 {
            let name = look.name(&name(snapshot, &run.function, look), self.name);
            row = row.then(look, Role::Strong, format!("{}  ", pad(&name, self.name)));
        }
        if self.request > 0 {
            let attempt = if run.attempt > 1 {
                format!("{}{}", look.glyphs.text.dot, run.attempt)
            } else {
                String::new()
            };
            let request = look.cut(&format!("{}{attempt}", short_id(&run.request_id)), self.request);
            row = row.then(look, Role::Muted, format!("{}  ", pad(&request, self.request)));
        }
        row = row
            .then(look, Role::Text, format!("{}  ", pad(&took(run.report.duration_us), 8)))
            .then(
                look,
                Role::Notice,
                format!(
                    "{}  ",
                    pad(&run.report.init_us.map_or_else(String::new, |us| took(Some(us))), 8)
                ),
            );
        if self.figures > 0 {
            let memory = match (run.report.max_memory_mb, run.report.memory_mb) {
                (Some(used), Some(most)) => format!("{used}/{most} MB"),
                (Some(used), None) => format!("{used} MB"),
                _ => String::new(),
            };
            row = row.then(look, Role::Muted, format!("{}  ", pad(&memory, self.figures)));
        }
        let said = run.error.as_ref().map(|error| match &error.kind {
            Some(kind) if !error.message.starts_with(kind.as_str()) => format!("{kind}: {}", error.message),
            _ => error.message.clone(),
        });
        let how = match said {
            Some(said) => format!("{word}: {}", plain(&said)),
            None => word,
        };
        let left = self.cells.saturating_sub(row.width());
        row.then(look, role, look.cut(&how, left))
    }

    fn error(&self, group: &ErrorGroup, snapshot: &Snapshot, look: &RenderContext) -> Row {
        let at = |at: Option<jiff::Timestamp>| at.map_or_else(|| "?".to_owned(), |at| look.time_of_day(at, true));
        let mut functions: Vec<String> = group.functions.iter().map(|id| name(snapshot, id, look)).collect();
        let first = if functions.is_empty() {
            String::new()
        } else {
            functions.remove(0)
        };
        let whose = match functions.len() {
            0 => look.name(&first, self.name),
            more => look.cut(&format!("{first} +{more}"), self.name),
        };
        let row = Row::of(look, Role::Failing, format!("{:>7}  ", count(group.count as u64)))
            .then(look, Role::Muted, format!("{}  ", pad(&at(group.first), 8)))
            .then(look, Role::Text, format!("{}  ", pad(&at(group.last), 8)))
            .then(look, Role::Strong, format!("{}  ", pad(&whose, self.name)));
        let left = self.cells.saturating_sub(row.width());
        row.then(look, Role::Text, look.cut(&group.signature, left))
    }
}

fn outcome(run: &Invocation, look: &RenderContext) -> (&'static str, Role, String) {
    let glyphs = look.glyphs;
    let failed = |word: String| (glyphs.signs.failing, Role::Failing, word);
    match run.outcome {
        RunOutcome::Running => (glyphs.lines.marble, Role::Marble, say!(look, "outcome-running")),
        RunOutcome::Ok => (glyphs.signs.well, Role::Well, say!(look, "outcome-succeeded")),
        RunOutcome::Error => failed(say!(look, "outcome-failed")),
        RunOutcome::Timeout => failed(say!(look, "outcome-timed-out")),
        RunOutcome::OutOfMemory => failed(say!(look, "outcome-out-of-memory")),
        RunOutcome::Crash => failed(say!(look, "outcome-crashed")),
        RunOutcome::InitFailure => failed(say!(look, "outcome-init-failed")),
        RunOutcome::Unknown => {
            // Its end may have been seen, and leave open how it ended.
            let ended = run.end.is_some();
            (
                glyphs.signs.unknown,
                Role::Unknown,
                say!(look, "outcome-unknown", ended = ended),
            )
        }
    }
}

/// A length of time: `8.2 ms`, `210 ms`, `5.00 s`.
pub(crate) fn took(us: Option<u64>) -> String {
    match us {
        None => "?".to_owned(),
        Some(us) if us < 10_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        Some(us) if us < 1_000_000 => format!("{} ms", us / 1_000),
        Some(us) => format!("{}.{:02} s", us / 1_000_000, us % 1_000_000 / 10_000),
    }
}
