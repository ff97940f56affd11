//! Keys, typing and the mouse.

pub mod keys;
pub(super) mod mouse;
pub(super) mod typing;
