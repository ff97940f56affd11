//! Streams: the records of a batch that a mapping gave up, read again from their shard and made into the event that its
//! function gets of them.

use std::collections::BTreeMap;

use aws_sdk_dynamodbstreams::types as table;
use aws_sdk_kinesis::types as kinesis;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use super::pages::Pages;
use super::{Error, Session, api};
use crate::domain::{Batch, Sending};

/// Records that one call gives. AWS (streams): at most 10,000 of Kinesis, 1,000 of a table's stream.
const PAGE: usize = 1_000;
/// Answers without a record before the shard is taken to have none. AWS (streams): an answer may be empty though records follow.
const EMPTY: usize = 10;

/// Pages of shards that are read of a table's stream; how many it has is unknown where there are more. AWS (apis): 100 a page.
const SHARD_PAGES: usize = 5;

/// What is read of a stream itself; `None` where its answer does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamFacts {
    /// How long it keeps records, seconds.
    pub retention_s: Option<u32>,
    /// Its open shards.
    pub open_shards: Option<u32>,
}

/// A part of a shard: records with their sequence numbers, and where to go on.
type Page = (Vec<(String, Value)>, Option<String>);

/// The stream's own ARN, where a mapping reads by way of a consumer: records are read of streams.
fn stream(batch: &Batch) -> &str {
    let arn = batch.stream_arn.as_str();
    arn.split_once("/consumer/").map_or(arn, |(stream, _)| stream)
}

impl Session {
    /// The event that a mapping makes of a batch, its records read again. What is sent instead says why there is none:
    /// nothing was invoked then.
    pub async fn batch_again(&self, batch: &Batch, function: &str) -> Result<String, Sending> {
        let is_table = batch.stream_arn.contains(":dynamodb:");
        let role = if is_table { None } else { self.role(function).await };
        let mut found: Vec<Value> = Vec::new();
        let mut iterator = if is_table {
            self.table_iterator(batch).await
        } else {
            self.kinesis_iterator(batch).await
        }
        .map_err(|error| unreadable(&error))?;
        let mut empty = 0;
        while let Some(from) = iterator.take() {
            let rest = usize::try_from(batch.size).unwrap_or(PAGE).saturating_sub(found.len());
            let page = if is_table {
                self.table_records(batch, &from, rest.clamp(1, PAGE)).await
            } else {
                self.kinesis_records(batch, &from, rest.clamp(1, PAGE), role.as_deref())
                    .await
            };
            let (records, next) = page.map_err(|error| unreadable(&error))?;
            empty = if records.is_empty() { empty + 1 } else { 0 };
            for (number, record) in records {
                if found.is_empty() && number != batch.start_sequence {
                    return Err(gone());
                }
                found.push(record);
                if number == batch.end_sequence {
                    return whole(&found, batch);
                }
                if is_after(&number, &batch.end_sequence) || found.len() >= usize::try_from(batch.size).unwrap_or(0) {
                    return Err(mixed(batch));
                }
            }
            iterator = next.filter(|_| empty < EMPTY);
        }
        Err(gone())
    }

    /// The execution role of a function, which a Kinesis record names; `None` if it may not be read.
    async fn role(&self, function: &str) -> Option<String> {
        let clients = self.clients();
        let call = || {
            clients
                .lambda
                .get_function_configuration()
                .function_name(function)
                .send()
        };
        let answer = self.caller.call(&api::GET_CONFIGURATION, call).await.ok()?;
        answer.role().map(str::to_owned)
    }

    /// The names of all Kinesis streams, 100 a page.
    ///
    /// # Errors
    ///
    /// If a page could not be read.
    pub async fn kinesis_streams(&self) -> Result<Vec<String>, Error> {
        let clients = self.clients();
        let mut names: Vec<String> = Vec::new();
        let mut pages = Pages::of(&api::KINESIS_LIST);
        while pages.more() {
            let call = || {
                let request = clients.kinesis.list_streams();
                request.set_exclusive_start_stream_name(pages.token()).send()
            };
            let answer = self.caller.call(&api::KINESIS_LIST, call).await?;
            names.extend(answer.stream_names().iter().cloned());
            // The last name leads on: after a page without one it is the same again, which is no end.
            let last = names.last().map_or("?", String::as_str);
            pages.turn(answer.has_more_streams().then_some(last), answer.stream_names())?;
        }
        Ok(names)
    }

