//! Which queues there are, who feeds them, and when they are read.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{Made, at, function, id, queue};
use crate::dead_letters::expiry::Nearness;
use crate::dead_letters::queues::{self, QueueCounts, Use};
use crate::dead_letters::read_guard::{Refusal, notice, refusals, sentence};
use crate::dead_letters::words::{Guard, Mixed};
use crate::domain::phrase::Phrase;
use crate::domain::{EdgeKind, EdgePolicy, Origin};

/// A queue that everything feeds.
fn fed() -> Made {
    let (dlq, failed) = (queue("dlq"), function("f"));
    let on_failure = EdgePolicy {
        condition: Some("OnFailure".into()),
        ..EdgePolicy::default()
    };
    let on_success = EdgePolicy {
        condition: Some("OnSuccess".into()),
        ..EdgePolicy::default()
    };
    Made::default()
        .keeps("dlq", 345_600)
        .keeps("work", 86_400)
        .dead(&queue("work"), &dlq, "sqs", None)
        .dead(&failed, &dlq, "lambda", None)
        .dead(&failed, &dlq, "mapping", Some("uuid-1"))
        .edge(EdgeKind::Destination, &failed, &dlq, on_failure)
        .edge(EdgeKind::Destination, &failed, &queue("done"), on_success)
        .dead(&id("sns:r:1:t"), &dlq, "sns", Some("sub-1"))
        .dead(&id("events:r:1:rule/nightly"), &dlq, "eventbridge", Some("target-1"))
        .dead(&id("scheduler:r:1:schedule/default/s"), &dlq, "scheduler", None)
        .edge(
            EdgeKind::DeadLetter,
            &id("pipes:r:1:pipe/p"),
            &dlq,
            EdgePolicy::default(),
        )
}

#[test]
fn a_queue_is_found_from_every_side() {
    let made = fed();
    let all = queues::queues(made.chain(), &BTreeMap::new());
    assert_eq!(all.len(), 1, "what comes after success is no dead letter");
    let found: Vec<_> = all[0]
        .fed_by
        .iter()
        .map(|feeder| (feeder.origin, feeder.part.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (Origin::SqsRedrive, None),
            (Origin::LambdaAsync, None),
            (Origin::Destination, None),
            (Origin::Stream, Some("uuid-1")),
            (Origin::Sns, Some("sub-1")),
            (Origin::Eventbridge, Some("target-1")),
            (Origin::Scheduler, None),
            (Origin::Pipe, None),
        ]
    );
}

#[test]
fn a_topic_between_function_and_queue_is_seen_through() {
    let topic = id("sns:r:1:dead");
    let made =
        Made::default()
            .dead(&function("f"), &topic, "lambda", None)
            .trigger(&topic, &queue("dlq"), Some("sub-2"));
    let all = queues::queues(made.chain(), &BTreeMap::new());
    assert_eq!(all.len(), 1);
    let feeder = &all[0].fed_by[0];
    assert_eq!(
        (feeder.origin, &feeder.id, feeder.via.as_ref()),
        (Origin::LambdaAsync, &function("f"), Some(&topic))
    );
}

#[test]
fn before_a_read_the_expiry_is_a_bound() {
    let made = fed();
    let known = QueueCounts {
        visible: 2,
        in_flight: 1,
        delayed: 0,
        at: at(0),
    };
    let of = |known| queues::queue(made.chain(), &queue("dlq"), Some(known));
    let bound = of(known).bound().expect("three messages");
    assert_eq!((bound.at, bound.exact), (at(345_600), false));
    let empty = QueueCounts {
        visible: 0,
        in_flight: 0,
        ..known
    };
    assert_eq!(of(empty).bound(), None);
    assert_eq!(queues::queue(made.chain(), &queue("dlq"), None).bound(), None);
}

#[test]
fn the_warning_comes_a_day_ahead_or_a_quarter() {
    let day = SignedDuration::from_hours(24);
    let near = |kept: SignedDuration, left: SignedDuration| {
        let expiry = crate::dead_letters::Expiry::of(at(0), kept);
        expiry.nearness(expiry.at.checked_sub(left).expect("a time"), kept)
    };
    assert_eq!(near(day * 4, day * 2), Nearness::Far);
    assert_eq!(near(day * 4, day), Nearness::Soon);
    assert_eq!(near(day * 14, day * 3), Nearness::Soon);
    assert_eq!(near(day * 4, SignedDuration::ZERO), Nearness::Gone);
}

