//! DynamoDB: tables of items, and the stream of their changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::World;
use super::marbles::MarbleStage;
use super::stream::{Record, Shard, table_number};
use crate::call::Fault;
use crate::time::to_iso;
use crate::value::Value;

/// AWS (streams): a table's stream keeps records for 24 hours.
pub const KEPT_MS: i64 = 86_400_000;

/// Bytes that an item takes beside its texts, as measured: JSON in memory is mostly that.
const ITEM: usize = 400;

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// A number of its own.
    pub id: String,
    /// Names of the partition key and, where there is one, the sort key.
    pub keys: Vec<String>,
    /// The types of its keys: name and `S`, `N` or `B`.
    pub definitions: Vec<(String, String)>,
    /// Its stream.
    pub stream: Option<TableStream>,
    /// Items by their keys' JSON, in DynamoDB's own form (`{"id": {"S": "x"}}`).
    pub items: BTreeMap<String, Json>,
    /// Bytes that its items take, approximately.
    pub bytes: usize,
    /// When it was created.
    pub created: i64,
    /// `PAY_PER_REQUEST` or `PROVISIONED`.
    pub billing: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// What is kept and echoed: indexes, throughput, ….
    pub echoed: BTreeMap<String, Value>,
}

/// A table's stream.
#[derive(Clone, Debug)]
pub struct TableStream {
    /// Its ARN, which ends with its label.
    pub arn: String,
    /// When it was switched on, ISO 8601.
    pub label: String,
    /// `NEW_AND_OLD_IMAGES`, ….
    pub view: String,
    /// Its shard: one here. AWS (streams): as many as the table has partitions.
    pub shard: Shard,
}

/// A change of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Insert,
    Modify,
    Remove,
}

impl Table {
    /// The key part of an item; `None` where a key is missing.
    #[must_use]
    pub fn key_of(&self, item: &Json) -> Option<Json> {
        let members = self
            .keys
            .iter()
            .map(|name| Some((name.clone(), item.get(name)?.clone())));
        members.collect::<Option<serde_json::Map<_, _>>>().map(Json::Object)
    }
}

impl World {
    /// The fault of a table that is not there.
    pub(crate) fn no_table() -> Fault {
        Fault::bad("ResourceNotFoundException", "Requested resource not found")
    }

    /// Switches a table's stream on.
    pub(crate) fn open_table_stream(&mut self, name: &str, view: &str) {
        let now = self.clock.now;
        let label = to_iso(now).trim_end_matches('Z').to_owned();
        let arn = self.arn("dynamodb", &format!("table/{name}/stream/{label}"));
        let shard = format!("shardId-{:020}-{}", now, self.chance.hex(name, 0, 8));
        if let Some(table) = self.storage.tables.get_mut(name) {
            table.stream = Some(TableStream {
                arn,
                label,
                view: view.to_owned(),
                shard: Shard::new(&shard, now),
            });
        }
    }

    /// Writes an item; the one that was there before comes back.
    pub(crate) fn put_item(&mut self, name: &str, item: &Json) -> Result<Option<Json>, Fault> {
        let Some(table) = self.storage.tables.get_mut(super::arn::table(name)) else {
            return Err(Self::no_table());
        };
        let Some(key) = table.key_of(item) else {
            let missing = table
                .keys
                .iter()
                .find(|k| item.get(*k).is_none())
                .cloned()
                .unwrap_or_default();
            let why = format!("One or more parameter values were invalid: Missing the key {missing} in the item");
            return Err(Fault::bad("ValidationException", why));
        };
        let key_text = key.to_string();
        let size = |item: &Json| ITEM + key_text.len() + item.to_string().len();
        let old = table.items.insert(key_text.clone(), item.clone());
        table.bytes = table.bytes + size(item) - old.as_ref().map_or(0, size);
        if old.as_ref() != Some(item) {
            let change = if old.is_some() { Change::Modify } else { Change::Insert };
            self.record_change(super::arn::table(name), change, &key, Some(item), old.as_ref());
        }
        Ok(old)
    }

    /// Deletes an item; what was there comes back.
    pub(crate) fn delete_item(&mut self, name: &str, key: &Json) -> Result<Option<Json>, Fault> {
        let Some(table) = self.storage.tables.get_mut(super::arn::table(name)) else {
            return Err(Self::no_table());
        };
        let Some(key) = table.key_of(key) else {
            return Err(Fault::bad(
                "ValidationException",
                "The provided key element does not match the schema",
            ));
        };
        let key_text = key.to_string();
        let old = table.items.remove(&key_text);
        table.bytes -= old
            .as_ref()
            .map_or(0, |old| ITEM + key_text.len() + old.to_string().len());
        if old.is_some() {
            self.record_change(super::arn::table(name), Change::Remove, &key, None, old.as_ref());
        }
        Ok(old)
    }

    fn record_change(&mut self, name: &str, how: Change, key: &Json, new: Option<&Json>, old: Option<&Json>) {
        let (now, region, chance, marble) = (self.clock.now, self.region.clone(), self.chance, self.carried());
        self.note_marble(
            marble,
            |world| world.arn("dynamodb", &format!("table/{name}")),
            MarbleStage::Reached,
        );
        let Some(stream) = self.storage.tables.get_mut(name).and_then(|t| t.stream.as_mut()) else {
            return;
        };
        stream.shard.trim(now - KEPT_MS);
        let seq = stream.shard.next_seq();
        let event = match how {
            Change::Insert => "INSERT",
            Change::Modify => "MODIFY",
            Change::Remove => "REMOVE",
        };
        let (with_new, with_old) = match stream.view.as_str() {
            "NEW_IMAGE" => (new, None),
            "OLD_IMAGE" => (None, old),
            "KEYS_ONLY" => (None, None),
            _ => (new, old),
        };
        let mut data = json!({
            "ApproximateCreationDateTime": now / 1000, "Keys": key, "SequenceNumber": table_number(seq),
            "SizeBytes": key.to_string().len() + new.map_or(0, |i| i.to_string().len()), "StreamViewType": stream.view,
        });
        if let Some(image) = with_new {
            data["NewImage"] = image.clone();
        }
        if let Some(image) = with_old {
            data["OldImage"] = image.clone();
        }
        let json = json!({
            "eventID": chance.hex(&stream.arn, seq, 32), "eventName": event, "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": region, "dynamodb": data, "eventSourceARN": stream.arn,
        });
        let key: Arc<str> = key.to_string().into();
        stream.shard.push(Record {
            seq,
            arrival: now,
            marble,
            key,
            data: Bytes::new(),
            text: json.to_string().into(),
        });
        let arn = stream.arn.clone();
        self.wake_readers(&arn, 0);
    }
}
