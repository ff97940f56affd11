//! One event on its way, in words: each attempt, what it said, what comes next and by which rule, where it ends.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::delivery::{Attempt, AttemptOutcome, Certainty, Delivery, Fate, Outlook, Pattern};
use crate::domain::{Condition, NodeId, condition};
use crate::store::coming::hangs_on_a_condition;
use crate::store::snapshot::Snapshot;
use crate::ui::render_context::RenderContext;
use crate::ui::retries::Entry;
use crate::ui::text::{count, width, wrap};
use crate::ui::theme::Role;
use crate::ui::widgets::rows::Row;

/// A node's name.
#[must_use]
pub fn name(snapshot: &Snapshot, id: &NodeId, look: &RenderContext) -> String {
    let known = snapshot.topology.nodes.get(id);
    let last = || id.as_str().rsplit(':').next().unwrap_or(id.as_str());
    look.cut(known.map_or_else(last, |node| &node.name), 64)
}

/// The first characters of an id: enough to tell rows apart.
#[must_use]
pub fn short_id(id: &str) -> String {
    let last = id.rsplit([':', '/', ' ']).next().unwrap_or(id);
    crate::domain::text::plain(last).chars().take(8).collect()
}

/// The mark and role of a row.
#[must_use]
pub fn mark(delivery: &Delivery, look: &RenderContext) -> (&'static str, Role) {
    let glyphs = look.glyphs;
    if let Some(end) = &delivery.end {
        return fate(end.fate, look);
    }
    if delivery.next.is_some() {
        // What will be lost can still be saved.
        let role = if will_be_lost(delivery) {
            Role::Failing
        } else {
            Role::Warning
        };
        return (glyphs.again, role);
    }
    if delivery.overdue.is_some() || delivery.missed.is_some() {
        return (glyphs.unknown, Role::Warning);
    }
    if delivery.waits.is_some() {
        return (glyphs.off, Role::Warning);
    }
    match delivery
        .attempts
        .last()
        .map(|attempt| (attempt.outcome, attempt.evidence))
    {
        Some((last, evidence)) => outcome(last, evidence, look),
        None => (glyphs.unknown, Role::Unknown),
    }
}

/// Whether it will be lost if it goes on failing, as far as that stands without a condition.
fn will_be_lost(delivery: &Delivery) -> bool {
    let is_lost = |outlook: &Outlook| matches!(outlook.fate, Fate::Dropped | Fate::Expired);
    delivery.outlook.as_ref().is_some_and(is_lost) && !hangs_on_a_condition(delivery)
}

/// How an attempt is drawn.
#[must_use]
pub fn outcome(outcome: AttemptOutcome, evidence: Certainty, look: &RenderContext) -> (&'static str, Role) {
    let glyphs = look.glyphs;
    let (symbol, role) = match outcome {
        AttemptOutcome::Ok => (glyphs.well, Role::Well),
        AttemptOutcome::Error | AttemptOutcome::Timeout => (glyphs.failing, Role::Failing),
        AttemptOutcome::Throttled => (glyphs.warning, Role::Warning),
        AttemptOutcome::Running => (glyphs.marble, Role::Marble),
        AttemptOutcome::Pending => (glyphs.not_live, Role::Muted),
        AttemptOutcome::Unknown => (glyphs.unknown, Role::Unknown),
    };
    match evidence {
        Certainty::Observed => (symbol, role),
        Certainty::Inferred => (symbol, Role::Inferred),
    }
}

/// How an end is drawn.
#[must_use]
pub fn fate(fate: Fate, look: &RenderContext) -> (&'static str, Role) {
    let glyphs = look.glyphs;
    match fate {
        Fate::Succeeded => (glyphs.well, Role::Well),
        Fate::DeadLetter | Fate::Destination => (glyphs.arrows[3], Role::LineDead),
        Fate::Dropped | Fate::Expired => (glyphs.loss, Role::Failing),
        Fate::Unknown => (glyphs.unknown, Role::Unknown),
    }
}

