//! The end of an asynchronous event: dead letters and destination records.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::asynchronous::{AsyncEvent, Condition};
use super::bucket::Object;
use super::bus::Event;
use super::invocation::Outcome;
use super::lineage::Lineage;
use super::queue::{Attribute, Letter};
use super::topic::Publication;
use super::{World, arn};
use crate::call::Fault;
use crate::time::to_iso;

/// Bytes of an error message in a dead letter. AWS (destinations): the first 1 KB.
const MESSAGE_BYTES: usize = 1024;

impl World {
    /// Sends the event unchanged to the function's dead-letter queue or topic. AWS (destinations): attributes `RequestID`, `ErrorCode`
    /// (200 for a function error, 429 for a throttle) and `ErrorMessage`.
    pub(super) fn send_dead_letter(
        &mut self,
        event: &AsyncEvent,
        target: &str,
        condition: Condition,
        outcome: Option<&Outcome>,
    ) {
        let (code, message) = match outcome {
            Some(outcome) => (200, error_message(&outcome.payload)),
            None if condition == Condition::RecursionDetected => (400, "Recursive invocation detected".to_owned()),
            None => (429, "Rate Exceeded.".to_owned()),
        };
        let attributes = BTreeMap::from([
            ("RequestID".to_owned(), Attribute::text(&event.request)),
            ("ErrorCode".to_owned(), Attribute::number(code)),
            ("ErrorMessage".to_owned(), Attribute::text(cut(&message, MESSAGE_BYTES))),
        ]);
        let body = Arc::clone(&event.payload);
        let sent = match arn::service(target) {
            "sqs" => {
                let letter = Letter {
                    attributes,
                    lineage: event.lineage.clone(),
                    ..Letter::of(body)
                };
                self.send_message(arn::name(target), letter).map(|_| ())
            }
            "sns" => {
                let publication = Publication {
                    message: body,
                    attributes,
                    lineage: event.lineage.clone(),
                    ..Publication::default()
                };
                self.publish(arn::name(target), publication).map(|_| ())
            }
            _ => Err(Fault::bad("InvalidParameterValueException", "not a dead-letter target")),
        };
        if sent.is_err() {
            self.lambda_metric(&event.function, &event.qualifier, "DeadLetterErrors", 1.0);
        }
    }

    /// Sends the record of how an event ended.
    pub(super) fn send_to_destination(
        &mut self,
        event: &AsyncEvent,
        target: &str,
        condition: Condition,
        outcome: Option<&Outcome>,
    ) {
        let record = self.destination_record(event, condition, outcome);
        let lineage = event.lineage.with(&event.function);
        let function_arn = format!(
            "{}:{}",
            self.arn("lambda", &format!("function:{}", event.function)),
            qualified(event)
        );
        let sent = match arn::service(target) {
            "events" => {
                let result = if condition == Condition::Success {
                    "Success"
                } else {
                    "Failure"
                };
                let detail = Event {
                    source: "lambda".to_owned(),
                    detail_type: format!("Lambda Function Invocation Result - {result}"),
                    detail: record,
                    resources: vec![target.to_owned(), function_arn],
                    time: self.clock.now,
                };
                self.put_event(arn::name(target), &detail).map(|_| ())
            }
            _ => self.send_record(target, &record, &lineage),
        };
        if sent.is_err() {
            self.lambda_metric(&event.function, &event.qualifier, "DestinationDeliveryFailures", 1.0);
        }
    }

    /// Sends a record to a queue, a topic, a function or a bucket.
    pub(super) fn send_record(&mut self, target: &str, record: &Json, lineage: &Lineage) -> Result<(), Fault> {
        let text: Arc<str> = record.to_string().into();
        let lineage = lineage.clone();
        match arn::service(target) {
            "sqs" => {
                let letter = Letter {
                    lineage,
                    ..Letter::of(text)
                };
                self.send_message(arn::name(target), letter).map(|_| ())
            }
            "sns" => {
                let publication = Publication {
                    message: text,
                    lineage,
                    ..Publication::default()
                };
                self.publish(arn::name(target), publication).map(|_| ())
            }
            "lambda" => {
                let (name, qualifier) = arn::function(target);
                self.invoke_async(name, qualifier, text, lineage).map(|_| ())
            }
            "s3" => {
                let id = record["requestContext"]["requestId"].as_str().unwrap_or("record");
                let time = to_iso(self.clock.now);
                let key = format!("aws/lambda/async/{}/{id}.json", &time[..10].replace('-', "/"));
                let object = Object::of(Bytes::from(text.to_string()), self.clock.now);
                self.put_object(arn::name(target), &key, object, "ObjectCreated:Put", &lineage)
            }
            _ => Err(Fault::bad("InvalidParameterValueException", "not a destination")),
        }
    }

    fn destination_record(&self, event: &AsyncEvent, condition: Condition, outcome: Option<&Outcome>) -> Json {
        let function_arn = self.arn("lambda", &format!("function:{}", event.function));
        let count = event.failures + u32::from(condition == Condition::Success);
        let mut record = json!({
            "version": "1.0",
            "timestamp": to_iso(self.clock.now),
            "requestContext": {
                "requestId": event.request,
                "functionArn": format!("{function_arn}:{}", qualified(event)),
                "condition": condition.name(),
                "approximateInvokeCount": count,
            },
            "requestPayload": parsed(&event.payload),
        });
        if let Some(outcome) = outcome {
            record["responseContext"] = json!({"statusCode": 200, "executedVersion": outcome.version});
            if condition != Condition::Success {
                record["responseContext"]["functionError"] = "Unhandled".into();
            }
            record["responsePayload"] = parsed(&outcome.payload);
        }
        record
    }
}

fn qualified(event: &AsyncEvent) -> &str {
    if event.qualifier.is_empty() {
        "$LATEST"
    } else {
        &event.qualifier
    }
}

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()))
}

fn error_message(payload: &str) -> String {
    parsed(payload)["errorMessage"].as_str().unwrap_or(payload).to_owned()
}

/// The first `bytes` bytes, cut at a character.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
