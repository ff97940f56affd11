//! Lost events, and events that will be lost.

use jiff::SignedDuration;

use super::words::{Because, Keeper, Next, Reason, Unit, What, Why};
use super::{View, arrival, cures, reasons, suspects};
use crate::domain::phrase::Phrase;
use crate::domain::{Arn, Detail, Edge, EdgeKind, Metric, Missing, NodeId, NodeKind};
use crate::store::coming::{self, Cause, Coming};
use crate::store::losses::{Doubt, Loss, Losses, Way, is_written_by};
use crate::store::oldest::is_dead_end;
use crate::store::snapshot::{Kind, Severity, Trouble};

/// What was lost for certain in the last hour.
pub(super) fn lost_events(view: &View<'_>) -> Option<Trouble> {
    let lost: Vec<&Loss> = view.losses.of(&view.node.id).collect();
    let first = lost.first()?;
    let count: u64 = lost.iter().map(|loss| loss.count).sum();
    let mut reasons: Vec<Because> = lost.iter().flat_map(|loss| reasons::of(view, loss)).collect();
    reasons.dedup();
    let (why, next) = how(view, first);
    let next = remedy(view, first.way).unwrap_or_else(|| next.into());
    let at_least = lost.iter().any(|loss| loss.at_least);
    // The next loss is reported with those that happened: it is the same issue.
    let next_one = to_come(view).filter(|one| coming::is_near(one, view.read.logs) && !one.past);
    let expired = lost.iter().any(|loss| matches!(loss.way, Way::Expired | Way::Returned));
    let gone = lost.iter().find_map(|loss| gone_keeper(view, loss.way));
    Some(Trouble {
        link: gone.cloned().or_else(|| reasons::queue_of(view).filter(|_| expired)),
        // Where messages expire one after the other, a last moment alone says little of the next.
        due: next_one.and_then(|one| one.earliest.or(one.latest.filter(|_| !one.cause.is_uncounted()))),
        why: why.into(),
        next,
        ..view.trouble(
            Severity::Loss,
            What::EventsLost {
                count,
                at_least,
                reasons,
            },
        )
    })
}

/// What helps, where configuration tells what stands in the way.
fn remedy(view: &View<'_>, way: Way) -> Option<Phrase> {
    if let Some(gone) = to_what_is_gone(view, way) {
        return Some(gone.into());
    }
    let is_source = view.function().is_none();
    let cut = match way {
        Way::NotHandedOver => suspects::cut_and_unkept(view),
        Way::DeadLetterUnwritten if is_source => suspects::cut_and_unkept(view),
        _ => return None,
    };
    let link = cut.first()?;
    let advised = |edge: &Edge| arrival::advice(view, edge, view.arrivals.cut.get(&edge.key)?);
    let advice = advised(link)?;
    let out = view.neighbours.out(&view.node.id).iter();
    let dead = out
        .copied()
        .find(|edge| edge.key.kind == EdgeKind::DeadLetter && view.arrivals.cut.contains_key(&edge.key));
    let then = match way {
        Way::NotHandedOver => Next::ThenAddDlq {
            topic: suspects::is_topic(view),
        }
        .into(),
        _ => Next::ThenLetDlqWrite {
            name: dead?.key.to.clone(),
            advice: advised(dead?)?,
        }
        .into(),
    };
    Some(Phrase::clauses([advice, then]))
}

