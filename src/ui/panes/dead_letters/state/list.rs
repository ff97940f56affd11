//! The state of the list of messages: filter, order, groups, marks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::dead_letters::dead_letter::{Group, Order, groups};
use crate::dead_letters::{DeadLetter, Filter};
use crate::dlq::{DlqContents, Gone};
use crate::domain::phrase::Phrase;
use crate::redrive::history::Fate;
use crate::redrive::route::Edit;
use crate::words::Words;

use super::sift::{Job, Outcome};

/// Groups of fewer messages start unfolded.
const FEW: usize = 50;

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A group of messages with the same error, by its index.
    Group(usize),
    /// A message, by its index in the reading.
    Letter(usize),
}

/// The typed filter.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// A text that messages must contain.
    pub text: String,
    /// A `jq` condition.
    pub jq: String,
    /// Why the condition could not be applied: all messages are listed then.
    pub wrong: Option<Phrase>,
}

/// The state of the list.
#[derive(Clone, Debug)]
pub struct List {
    /// The filter.
    pub filter: Typed,
    /// The order.
    pub order: Order,
    /// Whether messages with the same error are grouped.
    pub grouped: bool,
    /// The rows.
    pub rows: Vec<Row>,
    /// The groups with their visible members.
    pub groups: Vec<Group>,
    /// The number of messages that pass the filter.
    pub shown: usize,
    /// The running filter job; until it is finished, the rows are those of the previous filter.
    pub sifting: Option<Job>,
    /// Whether that job has not been started yet.
    is_new: bool,
    /// The indices of the messages that passed last; `None` if all do.
    passing: Option<Vec<usize>>,
    /// The index of the chosen row.
    pub at: usize,
    /// The IDs of marked messages.
    pub marks: BTreeSet<String>,
    /// The first row of the range being marked.
    pub anchor: Option<usize>,
    /// Edited bodies by message ID.
    pub edits: BTreeMap<String, Edit>,
    /// Messages that cannot be redriven: redriven since they were read, or sent by an earlier run. Struck through.
    pub gone: BTreeSet<String>,
    /// Messages that came back after a redrive.
    pub back: usize,
    /// Those of `gone` that are hidden.
    left_out: BTreeSet<String>,
    /// Unfolded groups by key.
    open: BTreeSet<String>,
}

impl Default for List {
    fn default() -> Self {
        Self {
            filter: Typed::default(),
            order: Order::default(),
            grouped: true,
            rows: Vec::new(),
            groups: Vec::new(),
            shown: 0,
            sifting: None,
            is_new: false,
            passing: None,
            at: 0,
            marks: BTreeSet::new(),
            anchor: None,
            edits: BTreeMap::new(),
            gone: BTreeSet::new(),
            back: 0,
            left_out: BTreeSet::new(),
            open: BTreeSet::new(),
        }
    }
}

/// The key of a group, stable across readings.
fn key(group: &Group) -> String {
    format!("{:?} {:?} {:?}", group.origin, group.functions, group.signature)
}

impl List {
    /// The list of a new reading, with filter, order, marks and edits of the previous list as far as its messages are still there.
    #[must_use]
    pub fn new(letters: Option<&Arc<DlqContents>>, before: Self) -> Self {
        let mut list = Self {
            rows: Vec::new(),
            anchor: None,
            passing: None,
            ..before
        };
        let Some(letters) = letters else { return Self::default() };
        let there: BTreeSet<&str> = ids(letters).collect();
        list.marks.retain(|id| there.contains(id.as_str()));
        list.edits.retain(|id, _| there.contains(id.as_str()));
        list.gone.clear();
        list.left_out.clear();
        let back = |entry: &&DeadLetter| matches!(letters.fate(entry), Some(Fate::Back(_)));
        list.back = letters.entries.iter().filter(back).count();
        if letters.entries.len() <= FEW {
            list.open.extend(groups(&letters.entries).iter().map(key));
        }
        list.refresh(letters);
        list.sift(letters);
        list
    }

    /// Strikes messages through that are no longer in the queue.
    pub fn strike(&mut self, gone: Option<&Gone>, letters: &DlqContents) {
        let sent = |entry: &&DeadLetter| matches!(letters.fate(entry), Some(Fate::Sent(_)));
        let sent = letters
            .entries
            .iter()
            .filter(sent)
            .map(|entry| entry.letter.message_id.clone());
        let there: BTreeSet<&str> = ids(letters).collect();
        self.gone = sent.collect();
        if let Some(gone) = gone {
            let of_these = gone.ids.iter().filter(|id| there.contains(id.as_str()));
            self.gone.extend(of_these.cloned());
        }
        self.marks.retain(|id| !self.gone.contains(id));
    }

