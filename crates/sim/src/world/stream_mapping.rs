//! How Lambda reads a shard: in order, one batch at a time in each lane, blocked by a batch that fails.
//!
//! AWS (streams): an error is retried with the same batch, until it passes, `MaximumRetryAttempts` is used up, the records are too
//! old, or they expire. The waits are unpublished: 1 s doubled up to 60 s here (simulated). Throttles and bisections do not
//! count as retries.

use serde_json::Value as Json;

use super::ground_truth::{Event, Landing};
use super::invocation::{Ask, Cause, Ending, Outcome};
use super::lineage::Lineage;
use super::mapping::{Source, Start};
use super::metrics::MetricKey;
use super::reader::{Reader, Work};
use super::stream::{Record, Shard, event_of, place_of};
use super::{Happening, World, arn};

/// The longest wait between attempts.
const LONGEST_MS: i64 = 60_000;
/// AWS (streams): a Kinesis shard is asked once a second, a table's stream four times.
const KINESIS_POLL_MS: i64 = 1000;
const TABLE_POLL_MS: i64 = 250;

impl World {
    /// The shards that a mapping reads.
    pub(super) fn shards_of(&self, source_arn: &str) -> &[Shard] {
        match arn::service(source_arn) {
            "kinesis" => self
                .storage
                .streams
                .get(arn::name(source_arn))
                .map_or(&[], |s| &s.shards),
            "dynamodb" => {
                let table = self.storage.tables.get(arn::table(source_arn));
                let stream = table.and_then(|t| t.stream.as_ref()).filter(|s| s.arn == source_arn);
                stream.map_or(&[], |s| std::slice::from_ref(&s.shard))
            }
            _ => &[],
        }
    }

    /// Gives a mapping its readers, where they are missing, and lets them look.
    pub(super) fn open_readers(&mut self, uuid: &str) {
        let Some(mapping) = self.lambda.mappings.get(uuid) else {
            return;
        };
        let (source, lanes, start) = (mapping.source_arn.clone(), mapping.reading.lanes, mapping.reading.start);
        let nexts: Vec<u64> = self.shards_of(&source).iter().map(Shard::next_seq).collect();
        let Some(mapping) = self.lambda.mappings.get_mut(uuid) else {
            return;
        };
        for (shard, next) in nexts.iter().enumerate() {
            for lane in 0..lanes {
                let cursor = if start == Start::TrimHorizon { 1 } else { *next };
                mapping.polling.readers.entry((shard, lane)).or_insert_with(|| Reader {
                    cursor,
                    ..Reader::default()
                });
            }
        }
        mapping
            .polling
            .readers
            .retain(|(_, lane), reader| *lane < lanes || reader.busy);
        for shard in 0..nexts.len() {
            self.wake_readers_of(uuid, shard);
        }
    }

    /// Lets the readers of a shard know of a new record.
    pub(super) fn wake_readers(&mut self, source_arn: &str, shard: usize) {
        let reading: Vec<String> = self
            .lambda
            .mappings
            .values()
            .filter(|m| m.source_arn == source_arn)
            .map(|m| m.uuid.clone())
            .collect();
        for uuid in reading {
            self.wake_readers_of(&uuid, shard);
        }
    }

    fn wake_readers_of(&mut self, uuid: &str, shard: usize) {
        let Some(mapping) = self.lambda.mappings.get(uuid).filter(|m| m.enabled) else {
            return;
        };
        let poll = if mapping.source == Source::Kinesis {
            KINESIS_POLL_MS
        } else {
            TABLE_POLL_MS
        };
        let asleep: Vec<(usize, u64)> = (mapping.polling.readers.iter())
            .filter(|((s, _), r)| *s == shard && !r.busy && r.wake.is_none())
            .map(|((_, lane), r)| (*lane, r.polls))
            .collect();
        for (lane, polls) in asleep {
            let wait = self
                .chance
                .within(&format!("reader/{uuid}/{shard}/{lane}"), polls, 5..=poll);
            self.wake_reader(uuid, shard, lane, wait);
        }
    }

    pub(super) fn reader(&mut self, uuid: &str, shard: usize, lane: usize) -> Option<&mut Reader> {
        self.lambda
            .mappings
            .get_mut(uuid)?
            .polling
            .readers
            .get_mut(&(shard, lane))
    }

    fn wake_reader(&mut self, uuid: &str, shard: usize, lane: usize, wait: i64) {
        let at = self.clock.now + wait;
        if let Some(reader) = self.reader(uuid, shard, lane) {
            reader.wake = Some(at);
            reader.polls += 1;
            self.later(
                at,
                Happening::StreamPoll {
                    mapping: uuid.to_owned(),
                    shard,
                    lane,
                },
            );
        }
    }

