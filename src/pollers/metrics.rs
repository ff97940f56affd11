//! Metrics, read slowly because each one costs: account-wide sums every minute, single functions only if something changed
//! or they are on screen, and losses of rules, topics and schedule groups every 15 minutes.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::context::Shared;
use super::rounds::{Ask, Rounds, of_account};
use crate::aws::Error;
use crate::aws::cloudwatch::Query;
use crate::domain::{Fact, Metric, Point};
use crate::pollers::unread::Unread;

/// Saved up at most, so that a burst of looking around is answered at once.
const BURST: f64 = 200.0;
/// So many functions can be asked about as soon as they are found.
pub const FUNCTIONS_AT_ONCE: usize = 50;
/// So many rules, topics and schedule groups besides.
pub const LOSSES_AT_ONCE: usize = 30;
/// So many queues besides.
pub const QUEUES_AT_ONCE: usize = 5;
/// CloudWatch is this late; what was read before is read again.
pub(super) const LATE: SignedDuration = SignedDuration::from_mins(10);
/// How far back single functions, rules and topics are read.
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Far enough for the same hour yesterday.
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(25);
/// What cannot be read is called so.
const WHAT: Unread = Unread::Metrics;

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
    let mut rounds = Rounds::default();
    loop {
        shared.link.ready().await;
        let account = of_account();
        let span = if rounds.is_first() { DAY } else { LATE };
        let targets = shared.targets.borrow().clone();
        let mut sums = Vec::new();
        if purse.afford(account.len(), Instant::now()) {
            match read(shared, &account, span).await {
                Ok(series) => {
                    shared.works().await;
                    rounds.counted(&series, &targets);
                    sums = series;
                }
                Err(error) => shared.fails(WHAT, &error).await,
            }
        }
        let interest = shared.interest.borrow().clone();
        let asks = rounds.asks(&interest, &targets);
        let queries = affordable(asks, |metrics| purse.afford(metrics, Instant::now()));
        if !queries.is_empty() {
            match read(shared, &queries, HOUR).await {
                Ok(mut series) => {
                    // First: whoever waits for losses waits for expiry as well.
                    series.sort_by_key(|(query, _)| query.metric != Metric::OldestMessageAge);
                    rounds.answered(&series);
                    tell(shared, series).await;
                }
                Err(error) => shared.fails(WHAT, &error).await,
            }
        }
        // Only now, so that an event that the account counts as dropped is never without the function that dropped it.
        tell(shared, sums).await;
        rounds.end();
        let mut found = shared.targets.clone();
        let known = targets.count();
        tokio::select! {
            () = shared.pause_or_look(shared.pace.metrics) => {}
            // A survey found something: it is not left unread until the next round.
            found = found.wait_for(|now| now.count() > known) => if found.is_err() { return Ok(()) },
        }
    }
}

/// As many as can be paid, in their order; a dear one that cannot be paid yet waits, and cheaper ones behind it do not.
pub(super) fn affordable(asks: Vec<Ask>, mut afford: impl FnMut(usize) -> bool) -> Vec<Query> {
    asks.into_iter().filter(|ask| afford(ask.len())).flatten().collect()
}

async fn read(shared: &Shared, queries: &[Query], span: SignedDuration) -> Result<Vec<(Query, Vec<Point>)>, Error> {
    let now = shared.emit.clock().now();
    let from = now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
    shared.session.metrics(queries, from, now).await
}

async fn tell(shared: &Shared, series: Vec<(Query, Vec<Point>)>) {
    for (Query { subject, metric }, points) in series {
        let fact = Fact::Metric {
            subject,
            metric,
            points,
        };
        shared.emit.send(fact).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::aws::api;
    use crate::aws::meter::Meter;
    use crate::pollers::intervals::Pace;
    use crate::pollers::queues::PER_SECOND;
    use crate::pollers::rounds::queries::{ACCOUNT, LOOKED_AT, MOVED};

    #[test]
    fn what_cannot_be_paid_waits_and_cheaper_ones_do_not() {
        let ask = |n: usize| vec![of_account()[0].clone(); n];
        let mut left = 10;
        let paid = affordable(vec![ask(3), ask(8), ask(7), ask(1)], |metrics| {
            let enough = left >= metrics;
            left -= if enough { metrics } else { 0 };
            enough
        });
        assert_eq!((paid.len(), left), (10, 0));
    }

    #[test]
    fn what_a_command_waits_for_is_paid_at_once() {
        let start = Instant::now();
        let mut purse = Purse::new(Pace::AWS.metrics_per_hour, start);
        // The account is read before anything is found, when the functions are, and when all the rest is.
        let account = 3 * ACCOUNT.len();
        assert!(purse.afford(
            account + FUNCTIONS_AT_ONCE * MOVED.len() + LOSSES_AT_ONCE + QUEUES_AT_ONCE,
            start
        ));
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
            for metrics in [FUNCTIONS * MOVED.len(), LOOKED_AT.len(), ACCOUNT.len(), 1] {
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
                // Four alarms for each function, a hundred on each page.
                (0..2).for_each(|_| call(&api::DESCRIBE_ALARMS, 0));
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
