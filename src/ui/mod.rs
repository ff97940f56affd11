//! The screen: a terminal dashboard that draws [`crate::store::Snapshot`]s and nothing else.
//!
//! ```text
//!  run ──Msg──▶ update(App, Snapshot) ──Effect──▶ run          the loop, and all that it knows
//!   │              │
//!   │              └─ picture ─▶ layout::place ─▶ App.shown     which boxes and lines, and where; on a worker
//!   └─ draw ──▶ views ──▶ widgets                              App + Snapshot + Look ─▶ cells
//! ```
//!
//! Floors, each reading only those beneath: text, settings, glyphs, theme, look, keys → picture, marbles, face, words,
//! commands → app → widgets → views → moves → update → run.

pub mod app;
pub mod areas;
pub mod below;
pub mod commands;
pub mod demo;
mod editor;
pub mod face;
pub mod glyphs;
pub mod keys;
pub mod letters;
pub mod logs;
pub mod look;
pub mod marbles;
mod moves;
pub mod palette;
pub mod picture;
pub mod retries;
pub mod run;
pub mod runs;
pub mod schedule;
mod scroll;
pub mod search;
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
pub mod trail;
pub mod update;
pub mod views;
pub mod widgets;
pub mod words;

pub use app::{SetupError, check};
pub use demo::{DemoHandle, DemoState, Knob};
pub use run::{ExitReason, RunError, run};
pub use settings::{Charset, Depth, Settings, Zone};
pub use signals::Signal;
pub use terminal::tell_panics;
pub use theme::ThemeError;
