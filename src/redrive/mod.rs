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
pub mod course;
pub mod driver;
pub mod earlier;
pub mod edits;
pub mod effect;
pub mod fingerprint;
pub mod gather;
pub mod history;
pub mod journal;
mod journals;
pub mod ledger;
pub mod machine;
pub mod plan;
pub mod progress;
pub mod record;
pub mod remote;
pub mod scan;
pub mod settings;
pub mod shape;
pub mod targets;
pub mod way;
pub mod whole;
