//! S3: bucket notifications, and which configurations AWS refuses.

use super::Table;
use super::s3::bucket;
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::bucket::{Notify, NotifyKind};
use crate::world::policy::Sender;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("GetBucketNotificationConfiguration", get),
    ("PutBucketNotificationConfiguration", put),
];

/// A kind of notification: the member's name, the ARN's, the service, the name in AWS's complaints, and what it is.
struct Kind {
    list: &'static str,
    arn: &'static str,
    service: &'static str,
    shown: &'static str,
    to: NotifyKind,
}

const KINDS: [Kind; 3] = [
    Kind {
        list: "LambdaFunctionConfigurations",
        arn: "LambdaFunctionArn",
        service: "lambda",
        shown: "CloudFunction",
        to: NotifyKind::Function,
    },
    Kind {
        list: "QueueConfigurations",
        arn: "QueueArn",
        service: "sqs",
        shown: "Queue",
        to: NotifyKind::Queue,
    },
    Kind {
        list: "TopicConfigurations",
        arn: "TopicArn",
        service: "sns",
        shown: "Topic",
        to: NotifyKind::Topic,
    },
];

fn invalid(why: &str) -> Fault {
    Fault::bad("InvalidArgument", why)
}

fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = bucket(world, call)?.0;
    let mut output = map! {};
    for kind in &KINDS {
        let configs: Vec<Value> = found
            .notify
            .iter()
            .filter(|n| n.kind == kind.to)
            .map(|n| shown(n, kind.arn))
            .collect();
        if !configs.is_empty() {
            output.set(kind.list, configs);
        }
    }
    if found.event_bus {
        output.set("EventBridgeConfiguration", map! {});
    }
    Ok(output.into())
}

fn shown(notify: &Notify, arn: &str) -> Value {
    let rules: Vec<Value> = [("Prefix", &notify.prefix), ("Suffix", &notify.suffix)]
        .into_iter()
        .filter_map(|(name, value)| Some(map! { "Name" => name, "Value" => value.as_ref()? }))
        .collect();
    let filter = (!rules.is_empty()).then(|| map! { "Key" => map! { "FilterRules" => rules } });
    map! { "Id" => &notify.id, arn => &notify.arn, "Events" => notify.events.clone(), "Filter" => filter }
}

fn put(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (_, name) = bucket(world, call)?;
    let given = call.get("NotificationConfiguration");
    let mut notify = Vec::new();
    for kind in &KINDS {
        for config in given.get(kind.list).list() {
            notify.push(read(world, kind, config)?);
        }
    }
    for (n, one) in notify.iter().enumerate() {
        if let Some(other) = notify[n + 1..].iter().find(|other| one.overlaps(other)) {
            let filtered = |n: &Notify| n.prefix.is_some() || n.suffix.is_some();
            return Err(invalid(if filtered(one) || filtered(other) {
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are \
                 overlapping for the same event type."
            } else {
                "Configurations overlap. Configurations on the same bucket cannot share a common event type."
            }));
        }
    }
    if call.get("SkipDestinationValidation").bool() != Some(true) {
        validate(world, &name, &notify)?;
    }
    let event_bus = !given.get("EventBridgeConfiguration").is_null();
    let found = bucket(world, call)?.0;
    found.notify = notify;
    found.event_bus = event_bus;
    world.test_notifications(&name);
    Ok(Answer::empty())
}

/// What a bucket can report: families, and each one's members. AWS (delivery): the enum `Event` of
/// `PutBucketNotificationConfiguration`; a family by itself ends in `:*`.
const FAMILIES: [(&str, &[&str]); 9] = [
    (
        "ObjectCreated",
        &["*", "Put", "Post", "Copy", "CompleteMultipartUpload"],
    ),
    ("ObjectRemoved", &["*", "Delete", "DeleteMarkerCreated"]),
    ("ObjectRestore", &["*", "Post", "Completed", "Delete"]),
    (
        "Replication",
        &[
            "*",
            "OperationFailedReplication",
            "OperationNotTracked",
            "OperationMissedThreshold",
            "OperationReplicatedAfterThreshold",
        ],
    ),
    ("LifecycleExpiration", &["*", "Delete", "DeleteMarkerCreated"]),
    ("ObjectTagging", &["*", "Put", "Delete"]),
    ("ObjectAnnotation", &["*", "Put", "Delete"]),
    ("ObjectAcl", &["Put"]),
    // These have no members.
    (
        "",
        &[
            "ReducedRedundancyLostObject",
            "LifecycleTransition",
            "IntelligentTiering",
        ],
    ),
];

