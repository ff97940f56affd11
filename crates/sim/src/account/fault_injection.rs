//! Fault injection: denied actions, expired credentials, throttling, errors, a slow or a broken network, given as text
//! (`sqs:GetQueueAttributes=AccessDenied`, `*=expired`) or from the demo's keys, and changed while the account runs.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::endless::Endless;
use crate::behaviour::glob_matches;
use crate::call::{Fault, Service};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The caller lacks the permission.
    Denied,
    /// The credentials have expired.
    Expired,
    /// Too many calls.
    Throttled,
    /// The service answers 500.
    Broken,
    /// The connection is cut without an answer.
    Dropped,
    /// The answer takes so much longer, in wall time.
    Slow(Duration),
    /// The list does not end.
    Endless(Endless),
    /// Too many calls, where there are more than so many in a second.
    Limit(u32),
}

/// Which calls meet which trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The service; `None` for all.
    pub service: Option<Service>,
    /// The operation's name in any case; `*` stands for any text, `?` for one character.
    pub op: String,
    /// What happens to it.
    pub trouble: Trouble,
    /// To how many of the calls.
    pub share: Share,
}

/// Some of the calls, in percent. They are spread evenly, not drawn: of ten calls at 10 %, the tenth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(u8);

impl Share {
    /// Every call.
    pub const ALL: Self = Self(100);

    /// Whether the `n`-th call, counted from 1, is one of them.
    #[must_use]
    pub fn strikes(self, n: u64) -> bool {
        let share = u128::from(self.0);
        let hits = |n: u64| u128::from(n) * share / 100;
        hits(n) > hits(n.saturating_sub(1))
    }
}

/// Why a text is no [`Rule`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultSyntaxError {
    /// The calls are not reported from what happens to them.
    #[error("{0:?} has no `=`: SERVICE:OPERATION=WHAT")]
    NoEquals(String),
    /// The account has no such service.
    #[error("{0:?} is no service here: {known}", known = Service::ALL.map(Service::prefix).join(", "))]
    Service(String),
    /// Not a [`Trouble`].
    #[error(
        "{0:?} is none of AccessDenied, expired, throttle, 500, drop, endless, circle, hollow, a rate such as 15/s, or a delay such as 250ms"
    )]
    Trouble(String),
    /// Not a [`Share`].
    #[error("{0:?} is no share of the calls: 1% to 100%")]
    Share(String),
}

impl FromStr for Share {
    type Err = FaultSyntaxError;

    /// `10%`: a whole number from 1 to 100.
    fn from_str(text: &str) -> Result<Self, FaultSyntaxError> {
        let number = text
            .trim()
            .strip_suffix('%')
            .and_then(|number| number.trim().parse().ok());
        number
            .filter(|percent| (1..=100).contains(percent))
            .map(Self)
            .ok_or_else(|| FaultSyntaxError::Share(text.to_owned()))
    }
}

impl Rule {
    /// A rule for every call.
    #[must_use]
    pub fn all(trouble: Trouble) -> Self {
        Self {
            service: None,
            op: "*".to_owned(),
            trouble,
            share: Share::ALL,
        }
    }

    /// The services whose calls it may meet.
    pub fn services(&self) -> impl Iterator<Item = Service> + '_ {
        let wanted = |service: &Service| self.service.is_none_or(|named| named == *service);
        Service::ALL.into_iter().filter(wanted)
    }

    /// Whether a call meets it.
    #[must_use]
    pub fn meets(&self, service: Option<Service>, op: &str) -> bool {
        (self.service.is_none() || self.service == service) && glob_matches(&self.op.to_lowercase(), &op.to_lowercase())
    }
}

impl Rule {
    /// What goes wrong, as people say it: "credentials expired", "sqs:GetQueueAttributes denied".
    #[must_use]
    pub fn words(&self) -> String {
        let what = self.what();
        if self.share == Share::ALL {
            what
        } else {
            format!("{what}, {} % of calls", self.share.0)
        }
    }

