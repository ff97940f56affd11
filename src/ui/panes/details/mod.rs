//! The details of the selected box: status and reason, links with their policies, configuration, metrics, and the command
//! that pauses or resumes the chosen link.

mod configuration;
mod links;
mod metrics;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::{Node, NodeId, Source};
use crate::store::snapshot::{Health, Severity, Snapshot, Trouble, Vitals};
use crate::ui::app::App;
use crate::ui::app::overview::name;
use crate::ui::chain::scene::{Item, health};
use crate::ui::text::{edge_text, pad, width, wrap};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;
use configuration::configuration;
use links::link_lines;
pub use links::{command, why_no_command};
use metrics::metrics;

/// Draws the details.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let title = Row::of(look, Role::Title, say!(look, "details-title"));
    let inside = pane::window(buffer, area, title, look);
    let lines = lines(app, snapshot, look, usize::from(inside.width));
    let scroll = usize::from(app.panes.details.map_or(0, |open| open.scroll));
    let left = lines.len().saturating_sub(scroll + usize::from(inside.height));
    for (line, y) in lines.into_iter().skip(scroll).zip(inside.top()..inside.bottom()) {
        buffer.set_line(inside.x, y, &line, inside.width);
    }
    if left > 0 {
        let row = Row::of(
            look,
            Role::Muted,
            format!("{} {} ", look.glyphs.lines.arrows[1], say!(look, "pane-more", n = left)),
        )
        .then(look, Role::Key, "J");
        pane::at_right(buffer, area.bottom() - 1, area.x + 2, area.right() - 1, row);
    }
}

/// The number of hidden rows below.
#[must_use]
pub fn overflow(app: &App, snapshot: &Snapshot) -> u16 {
    let Some(area) = app.areas().and_then(|areas| areas.details).map(pane::inside) else {
        return 0;
    };
    let lines = lines(app, snapshot, &app.look(), usize::from(area.width)).len();
    u16::try_from(lines.saturating_sub(usize::from(area.height))).unwrap_or(u16::MAX)
}

/// Lines under construction.
struct Text<'a> {
    look: &'a RenderContext<'a>,
    cells: usize,
    lines: Vec<Line<'static>>,
}

impl Text<'_> {
    fn row(&mut self, row: Row) {
        let row = row.cut(self.look, self.cells);
        self.lines.push(row.line());
    }

    fn gap(&mut self) {
        self.lines.push(Line::default());
    }

    fn head(&mut self, title: &str) {
        self.gap();
        let rule = self
            .look
            .glyphs
            .borders
            .light
            .horizontal_top
            .repeat(self.cells.saturating_sub(width(title) + 1));
        let row = Row::of(self.look, Role::Title, title).then(self.look, Role::Faint, format!(" {rule}"));
        self.row(row);
    }

    /// Appends a wrapped text with an indent.
    fn say(&mut self, indent: usize, role: Role, text: &str) {
        for line in wrap(text, self.cells.saturating_sub(indent)) {
            self.row(Row::of(self.look, role, pad("", indent) + &line));
        }
    }

    fn pair(&mut self, key: &str, value: &str) {
        let mut lines = wrap(value, self.cells.saturating_sub(14)).into_iter();
        let first = lines.next().unwrap_or_default();
        let key = pad(&self.look.cut(key, 13), 14);
        self.row(Row::of(self.look, Role::Muted, key).then(self.look, Role::Text, first));
        for line in lines {
            self.row(Row::of(self.look, Role::Text, pad("", 14) + &line));
        }
    }
}

fn lines(app: &App, snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Vec<Line<'static>> {
    let mut text = Text {
        look,
        cells,
        lines: Vec::new(),
    };
    match app.selected_item() {
        None => text.say(0, Role::Muted, &say!(look, "details-nothing-selected")),
        Some((_, Item::Fold(fold))) => {
            text.say(
                0,
                Role::Strong,
                &say!(look, "details-collapsed", n = fold.members.len()),
            );
            text.say(0, Role::Muted, &say!(look, "details-expand"));
            text.gap();
            for member in &fold.members {
                text.say(0, Role::Text, &name(snapshot, member, look));
            }
        }
        Some((id, Item::Node(node))) => node_lines(&mut text, app, snapshot, id, node),
    }
    text.lines
}

fn node_lines(text: &mut Text, app: &App, snapshot: &Snapshot, id: &NodeId, node: &Node) {
    let look = text.look;
    let vitals = snapshot.vitals.get(id);
    let kind = look.glyphs.kind(node);
    let room = text.cells.saturating_sub(width(kind) + 1);
    text.row(Row::of(look, Role::Muted, format!("{kind} ")).then(look, Role::Strong, look.name(&node.name, room)));
    how_it_is(text, snapshot, id, vitals);
    troubles(text, snapshot, id);
    hints(text, app, id);
    if let Some(vitals) = vitals {
        counts(text, snapshot, vitals);
    }
    link_lines(text, app, snapshot, id);
    configuration(text, node);
    if let Some(vitals) = vitals {
        metrics(text, vitals);
    }
    text.head(&say!(look, "details-identity"));
    text.say(0, Role::Muted, id.as_str());
}

