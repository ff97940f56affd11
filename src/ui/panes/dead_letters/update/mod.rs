//! Commands in the pane of dead letters. What concerns more than the pane is returned as a [`PaneRequest`].

mod answer;
mod dialog;

use std::sync::Arc;

use jiff::Timestamp;

use crate::dead_letters::peek::{DEFAULT_MAX, End, MOST};
use crate::dead_letters::words::Unfiltered;
use crate::dead_letters::{DeadLetter, DeadLetterQueue};
use crate::dlq::journal_path::letters_file;
use crate::dlq::{Command as DlqCommand, DlqContents, DlqState, RedriveRequest};
use crate::store::snapshot::Snapshot;
use crate::ui::app::effect::Effect;
use crate::ui::app::notice::Notice;
use crate::ui::input::keys::Command;
use crate::ui::panes::dead_letters::state::{DeadLettersPane, Dialog, Inside, MessageView, Question, Row, queues};
use crate::ui::panes::logs::state::{LogPane, Request};

use crate::ui::panes::update::PaneRequest;
pub(crate) use answer::{edited, typed, typing};
use dialog::in_dialog;

/// A request to the task of [`crate::dlq`].
fn dlq(command: DlqCommand) -> PaneRequest {
    PaneRequest::Do(Effect::Dlq(command))
}

/// Runs a command in the pane.
pub(crate) fn run(
    pane: &mut DeadLettersPane,
    desk: &DlqState,
    snapshot: &Snapshot,
    now: Timestamp,
    command: Command,
) -> PaneRequest {
    let all = queues(snapshot);
    if let Some(dialog) = pane.dialog.clone() {
        return in_dialog(pane, dialog, (desk, snapshot, now), &all, command);
    }
    match command {
        Command::Stop => {
            return dlq(if desk.reading.is_some() {
                DlqCommand::StopReading
            } else {
                DlqCommand::Stop
            });
        }
        Command::ReadAgain => {
            return match all.get(pane.chosen(&all)) {
                Some(queue) => notice(pane, desk, queue),
                None => PaneRequest::Nothing,
            };
        }
        Command::Progress => {
            if desk.run.is_none() {
                return PaneRequest::Say(Notice::NotRedriven);
            }
            pane.dialog = Some(Dialog::Run { scroll: 0 });
            return PaneRequest::Nothing;
        }
        _ => {}
    }
    match pane.inside {
        Inside::Queues => in_queues(pane, desk, &all, command),
        Inside::List => in_list(pane, desk, now, command),
        Inside::Message => in_letter(pane, desk, now, command),
    }
}

fn in_queues(pane: &mut DeadLettersPane, desk: &DlqState, all: &[DeadLetterQueue], command: Command) -> PaneRequest {
    let at = pane.chosen(all);
    let Some(to) = command.row_from(at) else {
        return match (command, all.get(at)) {
            (Command::Close, _) => PaneRequest::Close,
            (Command::GoToNode, Some(queue)) => PaneRequest::GoTo(queue.id.clone()),
            (Command::Open, Some(queue)) => {
                pane.choose(queue.id.clone(), desk);
                if let Some(letters) = pane.letters.clone() {
                    pane.list.leave_out(&letters);
                    pane.inside = Inside::List;
                    return PaneRequest::Nothing;
                }
                notice(pane, desk, queue)
            }
            (Command::Open, None) => PaneRequest::Nothing,
            (
                Command::Mark
                | Command::MarkRange
                | Command::MarkAll
                | Command::Export
                | Command::Edit
                | Command::Redrive
                | Command::DeleteMessages,
                _,
            ) => PaneRequest::Say(Notice::OpenFirst),
            _ => PaneRequest::NotMine,
        };
    };
    match all.get(to.min(all.len().saturating_sub(1))) {
        Some(queue) => {
            pane.choose(queue.id.clone(), desk);
            PaneRequest::Select(queue.id.clone())
        }
        None => PaneRequest::Nothing,
    }
}

