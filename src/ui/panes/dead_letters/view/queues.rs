//! The list of dead-letter queues: depth, sources, expiry, and reasons against reading.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{cursor, first_in_sight, origin_word};
use crate::dead_letters::expiry::Nearness;
use crate::dead_letters::read_guard::{Refusal, refusals};
use crate::dead_letters::{DeadLetterQueue, Use};
use crate::dlq::DlqState;
use crate::domain::Source;
use crate::domain::phrase::Phrase;
use crate::store::snapshot::Snapshot;
use crate::ui::panes::dead_letters::state::message::short;
use crate::ui::panes::dead_letters::state::{DeadLettersPane, queues};
use crate::ui::text::{count, pad, width, wrap};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The cells of the expiry of the first message.
const GONE: usize = 22;
/// The lines below the list.
const BENEATH: usize = 4;

/// Draws the queues. Returns the number of hidden rows above and below.
pub(super) fn render(
    buffer: &mut Buffer,
    area: Rect,
    state: &DeadLettersPane,
    desk: &DlqState,
    snapshot: &Snapshot,
    look: &RenderContext,
) -> (usize, usize) {
    let all = queues(snapshot);
    let cells = usize::from(area.width);
    if all.is_empty() {
        let not_known = snapshot.not_known().filter(|_| !snapshot.topology.complete);
        let text = match not_known {
            None => say!(look, "dlq-no-queue"),
            Some(why) => say!(look, "dlq-no-queue-yet", why = Phrase::from(why)),
        };
        let row = Row::of(look, Role::Muted, text);
        buffer.set_line(area.x, area.y, &row.cut(look, cells).line(), area.width);
        return (0, 0);
    }
    let at = state.chosen(&all);
    let (first, room) = window(area, all.len(), at);
    let name = all
        .iter()
        .map(|queue| width(&look.name(&queue.name, 36)))
        .max()
        .unwrap_or(8);
    let depths = snapshot.sources.get(&Source::Queues);
    let fails = depths.is_some_and(|state| state.error.is_some());
    for ((place, queue), y) in all.iter().enumerate().skip(first).take(room).zip(area.y..) {
        let row = line(queue, name, desk, fails, look).cut(look, cells);
        buffer.set_line(area.x, y, &row.line(), area.width);
        if place == at {
            cursor(buffer, area, y, look);
        }
    }
    let top = area.y + u16::try_from(room.min(all.len())).unwrap_or(0) + 1;
    let lines = beneath(&all[at], desk, look, cells);
    for (row, y) in lines.into_iter().zip(top..area.bottom()) {
        buffer.set_line(area.x, y, &row.cut(look, cells).line(), area.width);
    }
    (first, all.len() - first - room)
}

/// The visible queues: the index of the first, and their number.
fn window(area: Rect, all: usize, at: usize) -> (usize, usize) {
    let height = usize::from(area.height);
    let room = all.min(height.saturating_sub(BENEATH + 1).max(height.min(3)));
    (first_in_sight(at, all, room), room)
}

/// The index of the queue at a line of the screen.
#[must_use]
pub fn row_at(area: Rect, y: u16, state: &DeadLettersPane, snapshot: &Snapshot) -> Option<usize> {
    let all = queues(snapshot);
    let (first, room) = window(area, all.len(), state.chosen(&all));
    let row = usize::from(y.checked_sub(area.y)?);
    (row < room && first + row < all.len()).then_some(first + row)
}

