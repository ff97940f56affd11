//! Events that are gone, and those that will be.

use super::{View, cures, suspects};
use crate::domain::duration::span;
use crate::domain::{Arn, Detail, EdgeKind, Metric, NodeId, NodeKind};
use crate::store::coming::{self, Cause, Coming};
use crate::store::losses::{Doubt, Loss, Losses, Way, group_of};
use crate::store::oldest::is_dead_end;
use crate::store::snapshot::{Kind, Severity, Trouble};

/// What helps where a stream's mapping skips what fails.
const SKIPPED_NEXT: &str = "fix the function, then add an on-failure destination to the mapping";

/// What was lost for certain in the last hour.
pub(super) fn lost_events(view: &View<'_>) -> Option<Trouble> {
    let lost: Vec<&Loss> = view.losses.of(&view.node.id).collect();
    let first = lost.first()?;
    let count: u64 = lost.iter().map(|loss| loss.count).sum();
    let mut reasons: Vec<&str> = lost.iter().map(|loss| because(loss)).collect();
    reasons.dedup();
    let (why, next) = match first.way {
        Way::NotHandedOver => (
            suspects::not_handed_over(view),
            cures::not_handed_over(view, &suspects::without_dead_letter_queue(view)),
        ),
        Way::Dropped => (
            if first.counted {
                "metric AsyncEventsDropped".to_owned()
            } else {
                "all attempts failed, by the log; metrics come minutes later".to_owned()
            },
            cures::dropped(view),
        ),
        // AWS: the function's role writes its dead letters; the queue's policy admits rules and topics.
        Way::DeadLetterUnwritten if view.function().is_some() => (
            "metric DeadLetterErrors".to_owned(),
            "check that the function's role may write to its dead-letter queue (permission, key), and that the queue exists"
                .to_owned(),
        ),
        Way::DeadLetterUnwritten => (
            suspects::unwritten(view),
            "check that the queue's policy allows it (permission, key), and that the queue exists".to_owned(),
        ),
        Way::DestinationUnreached => (
            "metric DestinationDeliveryFailures".to_owned(),
            "check that the function's role may write to its on-failure destination (permission, key)".to_owned(),
        ),
        Way::Expired if view.function().is_some() => (
            "inferred: the retention of its source ended while every invocation failed".to_owned(),
            "fix the function, or raise the retention".to_owned(),
        ),
        Way::Expired => (
            expired_unread(view),
            if is_dead_end(view.topology, &view.node.id) {
                "redrive or save its messages, then raise its retention (14 d at most)"
            } else {
                "enable the event source mapping or fix its function, or raise the retention"
            }
            .to_owned(),
        ),
        Way::Skipped => (
            "all attempts failed, by the log: its mapping skips the batch when its retries are used up".to_owned(),
            SKIPPED_NEXT.to_owned(),
        ),
        Way::TooOld => (
            "its mapping skips records at their maximum age".to_owned(),
            SKIPPED_NEXT.to_owned(),
        ),
    };
    let at_least = lost.iter().any(|loss| loss.at_least);
    // The next one is told with those that are gone: it is the same trouble.
    let next_one = to_come(view).filter(|one| coming::is_near(one, view.read.logs) && !one.past);
    Some(Trouble {
        // Where messages expire one after the other, a last moment alone says little of the next.
        due: next_one.and_then(|one| one.earliest.or(one.latest.filter(|_| !one.cause.is_uncounted()))),
        why: why.into(),
        next: next.into(),
        ..view.trouble(
            Severity::Loss,
            format!("{}: {}", events_lost(count, at_least), reasons.join(", ")),
        )
    })
}

/// How it is known that messages expired in a queue.
fn expired_unread(view: &View<'_>) -> String {
    let Detail::Queue(queue) = &view.node.detail else {
        return "inferred from its depth".to_owned();
    };
    let retention = span(i64::from(queue.retention_s));
    let age = view.vitals.metrics.get(&Metric::OldestMessageAge);
    if age.is_some_and(|series| !series.points.is_empty()) {
        format!("inferred: messages reach its retention of {retention} unread (depth, ApproximateAgeOfOldestMessage)")
    } else {
        format!("inferred: messages waited in it for its retention of {retention}, and nothing that reads it succeeded")
    }
}

/// What groups of schedules lost: AWS counts by the group, so that none of its schedules can be named.
#[must_use]
pub fn groups_lost(losses: &Losses) -> Vec<Trouble> {
    let groups = losses.certain.iter().filter_map(|loss| {
        let id = loss.of.as_ref()?;
        id.as_str().contains(":schedule-group/").then_some((id, loss))
    });
    groups
        .map(|(id, loss)| Trouble {
            id: id.clone(),
            severity: Severity::Loss,
            kind: Kind::Other,
            what: format!("{}: no DLQ", events_lost(loss.count, loss.at_least)).into(),
            since: None,
            longer: false,
            last: None,
            due: None,
            why: "metric InvocationDroppedCount of the schedule group; it does not tell the schedule".into(),
            next: "check that each schedule's role may invoke its target (permission), then add a DLQ to each".into(),
        })
        .collect()
}

