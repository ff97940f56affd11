//! The formats in which AWS writes dead letters, recognised from the body.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::kafka::{self, KafkaBatch};
use crate::domain::{Batch, RunError};

/// What a body is by its own words. Anybody may have written it: configuration confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A topic's envelope.
    Notification(Box<Notification>),
    /// The record of an asynchronous invocation's end.
    Destination(Box<Record>),
    /// The record of a batch that a mapping gave up: it names the batch and does not hold it.
    Stream(Box<Record>, Batch),
    /// The record of a batch of Kafka that a mapping gave up: it names the records and does not hold them.
    Kafka(Box<Record>, KafkaBatch),
    /// The record of a batch that a pipe gave up.
    Pipe {
        /// The pipe.
        arn: String,
        /// Why it was given up.
        condition: String,
        /// The position of the batch, for pipes that read a stream.
        batch: Option<Batch>,
    },
    /// An event in the envelope of EventBridge.
    Event {
        /// `detail-type`.
        detail_type: String,
        /// What happened, where the event is the record of an asynchronous invocation's end.
        record: Option<Box<Record>>,
    },
    /// Nothing that is known here.
    Other,
}

/// SNS's envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Which topic.
    pub topic: String,
    /// Which subscription, by the link to leave it.
    pub subscription: Option<String>,
    /// What was published.
    pub message: String,
    /// What the publisher attached: texts and numbers.
    pub attributes: BTreeMap<String, String>,
}

/// How an invocation ended, as Lambda writes it for destinations and for mappings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Its request.
    pub request_id: String,
    /// Which function, with the qualifier that was meant.
    pub function_arn: String,
    /// `RetriesExhausted`, `EventAgeExceeded`, `ZeroReservedConcurrency`, `RetryAttemptsExhausted`, `RecordAgeExceeded`, …
    pub condition: String,
    /// How often the function was invoked, about.
    pub invoke_count: Option<u32>,
    /// `Unhandled` and the like; `None` if the function was not invoked, or failed only part of its batch.
    pub function_error: Option<String>,
    /// Whether there was an answer at all.
    pub answered: bool,
    /// What the function said.
    pub error: Option<RunError>,
    /// The original event, byte for byte; `None` if the record does not contain it (streams; topics above 256 KB).
    pub payload: Option<String>,
}

/// Members as they are written: one of an unforeseen type spoils no other.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(rename = "Type", borrow, default, deserialize_with = "present")]
    kind: Raw<'a>,
    #[serde(rename = "TopicArn", borrow, default, deserialize_with = "present")]
    topic: Raw<'a>,
    #[serde(rename = "Message", borrow, default, deserialize_with = "present")]
    message: Raw<'a>,
    #[serde(rename = "MessageAttributes", borrow, default, deserialize_with = "present")]
    attributes: Raw<'a>,
    #[serde(rename = "UnsubscribeURL", borrow, default, deserialize_with = "present")]
    leave: Raw<'a>,
    #[serde(rename = "requestContext", borrow, default, deserialize_with = "present")]
    request: Raw<'a>,
    #[serde(rename = "requestPayload", borrow, default, deserialize_with = "present")]
    payload: Raw<'a>,
    #[serde(rename = "responseContext", borrow, default, deserialize_with = "present")]
    response: Raw<'a>,
    #[serde(rename = "responsePayload", borrow, default, deserialize_with = "present")]
    said: Raw<'a>,
    #[serde(
        rename = "KinesisBatchInfo",
        alias = "DDBStreamBatchInfo",
        borrow,
        default,
        deserialize_with = "present"
    )]
    batch: Raw<'a>,
    #[serde(rename = "KafkaBatchInfo", borrow, default, deserialize_with = "present")]
    kafka: Raw<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    context: Raw<'a>,
    #[serde(rename = "detail-type", borrow, default, deserialize_with = "present")]
    detail_type: Raw<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    detail: Raw<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    source: Raw<'a>,
}

