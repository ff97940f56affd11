//! What keys do in the pane of dead letters. What reaches beyond the pane comes back as [`Want`].

mod dialogs;
mod typed;

use std::sync::Arc;

use jiff::Timestamp;

use self::dialogs::in_dialog;
pub use self::typed::{edited, typed, typing};
use super::{Dialog, Inside, LetterView, LettersPane, Question, Row, queues};
use crate::dead_letters::DeadLetterQueue;
use crate::dlq::{Command as Order, DlqState, RedriveRequest};
use crate::domain::NodeId;
use crate::redrive::scan::{DEFAULT_MAX, End, MOST};
use crate::store::snapshot::Snapshot;
use crate::ui::keys::Command;

/// What the pane wants done that reaches beyond it.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// Nothing more.
    Nothing,
    /// The pane has no such command.
    NotMine,
    /// The task of [`crate::dlq`] is to do this.
    DlqState(Order),
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
pub fn run(pane: &mut LettersPane, desk: &DlqState, snapshot: &Snapshot, now: Timestamp, command: Command) -> Want {
    let all = queues(snapshot);
    if let Some(dialog) = pane.dialog.clone() {
        return in_dialog(pane, dialog, (desk, snapshot, now), &all, command);
    }
    match command {
        Command::StopRun => {
            return Want::DlqState(if desk.reading.is_some() {
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

fn in_queues(pane: &mut LettersPane, desk: &DlqState, all: &[DeadLetterQueue], command: Command) -> Want {
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
fn notice(pane: &mut LettersPane, desk: &DlqState, queue: &DeadLetterQueue) -> Want {
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

fn in_list(pane: &mut LettersPane, desk: &DlqState, now: Timestamp, command: Command) -> Want {
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

fn in_letter(pane: &mut LettersPane, desk: &DlqState, now: Timestamp, command: Command) -> Want {
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
fn on_letters(pane: &mut LettersPane, desk: &DlqState, now: Timestamp, command: Command) -> Want {
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
            Want::DlqState(Order::Plan(RedriveRequest::of(
                letters.queue.id.clone(),
                ids,
                all,
                edits,
            )))
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

/// The row of the list at a place on screen was clicked.
pub fn click(pane: &mut LettersPane, desk: &DlqState, snapshot: &Snapshot, now: Timestamp, row: usize) -> Want {
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
