//! The calls that are made, with their budgets and prices.

/// One API, as IAM names the action.
#[derive(Debug, PartialEq, Eq)]
pub struct Api {
    /// `service:Action`.
    pub action: &'static str,
    /// APIs of the same budget share its rate.
    pub budget: Budget,
    /// Billionths of a US dollar for one call.
    pub nanodollars: u64,
}

/// A budget of calls, kept for each account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// `GetPolicy`. AWS (apis): 15 a second.
    LambdaPolicy,
    /// Lambda's other control APIs together. AWS (apis): 15 a second.
    LambdaControl,
    /// `GetFunction`. AWS (apis): 100 a second.
    LambdaFunction,
    /// `FilterLogEvents`. The whole account shares 5 a second; by default 2 of them are used.
    LogEvents,
    /// CloudWatch Logs' other calls.
    LogsControl,
    /// `DescribeSubscriptionFilters`. AWS (apis): 5 a second for the whole account and region, not to be raised.
    LogSubscriptions,
    /// SQS. AWS (apis): no small limit; kept low because each call costs.
    Sqs,
    /// Messages of SQS: received, sent, deleted. AWS (apis): standard queues nearly without limit, FIFO 300 calls a second and
    /// API; a redrive has its own rate.
    SqsMessages,
    /// `Invoke`. AWS (apis): ten times the account's concurrency a second, at least 10,000 by default.
    Invoke,
    /// Reading a shard again. AWS (apis): 5 reads a second of each, shared with the mappings that read it.
    Shards,
    /// `ListSubscriptions` and its like. AWS (apis): 30 a second.
    Sns,
    /// EventBridge. AWS (apis): 50 a second and more for most.
    Events,
    /// Reading bucket configurations.
    S3,
    /// IAM's reads, of which AWS publishes no rate; they are one region's for the whole account.
    Iam,
    /// API Gateway's control calls. AWS (apis): 10 a second for the whole account and region.
    ApiGateway,
    /// `GetMetricData` and alarms. AWS (apis): 50 a second.
    Metrics,
    /// All else.
    Other,
}

impl Budget {
    /// Calls a second. Half of what AWS allows where others use the account too, except where the whole is small.
    #[must_use]
    pub fn per_second(self) -> u32 {
        match self {
            Self::LambdaPolicy | Self::LambdaControl | Self::Sns => 15,
            Self::LogEvents | Self::Shards => 2,
            Self::LogsControl | Self::Iam | Self::ApiGateway => 5,
            Self::LogSubscriptions => 3,
            Self::Sqs | Self::LambdaFunction => 50,
            Self::SqsMessages => 3_000,
            Self::Invoke => 500,
            Self::Events | Self::S3 => 25,
            Self::Metrics | Self::Other => 10,
        }
    }
}

