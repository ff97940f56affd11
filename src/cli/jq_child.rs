//! `pitagora jq-child`: runs jq expressions for this program itself, which starts it.

use super::failure::Exit;
use crate::dlq::jq;

/// Runs expressions until stdin ends. Whatever goes wrong, the parent sees that no answer came.
pub(super) fn run() -> Exit {
    match jq::serve(std::io::stdin(), std::io::stdout()) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Usage,
    }
}
