//! Memory in use by kind, with the budget of each. What is dropped is reported where it is missing, and here.

use std::fmt;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Lines of logs.
    LogLines,
    /// Invocations, and the marks in the logs that they follow from.
    Invocations,
    /// How invocations ended, further back than they themselves are held.
    Endings,
    /// Events on their way.
    Deliveries,
    /// Metrics, minute by minute.
    Series,
    /// Traffic of the last minute, that marbles stand for.
    Traffic,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LogLines => "log lines",
            Self::Invocations => "invocations",
            Self::Endings => "outcomes",
            Self::Deliveries => "deliveries",
            Self::Series => "metrics",
            Self::Traffic => "traffic",
        })
    }
}

/// How much of one kind is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Of what.
    pub kind: Kind,
    /// Bytes in use: exact for log lines, approximate for the rest.
    pub bytes: usize,
    /// Bytes that it may take.
    pub budget: usize,
    /// How many of them fell out to make room, the oldest first.
    pub dropped: u64,
}
