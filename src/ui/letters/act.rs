//! What keys do in the pane of dead letters. What reaches beyond the pane comes back as [`Want`].

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::dialog::READ_ANYWAY;
use super::{Dialog, Inside, LetterView, LettersPane, Question, Row, queues};
use crate::desk::check::Verdict;
use crate::desk::queues::chain;
use crate::desk::state::{Planned, Run};
use crate::desk::{Command as Order, Desk, Wish};
use crate::domain::NodeId;
use crate::letters::DeadLetterQueue;
use crate::letters::caution::refusals;
use crate::redrive::plan::To;
use crate::redrive::scan::{DEFAULT_MAX, End, MOST};
use crate::redrive::targets::named;
use crate::redrive::way::Edit;
use crate::store::snapshot::Snapshot;
use crate::ui::keys::{Command, PAGE};

/// What the pane wants done that reaches beyond it.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// Nothing more.
    Nothing,
    /// The pane has no such command.
    NotMine,
    /// The desk is to do this.
    Desk(Order),
    /// Something is to be said.
    Say(String),
    /// Something is to be typed; the text is there already.
    Ask(Question, String),
    /// A letter's body is to be edited.
    Edit {
        /// The letter.
        id: String,
        /// Its body.
        body: String,
    },
    /// Select this box.
    Select(NodeId),
    /// Close the pane, and select this box.
    GoTo(NodeId),
    /// Show the attempts of this function's request.
    Retries(NodeId, Option<String>),
    /// Show the log of this function, or of its request.
    Logs(NodeId, Option<String>),
    /// Close the pane.
    Close,
}

/// A key in the pane.
pub fn run(pane: &mut LettersPane, desk: &Desk, snapshot: &Snapshot, now: Timestamp, command: Command) -> Want {
    let all = queues(snapshot);
    if let Some(dialog) = pane.dialog.clone() {
        return in_dialog(pane, dialog, (desk, snapshot, now), &all, command);
    }
    match command {
        Command::StopRun => {
            return Want::Desk(if desk.reading.is_some() {
                Order::StopReading
            } else {
                Order::Stop
            });
        }
        Command::ReadAgain => {
            return match all.get(pane.chosen(&all)) {
                Some(queue) => notice(pane, desk, queue),
                None => Want::Nothing,
            };
        }
        Command::Progress => {
            if desk.run.is_none() {
                return Want::Say("nothing was redriven yet".to_owned());
            }
            pane.dialog = Some(Dialog::Run { scroll: 0 });
            return Want::Nothing;
        }
        _ => {}
    }
    match pane.inside {
        Inside::Queues => in_queues(pane, desk, &all, command),
        Inside::List => in_list(pane, desk, now, command),
        Inside::Letter => in_letter(pane, desk, now, command),
    }
}

fn in_queues(pane: &mut LettersPane, desk: &Desk, all: &[DeadLetterQueue], command: Command) -> Want {
    let at = pane.chosen(all);
    let Some(to) = command.row_from(at) else {
        return match (command, all.get(at)) {
            (Command::Close, _) => Want::Close,
            (Command::GoToNode, Some(queue)) => Want::GoTo(queue.id.clone()),
            (Command::Open, Some(queue)) => {
                pane.choose(queue.id.clone(), desk);
                if let Some(letters) = pane.letters.clone() {
                    pane.list.leave_out(&letters);
                    pane.inside = Inside::List;
                    return Want::Nothing;
                }
                notice(pane, desk, queue)
            }
            (Command::Open, None) => Want::Nothing,
            (
                Command::Mark
                | Command::MarkRange
                | Command::MarkAll
                | Command::Export
                | Command::Edit
                | Command::PutBack
                | Command::DeleteLetters,
                _,
            ) => Want::Say("Enter opens a queue first".to_owned()),
            _ => Want::NotMine,
        };
    };
    match all.get(to.min(all.len().saturating_sub(1))) {
        Some(queue) => {
            pane.choose(queue.id.clone(), desk);
            Want::Select(queue.id.clone())
        }
        None => Want::Nothing,
    }
}

