//! The logs of functions: what their lines say, the runs that follow from them, which lines are held, and how far a log
//! can be trusted. Pure.

pub mod held;
pub mod invocations;
pub mod observable;
pub mod owner;
pub mod parse;
mod piece;
pub mod ring;
pub mod search;
pub mod segment;
pub mod signature;
pub mod tables;
pub mod view;
pub mod window;

#[cfg(test)]
mod ring_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod verdicts;

pub use held::{GroupLog, Logs};
pub use invocations::{Invocations, Runs};
pub use owner::{may_be_shared, owner};
pub use parse::{Parsed, parse};
pub use ring::Ring;
pub use search::{Filter, Pattern, Search};
pub use signature::{ErrorGroup, group};
pub use tables::{Tables, tables};
pub use view::{LineId, Shown, View, Walk};
