//! SNS: topics, subscriptions, publications.

use serde_json::json;

use super::sqs_messages::read_attributes;
use super::{Table, as_list, page, tag_list};
use crate::sim::call::{Answer, Call, Fault};
use crate::sim::value::{Map, Value, map};
use crate::sim::world::pattern::Pattern;
use crate::sim::world::topic::{Publication, Subscription, Topic};
use crate::sim::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("AddPermission", |_, _| Ok(Answer::empty())),
    ("ConfirmSubscription", confirm),
    ("CreateTopic", create),
    ("DeleteTopic", delete),
    ("GetSubscriptionAttributes", get_subscription),
    ("GetTopicAttributes", get_topic),
    ("ListSubscriptions", list_subscriptions),
    ("ListSubscriptionsByTopic", list_by_topic),
    ("ListTagsForResource", list_tags),
    ("ListTopics", list_topics),
    ("Publish", publish),
    ("PublishBatch", publish_batch),
    ("RemovePermission", |_, _| Ok(Answer::empty())),
    ("SetSubscriptionAttributes", set_subscription),
    ("SetTopicAttributes", set_topic),
    ("Subscribe", subscribe),
    ("TagResource", tag),
    ("Unsubscribe", unsubscribe),
    ("UntagResource", untag),
];

/// AWS: SNS lists give 100 a page.
const PAGE: usize = 100;
const PROTOCOLS: [&str; 9] = [
    "http",
    "https",
    "email",
    "email-json",
    "sms",
    "sqs",
    "application",
    "lambda",
    "firehose",
];
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
const SUBSCRIPTION_ATTRIBUTES: [&str; 7] = [
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
    "ReplayPolicy",
];

/// AWS's default for `MaximumMessageSize`: 256 KiB.
const MESSAGE_BYTES: usize = 262_144;
/// What web servers are retried by; it shows whatever the subscriptions are.
const EFFECTIVE_DELIVERY_POLICY: &str = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#;

fn invalid(why: &str) -> Fault {
    Fault::bad("InvalidParameterException", format!("Invalid parameter: {why}"))
}

fn no_topic() -> Fault {
    Fault::new(404, "NotFoundException", "Topic does not exist")
}

/// The name of the topic that a call is about.
fn topic_name(world: &World, call: &Call, member: &str) -> Result<String, Fault> {
    let given = call.str(member).ok_or_else(|| invalid(member))?;
    let name = arn::name(given);
    let there = world.topics.contains_key(name) && world.arn("sns", name) == given;
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
    if !world.topics.contains_key(name) {
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
        world.topics.insert(name.to_owned(), topic);
    }
    Ok(map! { "TopicArn" => arn }.into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    // AWS: deleting a topic that is not there succeeds.
    if let Ok(name) = topic_name(world, call, "TopicArn") {
        world.topics.remove(&name);
    }
    Ok(Answer::empty())
}

fn get_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let Some(topic) = world.topics.get(&name) else {
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
    let policy = json!({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [{
        "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
            "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"], "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": world.account}}}]});
    let mut attributes = Map::new();
    attributes.push("TopicArn", arn);
    attributes.push("Owner", &world.account);
    attributes.push("Policy", policy.to_string());
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
    if let Some(topic) = world.topics.get_mut(&name) {
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
        // AWS: 1 KiB to 1 MiB; past the default of 256 KiB only queues, functions and Firehose can listen.
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
fn takes_large(protocol: &str) -> bool {
    matches!(protocol, "sqs" | "lambda" | "firehose")
}

/// The largest message of a topic.
fn message_bytes(topic: &Topic) -> usize {
    let set = topic.echoed.get("MaximumMessageSize");
    set.and_then(|size| size.parse().ok()).unwrap_or(MESSAGE_BYTES)
}

fn list_topics(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (names, next) = page(world.topics.keys(), call.str("NextToken"), PAGE);
    let topics: Vec<Value> = names
        .into_iter()
        .map(|n| map! { "TopicArn" => world.arn("sns", n) })
        .collect();
    Ok(map! { "Topics" => topics, "NextToken" => next }.into())
}

fn shown(world: &World, topic: &str, subscription: &Subscription) -> Value {
    let arn = if subscription.confirmed {
        subscription.arn.as_str()
    } else {
        "PendingConfirmation"
    };
    map! {
        "SubscriptionArn" => arn, "Owner" => &world.account, "Protocol" => &subscription.protocol,
        "Endpoint" => &subscription.endpoint, "TopicArn" => world.arn("sns", topic),
    }
}

fn list_subscriptions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let all = world
        .topics
        .iter()
        .flat_map(|(name, topic)| topic.subscriptions.iter().map(move |s| (name, s)));
    let (found, next) = page(all, call.str("NextToken"), PAGE);
    let found: Vec<Value> = found.into_iter().map(|(name, s)| shown(world, name, s)).collect();
    Ok(map! { "Subscriptions" => found, "NextToken" => next }.into())
}

