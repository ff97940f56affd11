//! `pitagora jq-child`: runs jq expressions for this program itself, which starts it. Nobody else does: neither help,
//! completions nor manual name it.

use std::ffi::OsString;

use super::failure::Exit;
use crate::dlq::jq;

/// Whether the arguments ask for it.
pub(super) fn is_asked(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.eq([jq::SUBCOMMAND])
}

/// Runs expressions until stdin ends. Whatever goes wrong, the parent sees that no answer came.
pub(super) fn run() -> Exit {
    match jq::serve(std::io::stdin(), std::io::stdout()) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Usage,
    }
}