    fn what(&self) -> String {
        let calls = match (self.service, self.op.as_str()) {
            (None, "*") => None,
            (None, op) => Some(op.to_owned()),
            (Some(service), "*") => Some(service.prefix().to_owned()),
            (Some(service), op) => Some(format!("{}:{op}", service.prefix())),
        };
        let Some(calls) = calls else {
            return match self.trouble {
                Trouble::Denied => "every permission denied".to_owned(),
                Trouble::Expired => "credentials expired".to_owned(),
                Trouble::Throttled => "every call throttled".to_owned(),
                Trouble::Broken => "every service fails (500)".to_owned(),
                Trouble::Dropped => "every connection cut".to_owned(),
                Trouble::Slow(by) => format!("answers {} ms late", by.as_millis()),
                Trouble::Endless(_) => "no list ends".to_owned(),
                Trouble::Limit(rate) => format!("at most {rate} calls a second"),
            };
        };
        match self.trouble {
            Trouble::Denied => format!("{calls} denied"),
            Trouble::Expired => format!("{calls}: credentials expired"),
            Trouble::Throttled => format!("{calls} throttled"),
            Trouble::Broken => format!("{calls} fails (500)"),
            Trouble::Dropped => format!("{calls}: connection cut"),
            Trouble::Slow(by) => format!("{calls} {} ms late", by.as_millis()),
            Trouble::Endless(_) => format!("{calls} does not end"),
            Trouble::Limit(rate) => format!("{calls} at most {rate} times a second"),
        }
    }
}

impl FromStr for Rule {
    type Err = FaultSyntaxError;

    /// `SERVICE:OPERATION=WHAT`, `SERVICE=WHAT` or `*=WHAT`; WHAT is `AccessDenied`, `expired`, `throttle`, `500`,
    /// `drop`, a list without end (`endless`: new tokens for ever, `circle`: the same token again, `hollow`: empty pages), a
    /// limit such as `15/s`, or a delay such as `250ms` or `2s`; `@10%` at the end: only a share of the calls.
    fn from_str(text: &str) -> Result<Self, FaultSyntaxError> {
        let (who, what) = text
            .split_once('=')
            .ok_or_else(|| FaultSyntaxError::NoEquals(text.to_owned()))?;
        let (service, op) = who.trim().split_once(':').unwrap_or((who.trim(), "*"));
        let service = match service {
            "*" => None,
            name => Some(named(name).ok_or_else(|| FaultSyntaxError::Service(name.to_owned()))?),
        };
        let (what, share) = match what.split_once('@') {
            Some((what, share)) => (what, share.parse()?),
            None => (what, Share::ALL),
        };
        Ok(Self {
            service,
            op: op.to_owned(),
            share,
            trouble: what.trim().parse()?,
        })
    }
}

fn named(name: &str) -> Option<Service> {
    let name = match name {
        "monitoring" => "cloudwatch",
        "tagging" => "tag",
        "streams" | "dynamodbstreams" => "streams.dynamodb",
        name => name,
    };
    Service::ALL
        .into_iter()
        .find(|service| service.prefix().eq_ignore_ascii_case(name))
}

impl FromStr for Trouble {
    type Err = FaultSyntaxError;

    fn from_str(text: &str) -> Result<Self, FaultSyntaxError> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "accessdenied" | "denied" | "deny" => Self::Denied,
            "expired" => Self::Expired,
            "throttle" | "throttled" => Self::Throttled,
            "500" | "error" => Self::Broken,
            "drop" | "dropped" => Self::Dropped,
            "endless" => Self::Endless(Endless::NewTokens),
            "circle" => Self::Endless(Endless::SameToken),
            "hollow" => Self::Endless(Endless::EmptyPages),
            other => {
                let limit = other.strip_suffix("/s").and_then(|rate| rate.parse().ok());
                let limit = limit.filter(|rate| *rate > 0).map(Self::Limit);
                let delay = || duration(other).map(Self::Slow);
                limit
                    .or_else(delay)
                    .ok_or_else(|| FaultSyntaxError::Trouble(text.to_owned()))?
            }
        })
    }
}

/// `250ms` or `2s`, at most an hour.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s')?, 1000),
    };
    let ms = number.trim().parse::<u64>().ok()?.checked_mul(unit)?;
    (ms <= 3_600_000).then(|| Duration::from_millis(ms))
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.service.map_or("*", Service::prefix);
        write!(f, "{service}:{}=", self.op)?;
        match self.trouble {
            Trouble::Denied => f.write_str("AccessDenied"),
            Trouble::Expired => f.write_str("expired"),
            Trouble::Throttled => f.write_str("throttle"),
            Trouble::Broken => f.write_str("500"),
            Trouble::Dropped => f.write_str("drop"),
            Trouble::Slow(delay) => write!(f, "{}ms", delay.as_millis()),
            Trouble::Endless(Endless::NewTokens) => f.write_str("endless"),
            Trouble::Endless(Endless::SameToken) => f.write_str("circle"),
            Trouble::Endless(Endless::EmptyPages) => f.write_str("hollow"),
            Trouble::Limit(rate) => write!(f, "{rate}/s"),
        }?;
        if self.share == Share::ALL {
            Ok(())
        } else {
            write!(f, "@{}%", self.share.0)
        }
    }
}

