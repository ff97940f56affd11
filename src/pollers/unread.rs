//! What a poller could not read.

use crate::domain::NodeId;

pitagora_core::phrases! {
    /// What is unknown because a call failed. Its words name the action to allow.
    pub enum Unread in "unread" {
        AlarmActions,
        Alarms,
        AliasDlq { function: String, alias: String },
        Aliases { function: String },
        Buckets,
        Buses,
        /// Why a poller was restarted: it panicked.
        Crashed,
        Depths,
        FunctionPolicy { function: String },
        Functions,
        FunctionState { function: String },
        InvokeConfigs { function: String },
        LogGroups { class: String },
        /// The lines of one log group, and of so many more.
        LogLines { group: String, more: usize },
        LoopDetection { function: String },
        Mappings,
        Metrics,
        Notifications { bucket: String },
        Pipe { pipe: String },
        Pipes,
        Queue { queue: String },
        QueueUrl { queue: String },
        Queues,
        Restarted { source: String },
        Rule { rule: NodeId },
        Rules { bus: String },
        Schedule { schedule: String },
        Schedules,
        SourceQueues { queue: NodeId },
        Streams,
        Subscription { subscription: String },
        SubscriptionFilters { group: String },
        Subscriptions,
        SubscriptionsOf { topic: NodeId },
        Targets { rule: String },
        TopicPolicy { topic: String },
        Topics,
        Urls { function: String },
    }
}
