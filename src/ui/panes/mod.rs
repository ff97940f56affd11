//! The panes below and beside the chain, each in a folder: `state`, `update`, `view`.

pub mod dead_letters;
pub mod delivery;
pub mod details;
pub mod issues;
pub mod logs;
pub mod retries;
pub mod runs;
pub mod state;
pub mod tables;
pub(super) mod update;
