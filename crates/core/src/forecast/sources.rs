//! What starts functions: one table of the rules by which each source does.
//!
//! The forecast takes the pattern from it, the page of sources is made of it. AWS (async), (delivery), (sqs-mappings), (streams),
//! (kafka) have the facts.

use crate::domain::NodeKind;
use crate::domain::delivery::Pattern;
use crate::phrases;

/// What is known of one kind of source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The kind of its node.
    pub kind: NodeKind,
    /// The retry rules of what it starts; `None` if several are possible, or AWS publishes none.
    pub pattern: Option<Pattern>,
    /// Who retries.
    pub retries: Retries,
    /// What limits it.
    pub limits: Limits,
    /// Where failures land.
    pub lands: FailureLands,
    /// The IAM actions of the calls that find it.
    pub found_by: &'static [&'static str],
    /// Whether the chain is complete without it.
    pub block: Block,
}

/// A block of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Without these the chain is not complete.
    Chain,
    /// These only add to it.
    More,
}

phrases! {
    /// Who retries, and how often.
    pub enum Retries in "source-retries" { ByAlarmThenLambda, ByBroker, ByFirehose, ByHowInvoked, ByKafka, ByLambda, ByLogsThenLambda, ByMapping, ByPipe, ByQueue, ByRuleThenLambda, ByTask, ByTopicThenLambda, None, NotPublished, ThreeTimes, UntilExpiry }
}

phrases! {
    /// What limits a source.
    pub enum Limits in "source-limits" { EightSeconds, FifteenMinutes, FiveSeconds, FourteenMinutes, HalfMinute, None, ObjectsOnce, OneMegabyte, Pollers, Shards, SizeOfTopic, TargetsOfRule, ThreeHours, TwoFilters }
}

phrases! {
    /// Where failures land.
    pub enum FailureLands in "source-lands" { ByHowInvoked, ByTask, Caller, NotPublished, Nowhere, OfBroker, OfFirehose, OfFunction, OfMapping, OfPipe, OfQueue, OfSubscription, OfTarget }
}

