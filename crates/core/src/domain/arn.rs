//! Amazon Resource Names (ARNs).

use super::{NodeId, NodeKind};

/// An ARN split at its first five colons: `arn:partition:service:region:account:resource`.
///
/// Region and account are empty where the service leaves them out (an S3 bucket has neither).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    text: &'a str,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// The service's name in ARNs, e.g. `lambda`, `events`, `states`.
    pub service: &'a str,
    /// The region; may be empty.
    pub region: &'a str,
    /// The twelve-digit account ID; may be empty.
    pub account: &'a str,
    /// Everything after the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Parses an ARN; `None` if the text is not one.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let arn = Self {
            text,
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (!arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty()).then_some(arn)
    }

    /// The ARN as written.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The node of this ARN, and the alias or version in it. Edges lead to the function or state machine, so its qualifier
    /// is removed; a log group loses its `:*`, an API its stage, method and path, and a Kinesis consumer becomes the stream
    /// that it reads.
    #[must_use]
    pub fn node(&self) -> (NodeId, Option<String>) {
        let prefix = |tail: &str| {
            NodeId::from(format!(
                "arn:{}:{}:{}:{}:{tail}",
                self.partition, self.service, self.region, self.account
            ))
        };
        let whole = || (NodeId::from(self.text), None);
        match self.service {
            "lambda" => match self
                .resource
                .strip_prefix("function:")
                .and_then(|rest| rest.split_once(':'))
            {
                Some((name, qualifier)) => {
                    let qualifier = (qualifier != "$LATEST").then(|| qualifier.to_owned());
                    (prefix(&format!("function:{name}")), qualifier)
                }
                None => whole(),
            },
            "states" => match self
                .resource
                .strip_prefix("stateMachine:")
                .and_then(|rest| rest.split_once(':'))
            {
                Some((name, qualifier)) => (prefix(&format!("stateMachine:{name}")), Some(qualifier.to_owned())),
                None => whole(),
            },
            "logs" => (NodeId::from(self.text.strip_suffix(":*").unwrap_or(self.text)), None),
            "execute-api" => (prefix(self.resource.split('/').next().unwrap_or(self.resource)), None),
            // AWS (sqs-mappings): with enhanced fan-out a mapping names `stream/NAME/consumer/CONSUMER:CREATED`.
            "kinesis" => match self.resource.split_once("/consumer/") {
                Some((stream, _)) => (prefix(stream), None),
                None => whole(),
            },
            _ => whole(),
        }
    }

    /// The kind of the resource, as far as the ARN alone shows it.
    #[must_use]
    pub fn kind(&self) -> NodeKind {
        match self.service {
            "lambda" => NodeKind::Lambda,
            "sqs" => NodeKind::Sqs,
            "sns" => NodeKind::Sns,
            "s3" if self.resource.starts_with("job/") => NodeKind::S3Batch,
            "s3" => NodeKind::S3,
            "events" if self.resource.starts_with("api-destination/") => NodeKind::ApiDestination,
            "events" => NodeKind::Eventbridge,
            // AWS (delivery): `arn:aws:scheduler:::aws-sdk:SERVICE:CALL` is a universal target: an API call, not a schedule.
            "scheduler" if self.resource.starts_with("aws-sdk:") => NodeKind::External,
            "scheduler" => NodeKind::Schedule,
            "pipes" => NodeKind::Pipe,
            "dynamodb" if self.resource.starts_with("table/") && !self.resource.contains("/stream/") => {
                NodeKind::DynamodbTable
            }
            "dynamodb" => NodeKind::DynamodbStream,
            "kinesis" => NodeKind::Kinesis,
            "execute-api" | "apigateway" => NodeKind::Apigateway,
            "elasticloadbalancing" => NodeKind::Alb,
            "logs" => NodeKind::Logs,
            "ses" => NodeKind::Ses,
            "cognito-idp" | "cognito-identity" | "cognito-sync" => NodeKind::Cognito,
            "iot" => NodeKind::Iot,
            "config" => NodeKind::Config,
            "codecommit" => NodeKind::Codecommit,
            "cloudformation" => NodeKind::Cloudformation,
            "lex" => NodeKind::Lex,
            "states" => NodeKind::Stepfunctions,
            "kafka" => NodeKind::Kafka,
            "mq" => NodeKind::Mq,
            "rds" | "docdb" => NodeKind::Documentdb,
            "cloudwatch" => NodeKind::Alarm,
            "firehose" => NodeKind::Firehose,
            "appsync" => NodeKind::Appsync,
            "vpc-lattice" => NodeKind::VpcLattice,
            "secretsmanager" => NodeKind::Secretsmanager,
            "cloudfront" => NodeKind::Cloudfront,
            _ => NodeKind::External,
        }
    }

    /// The resource's short name, as shown to people.
    #[must_use]
    pub fn name(&self) -> &'a str {
        let name = self.own_name();
        let is_any = !name.is_empty() && name.bytes().all(|b| b == b'*');
        if is_any { any(self.service) } else { name }
    }

    /// A name for all resources of its service: `any API`.
    #[must_use]
    pub fn any(&self) -> &'static str {
        any(self.service)
    }

    fn own_name(&self) -> &'a str {
        let resource = self.resource;
        let part = |separator: char, n: usize| resource.split(separator).nth(n).unwrap_or(resource);
        let last = || resource.rsplit(['/', ':']).next().unwrap_or(resource);
        match self.service {
            "dynamodb" => resource
                .strip_prefix("table/")
                .and_then(|rest| rest.split('/').next())
                .unwrap_or(resource),
            "logs" => group(resource),
            "lambda" => {
                let rest = resource.strip_prefix("function:").unwrap_or(resource);
                rest.split(':').next().unwrap_or(rest)
            }
            "elasticloadbalancing" if resource.starts_with("loadbalancer/") => part('/', 2),
            // `stream/NAME`, `cluster/NAME/UUID`, `stack/NAME/UUID`, `targetgroup/NAME/ID`.
            "kinesis" | "kafka" | "cloudformation" | "elasticloadbalancing" => part('/', 1),
            "lex" if resource.starts_with("bot-alias/") => part('/', 1),
            // `broker:NAME:b-UUID`, `stateMachine:NAME[:VERSION]`, `intent:NAME:VERSION`.
            "mq" | "states" | "lex" => part(':', 1),
            "events" => match resource.split_once('/') {
                Some(("event-bus", bus)) => bus,
                Some(("api-destination" | "connection", _)) => part('/', 1),
                _ => last(),
            },
            "scheduler" => resource.strip_prefix("aws-sdk:").unwrap_or_else(last),
            "cloudwatch" => resource.strip_prefix("alarm:").unwrap_or_else(last),
            "sqs" | "sns" | "s3" => resource,
            "execute-api" => part('/', 0),
            _ => last(),
        }
    }

    /// Whether this is a default event bus.
    #[must_use]
    pub fn is_default_bus(&self) -> bool {
        self.service == "events" && self.resource == "event-bus/default"
    }

    /// Whether this is an event bus.
    #[must_use]
    pub fn is_bus(&self) -> bool {
        self.service == "events" && self.resource.starts_with("event-bus/")
    }

    /// Whether it contains a wildcard, and so names no single resource.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        let tail = match self.service {
            "logs" => group(self.resource),
            "execute-api" => self.resource.split('/').next().unwrap_or(self.resource),
            // AWS (permissions): `intent:NAME:*` is every version of one intent.
            "lex" => self.resource.strip_suffix(":*").unwrap_or(self.resource),
            _ => self.resource,
        };
        tail.contains(['*', '?']) || self.region.contains(['*', '?']) || self.account.contains(['*', '?'])
    }
}

