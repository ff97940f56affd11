//! The palette: every command, to be found by its words.

mod found;
pub mod state;
pub mod view;
