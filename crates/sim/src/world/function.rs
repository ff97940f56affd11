//! A function: its configuration, its sandboxes, and what a client attached to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::behaviour::Behaviour;

/// The format of a function's log. AWS (logs): `LoggingConfig.LogFormat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines as they always were.
    #[default]
    Text,
    /// System events and log calls as JSON objects.
    Json,
}

/// From which level on lines are written in the JSON format. AWS (logs): `SystemLogLevel` WARN hides start and report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "levels are known by their names")]
pub enum LogLevel {
    Debug,
    #[default]
    Info,
    Warn,
    Error,
}

impl LogLevel {
    /// From AWS's name; `TRACE` is taken as debug and `FATAL` as error.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "TRACE" | "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" | "FATAL" | "CRITICAL" => Self::Error,
            _ => return None,
        })
    }

    /// AWS's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// The families of runtimes, which differ in their log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "known by their names")]
pub enum Language {
    Python,
    Node,
    Java,
    Go,
    Ruby,
    Dotnet,
    Custom,
}

impl Language {
    /// From a runtime identifier such as `python3.13` or `provided.al2023`.
    #[must_use]
    pub fn of(runtime: &str) -> Self {
        match runtime {
            r if r.starts_with("python") => Self::Python,
            r if r.starts_with("nodejs") => Self::Node,
            r if r.starts_with("java") => Self::Java,
            r if r.starts_with("go") => Self::Go,
            r if r.starts_with("ruby") => Self::Ruby,
            r if r.starts_with("dotnet") => Self::Dotnet,
            _ => Self::Custom,
        }
    }
}

/// Asynchronous invocation settings of a function or of one of its qualifiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvokeConfig {
    /// `MaximumRetryAttempts`, 0 to 2. AWS's default: 2.
    pub retries: Option<u32>,
    /// `MaximumEventAgeInSeconds`, 60 to 21,600. AWS's default: 21,600.
    pub max_age_s: Option<i64>,
    /// `OnSuccess`: an ARN.
    pub on_success: Option<String>,
    /// `OnFailure`: an ARN.
    pub on_failure: Option<String>,
    /// When it was set.
    pub modified: i64,
}

/// Whether a loop through the function is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecursiveLoop {
    /// It is stopped at about 16 invocations. AWS's default.
    #[default]
    Terminate,
    /// It is let run.
    Allow,
}

/// An alias.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members are those of AWS's alias")]
pub struct Alias {
    pub name: String,
    pub version: String,
    pub description: String,
    pub revision: String,
}

/// A published version.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// `1`, `2`, ….
    pub number: String,
    /// What `$LATEST` was when it was published. AWS (functions): locked from then on.
    pub settings: Settings,
}

/// Something broken or fixed on purpose, over the behaviour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It does as its behaviour says.
    #[default]
    Sound,
    /// Each invocation fails.
    Broken,
    /// Each invocation times out.
    Stuck,
    /// The Lambda API answers 500 to every invocation: a delivery fault, not a function error.
    Unreachable,
}

/// A function URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// The address.
    pub address: String,
    /// `AWS_IAM` or `NONE`.
    pub auth: String,
    /// `BUFFERED` or `RESPONSE_STREAM`.
    pub mode: String,
    /// When it was made.
    pub created: i64,
}

/// A place where invocations run, one at a time, with a log stream of its own.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// Its number within the function.
    pub id: u64,
    /// Its version.
    pub version: String,
    /// The log stream's name.
    pub stream: String,
    /// Whether it has a running invocation.
    pub busy: bool,
    /// When it was last used.
    pub used: i64,
    /// Invocations so far.
    pub runs: u64,
    /// Memory that earlier invocations left behind, in MB.
    pub leaked: u32,
}

/// The sandboxes of a function.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// Those that are there.
    pub sandboxes: Vec<Sandbox>,
    /// How many were made so far: for names.
    pub made: u64,
}

/// What a version keeps of its function: the configuration and the code.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the members without words are those of AWS's configuration")]
pub struct Settings {
    pub role: String,
    pub description: String,
    pub timeout_ms: i64,
    pub memory_mb: u32,
    pub storage_mb: u32,
    pub env: BTreeMap<String, String>,
    pub dead_letter: Option<String>,
    pub tracing: String,
    pub code: Code,
    pub logging: Logging,
    /// When configuration or code last changed.
    pub modified: i64,
    /// Counts changes, for the revision id.
    pub revision: u64,
    /// Members of the configuration that are only kept and echoed (`VpcConfig`, `FileSystemConfigs`, …).
    pub echoed: BTreeMap<String, crate::value::Value>,
}

impl Settings {
    /// The language of the runtime.
    #[must_use]
    pub fn language(&self) -> Language {
        Language::of(&self.code.runtime)
    }
}

/// Code and runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members are those of AWS's configuration")]
pub struct Code {
    pub package: String,
    pub runtime: String,
    pub handler: String,
    pub architecture: String,
    pub layers: Vec<String>,
    pub size: i64,
    pub sha256: String,
}

/// `LoggingConfig`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members are those of AWS's configuration")]
pub struct Logging {
    pub group: String,
    pub format: LogFormat,
    pub system_level: LogLevel,
    pub app_level: LogLevel,
}

