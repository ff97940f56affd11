//! Events on their way through the functions of [`super::orders`], one of each kind that is drawn differently.

use jiff::{SignedDuration, Timestamp};

use super::scope;
use crate::domain::delivery::{
    Attempt, AttemptOutcome, Certainty, Deliveries, Delivery, End, Fate, Outlook, Pattern, Prediction, Throttled,
    Unobservable,
};
use crate::domain::phrase::Exact;
use crate::domain::{NodeId, RunError};
use crate::forecast::words::{Async, Lands, Receive, Said};
use crate::logs::blind_spots::BlindSpot;

fn function(name: &str) -> NodeId {
    NodeId::from(scope().arn("lambda", &format!("function:{name}")))
}

fn queue(name: &str) -> NodeId {
    NodeId::from(scope().arn("sqs", name))
}

fn ago(now: Timestamp, seconds: i64) -> Timestamp {
    now - SignedDuration::from_secs(seconds)
}

fn failed(now: Timestamp, n: u32, seconds_ago: i64, request: &str, message: &str) -> Attempt {
    let start = ago(now, seconds_ago);
    Attempt {
        n,
        start: Some(start),
        end: Some(start + SignedDuration::from_millis(320)),
        outcome: AttemptOutcome::Error,
        evidence: Certainty::Observed,
        request_id: Some(request.to_owned()),
        error: Some(RunError {
            kind: Some("KeyError".to_owned()),
            message: message.to_owned(),
        }),
    }
}

fn event(id: &str, name: &str, pattern: Pattern, attempts: Vec<Attempt>) -> Delivery {
    Delivery {
        attempts,
        ..Delivery::new(id, function(name), pattern)
    }
}

/// An asynchronous event between two attempts.
fn waiting(now: Timestamp) -> Delivery {
    let later = |seconds| now + SignedDuration::from_secs(seconds);
    Delivery {
        next: Some(Prediction {
            earliest: later(72),
            latest: Some(later(84)),
            attempt: 3,
            rule: Async::Retry {
                wait: Exact::secs(120),
                attempt: 2,
            }
            .into(),
            conditions: Vec::new(),
        }),
        outlook: Some(Outlook {
            earliest: Some(later(72)),
            latest: Some(later(84)),
            attempts_left: Some(1),
            ..Outlook::new(
                Fate::Dropped,
                Async::Left {
                    doubt: None,
                    left: 1,
                    lands: Lands::Dropped,
                },
            )
        }),
        source: Some(NodeId::from(scope().arn("events", "rule/every-5-min"))),
        ..event(
            "5f1c22aa-0000-4000-8000-000000000001",
            "orders-in",
            Pattern::Asynchronous,
            vec![
                failed(now, 1, 114, "5f1c22aa-0000-4000-8000-000000000001", "'action'"),
                failed(now, 2, 48, "5f1c22aa-0000-4000-8000-000000000001", "'action'"),
            ],
        )
    }
}

/// A queue's message before its last receive.
fn message(now: Timestamp) -> Delivery {
    let later = |seconds| now + SignedDuration::from_secs(seconds);
    Delivery {
        next: Some(Prediction {
            earliest: later(9),
            latest: Some(later(31)),
            attempt: 3,
            rule: Receive::Again {
                visibility: Exact::secs(30),
            }
            .into(),
            conditions: Vec::new(),
        }),
        outlook: Some(Outlook {
            to: Some(queue("q-dlq")),
            earliest: Some(later(39)),
            latest: Some(later(62)),
            attempts_left: Some(1),
            ..Outlook::new(
                Fate::DeadLetter,
                Receive::Moves {
                    receives: 3,
                    dlq: Some("q-dlq".to_owned()),
                },
            )
        }),
        source: Some(queue("orders-q")),
        ..event(
            "98a3bb10-0000-4000-8000-000000000002",
            "orders-work",
            Pattern::Queue,
            vec![
                failed(now, 1, 52, "req-1", "'customer_id'"),
                Attempt {
                    evidence: Certainty::Inferred,
                    ..failed(now, 2, 21, "req-2", "'customer_id'")
                },
            ],
        )
    }
}

/// A message in a dead-letter queue.
fn dead(now: Timestamp) -> Delivery {
    Delivery {
        end: Some(End {
            at: Some(ago(now, 33)),
            to: Some(queue("q-dlq")),
            ..End::new(
                Fate::DeadLetter,
                Certainty::Observed,
                Said::LiesIn {
                    queue: "q-dlq".to_owned(),
                },
            )
        }),
        source: Some(queue("orders-q")),
        ..event(
            "77d0cc31-0000-4000-8000-000000000003",
            "orders-work",
            Pattern::Queue,
            vec![
                failed(now, 1, 128, "req-3", "'customer_id'"),
                failed(now, 2, 97, "req-4", "'customer_id'"),
                failed(now, 3, 66, "req-5", "'customer_id'"),
            ],
        )
    }
}

/// An event that was dropped.
fn dropped(now: Timestamp) -> Delivery {
    Delivery {
        end: Some(End {
            at: Some(ago(now, 60)),
            ..End::new(
                Fate::Dropped,
                Certainty::Inferred,
                Async::UsedUp {
                    attempts: 3,
                    lands: Lands::Dropped,
                },
            )
        }),
        ..event(
            "0b7e5d02-0000-4000-8000-000000000004",
            "orders-in",
            Pattern::Asynchronous,
            vec![
                failed(now, 1, 258, "0b7e5d02-0000-4000-8000-000000000004", "'action'"),
                failed(now, 2, 191, "0b7e5d02-0000-4000-8000-000000000004", "'action'"),
                failed(now, 3, 61, "0b7e5d02-0000-4000-8000-000000000004", "'action'"),
            ],
        )
    }
}

/// Messages behind a mapping that is off.
fn off() -> Delivery {
    Delivery {
        waits: Some(Said::MappingOff.into()),
        count: 41,
        ..event("orders-q", "orders-work", Pattern::Queue, Vec::new())
    }
}

/// An event that succeeded.
fn succeeded(now: Timestamp) -> Delivery {
    Delivery {
        end: Some(End {
            at: Some(ago(now, 20)),
            ..End::new(Fate::Succeeded, Certainty::Observed, Said::Succeeded)
        }),
        ..event(
            "c0ffee00-0000-4000-8000-000000000005",
            "orders-parse",
            Pattern::Asynchronous,
            vec![Attempt {
                outcome: AttemptOutcome::Ok,
                error: None,
                ..failed(now, 1, 20, "c0ffee00-0000-4000-8000-000000000005", "")
            }],
        )
    }
}

/// An asynchronous event between two attempts, a queue's message before its last receive, one in a dead-letter queue,
/// one that was dropped, one whose mapping is off, one that ended well.
#[must_use]
pub fn deliveries(now: Timestamp) -> Deliveries {
    Deliveries {
        deliveries: vec![
            waiting(now),
            message(now),
            off(),
            dropped(now),
            dead(now),
            succeeded(now),
        ],
        unobservable: vec![Unobservable {
            function: function("orders-notify"),
            why: BlindSpot::LogLevel {
                level: "WARN".to_owned(),
            }
            .into(),
        }],
        forgotten: 0,
        throttled: vec![Throttled {
            function: function("orders-work"),
            count: 12,
            read_at: ago(now, 40),
        }],
    }
}