fn list_by_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let all = world.topics.get(&name).into_iter().flat_map(|t| &t.subscriptions);
    let (found, next) = page(all, call.str("NextToken"), PAGE);
    let found: Vec<Value> = found.into_iter().map(|s| shown(world, &name, s)).collect();
    Ok(map! { "Subscriptions" => found, "NextToken" => next }.into())
}

/// Sets one attribute of a subscription.
fn set_attribute(subscription: &mut Subscription, name: &str, value: &str) -> Result<(), Fault> {
    if !SUBSCRIPTION_ATTRIBUTES.contains(&name) {
        return Err(invalid("AttributeName"));
    }
    if name == "FilterPolicy" {
        let read = |text: &str| Pattern::parse(text).map_err(|_| invalid("FilterPolicy: failed to parse JSON."));
        subscription.filter = if value.is_empty() || value == "{}" {
            None
        } else {
            Some((value.to_owned(), read(value)?))
        };
    }
    if name == "RawMessageDelivery" && !matches!(value, "true" | "false") {
        return Err(invalid(&format!(
            "RawMessageDelivery: Invalid value [{value}]. Must be true or false."
        )));
    }
    if name == "RedrivePolicy" && !value.is_empty() {
        let json: serde_json::Value =
            serde_json::from_str(value).map_err(|_| invalid("RedrivePolicy: failed to parse JSON."))?;
        if json["deadLetterTargetArn"]
            .as_str()
            .is_none_or(|t| arn::service(t) != "sqs")
        {
            return Err(invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn"));
        }
        let is_fifo = |arn: Option<&str>| arn.is_some_and(arn::is_fifo);
        if is_fifo(Some(&subscription.endpoint)) && !is_fifo(json["deadLetterTargetArn"].as_str()) {
            return Err(invalid(
                "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
            ));
        }
    }
    if value.is_empty() {
        subscription.attributes.remove(name);
    } else if name != "FilterPolicy" {
        subscription.attributes.insert(name.to_owned(), value.to_owned());
    }
    Ok(())
}

fn subscribe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let protocol = call.str("Protocol").unwrap_or("").to_owned();
    if !PROTOCOLS.contains(&protocol.as_str()) {
        return Err(invalid(&format!(
            "Amazon SNS does not support this protocol string: {protocol}"
        )));
    }
    let endpoint = call.str("Endpoint").unwrap_or("").to_owned();
    let fits = match protocol.as_str() {
        "lambda" | "sqs" | "firehose" => arn::service(&endpoint) == protocol,
        "email" | "email-json" => endpoint.contains('@'),
        _ => !endpoint.is_empty(),
    };
    if !fits {
        return Err(invalid(&match protocol.as_str() {
            "sqs" => "SQS endpoint ARN".to_owned(),
            _ => format!("Endpoint: {endpoint}"),
        }));
    }
    let (fifo, topic) = (arn::is_fifo(&name), world.topics.get(&name));
    if protocol == "sqs" && arn::is_fifo(&endpoint) && !fifo {
        return Err(invalid(
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ));
    }
    if fifo && protocol != "sqs" {
        return Err(invalid(&format!(
            "Protocol Reason: {protocol} cannot be subscribed to FIFO topics"
        )));
    }
    if topic.is_some_and(|topic| message_bytes(topic) > MESSAGE_BYTES) && !takes_large(&protocol) {
        return Err(invalid(&format!(
            "Protocol Reason: {protocol} cannot be subscribed to topics with a MaximumMessageSize above 262144"
        )));
    }
    let attributes = call.get("Attributes");
    let same = |s: &&Subscription| s.protocol == protocol && s.endpoint == endpoint;
    if let Some(there) = world.topics.get(&name).and_then(|t| t.subscriptions.iter().find(same)) {
        let arn = if there.confirmed {
            there.arn.as_str()
        } else {
            "pending confirmation"
        };
        return Ok(map! { "SubscriptionArn" => arn }.into());
    }
    // AWS: a function's or a queue's subscription is confirmed at once, a person's or a web server's is not.
    let confirmed = matches!(protocol.as_str(), "lambda" | "sqs" | "sms" | "application" | "firehose");
    let mut made = Subscription {
        arn: format!("{}:{}", world.arn("sns", &name), world.next_uuid("subscription")),
        protocol,
        endpoint,
        confirmed,
        filter: None,
        attributes: std::collections::BTreeMap::new(),
    };
    for (attribute, value) in attributes.entries() {
        set_attribute(&mut made, attribute, &value.text().unwrap_or_default())?;
    }
    let told = confirmed || call.get("ReturnSubscriptionArn").bool() == Some(true);
    let arn = if told {
        made.arn.clone()
    } else {
        "pending confirmation".to_owned()
    };
    if let Some(topic) = world.topics.get_mut(&name) {
        topic.subscriptions.push(made);
    }
    Ok(map! { "SubscriptionArn" => arn }.into())
}

