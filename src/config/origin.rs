//! Where the value of a setting comes from.

use serde::Serialize;

pitagora_core::phrases! {
    /// Who decided on a value. The nearer one wins: a flag, then the environment, then the file.
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case", tag = "origin")]
    pub enum Origin in "origin" {
        /// Nobody: the program's own value.
        Default,
        /// Nobody here: the AWS SDK looks further when it connects (shared configuration, instance metadata).
        Sdk,
        /// The configuration file; `line` counts from one.
        File { path: String, line: u64 },
        Environment { variable: String },
        Flag { flag: String },
    }
}

impl Origin {
    /// An environment variable.
    #[must_use]
    pub fn environment(variable: &str) -> Self {
        let variable = variable.to_owned();
        Self::Environment { variable }
    }

    /// A flag of the command line, with its dashes.
    #[must_use]
    pub fn flag(flag: &str) -> Self {
        let flag = flag.to_owned();
        Self::Flag { flag }
    }
}

/// A value, and who decided on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen<T> {
    /// The value that holds.
    pub value: T,
    /// Who decided on it.
    pub origin: Origin,
}

impl<T> Chosen<T> {
    /// A value and its origin.
    pub const fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

impl<T> Chosen<Option<T>> {
    /// The value, unless the environment decides: that is for the AWS SDK to read.
    pub fn for_sdk(self) -> Option<T> {
        self.value
            .filter(|_| !matches!(self.origin, Origin::Environment { .. }))
    }
}
