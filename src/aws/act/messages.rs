//! SQS: receiving, hiding, sending and deleting messages.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageAttributeValue, MessageSystemAttributeName, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    SendMessageBatchRequestEntry,
};
use aws_smithy_types::error::operation::BuildError;
use jiff::Timestamp;

use super::super::{Error, Session, api};
use super::{digest, outcome};
use crate::domain::outgoing::BATCH;
use crate::domain::{
    AttributeValue, Handled, MayWrite, MessageAttribute, NodeId, Outgoing, QueueMessage, Received, Sending,
};

impl Session {
    /// Receives up to 10 messages with all their attributes, and hides them for `visibility_s` seconds. Waits up to
    /// `wait_s` seconds for the first. AWS (sqs): each receive adds 1 to a message's count; a short wait asks only some servers.
    ///
    /// A message whose body or attributes do not have the MD5 that SQS took of them is left out: it comes again. So is what
    /// follows it in its group where the queue keeps order.
    pub async fn receive(
        &self,
        _: MayWrite,
        queue: &NodeId,
        url: &str,
        (max, visibility_s, wait_s): (usize, u32, u32),
    ) -> Result<Vec<Received>, Error> {
        let clients = self.clients();
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let call = || {
            clients
                .sqs
                .receive_message()
                .queue_url(url)
                .max_number_of_messages(i32::try_from(max.clamp(1, BATCH)).unwrap_or(1))
                .visibility_timeout(number(visibility_s))
                .wait_time_seconds(number(wait_s))
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .message_attribute_names("All")
                .send()
        };
        let answer = match self.caller.call(&api::RECEIVE_MESSAGES, call).await {
            // Some endpoints answer an empty queue with an empty document.
            Err(Error::Empty { .. }) => return Ok(Vec::new()),
            other => other?,
        };
        let at = self.clock().map_or_else(Timestamp::now, |clock| clock.now());
        Ok(whole(queue, answer.messages(), at))
    }

    /// Hides messages for `seconds` from now, at most 10; 0 gives them back. The answers are in the order of the handles.
    pub async fn change_visibility(
        &self,
        _: MayWrite,
        url: &str,
        handles: &[String],
        seconds: u32,
    ) -> Result<Vec<Handled>, Error> {
        let clients = self.clients();
        let entries = handles.iter().enumerate().filter_map(|(n, handle)| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(n.to_string())
                .receipt_handle(handle)
                .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
                .build()
                .ok()
        });
        let entries: Vec<_> = entries.collect();
        let call = || {
            let request = clients.sqs.change_message_visibility_batch().queue_url(url);
            request.set_entries(Some(entries.clone())).send()
        };
        let answer = self.caller.call(&api::CHANGE_VISIBILITY, call).await?;
        let done = answer.successful().iter().map(|entry| entry.id().to_owned());
        Ok(handled(handles.len(), done, answer.failed()))
    }

    /// Deletes messages, at most 10, in one attempt. The answers are in the order of the handles.
    pub async fn delete(&self, _: MayWrite, url: &str, handles: &[String]) -> Result<Vec<Handled>, Error> {
        let clients = self.clients();
        let entries = handles.iter().enumerate().filter_map(|(n, handle)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(n.to_string())
                .receipt_handle(handle)
                .build()
                .ok()
        });
        let request = clients.sqs.delete_message_batch().queue_url(url);
        let request = request.set_entries(Some(entries.collect()));
        let answer = self.caller.call_once(&api::DELETE_MESSAGES, request.send()).await?;
        let done = answer.successful().iter().map(|entry| entry.id().to_owned());
        Ok(handled(handles.len(), done, answer.failed()))
    }

    /// Sends messages to a queue, at most 10 and 1 MiB, in one attempt. The answers are in the order of the messages.
    pub async fn send(&self, _: MayWrite, url: &str, messages: &[Outgoing]) -> Vec<Sending> {
        let mut request = self.clients().sqs.send_message_batch().queue_url(url);
        for (n, message) in messages.iter().enumerate() {
            match entry(n, message) {
                Ok(entry) => request = request.entries(entry),
                Err(error) => {
                    let why = format!("the message cannot be serialized as a request ({error})");
                    return vec![Sending::Refused { why }; messages.len()];
                }
            }
        }
        let answer = match self.caller.call_once(&api::SEND_MESSAGES, request.send()).await {
            Ok(answer) => answer,
            Err(error) => return vec![outcome(&error); messages.len()],
        };
        let mut outcomes: HashMap<&str, Sending> = HashMap::new();
        for sent in answer.successful() {
            let message = sent.id().parse::<usize>().ok().and_then(|n| messages.get(n));
            let is_whole = message.is_some_and(|message| {
                let attributes = digest::of_attributes(&message.attributes);
                let told = sent.md5_of_message_attributes().filter(|md5| !md5.is_empty());
                sent.md5_of_message_body() == digest::of_body(&message.body) && told == attributes.as_deref()
            });
            let outcome = if is_whole {
                Sending::Sent {
                    id: sent.message_id().to_owned(),
                }
            } else {
                Sending::Unknown {
                    why: "the MD5 returned by the queue is not that of the message".into(),
                }
            };
            outcomes.insert(sent.id(), outcome);
        }
        for failed in answer.failed() {
            outcomes.insert(failed.id(), refusal(failed));
        }
        (0..messages.len())
            .map(|n| {
                outcomes.remove(n.to_string().as_str()).unwrap_or(Sending::Unknown {
                    why: "the answer does not name it".into(),
                })
            })
            .collect()
    }
}

