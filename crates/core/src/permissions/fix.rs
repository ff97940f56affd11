//! What would let an event arrive: shown and copied, never run.

use serde_json::json;

use super::arrival::Obstacle;
use super::ask::Ask;
use super::{Said, sid};
use crate::domain::text::shell;
use crate::domain::{Arn, Node};

/// What would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// A command of the AWS CLI, word by word, without region and profile.
    Command(Vec<String>),
    /// A statement to add to the target's policy: the CLI can only set a queue's or topic's policy as a whole, and would
    /// take the other statements away.
    Statement(String),
}

/// What would let the request through. `None` if no one statement would.
#[must_use]
pub fn fix(obstacle: &Obstacle, target: &Node) -> Option<Fix> {
    let Obstacle::NotAllowed { ask, .. } = obstacle else {
        return None;
    };
    let arn = Arn::parse(target.id.as_str())?;
    Some(if arn.service == "lambda" {
        Fix::Command(command(ask, target, arn.name()))
    } else {
        let mut condition = json!({ "ArnEquals": { "aws:SourceArn": ask.source_arn } });
        if names_no_account(ask) {
            condition["StringEquals"] = json!({ "aws:SourceAccount": ask.source_account });
        }
        let statement = json!({
            "Sid": sid::free(ask, target, sid::Form::Letters), "Effect": "Allow", "Principal": { "Service": ask.service },
            "Action": ask.action, "Resource": ask.resource, "Condition": condition,
        });
        Fix::Statement(statement.to_string())
    })
}

impl Fix {
    /// One line to copy: the command with these flags, or the statement. `None` if a name in it holds what none may hold.
    #[must_use]
    pub fn line(&self, flags: &[&str]) -> Option<String> {
        match self {
            Self::Command(words) => {
                let words: Vec<&str> = words.iter().map(String::as_str).chain(flags.iter().copied()).collect();
                shell(&words)
            }
            Self::Statement(json) => (crate::domain::text::plain(json) == *json).then(|| json.clone()),
        }
    }

    /// The line with what it is.
    #[must_use]
    pub fn said(&self, flags: &[&str]) -> Option<Said> {
        let line = self.line(flags)?;
        Some(match self {
            Self::Command(_) => Said::Allow { command: line },
            Self::Statement(_) => Said::AddStatement { statement: line },
        })
    }
}

fn command(ask: &Ask, target: &Node, name: &str) -> Vec<String> {
    let free = sid::free(ask, target, sid::Form::Dashes);
    let mut words = vec!["aws", "lambda", "add-permission", "--function-name", name];
    let qualifier = ask
        .resource
        .strip_prefix(target.id.as_str())
        .and_then(|rest| rest.strip_prefix(':'));
    if let Some(qualifier) = qualifier {
        words.extend(["--qualifier", qualifier]);
    }
    words.extend([
        "--statement-id",
        &free,
        "--action",
        ask.action,
        "--principal",
        &ask.service,
    ]);
    words.extend(["--source-arn", &ask.source_arn]);
    if names_no_account(ask) {
        words.extend(["--source-account", &ask.source_account]);
    }
    words.into_iter().map(str::to_owned).collect()
}

/// AWS (permissions): a bucket's ARN has no account ID, and the name may later belong to another account.
fn names_no_account(ask: &Ask) -> bool {
    Arn::parse(&ask.source_arn).is_some_and(|arn| arn.account.is_empty())
}
