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
    "FifoTopic",
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
            topic
                .echoed
                .insert(attribute.to_owned(), value.text().unwrap_or_default());
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
        "Action": ["SNS:Publish", "SNS:Subscribe"], "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": world.account}}}]});
    let mut attributes = Map::new();
    attributes.push("TopicArn", arn);
    attributes.push("Owner", &world.account);
    attributes.push("Policy", policy.to_string());
    attributes.push("DisplayName", "");
    attributes.push("SubscriptionsConfirmed", count(true));
    attributes.push("SubscriptionsPending", count(false));
    attributes.push("SubscriptionsDeleted", "0");
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
    if let Some(topic) = world.topics.get_mut(&name) {
        topic.echoed.insert(
            attribute.to_owned(),
            call.get("AttributeValue").text().unwrap_or_default(),
        );
    }
    Ok(Answer::empty())
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
    if name == "RedrivePolicy" && !value.is_empty() {
        let json: serde_json::Value =
            serde_json::from_str(value).map_err(|_| invalid("RedrivePolicy: failed to parse JSON."))?;
        if json["deadLetterTargetArn"]
            .as_str()
            .is_none_or(|t| arn::service(t) != "sqs")
        {
            return Err(invalid("RedrivePolicy: deadLetterTargetArn must be the ARN of a queue"));
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
        return Err(invalid(&format!("Endpoint: {endpoint}")));
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
    if message.len() > 262_144 {
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
