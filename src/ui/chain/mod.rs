//! The chain on screen: scene, selection, marbles, drawing.

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
