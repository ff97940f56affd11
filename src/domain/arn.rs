//! Amazon Resource Names, taken apart.

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
    /// The region, or nothing.
    pub region: &'a str,
    /// The account's twelve digits, or nothing.
    pub account: &'a str,
    /// All after the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes a text apart; `None` where it is no ARN.
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

    /// The node this ARN stands for, and the alias or version it names: a function's qualifier is taken off (`edges go
    /// to the function`), a log group loses its `:*`, an API its stage, method and path.
    #[must_use]
    pub fn node(&self) -> (NodeId, Option<String>) {
        let prefix = |tail: &str| {
            NodeId::from(format!(
                "arn:{}:{}:{}:{}:{tail}",
                self.partition, self.service, self.region, self.account
            ))
        };
        match self.service {
            "lambda" => {
                if let Some(rest) = self.resource.strip_prefix("function:")
                    && let Some((name, qualifier)) = rest.split_once(':')
                {
                    let qualifier = (qualifier != "$LATEST").then(|| qualifier.to_owned());
                    return (prefix(&format!("function:{name}")), qualifier);
                }
                (NodeId::from(self.text), None)
            }
            "logs" => (NodeId::from(self.text.strip_suffix(":*").unwrap_or(self.text)), None),
            "execute-api" => (prefix(self.resource.split('/').next().unwrap_or(self.resource)), None),
            _ => (NodeId::from(self.text), None),
        }
    }

    /// What kind of thing the service calls this, where the ARN alone tells it.
    #[must_use]
    pub fn kind(&self) -> NodeKind {
        match self.service {
            "lambda" => NodeKind::Lambda,
            "sqs" => NodeKind::Sqs,
            "sns" => NodeKind::Sns,
            "s3" => NodeKind::S3,
            "events" => NodeKind::Eventbridge,
            "scheduler" => NodeKind::Schedule,
            "pipes" => NodeKind::Pipe,
            "dynamodb" => NodeKind::DynamodbStream,
            "kinesis" => NodeKind::Kinesis,
            "execute-api" | "apigateway" => NodeKind::Apigateway,
            "elasticloadbalancing" => NodeKind::Alb,
            "logs" => NodeKind::Logs,
            "ses" => NodeKind::Ses,
            "cognito-idp" => NodeKind::Cognito,
            "iot" => NodeKind::Iot,
            "config" => NodeKind::Config,
            "codecommit" => NodeKind::Codecommit,
            "cloudformation" => NodeKind::Cloudformation,
            "lex" => NodeKind::Lex,
            "states" => NodeKind::Stepfunctions,
            "kafka" => NodeKind::Kafka,
            "mq" => NodeKind::Mq,
            "rds" | "docdb" => NodeKind::Documentdb,
            _ => NodeKind::External,
        }
    }

    /// The short name a person knows the resource by.
    #[must_use]
    pub fn name(&self) -> &'a str {
        let resource = self.resource;
        match self.service {
            "dynamodb" => resource
                .strip_prefix("table/")
                .and_then(|rest| rest.split('/').next())
                .unwrap_or(resource),
            "logs" => {
                let group = resource.strip_prefix("log-group:").unwrap_or(resource);
                group.strip_suffix(":*").unwrap_or(group)
            }
            "lambda" => {
                let rest = resource.strip_prefix("function:").unwrap_or(resource);
                rest.split(':').next().unwrap_or(rest)
            }
            "elasticloadbalancing" => resource.split('/').nth(1).unwrap_or(resource),
            "sqs" | "sns" | "s3" => resource,
            "execute-api" => resource.split('/').next().unwrap_or(resource),
            _ => resource.rsplit(['/', ':']).next().unwrap_or(resource),
        }
    }

    /// Whether this is the account's default event bus, which is no node: every event of every service passes there.
    #[must_use]
    pub fn is_default_bus(&self) -> bool {
        self.service == "events" && self.resource == "event-bus/default"
    }

    /// Whether the text holds a wildcard, so that it names no single resource.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        let tail = if self.service == "logs" {
            self.resource.trim_end_matches(":*")
        } else {
            self.resource
        };
        let tail = if self.service == "execute-api" {
            tail.split('/').next().unwrap_or(tail)
        } else {
            tail
        };
        tail.contains(['*', '?']) || self.region.contains('*') || self.account.contains('*')
    }
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
    fn names_are_the_short_ones() {
        let name = |text| Arn::parse(text).expect("an ARN").name().to_owned();
        assert_eq!(
            name("arn:aws:dynamodb:r:1:table/orders/stream/2026-01-01T00:00:00.000"),
            "orders"
        );
        assert_eq!(name("arn:aws:events:r:1:rule/bus/nightly"), "nightly");
        assert_eq!(name("arn:aws:sqs:r:1:q.fifo"), "q.fifo");
        assert_eq!(name("arn:aws:logs:r:1:log-group:/aws/lambda/x:*"), "/aws/lambda/x");
        assert_eq!(name("arn:aws:lambda:r:1:function:x:live"), "x");
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
        let pattern = |text| Arn::parse(text).expect("an ARN").is_pattern();
        assert!(pattern("arn:aws:events:r:1:rule/*"));
        assert!(!pattern("arn:aws:execute-api:r:1:abc/*/*/x"));
        assert!(pattern("arn:aws:execute-api:r:1:*/*/*/x"));
        assert!(!pattern("arn:aws:logs:r:1:log-group:/x:*"));
    }
}