/// What only the account's sum counts as lost: of which function is not known.
#[must_use]
pub fn account_lost(losses: &Losses) -> Vec<Trouble> {
    let nameless = losses.certain.iter().filter(|loss| loss.of.is_none());
    nameless
        .map(|loss| {
            let metric = match loss.way {
                Way::DestinationUnreached => "DestinationDeliveryFailures",
                _ => "DeadLetterErrors",
            };
            Trouble {
                id: NodeId::from("account"),
                severity: Severity::Loss,
                kind: Kind::Other,
                what: format!("{}: {}", events_lost(loss.count, loss.at_least), because(loss)).into(),
                since: None,
                longer: false,
                last: None,
                due: None,
                why: format!("metric {metric} of the account: no function that was read counts them").into(),
                next: "check that the DLQs and on-failure destinations exist, and that the functions' roles may write to them"
                    .into(),
            }
        })
        .collect()
}

/// A schedule that may be the one whose events its group lost.
pub(super) fn of_its_group(view: &View<'_>) -> Option<Trouble> {
    let group = group_of(&view.node.id)?;
    let count: u64 = view.losses.of(&group).map(|loss| loss.count).sum();
    let out = view.neighbours.out(&view.node.id);
    let kept = out.iter().any(|edge| edge.key.kind == EdgeKind::DeadLetter);
    (count > 0 && !kept).then(|| Trouble {
        why: "AWS counts by the group: which of its schedules it was is not told".into(),
        next: "check that its role may invoke its target (permission), then add a DLQ".into(),
        ..view.trouble(
            Severity::Warning,
            format!("no DLQ, and its group {} lost events", group.short_name()),
        )
    })
}

/// "2 events lost", "at least 2 events lost".
#[must_use]
pub fn events_lost(count: u64, at_least: bool) -> String {
    let least = if at_least { "at least " } else { "" };
    let s = if count == 1 { "" } else { "s" };
    format!("{least}{count} event{s} lost")
}

/// Why they are lost, in a few words.
#[must_use]
pub fn because(loss: &Loss) -> &'static str {
    match loss.way {
        Way::Dropped | Way::NotHandedOver => "no DLQ",
        Way::DeadLetterUnwritten => "DLQ not written",
        Way::DestinationUnreached => "destination not reached",
        Way::Expired => "expired",
        Way::Skipped => "retries used up",
        Way::TooOld => "maximum record age passed",
    }
}

/// What was given up and may have been kept.
pub(super) fn perhaps_lost(view: &View<'_>) -> Option<Trouble> {
    let id = Some(&view.node.id);
    let unsure = view.losses.unsure.iter().find(|unsure| unsure.of.as_ref() == id)?;
    let (what, why, next) = match unsure.doubt {
        Doubt::KeepingUnread | Doubt::NoFunction => (
            format!("{} dropped, DLQ unknown", asynchronous(unsure.count)),
            "whether a dead-letter queue or destination kept them could not be read",
            "allow lambda:ListFunctionEventInvokeConfigs to tell",
        ),
        Doubt::Attempts => (
            format!("{} failed delivery attempts, perhaps lost", unsure.count),
            "with an HTTP or HTTPS subscription each attempt counts, not each message",
            "add a DLQ to each subscription: what could not be kept is then counted by itself",
        ),
    };
    Some(Trouble {
        why: format!("metric {}: {why}", unsure.metric).into(),
        next: next.into(),
        ..view.trouble(Severity::Warning, what)
    })
}

fn asynchronous(count: u64) -> String {
    match count {
        1 => "1 async event".to_owned(),
        n => format!("{n} async events"),
    }
}

fn to_come<'a>(view: &View<'a>) -> Option<&'a Coming> {
    view.coming.iter().find(|one| one.of == view.node.id)
}

