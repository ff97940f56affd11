//! How Lambda polls a queue: batches, failures that come back after the visibility timeout, throttles that use receives up.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value as Json, json};

use super::batch::Batch;
use super::ground_truth::{Event, Landing};
use super::invocation::{Ask, Cause, Ending, Outcome, Refusal};
use super::lineage::Lineage;
use super::queue::{AttributeValue, Message};
use super::receipt::{md5_hex, receipt_handle, sequence_number};
use super::{Happening, World, arn};

/// A message that has just come in is seen after so many milliseconds: pollers wait on long polls.
const ARRIVAL_MS: std::ops::RangeInclusive<i64> = 20..=160;
/// A message that shows again is seen within a second. AWS (sqs-mappings): pollers of a busy queue ask about every second.
const RETURN_MS: std::ops::RangeInclusive<i64> = 30..=950;
/// After so long without a message a poller is idle, and a batching window may be waited for up to 20 s. AWS (sqs-mappings): "might wait
/// up to 20 seconds when traffic is low, even with a shorter window".
const IDLE_MS: i64 = 20_000;
/// Batches that run at once when a mapping begins, and how many more each second: 5, then 300 more a minute, to 1,250.
const FIRST_LIMIT: usize = 5;
const LAST_LIMIT: usize = 1250;

impl World {
    /// Sets the next poll of a queue's mapping down: when a message waits, or when the next one shows.
    pub(super) fn plan_poll(&mut self, uuid: &str) {
        let now = self.clock.now;
        let Some(mapping) = self.lambda.mappings.get(uuid) else {
            return;
        };
        if !mapping.enabled {
            return;
        }
        let (polls, window, batch, idle) = (
            mapping.polling.polls,
            mapping.batching.window_ms,
            mapping.batching.size,
            now - mapping.polling.last_found > IDLE_MS,
        );
        let name = arn::name(&mapping.source_arn).to_owned();
        if mapping.polling.running >= self.poller_limit(uuid) {
            return;
        }
        let Some(queue) = self.messaging.queues.get_mut(&name) else {
            return;
        };
        queue.settle(now);
        let key = format!("poll/{uuid}");
        let at = if queue.visible() >= batch || (queue.visible() > 0 && window == 0) {
            now + self.chance.within(&key, polls, ARRIVAL_MS)
        } else if queue.visible() > 0 {
            let wait = if idle {
                self.chance.within(&key, polls, window..=window.max(IDLE_MS))
            } else {
                window
            };
            now + wait
        } else if let Some(next) = queue.next_visible() {
            next + self.chance.within(&key, polls, RETURN_MS)
        } else {
            return;
        };
        self.poll_at(uuid, at);
    }

    /// How many batches of a mapping may run at once.
    fn poller_limit(&self, uuid: &str) -> usize {
        let Some(mapping) = self.lambda.mappings.get(uuid) else {
            return 0;
        };
        let seconds = usize::try_from((self.clock.now - mapping.modified).max(0) / 1000).unwrap_or(LAST_LIMIT);
        let grown = (FIRST_LIMIT + FIRST_LIMIT * seconds).min(LAST_LIMIT);
        mapping.reading.max_concurrency.map_or(grown, |limit| limit.min(grown))
    }

    pub(super) fn poll_queue(&mut self, uuid: &str) {
        let now = self.clock.now;
        let limit = self.poller_limit(uuid);
        let Some(mapping) = self.lambda.mappings.get_mut(uuid) else {
            return;
        };
        if mapping.polling.next_poll != Some(now) {
            return;
        }
        mapping.polling.next_poll = None;
        mapping.polling.polls += 1;
        if !mapping.enabled {
            return;
        }
        while self
            .lambda
            .mappings
            .get(uuid)
            .is_some_and(|m| m.polling.running < limit)
        {
            if !self.take_batch(uuid) {
                break;
            }
        }
        self.plan_poll(uuid);
    }

