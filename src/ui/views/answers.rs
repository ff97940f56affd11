//! What is said before anything else: what was lost, what alarms, what changed before errors began, what stands still.
//!
//! ```text
//!  ▼ 3 events lost: check-7 (no DLQ)   ▼ thumb: first event lost in 01:34, no DLQ   ◆ orders-q-age 2m   …
//! ```

use std::collections::BTreeSet;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Connection, NodeId, Source};
use crate::store::coming::{Coming, is_near};
use crate::store::health::{because, name_elsewhere, reason};
use crate::store::losses::{Doubt, Unsure};
use crate::store::snapshot::{Change, Compared, Severity, Snapshot, Trouble};
use crate::ui::app::App;
use crate::ui::look::Look;
use crate::ui::text;
use crate::ui::theme::Role;
use crate::ui::widgets::rows::Row;
use crate::ui::words;

const BETWEEN: &str = "    ";
/// Where the rest is told.
const MORE: &str = "more (i)";

/// Draws as many as fit, in order.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &Look) {
    let width = usize::from(area.width).saturating_sub(2);
    let segments = segments(app, snapshot, look);
    let mut lines: Vec<Row> = vec![Row::new()];
    let mut left = segments.len();
    for segment in segments {
        let used = lines.last().map_or(0, Row::width);
        let is_last = lines.len() == usize::from(area.height);
        // On the last line there must be room to say how many are left.
        let room = width.saturating_sub(if is_last && left > 1 { MORE.len() + 6 } else { 0 });
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
        let more = format!("{}+{left} {MORE}", if line.width() == 0 { "" } else { "  " });
        lines.push(line.then(look, Role::Notice, more));
    }
    for (line, y) in lines.into_iter().zip(area.top()..area.bottom()) {
        buffer.set_line(area.x + 1, y, &line.line(), area.width.saturating_sub(1));
    }
}

/// All there is to say, in order.
#[must_use]
pub fn segments(app: &App, snapshot: &Snapshot, look: &Look) -> Vec<Row> {
    // Sums and alarms are the account's: with a scope, the chain beside them is only a part of it.
    let whose = |row: Row| {
        if app.settings.scope.is_empty() {
            row
        } else {
            row.then(look, Role::Muted, ", whole account")
        }
    };
    let mut all = Vec::new();
    all.extend(connection(snapshot, look));
    let (mut broken, calm) = changes(snapshot, look);
    broken.extend(failing(snapshot, look));
    // What is lost comes first, then what can still be saved; that nothing is comes behind what is broken.
    let losses = whose(lost(snapshot, look));
    let (near, far) = coming(snapshot, look);
    let waits = (!broken.is_empty() || near.is_some()) && nothing_is_lost(snapshot);
    let (first, later) = if waits {
        (None, Some(losses))
    } else {
        (Some(losses), None)
    };
    all.extend(first);
    all.extend(near);
    all.extend(alarms(snapshot, look).map(whose));
    all.extend(broken);
    all.extend(far);
    all.extend(later);
    all.extend(calm);
    all.extend(silent(snapshot, look));
    let answers = &snapshot.answers;
    let read_at = answers.errors_at;
    all.extend(compared("error", answers.errors, read_at, snapshot, look).map(whose));
    all.extend(compared("throttle", answers.throttles, read_at, snapshot, look).map(whose));
    all
}

fn connection(snapshot: &Snapshot, look: &Look) -> Option<Row> {
    let (head, rest) = match &*snapshot.connection {
        Connection::Expired { advice } => ("credentials expired", advice.clone()),
        Connection::Unreachable { why } => (
            "no answer",
            format!("{why}; check the network and the endpoint: it is asked again by itself"),
        ),
        Connection::Failing { why } => (
            "the account answers with errors",
            format!("{why}; it is asked again by itself"),
        ),
        Connection::Opening | Connection::Open => return None,
    };
    let row = Row::new().then(look, Role::Failing, format!("{} {head}: ", look.glyphs.failing));
    Some(row.then(
        look,
        Role::Warning,
        text::cut(&rest, 200, look.glyphs.ellipsis).into_owned(),
    ))
}

