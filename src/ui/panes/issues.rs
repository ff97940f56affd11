//! The issues, worst first, beneath the graph: what it is, how often and since when, what comes next.
//!
//! ```text
//! ├ Issues 2 ────────────────────────────────────────────────────────────────────────────────────┤
//! │ ✗ orders-work   KeyError: 'customer_id'   39 invocations · since 08:06   then to the DLQ q-dlq │
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::phrase::Phrase;
use crate::domain::text::plain;
use crate::store::causes::{causes, loses};
use crate::store::issues::{Issue, issues};
use crate::store::snapshot::{Kind, Severity, Snapshot, Trouble};
use crate::ui::app::App;
use crate::ui::app::overview::name;
use crate::ui::text::{edge_text, pad, width};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// Draws as many as fit. The number of those that do not stands in the lower border, or below them where another pane
/// covers that.
pub fn render(buffer: &mut Buffer, area: Rect, covered: bool, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let issues = causes(all(snapshot, look));
    pane::pane(buffer, area, title(issues.len(), look), look);
    let rows = usize::from(area.height).saturating_sub(2);
    let shown = if issues.len() > rows && covered {
        rows.saturating_sub(1)
    } else {
        rows
    };
    let inner = usize::from(area.width).saturating_sub(4);
    let columns = Columns::of(issues.iter().take(shown), snapshot, look, inner);
    let mut y = area.y + 1;
    if issues.is_empty() {
        let row = calm(snapshot, look);
        buffer.set_line(area.x + 2, y, &row.line(), area.width - 4);
    }
    for issue in issues.iter().take(shown) {
        let selected = app.chain.selected.as_ref() == Some(&issue.trouble.id);
        buffer.set_line(
            area.x + 2,
            y,
            &line(issue, &columns, selected, snapshot, look),
            area.width - 4,
        );
        y += 1;
    }
    if issues.len() > shown {
        let row = Row::of(
            look,
            Role::Muted,
            format!("{}: ", say!(look, "pane-more", n = issues.len() - shown)),
        )
        .then(look, Role::Key, "!");
        if covered {
            buffer.set_line(area.x + 2, y, &row.line(), area.width - 4);
        } else {
            pane::at_right(buffer, area.bottom() - 1, area.x, area.right() - 1, row);
        }
    }
}

/// Of so many issues.
fn title(count: usize, look: &RenderContext) -> Row {
    let title = Row::of(look, Role::Title, say!(look, "issues-title"));
    if count == 0 {
        return title;
    }
    title.then(look, Role::Muted, format!(" {count}"))
}

/// All issues, worst first, one line for those that are alike.
#[must_use]
pub fn all(snapshot: &Snapshot, look: &RenderContext) -> Vec<Issue> {
    issues(&snapshot.troubles, |id| name(snapshot, id, look))
}

/// What is said where there is no issue, as far as is known.
pub fn calm(snapshot: &Snapshot, look: &RenderContext) -> Row {
    if let Some(why) = snapshot.unseen() {
        return Row::of(
            look,
            Role::Muted,
            say!(look, "issues-none-yet", why = Phrase::from(why)),
        );
    }
    if snapshot.topology.nodes.is_empty() {
        Row::of(look, Role::Muted, say!(look, "issues-no-chain"))
    } else if snapshot.vitals.is_empty() {
        let why = look.words.text("unseen-chain");
        Row::of(look, Role::Muted, say!(look, "issues-none-yet", why = why))
    } else {
        let none = format!(" {}", say!(look, "issues-none"));
        Row::of(look, Role::Well, look.glyphs.signs.well).then(look, Role::Muted, none)
    }
}

/// The cells from which on a row says in full what it counts.
const WIDE: usize = 100;
/// What is wrong is cut to no less than this before the column beside it goes.
const LEAST: usize = 36;

/// What a row says.
struct Told {
    /// What is wrong: of what fails, the error itself.
    what: String,
    /// How often, and since when.
    aside: String,
    /// What comes next, or the error of what loses events.
    next: String,
}