    /// Retention and shards of a Kinesis stream. AWS (streams): retention is 24 h by default, 365 days at most.
    ///
    /// # Errors
    ///
    /// If it could not be read: then only the default retention is known.
    pub async fn kinesis_facts(&self, stream: &str) -> Result<StreamFacts, Error> {
        let clients = self.clients();
        let call = || clients.kinesis.describe_stream_summary().stream_arn(stream).send();
        let answer = self.caller.call(&api::KINESIS_SUMMARY, call).await?;
        let summary = answer.stream_description_summary();
        let count = |n: i32| u32::try_from(n).ok().filter(|n| *n > 0);
        Ok(StreamFacts {
            retention_s: summary.and_then(|summary| Some(count(summary.retention_period_hours())? * 3_600)),
            open_shards: summary.and_then(|summary| count(summary.open_shard_count())),
        })
    }

    /// Open shards of a table's stream. AWS (streams): a shard is closed after some hours, and its child is read only once it was
    /// read to its end, so no more are read at once than are open.
    ///
    /// # Errors
    ///
    /// If it could not be read.
    pub async fn table_facts(&self, stream: &str) -> Result<StreamFacts, Error> {
        let clients = self.clients();
        let mut open = 0_u32;
        let mut pages = Pages::of(&api::TABLE_STREAM);
        for _ in 0..SHARD_PAGES {
            let call = || {
                let request = clients.table_streams.describe_stream().stream_arn(stream);
                request.set_exclusive_start_shard_id(pages.token()).send()
            };
            let answer = self.caller.call(&api::TABLE_STREAM, call).await?;
            let Some(description) = answer.stream_description() else {
                break;
            };
            let is_open = |shard: &&table::Shard| {
                let range = shard.sequence_number_range();
                range.is_some_and(|range| range.ending_sequence_number().is_none())
            };
            let found = description.shards().iter().filter(is_open).count();
            open = open.saturating_add(u32::try_from(found).unwrap_or(u32::MAX));
            let shards = description.shards().iter().map(table::Shard::shard_id);
            pages.turn(description.last_evaluated_shard_id(), shards)?;
            if !pages.more() {
                return Ok(StreamFacts {
                    retention_s: None,
                    open_shards: (open > 0).then_some(open),
                });
            }
        }
        Ok(StreamFacts::default())
    }

    async fn kinesis_iterator(&self, batch: &Batch) -> Result<Option<String>, Error> {
        let clients = self.clients();
        let call = || {
            let request = clients.kinesis.get_shard_iterator().stream_arn(stream(batch));
            let request = request.shard_id(&batch.shard_id);
            let request = request.shard_iterator_type(kinesis::ShardIteratorType::AtSequenceNumber);
            request.starting_sequence_number(&batch.start_sequence).send()
        };
        let answer = self.caller.call(&api::KINESIS_ITERATOR, call).await?;
        Ok(answer.shard_iterator().map(str::to_owned))
    }

    async fn kinesis_records(&self, batch: &Batch, from: &str, most: usize, role: Option<&str>) -> Result<Page, Error> {
        let clients = self.clients();
        let call = || {
            let request = clients.kinesis.get_records().stream_arn(stream(batch));
            request
                .shard_iterator(from)
                .limit(i32::try_from(most).unwrap_or(1))
                .send()
        };
        let answer = self.caller.call(&api::KINESIS_RECORDS, call).await?;
        let records = answer.records().iter();
        let records = records.map(|record| (record.sequence_number().to_owned(), of_kinesis(record, batch, role)));
        Ok((records.collect(), answer.next_shard_iterator().map(str::to_owned)))
    }

    async fn table_iterator(&self, batch: &Batch) -> Result<Option<String>, Error> {
        let clients = self.clients();
        let call = || {
            let request = clients.table_streams.get_shard_iterator().stream_arn(&batch.stream_arn);
            let request = request.shard_id(&batch.shard_id);
            let request = request.shard_iterator_type(table::ShardIteratorType::AtSequenceNumber);
            request.sequence_number(&batch.start_sequence).send()
        };
        let answer = self.caller.call(&api::TABLE_ITERATOR, call).await?;
        Ok(answer.shard_iterator().map(str::to_owned))
    }

