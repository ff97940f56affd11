//! Redrives dead letters without losing one.
//!
//! ```text
//!  letters ─▶ plan ─▶ header ─▶ engine ──effects──▶ driver ──▶ aws::act
//!                       │         ▲                    │
//!                    journal ◀────┼── records ─────────┤
//!                       └─replay──┘◀──── events ───────┘
//! ```
//!
//! The [`engine`] is pure: it takes events and returns effects, which the [`driver`] carries out.

pub mod audit;
pub mod driver;
pub mod edits;
pub mod history;
pub mod journal;
mod journals;
pub mod named;
pub mod queue_client;
pub mod receive_all;
pub mod targets;
pub mod unfinished_runs;

pub use pitagora_core::redrive::{
    course, effect, engine, fingerprint, plan, progress, record, replay, route, settings, transform, unsendable, words,
};
