//! Dead letters that were read.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Account;
use crate::dead_letters::dead_letter::entries;
use crate::dead_letters::peek::End;
use crate::dead_letters::run_history::NoHistory;
use crate::dead_letters::{Chain, DeadLetterQueue};
use crate::dlq::queues::dead_letter_queues;
use crate::dlq::{DlqContents, DlqState};
use crate::domain::{AttributeValue, MessageAttribute, NodeId, QueueMessage};

/// The dead-letter queue of that name.
#[must_use]
pub fn queue(account: &Account, name: &str) -> Option<DeadLetterQueue> {
    let all = dead_letter_queues(&account.snapshot());
    all.into_iter().find(|queue| queue.name == name)
}

/// The state in which the orders chain's `in-dlq` was read: `count` letters of two faults, and two more that were throttled.
#[must_use]
pub fn desk(account: &Account, count: usize) -> DlqState {
    let Some(queue) = queue(account, "in-dlq") else {
        return DlqState::default();
    };
    let mut all: Vec<QueueMessage> = (0..count)
        .map(|n| {
            let error = if n % 3 == 2 {
                "KeyError: 'customer_id'"
            } else {
                "ValueError: no price"
            };
            failed(&queue.id, account.now, n, ("200", error))
        })
        .collect();
    all.extend((0..2).map(|n| failed(&queue.id, account.now, count + n, ("429", "Rate Exceeded."))));
    let chain = Chain {
        nodes: &account.topology.nodes,
        edges: &account.topology.edges,
    };
    let entries = entries(all.into_iter().map(Arc::new), &queue, chain, &NoHistory);
    let letters = DlqContents {
        number: 1,
        given_back: entries.len(),
        entries,
        read_at: account.ago(20),
        receives: 3,
        repeated: 0,
        left: Vec::new(),
        end: End::Empty,
        unread: Vec::new(),
        history: Arc::default(),
        queue: queue.clone(),
    };
    DlqState {
        letters: BTreeMap::from([(queue.id, Arc::new(letters))]),
        ..DlqState::default()
    }
}

/// A letter of an asynchronous event, sent one minute before the letter before it.
fn failed(queue: &NodeId, now: Timestamp, n: usize, (code, message): (&str, &str)) -> QueueMessage {
    let text = |data_type: &str, value: String| MessageAttribute {
        data_type: data_type.to_owned(),
        value: AttributeValue::Text(value),
    };
    let minutes = i64::try_from(n).unwrap_or(0);
    let sent = now - SignedDuration::from_mins(180 + minutes);
    let inner = format!("{{\\\"order\\\":{n},\\\"lines\\\":[{{\\\"sku\\\":\\\"p-{n}\\\"}}]}}");
    QueueMessage {
        queue: queue.clone(),
        message_id: format!("{n:08x}-1111-4222-8333-444455556666"),
        body: format!(
            "{{\"source\":\"shop\",\"detail-type\":\"order\",\"detail\":{{\"id\":{n},\"payload\":\"{inner}\"}}}}"
        )
        .into(),
        attributes: BTreeMap::from([
            (
                "RequestID".to_owned(),
                text("String", format!("{n:08x}-aaaa-4bbb-8ccc-ddddeeeeffff")),
            ),
            ("ErrorCode".to_owned(), text("Number", code.to_owned())),
            ("ErrorMessage".to_owned(), text("String", message.to_owned())),
        ]),
        system: BTreeMap::from([
            ("SentTimestamp".to_owned(), sent.as_millisecond().to_string()),
            ("ApproximateReceiveCount".to_owned(), "1".to_owned()),
        ]),
        read_at: now,
    }
}
