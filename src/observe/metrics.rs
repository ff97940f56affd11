//! Metrics, swept slowly because each one asked for costs: account-wide sums every minute, single functions only where
//! something moved or somebody looks.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::watch::Shared;
use crate::aws::Error;
use crate::aws::cloudwatch::Query;
use crate::domain::{Fact, Metric, NodeId, Point, Subject};

/// Metrics an hour at the most: at $0.01 a thousand that is $0.035.
const PER_HOUR: f64 = 3_500.0;
/// Saved up at the most, so that a burst of looking around is answered at once.
const BURST: f64 = 700.0;
/// CloudWatch is this late; what was read before is read again.
const LATE: SignedDuration = SignedDuration::from_mins(10);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Far enough for the same hour yesterday.
const DAY: SignedDuration = SignedDuration::from_hours(25);
/// Topics and rules have no sum over the account: each is asked about this seldom.
const LOSSES_EVERY: u32 = 15;

const ACCOUNT: &[Metric] = &[
    Metric::Errors,
    Metric::Throttles,
    Metric::AsyncEventsDropped,
    Metric::DeadLetterErrors,
    Metric::DestinationDeliveryFailures,
];

const MOVED: &[Metric] = &[Metric::Errors, Metric::Throttles, Metric::AsyncEventsDropped];

const LOOKED_AT: &[Metric] = &[
    Metric::Invocations,
    Metric::Errors,
    Metric::Throttles,
    Metric::DurationP99,
    Metric::ConcurrentExecutions,
    Metric::AsyncEventAge,
    Metric::AsyncEventsDropped,
];

/// What may be spent.
struct Purse {
    left: f64,
    filled: Instant,
}

impl Purse {
    fn new() -> Self {
        Self {
            left: BURST,
            filled: Instant::now(),
        }
    }

    fn afford(&mut self, metrics: usize) -> bool {
        let now = Instant::now();
        self.left = (self.left + now.duration_since(self.filled).as_secs_f64() * PER_HOUR / 3600.0).min(BURST);
        self.filled = now;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let cost = metrics as f64;
        let enough = self.left >= cost;
        if enough {
            self.left -= cost;
        }
        enough
    }
}

/// Reads metrics for ever.
pub async fn run(shared: &Shared) -> Result<(), Error> {
    let mut purse = Purse::new();
    let mut round: u32 = 0;
    let mut before: Option<f64> = None;
    loop {
        shared.link.ready().await;
        let account: Vec<Query> = ACCOUNT
            .iter()
            .map(|metric| Query {
                subject: Subject::Account,
                metric: *metric,
            })
            .collect();
        let span = if round == 0 { DAY } else { LATE };
        let mut moved = false;
        if purse.afford(account.len()) {
            match read(shared, &account, span).await {
                Ok(points) => {
                    shared.works().await;
                    let bad: f64 = points.iter().map(|point| point.value).sum();
                    moved = bad > before.unwrap_or(0.0);
                    before = Some(bad);
                }
                Err(error) => shared.fails("metrics (cloudwatch:GetMetricData)", &error).await,
            }
        }
        for (queries, span) in wanted(shared, moved, round) {
            if !queries.is_empty() && purse.afford(queries.len()) {
                if let Err(error) = read(shared, &queries, span).await {
                    shared.fails("metrics (cloudwatch:GetMetricData)", &error).await;
                }
            }
        }
        round = round.wrapping_add(1);
        shared.pause_or_look(shared.pace.metrics).await;
    }
}

/// What else to ask, dearest to the person first.
fn wanted(shared: &Shared, moved: bool, round: u32) -> Vec<(Vec<Query>, SignedDuration)> {
    let targets = shared.targets.borrow();
    let interest = shared.interest.borrow();
    let query = |id: &NodeId, metric: Metric| Query {
        subject: Subject::Node(id.clone()),
        metric,
    };
    let of_node = |id: &NodeId| -> Vec<Query> {
        if targets.functions.contains_key(id) {
            let age = targets.stream_readers.contains(id).then_some(Metric::IteratorAge);
            LOOKED_AT
                .iter()
                .copied()
                .chain(age)
                .map(|metric| query(id, metric))
                .collect()
        } else if targets.queues.contains_key(id) {
            vec![query(id, Metric::OldestMessageAge), query(id, Metric::MessagesSent)]
        } else if targets.rules.contains(id) {
            vec![query(id, Metric::RuleInvocations), query(id, Metric::RuleFailures)]
        } else {
            Vec::new()
        }
    };
    let mut all = Vec::new();
    if let Some(selected) = &interest.selected {
        all.push((of_node(selected), HOUR));
    }
    let functions: BTreeSet<&NodeId> = targets.functions.keys().collect();
    if moved || round == 0 {
        all.push((
            functions
                .iter()
                .flat_map(|id| MOVED.iter().map(|m| query(id, *m)))
                .collect(),
            HOUR,
        ));
    }
    if round.is_multiple_of(LOSSES_EVERY) {
        let topics = targets.topics.iter().map(|id| query(id, Metric::NotificationsLost));
        let rules = targets.rules.iter().map(|id| query(id, Metric::RuleEventsLost));
        all.push((topics.chain(rules).collect(), HOUR));
        all.push((
            targets
                .stream_readers
                .iter()
                .map(|id| query(id, Metric::IteratorAge))
                .collect(),
            HOUR,
        ));
    }
    all
}

async fn read(shared: &Shared, queries: &[Query], span: SignedDuration) -> Result<Vec<Point>, Error> {
    let now = shared.emit.clock().now();
    let from = now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
    let series = shared.session.metrics(queries, from, now).await?;
    let mut all = Vec::new();
    for (query, points) in series {
        if matches!(
            query.metric,
            Metric::Errors | Metric::Throttles | Metric::AsyncEventsDropped
        ) {
            all.extend(points.iter().copied());
        }
        let Query { subject, metric } = query;
        shared
            .emit
            .send(Fact::Metric {
                subject,
                metric,
                points,
            })
            .await;
    }
    Ok(all)
}
