//! What a function does. Functions of the simulated account hold no code: a behaviour, from the scenario or from a
//! `--behaviours` file, says how long one works, what it sends where, and when it fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::duration::{Megabytes, Span};

/// How a function spends an invocation. Written as TOML; every key may be left out. Texts are templates: see
/// `docs/scenarios.md`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Behaviour {
    /// How long the handler works, steps included (`"40ms..90ms"`). 20 to 60 ms where it is not said.
    pub work: Option<Span>,
    /// How long a cold start takes. 150 to 350 ms where it is not said.
    pub init: Option<Span>,
    /// Lines that it prints first.
    pub print: Vec<String>,
    /// What it does, one after the other, spread over its work.
    pub steps: Vec<Step>,
    /// When and how it fails. The first that applies is taken, before any step is done.
    pub fails: Vec<Failure>,
    /// What it returns, JSON text. `null` where it is not said.
    pub returns: Option<String>,
    /// Memory that each invocation leaves behind in its sandbox, until the function's memory is used up.
    pub leak: Option<Megabytes>,
    /// Whether failing records of a batch are reported one by one (`batchItemFailures`) instead of failing it whole.
    pub partial: bool,
}

/// One thing that a function does. Where a text mentions `{record…}`, `{object…}` or `{data…}`, the step is done for each
/// record of the event.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are those of AWS's operation")]
pub enum Step {
    /// S3 `PutObject`.
    PutObject {
        bucket: String,
        key: String,
        #[serde(default)]
        body: String,
    },
    /// S3 `CopyObject`, within one bucket unless `to_bucket` says otherwise.
    CopyObject {
        bucket: String,
        key: String,
        to_bucket: Option<String>,
        to_key: String,
    },
    /// S3 `DeleteObject`.
    DeleteObject { bucket: String, key: String },
    /// SQS `SendMessage`. `queue` is a name, a URL or an ARN.
    SendMessage {
        queue: String,
        body: String,
        group: Option<String>,
    },
    /// SNS `Publish`. `topic` is a name or an ARN.
    Publish {
        topic: String,
        message: String,
        subject: Option<String>,
    },
    /// DynamoDB `PutItem` with text attributes.
    PutItem {
        table: String,
        item: BTreeMap<String, String>,
    },
    /// EventBridge `PutEvents` with one entry.
    PutEvents {
        bus: Option<String>,
        source: String,
        detail_type: String,
        detail: String,
    },
    /// Kinesis `PutRecord`.
    PutRecord { stream: String, key: String, data: String },
    /// Lambda `Invoke`: `mode` is `async` or `sync`.
    Invoke {
        function: String,
        #[serde(default)]
        payload: Option<String>,
        #[serde(default)]
        mode: Mode,
    },
    /// An HTTP request that leaves the account: nothing is sent, a line in the log says so.
    Post {
        url: String,
        #[serde(default)]
        body: String,
    },
    /// A request at an API of this account, by the API's name.
    Request {
        api: String,
        route: String,
        #[serde(default)]
        body: String,
    },
    /// A sign-in at a user pool of this account, by the pool's name.
    SignIn {
        user_pool: String,
        #[serde(default)]
        user: String,
    },
    /// An execution of a state machine of this account begins.
    StartExecution {
        state_machine: String,
        #[serde(default)]
        input: String,
    },
    /// Prints a line at this point.
    Print { line: String },
    /// Waits.
    Wait { time: Span },
}

impl Step {
    /// This step with each text passed through `fill`.
    #[must_use]
    pub fn filled(&self, fill: &mut dyn FnMut(&str) -> String) -> Self {
        let mut step = self.clone();
        for text in step.texts_mut() {
            *text = fill(text);
        }
        step
    }

    /// AWS's operation, where it is one.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::PutObject { .. } => "PutObject",
            Self::CopyObject { .. } => "CopyObject",
            Self::DeleteObject { .. } => "DeleteObject",
            Self::SendMessage { .. } => "SendMessage",
            Self::Publish { .. } => "Publish",
            Self::PutItem { .. } => "PutItem",
            Self::PutEvents { .. } => "PutEvents",
            Self::PutRecord { .. } => "PutRecord",
            Self::Invoke { .. } => "Invoke",
            Self::StartExecution { .. } => "StartExecution",
            Self::SignIn { .. } | Self::Request { .. } | Self::Post { .. } | Self::Print { .. } | Self::Wait { .. } => {
                ""
            }
        }
    }

    /// The texts with holes in it.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.clone().texts_mut().into_iter().map(std::mem::take).collect()
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let (mut texts, optional): (Vec<&mut String>, Option<&mut String>) = match self {
            Self::PutObject { bucket, key, body } => (vec![bucket, key, body], None),
            Self::CopyObject {
                bucket,
                key,
                to_bucket,
                to_key,
            } => (vec![bucket, key, to_key], to_bucket.as_mut()),
            Self::DeleteObject { bucket, key } => (vec![bucket, key], None),
            Self::SendMessage { queue, body, group } => (vec![queue, body], group.as_mut()),
            Self::Publish {
                topic,
                message,
                subject,
            } => (vec![topic, message], subject.as_mut()),
            Self::PutItem { table, item } => (std::iter::once(table).chain(item.values_mut()).collect(), None),
            Self::PutEvents {
                bus,
                source,
                detail_type,
                detail,
            } => (vec![source, detail_type, detail], bus.as_mut()),
            Self::PutRecord { stream, key, data } => (vec![stream, key, data], None),
            Self::Invoke { function, payload, .. } => (vec![function], payload.as_mut()),
            Self::Post { url, body } => (vec![url, body], None),
            Self::Request { api, route, body } => (vec![api, route, body], None),
            Self::SignIn { user_pool, user } => (vec![user_pool, user], None),
            Self::StartExecution { state_machine, input } => (vec![state_machine, input], None),
            Self::Print { line } => (vec![line], None),
            Self::Wait { .. } => (Vec::new(), None),
        };
        texts.extend(optional);
        texts
    }
}

