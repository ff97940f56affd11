//! The configuration of a function.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Qualified;
use super::resource_policy::PoliciesOfFunction;

/// The configuration of a function, without its environment: values of variables stay where they were read. In JSON the fields
/// of all groups lie side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// E.g. `python3.13`; nothing for a container image.
    pub runtime: Option<String>,
    /// What its author says of it.
    pub description: Option<String>,
    /// Seconds one run may take.
    pub timeout_s: u32,
    /// MB.
    pub memory_mb: u32,
    /// When code or configuration last changed.
    pub last_modified: Option<Timestamp>,
    /// Changes with every deployment of code.
    pub code_sha: Option<String>,
    /// Whether it can run.
    #[serde(flatten)]
    pub status: FunctionStatus,
    /// Where its lines go.
    #[serde(flatten)]
    pub logging: Logging,
    /// Whether it is a durable function (`DurableConfig`). AWS: its executions are many invocations, each of which ends well
    /// while the execution waits, so that none of them tells of success.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub durable: bool,
    /// Reserved concurrency; 0 means that nothing runs.
    pub reserved_concurrency: Option<u32>,
    /// `Terminate` or `Allow` (recursive loop detection).
    pub recursive_loop: Option<String>,
    /// How often and how long an asynchronous event is tried again.
    #[serde(flatten)]
    pub asynchronous: AsyncRetries,
    /// Its aliases and versions, as far as events reach it by them, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qualified: Vec<Qualified>,
    /// Why the environment could not be read (KMS), where it could not.
    pub environment_error: Option<String>,
    /// Who may invoke it.
    #[serde(flatten)]
    pub permissions: FunctionPermissions,
}

/// Whether a function can run. AWS: told by `GetFunction`, not by `ListFunctions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionStatus {
    /// `Active`, `Inactive`, `Pending`, `Failed`, …
    pub state: Option<String>,
    /// Why it is in that state, where the service says so.
    #[serde(rename = "state_reason")]
    pub reason: Option<String>,
    /// The same as a code (`Idle`, `ImageAccessDenied`, …).
    #[serde(rename = "state_reason_code", default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// `Successful`, `InProgress` or `Failed`: how its last deployment went. After a failed one the code before it runs.
    #[serde(rename = "last_update_status", default, skip_serializing_if = "Option::is_none")]
    pub last_update: Option<String>,
}

/// Where the lines of a function go, and which are written (`LoggingConfig`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Logging {
    /// The group its lines go to.
    #[serde(rename = "log_group")]
    pub group: String,
    /// The class of that group (`STANDARD`, `INFREQUENT_ACCESS`, `DELIVERY`), where it was read.
    #[serde(rename = "log_class", default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Whether lines are JSON (`LogFormat`).
    #[serde(rename = "log_json")]
    pub json: bool,
    /// The level of the system's own lines; above INFO no START line is written.
    #[serde(rename = "system_log_level")]
    pub system_level: Option<String>,
}

impl Logging {
    /// Plain lines to a group.
    #[must_use]
    pub fn to(group: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            ..Self::default()
        }
    }
}

/// How often and how long an asynchronous event is tried again, where that is not AWS's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsyncRetries {
    /// Retries after an asynchronous failure, 0 to 2; AWS's default is 2.
    #[serde(rename = "async_retries")]
    pub retries: Option<u32>,
    /// Seconds an asynchronous event is kept, 60 to 21,600; AWS's default is 21,600.
    #[serde(rename = "async_max_age_s")]
    pub max_age_s: Option<u32>,
}

/// Who may invoke a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionPermissions {
    /// Permissions that name no single resource, in words ("any S3 bucket").
    #[serde(rename = "open_permissions", default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// Its resource policies as far as they were read. Too large for the cache, and of no use there: nothing is judged by
    /// what was known of another day.
    #[serde(skip)]
    pub policies: PoliciesOfFunction,
}