    pub(super) fn poll_stream(&mut self, uuid: &str, shard: usize, lane: usize) {
        let now = self.clock.now;
        let Some(reader) = self.reader(uuid, shard, lane) else {
            return;
        };
        if reader.busy || reader.wake != Some(now) {
            return;
        }
        reader.wake = None;
        if self.lambda.mappings.get(uuid).is_none_or(|m| !m.enabled) {
            return;
        }
        self.expire_records(uuid);
        self.drop_old(uuid, shard, lane);
        if self.reader(uuid, shard, lane).is_some_and(|r| r.work.is_empty()) {
            match self.next_batch(uuid, shard, lane) {
                Next::Batch(places) => {
                    if let Some(reader) = self.reader(uuid, shard, lane) {
                        reader.work.push(Work { places, tries: 0 });
                    }
                    // A batch that is too old is skipped before its attempt.
                    self.drop_old(uuid, shard, lane);
                    if self.reader(uuid, shard, lane).is_some_and(|r| r.work.is_empty()) {
                        return self.wake_reader(uuid, shard, lane, 5);
                    }
                }
                Next::Wait(ms) => return self.wake_reader(uuid, shard, lane, ms),
                Next::Nothing => return,
            }
        }
        self.try_shard(uuid, shard, lane);
    }

    /// The next batch of a lane, past what the filters leave out.
    fn next_batch(&mut self, uuid: &str, shard: usize, lane: usize) -> Next {
        let now = self.clock.now;
        let Some(mapping) = self.lambda.mappings.get(uuid) else {
            return Next::Nothing;
        };
        let Some(reader) = mapping.polling.readers.get(&(shard, lane)) else {
            return Next::Nothing;
        };
        let Some(found) = self.shards_of(&mapping.source_arn).get(shard) else {
            return Next::Nothing;
        };
        let (mut places, mut cursor, mut first) = (Vec::new(), reader.cursor, None);
        for record in found.from(cursor) {
            if places.len() >= mapping.batching.size {
                break;
            }
            cursor = record.seq + 1;
            if lane_of(&record.key, mapping.reading.lanes) == lane
                && (mapping.filters.is_empty() || mapping.passes(&filterable(record)))
            {
                first.get_or_insert(record.arrival);
                places.push(record.seq);
            }
        }
        let window_ends = first
            .map(|first| first + mapping.batching.window_ms)
            .filter(|ends| *ends > now);
        if let Some(ends) = window_ends.filter(|_| places.len() < mapping.batching.size) {
            return Next::Wait(ends - now);
        }
        if let Some(reader) = self.reader(uuid, shard, lane) {
            reader.cursor = cursor;
        }
        if places.is_empty() {
            Next::Nothing
        } else {
            Next::Batch(places)
        }
    }

    fn try_shard(&mut self, uuid: &str, shard: usize, lane: usize) {
        let now = self.clock.now;
        let Some(mapping) = self.lambda.mappings.get(uuid) else {
            return;
        };
        let Some(work) = mapping.polling.readers.get(&(shard, lane)).and_then(|r| r.work.last()) else {
            return;
        };
        let Some(found) = self.shards_of(&mapping.source_arn).get(shard) else {
            return;
        };
        let records: Vec<&Record> = work.places.iter().filter_map(|seq| found.get(*seq)).collect();
        let newest = records.last().map_or(now, |r| r.arrival);
        let marble = records.iter().find_map(|record| record.marble);
        let payload = event_of(records.iter().copied());
        let ask = Ask {
            function: mapping.function.clone(),
            qualifier: mapping.qualifier.clone(),
            payload,
            cause: Cause::Shard {
                mapping: uuid.to_owned(),
                shard,
                lane,
            },
            request: None,
            lineage: Lineage::of_marble(marble),
            attempt: work.tries + 1,
        };
        #[expect(clippy::cast_precision_loss, reason = "an age is below 2^52 ms")]
        let age = (now - newest) as f64;
        let (function, qualifier) = (ask.function.clone(), ask.qualifier.clone());
        let key = MetricKey::new("AWS/Lambda", "IteratorAge", &[("EventSourceMappingUUID", uuid)]);
        self.records.metrics.add(key, now, age);
        self.lambda_metric(&function, &qualifier, "IteratorAge", age);
        let started = self.start(ask).is_ok();
        let Some(reader) = self.reader(uuid, shard, lane) else {
            return;
        };
        if started {
            reader.busy = true;
            reader.throttles = 0;
            return;
        }
        let wait = backoff(reader.throttles);
        reader.throttles += 1;
        self.wake_reader(uuid, shard, lane, wait);
    }