/// All sources.
pub static SOURCES: [Facts; 32] = [
    Facts {
        kind: NodeKind::S3,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByLambda,
        limits: Limits::ObjectsOnce,
        lands: FailureLands::OfFunction,
        found_by: &["s3:GetBucketNotification"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Sns,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByTopicThenLambda,
        limits: Limits::SizeOfTopic,
        lands: FailureLands::OfSubscription,
        found_by: &["sns:ListSubscriptions", "sns:GetSubscriptionAttributes"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Eventbridge,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByRuleThenLambda,
        limits: Limits::TargetsOfRule,
        lands: FailureLands::OfTarget,
        found_by: &["events:ListRules", "events:ListTargetsByRule"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Schedule,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByRuleThenLambda,
        limits: Limits::None,
        lands: FailureLands::OfTarget,
        found_by: &["scheduler:ListSchedules", "scheduler:GetSchedule"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Logs,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByLogsThenLambda,
        limits: Limits::TwoFilters,
        lands: FailureLands::OfFunction,
        found_by: &["logs:DescribeSubscriptionFilters"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Alarm,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByAlarmThenLambda,
        limits: Limits::None,
        lands: FailureLands::OfFunction,
        found_by: &["cloudwatch:DescribeAlarms"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Ses,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByLambda,
        limits: Limits::None,
        lands: FailureLands::OfFunction,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Iot,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByLambda,
        limits: Limits::None,
        lands: FailureLands::OfFunction,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Config,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByLambda,
        limits: Limits::None,
        lands: FailureLands::OfFunction,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Codecommit,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByLambda,
        limits: Limits::None,
        lands: FailureLands::OfFunction,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Cloudformation,
        pattern: Some(Pattern::Asynchronous),
        retries: Retries::ByLambda,
        limits: Limits::None,
        lands: FailureLands::OfFunction,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Sqs,
        pattern: Some(Pattern::Queue),
        retries: Retries::ByQueue,
        limits: Limits::Pollers,
        lands: FailureLands::OfQueue,
        found_by: &["lambda:ListEventSourceMappings", "sqs:GetQueueAttributes"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Kinesis,
        pattern: Some(Pattern::Stream),
        retries: Retries::ByMapping,
        limits: Limits::Shards,
        lands: FailureLands::OfMapping,
        found_by: &["lambda:ListEventSourceMappings", "kinesis:DescribeStreamSummary"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::DynamodbStream,
        pattern: Some(Pattern::Stream),
        retries: Retries::ByMapping,
        limits: Limits::Shards,
        lands: FailureLands::OfMapping,
        found_by: &["lambda:ListEventSourceMappings", "dynamodb:DescribeStream"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Kafka,
        pattern: Some(Pattern::Stream),
        retries: Retries::ByKafka,
        limits: Limits::FourteenMinutes,
        lands: FailureLands::OfMapping,
        found_by: &["lambda:ListEventSourceMappings"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Mq,
        pattern: Some(Pattern::Stream),
        retries: Retries::ByBroker,
        limits: Limits::FourteenMinutes,
        lands: FailureLands::OfBroker,
        found_by: &["lambda:ListEventSourceMappings"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Documentdb,
        pattern: Some(Pattern::Stream),
        retries: Retries::UntilExpiry,
        limits: Limits::ThreeHours,
        lands: FailureLands::Nowhere,
        found_by: &["lambda:ListEventSourceMappings"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Pipe,
        pattern: None,
        retries: Retries::ByPipe,
        limits: Limits::None,
        lands: FailureLands::OfPipe,
        found_by: &["pipes:ListPipes", "pipes:DescribePipe"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Lambda,
        pattern: None,
        retries: Retries::ByHowInvoked,
        limits: Limits::None,
        lands: FailureLands::ByHowInvoked,
        found_by: &["lambda:ListFunctionEventInvokeConfigs"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::FunctionUrl,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::None,
        limits: Limits::FifteenMinutes,
        lands: FailureLands::Caller,
        found_by: &["lambda:ListFunctionUrlConfigs"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Apigateway,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::None,
        limits: Limits::HalfMinute,
        lands: FailureLands::Caller,
        found_by: &["apigateway:GET"],
        block: Block::More,
    },
    Facts {
        kind: NodeKind::Alb,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::None,
        limits: Limits::OneMegabyte,
        lands: FailureLands::Caller,
        found_by: &[
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
        ],
        block: Block::More,
    },
    Facts {
        kind: NodeKind::Stepfunctions,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::ByTask,
        limits: Limits::None,
        lands: FailureLands::ByTask,
        found_by: &["states:ListStateMachines", "states:DescribeStateMachine"],
        block: Block::More,
    },
    Facts {
        kind: NodeKind::Cognito,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::ThreeTimes,
        limits: Limits::FiveSeconds,
        lands: FailureLands::Caller,
        found_by: &["cognito-idp:ListUserPools", "cognito-idp:DescribeUserPool"],
        block: Block::More,
    },
    Facts {
        kind: NodeKind::Secretsmanager,
        pattern: None,
        retries: Retries::NotPublished,
        limits: Limits::None,
        lands: FailureLands::NotPublished,
        found_by: &["secretsmanager:ListSecrets"],
        block: Block::More,
    },
    Facts {
        kind: NodeKind::Lex,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::None,
        limits: Limits::None,
        lands: FailureLands::Caller,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Alexa,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::None,
        limits: Limits::EightSeconds,
        lands: FailureLands::Caller,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Appsync,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::None,
        limits: Limits::None,
        lands: FailureLands::Caller,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::VpcLattice,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::None,
        limits: Limits::None,
        lands: FailureLands::Caller,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Cloudfront,
        pattern: Some(Pattern::RequestResponse),
        retries: Retries::None,
        limits: Limits::None,
        lands: FailureLands::Caller,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::Firehose,
        pattern: None,
        retries: Retries::ByFirehose,
        limits: Limits::None,
        lands: FailureLands::OfFirehose,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
    Facts {
        kind: NodeKind::S3Batch,
        pattern: None,
        retries: Retries::NotPublished,
        limits: Limits::None,
        lands: FailureLands::NotPublished,
        found_by: &["lambda:GetPolicy"],
        block: Block::Chain,
    },
];

/// What is known of sources of a kind. `None` if nothing is started by it.
#[must_use]
pub fn facts(kind: NodeKind) -> Option<&'static Facts> {
    SOURCES.iter().find(|facts| facts.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_one_row() {
        for (n, row) in SOURCES.iter().enumerate() {
            assert!(
                SOURCES[..n].iter().all(|other| other.kind != row.kind),
                "{:?}",
                row.kind
            );
            assert!(!row.found_by.is_empty(), "{:?}", row.kind);
        }
        assert_eq!(facts(NodeKind::ApiDestination), None, "it is called and calls nothing");
    }
}
