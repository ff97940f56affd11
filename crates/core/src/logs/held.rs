//! What the log view and the headless commands read: the lines held of each group, and how far they can be trusted.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ring::Lines;
use crate::domain::NodeId;
use crate::domain::log::{Reach, TailState};

/// All groups.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    /// By name.
    pub groups: BTreeMap<Arc<str>, Arc<GroupLog>>,
    /// Bytes that all lines take.
    pub bytes: usize,
}

impl Logs {
    /// Lines that were let go to make room, over all groups.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.groups.values().map(|group| group.lines.dropped).sum()
    }

    /// How many lines are held, previews aside.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.values().map(|group| group.lines.len()).sum()
    }

    /// Whether no line is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.values().all(|group| group.lines.is_empty())
    }

    /// The group that a function writes to, where it was read.
    pub fn of<'a>(&'a self, function: &'a NodeId) -> impl Iterator<Item = &'a Arc<GroupLog>> {
        self.groups
            .values()
            .filter(move |group| group.functions.contains(function))
    }
}

/// One group.
#[derive(Clone, Debug, Default)]
pub struct GroupLog {
    /// Its name. Comes from others.
    pub name: Arc<str>,
    /// The functions that write to it.
    pub functions: Vec<NodeId>,
    /// Its lines.
    pub lines: Lines,
    /// Lines that a live tail showed and polling has not brought yet.
    pub preview: Lines,
    /// How far it was read; nothing while the first reading is under way.
    pub reach: Option<Reach>,
    /// Lines that came in behind the complete mark.
    pub late: u64,
    /// Milliseconds of which the endpoint gave only a part, and no way to the rest.
    pub cut: u64,
    /// Whether there is no such group: a function that never ran has none.
    pub missing: bool,
    /// Why it cannot be read, where it cannot.
    pub unread: Option<String>,
    /// Its live tail.
    pub tail: TailState,
    /// Whether the live tail showed only a sample of the lines.
    pub sampled: bool,
}
