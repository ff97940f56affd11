//! Dialogs over the chain.

pub mod find;
pub mod help;
pub mod info;
pub mod list;
pub mod palette;
