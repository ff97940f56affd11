//! The pane of log lines.

mod line;
pub mod search;
pub mod state;
pub(super) mod update;
pub mod view;