#[test]
fn a_queue_that_keeps_no_longer_than_its_source_is_told() {
    let with = |dlq: u32| {
        let made =
            Made::default()
                .keeps("dlq", dlq)
                .keeps("work", 345_600)
                .dead(&queue("work"), &queue("dlq"), "sqs", None);
        queues::queue(made.chain(), &queue("dlq"), None).outlived_by
    };
    assert_eq!(with(345_600), [queue("work")]);
    assert_eq!(with(1_209_600), []);
}

#[test]
fn what_reads_or_moves_on_is_refused_by_name() {
    let made = fed();
    assert_eq!(refusals(&queues::queue(made.chain(), &queue("dlq"), None)), []);
    let ordinary = queues::queue(made.chain(), &queue("work"), None);
    let all = refusals(&ordinary);
    assert_eq!(
        all,
        [
            Refusal::Ordinary,
            Refusal::MovesOn {
                to: queue("dlq"),
                after: Some(3)
            }
        ]
    );
    let work = || "work".to_owned();
    let against = Phrase::clauses([
        Guard::Ordinary { queue: work() }.into(),
        Guard::MovesOn {
            queue: work(),
            to: queue("dlq"),
            after: Some(3),
        }
        .into(),
    ]);
    assert_eq!(sentence(&all, "work"), Some(Guard::ReadAnyway { against }));
    assert_eq!(sentence(&[], "work"), None);
    let made = fed().trigger(&queue("dlq"), &function("mender"), None);
    let eaten = queues::queue(made.chain(), &queue("dlq"), None);
    assert_eq!(
        refusals(&eaten),
        [Refusal::Consumed {
            by: vec![function("mender")]
        }]
    );
}

#[test]
fn what_reading_does_is_said_and_fifo_says_more() {
    let made = fed()
        .keeps("dlq.fifo", 60)
        .dead(&queue("q.fifo"), &queue("dlq.fifo"), "sqs", None);
    let lines = |name: &str| notice(&queues::queue(made.chain(), &queue(name), None), 100, 30);
    assert!(lines("dlq").contains(&Guard::Hides { most: 100, seconds: 30 }));
    assert_eq!(
        lines("dlq.fifo").len(),
        lines("dlq").len(),
        "its attributes say that it is none"
    );
    let unread = Made::default().dead(&queue("q.fifo"), &queue("dlq.fifo"), "sqs", None);
    let fifo = queues::queue(unread.chain(), &queue("dlq.fifo"), None);
    assert!(notice(&fifo, 100, 30).contains(&Guard::Fifo));
}

#[test]
fn a_work_queue_that_is_also_somebodys_destination_is_not_only_a_dead_letter_queue() {
    let on_failure = EdgePolicy {
        condition: Some("OnFailure".into()),
        ..EdgePolicy::default()
    };
    let made = Made::default().edge(EdgeKind::Destination, &function("a"), &queue("q"), on_failure);
    let of = |made: &Made| {
        let found = queues::queue(made.chain(), &queue("q"), None);
        (found.used_as(), found.not_only_dead_letters())
    };
    assert_eq!(of(&made), (Use::DeadLetterQueue, None));
    let made = made.trigger(&id("sns:r:1:orders"), &queue("q"), None);
    let (used, said) = of(&made);
    assert_eq!(used, Use::Mixed);
    let orders = || vec![id("sns:r:1:orders")];
    assert_eq!(said, Some(Mixed::AlsoFed { by: orders() }));
    let made = made.trigger(&queue("q"), &function("b"), None);
    let (used, said) = of(&made);
    assert_eq!(used, Use::WorkQueue);
    assert_eq!(
        said,
        Some(Mixed::AlsoFedAndConsumed {
            from: orders(),
            by: vec![function("b")]
        })
    );
    // Its worker is paused for the night.
    let made = Made::default()
        .edge(
            EdgeKind::Destination,
            &function("a"),
            &queue("q"),
            EdgePolicy {
                condition: Some("OnFailure".into()),
                ..EdgePolicy::default()
            },
        )
        .trigger(&queue("q"), &function("b"), None)
        .paused();
    let found = queues::queue(made.chain(), &queue("q"), None);
    assert_eq!((found.used_as(), found.consumers.len()), (Use::WorkQueue, 0));
    assert_eq!(
        found.not_only_dead_letters(),
        Some(Mixed::Paused {
            by: vec![function("b")]
        })
    );
    assert_eq!(
        refusals(&found),
        [Refusal::Paused {
            by: vec![function("b")]
        }]
    );
    // A topic that carries nothing but dead letters makes its queue none.
    let topic = id("sns:r:1:failed");
    let made = Made::default()
        .dead(&function("a"), &topic, "lambda", None)
        .trigger(&topic, &queue("q"), None);
    assert_eq!(of(&made), (Use::DeadLetterQueue, None));
}
