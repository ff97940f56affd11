//! SQS: queues and their attributes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Table, as_map, page, page_size, tag_map};
use crate::call::{Answer, Call, Fault};
use crate::value::{Map, Value, map};
use crate::world::queue::{Queue, Redrive};
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("CreateQueue", create),
    ("DeleteQueue", delete),
    ("GetQueueAttributes", get_attributes),
    ("GetQueueUrl", get_url),
    ("ListDeadLetterSourceQueues", dead_letter_sources),
    ("ListQueueTags", list_tags),
    ("ListQueues", list),
    ("PurgeQueue", purge),
    ("SetQueueAttributes", set_attributes),
    ("TagQueue", tag),
    ("UntagQueue", untag),
];

/// Attributes that are only kept and echoed.
const ECHOED: [&str; 9] = [
    "Policy",
    "RedriveAllowPolicy",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "FifoQueue",
];
/// Attributes that cannot be set.
const READ_ONLY: [&str; 6] = [
    "QueueArn",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
];
/// Numbers that can be set: name, least and most. AWS (apis): the limits of the API reference.
const NUMBERS: [(&str, i64, i64); 5] = [
    ("VisibilityTimeout", 0, 43_200),
    ("MessageRetentionPeriod", 60, 1_209_600),
    ("DelaySeconds", 0, 900),
    ("ReceiveMessageWaitTimeSeconds", 0, 20),
    ("MaximumMessageSize", 1024, 1_048_576),
];

/// A parameter whose value will not do.
pub(super) fn bad_value(message: impl Into<String>) -> Fault {
    Fault::bad("InvalidParameterValue", message)
}

/// A parameter that must be there.
pub(super) fn missing(name: &str) -> Fault {
    Fault::bad(
        "MissingParameter",
        format!("The request must contain the parameter {name}."),
    )
}

/// The name of the queue that a call is about.
pub(super) fn queue_name(world: &World, call: &Call) -> Result<String, Fault> {
    let url = call.str("QueueUrl").ok_or_else(|| missing("QueueUrl"))?;
    let name = arn::name(url);
    if world.messaging.queues.contains_key(name) {
        Ok(name.to_owned())
    } else {
        Err(World::no_queue())
    }
}

/// A queue's URL: at the host that the client speaks to, so that clients that call the URL itself come back here.
pub(super) fn url(world: &World, call: &Call, name: &str) -> String {
    match call.header("host").filter(|host| !host.ends_with(".amazonaws.com")) {
        Some(host) => format!("http://{host}/{}/{name}", world.account),
        None => format!("https://sqs.{}.amazonaws.com/{}/{name}", world.region, world.account),
    }
}

fn valid_name(name: &str) -> bool {
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !stem.is_empty() && name.len() <= 80 && stem.chars().all(known)
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("QueueName").ok_or_else(|| missing("QueueName"))?;
    if !valid_name(name) {
        let why = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
        return Err(bad_value(why));
    }
    let attributes = call.get("Attributes");
    let fifo = attributes.get("FifoQueue").bool().unwrap_or(false);
    if fifo != arn::is_fifo(name) {
        return Err(bad_value(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
        ));
    }
    let mut wanted = Queue::new(name, world.now());
    apply(world, &mut wanted, attributes)?;
    wanted.tags = tag_map(call.get("tags"));
    if let Some(there) = world.messaging.queues.get(name) {
        let same = attributes
            .entries()
            .all(|(key, _)| attribute(world, there, key) == attribute(world, &wanted, key));
        if !same {
            let why =
                format!("A queue already exists with the same name and a different value for attribute(s) of {name}");
            return Err(Fault::bad("QueueNameExists", why));
        }
    } else {
        world.messaging.queues.insert(name.to_owned(), wanted);
    }
    Ok(map! { "QueueUrl" => url(world, call, name) }.into())
}