/// The name of a log group, without the `:*` for its streams.
fn group(resource: &str) -> &str {
    let group = resource.strip_prefix("log-group:").unwrap_or(resource);
    group.strip_suffix(":*").unwrap_or(group)
}

/// A name for all resources of a service, where a policy names none of them.
fn any(service: &str) -> &'static str {
    match service {
        "execute-api" => "any API",
        "elasticloadbalancing" => "any ALB",
        "s3" => "any S3 bucket",
        "sns" => "any SNS topic",
        "events" => "any EventBridge rule",
        "scheduler" => "any schedule",
        "logs" => "any log group",
        "ses" => "any SES receipt rule",
        "cognito-idp" => "any Cognito user pool",
        "cognito-identity" | "cognito-sync" => "any Cognito identity pool",
        "config" => "any Config rule",
        "codecommit" => "any CodeCommit repository",
        "cloudformation" => "any CloudFormation stack",
        "iot" => "any IoT rule",
        "lex" => "any Lex bot",
        "states" => "any state machine",
        "cloudwatch" => "any alarm",
        "firehose" => "any Firehose stream",
        "appsync" => "any AppSync API",
        "vpc-lattice" => "any VPC Lattice service",
        "secretsmanager" => "any secret",
        "cloudfront" => "any CloudFront distribution",
        _ => "any resource",
    }
}