/// How a loss is known, and what helps.
fn how(view: &View<'_>, loss: &Loss) -> (Why, Next) {
    let metric = |metric| Why::Metric { metric };
    match loss.way {
        Way::NotHandedOver => (
            suspects::not_handed_over(view),
            cures::not_handed_over(view, &suspects::without_dead_letter_queue(view)),
        ),
        Way::Dropped if loss.counted => (metric("AsyncEventsDropped"), cures::dropped(view)),
        Way::Dropped => (Why::LogAheadOfMetric, cures::dropped(view)),
        // AWS (permissions): a function's DLQ is written with its role; the queue's policy must allow rules and topics.
        Way::DeadLetterUnwritten if view.function().is_some() => (metric("DeadLetterErrors"), Next::CheckFunctionRole),
        Way::DeadLetterUnwritten => (suspects::unwritten(view), Next::CheckQueuePolicy),
        Way::DestinationUnreached => (metric("DestinationDeliveryFailures"), Next::CheckDestination),
        Way::Expired if view.function().is_some() => (Why::ExpiredWhileFailing, Next::FixOrRaiseRetention),
        Way::Expired if is_dead_end(view.topology, &view.node.id) => {
            (expired_unread(view), Next::EmptyAndRaiseRetention)
        }
        Way::Expired => (expired_unread(view), Next::EnableOrRaiseRetention),
        Way::Returned => (
            Why::ReturnedItems,
            Next::FixItems {
                queue: reasons::queue_of(view),
            },
        ),
        Way::Skipped => (Why::SkipsBatch, Next::FixAndAddDestination),
        Way::TooOld => (Why::SkipsAtMaximumAge, Next::FixAndAddDestination),
    }
}

/// How it is known that messages expired in a queue.
fn expired_unread(view: &View<'_>) -> Why {
    let Detail::Queue(queue) = &view.node.detail else {
        return Why::ExpiredByDepth;
    };
    let retention = SignedDuration::from_secs(queue.retention_s.into());
    let age = view.vitals.metrics.get(&Metric::OldestMessageAge);
    if age.is_some_and(|series| !series.points.is_empty()) {
        Why::ExpiredUnread { retention }
    } else {
        Why::ExpiredWaiting { retention }
    }
}

/// What only the account's sum counts as lost: of which function is not known.
#[must_use]
pub fn account_lost(losses: &Losses) -> Vec<Trouble> {
    let unnamed = losses.certain.iter().filter(|loss| loss.of.is_none());
    unnamed
        .map(|loss| {
            let metric = match loss.way {
                Way::DestinationUnreached => "DestinationDeliveryFailures",
                _ => "DeadLetterErrors",
            };
            let why = Why::AccountMetric { metric };
            nameless(NodeId::from("account"), loss, because(loss), why, Next::CheckKeepers)
        })
        .collect()
}

/// Of what is no node of the chain.
fn nameless(id: NodeId, loss: &Loss, because: Because, why: Why, next: Next) -> Trouble {
    let what = What::EventsLost {
        count: loss.count,
        at_least: loss.at_least,
        reasons: vec![because],
    };
    Trouble {
        why: why.into(),
        next: next.into(),
        ..Trouble::of(id, Severity::Loss, what)
    }
}

/// Why they are lost, in a few words.
#[must_use]
pub fn because(loss: &Loss) -> Because {
    match loss.way {
        Way::Dropped if loss.unheard => Because::NoSubscription,
        Way::Dropped | Way::NotHandedOver => Because::NoDlq,
        Way::DeadLetterUnwritten => Because::DlqNotWritten,
        Way::DestinationUnreached => Because::DestinationNotReached,
        Way::Expired => Because::Expired,
        Way::Returned => Because::ItemsExpired,
        Way::Skipped => Because::RetriesUsedUp,
        Way::TooOld => Because::MaximumAgePassed,
    }
}

/// What was given up and may have been kept.
pub(super) fn perhaps_lost(view: &View<'_>) -> Option<Trouble> {
    let id = Some(&view.node.id);
    let unsure = view.losses.unsure.iter().find(|unsure| unsure.of.as_ref() == id)?;
    let (count, metric) = (unsure.count, unsure.metric);
    let (what, why, next) = match unsure.doubt {
        Doubt::KeepingUnread if is_topic_unread(view) => (
            What::MaybeDropped { count },
            Why::SubscriptionsUnread { metric },
            Next::AllowTopicAttributes,
        ),
        Doubt::KeepingUnread | Doubt::NoFunction => (
            What::MaybeDropped { count },
            Why::KeepingUnread { metric },
            Next::AllowEventInvokeConfigs,
        ),
        Doubt::Attempts => (
            What::AttemptsFailed { count },
            Why::CountsAttempts { metric },
            Next::AddDlqToSubscriptions,
        ),
    };
    Some(Trouble {
        why: why.into(),
        next: next.into(),
        ..view.trouble(Severity::Warning, what)
    })
}

