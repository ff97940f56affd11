//! From what is held to journeys: which invocations are looked at, which belong together, and in which order they are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::facts::{Facts, buckets, naming};
use super::guess::guesses;
use super::join::{COMMON, correlated, joints};
use super::{By, Correlated, Cut, Dead, Held, Hop, Joint, Journey, Link, Ways};
use crate::dead_letters::content::{Content, content};
use crate::domain::{Invocation, NodeId, QueueMessage};

/// Invocations looked at around the one that names an id.
const MOST: usize = 3_000;
/// So far before and after an invocation its neighbours are looked for.
const BEFORE: SignedDuration = SignedDuration::from_mins(15);
const AFTER: SignedDuration = SignedDuration::from_hours(1);
/// Rounds in which ids that were found on the way are looked for.
const ROUNDS: usize = 6;
/// Hops of one journey.
const MOST_HOPS: usize = 400;

/// An invocation's identity.
type Key = (NodeId, String, u32);

fn key(run: &Invocation) -> Key {
    (run.function.clone(), run.request_id.clone(), run.attempt)
}

/// Invocations with what they name, each once.
struct Set<'a> {
    held: &'a Held<'a>,
    buckets: Vec<(NodeId, String)>,
    all: Vec<Facts>,
    places: BTreeMap<Key, usize>,
}