fn nothing_is_lost(snapshot: &Snapshot) -> bool {
    let answers = &snapshot.answers;
    answers.lost.is_some() && answers.losses.certain.is_empty() && answers.losses.unsure.is_empty()
}

fn lost(snapshot: &Snapshot, look: &Look) -> Row {
    let answers = &snapshot.answers;
    let glyphs = look.glyphs;
    let Some(lost) = answers.lost else {
        let text = if metrics_fail(snapshot) {
            "losses could not be read"
        } else {
            "losses not read yet"
        };
        return Row::new().then(look, Role::Unknown, format!("{} {text}", glyphs.unknown));
    };
    let age = read(answers.lost_at, snapshot, look);
    if !answers.losses.certain.is_empty() {
        return certain(snapshot, look)
            .join(last(lost, look))
            .join(yesterday(lost, look))
            .join(age);
    }
    if let Some(unsure) = answers.losses.unsure.first() {
        let (what, why) = perhaps(unsure, snapshot, look);
        let row = Row::new().then(look, Role::Warning, format!("{} {what}", glyphs.unknown));
        return row.then(look, Role::Muted, why).join(age);
    }
    if let Some(why) = not_all_read(snapshot) {
        // A topic or rule that was not found, or of which nothing was read, may have lost something.
        let text = format!("{} no events lost so far, {why}", glyphs.unknown);
        return Row::new().then(look, Role::Unknown, text).join(age);
    }
    let row = Row::new().then(look, Role::Well, format!("{} ", glyphs.well));
    let kept = match answers.dead_letters {
        Some(n) if n > 0 => format!(", {} in DLQs", text::count(n)),
        _ => String::new(),
    };
    row.then(look, Role::Muted, format!("no events lost (1 h){kept}"))
        .join(age)
}

fn metrics_fail(snapshot: &Snapshot) -> bool {
    let state = snapshot.sources.get(&Source::Metrics);
    state.is_some_and(|state| state.error.is_some())
}

/// Why losses may be there that were not seen. AWS writes no zeros: that nothing was read is no proof.
fn not_all_read(snapshot: &Snapshot) -> Option<String> {
    let all_read = snapshot.topology.complete && snapshot.answers.losses.unread.is_empty() && !metrics_fail(snapshot);
    if all_read { None } else { snapshot.not_known() }
}

/// How many were lost, whose, and how.
fn certain(snapshot: &Snapshot, look: &Look) -> Row {
    const NAMED: usize = 3;
    let losses = &snapshot.answers.losses.certain;
    let total: u64 = losses.iter().map(|loss| loss.count).sum();
    let named = losses.iter().take(NAMED).map(|loss| {
        let whose = match &loss.of {
            Some(id) => format!("{} ({})", name(snapshot, id, look), because(loss)),
            None => because(loss).to_owned(),
        };
        if losses.len() == 1 {
            whose
        } else {
            format!("{whose} {}", text::count(loss.count))
        }
    });
    let named: Vec<String> = named.collect();
    let more = losses.len() - named.len();
    let more = if more > 0 {
        format!(", {more} more")
    } else {
        String::new()
    };
    let many = match total {
        1 => "1 event lost".to_owned(),
        n => format!("{} events lost", text::count(n)),
    };
    let row = Row::new().then(
        look,
        Role::Loss,
        format!(" {} {many}: {}{more}", look.glyphs.loss, named.join(", ")),
    );
    // Metrics come minutes later.
    let by_log = losses.iter().filter(|loss| !loss.counted).count();
    let row = match by_log {
        0 => row,
        n if n == losses.len() => row.then(look, Role::Muted, ", by the log"),
        _ => row.then(look, Role::Muted, ", some of them by the log"),
    };
    match snapshot.answers.losses.unsure.first() {
        Some(unsure) => {
            let (what, why) = perhaps(unsure, snapshot, look);
            row.then(look, Role::Muted, format!(", and {what}{why}"))
        }
        None => row,
    }
}

