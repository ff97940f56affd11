//! The model, told what pollers would have seen.

mod asynchronous;
mod made;
mod others;
mod queue;
