//! Small parts that several views draw with.

pub mod boxes;
pub mod canvas;
pub mod edge;
pub mod pane;
pub mod rows;
pub mod spark;
