//! The pane of invocations and errors.

pub mod state;
pub(super) mod update;
pub mod view;
