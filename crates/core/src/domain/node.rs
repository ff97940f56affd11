//! Nodes of the graph.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::resource_policy::ResourcePolicy;
use super::{Arn, Function, NodeId, Scope};

/// The kind of a node. The names are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the AWS service of that name")]
pub enum NodeKind {
    Lambda,
    Sqs,
    Sns,
    S3,
    /// A rule, or a custom event bus.
    Eventbridge,
    /// A schedule of EventBridge Scheduler.
    Schedule,
    Pipe,
    /// A table with its stream.
    DynamodbStream,
    /// A table without a stream, or whose stream is not known.
    DynamodbTable,
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
    /// A job of S3 Batch Operations.
    S3Batch,
    /// A resource in another account or region, or of an unknown service.
    External,
}

impl NodeKind {
    /// The label of the box, at most eight cells wide.
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
            Self::DynamodbTable => "table",
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
            Self::S3Batch => "S3 batch",
            Self::External => "external",
        }
    }

    /// Its name in the JSON contract.
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
    /// Its kind.
    pub kind: NodeKind,
    /// The short name. Untrusted text.
    pub name: String,
    /// Further details.
    #[serde(default, skip_serializing_if = "Detail::is_none")]
    pub detail: Detail,
}

impl Node {
    /// A node of which only the ARN is known; `external` if outside the scope.
    #[must_use]
    pub fn from_arn(arn: &Arn<'_>, scope: &Scope) -> Self {
        // An ARN of any account or region is not external.
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
            detail: match (kind, arn.account) {
                (NodeKind::External, account) if !account.is_empty() && account != "*" => Detail::Pairs(vec![
                    ("account".to_owned(), account.to_owned()),
                    ("region".to_owned(), arn.region.to_owned()),
                    ("service".to_owned(), arn.service.to_owned()),
                ]),
                _ => Detail::None,
            },
        }
    }

    /// The type of resource, for kinds with several: `bus` as opposed to EventBridge rules. Part of the JSON contract.
    #[must_use]
    pub fn resource(&self) -> Option<&'static str> {
        Arn::parse(self.id.as_str())
            .is_some_and(|arn| arn.is_bus())
            .then_some("bus")
    }

    /// The label of its box, at most eight cells wide.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match (self.kind, self.resource()) {
            (NodeKind::Eventbridge, Some(resource)) => resource,
            (kind, _) => kind.label(),
        }
    }
}

/// Details of a node, by kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// None are known.
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
    /// Key-value pairs to show, for kinds without further logic.
    Pairs(Vec<(String, String)>),
}

impl Detail {
    /// Whether there are no details.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// The attributes of a queue, without its depth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Its URL.
    pub url: String,
    /// Visibility timeout in seconds.
    pub visibility_timeout_s: u32,
    /// Message retention period in seconds.
    pub retention_s: u32,
    /// `maxReceiveCount`: receives before a message moves to the dead-letter queue.
    pub max_receive_count: Option<u32>,
    /// Whether it is a FIFO queue.
    pub fifo: bool,
    /// `allowAll`, `denyAll` or `byQueue`, if a redrive allow policy is set.
    pub redrive_permission: Option<String>,
    /// With `byQueue`, the ARNs of the queues that may use it as their dead-letter queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redrive_sources: Vec<String>,
    /// The KMS key that encrypts it (`KmsMasterKeyId`), if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// Delivery delay in seconds (`DelaySeconds`).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay_s: u32,
    /// Maximum message size in bytes, including attributes (`MaximumMessageSize`); `None` if it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_message_bytes: Option<u32>,
    /// Its access policy; without statements if it has none, `None` if it was not read.
    #[serde(skip)]
    pub policy: Option<Arc<ResourcePolicy>>,
}

/// Whether a number is 0.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// The attributes of a topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Maximum message size in bytes (`MaximumMessageSize`), if set. AWS's default is 262,144.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_message_bytes: Option<u32>,
    /// The KMS key that encrypts it (`KmsMasterKeyId`), if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// The number of confirmed subscriptions, including those of other accounts. AWS (delivery): `SubscriptionsConfirmed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriptions: Option<u32>,
    /// Its access policy; `None` if it was not read.
    #[serde(skip)]
    pub policy: Option<Arc<ResourcePolicy>>,
}

/// The notification configuration of a bucket, without its notifications, which are edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Whether its events go to the default event bus. AWS (delivery): `EventBridgeConfiguration`.
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
