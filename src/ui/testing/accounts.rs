//! Whole accounts.

use jiff::Timestamp;

use super::Account;
use crate::domain::{Alarm, Detail, Edge, EdgeKind, EdgePolicy, Evidence, Function, Metric, NodeId, NodeKind, Queue};
use crate::store::lately::Lately;
use crate::store::losses::{Loss, Losses, Way};
use crate::store::snapshot::{Change, Compared, Health, Overview, Severity, Trouble};

/// The orders chain of the design's picture, its consumer broken four minutes ago.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a list of what there is")]
pub fn orders(now: Timestamp) -> Account {
    let mut a = Account::new(now);
    let rule = a.node(NodeKind::Eventbridge, "every-5-min");
    let api = a.node(NodeKind::Apigateway, "orders-api");
    let intake = a.node(NodeKind::Lambda, "orders-in");
    let intake_dlq = a.node(NodeKind::Sqs, "in-dlq");
    let bucket = a.node(NodeKind::S3, "orders-bkt");
    let parse = a.node(NodeKind::Lambda, "orders-parse");
    let queue = a.node(NodeKind::Sqs, "orders-q");
    let dlq = a.node(NodeKind::Sqs, "q-dlq");
    let work = a.node(NodeKind::Lambda, "orders-work");
    let topic = a.node(NodeKind::Sns, "orders-done");
    let notify = a.node(NodeKind::Lambda, "orders-notify");
    let audit = a.node(NodeKind::Sqs, "orders-audit");
    let table = a.node(NodeKind::DynamodbStream, "orders");
    let stream = a.node(NodeKind::Lambda, "orders-report");
    let lost = a.node(NodeKind::Sqs, "report-failed");

    let retried = |by: &str| EdgePolicy {
        retried_by: Some(by.to_owned()),
        ..EdgePolicy::default()
    };
    a.edge(
        &rule,
        &intake,
        EdgeKind::Trigger,
        EdgePolicy {
            schedule: Some("rate(5 minutes)".to_owned()),
            max_retries: Some(185),
            max_age_s: Some(86_400),
            ..retried("eventbridge")
        },
    );
    a.add(
        Edge::new(api.clone(), intake.clone(), EdgeKind::Trigger, Evidence::Permitted).with(EdgePolicy {
            events: vec!["POST /orders".to_owned()],
            ..retried("caller")
        }),
    );
    let asynchronous = EdgePolicy {
        max_retries: Some(2),
        max_age_s: Some(21_600),
        ..retried("lambda")
    };
    a.edge(&intake, &intake_dlq, EdgeKind::DeadLetter, asynchronous.clone());
    a.writes(&intake, &bucket, "BUCKET");
    a.edge(
        &bucket,
        &parse,
        EdgeKind::Trigger,
        EdgePolicy {
            events: vec!["s3:ObjectCreated:*".to_owned()],
            filters: vec!["suffix .json".to_owned()],
            ..asynchronous.clone()
        },
    );
    a.writes(&parse, &queue, "QUEUE_URL");
    a.edge(
        &queue,
        &work,
        EdgeKind::Trigger,
        EdgePolicy {
            id: Some("3f2504e0-4f89-11d3-9a0c-0305e82c3301".to_owned()),
            state: Some("Enabled".to_owned()),
            batch_size: Some(10),
            partial_response: Some(false),
            ..retried("sqs")
        },
    );
    let receives = EdgePolicy {
        receive_limit: Some(3),
        ..EdgePolicy::default()
    };
    a.edge(&queue, &dlq, EdgeKind::DeadLetter, receives);
    a.writes(&work, &topic, "TOPIC_ARN");
    a.edge(&topic, &notify, EdgeKind::Trigger, retried("sns"));
    a.edge(&topic, &audit, EdgeKind::Trigger, retried("sns"));
    a.writes(&notify, &table, "TABLE");
    let mapping = EdgePolicy {
        id: Some("77aa04e0-4f89-11d3-9a0c-0305e82c3301".to_owned()),
        state: Some("Disabled".to_owned()),
        batch_size: Some(100),
        max_retries: Some(3),
        starting_position: Some("LATEST".to_owned()),
        ..retried("mapping")
    };
    a.add(
        Edge::new(table.clone(), stream.clone(), EdgeKind::Trigger, Evidence::Configured)
            .with(mapping)
            .enabled(false),
    );
    a.edge(&stream, &lost, EdgeKind::DeadLetter, retried("mapping"));

    for (function, rate) in [(&intake, 12.0), (&parse, 12.0), (&work, 9.0), (&notify, 0.0)] {
        a.runs(function, rate);
        let detail = Function {
            runtime: Some("python3.13".to_owned()),
            timeout_s: 30,
            memory_mb: 256,
            last_modified: Some(a.ago(if function == &work { 390 } else { 86_400 * 9 })),
            state: Some("Active".to_owned()),
            log_group: "/aws/lambda/x".to_owned(),
            ..Function::default()
        };
        a.detail(function, Detail::Function(Box::new(detail)));
    }
    for (queue, seconds) in [(&queue, 30), (&dlq, 30), (&intake_dlq, 30), (&audit, 30), (&lost, 30)] {
        let detail = Queue {
            url: "https://sqs.ap-northeast-1.amazonaws.com/123456789012/x".to_owned(),
            visibility_timeout_s: seconds,
            retention_s: 345_600,
            ..Queue::default()
        };
        a.detail(queue, Detail::Queue(Box::new(detail)));
        a.depth(queue, 0, &[0.0; 10]);
    }
    a.metric(
        &rule,
        Metric::RuleInvocations,
        &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
    );
    let (failures, since) = (a.points(&[9.0; 5]), a.ago(287));
    let error = (a.ago(11), "KeyError: 'customer_id'".to_owned());
    let good = a.ago(300);
    a.health(&work, Health::Failing, "every run fails: KeyError: 'customer_id'");
    let vitals = a.vitals(&work);
    if let Some(runs) = &mut vitals.runs {
        runs.failures = failures;
        runs.failing_since = Some(since);
        runs.failed_in_row = 43;
        runs.lately = Lately {
            of: 20,
            failed: 20,
            succeeded_since: 0,
            before: (20, 20),
        };
        runs.last_error = Some(error);
        runs.last_success = Some(good);
    }
    a.metric(&work, Metric::Errors, &[0.0, 0.0, 0.0, 9.0, 9.0, 9.0, 9.0]);
    a.metric(
        &work,
        Metric::DurationP99,
        &[140.0, 152.0, 149.0, 31.0, 30.0, 33.0, 31.0],
    );
    a.depth(&queue, 41, &[2.0, 1.0, 3.0, 2.0, 8.0, 17.0, 24.0, 33.0, 41.0]);
    a.vitals(&queue).backs_up = true;
    a.metric(&queue, Metric::OldestMessageAge, &[1.0, 1.0, 20.0, 38.0]);
    a.health(&queue, Health::Warning, "backing up: 41 wait, 38 s the oldest");
    a.depth(&dlq, 101, &[60.0, 60.0, 60.0, 60.0, 64.0, 80.0, 93.0, 101.0]);
    a.metric(&dlq, Metric::OldestMessageAge, &[187_200.0]);
    a.health(&dlq, Health::Failing, "41 dead letters came in 4 min");
    a.health(&stream, Health::Off, "its only trigger is disabled");
    a.vitals(&api).health = Health::Unknown;
    a.health(&intake, Health::Warning, "3 events dropped in the last hour");

    let changed = a.ago(390);
    a.answers = Overview {
        lost: Some(Compared {
            hour: 3.0,
            yesterday: Some(0.0),
            last: None,
        }),
        losses: Losses {
            certain: vec![Loss {
                of: Some(intake.clone()),
                way: Way::Dropped,
                count: 3,
                last: None,
                counted: true,
            }],
            ..Losses::default()
        },
        coming: Vec::new(),
        dead_letters: Some(101),
        lost_at: Some(a.ago(70)),
        errors: Some(Compared {
            hour: 45.0,
            yesterday: Some(2.0),
            last: None,
        }),
        throttles: None,
        errors_at: None,
        alarms: vec![Alarm {
            name: "orders-q-age".to_owned(),
            node: Some(queue.clone()),
            since: Some(a.ago(130)),
            reason: "Threshold crossed".to_owned(),
        }],
        changes: vec![Change {
            node: work.clone(),
            at: changed,
            what: "deployed".to_owned(),
            errors_since: Some(since),
        }],
        silent: vec![(stream.clone(), "stands still: its mapping is disabled".to_owned())],
    };
    let trouble = |id: &NodeId, severity, what: &str, since, why: &str, next: &str| Trouble {
        id: id.clone(),
        severity,
        what: what.to_owned(),
        since: Some(since),
        longer: false,
        last: None,
        due: None,
        kind: crate::store::snapshot::Kind::Other,
        why: why.to_owned(),
        next: next.to_owned(),
    };
    a.troubles = vec![
        trouble(
            &intake,
            Severity::Loss,
            "3 events dropped in the last hour",
            a.ago(1_900),
            "AsyncEventsDropped",
            "gone: nothing brings them back",
        ),
        trouble(
            &work,
            Severity::Failing,
            "every run fails: KeyError: 'customer_id'",
            since,
            "43 runs in a row",
            "each message goes to q-dlq after 3 receives",
        ),
        trouble(
            &dlq,
            Severity::Failing,
            "101 dead letters, 41 in the last 4 min",
            since,
            "queue attributes",
            "the oldest is deleted in 1d 20h",
        ),
        trouble(
            &queue,
            Severity::Warning,
            "backing up: 41 wait, 38 s the oldest",
            a.ago(240),
            "queue attributes",
            "",
        ),
        trouble(
            &stream,
            Severity::Notice,
            "its only trigger is disabled",
            a.ago(86_400),
            "mapping state",
            "resume it with the command in its details",
        ),
    ];
    a
}

