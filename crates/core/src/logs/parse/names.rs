//! Ids of queue messages that a line names: they join a receive to its message.
//!
//! AWS (logs): a record of a queue has its id as `messageId`. What a message carries may have ids of its own: the notification of
//! a topic in a body has `MessageId`, which is the topic's; so has the answer to a message that the function sent itself.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use super::objects::Objects;
use super::scan::{ID, id_word};

/// Made once: each line is looked through.
static MESSAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"essage"));

/// What stands beside an id that is not of a message of the queue: a topic's notification, or the answer to a sending.
const OF_OTHERS: [&str; 6] = [
    "TopicArn",
    "MD5OfMessageBody",
    "MD5OfMessageAttributes",
    "ResponseMetadata",
    "SequenceNumber",
    "aws:sns",
];
/// What stands beside the id of a record that was received.
const RECEIVED: [&[u8]; 2] = [b"eceiptHandle", b"eceipt_handle"];
/// Bodies looked for in a line: a batch has at most 10,000 records.
const MOST_BODIES: usize = 10_000;

/// The ids behind `messageId`, `message_id`, `MessageId` and the like in a line: `"messageId":"…"`, `messageId: '…'`,
/// `message_id=…`, also where the JSON is a text within JSON, but not those within the body of a record, or in an object
/// that is neither a record nor a logger's: a body that was printed by itself.
pub fn message_ids(text: &str) -> impl Iterator<Item = &str> {
    let finder: &Finder<'static> = &MESSAGE;
    let mut bodies: Option<Bodies<'_>> = None;
    let mut objects = Objects::of(text);
    let mut received: Option<bool> = None;
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            // Too short for a name and an id.
            if text.len() < at + ID + "message_id".len() {
                return None;
            }
            let found = at + finder.find(&text.as_bytes()[at..])?;
            at = found + "essage".len();
            let rest = &text[at..];
            let Some(value) = ["Id", "_id", "-id", "ID", " id", " ID"]
                .iter()
                .find_map(|ending| rest.strip_prefix(*ending))
            else {
                continue;
            };
            let value = value.trim_start_matches(['"', '\'', '\\', ':', '=', ' ', '\t']);
            let Some((id, after)) = id_word(value) else { continue };
            let name = found;
            at = text.len() - after.len();
            if let Some(end) = bodies.get_or_insert_with(|| Bodies::of(text)).end_around(name) {
                at = end.max(at);
                continue;
            }
            if !objects.may_name_delivery(name) {
                continue;
            }
            let is_small = name > 0 && text.as_bytes()[name - 1] == b'm';
            if is_small || *received.get_or_insert_with(|| is_received(text)) {
                return Some(id);
            }
        }
    })
}

/// Whether an id under the name `MessageId` can be that of a message which was received: .NET and Go write it so.
fn is_received(text: &str) -> bool {
    let has = |words: &[u8]| memmem::find(text.as_bytes(), words).is_some();
    RECEIVED.iter().any(|words| has(words)) || !OF_OTHERS.iter().any(|words| has(words.as_bytes()))
}

/// The bodies of records in a line, one after the other.
struct Bodies<'a> {
    text: &'a str,
    /// Where to look for the next.
    at: usize,
    /// The last one found.
    last: std::ops::Range<usize>,
    left: usize,
}

impl<'a> Bodies<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            last: 0..0,
            left: MOST_BODIES,
        }
    }

    /// The end of the body that contains a position. Positions are passed in order.
    fn end_around(&mut self, place: usize) -> Option<usize> {
        while self.last.end <= place && self.left > 0 {
            let Some(found) = next_body(self.text, self.at) else {
                self.left = 0;
                break;
            };
            self.left -= 1;
            self.at = found.end.max(found.start);
            self.last = found;
        }
        self.last.contains(&place).then_some(self.last.end)
    }
}

/// The value behind `body`, `"body"`, `Body` and the like, from a place on.
pub(super) fn next_body(text: &str, mut at: usize) -> Option<std::ops::Range<usize>> {
    loop {
        let found = at + memmem::find(&text.as_bytes()[at..], b"ody")?;
        at = found + 3;
        let before = text.as_bytes()[..found].last().copied();
        let is_word = matches!(before, Some(b'b' | b'B'))
            && !found
                .checked_sub(2)
                .is_some_and(|at| text.as_bytes()[at].is_ascii_alphanumeric());
        if !is_word {
            continue;
        }
        let rest = &text[at..];
        let behind = rest.trim_start_matches(['\\', '"', '\'', ' ']);
        let Some(value) = behind.strip_prefix([':', '=']) else {
            continue;
        };
        let start = text.len() - value.trim_start().len();
        return Some(start..start + value_len(&text[start..]));
    }
}

/// How long a value is: a text in quotes, which may be escaped themselves, an object, or a word.
fn value_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let escapes = bytes.iter().take_while(|byte| **byte == b'\\').count();
    match bytes.get(escapes) {
        Some(quote @ (b'"' | b'\'' | b'`')) => quoted_len(bytes, escapes, *quote),
        Some(b'{' | b'[') if escapes == 0 => nested_len(bytes),
        _ => 0,
    }
}

