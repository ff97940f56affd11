//! The logs, folded: lines into the ring, what they mark into runs, and how far each group is known.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::runs::Marked;
use crate::domain::NodeId;
use crate::domain::log::{Line, LogRead, Reach, TailState};
use crate::logs::held::{GroupLog, Logs};
use crate::logs::line::{Printed, mark};
use crate::logs::owner;
use crate::logs::ring::{Lines, Put, Ring};

/// Lines of a live tail kept for each group until polling brings them; the oldest go first.
const MOST_PREVIEWS: usize = 5_000;

/// All that was read of logs.
#[derive(Default)]
pub struct LogBook {
    ring: Ring,
    groups: BTreeMap<Arc<str>, Group>,
    /// Groups of which the published picture is old.
    changed: BTreeSet<Arc<str>>,
    published: Arc<Logs>,
}

#[derive(Default)]
struct Group {
    functions: Vec<NodeId>,
    reach: Option<Reach>,
    late: u64,
    cut: u64,
    unread: Option<String>,
    tail: TailState,
    sampled: bool,
    preview: Vec<Line>,
    /// A traceback under way in each stream.
    printed: BTreeMap<String, Printed>,
}

impl LogBook {
    /// Takes in what a look at a group brought; tells what it means for each of its functions, also where that is
    /// nothing: then the function's log was read without news.
    pub fn read(&mut self, read: LogRead) -> Vec<(NodeId, Vec<Marked>)> {
        let name = self.name(&read.group);
        let group = self.groups.entry(Arc::clone(&name)).or_default();
        group.functions.clone_from(&read.functions);
        group.reach = read.reach.or(group.reach);
        group.late += read.late;
        group.cut = read.cut;
        group.unread = None;
        let mut marked: BTreeMap<&NodeId, Vec<Marked>> = BTreeMap::new();
        for function in &read.functions {
            marked.insert(function, Vec::new());
        }
        group.confirm(&read.lines);
        let mut lines = Vec::with_capacity(read.lines.len());
        for line in &read.lines {
            let function = owner(&read.functions, &line.stream);
            if let Some(marks) = function.and_then(|function| marked.get_mut(function)) {
                group.mark(line, marks);
            }
            lines.push(Put {
                at: line.at.as_millisecond(),
                stream: &line.stream,
                function,
                level: None,
                text: trimmed(&line.text).to_owned(),
            });
        }
        group.printed.retain(|_, printed| *printed != Printed::None);
        let marked = marked.into_iter().map(|(id, marks)| (id.clone(), marks)).collect();
        let shrunk = self.ring.put(&name, lines);
        self.changed.extend(shrunk);
        self.changed.insert(name);
        marked
    }

    /// A group could not be read.
    pub fn unread(&mut self, group: &str, functions: Vec<NodeId>, why: String) {
        let name = self.name(group);
        let group = self.groups.entry(Arc::clone(&name)).or_default();
        group.functions = functions;
        group.unread = Some(why);
        self.changed.insert(name);
    }

    /// Lines that a live tail showed. What polling brought already is none.
    pub fn preview(&mut self, group: &str, lines: Vec<Line>, sampled: bool) {
        let name = self.name(group);
        let group = self.groups.entry(Arc::clone(&name)).or_default();
        group.sampled |= sampled;
        let held = self.ring.lines(&name);
        group.preview.extend(lines.into_iter().filter(|line| {
            held.is_none_or(|held| !held.holds(line.at.as_millisecond(), &line.stream, trimmed(&line.text)))
        }));
        let too_many = group.preview.len().saturating_sub(MOST_PREVIEWS);
        group.preview.drain(..too_many);
        self.changed.insert(name);
    }

    /// These groups, and no others, have a live tail.
    pub fn tail(&mut self, groups: &BTreeSet<String>, state: &TailState) {
        for name in groups {
            let name = self.name(name);
            self.groups.entry(name).or_default();
        }
        for (name, group) in &mut self.groups {
            let now = if groups.contains(&**name) {
                state.clone()
            } else {
                TailState::Off
            };
            if group.tail != now {
                group.sampled &= now == TailState::On;
                group.tail = now;
                self.changed.insert(Arc::clone(name));
            }
        }
    }

    /// What was read of a group.
    #[must_use]
    pub fn reach(&self, group: &str) -> Option<Reach> {
        self.groups.get(group)?.reach
    }

    /// The present picture; groups that did not change are those of the last time.
    pub fn publish(&mut self) -> Arc<Logs> {
        if self.changed.is_empty() {
            return Arc::clone(&self.published);
        }
        let mut logs = (*self.published).clone();
        for name in std::mem::take(&mut self.changed) {
            if let Some(group) = self.groups.get(&name) {
                let lines = self.ring.lines(&name).cloned().unwrap_or_default();
                let log = GroupLog {
                    name: Arc::clone(&name),
                    functions: group.functions.clone(),
                    lines,
                    preview: previews(group),
                    reach: group.reach,
                    late: group.late,
                    cut: group.cut,
                    unread: group.unread.clone(),
                    tail: group.tail.clone(),
                    sampled: group.sampled,
                };
                logs.groups.insert(name, Arc::new(log));
            }
        }
        logs.bytes = self.ring.bytes();
        self.published = Arc::new(logs);
        Arc::clone(&self.published)
    }

    /// The name as it is held already, so that it is held once.
    fn name(&self, group: &str) -> Arc<str> {
        self.groups
            .get_key_value(group)
            .map_or_else(|| group.into(), |(name, _)| Arc::clone(name))
    }
}

impl Group {
    /// What polling brought needs no preview any more, and what it did not bring where all is known was none.
    fn confirm(&mut self, lines: &[Line]) {
        if self.preview.is_empty() {
            return;
        }
        let mut brought: HashMap<(i64, &str, &str), u32> = HashMap::new();
        for line in lines {
            *brought.entry(key(line)).or_default() += 1;
        }
        let complete_to = self.reach.and_then(|reach| reach.complete_to);
        let preview = std::mem::take(&mut self.preview);
        let stays = |line: &&Line| complete_to.is_none_or(|mark| line.at >= mark);
        let mut kept = Vec::new();
        for line in preview.iter().filter(stays) {
            match brought.get_mut(&key(line)) {
                Some(count) if *count > 0 => *count -= 1,
                _ => kept.push(line.clone()),
            }
        }
        self.preview = kept;
    }

    fn mark(&mut self, line: &Line, marks: &mut Vec<Marked>) {
        let printed = self.printed.entry(line.stream.clone()).or_default();
        let failed = printed.next(&line.text);
        for mark in failed.into_iter().chain(mark(&line.text)) {
            marks.push(Marked {
                at: line.at,
                stream: line.stream.clone(),
                mark,
            });
        }
    }
}

fn key(line: &Line) -> (i64, &str, &str) {
    (line.at.as_millisecond(), line.stream.as_str(), trimmed(&line.text))
}

/// A text without the line ends behind it.
fn trimmed(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
}

fn previews(group: &Group) -> Lines {
    let lines = group
        .preview
        .iter()
        .map(|line| Put {
            at: line.at.as_millisecond(),
            stream: &line.stream,
            function: owner(&group.functions, &line.stream),
            level: None,
            text: trimmed(&line.text).to_owned(),
        })
        .collect();
    Lines::of(lines)
}
