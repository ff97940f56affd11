//! The most important facts in the first lines: losses, alarms, changes before errors began, and what is stalled.
//!
//! ```text
//!  ▼ 3 events lost: check-7 (no DLQ)   ▼ thumb: first event lost in 01:34, no DLQ   ◆ orders-q-age 2 min   …
//! ```

mod losses;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Connection, NodeId, Source};
use crate::store::health::name_elsewhere;
use crate::store::snapshot::{Change, Compared, Kind, Severity, Snapshot, Trouble};
use crate::ui::app::App;
use crate::ui::text;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

use losses::{coming, lossy, lost, nothing_is_lost, unreached};

const BETWEEN: &str = "    ";

/// The cells that the count of hidden segments takes: "  +12 more (i)".
fn after(look: &RenderContext) -> usize {
    text::width(&say!(look, "overview-more", n = 12_u64)) + 2
}

/// Draws as many segments as fit, in order.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let width = usize::from(area.width).saturating_sub(2);
    // On a single line there must be room to say how many are left.
    let room = width.saturating_sub(if area.height == 1 { after(look) } else { 0 });
    let segments = segments(app, snapshot, room, look);
    let mut lines: Vec<Row> = vec![Row::new()];
    let mut left = segments.len();
    for segment in segments {
        let used = lines.last().map_or(0, Row::width);
        let is_last = lines.len() == usize::from(area.height);
        // On the last line there must be room to say how many are left.
        let room = width.saturating_sub(if is_last && left > 1 { after(look) } else { 0 });
        let gap = if used == 0 { 0 } else { BETWEEN.len() };
        if used + gap + segment.width() <= room || used == 0 {
            let line = lines.pop().unwrap_or_default();
            let line = if used == 0 {
                line
            } else {
                line.then(look, Role::Text, BETWEEN)
            };
            lines.push(line.join(segment).cut(look, room));
        } else if is_last {
            break;
        } else {
            lines.push(segment.cut(look, width));
        }
        left -= 1;
    }
    if left > 0 {
        let line = lines.pop().unwrap_or_default();
        let gap = if line.width() == 0 { "" } else { "  " };
        let more = format!("{gap}{}", say!(look, "overview-more", n = left));
        lines.push(line.then(look, Role::Notice, more));
    }
    for (line, y) in lines.into_iter().zip(area.top()..area.bottom()) {
        buffer.set_line(area.x + 1, y, &line.line(), area.width.saturating_sub(1));
    }
}

/// All segments in order, in lines of `cells`.
#[must_use]
pub fn segments(app: &App, snapshot: &Snapshot, width: usize, look: &RenderContext) -> Vec<Row> {
    // Sums and alarms are the account's: with a scope, the chain beside them is only a part of it.
    let whose = |row: Row| {
        if app.settings.scope.is_empty() {
            row
        } else {
            row.then(look, Role::Muted, say!(look, "overview-whole-account"))
        }
    };
    let mut all = Vec::new();
    all.extend(connection(snapshot, look));
    let (blamed, calm) = changes(snapshot, look);
    // What is lost comes first, then what cannot arrive, then what can still be saved, then what fails. That nothing is lost
    // comes behind all of that, in one place whatever fails now and then.
    let losses = whose(lost(snapshot, width, look));
    let (near, again, far) = coming(snapshot, width, look);
    let (first, later) = if nothing_is_lost(snapshot) {
        (None, Some(losses))
    } else {
        (Some(losses), None)
    };
    all.extend(first);
    all.extend(unreached(snapshot, width, look));
    all.extend(near);
    all.extend(alarms(snapshot, look).map(whose));
    all.extend(blamed);
    all.extend(failing(snapshot, width, look));
    all.extend(again);
    all.extend(far);
    all.extend(later);
    all.extend(calm);
    all.extend(silent(snapshot, look));
    let answers = &snapshot.answers;
    let read_at = answers.errors_at;
    let errors = |n| say!(look, "overview-errors", n = n);
    all.extend(compared(errors, answers.errors, read_at, snapshot, look).map(whose));
    let throttles = |n| say!(look, "overview-throttles", n = n);
    all.extend(compared(throttles, answers.throttles, read_at, snapshot, look).map(whose));
    all
}

