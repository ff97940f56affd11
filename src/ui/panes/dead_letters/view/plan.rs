//! What would be redriven where, and whether that helps: the dry run.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dialog::{cells, keys, say, window};
use crate::dlq::DlqState;
use crate::dlq::check::{Note, Verdict, words as words_of};
use crate::dlq::state::Planned;
use crate::domain::duration::exact;
use crate::domain::phrase::Phrase;
use crate::domain::text::plain;
use crate::redrive::plan::To;
use crate::redrive::route::{Route, Target};
use crate::redrive::transform::Transform;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::input::keys::Command;
use crate::ui::panes::dead_letters::state::message::short;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;

pub(super) fn render(
    buffer: &mut Buffer,
    screen: Rect,
    scroll: usize,
    desk: &DlqState,
    app: &App,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let Some(planned) = &desk.planned else {
        let rows = vec![Row::of(look, Role::Muted, "looking up where each message belongs")];
        let keys = keys(app, look, &[(Command::Close, "Cancel")]);
        return window(buffer, screen, "Redrive", rows, 0, keys, look);
    };
    let rows = lines(planned, desk, snapshot, look, cells(screen));
    let title = format!(
        "Redrive from {}: preview, nothing sent yet",
        look.name(&planned.name, 40)
    );
    let (first, at_once) = words(planned);
    let mut all: Vec<(Command, &str)> = Vec::new();
    if desk.closed.is_none() {
        all.extend(first.as_deref().map(|word| (Command::Open, word)));
        all.extend(at_once.as_deref().map(|word| (Command::AllAtOnce, word)));
    }
    if planned.against_move_task.is_none() {
        all.push((Command::Engine, "Engine"));
    }
    if !planned.invoked.candidates.is_empty() {
        all.push((Command::Target, "Choose target"));
    }
    all.push((Command::Elsewhere, "Elsewhere"));
    if planned.invoked.unguarded || planned.wish.invoke_anyway {
        let word = if planned.wish.invoke_anyway {
            "Do not invoke"
        } else {
            "Invoke all the same"
        };
        all.push((Command::InvokeAnyway, word));
    }
    all.push((Command::Close, "Cancel"));
    window(buffer, screen, &title, rows, scroll, keys(app, look, &all), look);
}

/// What the two keys do that begin: with a canary, and with all at once.
fn words(planned: &Planned) -> (Option<String>, Option<String>) {
    let course = planned.course(1);
    let n = course.messages;
    if planned.goes() == 0 && !planned.is_move_task() {
        return (None, None);
    }
    if course.canary == 0 {
        return (Some(format!("Redrive {n}")), None);
    }
    (Some("Send canary".to_owned()), Some(format!("Redrive {n}")))
}

fn lines(planned: &Planned, desk: &DlqState, snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(why) = &desk.closed {
        say(&mut rows, look, Role::Warning, why, cells);
        rows.push(Row::new());
    }
    cause(&mut rows, planned, snapshot, look, cells);
    if let Some(after) = planned.bounce_after_s {
        let text = format!(
            "a message that fails again can be back here {} after it was sent",
            exact(after)
        );
        say(&mut rows, look, Role::Muted, &text, cells);
    }
    rows.push(Row::new());
    if !planned.is_move_task() {
        ways(&mut rows, planned, look, cells);
    }
    for line in planned.course(1).lines() {
        say(&mut rows, look, Role::Text, &plain(&look.say(&line.into())), cells);
    }
    if let Some(why) = planned.against_move_task {
        say(
            &mut rows,
            look,
            Role::Muted,
            &format!("SQS itself cannot move them: {why}"),
            cells,
        );
    }
    let warnings: BTreeMap<&Phrase, usize> =
        planned
            .plan
            .steps
            .iter()
            .filter_map(|step| step.warning.as_ref())
            .fold(BTreeMap::new(), |mut all, warning| {
                *all.entry(warning).or_default() += 1;
                all
            });
    for (warning, n) in warnings {
        say(
            &mut rows,
            look,
            Role::Warning,
            &format!("{n}: {}", look.say(warning)),
            cells,
        );
    }
    for what in &planned.unread {
        say(&mut rows, look, Role::Unknown, what, cells);
    }
    if !planned.invoked.candidates.is_empty() {
        let names: Vec<&str> = planned.invoked.candidates.iter().map(|id| short(id.as_str())).collect();
        let text = match &planned.wish.choice {
            Some(choice) => format!("of {}, {} was chosen", names.join(", "), short(choice.as_str())),
            None => format!(
                "which of {} a message is for, nothing tells: choose, or it stays",
                names.join(", ")
            ),
        };
        say(&mut rows, look, Role::Warning, &text, cells);
    }
    if let Some(why) = planned.confirm {
        rows.push(Row::new());
        let text = format!("{why}: the queue's name is to be typed");
        say(&mut rows, look, Role::Warning, &text, cells);
    }
    rows
}

