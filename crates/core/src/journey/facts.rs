//! What an invocation names: the ids in its lines, what each is of, and whether it was sent or received.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Held;
use crate::domain::{Invocation, NodeId, NodeKind};
use crate::logs::ids::{Role, Said, Shape, ids, object_keys, role, said};
use crate::logs::parse;
use crate::logs::segment::LineRef;

/// Ids kept of one invocation.
pub const MOST_IDS: usize = 256;
/// Lines read of one invocation.
const MOST_LINES: usize = 2_000;
/// Bytes of a line that are read for ids.
const LONGEST: usize = 64 * 1024;
/// So long after its end an invocation's lines may be dated. AWS (logs): REPORT follows END.
const AFTER: SignedDuration = SignedDuration::from_secs(2);

/// An id that an invocation names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The id.
    pub id: Arc<str>,
    /// Its shape.
    pub shape: Shape,
    /// What it is of.
    pub role: Role,
    /// Whether it was sent or received.
    pub said: Said,
}

/// What one invocation names.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The invocation.
    pub run: Arc<Invocation>,
    /// When it began, as far as is known.
    pub begin: Timestamp,
    /// Ids in its lines, each once, beside its own request's.
    pub named: Vec<Named>,
    /// Keys of objects, by bucket.
    pub objects: Vec<(NodeId, Arc<str>)>,
    /// Values of the user's own keys.
    pub values: Vec<(String, String)>,
    /// Its X-Ray trace.
    pub trace: Option<Arc<str>>,
    /// Whether its lines were held.
    pub read: bool,
}

impl Facts {
    /// What an invocation names; `None` if it is not known when it was.
    #[must_use]
    pub fn of(held: &Held<'_>, buckets: &[(NodeId, String)], run: &Arc<Invocation>) -> Option<Self> {
        let begin = run.start.or(run.end)?;
        let mut facts = Self {
            run: Arc::clone(run),
            begin,
            named: Vec::new(),
            objects: Vec::new(),
            values: Vec::new(),
            trace: run.xray.as_deref().map(Arc::from),
            read: false,
        };
        let mut left = MOST_LINES;
        each_line(held, run, begin, &mut |line| {
            facts.read = true;
            facts.take(held, buckets, line);
            left -= 1;
            left > 0
        });
        for id in &run.message_ids {
            facts.note(id, Shape::Uuid, Role::Message, Said::Open);
        }
        Some(facts)
    }

    fn take(&mut self, held: &Held<'_>, buckets: &[(NodeId, String)], line: &LineRef<'_>) {
        let text = &line.text[..line.text.floor_char_boundary(LONGEST)];
        // The service's own lines name the invocation itself, and its trace, which is known.
        if parse(text).is_of_the_service() {
            return;
        }
        let mut ids = ids(text);
        ids.sort_by_key(|(range, _)| range.start);
        let places: Vec<_> = ids.iter().map(|(range, _)| range.clone()).collect();
        for ((range, shape), said) in ids.into_iter().zip(said(text, &places)) {
            let id = &text[range.clone()];
            if id != self.run.request_id {
                self.note(id, shape, role(text, &range), said);
            }
        }
        for (bucket, name) in buckets {
            for key in object_keys(text, name) {
                let key = decoded(key);
                if self.objects.len() < MOST_IDS
                    && !self.objects.iter().any(|(of, known)| of == bucket && **known == key)
                {
                    self.objects.push((bucket.clone(), key.into()));
                }
            }
        }
        for (key, value) in held.keys.values(text) {
            let is_new = |(k, v): &(String, String)| k != key || v != value;
            if self.values.len() < MOST_IDS && self.values.iter().all(is_new) {
                self.values.push((key.to_owned(), value.to_owned()));
            }
        }
    }

    fn note(&mut self, id: &str, shape: Shape, role: Role, said: Said) {
        let is_full = self.named.len() >= MOST_IDS;
        match self.named.iter_mut().find(|known| *known.id == *id) {
            Some(known) => {
                // The first name that says something stands.
                if known.role == Role::Bare {
                    known.role = role;
                }
                known.said = match (known.said, said) {
                    (known, Said::Open) => known,
                    (Said::Open, said) => said,
                    (known, said) if known == said => known,
                    _ => Said::Open,
                };
            }
            None if !is_full => self.named.push(Named {
                id: id.into(),
                shape,
                role,
                said,
            }),
            None => {}
        }
    }

    /// What it says of an id.
    #[must_use]
    pub fn named(&self, id: &str) -> Option<&Named> {
        self.named.iter().find(|named| *named.id == *id)
    }
}

/// An object's key as it was written. AWS (delivery): in an event it is URL-encoded.
fn decoded(key: &str) -> String {
    if !key.contains(['%', '+']) {
        return key.to_owned();
    }
    let pair = format!("k={}", key.replace('&', "%26"));
    let mut parsed = form_urlencoded::parse(pair.as_bytes());
    parsed
        .next()
        .map_or_else(|| key.to_owned(), |(_, value)| value.into_owned())
}

/// The buckets of a chain, with their names.
#[must_use]
pub fn buckets(held: &Held<'_>) -> Vec<(NodeId, String)> {
    let buckets = held.nodes.values().filter(|node| node.kind == NodeKind::S3);
    buckets.map(|node| (node.id.clone(), node.name.clone())).collect()
}

/// Calls `take` for each line of an invocation, until that returns false.
pub fn each_line(held: &Held<'_>, run: &Invocation, begin: Timestamp, take: &mut dyn FnMut(&LineRef<'_>) -> bool) {
    let from = begin.as_millisecond();
    let end = run.end.unwrap_or(held.now);
    let to = end.checked_add(AFTER).unwrap_or(Timestamp::MAX).as_millisecond();
    let Some(runs) = held.runs.get(&run.function) else {
        return;
    };
    for group in held.logs.of(&run.function) {
        let segments = group.lines.segments();
        let first = segments.partition_point(|segment| segment.last_at() < from);
        for segment in segments[first..].iter().take_while(|segment| segment.first_at() <= to) {
            for n in segment.before(from)..segment.up_to(to) {
                if *segment.stream(n).name != *run.stream {
                    continue;
                }
                let line = segment.line(n);
                let parsed = parse(line.text);
                let owner = runs.owner(&line.stream.name, line.at, parsed.request_id.as_deref());
                let is_own =
                    owner.is_some_and(|owner| owner.request_id == run.request_id && owner.attempt == run.attempt);
                if is_own && !take(&line) {
                    return;
                }
            }
        }
    }
}

/// The invocations whose lines hold some words, each once; more than `most` are not looked for.
#[must_use]
pub fn naming(held: &Held<'_>, words: &str, most: usize) -> Vec<Arc<Invocation>> {
    let mut found: BTreeMap<(NodeId, String, u32), Arc<Invocation>> = BTreeMap::new();
    for group in held.logs.groups.values() {
        for segment in group.lines.segments().iter().rev() {
            for n in segment.naming(words, most + 1) {
                let line = segment.line(n);
                let Some(run) = owner(held, &line) else { continue };
                found.insert((run.function.clone(), run.request_id.clone(), run.attempt), run);
                if found.len() > most {
                    return found.into_values().collect();
                }
            }
        }
    }
    found.into_values().collect()
}

/// The invocation that a line belongs to.
#[must_use]
pub fn owner(held: &Held<'_>, line: &LineRef<'_>) -> Option<Arc<Invocation>> {
    let runs = held.runs.get(line.stream.function.as_ref()?)?;
    let parsed = parse(line.text);
    let run = runs.owner(&line.stream.name, line.at, parsed.request_id.as_deref());
    run.cloned()
}
