//! Which permissions there are: by what was read, and by what was refused. Nothing is written to find out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::domain::phrase::Arg;
use crate::store::Snapshot;

/// The actions that watching needs. The policy of `docs/permissions.md` is this list.
pub const WATCH: &[&str] = &[
    "lambda:ListFunctions",
    "lambda:ListEventSourceMappings",
    "lambda:GetPolicy",
    "lambda:ListAliases",
    "lambda:ListFunctionEventInvokeConfigs",
    "lambda:GetFunctionEventInvokeConfig",
    "lambda:ListFunctionUrlConfigs",
    "lambda:GetFunction",
    "lambda:GetFunctionConfiguration",
    "lambda:GetFunctionRecursionConfig",
    "sqs:ListQueues",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListDeadLetterSourceQueues",
    "sns:ListTopics",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptions",
    "sns:ListSubscriptionsByTopic",
    "sns:GetSubscriptionAttributes",
    "s3:ListAllMyBuckets",
    "s3:GetBucketNotification",
    "events:ListEventBuses",
    "events:ListRules",
    "events:ListTargetsByRule",
    "scheduler:ListSchedules",
    "scheduler:GetSchedule",
    "pipes:ListPipes",
    "pipes:DescribePipe",
    "kinesis:DescribeStreamSummary",
    "kinesis:ListStreams",
    "dynamodb:DescribeStream",
    "logs:FilterLogEvents",
    "logs:DescribeLogGroups",
    "logs:DescribeSubscriptionFilters",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "cloudwatch:DescribeAlarms",
    "tag:GetResources",
];

/// The actions that a redrive needs on its queues and targets.
pub const REDRIVE: &[&str] = &[
    "sqs:ReceiveMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:SendMessage",
    "sqs:DeleteMessage",
    "lambda:InvokeFunction",
];

/// What is known of the caller's permissions.
pub(super) struct Access {
    /// Reads that were answered.
    pub granted: BTreeSet<String>,
    /// Reads that were refused for one resource or all.
    pub denied: BTreeSet<String>,
    /// Reads that failed otherwise.
    pub failed: BTreeSet<String>,
    /// Reads that nothing here needed.
    pub untried: BTreeSet<String>,
}

impl Access {
    /// What the calls of a look at the account show.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let unread = snapshot.unread();
        let refused = unread.iter().filter(|unknown| unknown.why.is("aws", "denied"));
        let denied: BTreeSet<String> = refused
            .filter_map(|unknown| match unknown.why.args.first() {
                Some((_, Arg::Text(action))) => Some(action.clone()),
                _ => None,
            })
            .collect();
        let parts = snapshot.topology.unread.iter().map(|part| part.api.clone());
        let failed: BTreeSet<String> = parts.filter(|action| !denied.contains(action)).collect();
        let tried = snapshot.cost.calls.by_api.keys();
        let granted = tried
            .filter(|action| !denied.contains(*action) && !failed.contains(*action))
            .cloned();
        let granted: BTreeSet<String> = granted.collect();
        let known =
            |action: &&&str| granted.contains(**action) || denied.contains(**action) || failed.contains(**action);
        let untried = WATCH
            .iter()
            .filter(|action| !known(action))
            .map(|action| (*action).to_owned());
        Self {
            untried: untried.collect(),
            granted,
            denied,
            failed,
        }
    }
}

/// The smallest policy that watching needs.
pub fn policy() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Resource": "*", "Action": WATCH }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policy of the page is that of the program.
    #[test]
    fn the_page_of_permissions_has_this_policy() {
        let page = include_str!("../../../docs/permissions.md");
        let json = page
            .split("```json")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .expect("a policy");
        let told: Value = serde_json::from_str(json).expect("JSON");
        assert_eq!(told, policy());
        for action in REDRIVE {
            assert!(page.contains(action), "{action}");
        }
    }
}
