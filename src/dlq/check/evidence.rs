//! What is read for one check beyond the snapshot: metrics and logs of the few functions it is about, as far back as they
//! count: to the last change of a function, or to the failure of the youngest message where nothing was changed since.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::past::{self, Past};
use super::{Died, LATELY};
use crate::aws::cloudwatch::Query;
use crate::aws::function_now::FunctionNow;
use crate::aws::{Error, Session};
use crate::domain::{Arn, Detail, EdgeKind, Metric, NodeId, Point, Subject};
use crate::redrive::route::Target;
use crate::store::snapshot::{Snapshot, Topology};

/// How far back metrics are read at least.
const BACK: SignedDuration = SignedDuration::from_hours(1);
/// AWS (metrics): one-minute values are kept for 15 days, and SQS keeps a message for 14.
const FURTHEST: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Margin around the times in messages: clock differences, and the minutes of metrics.
const MARGIN: SignedDuration = SignedDuration::from_mins(2);
/// AWS (functions): the version that is none of its own: what was deployed last.
const LATEST: &str = "$LATEST";
/// AWS (apis): each metric asked for costs. Four of each function.
const METRICS: [Metric; 4] = [
    Metric::Invocations,
    Metric::Errors,
    Metric::Throttles,
    Metric::DurationP99,
];

/// What is known for one check beyond the snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The metrics of each function that was asked about, or why they could not be read.
    pub counts: BTreeMap<NodeId, Result<Counts, Error>>,
    /// What each function is now: a survey may be a minute old.
    pub now: BTreeMap<NodeId, FunctionNow>,
    /// Functions of which it could not be read what they are now, and why.
    pub unread: BTreeMap<NodeId, String>,
    /// Functions of which one alias or version is invoked, with the version behind it: invocations of others prove nothing.
    pub versions: BTreeMap<NodeId, String>,
    /// Functions that do not exist.
    pub gone: BTreeSet<NodeId>,
    /// Their logs, where the snapshot does not reach back as far as it counts.
    pub past: BTreeMap<NodeId, Past>,
    /// What is known of each message of the dead-letter queue.
    pub died: Vec<Died>,
    /// What would take the messages.
    pub targets: Vec<Target>,
    /// Messages that would go.
    pub messages: u64,
    /// Messages a second at most, where the person limits them.
    pub rate: Option<u32>,
}

/// A function, the alias or version that was asked for, and its current state: `None` if it does not exist.
type Asked = (NodeId, Option<String>, Result<Option<FunctionNow>, Error>);

/// A function's metrics, minute by minute. AWS (metrics): minutes without a value are left out, and mean none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Invocations.
    pub invocations: Vec<Point>,
    /// Failed ones.
    pub errors: Vec<Point>,
    /// Throttled ones. AWS (logs): they leave no line in the log.
    pub throttles: Vec<Point>,
    /// Milliseconds, 99th percentile.
    pub duration_ms: Vec<Point>,
}

impl Evidence {
    /// Reads what is to be read of these functions. Metrics that cannot be read are noted as such; what a function is the
    /// survey shows too.
    pub async fn read(&mut self, session: &Session, snapshot: &Snapshot, functions: &BTreeSet<NodeId>, now: Timestamp) {
        self.take_now(functions_now(session, &self.invoked(functions, &snapshot.topology)).await);
        let wanted: BTreeMap<&NodeId, Timestamp> = functions
            .iter()
            .map(|id| (id, self.wanted(id, &snapshot.topology, now)))
            .collect();
        let from = self.metrics_from(functions, &snapshot.topology, now);
        let lately = now.checked_sub(LATELY).unwrap_or(Timestamp::UNIX_EPOCH);
        // The snapshot has the last minutes, and more of what it has followed for longer.
        let versions = &self.versions;
        let logs = wanted.iter().filter(|(id, from)| {
            let runs = snapshot.vitals.get(**id).and_then(|vitals| vitals.runs.as_ref());
            let since = runs.and_then(|runs| runs.read_since).unwrap_or(lately);
            **from < since.min(lately) || versions.contains_key(**id)
        });
        let logs = logs.map(|(id, from)| async move {
            let whole = gives_back(id, &snapshot.topology);
            let version = versions.get(*id).map(String::as_str);
            let past = past::read(session, &snapshot.topology, (id, version), (*from, now), whole).await;
            ((*id).clone(), past)
        });
        let (counts, past) = tokio::join!(counts(session, functions, (from, now)), futures::future::join_all(logs));
        self.counts = counts;
        self.past = past.into_iter().collect();
    }

    /// Reads again what may change while the dialog is open: metrics are minutes late, and limits are raised. New lines of
    /// logs come with the snapshot.
    pub async fn read_again(&mut self, session: &Session, snapshot: &Snapshot, now: Timestamp) {
        let functions: BTreeSet<NodeId> = self.counts.keys().cloned().collect();
        // What was known and cannot be read this time is not forgotten.
        self.take_now(functions_now(session, &self.invoked(&functions, &snapshot.topology)).await);
        let from = self.metrics_from(&functions, &snapshot.topology, now);
        for (id, fresh) in counts(session, &functions, (from, now)).await {
            if fresh.is_ok() || self.counts.get(&id).is_none_or(Result::is_err) {
                self.counts.insert(id, fresh);
            }
        }
    }

