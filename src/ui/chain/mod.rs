//! The chain on screen: scene, selection, marbles, drawing.

pub mod boxes;
pub mod canvas;
pub mod dropped;
pub mod fit;
pub mod frame;
pub mod marbles;
pub mod motion;
pub mod node_card;
pub mod rolling;
pub mod scene;
pub(in crate::ui) mod scroll;
pub(super) mod selection;
pub(super) mod update;
pub mod view;
