//! The pane of log lines.

pub mod search;
pub mod state;
pub(super) mod update;
pub mod view;
