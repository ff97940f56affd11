//! What is read for one check beyond the snapshot: the metrics of the few functions it is about, over the last hour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Died;
use crate::aws::Session;
use crate::aws::cloudwatch::Query;
use crate::aws::function_now::FunctionNow;
use crate::domain::{Metric, NodeId, Point, Subject};

/// How far back metrics are read.
const BACK: SignedDuration = SignedDuration::from_hours(1);
/// AWS: each metric asked for costs. Four of each function.
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
    pub counts: BTreeMap<NodeId, Result<Counts, String>>,
    /// What each function is now: a survey may be a minute old.
    pub now: BTreeMap<NodeId, FunctionNow>,
    /// What is known of each message of the dead-letter queue.
    pub died: Vec<Died>,
    /// Messages that would go.
    pub messages: u64,
    /// Messages a second at most, where the person limits them.
    pub rate: Option<u32>,
}

/// A function's metrics, minute by minute. AWS: minutes without a value are left out, and mean none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Invocations.
    pub invocations: Vec<Point>,
    /// Failed ones.
    pub errors: Vec<Point>,
    /// Throttled ones. AWS: they leave no line in the log.
    pub throttles: Vec<Point>,
    /// Milliseconds, 99th percentile.
    pub duration_ms: Vec<Point>,
}

impl Evidence {
    /// Reads what is to be read of these functions. Metrics that cannot be read are noted as such; what a function is the
    /// survey tells too.
    pub async fn read(&mut self, session: &Session, functions: &BTreeSet<NodeId>, now: Timestamp) {
        let asked = functions
            .iter()
            .map(|id| async move { (id, session.function_now(id.as_str()).await) });
        let (counts, known) = tokio::join!(counts(session, functions, now), futures::future::join_all(asked));
        self.counts = counts;
        let known = known.into_iter();
        self.now = known.filter_map(|(id, now)| Some((id.clone(), now.ok()??))).collect();
    }
}

async fn counts(
    session: &Session,
    functions: &BTreeSet<NodeId>,
    now: Timestamp,
) -> BTreeMap<NodeId, Result<Counts, String>> {
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
    let from = now.checked_sub(BACK).unwrap_or(Timestamp::UNIX_EPOCH);
    let read = match session.metrics(&queries, from, now).await {
        Ok(read) => read,
        Err(error) => {
            let why = error.to_string();
            return functions.iter().map(|id| (id.clone(), Err(why.clone()))).collect();
        }
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
