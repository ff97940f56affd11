//! All that is known of the selected box: how it is and why, its links with their policies in words, its
//! configuration, its metrics, and the command that pauses or resumes the chosen link.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::answers::name;
use crate::domain::{Detail, Edge, EdgeKind, Function, Metric, Node, NodeId, NodeKind, Queue, Source, Topic};
use crate::store::snapshot::{Health, Snapshot, Vitals};
use crate::ui::app::App;
use crate::ui::commands::{self, PauseCommand};
use crate::ui::edge_text;
use crate::ui::render_context::RenderContext;
use crate::ui::scene::{Item, health};
use crate::ui::text::{number, pad, period, span, width, wrap};
use crate::ui::theme::Role;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::ui::widgets::spark::spark;

/// Draws it.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let title = Row::new().then(look, Role::Title, "Details");
    pane::pane(buffer, area, title, look);
    let inside = body(area);
    let lines = lines(app, snapshot, look, usize::from(inside.width));
    let scroll = usize::from(app.details.map_or(0, |open| open.scroll));
    let left = lines.len().saturating_sub(scroll + usize::from(inside.height));
    for (line, y) in lines.into_iter().skip(scroll).zip(inside.top()..inside.bottom()) {
        buffer.set_line(inside.x, y, &line, inside.width);
    }
    if left > 0 {
        let row = Row::new()
            .then(look, Role::Muted, format!("{} {left} more ", look.glyphs.arrows[1]))
            .then(look, Role::Key, "J");
        pane::at_right(buffer, area.bottom() - 1, area.x + 2, area.right() - 1, row);
    }
}

fn body(area: Rect) -> Rect {
    let inside = pane::inside(area);
    Rect::new(inside.x + 1, inside.y, inside.width.saturating_sub(2), inside.height)
}

/// How many rows lie beyond the lower border.
#[must_use]
pub fn overflow(app: &App, snapshot: &Snapshot) -> u16 {
    let Some(area) = app.areas().and_then(|areas| areas.details).map(body) else {
        return 0;
    };
    let lines = lines(app, snapshot, &app.look(), usize::from(area.width)).len();
    u16::try_from(lines.saturating_sub(usize::from(area.height))).unwrap_or(u16::MAX)
}

/// The selected node's links: those that reach it, then those that leave it.
fn links<'a>(app: &'a App, id: &'a NodeId) -> impl Iterator<Item = &'a Edge> {
    app.edges.reaching(id).chain(app.edges.leaving(id)).map(AsRef::as_ref)
}

/// The command for the chosen link, or for the first that has one where the chosen one has none.
#[must_use]
pub fn command(app: &App, snapshot: &Snapshot) -> Option<PauseCommand> {
    let (id, Item::Node(_)) = app.selected_item()? else {
        return None;
    };
    let chosen = app.details.map_or(0, |open| open.link);
    let all: Vec<Option<PauseCommand>> = links(app, id).map(|edge| command_for(edge, app, snapshot)).collect();
    all.get(chosen)
        .cloned()
        .flatten()
        .or_else(|| all.into_iter().flatten().next())
}

/// Why nothing can be copied for the chosen link.
#[must_use]
pub fn why_no_command(app: &App, snapshot: &Snapshot) -> &'static str {
    let chosen = app.details.map_or(0, |open| open.link);
    let source = app
        .selected_item()
        .and_then(|(id, _)| links(app, id).nth(chosen))
        .and_then(|edge| snapshot.topology.nodes.get(&edge.key.from));
    commands::why_none(source.map_or(NodeKind::External, |node| node.kind))
}

fn command_for(edge: &Edge, app: &App, snapshot: &Snapshot) -> Option<PauseCommand> {
    let nodes = &snapshot.topology.nodes;
    let aim = app.settings.aim.clone().unwrap_or_default();
    let region = &snapshot.scope.as_ref()?.region;
    if let Some(obstacle) = snapshot.arrivals.cut.get(&edge.key)
        && let Some(command) = commands::to_allow(obstacle, nodes.get(&edge.key.to)?, region, &aim)
    {
        return Some(command);
    }
    commands::for_edge(edge, nodes.get(&edge.key.from)?, region, &aim)
}