/// Opens the dialog that says what reading does.
fn notice(pane: &mut DeadLettersPane, desk: &DlqState, queue: &DeadLetterQueue) -> PaneRequest {
    if let Some(reading) = &desk.reading {
        let count = reading.count;
        return PaneRequest::Say(Notice::Reading { count });
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
    PaneRequest::Nothing
}

/// The next larger number of messages to read.
fn more(max: usize) -> usize {
    [DEFAULT_MAX, 1_000, 10_000]
        .into_iter()
        .find(|n| *n > max)
        .unwrap_or(MOST)
}

fn in_list(pane: &mut DeadLettersPane, desk: &DlqState, now: Timestamp, command: Command) -> PaneRequest {
    let Some(letters) = pane.letters.clone() else {
        pane.inside = Inside::Queues;
        return PaneRequest::Nothing;
    };
    let list = &mut pane.list;
    if let Some(to) = command.row_from(list.at) {
        list.go(to);
        return PaneRequest::Nothing;
    }
    match command {
        Command::Close if list.anchor.take().is_some() => {}
        Command::Close if list.sifting.is_some() => {
            if let Some(job) = list.sifting.clone() {
                list.sifted(&job, Err(Unfiltered::Stopped.into()));
            }
        }
        Command::Close if !list.filter.text.is_empty() || !list.filter.jq.is_empty() => {
            list.filter.text.clear();
            list.filter.jq.clear();
            list.sift(&letters);
        }
        Command::Close => pane.inside = Inside::Queues,
        Command::Open => match list.row() {
            Some(Row::Group(group)) => list.unfold(group, &letters),
            Some(Row::Letter(at)) => {
                if let Some(entry) = letters.entries.get(at) {
                    let edit = list.edits.get(&entry.letter.message_id);
                    pane.letter = MessageView::open(entry, &letters, edit.map(|edit| &*edit.body));
                    pane.inside = Inside::Message;
                }
            }
            None => {}
        },
        // What is in sight is not yet what the filter says.
        Command::Mark
        | Command::MarkRange
        | Command::MarkAll
        | Command::Export
        | Command::DeleteMessages
        | Command::Redrive
        | Command::Edit
            if list.sifting.is_some() =>
        {
            return PaneRequest::Say(Notice::Filtering);
        }
        Command::Mark => list.mark(&letters),
        Command::MarkRange => list.mark_range(&letters),
        Command::MarkAll => list.mark_all(&letters),
        Command::Aggregate => {
            list.grouped = !list.grouped;
            list.refresh(&letters);
        }
        Command::Sort => list.next_order(&letters),
        Command::Find => return PaneRequest::Ask(Question::Text, list.filter.text.clone()),
        Command::Jq => return PaneRequest::Ask(Question::Jq, list.filter.jq.clone()),
        _ => return on_letters(pane, desk, now, command),
    }
    PaneRequest::Nothing
}

fn in_letter(pane: &mut DeadLettersPane, desk: &DlqState, now: Timestamp, command: Command) -> PaneRequest {
    if let Some(to) = command.row_from(pane.letter.at) {
        pane.letter.go(to);
        return PaneRequest::Nothing;
    }
    match command {
        Command::Close => pane.inside = Inside::List,
        Command::Open => {
            if pane.letter.unfold() {
                refresh_letter(pane);
            }
        }
        Command::BodyForm => {
            pane.letter.next_form();
            refresh_letter(pane);
        }
        _ => return on_letters(pane, desk, now, command),
    }
    PaneRequest::Nothing
}

fn refresh_letter(pane: &mut DeadLettersPane) {
    let (Some(letters), Some(id)) = (pane.letters.clone(), pane.letter.id.clone()) else {
        return;
    };
    if let Some(entry) = letters.entry(&id) {
        let edit = pane.list.edits.get(&id).map(|edit| Arc::clone(&edit.body));
        pane.letter.refresh(entry, &letters, edit.as_deref());
    }
}

/// Runs a command on messages, in the list or in an open message.
fn on_letters(pane: &mut DeadLettersPane, desk: &DlqState, now: Timestamp, command: Command) -> PaneRequest {
    let Some(letters) = pane.letters.clone() else {
        return PaneRequest::Nothing;
    };
    let ids = pane.meant();
    let chosen = match pane.inside {
        Inside::Message => pane.letter.id.as_ref().and_then(|id| letters.entry(id)),
        _ => pane.list.entry(&letters),
    };
    match command {
        Command::GoToNode => {
            let function = chosen.and_then(|entry| entry.provenance.function.function());
            PaneRequest::GoTo(function.unwrap_or(&letters.queue.id).clone())
        }
        Command::Retries | Command::Logs => {
            let Some(entry) = chosen else {
                return PaneRequest::Nothing;
            };
            let Some(function) = entry.provenance.function.function().cloned() else {
                return PaneRequest::Say(Notice::FunctionUnknown);
            };
            let request = entry.provenance.request_id.clone();
            if command == Command::Logs {
                let log = match request {
                    Some(id) => LogPane::on(Request {
                        function,
                        id,
                        attempt: None,
                    }),
                    None => LogPane::of(Some(function)),
                };
                PaneRequest::Logs(Box::new(log))
            } else {
                PaneRequest::Retries(function, request)
            }
        }
        Command::Export | Command::DeleteMessages | Command::Redrive | Command::Edit if ids.is_empty() => {
            let gone = chosen.is_some_and(|entry| pane.list.gone.contains(&entry.letter.message_id));
            PaneRequest::Say(if gone {
                Notice::AlreadyRedriven
            } else {
                Notice::NoMessage
            })
        }
        Command::Export => PaneRequest::Ask(Question::Export, letters_file(&letters.queue.name, now)),
        Command::DeleteMessages => match &desk.closed {
            Some(why) => PaneRequest::Say(Notice::Told { what: why.clone() }),
            None => PaneRequest::Ask(Question::DeleteTo, letters_file(&letters.queue.name, now)),
        },
        Command::Redrive => plan(pane, desk, &letters, ids),
        Command::Edit => edit(pane, desk, &letters, chosen, &ids),
        _ => PaneRequest::NotMine,
    }
}

/// Opens the preview of a redrive, or the progress of the running one.
fn plan(pane: &mut DeadLettersPane, desk: &DlqState, letters: &DlqContents, ids: Vec<String>) -> PaneRequest {
    if desk.run.as_ref().is_some_and(|run| !run.over) {
        pane.dialog = Some(Dialog::Run { scroll: 0 });
        return PaneRequest::Nothing;
    }
    pane.dialog = Some(Dialog::Plan { scroll: 0 });
    let all = ids.len() + pane.list.gone.len() == letters.entries.len();
    let edits = pane.list.edits.iter().filter(|(id, _)| ids.contains(id));
    let edits = edits.map(|(id, edit)| (id.clone(), edit.clone())).collect();
    dlq(DlqCommand::Plan(RedriveRequest::of(
        letters.queue.id.clone(),
        ids,
        all,
        edits,
    )))
}

/// Opens the chosen message's body in the editor.
fn edit(
    pane: &DeadLettersPane,
    desk: &DlqState,
    letters: &DlqContents,
    chosen: Option<&DeadLetter>,
    ids: &[String],
) -> PaneRequest {
    if desk
        .run
        .as_ref()
        .is_some_and(|run| !run.over && run.queue == letters.queue.id)
    {
        return PaneRequest::Say(Notice::BeingRedriven);
    }
    let Some(entry) = chosen.filter(|entry| pane.list.marks.is_empty() || ids.contains(&entry.letter.message_id))
    else {
        return PaneRequest::Say(Notice::OneToEdit);
    };
    let id = entry.letter.message_id.clone();
    let edit = pane.list.edits.get(&id);
    let body = edit.map_or(&entry.letter.body, |edit| &edit.body).to_string();
    PaneRequest::Do(Effect::Edit { id, body })
}

/// Handles a click on a row.
pub(crate) fn click(
    pane: &mut DeadLettersPane,
    desk: &DlqState,
    snapshot: &Snapshot,
    now: Timestamp,
    row: usize,
) -> PaneRequest {
    let all = queues(snapshot);
    let at = match pane.inside {
        Inside::Queues => pane.chosen(&all),
        Inside::List => pane.list.at,
        Inside::Message => pane.letter.at,
    };
    if at == row {
        return run(pane, desk, snapshot, now, Command::Open);
    }
    match pane.inside {
        Inside::Queues => match all.get(row) {
            Some(queue) => {
                pane.choose(queue.id.clone(), desk);
                PaneRequest::Select(queue.id.clone())
            }
            None => PaneRequest::Nothing,
        },
        Inside::List => {
            pane.list.go(row);
            PaneRequest::Nothing
        }
        Inside::Message => {
            pane.letter.go(row);
            PaneRequest::Nothing
        }
    }
}
