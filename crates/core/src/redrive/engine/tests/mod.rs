//! The engine against a model of SQS that fails, loses answers, and forgets what was not durable.

mod conversation;
mod edits;
mod model;
mod properties;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::{AttributeValue, MessageAttribute, NodeId, QueueMessage, Scope};
use crate::redrive::fingerprint::of_letter;
use crate::redrive::record::{Chosen, Header, VERSION};
use crate::redrive::route::{Route, Target};
use crate::redrive::settings::Settings;
use crate::redrive::transform::Transform;

/// When every run of these tests begins, in milliseconds.
const START: i64 = 1_767_225_600_000;

fn letter(n: usize, group: Option<&str>) -> QueueMessage {
    let attribute = MessageAttribute {
        data_type: "Binary.png".into(),
        value: AttributeValue::Binary(vec![0, 255, u8::try_from(n % 256).unwrap_or(0)]),
    };
    let mut system: BTreeMap<String, String> = BTreeMap::new();
    system.insert("SentTimestamp".into(), (START - 1_000).to_string());
    system.insert("AWSTraceHeader".into(), format!("Root=1-{n}"));
    if let Some(group) = group {
        system.insert("MessageGroupId".into(), group.to_owned());
    }
    QueueMessage {
        queue: NodeId::from("arn:aws:sqs:r:1:dlq"),
        message_id: format!("id-{n}"),
        body: format!("{{\"order\": {n}}}\u{3000}").into(),
        attributes: [("k".to_owned(), attribute)].into(),
        system,
        read_at: Timestamp::UNIX_EPOCH,
    }
}

fn header(letters: &[QueueMessage], depth: usize, fifo: bool, settings: Settings) -> Header {
    let name = if fifo { "work.fifo" } else { "work" };
    Header {
        pitagora_redrive: VERSION,
        started: Timestamp::from_millisecond(START).expect("a time"),
        who: "arn:aws:iam::1:user/me".into(),
        scope: Scope {
            partition: "aws".into(),
            account: "1".into(),
            region: "r".into(),
        },
        endpoint: None,
        queue: NodeId::from("arn:aws:sqs:r:1:dlq"),
        url: "http://x/1/dlq".into(),
        depth: depth as u64,
        settings,
        ways: vec![Route {
            target: Target::Queue {
                arn: format!("arn:aws:sqs:r:1:{name}"),
                url: format!("http://x/1/{name}"),
                fifo,
            },
            shape: Transform::Same,
        }],
        grows: None,
        chosen: letters
            .iter()
            .map(|letter| Chosen {
                id: letter.message_id.clone(),
                hash: of_letter(letter),
                way: 0,
                group: letter.group().map(str::to_owned),
                edited: false,
            })
            .collect(),
    }
}
