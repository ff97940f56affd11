//! Small parts that several views draw with.

pub mod pane;
pub mod rows;
pub mod spark;
