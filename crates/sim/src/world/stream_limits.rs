//! How the reading of a shard gives records up: those that expire, those that are too old, those that failed too often.

use serde_json::json;

use super::ground_truth::{Event, Landing};
use super::invocation::Outcome;
use super::lineage::Lineage;
use super::mapping::Source;
use super::stream::{event_of, kinesis_number, table_number};
use super::{World, arn};
use crate::time::to_iso;

impl World {
    /// Lets the stream that a mapping reads forget what is past its retention, whether anything new comes in or not.
    pub(super) fn expire_records(&mut self, uuid: &str) {
        let now = self.clock.now;
        let Some(source) = self.lambda.mappings.get(uuid).map(|m| m.source_arn.clone()) else {
            return;
        };
        if let Some(stream) = self
            .storage
            .streams
            .get_mut(arn::name(&source))
            .filter(|_| arn::service(&source) == "kinesis")
        {
            let kept = stream.retention_h * 3_600_000;
            stream.shards.iter_mut().for_each(|shard| shard.trim(now - kept));
        } else if let Some(stream) = self
            .storage
            .tables
            .get_mut(arn::table(&source))
            .and_then(|t| t.stream.as_mut())
        {
            stream.shard.trim(now - super::table::KEPT_MS);
        }
    }

    /// Drops what has expired in the stream, without a trace, and what is older than the mapping's limit, with a record.
    pub(super) fn drop_old(&mut self, uuid: &str, shard: usize, lane: usize) {
        loop {
            let Some(mapping) = self.lambda.mappings.get(uuid) else {
                return;
            };
            let limit = (mapping.failures.max_age_s >= 0).then_some(mapping.failures.max_age_s * 1000);
            let Some(work) = mapping.polling.readers.get(&(shard, lane)).and_then(|r| r.work.last()) else {
                return;
            };
            let Some(found) = self.shards_of(&mapping.source_arn).get(shard) else {
                return;
            };
            let there: Vec<u64> = work
                .places
                .iter()
                .copied()
                .filter(|seq| found.get(*seq).is_some())
                .collect();
            let old: Vec<u64> = there
                .iter()
                .copied()
                .filter(|seq| {
                    found
                        .get(*seq)
                        .zip(limit)
                        .is_some_and(|(r, limit)| self.clock.now - r.arrival > limit)
                })
                .collect();
            let (tries, whole) = (work.tries, work.places.len());
            let left: Vec<u64> = there.into_iter().filter(|seq| !old.contains(seq)).collect();
            if left.is_empty() && old.is_empty() && whole > 0 {
                // AWS does not say that anything is written for what expires: nothing is, whatever the destination.
                self.note_expired((uuid, shard, lane));
            }
            if !old.is_empty() {
                self.note_given_up((uuid, shard, lane), &old, Landing::TooOld);
                self.give_up_records(uuid, shard, &old, tries, "RecordAgeExceeded", None);
            }
            let Some(reader) = self.reader(uuid, shard, lane) else {
                return;
            };
            let unchanged = left.len() == whole;
            if left.is_empty() {
                reader.work.pop();
            } else if let Some(work) = reader.work.last_mut() {
                work.places = left;
            }
            if unchanged || reader.work.is_empty() {
                return;
            }
        }
    }

    fn note_expired(&mut self, (uuid, shard, lane): (&str, usize, usize)) {
        if let Some(event) = self.batch_event(uuid, shard, lane) {
            self.note_landing(event, Landing::TooOld);
        }
    }

    pub(super) fn note_given_up(&mut self, (uuid, shard, lane): (&str, usize, usize), places: &[u64], lost: Landing) {
        let kept = self
            .lambda
            .mappings
            .get(uuid)
            .is_some_and(|m| m.failures.destination.is_some());
        let landing = if kept { Landing::DeadLetter } else { lost };
        if let Some(first) = places.first() {
            self.note_landing(Event::Batch(uuid.to_owned(), shard, lane, *first), landing);
        }
    }

    /// Shows the failure destination of records that were given up. AWS (streams): where they are, not what they hold.
    pub(super) fn give_up_records(
        &mut self,
        uuid: &str,
        shard: usize,
        places: &[u64],
        tries: u32,
        condition: &str,
        outcome: Option<&Outcome>,
    ) {
        let Some(mapping) = self.lambda.mappings.get(uuid).cloned() else {
            return;
        };
        let Some(target) = &mapping.failures.destination else {
            return;
        };
        let Some(found) = self.shards_of(&mapping.source_arn).get(shard) else {
            return;
        };
        let kinesis = mapping.source == Source::Kinesis;
        let number = if kinesis { kinesis_number } else { table_number };
        let (Some(first), Some(last)) = (places.first(), places.last()) else {
            return;
        };
        let arrival = |seq: &u64| to_iso(found.get(*seq).map_or(self.clock.now, |r| r.arrival));
        let n = self.chance.bits(uuid, *first);
        let request = outcome.map_or_else(|| self.chance.uuid(uuid, n), |o| o.request.clone());
        // AWS (streams): no function error where it was a partial response.
        let error = outcome.and_then(|o| o.ending.error_type()).map(|_| "Unhandled");
        let function_arn = self.arn("lambda", &format!("function:{}", mapping.function));
        let function_arn = if mapping.qualifier.is_empty() {
            function_arn
        } else {
            format!("{function_arn}:{}", mapping.qualifier)
        };
        let mut record = json!({
            "requestContext": {"requestId": request, "functionArn": function_arn, "condition": condition,
                "approximateInvokeCount": tries},
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": error},
            "version": "1.0",
            "timestamp": to_iso(self.clock.now),
        });
        record[if kinesis {
            "KinesisBatchInfo"
        } else {
            "DDBStreamBatchInfo"
        }] = json!({
            "shardId": found.id, "startSequenceNumber": number(*first), "endSequenceNumber": number(*last),
            "approximateArrivalOfFirstRecord": arrival(first), "approximateArrivalOfLastRecord": arrival(last),
            "batchSize": places.len(), "streamArn": mapping.source_arn,
        });
        if arn::service(target) == "s3" {
            let payload = event_of(places.iter().filter_map(|place| found.get(*place)));
            record["payload"] = (*payload).into();
        }
        let target = target.clone();
        if self.send_record(&target, &record, &Lineage::default()).is_err() {
            self.lambda_metric(
                &mapping.function,
                &mapping.qualifier,
                "DestinationDeliveryFailures",
                1.0,
            );
        }
    }
}