type Raw<'a> = Option<&'a RawValue>;

/// A member that is there, be it null.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

fn read<'a, T: Deserialize<'a>>(raw: Raw<'a>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

fn text(raw: Raw<'_>) -> Option<String> {
    read::<Cow<'_, str>>(raw).map(Cow::into_owned)
}

/// What a body says it is.
#[must_use]
pub fn content(body: &str) -> Content {
    // Only an object can be one of the shapes: most other bodies are not even read.
    if !body.trim_start().starts_with('{') {
        return Content::Other;
    }
    let Ok(found) = serde_json::from_str::<Body<'_>>(body) else {
        return Content::Other;
    };
    notification(&found)
        .or_else(|| failure(&found))
        .or_else(|| event(&found))
        .unwrap_or(Content::Other)
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "Value")]
    value: String,
}

fn notification(body: &Body<'_>) -> Option<Content> {
    if text(body.kind)? != "Notification" {
        return None;
    }
    let attributes: BTreeMap<String, Attribute> = read(body.attributes).unwrap_or_default();
    let subscription = text(body.leave).and_then(|link| {
        let (_, query) = link.split_once('?')?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(name, value)| (name == "SubscriptionArn").then(|| value.into_owned()))
    });
    Some(Content::Notification(Box::new(Notification {
        topic: text(body.topic)?,
        subscription,
        message: text(body.message)?,
        attributes: attributes.into_iter().map(|(name, of)| (name, of.value)).collect(),
    })))
}

fn failure(body: &Body<'_>) -> Option<Content> {
    let batch = read::<RawBatch>(body.batch).map(RawBatch::batch);
    if let Some(context) = read::<PipeContext>(body.context) {
        return Some(Content::Pipe {
            arn: context.arn,
            condition: context.condition.unwrap_or_default(),
            batch,
        });
    }
    let record = record(body)?;
    if let Some(batch) = read::<kafka::Raw>(body.kafka).and_then(kafka::Raw::batch) {
        return Some(Content::Kafka(record, batch));
    }
    match batch {
        Some(batch) => Some(Content::Stream(record, batch)),
        // Without an answer a destination record still holds what was asked.
        None if body.payload.is_some() || body.response.is_some() => Some(Content::Destination(record)),
        None => None,
    }
}

