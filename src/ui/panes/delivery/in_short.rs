//! An event in one row: attempts, last error, next attempt.

use jiff::Timestamp;

use super::{certainty, fate, fate_words, will_be_lost};
use crate::domain::delivery::{AttemptOutcome, Certainty, Delivery, End, Fate, Pattern};
use crate::store::snapshot::Snapshot;
use crate::ui::text::width;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The cells of a condition beside its countdown.
const ROOM_FOR_CONDITION: usize = 44;

/// The cells for the reason that the next attempt is unknown.
const HEADLINE: usize = 44;

/// The first clause of a long sentence: a row has no room for its reasons, which are in the details.
fn headline(text: &str) -> &str {
    if width(text) <= HEADLINE {
        return text;
    }
    // Times hold colons, too.
    let ends = [": ", "; "].iter().filter_map(|mark| text.find(mark)).min();
    ends.map_or(text, |end| &text[..end])
}

/// The countdown to the next attempt.
pub(super) fn countdown(delivery: &Delivery, look: &RenderContext) -> Option<String> {
    let next = delivery.next.as_ref()?;
    let n = next.attempt;
    Some(match next.latest {
        None => say!(look, "next-no-countdown", n = n),
        Some(latest) if latest < look.now => say!(look, "next-was-due", n = n),
        Some(latest) if next.earliest <= look.now => say!(look, "next-now", n = n, left = look.countdown(latest)),
        Some(latest) => say!(look, "next-in", n = n, left = left(next.earliest, latest, look)),
    })
}

fn left(from: Timestamp, to: Timestamp, look: &RenderContext) -> String {
    format!("{}{}{}", look.countdown(from), look.glyphs.text.to, look.countdown(to))
}

/// The conditions of the next attempt, the most serious first.
fn condition_in_short(delivery: &Delivery, look: &RenderContext) -> Option<String> {
    let next = delivery.next.as_ref().filter(|next| next.latest.is_some())?;
    let conditions = || next.conditions.iter();
    let one = conditions()
        .find(|one| one.is_of_time())
        .or_else(|| conditions().next());
    one.map(|one| look.say(&one.in_short().into()))
}

/// When a message without receives left is moved; `None` if it has some left or that is unknown.
fn moves(delivery: &Delivery) -> Option<(Timestamp, Timestamp)> {
    let outlook = delivery
        .outlook
        .as_ref()
        .filter(|outlook| outlook.attempts_left == Some(0))?;
    let is_message = delivery.pattern == Pattern::Queue && delivery.waits.is_some();
    outlook.earliest.zip(outlook.latest).filter(|_| is_message)
}

/// The end.
fn ended(end: &End, snapshot: &Snapshot, look: &RenderContext) -> Row {
    let (_, role) = fate(end.fate, look);
    let words = fate_words(end.fate, end.to.as_ref(), snapshot, look);
    let at = end
        .at
        .map(|at| format!(" {}", look.time_of_day(at, true)))
        .unwrap_or_default();
    let guess = match end.evidence {
        Certainty::Inferred => format!(" ({})", certainty(end.evidence, look)),
        Certainty::Observed => String::new(),
    };
    Row::of(look, role, words).then(look, Role::Muted, format!("{at}{guess}"))
}

/// One line: the next attempt and the end.
#[must_use]
pub fn in_short(delivery: &Delivery, snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Row {
    if let Some(end) = &delivery.end {
        return ended(end, snapshot, look);
    }
    let mut row = Row::new();
    if let Some(due) = &delivery.overdue {
        let by = look.time_of_day(due.latest, true);
        let text = say!(look, "next-was-due-by", n = due.attempt, by = by);
        row = row.then(look, Role::Warning, text);
    } else if let Some(missed) = &delivery.missed {
        let by = look.time_of_day(missed.latest, true);
        row = row.then(look, Role::Warning, say!(look, "next-missed", by = by));
    } else if let Some(next) = countdown(delivery, look) {
        let role = if will_be_lost(delivery) {
            Role::Failing
        } else {
            Role::Predicted
        };
        row = match condition_in_short(delivery, look) {
            // Cut off, a condition would be none: the sign stands before.
            Some(_) if cells < ROOM_FOR_CONDITION => {
                row.then(look, Role::Warning, format!("{} {next}", look.glyphs.signs.unknown))
            }
            Some(condition) => row
                .then(
                    look,
                    Role::Warning,
                    format!("{} ", say!(look, "next-if", condition = condition)),
                )
                .then(look, role, next),
            None => row.then(look, role, next),
        };
    } else if let Some((earliest, latest)) = moves(delivery) {
        let when = if earliest > look.now {
            say!(look, "next-moves-in", left = left(earliest, latest, look))
        } else {
            say!(look, "next-moves-within", left = look.countdown(latest))
        };
        let outlook = delivery.outlook.as_ref();
        let to = outlook.and_then(|outlook| outlook.to.as_ref());
        let to = fate_words(Fate::DeadLetter, to, snapshot, look);
        let text = if cells < 26 {
            format!("{when} {to}")
        } else {
            say!(look, "next-none-left", to = to, when = when)
        };
        return row.then(look, Role::Predicted, text);
    } else if let Some(waits) = &delivery.waits {
        row = row.then(look, Role::Warning, look.cut(headline(&look.say(waits)), HEADLINE));
    } else if delivery
        .attempts
        .last()
        .is_some_and(|last| last.outcome == AttemptOutcome::Running)
    {
        row = row.then(look, Role::Marble, say!(look, "outcome-running"));
    }
    if let Some(outlook) = &delivery.outlook {
        let left = outlook.attempts_left.filter(|n| *n > 1);
        let role = if outlook.fate == Fate::Dropped || outlook.fate == Fate::Expired {
            Role::Failing
        } else {
            Role::Muted
        };
        let words = fate_words(outlook.fate, outlook.to.as_ref(), snapshot, look);
        row = row
            .then(look, Role::Muted, format!("{} ", say!(look, "next-then", left = left)))
            .then(look, role, words);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_ends_at_a_sentences_mark_and_not_within_a_time() {
        let silent = "no attempt since 09:13:02, longer than any wait before: the shard may have moved on; the log";
        assert_eq!(
            headline(silent),
            "no attempt since 09:13:02, longer than any wait before"
        );
        assert_eq!(
            headline("event source mapping disabled: not polled"),
            "event source mapping disabled: not polled"
        );
    }
}
