//! The fold: observations in, snapshots out.

pub mod snapshot;

pub use snapshot::Snapshot;