/// Chains side by side, `nodes` boxes in all, one of them failing: for benches and for finding the red one.
#[must_use]
pub fn big(now: Timestamp, nodes: usize) -> Account {
    let mut a = Account::new(now);
    let mut left = nodes;
    let mut chain = 0;
    while left > 0 {
        chain += 1;
        let mut previous: Option<NodeId> = None;
        let length = (3 + chain * 7 % 8).min(left);
        for step in 0..length {
            let (kind, name) = match step % 4 {
                0 => (NodeKind::Sqs, format!("team{chain}-queue-{step}")),
                1 => (NodeKind::Lambda, format!("team{chain}-worker-{step}")),
                2 => (NodeKind::S3, format!("team{chain}-bucket-{step}")),
                _ => (NodeKind::Lambda, format!("team{chain}-parser-{step}")),
            };
            let id = a.node(kind, &name);
            match kind {
                NodeKind::Sqs => a.depth(&id, u64::try_from(chain % 5).unwrap_or(0), &[1.0, 2.0, 1.0, 0.0, 3.0]),
                NodeKind::Lambda => a.runs(&id, 6.0),
                _ => {}
            }
            if let Some(previous) = &previous {
                a.edge(previous, &id, EdgeKind::Trigger, EdgePolicy::default());
            }
            previous = Some(id);
        }
        left -= length;
        // Some fan out, so that there are more edges than nodes.
        if let Some(last) = previous.filter(|_| chain % 3 == 0 && left > 4) {
            for branch in 0..4 {
                let id = a.node(NodeKind::Lambda, &format!("team{chain}-branch-{branch}"));
                a.edge(&last, &id, EdgeKind::Trigger, EdgePolicy::default());
            }
            left -= 4;
        }
    }
    let ids: Vec<NodeId> = a
        .topology
        .nodes
        .values()
        .filter(|n| n.kind == NodeKind::Lambda)
        .map(|n| n.id.clone())
        .collect();
    if let Some(red) = ids.get(ids.len() * 2 / 3).cloned() {
        let since = a.ago(600);
        a.health(&red, Health::Failing, "every run fails");
        a.troubles.push(Trouble {
            id: red,
            severity: Severity::Failing,
            what: "every run fails".to_owned(),
            since: Some(since),
            longer: false,
            last: None,
            due: None,
            kind: crate::store::snapshot::Kind::Other,
            why: "log lines".to_owned(),
            next: String::new(),
        });
    }
    a
}
