//! SNS: topics and subscriptions.

use serde_json::Value;

use super::pages::Pages;
use super::{Error, Session, api};
use crate::domain::{EdgeFilter, EdgePolicy, Topic};

/// A subscription as the listing shows it.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Its ARN; `PendingConfirmation` for one that is not confirmed.
    pub arn: String,
    /// The topic's ARN.
    pub topic: String,
    /// `lambda`, `sqs`, `email`, `https`, …
    pub protocol: String,
    /// The ARN of the function or queue; an address for others.
    pub endpoint: String,
}

/// A topic by its attributes.
#[derive(Clone, Debug, Default)]
pub struct TopicSeen {
    /// What is kept of them.
    pub detail: Topic,
    /// The policy document; empty where it has none.
    pub policy: String,
}

/// The attributes of a subscription.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionDetail {
    /// Its filter and delivery.
    pub policy: EdgePolicy,
    /// The ARN of its dead-letter queue.
    pub dead_letter: Option<String>,
}

impl Session {
    /// The ARNs of all topics, 100 a page.
    pub async fn topics(&self) -> Result<Vec<String>, Error> {
        let clients = self.clients();
        let mut topics = Vec::new();
        let mut pages = Pages::of(&api::LIST_TOPICS);
        while pages.more() {
            let call = || clients.sns.list_topics().set_next_token(pages.token()).send();
            let answer = self.caller.call(&api::LIST_TOPICS, call).await?;
            topics.extend(
                answer
                    .topics()
                    .iter()
                    .filter_map(|topic| topic.topic_arn().map(str::to_owned)),
            );
            pages.turn(
                answer.next_token(),
                answer.topics().iter().map(|topic| topic.topic_arn()),
            )?;
        }
        Ok(topics)
    }

    /// The attributes of one topic.
    ///
    /// # Errors
    ///
    /// If the call failed; `NotFound` if the topic does not exist.
    pub async fn topic(&self, arn: &str) -> Result<TopicSeen, Error> {
        let clients = self.clients();
        let call = || clients.sns.get_topic_attributes().topic_arn(arn).send();
        let answer = self.caller.call(&api::GET_TOPIC_ATTRIBUTES, call).await?;
        let get = |name: &str| answer.attributes()?.get(name).filter(|text| !text.is_empty());
        Ok(TopicSeen {
            detail: Topic {
                maximum_message_bytes: get("MaximumMessageSize").and_then(|text| text.parse().ok()),
                kms_key: get("KmsMasterKeyId").cloned(),
                subscriptions: get("SubscriptionsConfirmed").and_then(|text| text.parse().ok()),
                policy: None,
            },
            policy: get("Policy").cloned().unwrap_or_default(),
        })
    }

    /// All subscriptions, 100 a page.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, Error> {
        let clients = self.clients();
        let mut subscriptions = Vec::new();
        let mut pages = Pages::of(&api::LIST_SUBSCRIPTIONS);
        while pages.more() {
            let call = || clients.sns.list_subscriptions().set_next_token(pages.token()).send();
            let answer = self.caller.call(&api::LIST_SUBSCRIPTIONS, call).await?;
            subscriptions.extend(answer.subscriptions().iter().filter_map(seen));
            pages.turn(
                answer.next_token(),
                answer
                    .subscriptions()
                    .iter()
                    .map(|s| (s.subscription_arn(), s.topic_arn(), s.endpoint())),
            )?;
        }
        Ok(subscriptions)
    }

    /// The subscriptions of one topic, 100 a page.
    ///
    /// # Errors
    ///
    /// If the call failed; `NotFound` if the topic does not exist.
    pub async fn subscriptions_of(&self, topic: &str) -> Result<Vec<Subscription>, Error> {
        let clients = self.clients();
        let mut subscriptions = Vec::new();
        let mut pages = Pages::of(&api::LIST_TOPIC_SUBSCRIPTIONS);
        while pages.more() {
            let call = || {
                let request = clients.sns.list_subscriptions_by_topic().topic_arn(topic);
                request.set_next_token(pages.token()).send()
            };
            let answer = self.caller.call(&api::LIST_TOPIC_SUBSCRIPTIONS, call).await?;
            subscriptions.extend(answer.subscriptions().iter().filter_map(seen));
            let names = answer.subscriptions().iter();
            pages.turn(answer.next_token(), names.map(|s| (s.subscription_arn(), s.endpoint())))?;
        }
        Ok(subscriptions)
    }

    /// Filter, delivery and dead-letter queue of one subscription.
    pub async fn subscription(&self, arn: &str) -> Result<SubscriptionDetail, Error> {
        let clients = self.clients();
        let call = || clients.sns.get_subscription_attributes().subscription_arn(arn).send();
        let answer = self.caller.call(&api::GET_SUBSCRIPTION_ATTRIBUTES, call).await?;
        let get = |name: &str| {
            answer
                .attributes()
                .and_then(|all| all.get(name))
                .filter(|text| !text.is_empty())
        };
        let dead_letter = get("RedrivePolicy")
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
            .and_then(|policy| Some(policy.get("deadLetterTargetArn")?.as_str()?.to_owned()));
        let filter = get("FilterPolicy").filter(|text| *text != "{}");
        // AWS (delivery): the attributes, unless the subscription says otherwise.
        let scope = || get("FilterPolicyScope").map_or("MessageAttributes", String::as_str);
        let policy = EdgePolicy {
            id: Some(arn.to_owned()),
            filter: EdgeFilter {
                scope: filter.map(|_| scope().to_owned()),
                patterns: filter.cloned().into_iter().collect(),
                ..EdgeFilter::default()
            },
            raw_delivery: get("RawMessageDelivery").map(|text| text.eq_ignore_ascii_case("true")),
            ..EdgePolicy::retried_by("sns")
        };
        Ok(SubscriptionDetail { policy, dead_letter })
    }
}

fn seen(s: &aws_sdk_sns::types::Subscription) -> Option<Subscription> {
    Some(Subscription {
        arn: s.subscription_arn()?.to_owned(),
        topic: s.topic_arn()?.to_owned(),
        protocol: s.protocol()?.to_owned(),
        endpoint: s.endpoint().unwrap_or_default().to_owned(),
    })
}