/// A text under construction, line by line.
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
            .light
            .across
            .repeat(self.cells.saturating_sub(width(title) + 1));
        let row = Row::new()
            .then(self.look, Role::Title, title)
            .then(self.look, Role::Faint, format!(" {rule}"));
        self.row(row);
    }

    /// Wrapped, with an indent.
    fn say(&mut self, indent: usize, role: Role, text: &str) {
        for line in wrap(text, self.cells.saturating_sub(indent)) {
            self.row(Row::new().then(self.look, role, pad("", indent) + &line));
        }
    }

    fn pair(&mut self, key: &str, value: &str) {
        let mut lines = wrap(value, self.cells.saturating_sub(14)).into_iter();
        let first = lines.next().unwrap_or_default();
        let key = pad(&self.look.cut(key, 13), 14);
        self.row(
            Row::new()
                .then(self.look, Role::Muted, key)
                .then(self.look, Role::Text, first),
        );
        for line in lines {
            self.row(Row::new().then(self.look, Role::Text, pad("", 14) + &line));
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
        None => text.say(0, Role::Muted, "nothing is selected"),
        Some((_, Item::Fold(fold))) => {
            text.say(0, Role::Strong, &format!("{} folded", fold.members.len()));
            text.say(0, Role::Muted, "Enter opens them");
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
    text.row(Row::new().then(look, Role::Muted, format!("{kind} ")).then(
        look,
        Role::Strong,
        look.name(&node.name, room),
    ));
    how_it_is(text, snapshot, id, vitals);
    troubles(text, snapshot, id);
    if let Some(vitals) = vitals {
        counts(text, snapshot, vitals);
    }
    link_lines(text, app, snapshot, id);
    configuration(text, node);
    if let Some(vitals) = vitals {
        metrics(text, vitals);
    }
    text.head("Identity");
    text.say(0, Role::Muted, id.as_str());
}

fn how_it_is(text: &mut Text, snapshot: &Snapshot, id: &NodeId, vitals: Option<&Vitals>) {
    let look = text.look;
    let glyphs = look.glyphs;
    let (mark, role, word) = match health(snapshot, id) {
        Health::Failing => (glyphs.failing, Role::Failing, "failing"),
        Health::Warning => (glyphs.warning, Role::Warning, "worth a look"),
        Health::Well => (glyphs.well, Role::Well, "well"),
        Health::Off => (glyphs.off, Role::Off, "off"),
        Health::Unknown => (glyphs.unknown, Role::Unknown, "nothing was read of how it is"),
    };
    text.row(Row::new().then(look, role, format!("{mark} {word}")));
    let Some(vitals) = vitals else { return };
    let said = snapshot.troubles.iter().any(|trouble| trouble.id == *id);
    if !vitals.why.is_empty() && !said {
        text.say(2, Role::Text, &vitals.why);
    }
    for alarm in &vitals.alarms {
        let since = alarm
            .since
            .map(|at| format!(" since {}", look.time(at)))
            .unwrap_or_default();
        text.say(
            0,
            Role::Failing,
            &format!("{} alarm {}{since}", glyphs.alarm, alarm.name),
        );
    }
}

/// What was counted, and when.
fn counts(text: &mut Text, snapshot: &Snapshot, vitals: &Vitals) {
    let look = text.look;
    // What cannot be read any more is of then, however short that is ago.
    let age = |source: Source, at: Timestamp| {
        let fails = snapshot.sources.get(&source).is_some_and(|state| state.error.is_some());
        if fails || !snapshot.connection.is_up() {
            format!("{} old", look.age(at))
        } else {
            look.freshness(at)
        }
    };
    if vitals.depth.is_some() || vitals.runs.is_some() {
        text.gap();
    }
    if let Some(depth) = vitals.depth {
        let (value, age) = (depth.value, age(Source::Queues, depth.at));
        let line = format!(
            "{} wait, {} in flight, {} delayed",
            value.visible, value.in_flight, value.delayed
        );
        text.pair("messages", &line);
        text.pair("", &format!("approximate, {age}"));
    }
    if let Some(runs) = &vitals.runs {
        if let Some(at) = runs.last_start {
            text.pair("last run", &format!("{} ago, {}", look.age(at), look.time(at)));
        }
        if let Some(at) = runs.last_success {
            text.pair("last good run", &format!("{} ago, {}", look.age(at), look.time(at)));
        }
        if let Some(at) = runs.failing_since {
            text.pair(
                "failing since",
                &format!(
                    "{}{}, {} in a row",
                    if runs.failing_longer { "before " } else { "" },
                    look.time(at),
                    runs.failed_in_row
                ),
            );
        }
        if let Some((at, error)) = &runs.last_error {
            text.pair("last error", &format!("{error} ({} ago)", look.age(*at)));
        }
        match runs.read_to {
            Some(at) => text.pair("log", &format!("read to {}, {}", look.time(at), age(Source::Logs, at))),
            None => text.pair("log", "not read"),
        }
    }
}

fn troubles(text: &mut Text, snapshot: &Snapshot, id: &NodeId) {
    let look = text.look;
    for trouble in snapshot.troubles.iter().filter(|trouble| trouble.id == *id) {
        text.gap();
        let since = trouble
            .since
            .map(|at| {
                format!(
                    ", since {}{}",
                    if trouble.longer { "before " } else { "" },
                    look.time(at)
                )
            })
            .unwrap_or_default();
        text.say(0, Role::Text, &format!("{}{since}", edge_text::trouble(trouble, look)));
        text.say(2, Role::Muted, &trouble.why);
        if !trouble.next.is_empty() {
            text.say(2, Role::Notice, &format!("next: {}", trouble.next));
        }
    }
    for change in snapshot.answers.changes.iter().filter(|change| change.node == *id) {
        let errors = change
            .errors_since
            .map(|at| format!("; errors since {}", look.time(at)))
            .unwrap_or_default();
        let line = format!(
            "{} {} at {}{errors}",
            look.glyphs.change,
            change.what,
            look.time(change.at)
        );
        text.say(0, Role::Warning, &line);
    }
}

fn link_lines(text: &mut Text, app: &App, snapshot: &Snapshot, id: &NodeId) {
    let look = text.look;
    let chosen = app.details.map_or(0, |open| open.link);
    if links(app, id).next().is_none() {
        text.head("Links");
        text.say(0, Role::Muted, "none is known");
        return;
    }
    text.head("Links");
    for (at, edge) in links(app, id).enumerate() {
        let inward = edge.key.to == *id && at < app.edges.reaching(id).count();
        let (verb, other) = if inward {
            (edge_text::verb_in(edge), &edge.key.from)
        } else {
            (edge_text::verb_out(edge), &edge.key.to)
        };
        let is_chosen = at == chosen;
        let cursor = if is_chosen { look.glyphs.cursor } else { " " };
        let mut row = Row::new()
            .then(look, Role::Notice, format!("{cursor} "))
            .then(look, Role::Muted, format!("{verb} "))
            .then(
                look,
                if is_chosen { Role::LineSelected } else { Role::Text },
                name(snapshot, other, look),
            );
        if let Some(qualifier) = &edge.key.qualifier {
            row = row.then(look, Role::Muted, format!(" ({})", look.cut(qualifier, 16)));
        }
        if !edge.enabled {
            row = row.then(look, Role::Warning, format!("  {} off", look.glyphs.off));
        }
        text.row(row);
        if let Some(via) = &edge.via {
            text.say(4, Role::Muted, &format!("by way of the {via}"));
        }
        if let Some(evidence) = edge_text::evidence(edge) {
            text.say(4, Role::Muted, &evidence);
        }
        for policy in &edge.policies {
            for line in edge_text::policy(edge, policy) {
                text.say(4, Role::Muted, &line);
            }
        }
        if let Some(obstacle) = snapshot.arrivals.cut.get(&edge.key) {
            text.say(4, Role::Failing, &format!("nothing can arrive: {}", obstacle.words()));
        } else if let Some(doubt) = snapshot
            .arrivals
            .open
            .get(&edge.key)
            .filter(|_| !snapshot.topology.cached)
        {
            text.say(4, Role::Unknown, &format!("not known to arrive: {}", doubt.words()));
        }
        let last = snapshot
            .pulses
            .iter()
            .filter(|pulse| pulse.edge == edge.key)
            .max_by_key(|pulse| pulse.at);
        if let Some(pulse) = last {
            // Of several triggers a log does not say by which an event came.
            let whose = if pulse.shared { ", this way or another" } else { "" };
            text.say(4, Role::Muted, &format!("traffic {} ago{whose}", look.age(pulse.at)));
        }
        let source = snapshot.topology.nodes.get(&edge.key.from).map(|node| node.kind);
        if is_chosen && source == Some(NodeKind::Schedule) && edge.key.kind == EdgeKind::Trigger {
            text.say(4, Role::Muted, commands::why_none(NodeKind::Schedule));
        }
        if let Some(command) = command_for(edge, app, snapshot).filter(|_| is_chosen) {
            let indent = Row::new().then(look, Role::Text, "    ");
            let is_reached = app.settings.aim.is_some();
            text.row(if is_reached {
                let says = format!(" copies what would {} it:", command.verb);
                indent.then(look, Role::Key, "y").then(look, Role::Muted, says)
            } else {
                indent.then(look, Role::Muted, format!("at AWS this would {} it:", command.verb))
            });
            text.say(4, Role::Notice, &command.line);
            if let Some(warning) = command.warning {
                text.say(4, Role::Warning, warning);
            }
        }
    }
}

fn configuration(text: &mut Text, node: &Node) {
    match &node.detail {
        Detail::None => {}
        Detail::Function(function) => function_lines(text, function),
        Detail::Queue(queue) => queue_lines(text, queue),
        Detail::Bucket(bucket) => {
            text.head("Configuration");
            let says = if bucket.event_bridge {
                "every event goes to the default event bus"
            } else {
                "off"
            };
            text.pair("EventBridge", says);
        }
        Detail::Topic(topic) => topic_lines(text, topic),
        Detail::Pairs(pairs) => {
            text.head("Configuration");
            for (key, value) in pairs {
                text.pair(key, value);
            }
        }
    }
}

fn function_lines(text: &mut Text, function: &Function) {
    text.head("Configuration");
    if let Some(description) = function.description.as_ref().filter(|d| !d.is_empty()) {
        text.say(0, Role::Text, description);
    }
    text.pair("runtime", function.runtime.as_deref().unwrap_or("container image"));
    text.pair("timeout", &period(i64::from(function.timeout_s)));
    text.pair("memory", &format!("{} MB", function.memory_mb));
    if let Some(at) = function.last_modified {
        let (time, age) = (text.look.time(at), text.look.age(at));
        text.pair("changed", &format!("{time}, {age} ago"));
    }
    if let Some(state) = function.state.as_ref().filter(|state| *state != "Active") {
        let why = function
            .state_reason
            .as_ref()
            .map(|why| format!(": {why}"))
            .unwrap_or_default();
        text.pair("state", &format!("{state}{why}"));
    }
    match function.reserved_concurrency {
        Some(0) => text.pair("concurrency", "0 reserved: nothing runs"),
        Some(n) => text.pair("concurrency", &format!("{n} reserved")),
        None => {}
    }
    // AWS: 2 retries and 6 hours unless set.
    let retries = function
        .async_retries
        .map_or_else(|| "2 (AWS's default)".to_owned(), |n| n.to_string());
    let age = function
        .async_max_age_s
        .map_or_else(|| "6 h".to_owned(), |s| period(i64::from(s)));
    text.pair("async", &format!("{retries} retries, kept for {age}"));
    if let Some(value) = &function.recursive_loop {
        text.pair(
            "loops",
            if value == "Allow" {
                "allowed"
            } else {
                "ended by Lambda after 16 runs"
            },
        );
    }
    if let Some(error) = &function.environment_error {
        text.pair("environment", &format!("could not be read: {error}"));
    }
    for permission in &function.open_permissions {
        text.pair("open to", permission);
    }
    text.pair("log group", &function.log_group);
}

fn queue_lines(text: &mut Text, queue: &Queue) {
    text.head("Configuration");
    text.pair("kind", if queue.fifo { "FIFO" } else { "standard" });
    text.pair(
        "hidden for",
        &format!("{} after a receive", period(i64::from(queue.visibility_timeout_s))),
    );
    text.pair("kept for", &period(i64::from(queue.retention_s)));
    if let Some(n) = queue.max_receive_count {
        text.pair("dead after", &format!("{n} receives"));
    }
    if let Some(permission) = &queue.redrive_permission {
        text.pair("redrive", permission);
    }
    if let Some(key) = &queue.kms_key {
        text.pair("encrypted", &format!("with {key}"));
    }
}

fn topic_lines(text: &mut Text, topic: &Topic) {
    if topic.maximum_message_bytes.is_none() && topic.kms_key.is_none() {
        return;
    }
    text.head("Configuration");
    if let Some(bytes) = topic.maximum_message_bytes {
        text.pair("largest", &format!("{} KiB a message", bytes / 1024));
    }
    if let Some(key) = &topic.kms_key {
        text.pair("encrypted", &format!("with {key}"));
    }
}

fn metrics(text: &mut Text, vitals: &Vitals) {
    let look = text.look;
    let mut rows: Vec<(String, Vec<f64>, String, Option<jiff::Timestamp>)> = Vec::new();
    if let Some(runs) = &vitals.runs {
        let values: Vec<f64> = runs.starts.iter().map(|point| point.value).collect();
        rows.push(("runs".to_owned(), values, String::new(), runs.read_to));
        if runs.failures.iter().any(|point| point.value > 0.0) {
            let values = runs.failures.iter().map(|point| point.value).collect();
            rows.push(("failed runs".to_owned(), values, String::new(), runs.read_to));
        }
    }
    if !vitals.depths.is_empty() {
        let values = vitals.depths.iter().map(|point| point.value).collect();
        rows.push((
            "messages".to_owned(),
            values,
            String::new(),
            vitals.depth.map(|depth| depth.at),
        ));
    }
    for (metric, series) in &vitals.metrics {
        let (label, _) = label(*metric);
        let last = series
            .points
            .last()
            .map_or_else(|| "none".to_owned(), |point| shown(*metric, point.value));
        rows.push((
            label.to_owned(),
            series.points.iter().map(|point| point.value).collect(),
            last,
            series.read_at,
        ));
    }
    if rows.is_empty() {
        return;
    }
    text.head("Last hour");
    let bars = text.cells.saturating_sub(14 + 18).clamp(8, 30);
    for (label, values, last, read) in rows {
        let last = if last.is_empty() {
            values.last().map(|value| number(*value)).unwrap_or_default()
        } else {
            last
        };
        let age = read
            .map(|at| look.freshness(at))
            .filter(|age| age != "fresh")
            .unwrap_or_default();
        let row = Row::new()
            .then(look, Role::Muted, pad(&look.cut(&label, 13), 14))
            .then(look, Role::Spark, spark(&values, bars, look.glyphs))
            .then(look, Role::Text, format!(" {last}"))
            .then(look, Role::Stale, format!(" {age}"));
        text.row(row);
    }
}

fn label(metric: Metric) -> (&'static str, &'static str) {
    match metric {
        Metric::Invocations | Metric::RuleInvocations => ("invocations", ""),
        Metric::Errors => ("errors", ""),
        Metric::Throttles => ("throttles", ""),
        Metric::DurationP99 => ("duration p99", "ms"),
        Metric::ConcurrentExecutions => ("concurrency", ""),
        Metric::AsyncEventAge => ("async age", "ms"),
        Metric::AsyncEventsDropped => ("async drops", ""),
        Metric::DeadLetterErrors => ("lost dead l.", ""),
        Metric::DestinationDeliveryFailures => ("lost records", ""),
        Metric::IteratorAge => ("iterator age", "ms"),
        Metric::OldestMessageAge => ("oldest", "s"),
        Metric::MessagesSent => ("sent", ""),
        Metric::NotificationsFailed | Metric::RuleFailures | Metric::SchedulesDropped => ("failures", ""),
        Metric::NotificationAttemptsFailed => ("failed tries", ""),
        Metric::NotificationsRedriven | Metric::RuleDeadLettered | Metric::SchedulesDeadLettered => {
            ("dead letters", "")
        }
        Metric::NotificationsLost => ("lost notices", ""),
        Metric::RuleEventsLost | Metric::SchedulesLost => ("lost events", ""),
    }
}

fn shown(metric: Metric, value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    match label(metric).1 {
        "s" => span(value as i64),
        "ms" if value >= 60_000.0 => span((value / 1_000.0) as i64),
        "ms" if value >= 10_000.0 => format!("{:.1} s", value / 1_000.0),
        "ms" => format!("{} ms", number(value)),
        _ => number(value),
    }
}