    /// Receives one batch and invokes the function with it. `false` if the queue was empty.
    fn take_batch(&mut self, uuid: &str) -> bool {
        let Some(mapping) = self.lambda.mappings.get(uuid) else {
            return false;
        };
        let name = arn::name(&mapping.source_arn).to_owned();
        let (size, window, function) = (
            mapping.batching.size,
            mapping.batching.window_ms,
            mapping.function.clone(),
        );
        let called = self.lambda.functions.get(&function);
        let Some(timeout) = called.map(|f| f.settings(&mapping.qualifier).timeout_ms) else {
            if let Some(mapping) = self.lambda.mappings.get_mut(uuid) {
                "PROBLEM: Function call failed".clone_into(&mut mapping.result);
            }
            return false;
        };
        let Some(queue) = self.messaging.queues.get(&name) else {
            return false;
        };
        // AWS (sqs-mappings): with a batching window, window + timeout past the visibility timeout, it is these and 30 s more.
        let visibility = queue.settings.visibility_ms;
        let visibility = if window > 0 && window + timeout > visibility {
            window + timeout + 30_000
        } else {
            visibility
        };
        let received = self.receive(&name, size, Some(visibility));
        if received.is_empty() {
            return false;
        }
        let now = self.clock.now;
        if let Some(mapping) = self.lambda.mappings.get_mut(uuid) {
            mapping.polling.last_found = now;
        }
        self.try_messages(uuid, &name, received, now + visibility);
        true
    }

    fn try_messages(&mut self, uuid: &str, name: &str, received: Vec<Message>, until: i64) {
        let arn = self.queue_arn(name);
        let Some(mapping) = self.lambda.mappings.get(uuid) else {
            return;
        };
        let (mut records, mut kept, mut filtered) = (Vec::new(), Vec::new(), Vec::new());
        let mut lineage = Lineage::default();
        let mut attempt = 1;
        for message in received {
            let record = self.queue_record(&message, &arn);
            let mut seen = record.clone();
            // A filter looks into a body that is JSON.
            if let Ok(body) = serde_json::from_str::<Json>(&message.letter.body) {
                seen["body"] = body;
            }
            if mapping.passes(&seen) {
                lineage = lineage.merge(&message.letter.lineage);
                attempt = attempt.max(message.receives);
                kept.push((message.seq, message.receives, message.id));
                records.push(record);
            } else {
                filtered.push((message.seq, message.receives));
            }
        }
        // AWS (patterns): what no filter lets through is deleted.
        for (place, receives) in filtered {
            self.delete_message(name, place, receives);
        }
        if kept.is_empty() {
            return;
        }
        let batch = Batch {
            mapping: uuid.to_owned(),
            queue: name.to_owned(),
            messages: kept,
            payload: json!({"Records": records}).to_string().into(),
            lineage,
            attempt,
            until,
            throttles: 0,
            since: self.clock.now,
        };
        if let Some(mapping) = self.lambda.mappings.get_mut(uuid) {
            mapping.polling.running += 1;
        }
        let id = self.next_id();
        self.lambda.batches.insert(id, batch);
        self.try_batch(id);
    }

    /// Invokes the function with a batch, the first time or again during its receive.
    pub(super) fn try_batch(&mut self, id: u64) {
        let Some(batch) = self.lambda.batches.get(&id).cloned() else {
            return;
        };
        let Some(mapping) = self.lambda.mappings.get(&batch.mapping) else {
            self.lambda.batches.remove(&id);
            return;
        };
        let ask = Ask {
            function: mapping.function.clone(),
            qualifier: mapping.qualifier.clone(),
            payload: Arc::clone(&batch.payload),
            cause: Cause::Batch(id),
            request: None,
            lineage: batch.lineage.clone(),
            attempt: batch.attempt,
        };
        match self.start(ask) {
            Ok(_) => {}
            Err(refusal) => {
                // AWS (sqs-mappings): the same receive is retried with backoff until the visibility timeout ends it.
                let nominal = 1000_i64
                    .checked_shl(batch.throttles.min(16))
                    .unwrap_or(60_000)
                    .min(60_000);
                let next = self.clock.now + nominal;
                if next >= batch.until || matches!(refusal, Refusal::NotFound | Refusal::Recursive) {
                    self.close_batch(id);
                    return;
                }
                if let Some(batch) = self.lambda.batches.get_mut(&id) {
                    batch.throttles += 1;
                }
                self.later(next, Happening::QueueRetry(id));
            }
        }
    }

