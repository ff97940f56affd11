//! The lines that mark the runs of functions, from `FilterLogEvents`: free, but the account shares five calls a second.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::hash::{Hash, Hasher};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::line::{Printed, mark};
use super::watch::Shared;
use crate::aws::Error;
use crate::aws::logs::LogEvent;
use crate::domain::log::Line;
use crate::domain::{Arn, Fact, NodeId};

/// Read back on the first look at a group.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(15);
/// Read again each time: lines arrive late and out of order.
const OVERLAP: SignedDuration = SignedDuration::from_secs(90);

/// One log group.
#[derive(Default)]
struct Group {
    polled: Option<Instant>,
    /// Account time up to which it was read.
    read_to: Option<Timestamp>,
    seen: Seen,
    /// A traceback under way in each stream.
    printed: BTreeMap<String, Printed>,
    /// When it last had news: busy groups are read more often.
    busy: Option<Instant>,
}

/// Events already told, as far back as the overlap reaches.
#[derive(Default)]
struct Seen {
    keys: HashSet<u64>,
    order: VecDeque<(Timestamp, u64)>,
}

impl Seen {
    /// Whether an event is new. `nth` tells equal lines of the same millisecond apart where the endpoint gives no id.
    fn is_new(&mut self, event: &LogEvent, nth: u32) -> bool {
        let mut hasher = DefaultHasher::new();
        match &event.id {
            Some(id) => id.hash(&mut hasher),
            None => (event.at, &event.stream, &event.message, nth).hash(&mut hasher),
        }
        let key = hasher.finish();
        let new = self.keys.insert(key);
        if new {
            self.order.push_back((event.at, key));
        }
        new
    }

    fn forget_before(&mut self, oldest: Timestamp) {
        // In the order of arrival, so that a late line may stay a little longer than needed.
        while self.order.front().is_some_and(|(at, _)| *at < oldest) {
            if let Some((_, key)) = self.order.pop_front() {
                self.keys.remove(&key);
            }
        }
    }
}

/// Reads marks for ever: groups that are looked at and busy ones first, none starving.
pub async fn run(shared: &Shared) -> Result<(), Error> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut targets = shared.targets.clone();
    loop {
        shared.link.ready().await;
        let Some((name, wait)) = next(shared, &groups) else {
            // Nothing to read yet. The survey is over when its sender is gone, and so is the program.
            if targets.changed().await.is_err() {
                return Ok(());
            }
            continue;
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
            continue;
        }
        let group = groups.entry(name.clone()).or_default();
        group.polled = Some(Instant::now());
        poll(shared, &name, group).await;
    }
}

async fn poll(shared: &Shared, name: &str, group: &mut Group) {
    let now = shared.emit.clock().now();
    let back = |span| now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
    let from = group
        .read_to
        .map_or_else(|| back(FIRST_LOOK), |at| at.checked_sub(OVERLAP).unwrap_or(at));
    // The clocks of the account and of this machine may differ by a little.
    let to = now.checked_add(SignedDuration::from_mins(1)).unwrap_or(now);
    match shared.session.run_marks(name, from, to).await {
        Ok((events, whole)) => {
            let last = events.last().map(|event| event.at);
            let told = tell(shared, name, group, events).await;
            if told {
                group.busy = Some(Instant::now());
            }
            // A flood that was cut is read on from where it was cut.
            group.read_to = if whole { Some(now) } else { last.or(Some(now)) };
            group.seen.forget_before(from);
            shared.works().await;
        }
        // A function that never ran has no group.
        Err(Error::NotFound) => {
            group.read_to = Some(now);
            for function in functions_of(shared, name) {
                shared
                    .emit
                    .send(Fact::Lines {
                        function,
                        lines: Vec::new(),
                    })
                    .await;
            }
        }
        Err(error) => shared.fails("log lines (logs:FilterLogEvents)", &error).await,
    }
}

fn functions_of(shared: &Shared, group: &str) -> Vec<NodeId> {
    let targets = shared.targets.borrow();
    targets
        .functions
        .iter()
        .filter(|(_, name)| *name == group)
        .map(|(id, _)| id.clone())
        .collect()
}

