//! The chain on screen: which boxes and lines there are, where the selection goes, what runs along the lines.

pub mod boxes;
pub mod canvas;
pub mod fit;
pub mod frame;
pub mod marbles;
pub mod node_card;
pub mod scene;
pub(super) mod scroll;
pub(super) mod selection;
pub(super) mod update;
pub mod view;
