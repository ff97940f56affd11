//! How often things are read.

use std::time::Duration;

use crate::aws::Session;

/// How often things are read, in wall time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between the end of one survey and the start of the next; longer where a survey takes longer.
    pub survey: Duration,
    /// The selected node.
    pub focus: Duration,
    /// What is on screen.
    pub seen: Duration,
    /// What is not.
    pub unseen: Duration,
    /// Account-wide metrics and alarms.
    pub metrics: Duration,
    /// Metrics that may be asked for in an hour: each costs.
    pub metrics_per_hour: f64,
    /// Log groups whose subscriptions one survey reads again: each takes a call of a small budget. One that was never read is
    /// read besides.
    pub log_groups_again: usize,
    /// Surveys that carry on with what is known of buckets and alarms, after one that reads them: each reading costs.
    pub surveys_between_buckets: u32,
}

impl Pace {
    /// For an account that costs money.
    pub const AWS: Self = Self {
        survey: Duration::from_mins(1),
        focus: Duration::from_secs(2),
        seen: Duration::from_secs(5),
        unseen: Duration::from_mins(1),
        metrics: Duration::from_mins(1),
        // At $0.01 a thousand that is $0.023. A test holds that everything together stays under $0.05 an hour, also in the
        // ten minutes in which what was saved up is spent.
        metrics_per_hour: 2_300.0,
        log_groups_again: 25,
        surveys_between_buckets: 9,
    };

    /// For the account of a session: one that shows its own time is simulated, and costs nothing.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        if session.clock().is_some_and(|clock| clock.is_simulated()) {
            Self::DEMO
        } else {
            Self::AWS
        }
    }

    /// For a simulated account, whose time may run faster.
    pub const DEMO: Self = Self {
        survey: Duration::from_secs(10),
        focus: Duration::from_millis(700),
        seen: Duration::from_secs(1),
        unseen: Duration::from_secs(5),
        metrics: Duration::from_secs(5),
        // The account's sums in every round, and as much again for what changed and what is on screen.
        metrics_per_hour: 7_200.0,
        log_groups_again: 250,
        surveys_between_buckets: 0,
    };
}
