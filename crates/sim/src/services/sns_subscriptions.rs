//! SNS: subscriptions.

use super::sns::{MESSAGE_BYTES, PAGE, invalid, message_bytes, takes_large, topic_name};
use super::{Table, page};
use crate::call::{Answer, Call, Fault};
use crate::value::{Map, Value, map};
use crate::world::pattern::Pattern;
use crate::world::topic::Subscription;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("ConfirmSubscription", confirm),
    ("GetSubscriptionAttributes", get_subscription),
    ("ListSubscriptions", list_subscriptions),
    ("ListSubscriptionsByTopic", list_by_topic),
    ("SetSubscriptionAttributes", set_subscription),
    ("Subscribe", subscribe),
    ("Unsubscribe", unsubscribe),
];

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
const SUBSCRIPTION_ATTRIBUTES: [&str; 7] = [
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
    "ReplayPolicy",
];

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
        .messaging
        .topics
        .iter()
        .flat_map(|(name, topic)| topic.subscriptions.iter().map(move |s| (name, s)));
    let (found, next) = page(all, call.str("NextToken"), PAGE);
    let found: Vec<Value> = found.into_iter().map(|(name, s)| shown(world, name, s)).collect();
    Ok(map! { "Subscriptions" => found, "NextToken" => next }.into())
}

fn list_by_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let all = world
        .messaging
        .topics
        .get(&name)
        .into_iter()
        .flat_map(|t| &t.subscriptions);
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
    let (fifo, topic) = (arn::is_fifo(&name), world.messaging.topics.get(&name));
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
    if let Some(there) = world
        .messaging
        .topics
        .get(&name)
        .and_then(|t| t.subscriptions.iter().find(same))
    {
        let arn = if there.confirmed {
            there.arn.as_str()
        } else {
            "pending confirmation"
        };
        return Ok(map! { "SubscriptionArn" => arn }.into());
    }
    // AWS (delivery): a function's or a queue's subscription is confirmed at once, a person's or a web server's is not.
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
    if let Some(topic) = world.messaging.topics.get_mut(&name) {
        topic.subscriptions.push(made);
    }
    Ok(map! { "SubscriptionArn" => arn }.into())
}

fn confirm(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let waiting = world
        .messaging
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
        .messaging
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
    for topic in world.messaging.topics.values_mut() {
        topic.subscriptions.retain(|s| s.arn != given);
    }
    Ok(Answer::empty())
}
