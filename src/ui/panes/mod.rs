//! The panes below and beside the chain, each in a folder: `state`, `update`, `view`.

pub mod dead_letters;
pub mod delivery;
pub mod details;
pub mod issues;
pub mod journey;
pub mod logs;
pub mod retries;
pub mod runs;
pub mod state;
pub(super) mod update;
