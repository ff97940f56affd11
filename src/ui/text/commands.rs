//! The AWS CLI command that pauses or resumes a link, or lets events arrive along it: shown and copied, never run.

use crate::domain::text::shell;
use crate::domain::{Arn, Edge, EdgeKind, Node, NodeKind};
use crate::permissions::{self, Fix, Obstacle};

/// A command and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseCommand {
    /// What it does to the link.
    pub does: Does,
    /// The whole line for a shell.
    pub line: String,
    /// What else it does, where that is not obvious.
    pub warning: Option<Note>,
}

/// What a command does to its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "named as they are")]
pub enum Does {
    Pause,
    Resume,
    Allow,
}

pitagora_core::phrases! {
    /// What to know about the command of a link, or why there is none.
    #[derive(Copy)]
    pub enum Note in "link" {
        RecordsExpire,
        EventsNotKept,
        AddsStatement,
        DemoAccount,
        Schedule,
        NoCommand,
    }
}

/// Whom the AWS CLI must be aimed at to reach what this program reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// The profile by which the credentials were found, where it was by one.
    pub profile: Option<String>,
    /// Who answers in place of AWS.
    pub endpoint: Option<String>,
}

impl Aim {
    /// The flags that say so, at the end of a command.
    fn flags<'a>(&'a self, region: &'a str) -> Vec<&'a str> {
        let mut flags = vec!["--region", region];
        let more = [("--profile", &self.profile), ("--endpoint-url", &self.endpoint)];
        for (flag, value) in more {
            flags.extend(value.iter().flat_map(|value| [flag, value.as_str()]));
        }
        flags
    }
}

/// The command for an edge, where its service can pause it without taking it away.
#[must_use]
pub fn for_edge(edge: &Edge, source: &Node, region: &str, aim: &Aim) -> Option<PauseCommand> {
    if edge.key.kind != EdgeKind::Trigger || edge.policies.is_empty() {
        return None;
    }
    let does = if edge.enabled { Does::Pause } else { Does::Resume };
    let line = |words: &[&str]| shell(&[&["aws"], words, &aim.flags(region)].concat());
    match source.kind {
        NodeKind::Sqs
        | NodeKind::Kinesis
        | NodeKind::DynamodbStream
        | NodeKind::Kafka
        | NodeKind::Mq
        | NodeKind::Documentdb => {
            let uuid = edge.policies.iter().find_map(|policy| policy.id.as_deref())?;
            let switch = if edge.enabled { "--no-enabled" } else { "--enabled" };
            Some(PauseCommand {
                does,
                line: line(&["lambda", "update-event-source-mapping", "--uuid", uuid, switch])?,
                warning: (edge.enabled && source.kind != NodeKind::Sqs).then_some(Note::RecordsExpire),
            })
        }
        NodeKind::Eventbridge => {
            let arn = Arn::parse(source.id.as_str()).filter(|arn| arn.resource.starts_with("rule/"))?;
            let rest = arn.resource.strip_prefix("rule/")?;
            let (bus, name) = rest.rsplit_once('/').unwrap_or(("default", rest));
            let action = if edge.enabled { "disable-rule" } else { "enable-rule" };
            Some(PauseCommand {
                does,
                line: line(&["events", action, "--name", name, "--event-bus-name", bus])?,
                warning: edge.enabled.then_some(Note::EventsNotKept),
            })
        }
        NodeKind::Pipe => {
            let action = if edge.enabled { "stop-pipe" } else { "start-pipe" };
            Some(PauseCommand {
                does,
                line: line(&["pipes", action, "--name", &source.name])?,
                warning: None,
            })
        }
        _ => None,
    }
}

/// What would let events arrive along a link that is cut, where one command or one statement would.
#[must_use]
pub fn to_allow(obstacle: &Obstacle, target: &Node, region: &str, aim: &Aim) -> Option<PauseCommand> {
    let fix = permissions::fix(obstacle, target)?;
    Some(PauseCommand {
        does: Does::Allow,
        line: fix.line(&aim.flags(region))?,
        warning: matches!(fix, Fix::Statement(_)).then_some(Note::AddsStatement),
    })
}

