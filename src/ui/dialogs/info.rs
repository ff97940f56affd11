//! Status and cost: what is shown, when each part was read, and what it costs.

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
use crate::words::say;

/// Draws the dialog.
pub fn render(buffer: &mut Buffer, screen: Rect, at: usize, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let cells = usize::from(screen.width.saturating_sub(8).min(116));
    let rows = rows(app, snapshot, look, cells);
    let area = frame(buffer, screen, rows.len(), &say!(look, "info-title"), look);
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
        let place = say!(
            look,
            "info-place",
            account = scope.account.as_str(),
            region = scope.region.as_str(),
            partition = scope.partition.as_str(),
        );
        pair(&say!(look, "info-account"), &place, Role::Text);
    }
    let (state, role) = match &*snapshot.connection {
        Connection::Opening => (say!(look, "info-connecting"), Role::Notice),
        Connection::Open => (say!(look, "info-connected"), Role::Well),
        Connection::Expired { advice } => (say!(look, "info-expired", advice = advice.as_str()), Role::Failing),
        Connection::Unreachable { why } => (say!(look, "info-no-answer", why = why.as_str()), Role::Failing),
        Connection::Failing { why } => (say!(look, "info-errors", why = why.as_str()), Role::Failing),
    };
    pair(&say!(look, "info-connection"), &state, role);
    let changes = say!(look, "info-changes-allowed", allowed = !app.settings.read_only);
    pair(&say!(look, "info-changes"), &changes, Role::Text);
    for (n, scope) in app.settings.scope.iter().enumerate() {
        let key = if n == 0 {
            say!(look, "info-scope")
        } else {
            String::new()
        };
        pair(&key, scope, Role::Text);
    }
    for error in app.broken_themes() {
        pair(&say!(look, "info-broken-theme"), &error.to_string(), Role::Warning);
    }
    for (n, pattern) in app.settings.hidden.iter().enumerate() {
        let key = if n == 0 {
            say!(look, "info-hidden")
        } else {
            String::new()
        };
        pair(&key, pattern, Role::Text);
    }
    pair(&say!(look, "info-shown"), &shown(app, snapshot, look), Role::Text);
    let survey = match (topology.progress, topology.surveyed_at) {
        (Some((done, total)), _) => {
            let shares = topology.shares_calls();
            say!(
                look,
                "info-survey-under-way",
                done = done,
                total = total,
                shares = shares
            )
        }
        (None, Some(at)) => format!("{}, {}", look.time(at), look.freshness(at)),
        (None, None) => say!(look, "info-survey-none"),
    };
    pair(&say!(look, "info-survey"), &survey, Role::Text);
    let unread = snapshot.unread().len();
    if unread > 0 {
        let missing = say!(look, "info-unread-missing", n = unread);
        pair(&say!(look, "info-unread"), &missing, Role::Warning);
    }
    for members in &topology.loops {
        let names: Vec<String> = members.iter().map(|id| overview::name(snapshot, id, look)).collect();
        // What is wrong with it is among the issues: it may be a hint.
        pair(&say!(look, "info-loop"), &names.join(" > "), Role::Notice);
    }
    rows.extend(hints(app, snapshot, look, cells));
    rows.push(Row::new());
    rows.push(Row::of(look, Role::Title, say!(look, "info-now")));
    rows.extend(overview::segments(app, snapshot, cells, look));
    rows.extend(sources(snapshot, look, cells));
    rows.extend(memory(app, snapshot, look));
    rows.extend(cost(snapshot, look, cells));
    rows
}

