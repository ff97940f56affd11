//! How far the reading of a shard is.

/// A reader of one lane of a shard.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// The next place to read.
    pub(super) cursor: u64,
    /// The current batch, and the remaining parts of a bisected one.
    pub(super) work: Vec<Work>,
    /// Whether an invocation is running.
    pub(super) busy: bool,
    /// When it goes on; another moment's event is not meant for it.
    pub(super) wake: Option<i64>,
    /// Throttled attempts since the last invocation.
    pub(super) throttles: u32,
    pub(super) polls: u64,
}

/// Records of one attempt.
#[derive(Clone, Debug)]
pub struct Work {
    pub(super) places: Vec<u64>,
    pub(super) tries: u32,
}
