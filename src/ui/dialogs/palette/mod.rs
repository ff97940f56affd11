//! The palette: finds every command by its words.

mod found;
pub mod state;
pub mod view;
