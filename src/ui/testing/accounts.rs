//! Whole accounts.

use jiff::Timestamp;

use super::{Account, text};
use crate::domain::phrase::Phrase;
use crate::domain::{
    Alarm, Batching, Detail, Edge, EdgeFilter, EdgeKind, EdgePolicy, EdgeStatus, Evidence, Function, FunctionStatus,
    Logging, Metric, NodeId, NodeKind, Queue, RetryPolicy, StreamSource,
};
use crate::store::lately::Lately;
use crate::store::losses::{Loss, Losses, Way};
use crate::store::overview::Changed;
use crate::store::snapshot::{Change, Compared, Health, Overview, Severity, Trouble};

/// The nodes of the orders chain.
struct Orders {
    rule: NodeId,
    api: NodeId,
    intake: NodeId,
    intake_dlq: NodeId,
    bucket: NodeId,
    parse: NodeId,
    queue: NodeId,
    dlq: NodeId,
    work: NodeId,
    topic: NodeId,
    notify: NodeId,
    audit: NodeId,
    table: NodeId,
    stream: NodeId,
    lost: NodeId,
}

/// The orders chain of the design's picture, its consumer broken four minutes ago.
#[must_use]
pub fn orders(now: Timestamp) -> Account {
    let mut a = Account::new(now);
    let chain = Orders {
        rule: a.node(NodeKind::Eventbridge, "every-5-min"),
        api: a.node(NodeKind::Apigateway, "orders-api"),
        intake: a.node(NodeKind::Lambda, "orders-in"),
        intake_dlq: a.node(NodeKind::Sqs, "in-dlq"),
        bucket: a.node(NodeKind::S3, "orders-bkt"),
        parse: a.node(NodeKind::Lambda, "orders-parse"),
        queue: a.node(NodeKind::Sqs, "orders-q"),
        dlq: a.node(NodeKind::Sqs, "q-dlq"),
        work: a.node(NodeKind::Lambda, "orders-work"),
        topic: a.node(NodeKind::Sns, "orders-done"),
        notify: a.node(NodeKind::Lambda, "orders-notify"),
        audit: a.node(NodeKind::Sqs, "orders-audit"),
        table: a.node(NodeKind::DynamodbStream, "orders"),
        stream: a.node(NodeKind::Lambda, "orders-report"),
        lost: a.node(NodeKind::Sqs, "report-failed"),
    };
    pushed(&mut a, &chain);
    polled(&mut a, &chain);
    running(&mut a, &chain);
    broken(&mut a, &chain);
    a.answers = overview(&a, &chain);
    a.troubles = troubles(&a, &chain);
    a
}

/// The links that events are pushed along.
fn pushed(a: &mut Account, chain: &Orders) {
    a.edge(
        &chain.rule,
        &chain.intake,
        EdgeKind::Trigger,
        EdgePolicy {
            schedule: Some("rate(5 minutes)".to_owned()),
            retries: RetryPolicy {
                max: Some(185),
                max_age_s: Some(86_400),
                ..EdgePolicy::retried_by("eventbridge").retries
            },
            ..EdgePolicy::retried_by("eventbridge")
        },
    );
    a.add(
        Edge::new(
            chain.api.clone(),
            chain.intake.clone(),
            EdgeKind::Trigger,
            Evidence::Permitted,
        )
        .with(EdgePolicy {
            filter: EdgeFilter {
                events: vec!["POST /orders".to_owned()],
                ..EdgeFilter::default()
            },
            ..EdgePolicy::retried_by("caller")
        }),
    );
    let asynchronous = EdgePolicy {
        retries: RetryPolicy {
            max: Some(2),
            max_age_s: Some(21_600),
            ..EdgePolicy::retried_by("lambda").retries
        },
        ..EdgePolicy::retried_by("lambda")
    };
    a.edge(
        &chain.intake,
        &chain.intake_dlq,
        EdgeKind::DeadLetter,
        asynchronous.clone(),
    );
    a.writes(&chain.intake, &chain.bucket, "BUCKET");
    a.edge(
        &chain.bucket,
        &chain.parse,
        EdgeKind::Trigger,
        EdgePolicy {
            filter: EdgeFilter {
                events: vec!["s3:ObjectCreated:*".to_owned()],
                patterns: vec!["suffix .json".to_owned()],
                ..EdgeFilter::default()
            },
            ..asynchronous.clone()
        },
    );
}

