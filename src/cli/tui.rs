//! The dashboard.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use super::{Globals, USAGE, refuse};
use crate::config::Config;

/// Runs the dashboard on the account of the current profile.
pub(super) async fn run(globals: &Globals, config: &Config) -> ExitCode {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return refuse(USAGE, "The dashboard needs a terminal: for a pipe or a file use `pitagora graph` or `pitagora status`.");
    }
    let _ = (globals, config);
    ExitCode::from(USAGE)
}
