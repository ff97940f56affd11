//! SNS: topics, subscriptions, publications.

use super::sqs_messages::read_attributes;
use super::{Table, as_list, page, tag_list};
use crate::call::{Answer, Call, Fault};
use crate::value::{Map, Value, map};
use crate::world::topic::{Publication, Topic};
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("CreateTopic", create),
    ("DeleteTopic", delete),
    ("GetTopicAttributes", get_topic),
    ("ListTagsForResource", list_tags),
    ("ListTopics", list_topics),
    ("Publish", publish),
    ("PublishBatch", publish_batch),
    ("SetTopicAttributes", set_topic),
    ("TagResource", tag),
    ("UntagResource", untag),
];

/// AWS (apis): SNS lists give 100 a page.
pub(super) const PAGE: usize = 100;
const TOPIC_ATTRIBUTES: [&str; 11] = [
    "DisplayName",
    "Policy",
    "DeliveryPolicy",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "ContentBasedDeduplication",
    "SignatureVersion",
    "TracingConfig",
    "ArchivePolicy",
    "FifoThroughputScope",
    "DataProtectionPolicy",
];
/// AWS's default for `MaximumMessageSize`: 256 KiB.
pub(super) const MESSAGE_BYTES: usize = 262_144;
/// What web servers are retried by; it shows whatever the subscriptions are.
const EFFECTIVE_DELIVERY_POLICY: &str = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#;

pub(super) fn invalid(why: &str) -> Fault {
    Fault::bad("InvalidParameterException", format!("Invalid parameter: {why}"))
}

pub(super) fn no_topic() -> Fault {
    Fault::new(404, "NotFoundException", "Topic does not exist")
}

/// The name of the topic that a call is about.
pub(super) fn topic_name(world: &World, call: &Call, member: &str) -> Result<String, Fault> {
    let given = call.str(member).ok_or_else(|| invalid(member))?;
    let name = arn::name(given);
    let there = world.messaging.topics.contains_key(name) && world.arn("sns", name) == given;
    if there { Ok(name.to_owned()) } else { Err(no_topic()) }
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Name").unwrap_or("");
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if stem.is_empty() || name.len() > 256 || !stem.chars().all(known) {
        return Err(invalid("Topic Name"));
    }
    let arn = world.arn("sns", name);
    if !world.messaging.topics.contains_key(name) {
        let mut topic = Topic {
            tags: tag_list(call.get("Tags")),
            ..Topic::default()
        };
        for (attribute, value) in call.get("Attributes").entries() {
            let value = value.text().unwrap_or_default();
            refuse_topic_attribute(&topic, attribute, &value)?;
            topic.echoed.insert(attribute.to_owned(), value);
        }
        if topic.echoed.get("FifoTopic").is_some_and(|v| v == "true") != arn::is_fifo(name)
            && topic.echoed.contains_key("FifoTopic")
        {
            return Err(invalid("Topic Name"));
        }
        if arn::is_fifo(name) {
            topic.echoed.insert("FifoTopic".to_owned(), "true".to_owned());
        }
        world.messaging.topics.insert(name.to_owned(), topic);
    }
    Ok(map! { "TopicArn" => arn }.into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    // AWS (apis): deleting a topic that is not there succeeds.
    if let Ok(name) = topic_name(world, call, "TopicArn") {
        world.messaging.topics.remove(&name);
    }
    Ok(Answer::empty())
}

fn get_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let Some(topic) = world.messaging.topics.get(&name) else {
        return Err(no_topic());
    };
    let count = |confirmed: bool| {
        topic
            .subscriptions
            .iter()
            .filter(|s| s.confirmed == confirmed)
            .count()
            .to_string()
    };
    let arn = world.arn("sns", &name);
    let mut attributes = Map::new();
    attributes.push("TopicArn", arn);
    attributes.push("Owner", &world.account);
    attributes.push("Policy", world.default_topic_policy(&name));
    attributes.push("DisplayName", "");
    attributes.push("SubscriptionsConfirmed", count(true));
    attributes.push("SubscriptionsPending", count(false));
    attributes.push("SubscriptionsDeleted", "0");
    attributes.push("EffectiveDeliveryPolicy", EFFECTIVE_DELIVERY_POLICY);
    for (attribute, value) in &topic.echoed {
        attributes.insert(attribute.as_str(), value);
    }
    Ok(map! { "Attributes" => attributes }.into())
}

fn set_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let attribute = call.str("AttributeName").unwrap_or("");
    if !TOPIC_ATTRIBUTES.contains(&attribute) {
        return Err(invalid("AttributeName"));
    }
    let value = call.get("AttributeValue").text().unwrap_or_default();
    if let Some(topic) = world.messaging.topics.get_mut(&name) {
        refuse_topic_attribute(topic, attribute, &value)?;
        if value.is_empty() && matches!(attribute, "Policy" | "MaximumMessageSize") {
            topic.echoed.remove(attribute);
        } else {
            topic.echoed.insert(attribute.to_owned(), value);
        }
    }
    Ok(Answer::empty())
}