/// Sets attributes on a queue, all or none.
fn apply(world: &World, queue: &mut Queue, attributes: &Value) -> Result<(), Fault> {
    let mut settings = queue.settings;
    let mut redrive = queue.redrive.clone();
    let mut echoed = BTreeMap::new();
    for (name, value) in attributes.entries() {
        let text = value.text().unwrap_or_default();
        let invalid = || {
            Fault::bad(
                "InvalidAttributeValue",
                format!("Invalid value for the parameter {name}."),
            )
        };
        if let Some((_, low, high)) = NUMBERS.iter().find(|(n, _, _)| *n == name) {
            let number = value.int().filter(|n| (*low..=*high).contains(n)).ok_or_else(invalid)?;
            match name {
                "VisibilityTimeout" => settings.visibility_ms = number * 1000,
                "MessageRetentionPeriod" => settings.retention_ms = number * 1000,
                "DelaySeconds" => settings.delay_ms = number * 1000,
                "ReceiveMessageWaitTimeSeconds" => settings.wait_ms = number * 1000,
                _ => settings.max_bytes = number,
            }
        } else if name == "RedrivePolicy" {
            redrive = if text.is_empty() {
                None
            } else {
                Some(read_redrive(world, queue, &text)?)
            };
        } else if ECHOED.contains(&name) {
            // AWS (apis): a policy must be a JSON object with statements.
            let is_policy =
                |text: &str| serde_json::from_str::<Json>(text).is_ok_and(|policy| !policy["Statement"].is_null());
            if name == "Policy" && !text.is_empty() && !is_policy(&text) {
                return Err(invalid());
            }
            echoed.insert(name.to_owned(), text);
        } else {
            let why = if READ_ONLY.contains(&name) {
                "Attribute cannot be set"
            } else {
                "Unknown Attribute"
            };
            return Err(Fault::bad("InvalidAttributeName", format!("{why} {name}.")));
        }
    }
    queue.settings = settings;
    queue.redrive = redrive;
    for (name, text) in echoed {
        if text.is_empty() {
            queue.echoed.remove(&name);
        } else {
            queue.echoed.insert(name, text);
        }
    }
    Ok(())
}

/// A redrive policy. AWS (apis): `maxReceiveCount` is a number or text, 1 to 1,000.
fn read_redrive(world: &World, queue: &Queue, text: &str) -> Result<Redrive, Fault> {
    let wrong = |why: &str| {
        bad_value(format!(
            "Value {text} for parameter RedrivePolicy is invalid. Reason: {why}"
        ))
    };
    let json: Json = serde_json::from_str(text).map_err(|_| wrong("Redrive policy is not a valid JSON map."))?;
    let target = json["deadLetterTargetArn"]
        .as_str()
        .ok_or_else(|| wrong("Redrive policy does not contain mandatory attribute: deadLetterTargetArn."))?;
    let count = match &json["maxReceiveCount"] {
        Json::Null => Some(10),
        Json::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    let count = count
        .filter(|n| (1..=1000).contains(n))
        .ok_or_else(|| wrong("Invalid value for maxReceiveCount."))?;
    let there = world
        .messaging
        .queues
        .get(arn::name(target))
        .filter(|_| world.queue_arn(arn::name(target)) == target);
    let there = there.ok_or_else(|| wrong("Dead letter target does not exist."))?;
    if there.is_fifo() != queue.is_fifo() {
        return Err(wrong("Dead-letter queue must be same type of queue as the source."));
    }
    Ok(Redrive {
        target: target.to_owned(),
        max_receives: u32::try_from(count).unwrap_or(10),
    })
}

/// One attribute of a queue as AWS writes it. `None`: not set.
fn attribute(world: &World, queue: &Queue, name: &str) -> Option<String> {
    let settings = &queue.settings;
    Some(match name {
        "QueueArn" => world.queue_arn(&queue.name),
        "ApproximateNumberOfMessages" => queue.visible().to_string(),
        "ApproximateNumberOfMessagesNotVisible" => queue.in_flight().to_string(),
        "ApproximateNumberOfMessagesDelayed" => queue.delayed().to_string(),
        "CreatedTimestamp" => (queue.created / 1000).to_string(),
        "LastModifiedTimestamp" => (queue.modified / 1000).to_string(),
        "VisibilityTimeout" => (settings.visibility_ms / 1000).to_string(),
        "MaximumMessageSize" => settings.max_bytes.to_string(),
        "MessageRetentionPeriod" => (settings.retention_ms / 1000).to_string(),
        "DelaySeconds" => (settings.delay_ms / 1000).to_string(),
        "ReceiveMessageWaitTimeSeconds" => (settings.wait_ms / 1000).to_string(),
        "RedrivePolicy" => World::redrive_policy(queue.redrive.as_ref()?),
        "FifoQueue" if queue.is_fifo() => "true".to_owned(),
        "FifoQueue" => return None,
        "ContentBasedDeduplication" if queue.is_fifo() => {
            queue.echoed.get(name).cloned().unwrap_or_else(|| "false".to_owned())
        }
        "SqsManagedSseEnabled" if !queue.echoed.contains_key("KmsMasterKeyId") => {
            queue.echoed.get(name).cloned().unwrap_or_else(|| "true".to_owned())
        }
        _ => queue.echoed.get(name)?.clone(),
    })
}

fn attribute_names() -> impl Iterator<Item = &'static str> {
    READ_ONLY
        .into_iter()
        .chain(NUMBERS.iter().map(|(n, _, _)| *n))
        .chain(ECHOED)
        .chain(["RedrivePolicy"])
}

