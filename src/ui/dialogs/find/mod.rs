//! Find: a box by a part of its name.

pub mod state;
pub mod view;
