//! How commands are stopped by signals.

use std::process;

use tokio_util::sync::CancellationToken;

use super::failure::Exit;
use crate::signals::{self, Ending};
use crate::{console, ui};

/// Cancelled by the first signal that asks the program to end.
pub(super) fn token() -> CancellationToken {
    let token = CancellationToken::new();
    let stop = token.clone();
    on_signal(move || stop.cancel(), "ended at once.");
    token
}

/// Runs `stop` at the first signal, and ends the program at once where somebody insists; then it says `at_once`. What is
/// said comes after what is done: perhaps nobody reads it.
pub(super) fn on_signal(stop: impl FnOnce() + Send + 'static, at_once: &'static str) {
    if let Err(error) = signals::of_command(move |_| stop(), move |ending| end_at_once(ending, at_once)) {
        console::say(format_args!(
            "could not handle signals ({error}): a signal ends the program at once."
        ));
    }
}

/// Ends the program.
pub(super) fn end_at_once(ending: Ending, said: &str) {
    ui::give_back();
    console::say(said);
    console::hurry();
    console::finish();
    process::exit(Exit::by(ending).code().into());
}