/// The hints from the configuration.
fn hints(app: &App, snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Vec<Row> {
    let n = app.hints.all().count();
    if n == 0 {
        return Vec::new();
    }
    let mut rows = vec![Row::new(), Row::of(look, Role::Title, say!(look, "info-hints", n = n))];
    for hint in app.hints.all() {
        let name = pad(&look.cut(&overview::name(snapshot, &hint.of, look), 17), 18);
        for (n, line) in wrap(&look.say(&hint.what), cells.saturating_sub(18))
            .into_iter()
            .enumerate()
        {
            let name = if n == 0 { name.clone() } else { pad("", 18) };
            rows.push(Row::of(look, Role::Muted, name).then(look, Role::Text, line));
        }
    }
    rows
}

/// The part of the account that is drawn.
fn shown(app: &App, snapshot: &Snapshot, look: &RenderContext) -> String {
    let picture = &app.chain.shown.picture;
    let shown = say!(
        look,
        "info-drawn",
        boxes = picture.items.len(),
        lines = picture.lines.len(),
        resources = snapshot.topology.nodes.len(),
    );
    let but = [
        (picture.hidden > 0).then(|| say!(look, "info-drawn-hidden", n = picture.hidden)),
        (picture.beside > 0).then(|| say!(look, "info-drawn-beside", n = picture.beside)),
        (!picture.folded.is_empty()).then(|| say!(look, "info-drawn-collapsed", n = picture.folded.len())),
    ];
    [Some(shown)]
        .into_iter()
        .chain(but)
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// When each part was read, and what could not be read.
fn sources(snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Vec<Row> {
    let mut rows = vec![Row::new(), Row::of(look, Role::Title, say!(look, "info-read"))];
    for (source, state) in snapshot.sources.iter() {
        let age = state
            .read_at
            .map_or_else(|| say!(look, "info-never"), |at| look.freshness(at));
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

/// Memory in use and its limits, and what was dropped.
fn memory(app: &App, snapshot: &Snapshot, look: &RenderContext) -> Vec<Row> {
    let mut rows = vec![Row::new(), Row::of(look, Role::Title, say!(look, "info-memory"))];
    let mut put = |kind: &str, (held, budget): (usize, usize), dropped: u64| {
        let mut row = Row::of(look, Role::Muted, pad(kind, 18)).then(
            look,
            Role::Text,
            format!("{:>9} {}", bytes(held), say!(look, "info-of", budget = bytes(budget))),
        );
        if dropped > 0 {
            let dropped = say!(look, "info-dropped", n = count(dropped));
            row = row.then(look, Role::Warning, format!("  {dropped}"));
        }
        rows.push(row);
    };
    for kept in snapshot.cost.memory.iter() {
        put(&kept.kind.to_string(), (kept.bytes, kept.budget), kept.dropped);
    }
    put(&say!(look, "info-marbles"), app.chain.marbles.bytes(), 0);
    if let Some(full) = app.demo.as_ref().and_then(|demo| demo.full) {
        let of = say!(look, "info-slowed", budget = bytes(full.1));
        let account = pad(&say!(look, "info-simulated"), 18);
        let text = format!("{:>9} {of}", bytes(full.0));
        rows.push(Row::of(look, Role::Muted, account).then(look, Role::Warning, text));
    }
    rows
}

/// Calls and costs.
fn cost(snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Vec<Row> {
    let mut rows = vec![Row::new()];
    let meter = &snapshot.cost.calls;
    let cost = say!(
        look,
        "info-calls",
        n = meter.total,
        rate = format!("{:.1}", meter.per_second),
        dollars = format!("${:.4}", meter.dollars),
        price = edge_text::per_hour(meter.dollars_per_hour),
    );
    let title = format!("{}  ", say!(look, "info-cost"));
    rows.push(Row::of(look, Role::Title, title).then(look, Role::Text, cost));
    let mut by_api: Vec<_> = meter.by_api.iter().collect();
    by_api.sort_by_key(|(api, n)| (std::cmp::Reverse(**n), *api));
    for (api, n) in by_api {
        rows.push(Row::of(look, Role::Muted, format!("{n:>8}  ")).then(look, Role::Text, look.cut(api, cells)));
    }
    rows
}
