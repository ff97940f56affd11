//! How far the reading of a shard is.

/// A reader of one lane of a shard.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// The next place to read.
    pub(super) cursor: u64,
    /// The batch that is tried, and what of a halved one comes after it.
    pub(super) work: Vec<Work>,
    /// Whether an invocation runs.
    pub(super) busy: bool,
    /// When it goes on; another moment's event is not meant for it.
    pub(super) wake: Option<i64>,
    /// Tries that were not let run, since the last one that was.
    pub(super) throttles: u32,
    pub(super) polls: u64,
}

/// Records that are tried together.
#[derive(Clone, Debug)]
pub struct Work {
    pub(super) places: Vec<u64>,
    pub(super) tries: u32,
}
