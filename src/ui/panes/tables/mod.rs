//! Tables: all functions, queues, topics, rules, APIs or issues, to sort and to filter.

pub mod rows;
pub mod state;
pub(super) mod update;
pub mod view;
