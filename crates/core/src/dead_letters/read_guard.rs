//! What reading a queue does, reported before the first receive, and when it is refused. SQS cannot peek: reading counts as
//! a receive.

use super::DeadLetterQueue;
use super::words::Guard;
use crate::domain::NodeId;
use crate::domain::phrase::Phrase;

/// Why a queue is not read without being asked for by name (`--read-anyway`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not a dead-letter queue.
    Ordinary,
    /// Its own redrive policy: each reading counts, and moves messages on.
    MovesOn {
        /// Where to.
        to: NodeId,
        /// After so many receives.
        after: Option<u32>,
    },
    /// It has a consumer, which would miss the hidden messages.
    Consumed {
        /// Who.
        by: Vec<NodeId>,
    },
    /// It has a consumer whose mapping is disabled: its messages need not be dead letters.
    Paused {
        /// Who.
        by: Vec<NodeId>,
    },
}

impl Refusal {
    /// Why. Names come from others.
    #[must_use]
    pub fn why(&self, queue: &str) -> Guard {
        let queue = queue.to_owned();
        match self.clone() {
            Self::Ordinary => Guard::Ordinary { queue },
            Self::MovesOn { to, after } => Guard::MovesOn { queue, to, after },
            Self::Paused { by } => Guard::Paused { queue, by },
            Self::Consumed { by } => Guard::Consumed { queue, by },
        }
    }
}

/// All that speaks against reading a queue.
#[must_use]
pub fn against(refusals: &[Refusal], queue: &str) -> Phrase {
    Phrase::clauses(refusals.iter().map(|refusal| refusal.why(queue).into()))
}

/// Why a queue is not read, with what to do; `None` if it is read.
#[must_use]
pub fn sentence(refusals: &[Refusal], queue: &str) -> Option<Guard> {
    let against = against(refusals, queue);
    (!against.is_empty()).then_some(Guard::ReadAnyway { against })
}

/// Reasons against reading a queue; empty if it may be read.
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

/// What a reading of at most `max` messages, each hidden for `hidden_s` seconds, will do: to be said before it.
#[must_use]
pub fn notice(queue: &DeadLetterQueue, max: usize, hidden_s: u32) -> Vec<Guard> {
    let mut lines = vec![
        Guard::Counts {
            queue: queue.name.clone(),
        },
        Guard::Hides {
            most: max as u64,
            seconds: hidden_s,
        },
    ];
    if queue.is_fifo() {
        lines.push(Guard::Fifo);
    }
    lines
}
