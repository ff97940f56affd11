//! The preview of a redrive: what would go where, and whether the cause is fixed.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dialog::{cells, keys, say, window};
use crate::dlq::DlqState;
use crate::dlq::check::{Note, Verdict, words as words_of};
use crate::dlq::state::Planned;
use crate::domain::phrase::{Exact, Phrase};
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
use crate::words::say;

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
        let rows = vec![Row::of(look, Role::Muted, say!(look, "preview-looking-up"))];
        let keys = keys(app, look, &[(Command::Close, say!(look, "button-cancel"))]);
        return window(buffer, screen, &say!(look, "button-redrive"), rows, 0, keys, look);
    };
    let rows = lines(planned, desk, snapshot, look, cells(screen));
    let title = say!(look, "preview-title", queue = look.name(&planned.name, 40));
    let (first, at_once) = words(planned, look);
    let mut all: Vec<(Command, String)> = Vec::new();
    if desk.closed.is_none() {
        all.extend(first.map(|word| (Command::Open, word)));
        all.extend(at_once.map(|word| (Command::AllAtOnce, word)));
    }
    if planned.against_move_task.is_none() {
        all.push((Command::Engine, say!(look, "button-engine")));
    }
    if !planned.invoked.candidates.is_empty() {
        all.push((Command::Target, say!(look, "button-target")));
    }
    all.push((Command::Elsewhere, say!(look, "button-elsewhere")));
    if planned.invoked.unguarded || planned.wish.invoke_anyway {
        let word = say!(look, "button-invoke-anyway", on = planned.wish.invoke_anyway);
        all.push((Command::InvokeAnyway, word));
    }
    all.push((Command::Close, say!(look, "button-cancel")));
    window(buffer, screen, &title, rows, scroll, keys(app, look, &all), look);
}

/// The labels of the two buttons that start: with a canary, and all at once.
fn words(planned: &Planned, look: &RenderContext) -> (Option<String>, Option<String>) {
    let course = planned.course(1);
    let n = course.messages;
    if planned.goes() == 0 && !planned.is_move_task() {
        return (None, None);
    }
    if course.canary == 0 {
        return (Some(say!(look, "button-redrive-n", n = n)), None);
    }
    (
        Some(say!(look, "button-send-canary")),
        Some(say!(look, "button-redrive-n", n = n)),
    )
}

fn lines(planned: &Planned, desk: &DlqState, snapshot: &Snapshot, look: &RenderContext, cells: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(why) = &desk.closed {
        say(&mut rows, look, Role::Warning, &look.say(why), cells);
        rows.push(Row::new());
    }
    cause(&mut rows, planned, snapshot, look, cells);
    if let Some(after) = planned.bounce_after_s {
        let text = say!(look, "preview-bounce", after = Exact::secs(after));
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
            &say!(look, "notice-no-move-task", why = why),
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
            Some(choice) => say!(
                look,
                "preview-chosen",
                names = names.join(", "),
                choice = short(choice.as_str())
            ),
            None => say!(look, "preview-choose", names = names.join(", ")),
        };
        say(&mut rows, look, Role::Warning, &text, cells);
    }
    if let Some(why) = planned.confirm {
        rows.push(Row::new());
        let text = say!(look, "preview-confirm", why = why);
        say(&mut rows, look, Role::Warning, &text, cells);
    }
    rows
}

/// Lists what goes where, and what stays.
fn ways(rows: &mut Vec<Row>, planned: &Planned, look: &RenderContext, cells: usize) {
    for (n, way) in planned.plan.ways.iter().enumerate() {
        let going = planned.plan.steps.iter().filter(|step| step.way == Ok(n));
        let edited = going
            .clone()
            .filter(|step| planned.wish.edits.contains_key(&step.message_id))
            .count();
        let text = say!(
            look,
            "preview-way",
            n = going.count(),
            target = target(way, look),
            form = form(way, look),
            edited = edited,
        );
        say(
            rows,
            look,
            Role::Strong,
            &format!("{} {text}", look.glyphs.lines.arrows[3]),
            cells,
        );
    }
    staying(rows, planned, look, cells);
    let cannot = planned.plan.staying().next().is_some();
    if cannot && planned.wish.to == To::Origin {
        say(rows, look, Role::Muted, &say!(look, "preview-elsewhere"), cells);
    }
}

/// The check whether the cause is fixed, the same as on the command line.
fn cause(rows: &mut Vec<Row>, planned: &Planned, snapshot: &Snapshot, look: &RenderContext, cells: usize) {
    let check = planned.check(snapshot, look.now);
    look.changes_at(look.now + SignedDuration::from_secs(10));
    let role = match check.verdict() {
        Verdict::Passed => Role::Well,
        Verdict::Unproven | Verdict::Unknown => Role::Unknown,
        Verdict::Failed => Role::Failing,
    };
    let title = Row::of(look, Role::Title, format!("{} ", say!(look, "preview-cause")));
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
        add(Role::Unknown, &say!(look, "preview-no-function"));
    }
    match check.verdict() {
        Verdict::Passed => {}
        Verdict::Unproven => add(Role::Warning, &say!(look, "preview-name-without-canary")),
        Verdict::Unknown | Verdict::Failed => add(Role::Warning, &say!(look, "preview-name-anyway")),
    }
}

fn staying(rows: &mut Vec<Row>, planned: &Planned, look: &RenderContext, cells: usize) {
    let mut why: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (id, reason) in planned.plan.staying() {
        why.entry(look.say(&reason.clone().into())).or_default().push(id);
    }
    for (reason, ids) in why {
        let text = say!(look, "preview-stay", n = ids.len(), reason = reason);
        let text = format!("{} {text}", look.glyphs.signs.off);
        say(rows, look, Role::Warning, &text, cells);
        let named: Vec<&str> = ids.iter().copied().take(5).collect();
        let more = if ids.len() > 5 { ", …" } else { "" };
        say(rows, look, Role::Muted, &format!("  {}{more}", named.join(", ")), cells);
    }
}

/// A target in words.
pub(super) fn target(way: &Route, look: &RenderContext) -> String {
    let name = short(way.target.arn());
    match &way.target {
        Target::Queue { fifo: false, .. } => say!(look, "target-queue", name = name),
        Target::Queue { fifo: true, .. } => say!(look, "target-fifo-queue", name = name),
        Target::Event { .. } | Target::Run { .. } => say!(look, "target-function", name = name),
        Target::Topic { .. } => say!(look, "target-topic", name = name),
    }
}

/// The form in which a message is sent, in words.
fn form(way: &Route, look: &RenderContext) -> String {
    match (&way.target, &way.shape) {
        (_, Transform::Same) => say!(look, "form-same"),
        (Target::Event { .. } | Target::Run { .. }, Transform::Event { .. }) => say!(look, "form-invoked"),
        (_, Transform::Batch) => say!(look, "form-batch"),
        (_, Transform::Notification { .. }) => say!(look, "form-notification"),
        (_, Transform::Input { .. }) => say!(look, "form-input"),
        _ => say!(look, "form-event"),
    }
}
