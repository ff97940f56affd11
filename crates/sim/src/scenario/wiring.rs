//! Wiring an account's parts: subscriptions, notifications, rules, mappings and schedules, with the permissions that they
//! need.

use std::collections::BTreeMap;

use serde_json::json;

use super::check::missing;
use super::source::Mistake;
use super::spec::{BucketSpec, MappingSpec, RuleSpec, ScheduleSpec, TargetSpec, TopicSpec};
use super::{ms, reference};
use crate::value::map;
use crate::world::World;
use crate::world::bucket::{Notify, NotifyKind};
use crate::world::bus::{Rule, Target};
use crate::world::mapping::{Mapping, Start};
use crate::world::pattern::Pattern;
use crate::world::schedule::Expression;
use crate::world::scheduler::Schedule;
use crate::world::topic::Subscription;

/// A pattern's text and what it means.
fn pattern(text: Option<&String>) -> Result<Option<(String, Pattern)>, Mistake> {
    text.map(|text| Ok((text.clone(), parse_pattern(text)?))).transpose()
}

fn parse_pattern(text: &str) -> Result<Pattern, Mistake> {
    Pattern::parse(text).map_err(|why| Mistake::text(text, format!("this pattern cannot be used: {why}")))
}

fn parse_schedule(text: &str) -> Result<Expression, Mistake> {
    let why = || format!("`{text}` is no schedule: write it as in \"rate(5 minutes)\" or \"cron(0 9 * * ? *)\"");
    Expression::parse(text).ok_or_else(|| Mistake::text(text, why()))
}

pub(super) fn subscribe(spec: &TopicSpec, world: &mut World) -> Result<(), Mistake> {
    let topic_arn = world.arn("sns", &spec.name);
    for wanted in &spec.subscribe {
        let (kind, address) = reference(&wanted.to);
        let (protocol, endpoint) = match kind {
            "function" => ("lambda", world.find_arn(&wanted.to)?),
            "queue" => ("sqs", world.find_arn(&wanted.to)?),
            "email" | "email-json" | "http" | "https" | "sms" => (kind, address.to_owned()),
            _ => {
                let why = format!(
                    "`{}` is nobody who can listen: write function:, queue:, email:, https: or sms: and a name",
                    wanted.to
                );
                return Err(Mistake::text(&wanted.to, why));
            }
        };
        match protocol {
            _ if wanted.unpermitted => {}
            "lambda" => world.permit(address, "sns.amazonaws.com", &topic_arn),
            "sqs" => world.permit_queue(address, "sns.amazonaws.com", &topic_arn),
            _ => {}
        }
        let mut attributes = BTreeMap::new();
        if wanted.raw {
            attributes.insert("RawMessageDelivery".to_owned(), "true".to_owned());
        }
        if let Some(dlq) = &wanted.dlq {
            let target = world.find_arn(&format!("queue:{dlq}"))?;
            if !wanted.dlq_unpermitted {
                world.permit_queue(dlq, "sns.amazonaws.com", &topic_arn);
            }
            attributes.insert(
                "RedrivePolicy".to_owned(),
                json!({"deadLetterTargetArn": target}).to_string(),
            );
        }
        if wanted.filter_body {
            attributes.insert("FilterPolicyScope".to_owned(), "MessageBody".to_owned());
        }
        let filter = pattern(wanted.filter.as_ref())?;
        let subscription = Subscription {
            arn: format!("{topic_arn}:{}", world.next_uuid("subscription")),
            protocol: protocol.to_owned(),
            endpoint,
            confirmed: matches!(protocol, "lambda" | "sqs" | "email" | "https"),
            filter,
            attributes,
        };
        if let Some(topic) = world.messaging.topics.get_mut(&spec.name) {
            topic.subscriptions.push(subscription);
        }
    }
    Ok(())
}

pub(super) fn notify(spec: &BucketSpec, world: &mut World) -> Result<(), Mistake> {
    for (n, wanted) in spec.notify.iter().enumerate() {
        let (kind, name) = reference(&wanted.to);
        let arn = world.find_arn(&wanted.to)?;
        let kind = match kind {
            "queue" => NotifyKind::Queue,
            "topic" => NotifyKind::Topic,
            _ => NotifyKind::Function,
        };
        let source = format!("arn:aws:s3:::{}", spec.name);
        match kind {
            _ if wanted.unpermitted => {}
            NotifyKind::Function => world.permit(name, "s3.amazonaws.com", &source),
            NotifyKind::Queue => world.permit_queue(name, "s3.amazonaws.com", &source),
            NotifyKind::Topic => world.permit_topic(name, "s3.amazonaws.com", &source),
        }
        let made = Notify {
            id: format!("{name}-{}", n + 1),
            kind,
            arn,
            events: wanted.told_events(),
            prefix: wanted.prefix.clone(),
            suffix: wanted.suffix.clone(),
        };
        if let Some(bucket) = world.storage.buckets.get_mut(&spec.name) {
            bucket.notify.push(made);
        }
    }
    Ok(())
}

