//! The issues, worst first, beneath the graph: what it is, since when, what comes next.
//!
//! ```text
//! ├ Issues ──────────────────────────────────────────────────────────────────────────────────────┤
//! │ ✗ orders-work    9/9 failed: KeyError: 'customer_id'           4m   events go to the DLQ q-dlq │
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::phrase::Phrase;
use crate::store::causes::causes;
use crate::store::issues::{Issue, issues};
use crate::store::snapshot::{Severity, Snapshot};
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
    pane::pane(buffer, area, Row::new(), look);
    let rows = usize::from(area.height).saturating_sub(2);
    let issues = causes(all(snapshot, look));
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

/// How wide each column is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Columns {
    name: usize,
    what: usize,
    since: usize,
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
        // What stands for several has words of its own, across both columns.
        for trouble in issues.filter(|issue| issue.stands_for == 1).map(|issue| &issue.trouble) {
            columns.name = columns.name.max(width(&name(snapshot, &trouble.id, look)));
            columns.what = columns.what.max(width(&edge_text::trouble(trouble, look)));
            columns.since = columns.since.max(trouble.since.map_or(0, |at| width(&look.age(at))));
            columns.next = columns.next.max(width(&look.say(&trouble.next)));
        }
        columns.name = columns.name.min(cells / 4);
        let rest = cells.saturating_sub(2 + columns.name + 2);
        let room = rest.saturating_sub(gap(columns.since));
        if columns.what + gap(columns.next) > room {
            // What is wrong, and why, is worth more than what comes next, and that more than since when.
            let next = (room / 4).max(room.saturating_sub(columns.what + 2));
            columns.next = if room < 72 { 0 } else { columns.next.min(next) };
            if columns.next == 0 && columns.what > room {
                columns.since = 0;
            }
            let taken = gap(columns.since) + gap(columns.next);
            columns.what = columns.what.min(rest.saturating_sub(taken));
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
    let since = trouble.since.map(|at| look.age(at)).unwrap_or_default();
    let aside = |text: String, cells: usize| if cells == 0 { String::new() } else { format!("  {text}") };
    let cell = |text: &str, cells: usize| pad(&look.cut(text, cells), cells);
    let row = Row::of(look, role, format!("{mark} "));
    if issue.stands_for > 1 {
        let cells = columns.cells.saturating_sub(2);
        return row
            .then(look, Role::Muted, look.cut(&look.say(&trouble.what), cells))
            .line();
    }
    let name = look.name(&name(snapshot, &trouble.id, look), columns.name);
    let row = row
        .then(
            look,
            if selected { Role::LineSelected } else { Role::Strong },
            pad(&name, columns.name),
        )
        .then(look, Role::Text, "  ")
        .then(
            look,
            if trouble.severity >= Severity::Failing {
                Role::Text
            } else {
                Role::Muted
            },
            cell(&edge_text::trouble(trouble, look), columns.what),
        )
        .then(
            look,
            Role::Muted,
            aside(format!("{since:>0$}", columns.since), columns.since),
        )
        .then(
            look,
            Role::Muted,
            aside(cell(&look.say(&trouble.next), columns.next), columns.next),
        );
    row.line()
}