fn get_attributes(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    let now = world.now();
    if let Some(queue) = world.messaging.queues.get_mut(&name) {
        queue.settle(now);
    }
    let Some(queue) = world.messaging.queues.get(&name) else {
        return Err(World::no_queue());
    };
    let asked: Vec<&str> = call.get("AttributeNames").strings().collect();
    if let Some(unknown) = asked
        .iter()
        .find(|a| **a != "All" && !attribute_names().any(|n| n == **a))
    {
        return Err(Fault::bad(
            "InvalidAttributeName",
            format!("Unknown Attribute {unknown}."),
        ));
    }
    let found: Map = attribute_names()
        .filter(|n| asked.contains(&"All") || asked.contains(n))
        .filter_map(|n| Some((n, attribute(world, queue, n)?)))
        .collect();
    let attributes = if found.is_empty() {
        Value::Null
    } else {
        Value::Map(found)
    };
    Ok(map! { "Attributes" => attributes }.into())
}

fn set_attributes(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    let Some(mut queue) = world.messaging.queues.remove(&name) else {
        return Err(World::no_queue());
    };
    let result = apply(world, &mut queue, call.get("Attributes"));
    if result.is_ok() {
        queue.modified = world.now();
    }
    world.messaging.queues.insert(name.clone(), queue);
    result?;
    world.wake_pollers(&name);
    Ok(Answer::empty())
}

fn get_url(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("QueueName").ok_or_else(|| missing("QueueName"))?;
    if !world.messaging.queues.contains_key(name) {
        return Err(World::no_queue());
    }
    Ok(map! { "QueueUrl" => url(world, call, name) }.into())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let prefix = call.str("QueueNamePrefix").unwrap_or("");
    let names = world.messaging.queues.keys().filter(|name| name.starts_with(prefix));
    // AWS (apis): 1,000 at most, and a token only where the caller set a page size.
    let (names, next) = page(names, call.str("NextToken"), page_size(call, "MaxResults", 1000));
    let urls: Vec<String> = names.into_iter().map(|name| url(world, call, name)).collect();
    let urls = if urls.is_empty() { Value::Null } else { urls.into() };
    Ok(map! { "QueueUrls" => urls, "NextToken" => next.filter(|_| call.int("MaxResults").is_some()) }.into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    world.messaging.queues.remove(&name);
    Ok(Answer::empty())
}

fn purge(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    let now = world.now();
    let Some(queue) = world.messaging.queues.get_mut(&name) else {
        return Err(World::no_queue());
    };
    // AWS (apis): one purge in 60 seconds.
    if queue.purged.is_some_and(|at| at + 60_000 > now) {
        let why = format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
        return Err(Fault::new(403, "PurgeQueueInProgress", why));
    }
    queue.purge(now);
    Ok(Answer::empty())
}

fn dead_letter_sources(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    let target = world.queue_arn(&name);
    let sources = world
        .messaging
        .queues
        .values()
        .filter(|q| q.redrive.as_ref().is_some_and(|r| r.target == target));
    let (sources, next) = page(sources, call.str("NextToken"), page_size(call, "MaxResults", 1000));
    let urls: Vec<String> = sources.into_iter().map(|q| url(world, call, &q.name)).collect();
    Ok(map! { "queueUrls" => urls, "NextToken" => next }.into())
}

fn list_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    let tags = world
        .messaging
        .queues
        .get(&name)
        .map(|q| &q.tags)
        .filter(|tags| !tags.is_empty());
    Ok(map! { "Tags" => tags.map(as_map) }.into())
}

fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    if let Some(queue) = world.messaging.queues.get_mut(&name) {
        queue.tags.extend(tag_map(call.get("Tags")));
    }
    Ok(Answer::empty())
}

fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    if let Some(queue) = world.messaging.queues.get_mut(&name) {
        for key in call.get("TagKeys").strings() {
            queue.tags.remove(key);
        }
    }
    Ok(Answer::empty())
}
