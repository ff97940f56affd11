//! What is read of the streams behind mappings: how long they keep records, and by how many shards they are read.

use std::collections::BTreeMap;

use super::Survey;
use crate::aws::mappings::Mapping;
use crate::aws::streams::StreamFacts;
use crate::domain::{Arn, NodeId};

impl Survey<'_> {
    /// Adds shards and retention of its stream to each mapping. If they may not be read they stay unknown, which is
    /// reported where they matter: it is no gap in the chain.
    pub(super) async fn stream_facts(&self, mappings: &mut [Mapping]) {
        let mut known: BTreeMap<NodeId, StreamFacts> = BTreeMap::new();
        for mapping in mappings {
            let Some((source, _)) = super::node_of(&mapping.source) else {
                continue;
            };
            let facts = if let Some(facts) = known.get(&source) {
                *facts
            } else {
                let read = match Arn::parse(source.as_str()).map(|arn| arn.service) {
                    Some("kinesis") => self.session.kinesis_facts(source.as_str()).await,
                    Some("dynamodb") => self.session.table_facts(source.as_str()).await,
                    _ => continue,
                };
                *known.entry(source).or_insert(read.unwrap_or_default())
            };
            mapping.policy.stream.retention_s = facts.retention_s;
            mapping.policy.stream.shards = facts.open_shards;
        }
    }
}
