//! The CloudWatch metrics that are read, with one-minute values.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// A metric. Each variant documents its namespace, unit and statistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// AWS/Lambda, sum.
    Invocations,
    /// AWS/Lambda, sum.
    Errors,
    /// AWS/Lambda, sum. Throttled attempts leave no log line.
    Throttles,
    /// AWS/Lambda Duration, p99, milliseconds.
    DurationP99,
    /// AWS/Lambda, maximum.
    ConcurrentExecutions,
    /// AWS/Lambda, maximum, milliseconds.
    AsyncEventAge,
    /// AWS/Lambda, sum: events lost.
    AsyncEventsDropped,
    /// AWS/Lambda, sum: events that could not be written to the DLQ, and are lost.
    DeadLetterErrors,
    /// AWS/Lambda, sum: records that could not be written to a destination, and are lost.
    DestinationDeliveryFailures,
    /// AWS/Lambda, maximum, milliseconds.
    IteratorAge,
    /// AWS/SQS `ApproximateAgeOfOldestMessage`, maximum, seconds.
    OldestMessageAge,
    /// AWS/SQS, sum. Excludes messages that SQS moved to a dead-letter queue.
    MessagesSent,
    /// AWS/SQS `NumberOfMessagesReceived`, sum: each receive of each message counts.
    MessagesReceived,
    /// AWS/SQS `NumberOfMessagesDeleted`, sum. Excludes messages that expired.
    MessagesDeleted,
    /// AWS/SNS `NumberOfNotificationsFailed`, sum, of a topic none of whose subscribers is reached by HTTP: each counts a
    /// message that SNS stopped retrying for one subscriber. AWS (metrics): messages sent to the subscription's dead-letter queue
    /// count, too.
    NotificationsFailed,
    /// The same for a topic with an HTTP or HTTPS subscription. AWS (losses): every attempt counts, so it does not prove a loss.
    NotificationAttemptsFailed,
    /// AWS/SNS `NumberOfNotificationsRedrivenToDlq`, sum: sent to a subscription's dead-letter queue.
    NotificationsRedriven,
    /// AWS/SNS `NumberOfNotificationsFailedToRedriveToDlq`, sum: lost.
    NotificationsLost,
    /// AWS/Events, sum.
    RuleInvocations,
    /// AWS/Events `FailedInvocations`, sum: events that were no longer retried for one target, including those sent to its
    /// dead-letter queue. AWS (metrics): absent if there are none.
    RuleFailures,
    /// AWS/Events `InvocationsSentToDlq`, sum: sent to a target's dead-letter queue.
    RuleDeadLettered,
    /// AWS/Events `InvocationsFailedToBeSentToDlq`, sum: lost.
    RuleEventsLost,
    /// AWS/Scheduler `InvocationDroppedCount` of a schedule group, sum: no longer retried, including those sent to a
    /// dead-letter queue.
    SchedulesDropped,
    /// AWS/Scheduler `InvocationsSentToDeadLetterCount` of a schedule group, sum.
    SchedulesDeadLettered,
    /// AWS/Scheduler `InvocationsFailedToBeSentToDeadLetterCount` of a schedule group, sum: lost.
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
            Self::MessagesReceived => ("AWS/SQS", "NumberOfMessagesReceived", "Sum"),
            Self::MessagesDeleted => ("AWS/SQS", "NumberOfMessagesDeleted", "Sum"),
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

/// The subject of a metric.
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
    /// The start of the minute; for AWS/Lambda, of the invocation.
    pub at: Timestamp,
    /// The value in the metric's unit.
    pub value: f64,
}