/// What was given up and may have been kept, and why that is not known.
fn perhaps(unsure: &Unsure, snapshot: &Snapshot, look: &Look) -> (String, String) {
    let whose = unsure.of.as_ref().map(|id| format!(" by {}", name(snapshot, id, look)));
    let whose = whose.unwrap_or_default();
    let n = unsure.count;
    let events = if n == 1 { "async event" } else { "async events" };
    match unsure.doubt {
        Doubt::KeepingUnread => (
            format!("{} {events} dropped{whose} ({})", text::count(n), unsure.metric),
            "; DLQ unknown".to_owned(),
        ),
        Doubt::NoFunction => (
            format!("{} {events} dropped ({})", text::count(n), unsure.metric),
            "; not known by which function".to_owned(),
        ),
        Doubt::Attempts => (
            format!("{} delivery attempts failed{whose} ({})", text::count(n), unsure.metric),
            "; HTTP counts each attempt, so not each is lost".to_owned(),
        ),
    }
}

/// The first loss to come, and how many more: near ones in red, the others behind what is broken.
fn coming(snapshot: &Snapshot, look: &Look) -> (Option<Row>, Option<Row>) {
    let (near, far): (Vec<&Coming>, Vec<&Coming>) =
        snapshot.answers.coming.iter().partition(|one| is_near(one, look.now));
    let row = |all: &[&Coming], role: Role| {
        let first = all.first()?;
        let more = match all.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        let text = format!(
            "{} {}: {}, {}{more}",
            look.glyphs.loss,
            name(snapshot, &first.of, look),
            words::loss_to_come(first, look),
            reason(first)
        );
        Some(Row::new().then(look, role, text))
    };
    let far = if near.is_empty() {
        row(&far, Role::Warning)
    } else {
        None
    };
    (row(&near, Role::Failing), far)
}

/// When the last of them was counted: a metric is known by the minute.
fn last(compared: Compared, look: &Look) -> Row {
    match compared.last {
        Some(at) => Row::new().then(look, Role::Muted, format!(", last at {}", look.time(at))),
        None => Row::new(),
    }
}

/// How old the count is, where that is more than its poller leaves between two; at once where it cannot be read any more.
fn read(at: Option<Timestamp>, snapshot: &Snapshot, look: &Look) -> Row {
    let metrics = snapshot.sources.get(&Source::Metrics);
    let fails = metrics.is_some_and(|state| state.error.is_some());
    match at {
        Some(at) if fails || !snapshot.connection.is_up() || look.is_older(at, 120) => {
            Row::new().then(look, Role::Stale, format!(", {} old", look.age(at)))
        }
        _ => Row::new(),
    }
}

fn yesterday(compared: Compared, look: &Look) -> Row {
    match compared.yesterday {
        Some(n) => Row::new().then(look, Role::Muted, format!(", same hour yesterday {}", text::number(n))),
        None => Row::new(),
    }
}

fn compared(
    what: &str,
    compared: Option<Compared>,
    read_at: Option<Timestamp>,
    snapshot: &Snapshot,
    look: &Look,
) -> Option<Row> {
    let compared = compared.filter(|c| c.hour >= 1.0 || c.yesterday.is_some_and(|n| n >= 1.0))?;
    let worse = compared.yesterday.is_none_or(|n| compared.hour > n * 1.5);
    let role = if worse { Role::Text } else { Role::Muted };
    // Metrics are minutes late: what the logs tell meanwhile may differ.
    let row = Row::new().then(look, Role::Muted, "metric: ").then(
        look,
        role,
        format!("{} in the last hour", text::counted(compared.hour, what)),
    );
    Some(
        row.join(last(compared, look))
            .join(yesterday(compared, look))
            .join(read(read_at, snapshot, look)),
    )
}

