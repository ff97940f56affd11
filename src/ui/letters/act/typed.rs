//! What comes of a text that was typed or edited.

use std::path::PathBuf;
use std::sync::Arc;

use super::dialogs::{again, read};
use super::{Want, refresh_letter};
use crate::dlq::queues::chain;
use crate::dlq::{Command as Order, DlqState};
use crate::domain::NodeId;
use crate::redrive::plan::To;
use crate::redrive::route::Edit;
use crate::redrive::targets::named;
use crate::store::snapshot::Snapshot;
use crate::ui::letters::dialog::READ_ANYWAY;
use crate::ui::letters::{Dialog, LettersPane, Question};

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

pub(super) fn keep(pane: &mut LettersPane, id: &str, body: &str) -> Want {
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
pub fn typed(pane: &mut LettersPane, desk: &DlqState, snapshot: &Snapshot, question: Question, text: &str) -> Want {
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
        Question::Export => Want::DlqState(Order::Export {
            queue: letters.queue.id.clone(),
            ids: pane.meant(),
            path: PathBuf::from(text.trim()),
        }),
        Question::DeleteTo => Want::Ask(Question::DeleteName(PathBuf::from(text.trim())), String::new()),
        Question::DeleteName(path) if text == name => {
            let ids = pane.meant();
            pane.list.marks.clear();
            Want::DlqState(Order::Delete {
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
            Want::DlqState(Order::Go { at_once })
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
