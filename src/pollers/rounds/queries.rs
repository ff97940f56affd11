//! The metrics to read for each purpose.

use std::collections::BTreeMap;

use super::LOSING_EVERY;
use crate::aws::cloudwatch::Query;
use crate::domain::{Metric, NodeId, Subject};
use crate::pollers::targets::{Keeping, Targets, TopicTargets};

/// What is asked about the whole account, in every round.
pub(in crate::pollers) const ACCOUNT: &[Metric] = &[
    Metric::Errors,
    Metric::Throttles,
    Metric::AsyncEventsDropped,
    Metric::DeadLetterErrors,
    Metric::DestinationDeliveryFailures,
];

/// What is asked about each function when one of them may have moved.
pub(in crate::pollers) const MOVED: &[Metric] = &[Metric::Errors, Metric::Throttles, Metric::AsyncEventsDropped];
/// Additional metrics of functions with a dead-letter queue or destination, when one of those fails.
pub(super) const UNWRITTEN: &[Metric] = &[Metric::DeadLetterErrors, Metric::DestinationDeliveryFailures];

/// What shows that messages are returned to a queue, and that they expire.
pub(super) const COUNTED: &[Metric] = &[Metric::MessagesSent, Metric::MessagesReceived, Metric::MessagesDeleted];

/// Metrics of the selected function.
pub(in crate::pollers) const LOOKED_AT: &[Metric] = &[
    Metric::Invocations,
    Metric::Errors,
    Metric::Throttles,
    Metric::DurationP99,
    Metric::ConcurrentExecutions,
    Metric::AsyncEventAge,
    Metric::AsyncEventsDropped,
];

/// Queries that are asked together, or not at all.
pub(in crate::pollers) type Ask = Vec<Query>;

/// What is asked about the whole account.
pub(in crate::pollers) fn of_account() -> Ask {
    let query = |metric: &Metric| Query {
        subject: Subject::Account,
        metric: *metric,
    };
    ACCOUNT.iter().map(query).collect()
}

pub(super) fn of_node(id: &NodeId, metrics: impl IntoIterator<Item = Metric>) -> Ask {
    let query = |metric| Query {
        subject: Subject::Node(id.clone()),
        metric,
    };
    metrics.into_iter().map(query).collect()
}

/// Metrics of a rule's losses. AWS (losses): `FailedInvocations` includes events sent to a dead-letter queue, so alone it proves
/// losses only if there is none; if every target has one, only events that could not be written there are lost.
pub(in crate::pollers) fn of_rule(keeping: Keeping) -> Vec<Metric> {
    match keeping {
        Keeping::Nothing => vec![Metric::RuleFailures],
        Keeping::All => vec![Metric::RuleEventsLost],
        Keeping::Some | Keeping::Unknown => {
            vec![Metric::RuleDeadLettered, Metric::RuleEventsLost, Metric::RuleFailures]
        }
    }
}

pub(super) fn of_topic(keeping: Keeping, by_attempt: bool) -> Vec<Metric> {
    let failed = if by_attempt {
        Metric::NotificationAttemptsFailed
    } else {
        Metric::NotificationsFailed
    };
    match keeping {
        Keeping::Nothing => vec![failed],
        Keeping::All => vec![Metric::NotificationsLost],
        Keeping::Some | Keeping::Unknown => vec![Metric::NotificationsRedriven, Metric::NotificationsLost, failed],
    }
}

pub(super) fn of_group(keeping: Keeping) -> Vec<Metric> {
    match keeping {
        Keeping::Nothing => vec![Metric::SchedulesDropped],
        Keeping::All => vec![Metric::SchedulesLost],
        Keeping::Some | Keeping::Unknown => {
            vec![
                Metric::SchedulesDeadLettered,
                Metric::SchedulesLost,
                Metric::SchedulesDropped,
            ]
        }
    }
}

/// Rules, topics and schedule groups, each with the metrics of its losses.
pub(in crate::pollers) fn losses(targets: &Targets) -> impl Iterator<Item = (&NodeId, Vec<Metric>)> {
    let rules = targets.rules.iter().map(|(id, keeping)| (id, of_rule(*keeping)));
    let topic = |topic: &TopicTargets| of_topic(topic.keeping, topic.by_attempt);
    let topics = targets.topics.iter().map(move |(id, known)| (id, topic(known)));
    let groups = targets.schedule_groups.iter();
    let groups = groups.map(|(id, keeping)| (id, of_group(*keeping)));
    rules.chain(topics).chain(groups)
}

/// Whether it is one of the metrics of rules, topics and schedule groups.
pub(super) fn tells_of_losses(metric: Metric) -> bool {
    let namespace = metric.source().0;
    matches!(namespace, "AWS/Events" | "AWS/SNS" | "AWS/Scheduler") && metric != Metric::RuleInvocations
}

/// The counts of queues that are due in a round: those that were not paid for a while, which go first, and the others.
pub(super) fn due_counts(targets: &Targets, due: &BTreeMap<NodeId, u32>, round: u32) -> (Vec<Ask>, Vec<Ask>) {
    let due = |id: &NodeId| due.get(id).copied().unwrap_or(0);
    let queues = targets.counting.iter().filter(|id| targets.queues.contains_key(*id));
    let (late, others): (Vec<&NodeId>, Vec<&NodeId>) = queues
        .filter(|id| due(id) <= round)
        .partition(|id| due(id) + LOSING_EVERY <= round);
    let ask = |id: &NodeId| of_node(id, COUNTED.iter().copied());
    (
        late.into_iter().map(ask).collect(),
        others.into_iter().map(ask).collect(),
    )
}
