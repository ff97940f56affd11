//! Kinesis data streams.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;

use super::{Table, as_list, page_size, tag_list, tag_map};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::stream::{DataStream, kinesis_number, place_of};
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("AddTagsToStream", add_tags),
    ("CreateStream", create),
    ("DeleteStream", delete),
    ("DeregisterStreamConsumer", deregister),
    ("DescribeStream", describe),
    ("DescribeStreamSummary", summary),
    ("GetRecords", records),
    ("GetShardIterator", iterator),
    ("IncreaseStreamRetentionPeriod", set_retention),
    ("DecreaseStreamRetentionPeriod", set_retention),
    ("ListShards", list_shards),
    ("ListStreamConsumers", list_consumers),
    ("ListStreams", list),
    ("ListTagsForStream", list_tags),
    ("PutRecord", put),
    ("PutRecords", put_many),
    ("RegisterStreamConsumer", register),
];

fn invalid(why: impl Into<String>) -> Fault {
    Fault::bad("InvalidArgumentException", why)
}

/// The name of the stream that a call is about.
fn stream_name(world: &World, call: &Call) -> Result<String, Fault> {
    let given = call
        .str("StreamName")
        .or_else(|| call.str("StreamARN").map(arn::name))
        .unwrap_or("");
    if world.storage.streams.contains_key(given) {
        return Ok(given.to_owned());
    }
    let why = format!("Stream {given} under account {} not found.", world.account);
    Err(Fault::bad("ResourceNotFoundException", why))
}

fn stream<'a>(world: &'a mut World, call: &Call) -> Result<(&'a mut DataStream, String), Fault> {
    let name = stream_name(world, call)?;
    let missing = || Fault::bad("ResourceNotFoundException", "no such stream");
    let found = world.storage.streams.get_mut(&name).ok_or_else(missing)?;
    Ok((found, name))
}

fn stream_arn(world: &World, name: &str) -> String {
    world.arn("kinesis", &format!("stream/{name}"))
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("StreamName").unwrap_or("").to_owned();
    if name.is_empty() {
        return Err(invalid("StreamName is missing"));
    }
    if world.storage.streams.contains_key(&name) {
        let why = format!("Stream {name} under account {} already exists.", world.account);
        return Err(Fault::bad("ResourceInUseException", why));
    }
    let mode = call
        .input
        .path("StreamModeDetails.StreamMode")
        .str()
        .unwrap_or("PROVISIONED")
        .to_owned();
    // AWS (streams): an on-demand stream begins with 4 shards.
    let shards = call
        .int("ShardCount")
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| (1..=1000).contains(n));
    let mut stream = DataStream::new(shards.unwrap_or(if mode == "ON_DEMAND" { 4 } else { 1 }), world.now());
    stream.mode = mode;
    stream.tags = tag_map(call.get("Tags"));
    world.storage.streams.insert(name, stream);
    Ok(Answer::empty())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = stream_name(world, call)?;
    world.storage.streams.remove(&name);
    Ok(Answer::empty())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let after = call
        .str("ExclusiveStartStreamName")
        .or(call.str("NextToken"))
        .unwrap_or("");
    let most = page_size(call, "Limit", 100);
    let mut names: Vec<&str> = world
        .storage
        .streams
        .keys()
        .map(String::as_str)
        .filter(|n| *n > after)
        .collect();
    let more = names.len() > most;
    names.truncate(most);
    let next = names.last().filter(|_| more).map(|n| (*n).to_owned());
    let summaries: Vec<Value> = names
        .iter()
        .filter_map(|name| {
            let stream = world.storage.streams.get(*name)?;
            Some(map! {
                "StreamName" => *name, "StreamARN" => stream_arn(world, name), "StreamStatus" => "ACTIVE",
                "StreamModeDetails" => map! { "StreamMode" => &stream.mode },
                "StreamCreationTimestamp" => Value::Time(stream.created),
            })
        })
        .collect();
    Ok(
        map! { "StreamNames" => names, "HasMoreStreams" => more, "NextToken" => next, "StreamSummaries" => summaries }
            .into(),
    )
}