/// Where it ends, in words.
fn fate_words(fate: Fate, to: Option<&NodeId>, snapshot: &Snapshot, look: &RenderContext) -> String {
    let to = to.map(|id| name(snapshot, id, look));
    match (fate, to) {
        (Fate::Succeeded, _) => "done".to_owned(),
        (Fate::DeadLetter | Fate::Destination, Some(to)) => format!("to {to}"),
        (Fate::DeadLetter, None) => "to a dead-letter queue".to_owned(),
        (Fate::Destination, None) => "to its destination".to_owned(),
        (Fate::Dropped, _) => "dropped".to_owned(),
        (Fate::Expired, _) => "expired".to_owned(),
        (Fate::Unknown, _) => "end not known".to_owned(),
    }
}

/// Cells that a condition needs beside its countdown.
const ROOM_FOR_CONDITION: usize = 44;
/// Cells of a row for why nothing can be said of the next try.
const HEADLINE: usize = 44;

/// What a long sentence says first: a row has no room for its reasons, and the details have all of it.
fn headline(text: &str) -> &str {
    if width(text) <= HEADLINE {
        return text;
    }
    // Times hold colons, too.
    let ends = [": ", "; "].iter().filter_map(|mark| text.find(mark)).min();
    ends.map_or(text, |end| &text[..end])
}

/// The next attempt, as it is counted down.
fn countdown(delivery: &Delivery, look: &RenderContext) -> Option<String> {
    let next = delivery.next.as_ref()?;
    let n = next.attempt;
    Some(match next.latest {
        None => format!("try {n}: no countdown, AWS publishes none"),
        Some(latest) if latest < look.now => format!("try {n} was due, not seen yet"),
        Some(latest) if next.earliest <= look.now => format!("try {n} now, by {}", look.countdown(latest)),
        Some(latest) => format!(
            "try {n} in {}{}{}",
            look.countdown(next.earliest),
            look.glyphs.to,
            look.countdown(latest)
        ),
    })
}

/// What the next attempt's window hangs on, the gravest first.
fn condition_in_short(delivery: &Delivery) -> Option<&'static str> {
    let next = delivery.next.as_ref().filter(|next| next.latest.is_some())?;
    let conditions = || next.conditions.iter();
    let one = conditions()
        .find(|one| one.is_of_time())
        .or_else(|| conditions().next());
    one.map(Condition::in_short)
}

/// When a message whose receives are used up is moved; nothing where it has some left, or nobody knows.
fn moves(delivery: &Delivery) -> Option<(jiff::Timestamp, jiff::Timestamp)> {
    let outlook = delivery
        .outlook
        .as_ref()
        .filter(|outlook| outlook.attempts_left == Some(0))?;
    let is_message = delivery.pattern == Pattern::Queue && delivery.waits.is_some();
    outlook.earliest.zip(outlook.latest).filter(|_| is_message)
}

