//! Metrics, swept slowly because each one asked for costs: account-wide sums every minute, single functions only where
//! something moved or somebody looks.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::shared::Shared;
use super::targets::Targets;
use crate::aws::Error;
use crate::aws::cloudwatch::Query;
use crate::domain::{Fact, Interest, Metric, NodeId, Point, Subject};

/// Saved up at the most, so that a burst of looking around is answered at once.
const BURST: f64 = 200.0;
/// Asked for together about functions that may have moved: what cannot all be afforded is read in turns.
const TOGETHER: usize = 90;
/// So many functions can be asked about as soon as they are found.
pub const FUNCTIONS_AT_ONCE: usize = 60;
/// CloudWatch is this late; what was read before is read again.
pub(super) const LATE: SignedDuration = SignedDuration::from_mins(10);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Far enough for the same hour yesterday.
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(25);
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
    per_hour: f64,
    left: f64,
    filled: Instant,
}

impl Purse {
    fn new(per_hour: f64, now: Instant) -> Self {
        Self {
            per_hour,
            left: BURST,
            filled: now,
        }
    }

    fn afford(&mut self, metrics: usize, now: Instant) -> bool {
        self.left = (self.left + now.duration_since(self.filled).as_secs_f64() * self.per_hour / 3600.0).min(BURST);
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
    let mut purse = Purse::new(shared.pace.metrics_per_hour, Instant::now());
    let mut round: u32 = 0;
    let mut before: Option<f64> = None;
    let mut looked_at = Targets::default();
    loop {
        shared.link.ready().await;
        let account = of_account();
        let span = if round == 0 { DAY } else { LATE };
        let mut moved = false;
        if purse.afford(account.len(), Instant::now()) {
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
        let targets = shared.targets.borrow().clone();
        let interest = shared.interest.borrow().clone();
        for (queries, span) in wanted(&interest, &targets, &looked_at, moved, round) {
            if !queries.is_empty()
                && purse.afford(queries.len(), Instant::now())
                && let Err(error) = read(shared, &queries, span).await
            {
                shared.fails("metrics (cloudwatch:GetMetricData)", &error).await;
            }
        }
        looked_at = targets;
        round = round.wrapping_add(1);
        let mut found = shared.targets.clone();
        let is_new = |now: &Targets| now.functions.keys().any(|id| !looked_at.functions.contains_key(id));
        tokio::select! {
            () = shared.pause_or_look(shared.pace.metrics) => {}
            // A survey found functions: they are not left unread until the next round.
            found = found.wait_for(|now| is_new(now)) => if found.is_err() { return Ok(()) },
        }
    }
}

/// What is asked about the whole account.
pub(super) fn of_account() -> Vec<Query> {
    let query = |metric: &Metric| Query {
        subject: Subject::Account,
        metric: *metric,
    };
    ACCOUNT.iter().map(query).collect()
}

/// What else to ask, dearest to the person first. What the survey found since the last round was not looked at yet: it is
/// read at once, not only when its turn comes.
pub(super) fn wanted(
    interest: &Interest,
    targets: &Targets,
    before: &Targets,
    moved: bool,
    round: u32,
) -> Vec<(Vec<Query>, SignedDuration)> {
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
    let fresh = |id: &&NodeId| !before.functions.contains_key(*id);
    let functions = targets.functions.keys().filter(|id| moved || fresh(id));
    let each: Vec<Query> = functions
        .flat_map(|id| MOVED.iter().map(|metric| query(id, *metric)))
        .collect();
    all.extend(in_turns(&each, round).map(|part| (part, HOUR)));
    let turn = round.is_multiple_of(LOSSES_EVERY);
    let due = |now: &BTreeSet<NodeId>, before: &BTreeSet<NodeId>, metric: Metric| -> Vec<Query> {
        let ids = now.iter().filter(|id| turn || !before.contains(*id));
        ids.map(|id| query(id, metric)).collect()
    };
    let topics = due(&targets.topics, &before.topics, Metric::NotificationsLost);
    let rules = due(&targets.rules, &before.rules, Metric::RuleEventsLost);
    all.extend(in_turns(&[topics, rules].concat(), round / LOSSES_EVERY).map(|part| (part, HOUR)));
    let ages = due(&targets.stream_readers, &before.stream_readers, Metric::IteratorAge);
    all.push((ages, HOUR));
    all
}

/// Queries in parts that the purse can afford: those that it left out last time come earlier.
fn in_turns(queries: &[Query], turn: u32) -> impl Iterator<Item = Vec<Query>> + use<> {
    let mut parts: Vec<_> = queries.chunks(TOGETHER).map(<[Query]>::to_vec).collect();
    let first = (turn as usize).checked_rem(parts.len()).unwrap_or(0);
    parts.rotate_left(first);
    parts.into_iter()
}

/// Whether values of it make one look closer.
pub(super) fn is_bad(metric: Metric) -> bool {
    matches!(metric, Metric::Errors | Metric::Throttles | Metric::AsyncEventsDropped)
}

async fn read(shared: &Shared, queries: &[Query], span: SignedDuration) -> Result<Vec<Point>, Error> {
    let now = shared.emit.clock().now();
    let from = now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
    let series = shared.session.metrics(queries, from, now).await?;
    let mut all = Vec::new();
    for (query, points) in series {
        if is_bad(query.metric) {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::aws::api;
    use crate::aws::meter::Meter;
    use crate::observe::pace::Pace;
    use crate::observe::queues::PER_SECOND;

    #[test]
    fn what_is_too_much_at_once_is_asked_for_in_turns() {
        let queries: Vec<Query> = (0..200)
            .map(|n| Query {
                subject: Subject::Node(format!("f{n}").into()),
                metric: Metric::Errors,
            })
            .collect();
        let firsts: Vec<Vec<Query>> = (0..3).filter_map(|turn| in_turns(&queries, turn).next()).collect();
        assert!(firsts.iter().all(|part| part.len() <= TOGETHER));
        let mut first = firsts.concat();
        first.sort_by_key(|query| format!("{:?}", query.subject));
        first.dedup();
        assert_eq!(first.len(), queries.len(), "each is first in its turn");
        assert_eq!(in_turns(&[], 7).count(), 0);
    }

    /// The sums of the whole account are read in every round, and what somebody looks at is not left out for them.
    #[test]
    fn the_demo_can_always_afford_the_account_and_what_is_looked_at() {
        let (pace, start) = (Pace::DEMO, Instant::now());
        let mut purse = Purse::new(pace.metrics_per_hour, start);
        for round in 0..1_200_u32 {
            let now = start + pace.metrics * round;
            assert!(purse.afford(ACCOUNT.len(), now), "round {round}");
            if round % 2 == 1 {
                assert!(purse.afford(LOOKED_AT.len(), now), "round {round}");
            }
        }
    }

    /// Fifty functions with all that may hang on them, and somebody who always looks at what costs most.
    #[test]
    fn the_default_pace_stays_under_five_cents_an_hour_at_fifty_functions() {
        const FUNCTIONS: usize = 50;
        const EACH: usize = 50;
        let (pace, start) = (Pace::AWS, Instant::now());
        let (meter, mut purse) = (Meter::default(), Purse::new(pace.metrics_per_hour, start));
        let mut dearest: f64 = 0.0;
        for second in 0..2 * 3_600_u64 {
            let now = start + Duration::from_secs(second);
            let call = |api, metrics| meter.count_at(now.into_std(), api, metrics);
            (0..PER_SECOND).for_each(|_| call(&api::GET_QUEUE_ATTRIBUTES, 0));
            // Whatever the purse lets go is asked for at once.
            for metrics in [FUNCTIONS * MOVED.len(), TOGETHER, LOOKED_AT.len(), ACCOUNT.len(), 1] {
                while purse.afford(metrics, now) {
                    call(&api::GET_METRIC_DATA, metrics as u64);
                }
            }
            if second.is_multiple_of(pace.metrics.as_secs()) {
                call(&api::DESCRIBE_ALARMS, 0);
            }
            if second.is_multiple_of(pace.survey.as_secs()) {
                for api in [&api::LIST_QUEUES, &api::LIST_TOPICS, &api::LIST_SUBSCRIPTIONS] {
                    call(api, 0);
                }
                for _ in 0..EACH {
                    call(&api::GET_QUEUE_ATTRIBUTES, 0);
                    call(&api::GET_SUBSCRIPTION_ATTRIBUTES, 0);
                    call(&api::GET_TOPIC_ATTRIBUTES, 0);
                }
            }
            let buckets = pace.survey.as_secs() * (u64::from(pace.surveys_between_buckets) + 1);
            if second.is_multiple_of(buckets) {
                (0..=EACH).for_each(|_| call(&api::GET_BUCKET_NOTIFICATION, 0));
            }
            dearest = dearest.max(meter.read_at(now.into_std()).dollars_per_hour);
        }
        assert!(dearest < 0.05, "${dearest:.4} an hour");
        assert!(dearest > 0.03, "${dearest:.4} an hour: the test asks for too little");
        let end = start + Duration::from_hours(2);
        let whole = meter.read_at(end.into_std()).dollars;
        assert!(whole < 0.1, "${whole:.4} in two hours");
    }
}
