//! Messages that a mapping received together.

use std::sync::Arc;

use super::lineage::Lineage;

/// Messages of one receive, on their way through the function.
#[derive(Clone, Debug)]
pub struct Batch {
    pub(super) mapping: String,
    pub(super) queue: String,
    /// Place, receive count and message id of each.
    pub(super) messages: Vec<(u64, u32, String)>,
    pub(super) payload: Arc<str>,
    pub(super) lineage: Lineage,
    pub(super) attempt: u32,
    /// When the receive ends: the messages show again.
    pub(super) until: i64,
    /// Throttled attempts.
    pub(super) throttles: u32,
    /// When the batch was received.
    pub(super) since: i64,
}
