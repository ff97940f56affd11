//! What was lost, what cannot arrive, and what will be lost, in the first lines of the screen.

use std::collections::BTreeSet;

use super::{last, name, read, yesterday};
use crate::domain::{NodeId, Source};
use crate::store::coming::{Coming, is_near};
use crate::store::health::{because, reason};
use crate::store::losses::{Doubt, Unsure};
use crate::store::snapshot::{Kind, Severity, Snapshot};
use crate::ui::edge_text;
use crate::ui::render_context::RenderContext;
use crate::ui::text;
use crate::ui::theme::Role;
use crate::ui::widgets::rows::Row;

pub(super) fn nothing_is_lost(snapshot: &Snapshot) -> bool {
    let answers = &snapshot.answers;
    answers.lost.is_some() && answers.losses.certain.is_empty() && answers.losses.unsure.is_empty()
}

pub(super) fn lost(snapshot: &Snapshot, width: usize, look: &RenderContext) -> Row {
    let answers = &snapshot.answers;
    let glyphs = look.glyphs;
    let Some(lost) = answers.lost else {
        let text = if metrics_fail(snapshot) {
            "losses could not be read"
        } else {
            "losses not read yet"
        };
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
    if let Some(why) = not_all_read(snapshot) {
        // A topic or rule that was not found, or of which nothing was read, may have lost something.
        let text = format!("{} no events lost so far, {why}", glyphs.signs.unknown);
        return Row::of(look, Role::Unknown, text).join(age);
    }
    let kept = match answers.dead_letters {
        Some(n) if n > 0 => format!(", {} in DLQs", text::count(n)),
        _ => String::new(),
    };
    if answers.may_have_lost() {
        // What expires is counted nowhere.
        let text = format!("{} losses not excluded (1 h){kept}", glyphs.signs.unknown);
        return Row::of(look, Role::Warning, text).join(age);
    }
    let row = Row::of(look, Role::Well, format!("{} ", glyphs.signs.well));
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

/// How many were lost, whose, and how: as many names as the line has room for.
fn certain(snapshot: &Snapshot, width: usize, look: &RenderContext) -> Row {
    let losses = &snapshot.answers.losses.certain;
    let total: u64 = losses.iter().map(|loss| loss.count).sum();
    let least = if losses.iter().any(|loss| loss.at_least) {
        "at least "
    } else {
        ""
    };
    let many = match total {
        1 => format!("{least}1 event lost"),
        n => format!("{least}{} events lost", text::count(n)),
    };
    let mut line = format!(" {} {many}: ", look.glyphs.signs.loss);
    // What holds for all is said once.
    let reason = losses.first().map(because);
    let reason = reason.filter(|reason| losses.len() > 1 && losses.iter().all(|loss| because(loss) == *reason));
    let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    for (place, loss) in losses.iter().enumerate() {
        let whose = match &loss.of {
            Some(id) if reason.is_empty() => format!("{} ({})", name(snapshot, id, look), because(loss)),
            Some(id) => name(snapshot, id, look),
            None if reason.is_empty() => format!("not known whose ({})", because(loss)),
            None => "not known whose".to_owned(),
        };
        let between = if place > 0 { ", " } else { "" };
        let part = if losses.len() == 1 {
            whose
        } else {
            format!("{between}{whose} {}", text::count(loss.count))
        };
        let left = losses.len() - place;
        let more = format!("{between}{left} more");
        let rest = if left > 1 {
            format!(", {} more", left - 1).len()
        } else {
            0
        };
        if place > 0 && text::width(&line) + text::width(&part) + rest + reason.len() > width {
            line.push_str(&more);
            break;
        }
        line.push_str(&part);
    }
    line.push_str(&reason);
    let row = Row::of(look, Role::Loss, line);
    // Metrics come minutes later. Once they count some, the log goes on to tell the newest of them: that is not said, as it
    // would come and go with each.
    let row = if losses.iter().any(|loss| loss.counted) {
        row
    } else {
        row.then(look, Role::Muted, ", by the log")
    };
    match snapshot.answers.losses.unsure.first() {
        Some(unsure) => {
            let (what, why) = perhaps(unsure, snapshot, look);
            row.then(look, Role::Muted, format!(", and {what}{why}"))
        }
        None => row,
    }
}

/// Of those from which nothing arrives and nothing is kept, the first that was not just said to have lost something.
pub(super) fn unreached(snapshot: &Snapshot, look: &RenderContext) -> Option<Row> {
    let mut told: BTreeSet<&NodeId> = lossy(snapshot).collect();
    let mut troubles = snapshot
        .troubles
        .iter()
        .filter(|t| t.severity == Severity::Failing && t.kind == Kind::Unreached && told.insert(&t.id));
    let first = troubles.next()?;
    let row = Row::of(
        look,
        Role::Failing,
        format!("{} {} ", look.glyphs.signs.failing, name(snapshot, &first.id, look)),
    )
    .then(look, Role::Text, look.cut(&look.say(&first.what), 48));
    Some(match troubles.count() {
        0 => row,
        more => row.then(look, Role::Failing, format!(" and {more} more")),
    })
}

/// Those that lost something for certain.
pub(super) fn lossy(snapshot: &Snapshot) -> impl Iterator<Item = &NodeId> {
    snapshot
        .answers
        .losses
        .certain
        .iter()
        .filter_map(|loss| loss.of.as_ref())
}

/// What was given up and may have been kept, and why that is not known.
fn perhaps(unsure: &Unsure, snapshot: &Snapshot, look: &RenderContext) -> (String, String) {
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

/// The first loss to come, and how many more: near ones in red; then, behind what is broken, those of functions that lost some
/// already, and the far ones.
pub(super) fn coming(snapshot: &Snapshot, look: &RenderContext) -> (Option<Row>, Option<Row>, Option<Row>) {
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
        let more = match all.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        let text = format!(
            "{} {}: {}, {}{more}",
            look.glyphs.signs.loss,
            name(snapshot, &first.of, look),
            edge_text::loss_to_come(first, look),
            reason(first)
        );
        Some(Row::of(look, role, text))
    };
    let far = if near.is_empty() {
        row(&far, Role::Warning)
    } else {
        None
    };
    (row(&near, Role::Failing), row(&again, Role::Failing), far)
}
