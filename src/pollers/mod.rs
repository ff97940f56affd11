//! The pollers: they read from AWS and emit observations. They keep no state for others; the store does.
//!
//! ```text
//! survey ── targets ──▶ queues, logs, metrics      what exists
//! interest ───────────▶ queues, logs, metrics      what is on screen
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
pub mod unread;

pub use cache::Cache;
pub use intervals::Pace;
pub use scope_filter::ScopeFilter;
pub use supervisor::{POLLERS, Watch};
pub use survey::Want;
