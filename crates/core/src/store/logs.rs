//! The state of logs: the line buffer, invocations, and how far each group was read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::SignedDuration;

use super::memory::{Kept, Kind};
use crate::domain::NodeId;
use crate::domain::log::{Line, LogRead, Reach, TailState};
pub use crate::logs::buffer::MOST_BYTES;
use crate::logs::buffer::{Lines, LogBuffer, Put};
use crate::logs::invocations::{Change, Invocations, Runs};
use crate::logs::snapshot::{GroupLog, Logs};
use crate::logs::{owner, parse};

/// Lines of a live tail kept for each group until polling brings them; the oldest go first.
const MOST_PREVIEWS: usize = 5_000;

/// All that was read of logs.
#[derive(Default)]
pub struct LogState {
    ring: LogBuffer,
    invocations: Invocations,
    groups: BTreeMap<Arc<str>, Group>,
    /// Groups of which the published picture is old.
    changed: BTreeSet<Arc<str>>,
    published: Arc<Logs>,
    functions_changed: BTreeSet<NodeId>,
    published_runs: Arc<BTreeMap<NodeId, Arc<Runs>>>,
}

#[derive(Default)]
struct Group {
    functions: Vec<NodeId>,
    /// Whether functions outside the scope write to it, too.
    shared: bool,
    reach: Option<Reach>,
    late: u64,
    cut: u64,
    missing: bool,
    unread: Option<String>,
    tail: TailState,
    sampled: bool,
    preview: Vec<Line>,
}

impl LogState {
    /// Keeps lines of at most `budget` bytes.
    pub fn keep(&mut self, bytes: usize) {
        self.ring = LogBuffer::new(bytes);
    }

    /// The lines and the invocations that are held.
    #[must_use]
    pub fn kept(&self) -> [Kept; 2] {
        let lines = Kept {
            kind: Kind::LogLines,
            bytes: self.ring.bytes(),
            budget: self.ring.budget(),
            dropped: self.published.dropped(),
        };
        let invocations = Kept {
            kind: Kind::Invocations,
            bytes: self.invocations.bytes(),
            budget: self.invocations.budget(),
            dropped: self.invocations.forgotten(),
        };
        [lines, invocations]
    }

    /// Applies the result of reading a group; returns changes of invocations. `timeout` is the timeout of a function, if
    /// known.
    pub fn read(&mut self, read: &LogRead, timeout: impl Fn(&NodeId) -> Option<SignedDuration>) -> Vec<Change> {
        let name = self.name(&read.group);
        let group = self.groups.entry(Arc::clone(&name)).or_default();
        group.functions.clone_from(&read.functions);
        group.shared = read.shared;
        group.reach = read.reach.or(group.reach);
        group.late += read.late;
        group.cut = read.cut;
        group.missing = read.missing;
        group.unread = None;
        group.confirm(&read.lines);
        let mut lines = Vec::with_capacity(read.lines.len());
        let perhaps_told = self.fresh(&name, read).into_iter();
        let new = read.lines.get(read.nth.len()..).unwrap_or_default();
        let parts = perhaps_told.chain(new.chunk_by(|one, next| {
            let writer = |line: &Line| owner(&read.group, (&read.functions, read.shared), &line.stream);
            one.stream == next.stream || writer(one) == writer(next)
        }));
        for part in parts {
            let Some(first) = part.first() else { continue };
            let function = owner(&read.group, (&read.functions, read.shared), &first.stream);
            let mut runs = function.map(|function| self.invocations.of(function));
            for line in part {
                let text = trimmed(&line.text);
                let parsed = parse(text);
                if let Some(runs) = &mut runs {
                    runs.take(&line.stream, line.at, text, &parsed);
                }
                lines.push(Put {
                    at: line.at.as_millisecond(),
                    stream: &line.stream,
                    function,
                    level: parsed.level,
                    text,
                });
            }
        }
        let shrunk = self.ring.put(&name, lines);
        self.changed.extend(shrunk);
        self.changed.insert(name);
        let mut changes = self.invocations.refresh();
        if let Some(complete_to) = read.reach.and_then(|reach| reach.complete_to) {
            for function in &read.functions {
                if let Some(timeout) = timeout(function) {
                    changes.extend(self.invocations.settle(function, complete_to, timeout));
                }
            }
        }
        let runs = changes
            .iter()
            .filter_map(|change| change.after.as_ref().or(change.before.as_ref()));
        self.functions_changed.extend(runs.map(|run| run.function.clone()));
        changes
    }

    /// Of the lines that may have been passed on before, those that were not.
    fn fresh<'l>(&self, name: &str, read: &'l LogRead) -> Vec<&'l [Line]> {
        let held = self.ring.lines(name);
        let is_new = |line: &Line, nth: u32| {
            let count = held.map_or(0, |held| {
                held.count(line.at.as_millisecond(), &line.stream, trimmed(&line.text))
            });
            count < nth as usize
        };
        let perhaps = read.lines.iter().zip(&read.nth);
        perhaps
            .filter(|(line, nth)| is_new(line, **nth))
            .map(|(line, _)| std::slice::from_ref(line))
            .collect()
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
            held.is_none_or(|held| held.count(line.at.as_millisecond(), &line.stream, trimmed(&line.text)) == 0)
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
                    shared: group.shared,
                    lines,
                    preview: previews(&name, group),
                    reach: group.reach,
                    late: group.late,
                    cut: group.cut,
                    missing: group.missing,
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

    /// The invocations of each function; unchanged ones are shared with the last call.
    pub fn publish_runs(&mut self) -> Arc<BTreeMap<NodeId, Arc<Runs>>> {
        if !self.functions_changed.is_empty() {
            let mut all = (*self.published_runs).clone();
            for function in std::mem::take(&mut self.functions_changed) {
                let runs = self.invocations.runs(&function);
                all.insert(function, runs);
            }
            self.published_runs = Arc::new(all);
        }
        Arc::clone(&self.published_runs)
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
}

fn key(line: &Line) -> (i64, &str, &str) {
    (line.at.as_millisecond(), line.stream.as_str(), trimmed(&line.text))
}

/// A text without the line ends behind it.
fn trimmed(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
}

fn previews(name: &str, group: &Group) -> Lines {
    let lines = group
        .preview
        .iter()
        .map(|line| Put {
            at: line.at.as_millisecond(),
            stream: &line.stream,
            function: owner(name, (&group.functions, group.shared), &line.stream),
            level: parse(trimmed(&line.text)).level,
            text: trimmed(&line.text),
        })
        .collect();
    Lines::of(lines)
}