/// Why there is no command for a link of that source.
#[must_use]
pub fn why_none(source: NodeKind) -> Note {
    match source {
        // AWS (apis): UpdateSchedule sets everything that it is not given back to its default.
        NodeKind::Schedule => Note::Schedule,
        _ => Note::NoCommand,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Detail, EdgePolicy, Evidence, NodeId};

    fn command(kind: NodeKind, id: &str, name: &str, enabled: bool) -> Option<PauseCommand> {
        aimed(kind, id, name, enabled, &Aim::default())
    }

    fn aimed(kind: NodeKind, id: &str, name: &str, enabled: bool, aim: &Aim) -> Option<PauseCommand> {
        let source = Node {
            id: NodeId::from(id),
            kind,
            name: name.to_owned(),
            detail: Detail::None,
        };
        let policy = EdgePolicy {
            id: Some("uuid-1".to_owned()),
            ..EdgePolicy::default()
        };
        let edge = Edge::new(
            source.id.clone(),
            NodeId::from("f"),
            EdgeKind::Trigger,
            Evidence::Configured,
        )
        .with(policy)
        .enabled(enabled);
        for_edge(&edge, &source, "eu-west-1", aim)
    }

    #[test]
    fn it_aims_at_the_account_that_is_shown_and_not_at_aws() {
        let aim = Aim {
            profile: Some("my team".to_owned()),
            endpoint: Some("http://127.0.0.1:4566/?a&b".to_owned()),
        };
        let line = |kind, id, name| aimed(kind, id, name, true, &aim).map(|command| command.line);
        let end = "--region eu-west-1 --profile 'my team' --endpoint-url 'http://127.0.0.1:4566/?a&b'";
        assert_eq!(
            line(NodeKind::Sqs, "arn:aws:sqs:r:1:q", "q"),
            Some(format!(
                "aws lambda update-event-source-mapping --uuid uuid-1 --no-enabled {end}"
            ))
        );
        assert_eq!(
            line(NodeKind::Eventbridge, "arn:aws:events:r:1:rule/nightly", "nightly"),
            Some(format!(
                "aws events disable-rule --name nightly --event-bus-name default {end}"
            ))
        );
        assert_eq!(
            line(NodeKind::Pipe, "arn:aws:pipes:r:1:pipe/p", "p"),
            Some(format!("aws pipes stop-pipe --name p {end}"))
        );
    }

    #[test]
    fn a_mapping_is_paused_and_resumed_by_its_uuid() {
        let line = |enabled| command(NodeKind::Sqs, "arn:aws:sqs:r:1:q", "q", enabled).map(|c| (c.does, c.line));
        assert_eq!(
            line(true),
            Some((
                Does::Pause,
                "aws lambda update-event-source-mapping --uuid uuid-1 --no-enabled --region eu-west-1".into()
            ))
        );
        assert_eq!(
            line(false),
            Some((
                Does::Resume,
                "aws lambda update-event-source-mapping --uuid uuid-1 --enabled --region eu-west-1".into()
            ))
        );
    }

    #[test]
    fn a_rule_is_disabled_on_its_bus() {
        let line = |id| command(NodeKind::Eventbridge, id, "x", true).map(|c| c.line);
        assert_eq!(
            line("arn:aws:events:r:1:rule/nightly").as_deref(),
            Some("aws events disable-rule --name nightly --event-bus-name default --region eu-west-1")
        );
        assert_eq!(
            line("arn:aws:events:r:1:rule/shop/nightly").as_deref(),
            Some("aws events disable-rule --name nightly --event-bus-name shop --region eu-west-1")
        );
    }

    #[test]
    fn a_name_cannot_smuggle_a_command_in() {
        let pipe = |name| command(NodeKind::Pipe, "arn:aws:pipes:r:1:pipe/x", name, true).map(|c| c.line);
        assert_eq!(
            pipe("a; rm -rf $HOME").as_deref(),
            Some("aws pipes stop-pipe --name 'a; rm -rf $HOME' --region eu-west-1")
        );
        assert_eq!(pipe("a'; rm -rf $HOME"), None);
        assert_eq!(pipe("a\nrm"), None);
        assert_eq!(pipe("a\u{202e}rm"), None);
    }

    #[test]
    fn what_cannot_be_paused_has_no_command() {
        let schedule = "arn:aws:scheduler:r:1:schedule/default/nightly";
        assert_eq!(command(NodeKind::Schedule, schedule, "nightly", true), None);
        assert_eq!(why_none(NodeKind::Schedule), Note::Schedule);
        assert_eq!(command(NodeKind::S3, "arn:aws:s3:::b", "b", true), None);
        assert_eq!(command(NodeKind::Sns, "arn:aws:sns:r:1:t", "t", true), None);
    }
}
