//! The batch of Kafka records that a mapping gave up, as Lambda's failure record names it. The records themselves stay in
//! their topic: the record says which, by partition and offset.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::words::Records as Named;

/// The position of a batch of Kafka records.
///
/// AWS (kafka): `KafkaBatchInfo` of the failure record of a mapping of Amazon MSK or of self-managed Apache Kafka.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaBatch {
    /// The cluster: its ARN, or `kafka://SERVER` with the first bootstrap server if it is outside AWS.
    pub source: String,
    /// Records in the batch.
    pub size: u32,
    /// Which records of which partition, in the order of the partitions' names.
    pub partitions: Vec<Partition>,
}

/// Records of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Topic and number: `orders-0`.
    pub name: String,
    /// The first record's offset, as it is written.
    pub first: String,
    /// The last record's offset, as it is written.
    pub last: String,
    /// When the first record was written, as it is written; empty where the record does not say.
    pub since: String,
}

impl KafkaBatch {
    /// Which records: their offsets in each partition, or how many where no partition is named. Names come from others.
    #[must_use]
    pub fn records(&self) -> Vec<Named> {
        let of = |partition: &Partition| {
            let Partition { name, first, last, .. } = partition.clone();
            if first == last {
                Named::Offset {
                    partition: name,
                    offset: first,
                }
            } else {
                Named::Offsets {
                    partition: name,
                    first,
                    last,
                }
            }
        };
        if self.partitions.is_empty() {
            return vec![Named::Count { records: self.size }];
        }
        self.partitions.iter().map(of).collect()
    }

    /// When the first of its records was written, where the failure record says so.
    #[must_use]
    pub fn since(&self) -> Option<&str> {
        let known = self.partitions.iter().map(|partition| partition.since.as_str());
        known.filter(|since| !since.is_empty()).min()
    }
}

/// `KafkaBatchInfo` as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Raw {
    #[serde(default)]
    batch_size: Option<u32>,
    #[serde(default)]
    event_source_arn: Option<String>,
    #[serde(default)]
    bootstrap_servers: Option<String>,
    #[serde(default)]
    records_info: BTreeMap<String, Records>,
    /// AWS (kafka): in place of the map where each record has a failure record of its own.
    #[serde(default)]
    record_info: Option<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Records {
    first_record_offset: Offset,
    last_record_offset: Offset,
    #[serde(default)]
    first_record_timestamp: String,
}

#[derive(Deserialize)]
struct Record {
    offset: Offset,
    #[serde(default)]
    timestamp: String,
}

/// AWS writes offsets as texts here and as numbers in events.
#[derive(Deserialize)]
#[serde(untagged)]
enum Offset {
    Text(String),
    Number(u64),
}

impl Offset {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Raw {
    /// `None` if it names neither a cluster nor a server.
    pub(super) fn batch(self) -> Option<KafkaBatch> {
        let arn = self.event_source_arn.filter(|arn| !arn.is_empty());
        let source = arn.or_else(|| {
            let servers = self.bootstrap_servers?;
            let first = servers.split(',').next().map(str::trim)?;
            (!first.is_empty()).then(|| format!("kafka://{first}"))
        })?;
        let of_map = self.records_info.into_iter().map(|(name, records)| Partition {
            name,
            first: records.first_record_offset.text(),
            last: records.last_record_offset.text(),
            since: records.first_record_timestamp,
        });
        let mut partitions: Vec<_> = of_map.collect();
        if let Some(one) = self.record_info.filter(|_| partitions.is_empty()) {
            let offset = one.offset.text();
            partitions.push(Partition {
                name: "record".to_owned(),
                first: offset.clone(),
                last: offset,
                since: one.timestamp,
            });
        }
        Some(KafkaBatch {
            source,
            size: self.batch_size.unwrap_or_default(),
            partitions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(json: &str) -> Option<KafkaBatch> {
        serde_json::from_str::<Raw>(json).expect("it reads").batch()
    }

    #[test]
    fn a_batch_of_msk_names_its_cluster_and_its_offsets() {
        let found = batch(
            r#"{"batchSize":12,"eventSourceArn":"arn:aws:kafka:r:1:cluster/events/6-2","bootstrapServers":"b-1:9098,b-2:9098",
                "payloadSize":2039,"recordsInfo":{
                "orders-1":{"firstRecordOffset":"7","lastRecordOffset":"7","firstRecordTimestamp":"2026-11-30T07:59:05Z"},
                "orders-0":{"firstRecordOffset":"100","lastRecordOffset":"110","firstRecordTimestamp":"2026-11-30T07:59:04Z"}}}"#,
        )
        .expect("a batch");
        assert_eq!(found.source, "arn:aws:kafka:r:1:cluster/events/6-2");
        let (first, second) = (
            Named::Offsets {
                partition: "orders-0".into(),
                first: "100".into(),
                last: "110".into(),
            },
            Named::Offset {
                partition: "orders-1".into(),
                offset: "7".into(),
            },
        );
        assert_eq!(found.records(), [first, second]);
        assert_eq!(found.since(), Some("2026-11-30T07:59:04Z"));
    }

    #[test]
    fn a_batch_of_a_cluster_outside_aws_is_of_its_first_server() {
        let found =
            batch(r#"{"batchSize":3,"eventSourceArn":null,"bootstrapServers":"b-1.example:9092, b-2.example:9092"}"#);
        let found = found.expect("a batch");
        assert_eq!(
            (found.source.as_str(), found.records()),
            ("kafka://b-1.example:9092", vec![Named::Count { records: 3 }])
        );
        assert_eq!(batch(r#"{"batchSize":3}"#), None, "nobody's");
    }

    #[test]
    fn a_record_of_one_record_has_one_offset() {
        let found = batch(
            r#"{"batchSize":1,"eventSourceArn":"arn:aws:kafka:r:1:cluster/c/1","payloadSize":11,
                "recordInfo":{"offset":42,"timestamp":"2026-11-30T07:59:04Z"}}"#,
        );
        let record = Named::Offset {
            partition: "record".into(),
            offset: "42".into(),
        };
        assert_eq!(found.expect("a batch").records(), [record]);
    }
}
