//! Answers about dead letters: typed ones, and messages from the editor.

use std::path::PathBuf;
use std::sync::Arc;

use super::dialog::{again, read};
use super::{PaneRequest, dlq, refresh_letter};
use crate::dlq::queues::chain;
use crate::dlq::{Command as DlqCommand, DlqState};
use crate::domain::NodeId;
use crate::redrive::plan::To;
use crate::redrive::route::Edit;
use crate::redrive::targets::{NameError, named};
use crate::store::snapshot::Snapshot;
use crate::ui::app::notice::Notice;
use crate::ui::panes::dead_letters::state::dialog::READ_ANYWAY;
use crate::ui::panes::dead_letters::state::{DeadLettersPane, Dialog, Question};
use crate::ui::terminal::editor::EditError;

/// Handles a message from the editor: the edit counts once the person has seen the difference.
pub fn edited(pane: &mut DeadLettersPane, id: String, outcome: Result<String, EditError>) -> PaneRequest {
    let original = pane.letters.as_ref().and_then(|letters| letters.entry(&id));
    let Some(original) = original.map(|entry| Arc::clone(&entry.letter.body)) else {
        return PaneRequest::Nothing;
    };
    match outcome {
        Err(why) => PaneRequest::Say(Notice::Told { what: why.into() }),
        Ok(text) => {
            // Editors end a file with a line's end that the body need not have.
            let ended = text.strip_suffix('\n').filter(|_| !original.ends_with('\n'));
            let body = ended.unwrap_or(&text).to_owned();
            let known = pane.list.edits.get(&id).map_or(&*original, |edit| &*edit.body);
            if body == known {
                return PaneRequest::Say(Notice::Unchanged);
            }
            pane.dialog = Some(Dialog::Diff { id, body, scroll: 0 });
            PaneRequest::Nothing
        }
    }
}

pub(super) fn keep(pane: &mut DeadLettersPane, id: &str, body: &str) -> PaneRequest {
    let original = pane.letters.as_ref().and_then(|letters| letters.entry(id));
    let Some(original) = original.map(|entry| Arc::clone(&entry.letter.body)) else {
        return PaneRequest::Nothing;
    };
    let said = if *original == *body {
        pane.list.edits.remove(id);
        Notice::EditUndone
    } else {
        let edit = Edit {
            original,
            body: body.into(),
        };
        pane.list.edits.insert(id.to_owned(), edit);
        Notice::EditKept
    };
    refresh_letter(pane);
    PaneRequest::Say(said)
}

/// Handles an answer while it is typed.
pub fn typing(pane: &mut DeadLettersPane, question: &Question, text: &str) {
    if let (Question::Text, Some(letters)) = (question, pane.letters.clone()) {
        text.clone_into(&mut pane.list.filter.text);
        pane.list.sift(&letters);
    }
}

/// Handles a completed answer.
pub fn typed(
    pane: &mut DeadLettersPane,
    desk: &DlqState,
    snapshot: &Snapshot,
    question: Question,
    text: &str,
) -> PaneRequest {
    let Some(letters) = pane.letters.clone() else {
        return match question {
            Question::ReadAnyway { queue, max } => anyway(pane, queue, max, text),
            _ => PaneRequest::Nothing,
        };
    };
    let name = &letters.queue.name;
    match question {
        Question::Text => PaneRequest::Nothing,
        Question::Jq => {
            text.clone_into(&mut pane.list.filter.jq);
            pane.list.sift(&letters);
            PaneRequest::Nothing
        }
        Question::ReadAnyway { queue, max } => anyway(pane, queue, max, text),
        Question::Export | Question::DeleteTo if text.trim().is_empty() => PaneRequest::Say(Notice::NoFile),
        Question::Export => dlq(DlqCommand::Export {
            queue: letters.queue.id.clone(),
            ids: pane.meant(),
            path: PathBuf::from(text.trim()),
        }),
        Question::DeleteTo => PaneRequest::Ask(Question::DeleteName(PathBuf::from(text.trim())), String::new()),
        Question::DeleteName(path) if text == name => {
            let ids = pane.meant();
            pane.list.marks.clear();
            dlq(DlqCommand::Delete {
                queue: letters.queue.id.clone(),
                ids,
                path,
            })
        }
        Question::DeleteName(_) => PaneRequest::Say(Notice::NotDeleted),
        Question::Elsewhere => match (&desk.planned, elsewhere(text.trim(), &letters.queue.id, snapshot)) {
            (Some(planned), Ok(to)) => again(planned, |wish| wish.to = to),
            (None, _) => PaneRequest::Nothing,
            (_, Err(why)) => PaneRequest::Say(Notice::Told { what: why.into() }),
        },
        Question::GoName { at_once } if text == name && desk.planned.is_some() => {
            pane.dialog = Some(Dialog::Run { scroll: 0 });
            pane.list.marks.clear();
            dlq(DlqCommand::Go { at_once })
        }
        Question::GoName { .. } => PaneRequest::Say(Notice::NotSent),
    }
}

fn elsewhere(text: &str, queue: &NodeId, snapshot: &Snapshot) -> Result<To, NameError> {
    if text.is_empty() {
        return Ok(To::Origin);
    }
    let target = named(text, chain(&snapshot.topology))?;
    if target.arn() == queue.as_str() {
        return Err(NameError::Here);
    }
    Ok(To::Named(target))
}

fn anyway(pane: &mut DeadLettersPane, queue: NodeId, max: usize, text: &str) -> PaneRequest {
    if text.trim() == READ_ANYWAY {
        read(pane, queue, max, true)
    } else {
        PaneRequest::Say(Notice::NotRead)
    }
}