    /// Each function with the alias or version that is invoked, where it is one and the same for all messages.
    fn invoked(&self, functions: &BTreeSet<NodeId>, topology: &Topology) -> BTreeMap<NodeId, Option<String>> {
        let of = |id: &NodeId| {
            let named = self.targets.iter().filter_map(|target| {
                let (node, qualifier) = Arn::parse(target.arn())?.node();
                (node == *id).then_some(qualifier)
            });
            let by_queue = self.targets.iter().flat_map(|target| {
                let queue = NodeId::from(target.arn());
                let edges = topology.edges.iter();
                edges
                    .filter(move |edge| {
                        edge.key.from == queue && edge.key.to == *id && edge.key.kind == EdgeKind::Trigger
                    })
                    .map(|edge| edge.key.qualifier.clone())
            });
            let all: BTreeSet<Option<String>> = named.chain(by_queue).collect();
            match (all.len(), all.into_iter().next()) {
                (1, Some(one)) => one.filter(|qualifier| qualifier != LATEST),
                _ => None,
            }
        };
        functions.iter().map(|id| (id.clone(), of(id))).collect()
    }

    /// What was known and cannot be read this time is not forgotten.
    fn take_now(&mut self, read: Vec<Asked>) {
        for (id, qualifier, answer) in read {
            self.gone.remove(&id);
            match answer {
                Ok(Some(now)) => {
                    self.unread.remove(&id);
                    if let Some(version) = qualifier.and(now.version.clone()) {
                        self.versions.insert(id.clone(), version);
                    }
                    self.now.insert(id, now);
                }
                Ok(None) => drop(self.gone.insert(id)),
                Err(error) if !self.now.contains_key(&id) => drop(self.unread.insert(id, error.to_string())),
                Err(_) => {}
            }
        }
    }

    /// From when on metrics are read.
    fn metrics_from(&self, functions: &BTreeSet<NodeId>, topology: &Topology, now: Timestamp) -> Timestamp {
        let hour = now.checked_sub(BACK).unwrap_or(Timestamp::UNIX_EPOCH);
        let wanted = functions.iter().map(|id| self.wanted(id, topology, now)).min();
        wanted.map_or(hour, |from| hour.min(from))
    }

    /// The time from which a function's invocations count: its last change, or the first attempt of the youngest message if
    /// that is later.
    fn wanted(&self, function: &NodeId, topology: &Topology, now: Timestamp) -> Timestamp {
        let surveyed = match topology.nodes.get(function).map(|node| &node.detail) {
            Some(Detail::Function(function)) => function.last_modified,
            _ => None,
        };
        let now_changed = self.now.get(function).and_then(|now| now.modified);
        let changed = if self.versions.contains_key(function) {
            now_changed
        } else {
            surveyed.max(now_changed)
        };
        // Whether successful invocations returned messages depends on when these failed.
        let changed = changed.filter(|_| !gives_back(function, topology));
        let of_it = |died: &&Died| died.function.as_ref().is_none_or(|id| id == function);
        let youngest = self.died.iter().filter(of_it).max_by_key(|died| died.at.or(died.first));
        let youngest = youngest.and_then(|died| died.first.or(died.at));
        let wanted = changed.max(youngest).and_then(|at| at.checked_sub(MARGIN).ok());
        let lately = now.checked_sub(LATELY).unwrap_or(Timestamp::UNIX_EPOCH);
        let furthest = now.checked_sub(FURTHEST).unwrap_or(Timestamp::UNIX_EPOCH);
        wanted.map_or(lately, |at| at.min(lately)).max(furthest)
    }
}

/// Whether a mapping of a function may get single messages back from invocations that succeed.
fn gives_back(function: &NodeId, topology: &Topology) -> bool {
    let mut to = topology.edges.iter().filter(|edge| edge.key.to == *function);
    to.any(|edge| {
        let partial = edge
            .policies
            .iter()
            .any(|policy| policy.batching.partial_response == Some(true));
        edge.key.kind == EdgeKind::Trigger && partial
    })
}

/// What functions are now. AWS (functions): reserved concurrency is the function's; code, state and time are those of the version.
async fn functions_now(session: &Session, functions: &BTreeMap<NodeId, Option<String>>) -> Vec<Asked> {
    let asked = functions.iter().map(|(id, qualifier)| async move {
        let answer = session.function_now(id.as_str(), qualifier.as_deref()).await;
        (id.clone(), qualifier.clone(), answer)
    });
    futures::future::join_all(asked).await
}

async fn counts(
    session: &Session,
    functions: &BTreeSet<NodeId>,
    (from, now): (Timestamp, Timestamp),
) -> BTreeMap<NodeId, Result<Counts, Error>> {
    if functions.is_empty() {
        return BTreeMap::new();
    }
    let of = |function: &NodeId| {
        let function = function.clone();
        METRICS.into_iter().map(move |metric| Query {
            subject: Subject::Node(function.clone()),
            metric,
        })
    };
    let queries: Vec<Query> = functions.iter().flat_map(of).collect();
    let read = match session.metrics(&queries, from, now).await {
        Ok(read) => read,
        Err(error) => return functions.iter().map(|id| (id.clone(), Err(error.clone()))).collect(),
    };
    let mut all: BTreeMap<NodeId, Counts> = functions.iter().map(|id| (id.clone(), Counts::default())).collect();
    for (query, points) in read {
        let Subject::Node(id) = &query.subject else { continue };
        let Some(counts) = all.get_mut(id) else { continue };
        match query.metric {
            Metric::Invocations => counts.invocations = points,
            Metric::Errors => counts.errors = points,
            Metric::Throttles => counts.throttles = points,
            _ => counts.duration_ms = points,
        }
    }
    all.into_iter().map(|(id, counts)| (id, Ok(counts))).collect()
}
