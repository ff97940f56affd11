//! Logs of functions: parsing of lines, the invocations that follow from them, the line buffer, and how far a log can be
//! trusted. Pure.

pub mod blind_spots;
pub mod buffer;
pub mod cursor;
pub mod ids;
pub mod invocations;
pub mod parse;
mod required_literal;
pub mod search;
pub mod segment;
pub mod signature;
pub mod snapshot;
pub mod stream_owner;
pub mod top_runs;
pub mod view;
pub mod words;

#[cfg(test)]
mod ring_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod verdicts;

pub use buffer::LogBuffer;
pub use invocations::{Invocations, Runs};
pub use parse::{Parsed, parse};
pub use search::{Filter, Pattern, Search};
pub use signature::{ErrorGroup, group};
pub use snapshot::{GroupLog, Logs};
pub use stream_owner::{may_be_shared, owner};
pub use top_runs::{Tables, tables};
pub use view::{LineId, Shown, View, Walk};