/// Whether it leaves what it gives up in a topic whose subscriptions were not read.
fn is_topic_unread(view: &View<'_>) -> bool {
    let mut out = view.neighbours.out(&view.node.id).iter();
    out.any(|edge| edge.keeps_failures() && view.topology.is_unheard(&edge.key.to).is_none())
}

/// The topic without a subscription that is a function's DLQ or destination.
pub(super) fn unheard_keeper<'v>(view: &View<'v>) -> Option<&'v NodeId> {
    let out = view.neighbours.out(&view.node.id).iter();
    let mut keepers = out.filter(|edge| edge.keeps_failures()).map(|edge| &edge.key.to);
    keepers.find(|id| view.topology.is_unheard(id) == Some(true))
}

/// The queue or destination that could not be written, where it does not exist.
pub(super) fn gone_keeper<'v>(view: &View<'v>, way: Way) -> Option<&'v NodeId> {
    let mut out = view.neighbours.out(&view.node.id).iter();
    let gone = out.find(|edge| is_written_by(way, edge) && Missing::cuts(&view.topology.missing, &edge.key))?;
    Some(&gone.key.to)
}

/// What helps where it does not exist.
fn to_what_is_gone(view: &View<'_>, way: Way) -> Option<Next> {
    let name = gone_keeper(view, way)?.clone();
    Some(match way {
        Way::DeadLetterUnwritten => Next::CreateDlq { name },
        _ => Next::CreateDestination { name },
    })
}

fn to_come<'a>(view: &View<'a>) -> Option<&'a Coming> {
    view.coming.iter().find(|one| one.of == view.node.id)
}

/// Failing events that will be lost but can still be saved. For a function that lost some already, they are reported with
/// those.
pub(super) fn will_be_lost(view: &View<'_>) -> Option<Trouble> {
    let one = to_come(view).filter(|one| one.lost == 0)?;
    if one.saved > 0 {
        return Some(Trouble {
            kind: Kind::LossToCome,
            link: one.source.clone(),
            why: Why::LastRetry { reason: reason(one) }.into(),
            next: Next::FirstAttempt {
                add: keeper_to_add(one),
            }
            .into(),
            ..view.trouble(Severity::Warning, saved(one))
        });
    }
    let near = coming::is_near(one, view.read.logs);
    // That nothing reads it is reported with its count.
    if matches!(one.cause, Cause::NobodyReads | Cause::DeadLetterRetention) && !near {
        return None;
    }
    let severity = if near { Severity::Failing } else { Severity::Warning };
    let waits = matches!(one.cause, Cause::NobodyReads | Cause::DeadLetterRetention);
    let many = match one.count {
        1 => Phrase::default(),
        count if waits => Why::MessagesWait { count }.into(),
        count => Why::EventsFail { count }.into(),
    };
    // What it depends on, where other batches pass meanwhile.
    let others = if one.others_pass {
        Why::OthersSucceed.into()
    } else {
        Phrase::default()
    };
    Some(Trouble {
        kind: Kind::LossToCome,
        link: one.source.clone().filter(|source| *source != one.of),
        // What may be lost by now has no moment to come.
        due: one.earliest.or(one.latest).filter(|_| !one.past),
        why: Phrase::clauses([reason(one).into(), others, many]),
        next: before_then(one).into(),
        ..view.trouble(severity, announced(one))
    })
}

/// The sentence before the time left.
fn announced(one: &Coming) -> What {
    // No metric counts what expired before the program was started.
    let is_first = !one.cause.is_uncounted();
    match (one.earliest, one.latest) {
        _ if one.past => What::MaybeLostByNow { count: one.by_now },
        _ if one.conditional => What::MaybeLost,
        // AWS publishes no moment for it.
        (None, None) => What::LostIfFailing,
        // Only the last moment is known.
        (None, Some(_)) if is_first => What::FirstLostWithin,
        (None, Some(_)) => What::LostWithin,
        (Some(_), _) if is_first => What::FirstLost,
        (Some(_), _) => What::Lost,
    }
}