/// What goes where, and what stays.
fn ways(rows: &mut Vec<Row>, planned: &Planned, look: &RenderContext, cells: usize) {
    for (n, way) in planned.plan.ways.iter().enumerate() {
        let going = planned.plan.steps.iter().filter(|step| step.way == Ok(n));
        let edited = going
            .clone()
            .filter(|step| planned.wish.edits.contains_key(&step.message_id))
            .count();
        let edited = if edited > 0 {
            format!(", {edited} edited")
        } else {
            String::new()
        };
        let text = format!(
            "{} {} {} to {}, {}{edited}",
            look.glyphs.lines.arrows[3],
            going.clone().count(),
            if going.count() == 1 { "message" } else { "messages" },
            target(way),
            form(way)
        );
        say(rows, look, Role::Strong, &text, cells);
    }
    staying(rows, planned, look, cells);
    let cannot = planned.plan.staying().next().is_some();
    if cannot && planned.wish.to == To::Origin {
        let text = "a queue or function of your choice takes them too: press the key for elsewhere";
        say(rows, look, Role::Muted, text, cells);
    }
}

/// Is the cause fixed? The same check as on the command line, with what is known now.
fn cause(rows: &mut Vec<Row>, planned: &Planned, snapshot: &Snapshot, look: &RenderContext, cells: usize) {
    let check = planned.check(snapshot, look.now);
    look.changes_at(look.now + SignedDuration::from_secs(10));
    let role = match check.verdict() {
        Verdict::Passed => Role::Well,
        Verdict::Unproven | Verdict::Unknown => Role::Unknown,
        Verdict::Failed => Role::Failing,
    };
    let title = Row::of(look, Role::Title, "Is the cause fixed? ");
    rows.push(title.then(look, role, look.say(&words_of::verdict(&check))));
    let mut tell = |role, text: &Phrase| say(rows, look, role, &plain(&look.say(text)), cells);
    for reason in &check.reasons {
        tell(Role::Failing, &words_of::reason(reason, look.now));
    }
    for gap in &check.gaps {
        tell(Role::Unknown, &words_of::gap(gap, look.now));
    }
    for note in &check.notes {
        let role = match note {
            Note::Succeeds { .. } => Role::Well,
            Note::NotInvoked { .. }
            | Note::NobodyReads { .. }
            | Note::LimitRaised { .. }
            | Note::PartialFailuresBefore { .. }
            | Note::FailedAlone { .. } => Role::Unknown,
            _ => Role::Warning,
        };
        tell(role, &words_of::note(note, look.now));
    }
    let mut add = |role, text: &str| say(rows, look, role, text, cells);
    if planned.invoked.functions.is_empty() && check.notes.is_empty() {
        add(Role::Unknown, "no function is known that these messages would invoke");
    }
    match check.verdict() {
        Verdict::Passed => {}
        Verdict::Unproven => add(
            Role::Warning,
            "the queue's name is to be typed to redrive all at once, without a canary",
        ),
        Verdict::Unknown | Verdict::Failed => {
            add(Role::Warning, "the queue's name is to be typed to redrive all the same");
        }
    }
}

fn staying(rows: &mut Vec<Row>, planned: &Planned, look: &RenderContext, cells: usize) {
    let mut why: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (id, reason) in planned.plan.staying() {
        why.entry(look.say(&reason.clone().into())).or_default().push(id);
    }
    for (reason, ids) in why {
        let text = format!("{} {} stay: {reason}", look.glyphs.signs.off, ids.len());
        say(rows, look, Role::Warning, &text, cells);
        let named: Vec<&str> = ids.iter().copied().take(5).collect();
        let more = if ids.len() > 5 { ", …" } else { "" };
        say(rows, look, Role::Muted, &format!("  {}{more}", named.join(", ")), cells);
    }
}

/// A target in words.
pub(super) fn target(way: &Route) -> String {
    let name = short(way.target.arn());
    match &way.target {
        Target::Queue { fifo: false, .. } => format!("queue {name}"),
        Target::Queue { fifo: true, .. } => format!("FIFO queue {name}"),
        Target::Event { .. } | Target::Run { .. } => format!("function {name}"),
        Target::Topic { .. } => format!("topic {name}"),
    }
}

/// In which form a message goes, in words.
fn form(way: &Route) -> &'static str {
    match (&way.target, &way.shape) {
        (_, Transform::Same) => "as it is, with all its attributes",
        (Target::Event { .. } | Target::Run { .. }, Transform::Event { .. }) => "invoked with the event that failed",
        (_, Transform::Batch) => "its records read again from the shard, invoked and waited for",
        (_, Transform::Notification { .. }) => "invoked with the topic's notification",
        (_, Transform::Input { .. }) => "with what the target gets of the event",
        _ => "the event that failed",
    }
}
