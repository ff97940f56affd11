//! The CloudWatch metrics that are read, one-minute values.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// A metric. The doc comment of each says its unit and statistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// AWS/Lambda, sum.
    Invocations,
    /// AWS/Lambda, sum.
    Errors,
    /// AWS/Lambda, sum. Throttled tries leave no line in the log.
    Throttles,
    /// AWS/Lambda Duration, p99, milliseconds.
    DurationP99,
    /// AWS/Lambda, maximum.
    ConcurrentExecutions,
    /// AWS/Lambda, maximum, milliseconds.
    AsyncEventAge,
    /// AWS/Lambda, sum: events lost for good.
    AsyncEventsDropped,
    /// AWS/Lambda, sum: dead letters that could not be written, so lost for good.
    DeadLetterErrors,
    /// AWS/Lambda, sum: destination records that could not be written, so lost for good.
    DestinationDeliveryFailures,
    /// AWS/Lambda, maximum, milliseconds.
    IteratorAge,
    /// AWS/SQS `ApproximateAgeOfOldestMessage`, maximum, seconds.
    OldestMessageAge,
    /// AWS/SQS, sum. Moves into a dead-letter queue do not count.
    MessagesSent,
    /// AWS/SNS `NumberOfNotificationsFailedToRedriveToDlq`, sum: lost for good.
    NotificationsLost,
    /// AWS/Events, sum.
    RuleInvocations,
    /// AWS/Events `FailedInvocations`, sum.
    RuleFailures,
    /// AWS/Events `InvocationsFailedToBeSentToDlq`, sum: lost for good.
    RuleEventsLost,
}

impl Metric {
    /// CloudWatch's namespace, name, and statistic.
    #[must_use]
    pub fn source(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Invocations => ("AWS/Lambda", "Invocations", "Sum"),
            Self::Errors => ("AWS/Lambda", "Errors", "Sum"),
            Self::Throttles => ("AWS/Lambda", "Throttles", "Sum"),
            Self::DurationP99 => ("AWS/Lambda", "Duration", "p99"),
            Self::ConcurrentExecutions => ("AWS/Lambda", "ConcurrentExecutions", "Maximum"),
            Self::AsyncEventAge => ("AWS/Lambda", "AsyncEventAge", "Maximum"),
            Self::AsyncEventsDropped => ("AWS/Lambda", "AsyncEventsDropped", "Sum"),
            Self::DeadLetterErrors => ("AWS/Lambda", "DeadLetterErrors", "Sum"),
            Self::DestinationDeliveryFailures => ("AWS/Lambda", "DestinationDeliveryFailures", "Sum"),
            Self::IteratorAge => ("AWS/Lambda", "IteratorAge", "Maximum"),
            Self::OldestMessageAge => ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"),
            Self::MessagesSent => ("AWS/SQS", "NumberOfMessagesSent", "Sum"),
            Self::NotificationsLost => ("AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq", "Sum"),
            Self::RuleInvocations => ("AWS/Events", "Invocations", "Sum"),
            Self::RuleFailures => ("AWS/Events", "FailedInvocations", "Sum"),
            Self::RuleEventsLost => ("AWS/Events", "InvocationsFailedToBeSentToDlq", "Sum"),
        }
    }

    /// Whether each count is an event that nobody will try again.
    #[must_use]
    pub fn means_lost(self) -> bool {
        matches!(
            self,
            Self::AsyncEventsDropped
                | Self::DeadLetterErrors
                | Self::DestinationDeliveryFailures
                | Self::NotificationsLost
                | Self::RuleEventsLost
        )
    }
}

/// Of what a metric tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The whole account and region.
    Account,
    /// One node.
    Node(NodeId),
}

/// The value of one minute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Where the minute starts; for AWS/Lambda the time of invocation.
    pub at: Timestamp,
    /// In the metric's unit.
    pub value: f64,
}
