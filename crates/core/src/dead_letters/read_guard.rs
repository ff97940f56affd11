//! What reading a queue does, said before the first receive, and when it is refused. AWS has no way to look at a message
//! without receiving it.

use super::DeadLetterQueue;
use crate::domain::NodeId;

/// Why a queue is not read without being asked for by name (`--read-anyway`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing sends its dead letters here.
    Ordinary,
    /// Its own redrive policy: each reading counts, and moves messages on.
    MovesOn {
        /// Where to.
        to: NodeId,
        /// After so many receives.
        after: Option<u32>,
    },
    /// Somebody takes messages out of it: they would compete, and miss what is hidden.
    Consumed {
        /// Who.
        by: Vec<NodeId>,
    },
    /// Somebody takes messages out of it whose mapping is disabled now: they need not be dead letters.
    Paused {
        /// Who.
        by: Vec<NodeId>,
    },
}

impl Refusal {
    /// Why, as a sentence without its stop. Names come from others.
    #[must_use]
    pub fn why(&self, queue: &str) -> String {
        match self {
            Self::Ordinary => {
                format!(
                    "{queue} is no dead-letter queue of this chain: nothing in it names {queue} as one now (what did may have been \
                     deleted, or may not have been read), and reading it hides its messages from others for a while"
                )
            }
            Self::MovesOn { to, after } => {
                let times = after.map_or_else(String::new, |n| format!(" after {n} receives"));
                format!(
                    "{queue} has a redrive policy of its own, so that reading counts and moves messages on to {}{times}",
                    to.short_name()
                )
            }
            Self::Paused { by } => {
                let names: Vec<&str> = by.iter().map(NodeId::short_name).collect();
                format!(
                    "{queue} is a work queue of {}, whose event source mapping is disabled: its messages need not be dead \
                     letters, and reading counts as a receive",
                    names.join(", ")
                )
            }
            Self::Consumed { by } => {
                let names: Vec<&str> = by.iter().map(NodeId::short_name).collect();
                format!(
                    "{} takes messages out of {queue}, so that reading would hide them from it for a while and count as a receive",
                    names.join(", ")
                )
            }
        }
    }
}

/// Why a queue is not read, in one sentence that ends with what to do; nothing where it is.
#[must_use]
pub fn sentence(refusals: &[Refusal], queue: &str) -> Option<String> {
    let whys: Vec<String> = refusals.iter().map(|refusal| refusal.why(queue)).collect();
    let all = whys.join("; ");
    (!whys.is_empty()).then(|| format!("{all}: --read-anyway reads it all the same."))
}

/// Everything that speaks against reading a queue; nothing where it may be read.
#[must_use]
pub fn refusals(queue: &DeadLetterQueue) -> Vec<Refusal> {
    let mut all = Vec::new();
    if !queue.is_fed() {
        all.push(Refusal::Ordinary);
    }
    if let Some(to) = &queue.moves_on_to {
        let after = queue.detail.as_ref().and_then(|detail| detail.max_receive_count);
        all.push(Refusal::MovesOn { to: to.clone(), after });
    }
    if !queue.consumers.is_empty() {
        let by = queue.consumers.clone();
        all.push(Refusal::Consumed { by });
    } else if !queue.paused.is_empty() {
        let by = queue.paused.clone();
        all.push(Refusal::Paused { by });
    }
    all
}

/// What a reading of at most `max` messages, each hidden for `hidden_s` seconds, will do: sentences to show before it.
#[must_use]
pub fn notice(queue: &DeadLetterQueue, max: usize, hidden_s: u32) -> Vec<String> {
    let mut lines = vec![
        format!(
            "SQS has no way to look without receiving: the receive count of each message read in {} goes up by 1.",
            queue.name
        ),
        format!(
            "One reading, at most {max} messages; while it lasts they are hidden from others ({hidden_s} s, longer only where \
             it takes longer), and an alarm on the queue's depth may go out; then they are given back at once."
        ),
    ];
    if queue.is_fifo() {
        lines.push(
            "FIFO: a message that is being read blocks its group, so that only the first messages of each group (at most 10 \
             a receive) can be listed."
                .to_owned(),
        );
    }
    lines
}
