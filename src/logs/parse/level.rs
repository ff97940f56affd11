//! How grave a line is, in the words of many loggers.

use serde::{Deserialize, Serialize};

/// How grave a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For whoever writes the program.
    Trace,
    /// For whoever writes the program.
    Debug,
    /// All is well.
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
    /// The program cannot go on.
    Fatal,
}

impl Level {
    /// Its name as AWS writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }

    /// The level that a word names, in any case: those of Python, Node, Java, .NET (`trce`, `dbug`, `fail`, `crit`), Rust,
    /// Ruby and syslog.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        const WORDS: &[(&str, Level)] = &[
            ("INFO", Level::Info),
            ("ERROR", Level::Error),
            ("WARN", Level::Warn),
            ("WARNING", Level::Warn),
            ("DEBUG", Level::Debug),
            ("TRACE", Level::Trace),
            ("FATAL", Level::Fatal),
            ("CRITICAL", Level::Fatal),
            ("ERR", Level::Error),
            ("FAIL", Level::Error),
            ("CRIT", Level::Fatal),
            ("DBUG", Level::Debug),
            ("TRCE", Level::Trace),
            ("SEVERE", Level::Error),
            ("NOTICE", Level::Info),
            ("INFORMATION", Level::Info),
            ("DBG", Level::Debug),
            ("FINE", Level::Debug),
            ("FINER", Level::Trace),
            ("FINEST", Level::Trace),
            ("EMERGENCY", Level::Fatal),
            ("ALERT", Level::Fatal),
        ];
        if !(3..=11).contains(&word.len()) {
            return None;
        }
        WORDS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word))
            .map(|(_, level)| *level)
    }

    /// The level that a number stands for in the JSON lines of pino and bunyan: 10 is trace, 60 fatal.
    pub(super) fn of_number(number: f64) -> Option<Self> {
        match number {
            n if n < 10.0 => None,
            n if n < 20.0 => Some(Self::Trace),
            n if n < 30.0 => Some(Self::Debug),
            n if n < 40.0 => Some(Self::Info),
            n if n < 50.0 => Some(Self::Warn),
            n if n < 60.0 => Some(Self::Error),
            n if n < 70.0 => Some(Self::Fatal),
            _ => None,
        }
    }
}