fn connection(snapshot: &Snapshot, look: &RenderContext) -> Option<Row> {
    let (head, rest) = match &*snapshot.connection {
        Connection::Expired { advice } => (say!(look, "overview-expired"), advice.clone()),
        Connection::Unreachable { why } => (
            say!(look, "overview-no-answer"),
            say!(look, "overview-check-network", why = why.as_str()),
        ),
        Connection::Failing { why } => (
            say!(look, "overview-account-errors"),
            say!(look, "overview-asked-again", why = why.as_str()),
        ),
        Connection::Opening | Connection::Open => return None,
    };
    let row = Row::of(look, Role::Failing, format!("{} {head}: ", look.glyphs.signs.failing));
    Some(row.then(
        look,
        Role::Warning,
        text::cut(&rest, 200, look.glyphs.text.ellipsis).into_owned(),
    ))
}

/// When the last of them was counted; a metric is known to the minute.
fn last(compared: Compared, look: &RenderContext) -> Row {
    match compared.last {
        Some(at) => Row::of(look, Role::Muted, say!(look, "overview-last-at", time = look.time(at))),
        None => Row::new(),
    }
}

/// The age of the count, if it is more than the interval of its poller or if the metric can no longer be read.
fn read(at: Option<Timestamp>, snapshot: &Snapshot, look: &RenderContext) -> Row {
    let metrics = snapshot.sources.get(&Source::Metrics);
    let fails = metrics.is_some_and(|state| state.error.is_some());
    match at {
        Some(at) if fails || !snapshot.connection.is_up() || look.is_older(at, 120) => {
            Row::of(look, Role::Stale, say!(look, "overview-old", age = look.age(at)))
        }
        _ => Row::new(),
    }
}

fn yesterday(compared: Compared, look: &RenderContext) -> Row {
    match compared.yesterday {
        Some(n) => Row::of(look, Role::Muted, say!(look, "overview-yesterday", n = text::number(n))),
        None => Row::new(),
    }
}

fn compared(
    what: impl Fn(u64) -> String,
    compared: Option<Compared>,
    read_at: Option<Timestamp>,
    snapshot: &Snapshot,
    look: &RenderContext,
) -> Option<Row> {
    let compared = compared.filter(|c| c.hour >= 1.0 || c.yesterday.is_some_and(|n| n >= 1.0))?;
    let worse = compared.yesterday.is_none_or(|n| compared.hour > n * 1.5);
    let role = if worse { Role::Text } else { Role::Muted };
    // Metrics are minutes late: what the logs tell meanwhile may differ.
    let head = format!("{} ", say!(look, "overview-metric"));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let row = Row::of(look, Role::Muted, head).then(look, role, what(compared.hour.round() as u64));
    Some(
        row.join(last(compared, look))
            .join(yesterday(compared, look))
            .join(read(read_at, snapshot, look)),
    )
}

fn alarms(snapshot: &Snapshot, look: &RenderContext) -> Option<Row> {
    let alarms = &snapshot.answers.alarms;
    let first = alarms.first()?;
    let row = Row::of(look, Role::Failing, format!("{} ", look.glyphs.signs.alarm));
    let row = row.then(
        look,
        Role::Text,
        say!(look, "overview-alarm", name = look.cut(&first.name, 32)),
    );
    let row = match first.since {
        Some(at) => row.then(
            look,
            Role::Muted,
            format!(" {}", say!(look, "overview-since", time = look.time(at))),
        ),
        None => row,
    };
    Some(row.then(look, Role::Text, and_more(alarms.len() - 1, look)))
}