/// What helps while they can still be saved.
fn before_then(one: &Coming) -> Next {
    match one.cause {
        Cause::NoDeadLetterQueue => Next::AddDlqBefore,
        Cause::KeeperGone | Cause::DestinationGone => Next::SetOneThatExists,
        Cause::KeeperUnheard => Next::SubscribeBefore,
        Cause::RetentionBeforeDeadLetter | Cause::QueueRetention => Next::RaiseQueueRetention,
        // AWS (kafka): its mapping takes neither a limit of retries nor a destination.
        Cause::StreamRetention | Cause::NoDestination if is_of_documents(one) => Next::RaiseChangeStreamRetention,
        Cause::StreamRetention => Next::LimitRetries,
        Cause::NoDestination | Cause::RecordAge => Next::AddDestinationBefore,
        Cause::NobodyReads => Next::EnableBefore,
        Cause::DeadLetterRetention => Next::RedriveBefore,
        Cause::ReadTooSlowly => Next::ReadFaster,
        Cause::Returned => Next::FixItems {
            queue: one.source.clone(),
        },
        Cause::StreamUnread => Next::EnableOrDelete,
    }
}

/// What retries saved: the next one probably will be, too.
#[must_use]
pub fn saved(one: &Coming) -> What {
    let unit = match one.cause {
        Cause::NoDeadLetterQueue | Cause::KeeperGone | Cause::DestinationGone | Cause::KeeperUnheard => Unit::Events,
        Cause::QueueRetention
        | Cause::RetentionBeforeDeadLetter
        | Cause::NobodyReads
        | Cause::DeadLetterRetention
        | Cause::Returned
        | Cause::ReadTooSlowly => Unit::Messages,
        Cause::StreamUnread => Unit::Records,
        Cause::StreamRetention | Cause::NoDestination | Cause::RecordAge => Unit::Batches,
    };
    What::Saved { count: one.saved, unit }
}

/// What would keep what fails to the end.
fn keeper_to_add(one: &Coming) -> Keeper {
    match one.cause {
        Cause::StreamRetention | Cause::NoDestination | Cause::RecordAge if !is_of_documents(one) => {
            Keeper::Destination
        }
        Cause::StreamRetention => Keeper::ChangeStream,
        _ => Keeper::Dlq,
    }
}

fn is_of_documents(one: &Coming) -> bool {
    let source = one.source.as_ref().and_then(|id| Arn::parse(id.as_str()));
    source.is_some_and(|arn| arn.kind() == NodeKind::Documentdb)
}

/// Why nothing will keep it, in a few words.
#[must_use]
pub fn reason(one: &Coming) -> Reason {
    let source = one.source.clone();
    match one.cause {
        Cause::NoDeadLetterQueue => Reason::NoDlq,
        Cause::KeeperGone => Reason::DlqGone { name: one.gone.clone() },
        Cause::DestinationGone => Reason::DestinationGone { name: one.gone.clone() },
        Cause::KeeperUnheard => Reason::TopicUnheard {
            topic: one.gone.clone(),
        },
        Cause::RetentionBeforeDeadLetter => Reason::RetentionBeforeDlq { source },
        Cause::QueueRetention => Reason::QueueRetention { source },
        Cause::StreamRetention => Reason::StreamRetention { source },
        Cause::NoDestination => Reason::NoDestination,
        Cause::RecordAge => Reason::RecordAge,
        Cause::NobodyReads | Cause::StreamUnread => Reason::Unread {
            source: source.filter(|source| *source != one.of),
        },
        Cause::DeadLetterRetention => Reason::DlqRetention,
        Cause::ReadTooSlowly => Reason::ReadTooSlowly,
        Cause::Returned => Reason::ItemsReturned { source },
    }
}