fn how_it_is(text: &mut Text, snapshot: &Snapshot, id: &NodeId, vitals: Option<&Vitals>) {
    let look = text.look;
    let glyphs = look.glyphs;
    let (mark, role, word) = match health(snapshot, id) {
        Health::Failing => (glyphs.signs.failing, Role::Failing, say!(look, "status-failing")),
        Health::Warning => (glyphs.signs.warning, Role::Warning, say!(look, "status-warning")),
        Health::Well => (glyphs.signs.well, Role::Well, say!(look, "status-ok")),
        Health::Off => (glyphs.signs.off, Role::Off, say!(look, "status-disabled")),
        Health::Unknown => (glyphs.signs.unknown, Role::Unknown, say!(look, "status-unknown")),
    };
    let loses = |trouble: &Trouble| trouble.id == *id && trouble.severity == Severity::Loss;
    let (mark, word) = if snapshot.troubles.iter().any(loses) {
        (glyphs.signs.loss, say!(look, "status-lost"))
    } else {
        (mark, word)
    };
    text.row(Row::of(look, role, format!("{mark} {word}")));
    let Some(vitals) = vitals else { return };
    let said = snapshot.troubles.iter().any(|trouble| trouble.id == *id);
    if !vitals.why.is_empty() && !said {
        text.say(2, Role::Text, &look.say(&vitals.why));
    }
    for alarm in &vitals.alarms {
        let since = alarm.since.map(|at| look.time(at));
        let alarm = say!(look, "details-alarm", name = alarm.name.as_str(), since = since);
        text.say(0, Role::Failing, &format!("{} {alarm}", glyphs.signs.alarm));
    }
}

fn ago(at: Timestamp, look: &RenderContext) -> String {
    say!(look, "details-ago", age = look.age(at), time = look.time(at))
}

/// Adds the counts of a queue with their age.
fn counts(text: &mut Text, snapshot: &Snapshot, vitals: &Vitals) {
    let look = text.look;
    // What cannot be read any more is of then, however short that is ago.
    let age = |source: Source, at: Timestamp| {
        let fails = snapshot.sources.get(&source).is_some_and(|state| state.error.is_some());
        if fails || !snapshot.connection.is_up() {
            say!(look, "age-old", age = look.age(at))
        } else {
            look.freshness(at)
        }
    };
    if vitals.depth.is_some() || vitals.runs.is_some() {
        text.gap();
    }
    if let Some(depth) = vitals.depth {
        let (value, age) = (depth.value, age(Source::Queues, depth.at));
        let line = say!(
            look,
            "details-depth",
            visible = value.visible,
            in_flight = value.in_flight,
            delayed = value.delayed,
        );
        text.pair(&say!(look, "details-messages"), &line);
        text.pair("", &say!(look, "details-approximate", age = age));
    }
    if let Some(runs) = &vitals.runs {
        if let Some(at) = runs.last_start {
            text.pair(&say!(look, "details-last-invocation"), &ago(at, look));
        }
        if let Some(at) = runs.last_success {
            text.pair(&say!(look, "details-last-success"), &ago(at, look));
        }
        if let Some(at) = runs.failing_since {
            let since = say!(
                look,
                "details-in-a-row",
                time = look.time(at),
                before = runs.failing_longer,
                n = runs.failed_in_row,
            );
            text.pair(&say!(look, "details-failing-since"), &since);
        }
        if let Some((at, error)) = &runs.last_error {
            let error = say!(look, "details-error-ago", error = error.as_str(), age = look.age(*at));
            text.pair(&say!(look, "details-last-error"), &error);
        }
        match runs.read_to {
            Some(at) => {
                let through = say!(
                    look,
                    "details-log-through",
                    time = look.time(at),
                    age = age(Source::Logs, at)
                );
                text.pair(&say!(look, "details-log-complete"), &through);
            }
            None => text.pair(&say!(look, "details-log"), &say!(look, "details-not-read")),
        }
    }
}

/// What the configuration puts at risk here, with what helps.
fn hints(text: &mut Text, app: &App, id: &NodeId) {
    let look = text.look;
    for hint in app.hints.of(id) {
        text.gap();
        let what = say!(look, "details-hint", what = hint.what.clone());
        text.say(0, Role::Text, &what);
        text.say(2, Role::Muted, &look.say(&hint.why));
        text.say(
            2,
            Role::Notice,
            &say!(look, "details-next", next = hint.cure.what.clone()),
        );
    }
}

fn troubles(text: &mut Text, snapshot: &Snapshot, id: &NodeId) {
    let look = text.look;
    for trouble in snapshot.troubles.iter().filter(|trouble| trouble.id == *id) {
        text.gap();
        let what = edge_text::trouble(trouble, look);
        let what = match trouble.since {
            Some(at) => say!(
                look,
                "details-since",
                what = what,
                time = look.time(at),
                before = trouble.longer
            ),
            None => what,
        };
        text.say(0, Role::Text, &what);
        text.say(2, Role::Muted, &look.say(&trouble.why));
        if !trouble.next.is_empty() {
            text.say(
                2,
                Role::Notice,
                &say!(look, "details-next", next = trouble.next.clone()),
            );
        }
    }
    for change in snapshot.answers.changes.iter().filter(|change| change.node == *id) {
        let changed = say!(
            look,
            "details-changed-at",
            what = change.what.clone(),
            time = look.time(change.at),
            errors = change.errors_since.map(|at| look.time(at)),
        );
        text.say(0, Role::Warning, &format!("{} {changed}", look.glyphs.signs.change));
    }
}
