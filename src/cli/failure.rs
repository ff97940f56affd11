//! How a command ends: an exit code of the contract, with one sentence if it failed.

use std::fmt::Display;
use std::process::ExitCode;

use crate::console::{self, PrintError};
use crate::signals::{self, Ending};

/// The exit codes of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing went wrong.
    Done,
    /// `status` found issues.
    Trouble,
    /// Invalid usage, or no terminal for the dashboard.
    Usage,
    /// Done, but something could not be read or stays undone.
    Partly,
    /// No credentials, no region or no connection.
    NoConnection,
    /// Ended by a signal, given by its number.
    BySignal(u8),
}

impl Exit {
    /// The number the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Trouble => 1,
            Self::Usage => 2,
            Self::Partly => 3,
            Self::NoConnection => 4,
            Self::BySignal(signal) => 128 + signal,
        }
    }

    /// [`Exit::Partly`] if something is missing.
    pub(super) fn partly_if(missing: bool) -> Self {
        if missing { Self::Partly } else { Self::Done }
    }

    /// How something without an end has ended: well, unless it was a signal other than Ctrl-C.
    pub(super) fn of_endless() -> Self {
        match signals::obeyed() {
            None | Some(Ending::Interrupt) => Self::Done,
            Some(ending) => Self::by(ending),
        }
    }

    /// By a signal.
    pub(super) fn by(ending: Ending) -> Self {
        Self::BySignal(ending.number())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command failed and what to do, in one sentence. Printed when the command ends.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(super) struct Failure {
    exit: Exit,
    why: String,
}

impl Failure {
    /// Invalid usage.
    pub(super) fn usage(why: impl Display) -> Self {
        Self::new(Exit::Usage, why)
    }

    /// AWS could not be reached.
    pub(super) fn no_connection(why: impl Display) -> Self {
        Self::new(Exit::NoConnection, why)
    }

    /// Something could not be read or stays undone.
    pub(super) fn partly(why: impl Display) -> Self {
        Self::new(Exit::Partly, why)
    }

    fn new(exit: Exit, why: impl Display) -> Self {
        let why = why.to_string();
        Self { exit, why }
    }
}

impl From<PrintError> for Failure {
    fn from(error: PrintError) -> Self {
        let stopped = signals::obeyed().filter(|_| matches!(error, PrintError::Stopped { .. }));
        Self::new(stopped.map_or(Exit::Usage, Exit::by), error)
    }
}

/// Prints the failure on stderr.
impl From<Failure> for ExitCode {
    fn from(failure: Failure) -> Self {
        console::say(&failure);
        failure.exit.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_contract() {
        let exits = [
            Exit::Done,
            Exit::Trouble,
            Exit::Usage,
            Exit::Partly,
            Exit::NoConnection,
            Exit::BySignal(15),
        ];
        assert_eq!(exits.map(Exit::code), [0, 1, 2, 3, 4, 143]);
    }
}