/// What AWS takes for no value of a topic's attribute.
fn refuse_topic_attribute(topic: &Topic, attribute: &str, value: &str) -> Result<(), Fault> {
    match attribute {
        "Policy" if !value.is_empty() => {
            let read = serde_json::from_str::<serde_json::Value>(value);
            if !read.is_ok_and(|policy| !policy["Statement"].is_null()) {
                return Err(invalid("Policy Error: null"));
            }
        }
        // AWS (apis): 1 KiB to 1 MiB; past the default of 256 KiB only queues, functions and Firehose can listen.
        "MaximumMessageSize" if !value.is_empty() => {
            let size: Option<usize> = value.parse().ok();
            let size = size.filter(|size| (1024..=1_048_576).contains(size));
            let Some(size) = size else {
                return Err(invalid(
                    "Attributes Reason: MaximumMessageSize must be from 1024 to 1048576",
                ));
            };
            let mut protocols = topic.subscriptions.iter().map(|s| s.protocol.as_str());
            if size > MESSAGE_BYTES && protocols.any(|protocol| !takes_large(protocol)) {
                return Err(invalid(
                    "Attributes Reason: MaximumMessageSize above 262144 needs subscriptions of sqs, lambda or firehose only",
                ));
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether a protocol takes messages above AWS's default size.
pub(super) fn takes_large(protocol: &str) -> bool {
    matches!(protocol, "sqs" | "lambda" | "firehose")
}

/// The largest message of a topic.
pub(super) fn message_bytes(topic: &Topic) -> usize {
    let set = topic.echoed.get("MaximumMessageSize");
    set.and_then(|size| size.parse().ok()).unwrap_or(MESSAGE_BYTES)
}

fn list_topics(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (names, next) = page(world.messaging.topics.keys(), call.str("NextToken"), PAGE);
    let topics: Vec<Value> = names
        .into_iter()
        .map(|n| map! { "TopicArn" => world.arn("sns", n) })
        .collect();
    Ok(map! { "Topics" => topics, "NextToken" => next }.into())
}

/// Parses one publication.
fn publication(world: &World, topic: &str, entry: &Value) -> Result<Publication, Fault> {
    let message = entry
        .get("Message")
        .str()
        .filter(|m| !m.is_empty())
        .ok_or_else(|| invalid("Empty message"))?;
    if message.len() > world.messaging.topics.get(topic).map_or(MESSAGE_BYTES, message_bytes) {
        return Err(invalid("Message too long"));
    }
    let subject = entry.get("Subject").text();
    if subject
        .as_ref()
        .is_some_and(|s| s.is_empty() || s.len() > 100 || s.contains('\n'))
    {
        return Err(invalid("Subject"));
    }
    let attributes = match entry.get("MessageAttributes") {
        Value::Null => std::collections::BTreeMap::new(),
        given => read_attributes(given).map_err(|f| invalid(&f.message))?,
    };
    let fifo = arn::is_fifo(topic);
    let group = entry.get("MessageGroupId").text();
    if fifo && group.is_none() {
        return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
    }
    let mut dedup = entry.get("MessageDeduplicationId").text();
    if dedup.is_some() && !fifo {
        return Err(invalid(
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        ));
    }
    if fifo && dedup.is_none() {
        let by_content = world
            .messaging
            .topics
            .get(topic)
            .and_then(|t| t.echoed.get("ContentBasedDeduplication"));
        if by_content.is_none_or(|v| v != "true") {
            return Err(invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ));
        }
        dedup = Some(crate::world::receipt::md5_hex(message.as_bytes()));
    }
    Ok(Publication {
        message: message.into(),
        subject,
        attributes,
        group,
        dedup,
        ..Publication::default()
    })
}

fn publish(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let member = if call.str("TopicArn").is_some() {
        "TopicArn"
    } else {
        "TargetArn"
    };
    let name = topic_name(world, call, member)?;
    let letter = publication(world, &name, &call.input)?;
    let sequence = arn::is_fifo(&name).then(|| format!("{:020}", 10_000_000_000_000_000_000_u64));
    let id = world.publish(&name, letter)?;
    Ok(map! { "MessageId" => id, "SequenceNumber" => sequence }.into())
}

fn publish_batch(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let entries = call.get("PublishBatchRequestEntries").list();
    if entries.is_empty() {
        return Err(Fault::bad(
            "EmptyBatchRequestException",
            "The batch request doesn't contain any entries.",
        ));
    }
    if entries.len() > 10 {
        return Err(Fault::bad(
            "TooManyEntriesInBatchRequestException",
            "The batch request contains more entries than permissible.",
        ));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let id = entry.get("Id").text().unwrap_or_default();
        match publication(world, &name, entry).and_then(|letter| world.publish(&name, letter)) {
            Ok(message) => successful.push(map! { "Id" => id, "MessageId" => message }),
            Err(fault) => failed
                .push(map! { "Id" => id, "Code" => fault.code, "Message" => fault.message, "SenderFault" => true }),
        }
    }
    Ok(map! { "Successful" => successful, "Failed" => failed }.into())
}

fn tagged<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Topic, Fault> {
    let name = topic_name(world, call, "ResourceArn");
    let name = name.map_err(|_| Fault::new(404, "ResourceNotFoundException", "Resource does not exist"))?;
    world.messaging.topics.get_mut(&name).ok_or_else(no_topic)
}

fn list_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(map! { "Tags" => as_list(&tagged(world, call)?.tags) }.into())
}

fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    tagged(world, call)?.tags.extend(tag_list(call.get("Tags")));
    Ok(Answer::empty())
}

fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let topic = tagged(world, call)?;
    for key in call.get("TagKeys").strings() {
        topic.tags.remove(key);
    }
    Ok(Answer::empty())
}