fn is_event(text: &str) -> bool {
    let Some(name) = text.strip_prefix("s3:") else {
        return false;
    };
    let (family, member) = name.split_once(':').unwrap_or(("", name));
    FAMILIES
        .iter()
        .any(|(known, members)| *known == family && members.contains(&member))
}

fn read(world: &mut World, kind: &Kind, config: &Value) -> Result<Notify, Fault> {
    let target = config.get(kind.arn).text().unwrap_or_default();
    if arn::service(&target) != kind.service || arn::resource(&target).is_empty() {
        return Err(invalid("The ARN could not be parsed")
            .with("ArgumentName", kind.shown)
            .with("ArgumentValue", target));
    }
    if config.get("Events").strings().any(|event| !is_event(event)) {
        return Err(invalid("The event is not supported for notifications"));
    }
    if arn::is_fifo(&target) {
        let why = match kind.to {
            NotifyKind::Topic => "FIFO SNS topics are not supported.",
            _ => "FIFO SQS queues are not supported.",
        };
        return Err(invalid(why));
    }
    let mut wanted = [None, None];
    for rule in config.path("Filter.Key.FilterRules").list() {
        let place = match rule.get("Name").str().map(str::to_lowercase).as_deref() {
            Some("prefix") => 0,
            Some("suffix") => 1,
            _ => {
                return Err(invalid("filter rule name must be either prefix or suffix")
                    .with("ArgumentName", "FilterRule.Name")
                    .with("ArgumentValue", rule.get("Name").text().unwrap_or_default()));
            }
        };
        if wanted[place].is_some() {
            return Err(invalid(if place == 0 {
                "Cannot specify more than one prefix rule in a filter."
            } else {
                "Cannot specify more than one suffix rule in a filter."
            }));
        }
        wanted[place] = rule.get("Value").text();
    }
    let [prefix, suffix] = wanted.map(|value| value.filter(|v| !v.is_empty()));
    Ok(Notify {
        id: config
            .get("Id")
            .text()
            .unwrap_or_else(|| world.next_uuid("notification")),
        kind: kind.to,
        arn: target,
        events: config.get("Events").strings().map(str::to_owned).collect(),
        prefix,
        suffix,
    })
}

/// AWS asks each destination whether it is there and lets the bucket in, before it takes a configuration; all that will
/// not do are named.
fn validate(world: &World, bucket: &str, notify: &[Notify]) -> Result<(), Fault> {
    let sender = Sender::new("s3.amazonaws.com", format!("arn:aws:s3:::{bucket}"));
    let wrong: Vec<(String, String)> = notify
        .iter()
        .filter_map(|n| Some((n, complaint(world, &sender, n)?)))
        .map(|(n, why)| match n.kind {
            NotifyKind::Function => (format!("{}, null", n.arn), why),
            _ => (n.arn.clone(), why),
        })
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let mut fault = invalid("Unable to validate the following destination configurations");
    for (n, (name, why)) in wrong.into_iter().enumerate() {
        fault = fault
            .with(&format!("ArgumentName{}", n + 1), name)
            .with(&format!("ArgumentValue{}", n + 1), why);
    }
    Err(fault)
}

fn complaint(world: &World, sender: &Sender, notify: &Notify) -> Option<String> {
    let name = arn::name(&notify.arn);
    let (kind, admits) = match notify.kind {
        NotifyKind::Function => {
            let (function, qualifier) = arn::function(&notify.arn);
            let found = world.lambda.functions.get(function);
            let admits = found.is_some_and(|f| f.admits(qualifier, sender.service, &sender.source));
            return (!admits).then(|| format!("Not authorized to invoke function [{}]", notify.arn));
        }
        NotifyKind::Queue => ("queue", world.queue_admits(name, sender)),
        NotifyKind::Topic => ("topic", world.topic_admits(name, sender)),
    };
    let fault = admits.err()?;
    Some(if fault.code == "AccessDenied" {
        format!("Permissions on the destination {kind} do not allow S3 to publish notifications from this bucket")
    } else {
        format!("The destination {kind} does not exist")
    })
}
