//! The boxes of the graph.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::resource_policy::ResourcePolicy;
use super::{Arn, Function, NodeId, Scope};

/// What a node is. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the AWS service of that name")]
pub enum NodeKind {
    Lambda,
    Sqs,
    Sns,
    S3,
    /// A rule, or an event bus of one's own.
    Eventbridge,
    /// A schedule of EventBridge Scheduler.
    Schedule,
    Pipe,
    /// A table and its stream are one node.
    DynamodbStream,
    Kinesis,
    Apigateway,
    FunctionUrl,
    Alb,
    Logs,
    Ses,
    Cognito,
    Iot,
    Config,
    Codecommit,
    Cloudformation,
    Lex,
    Alexa,
    Stepfunctions,
    Kafka,
    Mq,
    Documentdb,
    /// An HTTP endpoint that a rule or pipe calls.
    ApiDestination,
    /// A CloudWatch alarm that invokes a function.
    Alarm,
    Firehose,
    Appsync,
    VpcLattice,
    Secretsmanager,
    Cloudfront,
    /// What lies in another account or region, or is of a service not known here.
    External,
}

impl NodeKind {
    /// The word on the box, at most eight cells wide.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Lambda => "λ",
            Self::Sqs => "SQS",
            Self::Sns => "SNS",
            Self::S3 => "S3",
            Self::Eventbridge => "rule",
            Self::Schedule => "schedule",
            Self::Pipe => "pipe",
            Self::DynamodbStream => "DynamoDB",
            Self::Kinesis => "Kinesis",
            Self::Apigateway => "API",
            Self::FunctionUrl => "URL",
            Self::Alb => "ALB",
            Self::Logs => "logs",
            Self::Ses => "SES",
            Self::Cognito => "Cognito",
            Self::Iot => "IoT",
            Self::Config => "Config",
            Self::Codecommit => "CodeCmt",
            Self::Cloudformation => "CFn",
            Self::Lex => "Lex",
            Self::Alexa => "Alexa",
            Self::Stepfunctions => "Step Fn",
            Self::Kafka => "Kafka",
            Self::Mq => "MQ",
            Self::Documentdb => "DocDB",
            Self::ApiDestination => "API dest",
            Self::Alarm => "alarm",
            Self::Firehose => "Firehose",
            Self::Appsync => "AppSync",
            Self::VpcLattice => "Lattice",
            Self::Secretsmanager => "Secrets",
            Self::Cloudfront => "CFront",
            Self::External => "external",
        }
    }

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> String {
        super::text::word(self)
    }
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// One resource of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its ARN where it has one.
    pub id: NodeId,
    /// Which service it belongs to.
    pub kind: NodeKind,
    /// The short name. Comes from others: may hold anything.
    pub name: String,
    /// What is known of it beyond its name.
    #[serde(default, skip_serializing_if = "Detail::is_none")]
    pub detail: Detail,
}

impl Node {
    /// A node of which only the ARN is known. `external` where it lies outside the scope.
    #[must_use]
    pub fn from_arn(arn: &Arn<'_>, scope: &Scope) -> Self {
        // What may be of any account or region is not elsewhere.
        let here = |text: &str, own: &str| text.is_empty() || text == "*" || text == own;
        let kind = if here(arn.account, &scope.account) && here(arn.region, &scope.region) {
            arn.kind()
        } else {
            NodeKind::External
        };
        let name = arn.name();
        let whose = match arn.account {
            "*" => String::new(),
            own if own.is_empty() || own == scope.account => " of this account".to_owned(),
            other => format!(" of account {other}"),
        };
        Self {
            id: arn.node().0,
            kind,
            name: match (arn.is_pattern(), name == arn.any()) {
                (_, true) => format!("{name}{whose}"),
                (true, false) if name.contains(['*', '?']) => format!("{} matching {name}", arn.any()),
                _ => name.to_owned(),
            },
            detail: Detail::None,
        }
    }

    /// What of its kind it is, where a kind holds more than one: `bus`, beside EventBridge's rules. A word of the JSON
    /// contract.
    #[must_use]
    pub fn resource(&self) -> Option<&'static str> {
        Arn::parse(self.id.as_str())
            .is_some_and(|arn| arn.is_bus())
            .then_some("bus")
    }

    /// The word on its box, at most eight cells wide.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match (self.kind, self.resource()) {
            (NodeKind::Eventbridge, Some(resource)) => resource,
            (kind, _) => kind.label(),
        }
    }
}

