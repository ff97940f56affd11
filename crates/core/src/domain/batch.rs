//! A stream batch that an event source mapping sent to its on-failure destination.

/// The position of a batch in its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The stream.
    pub stream_arn: String,
    /// The shard.
    pub shard_id: String,
    /// The first sequence number.
    pub start_sequence: String,
    /// The last sequence number.
    pub end_sequence: String,
    /// The number of records.
    pub size: u32,
    /// When the first record arrived, as written in the message.
    pub first_arrival: String,
}
