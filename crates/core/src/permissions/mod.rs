//! Whether an event can arrive, from configuration alone: resource policies read and held against the request that AWS
//! will make, and what else refuses a delivery. Pure.
//!
//! What is not known is never taken for granted, in either direction: a condition on a key whose value is not known here,
//! a role or a key that was not read leave the answer open.

mod arrival;
mod ask;
mod conditions;
mod document;
mod evaluate;
mod fix;
mod glob;
mod identity;
mod sid;
mod words;

pub use arrival::{Account, Arrival, Doubt, Obstacle};
pub use ask::Ask;
pub use document::parse;
pub use evaluate::{Misfit, Nearest, Verdict, evaluate};
pub use fix::{Fix, fix};
pub use identity::{May, may_do, may_write, named};
pub use words::{Does, Said, Source, does};

#[cfg(test)]
mod tests;
