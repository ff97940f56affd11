//! EventBridge: buses, rules, targets, and deliveries with retries of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::lineage::Lineage;
use super::marbles::MarbleStage;
use super::metrics::MetricKey;
use super::pattern::Pattern;
use super::policy::Sender;
use super::queue::{Attribute, Letter};
use super::schedule::Expression;
use super::shape::shaped;
use super::topic::Publication;
use super::{Happening, World, arn};
use crate::call::Fault;
use crate::time::to_iso;
use crate::value::Value;

/// From the event to the target's first delivery. AWS (delivery): typically half a second; simulated.
const HOP_MS: std::ops::RangeInclusive<i64> = 80..=600;
/// AWS's defaults: 185 retries within 24 hours.
const RETRIES: u32 = 185;
const AGE_S: i64 = 86_400;
/// The longest wait between retries. The curve is unpublished: doubled from 1 s up to here, which fits 185 attempts into 24
/// hours; simulated.
const LONGEST_MS: i64 = 480_000;

/// An event bus.
#[derive(Clone, Debug, Default)]
pub struct Bus {
    /// Its rules by name.
    pub rules: BTreeMap<String, Rule>,
    /// When it was created; 0 for the default bus.
    pub created: i64,
    /// What was said about it.
    pub description: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The pattern's text and what it means.
    pub pattern: Option<(String, Pattern)>,
    /// The schedule's text and what it means.
    pub schedule: Option<(String, Expression)>,
    /// Whether it is enabled.
    pub enabled: bool,
    /// What was said about it.
    pub description: Option<String>,
    /// Its role.
    pub role: Option<String>,
    /// Its targets.
    pub targets: Vec<Target>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When it was created: a rate counts from here.
    pub created: i64,
    /// When its schedule fires next.
    pub next: Option<i64>,
}

/// A target of a rule or of a schedule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Its id.
    pub id: String,
    /// What is called.
    pub arn: String,
    /// A constant input.
    pub input: Option<String>,
    /// The part of the event that is passed.
    pub input_path: Option<String>,
    /// Named paths and a template with `<names>`.
    pub transformer: Option<(BTreeMap<String, String>, String)>,
    /// The role it is called with: then no resource policy is asked.
    pub role: Option<String>,
    /// Its dead-letter queue.
    pub dead_letter: Option<String>,
    /// `MaximumRetryAttempts`.
    pub retries: Option<u32>,
    /// `MaximumEventAgeInSeconds`.
    pub max_age_s: Option<i64>,
    /// The message group for a FIFO queue.
    pub group: Option<String>,
    /// Members that are only echoed.
    pub echoed: BTreeMap<String, Value>,
}

/// An event as it is put.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Such as `demo.orders`.
    pub source: String,
    /// Such as `Order Placed`.
    pub detail_type: String,
    /// The event itself.
    pub detail: Json,
    /// ARNs.
    pub resources: Vec<String>,
    /// When it happened.
    pub time: i64,
}

/// What a delivery is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A rule: bus and name.
    Rule(String, String),
    /// A schedule: group and name, and when it was due.
    Schedule(String, String, i64),
}

/// An event on its way to one target.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub(super) origin: Origin,
    pub(super) target: Target,
    pub(super) payload: Arc<str>,
    /// The event itself: the body of a dead letter.
    pub(super) event: Arc<str>,
    pub(super) since: i64,
    pub(super) retries: u32,
    /// The event that was dropped by hand which it is part of.
    pub(super) marble: Option<u64>,
}

