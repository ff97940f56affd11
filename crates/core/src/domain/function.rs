//! The configuration of a function.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Qualified;
use super::resource_policy::PoliciesOfFunction;
use super::role::RolePolicies;

/// The configuration of a function, without its environment: values of variables are not kept. In JSON the fields of all
/// groups are flattened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// The runtime, such as `python3.13`; `None` for a container image.
    pub runtime: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// The timeout of an invocation in seconds.
    pub timeout_s: u32,
    /// Memory in MB.
    pub memory_mb: u32,
    /// When code or configuration last changed.
    pub last_modified: Option<Timestamp>,
    /// The hash of its code, which changes with every deployment.
    pub code_sha: Option<String>,
    /// The ARN of the role that it runs with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What that role may do; `None` if it was not read. Not cached: permissions are never evaluated from old data.
    #[serde(skip)]
    pub role_policies: Option<Arc<RolePolicies>>,
    /// Whether it can be invoked.
    #[serde(flatten)]
    pub status: FunctionStatus,
    /// Its logging configuration.
    #[serde(flatten)]
    pub logging: Logging,
    /// Whether it is a durable function (`DurableConfig`). AWS (functions): an execution consists of many invocations, which succeed
    /// while the execution is suspended, so a successful invocation does not mean that the execution succeeded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub durable: bool,
    /// Reserved concurrency; 0 throttles every invocation.
    pub reserved_concurrency: Option<u32>,
    /// `Terminate` or `Allow` (recursive loop detection).
    pub recursive_loop: Option<String>,
    /// Retries of asynchronous events.
    #[serde(flatten)]
    pub asynchronous: AsyncRetries,
    /// Its aliases and versions that receive events, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qualified: Vec<Qualified>,
    /// Why the environment could not be read (KMS).
    pub environment_error: Option<String>,
    /// Who may invoke it.
    #[serde(flatten)]
    pub permissions: FunctionPermissions,
}

/// Whether a function can be invoked. AWS (functions): returned by `GetFunction`, not by `ListFunctions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionStatus {
    /// `Active`, `Inactive`, `Pending`, `Failed`, …
    pub state: Option<String>,
    /// The reason of the state.
    #[serde(rename = "state_reason")]
    pub reason: Option<String>,
    /// The reason as a code (`Idle`, `ImageAccessDenied`, …).
    #[serde(rename = "state_reason_code", default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// The state of its last deployment: `Successful`, `InProgress` or `Failed`. After a failed one the previous code stays
    /// active.
    #[serde(rename = "last_update_status", default, skip_serializing_if = "Option::is_none")]
    pub last_update: Option<String>,
}

/// Logging configuration of a function (`LoggingConfig`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Logging {
    /// The log group.
    #[serde(rename = "log_group")]
    pub group: String,
    /// The class of that group (`STANDARD`, `INFREQUENT_ACCESS`, `DELIVERY`); `None` if it was not read.
    #[serde(rename = "log_class", default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Whether lines are JSON (`LogFormat`).
    #[serde(rename = "log_json")]
    pub json: bool,
    /// The system log level; above INFO, no START line is written.
    #[serde(rename = "system_log_level")]
    pub system_level: Option<String>,
}

impl Logging {
    /// Text format in a group.
    #[must_use]
    pub fn to(group: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            ..Self::default()
        }
    }
}

/// Retries of asynchronous events; `None` is AWS's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsyncRetries {
    /// `MaximumRetryAttempts`, 0 to 2; AWS's default is 2.
    #[serde(rename = "async_retries")]
    pub retries: Option<u32>,
    /// `MaximumEventAgeInSeconds`, 60 to 21,600; AWS's default is 21,600.
    #[serde(rename = "async_max_age_s")]
    pub max_age_s: Option<u32>,
}

/// Who may invoke a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionPermissions {
    /// Permissions that name no single resource, in words ("any S3 bucket").
    #[serde(rename = "open_permissions", default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// Its resource policies, as far as they were read. Not cached: too large, and permissions are never evaluated from old
    /// data.
    #[serde(skip)]
    pub policies: PoliciesOfFunction,
}