/// The name of the resource in an ARN; the text itself if it is not an ARN.
#[must_use]
pub fn short_name(text: &str) -> &str {
    Arn::parse(text).map_or(text, |arn| arn.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> (String, Option<String>) {
        let (id, qualifier) = Arn::parse(text).expect("an ARN").node();
        (id.to_string(), qualifier)
    }

    #[test]
    fn an_alias_is_the_functions_and_named_on_the_edge() {
        let base = "arn:aws:lambda:eu-west-1:111122223333:function:orders";
        assert_eq!(node(&format!("{base}:live")), (base.into(), Some("live".into())));
        assert_eq!(node(&format!("{base}:$LATEST")), (base.into(), None));
        assert_eq!(node(base), (base.into(), None));
    }

    #[test]
    fn log_groups_and_apis_lose_what_is_not_theirs() {
        assert_eq!(
            node("arn:aws:logs:r:1:log-group:/aws/x:*").0,
            "arn:aws:logs:r:1:log-group:/aws/x"
        );
        assert_eq!(
            node("arn:aws:execute-api:r:1:abc/*/POST/orders").0,
            "arn:aws:execute-api:r:1:abc"
        );
    }

    #[test]
    fn a_consumer_is_its_stream_and_a_version_its_state_machine() {
        assert_eq!(
            node("arn:aws:kinesis:r:1:stream/orders/consumer/lambda-a:1524472707").0,
            "arn:aws:kinesis:r:1:stream/orders"
        );
        assert_eq!(
            node("arn:aws:states:r:1:stateMachine:flow:3"),
            ("arn:aws:states:r:1:stateMachine:flow".into(), Some("3".into()))
        );
    }

    #[test]
    fn a_call_is_no_schedule_and_an_api_destination_no_rule() {
        let kind = |text| Arn::parse(text).expect("an ARN").kind();
        assert_eq!(kind("arn:aws:scheduler:::aws-sdk:sqs:sendMessage"), NodeKind::External);
        assert_eq!(kind("arn:aws:scheduler:r:1:schedule/default/x"), NodeKind::Schedule);
        assert_eq!(
            kind("arn:aws:events:r:1:api-destination/crm/7d"),
            NodeKind::ApiDestination
        );
        assert_eq!(kind("arn:aws:events:r:1:event-bus/shop"), NodeKind::Eventbridge);
    }

    #[test]
    fn names_are_the_short_ones() {
        let name = |text: &str| Arn::parse(text).expect("an ARN").name().to_owned();
        assert_eq!(
            name("arn:aws:dynamodb:r:1:table/orders/stream/2026-01-01T00:00:00.000"),
            "orders"
        );
        assert_eq!(name("arn:aws:events:r:1:rule/bus/nightly"), "nightly");
        assert_eq!(name("arn:aws:sqs:r:1:q.fifo"), "q.fifo");
        assert_eq!(name("arn:aws:logs:r:1:log-group:/aws/lambda/x:*"), "/aws/lambda/x");
        assert_eq!(name("arn:aws:lambda:r:1:function:x:live"), "x");
        for (arn, known) in [
            (
                "kafka:r:1:cluster/clicks/6ee4ae0e-1111-2222-3333-444455556666-2",
                "clicks",
            ),
            ("mq:r:1:broker:orders:b-1234-5678", "orders"),
            ("cognito-idp:r:1:userpool/us-east-1_AbCdEf", "us-east-1_AbCdEf"),
            ("events:r:1:api-destination/crm/7d1c-22", "crm"),
            ("events:r:1:event-bus/shop", "shop"),
            (
                "events:r:1:event-bus/aws.partner/example.com/1/x",
                "aws.partner/example.com/1/x",
            ),
            ("states:r:1:stateMachine:flow:live", "flow"),
            ("cloudformation:r:1:stack/web/0a1b-2c", "web"),
            ("elasticloadbalancing:r:1:targetgroup/web/0123", "web"),
            ("elasticloadbalancing:r:1:loadbalancer/app/front/0123", "front"),
            ("kinesis:r:1:stream/orders/consumer/a:1524472707", "orders"),
            ("firehose:r:1:deliverystream/logs", "logs"),
            ("scheduler:r:1:schedule/default/nightly", "nightly"),
            ("scheduler:::aws-sdk:sqs:sendMessage", "sqs:sendMessage"),
            ("cloudwatch:r:1:alarm:too many: errors/5xx", "too many: errors/5xx"),
            ("lex:r:1:intent:Order:*", "Order"),
            ("lex:r:1:bot-alias/BOT/ALIAS", "BOT"),
            ("execute-api:r:1:*", "any API"),
            ("execute-api:r:1:*/*/*/*", "any API"),
            ("events:r:1:rule/*", "any EventBridge rule"),
            ("elasticloadbalancing:r:1:*", "any ALB"),
        ] {
            assert_eq!(name(&format!("arn:aws:{arn}")), known);
        }
    }

    #[test]
    fn what_is_no_arn_is_none() {
        for text in [
            "",
            "arn",
            "arn:aws:sqs",
            "arn:aws:sqs:r:1:",
            "http://x",
            "urn:aws:sqs:r:1:q",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn patterns_name_no_single_resource() {
        let pattern = |text: &str| Arn::parse(text).expect("an ARN").is_pattern();
        assert!(pattern("arn:aws:events:r:1:rule/*"));
        assert!(!pattern("arn:aws:execute-api:r:1:abc/*/*/x"));
        assert!(pattern("arn:aws:execute-api:r:1:*/*/*/x"));
        assert!(!pattern("arn:aws:logs:r:1:log-group:/x:*"));
        for group in ["*", "*:*", "/aws/lambda/*", "/aws/lambda/*:*"] {
            assert!(pattern(&format!("arn:aws:logs:r:1:log-group:{group}")), "{group}");
        }
        assert!(pattern("arn:aws:logs:r:1:*"));
        assert!(!pattern("arn:aws:lex:r:1:intent:Order:*"));
    }
}
