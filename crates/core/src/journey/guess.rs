//! Links that time alone makes: inferred where no other invocation can have been it, else candidates.
//!
//! An invocation of `b` follows one of `a` if it began while that ran, or so long after its end as the way between may take
//! where nothing waits. That alone proves little: where a queue has a backlog, what is near in time is not what came of it.
//! So a pair is inferred only where it is the only one on both sides, and the two functions are in step.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::facts::Facts;
use super::ways::{Way, Ways};
use super::{By, Joint, Link};
use crate::domain::NodeId;

/// Candidates shown of one invocation at most: more say nothing.
const MOST: usize = 4;

/// Pairs that show whether two functions are in step.
const ROW: usize = 5;
/// Arrivals at least so far from regular, in milliseconds, show a shift.
const IRREGULAR: i64 = 2_000;

/// What is near in time.
struct Near<'a> {
    /// Of each invocation, those that it may have come from.
    before: BTreeMap<usize, Vec<(usize, &'a Way)>>,
    /// Of each invocation, those that may have come from it.
    after: BTreeMap<usize, Vec<usize>>,
}

impl Near<'_> {
    /// The only invocation that can have come from one which is the only one it can have come from.
    fn only(&self, a: usize) -> Option<usize> {
        let [b] = self.after.get(&a)?[..] else { return None };
        (self.before.get(&b)?.len() == 1).then_some(b)
    }
}

/// Whether the last waits are much more alike than the arrivals: shifted by one, they would differ as the arrivals do.
fn is_steady(row: &[(i64, i64)]) -> bool {
    let Some(last) = row.len().checked_sub(ROW).map(|from| &row[from..]) else {
        return false;
    };
    let spread = |values: Vec<i64>| values.iter().max().unwrap_or(&0) - values.iter().min().unwrap_or(&0);
    let waits = spread(last.iter().map(|(_, wait)| *wait).collect());
    let gaps = spread(last.windows(2).map(|pair| pair[1].0 - pair[0].0).collect());
    gaps >= IRREGULAR && waits * 4 <= gaps
}

/// Invocations that may be joined to those of one function by time.
struct Side<'a> {
    all: &'a [Facts],
    ways: &'a Ways,
    now: Timestamp,
    /// Invocations that ids join already, by function that they are joined with.
    joined: BTreeSet<(usize, &'a NodeId)>,
    /// Invocations of each function, in order of time: any of them may have sent something.
    runs: BTreeMap<&'a NodeId, Vec<usize>>,
    /// First attempts of each function: only these follow a sending.
    firsts: BTreeMap<&'a NodeId, Vec<usize>>,
}

/// The links that time makes, beside those that ids made.
#[must_use]
pub fn guesses(all: &[Facts], known: &[Joint], ways: &Ways, now: Timestamp) -> Vec<Joint> {
    let mut in_time: Vec<usize> = (0..all.len()).collect();
    in_time.sort_by_key(|place| all[*place].begin);
    let mut runs: BTreeMap<&NodeId, Vec<usize>> = BTreeMap::new();
    let mut firsts: BTreeMap<&NodeId, Vec<usize>> = BTreeMap::new();
    for place in in_time {
        let function = &all[place].run.function;
        runs.entry(function).or_default().push(place);
        if all[place].run.attempt <= 1 {
            firsts.entry(function).or_default().push(place);
        }
    }
    let sure = known.iter().filter(|joint| joint.link < Link::Inferred);
    let joined = sure
        .flat_map(|joint| {
            let (from, to) = (&all[joint.from].run.function, &all[joint.to].run.function);
            [(joint.from, to), (joint.to, from)]
        })
        .collect();
    let side = Side {
        all,
        ways,
        now,
        joined,
        runs,
        firsts,
    };
    let mut made = Vec::new();
    for function in side.runs.keys() {
        side.of(function, &mut made);
    }
    let known: BTreeSet<(usize, usize)> = known.iter().map(|joint| (joint.from, joint.to)).collect();
    made.retain(|joint| !known.contains(&(joint.from, joint.to)));
    made
}