/// What came undamaged; nothing of a group goes before what comes before it.
fn whole(queue: &NodeId, messages: &[Message], at: Timestamp) -> Vec<Received> {
    let mut damaged: HashSet<&str> = HashSet::new();
    let mut all = Vec::new();
    for message in messages {
        let lane = lane(message);
        match held(queue, message, at) {
            Some(_) if lane.is_some_and(|lane| damaged.contains(lane)) => {}
            Some(held) => all.push(held),
            None => damaged.extend(lane),
        }
    }
    all
}

/// The group of a message of a FIFO queue. AWS (sqs): only such a queue numbers its messages.
fn lane(message: &Message) -> Option<&str> {
    let system = message.attributes()?;
    system.get(&MessageSystemAttributeName::SequenceNumber)?;
    let group = system.get(&MessageSystemAttributeName::MessageGroupId)?;
    Some(group.as_str())
}

fn held(queue: &NodeId, message: &Message, read_at: Timestamp) -> Option<Received> {
    let body = message.body().unwrap_or_default();
    let attributes: std::collections::BTreeMap<_, _> = message
        .message_attributes()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), attribute(value)?)))
        .collect();
    let whole = message.md5_of_body().is_none_or(|md5| md5 == digest::of_body(body))
        && message
            .md5_of_message_attributes()
            .filter(|md5| !md5.is_empty())
            .is_none_or(|md5| Some(md5) == digest::of_attributes(&attributes).as_deref());
    if !whole {
        tracing::warn!(
            queue = queue.as_str(),
            "a message was damaged in transit and was left in the queue"
        );
        return None;
    }
    let system = message.attributes().into_iter().flatten();
    Some(Received {
        handle: message.receipt_handle()?.to_owned(),
        letter: QueueMessage {
            queue: queue.clone(),
            message_id: message.message_id()?.to_owned(),
            body: Arc::from(body),
            attributes,
            system: system
                .map(|(name, value)| (name.as_str().to_owned(), value.clone()))
                .collect(),
            read_at,
        },
    })
}

fn attribute(value: &MessageAttributeValue) -> Option<MessageAttribute> {
    let data_type = value.data_type().to_owned();
    let value = if data_type.starts_with("Binary") {
        AttributeValue::Binary(value.binary_value()?.as_ref().to_vec())
    } else {
        AttributeValue::Text(value.string_value()?.to_owned())
    };
    Some(MessageAttribute { data_type, value })
}

fn entry(n: usize, message: &Outgoing) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let mut entry = SendMessageBatchRequestEntry::builder()
        .id(n.to_string())
        .message_body(&*message.body)
        .set_message_group_id(message.group.clone())
        .set_message_deduplication_id(message.dedup.clone());
    for (name, attribute) in &message.attributes {
        let value = MessageAttributeValue::builder().data_type(&attribute.data_type);
        let value = match &attribute.value {
            AttributeValue::Text(text) => value.string_value(text),
            AttributeValue::Binary(bytes) => value.binary_value(Blob::new(bytes.clone())),
        };
        entry = entry.message_attributes(name, value.build()?);
    }
    if let Some(trace) = &message.trace {
        let value = MessageSystemAttributeValue::builder()
            .data_type("String")
            .string_value(trace);
        let value = value.build()?;
        entry = entry.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, value);
    }
    entry.build()
}

/// The outcome of a failed entry of a send batch. AWS (sqs): if it is not the sender's fault it is a service fault, and the
/// outcome is unknown.
fn refusal(failed: &BatchResultErrorEntry) -> Sending {
    let why = words(failed);
    let code = failed.code().rsplit(['#', '.']).next().unwrap_or_default();
    match code {
        _ if code.contains("hrottl") || code == "OverLimit" => Sending::Later { why },
        "AccessDenied" | "AccessDeniedException" | "KmsAccessDenied" => Sending::Blocked { why },
        _ if failed.sender_fault() => Sending::Refused { why },
        _ => Sending::Unknown { why },
    }
}

fn words(failed: &BatchResultErrorEntry) -> String {
    let message = failed.message().unwrap_or_default().trim().trim_end_matches('.');
    if message.is_empty() {
        failed.code().to_owned()
    } else {
        format!("{}: {message}", failed.code())
    }
}

fn handled(asked: usize, done: impl Iterator<Item = String>, failed: &[BatchResultErrorEntry]) -> Vec<Handled> {
    let done: std::collections::HashSet<String> = done.collect();
    let failed: HashMap<&str, String> = failed.iter().map(|entry| (entry.id(), words(entry))).collect();
    (0..asked)
        .map(|n| n.to_string())
        .map(|id| match failed.get(id.as_str()) {
            None if done.contains(&id) => Handled::Done,
            why => Handled::Failed {
                why: why.cloned().unwrap_or_else(|| "the answer does not name it".into()),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_damaged_message_in_its_group_waits_for_it() {
        let message = |id: &str, group: &str, md5: String| {
            Message::builder()
                .message_id(id)
                .receipt_handle("h")
                .body("body")
                .md5_of_body(md5)
                .attributes(MessageSystemAttributeName::SequenceNumber, id)
                .attributes(MessageSystemAttributeName::MessageGroupId, group)
                .build()
        };
        let sound = || digest::of_body("body");
        let messages = [
            message("1", "a", sound()),
            message("2", "a", "of another body".to_owned()),
            message("3", "b", sound()),
            message("4", "a", sound()),
        ];
        let whole = whole(
            &NodeId::from("arn:aws:sqs:r:1:q.fifo"),
            &messages,
            Timestamp::UNIX_EPOCH,
        );
        let ids: Vec<&str> = whole.iter().map(|held| held.letter.message_id.as_str()).collect();
        assert_eq!(ids, ["1", "3"]);
    }
}
