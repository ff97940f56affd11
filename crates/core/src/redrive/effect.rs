//! What the engine is told, and what it wants done.

use crate::domain::{Handled, NoAnswer, Outgoing, Received, Sending};

use super::record::Record;
use super::route::Target;

/// Names one thing that is under way.
pub type Ticket = u64;

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Time passed.
    Tick,
    /// Records are durable.
    Journaled(Ticket),
    /// Records could not be made durable: the disk is full, or gone.
    JournalFailed(Ticket, String),
    /// A receive answered, or did not.
    Received(Result<Vec<Received>, NoAnswer>),
    /// A batch was sent: what became of each, in the order in which they were given.
    Sent(Ticket, Vec<Sending>),
    /// A batch was deleted: what became of each.
    Deleted(Ticket, Vec<Handled>),
    /// A batch was hidden for longer, or given back: what became of each.
    Hidden(Ticket, Vec<Handled>),
    /// How many messages the queue says it has: visible, in flight and delayed together.
    Counted(Result<u64, NoAnswer>),
    /// New runs of the target since the run began, and how many of them failed.
    Runs {
        /// All.
        all: u64,
        /// Failed.
        failed: u64,
    },
    /// The person says so.
    Command(Command),
}

/// What a person can say while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The canary is well: the rest may go.
    GoOn,
    /// Nothing new is sent; what is under way is brought to its end; the rest is given back.
    Stop,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write records; with a ticket, make them durable and say so.
    Journal(Option<Ticket>, Vec<Record>),
    /// Receive.
    Receive {
        /// Messages at most.
        max: usize,
        /// Seconds they are hidden.
        visibility_s: u32,
        /// Seconds to wait for the first.
        wait_s: u32,
    },
    /// Send, in one try.
    Send(Ticket, Target, Vec<Outgoing>),
    /// Delete by these handles, in one try.
    Delete(Ticket, Vec<String>),
    /// Hide for so many seconds from now; 0 gives back.
    Hide(Ticket, Vec<String>, u32),
    /// Ask the queue how many messages it has.
    Count,
    /// It is over.
    End,
}
