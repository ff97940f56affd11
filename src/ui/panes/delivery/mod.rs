//! An event in words: its attempts with their errors, the next attempt and its rule, and the end.

mod in_full;
mod in_short;

use crate::domain::NodeId;
use crate::domain::delivery::{AttemptOutcome, Certainty, Delivery, Fate, Outlook};
use crate::store::coming::hangs_on_a_condition;
use crate::store::snapshot::Snapshot;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::words::say;
pub use in_full::render;
pub use in_short::in_short;

/// The name of a node.
#[must_use]
pub fn name(snapshot: &Snapshot, id: &NodeId, look: &RenderContext) -> String {
    let known = snapshot.topology.nodes.get(id);
    let last = || id.as_str().rsplit(':').next().unwrap_or(id.as_str());
    look.cut(known.map_or_else(last, |node| &node.name), 64)
}

/// The first characters of an ID: enough to distinguish rows.
#[must_use]
pub fn short_id(id: &str) -> String {
    let last = id.rsplit([':', '/', ' ']).next().unwrap_or(id);
    crate::domain::text::plain(last).chars().take(8).collect()
}

/// The sign and role of a row.
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
        return (glyphs.signs.again, role);
    }
    if delivery.overdue.is_some() || delivery.missed.is_some() {
        return (glyphs.signs.unknown, Role::Warning);
    }
    if delivery.waits.is_some() {
        return (glyphs.signs.off, Role::Warning);
    }
    match delivery
        .attempts
        .last()
        .map(|attempt| (attempt.outcome, attempt.evidence))
    {
        Some((last, evidence)) => outcome(last, evidence, look),
        None => (glyphs.signs.unknown, Role::Unknown),
    }
}

/// Whether the event will be lost if it keeps failing, without further conditions.
fn will_be_lost(delivery: &Delivery) -> bool {
    let is_lost = |outlook: &Outlook| matches!(outlook.fate, Fate::Dropped | Fate::Expired);
    delivery.outlook.as_ref().is_some_and(is_lost) && !hangs_on_a_condition(delivery)
}

/// The sign and role of an attempt.
#[must_use]
pub fn outcome(outcome: AttemptOutcome, evidence: Certainty, look: &RenderContext) -> (&'static str, Role) {
    let glyphs = look.glyphs;
    let (symbol, role) = match outcome {
        AttemptOutcome::Ok => (glyphs.signs.well, Role::Well),
        AttemptOutcome::Error | AttemptOutcome::Timeout => (glyphs.signs.failing, Role::Failing),
        AttemptOutcome::Throttled => (glyphs.signs.warning, Role::Warning),
        AttemptOutcome::Running => (glyphs.lines.marble, Role::Marble),
        AttemptOutcome::Pending => (glyphs.signs.not_live, Role::Muted),
        AttemptOutcome::Unknown => (glyphs.signs.unknown, Role::Unknown),
    };
    match evidence {
        Certainty::Observed => (symbol, role),
        Certainty::Inferred => (symbol, Role::Inferred),
    }
}

/// The sign and role of an end.
#[must_use]
pub fn fate(fate: Fate, look: &RenderContext) -> (&'static str, Role) {
    let glyphs = look.glyphs;
    match fate {
        Fate::Succeeded => (glyphs.signs.well, Role::Well),
        Fate::DeadLetter | Fate::Destination => (glyphs.lines.arrows[3], Role::LineDead),
        Fate::Dropped | Fate::Expired => (glyphs.signs.loss, Role::Failing),
        Fate::Unknown => (glyphs.signs.unknown, Role::Unknown),
    }
}

/// The outcome of an attempt or invocation in words; `ended` if its end was observed and not how it went.
fn outcome_word(outcome: AttemptOutcome, ended: bool, look: &RenderContext) -> String {
    match outcome {
        AttemptOutcome::Ok => say!(look, "outcome-succeeded"),
        AttemptOutcome::Error => say!(look, "outcome-failed"),
        AttemptOutcome::Timeout => say!(look, "outcome-timed-out"),
        AttemptOutcome::Throttled => say!(look, "outcome-throttled"),
        AttemptOutcome::Running => say!(look, "outcome-running"),
        AttemptOutcome::Pending => say!(look, "outcome-waiting"),
        AttemptOutcome::Unknown => say!(look, "outcome-unknown", ended = ended),
    }
}

/// The certainty in words.
fn certainty(certainty: Certainty, look: &RenderContext) -> String {
    match certainty {
        Certainty::Observed => say!(look, "certainty-observed"),
        Certainty::Inferred => say!(look, "certainty-inferred"),
    }
}

/// The end in words.
fn fate_words(fate: Fate, to: Option<&NodeId>, snapshot: &Snapshot, look: &RenderContext) -> String {
    let to = to.map(|id| name(snapshot, id, look));
    match (fate, to) {
        (Fate::Succeeded, _) => say!(look, "fate-succeeded"),
        (Fate::DeadLetter | Fate::Destination, Some(to)) => say!(look, "fate-to", to = to),
        (Fate::DeadLetter, None) => say!(look, "fate-to-dlq"),
        (Fate::Destination, None) => say!(look, "fate-to-destination"),
        (Fate::Dropped, _) => say!(look, "fate-dropped"),
        (Fate::Expired, _) => say!(look, "fate-expired"),
        (Fate::Unknown, _) => say!(look, "fate-unknown"),
    }
}
