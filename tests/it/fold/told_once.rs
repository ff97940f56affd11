//! What two counts tell of the same loss is told once.

use pitagora::domain::Source;
use pitagora::store::losses::Way;

use super::losses::{bare, read_to};
use super::saved::asynchronous;
use super::*;

/// What the account counts as dropped is that of which the log tells already: it has one name.
#[test]
fn an_event_that_the_log_tells_of_is_not_told_again_by_the_accounts_count() {
    let mut told = asynchronous();
    let attempts = [(1_000, "e"), (1_066, "e"), (1_197, "e")];
    let lines = attempts
        .iter()
        .flat_map(|(at, id)| [start(*at, id), report(at + 1, id, true)]);
    told.tell(1_300, read_to(1_300, lines.collect()));
    let dropped = |subject, minutes: &[(i64, f64)], now: i64| Observation {
        at: at(now),
        scope: scope(),
        source: Source::Metrics,
        what: Fact::Metric {
            subject,
            metric: Metric::AsyncEventsDropped,
            points: minutes
                .iter()
                .map(|(s, value)| Point {
                    at: at(*s),
                    value: *value,
                })
                .collect(),
        },
    };
    let told_twice = |told: &mut Told| {
        let snapshot = told.snapshot();
        let losses = &snapshot.answers.losses;
        assert_eq!(losses.certain.len(), 1);
        assert_eq!(losses.certain[0].way, Way::Dropped);
        !losses.unsure.is_empty()
    };
    let function = Subject::Node(function_id("work"));
    // Before the log was read so far back, the account counted four more.
    let all = [(300, 2.0), (600, 2.0), (1_170, 1.0)];
    told.0.apply(dropped(Subject::Account, &all, 1_310));
    assert!(!told_twice(&mut told), "of the function nothing was counted yet");
    told.0.apply(dropped(function.clone(), &all, 1_320));
    assert!(!told_twice(&mut told));
    // The account's is read each minute, the function's not.
    told.0
        .apply(dropped(Subject::Account, &[(1_170, 1.0), (1_350, 3.0)], 1_500));
    assert!(!told_twice(&mut told), "the function was not read since");
    told.0
        .apply(dropped(function.clone(), &[(1_170, 1.0), (1_350, 1.0)], 2_100));
    assert!(told_twice(&mut told), "two are of none that is known");
}

/// What dead-letter queues take is counted as dropped too, and of each function later than of the account.
#[test]
fn the_accounts_count_of_drops_that_were_kept_is_never_told_as_of_nobody() {
    let mut told = asynchronous();
    let policy = EdgePolicy::retried_by("lambda");
    let dead = edge(&function_id("work"), &queue_id("dead"), EdgeKind::DeadLetter).with(policy);
    told.tell(2, found("configuration", vec![queue("dead")], vec![dead]));
    let counted = |subject, to: i64| Fact::Metric {
        subject,
        metric: Metric::AsyncEventsDropped,
        points: (0..to)
            .map(|n| Point {
                at: at(n * 60),
                value: 1.0,
            })
            .collect(),
    };
    for minute in 1..40 {
        if minute % 3 == 1 {
            told.tell(minute * 60, counted(Subject::Node(function_id("work")), minute));
        }
        told.tell(minute * 60 + 1, counted(Subject::Account, minute));
        let snapshot = told.snapshot();
        let losses = &snapshot.answers.losses;
        assert!(
            losses.certain.is_empty() && losses.unsure.is_empty(),
            "{losses:?} in minute {minute}"
        );
    }
}

/// A batch that its mapping gave up and could not write to its destination is one loss: by the log, and by the metric.
#[test]
fn a_batch_that_could_not_be_written_is_not_told_again_by_the_log() {
    let stream: NodeId = scope().arn("kinesis", "stream/clicks").into();
    let policy = |retried_by: &str| EdgePolicy {
        id: Some("m".into()),
        retries: RetryPolicy {
            max: Some(1),
            by: Some(retried_by.into()),
            ..RetryPolicy::default()
        },
        stream: StreamSource {
            shards: Some(1),
            ..StreamSource::default()
        },
        ..EdgePolicy::default()
    };
    let edges = vec![
        edge(&stream, &function_id("work"), EdgeKind::Trigger).with(policy("lambda")),
        edge(&function_id("work"), &queue_id("dest"), EdgeKind::DeadLetter).with(policy("mapping")),
    ];
    let nodes = vec![
        bare(&stream, NodeKind::Kinesis),
        function("work"),
        bare(&queue_id("dest"), NodeKind::Sqs),
    ];
    let mut told = Told::default();
    let gone = Missing {
        id: queue_id("dest"),
        qualifier: None,
    };
    told.tell(0, found("mappings", nodes, edges))
        .tell(1, Fact::Missing([gone].into()))
        .tell(1, surveyed(&["mappings"]));
    // Two attempts of each batch, a second apart.
    let lines = (0..6).flat_map(|n| {
        let at = 100 + n / 2 * 60 + n % 2;
        [start(at, &format!("b{n}")), report(at, &format!("b{n}"), true)]
    });
    told.tell(400, read_to(400, lines.collect()));
    let ways = |told: &mut Told| -> Vec<(Way, u64)> {
        let snapshot = told.snapshot();
        let all = snapshot.answers.losses.certain.iter();
        all.map(|loss| (loss.way, loss.count)).collect()
    };
    let by_log = ways(&mut told);
    assert_eq!(by_log, [(Way::Skipped, 3)]);
    let counted = Fact::Metric {
        subject: Subject::Node(function_id("work")),
        metric: Metric::DestinationDeliveryFailures,
        points: vec![Point {
            at: at(120),
            value: 2.0,
        }],
    };
    told.tell(410, counted);
    assert_eq!(ways(&mut told), [(Way::DestinationUnreached, 3)], "the metric is late");
}