impl<'a> Side<'a> {
    /// Links to the invocations of one function.
    fn of(&self, function: &'a NodeId, made: &mut Vec<Joint>) {
        let sources: BTreeSet<&NodeId> = self.ways.to(function).map(|way| &way.from).collect();
        if sources.is_empty() || sources.contains(function) {
            return;
        }
        let Some(later) = self.firsts.get(function) else {
            return;
        };
        // What came before each, and what each came before.
        let mut before: BTreeMap<usize, Vec<(usize, &Way)>> = BTreeMap::new();
        let mut after: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &b in later.iter().filter(|b| !self.is_joined(**b, &sources)) {
            for way in self.ways.to(function) {
                for a in self.might(way, b) {
                    before.entry(b).or_default().push((a, way));
                    after.entry(a).or_default().push(b);
                }
            }
        }
        let near = Near { before, after };
        let has_other = self.has_other_source(function);
        let mut sure: BTreeSet<(usize, usize)> = BTreeSet::new();
        for source in sources.iter().filter(|_| !has_other) {
            sure.extend(self.in_step(source, function, &near));
        }
        for (b, pairs) in near.before.iter().filter(|(_, pairs)| pairs.len() <= MOST) {
            for (a, way) in pairs {
                let (link, by) = if sure.contains(&(*a, *b)) {
                    (Link::Inferred, By::OnlyOne)
                } else {
                    (Link::Candidate, By::OneOfSeveral)
                };
                if near.after.get(a).is_some_and(|list| list.len() <= MOST) {
                    made.push(Joint {
                        from: *a,
                        to: *b,
                        link,
                        by,
                        id: None,
                        through: way.through.clone(),
                    });
                }
            }
        }
    }

    /// The pairs of two functions' invocations that can only have been each other's, while the two are in step: each invocation
    /// of the one had exactly one of the other behind it, from the first that is known on. Where that was broken, a backlog
    /// may have shifted them; they are in step again once the waits are much alike where the arrivals are not.
    fn in_step(&self, source: &NodeId, function: &'a NodeId, near: &Near<'_>) -> Vec<(usize, usize)> {
        let (Some(first), Some(second)) = (self.runs.get(source), self.firsts.get(function)) else {
            return Vec::new();
        };
        let mut sure = Vec::new();
        let (mut in_step, mut begun) = (false, false);
        let mut last: Option<usize> = None;
        let mut row: Vec<(i64, i64)> = Vec::new();
        for &a in first.iter().filter(|a| !self.all[**a].run.outcome.is_failure()) {
            if self.joined.contains(&(a, function)) {
                (in_step, begun, last) = (true, true, None);
                continue;
            }
            let Some(b) = near.only(a) else {
                (in_step, begun, last) = (false, true, None);
                row.clear();
                continue;
            };
            // Nothing came in between that belongs to none.
            let place = second.partition_point(|other| self.all[*other].begin < self.all[b].begin);
            let is_next = match (last, place.checked_sub(1).map(|at| second[at])) {
                (Some(last), Some(earlier)) => last == earlier,
                (None, Some(earlier)) => begun && self.is_joined_with(earlier, source),
                (_, None) => !begun,
            };
            if !is_next {
                in_step = false;
                row.clear();
            }
            let end = self.all[a].run.end.unwrap_or(self.all[a].begin);
            row.push((
                self.all[a].begin.as_millisecond(),
                self.all[b].begin.as_millisecond() - end.as_millisecond(),
            ));
            in_step |= is_steady(&row);
            if in_step {
                sure.push((a, b));
            }
            in_step |= !begun && is_next;
            (begun, last) = (true, Some(b));
        }
        sure
    }

    fn is_joined_with(&self, b: usize, source: &NodeId) -> bool {
        self.joined.contains(&(b, source))
    }

    fn is_joined(&self, b: usize, sources: &BTreeSet<&'a NodeId>) -> bool {
        sources.iter().any(|source| self.joined.contains(&(b, *source)))
    }

    /// The invocations from which one may have come on a way.
    fn might(&self, way: &Way, b: usize) -> Vec<usize> {
        let at = self.all[b].begin;
        let Some(list) = self.runs.get(&way.from) else {
            return Vec::new();
        };
        let up_to = list.partition_point(|a| self.all[*a].begin <= at);
        let mut found = Vec::new();
        for &a in list[..up_to].iter().rev() {
            let end = self.all[a].run.end.unwrap_or(self.now);
            let latest = end.checked_add(way.within).unwrap_or(Timestamp::MAX);
            // Of the attempts of one request the last that had begun by then.
            let is_later = |other: &usize| self.all[*other].run.request_id == self.all[a].run.request_id;
            if at <= latest && !self.joined.contains(&(a, &way.to)) && !found.iter().any(is_later) {
                found.push(a);
            }
            // Invocations take 15 min at most; what is older has ended.
            let age = at.duration_since(self.all[a].begin);
            if found.len() > MOST || age > way.within + jiff::SignedDuration::from_mins(15) {
                break;
            }
        }
        found
    }

    /// Whether something that is on no way from a function triggers this one, too.
    fn has_other_source(&self, function: &NodeId) -> bool {
        let on_ways: BTreeSet<&NodeId> = self
            .ways
            .to(function)
            .flat_map(|way| {
                way.through
                    .last()
                    .into_iter()
                    .chain(way.through.is_empty().then_some(&way.from))
            })
            .collect();
        self.ways.triggers(function).any(|trigger| !on_ways.contains(trigger))
    }
}
