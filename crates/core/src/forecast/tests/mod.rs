//! The model, told what pollers would have seen.

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