/// What is known of a node, by kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Only its name is known.
    #[default]
    None,
    /// A function's configuration.
    Function(Box<Function>),
    /// A queue's attributes.
    Queue(Box<Queue>),
    /// A bucket's notification configuration.
    Bucket(Bucket),
    /// A topic's attributes.
    Topic(Box<Topic>),
    /// Pairs to show, for kinds of which nothing is computed.
    Pairs(Vec<(String, String)>),
}

impl Detail {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// The attributes of a queue that do not change by the minute.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Its URL.
    pub url: String,
    /// Seconds a received message stays hidden.
    pub visibility_timeout_s: u32,
    /// Seconds a message is kept.
    pub retention_s: u32,
    /// Receives before a message moves to the dead-letter queue.
    pub max_receive_count: Option<u32>,
    /// Whether order is kept within a group.
    pub fifo: bool,
    /// `allowAll`, `denyAll` or `byQueue`, where a redrive-allow policy is set.
    pub redrive_permission: Option<String>,
    /// With `byQueue`, the ARNs of the queues that may name it as their dead-letter queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redrive_sources: Vec<String>,
    /// The key of KMS that encrypts it (`KmsMasterKeyId`), where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// Seconds before a message that is sent can be received (`DelaySeconds`).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay_s: u32,
    /// Bytes of the largest message it takes, attributes included (`MaximumMessageSize`); `None` if that was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_message_bytes: Option<u32>,
    /// Who may send to it; without statements where it has no policy, `None` where that was not read.
    #[serde(skip)]
    pub policy: Option<Arc<ResourcePolicy>>,
}

/// Whether a number says nothing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// The attributes of a topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Bytes of the largest message it takes (`MaximumMessageSize`), where that is set. AWS's default is 262,144.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_message_bytes: Option<u32>,
    /// The key of KMS that encrypts it (`KmsMasterKeyId`), where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// How many confirmed subscriptions it has, those of other accounts included. AWS: `SubscriptionsConfirmed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriptions: Option<u32>,
    /// Who may publish to it; `None` where that was not read.
    #[serde(skip)]
    pub policy: Option<Arc<ResourcePolicy>>,
}

/// What a bucket's notification configuration says beyond its notifications, which are edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Whether every event of it goes to the default event bus. AWS: `EventBridgeConfiguration`.
    pub event_bridge: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(arn: &str) -> Node {
        let scope = Scope {
            partition: "aws".into(),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        };
        Node::from_arn(&Arn::parse(arn).expect("an ARN"), &scope)
    }

    #[test]
    fn what_stands_for_any_resource_says_whose() {
        for (arn, kind, name) in [
            (
                "arn:aws:execute-api:eu-west-1:111122223333:*",
                NodeKind::Apigateway,
                "any API of this account",
            ),
            ("arn:aws:elasticloadbalancing:eu-west-1:*:*", NodeKind::Alb, "any ALB"),
            (
                "arn:aws:s3::444455556666:*",
                NodeKind::External,
                "any S3 bucket of account 444455556666",
            ),
            ("arn:aws:s3:::*", NodeKind::S3, "any S3 bucket of this account"),
            (
                "arn:aws:events:eu-west-1:111122223333:rule/nightly-*",
                NodeKind::Eventbridge,
                "any EventBridge rule matching nightly-*",
            ),
            (
                "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/*",
                NodeKind::Alb,
                "web",
            ),
        ] {
            let node = node(arn);
            assert_eq!((node.kind, node.name.as_str()), (kind, name), "{arn}");
        }
    }

    #[test]
    fn a_bus_is_a_bus_and_a_rule_a_rule() {
        let bus = node("arn:aws:events:eu-west-1:111122223333:event-bus/shop");
        assert_eq!(
            (bus.kind, bus.resource(), bus.label()),
            (NodeKind::Eventbridge, Some("bus"), "bus")
        );
        let rule = node("arn:aws:events:eu-west-1:111122223333:rule/shop/nightly");
        assert_eq!(
            (rule.kind, rule.resource(), rule.label()),
            (NodeKind::Eventbridge, None, "rule")
        );
    }
}