/// Events that fail now and will be lost, while they can still be saved. Of a function that lost some already it is said with
/// those.
pub(super) fn will_be_lost(view: &View<'_>) -> Option<Trouble> {
    let one = to_come(view).filter(|one| one.lost == 0)?;
    if one.saved > 0 {
        return Some(Trouble {
            kind: Kind::LossToCome,
            why: format!("{}: an event is lost if its last retry fails too", reason(one)).into(),
            next: format!("find out why the first attempt fails, and add {}", keeper_to_add(one)).into(),
            ..view.trouble(Severity::Warning, saved(one))
        });
    }
    let near = coming::is_near(one, view.read.logs);
    // No metric counts what expired before the program was started.
    let is_first = !one.cause.is_uncounted();
    // That nothing reads it is said with its number.
    if matches!(one.cause, Cause::NobodyReads | Cause::DeadLetterRetention) && !near {
        return None;
    }
    let severity = if near { Severity::Failing } else { Severity::Warning };
    let many = match one.count {
        1 => String::new(),
        n if matches!(one.cause, Cause::NobodyReads | Cause::DeadLetterRetention) => format!("; {n} messages wait"),
        n => format!("; {n} events fail now"),
    };
    Some(Trouble {
        kind: Kind::LossToCome,
        // What may be lost by now has no moment to come.
        due: one.earliest.or(one.latest).filter(|_| !one.past),
        why: format!("{}{}{many}", reason(one), told_apart(one)).into(),
        next: match one.cause {
            Cause::NoDeadLetterQueue => "fix the function before then, or add a DLQ",
            Cause::KeeperGone => "fix the function before then, or set one that exists",
            Cause::RetentionBeforeDeadLetter | Cause::QueueRetention => {
                "fix the function before then, or raise the queue's retention"
            }
            // AWS: its mapping takes neither a limit of retries nor a destination.
            Cause::StreamRetention | Cause::NoDestination if is_of_documents(one) => {
                "fix the function before then, or raise the retention of the cluster's change stream"
            }
            Cause::StreamRetention => {
                "fix the function before then, or limit the mapping's retries and add an on-failure destination"
            }
            Cause::NoDestination | Cause::RecordAge => "fix the function before then, or add an on-failure destination to the mapping",
            Cause::NobodyReads => "enable the event source mapping before then, or raise the queue's retention",
            Cause::DeadLetterRetention => {
                "redrive or save its messages before then, and raise its retention (14 d at most)"
            }
            Cause::ReadTooSlowly => "let more of it be read at once (concurrency, batch size), or raise its retention (14 d at most)",
            Cause::StreamUnread => {
                "records that come in expire unread: enable the event source mapping, or delete it if another consumer reads them"
            }
        }
        .into(),
        ..view.trouble(
            severity,
            match (one.past, one.conditional) {
                (true, _) => "an event may be lost by now",
                (false, true) => "an event may be lost",
                // AWS publishes no moment for it.
                (false, false) if one.earliest.is_none() && one.latest.is_none() => {
                    "an event is lost if it goes on failing"
                }
                // Only the last moment is known.
                (false, false) if one.earliest.is_none() && one.latest.is_some() && is_first => {
                    "first event lost, at the latest"
                }
                (false, false) if one.earliest.is_none() && one.latest.is_some() => "an event is lost, at the latest",
                (false, false) if is_first => "first event lost",
                (false, false) => "an event is lost",
            },
        )
    })
}

/// "12 events saved by a retry (1 h), none lost": the next one probably will be, too.
#[must_use]
pub fn saved(one: &Coming) -> String {
    let what = match one.cause {
        Cause::NoDeadLetterQueue | Cause::KeeperGone => "events",
        Cause::QueueRetention
        | Cause::RetentionBeforeDeadLetter
        | Cause::NobodyReads
        | Cause::DeadLetterRetention
        | Cause::ReadTooSlowly => "messages",
        Cause::StreamUnread => "records",
        Cause::StreamRetention | Cause::NoDestination | Cause::RecordAge => "batches",
    };
    format!("{} {what} saved by a retry (1 h), none lost", one.saved)
}

/// What would keep what fails to the end.
fn keeper_to_add(one: &Coming) -> &'static str {
    match one.cause {
        Cause::StreamRetention | Cause::NoDestination | Cause::RecordAge if !is_of_documents(one) => {
            "an on-failure destination to the mapping"
        }
        Cause::StreamRetention => "to the change stream's retention",
        _ => "a DLQ",
    }
}

fn is_of_documents(one: &Coming) -> bool {
    let source = one.source.as_ref().and_then(|id| Arn::parse(id.as_str()));
    source.is_some_and(|arn| arn.kind() == NodeKind::Documentdb)
}

/// "its DLQ dq is gone".
fn gone_words(gone: Option<&NodeId>) -> String {
    let Some(gone) = gone else {
        return "its DLQ is gone".to_owned();
    };
    match Arn::parse(gone.as_str()).map(|arn| arn.service) {
        Some("sqs") => format!("its DLQ {} is gone", gone.short_name()),
        _ => format!("its destination {} is gone", gone.short_name()),
    }
}

/// What it hangs on, where other batches pass meanwhile.
fn told_apart(one: &Coming) -> &'static str {
    if one.others_pass {
        "; others succeed meanwhile, and no line names the shard: which attempts were of the same batch is not known"
    } else {
        ""
    }
}

/// Why nothing will keep it, in a few words.
#[must_use]
pub fn reason(one: &Coming) -> String {
    let source = one.source.as_ref().map_or("its source", NodeId::short_name);
    match one.cause {
        Cause::NoDeadLetterQueue => "no DLQ".to_owned(),
        Cause::KeeperGone => gone_words(one.gone.as_ref()),
        Cause::RetentionBeforeDeadLetter => format!("the retention of {source} ends before its DLQ"),
        Cause::QueueRetention => format!("{source} has no DLQ, its retention ends"),
        Cause::StreamRetention => format!("the retention of {source} ends"),
        Cause::NoDestination => "no on-failure destination".to_owned(),
        Cause::RecordAge => "the mapping's maximum record age passes, no on-failure destination".to_owned(),
        Cause::NobodyReads | Cause::StreamUnread => format!("the mapping is off, and the retention of {source} ends"),
        Cause::DeadLetterRetention => "the dead-letter queue's own retention ends".to_owned(),
        Cause::ReadTooSlowly => "it is read too slowly: its oldest message reached the retention".to_owned(),
    }
}