/// The links from the queue on.
fn polled(a: &mut Account, chain: &Orders) {
    a.writes(&chain.parse, &chain.queue, "QUEUE_URL");
    a.edge(
        &chain.queue,
        &chain.work,
        EdgeKind::Trigger,
        EdgePolicy {
            id: Some("3f2504e0-4f89-11d3-9a0c-0305e82c3301".to_owned()),
            status: EdgeStatus {
                state: Some("Enabled".to_owned()),
                ..EdgeStatus::default()
            },
            batching: Batching {
                size: Some(10),
                partial_response: Some(false),
                ..Batching::default()
            },
            ..EdgePolicy::retried_by("sqs")
        },
    );
    let receives = EdgePolicy {
        retries: RetryPolicy {
            receive_limit: Some(3),
            ..RetryPolicy::default()
        },
        ..EdgePolicy::default()
    };
    a.edge(&chain.queue, &chain.dlq, EdgeKind::DeadLetter, receives);
    a.writes(&chain.work, &chain.topic, "TOPIC_ARN");
    a.edge(
        &chain.topic,
        &chain.notify,
        EdgeKind::Trigger,
        EdgePolicy::retried_by("sns"),
    );
    a.edge(
        &chain.topic,
        &chain.audit,
        EdgeKind::Trigger,
        EdgePolicy::retried_by("sns"),
    );
    a.writes(&chain.notify, &chain.table, "TABLE");
    let mapping = EdgePolicy {
        id: Some("77aa04e0-4f89-11d3-9a0c-0305e82c3301".to_owned()),
        status: EdgeStatus {
            state: Some("Disabled".to_owned()),
            ..EdgeStatus::default()
        },
        batching: Batching {
            size: Some(100),
            ..Batching::default()
        },
        retries: RetryPolicy {
            max: Some(3),
            ..EdgePolicy::retried_by("mapping").retries
        },
        stream: StreamSource {
            starting_position: Some("LATEST".to_owned()),
            ..StreamSource::default()
        },
        ..EdgePolicy::retried_by("mapping")
    };
    a.add(
        Edge::new(
            chain.table.clone(),
            chain.stream.clone(),
            EdgeKind::Trigger,
            Evidence::Configured,
        )
        .with(mapping)
        .enabled(false),
    );
    a.edge(
        &chain.stream,
        &chain.lost,
        EdgeKind::DeadLetter,
        EdgePolicy::retried_by("mapping"),
    );
}

/// Functions that run, and queues.
fn running(a: &mut Account, chain: &Orders) {
    for (function, rate) in [
        (&chain.intake, 12.0),
        (&chain.parse, 12.0),
        (&chain.work, 9.0),
        (&chain.notify, 0.0),
    ] {
        a.runs(function, rate);
        let detail = Function {
            runtime: Some("python3.13".to_owned()),
            timeout_s: 30,
            memory_mb: 256,
            last_modified: Some(a.ago(if function == &chain.work { 390 } else { 86_400 * 9 })),
            status: FunctionStatus {
                state: Some("Active".to_owned()),
                ..FunctionStatus::default()
            },
            logging: Logging::to("/aws/lambda/x"),
            ..Function::default()
        };
        a.detail(function, Detail::Function(Box::new(detail)));
    }
    for (queue, seconds) in [
        (&chain.queue, 30),
        (&chain.dlq, 30),
        (&chain.intake_dlq, 30),
        (&chain.audit, 30),
        (&chain.lost, 30),
    ] {
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
        &chain.rule,
        Metric::RuleInvocations,
        &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
    );
}

/// Since when the consumer has been broken.
fn broken_since(a: &Account) -> Timestamp {
    a.ago(287)
}