impl Told {
    fn of(trouble: &Trouble, snapshot: &Snapshot, cells: usize, look: &RenderContext) -> Self {
        let runs = snapshot.vitals.get(&trouble.id).and_then(|vitals| vitals.runs.as_ref());
        let since = trouble.since.map(|at| {
            let time = look.time(at);
            say!(look, "issue-since", time = time, longer = trouble.longer)
        });
        if trouble.kind == Kind::Fails && trouble.why.is("evidence", "reported") {
            let in_row = runs.map_or(0, |runs| u64::from(runs.failed_in_row));
            let count = match &since {
                Some(_) if in_row > 0 && cells < WIDE => in_row.to_string(),
                Some(_) if in_row > 0 => say!(look, "issue-invocations", n = in_row),
                _ => edge_text::trouble(trouble, look),
            };
            let between = if cells < WIDE || since.is_none() {
                " ".to_owned()
            } else {
                format!(" {} ", look.glyphs.text.dot)
            };
            return Self {
                what: first_line(&look.say(&trouble.why)),
                aside: format!("{count}{between}{}", since.unwrap_or_default())
                    .trim_end()
                    .to_owned(),
                next: look.say(&trouble.next),
            };
        }
        let error = runs
            .and_then(|runs| runs.last_error.as_ref())
            .filter(|_| loses(trouble));
        Self {
            what: edge_text::trouble(trouble, look),
            aside: since.unwrap_or_default(),
            next: error.map_or_else(|| look.say(&trouble.next), |(_, text)| first_line(text)),
        }
    }
}

/// The first line of a text from outside.
fn first_line(text: &str) -> String {
    let first = text.split(['\n', '\r']).find(|line| !line.trim().is_empty());
    plain(first.unwrap_or_default().trim()).into_owned()
}

/// How wide each column is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Columns {
    name: usize,
    what: usize,
    aside: usize,
    next: usize,
    /// All of them, with what is between.
    cells: usize,
}

impl Columns {
    /// For these rows, in so many cells.
    pub fn of<'a>(
        issues: impl Iterator<Item = &'a Issue>,
        snapshot: &Snapshot,
        look: &RenderContext,
        cells: usize,
    ) -> Self {
        let mut columns = Self {
            cells,
            ..Self::default()
        };
        // What stands for several has words of its own, across all columns.
        for trouble in issues.filter(|issue| issue.stands_for == 1).map(|issue| &issue.trouble) {
            let told = Told::of(trouble, snapshot, cells, look);
            columns.name = columns.name.max(width(&name(snapshot, &trouble.id, look)));
            columns.what = columns.what.max(width(&told.what));
            columns.aside = columns.aside.max(width(&told.aside));
            columns.next = columns.next.max(width(&told.next));
        }
        columns.name = columns.name.min(cells / 4);
        let rest = cells.saturating_sub(2 + columns.name + 2);
        if columns.what.min(LEAST) + gap(columns.aside) > rest {
            columns.aside = 0;
        }
        let room = rest.saturating_sub(gap(columns.aside));
        if columns.what + gap(columns.next) > room {
            // What is wrong, and why, is worth more than what comes next.
            let next = (room / 4).max(room.saturating_sub(columns.what + 2));
            columns.next = if room < 72 { 0 } else { columns.next.min(next) };
            columns.what = columns.what.min(room.saturating_sub(gap(columns.next)));
        }
        columns
    }
}

/// The cells of a column and of what stands before it; none where it is not drawn.
fn gap(cells: usize) -> usize {
    if cells == 0 { 0 } else { cells + 2 }
}

/// One row.
#[must_use]
pub fn line(
    issue: &Issue,
    columns: &Columns,
    selected: bool,
    snapshot: &Snapshot,
    look: &RenderContext,
) -> Line<'static> {
    let trouble = &issue.trouble;
    let glyphs = look.glyphs;
    let (mark, role) = match trouble.severity {
        Severity::Loss => (glyphs.signs.loss, Role::Failing),
        Severity::Failing => (glyphs.signs.failing, Role::Failing),
        Severity::Warning => (glyphs.signs.warning, Role::Warning),
        Severity::Notice => (glyphs.signs.off, Role::Muted),
    };
    let row = Row::of(look, role, format!("{mark} "));
    if issue.stands_for > 1 {
        let cells = columns.cells.saturating_sub(2);
        return row
            .then(look, Role::Muted, look.cut(&look.say(&trouble.what), cells))
            .line();
    }
    let told = Told::of(trouble, snapshot, columns.cells, look);
    let cell = |text: &str, cells: usize| pad(&look.cut(text, cells), cells);
    let beside = |text: &str, cells: usize| match cells {
        0 => String::new(),
        _ => format!("  {}", cell(text, cells)),
    };
    let name = look.name(&name(snapshot, &trouble.id, look), columns.name);
    let (of_name, of_what) = (
        if selected { Role::LineSelected } else { Role::Strong },
        if trouble.severity >= Severity::Failing {
            Role::Text
        } else {
            Role::Muted
        },
    );
    row.then(look, of_name, pad(&name, columns.name))
        .then(look, Role::Text, "  ")
        .then(look, of_what, cell(&told.what, columns.what))
        .then(look, Role::Muted, beside(&told.aside, columns.aside))
        .then(look, Role::Muted, beside(&told.next, columns.next))
        .line()
}
