//! How a command ends: with an exit code of the contract, and one sentence where it failed.

use std::fmt::Display;
use std::process::ExitCode;

use super::console;

/// The exit codes of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing went wrong.
    Done,
    /// `status` found trouble.
    Trouble,
    /// Wrong usage, or a screen asked for without a terminal.
    Usage,
    /// Done, but some source could not be read.
    Partly,
    /// No credentials, no region or no connection.
    NoConnection,
    /// Ended by the signal of that number.
    BySignal(u8),
}

impl Exit {
    /// The number that a shell sees.
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
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command failed, in one sentence with what to do. The command line says it where it ends.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(super) struct Failure {
    exit: Exit,
    why: String,
}

impl Failure {
    /// What was asked for cannot be done.
    pub(super) fn usage(why: impl Display) -> Self {
        Self::new(Exit::Usage, why)
    }

    /// AWS could not be asked.
    pub(super) fn no_connection(why: impl Display) -> Self {
        Self::new(Exit::NoConnection, why)
    }

    /// Something stays undone.
    pub(super) fn partly(why: impl Display) -> Self {
        Self::new(Exit::Partly, why)
    }

    fn new(exit: Exit, why: impl Display) -> Self {
        let why = why.to_string();
        Self { exit, why }
    }
}

/// Says it.
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
