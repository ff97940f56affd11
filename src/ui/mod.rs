//! The screen: a terminal dashboard that draws [`crate::store::Snapshot`]s and nothing else.
//!
//! ```text
//!  run ──Msg──▶ update(App, Snapshot) ──Effect──▶ run          the loop, and all that it knows
//!   │              │
//!   │              └─ scene ─▶ layout::place ─▶ App.chain       which boxes and lines, and where; on a worker
//!   └─ draw ──▶ views ──▶ widgets                              App + Snapshot + RenderContext ─▶ cells
//! ```
//!
//! Floors, each reading only those beneath: text, settings, glyphs, theme, `render_context`, keys → scene, marbles,
//! `node_card`, `edge_text`, commands, effect → mode, app → widgets → views → selection → update → run.

pub mod app;
pub mod commands;
pub mod demo;
pub mod edge_text;
mod editor;
pub mod effect;
pub mod follow;
pub mod glyphs;
pub mod keys;
pub mod letters;
pub mod logs;
pub mod marbles;
pub mod mode;
pub mod node_card;
pub mod palette;
pub mod pane;
pub mod render_context;
pub mod retries;
pub mod run;
pub mod runs;
pub mod scene;
pub mod schedule;
pub mod screen_layout;
mod scroll;
pub mod search;
mod selection;
pub mod settings;
pub mod signals;
pub mod terminal;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod text;
pub mod theme;
pub mod timeline;
pub mod update;
pub mod views;
pub mod widgets;

pub use app::{SetupError, check};
pub use demo::{DemoControl, DemoHandle, DemoState};
pub use run::{ExitReason, RunError, run};
pub use settings::{Charset, Depth, Settings, Zone};
pub use signals::Signal;
pub use terminal::tell_panics;
pub use theme::ThemeError;
