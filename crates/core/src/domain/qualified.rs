//! What is known of one alias or version of a function: its asynchronous configuration is its own, and its dead-letter
//! queue is that of the version behind it.

use serde::{Deserialize, Serialize};

/// An alias or version, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Qualified {
    /// The alias, or the version's number.
    pub name: String,
    /// The version behind an alias (the one that gets most of what comes in); nothing where that was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it has an asynchronous configuration of its own. AWS: an invocation of an alias follows that of the alias.
    pub configured: bool,
    /// `MaximumRetryAttempts` of that configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// `MaximumEventAgeInSeconds` of that configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_s: Option<u32>,
    /// Whether the dead-letter queue of the version behind it was read. AWS: `ListFunctions` shows that of `$LATEST` only;
    /// a version's was locked when it was published.
    pub dead_letter_read: bool,
}

impl Qualified {
    /// Lays what another answer says over what is known.
    pub fn merge(&mut self, other: &Self) {
        if other.version.is_some() {
            self.version.clone_from(&other.version);
        }
        if other.configured {
            (self.configured, self.retries, self.max_age_s) = (true, other.retries, other.max_age_s);
        }
        self.dead_letter_read |= other.dead_letter_read;
    }
}
