//! Events and effects of the engine.

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
    /// Records could not be made durable: the disk is full or unavailable.
    JournalFailed(Ticket, String),
    /// A receive answered, or did not.
    Received(Result<Vec<Received>, NoAnswer>),
    /// A batch was sent: what became of each, in the order in which they were given.
    Sent(Ticket, Vec<Sending>),
    /// A batch was deleted: what became of each.
    Deleted(Ticket, Vec<Handled>),
    /// The visibility timeout of a batch was changed: the result of each message.
    Hidden(Ticket, Vec<Handled>),
    /// How many messages the queue says it has: visible, in flight and delayed together.
    Counted(Result<u64, NoAnswer>),
    /// New invocations of the target since the redrive began, and how many of them failed.
    Runs {
        /// All.
        all: u64,
        /// Failed.
        failed: u64,
    },
    /// The person says so.
    Command(Command),
}

/// Commands of the user during a redrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Send the rest after the canary.
    GoOn,
    /// Stop: send nothing new, finish messages in progress, make the rest visible again.
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
    /// Send, in one attempt.
    Send(Ticket, Target, Vec<Outgoing>),
    /// Delete by these receipt handles, in one attempt.
    Delete(Ticket, Vec<String>),
    /// Set the visibility timeout to this many seconds from now; 0 makes messages visible.
    Hide(Ticket, Vec<String>, u32),
    /// Ask the queue how many messages it has.
    Count,
    /// It is over.
    End,
}