    /// Handles the end of a batch's invocation.
    pub(super) fn shard_ended(&mut self, uuid: &str, shard: usize, lane: usize, outcome: &Outcome) {
        let Some(mapping) = self.lambda.mappings.get_mut(uuid) else {
            return;
        };
        let (reports, bisect, retries) = (
            mapping.batching.reports_items,
            mapping.failures.bisect,
            mapping.failures.max_retries,
        );
        let poll = if mapping.source == Source::Kinesis {
            KINESIS_POLL_MS
        } else {
            TABLE_POLL_MS
        };
        let Some(reader) = mapping.polling.readers.get_mut(&(shard, lane)) else {
            return;
        };
        reader.busy = false;
        let Some(mut work) = reader.work.pop() else { return };
        let failed_from = match &outcome.ending {
            Ending::Returned(response) if reports => lowest_failed(response, &work.places),
            Ending::Returned(_) => None,
            _ => Some(0),
        };
        let Some(from) = failed_from else {
            "OK".clone_into(&mut mapping.result);
            let first = work.places.first().copied();
            let (more, polls) = (!reader.work.is_empty(), reader.polls);
            if let Some(first) = first {
                self.note_landing(Event::Batch(uuid.to_owned(), shard, lane, first), Landing::Processed);
            }
            let wait = self.chance.within(&format!("reader/{uuid}"), polls, 5..=poll);
            return self.wake_reader(uuid, shard, lane, if more { 5 } else { wait });
        };
        "PROBLEM: Function call failed".clone_into(&mut mapping.result);
        work.places.drain(..from);
        work.tries += 1;
        let tries = work.tries;
        if bisect && work.places.len() > 1 {
            let later = work.places.split_off(work.places.len() / 2);
            reader.work.push(Work {
                places: later,
                tries: 0,
            });
            reader.work.push(Work {
                places: work.places,
                tries: 0,
            });
            return self.wake_reader(uuid, shard, lane, backoff(0));
        }
        if retries >= 0 && i64::from(tries) > retries {
            let places = work.places;
            self.note_given_up((uuid, shard, lane), &places, Landing::Dropped);
            self.give_up_records(uuid, shard, &places, tries, "RetryAttemptsExhausted", Some(outcome));
            return self.wake_reader(uuid, shard, lane, 5);
        }
        reader.work.push(work);
        self.wake_reader(uuid, shard, lane, backoff(tries - 1));
    }

    /// The batch that a lane works on, as the ground truth names it.
    pub(super) fn batch_event(&self, uuid: &str, shard: usize, lane: usize) -> Option<Event> {
        let work = self
            .lambda
            .mappings
            .get(uuid)?
            .polling
            .readers
            .get(&(shard, lane))?
            .work
            .last()?;
        Some(Event::Batch(uuid.to_owned(), shard, lane, *work.places.first()?))
    }
}

enum Next {
    Batch(Vec<u64>),
    Wait(i64),
    Nothing,
}

/// The wait before an attempt, after so many: 1, 2, 4, … 60 s.
fn backoff(tries: u32) -> i64 {
    1000_i64
        .checked_shl(tries.min(10))
        .unwrap_or(LONGEST_MS)
        .min(LONGEST_MS)
}

/// The lane that takes a key.
fn lane_of(key: &str, lanes: usize) -> usize {
    let hash = super::Chance::new(0).bits(key, 0);
    usize::try_from(hash % lanes.max(1) as u64).unwrap_or(0)
}

/// A record as a mapping's filter sees it: the data of a Kinesis record is opened where it is JSON.
fn filterable(record: &Record) -> Json {
    let mut json = record.json();
    if json["kinesis"].is_object() {
        let data = serde_json::from_slice::<Json>(&record.data).ok();
        let mut kinesis = json["kinesis"].take();
        kinesis["data"] = data.unwrap_or_else(|| String::from_utf8_lossy(&record.data).into_owned().into());
        // AWS (streams): the pattern's `data` stands beside the record's other members.
        json["data"] = kinesis["data"].clone();
        json["kinesis"] = kinesis;
    }
    json
}

/// Where in a batch the first failed record stands, by a partial batch response. `None`: all passed. AWS (streams): what cannot be
/// read, and an unknown number, is a failed batch.
fn lowest_failed(response: &str, places: &[u64]) -> Option<usize> {
    let Ok(json) = serde_json::from_str::<Json>(response) else {
        return Some(0);
    };
    let items = json["batchItemFailures"].as_array()?;
    let at = |item: &Json| {
        let place = place_of(item["itemIdentifier"].as_str()?)?;
        places.iter().position(|p| *p == place)
    };
    items.iter().map(|item| at(item).unwrap_or(0)).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    use crate::world::stream::kinesis_number;

    #[test]
    fn waits_double_up_to_a_minute() {
        let waits: Vec<i64> = (0..8).map(backoff).collect();
        assert_eq!(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    }

    #[test]
    fn a_partial_response_names_the_first_failed() {
        let item = |seq| json!({"itemIdentifier": kinesis_number(seq)});
        let response = json!({"batchItemFailures": [item(7), item(6)]}).to_string();
        assert_eq!(lowest_failed(&response, &[5, 6, 7]), Some(1));
        assert_eq!(lowest_failed("null", &[5]), None);
        assert_eq!(lowest_failed("{}", &[5]), None);
        assert_eq!(lowest_failed("oops", &[5]), Some(0));
    }
}
