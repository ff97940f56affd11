//! Commands in the dialogs of dead letters, which ask before anything is read, sent or kept.

use jiff::Timestamp;

use super::answer::keep;
use super::{PaneRequest, dlq, more};
use crate::dead_letters::DeadLetterQueue;
use crate::dead_letters::read_guard::refusals;
use crate::dlq::check::Verdict;
use crate::dlq::state::{Planned, Run};
use crate::dlq::{Command as DlqCommand, DlqState, RedriveRequest};
use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;
use crate::ui::app::notice::Notice;
use crate::ui::input::keys::{Command, PAGE};
use crate::ui::panes::dead_letters::state::{DeadLettersPane, Dialog, Question};

pub(super) fn in_dialog(
    pane: &mut DeadLettersPane,
    dialog: Dialog,
    (desk, snapshot, now): (&DlqState, &Snapshot, Timestamp),
    all: &[DeadLetterQueue],
    command: Command,
) -> PaneRequest {
    match dialog {
        Dialog::Notice { queue, max } => match command {
            Command::Open => {
                pane.dialog = None;
                if let Some(why) = &desk.closed {
                    return PaneRequest::Say(Notice::Told { what: why.clone() });
                }
                let refused = all.iter().find(|one| one.id == queue).map(refusals);
                if refused.is_some_and(|refused| !refused.is_empty()) {
                    return PaneRequest::Ask(Question::ReadAnyway { queue, max }, String::new());
                }
                read(pane, queue, max, false)
            }
            Command::More => {
                pane.dialog = Some(Dialog::Notice { queue, max: more(max) });
                PaneRequest::Nothing
            }
            _ => dismissed(pane, command),
        },
        Dialog::Plan { scroll } => {
            let planned = desk.planned.as_deref();
            match (command, planned) {
                (Command::Close, _) => {
                    pane.dialog = None;
                    dlq(DlqCommand::Drop)
                }
                (Command::Open | Command::AllAtOnce, Some(planned)) => {
                    go(pane, (desk, snapshot, now), planned, command)
                }
                (Command::Engine, Some(planned)) => match planned.against_move_task {
                    Some(why) => PaneRequest::Say(Notice::NoMoveTask { why }),
                    None => again(planned, |wish| wish.move_task = !wish.move_task),
                },
                (Command::InvokeAnyway, Some(planned)) if planned.invoked.unguarded || planned.wish.invoke_anyway => {
                    again(planned, |wish| wish.invoke_anyway = !wish.invoke_anyway)
                }
                (Command::Target, Some(planned)) => choose_target(planned),
                (Command::Elsewhere, Some(_)) => PaneRequest::Ask(Question::Elsewhere, String::new()),
                _ => {
                    let scroll = scrolled(scroll, command);
                    pane.dialog = Some(Dialog::Plan { scroll });
                    PaneRequest::Nothing
                }
            }
        }
        Dialog::Run { scroll } => {
            let waits = desk.run.as_ref().is_some_and(Run::waits);
            match command {
                Command::Open if waits => dlq(DlqCommand::GoOn),
                Command::Stop => dlq(DlqCommand::Stop),
                Command::Open | Command::Close => {
                    pane.dialog = None;
                    PaneRequest::Nothing
                }
                _ => {
                    let scroll = scrolled(scroll, command);
                    pane.dialog = Some(Dialog::Run { scroll });
                    PaneRequest::Nothing
                }
            }
        }
        Dialog::Diff { id, body, scroll } => match command {
            Command::Open => {
                pane.dialog = None;
                keep(pane, &id, &body)
            }
            Command::Close => {
                pane.dialog = None;
                PaneRequest::Say(Notice::EditDropped)
            }
            _ => {
                let scroll = scrolled(scroll, command);
                pane.dialog = Some(Dialog::Diff { id, body, scroll });
                PaneRequest::Nothing
            }
        },
    }
}

fn dismissed(pane: &mut DeadLettersPane, command: Command) -> PaneRequest {
    if command == Command::Close {
        pane.dialog = None;
    }
    PaneRequest::Nothing
}

fn scrolled(scroll: usize, command: Command) -> usize {
    match command {
        Command::Down => scroll + 1,
        Command::Up => scroll.saturating_sub(1),
        Command::PageDown => scroll + PAGE,
        Command::PageUp => scroll.saturating_sub(PAGE),
        _ => scroll,
    }
}

pub(super) fn read(pane: &mut DeadLettersPane, queue: NodeId, max: usize, anyway: bool) -> PaneRequest {
    pane.awaited = Some(queue.clone());
    dlq(DlqCommand::Read { queue, max, anyway })
}

pub(super) fn again(planned: &Planned, change: impl FnOnce(&mut RedriveRequest)) -> PaneRequest {
    let mut wish = planned.wish.clone();
    change(&mut wish);
    dlq(DlqCommand::Plan(wish))
}

fn choose_target(planned: &Planned) -> PaneRequest {
    if planned.invoked.candidates.is_empty() {
        return PaneRequest::Say(Notice::NoChoice);
    }
    let at = planned
        .invoked
        .candidates
        .iter()
        .position(|one| Some(one) == planned.wish.choice.as_ref());
    let next = planned.invoked.candidates.get(at.map_or(0, |at| at + 1)).cloned();
    again(planned, |wish| wish.choice = next)
}

fn go(
    pane: &mut DeadLettersPane,
    (desk, snapshot, now): (&DlqState, &Snapshot, Timestamp),
    planned: &Planned,
    command: Command,
) -> PaneRequest {
    if let Some(why) = &desk.closed {
        return PaneRequest::Say(Notice::Told { what: why.clone() });
    }
    if planned.goes() == 0 && !planned.is_move_task() {
        return PaneRequest::Say(Notice::NothingGoes);
    }
    let at_once = command == Command::AllAtOnce;
    // What would fail again, or of which nobody knows, does not go by one key.
    let check = planned.check(snapshot, now);
    let without_canary = at_once && planned.course(1).canary > 0;
    let proves = check.passes() && !(without_canary && check.verdict() == Verdict::Unproven);
    if planned.confirm.is_some() || !proves {
        return PaneRequest::Ask(Question::GoName { at_once }, String::new());
    }
    pane.dialog = Some(Dialog::Run { scroll: 0 });
    pane.list.marks.clear();
    dlq(DlqCommand::Go { at_once })
}