    async fn table_records(&self, batch: &Batch, from: &str, most: usize) -> Result<Page, Error> {
        let clients = self.clients();
        let call = || {
            let request = clients.table_streams.get_records().shard_iterator(from);
            request.limit(i32::try_from(most).unwrap_or(1)).send()
        };
        let answer = self.caller.call(&api::TABLE_RECORDS, call).await?;
        let records = answer.records().iter();
        let records = records.map(|record| {
            let number = record.dynamodb().and_then(|data| data.sequence_number());
            (number.unwrap_or_default().to_owned(), of_table(record, batch))
        });
        Ok((records.collect(), answer.next_shard_iterator().map(str::to_owned)))
    }
}

/// Checks that a batch is complete: otherwise it is unknown which records it had.
fn whole(found: &[Value], batch: &Batch) -> Result<String, Sending> {
    if found.len() == usize::try_from(batch.size).unwrap_or(0) {
        Ok(json!({ "Records": found }).to_string())
    } else {
        Err(mixed(batch))
    }
}

/// AWS (streams): with a filter, or with several batches of a shard at once, records of others lie between its ends.
fn mixed(batch: &Batch) -> Sending {
    Sending::Refused {
        why: format!(
            "between the first and last of its {} records the shard has others, filtered out or of a parallel batch: \
            which records failed is unknown",
            batch.size
        ),
    }
}

fn gone() -> Sending {
    Sending::Refused {
        why: "its records have expired from the shard".into(),
    }
}

/// What an error of a call that reads says about the batch: nothing was invoked.
fn unreadable(error: &Error) -> Sending {
    let why = error.to_string();
    match error {
        Error::NotFound => Sending::Refused {
            why: "its stream or shard no longer exists, nor do its records".into(),
        },
        Error::Failed { code, .. } if code.starts_with("TrimmedDataAccess") => gone(),
        Error::Failed { code, .. } if code.starts_with("ExpiredIterator") => Sending::Later { why },
        Error::Denied { .. } | Error::Expired { .. } => Sending::Blocked { why },
        error if error.is_transient() => Sending::Later { why },
        _ => Sending::Refused { why },
    }
}

/// Sequence numbers are whole numbers longer than any machine's.
fn is_after(one: &str, other: &str) -> bool {
    let place = |number: &str| {
        let digits = number.trim_start_matches('0').to_owned();
        (digits.len(), digits)
    };
    place(one) > place(other)
}

/// A Kinesis record as a function gets it.
fn of_kinesis(record: &kinesis::Record, batch: &Batch, role: Option<&str>) -> Value {
    let number = record.sequence_number();
    let mut data = json!({
        "kinesisSchemaVersion": "1.0",
        "partitionKey": record.partition_key(),
        "sequenceNumber": number,
        "data": BASE64.encode(record.data()),
    });
    if let Some(time) = record.approximate_arrival_timestamp() {
        // AWS (streams): seconds with three digits behind the point.
        data["approximateArrivalTimestamp"] = json!(time.as_secs_f64());
    }
    let mut event = json!({
        "kinesis": data,
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": format!("{}:{number}", batch.shard_id),
        "eventName": "aws:kinesis:record",
    });
    if let Some(role) = role {
        event["invokeIdentityArn"] = role.into();
    }
    event["awsRegion"] = region(batch).into();
    event["eventSourceARN"] = batch.stream_arn.as_str().into();
    event
}

