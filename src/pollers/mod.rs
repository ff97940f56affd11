//! The pollers: they ask, and say what they saw. Nothing here remembers for others; the store does that.
//!
//! ```text
//! survey ── targets ──▶ queues, logs, metrics      what there is to look at
//! interest ───────────▶ queues, logs, metrics      what somebody looks at
//! any poller ── error ─▶ connection ── open again ──▶ all
//! ```

pub mod alarms;
pub mod cache;
pub mod connection;
pub mod context;
pub mod emit;
mod failures;
pub mod intervals;
pub mod logs;
pub mod metrics;
pub mod queues;
mod rounds;
pub mod scope_filter;
#[cfg(feature = "testing")]
pub mod stepped;
pub mod supervisor;
pub mod survey;
pub mod targets;
pub mod trace;

pub use cache::Cache;
pub use intervals::Pace;
pub use scope_filter::ScopeFilter;
pub use supervisor::{POLLERS, Watch};
pub use survey::Want;