/// What is broken, and what follows from it.
fn broken(a: &mut Account, chain: &Orders) {
    let (failures, since) = (a.points(&[9.0; 5]), broken_since(a));
    let error = (a.ago(11), "KeyError: 'customer_id'".to_owned());
    let good = a.ago(300);
    a.health(&chain.work, Health::Failing, "every run fails: KeyError: 'customer_id'");
    let vitals = a.vitals(&chain.work);
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
    a.metric(&chain.work, Metric::Errors, &[0.0, 0.0, 0.0, 9.0, 9.0, 9.0, 9.0]);
    a.metric(
        &chain.work,
        Metric::DurationP99,
        &[140.0, 152.0, 149.0, 31.0, 30.0, 33.0, 31.0],
    );
    a.depth(&chain.queue, 41, &[2.0, 1.0, 3.0, 2.0, 8.0, 17.0, 24.0, 33.0, 41.0]);
    a.vitals(&chain.queue).backs_up = true;
    a.metric(&chain.queue, Metric::OldestMessageAge, &[1.0, 1.0, 20.0, 38.0]);
    a.health(&chain.queue, Health::Warning, "backing up: 41 wait, 38 s the oldest");
    a.depth(&chain.dlq, 101, &[60.0, 60.0, 60.0, 60.0, 64.0, 80.0, 93.0, 101.0]);
    a.metric(&chain.dlq, Metric::OldestMessageAge, &[187_200.0]);
    a.health(&chain.dlq, Health::Failing, "41 dead letters came in 4 min");
    a.health(&chain.stream, Health::Off, "its only trigger is disabled");
    a.vitals(&chain.api).health = Health::Unknown;
    a.health(&chain.intake, Health::Warning, "3 events dropped in the last hour");
}

fn overview(a: &Account, chain: &Orders) -> Overview {
    let changed = a.ago(390);
    Overview {
        lost: Some(Compared {
            hour: 3.0,
            yesterday: Some(0.0),
            last: None,
        }),
        losses: Losses {
            certain: vec![Loss {
                of: Some(chain.intake.clone()),
                way: Way::Dropped,
                count: 3,
                last: None,
                counted: true,
                at_least: false,
                unheard: false,
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
            node: Some(chain.queue.clone()),
            since: Some(a.ago(130)),
            reason: "Threshold crossed".to_owned(),
        }],
        changes: vec![Change {
            node: chain.work.clone(),
            at: changed,
            what: Changed::Deployed.into(),
            errors_since: Some(broken_since(a)),
        }],
        silent: vec![(chain.stream.clone(), text("stands still: its mapping is disabled"))],
    }
}

fn troubles(a: &Account, chain: &Orders) -> Vec<Trouble> {
    let since = broken_since(a);
    let trouble = |id: &NodeId, severity, what: &str, since, why: &str, next: &str| Trouble {
        id: id.clone(),
        severity,
        what: text(what),
        since: Some(since),
        longer: false,
        last: None,
        due: None,
        kind: crate::store::snapshot::Kind::Other,
        link: None,
        why: text(why),
        next: text(next),
    };
    vec![
        trouble(
            &chain.intake,
            Severity::Loss,
            "3 events dropped in the last hour",
            a.ago(1_900),
            "AsyncEventsDropped",
            "gone: nothing brings them back",
        ),
        trouble(
            &chain.work,
            Severity::Failing,
            "every run fails: KeyError: 'customer_id'",
            since,
            "43 runs in a row",
            "each message goes to q-dlq after 3 receives",
        ),
        trouble(
            &chain.dlq,
            Severity::Failing,
            "101 dead letters, 41 in the last 4 min",
            since,
            "queue attributes",
            "the oldest is deleted in 1 d 20 h",
        ),
        trouble(
            &chain.queue,
            Severity::Warning,
            "backing up: 41 wait, 38 s the oldest",
            a.ago(240),
            "queue attributes",
            "",
        ),
        trouble(
            &chain.stream,
            Severity::Notice,
            "its only trigger is disabled",
            a.ago(86_400),
            "mapping state",
            "resume it with the command in its details",
        ),
    ]
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
            what: text("every run fails"),
            since: Some(since),
            longer: false,
            last: None,
            due: None,
            kind: crate::store::snapshot::Kind::Other,
            link: None,
            why: text("log lines"),
            next: Phrase::default(),
        });
    }
    a
}
