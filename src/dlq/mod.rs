//! The dead letters on screen: reads them and redrives them, one thing at a time.
//!
//! ```text
//!  ui ──mpsc<Command>──▶ task ──▶ redrive ──▶ aws::act
//!   ▲                      │
//!   └── watch<Arc<DlqState>> ◀─┘
//! ```
//!
//! Bodies live here and nowhere else: they are no part of a snapshot, so that no recording holds them. [`state`],
//! [`command`] and [`plan`] are plain; [`task`] has the session and the right to write.

pub mod check;
pub mod command;
mod conduct;
pub mod earliest_return;
mod error;
mod gone;
pub mod office;
pub mod peek;
pub mod plan;
pub mod queues;
pub mod read;
pub mod run;
pub mod state;

pub mod task;

pub use command::{Command, RedriveRequest};
pub use error::DlqError;
pub use office::DlqContext;
pub use state::{DlqContents, DlqState, Gone, Notice};
pub use task::DeskHandle;