fn alarms(snapshot: &Snapshot, look: &Look) -> Option<Row> {
    let alarms = &snapshot.answers.alarms;
    let first = alarms.first()?;
    let row = Row::new().then(look, Role::Failing, format!("{} ", look.glyphs.alarm));
    let row = row.then(look, Role::Text, format!("alarm {}", look.cut(&first.name, 32)));
    let row = match first.since {
        Some(at) => row.then(look, Role::Muted, format!(" since {}", look.time(at))),
        None => row,
    };
    Some(match alarms.len() {
        1 => row,
        n => row.then(look, Role::Text, format!(" and {} more", n - 1)),
    })
}

/// What changed: each change after which errors began, and the newest of all others.
fn changes(snapshot: &Snapshot, look: &Look) -> (Vec<Row>, Option<Row>) {
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
            Row::new()
                .then(
                    look,
                    Role::Failing,
                    format!(
                        "{} {} {} ",
                        look.glyphs.change,
                        name(snapshot, &change.node, look),
                        look.glyphs.failing
                    ),
                )
                .then(look, Role::Text, format!("since {since} {} ", look.glyphs.dot))
                .then(look, Role::Warning, {
                    let before = change
                        .errors_since
                        .map(|since| since.duration_since(change.at).as_secs());
                    format!(
                        "{} {} before",
                        look.cut(&change.what, 40),
                        crate::store::health::span(before.unwrap_or(0))
                    )
                })
        })
        .collect();
    let mut calm = changes.iter().filter(|change| change.errors_since.is_none());
    let calm = calm.next().map(|last| {
        let row = Row::new().then(
            look,
            Role::Muted,
            format!(
                "{} {} {} {}",
                look.glyphs.change,
                name(snapshot, &last.node, look),
                look.cut(&last.what, 40),
                look.time(last.at)
            ),
        );
        let more = calm.count();
        if more > 0 {
            row.then(look, Role::Muted, format!(", {more} more changed"))
        } else {
            row
        }
    });
    (rows, calm)
}

/// The first thing that fails and that no change explains, and how many more do.
fn unexplained(snapshot: &Snapshot) -> Option<(&Trouble, usize)> {
    let mut named: BTreeSet<&NodeId> = snapshot
        .answers
        .changes
        .iter()
        .filter(|change| change.errors_since.is_some())
        .map(|change| &change.node)
        .collect();
    let mut troubles = snapshot
        .troubles
        .iter()
        // What is to be lost is said by itself.
        .filter(|t| t.severity == Severity::Failing && t.due.is_none() && named.insert(&t.id));
    let first = troubles.next()?;
    Some((first, troubles.count()))
}

fn failing(snapshot: &Snapshot, look: &Look) -> Option<Row> {
    let (first, more) = unexplained(snapshot)?;
    let row = Row::new()
        .then(
            look,
            Role::Failing,
            format!("{} {} ", look.glyphs.failing, name(snapshot, &first.id, look)),
        )
        .then(look, Role::Text, look.cut(&first.what, 48));
    Some(if more > 0 {
        row.then(look, Role::Failing, format!(" and {more} more"))
    } else {
        row
    })
}

fn silent(snapshot: &Snapshot, look: &Look) -> Option<Row> {
    // Who was just said to fail is not named again.
    let failing = unexplained(snapshot).map(|(trouble, _)| &trouble.id);
    let mut silent = snapshot.answers.silent.iter().filter(|(id, _)| Some(id) != failing);
    let (id, why) = silent.next()?;
    let row = Row::new()
        .then(look, Role::Warning, format!("{} ", look.glyphs.off))
        .then(look, Role::Text, format!("{} ", name(snapshot, id, look)))
        .then(look, Role::Muted, look.cut(why, 48));
    Some(match silent.count() {
        0 => row,
        n => row.then(look, Role::Text, format!(" and {n} more")),
    })
}

/// What a node is called on screen.
#[must_use]
pub fn name(snapshot: &Snapshot, id: &NodeId, look: &Look) -> String {
    if let Some(node) = snapshot.topology.nodes.get(id) {
        return look.name(&node.name, 32);
    }
    let elsewhere = name_elsewhere(id);
    let short = if elsewhere == id.as_str() {
        id.as_str().rsplit([':', '/']).next().unwrap_or(id.as_str())
    } else {
        &elsewhere
    };
    look.name(short, 32)
}
