//! The simulated account: functions, queues, topics, buckets, buses, tables and streams whose events really travel.
//!
//! Without I/O and driven by an external clock: [`World::advance_to`] advances account time, and everything due by then
//! happens in order. Reading changes nothing, and random values depend on the seed and the entity, so the same account
//! always behaves the same, however it is read. It behaves as AWS does; what AWS does not publish is marked as simulated.

pub mod alarm;
pub mod api;
pub mod arn;
mod asynchronous;
mod batch;
pub mod bucket;
pub mod bus;
mod destination;
mod event_queue;
mod feed;
pub mod front;
pub mod function;
pub mod ground_truth;
pub mod held;
pub mod invocation;
mod knobs;
pub mod lineage;
pub mod log_filter;
mod log_lines;
pub mod logs;
pub mod mapping;
pub mod message;
mod metric_buckets;
pub mod metrics;
pub mod move_task;
mod notification;
mod outcome;
pub mod pattern;
pub mod policy;
pub mod queue;
mod queue_mapping;
mod queues;
mod reader;
pub mod receipt;
pub mod rng;
mod role;
mod run;
mod sandbox;
pub mod schedule;
pub mod scheduler;
pub mod script;
mod shape;
pub mod state_machine;
mod steps;
pub mod stream;
mod stream_limits;
mod stream_mapping;
pub mod table;
pub mod template;
pub mod topic;
pub mod user_pool;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use alarm::{Alarm, AlarmState};
use event_queue::Agenda;
pub use event_queue::Happening;
use rng::Chance;

use super::behaviour::Behaviours;
use super::duration::Span;
use script::Script;

/// How late the account shows what happened.
#[derive(Clone, Copy, Debug)]
pub struct Lateness {
    /// From a line's own time until it can be read. AWS (logs): seconds, in bad hours minutes.
    pub logs: Span,
    /// From the end of a minute until its metrics can be read. AWS (metrics): 1 to 3 minutes.
    pub metrics: Span,
}

impl Default for Lateness {
    fn default() -> Self {
        Self {
            logs: Span::range(500, 5000),
            metrics: Span::range(60_000, 90_000),
        }
    }
}

/// What time it is in the account, and what is due when.
#[derive(Debug)]
pub(crate) struct Clock {
    pub(crate) now: i64,
    pub(crate) started: i64,
    pub(crate) agenda: Agenda,
}

/// Lambda: functions, their triggers, and running invocations.
#[derive(Debug)]
pub(crate) struct Lambda {
    /// How many functions may run at once, reserved ones left out. AWS's default: 1,000.
    pub(crate) concurrency: u32,
    pub(crate) functions: BTreeMap<String, function::Function>,
    pub(crate) runs: BTreeMap<u64, invocation::Run>,
    pub(crate) waiting_calls: BTreeMap<u64, invocation::Waiting>,
    pub(crate) asyncs: BTreeMap<u64, asynchronous::AsyncEvent>,
    pub(crate) mappings: BTreeMap<String, mapping::Mapping>,
    pub(crate) batches: BTreeMap<u64, batch::Batch>,
}

impl Default for Lambda {
    fn default() -> Self {
        Self {
            concurrency: 1000,
            functions: BTreeMap::new(),
            runs: BTreeMap::new(),
            waiting_calls: BTreeMap::new(),
            asyncs: BTreeMap::new(),
            mappings: BTreeMap::new(),
            batches: BTreeMap::new(),
        }
    }
}

/// SQS and SNS.
#[derive(Debug, Default)]
pub(crate) struct Messaging {
    pub(crate) queues: BTreeMap<String, queue::Queue>,
    pub(crate) moves: BTreeMap<u64, move_task::MoveTask>,
    pub(crate) topics: BTreeMap<String, topic::Topic>,
    pub(crate) subscribers: BTreeMap<u64, topic::Delivery>,
}

