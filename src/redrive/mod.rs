//! Putting dead letters back without losing one.
//!
//! ```text
//!  letters ─▶ plan ─▶ header ─▶ machine ──effects──▶ driver ──▶ aws::act
//!                       │         ▲                    │
//!                    journal ◀────┼── records ─────────┤
//!                       └─ledger──┘◀──── events ───────┘
//! ```
//!
//! The [`machine`] is pure: told what happened, it answers with what is to be done. The [`driver`] does it.

pub mod audit;
pub mod driver;
pub mod earlier;
pub mod edits;
pub mod gather;
pub mod history;
pub mod journal;
mod journals;
pub mod remote;
pub mod scan;
pub mod targets;
pub mod whole;

pub use pitagora_core::redrive::{
    course, effect, fingerprint, ledger, machine, plan, progress, record, settings, shape, way,
};
