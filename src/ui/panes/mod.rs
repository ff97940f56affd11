//! What is open beneath the chain or beside it, a pane a folder: what it remembers, what keys do in it, what is drawn.

pub mod dead_letters;
pub mod delivery;
pub mod details;
pub mod issues;
pub mod logs;
pub mod retries;
pub mod runs;
pub mod state;
pub(super) mod update;