/// Whether an invoking function waits for the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// `InvocationType=Event`.
    #[default]
    Async,
    /// `InvocationType=RequestResponse`.
    Sync,
}

/// When a function fails, and how. All conditions given must hold; one without conditions always applies.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Failure {
    /// The event contains this text.
    pub on: Option<String>,
    /// One invocation in so many.
    pub one_in: Option<u64>,
    /// Only the first attempts of an event (asynchronous attempts, receives of a message, attempts of a batch).
    pub first: Option<u32>,
    /// What happens.
    pub how: How,
    /// The error as `Type: message`, a template.
    pub error: Option<String>,
}

/// The ways to fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The handler raises an exception.
    #[default]
    Error,
    /// It does not come back before the function's timeout.
    Timeout,
    /// The process exits with status 1.
    Crash,
    /// It asks for more memory than the function has.
    Memory,
    /// The code does not load: the init phase fails, and so does the invocation.
    Init,
}

/// A `--behaviours` file: behaviours for functions that a client creates.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Behaviours {
    /// The first that matches a function is its behaviour.
    pub behaviour: Vec<Rule>,
}

/// A behaviour and the functions that have it: all conditions given must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// The function's name, with `*` and `?`.
    pub name: Option<String>,
    /// A tag, `key=value`.
    pub tag: Option<String>,
    /// An environment variable, `NAME=value`.
    pub env: Option<String>,
    /// The behaviour.
    pub does: Arc<Behaviour>,
}

impl Behaviours {
    /// From TOML text; an unknown key is an error with its line.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The behaviour of a function with this name, these tags and these variables.
    #[must_use]
    pub fn find(
        &self,
        name: &str,
        tags: &BTreeMap<String, String>,
        env: &BTreeMap<String, String>,
    ) -> Option<Arc<Behaviour>> {
        let has = |wanted: &Option<String>, there: &BTreeMap<String, String>| {
            wanted.as_ref().is_none_or(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                there.get(key).is_some_and(|v| v == value)
            })
        };
        self.behaviour
            .iter()
            .find(|rule| {
                rule.name.as_ref().is_none_or(|glob| glob_matches(glob, name))
                    && has(&rule.tag, tags)
                    && has(&rule.env, env)
            })
            .map(|rule| Arc::clone(&rule.does))
    }
}

/// Whether a name matches a pattern with `*` (any text) and `?` (any one character).
#[must_use]
pub fn glob_matches(glob: &str, name: &str) -> bool {
    let (glob, name): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
    let (mut g, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match glob.get(g) {
            Some('*') => {
                star = Some((g, n));
                g += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                g += 1;
                n += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                g = at + 1;
                n = from + 1;
            }
        }
    }
    glob[g..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_shells_do() {
        for (glob, name, expected) in [
            ("*", "", true),
            ("orders-*", "orders-in", true),
            ("orders-*", "order-in", false),
            ("*-w?rker", "my-worker", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b", "aXbc", false),
        ] {
            assert_eq!(glob_matches(glob, name), expected, "{glob} {name}");
        }
    }

    #[test]
    fn finds_a_behaviour_by_variable_and_refuses_unknown_keys() {
        let text = r#"
            [[behaviour]]
            env = "STAGE=C"
            does.work = "40ms..90ms"
            does.steps = [{ publish = { topic = "{env.TOPIC_ARN}", message = "{record.body}" } }]
            does.fails = [{ on = "poison-C", error = "RuntimeError: poison C" }]
        "#;
        let behaviours = Behaviours::parse(text).expect("parses");
        let env = BTreeMap::from([("STAGE".to_owned(), "C".to_owned())]);
        assert!(behaviours.find("any", &BTreeMap::new(), &env).is_some());
        assert!(behaviours.find("any", &BTreeMap::new(), &BTreeMap::new()).is_none());
        let error = Behaviours::parse("[[behaviour]]\ndoes.wrok = \"1s\"")
            .expect_err("unknown key")
            .to_string();
        assert!(error.contains("line 2") && error.contains("wrok"), "{error}");
    }
}
