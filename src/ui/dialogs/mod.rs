//! Dialogs over the chain.

pub mod copy;
pub mod find;
pub mod help;
pub mod info;
pub mod list;
pub mod palette;
pub mod pick;
pub mod themes;
