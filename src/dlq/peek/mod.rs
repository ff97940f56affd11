//! Reading a queue once: what carries the scan's effects out.

mod drive;
mod sqs;
#[cfg(test)]
mod tests;

pub use drive::{Mailbox, drive};
pub use pitagora_core::dead_letters::peek::*;
pub use sqs::SqsMailbox;