/// One line: what comes next, and where it ends.
#[must_use]
pub fn in_short(delivery: &Delivery, snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Row {
    if let Some(end) = &delivery.end {
        let (_, role) = fate(end.fate, look);
        let words = fate_words(end.fate, end.to.as_ref(), snapshot, look);
        let at = end
            .at
            .map(|at| format!(" {}", look.time_of_day(at, true)))
            .unwrap_or_default();
        let guess = if end.evidence == Certainty::Inferred {
            " (inferred)"
        } else {
            ""
        };
        return Row::new()
            .then(look, role, words)
            .then(look, Role::Muted, format!("{at}{guess}"));
    }
    let mut row = Row::new();
    if let Some(due) = &delivery.overdue {
        let by = look.time_of_day(due.latest, true);
        let text = format!("try {} was due by {by}, not seen yet", due.attempt);
        row = row.then(look, Role::Warning, text);
    } else if let Some(missed) = &delivery.missed {
        let by = look.time_of_day(missed.latest, true);
        row = row.then(look, Role::Warning, format!("was due by {by}, did not come"));
    } else if let Some(next) = countdown(delivery, look) {
        let role = if will_be_lost(delivery) {
            Role::Failing
        } else {
            Role::Predicted
        };
        row = match condition_in_short(delivery) {
            // Cut off, a condition would be none: the sign stands before.
            Some(_) if cells < ROOM_FOR_CONDITION => {
                row.then(look, Role::Warning, format!("{} {next}", look.glyphs.unknown))
            }
            Some(condition) => row
                .then(look, Role::Warning, format!("if {condition}: "))
                .then(look, role, next),
            None => row.then(look, role, next),
        };
    } else if let Some((earliest, latest)) = moves(delivery) {
        let when = if earliest > look.now {
            format!(
                "in {}{}{}",
                look.countdown(earliest),
                look.glyphs.to,
                look.countdown(latest)
            )
        } else {
            format!("by {}", look.countdown(latest))
        };
        let outlook = delivery.outlook.as_ref();
        let to = outlook.and_then(|outlook| outlook.to.as_ref());
        let to = fate_words(Fate::DeadLetter, to, snapshot, look);
        let text = if cells < 26 {
            format!("{when} {to}")
        } else {
            format!("no try left, {to} {when}")
        };
        return row.then(look, Role::Predicted, text);
    } else if let Some(waits) = &delivery.waits {
        row = row.then(look, Role::Warning, look.cut(headline(waits), HEADLINE));
    } else if delivery
        .attempts
        .last()
        .is_some_and(|last| last.outcome == AttemptOutcome::Running)
    {
        row = row.then(look, Role::Marble, "runs");
    }
    if let Some(outlook) = &delivery.outlook {
        let left = match outlook.attempts_left {
            Some(n) if n > 1 => format!(", {n} left"),
            _ => String::new(),
        };
        let role = if outlook.fate == Fate::Dropped || outlook.fate == Fate::Expired {
            Role::Failing
        } else {
            Role::Muted
        };
        let words = fate_words(outlook.fate, outlook.to.as_ref(), snapshot, look);
        row = row
            .then(look, Role::Muted, format!("{left}, then "))
            .then(look, role, words);
    }
    row
}

/// Everything about a row.
pub fn render(
    buffer: &mut Buffer,
    area: Rect,
    entry: &Entry,
    chosen: Option<usize>,
    scroll: u16,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let height = usize::from(area.height);
    let mut at = None;
    let lines = lines(entry, (chosen, &mut at), usize::from(area.width), snapshot, look);
    let last = lines.len().saturating_sub(height);
    // The chosen attempt is in sight, whatever was scrolled before it was chosen.
    let needed = at.map_or(0, |at| (at + 3).saturating_sub(height));
    let skipped = usize::from(scroll).max(needed).min(last);
    for (row, y) in lines.into_iter().skip(skipped).zip(area.top()..area.bottom()) {
        buffer.set_line(area.x, y, &row.line(), area.width);
    }
    if let Some(y) = at
        .and_then(|at| u16::try_from(at.checked_sub(skipped)?).ok())
        .filter(|y| *y < area.height)
    {
        let line = Rect::new(area.x, area.y + y, area.width, 1);
        buffer.set_style(line, look.style(Role::Cursor));
    }
}

/// What is said of a row, line by line.
struct Words<'a> {
    rows: Vec<Row>,
    cells: usize,
    snapshot: &'a Snapshot,
    look: &'a RenderContext<'a>,
}

/// What is said of a row; `at` is told which line is that of the chosen attempt.
fn lines(
    entry: &Entry,
    (chosen, at): (Option<usize>, &mut Option<usize>),
    cells: usize,
    snapshot: &Snapshot,
    look: &RenderContext,
) -> Vec<Row> {
    let delivery = entry.first();
    let mut words = Words {
        rows: Vec::new(),
        cells,
        snapshot,
        look,
    };
    words.head(entry);
    words.say(Role::Text, 0, "");
    for (place, attempt) in delivery.attempts.iter().enumerate() {
        if chosen == Some(place) {
            *at = Some(words.rows.len());
        }
        words.attempt(attempt, delivery);
    }
    words.prediction(delivery);
    words.what_is_late(delivery);
    words.end(delivery);
    for note in &delivery.notes {
        words.say(Role::Muted, 0, note);
    }
    words.rows
}

