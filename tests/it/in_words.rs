//! Phrases in words, for tests that hold what a person reads.

use pitagora::domain::phrase::Phrase;
use pitagora::words::Words;

/// What is said.
pub trait InWords {
    /// In English, with times in UTC.
    fn said(&self) -> String;
}

impl InWords for Phrase {
    fn said(&self) -> String {
        Words::utc().say(self)
    }
}
