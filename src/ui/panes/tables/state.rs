//! What a table remembers: of what it is, how it is sorted, what was typed to filter it, and which row is chosen.

use super::rows::{Column, Subject, TableRow, rows};
use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;

/// A table.
#[derive(Clone, Debug)]
pub struct TablePane {
    /// Of what.
    pub subject: Subject,
    /// The column it is sorted by; `None`: what is worst first, then by name.
    pub sort: Option<Column>,
    /// Only rows whose name has this in it.
    pub filter: String,
    /// The rows.
    pub rows: Vec<TableRow>,
    /// How many there are without the filter.
    pub all: usize,
    chosen: Option<NodeId>,
    at: usize,
}

impl TablePane {
    /// A table before its rows.
    #[must_use]
    pub fn of(subject: Subject) -> Self {
        Self {
            subject,
            sort: None,
            filter: String::new(),
            rows: Vec::new(),
            all: 0,
            chosen: None,
            at: 0,
        }
    }

    /// Looks at what there is now. The chosen row stays chosen wherever it goes.
    pub fn update_from(&mut self, snapshot: &Snapshot) {
        let mut all = rows(self.subject, snapshot);
        self.all = all.len();
        let wanted = self.filter.to_lowercase();
        all.retain(|row| row.name.to_lowercase().contains(&wanted));
        let columns = self.subject.columns();
        let place = self
            .sort
            .and_then(|sort| columns.iter().position(|column| *column == sort));
        match place {
            Some(place) => all.sort_by(|one, other| one.cells[place].before(&other.cells[place])),
            // Issues come in an order of their own.
            None if self.subject == Subject::Issues => {}
            None => all.sort_by_key(|row| std::cmp::Reverse(row.health)),
        }
        self.rows = all;
        let kept = self
            .chosen
            .as_ref()
            .and_then(|id| self.rows.iter().position(|row| row.id == *id));
        self.at = kept.unwrap_or(self.at).min(self.rows.len().saturating_sub(1));
        if self.subject == Subject::Issues {
            // Several rows may be of one node.
            self.chosen = None;
        }
    }

    /// The next column to sort by, then that what is worst comes first again.
    pub fn sort(&mut self, snapshot: &Snapshot) {
        let columns = self.subject.columns();
        let at = self
            .sort
            .and_then(|sort| columns.iter().position(|column| *column == sort));
        self.sort = columns.get(at.map_or(0, |at| at + 1)).copied();
        (self.at, self.chosen) = (0, None);
        self.update_from(snapshot);
    }

    /// Filters by a part of the name.
    pub fn filter(&mut self, text: &str, snapshot: &Snapshot) {
        text.clone_into(&mut self.filter);
        self.update_from(snapshot);
    }

    /// The place of the chosen row.
    #[must_use]
    pub fn place(&self) -> usize {
        self.at
    }

    /// The chosen row.
    #[must_use]
    pub fn row(&self) -> Option<&TableRow> {
        self.rows.get(self.at)
    }

    /// Chooses a row; the last one where there are not so many.
    pub fn choose(&mut self, at: usize) {
        self.at = at.min(self.rows.len().saturating_sub(1));
        self.chosen = self.row().map(|row| row.id.clone());
    }
}
