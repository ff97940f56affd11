//! `pitagora` watches chains of AWS Lambda triggers: it finds the chain in an account, draws it as a live graph, and says
//! which link is broken, what is retried and what is lost.
//!
//! One idea carries the whole program: **what the screen shows is a fold over a log of observations.** A source emits
//! [`Observation`](domain::Observation)s, the store folds them into a [`Snapshot`](store::Snapshot), the screen and the
//! headless commands read the snapshot.
//!
//! ```text
//!  aws ──domain values──▶ observe ──mpsc<Observation>──▶ store ──watch<Arc<Snapshot>>──▶ ui, cli
//!   ▲                        ▲                                                            │
//!   sim (bytes on the wire)  └──────────────── watch<Interest> ◀── what is on screen ─────┘
//!                                         graph: boxes and lines in whole cells, pure ─▶ ui
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`domain`] | plain types without I/O: nodes, edges, observations, the clock |
//! | [`aws`] | the only room that names an SDK type: calls within budgets, counted and priced |
//! | [`observe`] | the pollers: survey of the chain, queue depths, log marks, metrics, alarms |
//! | [`store`] | `apply(observation)`, pure; snapshots; health rules |
//! | [`letters`] | dead letters understood: queues and feeders, origin with evidence, layers of a body, groups, filter |
//! | [`logs`] | what log lines say, the runs that follow, the lines held, how far a log can be trusted, pure |
//! | [`permissions`] | whether an event can arrive: resource policies held against what AWS will ask, pure |
//! | [`redrive`] | reading a dead-letter queue once, and putting letters back without losing one |
//! | [`desk`] | the dead letters on screen: reads them and puts them back, one thing at a time |
//! | [`graph`] | the layout of the graph in integer cells, pure |
//! | [`retry`] | what AWS will do next with an event that failed, pure |
//! | [`ui`] | the screen: update, views, widgets, themes, keys |
//! | [`sim`] | a simulated account that answers the formats of AWS |
//! | [`config`] | the configuration file |
//! | [`cli`] | one file a subcommand |
//!
//! Floors: domain → (aws, graph, letters, logs, permissions, retry, sim) → redrive, store, observe → desk → ui → cli → main. A test holds the walls between them.

pub mod aws;
pub mod cli;
pub mod config;
pub mod desk;
pub mod domain;
pub mod graph;
pub mod letters;
pub mod logs;
pub mod observe;
pub mod permissions;
pub mod redrive;
pub mod retry;
pub mod sim;
pub mod store;
pub mod ui;