/// A change of a table as a function gets it.
fn of_table(record: &table::Record, batch: &Batch) -> Value {
    let mut data = Map::new();
    if let Some(change) = record.dynamodb() {
        if let Some(time) = change.approximate_creation_date_time() {
            data.insert("ApproximateCreationDateTime".into(), time.secs().into());
        }
        let images = [
            ("Keys", change.keys()),
            ("NewImage", change.new_image()),
            ("OldImage", change.old_image()),
        ];
        for (name, image) in images {
            if let Some(image) = image {
                data.insert(name.into(), item(image));
            }
        }
        let number = change.sequence_number().map(Value::from);
        let size = change.size_bytes().map(Value::from);
        let view = change.stream_view_type().map(|view| Value::from(view.as_str()));
        for (name, value) in [
            ("SequenceNumber", number),
            ("SizeBytes", size),
            ("StreamViewType", view),
        ] {
            data.extend(value.map(|value| (name.to_owned(), value)));
        }
    }
    let mut event = json!({
        "eventID": record.event_id(),
        "eventName": record.event_name().map(table::OperationType::as_str),
        "eventVersion": record.event_version(),
        "eventSource": record.event_source().unwrap_or("aws:dynamodb"),
        "awsRegion": record.aws_region().unwrap_or(region(batch)),
        "dynamodb": data,
        "eventSourceARN": batch.stream_arn,
    });
    if let Some(who) = record.user_identity() {
        event["userIdentity"] = json!({ "type": who.r#type(), "principalId": who.principal_id() });
    }
    event
}

fn region(batch: &Batch) -> &str {
    batch.stream_arn.split(':').nth(3).unwrap_or_default()
}

/// An item in the JSON of DynamoDB, in the order of its names.
fn item(of: &std::collections::HashMap<String, table::AttributeValue>) -> Value {
    let sorted: BTreeMap<&String, &table::AttributeValue> = of.iter().collect();
    let members = sorted.into_iter().map(|(name, value)| (name.clone(), attribute(value)));
    Value::Object(members.collect())
}

fn attribute(value: &table::AttributeValue) -> Value {
    use table::AttributeValue as A;
    match value {
        A::B(bytes) => json!({ "B": BASE64.encode(bytes) }),
        A::Bool(is) => json!({ "BOOL": is }),
        A::Bs(all) => json!({ "BS": all.iter().map(|bytes| BASE64.encode(bytes)).collect::<Vec<_>>() }),
        A::L(all) => json!({ "L": all.iter().map(attribute).collect::<Vec<_>>() }),
        A::M(all) => json!({ "M": item(all) }),
        A::N(number) => json!({ "N": number }),
        A::Ns(all) => json!({ "NS": all }),
        A::Null(is) => json!({ "NULL": is }),
        A::S(text) => json!({ "S": text }),
        A::Ss(all) => json!({ "SS": all }),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_smithy_types::{Blob, DateTime};

    use super::*;

    fn batch(arn: &str) -> Batch {
        Batch {
            stream_arn: arn.into(),
            shard_id: "shardId-000000000006".into(),
            start_sequence: "49590338271490256608559692538361571095921575989136588898".into(),
            end_sequence: "49590338271490256608559692538361571095921575989136588898".into(),
            size: 1,
            first_arrival: String::new(),
        }
    }

    /// The sample of AWS's guide, with the same members.
    #[test]
    fn a_kinesis_record_is_what_a_function_gets() {
        let batch = batch("arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream");
        let record = kinesis::Record::builder()
            .sequence_number(&batch.start_sequence)
            .partition_key("1")
            .data(Blob::new("Hello, this is a test."))
            .approximate_arrival_timestamp(DateTime::from_millis(1_545_084_650_987));
        let record = record.build().expect("a record");
        let role = "arn:aws:iam::123456789012:role/lambda-role";
        let wanted = r#"{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1",
            "sequenceNumber":"49590338271490256608559692538361571095921575989136588898",
            "data":"SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==","approximateArrivalTimestamp":1545084650.987},
            "eventSource":"aws:kinesis","eventVersion":"1.0",
            "eventID":"shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
            "eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::123456789012:role/lambda-role",
            "awsRegion":"us-east-2","eventSourceARN":"arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream"}"#;
        let wanted: Value = serde_json::from_str(wanted).expect("JSON");
        assert_eq!(of_kinesis(&record, &batch, Some(role)).to_string(), wanted.to_string());
    }

    #[test]
    fn every_kind_of_attribute_is_written_as_dynamodb_writes_it() {
        use table::AttributeValue as A;
        let bytes = || Blob::new([0, 255]);
        let all = HashMap::from([
            ("b".to_owned(), A::B(bytes())),
            ("bs".to_owned(), A::Bs(vec![bytes()])),
            ("l".to_owned(), A::L(vec![A::Null(true), A::N("1.50".into())])),
            ("m".to_owned(), A::M(HashMap::from([("x".to_owned(), A::Bool(false))]))),
            ("ns".to_owned(), A::Ns(vec!["1".into()])),
            ("ss".to_owned(), A::Ss(vec!["a".into()])),
            ("s".to_owned(), A::S("t".into())),
        ]);
        let wanted = json!({
            "b": {"B": "AP8="}, "bs": {"BS": ["AP8="]}, "l": {"L": [{"NULL": true}, {"N": "1.50"}]},
            "m": {"M": {"x": {"BOOL": false}}}, "ns": {"NS": ["1"]}, "s": {"S": "t"}, "ss": {"SS": ["a"]},
        });
        assert_eq!(item(&all), wanted);
    }

    #[test]
    fn sequence_numbers_are_compared_as_numbers() {
        assert!(is_after("1000", "999") && !is_after("0999", "999") && !is_after("999", "1000"));
    }
}
