//! What the account holds. Logs, metrics and records of streams go by retention and bytes. Messages, items, objects and events
//! on their way are its state and never go: where they are too much, time slows.

use super::World;
use super::mapping::Mapping;
use super::stream::{self, Shard};

/// Bytes that the state may take before time slows.
pub const BUDGET: usize = 128 * 1024 * 1024;
/// Bytes that an object takes beside its body, and that an event on its way takes, as measured.
const OBJECT: usize = 600;
const EVENT: usize = 1_000;

impl World {
    /// Bytes that messages, items, objects and events on their way take, approximately, as of the last minute; in all
    /// regions.
    #[must_use]
    pub fn held(&self) -> usize {
        self.records.state_bytes + self.abroad.values().map(Self::held).sum::<usize>()
    }

    /// Whether they are more than they may be.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.held() > BUDGET
    }

    /// Measures the state, and drops stream records that every reader has read.
    pub(super) fn weigh(&mut self) {
        let queues: usize = self.messaging.queues.values().map(super::queue::Queue::bytes).sum();
        let tables: usize = self.storage.tables.values().map(|table| table.bytes).sum();
        let buckets = self.storage.buckets.values();
        let objects = buckets.flat_map(|bucket| bucket.objects.values());
        let objects: usize = objects.map(|object| OBJECT + object.body.len()).sum();
        let waiting = self.lambda.asyncs.len() + self.lambda.batches.len() + self.lambda.runs.len();
        let on_their_way = waiting + self.messaging.subscribers.len() + self.events.targets.len();
        let unread = self.shrink_streams().saturating_sub(stream::BUDGET);
        self.records.state_bytes = queues + tables + objects + on_their_way * EVENT + unread;
    }

    /// Brings the records of all streams within their bytes, as far as every mapping has read them; what is left comes back.
    fn shrink_streams(&mut self) -> usize {
        let tables = self
            .storage
            .tables
            .values_mut()
            .filter_map(|table| table.stream.as_mut());
        let tables = tables.map(|stream| (stream.arn.clone(), 0, &mut stream.shard));
        let (region, account) = (&self.region, &self.account);
        let streams = self.storage.streams.iter_mut().flat_map(|(name, stream)| {
            let arn = super::arn::of("kinesis", region, account, &format!("stream/{name}"));
            let shards = stream.shards.iter_mut().enumerate();
            shards.map(move |(n, shard)| (arn.clone(), n, shard))
        });
        let mut shards: Vec<(String, usize, &mut Shard)> = tables.chain(streams).collect();
        let mut all: usize = shards.iter().map(|(_, _, shard)| shard.bytes()).sum();
        if all > stream::BUDGET {
            let each = stream::BUDGET / shards.len().max(1) / 8 * 7;
            for (arn, n, shard) in &mut shards {
                let readers = self
                    .lambda
                    .mappings
                    .values()
                    .filter(|mapping| mapping.source_arn == *arn);
                let read = readers.map(|mapping| mapping.has_read(*n)).min().unwrap_or(u64::MAX);
                let before = shard.bytes();
                shard.shrink(read, each);
                all -= before - shard.bytes();
            }
        }
        all
    }
}

impl Mapping {
    /// The first place of a shard that it still needs.
    fn has_read(&self, shard: usize) -> u64 {
        let readers = self.polling.readers.iter().filter(|((of, _), _)| *of == shard);
        let needs = readers.map(|(_, reader)| {
            let works = reader.work.iter().flat_map(|work| work.places.iter().copied());
            works.chain([reader.cursor]).min().unwrap_or(0)
        });
        // One that has not begun to read needs all.
        needs.min().unwrap_or(0)
    }
}
