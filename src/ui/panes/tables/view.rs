//! A table: the name, then the columns that fit.
//!
//! ```text
//! ├ Functions 44  worst first ─────────────────────────────────────────────────────────────┤
//! │   name          state    invocations/min  errors  p99     DLQ         concurrency      │
//! │ ✗ orders-work   Failing  9                16/16   202 ms  q-dlq 34    2 of 10          │
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Row as WidgetRow, StatefulWidget as _, Table, TableState};

use super::rows::{Column, Subject, Value};
use super::state::TablePane;
use crate::domain::phrase::Phrase;
use crate::domain::text::plain;
use crate::store::snapshot::{Health, Snapshot};
use crate::ui::text::{number, span, width};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// Cells between two columns.
const GAP: u16 = 2;
/// A name is cut to so many cells.
const NAME: usize = 40;
/// What a column may have at the most.
const MOST: usize = 60;

/// Draws it.
pub fn render(buffer: &mut Buffer, area: Rect, table: &TablePane, snapshot: &Snapshot, look: &RenderContext) {
    let inside = pane::pane(buffer, area, title(table, look), look);
    if table.rows.is_empty() {
        let why = match snapshot.not_known() {
            _ if !table.filter.is_empty() => say!(look, "table-no-match"),
            Some(why) => say!(look, "table-none-yet", why = Phrase::from(why)),
            None => say!(look, "table-none"),
        };
        pane::nothing(buffer, inside, why, look);
        return;
    }
    let columns = table.subject.columns();
    let rows: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| {
            let cells = columns.iter().zip(&row.cells);
            let cells = cells.map(|(column, value)| text(*column, value, look));
            std::iter::once(look.name(&plain(&row.name), NAME))
                .chain(cells)
                .collect()
        })
        .collect();
    let heads: Vec<String> = std::iter::once(say!(look, "column-name"))
        .chain(columns.iter().map(|column| head(*column, table, look)))
        .collect();
    let widths = widths(&heads, &rows, inside.width);
    let shown = widths.len();
    let header = heads.into_iter().take(shown).enumerate().map(|(at, head)| {
        let indent = if at == 0 { "  " } else { "" };
        Line::styled(format!("{indent}{head}"), look.style(Role::Muted))
    });
    let lines = table.rows.iter().zip(rows).map(|(row, cells)| {
        let mut cells = cells.into_iter().take(shown);
        let name = mark(row.health, look).then(look, Role::Strong, cells.next().unwrap_or_default());
        let others = cells
            .zip(columns)
            .zip(&row.cells)
            .map(|((text, column), value)| Row::of(look, role(*column, value, row.health), text).line());
        WidgetRow::new(std::iter::once(name.line()).chain(others))
    });
    let constraints = widths.iter().map(|cells| Constraint::Length(*cells));
    let widget = Table::new(lines, constraints)
        .header(WidgetRow::new(header))
        .column_spacing(GAP)
        .row_highlight_style(look.style(Role::Cursor));
    let mut state = TableState::default().with_selected(Some(table.place()));
    widget.render(inside, buffer, &mut state);
}

/// The place of the row at that line of the screen.
#[must_use]
pub fn row_at(area: Rect, y: u16, table: &TablePane) -> Option<usize> {
    let inside = pane::inside(area);
    let row = usize::from(y.checked_sub(inside.y + 1)?);
    let room = usize::from(inside.height).saturating_sub(1);
    let first = (table.place() + 1).saturating_sub(room);
    (row < room && first + row < table.rows.len()).then_some(first + row)
}

/// The mark before a name.
fn mark(health: Health, look: &RenderContext) -> Row {
    let signs = &look.glyphs.signs;
    let (sign, role) = match health {
        Health::Failing => (signs.failing, Role::Failing),
        Health::Warning => (signs.warning, Role::Warning),
        Health::Off => (signs.off, Role::Off),
        Health::Unknown => (signs.unknown, Role::Unknown),
        Health::Well => (" ", Role::Well),
    };
    Row::of(look, role, format!("{sign} "))
}

fn role(column: Column, value: &Value, health: Health) -> Role {
    match (column, value) {
        (_, Value::Unknown) => Role::Unknown,
        (_, Value::None) => Role::Muted,
        (Column::State, _) => match health {
            Health::Failing => Role::Failing,
            Health::Warning => Role::Warning,
            Health::Off => Role::Off,
            Health::Unknown => Role::Unknown,
            Health::Well => Role::Well,
        },
        (Column::Errors, Value::Share(failed, _) | Value::Number(failed)) if *failed > 0.0 => Role::Failing,
        (Column::Dlq, Value::Queue(_, Some(1..))) => Role::Warning,
        _ => Role::Text,
    }
}

