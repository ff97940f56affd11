//! What the log view and the headless commands read: the lines held of each group, and how far they can be trusted.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::buffer::Lines;
use super::words::Gap;
use crate::domain::log::{Reach, TailState};
use crate::domain::phrase::Date;
use crate::domain::{NodeId, Unknown};

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

impl GroupLog {
    /// Whether every line from a time on was read.
    #[must_use]
    pub fn is_whole_since(&self, since: Timestamp) -> bool {
        let whole_since = self.reach.and_then(|reach| reach.whole_since);
        whole_since.is_some_and(|whole| whole <= since)
    }

    /// What is unknown if its lines were requested from a time on but were read from a later one on. `None` if there is no
    /// log, or if it cannot be read at all, which is reported elsewhere.
    #[must_use]
    pub fn unread_since(&self, since: Timestamp) -> Option<Unknown> {
        if self.missing || self.unread.is_some() || self.is_whole_since(since) {
            return None;
        }
        let read = self.reach.and_then(|reach| reach.whole_since);
        let group = self.name.to_string();
        let what = match read {
            Some(read) => Gap::LinesBefore { group, at: Date(read) },
            None => Gap::Lines { group },
        };
        Some(Unknown {
            what: what.into(),
            why: Gap::NotInTime.into(),
        })
    }
}

/// One group.
#[derive(Clone, Debug, Default)]
pub struct GroupLog {
    /// Its name. Comes from others.
    pub name: Arc<str>,
    /// The functions in sight that write to it.
    pub functions: Vec<NodeId>,
    /// Whether others write to it too.
    pub shared: bool,
    /// Its lines.
    pub lines: Lines,
    /// Lines that a live tail showed and polling has not brought yet.
    pub preview: Lines,
    /// How far it was read; `None` during the first reading.
    pub reach: Option<Reach>,
    /// Lines that came in behind the complete mark.
    pub late: u64,
    /// Milliseconds of which the endpoint gave only a part, and no way to the rest.
    pub cut: u64,
    /// Whether the group does not exist: a function that was never invoked has none.
    pub missing: bool,
    /// Why it cannot be read, where it cannot.
    pub unread: Option<String>,
    /// Its live tail.
    pub tail: TailState,
    /// Whether the live tail showed only a sample of the lines.
    pub sampled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phrase::Phrase;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn read_from(whole_since: Option<i64>) -> GroupLog {
        GroupLog {
            name: "/aws/lambda/work".into(),
            reach: Some(Reach {
                since: at(900),
                read_to: at(2_000),
                complete_to: None,
                settled_to: None,
                whole_since: whole_since.map(at),
            }),
            ..GroupLog::default()
        }
    }

    #[test]
    fn a_log_that_was_read_less_far_back_than_asked_is_not_whole_and_says_from_when_on() {
        let group = read_from(Some(900));
        assert!(group.is_whole_since(at(900)) && group.is_whole_since(at(901)));
        assert!(!group.is_whole_since(at(899)));
        assert_eq!(group.unread_since(at(900)), None);
        let unread = group.unread_since(at(0)).expect("the first quarter of an hour");
        let group = "/aws/lambda/work".to_owned();
        let before = Gap::LinesBefore {
            group,
            at: Date(at(900)),
        };
        assert_eq!(unread.what, Phrase::from(before));
        assert!(
            !read_from(None).is_whole_since(at(1_999)),
            "only the lines that mark invocations"
        );
        assert!(read_from(None).unread_since(at(1_999)).is_some());
    }
}
