//! DynamoDB Streams: reading a table's stream.

use serde_json::Value as Json;

use super::{Table, page, page_size};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::stream::{place_of, table_number};
use crate::world::table::{KEPT_MS, TableStream};
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("DescribeStream", describe),
    ("GetRecords", records),
    ("GetShardIterator", iterator),
    ("ListStreams", list),
];

/// The stream of an ARN, and its table's name.
fn stream<'a>(world: &'a World, text: &str) -> Result<(&'a TableStream, String), Fault> {
    let name = arn::table(text);
    let found = world
        .storage
        .tables
        .get(name)
        .and_then(|t| t.stream.as_ref())
        .filter(|s| s.arn == text);
    let missing = || {
        Fault::bad(
            "ResourceNotFoundException",
            format!("Requested resource not found: Stream: {text} not found"),
        )
    };
    found.map(|s| (s, name.to_owned())).ok_or_else(missing)
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let streams = world
        .storage
        .tables
        .iter()
        .filter_map(|(name, table)| Some((name, table.stream.as_ref()?)));
    let wanted = streams.filter(|(name, _)| call.str("TableName").is_none_or(|t| arn::table(t) == *name));
    let (found, _) = page(wanted, None, page_size(call, "Limit", 100));
    let found: Vec<Value> = found
        .into_iter()
        .map(|(name, s)| map! { "StreamArn" => &s.arn, "TableName" => name, "StreamLabel" => &s.label })
        .collect();
    Ok(map! { "Streams" => found }.into())
}

fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, name) = stream(world, call.str("StreamArn").unwrap_or(""))?;
    let keys = world
        .storage
        .tables
        .get(&name)
        .map(|t| t.keys.clone())
        .unwrap_or_default();
    let keys = keys
        .iter()
        .zip(["HASH", "RANGE"])
        .map(|(k, kind)| map! { "AttributeName" => k, "KeyType" => kind });
    let shard = map! {
        "ShardId" => &found.shard.id,
        "SequenceNumberRange" => map! { "StartingSequenceNumber" => table_number(1) },
    };
    Ok(map! { "StreamDescription" => map! {
        "StreamArn" => &found.arn, "StreamLabel" => &found.label, "StreamStatus" => "ENABLED",
        "StreamViewType" => &found.view, "CreationRequestDateTime" => Value::Time(found.shard.opened),
        "TableName" => &name, "KeySchema" => keys.collect::<Value>(), "Shards" => vec![shard],
    } }
    .into())
}

fn iterator(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, _) = stream(world, call.str("StreamArn").unwrap_or(""))?;
    if call.str("ShardId") != Some(found.shard.id.as_str()) {
        return Err(Fault::bad(
            "ResourceNotFoundException",
            "Requested resource not found: Shard does not exist",
        ));
    }
    let named = call.str("SequenceNumber").and_then(place_of);
    let needed = || {
        Fault::bad(
            "ValidationException",
            "SequenceNumber is needed for this ShardIteratorType",
        )
    };
    let oldest = world.now() - KEPT_MS;
    if named.is_some_and(|seq| seq < found.shard.next_seq() && found.shard.get(seq).is_none_or(|r| r.arrival < oldest))
    {
        return Err(Fault::bad(
            "TrimmedDataAccessException",
            "The operation attempted to read past the oldest stream record in a shard.",
        ));
    }
    let from = match call.str("ShardIteratorType").unwrap_or("") {
        "TRIM_HORIZON" => 1,
        "LATEST" => found.shard.next_seq(),
        "AT_SEQUENCE_NUMBER" => named.ok_or_else(needed)?,
        "AFTER_SEQUENCE_NUMBER" => named.ok_or_else(needed)? + 1,
        other => {
            return Err(Fault::bad(
                "ValidationException",
                format!("Invalid ShardIteratorType {other}"),
            ));
        }
    };
    Ok(map! { "ShardIterator" => format!("{}|{from}", found.arn) }.into())
}

fn records(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let bad = || Fault::bad("ValidationException", "Invalid ShardIterator");
    let (name, from) = call
        .str("ShardIterator")
        .and_then(|i| i.rsplit_once('|'))
        .ok_or_else(bad)?;
    let from: u64 = from.parse().map_err(|_| bad())?;
    let (found, _) = stream(world, name)?;
    let most = page_size(call, "Limit", 1000);
    let mut next = from;
    let mut records = Vec::new();
    let oldest = world.now() - KEPT_MS;
    let kept = found.shard.from(from).filter(|record| record.arrival >= oldest);
    for record in kept.take(most) {
        next = record.seq + 1;
        records.push(shown(&record.json()));
    }
    Ok(map! { "Records" => records, "NextShardIterator" => format!("{name}|{next}") }.into())
}

/// A record as the API shows it: without the ARN, which only a function's event has, and with a time that is one.
fn shown(json: &Json) -> Value {
    let mut value = Value::from(json.clone());
    let mut data = value.get("dynamodb").clone();
    data.set(
        "ApproximateCreationDateTime",
        Value::Time(json["dynamodb"]["ApproximateCreationDateTime"].as_i64().unwrap_or(0) * 1000),
    );
    value.set("dynamodb", data);
    value.set("eventSourceARN", Value::Null);
    value
}
