//! Messages that expired before a queue's depth was first read: what failed in the log, while nothing that reads the queue
//! succeeded for a whole retention after it.

use jiff::{SignedDuration, Timestamp};

use super::expiry::{Gone, Ran};
use super::short::queue_too_short;
use super::snapshot::Topology;
use crate::domain::{Detail, Edge, EdgeKind, Invocation, Missing, NodeId, NodeKind};
use crate::forecast::policy::plus;

/// A visible message is received within so long, as a rule.
const POLLED: SignedDuration = SignedDuration::from_mins(1);

/// What is known of a queue before its depth was first read.
pub(super) struct Before<'a> {
    pub topology: &'a Topology,
    pub queue: &'a NodeId,
    /// Messages received before this time are already accounted for.
    pub told_to: Option<Timestamp>,
    /// When the depth was first read.
    pub first_read: Timestamp,
    /// The depth of the dead-letter queue, if there is one: this many may have been moved.
    pub moved: &'a dyn Fn(&NodeId) -> Option<u64>,
}

/// What expired, by the log of the function that alone reads the queue.
pub(super) fn gone<'r>(before: &Before<'_>, ran: &dyn Fn(&NodeId) -> Option<Ran<'r>>) -> Vec<Gone> {
    let Some((reader, retention, visibility)) = only_reader(before.topology, before.queue) else {
        return Vec::new();
    };
    let Some(mut moved) = moved(before) else {
        return Vec::new();
    };
    let Some(ran) = ran(reader) else { return Vec::new() };
    let (Some(since), Some(until)) = (ran.read_since, ran.lines_to) else {
        return Vec::new();
    };
    let since = before.told_to.map_or(since, |told_to| told_to.max(since));
    let runs: Vec<&Invocation> = ran.runs.iter().map(AsRef::as_ref).collect();
    let lots = lots(&runs, (since, until.min(before.first_read)), retention, visibility);
    let lots = lots.into_iter().map(|(at, count)| {
        let kept = moved.min(count);
        moved -= kept;
        Gone {
            of: reader.clone(),
            at,
            count: count - kept,
        }
    });
    lots.collect()
}

/// How many may have been moved to a dead-letter queue; `None` if any may have been.
fn moved(before: &Before<'_>) -> Option<u64> {
    let out: Vec<&Edge> = before.topology.from(before.queue).map(AsRef::as_ref).collect();
    let Some(dead) = out.iter().find(|edge| edge.key.kind == EdgeKind::DeadLetter) else {
        return Some(0);
    };
    // What cannot be moved stays until the retention ends.
    if Missing::cuts(&before.topology.missing, &dead.key) {
        return Some(0);
    }
    let node = before.topology.nodes.get(before.queue)?;
    queue_too_short(node, &out, before.topology)?;
    (before.moved)(&dead.key.to)
}

/// The function that alone reads a queue and is started by nothing else, the queue's retention, and its visibility timeout.
fn only_reader<'a>(topology: &'a Topology, id: &NodeId) -> Option<(&'a NodeId, SignedDuration, SignedDuration)> {
    let Detail::Queue(queue) = &topology.nodes.get(id)?.detail else {
        return None;
    };
    let mut readers = topology.from(id).filter(|edge| edge.key.kind == EdgeKind::Trigger);
    let reader = &readers.next().filter(|edge| edge.enabled)?.key.to;
    let is_function = topology
        .nodes
        .get(reader)
        .is_some_and(|node| node.kind == NodeKind::Lambda);
    let started_by = topology.to(reader).filter(|edge| edge.key.kind != EdgeKind::DeadLetter);
    if readers.next().is_some() || !is_function || started_by.count() != 1 || queue.retention_s == 0 {
        return None;
    }
    let seconds = |s: u32| SignedDuration::from_secs(s.into());
    Some((reader, seconds(queue.retention_s), seconds(queue.visibility_timeout_s)))
}

/// Groups of expired messages, with the latest time and a lower bound of their number. Each group is of invocations that
/// started within one visibility timeout, so that no two had the same message, and all invocations during a retention after
/// them failed. The next group starts when the one before has expired.
fn lots(
    runs: &[&Invocation],
    (since, until): (Timestamp, Timestamp),
    retention: SignedDuration,
    visibility: SignedDuration,
) -> Vec<(Timestamp, u64)> {
    let mut lots = Vec::new();
    let begun: Vec<(Timestamp, bool)> = runs
        .iter()
        .filter_map(|run| Some((run.start.or(run.end)?, run.outcome.is_failure())))
        .collect();
    let mut from = begun.partition_point(|(at, _)| *at < since);
    while let Some((start, _)) = begun.get(from).copied() {
        let by = plus(start, visibility + retention);
        if by > until {
            break;
        }
        let end = begun.partition_point(|(at, _)| *at <= by);
        // Whatever may have succeeded may have processed them.
        if let Some(good) = begun[from..end].iter().rposition(|(_, failed)| !failed) {
            from += good + 1;
            continue;
        }
        // A remaining message is received again: if none was, it was taken out, or was no message.
        let times = begun[from..end].iter().map(|(at, _)| *at);
        let next = times.clone().skip(1).chain([plus(start, retention)]);
        if times
            .clone()
            .zip(next)
            .any(|(at, next)| next.duration_since(at) > visibility + POLLED)
        {
            from += 1;
            continue;
        }
        let together = times.take_while(|at| *at < plus(start, visibility));
        lots.push((by, u64::try_from(together.count().max(1)).unwrap_or(u64::MAX)));
        from = end;
    }
    lots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RunOutcome, RunReport};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
    }

    fn lost(starts: &[i64], good: &[i64], until: i64) -> Vec<(i64, u64)> {
        let run = |start: &i64| Invocation {
            start: Some(at(*start)),
            end: Some(at(*start + 1)),
            outcome: if good.contains(start) {
                RunOutcome::Ok
            } else {
                RunOutcome::Error
            },
            function: "work".into(),
            request_id: start.to_string(),
            attempt: 1,
            stream: String::new(),
            error: None,
            report: RunReport::default(),
            xray: None,
            version: None,
            message_ids: Vec::new(),
        };
        let runs: Vec<Invocation> = starts.iter().map(run).collect();
        let runs: Vec<&Invocation> = runs.iter().collect();
        let seconds = SignedDuration::from_secs;
        lots(&runs, (at(0), at(until)), seconds(120), seconds(30))
            .into_iter()
            .map(|(by, count)| (by.duration_since(at(0)).as_secs(), count))
            .collect()
    }

    #[test]
    fn what_failed_is_gone_when_all_failed_for_a_retention_after_it() {
        let starts: Vec<i64> = (0..300).step_by(10).collect();
        assert_eq!(lost(&starts, &[], 300), [(150, 3)]);
        assert_eq!(lost(&starts, &[], 310), [(150, 3), (310, 3)]);
        assert_eq!(
            lost(&starts, &[100], 300),
            [(260, 3)],
            "that one may have processed them"
        );
        assert_eq!(lost(&starts, &[], 149), [], "too early to tell");
    }

    #[test]
    fn what_was_not_received_again_was_taken_out_by_somebody() {
        assert_eq!(lost(&[5, 36], &[], 300), [(155, 1)]);
        assert_eq!(lost(&[5], &[], 300), [], "or it was no message");
    }
}
