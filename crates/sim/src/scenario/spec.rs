//! The shape of a scenario file.

use std::sync::Arc;

use serde::Deserialize;

use super::source::{Mistake, Source};
use super::wording::reword;
use super::{Error, Length, Pairs, Span};
use crate::behaviour::Behaviour;
use crate::world::script::{ScriptSpec, TrafficSpec};

/// A scenario as it is written. An unknown key is an error with its line.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the keys are described in docs/scenarios.md")]
pub struct Scenario {
    pub title: String,
    pub description: String,
    /// The region where nothing else says one.
    pub region: Option<String>,
    pub account: Option<String>,
    pub seed: u64,
    /// How fast time goes on screen; 1 where it is not said.
    pub speed: Option<f64>,
    /// How long the account has run before it is first seen.
    pub history: Option<Length>,
    pub lateness: Lateness,
    pub queue: Vec<QueueSpec>,
    pub function: Vec<FunctionSpec>,
    pub topic: Vec<TopicSpec>,
    pub bucket: Vec<BucketSpec>,
    pub bus: Vec<BusSpec>,
    pub rule: Vec<RuleSpec>,
    pub table: Vec<TableSpec>,
    pub stream: Vec<StreamSpec>,
    pub mapping: Vec<MappingSpec>,
    pub api: Vec<ApiSpec>,
    pub user_pool: Vec<UserPoolSpec>,
    pub state_machine: Vec<StateMachineSpec>,
    pub load_balancer: Vec<LoadBalancerSpec>,
    pub secret: Vec<SecretSpec>,
    pub schedule: Vec<ScheduleSpec>,
    pub alarm: Vec<AlarmSpec>,
    pub traffic: Vec<TrafficSpec>,
    pub script: Vec<ScriptSpec>,
    /// Parts that are there several times, with `{i}` for the number.
    pub repeat: Vec<Repeat>,
    /// The file, for errors.
    #[serde(skip)]
    pub(super) source: Source,
}

/// How late things show.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lateness {
    /// Log lines.
    pub logs: Option<Span>,
    /// Metrics, after their minute.
    pub metrics: Option<Span>,
}

/// More are no account that anybody has, and would not be ready in time.
const MOST_TIMES: u32 = 10_000;

/// Resources that are there several times.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Repeat {
    /// How often; `{i}` counts from 1.
    pub times: u32,
    pub queue: Vec<QueueSpec>,
    pub function: Vec<FunctionSpec>,
    pub topic: Vec<TopicSpec>,
    pub bucket: Vec<BucketSpec>,
    pub rule: Vec<RuleSpec>,
    pub table: Vec<TableSpec>,
    pub stream: Vec<StreamSpec>,
    pub mapping: Vec<MappingSpec>,
    pub api: Vec<ApiSpec>,
    pub schedule: Vec<ScheduleSpec>,
    pub traffic: Vec<TrafficSpec>,
}

macro_rules! specs {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty,)* })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $(pub $field: $type,)* }
    )* };
}

