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
            // AWS: from a region that has to be opted into, SNS delivers to others under its name with the region.
            "sns" => (
                "sns.amazonaws.com",
                Some(format!("sns.{}.amazonaws.com", source.region)),
                source.text().to_owned(),
            ),
            "events" if source.resource.starts_with("rule/") => {
                ("events.amazonaws.com", None, source.text().to_owned())
            }
            "iot" => ("iot.amazonaws.com", None, source.text().to_owned()),
            // AWS: the source is told with `:*`, and the service goes by two names.
            "logs" => (
                "logs.amazonaws.com",
                Some(format!("logs.{}.amazonaws.com", scope.region)),
                format!("{}:*", source.text().strip_suffix(":*").unwrap_or(source.text())),
            ),
            // AWS: alarms ask a function under a name of their own, all others as CloudWatch.
            "cloudwatch" if target.service == "lambda" => {
                ("lambda.alarms.cloudwatch.amazonaws.com", None, source.text().to_owned())
            }
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

    /// Whether a policy's service principal is the one that asks; `None` if it may be another name of the same service. AWS:
    /// in China some end in `.amazonaws.com.cn`.
    pub(super) fn is_by(&self, service: &str) -> Option<bool> {
        let name = service.strip_suffix(".cn").unwrap_or(service).to_ascii_lowercase();
        if name == self.service || self.also.as_deref().is_some_and(|also| name == also) {
            return Some(true);
        }
        let is_regional = || {
            let rest = name.strip_suffix(".amazonaws.com")?;
            let (own, _) = rest.split_once('.')?;
            Some(self.also.is_none() && self.service.strip_suffix(".amazonaws.com") == Some(own))
        };
        let may_be = name.contains(['*', '?']) || is_regional() == Some(true);
        (!may_be).then_some(false)
    }
}
