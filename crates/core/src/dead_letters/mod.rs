//! Dead letters understood: which dead-letter queues there are and who feeds them, what wrote each letter, which function
//! failed and why, what is inside its body, and when it is gone. Pure: reading the queue is `redrive`'s work.
//!
//! | file | subject |
//! |---|---|
//! | [`queues`] | the dead-letter queues of a chain, found from every side |
//! | [`read_guard`] | what reading a queue does, and when it is refused |
//! | [`expiry`] | when letters are gone |
//! | [`content`] | what a body says it is |
//! | [`kafka`] | the batch of Kafka records that a mapping gave up |
//! | [`neighbours`] | messages that died with their batch: which fails, and which are healthy |
//! | [`provenance`] | what is known of where a letter comes from |
//! | [`origin`] | who wrote a letter, for which function, with the evidence |
//! | [`run_history`] | what logs and metrics can add |
//! | [`decode`] | the layers of a body |
//! | [`dead_letter`] | letters as a list: signatures, groups, order |
//! | [`filter`] | `jq` expressions and plain text |
//! | [`export`] | one letter as JSON |
//! | [`peek`] | reading a queue once, and giving every message back |
//! | [`words`] | what there is to say of all this, as data |

pub mod content;
pub mod dead_letter;
pub mod decode;
pub mod expiry;
pub mod export;
pub mod filter;
pub mod filter_criteria;
pub mod kafka;
pub mod neighbours;
pub mod origin;
pub mod peek;
pub mod provenance;
pub mod queues;
pub mod read_guard;
pub mod run_history;
pub mod words;

#[cfg(test)]
mod tests;

pub use dead_letter::{DeadLetter, Group};
pub use expiry::Expiry;
pub use filter::Filter;
pub use provenance::{FunctionMatch, Provenance};
pub use queues::{Chain, DeadLetterQueue, DlqSource, QueueCounts, Use};
pub use run_history::RunHistory;
