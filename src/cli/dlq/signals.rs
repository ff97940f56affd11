//! Stops on a signal, making messages in hand visible again.

use super::super::stop::on_signal;
use crate::console;
use crate::dlq::DlqService;

/// The first signal stops the work in progress and reports `done`. A second Ctrl-C ends the program at once.
pub(super) fn stop_on_signals(service: &DlqService, done: &'static str) {
    let service = service.clone();
    let stop = move || {
        service.stop();
        console::say_below(format_args!("stopping: {done}."));
    };
    on_signal(
        stop,
        "ended at once: messages still in flight become visible again within a minute.",
    );
}