fn shards(stream: &DataStream) -> Vec<Value> {
    stream
        .shards
        .iter()
        .enumerate()
        .map(|(n, shard)| {
            let (from, to) = stream.range(n);
            map! {
                "ShardId" => &shard.id,
                "HashKeyRange" => map! { "StartingHashKey" => from, "EndingHashKey" => to },
                "SequenceNumberRange" => map! { "StartingSequenceNumber" => kinesis_number(0) },
            }
        })
        .collect()
}

fn described(stream: &DataStream, name: &str, arn: String) -> Value {
    map! {
        "StreamName" => name, "StreamARN" => arn, "StreamStatus" => "ACTIVE",
        "StreamModeDetails" => map! { "StreamMode" => &stream.mode },
        "RetentionPeriodHours" => stream.retention_h, "StreamCreationTimestamp" => Value::Time(stream.created),
        "EnhancedMonitoring" => vec![map! { "ShardLevelMetrics" => Vec::<Value>::new() }], "EncryptionType" => "NONE",
    }
}

fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = stream_arn(world, &stream_name(world, call)?);
    let (found, name) = stream(world, call)?;
    let mut description = described(found, &name, arn);
    description.set("Shards", shards(found));
    description.set("HasMoreShards", false);
    Ok(map! { "StreamDescription" => description }.into())
}

fn summary(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = stream_arn(world, &stream_name(world, call)?);
    let (found, name) = stream(world, call)?;
    let mut description = described(found, &name, arn);
    description.set("OpenShardCount", found.shards.len());
    description.set("ConsumerCount", found.consumers.len());
    Ok(map! { "StreamDescriptionSummary" => description }.into())
}

fn list_shards(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(map! { "Shards" => shards(stream(world, call)?.0) }.into())
}

fn data(given: &Value) -> Result<Bytes, Fault> {
    given
        .get("Data")
        .blob()
        .ok_or_else(|| Fault::bad("SerializationException", "Data is no base64"))
}

fn put(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = stream_name(world, call)?;
    let key = call
        .str("PartitionKey")
        .filter(|k| !k.is_empty())
        .ok_or_else(|| invalid("PartitionKey is missing"))?;
    let (shard, seq) = world.put_record(&name, key, data(&call.input)?)?;
    let id = world
        .storage
        .streams
        .get(&name)
        .and_then(|s| s.shards.get(shard))
        .map(|s| s.id.clone());
    Ok(map! { "ShardId" => id, "SequenceNumber" => kinesis_number(seq), "EncryptionType" => "NONE" }.into())
}

fn put_many(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = stream_name(world, call)?;
    let mut answers = Vec::new();
    for record in call.get("Records").list() {
        let key = record.get("PartitionKey").text().unwrap_or_default();
        let (shard, seq) = world.put_record(&name, &key, data(record)?)?;
        let id = world
            .storage
            .streams
            .get(&name)
            .and_then(|s| s.shards.get(shard))
            .map(|s| s.id.clone());
        answers.push(map! { "ShardId" => id, "SequenceNumber" => kinesis_number(seq) });
    }
    Ok(map! { "FailedRecordCount" => 0_i64, "Records" => answers, "EncryptionType" => "NONE" }.into())
}

fn iterator(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, name) = stream(world, call)?;
    let wanted = call.str("ShardId").unwrap_or("");
    let at = found.shards.iter().position(|s| s.id == wanted);
    let missing = || {
        Fault::bad(
            "ResourceNotFoundException",
            format!("Shard {wanted} in stream {name} does not exist"),
        )
    };
    let at = at.ok_or_else(missing)?;
    let shard = &found.shards[at];
    let named = call.str("StartingSequenceNumber").and_then(place_of);
    let needed = || invalid("StartingSequenceNumber is needed for this ShardIteratorType");
    let from = match call.str("ShardIteratorType").unwrap_or("") {
        "TRIM_HORIZON" => 1,
        "LATEST" => shard.next_seq(),
        "AT_SEQUENCE_NUMBER" => named.ok_or_else(needed)?,
        "AFTER_SEQUENCE_NUMBER" => named.ok_or_else(needed)? + 1,
        "AT_TIMESTAMP" => {
            let time = call
                .get("Timestamp")
                .time()
                .ok_or_else(|| invalid("Timestamp is needed"))?;
            shard
                .from(1)
                .find(|r| r.arrival >= time)
                .map_or(shard.next_seq(), |r| r.seq)
        }
        other => return Err(invalid(format!("Invalid ShardIteratorType {other}"))),
    };
    Ok(map! { "ShardIterator" => BASE64.encode(format!("{name}|{at}|{from}")) }.into())
}