specs! {
    /// A queue; `.fifo` at the end of its name makes it one.
    QueueSpec {
        name: String, visibility: Option<Length>, retention: Option<Length>, delay: Option<Length>, dlq: Option<String>,
        max_receives: Option<u32>, tags: Pairs,
    }
    /// A function and what it does.
    FunctionSpec {
        name: String, description: String, runtime: Option<String>, timeout: Option<Length>, memory: Option<u32>,
        log_format: Option<String>, env: Pairs, tags: Pairs, dlq: Option<String>, retries: Option<u32>,
        max_age: Option<Length>, on_success: Option<String>, on_failure: Option<String>, reserved: Option<u32>,
        tracing: bool, allow_loop: bool, url: bool, writes: Option<Vec<String>>,
        logs_of: Vec<String>, log_pattern: Option<String>, does: Option<Arc<Behaviour>>,
    }
    /// A topic and who listens.
    TopicSpec { name: String, subscribe: Vec<SubscribeSpec>, tags: Pairs, }
    /// A subscription.
    SubscribeSpec { to: String, filter: Option<String>, filter_body: bool, raw: bool, dlq: Option<String>, unpermitted: bool, dlq_unpermitted: bool, }
    /// A bucket and its notifications.
    BucketSpec { name: String, notify: Vec<NotifySpec>, event_bus: bool, tags: Pairs, }
    /// A notification.
    NotifySpec { to: String, events: Vec<String>, prefix: Option<String>, suffix: Option<String>, unpermitted: bool, }
    /// A bus beside the default one.
    BusSpec { name: String, }
    /// A rule.
    RuleSpec {
        name: String, bus: Option<String>, schedule: Option<String>, pattern: Option<String>, description: Option<String>,
        disabled: bool, target: Vec<TargetSpec>, tags: Pairs,
    }
    /// A target of a rule or a schedule.
    TargetSpec {
        to: String, dlq: Option<String>, retries: Option<u32>, max_age: Option<Length>, input: Option<String>,
        unpermitted: bool, dlq_unpermitted: bool,
    }
    /// A table.
    TableSpec { name: String, key: Option<String>, sort: Option<String>, stream: bool, tags: Pairs, }
    /// A Kinesis stream.
    StreamSpec { name: String, shards: Option<usize>, retention: Option<Length>, tags: Pairs, }
    /// An event source mapping.
    MappingSpec {
        from: String, to: String, batch: Option<usize>, window: Option<Length>, filter: Vec<String>, partial: bool,
        max_concurrency: Option<usize>, on_failure: Option<String>, retries: Option<i64>, max_age: Option<Length>,
        bisect: bool, lanes: Option<usize>, from_start: bool, disabled: bool,
    }
    /// An HTTP API: routes and the functions behind them.
    ApiSpec { name: String, routes: Pairs, }
    /// A user pool and the function that it asks at each sign-in.
    UserPoolSpec { name: String, asks: String, }
    /// A state machine: the function of its first task, and whether that lacks the `Retry` that AWS recommends; what further tasks
    /// run or send to, and the queue that gets the input where one fails.
    StateMachineSpec { name: String, runs: String, no_retry: bool, then: Vec<String>, catch: Option<String>, }
    /// A load balancer and the function that a path leads to.
    LoadBalancerSpec { name: String, to: String, path: Option<String>, host: Option<String>, }
    /// A secret that a function rotates.
    SecretSpec { name: String, rotates: String, days: Option<u32>, }
    /// A schedule of the Scheduler.
    ScheduleSpec { name: String, expression: String, zone: Option<String>, target: TargetSpec, }
    /// An alarm on the sum or the maximum of a metric of a function, a queue or a topic.
    AlarmSpec {
        name: String, description: Option<String>, function: Option<String>, queue: Option<String>, metric: String,
        statistic: Option<String>, above: f64, periods: Option<usize>, actions: Vec<String>, unpermitted: bool,
    }
}

impl Scenario {
    /// Reads a scenario.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let source = Source::new(text);
        let mut scenario: Self = toml::from_str(text).map_err(|error| source.unreadable(&error))?;
        scenario.source = source;
        if !scenario.repeat.is_empty() {
            scenario.count_through(text)?;
        }
        scenario.check()?;
        Ok(scenario)
    }

    /// Takes in what is there several times. It was read once as it stands, so that mistakes have their line, and is read
    /// again as plain tables, to count through.
    fn count_through(&mut self, text: &str) -> Result<(), Error> {
        let plain: toml::Table = toml::from_str(text).map_err(|error| self.source.unreadable(&error))?;
        let parts = plain
            .get("repeat")
            .and_then(toml::Value::as_array)
            .cloned()
            .unwrap_or_default();
        for (n, repeat) in self.repeat.iter().enumerate() {
            if !(1..=MOST_TIMES).contains(&repeat.times) {
                let why = format!("`times` is {}: give a number from 1 to {MOST_TIMES}", repeat.times);
                return Err(self.source.in_part("repeat", n, Mistake::key("times", why)));
            }
        }
        for (n, (part, repeat)) in parts.iter().zip(std::mem::take(&mut self.repeat)).enumerate() {
            for i in 1..=repeat.times {
                let numbered = numbered(part, i).try_into().map_err(|error: toml::de::Error| {
                    let why = format!("round {i} of this `repeat` cannot be read: {}", reword(error.message()));
                    self.source.in_part("repeat", n, Mistake::key("times", why))
                })?;
                self.take_in(numbered);
            }
        }
        Ok(())
    }

    fn take_in(&mut self, part: Repeat) {
        self.queue.extend(part.queue);
        self.function.extend(part.function);
        self.topic.extend(part.topic);
        self.bucket.extend(part.bucket);
        self.rule.extend(part.rule);
        self.table.extend(part.table);
        self.stream.extend(part.stream);
        self.mapping.extend(part.mapping);
        self.api.extend(part.api);
        self.schedule.extend(part.schedule);
        self.traffic.extend(part.traffic);
    }
}

/// A value with `{i}` replaced in all its texts.
fn numbered(value: &toml::Value, i: u32) -> toml::Value {
    match value {
        toml::Value::String(text) => text.replace("{i}", &i.to_string()).into(),
        toml::Value::Array(list) => list.iter().map(|v| numbered(v, i)).collect::<Vec<_>>().into(),
        toml::Value::Table(table) => toml::Value::Table(
            table
                .iter()
                .map(|(k, v)| (k.replace("{i}", &i.to_string()), numbered(v, i)))
                .collect(),
        ),
        other => other.clone(),
    }
}
