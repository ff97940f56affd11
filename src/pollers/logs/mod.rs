//! The lines of log groups, from `FilterLogEvents`: free, but the account shares five calls a second.

pub(super) mod group;
mod schedule;
mod tail;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::context::Shared;
use crate::aws::{Error, api};
use crate::domain::log::{LogRead, Page};
use crate::domain::{Fact, NodeId};
use crate::pollers::unread::Unread;
use group::Group;
use schedule::{Schedule, Wanted};

/// Reads continuously: groups on screen and busy ones first, none starving. A live tail session runs in parallel.
pub async fn run(shared: &Shared) -> Result<(), Error> {
    let mut reader = Reader {
        shared,
        groups: BTreeMap::new(),
        failing: BTreeMap::new(),
    };
    tokio::select! {
        () = reader.run() => {}
        () = tail::run(shared) => {}
    }
    Ok(())
}

struct Reader<'a> {
    shared: &'a Shared,
    groups: BTreeMap<String, Group>,
    /// Groups that cannot be read, and why.
    failing: BTreeMap<String, Error>,
}

impl Reader<'_> {
    async fn run(&mut self) {
        let mut schedule = Schedule::default();
        let mut targets = self.shared.targets.clone();
        let mut interest = self.shared.interest.clone();
        loop {
            self.shared.link.ready().await;
            interest.mark_unchanged();
            let wanted = wanted(self.shared);
            let Some((name, wait)) = schedule.next(&wanted, &self.groups, &self.shared.pace) else {
                // Nothing to read yet. A dropped sender of the survey means that the program is ending.
                tokio::select! {
                    changed = targets.changed() => if changed.is_err() { return },
                    () = looked(&mut interest) => {}
                }
                continue;
            };
            if !wait.is_zero() {
                tokio::select! {
                    () = tokio::time::sleep(wait.min(Duration::from_secs(1))) => {}
                    () = looked(&mut interest) => {}
                }
                continue;
            }
            let wanted = wanted[&name];
            self.poll(name, wanted).await;
        }
    }

    async fn poll(&mut self, name: String, wanted: Wanted) {
        let shared = self.shared;
        let now = shared.emit.clock().now();
        let group = self.groups.entry(name.clone()).or_default();
        let whole = wanted.whole() || !shared.session.chooses_lines();
        let question = group.ask(now, whole, wanted.since());
        let (ask, only_marks) = (question.ask, question.only_marks);
        let token = ask.token.as_deref();
        let answer = shared
            .session
            .log_page(&name, (ask.from, ask.to), token, only_marks)
            .await;
        group.polled = Some(Instant::now());
        match answer {
            Ok(page) => self.take(&name, page, false).await,
            // A function that was never invoked has no group.
            Err(Error::NotFound) => {
                group.give_up();
                group.ask(now, whole, wanted.since());
                self.take(&name, Page::default(), true).await;
            }
            Err(error) => {
                // A page's token may be what was refused: the next reading begins anew, and shows nothing twice.
                if !error.is_transient() {
                    group.give_up();
                }
                self.fails(name, error).await;
            }
        }
    }

    /// Says that a group cannot be read, once for the same error.
    async fn fails(&mut self, name: String, error: Error) {
        if self.failing.get(&name) != Some(&error) {
            let unread = Fact::LinesUnread {
                group: name.clone(),
                functions: functions_of(self.shared, &name),
                why: error.to_string(),
            };
            self.shared.emit.send(unread).await;
        }
        self.failing.insert(name, error);
        self.say().await;
    }

    async fn take(&mut self, name: &str, page: Page, missing: bool) {
        let shared = self.shared;
        let Some(group) = self.groups.get_mut(name) else { return };
        let brought = group.answer(page, shared.emit.clock().now());
        let endless = brought.endless;
        let read = LogRead {
            group: name.to_owned(),
            functions: functions_of(shared, name),
            shared: shared.targets.borrow().shared_groups.contains(name),
            lines: brought.lines,
            late: brought.late,
            nth: brought.nth,
            cut: group.cut(),
            missing,
            // An empty reading is a reading: the log was read up to now.
            reach: brought.done.then(|| group.reach()).flatten(),
        };
        if brought.done || !read.lines.is_empty() {
            shared.emit.send(Fact::Lines(read)).await;
        }
        if let Some(how) = endless {
            let action = api::FILTER_LOG_EVENTS.action;
            // It stays failing until a reading of it ends.
            self.failing.remove(name);
            return self.fails(name.to_owned(), Error::Endless { action, how }).await;
        }
        if brought.done || !matches!(self.failing.get(name), Some(Error::Endless { .. })) {
            self.failing.remove(name);
        }
        self.say().await;
    }

    /// Says whether all groups can be read.
    async fn say(&self) {
        match self.failing.iter().next() {
            Some((name, error)) => {
                let what = Unread::LogLines {
                    group: name.clone(),
                    more: self.failing.len() - 1,
                };
                self.shared.fails(what, error).await;
            }
            None => self.shared.works().await,
        }
    }
}

/// Waits until the interest changes; for ever if its sender is dropped.
async fn looked(interest: &mut tokio::sync::watch::Receiver<crate::domain::Interest>) {
    if interest.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The functions that write to a group.
fn functions_of(shared: &Shared, group: &str) -> Vec<NodeId> {
    let targets = shared.targets.borrow();
    let writers = targets.functions.iter().filter(|(_, name)| *name == group);
    writers.map(|(id, _)| id.clone()).collect()
}

/// All groups to read, and how urgently.
fn wanted(shared: &Shared) -> BTreeMap<String, Wanted> {
    let (targets, interest) = (shared.targets.borrow(), shared.interest.borrow());
    let logs = &interest.logs;
    let mut all: BTreeMap<String, Wanted> = BTreeMap::new();
    let mut want = |group: &str, wanted: Wanted| {
        let known = all.entry(group.to_owned()).or_insert(wanted);
        *known = (*known).max(wanted);
    };
    for (id, group) in &targets.functions {
        let wanted = if logs.functions.contains(id) {
            Wanted::Read(logs.since)
        } else if interest.selected.as_ref() == Some(id) {
            Wanted::Selected
        } else if interest.sees(id) {
            Wanted::InSight
        } else {
            Wanted::Marks
        };
        if wanted == Wanted::Marks && targets.only_seen {
            continue;
        }
        want(group, wanted);
    }
    for group in &logs.groups {
        want(group, Wanted::Read(logs.since));
    }
    all
}

/// The groups on screen.
fn focus(shared: &Shared) -> BTreeSet<String> {
    let all = wanted(shared).into_iter();
    all.filter(|(_, wanted)| matches!(wanted, Wanted::Read(_)))
        .map(|(name, _)| name)
        .collect()
}

impl Wanted {
    fn since(self) -> Option<Timestamp> {
        match self {
            Self::Read(since) => since,
            Self::Marks | Self::InSight | Self::Selected => None,
        }
    }
}