    /// Hides messages that are struck through.
    pub fn leave_out(&mut self, letters: &DlqContents) {
        if self.left_out != self.gone {
            self.left_out.clone_from(&self.gone);
            self.refresh(letters);
        }
    }

    /// Prepares filtering by the typed filter; the work is a [job](Self::job).
    pub fn sift(&mut self, letters: &Arc<DlqContents>) {
        let expression = Some(self.filter.jq.as_str()).filter(|jq| !jq.trim().is_empty());
        let filter = Filter::new(expression, Some(&self.filter.text), |phrase| Words::utc().say(phrase));
        self.filter.wrong = None;
        self.is_new = !filter.is_open();
        self.sifting = self.is_new.then(|| Job::new(Arc::clone(letters), filter));
        if !self.is_new {
            self.passing = None;
            self.refresh(letters);
        }
    }

    /// The job to start; returned once.
    pub fn job(&mut self) -> Option<Job> {
        std::mem::take(&mut self.is_new).then(|| self.sifting.clone()).flatten()
    }

    /// Applies the outcome of a filter. Returns the notice about it.
    pub fn sifted(&mut self, job: &Job, outcome: Outcome) -> Option<Phrase> {
        self.sifting.take_if(|mine| mine.is(job))?;
        let said = match outcome {
            Ok(sifted) => {
                let trouble = sifted.trouble();
                self.passing = Some(sifted.chosen);
                trouble
            }
            Err(why) => {
                self.passing = None;
                self.filter.wrong = Some(why.clone());
                Some(why)
            }
        };
        self.refresh(&job.letters);
        said
    }

    /// Rebuilds the rows. The chosen message stays chosen if it is still listed.
    pub fn refresh(&mut self, letters: &DlqContents) {
        let chosen = self.rows.get(self.at).copied();
        let chosen_key = self.group_key(chosen);
        let entries = &letters.entries;
        let passing = self.passing.clone().unwrap_or_else(|| (0..entries.len()).collect());
        let left_out = |at: &usize| self.left_out.contains(&entries[*at].letter.message_id);
        let mut order: Vec<usize> = passing.into_iter().filter(|at| !left_out(at)).collect();
        self.shown = order.len();
        order.sort_by(|a, b| self.order.compare(&entries[*a], &entries[*b]));
        self.groups.clear();
        if self.grouped {
            let place: BTreeMap<usize, usize> = order.iter().enumerate().map(|(n, at)| (*at, n)).collect();
            self.groups = groups(entries);
            for group in &mut self.groups {
                group.members.retain(|at| place.contains_key(at));
                group.members.sort_by_key(|at| place[at]);
            }
            self.groups.retain(|group| !group.members.is_empty());
            self.groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
            self.rows = Vec::new();
            for (n, group) in self.groups.iter().enumerate() {
                self.rows.push(Row::Group(n));
                if self.open.contains(&key(group)) {
                    self.rows.extend(group.members.iter().copied().map(Row::Letter));
                }
            }
        } else {
            self.rows = order.into_iter().map(Row::Letter).collect();
        }
        let again = match chosen {
            Some(Row::Letter(_)) => self.rows.iter().position(|row| Some(*row) == chosen),
            _ => None,
        };
        let again = again.or_else(|| {
            let key = chosen_key?;
            self.rows
                .iter()
                .position(|row| self.group_key(Some(*row)).as_ref() == Some(&key))
        });
        self.at = again.unwrap_or(self.at).min(self.rows.len().saturating_sub(1));
    }

    fn group_key(&self, row: Option<Row>) -> Option<String> {
        match row? {
            Row::Group(n) => self.groups.get(n).map(key),
            Row::Letter(_) => None,
        }
    }

    /// Chooses a row; a range being marked follows.
    pub fn go(&mut self, to: usize) {
        self.at = to.min(self.rows.len().saturating_sub(1));
    }

    /// The chosen row.
    #[must_use]
    pub fn row(&self) -> Option<Row> {
        self.rows.get(self.at).copied()
    }

    /// Whether a group is unfolded.
    #[must_use]
    pub fn is_open(&self, group: &Group) -> bool {
        self.open.contains(&key(group))
    }

