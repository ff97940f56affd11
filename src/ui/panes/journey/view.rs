//! One event's way as a waterfall: a row a hop, on one axis of time, with how the link before it is known at its end.
//!
//! ```text
//! ├ Journey  4711 · 3 functions, 5 invocations ──────────────────────────────────────────────────────┤
//! │               14:00:58              14:01:30             14:02:02                                  │
//! │ orders-in     █                                           succeeded · 103 ms  names it             │
//! │ orders-work     ░✗────────────────✗────────────────✗▒▒▒   3 attempts failed   carried: message ID  │
//! ```

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::track::{Track, draw};
use crate::domain::RunOutcome;
use crate::domain::delivery::Fate;
use crate::domain::duration::span;
use crate::domain::text::plain;
use crate::journey::{Cut, Hop, Joint, Journey, Link};
use crate::store::snapshot::Snapshot;
use crate::ui::panes::delivery::name;
use crate::ui::panes::journey::state::JourneyPane;
use crate::ui::text::width;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::{self, say};

/// Cells of a function's name at most, of what happened, and of the evidence.
const NAME: usize = 18;
const WHAT: usize = 30;
const KNOWN: usize = 34;
/// Cells of an id in the title.
const ID: usize = 40;

/// Draws it.
pub fn render(buffer: &mut Buffer, area: Rect, state: &JourneyPane, snapshot: &Snapshot, look: &RenderContext) {
    let journey = &state.journey;
    let inside = pane::pane(buffer, area, title(journey, &state.id, look), look);
    pane::at_right(
        buffer,
        area.bottom() - 1,
        area.x + 1,
        area.right() - 2,
        Row::of(look, Role::Muted, format!(" {} ", say!(look, "journey-pane-held"))),
    );
    if journey.hops.is_empty() {
        let key = plain(&state.id).into_owned();
        let why = match journey.cut {
            Some(Cut::Common) => say!(look, "journey-common", id = look.cut(&key, ID), most = 64_usize),
            _ => say!(look, "journey-pane-none", id = look.cut(&key, ID)),
        };
        pane::nothing(buffer, inside, why, look);
        return;
    }
    let columns = Columns::of(journey, snapshot, inside.width, look);
    let track = Track::of(journey, look.now, columns.track);
    axis(buffer, inside, &columns, &track, look);
    let rows = usize::from(inside.height).saturating_sub(1);
    let details = if state.open {
        details(state, snapshot, look)
    } else {
        below(journey, look)
    };
    let room = rows.saturating_sub(details.len().min(rows / 2)).max(1);
    let at = state.place();
    let first = if at < room { 0 } else { at + 1 - room };
    let shown = room.min(journey.hops.len() - first);
    for (place, y) in (first..first + shown).zip(inside.y + 1..) {
        columns.row(
            buffer,
            Rect::new(inside.x, y, inside.width, 1),
            journey,
            place,
            (snapshot, &track),
            look,
        );
        if place == at {
            let line = Rect::new(inside.x.saturating_sub(1), y, inside.width + 2, 1);
            buffer.set_style(line, look.style(Role::Cursor));
        }
    }
    let top = inside.y + 1 + u16::try_from(shown).unwrap_or(0);
    for (row, y) in details.into_iter().zip(top + 1..inside.bottom()) {
        row.draw(buffer, (inside.x, y), inside.width, look);
    }
    let unseen = (first, journey.hops.len() - first - shown);
    if unseen != (0, 0) {
        pane::beyond(buffer, area.bottom() - 1, area.x, area.right() - 1, unseen, look);
    }
}

fn title(journey: &Journey, id: &str, look: &RenderContext) -> Row {
    let dot = format!(" {} ", look.glyphs.text.dot);
    let runs: usize = journey.hops.iter().map(|hop| hop.attempts.len()).sum();
    let row = Row::of(look, Role::Title, say!(look, "journey-pane-title"))
        .then(look, Role::Text, "  ")
        .then(look, Role::Strong, look.cut(&plain(id), ID));
    if journey.hops.is_empty() {
        return row;
    }
    let counts = say!(look, "journey-pane-counts", hops = journey.hops.len(), runs = runs);
    row.then(look, Role::Faint, dot).then(look, Role::Muted, counts)
}

/// How wide the columns are; 0 where there is no room for one.
struct Columns {
    name: usize,
    track: u16,
    what: usize,
    known: usize,
}