/// S3, DynamoDB and Kinesis, and what is only kept.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    pub(crate) buckets: BTreeMap<String, bucket::Bucket>,
    pub(crate) notifications: BTreeMap<u64, notification::Notification>,
    pub(crate) tables: BTreeMap<String, table::Table>,
    pub(crate) streams: BTreeMap<String, stream::DataStream>,
    /// Roles, policies, pipes and what else is only kept and echoed: by kind and name.
    pub(crate) shelf: BTreeMap<(String, String), super::value::Value>,
}

/// EventBridge and its Scheduler.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) buses: BTreeMap<String, bus::Bus>,
    pub(crate) targets: BTreeMap<u64, bus::Delivery>,
    pub(crate) schedules: BTreeMap<(String, String), scheduler::Schedule>,
    pub(crate) schedule_groups: BTreeMap<String, i64>,
}

/// What calls functions and waits: API Gateway, Cognito, Step Functions.
#[derive(Debug, Default)]
pub(crate) struct Fronts {
    pub(crate) apis: BTreeMap<String, api::Api>,
    /// By name.
    pub(crate) user_pools: BTreeMap<String, user_pool::UserPool>,
    pub(crate) sign_ins: BTreeMap<u64, user_pool::SignIn>,
    pub(crate) state_machines: BTreeMap<String, state_machine::StateMachine>,
    pub(crate) executions: BTreeMap<u64, state_machine::Execution>,
    pub(crate) balancers: BTreeMap<String, front::LoadBalancer>,
    pub(crate) secrets: BTreeMap<String, front::Secret>,
}

/// What the account shows of what happened, and what really did.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) logs: logs::Logs,
    pub(crate) metrics: metrics::Metrics,
    pub(crate) alarms: BTreeMap<String, alarm::Alarm>,
    /// The ground truth: what happened to each event, where that is kept.
    pub(crate) chronicle: Option<Vec<ground_truth::Entry>>,
    /// Bytes of state, as of the last minute.
    state_bytes: usize,
}

/// The account.
#[derive(Debug)]
pub struct World {
    pub(crate) clock: Clock,
    pub(crate) chance: Chance,
    pub(crate) ids: u64,
    /// The account's number.
    pub account: String,
    /// The account's region.
    pub region: String,
    /// How late things show.
    pub lateness: Lateness,
    /// Behaviours for functions that a client creates.
    pub behaviours: Behaviours,
    pub(crate) lambda: Lambda,
    pub(crate) messaging: Messaging,
    pub(crate) storage: Storage,
    pub(crate) events: Events,
    pub(crate) fronts: Fronts,
    pub(crate) records: Records,
    /// The scenario's traffic and script.
    pub(crate) script: Script,
    /// The account's other regions, once used. Nothing travels between regions.
    pub(crate) abroad: BTreeMap<String, World>,
}

impl World {
    /// An empty account at this moment (milliseconds since 1970), with its default bus.
    #[must_use]
    pub fn new(start_ms: i64, seed: u64, account_id: &str, region: &str) -> Self {
        let mut world = Self {
            clock: Clock {
                now: start_ms,
                started: start_ms,
                agenda: Agenda::default(),
            },
            chance: Chance::new(seed),
            ids: 0,
            account: account_id.to_owned(),
            region: region.to_owned(),
            lateness: Lateness::default(),
            behaviours: Behaviours::default(),
            lambda: Lambda::default(),
            messaging: Messaging::default(),
            storage: Storage::default(),
            events: Events::default(),
            fronts: Fronts::default(),
            records: Records::default(),
            script: Script::default(),
            abroad: BTreeMap::new(),
        };
        world.events.buses.insert("default".to_owned(), bus::Bus::default());
        world.events.schedule_groups.insert("default".to_owned(), start_ms);
        world.later((start_ms.div_euclid(60_000) + 1) * 60_000, Happening::Minute);
        world
    }