macro_rules! apis {
    ($($(#[$doc:meta])* $name:ident = $action:literal, $budget:ident, $nanodollars:literal;)*) => {
        $($(#[$doc])* #[expect(missing_docs, reason = "the action says it")]
        pub const $name: Api = Api { action: $action, budget: Budget::$budget, nanodollars: $nanodollars };)*
    };
}

// Prices: Lambda's, EventBridge's and Logs' control calls are free; SQS $0.40, SNS $0.50 and invocations $0.20 a million; S3 configuration
// reads counted as LIST, $5 a million; a minute of live tail $0.01, the 1,800 free ones of a month not counted off; CloudWatch $10 a million calls, and for GetMetricData $10 a million metrics.
apis! {
    LIST_FUNCTIONS = "lambda:ListFunctions", LambdaControl, 0;
    LIST_MAPPINGS = "lambda:ListEventSourceMappings", LambdaControl, 0;
    GET_POLICY = "lambda:GetPolicy", LambdaPolicy, 0;
    LIST_ALIASES = "lambda:ListAliases", LambdaControl, 0;
    LIST_INVOKE_CONFIGS = "lambda:ListFunctionEventInvokeConfigs", LambdaControl, 0;
    GET_INVOKE_CONFIG = "lambda:GetFunctionEventInvokeConfig", LambdaControl, 0;
    LIST_URLS = "lambda:ListFunctionUrlConfigs", LambdaControl, 0;
    GET_FUNCTION = "lambda:GetFunction", LambdaFunction, 0;
    GET_RECURSION = "lambda:GetFunctionRecursionConfig", LambdaControl, 0;
    LIST_QUEUES = "sqs:ListQueues", Sqs, 400;
    GET_QUEUE_ATTRIBUTES = "sqs:GetQueueAttributes", Sqs, 400;
    LIST_DEAD_LETTER_SOURCES = "sqs:ListDeadLetterSourceQueues", Sqs, 400;
    GET_QUEUE_URL = "sqs:GetQueueUrl", Sqs, 400;
    RECEIVE_MESSAGES = "sqs:ReceiveMessage", SqsMessages, 400;
    CHANGE_VISIBILITY = "sqs:ChangeMessageVisibility", SqsMessages, 400;
    SEND_MESSAGES = "sqs:SendMessage", SqsMessages, 400;
    DELETE_MESSAGES = "sqs:DeleteMessage", SqsMessages, 400;
    START_MOVE_TASK = "sqs:StartMessageMoveTask", Sqs, 400;
    LIST_MOVE_TASKS = "sqs:ListMessageMoveTasks", Sqs, 400;
    CANCEL_MOVE_TASK = "sqs:CancelMessageMoveTask", Sqs, 400;
    INVOKE = "lambda:InvokeFunction", Invoke, 200;
    GET_CONFIGURATION = "lambda:GetFunctionConfiguration", LambdaControl, 0;
    KINESIS_LIST = "kinesis:ListStreams", Other, 0;
    KINESIS_SUMMARY = "kinesis:DescribeStreamSummary", Other, 0;
    KINESIS_ITERATOR = "kinesis:GetShardIterator", Shards, 0;
    KINESIS_RECORDS = "kinesis:GetRecords", Shards, 0;
    TABLE_STREAM = "dynamodb:DescribeStream", Other, 0;
    TABLE_ITERATOR = "dynamodb:GetShardIterator", Shards, 0;
    TABLE_RECORDS = "dynamodb:GetRecords", Shards, 200;
    PUBLISH = "sns:Publish", Sns, 500;
    LIST_TOPICS = "sns:ListTopics", Sns, 500;
    GET_TOPIC_ATTRIBUTES = "sns:GetTopicAttributes", Sns, 500;
    LIST_SUBSCRIPTIONS = "sns:ListSubscriptions", Sns, 500;
    LIST_TOPIC_SUBSCRIPTIONS = "sns:ListSubscriptionsByTopic", Sns, 500;
    GET_SUBSCRIPTION_ATTRIBUTES = "sns:GetSubscriptionAttributes", Sns, 500;
    LIST_BUCKETS = "s3:ListAllMyBuckets", S3, 5000;
    GET_BUCKET_NOTIFICATION = "s3:GetBucketNotification", S3, 5000;
    LIST_BUSES = "events:ListEventBuses", Events, 0;
    LIST_RULES = "events:ListRules", Events, 0;
    LIST_TARGETS = "events:ListTargetsByRule", Events, 0;
    LIST_SCHEDULES = "scheduler:ListSchedules", Other, 0;
    GET_SCHEDULE = "scheduler:GetSchedule", Other, 0;
    LIST_PIPES = "pipes:ListPipes", Other, 0;
    DESCRIBE_PIPE = "pipes:DescribePipe", Other, 0;
    DESCRIBE_SUBSCRIPTION_FILTERS = "logs:DescribeSubscriptionFilters", LogSubscriptions, 0;
    DESCRIBE_LOG_GROUPS = "logs:DescribeLogGroups", LogsControl, 0;
    START_LIVE_TAIL = "logs:StartLiveTail", LogsControl, 10_000_000;
    FILTER_LOG_EVENTS = "logs:FilterLogEvents", LogEvents, 0;
    GET_METRIC_DATA = "cloudwatch:GetMetricData", Metrics, 0;
    LIST_METRICS = "cloudwatch:ListMetrics", Metrics, 10000;
    DESCRIBE_ALARMS = "cloudwatch:DescribeAlarms", Metrics, 10000;
    GET_RESOURCES = "tag:GetResources", Other, 0;
    GET_ROLES = "iam:GetAccountAuthorizationDetails", Iam, 0;
    LIST_ROLE_POLICIES = "iam:ListRolePolicies", Iam, 0;
    GET_ROLE_POLICY = "iam:GetRolePolicy", Iam, 0;
    LIST_ATTACHED_POLICIES = "iam:ListAttachedRolePolicies", Iam, 0;
    GET_MANAGED_POLICY = "iam:GetPolicy", Iam, 0;
    GET_POLICY_VERSION = "iam:GetPolicyVersion", Iam, 0;
    GET_ROLE = "iam:GetRole", Iam, 0;
    GET_API = "apigateway:GET", ApiGateway, 0;
    LIST_MACHINES = "states:ListStateMachines", Other, 0;
    DESCRIBE_MACHINE = "states:DescribeStateMachine", Other, 0;
    TARGET_GROUPS = "elasticloadbalancing:DescribeTargetGroups", Other, 0;
    TARGET_HEALTH = "elasticloadbalancing:DescribeTargetHealth", Other, 0;
    LISTENERS = "elasticloadbalancing:DescribeListeners", Other, 0;
    LISTENER_RULES = "elasticloadbalancing:DescribeRules", Other, 0;
    LIST_TABLES = "dynamodb:ListTables", Other, 0;
    LIST_USER_POOLS = "cognito-idp:ListUserPools", Other, 0;
    DESCRIBE_USER_POOL = "cognito-idp:DescribeUserPool", Other, 0;
    LIST_SECRETS = "secretsmanager:ListSecrets", Other, 5000;
    GET_CALLER_IDENTITY = "sts:GetCallerIdentity", Other, 0;
}

/// What one metric of `GetMetricData` costs, in billionths of a US dollar. AWS (apis): $0.01 per thousand, not in the free tier.
pub const METRIC_NANODOLLARS: u64 = 10_000;
