//! Which invocations were of the same event, and what of that was said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pitagora::domain::{Invocation, NodeId, NodeKind};
use pitagora::journey::{Held, Joint, Link, Ways};
use pitagora::sim::world::ground_truth::{Entry, What};
use regex::Regex;

/// Marks of events: of the scenario made for it, and the ids of the demo's orders.
const MARK: &str = r"ev[0-9]+x";

/// The marks that each invocation got, by function and START.
pub struct Truth {
    given: BTreeMap<(String, i64), BTreeSet<String>>,
    /// Several invocations of one function began in the same millisecond.
    unclear: BTreeSet<(String, i64)>,
    ways: Ways,
    events: usize,
}

/// What was said, and what of it is true.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Events that came in.
    pub events: usize,
    /// True links between invocations.
    pub links: usize,
    /// True links that were said, by how.
    said: BTreeMap<Link, usize>,
    /// Links that were said of invocations of different events, by how.
    untrue: BTreeMap<Link, usize>,
    /// The same in words.
    pub wrong: Vec<String>,
    /// True links that were not said, by their functions.
    pub unsaid: BTreeMap<String, usize>,
}

impl Truth {
    /// From what the world noted.
    pub fn of(entries: &[Entry], held: &Held<'_>) -> Self {
        let mark = Regex::new(MARK).expect("an expression");
        let mut given: BTreeMap<(String, i64), BTreeSet<String>> = BTreeMap::new();
        let mut texts: BTreeMap<(String, i64), String> = BTreeMap::new();
        let mut unclear = BTreeSet::new();
        let mut events = BTreeSet::new();
        for entry in entries {
            let What::Begins { function, with } = &entry.what else {
                continue;
            };
            let key = (function.clone(), entry.at);
            let text = with.to_string();
            let marks: BTreeSet<String> = mark.find_iter(&text).map(|found| found.as_str().to_owned()).collect();
            events.extend(marks.iter().cloned());
            if texts.get(&key).is_some_and(|known| *known != text) {
                unclear.insert(key.clone());
            }
            texts.insert(key.clone(), text);
            given.entry(key).or_default().extend(marks);
        }
        Self {
            given,
            unclear,
            ways: Ways::of(held.nodes, held.edges),
            events: events.len(),
        }
    }

    fn marks(&self, run: &Invocation) -> Option<&BTreeSet<String>> {
        let key = (run.function.short_name().to_owned(), run.start?.as_millisecond());
        self.given
            .get(&key)
            .filter(|marks| !marks.is_empty() && !self.unclear.contains(&key))
    }

    /// The true links: the invocation that succeeded with an event and each invocation of a next function with it, retries of
    /// the same request aside. Who writes to a table never learns what its stream calls the record.
    fn links(&self, runs: &[Arc<Invocation>], with_tables: bool) -> BTreeSet<(usize, usize)> {
        let mut with: BTreeMap<(&NodeId, &str), Vec<usize>> = BTreeMap::new();
        for (place, run) in runs.iter().enumerate() {
            for mark in self.marks(run).into_iter().flatten() {
                with.entry((&run.function, mark)).or_default().push(place);
            }
        }
        let mut links = BTreeSet::new();
        for ((function, mark), places) in &with {
            let ways = self.ways.from(function);
            for way in ways.filter(|way| with_tables || !way.passes(NodeKind::DynamodbStream)) {
                let next = with.get(&(&way.to, *mark)).into_iter().flatten();
                for to in next.filter(|to| runs[**to].attempt <= 1) {
                    let before = places
                        .iter()
                        .filter(|from| runs[**from].start < runs[*to].start && !runs[**from].outcome.is_failure());
                    links.extend(before.max_by_key(|from| runs[**from].start).map(|from| (*from, *to)));
                }
            }
        }
        links
    }

    /// Holds what was said against it.
    pub fn judge(&self, runs: &[Arc<Invocation>], joints: &[Joint], with_tables: bool) -> Verdict {
        let links = self.links(runs, with_tables);
        let mut verdict = Verdict {
            events: self.events,
            links: links.len(),
            ..Verdict::default()
        };
        let mut said: BTreeMap<(usize, usize), Link> = BTreeMap::new();
        for joint in joints {
            let (from, to) = (&runs[joint.from], &runs[joint.to]);
            let (Some(a), Some(b)) = (self.marks(from), self.marks(to)) else {
                continue;
            };
            if a.is_disjoint(b) {
                *verdict.untrue.entry(joint.link).or_default() += 1;
                if joint.link != Link::Candidate {
                    verdict.wrong.push(format!(
                        "{:?} by {:?}: {} {:?} {a:?} -> {} {:?} {b:?}",
                        joint.link,
                        joint.by,
                        from.function.short_name(),
                        from.start,
                        to.function.short_name(),
                        to.start
                    ));
                }
            } else {
                let known = said.entry((joint.from, joint.to)).or_insert(joint.link);
                *known = (*known).min(joint.link);
            }
        }
        for (from, to) in &links {
            match said.get(&(*from, *to)) {
                Some(link) => *verdict.said.entry(*link).or_default() += 1,
                None => {
                    let pair = format!(
                        "{} -> {}",
                        runs[*from].function.short_name(),
                        runs[*to].function.short_name()
                    );
                    *verdict.unsaid.entry(pair).or_default() += 1;
                }
            }
        }
        verdict
    }
}

impl Verdict {
    fn said(&self, up_to: Link) -> usize {
        self.said.range(..=up_to).map(|(_, count)| count).sum()
    }

    /// How many links as sure as this one or surer are wrong.
    pub fn wrong_of(&self, up_to: Link) -> usize {
        self.untrue.range(..=up_to).map(|(_, count)| count).sum()
    }

    /// The share of the true links that are carried or traced.
    pub fn share_found(&self) -> f64 {
        share(self.said(Link::Traced), self.links)
    }

    /// The share of the true links that are said, candidates aside.
    pub fn share_said(&self) -> f64 {
        share(self.said(Link::Inferred), self.links)
    }

    /// The share of links of one kind that is right.
    pub fn share_right(&self, link: Link) -> f64 {
        let right = self.said.get(&link).copied().unwrap_or(0);
        let wrong = self.untrue.get(&link).copied().unwrap_or(0);
        if right + wrong == 0 {
            1.0
        } else {
            share(right, right + wrong)
        }
    }

    /// A row of the table.
    pub fn line(&self) -> String {
        let count = |link: Link| self.said.get(&link).copied().unwrap_or(0);
        format!(
            "{:>7} {:>7} {:>8} {:>5.1} % {:>9} {:>7} {:>7}",
            self.links,
            self.said(Link::Traced),
            count(Link::Inferred),
            100.0 * self.share_said(),
            count(Link::Candidate),
            self.wrong_of(Link::Inferred),
            self.unsaid.values().sum::<usize>()
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a test")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