impl Words<'_> {
    fn say(&mut self, role: Role, indent: usize, text: &str) {
        for line in wrap(text, self.cells.saturating_sub(indent).max(8)) {
            let line = format!("{}{line}", " ".repeat(indent));
            self.rows.push(Row::new().then(self.look, role, line));
        }
    }

    /// Whose it is.
    fn head(&mut self, entry: &Entry) {
        let delivery = entry.first();
        self.say(Role::Strong, 0, &name(self.snapshot, &delivery.function, self.look));
        let from = delivery
            .source
            .as_ref()
            .map(|id| format!(", from {}", name(self.snapshot, id, self.look)))
            .unwrap_or_default();
        self.say(Role::Muted, 0, &format!("{}{from}", pattern(delivery.pattern)));
        self.say(Role::Muted, 0, &delivery.id);
        match entry {
            Entry::Many(many) => self.say(
                Role::Warning,
                0,
                &format!(
                    "{} events failed alike; this is the one that needs a person soonest",
                    count(many.len() as u64)
                ),
            ),
            Entry::One(one) if one.count > 1 => self.say(
                Role::Inferred,
                0,
                &format!(
                    "stands for {} events that cannot be told apart (estimate)",
                    count(one.count)
                ),
            ),
            Entry::One(_) => {}
        }
    }

    fn attempt(&mut self, attempt: &Attempt, delivery: &Delivery) {
        let (symbol, role) = outcome(attempt.outcome, attempt.evidence, self.look);
        let at = attempt
            .start
            .map_or_else(|| "time not known".to_owned(), |at| self.look.time_of_day(at, true));
        let took = match (attempt.start, attempt.end) {
            (Some(start), Some(end)) => format!(", {}", took(end.duration_since(start).as_millis())),
            _ => String::new(),
        };
        let how = match attempt.evidence {
            Certainty::Observed => "seen",
            Certainty::Inferred => "inferred",
        };
        let word = match attempt.outcome {
            // Its end was seen, and leaves open how it ended.
            AttemptOutcome::Unknown if attempt.end.is_some() => "unknown",
            outcome => outcome_word(outcome),
        };
        // Runs that may be of different messages are no tries of one.
        let n = if delivery.estimate {
            "run".to_owned()
        } else {
            attempt.n.to_string()
        };
        self.say(role, 0, &format!("{symbol} {n}  {at}  {word}{took} ({how})"));
        if let Some(error) = &attempt.error {
            let text = match &error.kind {
                Some(kind) if !error.message.starts_with(kind.as_str()) => format!("{kind}: {}", error.message),
                _ => error.message.clone(),
            };
            self.say(Role::Text, 4, &text);
        }
        if let Some(request) = &attempt.request_id
            && !delivery.id.contains(request.as_str())
        {
            self.say(Role::Faint, 4, request);
        }
    }

    /// When it is tried next.
    fn prediction(&mut self, delivery: &Delivery) {
        if let Some(next) = &delivery.next {
            let when = countdown(delivery, self.look).unwrap_or_default();
            self.say(
                Role::Predicted,
                0,
                &format!("{} {when} (predicted)", self.look.glyphs.marble_inferred),
            );
            let clock = next.latest.map_or_else(
                || format!("not before {}", self.look.time_of_day(next.earliest, true)),
                |latest| {
                    format!(
                        "{}{}{}",
                        self.look.time_of_day(next.earliest, true),
                        self.look.glyphs.to,
                        self.look.time_of_day(latest, true)
                    )
                },
            );
            self.say(Role::Predicted, 4, &clock);
            self.say(Role::Muted, 4, &next.rule);
            if let Some(only_if) = condition::all(&next.conditions, &|id| name(self.snapshot, id, self.look)) {
                self.say(Role::Warning, 4, &format!("only if {only_if}"));
            }
        }
    }

    /// What was expected and not seen.
    fn what_is_late(&mut self, delivery: &Delivery) {
        if let Some(missed) = &delivery.missed {
            let text = format!(
                "expected {}{}{}, and not seen: the log is complete to {}",
                self.look.time_of_day(missed.earliest, true),
                self.look.glyphs.to,
                self.look.time_of_day(missed.latest, true),
                self.look.time_of_day(missed.complete_to, true)
            );
            self.say(Role::Warning, 0, &text);
        }
        if let Some(due) = &delivery.overdue {
            let text = format!(
                "{} try {} was due {}{}{}, and was not seen so far",
                self.look.glyphs.unknown,
                due.attempt,
                self.look.time_of_day(due.earliest, true),
                self.look.glyphs.to,
                self.look.time_of_day(due.latest, true)
            );
            self.say(Role::Warning, 0, &text);
            let reach = match due.complete_to {
                Some(at) => format!("the log is complete to {}", self.look.time_of_day(at, true)),
                None => "how far the log is complete is not known yet".to_owned(),
            };
            self.say(Role::Muted, 4, &reach);
        } else if let Some(waits) = &delivery.waits {
            self.say(Role::Warning, 0, waits);
        }
    }

    /// Where it ends, or would.
    fn end(&mut self, delivery: &Delivery) {
        if let Some(outlook) = &delivery.outlook {
            self.say(Role::Text, 0, "");
            let words = fate_words(outlook.fate, outlook.to.as_ref(), self.snapshot, self.look);
            self.say(Role::Warning, 0, &format!("If it goes on failing: {words}"));
            self.say(Role::Muted, 4, &outlook.rule);
            if let Some(latest) = outlook.latest {
                self.say(
                    Role::Predicted,
                    4,
                    &format!("by {}", self.look.time_of_day(latest, true)),
                );
            }
        }
        if let Some(end) = &delivery.end {
            let (symbol, role) = fate(end.fate, self.look);
            let words = fate_words(end.fate, end.to.as_ref(), self.snapshot, self.look);
            let at = end
                .at
                .map(|at| format!("  {}", self.look.time_of_day(at, true)))
                .unwrap_or_default();
            let how = match end.evidence {
                Certainty::Observed => "seen",
                Certainty::Inferred => "inferred",
            };
            self.say(Role::Text, 0, "");
            self.say(role, 0, &format!("{symbol} {words}{at} ({how})"));
            self.say(Role::Muted, 4, &end.why);
        }
    }
}

fn took(ms: i128) -> String {
    if ms < 1_000 {
        format!("{ms} ms")
    } else {
        format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
    }
}

fn outcome_word(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Ok => "ended well",
        AttemptOutcome::Error => "failed",
        AttemptOutcome::Timeout => "timed out",
        AttemptOutcome::Throttled => "throttled",
        AttemptOutcome::Running => "runs",
        AttemptOutcome::Pending => "waits",
        AttemptOutcome::Unknown => "end not seen",
    }
}

fn pattern(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Asynchronous => "asynchronous",
        Pattern::Queue => "from a queue",
        Pattern::Stream => "from a stream",
        Pattern::RequestResponse => "the caller waits: nobody else tries again",
        Pattern::SourceDelivery => "the source could not hand it over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_ends_at_a_sentences_mark_and_not_within_a_time() {
        let silent =
            "no try came since 09:13:02 UTC, later than after any before: its shard may have moved on; the log";
        assert_eq!(
            headline(silent),
            "no try came since 09:13:02 UTC, later than after any before"
        );
        assert_eq!(
            headline("waits for a poll: the mapping is off"),
            "waits for a poll: the mapping is off"
        );
    }
}
