//! Analysis of dead letters: the dead-letter queues and their sources, which service wrote each message, which function
//! failed and why, the layers of its body, and when it expires. Pure: queues are read elsewhere.
//!
//! | file | subject |
//! |---|---|
//! | [`queues`] | the dead-letter queues of a chain |
//! | [`read_guard`] | what reading a queue does, and when it is refused |
//! | [`expiry`] | when messages expire |
//! | [`content`] | the format of a body |
//! | [`kafka`] | failed batches of Kafka records |
//! | [`neighbours`] | messages of failed batches: which ones fail, and which are healthy |
//! | [`provenance`] | what is known of a message's source |
//! | [`origin`] | which service wrote a message, for which function, with the evidence |
//! | [`run_history`] | what logs and metrics can add |
//! | [`decode`] | the layers of a body |
//! | [`dead_letter`] | messages as a list: signatures, groups, order |
//! | [`filter`] | `jq` expressions and plain text |
//! | [`export`] | one message as JSON |
//! | [`peek`] | reading a queue once, and making every message visible again |
//! | [`words`] | phrases about all this, as data |

pub mod content;
pub mod dead_letter;
pub mod decode;
pub mod expiry;
pub mod export;
pub mod filter;
pub mod filter_criteria;
pub mod jq;
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
