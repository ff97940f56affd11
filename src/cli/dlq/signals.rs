//! Ctrl-C and SIGTERM end a reading, which then gives back what it holds.

use super::super::console;
use crate::dlq::DlqService;

/// The first signal stops what is under way, and is answered with what is done then. The second one ends the program at
/// once.
pub(super) fn stop_on_signals(service: &DlqService, done: &'static str) {
    let service = service.clone();
    tokio::spawn(async move {
        signal().await;
        console::say_below(format_args!("stopping: {done}."));
        service.stop();
        signal().await;
        console::say("ended at once: what was not given back stays hidden for a minute at most.");
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without handlers the program ends as any other does.
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