fn confirm(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let waiting = world
        .topics
        .get_mut(&name)
        .and_then(|t| t.subscriptions.iter_mut().find(|s| !s.confirmed));
    let found = waiting.ok_or_else(|| invalid("Token"))?;
    found.confirmed = true;
    Ok(map! { "SubscriptionArn" => &found.arn }.into())
}

/// The subscription that a call is about.
fn subscription<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Subscription, Fault> {
    let given = call.str("SubscriptionArn").ok_or_else(|| invalid("SubscriptionArn"))?;
    let found = world
        .topics
        .values_mut()
        .flat_map(|t| t.subscriptions.iter_mut())
        .find(|s| s.arn == given);
    found.ok_or_else(|| Fault::new(404, "NotFoundException", "Subscription does not exist"))
}

fn get_subscription(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let account = world.account.clone();
    let found = subscription(world, call)?;
    let topic = found.arn.rsplit_once(':').map_or("", |(topic, _)| topic);
    let mut attributes = Map::new();
    attributes.push("SubscriptionArn", &found.arn);
    attributes.push("TopicArn", topic);
    attributes.push("Protocol", &found.protocol);
    attributes.push("Endpoint", &found.endpoint);
    attributes.push("Owner", account);
    attributes.push("ConfirmationWasAuthenticated", "true");
    attributes.push("PendingConfirmation", (!found.confirmed).to_string());
    attributes.push("RawMessageDelivery", "false");
    if let Some((text, _)) = &found.filter {
        attributes.push("FilterPolicy", text);
        attributes.push("FilterPolicyScope", "MessageAttributes");
    }
    for (attribute, value) in &found.attributes {
        attributes.insert(attribute.as_str(), value);
    }
    Ok(map! { "Attributes" => attributes }.into())
}

fn set_subscription(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("AttributeName").unwrap_or("").to_owned();
    let value = call.get("AttributeValue").text().unwrap_or_default();
    set_attribute(subscription(world, call)?, &name, &value)?;
    Ok(Answer::empty())
}

fn unsubscribe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let given = call.str("SubscriptionArn").ok_or_else(|| invalid("SubscriptionArn"))?;
    for topic in world.topics.values_mut() {
        topic.subscriptions.retain(|s| s.arn != given);
    }
    Ok(Answer::empty())
}

/// What one publication says.
fn publication(world: &World, topic: &str, entry: &Value) -> Result<Publication, Fault> {
    let message = entry
        .get("Message")
        .str()
        .filter(|m| !m.is_empty())
        .ok_or_else(|| invalid("Empty message"))?;
    if message.len() > world.topics.get(topic).map_or(MESSAGE_BYTES, message_bytes) {
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
            .topics
            .get(topic)
            .and_then(|t| t.echoed.get("ContentBasedDeduplication"));
        if by_content.is_none_or(|v| v != "true") {
            return Err(invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ));
        }
        dedup = Some(crate::sim::world::receipt::md5_hex(message.as_bytes()));
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
    world.topics.get_mut(&name).ok_or_else(no_topic)
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