    /// Account time, milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now
    }

    /// When the account began.
    #[must_use]
    pub fn started(&self) -> i64 {
        self.clock.started
    }

    /// The time of the next scheduled event.
    #[must_use]
    pub fn next_event(&self) -> Option<i64> {
        let abroad = self.abroad.values().filter_map(|world| world.clock.agenda.next());
        self.clock.agenda.next().into_iter().chain(abroad).min()
    }

    /// The account in a region: itself, or an account of its own there, empty at first.
    pub(crate) fn in_region(&mut self, region: &str) -> &mut World {
        if region == self.region || region.is_empty() {
            return self;
        }
        let (now, account, behaviours) = (self.clock.now, &self.account, &self.behaviours);
        let seed = self.chance.bits(region, 0);
        self.abroad.entry(region.to_owned()).or_insert_with(|| {
            let mut world = World::new(now, seed, account, region);
            world.behaviours = behaviours.clone();
            world
        })
    }

    /// Lets time pass until `t_ms`: all that is due by then happens, in order. Time never goes back.
    pub fn advance_to(&mut self, t_ms: i64) {
        while let Some((at, what)) = self.clock.agenda.take(t_ms) {
            self.clock.now = self.clock.now.max(at);
            self.happen(what);
        }
        self.clock.now = self.clock.now.max(t_ms);
        for world in self.abroad.values_mut() {
            world.advance_to(t_ms);
        }
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Async(id) => self.try_async(id),
            Happening::Run(id) => self.step_run(id),
            Happening::QueuePoll(mapping) => self.poll_queue(&mapping),
            Happening::QueueRetry(batch) => self.try_batch(batch),
            Happening::StreamPoll { mapping, shard, lane } => self.poll_stream(&mapping, shard, lane),
            Happening::Subscriber(id) => self.try_subscriber(id),
            Happening::Target(id) => self.try_target(id),
            Happening::Notification(id) => self.notify(id),
            Happening::Rule(bus, rule) => self.fire_rule(&bus, &rule),
            Happening::Schedule(group, name) => self.fire_schedule(&group, &name),
            Happening::LogFeed(group) => self.feed_logs(&group),
            Happening::Move(id) => self.step_move(id),
            Happening::SignIn(id, attempt) => self.pool_waited(id, attempt),
            Happening::Task(id) => self.run_task(id),
            Happening::Minute => self.minute(),
            Happening::Traffic(index) => self.traffic(index),
            Happening::Script(index) => self.script_due(index),
        }
    }

    /// Sets an event down for later; never before now.
    pub(crate) fn later(&mut self, at: i64, what: Happening) {
        self.clock.agenda.add(at.max(self.clock.now), what);
    }

    /// A number of its own for something new.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// A UUID of its own for something new of this kind.
    pub(crate) fn next_uuid(&mut self, kind: &str) -> String {
        let n = self.next_id();
        self.chance.uuid(kind, n)
    }

    /// The ARN of a resource of this account and region.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        arn::of(service, &self.region, &self.account, resource)
    }

    /// Writes a log event now; it shows when its lateness has passed.
    pub(crate) fn log(&mut self, group: &str, stream: &Arc<str>, at: i64, message: impl Into<Arc<str>>) {
        // Lines of one half second travel together, as a sandbox ships them.
        let bundle = at.div_euclid(500).unsigned_abs();
        let late = self
            .chance
            .within(stream, bundle, self.lateness.logs.low..=self.lateness.logs.high);
        self.records.logs.put(group, stream, at, at + late, message);
        self.log_arrived(group, at + late);
    }

    /// Lets a group's subscribers know of what comes in at a moment.
    pub(crate) fn log_arrived(&mut self, group: &str, at: i64) {
        if self
            .records
            .logs
            .groups
            .get(group)
            .is_some_and(|g| !g.filters.is_empty())
        {
            self.later(at + 1000, Happening::LogFeed(group.to_owned()));
        }
    }
}
