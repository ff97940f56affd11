//! The program's own log, only where `PITAGORA_LOG` asks for it.

use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

use super::failure::Failure;
use crate::config::{self, private};

/// What `PITAGORA_LOG` may say, the gravest first.
const LEVELS: [(&str, LevelFilter); 5] = [
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// Starts the log at the level in `PITAGORA_LOG`. Only this program's own lines: those of the SDK hold bodies of messages and
/// ids of keys, which must not lie in a file. A log that cannot be written is no reason not to run.
///
/// # Errors
/// If `PITAGORA_LOG` is not a level.
pub(super) fn start() -> Result<(), Failure> {
    let Some(asked) = std::env::var_os("PITAGORA_LOG").filter(|asked| !asked.is_empty()) else {
        return Ok(());
    };
    let level = level(&asked.to_string_lossy())?;
    let Some(directory) = config::state_dir() else {
        return Ok(());
    };
    let opened = private::folder(&directory).and_then(|()| private::append(&directory.join("pitagora.log")));
    if let Ok(file) = opened {
        // The packages of this program all begin with its name; nobody else's do.
        let own = Targets::new().with_target("pitagora", level);
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(Mutex::new(file));
        let subscriber = tracing_subscriber::registry().with(lines.with_filter(own));
        // Somebody else's subscriber, in a test, stays.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }
    Ok(())
}

fn level(asked: &str) -> Result<LevelFilter, Failure> {
    let known = LEVELS.iter().find(|(name, _)| *name == asked);
    let Some((_, level)) = known else {
        let names = LEVELS.map(|(name, _)| name).join(", ");
        return Err(Failure::usage(format_args!(
            "PITAGORA_LOG is {asked:?}: set it to one of {names}."
        )));
    };
    Ok(*level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_taken_and_nothing_else() {
        for (name, filter) in LEVELS {
            assert_eq!(level(name), Ok(filter));
        }
        for wrong in [
            "debug,trace",
            "trace,hyper=trace",
            "pitagora=debug",
            "Debug",
            "1",
            " info",
            "\u{1b}[2J",
        ] {
            let said = level(wrong).expect_err(wrong).to_string();
            let named = "set it to one of error, warn, info, debug, trace.";
            assert_eq!(said, format!("PITAGORA_LOG is {wrong:?}: {named}"));
        }
    }
}
