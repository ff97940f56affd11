//! Tests of the model with observations as pollers would make them.

mod aged;
mod asynchronous;
mod made;
mod others;
mod qualified;
mod queue;
mod retention;
mod spent;
mod streams;
mod throttles;
