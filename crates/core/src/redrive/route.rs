//! The target of a dead letter, and the form in which it is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fingerprint::fingerprint;
use super::transform::{Transform, shape};
use super::unsendable::Unsendable;
use crate::domain::{Outgoing, QueueMessage};

/// What takes a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Target {
    /// A queue.
    Queue {
        /// Its ARN.
        arn: String,
        /// Its URL.
        url: String,
        /// Whether it keeps order within groups.
        fifo: bool,
    },
    /// A function, invoked asynchronously: confirmed by Lambda's 202.
    Event {
        /// Its ARN, with alias or version.
        arn: String,
    },
    /// A function that gets a batch of a stream once more: its records are read again from their shard, and the function is
    /// invoked with them synchronously. Confirmed by a response without error.
    Run {
        /// Its ARN, with alias or version.
        arn: String,
    },
    /// A topic.
    Topic {
        /// Its ARN.
        arn: String,
    },
}

impl Target {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        match self {
            Self::Queue { arn, .. } | Self::Event { arn } | Self::Run { arn } | Self::Topic { arn } => arn,
        }
    }

    /// Whether it keeps order within groups.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        match self {
            Self::Queue { fifo, .. } => *fifo,
            Self::Topic { arn } => is_fifo_name(arn),
            Self::Event { .. } | Self::Run { .. } => false,
        }
    }

    /// Messages that one call takes.
    #[must_use]
    pub fn batch(&self) -> usize {
        match self {
            Self::Queue { .. } => crate::domain::outgoing::BATCH,
            _ => 1,
        }
    }
}

/// AWS (sqs): the name of a FIFO queue or topic ends so.
fn is_fifo_name(arn: &str) -> bool {
    std::path::Path::new(arn)
        .extension()
        .is_some_and(|ending| ending == "fifo")
}

/// Target and shape: all that is needed to make what is sent from what was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Route {
    /// What takes the message.
    pub target: Target,
    /// What is made of it.
    pub shape: Transform,
}

/// What is sent in place of a message's own text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The body as it was read: kept until the redrive is done, so that a slip is not for good.
    pub original: Arc<str>,
    /// The new body.
    pub body: Arc<str>,
}

impl Route {
    /// The message to send for a dead letter.
    ///
    /// # Errors
    /// If it cannot be sent to this target.
    pub fn outgoing(&self, letter: &QueueMessage, edit: Option<&Edit>) -> Result<Outgoing, Unsendable> {
        let body = edit.map_or(&letter.body, |edit| &edit.body);
        let mut made = shape(&self.shape, letter, body)?;
        if edit.is_some() && self.shape == Transform::Batch {
            return Err(Unsendable::NothingToEdit);
        }
        if matches!(self.target, Target::Event { .. } | Target::Run { .. }) {
            if serde_json::from_str::<serde::de::IgnoredAny>(&made.body).is_err() {
                return Err(Unsendable::NotJson);
            }
            made.attributes = BTreeMap::new();
        }
        if !self.target.is_fifo() {
            made.dedup = None;
            return Ok(made);
        }
        if made.group.is_none() {
            return Err(Unsendable::GroupMissing);
        }
        // The same deduplication ID for the same text: within AWS's five minutes, a repeated redrive sends nothing twice.
        // An edited message needs another one, or its target would drop it as a duplicate.
        made.dedup = Some(match edit {
            None => letter.message_id.clone(),
            Some(_) => format!("{}-{}", letter.message_id, fingerprint(&made.body, &made.attributes)),
        });
        Ok(made)
    }
}
