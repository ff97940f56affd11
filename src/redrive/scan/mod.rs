//! Reading a queue once: what carries the engine's effects out.

mod drive;
mod sqs;
#[cfg(test)]
mod tests;

pub use drive::{Mailbox, drive};
pub use pitagora_core::redrive::scan::*;
pub use sqs::SqsMailbox;
