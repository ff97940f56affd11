//! What AWS asks of a resource when it delivers an event: who, what, for which source.

use std::borrow::Cow;

use crate::domain::{Arn, Scope};

/// One request as AWS makes it on behalf of a resource of this account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The service that calls, as policies name it: `s3.amazonaws.com`.
    pub service: Cow<'static, str>,
    /// Another name of the same service that policies may use: `logs.eu-west-1.amazonaws.com`.
    pub also: Option<String>,
    /// What it does there, as IAM names the action.
    pub action: &'static str,
    /// The ARN of the function, alias, queue or topic that it reaches.
    pub resource: String,
    /// `aws:SourceArn`: the bucket, topic, rule, log group.
    pub source_arn: String,
    /// `aws:SourceAccount`: who owns that.
    pub source_account: String,
    /// Where it happens.
    pub region: String,
}

impl Ask {
    /// The request that a source's service makes to deliver to a target. `None` if the two are joined otherwise: by a
    /// role, by polling, by the caller's own permission, or in a way not known here.
    #[must_use]
    pub fn of(source: &Arn<'_>, target: &Arn<'_>, qualifier: Option<&str>, scope: &Scope) -> Option<Self> {
        let (service, also, source_arn): (&'static str, Option<String>, String) = match source.service {
            "s3" => ("s3.amazonaws.com", None, source.text().to_owned()),
            // AWS (permissions): `sns.REGION.amazonaws.com` delivers from an opt-in region to another region. Other regions are not
            // evaluated here.
            "sns" => ("sns.amazonaws.com", None, source.text().to_owned()),
            "events" if source.resource.starts_with("rule/") => {
                ("events.amazonaws.com", None, source.text().to_owned())
            }
            "iot" => ("iot.amazonaws.com", None, source.text().to_owned()),
            // AWS (permissions): the source ARN ends with `:*`, and the service has two principals.
            "logs" => (
                "logs.amazonaws.com",
                Some(format!("logs.{}.amazonaws.com", scope.region)),
                format!("{}:*", source.text().strip_suffix(":*").unwrap_or(source.text())),
            ),
            // AWS (permissions): alarms ask a function under a name of their own, a topic as CloudWatch.
            "cloudwatch" if target.service == "lambda" => {
                ("lambda.alarms.cloudwatch.amazonaws.com", None, source.text().to_owned())
            }
            "cloudwatch" => ("cloudwatch.amazonaws.com", None, source.text().to_owned()),
            _ => return None,
        };
        let action = match target.service {
            "lambda" => "lambda:InvokeFunction",
            "sqs" => "sqs:SendMessage",
            "sns" => "sns:Publish",
            _ => return None,
        };
        let resource = match qualifier {
            Some(qualifier) => format!("{}:{qualifier}", target.text()),
            None => target.text().to_owned(),
        };
        let account = if source.account.is_empty() {
            &scope.account
        } else {
            source.account
        };
        Some(Self {
            service: Cow::Borrowed(service),
            also,
            action,
            resource,
            source_arn,
            source_account: account.to_owned(),
            region: scope.region.clone(),
        })
    }

    /// Whether a policy's service principal is that of the caller; `None` if it may be another name of the same service: in
    /// another case, with a region, of another partition. AWS documents such names for some services only, and does not say
    /// how others are treated. AWS (permissions): in China some end in `.amazonaws.com.cn`.
    pub(super) fn is_by(&self, service: &str) -> Option<bool> {
        let names = [Some(&*self.service), self.also.as_deref()];
        let mut names = names.into_iter().flatten();
        let in_china = |name: &str| {
            let is_there = self.region.starts_with("cn-");
            is_there && service.strip_suffix(".cn").is_some_and(|plain| plain == name)
        };
        if names.any(|name| name == service || in_china(name)) {
            return Some(true);
        }
        // Where AWS documents names with a region, one with another region is another principal.
        let is_of_elsewhere = self.also.is_some() && service.strip_suffix(".amazonaws.com").is_some_and(has_region);
        let may_be = service.contains(['*', '?']) || (own(service) == own(&self.service) && !is_of_elsewhere);
        (!may_be).then_some(false)
    }
}

/// Whether a name ends in a region, which ends in a digit.
fn has_region(name: &str) -> bool {
    name.contains('.') && name.ends_with(|c: char| c.is_ascii_digit())
}

/// The service part of a service principal, in lower case: `sns` of `SNS.eu-west-1.amazonaws.com`,
/// `lambda.alarms.cloudwatch` of `lambda.alarms.cloudwatch.amazonaws.com`. A part that ends in a digit is a region.
fn own(service: &str) -> String {
    let name = service.to_ascii_lowercase();
    let plain = name.strip_suffix(".cn").unwrap_or(&name);
    let plain = plain.strip_suffix(".amazonaws.com").unwrap_or(plain);
    let parts = plain
        .split('.')
        .filter(|part| !part.ends_with(|c: char| c.is_ascii_digit()));
    parts.collect::<Vec<_>>().join(".")
}