/// Says what reading does before anything is read.
fn notice(pane: &mut LettersPane, desk: &Desk, queue: &DeadLetterQueue) -> Want {
    if let Some(reading) = &desk.reading {
        let count = reading.count;
        return Want::Say(format!("a reading is under way ({count} so far): X stops it"));
    }
    pane.choose(queue.id.clone(), desk);
    let before = pane.letters.as_ref();
    let max = match before {
        Some(letters) if letters.end == End::Full => more(letters.entries.len()),
        _ => DEFAULT_MAX,
    };
    pane.dialog = Some(Dialog::Notice {
        queue: queue.id.clone(),
        max,
    });
    Want::Nothing
}

/// The next larger reading.
fn more(max: usize) -> usize {
    [DEFAULT_MAX, 1_000, 10_000]
        .into_iter()
        .find(|n| *n > max)
        .unwrap_or(MOST)
}

fn in_list(pane: &mut LettersPane, desk: &Desk, now: Timestamp, command: Command) -> Want {
    let Some(letters) = pane.letters.clone() else {
        pane.inside = Inside::Queues;
        return Want::Nothing;
    };
    let list = &mut pane.list;
    if let Some(to) = command.row_from(list.at) {
        list.go(to);
        return Want::Nothing;
    }
    match command {
        Command::Close if list.anchor.take().is_some() => {}
        Command::Close if !list.text.is_empty() || !list.jq.is_empty() => {
            list.text.clear();
            list.jq.clear();
            list.refresh(&letters);
        }
        Command::Close => pane.inside = Inside::Queues,
        Command::Open => match list.row() {
            Some(Row::Group(group)) => list.unfold(group, &letters),
            Some(Row::Letter(at)) => {
                if let Some(entry) = letters.entries.get(at) {
                    let edit = list.edits.get(&entry.letter.message_id);
                    pane.letter = LetterView::open(entry, &letters, edit.map(|edit| &*edit.body));
                    pane.inside = Inside::Letter;
                }
            }
            None => {}
        },
        Command::Mark => list.mark(&letters),
        Command::MarkRange => list.mark_range(&letters),
        Command::MarkAll => list.mark_all(&letters),
        Command::Aggregate => {
            list.grouped = !list.grouped;
            list.refresh(&letters);
        }
        Command::Sort => list.next_order(&letters),
        Command::Find => return Want::Ask(Question::Text, list.text.clone()),
        Command::Jq => return Want::Ask(Question::Jq, list.jq.clone()),
        _ => return on_letters(pane, desk, now, command),
    }
    Want::Nothing
}

fn in_letter(pane: &mut LettersPane, desk: &Desk, now: Timestamp, command: Command) -> Want {
    if let Some(to) = command.row_from(pane.letter.at) {
        pane.letter.go(to);
        return Want::Nothing;
    }
    match command {
        Command::Close => pane.inside = Inside::List,
        Command::Open => {
            if pane.letter.unfold() {
                refresh_letter(pane);
            }
        }
        Command::Form => {
            pane.letter.next_form();
            refresh_letter(pane);
        }
        _ => return on_letters(pane, desk, now, command),
    }
    Want::Nothing
}

fn refresh_letter(pane: &mut LettersPane) {
    let (Some(letters), Some(id)) = (pane.letters.clone(), pane.letter.id.clone()) else {
        return;
    };
    if let Some(entry) = letters.entry(&id) {
        let edit = pane.list.edits.get(&id).map(|edit| Arc::clone(&edit.body));
        pane.letter.refresh(entry, &letters, edit.as_deref());
    }
}