impl Columns {
    fn of(journey: &Journey, snapshot: &Snapshot, cells: u16, look: &RenderContext) -> Self {
        let widest = |each: &dyn Fn(usize) -> usize| (0..journey.hops.len()).map(each).max().unwrap_or(0);
        let names = widest(&|n| width(&name(snapshot, &journey.hops[n].function, look)));
        let what = widest(&|n| width(&outcome(&journey.hops[n], snapshot, look).1)).min(WHAT);
        let known = widest(&|n| width(&known(journey, n, snapshot, look).1)).min(KNOWN);
        let name = names.min(NAME);
        let cells = usize::from(cells);
        // The evidence stays; of the time at least a dozen cells do, or none.
        let (what, known) = if cells < name + what + known + 18 {
            (what.min(16), known.min(24))
        } else {
            (what, known)
        };
        let left = cells.saturating_sub(name + what + known + 6);
        Self {
            name,
            track: if left < 8 { 0 } else { u16::try_from(left).unwrap_or(0) },
            what,
            known,
        }
    }

    fn track(&self, area: Rect) -> Rect {
        let x = area.x + u16::try_from(self.name).unwrap_or(0) + 2;
        Rect::new(x, area.y, self.track, 1)
    }

    fn row(
        &self,
        buffer: &mut Buffer,
        area: Rect,
        journey: &Journey,
        place: usize,
        (snapshot, track): (&Snapshot, &Track),
        look: &RenderContext,
    ) {
        let hop = &journey.hops[place];
        let (role, what) = outcome(hop, snapshot, look);
        let shown = look.name(&name(snapshot, &hop.function, look), self.name);
        Row::of(look, Role::Strong, shown).draw(buffer, (area.x, area.y), area.width, look);
        let chart = self.track(area);
        if self.track > 0 {
            draw(buffer, chart, hop, journey.sent(place), track, look);
        }
        let mut x = if self.track > 0 { chart.right() + 2 } else { chart.x };
        Row::of(look, role, look.cut(&what, self.what)).draw(buffer, (x, area.y), area.right().saturating_sub(x), look);
        x += u16::try_from(self.what).unwrap_or(0) + 2;
        let (role, known) = known(journey, place, snapshot, look);
        if x < area.right() {
            Row::of(look, role, look.cut(&known, self.known)).draw(buffer, (x, area.y), area.right() - x, look);
        }
    }
}

fn axis(buffer: &mut Buffer, inside: Rect, columns: &Columns, track: &Track, look: &RenderContext) {
    let chart = columns.track(inside);
    if columns.track < 24 {
        return;
    }
    for (n, (cell, at)) in track.marks().into_iter().enumerate() {
        let text = if track.is_short() {
            look.time_to_the_millisecond(at)
        } else {
            look.time_of_day(at, true)
        };
        let wide = u16::try_from(width(&text)).unwrap_or(0);
        if n == 1 && columns.track < 3 * wide + 6 {
            continue;
        }
        let left = match n {
            0 => 0,
            1 => cell.saturating_sub(wide / 2),
            _ => columns.track.saturating_sub(wide),
        };
        Row::of(look, Role::Muted, text).draw(buffer, (chart.x + left, chart.y), chart.width - left, look);
    }
}

/// The strongest link to a hop.
fn before(journey: &Journey, place: usize) -> Option<&Joint> {
    journey
        .joints
        .iter()
        .filter(|joint| joint.to == place)
        .min_by_key(|joint| joint.link)
}

/// How the link to a hop is known.
fn known(journey: &Journey, place: usize, snapshot: &Snapshot, look: &RenderContext) -> (Role, String) {
    let Some(joint) = before(journey, place) else {
        let named = journey.named.contains(&place);
        let text = if named {
            say!(look, "journey-names-it")
        } else {
            String::new()
        };
        return (Role::Muted, text);
    };
    let role = match joint.link {
        Link::Carried | Link::Traced => Role::Text,
        Link::Correlated | Link::Inferred => Role::Inferred,
        Link::Candidate => Role::Unknown,
    };
    let mut text = format!("{}: {}", link(joint.link, look), by(joint, look));
    if let Some(last) = joint.through.last() {
        text = format!("{text}, {}", name(snapshot, last, look));
    }
    (role, text)
}

fn link(link: Link, look: &RenderContext) -> String {
    look.words.text(words::journey::link(link))
}

fn by(joint: &Joint, look: &RenderContext) -> String {
    look.words.text(words::journey::by(joint.by))
}

