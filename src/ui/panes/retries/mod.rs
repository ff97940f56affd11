//! The pane of events that are retried.

pub mod axis;
pub mod state;
pub(super) mod update;
pub mod view;
