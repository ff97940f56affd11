//! SNS: topics, subscriptions, filters, and deliveries with retries of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::lineage::Lineage;
use super::marbles::MarbleStage;
use super::metrics::MetricKey;
use super::pattern::Pattern;
use super::policy::Sender;
use super::queue::{Attribute, AttributeValue, Attributes, Letter};
use super::{Happening, World, arn};
use crate::call::Fault;
use crate::time::to_iso;

/// From the publication to the first delivery. Simulated.
const HOP_MS: std::ops::RangeInclusive<i64> = 30..=300;
/// The principal.
const SNS: &str = "sns.amazonaws.com";
/// AWS (delivery): 100,015 attempts over 23 days.
const TRIES: u32 = 100_015;

/// A topic.
#[derive(Clone, Debug, Default)]
pub struct Topic {
    /// Its subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Attributes that are kept and echoed: `DisplayName`, `Policy`, ….
    pub echoed: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A subscription.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Its ARN.
    pub arn: String,
    /// `lambda`, `sqs`, `email`, `https`, ….
    pub protocol: String,
    /// The function's or queue's ARN, or an address.
    pub endpoint: String,
    /// Whether someone at the other end agreed. AWS (delivery): functions and queues of the account are at once.
    pub confirmed: bool,
    /// The filter policy's text and what it means.
    pub filter: Option<(String, Pattern)>,
    /// Attributes as they were set: `RawMessageDelivery`, `RedrivePolicy`, `FilterPolicyScope`, ….
    pub attributes: BTreeMap<String, String>,
}

impl Subscription {
    fn raw(&self) -> bool {
        self.attributes.get("RawMessageDelivery").is_some_and(|v| v == "true")
    }

    /// The dead-letter queue's ARN.
    #[must_use]
    pub fn dead_letter(&self) -> Option<String> {
        let policy: Json = serde_json::from_str(self.attributes.get("RedrivePolicy")?).ok()?;
        Some(policy["deadLetterTargetArn"].as_str()?.to_owned())
    }

    fn passes(&self, publication: &Publication) -> bool {
        let Some((_, pattern)) = &self.filter else { return true };
        if self
            .attributes
            .get("FilterPolicyScope")
            .is_some_and(|scope| scope == "MessageBody")
        {
            return serde_json::from_str(&publication.message).is_ok_and(|json| pattern.matches(&json));
        }
        let attributes = publication
            .attributes
            .iter()
            .map(|(name, attribute)| (name.clone(), filterable(attribute)));
        pattern.matches(&Json::Object(attributes.collect()))
    }
}

/// An attribute as a filter policy sees it.
fn filterable(attribute: &Attribute) -> Json {
    let text = attribute.as_text();
    match attribute.kind.as_str() {
        kind if kind.starts_with("Number") => serde_json::from_str(text).unwrap_or(Json::Null),
        "String.Array" => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}

/// What a publisher gives.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// The message.
    pub message: Arc<str>,
    /// The subject.
    pub subject: Option<String>,
    /// Message attributes.
    pub attributes: Attributes,
    /// The message group: FIFO topics.
    pub group: Option<String>,
    /// The deduplication id: FIFO topics.
    pub dedup: Option<String>,
    /// The chain of requests that it is part of.
    pub lineage: Lineage,
}

/// A message on its way to one subscriber.
#[derive(Clone, Debug)]
pub struct Delivery {
    topic: String,
    subscription: String,
    message_id: String,
    publication: Arc<Publication>,
    published: i64,
    tries: u32,
}