/// How many invocations may run at once, and how many do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concurrency {
    /// Reserved concurrency.
    pub reserved: Option<u32>,
    /// Invocations that run now.
    pub running: u32,
    /// Whether a foreign invocation that never ends occupies one.
    pub is_used_up: bool,
    /// The most concurrent invocations in the current minute.
    pub peak: u32,
}

/// A function. AWS (functions): one `$LATEST`, with versions and aliases. They all behave alike here.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the members without words are those of AWS's configuration")]
pub struct Function {
    pub name: String,
    pub arn: String,
    pub tags: BTreeMap<String, String>,
    /// The settings of `$LATEST`.
    pub latest: Settings,
    /// Statements of the resource policy, by qualifier (empty for none).
    pub policy: BTreeMap<String, Vec<Json>>,
    pub aliases: BTreeMap<String, Alias>,
    pub versions: Vec<Version>,
    /// By qualifier (`$LATEST` for none).
    pub invoke_configs: BTreeMap<String, InvokeConfig>,
    pub recursion: RecursiveLoop,
    pub url: Option<Url>,
    /// Its behaviour, if any.
    pub behaviour: Option<Arc<Behaviour>>,
    pub health: Health,
    pub concurrency: Concurrency,
    pub pool: Pool,
    /// Invocations so far: for draws.
    pub runs: u64,
}

impl Function {
    /// A function with AWS's defaults: 3 s, 128 MB.
    #[must_use]
    pub fn new(name: &str, arn: &str, now: i64) -> Self {
        Self {
            name: name.to_owned(),
            arn: arn.to_owned(),
            tags: BTreeMap::new(),
            latest: Settings {
                role: String::new(),
                description: String::new(),
                timeout_ms: 3000,
                memory_mb: 128,
                storage_mb: 512,
                env: BTreeMap::new(),
                dead_letter: None,
                tracing: "PassThrough".to_owned(),
                code: Code {
                    package: "Zip".to_owned(),
                    runtime: "python3.13".to_owned(),
                    handler: "index.handler".to_owned(),
                    architecture: "x86_64".to_owned(),
                    layers: Vec::new(),
                    size: 1024,
                    sha256: String::new(),
                },
                logging: Logging {
                    group: format!("/aws/lambda/{name}"),
                    format: LogFormat::Text,
                    system_level: LogLevel::Info,
                    app_level: LogLevel::Info,
                },
                modified: now,
                revision: 0,
                echoed: BTreeMap::new(),
            },
            policy: BTreeMap::new(),
            aliases: BTreeMap::new(),
            versions: Vec::new(),
            invoke_configs: BTreeMap::new(),
            recursion: RecursiveLoop::Terminate,
            url: None,
            behaviour: None,
            health: Health::Sound,
            concurrency: Concurrency::default(),
            pool: Pool::default(),
            runs: 0,
        }
    }

    /// The version that a qualifier means.
    #[must_use]
    pub fn version_of<'a>(&'a self, qualifier: &'a str) -> &'a str {
        match self.aliases.get(qualifier) {
            Some(alias) => &alias.version,
            None if qualifier.is_empty() => "$LATEST",
            None => qualifier,
        }
    }

    /// The settings that hold for a qualifier or a version.
    #[must_use]
    pub fn settings(&self, qualifier: &str) -> &Settings {
        let number = self.version_of(qualifier);
        let published = self.versions.iter().find(|v| v.number == number);
        published.map_or(&self.latest, |version| &version.settings)
    }

    /// The asynchronous settings that hold for a qualifier.
    #[must_use]
    pub fn invoke_config(&self, qualifier: &str) -> InvokeConfig {
        let key = if qualifier.is_empty() { "$LATEST" } else { qualifier };
        self.invoke_configs.get(key).cloned().unwrap_or_default()
    }

    /// Whether the resource policy lets a service's resource invoke it.
    #[must_use]
    pub fn admits(&self, qualifier: &str, service: &str, source: &str) -> bool {
        // A bucket's ARN names no account: it is this function's own here.
        let account = match super::arn::account(source) {
            "" => super::arn::account(&self.arn),
            account => account,
        };
        let question = super::policy::Question {
            service,
            source,
            account,
            action: "lambda:InvokeFunction",
            resource: "",
        };
        question.is_let_through(self.policy.get(qualifier).into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_policy_admits_the_source_it_names() {
        let mut function = Function::new("f", "arn:aws:lambda:r:1:function:f", 0);
        assert!(!function.admits("", "s3.amazonaws.com", "arn:aws:s3:::b"));
        let statement = json!({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b*"}, "StringEquals": {"AWS:SourceAccount": "1"}}});
        function.policy.insert(String::new(), vec![statement]);
        assert!(function.admits("", "s3.amazonaws.com", "arn:aws:s3:::bucket"));
        assert!(!function.admits("", "s3.amazonaws.com", "arn:aws:s3:::other"));
        assert!(!function.admits("", "sns.amazonaws.com", "arn:aws:s3:::bucket"));
        assert!(
            !function.admits("live", "s3.amazonaws.com", "arn:aws:s3:::bucket"),
            "an alias has its own policy"
        );
    }
}