/// What is done with letters, in the list and in one of them.
fn on_letters(pane: &mut LettersPane, desk: &Desk, now: Timestamp, command: Command) -> Want {
    let Some(letters) = pane.letters.clone() else {
        return Want::Nothing;
    };
    let ids = pane.meant();
    let chosen = match pane.inside {
        Inside::Letter => pane.letter.id.as_ref().and_then(|id| letters.entry(id)),
        _ => pane.list.entry(&letters),
    };
    match command {
        Command::GoToNode => {
            let function = chosen.and_then(|entry| entry.provenance.function.function());
            Want::GoTo(function.unwrap_or(&letters.queue.id).clone())
        }
        Command::Retries | Command::Logs => {
            let Some(entry) = chosen else { return Want::Nothing };
            let Some(function) = entry.provenance.function.function().cloned() else {
                return Want::Say("it is not known which function this letter is about".to_owned());
            };
            let request = entry.provenance.request_id.clone();
            if command == Command::Logs {
                Want::Logs(function, request)
            } else {
                Want::Retries(function, request)
            }
        }
        Command::Export | Command::DeleteLetters | Command::PutBack | Command::Edit if ids.is_empty() => {
            let gone = chosen.is_some_and(|entry| pane.list.gone.contains(&entry.letter.message_id));
            Want::Say(if gone {
                "already redriven: it is not sent again".to_owned()
            } else {
                "there is no letter here".to_owned()
            })
        }
        Command::Export => Want::Ask(Question::Export, file(&letters.queue.name, now)),
        Command::DeleteLetters => match &desk.closed {
            Some(why) => Want::Say(why.clone()),
            None => Want::Ask(Question::DeleteTo, file(&letters.queue.name, now)),
        },
        Command::PutBack => {
            if desk.run.as_ref().is_some_and(|run| !run.is_over()) {
                pane.dialog = Some(Dialog::Run { scroll: 0 });
                return Want::Nothing;
            }
            pane.dialog = Some(Dialog::Plan { scroll: 0 });
            let all = ids.len() + pane.list.gone.len() == letters.entries.len();
            let edits = pane.list.edits.iter().filter(|(id, _)| ids.contains(id));
            let edits = edits.map(|(id, edit)| (id.clone(), edit.clone())).collect();
            Want::Desk(Order::Plan(Wish::of(letters.queue.id.clone(), ids, all, edits)))
        }
        Command::Edit => {
            if desk
                .run
                .as_ref()
                .is_some_and(|run| !run.is_over() && run.queue == letters.queue.id)
            {
                return Want::Say("messages of this queue are being redriven: edit when that is over".to_owned());
            }
            let Some(entry) =
                chosen.filter(|entry| pane.list.marks.is_empty() || ids.contains(&entry.letter.message_id))
            else {
                return Want::Say("choose one letter to edit".to_owned());
            };
            let id = entry.letter.message_id.clone();
            let edit = pane.list.edits.get(&id);
            let body = edit.map_or(&entry.letter.body, |edit| &edit.body).to_string();
            Want::Edit { id, body }
        }
        _ => Want::NotMine,
    }
}

/// A file for letters of a queue, beside where the program was started.
fn file(queue: &str, now: Timestamp) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = queue.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    format!("{name}-{}.jsonl", now.strftime("%Y%m%dT%H%M%S"))
}