fn record(body: &Body<'_>) -> Option<Box<Record>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        #[serde(rename = "requestId")]
        id: String,
        function_arn: String,
        condition: String,
        approximate_invoke_count: Option<u32>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Response {
        function_error: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Said {
        error_type: Option<String>,
        error_message: Option<String>,
    }
    let request: Request = read(body.request)?;
    let response: Option<Response> = read(body.response);
    let error = read::<Said>(body.said).and_then(|said| {
        Some(RunError {
            message: said.error_message.or_else(|| said.error_type.clone())?,
            kind: said.error_type,
        })
    });
    Some(Box::new(Record {
        request_id: request.id,
        function_arn: request.function_arn,
        condition: request.condition,
        invoke_count: request.approximate_invoke_count,
        answered: response.is_some(),
        function_error: response.and_then(|response| response.function_error),
        error,
        payload: body.payload.map(|raw| raw.get().to_owned()),
    }))
}

/// AWS (dead-letters): a pipe's record names itself in `context.partnerResourceArn`.
#[derive(Deserialize)]
struct PipeContext {
    #[serde(rename = "partnerResourceArn", alias = "pipeArn")]
    arn: String,
    condition: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBatch {
    shard_id: String,
    start_sequence_number: String,
    end_sequence_number: String,
    batch_size: u32,
    stream_arn: String,
    #[serde(default)]
    approximate_arrival_of_first_record: String,
}

impl RawBatch {
    fn batch(self) -> Batch {
        Batch {
            stream_arn: self.stream_arn,
            shard_id: self.shard_id,
            start_sequence: self.start_sequence_number,
            end_sequence: self.end_sequence_number,
            size: self.batch_size,
            first_arrival: self.approximate_arrival_of_first_record,
        }
    }
}

fn event(body: &Body<'_>) -> Option<Content> {
    let (source, detail_type) = (text(body.source)?, text(body.detail_type)?);
    let ended = source == "lambda" && detail_type.starts_with("Lambda Function Invocation Result");
    let inner = body.detail.filter(|_| ended).map(|raw| content(raw.get()));
    let record = match inner {
        Some(Content::Destination(record)) => Some(record),
        _ => None,
    };
    Some(Content::Event { detail_type, record })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_the_event_byte_for_byte() {
        let body = r#"{"version":"1.0","requestContext":{"requestId":"r","functionArn":"arn:aws:lambda:r:1:function:f:$LATEST",
            "condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"n": 12345678901234567890123, "a":1.0},
            "responseContext":{"statusCode":200,"functionError":"Unhandled"},
            "responsePayload":{"errorType":"KeyError","errorMessage":"'price'"}}"#;
        let Content::Destination(record) = content(body) else {
            panic!("{:?}", content(body));
        };
        assert_eq!(
            record.payload.as_deref(),
            Some(r#"{"n": 12345678901234567890123, "a":1.0}"#)
        );
        assert_eq!(record.error.as_ref().and_then(|e| e.kind.as_deref()), Some("KeyError"));
        assert_eq!(record.invoke_count, Some(3));
    }

    #[test]
    fn a_payload_of_null_is_an_event_and_a_missing_one_is_none() {
        let with = |payload: &str| {
            let body = format!(
                r#"{{"requestContext":{{"requestId":"r","functionArn":"f","condition":"EventAgeExceeded"}}{payload},"responseContext":{{}}}}"#
            );
            match content(&body) {
                Content::Destination(record) => record.payload,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(with(r#","requestPayload":null"#).as_deref(), Some("null"));
        assert_eq!(with(""), None);
    }

    #[test]
    fn the_link_to_leave_names_the_subscription() {
        let body = r#"{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:r:1:t","Message":"hi",
            "UnsubscribeURL":"https://sns.r.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:r:1:t:9-8",
            "MessageAttributes":{"k":{"Type":"String","Value":"v"}}}"#;
        let Content::Notification(found) = content(body) else {
            panic!()
        };
        assert_eq!(found.subscription.as_deref(), Some("arn:aws:sns:r:1:t:9-8"));
        assert_eq!(found.attributes["k"], "v");
    }

    #[test]
    fn members_of_the_wrong_kind_are_nobodys_shape() {
        for body in [
            r#"{"Type":7}"#,
            r#"{"requestContext":{"requestId":1}}"#,
            r#"{"requestContext":[],"requestPayload":1}"#,
            "{",
            "[]",
            "",
            r#"{"detail":1,"source":"x"}"#,
            r#"{"KinesisBatchInfo":{}}"#,
        ] {
            assert_eq!(content(body), Content::Other, "{body}");
        }
    }

    #[test]
    fn a_pipes_record_names_the_pipe() {
        let body = r#"{"version":"1.0","timestamp":"x","context":{"partnerResourceArn":"arn:aws:pipes:r:1:pipe/p","condition":"RetryAttemptsExhausted"},
            "KinesisBatchInfo":{"shardId":"shardId-0","startSequenceNumber":"1","endSequenceNumber":"2","batchSize":2,
            "streamArn":"arn:aws:kinesis:r:1:stream/s","approximateArrivalOfFirstRecord":"x","approximateArrivalOfLastRecord":"y"}}"#;
        let Content::Pipe { arn, batch, .. } = content(body) else {
            panic!()
        };
        assert_eq!(
            (arn.as_str(), batch.expect("a batch").size),
            ("arn:aws:pipes:r:1:pipe/p", 2)
        );
    }
}
