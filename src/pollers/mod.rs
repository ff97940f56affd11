//! The pollers: they ask, and say what they saw. Nothing here remembers for others; the store does that.
//!
//! ```text
//! survey ── targets ──▶ queues, logs, metrics      what there is to look at
//! interest ───────────▶ queues, logs, metrics      what somebody looks at
//! any poller ── error ─▶ link ── open again ──▶ all
//! ```

pub mod alarms;
pub mod cache;
pub mod emit;
mod failures;
pub mod link;
#[cfg(feature = "testing")]
pub mod lockstep;
pub mod logs;
pub mod metrics;
pub mod pace;
pub mod queues;
mod rounds;
pub mod scope_filter;
pub mod shared;
pub mod survey;
pub mod targets;
pub mod trace;
pub mod watch;

pub use cache::Cache;
pub use pace::Pace;
pub use scope_filter::ScopeFilter;
pub use watch::{POLLERS, Watch};
