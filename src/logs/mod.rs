//! The logs of functions: what their lines say, and the runs that follow from them. Pure.

pub mod invocations;
pub mod parse;

pub use invocations::{Invocations, Runs};
pub use parse::{Parsed, parse};
