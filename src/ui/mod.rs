//! The screen: a terminal dashboard that draws [`crate::store::Snapshot`]s and nothing else.
//!
//! ```text
//!  run ──Msg──▶ update(App, Snapshot) ──Effect──▶ run          the loop, and all that it knows
//!   │              │
//!   │              └─ scene ─▶ layout::place ─▶ App.chain       which boxes and lines, and where; on a worker
//!   └─ draw ──▶ app::view ──▶ chain, panes, dialogs              App + Snapshot + RenderContext ─▶ cells
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`text`] | text measured and cut; edges, schedules and commands in words |
//! | [`theme`] | roles, characters, and what every view draws with |
//! | [`input`] | keys, typing, the mouse |
//! | [`chain`] | the graph: boxes, lines, marbles, the selection |
//! | [`panes`] | what is open beneath the graph or beside it, a pane a folder: `state`, `update`, `view` |
//! | [`dialogs`] | what is open over the graph: find, palette, help, lists |
//! | [`app`] | all of it together: what the screen remembers, `update`, the whole picture |
//! | [`terminal`] | the terminal: drawn on and read by threads, the person's editor |
//! | [`widgets`] | small parts that several views draw with |
//!
//! A `state` reads no `view`, a `view` reads `app` and changes nothing, an `update` reads all and does no I/O; `run` alone does.

pub mod app;
pub mod chain;
pub mod dialogs;
pub mod input;
mod jobs;
pub mod panes;
pub mod run;
pub mod screenshot;
pub mod settings;
mod steps;
pub mod terminal;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod text;
pub mod theme;
pub mod widgets;

pub use app::demo::{DemoControl, DemoHandle, DemoState};
pub use app::{SetupError, check};
pub use run::{ExitReason, RunError, run};
pub use settings::{Charset, Depth, Settings, Zone};
pub(crate) use terminal::editor::chosen as editor_chosen;
pub use terminal::{give_back, tell_panics};
pub use theme::ThemeError;