/// Changes: each one after which errors began, and the latest of the others.
fn changes(snapshot: &Snapshot, look: &RenderContext) -> (Vec<Row>, Option<Row>) {
    // Each node once: the newest of its changes, which for one whose errors came after is the nearest before them.
    let mut named: BTreeSet<&NodeId> = BTreeSet::new();
    let changes: Vec<&Change> = snapshot
        .answers
        .changes
        .iter()
        .filter(|change| named.insert(&change.node))
        .collect();
    let blamed = changes.iter().filter(|change| change.errors_since.is_some());
    let rows: Vec<Row> = blamed
        .map(|change| {
            let since = change.errors_since.map(|at| look.time(at)).unwrap_or_default();
            Row::of(
                look,
                Role::Failing,
                format!(
                    "{} {} {} ",
                    look.glyphs.signs.change,
                    name(snapshot, &change.node, look),
                    look.glyphs.signs.failing
                ),
            )
            .then(look, Role::Text, {
                let since = say!(look, "overview-since", time = since);
                format!("{since} {} ", look.glyphs.text.dot)
            })
            .then(look, Role::Warning, {
                let before = change
                    .errors_since
                    .map(|since| since.duration_since(change.at).as_secs());
                say!(
                    look,
                    "overview-changed-before",
                    what = look.cut(&look.say(&change.what), 40),
                    before = SignedDuration::from_secs(before.unwrap_or(0)),
                )
            })
        })
        .collect();
    let mut calm = changes.iter().filter(|change| change.errors_since.is_none());
    let calm = calm.next().map(|last| {
        let row = Row::of(
            look,
            Role::Muted,
            format!(
                "{} {} {} {}",
                look.glyphs.signs.change,
                name(snapshot, &last.node, look),
                look.cut(&look.say(&last.what), 40),
                look.time(last.at)
            ),
        );
        let more = calm.count();
        if more > 0 {
            row.then(look, Role::Muted, say!(look, "overview-more-changed", n = more))
        } else {
            row
        }
    });
    (rows, calm)
}

/// The first failing node that no change explains and that is not named among the losses, and the number of others.
fn unexplained(snapshot: &Snapshot) -> Option<(&Trouble, usize)> {
    let changes = snapshot.answers.changes.iter();
    let blamed = changes.filter(|change| change.errors_since.is_some());
    let mut named: BTreeSet<&NodeId> = blamed.map(|change| &change.node).chain(lossy(snapshot)).collect();
    let mut troubles = snapshot
        .troubles
        .iter()
        // What cannot arrive and what is to be lost is said by itself.
        .filter(|t| {
            let said = matches!(t.kind, Kind::Unreached | Kind::Diverted | Kind::LossToCome);
            t.severity == Severity::Failing && !said && named.insert(&t.id)
        });
    let first = troubles.next()?;
    Some((first, troubles.count()))
}

fn failing(snapshot: &Snapshot, width: usize, look: &RenderContext) -> Option<Row> {
    let (first, more) = unexplained(snapshot)?;
    Some(named(first, more, snapshot, width, look))
}

/// "✗ orders-work 16/16 failed and 3 more": the reason may be cut, the number never.
fn named(trouble: &Trouble, more: usize, snapshot: &Snapshot, width: usize, look: &RenderContext) -> Row {
    let head = format!("{} {} ", look.glyphs.signs.failing, name(snapshot, &trouble.id, look));
    let more = and_more(more, look);
    let room = left(width, &[&head, &more], look);
    let what = look.cut(&look.say(&trouble.what), room.min(48));
    Row::of(look, Role::Failing, head)
        .then(look, Role::Text, what)
        .then(look, Role::Failing, more)
}

fn and_more(more: usize, look: &RenderContext) -> String {
    match more {
        0 => String::new(),
        n => say!(look, "overview-and-more", n = n),
    }
}

/// The cells left beside these texts, less those for the count of hidden ones.
fn left(width: usize, texts: &[&str], look: &RenderContext) -> usize {
    let used: usize = texts.iter().map(|text| text::width(text)).sum();
    width.saturating_sub(used + after(look))
}

fn silent(snapshot: &Snapshot, look: &RenderContext) -> Option<Row> {
    // Who was just said to fail is not named again.
    let failing = unexplained(snapshot).map(|(trouble, _)| &trouble.id);
    let mut silent = snapshot.answers.silent.iter().filter(|(id, _)| Some(id) != failing);
    let (id, why) = silent.next()?;
    let row = Row::of(look, Role::Warning, format!("{} ", look.glyphs.signs.off))
        .then(look, Role::Text, format!("{} ", name(snapshot, id, look)))
        .then(look, Role::Muted, look.cut(&look.say(why), 48));
    Some(row.then(look, Role::Text, and_more(silent.count(), look)))
}

/// The name of a node on screen.
#[must_use]
pub fn name(snapshot: &Snapshot, id: &NodeId, look: &RenderContext) -> String {
    if let Some(node) = snapshot.topology.nodes.get(id) {
        return look.name(&node.name, 32);
    }
    match name_elsewhere(id) {
        Some(elsewhere) => look.name(&look.say(&elsewhere.into()), 32),
        None => look.name(id.as_str().rsplit([':', '/']).next().unwrap_or(id.as_str()), 32),
    }
}
