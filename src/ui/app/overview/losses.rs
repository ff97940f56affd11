//! What was lost, what cannot arrive, and what will be lost, in the first lines of the screen.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{and_more, last, left, name, named, read, yesterday};
use crate::domain::phrase::Phrase;
use crate::domain::{NodeId, Source};
use crate::store::coming::{Coming, is_near};
use crate::store::health::{because, reason};
use crate::store::losses::{Doubt, Loss, Unsure};
use crate::store::no_loss::NoLoss;
use crate::store::snapshot::{Kind, Severity, Snapshot, Trouble};
use crate::ui::text;
use crate::ui::text::edge_text;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

pub(super) fn nothing_is_lost(snapshot: &Snapshot) -> bool {
    let answers = &snapshot.answers;
    answers.lost.is_some() && answers.losses.certain.is_empty() && answers.losses.unsure.is_empty()
}

pub(super) fn lost(snapshot: &Snapshot, width: usize, look: &RenderContext) -> Row {
    let answers = &snapshot.answers;
    let glyphs = look.glyphs;
    let Some(lost) = answers.lost else {
        let text = say!(look, "losses-unread", fails = metrics_fail(snapshot));
        return Row::of(look, Role::Unknown, format!("{} {text}", glyphs.signs.unknown));
    };
    let age = read(answers.lost_at, snapshot, look);
    if !answers.losses.certain.is_empty() {
        return certain(snapshot, width, look)
            .join(last(lost, look))
            .join(yesterday(lost, look))
            .join(age);
    }
    if let Some(unsure) = answers.losses.unsure.first() {
        let (what, why) = perhaps(unsure, snapshot, look);
        let row = Row::of(look, Role::Warning, format!("{} {what}", glyphs.signs.unknown));
        return row.then(look, Role::Muted, why).join(age);
    }
    let kept = match answers.dead_letters {
        Some(n) if n > 0 => say!(look, "losses-in-dlqs", n = text::count(n)),
        _ => String::new(),
    };
    let kept = |text: String| format!("{text}{kept}");
    let unknown = glyphs.signs.unknown;
    let row = match snapshot.no_loss() {
        // A topic or rule that was not found, or of which nothing was read, may have lost something.
        NoLoss::Unread(unseen) => {
            let text = say!(look, "losses-none-unread", why = Phrase::from(unseen));
            Row::of(look, Role::Unknown, format!("{unknown} {text}"))
        }
        NoLoss::NotExcluded => {
            let text = kept(say!(look, "losses-not-excluded"));
            Row::of(look, Role::Warning, format!("{unknown} {text}"))
        }
        NoLoss::Announced => {
            let text = kept(say!(look, "losses-none-so-far"));
            Row::of(look, Role::Muted, format!("{unknown} {text}"))
        }
        NoLoss::Known => Row::of(look, Role::Well, format!("{} ", glyphs.signs.well)).then(
            look,
            Role::Muted,
            kept(say!(look, "losses-none")),
        ),
    };
    row.join(age)
}

fn metrics_fail(snapshot: &Snapshot) -> bool {
    let state = snapshot.sources.get(&Source::Metrics);
    state.is_some_and(|state| state.error.is_some())
}

/// The number of lost events, whose they were and how they were lost, with as many names as fit. Reasons are cut before names,
/// and the number never.
fn certain(snapshot: &Snapshot, width: usize, look: &RenderContext) -> Row {
    let losses = &snapshot.answers.losses.certain;
    let total: u64 = losses.iter().map(|loss| loss.count).sum();
    let least = snapshot.counts_least();
    let head = say!(
        look,
        "losses-certain",
        n = total,
        shown = text::count(total),
        least = least
    );
    let head = format!(" {} {head}: ", look.glyphs.signs.loss);
    // What holds for all is said once.
    let in_words = |because| look.say(&Phrase::from(because));
    let first = losses.first().map(because);
    let shared = first.filter(|reason| losses.len() > 1 && losses.iter().all(|loss| because(loss) == *reason));
    let told = |loss: &Loss, with_reason: bool| {
        let mut told = match &loss.of {
            Some(id) => name(snapshot, id, look),
            None => say!(look, "losses-whose-unknown"),
        };
        if with_reason && shared.is_none() {
            let _ = write!(told, " ({})", in_words(because(loss)));
        }
        if losses.len() > 1 {
            let _ = write!(told, " {}", text::count(loss.count));
        }
        told
    };
    let end = shared
        .clone()
        .map(|reason| format!(" ({})", in_words(reason)))
        .unwrap_or_default();
    let room = width.saturating_sub(text::width(&head) + text::width(&end));
    let with_reasons: Vec<String> = losses.iter().map(|loss| told(loss, true)).collect();
    let fit = fitting(&with_reasons, room, look);
    // Two names tell more than one with its reason.
    let mut names: Vec<String> = losses.iter().map(|loss| told(loss, false)).collect();
    let (parts, fit) = match fitting(&names, room, look) {
        more if more > fit && fit < 2 => (names, more),
        _ if fit == 0 => {
            let more = and_more(names.len() - 1, look);
            let cells = room.saturating_sub(more.len()).max(8);
            names[0] = look.name(&names[0], cells);
            (names, 1)
        }
        _ => (with_reasons, fit),
    };
    let line = format!(
        "{head}{}{}{end}",
        parts[..fit].join(", "),
        and_more(parts.len() - fit, look)
    );
    let row = Row::of(look, Role::Loss, line);
    // Metrics come minutes later. Once they count some, the log goes on to tell the newest of them: that is not said, as it
    // would come and go with each.
    let row = if losses.iter().any(|loss| loss.counted) {
        row
    } else {
        row.then(look, Role::Muted, say!(look, "losses-by-the-log"))
    };
    match snapshot.answers.losses.unsure.first() {
        Some(unsure) => {
            let (what, why) = perhaps(unsure, snapshot, look);
            row.then(look, Role::Muted, say!(look, "losses-and", what = what + &why))
        }
        None => row,
    }
}

