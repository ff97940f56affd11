//! The rules by name.

use strum::{EnumIter, IntoStaticStr};

/// What a hint rests on. The names are those of the JSON contract, of SARIF and of the headings in `docs/doctor.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "kebab-case")]
pub enum Rule {
    /// Nothing that is sent along a trigger can arrive.
    CannotArrive,
    /// A dead-letter queue or destination cannot be written.
    DlqNotWritable,
    /// A queue's retention ends before a failing message reaches its dead-letter queue.
    RetentionBeforeDlq,
    /// A stream's retention ends before its mapping gives a record up.
    RetentionBeforeMaximumAge,
    /// A dead-letter queue's retention is no longer than that of its source.
    DlqRetention,
    /// A dead-letter queue's redrive allow policy leaves its source out.
    RedriveAllowPolicy,
    /// An asynchronous function has neither a dead-letter queue nor an on-failure destination.
    AsyncWithoutDlq,
    /// A visibility timeout is too short for its function.
    VisibilityTimeout,
    /// `maxReceiveCount` is so small that throttles use it up.
    MaxReceiveCount,
    /// Reserved concurrency is below what the mappings invoke at a time.
    ReservedConcurrency,
    /// One failing message brings its whole batch back.
    PartialBatchResponse,
    /// No alarm notices what arrives in a dead-letter queue.
    DlqWithoutAlarm,
    /// A policy allows a source that does not exist.
    StalePermission,
    /// A chain leads back to itself.
    Loop,
}

impl Rule {
    /// Its name: `visibility-timeout`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.into()
    }

    /// Whether the health of a box rests on it too, so that a list of issues has it already.
    #[must_use]
    pub fn is_issue(self) -> bool {
        matches!(
            self,
            Self::CannotArrive
                | Self::DlqNotWritable
                | Self::RetentionBeforeDlq
                | Self::RetentionBeforeMaximumAge
                | Self::DlqRetention
                | Self::RedriveAllowPolicy
                | Self::Loop
        )
    }

    /// AWS's page about it.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::CannotArrive => "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
            Self::DlqNotWritable => "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
            Self::RetentionBeforeDlq | Self::DlqRetention | Self::RedriveAllowPolicy => {
                "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"
            }
            Self::RetentionBeforeMaximumAge => {
                "https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html"
            }
            Self::AsyncWithoutDlq => {
                "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"
            }
            Self::VisibilityTimeout | Self::MaxReceiveCount => {
                "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"
            }
            Self::ReservedConcurrency => "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html",
            Self::PartialBatchResponse => {
                "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"
            }
            Self::DlqWithoutAlarm => {
                "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/dead-letter-queues-alarms-cloudwatch.html"
            }
            Self::StalePermission => "https://docs.aws.amazon.com/lambda/latest/dg/permissions-source.html",
            Self::Loop => "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html",
        }
    }
}
