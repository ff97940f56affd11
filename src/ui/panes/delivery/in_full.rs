//! An event in full: each attempt with its error, the next attempt and its rule, and the end.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::in_short::countdown;
use super::{certainty, fate, fate_words, name, outcome, outcome_word};
use crate::domain::condition;
use crate::domain::delivery::{Attempt, Delivery, Pattern};
use crate::store::snapshot::Snapshot;
use crate::ui::panes::retries::state::Entry;
use crate::ui::text::wrap;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// All lines about a row.
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

/// The lines about a row.
struct Words<'a> {
    rows: Vec<Row>,
    cells: usize,
    snapshot: &'a Snapshot,
    look: &'a RenderContext<'a>,
}

/// The lines about a row; sets `at` to the line of the chosen attempt.
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
        words.say(Role::Muted, 0, &look.say(note));
    }
    words.rows
}

impl Words<'_> {
    fn say(&mut self, role: Role, indent: usize, text: &str) {
        for line in wrap(text, self.cells.saturating_sub(indent).max(8)) {
            let line = format!("{}{line}", " ".repeat(indent));
            self.rows.push(Row::of(self.look, role, line));
        }
    }

    fn window(&self, from: Timestamp, to: Timestamp) -> String {
        let time = |at| self.look.time_of_day(at, true);
        format!("{}{}{}", time(from), self.look.glyphs.text.to, time(to))
    }

    /// Adds function and request.
    fn head(&mut self, entry: &Entry) {
        let delivery = entry.first();
        self.say(Role::Strong, 0, &name(self.snapshot, &delivery.function, self.look));
        let pattern = pattern(delivery.pattern, self.look);
        let from = delivery.source.as_ref().map(|id| name(self.snapshot, id, self.look));
        self.say(
            Role::Muted,
            0,
            &say!(self.look, "event-from", pattern = pattern, from = from),
        );
        self.say(Role::Muted, 0, &delivery.id);
        match entry {
            Entry::Many(many) => self.say(Role::Warning, 0, &say!(self.look, "event-many", n = many.len())),
            Entry::One(one) if one.count > 1 => {
                self.say(Role::Inferred, 0, &say!(self.look, "event-stands-for", n = one.count));
            }
            Entry::One(_) => {}
        }
    }

    fn attempt(&mut self, attempt: &Attempt, delivery: &Delivery) {
        let (symbol, role) = outcome(attempt.outcome, attempt.evidence, self.look);
        let at = attempt.start.map_or_else(
            || say!(self.look, "event-time-unknown"),
            |at| self.look.time_of_day(at, true),
        );
        let took = match (attempt.start, attempt.end) {
            (Some(start), Some(end)) => format!(", {}", took(end.duration_since(start).as_millis())),
            _ => String::new(),
        };
        let how = certainty(attempt.evidence, self.look);
        let word = outcome_word(attempt.outcome, attempt.end.is_some(), self.look);
        // Invocations that may be of different messages are no attempts of one.
        let n = if delivery.estimate {
            "-".to_owned()
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

    /// Adds the next attempt.
    fn prediction(&mut self, delivery: &Delivery) {
        if let Some(next) = &delivery.next {
            let when = countdown(delivery, self.look).unwrap_or_default();
            let when = say!(self.look, "event-predicted", when = when);
            self.say(
                Role::Predicted,
                0,
                &format!("{} {when}", self.look.glyphs.lines.marble_inferred),
            );
            let clock = next.latest.map_or_else(
                || {
                    say!(
                        self.look,
                        "event-not-before",
                        time = self.look.time_of_day(next.earliest, true)
                    )
                },
                |latest| self.window(next.earliest, latest),
            );
            self.say(Role::Predicted, 4, &clock);
            self.say(Role::Muted, 4, &self.look.say(&next.rule));
            if let Some(only_if) = condition::all(&next.conditions, &|id| name(self.snapshot, id, self.look)) {
                self.say(Role::Warning, 4, &say!(self.look, "event-only-if", condition = only_if));
            }
        }
    }

    /// Adds what was expected and not observed.
    fn what_is_late(&mut self, delivery: &Delivery) {
        if let Some(missed) = &delivery.missed {
            let window = self.window(missed.earliest, missed.latest);
            let through = self.look.time_of_day(missed.complete_to, true);
            let text = say!(self.look, "event-missed", window = window, through = through);
            self.say(Role::Warning, 0, &text);
        }
        if let Some(due) = &delivery.overdue {
            let window = self.window(due.earliest, due.latest);
            let text = say!(self.look, "event-overdue", attempt = due.attempt, window = window);
            self.say(Role::Warning, 0, &format!("{} {text}", self.look.glyphs.signs.unknown));
            let through = due.complete_to.map(|at| self.look.time_of_day(at, true));
            let reach = say!(self.look, "log-reach", complete_to = through);
            self.say(Role::Muted, 4, &reach);
        } else if let Some(waits) = &delivery.waits {
            self.say(Role::Warning, 0, &self.look.say(waits));
        }
    }

    /// Adds the end, or the predicted one.
    fn end(&mut self, delivery: &Delivery) {
        if let Some(outlook) = &delivery.outlook {
            self.say(Role::Text, 0, "");
            let words = fate_words(outlook.fate, outlook.to.as_ref(), self.snapshot, self.look);
            self.say(Role::Warning, 0, &say!(self.look, "event-if-it-fails", fate = words));
            self.say(Role::Muted, 4, &self.look.say(&outlook.rule));
            if let Some(latest) = outlook.latest {
                let by = say!(self.look, "event-by", time = self.look.time_of_day(latest, true));
                self.say(Role::Predicted, 4, &by);
            }
        }
        if let Some(end) = &delivery.end {
            let (symbol, role) = fate(end.fate, self.look);
            let words = fate_words(end.fate, end.to.as_ref(), self.snapshot, self.look);
            let at = end
                .at
                .map(|at| format!("  {}", self.look.time_of_day(at, true)))
                .unwrap_or_default();
            let how = certainty(end.evidence, self.look);
            self.say(Role::Text, 0, "");
            self.say(role, 0, &format!("{symbol} {words}{at} ({how})"));
            self.say(Role::Muted, 4, &self.look.say(&end.why));
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

fn pattern(pattern: Pattern, look: &RenderContext) -> String {
    match pattern {
        Pattern::Asynchronous => say!(look, "pattern-asynchronous"),
        Pattern::Queue => say!(look, "pattern-queue"),
        Pattern::Stream => say!(look, "pattern-stream"),
        Pattern::RequestResponse => say!(look, "pattern-synchronous"),
        Pattern::SourceDelivery => say!(look, "pattern-not-delivered"),
    }
}
