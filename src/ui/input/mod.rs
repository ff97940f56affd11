//! What is pressed, typed and clicked.

pub mod keys;
pub(super) mod mouse;
pub(super) mod typing;
