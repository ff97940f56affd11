//! What keys do in a window over the pane.

use jiff::Timestamp;

use super::{Want, more, typed};
use crate::dead_letters::DeadLetterQueue;
use crate::dead_letters::read_guard::refusals;
use crate::dlq::check::Verdict;
use crate::dlq::state::{Planned, Run};
use crate::dlq::{Command as Order, DlqState, RedriveRequest};
use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;
use crate::ui::keys::{Command, PAGE};
use crate::ui::letters::{Dialog, LettersPane, Question};

pub(super) fn in_dialog(
    pane: &mut LettersPane,
    dialog: Dialog,
    (desk, snapshot, now): (&DlqState, &Snapshot, Timestamp),
    all: &[DeadLetterQueue],
    command: Command,
) -> Want {
    match dialog {
        Dialog::Notice { queue, max } => match command {
            Command::Open => {
                pane.dialog = None;
                if let Some(why) = &desk.closed {
                    return Want::Say(why.clone());
                }
                let refused = all.iter().find(|one| one.id == queue).map(refusals);
                if refused.is_some_and(|refused| !refused.is_empty()) {
                    return Want::Ask(Question::ReadAnyway { queue, max }, String::new());
                }
                read(pane, queue, max, false)
            }
            Command::More => {
                pane.dialog = Some(Dialog::Notice { queue, max: more(max) });
                Want::Nothing
            }
            _ => dismissed(pane, command),
        },
        Dialog::Plan { scroll } => {
            let planned = desk.planned.as_deref();
            match (command, planned) {
                (Command::Close, _) => {
                    pane.dialog = None;
                    Want::DlqState(Order::Drop)
                }
                (Command::Open | Command::AllAtOnce, Some(planned)) => {
                    go(pane, (desk, snapshot, now), planned, command)
                }
                (Command::Engine, Some(planned)) => match planned.against_move_task {
                    Some(why) => Want::Say(format!("SQS itself cannot move these: {why}")),
                    None => again(planned, |wish| wish.move_task = !wish.move_task),
                },
                (Command::Anyway, Some(planned)) if planned.unguarded || planned.wish.invoke_anyway => {
                    again(planned, |wish| wish.invoke_anyway = !wish.invoke_anyway)
                }
                (Command::Target, Some(planned)) => choose_target(planned),
                (Command::Elsewhere, Some(_)) => Want::Ask(Question::Elsewhere, String::new()),
                _ => {
                    let scroll = scrolled(scroll, command);
                    pane.dialog = Some(Dialog::Plan { scroll });
                    Want::Nothing
                }
            }
        }
        Dialog::Run { scroll } => {
            let waits = desk.run.as_ref().is_some_and(Run::waits);
            match command {
                Command::Open if waits => Want::DlqState(Order::GoOn),
                Command::StopRun => Want::DlqState(Order::Stop),
                Command::Open | Command::Close => {
                    pane.dialog = None;
                    Want::Nothing
                }
                _ => {
                    let scroll = scrolled(scroll, command);
                    pane.dialog = Some(Dialog::Run { scroll });
                    Want::Nothing
                }
            }
        }
        Dialog::Diff { id, body, scroll } => match command {
            Command::Open => {
                pane.dialog = None;
                typed::keep(pane, &id, &body)
            }
            Command::Close => {
                pane.dialog = None;
                Want::Say("the edit was dropped".to_owned())
            }
            _ => {
                let scroll = scrolled(scroll, command);
                pane.dialog = Some(Dialog::Diff { id, body, scroll });
                Want::Nothing
            }
        },
    }
}

fn dismissed(pane: &mut LettersPane, command: Command) -> Want {
    if command == Command::Close {
        pane.dialog = None;
    }
    Want::Nothing
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

pub(super) fn read(pane: &mut LettersPane, queue: NodeId, max: usize, anyway: bool) -> Want {
    pane.awaited = Some(queue.clone());
    Want::DlqState(Order::Read { queue, max, anyway })
}

pub(super) fn again(planned: &Planned, change: impl FnOnce(&mut RedriveRequest)) -> Want {
    let mut wish = planned.wish.clone();
    change(&mut wish);
    Want::DlqState(Order::Plan(wish))
}

fn choose_target(planned: &Planned) -> Want {
    if planned.candidates.is_empty() {
        return Want::Say("each letter says where it belongs: there is nothing to choose".to_owned());
    }
    let at = planned
        .candidates
        .iter()
        .position(|one| Some(one) == planned.wish.choice.as_ref());
    let next = planned.candidates.get(at.map_or(0, |at| at + 1)).cloned();
    again(planned, |wish| wish.choice = next)
}

fn go(
    pane: &mut LettersPane,
    (desk, snapshot, now): (&DlqState, &Snapshot, Timestamp),
    planned: &Planned,
    command: Command,
) -> Want {
    if let Some(why) = &desk.closed {
        return Want::Say(why.clone());
    }
    if planned.goes() == 0 && !planned.is_move_task() {
        return Want::Say("nothing would go: see why each letter stays".to_owned());
    }
    let at_once = command == Command::AllAtOnce;
    // What would fail again, or of which nobody knows, does not go by one key.
    let check = planned.check(snapshot, now);
    let without_canary = at_once && planned.course(false).canary > 0;
    let proves = check.passes() && !(without_canary && check.verdict() == Verdict::Unproven);
    if planned.confirm.is_some() || !proves {
        return Want::Ask(Question::GoName { at_once }, String::new());
    }
    pane.dialog = Some(Dialog::Run { scroll: 0 });
    pane.list.marks.clear();
    Want::DlqState(Order::Go { at_once })
}
