//! `pitagora` watches chains of AWS Lambda triggers: it finds the chain in an account, draws it as a live graph, and says
//! which link is broken, what is retried and what is lost.
//!
//! One idea carries the whole program: **what the screen shows is a fold over a log of observations.** A source emits
//! [`Observation`](domain::Observation)s, the store folds them into a [`Snapshot`](store::Snapshot), the screen and the
//! headless commands read the snapshot.
//!
//! ```text
//!  aws ──domain values──▶ pollers ──mpsc<Observation>──▶ store ──watch<Arc<Snapshot>>──▶ ui, cli
//!   ▲                        ▲                                                            │
//!   sim (bytes on the wire)  └──────────────── watch<Interest> ◀── what is on screen ─────┘
//!                                         layout: boxes and lines in whole cells, pure ─▶ ui
//! ```
//!
//! Three packages. `crates/core` ([`pitagora_core`]) knows and judges: no SDK, no terminal, nothing that waits.
//! `crates/sim` (`pitagora-sim`, with the feature `demo`) is an account that answers in the formats of AWS; it shares no code
//! with what it checks. This one talks to AWS, draws, and is the program:
//!
//! | room | what lives there |
//! |---|---|
//! | [`aws`] | the only room that names an SDK type: calls within budgets, counted and priced |
//! | [`words`] | the catalogue: what the core says as data, in words |
//! | [`signals`] | the one place that hears what asks the program to end |
//! | [`console`] | stdout and stderr, by threads that wait for readers in place of who writes |
//! | [`config`] | the configuration file |
//! | [`driver`] | feeds observations to the store, and hands snapshots on |
//! | [`pollers`] | the pollers: survey of the chain, queue depths, log marks, metrics, alarms |
//! | [`redrive`] | putting letters back without losing one: what carries the engine's effects out |
//! | [`dlq`] | the use case of dead letters, for the screen and the command line |
//! | [`ui`] | the screen: update, views, widgets, themes, keys |
//! | [`cli`] | one file a subcommand |
//!
//! A room imports only rooms above it in this list, and of the core; `tests/it/imports.rs` holds that.

pub mod aws;
pub mod cli;
pub mod config;
pub mod console;
pub mod dlq;
pub mod driver;
#[cfg(feature = "testing")]
pub mod fuzzing;
pub mod pollers;
pub mod redrive;
pub mod signals;
pub mod ui;
pub mod words;

pub use pitagora_core::{dead_letters, domain, forecast, layout, logs, permissions, store};
#[cfg(feature = "demo")]
pub use pitagora_sim as sim;