/// Tells the new lines of a group to its functions; says whether there were any.
async fn tell(shared: &Shared, name: &str, group: &mut Group, events: Vec<LogEvent>) -> bool {
    let functions = functions_of(shared, name);
    let mut by_function: BTreeMap<NodeId, Vec<Line>> = BTreeMap::new();
    let mut twins: BTreeMap<(Timestamp, u64), u32> = BTreeMap::new();
    for event in events {
        let mut hasher = DefaultHasher::new();
        (&event.stream, &event.message).hash(&mut hasher);
        let nth = twins.entry((event.at, hasher.finish())).or_default();
        *nth += 1;
        if !group.seen.is_new(&event, *nth) {
            continue;
        }
        let printed = group.printed.entry(event.stream.clone()).or_default();
        let failed = printed.next(&event.message);
        let Some(function) = owner(&functions, &event.stream) else {
            continue;
        };
        for mark in failed.into_iter().chain(mark(&event.message)) {
            by_function.entry(function.clone()).or_default().push(Line {
                at: event.at,
                stream: event.stream.clone(),
                mark,
            });
        }
    }
    group.printed.retain(|_, printed| *printed != Printed::None);
    let told = !by_function.is_empty();
    for function in functions {
        // An empty reading is a reading: the function's log was read up to now.
        let lines = by_function.remove(&function).unwrap_or_default();
        shared.emit.send(Fact::Lines { function, lines }).await;
    }
    told
}

/// Of several functions that share a group, the one that the stream names: `2023/10/20/NAME[$LATEST]…`.
fn owner(functions: &[NodeId], stream: &str) -> Option<NodeId> {
    if let [only] = functions {
        return Some(only.clone());
    }
    let name = stream.split('[').next()?.rsplit('/').next()?;
    functions
        .iter()
        .find(|id| Arn::parse(id.as_str()).is_some_and(|arn| arn.name() == name))
        .cloned()
}

/// The group whose reading is most overdue, and how long it is until then.
fn next(shared: &Shared, groups: &BTreeMap<String, Group>) -> Option<(String, std::time::Duration)> {
    let targets = shared.targets.borrow();
    let interest = shared.interest.borrow();
    let mut best: Option<(&String, f64, std::time::Duration)> = None;
    for (id, name) in &targets.functions {
        let group = groups.get(name);
        let pace = &shared.pace;
        let mut every = if interest.selected.as_ref() == Some(id) {
            pace.focus
        } else if interest.sees(id) {
            pace.seen
        } else {
            pace.unseen
        };
        if group
            .and_then(|group| group.busy)
            .is_some_and(|busy| busy.elapsed() < pace.unseen)
        {
            every = every.min(pace.seen);
        }
        let since = group.and_then(|group| group.polled).map(|at| at.elapsed());
        let overdue = since.map_or(f64::MAX, |since| since.as_secs_f64() / every.as_secs_f64());
        let wait = since.map_or(std::time::Duration::ZERO, |since| every.saturating_sub(since));
        if best.as_ref().is_none_or(|(_, most, _)| overdue > *most) {
            best = Some((name, overdue, wait));
        }
    }
    best.map(|(name, _, wait)| (name.clone(), wait.min(std::time::Duration::from_secs(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: Option<&str>, ms: i64, message: &str) -> LogEvent {
        LogEvent {
            id: id.map(str::to_owned),
            stream: "s".into(),
            at: Timestamp::from_millisecond(ms).expect("a time"),
            message: message.into(),
        }
    }

    #[test]
    fn none_is_told_twice_and_twins_stay_two() {
        let mut seen = Seen::default();
        assert!(seen.is_new(&event(None, 1, "x"), 1));
        assert!(seen.is_new(&event(None, 1, "x"), 2));
        assert!(!seen.is_new(&event(None, 1, "x"), 1));
        assert!(seen.is_new(&event(Some("1"), 1, "x"), 1));
        assert!(!seen.is_new(&event(Some("1"), 1, "x"), 2));
    }

    #[test]
    fn what_is_behind_the_overlap_is_forgotten() {
        let mut seen = Seen::default();
        for ms in 0..100 {
            seen.is_new(&event(None, ms, "x"), 1);
        }
        seen.forget_before(Timestamp::from_millisecond(90).expect("a time"));
        assert_eq!((seen.keys.len(), seen.order.len()), (10, 10));
    }

    #[test]
    fn a_shared_groups_stream_names_its_function() {
        let id = |name: &str| NodeId::from(format!("arn:aws:lambda:r:1:function:{name}"));
        let both = [id("one"), id("two")];
        assert_eq!(owner(&both, "2026/01/01/two[$LATEST]abc"), Some(id("two")));
        assert_eq!(owner(&both, "2026/01/01/[$LATEST]abc"), None);
        assert_eq!(owner(&[id("one")], "anything"), Some(id("one")));
    }
}
