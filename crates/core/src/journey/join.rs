//! Links that ids make: carried and traced.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::facts::{Facts, Named};
use super::ways::{Way, Ways};
use super::{By, Joint, Link};
use crate::domain::NodeKind;
use crate::logs::ids::{Role, Said, Shape};

/// An id that more invocations name is the id of no one event.
pub const COMMON: usize = 64;
/// The shortest number of Kinesis; one of a table's stream is shorter.
const KINESIS: usize = 50;
/// So long after a sending its own line may be dated: functions that run at once have clocks of their own.
const SKEW: SignedDuration = SignedDuration::from_millis(50);

/// The links between invocations.
#[must_use]
pub fn joints(all: &[Facts], ways: &Ways) -> Vec<Joint> {
    let mut naming: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut requests: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut traces: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, facts) in all.iter().enumerate() {
        for named in &facts.named {
            naming.entry(&named.id).or_default().push(place);
        }
        requests.entry(&facts.run.request_id).or_default().push(place);
        if let Some(trace) = &facts.trace {
            traces.entry(trace).or_default().push(place);
        }
    }
    let mut found = Found {
        all,
        ways,
        made: BTreeMap::new(),
    };
    for (id, places) in &naming {
        let runs = requests.get(id).map_or(&[][..], Vec::as_slice);
        if !runs.is_empty() {
            found.requests(id, places, runs);
        } else if places.len() <= COMMON {
            found.shared(id, places);
            if let Some(traced) = traces.get(id) {
                found.traces(id, traced, places);
            }
        }
    }
    found.objects();
    for (trace, places) in &traces {
        found.traces(trace, places, places);
    }
    found.made.into_values().collect()
}

struct Found<'a> {
    all: &'a [Facts],
    ways: &'a Ways,
    made: BTreeMap<(usize, usize), Joint>,
}

