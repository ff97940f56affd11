//! The pane of dead letters.

pub mod state;
pub(super) mod update;
pub mod view;
