//! Stops on Ctrl-C and SIGTERM, making messages in hand visible again.

use super::super::console;
use crate::dlq::DlqService;

/// The first signal stops the work in progress and reports `done`. The second one ends the program at once.
pub(super) fn stop_on_signals(service: &DlqService, done: &'static str) {
    let service = service.clone();
    tokio::spawn(async move {
        signal().await;
        console::say_below(format_args!("stopping: {done}."));
        service.stop();
        signal().await;
        console::say("ended at once: messages still in flight become visible again within a minute.");
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without a handler the signal ends the program by default.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
