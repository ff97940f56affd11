//! SQS: messages.

use std::collections::BTreeMap;

use super::Table;
use super::sqs::{bad_value, missing, queue_name};
use crate::call::{Answer, Call, Fault, Reply};
use crate::value::{Map, Value, map};
use crate::world::World;
use crate::world::queue::{Attribute, AttributeValue, Attributes, Letter, Message};
use crate::world::receipt::{md5_hex, read_receipt, receipt_handle, sequence_number};

pub(super) const TABLE: Table = &[
    ("ChangeMessageVisibility", change_visibility),
    ("ChangeMessageVisibilityBatch", change_visibility_batch),
    ("DeleteMessage", delete),
    ("DeleteMessageBatch", delete_batch),
    ("SendMessage", send),
    ("SendMessageBatch", send_batch),
];

/// AWS (sqs): the attributes of a message are 10 at most.
const ATTRIBUTES: usize = 10;

fn send(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    send_one(world, &name, &call.input).map(Answer::of)
}

/// Sends one entry; returns the members of the response.
fn send_one(world: &mut World, name: &str, entry: &Value) -> Result<Value, Fault> {
    let Some(queue) = world.messaging.queues.get(name) else {
        return Err(World::no_queue());
    };
    let body = entry
        .get("MessageBody")
        .str()
        .filter(|b| !b.is_empty())
        .ok_or_else(|| missing("MessageBody"))?;
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if !body.chars().all(legal) {
        return Err(Fault::bad(
            "InvalidMessageContents",
            "Invalid characters found in the message.",
        ));
    }
    let attributes = read_attributes(entry.get("MessageAttributes"))?;
    let size = body.len()
        + attributes
            .iter()
            .map(|(k, v)| k.len() + attribute_size(v))
            .sum::<usize>();
    if i64::try_from(size).unwrap_or(i64::MAX) > queue.settings.max_bytes {
        let why = format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
            queue.settings.max_bytes
        );
        return Err(bad_value(why));
    }
    let delay = entry.get("DelaySeconds").int();
    if delay.is_some_and(|d| !(0..=900).contains(&d)) {
        return Err(bad_value(
            "Value for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        ));
    }
    let group = entry.get("MessageGroupId").text();
    let mut dedup = entry.get("MessageDeduplicationId").text();
    if queue.is_fifo() {
        if group.is_none() {
            return Err(missing("MessageGroupId"));
        }
        if delay.is_some_and(|d| d > 0) {
            return Err(bad_value(
                "Value for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
            ));
        }
        let by_content = queue
            .echoed
            .get("ContentBasedDeduplication")
            .is_some_and(|v| v == "true");
        if dedup.is_none() && !by_content {
            return Err(bad_value(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ));
        }
        // AWS takes SHA-256 of the body; what it is does not show.
        dedup = dedup.or_else(|| Some(md5_hex(body.as_bytes())));
    } else if dedup.is_some() {
        return Err(bad_value(
            "The request includes a parameter that is not valid for this queue type.",
        ));
    }
    let digest = md5_hex(body.as_bytes());
    let attributes_digest = attributes_md5(attributes.iter());
    let trace = entry.path("MessageSystemAttributes.AWSTraceHeader.StringValue").text();
    let letter = Letter {
        body: body.into(),
        attributes,
        trace,
        group,
        dedup,
        delay_ms: delay.map(|d| d * 1000),
        ..Letter::default()
    };
    let (id, sequence) = world.send_message(name, letter)?;
    Ok(map! {
        "MessageId" => id,
        "MD5OfMessageBody" => digest,
        "MD5OfMessageAttributes" => attributes_digest,
        "SequenceNumber" => sequence.map(sequence_number),
    })
}

fn attribute_size(attribute: &Attribute) -> usize {
    attribute.kind.len()
        + match &attribute.value {
            AttributeValue::Text(text) => text.len(),
            AttributeValue::Bytes(bytes) => bytes.len(),
        }
}

/// Message attributes, checked as AWS does.
pub(super) fn read_attributes(value: &Value) -> Result<Attributes, Fault> {
    let mut attributes = BTreeMap::new();
    for (name, given) in value.entries() {
        let kind = given.get("DataType").text().unwrap_or_default();
        let base = kind.split('.').next().unwrap_or("");
        let wrong = |why: &str| bad_value(format!("The message attribute '{name}' {why}"));
        let found = match base {
            "String" | "Number" => {
                let text = given.get("StringValue").text().filter(|t| !t.is_empty());
                let text = text.ok_or_else(|| wrong("must contain a non-empty message attribute value."))?;
                if base == "Number" && text.trim().parse::<f64>().is_err() {
                    return Err(wrong("has an invalid value: it is no number."));
                }
                AttributeValue::Text(text)
            }
            "Binary" => {
                let bytes = given.get("BinaryValue").blob().filter(|b| !b.is_empty());
                AttributeValue::Bytes(bytes.ok_or_else(|| wrong("must contain a non-empty message attribute value."))?)
            }
            _ => {
                return Err(wrong(
                    "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
                ));
            }
        };
        attributes.insert(name.to_owned(), Attribute { kind, value: found });
    }
    if attributes.len() > ATTRIBUTES {
        return Err(bad_value(
            "Number of message attributes exceeds the allowed maximum of 10.",
        ));
    }
    Ok(attributes)
}

/// MD5 of message attributes, as AWS's guide lays it down: names, types and values in the order of the names, each with
/// its length before it. `None` where there are none.
fn attributes_md5<'a>(attributes: impl Iterator<Item = (&'a String, &'a Attribute)>) -> Option<String> {
    let mut buffer = Vec::new();
    let put = |buffer: &mut Vec<u8>, bytes: &[u8]| {
        buffer.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        buffer.extend(bytes);
    };
    for (name, attribute) in attributes {
        put(&mut buffer, name.as_bytes());
        put(&mut buffer, attribute.kind.as_bytes());
        match &attribute.value {
            AttributeValue::Text(text) => {
                buffer.push(1);
                put(&mut buffer, text.as_bytes());
            }
            AttributeValue::Bytes(bytes) => {
                buffer.push(2);
                put(&mut buffer, bytes);
            }
        }
    }
    (!buffer.is_empty()).then(|| md5_hex(&buffer))
}

