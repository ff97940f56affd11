//! Aliases and versions of a function. Each has its own asynchronous configuration; the dead-letter queue of an alias is
//! that of its version.

use serde::{Deserialize, Serialize};

/// An alias or version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Qualified {
    /// The alias, or the version number.
    pub name: String,
    /// The version behind an alias (the one with the highest weight); `None` if it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it has an asynchronous configuration of its own. AWS (async): an invocation of an alias follows that of the alias.
    pub configured: bool,
    /// `MaximumRetryAttempts` of that configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// `MaximumEventAgeInSeconds` of that configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_s: Option<u32>,
    /// Whether the dead-letter queue of the version behind it was read. AWS (functions): `ListFunctions` shows that of `$LATEST` only;
    /// a version's was locked when it was published.
    pub dead_letter_read: bool,
}

impl Qualified {
    /// Merges another response.
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
