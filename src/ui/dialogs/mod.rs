//! What is shown over the chain, and closed again.

pub mod find;
pub mod help;
pub mod info;
pub mod list;
pub mod palette;
