//! Reasons against a target queue: its mappings, its own dead-letter queue, and how its messages failed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Case, Check, Counts, Died, Gap, LATELY, Note, Reason};
use crate::dead_letters::filter_criteria::{Passes, passes};
use crate::domain::{Detail, Edge, EdgeKind, EdgePolicy, NodeId, Point};
use crate::redrive::route::Target;

/// AWS (sqs-mappings): Lambda reads a standard queue with 5 concurrent invocations at first, unless the mapping's maximum is lower.
const FIRST_POLLERS: u32 = 5;
/// AWS (sqs-mappings): a queue mapping's batch size where none is set.
const BATCH: u32 = 10;
/// The API that returns what reads a queue.
const LIST_MAPPINGS: &str = "ListEventSourceMappings";
/// A minute's count is of somewhere in that minute.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// A queue that takes messages, with what reads it.
struct Queue<'a> {
    id: &'a NodeId,
    fifo: bool,
    /// Triggers that lead to a function or pipe.
    readers: Vec<&'a Edge>,
}

impl Case<'_> {
    /// Targets that do not exist.
    pub(super) fn missing(&self, found: &mut Check) {
        let topology = &self.snapshot.topology;
        let ids: std::collections::BTreeSet<NodeId> = self
            .targets
            .iter()
            .filter_map(|target| Some(crate::domain::Arn::parse(target.arn())?.node().0))
            .collect();
        for id in ids {
            if crate::domain::Missing::holds(&topology.missing, &id) {
                found.reasons.push(Reason::Missing { target: id });
            }
        }
    }

    /// Checks target queues, and how messages of the dead-letter queue failed.
    pub(super) fn queues(&self, found: &mut Check) {
        let ids: Vec<(NodeId, bool)> = self
            .targets
            .iter()
            .filter_map(|target| match target {
                Target::Queue { arn, fifo, .. } => Some((NodeId::from(arn.as_str()), *fifo)),
                _ => None,
            })
            .collect();
        let mut queues = Vec::new();
        for (id, fifo) in &ids {
            let readers = self.snapshot.topology.from(id).map(|edge| &**edge);
            let readers = readers.filter(|edge| edge.key.kind == EdgeKind::Trigger).collect();
            queues.push(Queue {
                id,
                fifo: *fifo,
                readers,
            });
        }
        for queue in &queues {
            if queue.readers.is_empty() && self.mappings_unread() {
                found.gaps.push(Gap::Mappings {
                    queue: queue.id.clone(),
                });
            } else {
                mappings(queue, found);
            }
            self.filters(queue, found);
            self.own_queue(queue.id, found);
        }
        self.concurrency(&queues, found);
        self.partial(&queues, found);
        self.still_dying(&queues, found);
    }

    /// Whether the answer that names a queue's readers is missing.
    fn mappings_unread(&self) -> bool {
        let mut unread = self.snapshot.topology.unread.iter();
        unread.any(|part| part.api.ends_with(LIST_MAPPINGS))
    }

    /// AWS (patterns): a mapping deletes messages that its filter does not match. Those that failed from this queue matched it, unless
    /// the mapping was changed since.
    fn filters(&self, queue: &Queue<'_>, found: &mut Check) {
        for edge in queue.readers.iter().filter(|edge| edge.enabled) {
            let changed = edge
                .policies
                .iter()
                .filter_map(|policy| policy.status.last_modified)
                .max();
            let matched = |died: &Died| {
                died.source.as_ref() == Some(queue.id)
                    && changed.is_none_or(|changed| died.first.is_some_and(|first| first >= changed))
            };
            let filters = edge.policies.iter().any(|policy| !policy.filter.patterns.is_empty());
            if !filters {
                continue;
            }
            // AWS (sqs-mappings): where several mappings read one queue, any of them may get a message.
            let passes_all = |died: &Died| {
                let Some(body) = &died.body else { return Passes::Unknown };
                let each = edge.policies.iter().map(|policy| passes(&policy.filter.patterns, body));
                each.fold(Passes::Yes, |one, other| match (one, other) {
                    (Passes::No, _) | (_, Passes::No) => Passes::No,
                    (Passes::Yes, other) => other,
                    (one, _) => one,
                })
            };
            let open = self.evidence.died.iter().filter(|died| !matched(died));
            let verdicts: Vec<Passes> = open.map(passes_all).collect();
            let dropped = verdicts.iter().filter(|one| **one == Passes::No).count();
            let (function, queue) = (edge.key.to.clone(), queue.id.clone());
            if dropped > 0 {
                found.reasons.push(Reason::FilteredOut {
                    function,
                    queue,
                    messages: u64::try_from(dropped).unwrap_or(u64::MAX),
                });
            } else if verdicts.contains(&Passes::Unknown) {
                found.gaps.push(Gap::Filtered { function, queue });
            }
        }
    }

    /// Whether the target's own dead-letter queue grew lately, unless it is the one being read.
    fn own_queue(&self, queue: &NodeId, found: &mut Check) {
        let own = self.snapshot.topology.from(queue);
        let own = own
            .filter(|edge| edge.key.kind == EdgeKind::DeadLetter)
            .map(|edge| &edge.key.to);
        for id in own.filter(|id| !self.evidence.died.iter().any(|died| died.queue == **id)) {
            let depths = self.snapshot.vitals.get(id).map(|vitals| vitals.depths.as_slice());
            let from = self.now.checked_sub(LATELY).unwrap_or(Timestamp::MIN);
            let from = self.changed(queue).map_or(from, |changed| from.max(changed));
            let by = growth(depths.unwrap_or_default(), from);
            if by > 0 {
                found.reasons.push(Reason::OwnQueueGrew {
                    target: queue.clone(),
                    queue: id.clone(),
                    by,
                });
            }
        }
    }

    /// When what processes a queue's messages was changed last: a function's code or configuration, a mapping.
    fn changed(&self, queue: &NodeId) -> Option<Timestamp> {
        let topology = &self.snapshot.topology;
        let readers = topology.from(queue).filter(|edge| edge.key.kind == EdgeKind::Trigger);
        readers
            .flat_map(|edge| {
                let mapping = edge.policies.iter().filter_map(|policy| policy.status.last_modified);
                mapping.chain(self.modified(&edge.key.to)).collect::<Vec<_>>()
            })
            .max()
    }

    /// Mappings that may ask for more at once than their function reserves.
    fn concurrency(&self, queues: &[Queue<'_>], found: &mut Check) {
        let mut wanted: BTreeMap<&NodeId, (u32, u64, i64)> = BTreeMap::new();
        // AWS (sqs-mappings): a FIFO queue's concurrency is its number of groups, which is not known.
        for queue in queues.iter().filter(|queue| !queue.fifo) {
            let settings = match self.snapshot.topology.nodes.get(queue.id).map(|node| &node.detail) {
                Some(Detail::Queue(settings)) => Some(settings),
                _ => None,
            };
            for edge in queue.readers.iter().filter(|edge| edge.enabled) {
                let policy = edge.policies.iter().find(|policy| policy.batching.size.is_some());
                let batch = u64::from(policy.and_then(|policy| policy.batching.size).unwrap_or(BATCH).max(1));
                let time_s = settings.map_or(0, |queue| {
                    i64::from(queue.visibility_timeout_s) * i64::from(queue.max_receive_count.unwrap_or(1))
                });
                let of = wanted.entry(&edge.key.to).or_default();
                of.0 = of.0.saturating_add(at_once(edge));
                of.1 = of.1.max(self.evidence.messages.div_ceil(batch));
                of.2 = of.2.max(time_s);
            }
        }
        for (function, (wanted, batches, time_s)) in wanted {
            let reserved = self.reserved(function);
            let Some(reserved) = reserved.filter(|reserved| *reserved > 0 && *reserved < wanted) else {
                continue;
            };
            if batches <= u64::from(reserved) || self.is_quick(function, reserved, (batches, time_s)) {
                continue;
            }
            if self.evidence.rate.is_some() {
                found.notes.push(Note::ConcurrencyTight {
                    function: function.clone(),
                    reserved,
                });
                continue;
            }
            found.reasons.push(Reason::ConcurrencyLow {
                function: function.clone(),
                reserved,
                wanted,
                batches,
            });
        }
    }

    /// Concurrent invocations of a function that the messages may ask for; `None` if it takes none of them.
    pub(super) fn wanted(&self, function: &NodeId) -> Option<u32> {
        let of_target = |target: &Target| match target {
            Target::Queue { arn, .. } => {
                let id = NodeId::from(arn.as_str());
                let edges = self.snapshot.topology.from(&id);
                let edges =
                    edges.filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled && edge.key.to == *function);
                edges.map(|edge| at_once(edge)).reduce(u32::saturating_add)
            }
            // Each message is an invocation of its own.
            Target::Event { arn } | Target::Run { arn } => crate::domain::Arn::parse(arn)
                .filter(|arn| arn.node().0 == *function)
                .map(|_| u32::try_from(self.evidence.messages.max(1)).unwrap_or(u32::MAX)),
            Target::Topic { .. } => None,
        };
        self.targets.iter().filter_map(of_target).reduce(u32::saturating_add)
    }

    /// Whether all batches can run, twice over, before the first receives are used up: by how long invocations took.
    fn is_quick(&self, function: &NodeId, reserved: u32, (batches, time_s): (u64, i64)) -> bool {
        let counts = self.counts(function, &mut Check::default()).unwrap_or_default();
        let Counts { duration_ms, .. } = counts;
        let longest = duration_ms.iter().map(|point| point.value).fold(0.0, f64::max);
        if longest <= 0.0 {
            return false;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts and seconds of one redrive are small")]
        let (needed, there) = (batches as f64 * longest / 1_000.0, time_s as f64 * f64::from(reserved));
        needed * 2.0 <= there
    }

    /// Messages that went to the DLQ although no invocation failed or was throttled during their attempts.
    fn partial(&self, queues: &[Queue<'_>], found: &mut Check) {
        for queue in queues {
            for edge in queue.readers.iter().filter(|edge| edge.enabled) {
                let function = &edge.key.to;
                let reports = |policy: &EdgePolicy| policy.batching.partial_response == Some(true);
                if !edge.policies.iter().any(reports) {
                    self.whole_batches(queue, edge, found);
                    continue;
                }
                let of_queue = self
                    .evidence
                    .died
                    .iter()
                    .filter(|died| died.source.as_ref() == Some(queue.id));
                let given_back: Vec<bool> = of_queue
                    .filter_map(|died| self.changed_since_given_back(died, function))
                    .collect();
                let count = |since: bool| {
                    let of = given_back.iter().filter(|one| **one == since).count();
                    u64::try_from(of).unwrap_or(u64::MAX)
                };
                if count(false) > 0 {
                    found.reasons.push(Reason::PartialFailures {
                        function: function.clone(),
                        queue: queue.id.clone(),
                        messages: count(false),
                    });
                }
                if count(true) > 0 {
                    found.notes.push(Note::PartialFailuresBefore {
                        function: function.clone(),
                        queue: queue.id.clone(),
                        messages: count(true),
                    });
                }
            }
        }
    }

    fn whole_batches(&self, queue: &Queue<'_>, edge: &Edge, found: &mut Check) {
        let batch = edge.policies.iter().find_map(|policy| policy.batching.size);
        let fails = |reason: &Reason| matches!(reason, Reason::Failing { function, .. } if *function == edge.key.to);
        if let Some(batch) = batch.filter(|batch| *batch > 1)
            && self.evidence.messages > 1
            && found.reasons.iter().any(fails)
        {
            found.notes.push(Note::WholeBatches {
                function: edge.key.to.clone(),
                queue: queue.id.clone(),
                batch,
            });
        }
    }

    /// Whether a message's function was changed since it returned the message; `None` if it is not known to have returned
    /// it.
    fn changed_since_given_back(&self, died: &Died, function: &NodeId) -> Option<bool> {
        let runs = self.runs(function);
        let counts = self.counts(function, &mut Check::default());
        let (Some(from), Some(to), Some(runs), Some(counts)) = (died.first, died.at, runs, counts) else {
            return None;
        };
        let changed = died.source.as_ref().and_then(|queue| self.changed(queue));
        let read = runs.read_since.is_some_and(|since| since <= from);
        let within = |points: &[Point]| {
            points
                .iter()
                .any(|point| point.value > 0.0 && point.at <= to && from <= point.at + MINUTE)
        };
        let was = read
            && within(&runs.starts)
            && !within(&runs.failures)
            && !within(&counts.errors)
            && !within(&counts.throttles);
        was.then(|| changed.is_some_and(|changed| changed > from))
    }

    /// Whether a message failed because of a limit that was raised since, at an unknown time.
    fn was_starved(&self, died: &Died, found: &Check) -> bool {
        found.notes.iter().any(|note| {
            let Note::LimitRaised { function, .. } = note else {
                return false;
            };
            let reads = |queue: &NodeId| self.snapshot.topology.from(queue).any(|edge| edge.key.to == *function);
            let is_its = died.function.as_ref() == Some(function) || died.source.as_ref().is_some_and(reads);
            let throttled = || {
                let (Some(from), Some(to)) = (died.first, died.at) else {
                    return false;
                };
                let counts = self.counts(function, &mut Check::default()).unwrap_or_default();
                let mut points = counts.throttles.iter();
                points.any(|point| point.value > 0.0 && point.at <= to && from <= point.at + MINUTE)
            };
            is_its && (died.throttled || throttled())
        })
    }

    /// Recent messages whose attempts all were after the last change.
    fn still_dying(&self, queues: &[Queue<'_>], found: &mut Check) {
        let from = self.now.checked_sub(LATELY).unwrap_or(Timestamp::MIN);
        let mut late: BTreeMap<&NodeId, (u64, Timestamp, Option<Timestamp>)> = BTreeMap::new();
        for died in &self.evidence.died {
            let (Some(first), Some(at)) = (died.first, died.at.filter(|at| *at > from)) else {
                continue;
            };
            let of_target = match &died.source {
                Some(source) => queues.iter().any(|queue| queue.id == source),
                None => died.function.as_ref().is_some_and(|id| {
                    self.targets
                        .iter()
                        .any(|target| crate::domain::Arn::parse(target.arn()).is_some_and(|arn| arn.node().0 == *id))
                }),
            };
            let changed = match &died.source {
                Some(source) => self.changed(source),
                None => died.function.as_ref().and_then(|function| self.modified(function)),
            };
            if of_target && changed.is_none_or(|changed| changed <= first) && !self.was_starved(died, found) {
                let of = late.entry(&died.queue).or_insert((0, at, changed));
                *of = (of.0 + 1, of.1.max(at), of.2.max(changed));
            }
        }
        for (queue, (messages, last, changed)) in late {
            found.reasons.push(Reason::StillDying {
                queue: queue.clone(),
                messages,
                last: last.min(self.now),
                changed,
            });
        }
    }
}

fn mappings(queue: &Queue<'_>, found: &mut Check) {
    if queue.readers.is_empty() {
        found.notes.push(Note::NobodyReads {
            queue: queue.id.clone(),
        });
        return;
    }
    if queue.readers.iter().all(|edge| !edge.enabled) {
        for edge in &queue.readers {
            let state = edge.policies.iter().find_map(|policy| policy.status.state.clone());
            found.reasons.push(Reason::MappingDisabled {
                function: edge.key.to.clone(),
                queue: queue.id.clone(),
                state: state.unwrap_or_else(|| "Disabled".to_owned()),
            });
        }
        return;
    }
    for edge in queue.readers.iter().filter(|edge| edge.enabled) {
        for policy in &edge.policies {
            if let Some(result) = policy.problem().filter(|result| speaks_of_permission(result)) {
                found.reasons.push(Reason::MappingRefused {
                    function: edge.key.to.clone(),
                    queue: queue.id.clone(),
                    result: result.to_owned(),
                });
            }
        }
    }
}

/// Concurrent invocations that a mapping of a queue may ask for at first.
fn at_once(edge: &Edge) -> u32 {
    let maximum = edge.policies.iter().find_map(|policy| policy.concurrency.maximum);
    maximum.unwrap_or(FIRST_POLLERS)
}

/// Whether a mapping's problem is one of permission. AWS (permissions): `PROBLEM: The provided execution role does not have permissions
/// …`, `PROBLEM: Lambda failed to assume your function execution role`.
fn speaks_of_permission(result: &str) -> bool {
    let result = result.to_ascii_lowercase();
    ["permission", "role", "access", "denied", "kms", "authoriz"]
        .iter()
        .any(|word| result.contains(word))
}

/// By how much counts rose, falls left out.
fn growth(points: &[Point], from: Timestamp) -> u64 {
    let late: Vec<f64> = points
        .iter()
        .filter(|point| point.at >= from)
        .map(|point| point.value)
        .collect();
    let rise: f64 = late.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of counts")]
    let rise = rise.round() as u64;
    rise
}
