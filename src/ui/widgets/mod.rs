//! Small parts that several views share.

pub mod pane;
pub mod rows;
pub mod spark;
