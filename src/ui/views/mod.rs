//! What is drawn, one file a view.

pub mod answers;
pub mod caption;
pub mod chain;
pub mod delivery;
pub mod details;
pub mod find;
pub mod footer;
pub mod header;
pub mod help;
pub mod info;
pub mod letters;
pub mod list;
pub mod logs;
pub mod palette;
pub mod retries;
pub mod runs;
pub mod screen;
pub mod troubles;
