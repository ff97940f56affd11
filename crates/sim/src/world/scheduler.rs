//! The Scheduler: schedules of their own, without a bus.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::bus::{Origin, Target, Tried, seconds};
use super::invocation::{Ask, Cause};
use super::lineage::Lineage;
use super::metrics::MetricKey;
use super::queue::Letter;
use super::schedule::Expression;
use super::topic::Publication;
use super::{Happening, World, arn};
use crate::call::Fault;
use crate::value::Value;

/// A schedule.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The expression's text.
    pub text: String,
    /// What it means.
    pub expression: Expression,
    /// An IANA time zone; UTC where it is empty.
    pub zone: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// What was said about it.
    pub description: Option<String>,
    /// What is called.
    pub target: Target,
    /// `FlexibleTimeWindow`, echoed.
    pub window: Value,
    /// It fires from here.
    pub start: Option<i64>,
    /// It fires up to here.
    pub end: Option<i64>,
    /// Whether it goes away after it has fired for the last time.
    pub delete_after: bool,
    /// When it was created.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// When it fires next.
    pub next: Option<i64>,
}

impl World {
    /// A schedule's ARN.
    #[must_use]
    pub fn schedule_arn(&self, group: &str, name: &str) -> String {
        self.arn("scheduler", &format!("schedule/{group}/{name}"))
    }

    /// Sets a schedule's next time down, after it was made or changed.
    pub(crate) fn plan_schedule(&mut self, group: &str, name: &str) {
        let now = self.clock.now;
        let key = (group.to_owned(), name.to_owned());
        let Some(schedule) = self.events.schedules.get_mut(&key) else {
            return;
        };
        let from = schedule.start.map_or(now, |start| now.max(start - 1));
        let since = schedule.start.unwrap_or(schedule.created);
        let next = schedule
            .expression
            .next(from, since, &schedule.zone)
            .filter(|at| schedule.end.is_none_or(|end| *at <= end));
        schedule.next = next.filter(|_| schedule.enabled);
        if let Some(at) = schedule.next {
            self.later(at, Happening::Schedule(key.0, key.1));
        }
    }

    /// What a target gets that has no input. AWS (patterns): an event, its `detail` a text.
    fn default_input(&mut self, group: &str, name: &str, due: i64) -> String {
        json!({
            "version": "0", "id": self.next_uuid("event"), "detail-type": "Scheduled Event", "source": "aws.scheduler",
            "account": self.account, "time": seconds(due), "region": self.region,
            "resources": [self.schedule_arn(group, name)], "detail": "{}",
        })
        .to_string()
    }

    /// An input with what AWS fills in for its context attributes.
    fn with_context(&self, input: &str, group: &str, name: &str, due: i64) -> String {
        input
            .replace("<aws.scheduler.schedule-arn>", &self.schedule_arn(group, name))
            .replace("<aws.scheduler.scheduled-time>", &seconds(due))
            .replace("<aws.scheduler.execution-id>", &self.execution_id(name, due))
            .replace("<aws.scheduler.attempt-number>", "1")
    }

    /// The id of one time that a schedule fires.
    pub(super) fn execution_id(&self, name: &str, due: i64) -> String {
        self.chance.uuid(name, due.unsigned_abs())
    }

    /// Counts a metric of a group of schedules now. AWS (patterns): none is of a single schedule.
    pub(super) fn scheduler_metric(&mut self, group: &str, name: &str) {
        let key = MetricKey::new("AWS/Scheduler", name, &[("ScheduleGroup", group)]);
        self.records.metrics.add(key, self.clock.now, 1.0);
    }

    /// Calls what a universal target names, with its input as the call's parameters. What this account does not simulate
    /// is taken as done. AWS (patterns): the call is made with the schedule's role.
    pub(super) fn call_universal(&mut self, target: &str, input: &str) -> Tried {
        let call = arn::resource(target).trim_start_matches("aws-sdk:").to_lowercase();
        let given: Json = serde_json::from_str(input).unwrap_or_default();
        let text = |name: &str| given[name].as_str().unwrap_or_default().to_owned();
        let done = match call.as_str() {
            "sqs:sendmessage" => {
                let mut letter = Letter::of(text("MessageBody"));
                letter.group = given["MessageGroupId"].as_str().map(str::to_owned);
                letter.dedup = given["MessageDeduplicationId"].as_str().map(str::to_owned);
                self.send_message(arn::name(&text("QueueUrl")), letter).map(|_| ())
            }
            "sns:publish" => {
                let publication = Publication {
                    message: text("Message").into(),
                    subject: given["Subject"].as_str().map(str::to_owned),
                    ..Publication::default()
                };
                self.publish(arn::name(&text("TopicArn")), publication).map(|_| ())
            }
            "lambda:invoke" => return self.call_function(&given),
            _ => Ok(()),
        };
        match done {
            Ok(()) => Tried::Done,
            Err(fault) => Tried::Never("NO_RESOURCE", fault.message),
        }
    }

    fn call_function(&mut self, given: &Json) -> Tried {
        let named = given["FunctionName"].as_str().unwrap_or_default();
        let (function, own) = arn::function(named);
        let qualifier = given["Qualifier"].as_str().unwrap_or(own);
        let payload: Arc<str> = match &given["Payload"] {
            Json::Null => "{}".into(),
            Json::String(text) => text.as_str().into(),
            other => other.to_string().into(),
        };
        let refused = |fault: Fault| match fault.status {
            404 => Tried::Never("NO_RESOURCE", fault.message),
            _ => Tried::Later("INTERNAL_ERROR", fault.message),
        };
        if given["InvocationType"] == "Event" {
            let sent = self.invoke_async(function, qualifier, payload, Lineage::default());
            return sent.map_or_else(refused, |_| Tried::Done);
        }
        // AWS (patterns): an error of the function is an answer, and is not asked again.
        let ask = Ask {
            function: function.to_owned(),
            qualifier: qualifier.to_owned(),
            payload,
            cause: Cause::Nobody,
            request: None,
            lineage: Lineage::default(),
            attempt: 1,
        };
        let function_arn = self.arn("lambda", &format!("function:{function}"));
        match self.start(ask) {
            Ok(_) => Tried::Done,
            Err(refusal) => refused(refusal.fault(&function_arn)),
        }
    }

    pub(super) fn fire_schedule(&mut self, group: &str, name: &str) {
        let (now, key) = (self.clock.now, (group.to_owned(), name.to_owned()));
        let Some(schedule) = self.events.schedules.get(&key).filter(|s| s.next == Some(now)) else {
            return;
        };
        let (target, delete_after) = (schedule.target.clone(), schedule.delete_after);
        let origin = Origin::Schedule(group.to_owned(), name.to_owned(), now);
        let payload: Arc<str> = match &target.input {
            Some(input) => self.with_context(input, group, name, now).into(),
            None => self.default_input(group, name, now).into(),
        };
        self.deliver(origin, target, Arc::clone(&payload), payload);
        self.plan_schedule(group, name);
        if delete_after && self.events.schedules.get(&key).is_some_and(|s| s.next.is_none()) {
            self.events.schedules.remove(&key);
        }
    }
}
