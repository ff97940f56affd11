//! `pitagora` watches chains of AWS Lambda triggers: it finds the chain in an account, draws it as a live graph, and shows
//! which link is failing, what is being retried and what is lost.
//!
//! The main idea: **the screen is a fold over a log of observations.** A source emits
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
//! Three packages. `crates/core` ([`pitagora_core`]) has the logic: no SDK, no terminal, no async code. `crates/sim`
//! (`pitagora-sim`, with the feature `demo`) is a simulated account that speaks AWS's wire formats; it shares no code with
//! what it checks. This package talks to AWS, draws, and is the program:
//!
//! | module | contents |
//! |---|---|
//! | [`aws`] | the only room that names an SDK type: calls within budgets, counted and priced |
//! | [`words`] | the catalogue: puts the core's phrases into words |
//! | [`signals`] | the one place that hears what asks the program to end |
//! | [`console`] | stdout and stderr, by threads that wait for readers in place of who writes |
//! | [`config`] | the configuration file |
//! | [`driver`] | feeds observations to the store and publishes snapshots |
//! | [`pollers`] | the pollers: survey of the chain, queue depths, log marks, metrics, alarms |
//! | [`redrive`] | redriving messages without losing one: carries out the engine's effects |
//! | [`dlq`] | the use case of dead letters, for the screen and the command line |
//! | [`ui`] | the screen: update, views, widgets, themes, keys |
//! | [`cli`] | one file per subcommand |
//!
//! A module imports only modules above it in this list, and the core; `tests/it/imports.rs` checks that.

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

pub use pitagora_core::{dead_letters, doctor, domain, forecast, journey, layout, logs, permissions, samples, store};
#[cfg(feature = "demo")]
pub use pitagora_sim as sim;