impl World {
    /// Publishes a message; its id comes back.
    pub(crate) fn publish(&mut self, topic: &str, publication: Publication) -> Result<String, Fault> {
        let Some(found) = self.messaging.topics.get(topic) else {
            return Err(Fault::new(404, "NotFoundException", "Topic does not exist"));
        };
        let subscribers: Vec<(String, bool)> = found
            .subscriptions
            .iter()
            .filter(|s| s.confirmed)
            .map(|s| (s.arn.clone(), s.passes(&publication)))
            .collect();
        let message_id = self.next_uuid("publication");
        self.topic_metric(topic, "NumberOfMessagesPublished");
        let node = |world: &Self| world.arn("sns", topic);
        self.note_marble(publication.lineage.marble(), node, MarbleStage::Reached);
        let publication = Arc::new(publication);
        for (subscription, passes) in subscribers {
            if !passes {
                self.topic_metric(topic, "NumberOfNotificationsFilteredOut");
                continue;
            }
            let id = self.next_id();
            let hop = self.chance.within("subscriber/hop", id, HOP_MS);
            let delivery = Delivery {
                topic: topic.to_owned(),
                subscription,
                message_id: message_id.clone(),
                publication: Arc::clone(&publication),
                published: self.clock.now,
                tries: 0,
            };
            self.messaging.subscribers.insert(id, delivery);
            self.later(self.clock.now + hop, Happening::Subscriber(id));
        }
        Ok(message_id)
    }

    /// Counts a topic's metric now.
    pub(crate) fn topic_metric(&mut self, topic: &str, name: &str) {
        self.records.metrics.add(
            MetricKey::new("AWS/SNS", name, &[("TopicName", topic)]),
            self.clock.now,
            1.0,
        );
    }

    pub(super) fn try_subscriber(&mut self, id: u64) {
        let Some(delivery) = self.messaging.subscribers.get(&id).cloned() else {
            return;
        };
        let topic = self.messaging.topics.get(&delivery.topic);
        let found = topic.and_then(|t| t.subscriptions.iter().find(|s| s.arn == delivery.subscription));
        let Some(subscription) = found.cloned() else {
            self.messaging.subscribers.remove(&id);
            return;
        };
        match self.hand_to_subscriber(&delivery, &subscription) {
            Ok(()) => {
                self.messaging.subscribers.remove(&id);
                self.topic_metric(&delivery.topic, "NumberOfNotificationsDelivered");
            }
            // A client error (nothing there, no permission) is not retried.
            Err(fault) if fault.sender || delivery.tries + 1 >= TRIES => self.fail_subscriber(id, &subscription),
            Err(_) => {
                let wait = retry_wait(delivery.tries);
                let wait = self
                    .chance
                    .spread("subscriber/retry", id * 200_000 + u64::from(delivery.tries), wait, 0.05);
                if let Some(delivery) = self.messaging.subscribers.get_mut(&id) {
                    delivery.tries += 1;
                }
                self.later(self.clock.now + wait, Happening::Subscriber(id));
            }
        }
    }

    /// Whether a delivery is one of this topic.
    #[cfg(test)]
    pub(super) fn delivers(&self, id: u64, topic: &str) -> bool {
        self.messaging.subscribers.get(&id).is_some_and(|d| d.topic == topic)
    }

