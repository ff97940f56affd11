//! What is shown, what was read when, and what it costs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::list::frame;
use crate::domain::Connection;
use crate::store::snapshot::Snapshot;
use crate::ui::app::{App, overview};
use crate::ui::text::{bytes, count, edge_text, pad, wrap};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;

/// Draws it.
pub fn render(buffer: &mut Buffer, screen: Rect, at: usize, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let cells = usize::from(screen.width.saturating_sub(8).min(116));
    let rows = rows(app, snapshot, look, cells);
    let area = frame(buffer, screen, rows.len(), "What is shown", look);
    let at = at.min(rows.len().saturating_sub(usize::from(area.height)));
    for (row, y) in rows.into_iter().skip(at).zip(area.top()..area.bottom()) {
        row.draw(buffer, (area.x, y), area.width, look);
    }
}

fn rows(app: &App, snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut pair = |key: &str, value: &str, role: Role| {
        for (n, line) in wrap(value, cells.saturating_sub(18)).into_iter().enumerate() {
            let key = pad(if n == 0 { key } else { "" }, 18);
            rows.push(Row::of(look, Role::Muted, key).then(look, role, line));
        }
    };
    let topology = &snapshot.topology;
    if let Some(scope) = &snapshot.scope {
        pair(
            "account",
            &format!("{} in {} ({})", scope.account, scope.region, scope.partition),
            Role::Text,
        );
    }
    let (state, role) = match &*snapshot.connection {
        Connection::Opening => ("opening".to_owned(), Role::Notice),
        Connection::Open => ("open".to_owned(), Role::Well),
        Connection::Expired { advice } => (format!("credentials expired: {advice}"), Role::Failing),
        Connection::Unreachable { why } => (format!("no answer: {why}"), Role::Failing),
        Connection::Failing { why } => (format!("the account answers with errors: {why}"), Role::Failing),
    };
    pair("connection", &state, role);
    pair(
        "changes",
        if app.settings.read_only {
            "read-only: nothing can be changed"
        } else {
            "allowed, each asks first"
        },
        Role::Text,
    );
    for (n, scope) in app.settings.scope.iter().enumerate() {
        pair(if n == 0 { "scope" } else { "" }, scope, Role::Text);
    }
    for error in app.broken_themes() {
        pair("broken theme", &error.to_string(), Role::Warning);
    }
    for (n, pattern) in app.settings.hidden.iter().enumerate() {
        pair(if n == 0 { "hidden names" } else { "" }, pattern, Role::Text);
    }
    pair("shown", &shown(app, snapshot), Role::Text);
    let survey = match (topology.progress, topology.surveyed_at) {
        (Some((done, total)), _) if topology.shares_calls() => {
            format!("under way: {done} of {total} answers; deployments share Lambda's 15 control-plane calls/s with it")
        }
        (Some((done, total)), _) => format!("under way: {done} of {total} answers"),
        (None, Some(at)) => format!("{}, {}", look.time(at), look.freshness(at)),
        (None, None) => "none has ended yet".to_owned(),
    };
    pair("survey", &survey, Role::Text);
    let unread = snapshot.unread().len();
    if unread > 0 {
        pair(
            "not read",
            &format!(
                "{unread} {} missing (u lists them)",
                if unread == 1 { "answer is" } else { "answers are" }
            ),
            Role::Warning,
        );
    }
    for members in &topology.loops {
        let names: Vec<String> = members.iter().map(|id| overview::name(snapshot, id, look)).collect();
        // What is wrong with it stands among the troubles: it may be a hint.
        pair("loop", &names.join(" > "), Role::Notice);
    }
    rows.push(Row::new());
    rows.push(Row::of(look, Role::Title, "Now"));
    rows.extend(overview::segments(app, snapshot, cells, look));
    rows.extend(sources(snapshot, look, cells));
    rows.extend(memory(app, snapshot, look));
    rows.extend(cost(snapshot, look, cells));
    rows
}

/// How much of the account is drawn.
fn shown(app: &App, snapshot: &Snapshot) -> String {
    let picture = &app.chain.shown.picture;
    let mut shown = format!(
        "{} boxes and {} lines of {} resources",
        picture.items.len(),
        picture.lines.len(),
        snapshot.topology.nodes.len()
    );
    for (n, why) in [
        (picture.hidden, "hidden by name"),
        (picture.beside, "beside the focus"),
        (picture.folded.len(), "folded"),
    ] {
        if n > 0 {
            shown = format!("{shown}, {n} {why}");
        }
    }
    shown
}

/// What was read when, and what could not be.
fn sources(snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Vec<Row> {
    let mut rows = vec![Row::new(), Row::of(look, Role::Title, "Read")];
    for (source, state) in snapshot.sources.iter() {
        let age = state
            .read_at
            .map_or_else(|| "never".to_owned(), |at| look.freshness(at));
        let mut row = Row::of(look, Role::Muted, pad(&source.to_string(), 18)).then(look, Role::Text, age);
        if let Some(error) = &state.error {
            row = row.then(
                look,
                Role::Warning,
                format!(
                    "  {} {}",
                    look.glyphs.signs.unknown,
                    look.cut(&look.say(&error.why), cells)
                ),
            );
        }
        rows.push(row);
    }
    rows
}

/// What is kept in memory, of what it may take; and what fell out.
fn memory(app: &App, snapshot: &Snapshot, look: &RenderContext) -> Vec<Row> {
    let mut rows = vec![Row::new(), Row::of(look, Role::Title, "Memory")];
    let mut put = |kind: &str, (held, budget): (usize, usize), dropped: u64| {
        let mut row = Row::of(look, Role::Muted, pad(kind, 18)).then(
            look,
            Role::Text,
            format!("{:>9} of {}", bytes(held), bytes(budget)),
        );
        if dropped > 0 {
            row = row.then(look, Role::Warning, format!("  {} oldest let go", count(dropped)));
        }
        rows.push(row);
    };
    for kept in snapshot.cost.memory.iter() {
        put(&kept.kind.to_string(), (kept.bytes, kept.budget), kept.dropped);
    }
    put("marbles", app.chain.marbles.bytes(), 0);
    if let Some(full) = app.demo.as_ref().and_then(|demo| demo.full) {
        let text = format!("{:>9} of {}: time is slowed", bytes(full.0), bytes(full.1));
        rows.push(Row::of(look, Role::Muted, pad("simulated account", 18)).then(look, Role::Warning, text));
    }
    rows
}

/// The meter.
fn cost(snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Vec<Row> {
    let mut rows = vec![Row::new()];
    let meter = &snapshot.cost.calls;
    let cost = format!(
        "{} calls, {:.1}/s; ${:.4} so far, {} at the pace of the last ten minutes",
        meter.total,
        meter.per_second,
        meter.dollars,
        edge_text::per_hour(meter.dollars_per_hour)
    );
    rows.push(Row::of(look, Role::Title, "Cost  ").then(look, Role::Text, cost));
    let mut by_api: Vec<_> = meter.by_api.iter().collect();
    by_api.sort_by_key(|(api, n)| (std::cmp::Reverse(**n), *api));
    for (api, n) in by_api {
        rows.push(Row::of(look, Role::Muted, format!("{n:>8}  ")).then(look, Role::Text, look.cut(api, cells)));
    }
    rows
}