fn records(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let bad = || invalid("Invalid ShardIterator.");
    let text = BASE64
        .decode(call.str("ShardIterator").unwrap_or(""))
        .ok()
        .and_then(|b| String::from_utf8(b).ok());
    let text = text.ok_or_else(bad)?;
    let [name, at, from] = text.split('|').collect::<Vec<_>>()[..] else {
        return Err(bad());
    };
    let (at, from): (usize, u64) = (at.parse().map_err(|_| bad())?, from.parse().map_err(|_| bad())?);
    let now = world.now();
    let found = world.storage.streams.get_mut(name).ok_or_else(bad)?;
    let retention = found.retention_h * 3_600_000;
    let shard = found.shards.get_mut(at).ok_or_else(bad)?;
    shard.trim(now - retention);
    let most = page_size(call, "Limit", 10_000);
    let (mut next, mut newest, mut shown) = (from, now, Vec::new());
    for record in shard.from(from).take(most) {
        next = record.seq + 1;
        newest = record.arrival;
        shown.push(map! {
            "SequenceNumber" => kinesis_number(record.seq), "ApproximateArrivalTimestamp" => Value::Time(record.arrival),
            "Data" => record.data.clone(), "PartitionKey" => &*record.key, "EncryptionType" => "NONE",
        });
    }
    let behind = if next == shard.next_seq() { 0 } else { now - newest };
    Ok(map! {
        "Records" => shown, "NextShardIterator" => BASE64.encode(format!("{name}|{at}|{next}")),
        "MillisBehindLatest" => behind,
    }
    .into())
}

fn set_retention(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let hours = call.int("RetentionPeriodHours").filter(|h| (24..=8760).contains(h));
    stream(world, call)?.0.retention_h = hours.ok_or_else(|| invalid("RetentionPeriodHours is 24 to 8760"))?;
    Ok(Answer::empty())
}

fn consumer(world: &World, stream: &str, name: &str, since: i64) -> Value {
    let arn = stream_arn(world, stream);
    map! {
        "ConsumerName" => name, "ConsumerARN" => format!("{arn}/consumer/{name}:{}", since / 1000),
        "ConsumerStatus" => "ACTIVE", "ConsumerCreationTimestamp" => Value::Time(since),
    }
}

fn register(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let now = world.now();
    let name = call.str("ConsumerName").unwrap_or("").to_owned();
    let (found, stream_name) = stream(world, call)?;
    if found.consumers.insert(name.clone(), now).is_some() {
        return Err(Fault::bad(
            "ResourceInUseException",
            format!("Consumer {name} already exists"),
        ));
    }
    Ok(map! { "Consumer" => consumer(world, &stream_name, &name, now) }.into())
}

fn deregister(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("ConsumerName").unwrap_or("");
    stream(world, call)?.0.consumers.remove(name);
    Ok(Answer::empty())
}

fn list_consumers(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = stream_name(world, call)?;
    let all = world.storage.streams.get(&name).into_iter().flat_map(|s| &s.consumers);
    let found: Vec<Value> = all.map(|(n, since)| consumer(world, &name, n, *since)).collect();
    Ok(map! { "Consumers" => found }.into())
}

fn add_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let tags = match call.get("Tags") {
        list @ Value::List(_) => tag_list(list),
        map => tag_map(map),
    };
    stream(world, call)?.0.tags.extend(tags);
    Ok(Answer::empty())
}

fn list_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(map! { "Tags" => as_list(&stream(world, call)?.0.tags), "HasMoreTags" => false }.into())
}
