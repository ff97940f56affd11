//! The program's own log, only where `PITAGORA_LOG` asks for it.

use std::fs;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::config;

/// Starts the log at the level in `PITAGORA_LOG` (`debug`, `info`, …). Only this program's own lines: those of the SDK may
/// hold what must not lie in a file. A log that cannot be written is no reason not to run.
pub(super) fn start() {
    let Some(level) = std::env::var("PITAGORA_LOG").ok().filter(|level| !level.is_empty()) else {
        return;
    };
    let Ok(filter) = EnvFilter::try_new(format!("pitagora={level}")) else {
        return;
    };
    let Some(directory) = config::state_dir() else { return };
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = fs::create_dir_all(&directory).and_then(|()| options.open(directory.join("pitagora.log")));
    if let Ok(file) = opened {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(Mutex::new(file));
        // Somebody else's subscriber, in a test, stays.
        let _ = tracing::subscriber::set_global_default(subscriber.finish());
    }
}
