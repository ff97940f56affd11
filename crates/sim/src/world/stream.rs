//! Shards and their records: Kinesis data streams, and what a table's stream is made of.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::json;

use super::World;
use super::marbles::MarbleStage;
use super::metrics::MetricKey;
use crate::call::Fault;
use crate::value::Value;

/// Bytes that the records of all shards may take; beyond it those go that every mapping has read. AWS (streams): they stay for their
/// retention.
pub const BUDGET: usize = 32 * 1024 * 1024;
/// Bytes that a record takes beside its texts.
const RECORD: usize = size_of::<Record>() + 48;

/// A record.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its place in the shard, from 1.
    pub seq: u64,
    /// When it came in.
    pub arrival: i64,
    /// The event that was dropped by hand which it is part of.
    pub marble: Option<u64>,
    /// Partition key; of a table's stream the item's keys.
    pub key: Arc<str>,
    /// The data of a Kinesis record.
    pub data: Bytes,
    /// The record as a function sees it: JSON.
    pub text: Arc<str>,
}

impl Record {
    /// The record as a function sees it.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    fn bytes(&self) -> usize {
        RECORD + self.key.len() + self.data.len() + self.text.len()
    }
}

/// What a function gets of records: its event, as text.
pub(super) fn event_of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Arc<str> {
    let mut text = String::from(r#"{"Records":["#);
    for (n, record) in records.into_iter().enumerate() {
        text.push_str(if n == 0 { "" } else { "," });
        text.push_str(&record.text);
    }
    text.push_str("]}");
    text.into()
}

/// A shard.
#[derive(Clone, Debug, Default)]
pub struct Shard {
    /// Its id.
    pub id: String,
    /// When it was opened.
    pub opened: i64,
    records: VecDeque<Record>,
    last: u64,
    bytes: usize,
}

impl Shard {
    /// An empty shard.
    #[must_use]
    pub fn new(id: &str, opened: i64) -> Self {
        Self {
            id: id.to_owned(),
            opened,
            ..Self::default()
        }
    }

    /// The place that the next record gets.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.last + 1
    }

    /// Appends a record made for its place.
    pub fn push(&mut self, record: Record) {
        self.last = record.seq;
        self.bytes += record.bytes();
        self.records.push_back(record);
    }

    fn pop(&mut self) {
        if let Some(gone) = self.records.pop_front() {
            self.bytes -= gone.bytes();
        }
    }

    /// Drops the oldest records before a place, until at most this many bytes are held.
    pub(super) fn shrink(&mut self, before: u64, most: usize) {
        while self.bytes > most && self.records.front().is_some_and(|record| record.seq < before) {
            self.pop();
        }
        if self.records.capacity() > 4 * self.records.len() + 64 {
            self.records.shrink_to_fit();
        }
    }

    /// Bytes that its records take.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Drops what came in before this moment.
    pub fn trim(&mut self, before: i64) {
        while self.records.front().is_some_and(|r| r.arrival < before) {
            self.pop();
        }
    }

    /// A record by its place; `None` where it is past its retention, or not there yet.
    #[must_use]
    pub fn get(&self, seq: u64) -> Option<&Record> {
        let first = self.records.front()?.seq;
        self.records.get(usize::try_from(seq.checked_sub(first)?).ok()?)
    }

    /// The records from this place on.
    pub fn from(&self, seq: u64) -> impl Iterator<Item = &Record> {
        let first = self.records.front().map_or(0, |r| r.seq);
        let skip = usize::try_from(seq.saturating_sub(first)).unwrap_or(usize::MAX);
        self.records.iter().skip(skip)
    }

    /// How many records are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

/// A Kinesis data stream.
#[derive(Clone, Debug)]
pub struct DataStream {
    /// Its shards.
    pub shards: Vec<Shard>,
    /// How long records are kept, in hours. AWS's default: 24.
    pub retention_h: i64,
    /// When it was created.
    pub created: i64,
    /// `PROVISIONED` or `ON_DEMAND`.
    pub mode: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Enhanced fan-out consumers by name, and when each was registered.
    pub consumers: BTreeMap<String, i64>,
    /// What is kept and echoed.
    pub echoed: BTreeMap<String, Value>,
}

impl DataStream {
    /// A stream with so many shards.
    #[must_use]
    pub fn new(shards: usize, now: i64) -> Self {
        Self {
            shards: (0..shards)
                .map(|n| Shard::new(&format!("shardId-{n:012}"), now))
                .collect(),
            retention_h: 24,
            created: now,
            mode: "PROVISIONED".to_owned(),
            tags: BTreeMap::new(),
            consumers: BTreeMap::new(),
            echoed: BTreeMap::new(),
        }
    }

    /// The hash keys from and to which a shard takes records, decimal digits.
    #[must_use]
    pub fn range(&self, shard: usize) -> (String, String) {
        let count = self.shards.len().max(1) as u128;
        let width = u128::MAX / count;
        let (n, last) = (shard as u128, shard + 1 == self.shards.len());
        let end = if last { u128::MAX } else { (n + 1) * width - 1 };
        ((n * width).to_string(), end.to_string())
    }

    /// The shard that takes a partition key. AWS (streams): by the MD5 of the key.
    #[must_use]
    pub fn shard_of(&self, key: &str) -> usize {
        use md5::{Digest as _, Md5};
        let digest = Md5::digest(key.as_bytes());
        let hash = digest.iter().fold(0_u128, |hash, byte| hash << 8 | u128::from(*byte));
        let width = u128::MAX / self.shards.len().max(1) as u128;
        usize::try_from(hash / width)
            .unwrap_or(0)
            .min(self.shards.len().saturating_sub(1))
    }
}

/// A sequence number as AWS writes it: 56 digits of Kinesis, in the order of the places.
#[must_use]
pub fn kinesis_number(seq: u64) -> String {
    format!("4957{:052}", 10_000_000_000_000_000_000_u64.wrapping_add(seq))
}

/// A sequence number of a table's stream: 21 digits.
#[must_use]
pub fn table_number(seq: u64) -> String {
    format!("{:021}", 100_000_000_000_000_000_u64 + seq)
}

/// The place that a sequence number means, of either kind.
#[must_use]
pub fn place_of(number: &str) -> Option<u64> {
    let kinesis = number.len() == 56;
    let tail = if kinesis { &number[4..] } else { number };
    let offset: u128 = if kinesis {
        10_000_000_000_000_000_000
    } else {
        100_000_000_000_000_000
    };
    u64::try_from(tail.parse::<u128>().ok()?.checked_sub(offset)?).ok()
}

impl World {
    /// Puts a record into a stream; its shard and its place come back.
    pub(crate) fn put_record(&mut self, name: &str, key: &str, data: Bytes) -> Result<(usize, u64), Fault> {
        let arn = self.arn("kinesis", &format!("stream/{name}"));
        let (now, region, account) = (self.clock.now, self.region.clone(), self.account.clone());
        let marble = self.carried();
        self.note_marble(marble, |_| arn.clone(), MarbleStage::Reached);
        let Some(stream) = self.storage.streams.get_mut(name) else {
            let why = format!("Stream {name} under account {account} not found.");
            return Err(Fault::bad("ResourceNotFoundException", why));
        };
        let at = stream.shard_of(key);
        let retention = stream.retention_h * 3_600_000;
        let Some(shard) = stream.shards.get_mut(at) else {
            return Err(Fault::new(500, "InternalFailure", "a stream without shards"));
        };
        shard.trim(now - retention);
        let seq = shard.next_seq();
        let number = kinesis_number(seq);
        #[expect(clippy::cast_precision_loss, reason = "a time is below 2^52 ms")]
        let arrival = now as f64 / 1000.0;
        let json = json!({
            "kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": key, "sequenceNumber": number,
                "data": BASE64.encode(&data), "approximateArrivalTimestamp": arrival},
            "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": format!("{}:{number}", shard.id),
            "eventName": "aws:kinesis:record", "invokeIdentityArn": format!("arn:aws:iam::{account}:role/lambda"),
            "awsRegion": region, "eventSourceARN": arn,
        });
        shard.push(Record {
            seq,
            arrival: now,
            marble,
            key: key.into(),
            data,
            text: json.to_string().into(),
        });
        self.records.metrics.add(
            MetricKey::new("AWS/Kinesis", "IncomingRecords", &[("StreamName", name)]),
            now,
            1.0,
        );
        self.wake_readers(&arn, at);
        Ok((at, seq))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_keep_their_order_and_lead_back() {
        assert!(kinesis_number(9) < kinesis_number(10) && table_number(9) < table_number(10));
        assert_eq!((kinesis_number(1).len(), table_number(1).len()), (56, 21));
        assert_eq!(place_of(&kinesis_number(77)), Some(77));
        assert_eq!(place_of(&table_number(77)), Some(77));
        assert_eq!(place_of("x"), None);
    }

    #[test]
    fn keys_spread_over_the_shards() {
        let stream = DataStream::new(4, 0);
        let hit: std::collections::BTreeSet<usize> = (0..100).map(|n| stream.shard_of(&n.to_string())).collect();
        assert_eq!(hit.len(), 4);
        assert_eq!(stream.range(3).1, u128::MAX.to_string());
    }
}