fn line(queue: &DeadLetterQueue, name: usize, desk: &DlqState, fails: bool, look: &RenderContext) -> Row {
    // As in the boxes: where depths cannot be read, one that is not quite fresh may be of before.
    let stale = queue
        .known
        .map(|known| known.at)
        .filter(|at| look.is_older(*at, if fails { 30 } else { 300 }));
    let (mark, role) = match queue.messages() {
        _ if stale.is_some() => (look.glyphs.signs.unknown, Role::Unknown),
        None => (look.glyphs.signs.unknown, Role::Unknown),
        Some(0) => (look.glyphs.signs.well, Role::Well),
        // Messages under way, which need not be dead letters.
        Some(_) if queue.used_as() == Use::WorkQueue => (look.glyphs.text.dot, Role::Muted),
        Some(_) => (look.glyphs.signs.warning, Role::Warning),
    };
    let messages = queue.messages().map_or_else(|| "?".to_owned(), count);
    let messages = if stale.is_some() {
        format!("~{messages}")
    } else {
        messages
    };
    let mut row = Row::of(look, role, format!("{mark} "))
        .then(look, Role::Strong, pad(&look.name(&queue.name, 36), name))
        .then(look, Role::Text, format!(" {messages:>6}  "));
    row = match stale {
        Some(at) => row.then(
            look,
            Role::Stale,
            format!("{}  ", pad(&say!(look, "age-old", age = look.age(at)), GONE)),
        ),
        None => row.join(gone(queue, look)),
    };
    let feeders: BTreeSet<String> = queue
        .fed_by
        .iter()
        .map(|feeder| {
            format!(
                "{} ({})",
                look.name(short(feeder.id.as_str()), 28),
                origin_word(feeder.origin, look)
            )
        })
        .collect();
    let feeders: Vec<String> = feeders.into_iter().collect();
    row = row.then(look, Role::Muted, feeders.join(", "));
    if let Some(letters) = desk.letters.get(&queue.id) {
        let time = look.time_of_day(letters.read_at, true);
        let text = say!(look, "dlq-queue-read", n = letters.entries.len(), time = time);
        row = row.then(look, Role::Notice, format!("  {text}"));
    }
    if !refusals(queue).is_empty() {
        row = row.then(
            look,
            Role::Warning,
            format!("  {} {}", look.glyphs.signs.off, say!(look, "dlq-refused")),
        );
    }
    row
}

fn gone(queue: &DeadLetterQueue, look: &RenderContext) -> Row {
    let (role, text) = match (queue.messages(), queue.bound(), queue.retention()) {
        (Some(0), ..) => (Role::Muted, say!(look, "dlq-empty")),
        (_, Some(bound), Some(kept)) => {
            let near = bound.nearness(look.now, kept) >= Nearness::Soon;
            let role = if near { Role::Warning } else { Role::Text };
            (role, say!(look, "dlq-expires", left = left_until(bound.at, look)))
        }
        (None, ..) => (Role::Unknown, say!(look, "dlq-not-counted")),
        _ => (Role::Unknown, say!(look, "dlq-expiry-unknown")),
    };
    Row::of(look, role, format!("{}  ", pad(&text, GONE)))
}

/// The time remaining: `2 d 4 h`; `None` once it is over.
pub(super) fn left_until(at: Timestamp, look: &RenderContext) -> Option<String> {
    let left = at.duration_since(look.now).as_secs();
    look.changes_at(look.now + SignedDuration::from_secs(60));
    (left > 0).then(|| crate::ui::text::span(left))
}

/// The facts about the chosen queue.
fn beneath(queue: &DeadLetterQueue, desk: &DlqState, look: &RenderContext, cells: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut say = |role: Role, text: &str| {
        rows.extend(wrap(text, cells).into_iter().map(|line| Row::of(look, role, line)));
    };
    if let Some(why) = &desk.closed {
        say(Role::Warning, &look.say(why));
    }
    if let Some(why) = queue.not_only_dead_letters() {
        say(Role::Notice, &look.say(&why.into()));
    }
    for refusal in refusals(queue) {
        say(Role::Warning, &against(&refusal, &queue.name, look));
    }
    for source in &queue.outlived_by {
        let name = short(source.as_str());
        say(Role::Warning, &say!(look, "dlq-outlived", name = name));
    }
    if !desk.letters.contains_key(&queue.id) {
        say(Role::Muted, &say!(look, "dlq-not-read-yet"));
    }
    rows
}

/// A refusal in words.
pub(super) fn against(refusal: &Refusal, queue: &str, look: &RenderContext) -> String {
    say!(look, "dlq-refused-why", why = Phrase::from(refusal.why(queue)))
}
