//! The pane of one event's journey.

pub mod state;
mod track;
pub(super) mod update;
pub mod view;