/// Handles each entry of a batch separately.
fn batch(call: &Call, each: &mut dyn FnMut(&Value) -> Result<Value, Fault>) -> Result<Answer, Fault> {
    let entries = call.get("Entries").list();
    if entries.is_empty() {
        return Err(Fault::bad(
            "EmptyBatchRequest",
            "There should be at least one entry in the request.",
        ));
    }
    if entries.len() > 10 {
        let why = format!(
            "Maximum number of entries per request are 10. You have sent {}.",
            entries.len()
        );
        return Err(Fault::bad("TooManyEntriesInBatchRequest", why));
    }
    let mut ids = Vec::new();
    for entry in entries {
        let id = entry.get("Id").str().unwrap_or("");
        let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || id.len() > 80 || !id.chars().all(known) {
            let why = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
            return Err(Fault::bad("InvalidBatchEntryId", why));
        }
        if ids.contains(&id) {
            return Err(Fault::bad("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
        }
        ids.push(id);
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let id = entry.get("Id").str().unwrap_or("");
        match each(entry) {
            Ok(members) => {
                let mut done = Map::new();
                done.push("Id", id);
                for (name, value) in members.map().cloned().unwrap_or_default() {
                    done.push(name, value);
                }
                successful.push(Value::Map(done));
            }
            Err(fault) => failed.push(map! {
                "Id" => id, "SenderFault" => fault.sender, "Code" => fault.code, "Message" => fault.message,
            }),
        }
    }
    let list = |list: Vec<Value>| Value::List(list);
    Ok(map! { "Successful" => list(successful), "Failed" => list(failed) }.into())
}

fn send_batch(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    let size: usize = call
        .get("Entries")
        .list()
        .iter()
        .filter_map(|e| e.get("MessageBody").str())
        .map(str::len)
        .sum();
    if size > 1_048_576 {
        let why = format!("Batch requests cannot be longer than 1048576 bytes. You have sent {size} bytes.");
        return Err(Fault::bad("BatchRequestTooLong", why));
    }
    batch(call, &mut |entry| send_one(world, &name, entry))
}

/// Receives, and waits where there is nothing and the caller asked to.
pub(super) fn receive(world: &mut World, call: &Call) -> Reply {
    let name = match queue_name(world, call) {
        Ok(name) => name,
        Err(fault) => return fault.into(),
    };
    let max = call.int("MaxNumberOfMessages").unwrap_or(1);
    if !(1..=10).contains(&max) {
        let why = format!(
            "Value {max} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
        );
        return bad_value(why).into();
    }
    let wait = call.int("WaitTimeSeconds");
    if wait.is_some_and(|w| !(0..=20).contains(&w)) {
        return bad_value(
            "Value for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
        )
        .into();
    }
    let visibility = call.int("VisibilityTimeout");
    if visibility.is_some_and(|v| !(0..=43_200).contains(&v)) {
        return bad_value("Value for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.")
            .into();
    }
    let now = world.now();
    let Some(queue) = world.messaging.queues.get_mut(&name) else {
        return World::no_queue().into();
    };
    queue.settle(now);
    let until = call.received_ms + wait.map_or(queue.settings.wait_ms, |w| w * 1000);
    let next = queue.next_visible();
    if queue.visible() == 0 && now < until {
        return Reply::Wait {
            until_ms: next.map_or(until, |next| next.min(until)),
        };
    }
    let messages = world.receive(&name, usize::try_from(max).unwrap_or(1), visibility.map(|v| v * 1000));
    if messages.is_empty() && now < until {
        return Reply::Wait {
            until_ms: next.map_or(until, |next| next.max(now + 100).min(until)),
        };
    }
    let arn = world.queue_arn(&name);
    let found: Vec<Value> = messages.iter().map(|m| message(call, &arn, m)).collect();
    let found = if found.is_empty() {
        Value::Null
    } else {
        Value::List(found)
    };
    Reply::Done(Ok(map! { "Messages" => found }.into()))
}

/// A message as the caller asked to see it.
fn message(call: &Call, arn: &str, message: &Message) -> Value {
    let system: Vec<&str> = call
        .get("AttributeNames")
        .strings()
        .chain(call.get("MessageSystemAttributeNames").strings())
        .collect();
    let asked: Vec<&str> = call.get("MessageAttributeNames").strings().collect();
    let letter = &message.letter;
    let all = [
        ("SenderId", Some(World::sender(message))),
        ("SentTimestamp", Some(message.sent.to_string())),
        ("ApproximateReceiveCount", Some(message.receives.to_string())),
        (
            "ApproximateFirstReceiveTimestamp",
            message.first_received.map(|at| at.to_string()),
        ),
        ("DeadLetterQueueSourceArn", message.moved_from.clone()),
        ("AWSTraceHeader", letter.trace.clone()),
        ("MessageGroupId", letter.group.clone()),
        ("MessageDeduplicationId", letter.dedup.clone()),
        (
            "SequenceNumber",
            letter.dedup.as_ref().map(|_| sequence_number(message.sequence)),
        ),
    ];
    let shown: Map = all
        .into_iter()
        .filter(|(name, _)| system.contains(&"All") || system.contains(name))
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let wanted = |name: &str| {
        asked.iter().any(|a| {
            *a == "All" || *a == ".*" || *a == name || a.strip_suffix(".*").is_some_and(|start| name.starts_with(start))
        })
    };
    let own: Vec<(&String, &Attribute)> = letter.attributes.iter().filter(|(name, _)| wanted(name)).collect();
    let attributes: Map = own
        .iter()
        .map(|(name, attribute)| ((*name).clone(), attribute_value(attribute)))
        .collect();
    let some = |map: Map| if map.is_empty() { Value::Null } else { Value::Map(map) };
    map! {
        "MessageId" => &message.id,
        "ReceiptHandle" => receipt_handle(arn, message),
        "MD5OfBody" => md5_hex(letter.body.as_bytes()),
        "Body" => &*letter.body,
        "Attributes" => some(shown),
        "MD5OfMessageAttributes" => attributes_md5(own.into_iter()),
        "MessageAttributes" => some(attributes),
    }
}

fn attribute_value(attribute: &Attribute) -> Value {
    match &attribute.value {
        AttributeValue::Text(text) => map! { "StringValue" => text, "DataType" => &attribute.kind },
        AttributeValue::Bytes(bytes) => map! { "BinaryValue" => bytes.clone(), "DataType" => &attribute.kind },
    }
}

/// The place and the receive count that a receipt handle of this queue means.
fn receipt(entry: &Value, queue: &str) -> Result<(u64, u32), Fault> {
    let handle = entry
        .get("ReceiptHandle")
        .str()
        .ok_or_else(|| missing("ReceiptHandle"))?;
    let read = read_receipt(handle)
        .filter(|(name, _, _)| name == queue)
        .map(|(_, place, receives)| (place, receives));
    read.ok_or_else(|| {
        Fault::bad(
            "ReceiptHandleIsInvalid",
            format!("The input receipt handle \"{handle}\" is not a valid receipt handle."),
        )
    })
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    let (place, receives) = receipt(&call.input, &name)?;
    world.delete_message(&name, place, receives);
    Ok(Answer::empty())
}

fn delete_batch(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    batch(call, &mut |entry| {
        let (place, receives) = receipt(entry, &name)?;
        world.delete_message(&name, place, receives);
        Ok(Value::Null)
    })
}

fn hide(world: &mut World, name: &str, entry: &Value) -> Result<Value, Fault> {
    let seconds = entry
        .get("VisibilityTimeout")
        .int()
        .ok_or_else(|| missing("VisibilityTimeout"))?;
    if !(0..=43_200).contains(&seconds) {
        return Err(bad_value(format!(
            "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200."
        )));
    }
    let (place, receives) = receipt(entry, name)?;
    let now = world.now();
    let Some(queue) = world.messaging.queues.get_mut(name) else {
        return Err(World::no_queue());
    };
    queue.settle(now);
    if queue.held(place, receives).is_none() {
        let why = format!(
            "Value {} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.",
            entry.get("ReceiptHandle").str().unwrap_or("")
        );
        return Err(bad_value(why));
    }
    if !queue.is_in_flight(place) {
        return Err(Fault::bad(
            "MessageNotInflight",
            "The message referred to is not in flight.",
        ));
    }
    world.change_visibility(name, place, seconds * 1000);
    Ok(Value::Null)
}

fn change_visibility(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    hide(world, &name, &call.input).map(|_| Answer::empty())
}

fn change_visibility_batch(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    batch(call, &mut |entry| hide(world, &name, entry))
}
