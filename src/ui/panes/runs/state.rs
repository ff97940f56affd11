//! The runs on screen: the slowest, the failing, the cold, and the errors by what they have in common.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::{Invocation, NodeId};
use crate::logs::{ErrorGroup, group, tables};
use crate::store::snapshot::Snapshot;

/// Runs listed at the most: what comes after them is looked for in the lines.
const MOST: usize = 500;

/// Which runs are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Table {
    /// The longest runs.
    #[default]
    Slowest,
    /// Those that failed.
    Failing,
    /// Those whose sandbox had to be started.
    Cold,
    /// Errors, those that are the same but for numbers and ids counted together.
    Errors,
}

impl Table {
    const ALL: [Self; 4] = [Self::Slowest, Self::Failing, Self::Cold, Self::Errors];

    /// The one after it, or before.
    #[must_use]
    pub fn turn(self, by: isize) -> Self {
        let at = Self::ALL.iter().position(|one| *one == self).unwrap_or(0);
        let count = Self::ALL.len();
        Self::ALL[(at + count).wrapping_add_signed(by) % count]
    }
}

/// By what the rows are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By what the table is about.
    #[default]
    Own,
    /// The latest first: by their end, or when they were last seen.
    Latest,
    /// By when they were first seen, the latest first.
    First,
    /// By how long they ran.
    Duration,
    /// By the memory they used.
    Memory,
}

/// One row.
#[derive(Clone, Debug)]
pub enum Line {
    /// One run.
    Run(Arc<Invocation>),
    /// Errors with one signature.
    Error(Box<ErrorGroup>),
}

impl Line {
    /// The run that the row leads to: of errors, the last.
    #[must_use]
    pub fn run(&self) -> &Arc<Invocation> {
        match self {
            Self::Run(run) => run,
            Self::Error(group) => &group.example,
        }
    }

    /// The same for the same row.
    fn key(&self) -> String {
        match self {
            Self::Run(run) => format!("{} {} {}", run.function, run.request_id, run.attempt),
            Self::Error(group) => group.signature.clone(),
        }
    }

    fn latest(&self) -> Option<Timestamp> {
        match self {
            Self::Run(run) => run.end.or(run.start),
            Self::Error(group) => group.last,
        }
    }
}

/// The state of the pane.
#[derive(Clone, Debug, Default)]
pub struct RunsPane {
    /// Only one function's.
    pub only: Option<NodeId>,
    /// Which runs.
    pub table: Table,
    /// In which order.
    pub order: Order,
    /// The rows.
    pub rows: Vec<Line>,
    /// How many runs are known.
    pub known: usize,
    chosen: Option<String>,
    at: usize,
}

impl RunsPane {
    /// A table of one function's runs, or of all.
    #[must_use]
    pub fn of(only: Option<NodeId>, table: Table) -> Self {
        Self {
            only,
            table,
            ..Self::default()
        }
    }

    /// With the row of this run chosen, where the table has it.
    #[must_use]
    pub fn choosing(mut self, run: &Invocation) -> Self {
        self.chosen = Some(Line::Run(Arc::new(run.clone())).key());
        self
    }

    /// Looks at the runs that there are now.
    pub fn update_from(&mut self, snapshot: &Snapshot) {
        let of = |id: &&NodeId| self.only.as_ref().is_none_or(|only| *id == only);
        let runs: Vec<&Arc<Invocation>> = snapshot
            .invocations
            .iter()
            .filter(|(id, _)| of(id))
            .flat_map(|(_, runs)| runs.iter())
            .collect();
        self.known = runs.len();
        let all = |runs: Vec<Arc<Invocation>>| -> Vec<Line> { runs.into_iter().map(Line::Run).collect() };
        self.rows = match self.table {
            Table::Slowest => all(tables(runs, MOST).slowest),
            Table::Failing => all(tables(runs, MOST).failing),
            Table::Cold => all(tables(runs, MOST).cold),
            Table::Errors => group(runs)
                .into_iter()
                .map(|group| Line::Error(Box::new(group)))
                .collect(),
        };
        // Equal ones stay in the order of the table.
        match self.order {
            Order::Own => {}
            Order::Latest => self.rows.sort_by_key(|row| Reverse(row.latest())),
            Order::First => self.rows.sort_by_key(|row| match row {
                Line::Run(run) => Reverse(run.start),
                Line::Error(group) => Reverse(group.first),
            }),
            Order::Duration => self.rows.sort_by_key(|row| Reverse(row.run().report.duration_us)),
            Order::Memory => self.rows.sort_by_key(|row| Reverse(row.run().report.max_memory_mb)),
        }
    }

    /// The place of the chosen row.
    #[must_use]
    pub fn place(&self) -> usize {
        let known = self
            .chosen
            .as_ref()
            .and_then(|key| self.rows.iter().position(|row| row.key() == *key));
        known.unwrap_or_else(|| self.at.min(self.rows.len().saturating_sub(1)))
    }

    /// The chosen row.
    #[must_use]
    pub fn line(&self) -> Option<&Line> {
        self.rows.get(self.place())
    }

    /// Chooses a row.
    pub fn choose(&mut self, at: usize) {
        self.at = at.min(self.rows.len().saturating_sub(1));
        self.chosen = self.rows.get(self.at).map(Line::key);
    }

    /// Another table.
    pub fn turn(&mut self, by: isize, snapshot: &Snapshot) {
        self.table = self.table.turn(by);
        self.order = Order::Own;
        self.begin(snapshot);
    }

    /// The next order that the table knows.
    pub fn sort(&mut self, snapshot: &Snapshot) {
        let orders: &[Order] = match self.table {
            Table::Slowest => &[Order::Own, Order::Latest, Order::Memory],
            Table::Failing => &[Order::Own, Order::Duration, Order::Memory],
            Table::Cold => &[Order::Own, Order::Latest, Order::Duration, Order::Memory],
            Table::Errors => &[Order::Own, Order::Latest, Order::First],
        };
        let at = orders.iter().position(|one| *one == self.order).unwrap_or(0);
        self.order = orders[(at + 1) % orders.len()];
        self.begin(snapshot);
    }

    /// From the first row on.
    pub fn begin(&mut self, snapshot: &Snapshot) {
        (self.at, self.chosen) = (0, None);
        self.update_from(snapshot);
    }
}