    /// Handles the end of a batch's invocation.
    pub(super) fn batch_ended(&mut self, id: u64, outcome: &Outcome) {
        let Some(batch) = self.lambda.batches.get(&id).cloned() else {
            return;
        };
        let reports = self
            .lambda
            .mappings
            .get(&batch.mapping)
            .is_some_and(|m| m.batching.reports_items);
        let known: Vec<&str> = batch.messages.iter().map(|(_, _, id)| id.as_str()).collect();
        let failed = match &outcome.ending {
            Ending::Returned(response) if reports => failed_items(response, &known),
            Ending::Returned(_) => Failed::None,
            _ => Failed::All,
        };
        for (place, receives, message) in &batch.messages {
            let keep = match &failed {
                Failed::All => true,
                Failed::None => false,
                Failed::Some(ids) => ids.contains(message),
            };
            if !keep {
                let event = Event::Message(batch.queue.clone(), message.clone());
                self.note_landing(event, Landing::Processed);
                self.delete_message(&batch.queue, *place, *receives);
            }
        }
        if let Some(mapping) = self.lambda.mappings.get_mut(&batch.mapping) {
            "OK".clone_into(&mut mapping.result);
        }
        self.close_batch(id);
    }

    fn close_batch(&mut self, id: u64) {
        let Some(batch) = self.lambda.batches.remove(&id) else {
            return;
        };
        if let Some(mapping) = self.lambda.mappings.get_mut(&batch.mapping) {
            mapping.polling.running = mapping.polling.running.saturating_sub(1);
            mapping.polling.last_found = mapping.polling.last_found.max(batch.since);
        }
        self.plan_poll(&batch.mapping);
    }

    /// A message as the function sees it.
    fn queue_record(&self, message: &Message, arn: &str) -> Json {
        let mut attributes = json!({
            "ApproximateReceiveCount": message.receives.to_string(),
            "SentTimestamp": message.sent.to_string(),
            "SenderId": Self::sender(message),
            "ApproximateFirstReceiveTimestamp": message.first_received.unwrap_or(self.clock.now).to_string(),
        });
        if let Some(group) = &message.letter.group {
            attributes["MessageGroupId"] = group.as_str().into();
        }
        if let Some(dedup) = &message.letter.dedup {
            attributes["SequenceNumber"] = sequence_number(message.sequence).into();
            attributes["MessageDeduplicationId"] = dedup.as_str().into();
        }
        if let Some(source) = &message.moved_from {
            attributes["DeadLetterQueueSourceArn"] = source.as_str().into();
        }
        if let Some(trace) = &message.letter.trace {
            attributes["AWSTraceHeader"] = trace.as_str().into();
        }
        let own: serde_json::Map<String, Json> = message
            .letter
            .attributes
            .iter()
            .map(|(name, attribute)| {
                let mut json = json!({"stringListValues": [], "binaryListValues": [], "dataType": attribute.kind});
                match &attribute.value {
                    AttributeValue::Text(text) => json["stringValue"] = text.as_str().into(),
                    AttributeValue::Bytes(bytes) => json["binaryValue"] = BASE64.encode(bytes).into(),
                }
                (name.clone(), json)
            })
            .collect();
        json!({
            "messageId": message.id,
            "receiptHandle": receipt_handle(arn, message),
            "body": &*message.letter.body,
            "attributes": attributes,
            "messageAttributes": own,
            "md5OfBody": md5_hex(message.letter.body.as_bytes()),
            "eventSource": "aws:sqs",
            "eventSourceARN": arn,
            "awsRegion": self.region,
        })
    }

    /// `SenderId` of a message.
    pub(crate) fn sender(message: &Message) -> String {
        message
            .letter
            .sender
            .clone()
            .unwrap_or_else(|| "AIDAIENQZJOLO23YVJ4VO".to_owned())
    }
}

enum Failed {
    None,
    Some(Vec<String>),
    All,
}

/// What a partial batch response says. AWS (sqs-mappings): an empty list or none is success; JSON that is none, an unknown or an empty
/// id fails the batch.
fn failed_items(response: &str, known: &[&str]) -> Failed {
    let Ok(json) = serde_json::from_str::<Json>(response) else {
        return Failed::All;
    };
    let items = match &json["batchItemFailures"] {
        Json::Null => return Failed::None,
        Json::Array(items) => items,
        _ => return Failed::All,
    };
    let mut failed = Vec::new();
    for item in items {
        match item["itemIdentifier"].as_str() {
            Some(id) if known.contains(&id) => failed.push(id.to_owned()),
            _ => return Failed::All,
        }
    }
    if failed.is_empty() {
        Failed::None
    } else {
        Failed::Some(failed)
    }
}
