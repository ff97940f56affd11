//! SQS: queues, their attributes and depths. Nothing here receives a message.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value;

use super::pages::Pages;
use super::{Error, Session, api};
use crate::domain::{NodeId, Queue};

/// A queue by its attributes.
#[derive(Clone, Debug)]
pub struct QueueSeen {
    /// Its ARN.
    pub id: NodeId,
    /// What changes by the hour.
    pub detail: Queue,
    /// The ARN of its dead-letter queue.
    pub dead_letter: Option<String>,
    /// Visible, in flight, delayed. AWS (sqs): approximate.
    pub depth: (u64, u64, u64),
    /// The policy document; empty where it has none.
    pub policy: String,
}

impl Session {
    /// The URLs of all queues, 1,000 a page.
    pub async fn queue_urls(&self) -> Result<Vec<String>, Error> {
        let clients = self.clients();
        let mut urls = Vec::new();
        let mut pages = Pages::of(&api::LIST_QUEUES);
        while pages.more() {
            let call = || {
                clients
                    .sqs
                    .list_queues()
                    .max_results(1000)
                    .set_next_token(pages.token())
                    .send()
            };
            let answer = self.caller.call(&api::LIST_QUEUES, call).await?;
            urls.extend(answer.queue_urls().iter().cloned());
            pages.turn(answer.next_token(), answer.queue_urls())?;
        }
        Ok(urls)
    }

    /// The URLs of the queues whose redrive policy names this one, 1,000 a page.
    ///
    /// # Errors
    ///
    /// If the call failed.
    pub async fn dead_letter_sources(&self, url: &str) -> Result<Vec<String>, Error> {
        let clients = self.clients();
        let mut urls = Vec::new();
        let mut pages = Pages::of(&api::LIST_DEAD_LETTER_SOURCES);
        while pages.more() {
            let call = || {
                let request = clients.sqs.list_dead_letter_source_queues().queue_url(url);
                request.max_results(1000).set_next_token(pages.token()).send()
            };
            let answer = self.caller.call(&api::LIST_DEAD_LETTER_SOURCES, call).await?;
            pages.turn(answer.next_token(), answer.queue_urls())?;
            urls.extend(answer.queue_urls);
        }
        Ok(urls)
    }

    /// The URL of a queue of this account and region.
    pub async fn queue_url(&self, name: &str) -> Result<String, Error> {
        let clients = self.clients();
        let call = || clients.sqs.get_queue_url().queue_name(name).send();
        let answer = self.caller.call(&api::GET_QUEUE_URL, call).await?;
        answer.queue_url().map(str::to_owned).ok_or(Error::Unreadable {
            action: api::GET_QUEUE_URL.action,
        })
    }

    /// All attributes of one queue.
    pub async fn queue(&self, url: &str) -> Result<QueueSeen, Error> {
        let clients = self.clients();
        let call = || {
            clients
                .sqs
                .get_queue_attributes()
                .queue_url(url)
                .attribute_names(QueueAttributeName::All)
                .send()
        };
        let answer = self.caller.call(&api::GET_QUEUE_ATTRIBUTES, call).await?;
        let attributes: HashMap<String, String> = answer
            .attributes()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str().to_owned(), value.clone()))
            .collect();
        seen(url, &attributes).ok_or(Error::Unreadable {
            action: api::GET_QUEUE_ATTRIBUTES.action,
        })
    }
}

fn seen(url: &str, attributes: &HashMap<String, String>) -> Option<QueueSeen> {
    let number = |name: &str| attributes.get(name).and_then(|text| text.parse::<u64>().ok());
    let small = |name: &str| number(name).and_then(|n| u32::try_from(n).ok());
    let id = NodeId::from(attributes.get("QueueArn")?);
    let json = |name: &str| {
        attributes
            .get(name)
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
    };
    let redrive = json("RedrivePolicy");
    let allow = json("RedriveAllowPolicy").unwrap_or_default();
    let dead_letter = redrive
        .as_ref()
        .and_then(|policy| Some(policy.get("deadLetterTargetArn")?.as_str()?.to_owned()));
    let limit = redrive
        .as_ref()
        .and_then(|policy| policy.get("maxReceiveCount"))
        .and_then(|n| {
            // The service hands it back as it was set: a number or a text.
            n.as_u64()
                .or_else(|| n.as_str()?.parse().ok())
                .and_then(|n| u32::try_from(n).ok())
        });
    Some(QueueSeen {
        detail: Queue {
            url: url.to_owned(),
            visibility_timeout_s: small("VisibilityTimeout").unwrap_or(30),
            retention_s: small("MessageRetentionPeriod").unwrap_or(345_600),
            max_receive_count: limit,
            fifo: attributes.get("FifoQueue").is_some_and(|text| text == "true")
                || id.as_str().strip_suffix(".fifo").is_some(),
            redrive_permission: allow["redrivePermission"].as_str().map(str::to_owned),
            redrive_sources: allow["sourceQueueArns"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|arn| arn.as_str().map(str::to_owned))
                .collect(),
            kms_key: attributes.get("KmsMasterKeyId").filter(|key| !key.is_empty()).cloned(),
            delay_s: small("DelaySeconds").unwrap_or(0),
            maximum_message_bytes: small("MaximumMessageSize"),
            policy: None,
        },
        policy: attributes.get("Policy").cloned().unwrap_or_default(),
        dead_letter,
        depth: (
            number("ApproximateNumberOfMessages").unwrap_or(0),
            number("ApproximateNumberOfMessagesNotVisible").unwrap_or(0),
            number("ApproximateNumberOfMessagesDelayed").unwrap_or(0),
        ),
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_name_a_dead_letter_queue_is_read() {
        let policy = r#"{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:r:1:a","arn:aws:sqs:r:1:b"]}"#;
        let attributes = [("QueueArn", "arn:aws:sqs:r:1:d"), ("RedriveAllowPolicy", policy)];
        let attributes = attributes.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let queue = seen("http://x/1/d", &attributes).expect("a queue").detail;
        assert_eq!(queue.redrive_permission.as_deref(), Some("byQueue"));
        assert_eq!(queue.redrive_sources, ["arn:aws:sqs:r:1:a", "arn:aws:sqs:r:1:b"]);
    }

    #[test]
    fn the_receive_limit_may_be_a_text() {
        for limit in ["3", "\"3\""] {
            let policy = format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:r:1:d","maxReceiveCount":{limit}}}"#);
            let attributes = [("QueueArn", "arn:aws:sqs:r:1:q"), ("RedrivePolicy", policy.as_str())];
            let attributes = attributes.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
            let queue = seen("http://x/1/q", &attributes).expect("a queue");
            assert_eq!(
                (queue.detail.max_receive_count, queue.dead_letter.as_deref()),
                (Some(3), Some("arn:aws:sqs:r:1:d"))
            );
        }
    }
}