/// The quote that ends a text has as many escapes before it as the one that begins it.
fn quoted_len(bytes: &[u8], escapes: usize, quote: u8) -> usize {
    let mut run = 0;
    for (at, byte) in bytes.iter().enumerate().skip(escapes + 1) {
        if *byte == quote && run == escapes {
            return at + 1;
        }
        run = if *byte == b'\\' { run + 1 } else { 0 };
    }
    bytes.len()
}

fn nested_len(bytes: &[u8]) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "5f1c0000-0000-4000-8000-000000000001";
    const TOPIC: &str = "5f1c0000-0000-4000-8000-000000000002";

    /// With the ids put in, those that a line names.
    fn named(line: &str) -> Vec<String> {
        let line = line.replace("QUEUE", QUEUE).replace("TOPIC", TOPIC);
        let short = |id: &str| if id == QUEUE { "QUEUE" } else { "TOPIC" }.to_owned();
        message_ids(&line).map(short).collect()
    }

    #[test]
    fn what_a_body_carries_is_not_the_deliverys() {
        for line in [
            // Python's json.dumps, and its print of the event.
            r#"{"Records": [{"messageId": "QUEUE", "body": "{\"Type\": \"Notification\", \"MessageId\": \"TOPIC\"}", "attributes": {}}]}"#,
            r#"{'Records': [{'messageId': 'QUEUE', 'body': '{"Type": "Notification", "MessageId": "TOPIC"}', 'attributes': {}}]}"#,
            // The body first.
            r#"{"body":"{\"messageId\":\"TOPIC\"}","messageId":"QUEUE"}"#,
            // A text within a logger's JSON.
            r#"{"level":"INFO","message":"{\"messageId\":\"QUEUE\",\"body\":\"{\\\"MessageId\\\":\\\"TOPIC\\\"}\"}"}"#,
            // Node's util.inspect, Go's %+v and Java's toString.
            r#"{ messageId: 'QUEUE', body: '{"Type" : "Notification","MessageId" : "TOPIC"}', attributes: {} }"#,
            r#"{MessageId:QUEUE ReceiptHandle:AQEB Body:{"Type":"Notification","MessageId":"TOPIC"} Md5OfBody:x}"#,
            r#"{messageId: QUEUE,receiptHandle: AQEB,body: {"Type":"Notification","MessageId":"TOPIC"},md5OfBody: x}"#,
            // A body that was parsed before it was logged.
            r#"{"messageId":"QUEUE","body":{"detail":{"messageId":"TOPIC"}}}"#,
            // A body cut in the middle.
            r#"{"messageId":"QUEUE","body":"{\"MessageId\":\"TOPIC\""#,
        ] {
            assert_eq!(named(line), ["QUEUE"], "{line}");
        }
    }

    #[test]
    fn an_id_of_a_topic_or_of_what_was_sent_is_no_deliverys() {
        for line in [
            r#"{"Type":"Notification","MessageId":"TOPIC","TopicArn":"arn:aws:sns:r:1:t"}"#,
            r#"{"MessageId":"TOPIC","MD5OfMessageBody":"x"}"#,
            "{'MessageId': 'TOPIC', 'ResponseMetadata': {'HTTPStatusCode': 200}}",
        ] {
            assert_eq!(named(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn a_body_that_is_printed_names_what_its_sender_meant() {
        for (line, expected) in [
            // The body alone, as text and as Python's and Node's own objects.
            (r#"{"messageId":"TOPIC","order":1}"#, &[][..]),
            ("{'message_id': 'TOPIC', 'order': 1}", &[]),
            ("{ messageId: 'TOPIC', order: 1 }", &[]),
            (r#"{"message_id":"TOPIC"}"#, &[]),
            // Behind words, with an id that no name stands before.
            (r#"got QUEUE {"messageId":"TOPIC","order":1}"#, &[]),
            (r#"processing message QUEUE: {"message_id": "TOPIC"}"#, &[]),
            // In a logger's object, as the text or as an object.
            (r#"{"level":"INFO","message":"{\"messageId\":\"TOPIC\"}"}"#, &[]),
            (
                r#"{"timestamp":"x","level":"INFO","message":{"messageId":"TOPIC"}}"#,
                &[],
            ),
            // Behind the delivery's own.
            (r#"messageId=QUEUE body={"messageId":"TOPIC","order":1}"#, &["QUEUE"]),
            (r#"messageId=QUEUE {"messageId":"TOPIC","order":1}"#, &["QUEUE"]),
            (
                r#"{"level":"INFO","messageId":"QUEUE","order":{"messageId":"TOPIC"}}"#,
                &["QUEUE"],
            ),
        ] {
            assert_eq!(named(line), expected, "{line}");
        }
    }

    #[test]
    fn words_name_messages_in_many_ways() {
        for line in [
            "message_id=QUEUE went wrong",
            "messageId: QUEUE",
            "Message ID: QUEUE",
            r#"{"level":"INFO","message":"received","message_id":"QUEUE"}"#,
            "Processing MessageId QUEUE",
            r#"{"MessageId":"QUEUE","ReceiptHandle":"AQEB","Body":"x"}"#,
            "nobody's messageId: 'QUEUE'",
        ] {
            assert_eq!(named(line), ["QUEUE"], "{line}");
        }
    }
}
