//! Dead letters: one service for the screen and the command line.
//!
//! ```text
//!  ui ──mpsc<Command>──▶ task ─┐
//!  ▲                     │ ▲   ├─▶ DlqService ──▶ redrive ──▶ aws::act
//!  └─watch<Arc<DlqState>>┘ │   │        │
//!               cli::dlq ──┼───┘        │
//!                   ▲      └────────────┤
//!                   └───── DlqEvent ◀───┘
//! ```
//!
//! Bodies are only here: they are not part of a snapshot, so no recording contains them. [`service`] does the work,
//! [`task`] does it for the screen, one operation at a time, and publishes the result in [`state`].

pub mod check;
pub mod command;
mod conduct;
mod delete;
pub mod earliest_return;
mod error;
mod event;
pub mod export;
pub mod find;
mod gone;
mod hidden;
pub mod journal_path;
pub mod jq;
mod live;
mod move_task;
pub mod peek;
pub mod plan;
pub mod proof;
pub mod queues;
mod read;
pub mod run;
pub mod service;
pub mod state;
mod target;
pub mod task;

pub use command::{Command, RedriveRequest};
pub use error::{Confirm, DlqError, Said, Trouble};
pub use event::DlqEvent;
pub use hidden::{Hidden, Waiter, Waiting};
pub use live::Live;
pub use service::{DlqContext, DlqService};
pub use state::{DlqContents, DlqState, Gone, Notice};
pub use task::DlqHandle;