/// How the service itself words the trouble. `None` for the kinds that have no answer.
#[must_use]
pub fn fault(trouble: Trouble, service: Option<Service>, op: &str, account: &str) -> Option<Fault> {
    Some(match trouble {
        Trouble::Denied => denied(service, op, account),
        Trouble::Expired => expired(service),
        Trouble::Throttled => throttled(service),
        Trouble::Broken => broken(service),
        Trouble::Dropped | Trouble::Slow(_) | Trouble::Endless(_) | Trouble::Limit(_) => return None,
    })
}

fn denied(service: Option<Service>, op: &str, account: &str) -> Fault {
    let action = action(service, op);
    let message = format!(
        "User: arn:aws:iam::{account}:user/demo is not authorized to perform: {action} because no identity-based \
         policy allows the {action} action"
    );
    match service {
        Some(Service::S3) => Fault::new(403, "AccessDenied", "Access Denied"),
        Some(Service::Sns) => Fault::new(403, "AuthorizationErrorException", message),
        Some(Service::Sts | Service::Iam | Service::CloudWatch | Service::Balancers) => {
            Fault::new(403, "AccessDenied", message)
        }
        Some(
            Service::Sqs
            | Service::Lambda
            | Service::Scheduler
            | Service::Pipes
            | Service::ApiGateway
            | Service::ApiGatewayV2,
        ) => Fault::new(403, "AccessDeniedException", message),
        _ => Fault::bad("AccessDeniedException", message),
    }
}

/// The action's name in a policy, which for some operations is not the operation's.
fn action(service: Option<Service>, op: &str) -> String {
    let prefix = match service {
        Some(Service::DynamoDbStreams) => "dynamodb",
        Some(Service::ApiGatewayV2) => "apigateway",
        Some(service) => service.prefix(),
        None => "*",
    };
    let op = match (service, op) {
        (Some(Service::Lambda), "Invoke") => "InvokeFunction",
        (Some(Service::S3), "ListObjects" | "ListObjectsV2" | "HeadBucket") => "ListBucket",
        (Some(Service::S3), "ListBuckets") => "ListAllMyBuckets",
        (Some(Service::S3), "GetBucketNotificationConfiguration") => "GetBucketNotification",
        (Some(Service::S3), "PutBucketNotificationConfiguration") => "PutBucketNotification",
        (Some(Service::S3), "HeadObject") => "GetObject",
        (Some(Service::Sqs), "SendMessageBatch") => "SendMessage",
        (Some(Service::Sqs), "DeleteMessageBatch") => "DeleteMessage",
        (Some(Service::Sqs), "ChangeMessageVisibilityBatch") => "ChangeMessageVisibility",
        (Some(Service::ApiGateway | Service::ApiGatewayV2), op) if op.starts_with("Get") => "GET",
        (_, op) => op,
    };
    format!("{prefix}:{op}")
}

fn expired(service: Option<Service>) -> Fault {
    let message = "The security token included in the request is expired";
    match service {
        Some(Service::S3) => Fault::bad("ExpiredToken", "The provided token has expired."),
        Some(Service::Sns | Service::Sts | Service::Iam | Service::CloudWatch | Service::Balancers) => {
            Fault::new(403, "ExpiredToken", message)
        }
        Some(
            Service::Events
            | Service::Logs
            | Service::Kinesis
            | Service::DynamoDb
            | Service::DynamoDbStreams
            | Service::Tagging
            | Service::States
            | Service::Cognito
            | Service::Secrets,
        ) => Fault::bad("ExpiredTokenException", message),
        _ => Fault::new(403, "ExpiredTokenException", message),
    }
}

fn throttled(service: Option<Service>) -> Fault {
    let message = "Rate exceeded";
    match service {
        Some(Service::Lambda) => Fault::new(429, "TooManyRequestsException", "Rate Exceeded.")
            .with("Reason", "CallerRateLimitExceeded")
            .with("retryAfterSeconds", "1"),
        Some(Service::S3) => Fault::new(503, "SlowDown", "Please reduce your request rate."),
        Some(Service::Sqs) => Fault::bad("RequestThrottled", "Request is throttled."),
        Some(Service::Sns | Service::Sts | Service::Iam | Service::CloudWatch | Service::Balancers) => {
            Fault::bad("Throttling", message)
        }
        Some(Service::ApiGateway | Service::ApiGatewayV2) => {
            Fault::new(429, "TooManyRequestsException", "Too Many Requests")
        }
        Some(Service::Scheduler | Service::Pipes) => Fault::new(429, "ThrottlingException", message),
        Some(Service::DynamoDb | Service::DynamoDbStreams) => Fault::bad(
            "ThrottlingException",
            "Throughput exceeds the current capacity of your table or index.",
        ),
        _ => Fault::bad("ThrottlingException", message),
    }
}