/// The outcome of one delivery attempt.
pub(super) enum Tried {
    Done,
    /// It cannot work: no permission, nothing there.
    Never(&'static str, String),
    /// It may work later.
    Later(&'static str, String),
}

impl World {
    /// Puts an event on the default bus that a service of AWS sends there. One that no rule takes leaves no trace: it is not
    /// even numbered, so that what else is drawn stays as it was.
    pub(super) fn tell_default_bus(&mut self, event: &Event) {
        let json = self.event_json("", event);
        let rules = self
            .events
            .buses
            .get("default")
            .into_iter()
            .flat_map(|bus| bus.rules.values());
        let mut patterns = rules
            .filter(|rule| rule.enabled)
            .filter_map(|rule| rule.pattern.as_ref());
        if patterns.any(|(_, pattern)| pattern.matches(&json)) {
            let _ = self.put_event("default", event);
        }
    }

    fn event_json(&self, id: &str, event: &Event) -> Json {
        json!({
            "version": "0", "id": id, "detail-type": event.detail_type, "source": event.source, "account": self.account,
            "time": seconds(event.time), "region": self.region, "resources": event.resources, "detail": event.detail,
        })
    }

    /// Puts an event on a bus; its id comes back.
    pub(crate) fn put_event(&mut self, bus: &str, event: &Event) -> Result<String, Fault> {
        if !self.events.buses.contains_key(bus) {
            return Err(Fault::bad(
                "ResourceNotFoundException",
                format!("Event bus {bus} does not exist."),
            ));
        }
        let id = self.next_uuid("event");
        let json = self.event_json(&id, event);
        self.spread_event(bus, &json);
        Ok(id)
    }

    /// Gives an event to the rules of a bus that match it.
    fn spread_event(&mut self, bus: &str, event: &Json) {
        let Some(found) = self.events.buses.get(bus) else {
            return;
        };
        let matching: Vec<String> = found
            .rules
            .iter()
            .filter(|(_, rule)| rule.enabled && rule.pattern.as_ref().is_some_and(|(_, p)| p.matches(event)))
            .map(|(name, _)| name.clone())
            .collect();
        for rule in matching {
            self.trigger(bus, &rule, event);
        }
    }

    fn trigger(&mut self, bus: &str, rule: &str, event: &Json) {
        let Some(found) = self.events.buses.get(bus).and_then(|b| b.rules.get(rule)) else {
            return;
        };
        let targets = found.targets.clone();
        self.rule_metric(bus, rule, "TriggeredRules");
        let text: Arc<str> = event.to_string().into();
        let rule_arn = self.rule_arn(bus, rule);
        self.note_marble(self.carried(), |_| rule_arn.clone(), MarbleStage::Reached);
        for target in targets {
            let payload = shaped(&target, event, &rule_arn, rule);
            let origin = Origin::Rule(bus.to_owned(), rule.to_owned());
            self.deliver(origin, target, payload, Arc::clone(&text));
        }
    }

    /// Sets a delivery down.
    pub(super) fn deliver(&mut self, origin: Origin, target: Target, payload: Arc<str>, event: Arc<str>) {
        let id = self.next_id();
        let hop = self.chance.within("target/hop", id, HOP_MS);
        self.events.targets.insert(
            id,
            Delivery {
                origin,
                target,
                payload,
                event,
                since: self.clock.now,
                retries: 0,
                marble: self.carried(),
            },
        );
        self.later(self.clock.now + hop, Happening::Target(id));
    }

    /// A rule's ARN.
    #[must_use]
    pub fn rule_arn(&self, bus: &str, rule: &str) -> String {
        if bus == "default" {
            self.arn("events", &format!("rule/{rule}"))
        } else {
            self.arn("events", &format!("rule/{bus}/{rule}"))
        }
    }

    /// Counts a rule's metric now. AWS (metrics): a rule of another bus than the default one is known by both names.
    fn rule_metric(&mut self, bus: &str, rule: &str, name: &str) {
        let both = [("EventBusName", bus), ("RuleName", rule)];
        let dimensions = if bus == "default" { &both[1..] } else { &both[..] };
        self.records
            .metrics
            .add(MetricKey::new("AWS/Events", name, dimensions), self.clock.now, 1.0);
    }

    pub(super) fn try_target(&mut self, id: u64) {
        let Some(delivery) = self.events.targets.get(&id).cloned() else {
            return;
        };
        let sender = delivery.origin.sender(self);
        match &delivery.origin {
            Origin::Rule(bus, rule) if delivery.retries == 0 => self.rule_metric(bus, rule, "Invocations"),
            Origin::Rule(bus, rule) => self.rule_metric(bus, rule, "RetryInvocationAttempts"),
            Origin::Schedule(group, ..) => self.scheduler_metric(group, "InvocationAttemptCount"),
        }
        let tried = self.carrying(delivery.marble, |world| world.hand_over(&delivery, &sender));
        if let Origin::Schedule(group, ..) = &delivery.origin
            && !matches!(tried, Tried::Done)
        {
            self.scheduler_metric(group, "TargetErrorCount");
        }
        match tried {
            Tried::Done => {
                self.events.targets.remove(&id);
            }
            Tried::Never(code, message) => self.fail_target(id, code, &message, None),
            Tried::Later(code, message) => {
                let nominal = 1000_i64
                    .checked_shl(delivery.retries.min(20))
                    .unwrap_or(LONGEST_MS)
                    .min(LONGEST_MS);
                let wait = self
                    .chance
                    .spread("target/retry", id * 1000 + u64::from(delivery.retries), nominal, 0.1);
                let age = delivery.target.max_age_s.unwrap_or(AGE_S) * 1000;
                if delivery.retries >= delivery.target.retries.unwrap_or(RETRIES) {
                    self.fail_target(id, code, &message, Some("MaximumRetryAttempts"));
                } else if self.clock.now + wait > delivery.since + age {
                    self.fail_target(id, code, &message, Some("MaximumEventAgeInSeconds"));
                } else {
                    if let Some(delivery) = self.events.targets.get_mut(&id) {
                        delivery.retries += 1;
                    }
                    self.later(self.clock.now + wait, Happening::Target(id));
                }
            }
        }
    }

    fn hand_over(&mut self, delivery: &Delivery, sender: &Sender) -> Tried {
        let target = &delivery.target;
        let payload = Arc::clone(&delivery.payload);
        let name = arn::name(&target.arn);
        let sent = match arn::service(&target.arn) {
            "lambda" => return self.hand_to_function(target, payload, sender),
            "scheduler" => return self.call_universal(&target.arn, &payload),
            "sqs" => {
                let mut letter = Letter::of(payload);
                letter.group.clone_from(&target.group);
                letter.dedup = target.group.as_ref().map(|_| md5_of(&delivery.event));
                letter.lineage = Lineage::of_marble(delivery.marble);
                // AWS (permissions): with a role the role decides, without one the queue's policy.
                match &target.role {
                    Some(_) => self.send_message(name, letter).map(|_| ()),
                    None => self.send_for(sender, name, letter),
                }
            }
            "sns" => {
                let publication = Publication {
                    message: payload,
                    lineage: Lineage::of_marble(delivery.marble),
                    ..Publication::default()
                };
                match &target.role {
                    Some(_) => self.publish(name, publication).map(|_| ()),
                    None => self.publish_for(sender, name, publication),
                }
            }
            "kinesis" => {
                let key = delivery.since.to_string();
                self.put_record(name, &key, payload.as_bytes().to_vec().into())
                    .map(|_| ())
            }
            "events" => {
                let own = matches!(&delivery.origin, Origin::Rule(bus, _) if bus == name);
                if own || !self.events.buses.contains_key(name) {
                    Err(Fault::bad("ResourceNotFoundException", "no such bus"))
                } else {
                    let event = serde_json::from_str(&payload).unwrap_or(Json::Null);
                    self.spread_event(name, &event);
                    Ok(())
                }
            }
            "logs" => {
                let group = arn::resource(&target.arn)
                    .trim_start_matches("log-group:")
                    .trim_end_matches(":*")
                    .to_owned();
                let stream: Arc<str> = self.chance.uuid(&group, 0).into();
                self.log(&group, &stream, self.clock.now, payload);
                Ok(())
            }
            // What this account does not simulate is taken as delivered.
            _ => Ok(()),
        };
        match sent {
            Ok(()) => Tried::Done,
            Err(fault) if fault.code == "AccessDenied" => Tried::Never("NO_PERMISSIONS", fault.message),
            Err(fault) => Tried::Never("NO_RESOURCE", fault.message),
        }
    }

    fn hand_to_function(&mut self, target: &Target, payload: Arc<str>, sender: &Sender) -> Tried {
        let (function, qualifier) = arn::function(&target.arn);
        let Some(found) = self.lambda.functions.get(function) else {
            return Tried::Never("NO_RESOURCE", format!("Function not found: {}", target.arn));
        };
        if target.role.is_none() && !found.admits(qualifier, sender.service, &sender.source) {
            let why = format!(
                "User: {} is not authorized to perform: lambda:InvokeFunction on resource: {}",
                sender.service, target.arn
            );
            return Tried::Never("NO_PERMISSIONS", why);
        }
        match self.invoke_async(function, qualifier, payload, Lineage::of_marble(self.carried())) {
            Ok(_) => Tried::Done,
            Err(fault) => Tried::Later("INTERNAL_ERROR", fault.message),
        }
    }

    /// Ends a delivery after the last attempt: the event goes to the target's dead-letter queue, or is lost.
    fn fail_target(&mut self, id: u64, code: &str, message: &str, exhausted: Option<&str>) {
        let Some(delivery) = self.events.targets.remove(&id) else {
            return;
        };
        let mut attributes = BTreeMap::from([
            ("ERROR_CODE".to_owned(), Attribute::text(code)),
            ("ERROR_MESSAGE".to_owned(), Attribute::text(message)),
            ("RETRY_ATTEMPTS".to_owned(), Attribute::number(delivery.retries.into())),
            ("TARGET_ARN".to_owned(), Attribute::text(&delivery.target.arn)),
        ]);
        if let Some(condition) = exhausted {
            attributes.insert("EXHAUSTED_RETRY_CONDITION".to_owned(), Attribute::text(condition));
        }
        let body = match &delivery.origin {
            Origin::Rule(bus, rule) => {
                self.rule_metric(bus, rule, "FailedInvocations");
                attributes.insert("RULE_ARN".to_owned(), Attribute::text(self.rule_arn(bus, rule)));
                delivery.event
            }
            Origin::Schedule(group, name, due) => {
                attributes.insert(
                    "SCHEDULE_ARN".to_owned(),
                    Attribute::text(self.schedule_arn(group, name)),
                );
                self.scheduler_metric(group, "InvocationDroppedCount");
                attributes.insert(
                    "EXECUTION_ID".to_owned(),
                    Attribute::text(self.execution_id(name, *due)),
                );
                attributes.insert("SCHEDULED_TIME".to_owned(), Attribute::text(seconds(*due)));
                attributes.insert("IS_PAYLOAD_TRUNCATED".to_owned(), Attribute::text("false"));
                delivery.payload
            }
        };
        let Some(queue) = &delivery.target.dead_letter else {
            return;
        };
        let letter = Letter {
            attributes,
            lineage: Lineage::of_marble(delivery.marble),
            ..Letter::of(body)
        };
        // AWS (permissions): the policy of a rule's dead-letter queue must allow EventBridge; the Scheduler uses a role.
        let sent = match &delivery.origin {
            Origin::Rule(..) => self.send_for(&delivery.origin.sender(self), arn::name(queue), letter),
            Origin::Schedule(..) => self.send_message(arn::name(queue), letter).map(|_| ()),
        };
        match (&delivery.origin, sent) {
            (Origin::Rule(bus, rule), Ok(())) => self.rule_metric(bus, rule, "InvocationsSentToDlq"),
            (Origin::Rule(bus, rule), Err(_)) => self.rule_metric(bus, rule, "InvocationsFailedToBeSentToDlq"),
            (Origin::Schedule(group, ..), Ok(())) => self.scheduler_metric(group, "InvocationsSentToDeadLetterCount"),
            (Origin::Schedule(group, ..), Err(_)) => {
                self.scheduler_metric(group, "InvocationsFailedToBeSentToDeadLetterCount");
            }
        }
    }

    /// Sets a rule's schedule down, after it was made, enabled or changed.
    pub(crate) fn plan_rule(&mut self, bus: &str, name: &str) {
        let now = self.clock.now;
        let Some(rule) = self.events.buses.get_mut(bus).and_then(|b| b.rules.get_mut(name)) else {
            return;
        };
        let next = rule
            .schedule
            .as_ref()
            .filter(|_| rule.enabled)
            .and_then(|(_, e)| e.next(now, rule.created, ""));
        rule.next = next;
        if let Some(at) = next {
            self.later(at, Happening::Rule(bus.to_owned(), name.to_owned()));
        }
    }

    pub(super) fn fire_rule(&mut self, bus: &str, name: &str) {
        let now = self.clock.now;
        if self
            .events
            .buses
            .get(bus)
            .and_then(|b| b.rules.get(name))
            .is_none_or(|rule| rule.next != Some(now))
        {
            return;
        }
        let event = json!({
            "version": "0", "id": self.next_uuid("event"), "detail-type": "Scheduled Event", "source": "aws.events",
            "account": self.account, "time": seconds(now), "region": self.region,
            "resources": [self.rule_arn(bus, name)], "detail": {},
        });
        self.trigger(bus, name, &event);
        self.plan_rule(bus, name);
    }
}

fn md5_of(text: &str) -> String {
    super::receipt::md5_hex(text.as_bytes())
}

/// ISO 8601 in whole seconds, as events carry it.
pub(super) fn seconds(ms: i64) -> String {
    to_iso(ms)[..19].to_owned() + "Z"
}