    /// Folds or unfolds a group.
    pub fn unfold(&mut self, group: usize, letters: &DlqContents) {
        let Some(key) = self.groups.get(group).map(key) else {
            return;
        };
        if !self.open.remove(&key) {
            self.open.insert(key);
        }
        self.refresh(letters);
    }

    /// The IDs of the messages of a row.
    fn of_row(&self, row: Row, letters: &DlqContents) -> Vec<String> {
        let id = |at: usize| {
            let id = letters.entries.get(at).map(|entry| entry.letter.message_id.clone());
            id.filter(|id| !self.gone.contains(id))
        };
        match row {
            Row::Letter(at) => id(at).into_iter().collect(),
            Row::Group(n) => {
                let members = self.groups.get(n).into_iter().flat_map(|group| &group.members);
                members.filter_map(|at| id(*at)).collect()
            }
        }
    }

    /// Marks the rows from the anchor to the chosen one, or toggles the mark of the chosen one.
    pub fn mark(&mut self, letters: &DlqContents) {
        if let Some(anchor) = self.anchor.take() {
            let (from, to) = (anchor.min(self.at), anchor.max(self.at));
            let rows: Vec<Row> = self.rows.iter().copied().skip(from).take(to + 1 - from).collect();
            for row in rows {
                let ids = self.of_row(row, letters);
                // A group whose letters are in sight is marked by them.
                let is_seen =
                    matches!(row, Row::Group(n) if self.groups.get(n).is_some_and(|group| self.is_open(group)));
                if !is_seen {
                    self.marks.extend(ids);
                }
            }
            return;
        }
        let Some(row) = self.row() else { return };
        self.turn(self.of_row(row, letters));
        self.go(self.at + 1);
    }

    /// Starts a range at the chosen row, or ends it there.
    pub fn mark_range(&mut self, letters: &DlqContents) {
        if self.anchor.is_some() {
            self.mark(letters);
        } else {
            self.anchor = Some(self.at);
        }
    }

    /// Marks all listed messages, or unmarks them if all are marked.
    pub fn mark_all(&mut self, letters: &DlqContents) {
        let all = self.visible(letters);
        self.turn(all);
    }

    fn turn(&mut self, ids: Vec<String>) {
        if ids.is_empty() {
            return;
        }
        if ids.iter().all(|id| self.marks.contains(id)) {
            self.marks.retain(|mark| !ids.contains(mark));
        } else {
            self.marks.extend(ids);
        }
    }

    /// The IDs of all messages that pass the filter.
    #[must_use]
    pub fn visible(&self, letters: &DlqContents) -> Vec<String> {
        if self.grouped {
            let groups = (0..self.groups.len()).map(Row::Group);
            groups.flat_map(|row| self.of_row(row, letters)).collect()
        } else {
            let rows = self.rows.iter();
            rows.flat_map(|row| self.of_row(*row, letters)).collect()
        }
    }

    /// The marked messages in the order of the reading, else those of the chosen row.
    #[must_use]
    pub fn meant(&self, letters: &DlqContents) -> Vec<String> {
        if self.marks.is_empty() {
            return self.row().map(|row| self.of_row(row, letters)).unwrap_or_default();
        }
        ids(letters)
            .filter(|id| self.marks.contains(*id))
            .map(str::to_owned)
            .collect()
    }

    /// The message of the chosen row; the first one of a group.
    #[must_use]
    pub fn entry<'a>(&self, letters: &'a DlqContents) -> Option<&'a DeadLetter> {
        match self.row()? {
            Row::Letter(at) => letters.entries.get(at),
            Row::Group(n) => letters.entries.get(*self.groups.get(n)?.members.first()?),
        }
    }

    /// Switches to the next order.
    pub fn next_order(&mut self, letters: &DlqContents) {
        let all = [
            Order::Expiry,
            Order::Age,
            Order::Receives,
            Order::Size,
            Order::Function,
            Order::Origin,
            Order::Fault,
        ];
        let at = all.iter().position(|order| *order == self.order).unwrap_or(0);
        self.order = all[(at + 1) % all.len()];
        self.refresh(letters);
    }
}

fn ids(letters: &DlqContents) -> impl Iterator<Item = &str> {
    letters.entries.iter().map(|entry| entry.letter.message_id.as_str())
}

/// The messages with these IDs.
#[must_use]
pub fn of_ids<'a>(letters: &'a Arc<DlqContents>, ids: &[String]) -> Vec<&'a DeadLetter> {
    let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let entries = letters.entries.iter();
    entries
        .filter(|entry| wanted.contains(entry.letter.message_id.as_str()))
        .collect()
}