fn target(spec: &TargetSpec, id: usize, world: &mut World, service: &str, source: &str) -> Result<Target, Mistake> {
    let (kind, name) = reference(&spec.to);
    let arn = world.find_arn(&spec.to)?;
    // The Scheduler comes with a role.
    let by_policy = service == "events.amazonaws.com";
    match kind {
        _ if spec.unpermitted || !by_policy => {}
        "function" => world.permit(name, service, source),
        "queue" => world.permit_queue(name, service, source),
        "topic" => world.permit_topic(name, service, source),
        _ => {}
    }
    let dead_letter = spec
        .dlq
        .as_ref()
        .map(|dlq| world.find_arn(&format!("queue:{dlq}")))
        .transpose()?;
    if let Some(dlq) = spec.dlq.as_ref().filter(|_| by_policy && !spec.dlq_unpermitted) {
        world.permit_queue(dlq, service, source);
    }
    Ok(Target {
        id: format!("target-{id}"),
        arn,
        input: spec.input.clone(),
        dead_letter,
        retries: spec.retries,
        max_age_s: spec.max_age.map(super::Length::seconds),
        role: (service == "scheduler.amazonaws.com").then(|| format!("arn:aws:iam::{}:role/scheduler", world.account)),
        ..Target::default()
    })
}

pub(super) fn rule(spec: &RuleSpec, world: &mut World) -> Result<(), Mistake> {
    let bus = spec.bus.clone().unwrap_or_else(|| "default".to_owned());
    if !world.events.buses.contains_key(&bus) {
        return Err(missing("bus", &bus, &bus));
    }
    let pattern = pattern(spec.pattern.as_ref())?;
    let schedule = spec.schedule.as_ref();
    let schedule = schedule.map(|text| Ok((text.clone(), parse_schedule(text)?)));
    let source = world.rule_arn(&bus, &spec.name);
    let mut targets = Vec::new();
    for (n, wanted) in spec.target.iter().enumerate() {
        targets.push(target(wanted, n + 1, world, "events.amazonaws.com", &source)?);
    }
    let made = Rule {
        pattern,
        schedule: schedule.transpose()?,
        enabled: !spec.disabled,
        description: spec.description.clone(),
        role: None,
        targets,
        tags: spec.tags.clone(),
        created: world.now(),
        next: None,
    };
    if let Some(found) = world.events.buses.get_mut(&bus) {
        found.rules.insert(spec.name.clone(), made);
    }
    world.plan_rule(&bus, &spec.name);
    Ok(())
}

pub(super) fn mapping(spec: &MappingSpec, world: &mut World) -> Result<(), Mistake> {
    let source = world.find_arn(&spec.from)?;
    let (kind, to) = reference(&spec.to);
    world.find_arn(&spec.to)?;
    if kind != "function" {
        let why = format!("a mapping leads to a function, and `{}` is none: name one", spec.to);
        return Err(Mistake::text(&spec.to, why));
    }
    let (function, qualifier) = crate::world::arn::function(to);
    let uuid = world.next_uuid("mapping");
    let mut made = Mapping::new(uuid, &source, function, qualifier, world.now());
    made.batching.size = spec.batch.unwrap_or(made.batching.size);
    made.batching.window_ms = ms(spec.window, 0);
    for text in &spec.filter {
        made.filters.push((text.clone(), parse_pattern(text)?));
    }
    made.batching.reports_items = spec.partial;
    made.reading.max_concurrency = spec.max_concurrency;
    made.failures.destination = spec.on_failure.as_ref().map(|to| world.find_arn(to)).transpose()?;
    made.failures.max_retries = spec.retries.unwrap_or(-1);
    made.failures.max_age_s = spec.max_age.map_or(-1, super::Length::seconds);
    made.failures.bisect = spec.bisect;
    made.reading.lanes = spec.lanes.unwrap_or(1);
    if spec.from_start {
        made.reading.start = Start::TrimHorizon;
    }
    made.enabled = !spec.disabled;
    world.add_mapping(made);
    Ok(())
}

pub(super) fn schedule(spec: &ScheduleSpec, world: &mut World) -> Result<(), Mistake> {
    let source = world.schedule_arn("default", &spec.name);
    let target = target(&spec.target, 1, world, "scheduler.amazonaws.com", &source)?;
    let expression = parse_schedule(&spec.expression)?;
    let now = world.now();
    let made = Schedule {
        text: spec.expression.clone(),
        expression,
        zone: spec.zone.clone().unwrap_or_default(),
        enabled: true,
        description: None,
        target,
        window: map! { "Mode" => "OFF" },
        start: None,
        end: None,
        delete_after: false,
        created: now,
        modified: now,
        next: None,
    };
    world
        .events
        .schedules
        .insert(("default".to_owned(), spec.name.clone()), made);
    world.plan_schedule("default", &spec.name);
    Ok(())
}
