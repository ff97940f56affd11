//! How a dead letter is transformed before it is sent.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::unsendable::Unsendable;
use crate::dead_letters::content::{Content, content};
use crate::dead_letters::kafka::KafkaBatch;
use crate::dead_letters::provenance::Event;
use crate::domain::{Input, Outgoing, QueueMessage};

/// Transformations of a dead letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Transform {
    /// The same message: body, attributes, trace header, group.
    Same,
    /// The failed event, extracted from its envelope.
    Event {
        /// Its position.
        at: Event,
    },
    /// The record of a stream batch: the batch is read again from its shard.
    Batch,
    /// The event in which Lambda hears of a topic's message.
    Notification {
        /// The subscription.
        subscription: String,
    },
    /// The input that a rule passes to its target.
    Input {
        /// How the input is made.
        input: Input,
    },
}

/// Applies the transformation.
///
/// # Errors
/// If the message lacks what is needed.
pub fn shape(shape: &Transform, letter: &QueueMessage, body: &Arc<str>) -> Result<Outgoing, Unsendable> {
    let bare = |body: String| Outgoing {
        body: body.into(),
        trace: letter.system.get("AWSTraceHeader").cloned(),
        group: letter.group().map(str::to_owned),
        ..Outgoing::default()
    };
    match shape {
        Transform::Same => Ok(Outgoing {
            attributes: letter.attributes.clone(),
            ..bare(body.to_string())
        }),
        Transform::Event { at } => at.text(body).map(bare).ok_or(Unsendable::EventMissing),
        Transform::Batch => match content(body) {
            Content::Stream(..) => Ok(bare(body.to_string())),
            Content::Kafka(_, batch) => Err(kafka(&batch)),
            _ => Err(Unsendable::BatchMissing),
        },
        Transform::Notification { subscription } => notification(body, subscription).map(bare),
        Transform::Input { input } => Ok(bare(input.apply(body).map_err(|why| Unsendable::Input { why })?)),
    }
}

/// Why a batch of Kafka records cannot go again from here, and how it can.
fn kafka(batch: &KafkaBatch) -> Unsendable {
    Unsendable::Kafka {
        records: batch.records(),
        since: batch.since().map(str::to_owned),
    }
}

/// SNS's envelope as Lambda gets it. AWS (sqs): other names for the same fields than in the envelope for queues.
fn notification(body: &str, subscription: &str) -> Result<String, Unsendable> {
    let envelope: Map<String, Value> = serde_json::from_str(body).map_err(|_| Unsendable::NotificationMissing)?;
    let mut sns = Map::new();
    for (here, there) in [
        ("Type", "Type"),
        ("MessageId", "MessageId"),
        ("TopicArn", "TopicArn"),
        ("Subject", "Subject"),
        ("Message", "Message"),
        ("Timestamp", "Timestamp"),
        ("SignatureVersion", "SignatureVersion"),
        ("Signature", "Signature"),
        ("SigningCertUrl", "SigningCertURL"),
        ("UnsubscribeUrl", "UnsubscribeURL"),
    ] {
        sns.insert(here.to_owned(), envelope.get(there).cloned().unwrap_or(Value::Null));
    }
    let attributes = envelope.get("MessageAttributes").cloned();
    sns.insert("MessageAttributes".to_owned(), attributes.unwrap_or_else(|| json!({})));
    let record = json!({
        "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription, "Sns": sns,
    });
    Ok(json!({ "Records": [record] }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dead_letters::words::Records;

    #[test]
    fn a_notification_becomes_the_event_that_lambda_gets() {
        let body = r#"{"Type":"Notification","MessageId":"m","TopicArn":"t","Message":"{\"a\":1}","Timestamp":"T",
            "SigningCertURL":"c","UnsubscribeURL":"u","MessageAttributes":{"k":{"Type":"String","Value":"v"}}}"#;
        let event: Value = serde_json::from_str(&notification(body, "s").expect("a notification")).expect("JSON");
        let record = &event["Records"][0];
        assert_eq!(record["EventSubscriptionArn"], "s");
        assert_eq!(record["Sns"]["Message"], "{\"a\":1}");
        assert_eq!(record["Sns"]["SigningCertUrl"], "c");
        assert_eq!(record["Sns"]["Subject"], Value::Null);
        assert_eq!(record["Sns"]["MessageAttributes"]["k"]["Value"], "v");
        assert!(notification("plain", "s").is_err());
    }

    #[test]
    fn a_batch_of_kafka_says_how_it_is_processed_again() {
        let body = r#"{"requestContext":{"requestId":"r","functionArn":"f","condition":"RetryAttemptsExhausted"},
            "KafkaBatchInfo":{"batchSize":1,"eventSourceArn":"arn:aws:kafka:r:1:cluster/c/1","recordsInfo":{"orders-0":
            {"firstRecordOffset":"7","lastRecordOffset":"9","firstRecordTimestamp":"2026-11-30T07:59:04Z"}}}}"#;
        let Content::Kafka(_, batch) = content(body) else {
            panic!("{:?}", content(body))
        };
        let offsets = Records::Offsets {
            partition: "orders-0".into(),
            first: "7".into(),
            last: "9".into(),
        };
        let again = Unsendable::Kafka {
            records: vec![offsets],
            since: Some("2026-11-30T07:59:04Z".into()),
        };
        assert_eq!(kafka(&batch), again);
    }
}
