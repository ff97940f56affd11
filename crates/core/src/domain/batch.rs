//! A batch of a stream that a mapping gave up: where its records lie.

/// Where a batch lies in its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The stream.
    pub stream_arn: String,
    /// The shard.
    pub shard_id: String,
    /// The first record.
    pub start_sequence: String,
    /// The last record.
    pub end_sequence: String,
    /// How many records.
    pub size: u32,
    /// When the first record arrived, as it was written.
    pub first_arrival: String,
}