fn title(table: &TablePane, look: &RenderContext) -> Row {
    let name = match table.subject {
        Subject::Functions => say!(look, "table-functions"),
        Subject::Queues => say!(look, "table-queues"),
        Subject::Topics => say!(look, "table-topics"),
        Subject::Rules => say!(look, "table-rules"),
        Subject::Apis => say!(look, "table-apis"),
        Subject::Issues => say!(look, "issues-title"),
    };
    let count = if table.rows.len() == table.all {
        table.all.to_string()
    } else {
        say!(look, "table-of", n = table.rows.len(), all = table.all)
    };
    let order = match table.sort {
        Some(column) => say!(look, "table-sorted", column = label(column, look)),
        None => say!(look, "table-worst"),
    };
    let row = Row::of(look, Role::Title, name)
        .then(look, Role::Strong, format!(" {count}"))
        .then(look, Role::Muted, format!("  {order}"));
    if table.filter.is_empty() {
        return row;
    }
    row.then(look, Role::Muted, "  /")
        .then(look, Role::Match, look.cut(&table.filter, 30))
}

fn label(column: Column, look: &RenderContext) -> String {
    match column {
        Column::State => say!(look, "column-state"),
        Column::Invocations => say!(look, "column-invocations"),
        Column::Errors => say!(look, "column-errors"),
        Column::P99 => say!(look, "column-p99"),
        Column::Concurrency => say!(look, "column-concurrency"),
        Column::AsyncAge => say!(look, "column-async-age"),
        Column::Dlq => say!(look, "column-dlq"),
        Column::Deployed => say!(look, "column-deployed"),
        Column::Visible => say!(look, "column-visible"),
        Column::InFlight => say!(look, "column-in-flight"),
        Column::Delayed => say!(look, "column-delayed"),
        Column::Oldest => say!(look, "column-oldest"),
        Column::Retention => say!(look, "column-retention"),
        Column::Consumers => say!(look, "column-consumers"),
        Column::Subscriptions => say!(look, "column-subscriptions"),
        Column::Failed => say!(look, "column-failed"),
        Column::Targets => say!(look, "column-targets"),
        Column::Schedule => say!(look, "column-schedule"),
        Column::Kind => say!(look, "column-kind"),
        Column::What => say!(look, "column-what"),
        Column::Since => say!(look, "column-since"),
        Column::Next => say!(look, "column-next"),
    }
}

/// The head of a column, with a sign where the table is sorted by it.
fn head(column: Column, table: &TablePane, look: &RenderContext) -> String {
    let label = label(column, look);
    if table.sort == Some(column) {
        format!("{label} {}", look.glyphs.lines.arrows[1])
    } else {
        label
    }
}

fn text(column: Column, value: &Value, look: &RenderContext) -> String {
    match value {
        Value::Unknown => look.glyphs.signs.unknown.to_owned(),
        Value::None if column == Column::Dlq => say!(look, "table-no-dlq"),
        Value::None => "-".to_owned(),
        Value::Text(text) => look.cut(&plain(text), MOST),
        Value::Phrase(phrase) => look.cut(&plain(&look.say(phrase)), MOST),
        Value::Health(health) => match health {
            Health::Failing => say!(look, "status-failing"),
            Health::Warning => say!(look, "status-warning"),
            Health::Off => say!(look, "status-disabled"),
            Health::Unknown => say!(look, "status-unknown"),
            Health::Well => say!(look, "status-ok"),
        },
        Value::Number(value) => number(*value),
        Value::Share(some, of) if column == Column::Errors => match *of {
            0.0 => "0".to_owned(),
            _ if *some == 0.0 => "0".to_owned(),
            of => format!("{}/{}", number(*some), number(of)),
        },
        Value::Share(some, of) => say!(look, "table-share", n = number(*some), all = number(*of)),
        #[expect(clippy::cast_possible_truncation, reason = "seconds")]
        Value::Millis(ms) => match *ms {
            60_000.0.. => span((ms / 1_000.0) as i64),
            10_000.0.. => format!("{:.1} s", ms / 1_000.0),
            ms => format!("{} ms", number(ms.round())),
        },
        Value::Seconds(seconds) => span(*seconds),
        Value::At(at) => look.time(*at),
        Value::Queue(name, count) => {
            let name = look.name(&plain(name), 24);
            match count {
                Some(count) => format!("{name} {count}"),
                None => format!("{name} {}", look.glyphs.signs.unknown),
            }
        }
    }
}

/// The cells of each column that fits.
fn widths(heads: &[String], rows: &[Vec<String>], cells: u16) -> Vec<u16> {
    let widest = |column: usize| {
        let own = rows.iter().filter_map(|row| row.get(column)).map(|text| width(text));
        own.chain([width(&heads[column])]).max().unwrap_or(0)
    };
    let mut left = usize::from(cells);
    let mut widths = Vec::new();
    for column in 0..heads.len() {
        // The mark stands before the name.
        let wide = widest(column) + if column == 0 { 2 } else { 0 };
        let gap = if column == 0 { 0 } else { usize::from(GAP) };
        let is_last_text = left > gap + 12;
        if wide + gap > left {
            // A long text is cut where something of it can still be read.
            if column > 0 && wide > 20 && is_last_text {
                widths.push(u16::try_from(left - gap).unwrap_or(cells));
            }
            break;
        }
        left -= wide + gap;
        widths.push(u16::try_from(wide).unwrap_or(cells));
    }
    if widths.is_empty() {
        widths.push(cells);
    }
    widths
}