/// How a hop ended, or what it waits for.
fn outcome(hop: &Hop, snapshot: &Snapshot, look: &RenderContext) -> (Role, String) {
    let n = hop.attempts.len();
    let failed = hop.attempts.iter().any(|run| run.outcome.is_failure());
    if let Some(dead) = &hop.dead {
        return (
            Role::Failing,
            say!(look, "journey-dead", queue = name(snapshot, &dead.queue, look)),
        );
    }
    let row = hop.delivery.as_deref();
    if let Some(end) = row.and_then(|row| row.end.as_ref()) {
        match (end.fate, &end.to) {
            (Fate::DeadLetter | Fate::Destination, Some(to)) => {
                return (
                    Role::Failing,
                    say!(look, "journey-dead-predicted", queue = name(snapshot, to, look)),
                );
            }
            (Fate::Dropped | Fate::Expired, _) => return (Role::Loss, say!(look, "journey-dropped")),
            _ => {}
        }
    }
    if let Some(next) = row.and_then(|row| row.next.as_ref()) {
        let n = usize::try_from(next.attempt).unwrap_or(0);
        return match next.latest {
            Some(latest) if latest < look.now => (Role::Warning, say!(look, "journey-next-late", n = n)),
            _ => (
                Role::Predicted,
                say!(look, "journey-next", n = n, when = look.countdown(next.earliest)),
            ),
        };
    }
    match hop.attempts.last().map(|run| run.outcome) {
        Some(RunOutcome::Ok) if failed => (Role::Well, say!(look, "journey-succeeded-after", n = n)),
        Some(RunOutcome::Ok) => (Role::Well, say!(look, "journey-succeeded")),
        Some(RunOutcome::Running) => (Role::Marble, say!(look, "journey-running")),
        Some(RunOutcome::Unknown) | None => (Role::Unknown, say!(look, "journey-unknown")),
        Some(_) if n > 1 => (Role::Failing, say!(look, "journey-failed-times", n = n)),
        Some(_) => (Role::Failing, say!(look, "journey-failed")),
    }
}

/// What stands beneath the rows: how long it waited and ran, and what has the same key.
fn below(journey: &Journey, look: &RenderContext) -> Vec<Row> {
    let hops = &journey.hops;
    let ran: SignedDuration = hops.iter().filter_map(Hop::ran).sum();
    let waits: SignedDuration = (0..hops.len()).filter_map(|n| journey.waited(n)).sum();
    let runs: usize = hops.iter().map(|hop| hop.attempts.len()).sum();
    let text = say!(
        look,
        "journey-waited-ran",
        waited = length(waits),
        ran = length(ran),
        runs = runs
    );
    let mut rows = vec![Row::of(look, Role::Muted, text)];
    for group in &journey.correlated {
        let names: std::collections::BTreeSet<&str> =
            group.others.iter().map(|(function, _)| function.short_name()).collect();
        let names: Vec<String> = names.into_iter().map(|name| plain(name).into_owned()).collect();
        let text = say!(
            look,
            "journey-correlated-with",
            key = plain(&group.key).into_owned(),
            value = look.cut(&plain(&group.value), ID),
            n = group.others.len(),
            functions = names.join(", ")
        );
        rows.push(Row::of(look, Role::Muted, text));
    }
    rows
}

/// The chosen hop in full: each attempt, and what is between it and the one before.
fn details(state: &JourneyPane, snapshot: &Snapshot, look: &RenderContext) -> Vec<Row> {
    let Some(hop) = state.hop() else { return Vec::new() };
    let mut rows = Vec::new();
    for joint in state.journey.joints.iter().filter(|joint| joint.to == state.place()) {
        let from = name(snapshot, &state.journey.hops[joint.from].function, look);
        let through: Vec<String> = joint.through.iter().map(|id| name(snapshot, id, look)).collect();
        let way: Vec<String> = std::iter::once(from).chain(through).collect();
        let row = Row::of(look, Role::Text, way.join(" > "))
            .then(look, Role::Text, "  ")
            .then(
                look,
                Role::Muted,
                format!("{}: {}", link(joint.link, look), by(joint, look)),
            );
        let id = joint.id.as_deref().map(|id| plain(id).into_owned()).unwrap_or_default();
        rows.push(row.then(look, Role::Strong, format!("  {id}")));
    }
    for run in &hop.attempts {
        let at = run
            .start
            .or(run.end)
            .map_or_else(|| "?".to_owned(), |at| look.time_to_the_millisecond(at));
        let ran = run
            .end
            .zip(run.start)
            .map_or_else(String::new, |(end, start)| length(end.duration_since(start)));
        let role = if run.outcome.is_failure() {
            Role::Failing
        } else {
            Role::Text
        };
        let error = run
            .error
            .as_ref()
            .map_or_else(String::new, |error| plain(&error.message).into_owned());
        let row = Row::of(look, Role::Muted, format!("{at}  "))
            .then(look, Role::Strong, plain(&run.request_id).into_owned())
            .then(look, role, format!("  {ran}  {error}"));
        rows.push(row);
    }
    if hop.batch.len() > 1 {
        rows.push(Row::of(
            look,
            Role::Muted,
            say!(look, "journey-batch", n = hop.batch.len() - 1),
        ));
    }
    rows
}

/// `103 ms`, `1.9 s`, `2 min`.
fn length(length: SignedDuration) -> String {
    match length.as_millis() {
        ms @ ..1_000 => format!("{ms} ms"),
        ms @ ..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => span(length.as_secs()),
    }
}
