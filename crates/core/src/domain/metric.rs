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
    /// AWS/SNS `NumberOfNotificationsFailed`, sum, of a topic none of whose subscribers is reached by HTTP: each count is a
    /// message that SNS gave up for one subscriber. AWS: a message that went to the subscription's dead-letter queue counts too.
    NotificationsFailed,
    /// The same of a topic with an HTTP or HTTPS subscription. AWS: for these it counts every attempt, so that it proves no loss.
    NotificationAttemptsFailed,
    /// AWS/SNS `NumberOfNotificationsRedrivenToDlq`, sum: given up, and kept in a subscription's dead-letter queue.
    NotificationsRedriven,
    /// AWS/SNS `NumberOfNotificationsFailedToRedriveToDlq`, sum: lost for good.
    NotificationsLost,
    /// AWS/Events, sum.
    RuleInvocations,
    /// AWS/Events `FailedInvocations`, sum: events that were given up for one target, those that its dead-letter queue took
    /// included. AWS: absent where there is none.
    RuleFailures,
    /// AWS/Events `InvocationsSentToDlq`, sum: given up, and kept in a target's dead-letter queue.
    RuleDeadLettered,
    /// AWS/Events `InvocationsFailedToBeSentToDlq`, sum: lost for good.
    RuleEventsLost,
    /// AWS/Scheduler `InvocationDroppedCount` of a schedule group, sum: given up, those that a dead-letter queue took included.
    SchedulesDropped,
    /// AWS/Scheduler `InvocationsSentToDeadLetterCount` of a schedule group, sum.
    SchedulesDeadLettered,
    /// AWS/Scheduler `InvocationsFailedToBeSentToDeadLetterCount` of a schedule group, sum: lost for good.
    SchedulesLost,
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
            Self::NotificationsFailed | Self::NotificationAttemptsFailed => {
                ("AWS/SNS", "NumberOfNotificationsFailed", "Sum")
            }
            Self::NotificationsRedriven => ("AWS/SNS", "NumberOfNotificationsRedrivenToDlq", "Sum"),
            Self::NotificationsLost => ("AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq", "Sum"),
            Self::RuleInvocations => ("AWS/Events", "Invocations", "Sum"),
            Self::RuleFailures => ("AWS/Events", "FailedInvocations", "Sum"),
            Self::RuleDeadLettered => ("AWS/Events", "InvocationsSentToDlq", "Sum"),
            Self::RuleEventsLost => ("AWS/Events", "InvocationsFailedToBeSentToDlq", "Sum"),
            Self::SchedulesDropped => ("AWS/Scheduler", "InvocationDroppedCount", "Sum"),
            Self::SchedulesDeadLettered => ("AWS/Scheduler", "InvocationsSentToDeadLetterCount", "Sum"),
            Self::SchedulesLost => ("AWS/Scheduler", "InvocationsFailedToBeSentToDeadLetterCount", "Sum"),
        }
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