impl<'a> Set<'a> {
    fn new(held: &'a Held<'a>) -> Self {
        Self {
            held,
            buckets: buckets(held),
            all: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    fn add(&mut self, run: &Arc<Invocation>) -> Option<usize> {
        if let Some(place) = self.places.get(&key(run)) {
            return Some(*place);
        }
        let facts = Facts::of(self.held, &self.buckets, run)?;
        self.places.insert(key(run), self.all.len());
        self.all.push(facts);
        Some(self.all.len() - 1)
    }

    /// All invocations of these functions that began between two moments, unless there are too many.
    fn window(&mut self, functions: &BTreeSet<NodeId>, from: Timestamp, to: Timestamp) -> bool {
        let mut found: Vec<&Arc<Invocation>> = Vec::new();
        for function in functions {
            let Some(runs) = self.held.runs.get(function) else {
                continue;
            };
            let begun = |run: &&Arc<Invocation>| run.start.or(run.end).is_some_and(|at| from <= at && at <= to);
            found.extend(runs.iter().filter(begun));
            if found.len() > MOST {
                return false;
            }
        }
        for run in found {
            self.add(run);
        }
        true
    }

    fn joints(&self, ways: &Ways) -> Vec<Joint> {
        let mut made = joints(&self.all, ways);
        let guessed = guesses(&self.all, &made, ways, self.held.now);
        made.extend(guessed);
        made
    }
}

/// The invocations that began between two moments, and the links between them.
#[must_use]
pub fn links(held: &Held<'_>, from: Timestamp, to: Timestamp) -> (Vec<Arc<Invocation>>, Vec<Joint>) {
    let ways = Ways::of(held.nodes, held.edges);
    let mut set = Set::new(held);
    for runs in held.runs.values() {
        for run in runs
            .iter()
            .filter(|run| run.start.is_some_and(|at| from <= at && at <= to))
        {
            set.add(run);
        }
    }
    let joints = set.joints(&ways);
    (set.all.into_iter().map(|facts| facts.run).collect(), joints)
}

/// Every journey of what began between two moments.
#[must_use]
pub fn all(held: &Held<'_>, from: Timestamp, to: Timestamp) -> Vec<Journey> {
    let ways = Ways::of(held.nodes, held.edges);
    let mut set = Set::new(held);
    for runs in held.runs.values() {
        for run in runs
            .iter()
            .filter(|run| run.start.or(run.end).is_some_and(|at| from <= at && at <= to))
        {
            set.add(run);
        }
    }
    let made = set.joints(&ways);
    let arriving: BTreeSet<usize> = made
        .iter()
        .filter(|joint| is_followed(joint))
        .map(|joint| joint.to)
        .collect();
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut journeys = Vec::new();
    for first in (0..set.all.len()).filter(|place| !arriving.contains(place)) {
        if seen.contains(&first) {
            continue;
        }
        let members = members(&set.all, &made, &BTreeSet::from([first]));
        seen.extend(&members);
        let id = set.all[first].run.request_id.clone();
        journeys.push(journey(held, &set.all, &made, &members, id, &BTreeSet::new()));
    }
    journeys
}

/// The journey of the event that an id is of: a request, a message, a trace, or any words that lines hold.
#[must_use]
pub fn follow(held: &Held<'_>, id: &str) -> Journey {
    let ways = Ways::of(held.nodes, held.edges);
    let seeds = seeds(held, id);
    let requests: BTreeSet<&str> = seeds.iter().map(|run| run.request_id.as_str()).collect();
    if requests.len() > COMMON {
        return Journey {
            id: id.to_owned(),
            cut: Some(Cut::Common),
            ..Journey::default()
        };
    }
    let mut set = Set::new(held);
    let first: BTreeSet<usize> = seeds.iter().filter_map(|run| set.add(run)).collect();
    surround(&mut set, &ways, &seeds);
    let mut cut = None;
    for _ in 0..ROUNDS {
        let made = set.joints(&ways);
        let members = members(&set.all, &made, &first);
        if members.len() > MOST_HOPS || set.all.len() > 2 * MOST {
            cut = Some(Cut::Invocations);
            break;
        }
        if !widen(&mut set, &members) {
            break;
        }
    }
    let made = set.joints(&ways);
    let members = members(&set.all, &made, &first);
    let mut journey = journey(held, &set.all, &made, &members, id.to_owned(), &first);
    journey.cut = cut;
    journey
}

/// The invocations that an id is of, or that name it.
fn seeds(held: &Held<'_>, id: &str) -> Vec<Arc<Invocation>> {
    let mut found: BTreeMap<Key, Arc<Invocation>> = BTreeMap::new();
    if id.is_empty() {
        return Vec::new();
    }
    let requests: Vec<String> = held
        .letters
        .iter()
        .filter(|letter| letter.message_id == id)
        .filter_map(|letter| request_of(letter))
        .chain([id.to_owned()])
        .collect();
    for runs in held.runs.values() {
        for run in runs.iter().filter(|run| requests.contains(&run.request_id)) {
            found.insert(key(run), Arc::clone(run));
        }
    }
    for run in naming(held, id, 2 * COMMON) {
        found.insert(key(&run), run);
    }
    found.into_values().collect()
}

/// The neighbours of some invocations in time, on the ways from and to their functions.
fn surround(set: &mut Set<'_>, ways: &Ways, seeds: &[Arc<Invocation>]) {
    let mut functions: BTreeSet<NodeId> = BTreeSet::new();
    let mut open: Vec<NodeId> = seeds.iter().map(|run| run.function.clone()).collect();
    while let Some(function) = open.pop() {
        if functions.insert(function.clone()) {
            let next = ways.from(&function).map(|way| way.to.clone());
            open.extend(next.chain(ways.to(&function).map(|way| way.from.clone())));
        }
    }
    let times = || seeds.iter().filter_map(|run| run.start.or(run.end));
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return;
    };
    for part in [1, 4, 16] {
        let from = first.checked_sub(BEFORE / part).unwrap_or(Timestamp::MIN);
        let to = last.checked_add(AFTER / part).unwrap_or(Timestamp::MAX);
        if set.window(&functions, from, to) {
            break;
        }
    }
}

/// Looks for the ids that members name outside of what is looked at. Whether there was more.
fn widen(set: &mut Set<'_>, members: &BTreeSet<usize>) -> bool {
    let mut ids: BTreeSet<Arc<str>> = BTreeSet::new();
    for place in members {
        let facts = &set.all[*place];
        ids.insert(facts.run.request_id.as_str().into());
        ids.extend(facts.named.iter().map(|named| Arc::clone(&named.id)));
        ids.extend(facts.objects.iter().map(|(_, key)| Arc::clone(key)));
    }
    let before = set.all.len();
    let held = set.held;
    for id in ids.iter().take(MOST_HOPS) {
        let runs = naming(held, id, COMMON);
        if runs.len() <= COMMON {
            for run in &runs {
                set.add(run);
            }
        }
        for runs in held.runs.values() {
            let attempts: Vec<_> = runs.attempts(id).cloned().collect();
            for run in &attempts {
                set.add(run);
            }
        }
    }
    set.all.len() > before
}

fn is_followed(joint: &Joint) -> bool {
    joint.link < Link::Candidate && joint.link != Link::Correlated
}

/// Whether an invocation handled several messages, so that what came of it may be of another.
fn is_batch(facts: &Facts) -> bool {
    facts.run.message_ids.len() > 1
}

/// The invocations of the events of some: those before them, what came of these, and their other attempts.
fn members(all: &[Facts], made: &[Joint], first: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut up: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut down: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for joint in made.iter().filter(|joint| is_followed(joint)) {
        up.entry(joint.to).or_default().push(joint.from);
        down.entry(joint.from).or_default().push(joint.to);
    }
    let again = attempts(all);
    let with_attempts = |place: usize| again.get(&place).into_iter().flatten().copied();
    let mut above: BTreeSet<usize> = BTreeSet::new();
    let mut open: Vec<usize> = first.iter().copied().collect();
    while let Some(place) = open.pop() {
        if above.insert(place) {
            open.extend(with_attempts(place));
            open.extend(up.get(&place).into_iter().flatten());
        }
    }
    let mut members = above.clone();
    let starts = above
        .iter()
        .copied()
        .filter(|place| !is_batch(&all[*place]) || first.contains(place));
    let mut open: Vec<usize> = starts
        .flat_map(|place| down.get(&place).into_iter().flatten().copied())
        .collect();
    while let Some(place) = open.pop() {
        if members.insert(place) {
            open.extend(with_attempts(place));
            if !is_batch(&all[place]) {
                open.extend(down.get(&place).into_iter().flatten());
            }
        }
    }
    members
}

/// The other attempts of each invocation: those of its request, and those with its only message.
fn attempts(all: &[Facts]) -> BTreeMap<usize, Vec<usize>> {
    let mut same: BTreeMap<(&NodeId, &str), Vec<usize>> = BTreeMap::new();
    for (place, facts) in all.iter().enumerate() {
        let function = &facts.run.function;
        same.entry((function, &facts.run.request_id)).or_default().push(place);
        if let [only] = &facts.run.message_ids[..] {
            same.entry((function, only)).or_default().push(place);
        }
    }
    let mut again: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for places in same
        .into_values()
        .filter(|places| places.len() > 1 && places.len() <= COMMON)
    {
        for place in &places {
            again
                .entry(*place)
                .or_default()
                .extend(places.iter().filter(|other| *other != place));
        }
    }
    again
}

/// The hops of some invocations, in order of time, with the links between them.
fn journey(
    held: &Held<'_>,
    all: &[Facts],
    made: &[Joint],
    members: &BTreeSet<usize>,
    id: String,
    first: &BTreeSet<usize>,
) -> Journey {
    let mut shown = members.clone();
    // Candidates are shown, and not followed.
    for joint in made.iter().filter(|joint| joint.link == Link::Candidate) {
        if members.contains(&joint.from) || members.contains(&joint.to) {
            shown.extend([joint.from, joint.to]);
        }
    }
    let mut hops: Vec<(Hop, BTreeSet<usize>)> = Vec::new();
    let again = attempts(all);
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut in_time: Vec<usize> = shown.iter().copied().collect();
    in_time.sort_by_key(|place| (all[*place].begin, *place));
    for place in in_time {
        if taken.contains(&place) {
            continue;
        }
        let mut places: BTreeSet<usize> = BTreeSet::new();
        let mut open = vec![place];
        while let Some(one) = open.pop() {
            if places.insert(one) {
                open.extend(again.get(&one).into_iter().flatten());
            }
        }
        taken.extend(&places);
        hops.push((hop(held, all, &places), places));
    }
    let of = |place: usize| hops.iter().position(|(_, places)| places.contains(&place));
    let mut joined: BTreeMap<(usize, usize), Joint> = BTreeMap::new();
    for joint in made {
        let (Some(from), Some(to)) = (of(joint.from), of(joint.to)) else {
            continue;
        };
        let known = joined.get(&(from, to)).is_some_and(|known| known.link <= joint.link);
        if from != to && !known {
            joined.insert(
                (from, to),
                Joint {
                    from,
                    to,
                    ..joint.clone()
                },
            );
        }
    }
    Journey {
        named: (0..hops.len()).filter(|n| !hops[*n].1.is_disjoint(first)).collect(),
        correlated: groups(all, members),
        joints: joined.into_values().collect(),
        hops: hops.into_iter().map(|(hop, _)| hop).collect(),
        id,
        cut: None,
    }
}

fn hop(held: &Held<'_>, all: &[Facts], places: &BTreeSet<usize>) -> Hop {
    let mut attempts: Vec<Arc<Invocation>> = places.iter().map(|place| Arc::clone(&all[*place].run)).collect();
    attempts.sort_by_key(|run| run.start.or(run.end));
    let batch: BTreeSet<&String> = attempts.iter().flat_map(|run| &run.message_ids).collect();
    let has = |request: &Option<String>| {
        request
            .as_ref()
            .is_some_and(|id| attempts.iter().any(|run| run.request_id == *id))
    };
    let function = attempts
        .first()
        .map_or_else(|| NodeId::from(""), |run| run.function.clone());
    let of_hop = held.deliveries.iter().find(|row| {
        row.function == function
            && !row.estimate
            && row.count <= 1
            && row.attempts.iter().any(|one| has(&one.request_id))
    });
    let dead = held.letters.iter().find_map(|letter| {
        let of_request = request_of(letter).is_some_and(|id| attempts.iter().any(|run| run.request_id == id));
        let of_message = letter.moved_from().is_some() && batch.contains(&letter.message_id);
        let by = if of_request { By::RequestId } else { By::MessageId };
        (of_request || of_message).then(|| Dead {
            queue: letter.queue.clone(),
            message_id: letter.message_id.clone(),
            by,
        })
    });
    Hop {
        function,
        batch: batch.into_iter().cloned().collect(),
        delivery: of_hop.cloned().map(Arc::new),
        dead,
        attempts,
    }
}

/// The request that a dead letter names. AWS (dead-letters): the attribute `RequestID` of a function's dead-letter queue; `requestContext.requestId` of
/// a destination's record and of a stream's.
fn request_of(letter: &QueueMessage) -> Option<String> {
    if let Some(id) = letter.text("RequestID") {
        return Some(id.to_owned());
    }
    match content(&letter.body) {
        Content::Destination(record) | Content::Stream(record, _) | Content::Kafka(record, _) => {
            Some(record.request_id)
        }
        Content::Event { record, .. } => record.map(|record| record.request_id),
        Content::Notification(_) | Content::Pipe { .. } | Content::Other => None,
    }
}

fn groups(all: &[Facts], members: &BTreeSet<usize>) -> Vec<Correlated> {
    let groups = correlated(all).into_iter().filter(|(_, places)| {
        places.len() <= COMMON
            && places.iter().any(|place| members.contains(place))
            && places.iter().any(|place| !members.contains(place))
    });
    let other = |place: &usize| {
        let run = &all[*place].run;
        (run.function.clone(), run.request_id.clone())
    };
    groups
        .map(|((key, value), places)| {
            let others = places.iter().filter(|place| !members.contains(place)).map(other);
            let others: BTreeSet<(NodeId, String)> = others.collect();
            Correlated {
                key: key.to_owned(),
                value: value.to_owned(),
                others: others.into_iter().collect(),
            }
        })
        .collect()
}