/// The first node that nothing can be delivered from and that is not named among the losses; one whose events nothing keeps
/// comes first.
pub(super) fn unreached(snapshot: &Snapshot, width: usize, look: &RenderContext) -> Option<Row> {
    let is_cut = |t: &Trouble| t.severity == Severity::Failing && matches!(t.kind, Kind::Unreached | Kind::Diverted);
    let mut told: BTreeSet<&NodeId> = lossy(snapshot).collect();
    let mut troubles = snapshot.troubles.iter().filter(|t| is_cut(t) && told.insert(&t.id));
    let first = troubles.next()?;
    Some(named(first, troubles.count(), snapshot, width, look))
}

/// Nodes with certain losses.
pub(super) fn lossy(snapshot: &Snapshot) -> impl Iterator<Item = &NodeId> {
    snapshot
        .answers
        .losses
        .certain
        .iter()
        .filter_map(|loss| loss.of.as_ref())
}

/// The number of these texts that fit into `cells`, with the count of the others after them.
fn fitting(parts: &[String], room: usize, look: &RenderContext) -> usize {
    let mut used = 0;
    for (place, part) in parts.iter().enumerate() {
        used += text::width(part) + if place > 0 { 2 } else { 0 };
        let rest = text::width(&and_more(parts.len() - place - 1, look));
        if used + rest > room {
            return place;
        }
    }
    parts.len()
}

/// Events that were dropped and may have been kept, and why that is unknown.
fn perhaps(unsure: &Unsure, snapshot: &Snapshot, look: &RenderContext) -> (String, String) {
    let by = unsure.of.as_ref().map(|id| name(snapshot, id, look));
    let (n, metric) = (unsure.count, unsure.metric.to_string());
    let why = match unsure.doubt {
        Doubt::KeepingUnread => say!(look, "losses-dlq-unknown"),
        Doubt::NoFunction => say!(look, "losses-function-unknown"),
        Doubt::Attempts => say!(look, "losses-counts-attempts"),
    };
    let what = match unsure.doubt {
        Doubt::KeepingUnread | Doubt::NoFunction => say!(look, "losses-dropped", n = n, by = by, metric = metric),
        Doubt::Attempts => say!(look, "losses-attempts", n = n, by = by, metric = metric),
    };
    (what, why)
}

/// The first predicted loss and the number of others. Near ones are red; distant ones, and those of functions that have lost
/// events already, come after what is failing.
pub(super) fn coming(
    snapshot: &Snapshot,
    width: usize,
    look: &RenderContext,
) -> (Option<Row>, Option<Row>, Option<Row>) {
    // A queue that deletes what fails is told by itself, as long as its reader fails: not under two names.
    let is_untold = |one: &&Coming| {
        let source = one.source.as_ref();
        let mut troubles = snapshot.troubles.iter();
        !troubles.any(|t| {
            t.severity == Severity::Failing && t.kind == Kind::ForgetsBeforeDeadLetter && Some(&t.id) == source
        })
    };
    let coming = snapshot.answers.coming.iter().filter(is_untold);
    let (near, far): (Vec<&Coming>, Vec<&Coming>) = coming.partition(|one| is_near(one, look.now));
    let (again, near): (Vec<&Coming>, Vec<&Coming>) = near.into_iter().partition(|one| one.lost > 0);
    let row = |all: &[&Coming], role: Role| {
        let first = all.first()?;
        let head = format!(
            "{} {}: {}, ",
            look.glyphs.signs.loss,
            name(snapshot, &first.of, look),
            edge_text::loss_to_come(first, look)
        );
        let more = and_more(all.len() - 1, look);
        let why = look.say(&reason(first).into());
        let room = left(width, &[&head, &more], look).max(8);
        let text = format!("{head}{}{more}", look.cut(&why, room));
        Some(Row::of(look, role, text))
    };
    let far = if near.is_empty() {
        row(&far, Role::Warning)
    } else {
        None
    };
    (row(&near, Role::Failing), row(&again, Role::Failing), far)
}
