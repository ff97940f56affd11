//! Settings of queues.

use super::words::{Cure as Set, Proof, What};
use super::{Chain, Cure, Hint, Rule};
use crate::domain::phrase::Exact;
use crate::domain::{EdgeKind, Node, NodeKind};
use crate::store::snapshot::Severity;

/// AWS (sqs-mappings): a visibility timeout holds six timeouts of the function, and the batching window.
const TIMEOUTS: u32 = 6;
/// AWS (sqs-mappings): a queue that a function reads has a `maxReceiveCount` of 5 or more.
const RECEIVES: u32 = 5;
/// AWS (sqs): 12 h.
const LONGEST_VISIBILITY_S: u32 = 43_200;
/// The metrics of a queue that rise when SQS moves a message there. AWS (metrics): `NumberOfMessagesSent` does not count moves.
const SEES_MOVES: [&str; 3] = [
    "ApproximateNumberOfMessagesVisible",
    "ApproximateAgeOfOldestMessage",
    "ApproximateNumberOfGroupsWithInflightMessages",
];
const SENT: &str = "NumberOfMessagesSent";

/// A visibility timeout under six timeouts of the function that reads the queue and the batching window. A version's timeout was not
/// read, so that what is invoked by an alias or version is not judged.
pub(super) fn visibility_timeout(chain: &Chain<'_>, node: &Node) -> Vec<Hint> {
    let Some(queue) = chain.queue(&node.id) else {
        return Vec::new();
    };
    let own = chain
        .mappings_of(&node.id)
        .filter(|(edge, _)| edge.key.qualifier.is_none());
    let needs = own.map(|(edge, function)| {
        let windows = edge.policies.iter().filter_map(|policy| policy.batching.window_s);
        let least = function.timeout_s.saturating_mul(TIMEOUTS) + windows.max().unwrap_or(0);
        (least.min(LONGEST_VISIBILITY_S), function.timeout_s, &edge.key.to)
    });
    let Some((least, timeout, function)) = needs.max().filter(|(least, ..)| queue.visibility_timeout_s < *least) else {
        return Vec::new();
    };
    let (visibility, timeout) = (
        Exact::secs(queue.visibility_timeout_s.into()),
        Exact::secs(timeout.into()),
    );
    let value = format!("VisibilityTimeout={least}");
    let cure = Cure::set(Set::VisibilityTimeout {
        least: Exact::secs(least.into()),
    });
    vec![Hint {
        rule: Rule::VisibilityTimeout,
        of: node.id.clone(),
        link: Some(function.clone()),
        severity: Severity::Warning,
        what: What::VisibilityTooShort {
            visibility,
            timeout,
            function: function.clone(),
        }
        .into(),
        why: if visibility.0 < timeout.0 {
            Proof::ReceivedWhileRunning
        } else {
            Proof::ThrottledUntilVisible
        }
        .into(),
        cure: cure.by(&[
            "sqs",
            "set-queue-attributes",
            "--queue-url",
            &queue.url,
            "--attributes",
            &value,
        ]),
    }]
}

/// A `maxReceiveCount` under 5 of a standard queue that a function reads. In a FIFO queue few receives are a choice: each of them makes
/// the message's group wait.
pub(super) fn max_receive_count(chain: &Chain<'_>, node: &Node) -> Vec<Hint> {
    let found = || {
        let queue = chain.queue(&node.id).filter(|queue| !queue.fifo)?;
        let receives = queue.max_receive_count.filter(|receives| *receives < RECEIVES)?;
        let dead = chain.dead_letter_queue(&node.id)?;
        let (reader, _) = chain.mappings_of(&node.id).next()?;
        let policy =
            serde_json::json!({ "deadLetterTargetArn": dead.as_str(), "maxReceiveCount": RECEIVES.to_string() });
        let value = serde_json::json!({ "RedrivePolicy": policy.to_string() }).to_string();
        Some(Hint {
            rule: Rule::MaxReceiveCount,
            of: node.id.clone(),
            link: Some(reader.key.to.clone()),
            severity: if receives == 1 {
                Severity::Warning
            } else {
                Severity::Notice
            },
            what: What::FewReceives { receives }.into(),
            why: Proof::ThrottleCounts { receives }.into(),
            cure: Cure::set(Set::MaxReceiveCount { least: RECEIVES }).by(&[
                "sqs",
                "set-queue-attributes",
                "--queue-url",
                &queue.url,
                "--attributes",
                &value,
            ]),
        })
    };
    found().into_iter().collect()
}

/// A dead-letter queue that nothing reads and no alarm watches, or one whose alarm does not see what SQS moves there.
pub(super) fn dlq_without_alarm(chain: &Chain<'_>, node: &Node) -> Vec<Hint> {
    let found = || {
        let watches = chain.topology.watches.as_deref().filter(|watches| !watches.searches)?;
        let queue = chain.queue(&node.id).filter(|_| node.kind == NodeKind::Sqs)?;
        // What reads it sees what arrives.
        let mut out = chain.leaving(&node.id).iter();
        let is_read = out.any(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled);
        let into = chain.reaching(&node.id);
        let feeders: Vec<_> = into
            .iter()
            .filter(|edge| edge.key.kind == EdgeKind::DeadLetter || edge.keeps_failures())
            .collect();
        let feeder = feeders.first().filter(|_| !is_read)?;
        let own = watches.queues.iter().filter(|watch| watch.queue == node.id);
        if own.clone().any(|watch| SEES_MOVES.contains(&watch.metric.as_str())) {
            return None;
        }
        let is_moved = |kind| kind == Some(NodeKind::Sqs);
        let all_moved = feeders.iter().all(|edge| is_moved(chain.kind(&edge.key.from)));
        let any_moved = feeders.iter().any(|edge| is_moved(chain.kind(&edge.key.from)));
        let blind = own.clone().find(|watch| watch.metric == SENT);
        let (severity, what, why) = match blind {
            // What services send there is counted as sent.
            Some(_) if !any_moved => return None,
            Some(watch) => {
                let alarm = watch.alarm.clone();
                (
                    Severity::Warning,
                    What::AlarmMissesMoves { alarm },
                    Proof::MovesNotSent { some: !all_moved },
                )
            }
            None => (
                Severity::Notice,
                What::NoAlarm,
                Proof::Unnoticed {
                    retention: Exact::secs(queue.retention_s.into()),
                },
            ),
        };
        let name = format!("{}-not-empty", node.name);
        let dimension = format!("Name=QueueName,Value={}", node.name);
        let words = "--namespace AWS/SQS --metric-name ApproximateNumberOfMessagesVisible --statistic Maximum --period 60 \
             --evaluation-periods 1 --threshold 0 --comparison-operator GreaterThanThreshold \
             --treat-missing-data notBreaching";
        let mut command = vec![
            "cloudwatch",
            "put-metric-alarm",
            "--alarm-name",
            &name,
            "--dimensions",
            &dimension,
        ];
        command.extend(words.split_whitespace());
        Some(Hint {
            rule: Rule::DlqWithoutAlarm,
            of: node.id.clone(),
            link: Some(feeder.key.from.clone()),
            severity,
            what: what.into(),
            why: why.into(),
            cure: Cure::set(Set::AlarmOnDepth).by(&command),
        })
    };
    found().into_iter().collect()
}