impl Found<'_> {
    /// The strongest link of two stays.
    fn add(&mut self, joint: Joint) {
        let key = (joint.from, joint.to);
        match self.made.get(&key) {
            Some(known) if known.link <= joint.link => {}
            _ => drop(self.made.insert(key, joint)),
        }
    }

    fn joint(&self, (from, to): (usize, usize), way: Option<&Way>, link: Link, by: By, id: &str) -> Joint {
        debug_assert!(
            from < self.all.len() && to < self.all.len(),
            "two invocations that are there"
        );
        Joint {
            from,
            to,
            link,
            by,
            id: Some(id.into()),
            through: way.map(|way| way.through.clone()).unwrap_or_default(),
        }
    }

    /// The only way between the functions of two invocations; `None` if there is none or several.
    fn only_way(&self, from: usize, to: usize, holds: &dyn Fn(&Way) -> bool) -> Option<&Way> {
        let (from, to) = (&self.all[from].run.function, &self.all[to].run.function);
        let mut ways = self.ways.between(from, to).filter(|way| holds(way));
        let way = ways.next()?;
        ways.next().is_none().then_some(way)
    }

    fn is_before(&self, from: usize, to: usize) -> bool {
        let (from, to) = (&self.all[from], &self.all[to]);
        from.begin <= to.begin && from.run.request_id != to.run.request_id
    }

    /// An id that is the request of an invocation.
    fn requests(&mut self, id: &str, naming: &[usize], runs: &[usize]) {
        for &run in runs {
            let first_attempt = self.all[run].run.attempt <= 1;
            for &other in naming {
                if self.is_before(other, run) && first_attempt {
                    // The caller knows the request before it begins: nobody else does. Where two callers do, nobody knows whose.
                    let callers = naming.iter().filter(|caller| self.is_before(**caller, run)).count();
                    let direct = self.only_way(other, run, &|way| way.through.is_empty());
                    let said = self.all[other].named(id).map_or(Said::Open, |named| named.said);
                    let may_be = direct.is_some() || said == Said::Sent;
                    if may_be && said != Said::Received {
                        let link = if callers == 1 { Link::Carried } else { Link::Candidate };
                        let joint = self.joint((other, run), direct, link, By::RequestId, id);
                        self.add(joint);
                    }
                } else if self.is_before(run, other) {
                    // What came of it names it. The last attempt that had begun by then.
                    let later = runs.iter().any(|again| {
                        self.all[*again].run.attempt > self.all[run].run.attempt && self.is_before(*again, other)
                    });
                    let (from, to) = (&self.all[run].run.function, &self.all[other].run.function);
                    let no_detour = !self.ways.has_detour(from, to);
                    if let Some(way) = self.only_way(run, other, &|_| true).filter(|_| no_detour && !later) {
                        let joint = self.joint((run, other), Some(way), Link::Carried, By::RequestId, id);
                        self.add(joint);
                    }
                }
            }
        }
    }

    /// An id that is no request of an invocation.
    fn shared(&mut self, id: &str, naming: &[usize]) {
        for &to in naming {
            let Some(arrived) = self.all[to].named(id) else {
                continue;
            };
            if arrived.said == Said::Sent {
                continue;
            }
            let mut senders: Vec<(usize, Option<Way>, By, bool)> = Vec::new();
            for &from in naming {
                let Some(sent) = self.all[from].named(id) else { continue };
                if !self.is_before(from, to) || sent.said == Said::Received {
                    continue;
                }
                let is_same = self.all[from].run.function == self.all[to].run.function;
                if is_same && sent.said != Said::Sent {
                    continue;
                }
                if let Some((way, by)) = self.kind(from, to, sent, arrived) {
                    senders.push((from, way, by, sent.said == Said::Sent));
                }
            }
            // Who says that it sent it, sent it.
            if senders.iter().any(|(.., said)| *said) {
                senders.retain(|(.., said)| *said);
            }
            let requests: BTreeSet<&str> = senders
                .iter()
                .map(|(from, ..)| self.all[*from].run.request_id.as_str())
                .collect();
            let link = if requests.len() == 1 {
                Link::Carried
            } else {
                Link::Candidate
            };
            // Of several attempts of one request the last before it was received.
            let last = senders.iter().map(|(from, ..)| self.all[*from].begin).max();
            let joints: Vec<Joint> = senders
                .iter()
                .filter(|(from, ..)| link == Link::Candidate || Some(self.all[*from].begin) == last)
                .map(|(from, way, by, _)| self.joint((*from, to), way.as_ref(), link, *by, id))
                .collect();
            joints.into_iter().for_each(|joint| self.add(joint));
        }
    }

    /// Of what an id is that two invocations name, if the chain lets the first send it to the second.
    fn kind(&self, from: usize, to: usize, sent: &Named, arrived: &Named) -> Option<(Option<Way>, By)> {
        let (a, b) = (&self.all[from].run.function, &self.all[to].run.function);
        let says_sent = sent.said == Said::Sent;
        let of = |wanted: Role| sent.role == wanted && arrived.role == wanted;
        let choose = |holds: &dyn Fn(&Way) -> bool, by: By| {
            let mut ways = self.ways.between(a, b).filter(|way| holds(way));
            let way = ways.next()?;
            // What reached both from further up was sent by neither.
            let safe = says_sent || !self.ways.share_a_source(a, b);
            safe.then(|| (Some(way.clone()).filter(|_| ways.next().is_none()), by))
        };
        match sent.shape {
            Shape::Sequence if sent.id.len() >= KINESIS => {
                choose(&|way| way.kinds == [NodeKind::Kinesis], By::SequenceNumber)
            }
            Shape::Uuid if of(Role::Message) => {
                // A queue's id is that of the last queue; through a topic an envelope carries the topic's.
                choose(&|way| way.kinds == [NodeKind::Sqs], By::MessageId)
                    .or_else(|| choose(&|way| way.kinds.first() == Some(&NodeKind::Sns), By::NotificationId))
            }
            Shape::Uuid if of(Role::Event) => choose(&|way| way.passes(NodeKind::Eventbridge), By::EventId)
                .or_else(|| (says_sent && self.is_by_rule(to)).then_some((None, By::EventId))),
            _ => None,
        }
    }

    /// Whether a rule triggers the function: one of the default bus is there without a function that leads to it.
    fn is_by_rule(&self, to: usize) -> bool {
        let triggers = self.ways.triggers(&self.all[to].run.function);
        triggers.into_iter().any(|id| id.as_str().contains(":rule/"))
    }

    /// Objects that one invocation wrote and each function read once.
    fn objects(&mut self) {
        let mut naming: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (place, facts) in self.all.iter().enumerate() {
            for (bucket, key) in &facts.objects {
                naming.entry((bucket.as_str(), key)).or_default().push(place);
            }
        }
        let mut made = Vec::new();
        for ((bucket, key), places) in naming.iter().filter(|(_, places)| places.len() <= COMMON) {
            for &to in places {
                let mut writers = Vec::new();
                for &from in places {
                    let by_bucket = |way: &Way| way.through.first().is_some_and(|first| first.as_str() == *bucket);
                    if let Some(way) = self.only_way(from, to, &by_bucket).filter(|_| self.is_before(from, to)) {
                        writers.push((from, way.clone()));
                    }
                }
                let (reader, function) = (&self.all[to].run, &self.all[to].run.function);
                let reads = places.iter().map(|place| &self.all[*place].run);
                let reads = reads
                    .filter(|run| run.function == *function && run.request_id != reader.request_id)
                    .count();
                let requests: BTreeSet<&str> = writers
                    .iter()
                    .map(|(from, _)| self.all[*from].run.request_id.as_str())
                    .collect();
                let link = if requests.len() == 1 && reads == 0 {
                    Link::Carried
                } else {
                    Link::Candidate
                };
                let last = writers.iter().map(|(from, _)| self.all[*from].begin).max();
                for (from, way) in &writers {
                    if link == Link::Candidate || Some(self.all[*from].begin) == last {
                        made.push(self.joint((*from, to), Some(way), link, By::ObjectKey, key));
                    }
                }
            }
        }
        made.into_iter().for_each(|joint| self.add(joint));
    }

    /// Invocations of one trace: `from` are in it, `to` are in it or name it.
    fn traces(&mut self, trace: &str, from: &[usize], to: &[usize]) {
        if from.len() > COMMON || to.len() > COMMON {
            return;
        }
        let mut made = Vec::new();
        for &b in to {
            let before = from.iter().copied().filter(|a| {
                self.all[*a].run.function != self.all[b].run.function
                    && self.all[*a].begin <= self.all[b].begin.saturating_add_skew()
                    && self.is_before(*a, b)
            });
            let joined: Vec<(usize, Option<Way>)> = before
                .filter(|a| {
                    self.ways
                        .between(&self.all[*a].run.function, &self.all[b].run.function)
                        .next()
                        .is_some()
                })
                .map(|a| (a, self.only_way(a, b, &|_| true).cloned()))
                .collect();
            let requests: BTreeSet<&str> = joined
                .iter()
                .map(|(a, _)| self.all[*a].run.request_id.as_str())
                .collect();
            let link = if requests.len() == 1 {
                Link::Traced
            } else {
                Link::Candidate
            };
            let last = joined.iter().map(|(a, _)| self.all[*a].begin).max();
            for (a, way) in &joined {
                if link == Link::Candidate || Some(self.all[*a].begin) == last {
                    made.push(self.joint((*a, b), way.as_ref(), link, By::Trace, trace));
                }
            }
        }
        made.into_iter().for_each(|joint| self.add(joint));
    }
}

/// A moment, as another clock may have it.
trait Skewed {
    fn saturating_add_skew(self) -> Self;
}

impl Skewed for jiff::Timestamp {
    fn saturating_add_skew(self) -> Self {
        self.checked_add(SKEW).unwrap_or(Self::MAX)
    }
}

/// The functions and requests of invocations that name the same value of a key, by key and value.
#[must_use]
pub fn correlated(all: &[Facts]) -> BTreeMap<(&str, &str), Vec<usize>> {
    let mut groups: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (place, facts) in all.iter().enumerate() {
        for (key, value) in &facts.values {
            groups.entry((key, value)).or_default().push(place);
        }
    }
    groups
}