    fn hand_to_subscriber(&mut self, delivery: &Delivery, subscription: &Subscription) -> Result<(), Fault> {
        let publication = &delivery.publication;
        match subscription.protocol.as_str() {
            "lambda" => {
                let (function, qualifier) = arn::function(&subscription.endpoint);
                let topic_arn = self.arn("sns", &delivery.topic);
                let found = self.lambda.functions.get(function);
                if found.is_some_and(|f| !f.admits(qualifier, SNS, &topic_arn)) {
                    return Err(Fault::new(
                        403,
                        "AccessDeniedException",
                        "sns.amazonaws.com may not invoke the function",
                    ));
                }
                let event = json!({"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0",
                    "EventSubscriptionArn": subscription.arn, "Sns": self.notification(delivery, subscription, Envelope::Function)}]});
                self.invoke_async(
                    function,
                    qualifier,
                    event.to_string().into(),
                    publication.lineage.clone(),
                )
                .map(|_| ())
            }
            "sqs" => {
                let letter = self.letter(delivery, subscription);
                let sender = Sender::new(SNS, self.arn("sns", &delivery.topic));
                self.send_for(&sender, arn::name(&subscription.endpoint), letter)
            }
            _ => Ok(()),
        }
    }

    /// The message as a queue gets it: raw, or in its envelope.
    fn letter(&self, delivery: &Delivery, subscription: &Subscription) -> Letter {
        let publication = &delivery.publication;
        let mut letter = if subscription.raw() {
            Letter {
                attributes: publication.attributes.clone(),
                ..Letter::of(Arc::clone(&publication.message))
            }
        } else {
            Letter::of(self.notification(delivery, subscription, Envelope::Queue).to_string())
        };
        letter.lineage = publication.lineage.clone();
        if arn::is_fifo(&subscription.endpoint) {
            letter.group = publication.group.clone().or_else(|| Some(delivery.topic.clone()));
            letter.dedup = publication.dedup.clone().or_else(|| Some(delivery.message_id.clone()));
        }
        letter
    }

    fn notification(&self, delivery: &Delivery, subscription: &Subscription, envelope: Envelope) -> Json {
        let publication = &delivery.publication;
        let mut json = json!({
            "Type": "Notification",
            "MessageId": delivery.message_id,
            "TopicArn": self.arn("sns", &delivery.topic),
        });
        if publication.subject.is_some() || envelope == Envelope::Function {
            json["Subject"] = publication.subject.clone().into();
        }
        json["Message"] = (&*publication.message).into();
        json["Timestamp"] = to_iso(delivery.published).into();
        json["SignatureVersion"] = "1".into();
        json["Signature"] = "EXAMPLE".into();
        let (certificate, leave) = match envelope {
            Envelope::Function => ("SigningCertUrl", "UnsubscribeUrl"),
            Envelope::Queue => ("SigningCertURL", "UnsubscribeURL"),
        };
        let host = format!("https://sns.{}.amazonaws.com", self.region);
        json[certificate] = format!("{host}/SimpleNotificationService-0000000000000000.pem").into();
        json[leave] = format!("{host}/?Action=Unsubscribe&SubscriptionArn={}", subscription.arn).into();
        if !publication.attributes.is_empty() || envelope == Envelope::Function {
            let attributes = publication.attributes.iter().map(|(name, attribute)| {
                let value = match &attribute.value {
                    AttributeValue::Text(text) => text.clone(),
                    AttributeValue::Bytes(bytes) => {
                        use base64::Engine as _;
                        base64::engine::general_purpose::STANDARD.encode(bytes)
                    }
                };
                (name.clone(), json!({"Type": attribute.kind, "Value": value}))
            });
            json["MessageAttributes"] = Json::Object(attributes.collect());
        }
        json
    }

    /// Ends a delivery after the last attempt: the message goes to the subscription's dead-letter queue, or is lost.
    fn fail_subscriber(&mut self, id: u64, subscription: &Subscription) {
        let Some(delivery) = self.messaging.subscribers.remove(&id) else {
            return;
        };
        self.topic_metric(&delivery.topic, "NumberOfNotificationsFailed");
        let Some(queue) = subscription.dead_letter() else {
            return;
        };
        let letter = self.letter(&delivery, subscription);
        // AWS (permissions): the dead-letter queue's policy must allow SNS as well.
        let sender = Sender::new(SNS, self.arn("sns", &delivery.topic));
        let metric = match self.send_for(&sender, arn::name(&queue), letter) {
            Ok(()) => "NumberOfNotificationsRedrivenToDlq",
            Err(_) => "NumberOfNotificationsFailedToRedriveToDlq",
        };
        self.topic_metric(&delivery.topic, metric);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Envelope {
    Function,
    Queue,
}

/// The wait after so many attempts. AWS (delivery): 3 retries at once, 2 a second apart, 10 with backoff from 1 to 20 s, then every 20
/// s.
fn retry_wait(tries: u32) -> i64 {
    match tries {
        0..=2 => 0,
        3 | 4 => 1000,
        // 20^(i/9) seconds, i from 0 to 9.
        5..=14 => [1000, 1395, 1946, 2714, 3786, 5281, 7368, 10_277, 14_336, 20_000][tries as usize - 5],
        _ => 20_000,
    }
}