fn in_dialog(
    pane: &mut LettersPane,
    dialog: Dialog,
    (desk, snapshot, now): (&Desk, &Snapshot, Timestamp),
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
                    Want::Desk(Order::Drop)
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
                Command::Open if waits => Want::Desk(Order::GoOn),
                Command::StopRun => Want::Desk(Order::Stop),
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
                keep(pane, &id, &body)
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

fn read(pane: &mut LettersPane, queue: NodeId, max: usize, anyway: bool) -> Want {
    pane.awaited = Some(queue.clone());
    Want::Desk(Order::Read { queue, max, anyway })
}

fn again(planned: &Planned, change: impl FnOnce(&mut Wish)) -> Want {
    let mut wish = planned.wish.clone();
    change(&mut wish);
    Want::Desk(Order::Plan(wish))
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
    (desk, snapshot, now): (&Desk, &Snapshot, Timestamp),
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
    Want::Desk(Order::Go { at_once })
}

/// What was edited comes back; it counts once the person has seen what changed.
pub fn edited(pane: &mut LettersPane, id: String, outcome: Result<String, String>) -> Want {
    let original = pane.letters.as_ref().and_then(|letters| letters.entry(&id));
    let Some(original) = original.map(|entry| Arc::clone(&entry.letter.body)) else {
        return Want::Nothing;
    };
    match outcome {
        Err(why) => Want::Say(why),
        Ok(text) => {
            // Editors end a file with a line's end that the body need not have.
            let ended = text.strip_suffix('\n').filter(|_| !original.ends_with('\n'));
            let body = ended.unwrap_or(&text).to_owned();
            let known = pane.list.edits.get(&id).map_or(&*original, |edit| &*edit.body);
            if body == known {
                return Want::Say("nothing was changed".to_owned());
            }
            pane.dialog = Some(Dialog::Diff { id, body, scroll: 0 });
            Want::Nothing
        }
    }
}

fn keep(pane: &mut LettersPane, id: &str, body: &str) -> Want {
    let original = pane.letters.as_ref().and_then(|letters| letters.entry(id));
    let Some(original) = original.map(|entry| Arc::clone(&entry.letter.body)) else {
        return Want::Nothing;
    };
    let said = if *original == *body {
        pane.list.edits.remove(id);
        "the letter is as it was"
    } else {
        let edit = Edit {
            original,
            body: body.into(),
        };
        pane.list.edits.insert(id.to_owned(), edit);
        "the edit is kept here; the queue has the original until the letter is put back"
    };
    refresh_letter(pane);
    Want::Say(said.to_owned())
}

/// A text as far as it is typed.
pub fn typing(pane: &mut LettersPane, question: &Question, text: &str) {
    if let (Question::Text, Some(letters)) = (question, pane.letters.clone()) {
        text.clone_into(&mut pane.list.text);
        pane.list.refresh(&letters);
    }
}

/// A text that was typed to its end.
pub fn typed(pane: &mut LettersPane, desk: &Desk, snapshot: &Snapshot, question: Question, text: &str) -> Want {
    let Some(letters) = pane.letters.clone() else {
        return match question {
            Question::ReadAnyway { queue, max } => anyway(pane, queue, max, text),
            _ => Want::Nothing,
        };
    };
    let name = &letters.queue.name;
    match question {
        Question::Text => Want::Nothing,
        Question::Jq => {
            text.clone_into(&mut pane.list.jq);
            pane.list.refresh(&letters);
            pane.list.wrong.clone().map_or(Want::Nothing, Want::Say)
        }
        Question::ReadAnyway { queue, max } => anyway(pane, queue, max, text),
        Question::Export | Question::DeleteTo if text.trim().is_empty() => {
            Want::Say("no file was named: nothing was written".to_owned())
        }
        Question::Export => Want::Desk(Order::Export {
            queue: letters.queue.id.clone(),
            ids: pane.meant(),
            path: PathBuf::from(text.trim()),
        }),
        Question::DeleteTo => Want::Ask(Question::DeleteName(PathBuf::from(text.trim())), String::new()),
        Question::DeleteName(path) if text == name => {
            let ids = pane.meant();
            pane.list.marks.clear();
            Want::Desk(Order::Delete {
                queue: letters.queue.id.clone(),
                ids,
                path,
            })
        }
        Question::DeleteName(_) => Want::Say("that was not the queue's name: nothing was deleted".to_owned()),
        Question::Elsewhere => match (&desk.planned, elsewhere(text.trim(), &letters.queue.id, snapshot)) {
            (Some(planned), Ok(to)) => again(planned, |wish| wish.to = to),
            (None, _) => Want::Nothing,
            (_, Err(why)) => Want::Say(why),
        },
        Question::GoName { at_once } if text == name && desk.planned.is_some() => {
            pane.dialog = Some(Dialog::Run { scroll: 0 });
            pane.list.marks.clear();
            Want::Desk(Order::Go { at_once })
        }
        Question::GoName { .. } => Want::Say("that was not the queue's name: nothing was sent".to_owned()),
    }
}

fn elsewhere(text: &str, queue: &NodeId, snapshot: &Snapshot) -> Result<To, String> {
    if text.is_empty() {
        return Ok(To::Origin);
    }
    let target = named(text, chain(&snapshot.topology))?;
    if target.arn() == queue.as_str() {
        return Err("the letters lie in that queue: name another one".to_owned());
    }
    Ok(To::Named(target))
}

fn anyway(pane: &mut LettersPane, queue: NodeId, max: usize, text: &str) -> Want {
    if text.trim() == READ_ANYWAY {
        read(pane, queue, max, true)
    } else {
        Want::Say("nothing was read".to_owned())
    }
}

/// The row of the list at a place on screen was clicked.
pub fn click(pane: &mut LettersPane, desk: &Desk, snapshot: &Snapshot, now: Timestamp, row: usize) -> Want {
    let all = queues(snapshot);
    let at = match pane.inside {
        Inside::Queues => pane.chosen(&all),
        Inside::List => pane.list.at,
        Inside::Letter => pane.letter.at,
    };
    if at == row {
        return run(pane, desk, snapshot, now, Command::Open);
    }
    match pane.inside {
        Inside::Queues => match all.get(row) {
            Some(queue) => {
                pane.choose(queue.id.clone(), desk);
                Want::Select(queue.id.clone())
            }
            None => Want::Nothing,
        },
        Inside::List => {
            pane.list.go(row);
            Want::Nothing
        }
        Inside::Letter => {
            pane.letter.go(row);
            Want::Nothing
        }
    }
}