fn broken(service: Option<Service>) -> Fault {
    let code = match service {
        Some(Service::Lambda) => "ServiceException",
        Some(Service::S3) => "InternalError",
        Some(Service::DynamoDb | Service::DynamoDbStreams) => "InternalServerError",
        Some(Service::Events | Service::Pipes) => "InternalException",
        Some(Service::Scheduler) => "InternalServerException",
        Some(Service::Sns) => "InternalErrorException",
        _ => "InternalFailure",
    };
    Fault::new(500, code, "An internal error occurred")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rule_is_text() {
        for (text, again) in [
            (
                "sqs:GetQueueAttributes=AccessDenied",
                "sqs:GetQueueAttributes=AccessDenied",
            ),
            ("lambda:*=500", "lambda:*=500"),
            ("*=expired", "*:*=expired"),
            ("logs:FilterLogEvents=throttle", "logs:FilterLogEvents=throttle"),
            ("lambda:GetPolicy=15/s", "lambda:GetPolicy=15/s"),
            ("sqs:ListQueues=circle", "sqs:ListQueues=circle"),
            ("s3=2s", "s3:*=2000ms"),
            ("*:List*=drop", "*:List*=drop"),
            ("monitoring:*=denied", "cloudwatch:*=AccessDenied"),
            ("sqs:SendMessage=500@10%", "sqs:SendMessage=500@10%"),
            ("sqs=2s@100%", "sqs:*=2000ms"),
        ] {
            let rule: Rule = text.parse().expect(text);
            assert_eq!(rule.to_string(), again);
            assert_eq!(again.parse::<Rule>(), Ok(rule));
        }
        for bad in [
            "",
            "sqs",
            "nope:*=500",
            "sqs:*=sometimes",
            "sqs:*=99999h",
            "sqs:*=-1s",
            "*=500@",
            "*=500@0%",
            "*=500@101%",
            "*=500@5",
        ] {
            assert!(bad.parse::<Rule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rule_is_said_in_words_without_signs() {
        let said = |text: &str| text.parse::<Rule>().expect(text).words();
        assert_eq!(said("*=expired"), "credentials expired");
        assert_eq!(said("*=800ms"), "answers 800 ms late");
        assert_eq!(
            said("sqs:GetQueueAttributes=AccessDenied"),
            "sqs:GetQueueAttributes denied"
        );
        assert_eq!(said("logs=throttle"), "logs throttled");
        assert_eq!(said("*:List*=drop"), "List*: connection cut");
        assert_eq!(said("sqs=500@10%"), "sqs fails (500), 10 % of calls");
    }

    #[test]
    fn a_share_is_spread_evenly() {
        let struck = |share: &str, calls: std::ops::RangeInclusive<u64>| {
            let share: Share = share.parse().expect(share);
            calls.filter(|n| share.strikes(*n)).collect::<Vec<_>>()
        };
        assert_eq!(struck("10%", 1..=30), [10, 20, 30]);
        assert_eq!(struck("100%", 1..=3), [1, 2, 3]);
        assert_eq!(struck("33%", 1..=1_000).len(), 330);
    }

    #[test]
    fn a_rule_meets_what_it_names() {
        let rule: Rule = "sqs:*Message*=500".parse().expect("a rule");
        assert!(rule.meets(Some(Service::Sqs), "ReceiveMessage"));
        assert!(!rule.meets(Some(Service::Sqs), "ListQueues"));
        assert!(!rule.meets(Some(Service::Sns), "ReceiveMessage"));
        assert!(Rule::all(Trouble::Expired).meets(None, ""));
    }

    #[test]
    fn each_service_words_it_its_own_way() {
        let worded = |trouble, service| fault(trouble, Some(service), "X", "1").expect("an answer");
        assert_eq!(worded(Trouble::Expired, Service::S3).code, "ExpiredToken");
        assert_eq!(worded(Trouble::Expired, Service::Lambda).status, 403);
        assert_eq!(worded(Trouble::Throttled, Service::Lambda).status, 429);
        assert!(worded(Trouble::Denied, Service::Logs).message.contains("logs:X"));
        assert_eq!(fault(Trouble::Dropped, None, "", "1"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_rule_or_an_error(text in "[a-z*:=0-9 @%]{0,30}", op in "[A-Za-z]{0,20}") {
            if let Ok(rule) = text.parse::<Rule>() {
                let _ = rule.meets(None, &op);
                prop_assert_eq!(rule.to_string().parse::<Rule>(), Ok(rule));
            }
        }
    }
}
