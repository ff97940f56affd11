//! Snapshots made by hand: what the tests, the benches and the screenshots of the screen draw. Nothing is folded here;
//! each value is set.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    Alarm, CallCount, Connection, Detail, Edge, EdgeKey, EdgeKind, EdgePolicy, Evidence, Function, Metric, Node,
    NodeId, NodeKind, Point, Queue, Scope, Unknown,
};
use crate::store::snapshot::{
    Answers, Change, Compared, Depth, Health, Pulse, Reading, Runs, Series, Severity, Snapshot, Topology, Trouble,
    Vitals,
};

/// An account under construction.
#[derive(Clone, Debug)]
pub struct Account {
    /// Account time.
    pub now: Timestamp,
    /// The chain.
    pub topology: Topology,
    /// How it is.
    pub vitals: BTreeMap<NodeId, Vitals>,
    /// What needs a look.
    pub troubles: Vec<Trouble>,
    /// What is said first.
    pub answers: Answers,
    /// Traffic.
    pub pulses: Vec<Pulse>,
    /// How it can be reached.
    pub connection: Connection,
    /// What it costs.
    pub calls: CallCount,
}

/// The moment at which the test accounts are looked at.
#[must_use]
pub fn noon() -> Timestamp {
    Timestamp::from_second(1_795_410_207).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Where the test accounts are.
#[must_use]
pub fn scope() -> Scope {
    Scope {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "ap-northeast-1".to_owned(),
    }
}

impl Account {
    /// An empty one, whose survey has ended.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            topology: Topology {
                revision: 1,
                complete: true,
                surveyed_at: Some(now - SignedDuration::from_secs(20)),
                ..Topology::default()
            },
            vitals: BTreeMap::new(),
            troubles: Vec::new(),
            answers: Answers {
                lost: Some(Compared {
                    hour: 0.0,
                    yesterday: Some(0.0),
                }),
                lost_at: Some(now - SignedDuration::from_secs(40)),
                ..Answers::default()
            },
            pulses: Vec::new(),
            connection: Connection::Open,
            calls: CallCount {
                total: 412,
                per_second: 2.1,
                dollars_per_hour: 0.03,
                dollars: 0.004,
                by_api: BTreeMap::from([
                    ("lambda:ListFunctions".to_owned(), 12),
                    ("sqs:GetQueueAttributes".to_owned(), 400),
                ]),
            },
        }
    }

    /// Seconds before the moment of this account.
    #[must_use]
    pub fn ago(&self, seconds: i64) -> Timestamp {
        self.now - SignedDuration::from_secs(seconds)
    }

    /// Adds a node, read and well.
    pub fn node(&mut self, kind: NodeKind, name: &str) -> NodeId {
        let scope = scope();
        let id = NodeId::from(match kind {
            NodeKind::Lambda => scope.arn("lambda", &format!("function:{name}")),
            NodeKind::Sqs => scope.arn("sqs", name),
            NodeKind::Sns => scope.arn("sns", name),
            NodeKind::S3 => format!("arn:aws:s3:::{name}"),
            NodeKind::Eventbridge => scope.arn("events", &format!("rule/{name}")),
            NodeKind::DynamodbStream => scope.arn("dynamodb", &format!("table/{name}/stream/1")),
            NodeKind::Apigateway => scope.arn("execute-api", name),
            _ => scope.arn("other", name),
        });
        let node = Node {
            id: id.clone(),
            kind,
            name: name.to_owned(),
            detail: Detail::None,
        };
        self.topology.nodes.insert(id.clone(), Arc::new(node));
        self.vitals(&id).health = Health::Well;
        id
    }

    /// A node's vital signs.
    pub fn vitals(&mut self, id: &NodeId) -> &mut Vitals {
        self.vitals.entry(id.clone()).or_default()
    }

    /// What is known of a node beyond its name.
    pub fn detail(&mut self, id: &NodeId, detail: Detail) {
        if let Some(node) = self.topology.nodes.get_mut(id) {
            Arc::make_mut(node).detail = detail;
        }
    }

    /// Adds a configured edge with its policy.
    pub fn edge(&mut self, from: &NodeId, to: &NodeId, kind: EdgeKind, policy: EdgePolicy) -> EdgeKey {
        self.add(Edge::new(from.clone(), to.clone(), kind, Evidence::Configured).with(policy))
    }

    /// Adds what a function is guessed to call.
    pub fn writes(&mut self, from: &NodeId, to: &NodeId, variable: &str) -> EdgeKey {
        let policy = EdgePolicy {
            variable: Some(variable.to_owned()),
            ..EdgePolicy::default()
        };
        self.add(Edge::new(from.clone(), to.clone(), EdgeKind::Writes, Evidence::Guessed).with(policy))
    }

    /// Adds an edge.
    pub fn add(&mut self, edge: Edge) -> EdgeKey {
        let key = edge.key.clone();
        self.topology.edges.push(Arc::new(edge));
        key
    }

    /// Values of the last minutes, oldest first.
    #[must_use]
    pub fn points(&self, values: &[f64]) -> Vec<Point> {
        let minute = self.now.as_second().div_euclid(60);
        let first = minute - i64::try_from(values.len()).unwrap_or(0) + 1;
        values
            .iter()
            .zip(first..)
            .filter_map(|(value, minute)| {
                Some(Point {
                    at: Timestamp::from_second(minute * 60).ok()?,
                    value: *value,
                })
            })
            .collect()
    }

    /// Runs of a function, so many a minute over the last hour, all well.
    pub fn runs(&mut self, id: &NodeId, per_minute: f64) {
        let runs = Runs {
            starts: self.points(&[per_minute; 60]),
            last_start: Some(self.ago(4)),
            last_success: Some(self.ago(4)),
            read_to: Some(self.ago(2)),
            ..Runs::default()
        };
        self.vitals(id).runs = Some(runs);
    }

    /// A queue's depth now and over the last minutes.
    pub fn depth(&mut self, id: &NodeId, visible: u64, history: &[f64]) {
        let (at, depths) = (self.ago(3), self.points(history));
        let vitals = self.vitals(id);
        vitals.depth = Some(Reading {
            value: Depth {
                visible,
                in_flight: 0,
                delayed: 0,
            },
            at,
        });
        vitals.depths = depths;
    }

    /// A metric's last values, by minute.
    pub fn metric(&mut self, id: &NodeId, metric: Metric, values: &[f64]) {
        let series = Series {
            points: self.points(values),
            read_at: Some(self.ago(45)),
        };
        self.vitals(id).metrics.insert(metric, series);
    }

    /// Traffic on an edge.
    pub fn pulse(&mut self, edge: &EdgeKey, count: u64, evidence: Evidence) {
        self.pulses.push(Pulse {
            number: self.pulses.last().map_or(0, |pulse| pulse.number) + 1,
            edge: edge.clone(),
            count,
            at: self.now,
            evidence,
            shared: false,
        });
    }

    /// What the screen gets.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut topology = self.topology.clone();
        topology.edges.sort_by(|one, other| one.key.cmp(&other.key));
        Snapshot {
            version: 1,
            scope: Some(Arc::new(scope())),
            as_of: Some(self.now),
            connection: Arc::new(self.connection.clone()),
            topology: Arc::new(topology),
            vitals: Arc::new(self.vitals.clone()),
            troubles: Arc::new(self.troubles.clone()),
            answers: Arc::new(self.answers.clone()),
            pulses: Arc::new(self.pulses.clone()),
            sources: Arc::default(),
            calls: Arc::new(self.calls.clone()),
        }
    }
}

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
    let (failures, since) = (a.points(&[9.0; 5]), a.ago(287));
    let error = (a.ago(11), "KeyError: 'customer_id'".to_owned());
    let good = a.ago(300);
    let vitals = a.vitals(&work);
    vitals.health = Health::Failing;
    vitals.why = "every run fails: KeyError: 'customer_id'".to_owned();
    if let Some(runs) = &mut vitals.runs {
        runs.failures = failures;
        runs.failing_since = Some(since);
        runs.failed_in_row = 43;
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
    a.metric(&queue, Metric::OldestMessageAge, &[1.0, 1.0, 20.0, 38.0]);
    a.vitals(&queue).health = Health::Warning;
    a.vitals(&queue).why = "backing up: 41 wait, 38 s the oldest".to_owned();
    a.depth(&dlq, 101, &[60.0, 60.0, 60.0, 60.0, 64.0, 80.0, 93.0, 101.0]);
    a.metric(&dlq, Metric::OldestMessageAge, &[187_200.0]);
    a.vitals(&dlq).health = Health::Failing;
    a.vitals(&dlq).why = "41 dead letters came in 4 min".to_owned();
    a.vitals(&stream).health = Health::Off;
    a.vitals(&stream).why = "its only trigger is disabled".to_owned();
    a.vitals(&api).health = Health::Unknown;
    a.vitals(&intake).health = Health::Warning;
    a.vitals(&intake).why = "3 events dropped in the last hour".to_owned();

    let changed = a.ago(390);
    a.answers = Answers {
        lost: Some(Compared {
            hour: 3.0,
            yesterday: Some(0.0),
        }),
        lost_by: vec![("async drops".to_owned(), 3)],
        lost_at: Some(a.ago(70)),
        errors: Some(Compared {
            hour: 45.0,
            yesterday: Some(2.0),
        }),
        throttles: None,
        alarms: vec![Alarm {
            name: "orders-q-age".to_owned(),
            node: Some(queue.clone()),
            since: Some(a.ago(130)),
            reason: "Threshold crossed".to_owned(),
        }],
        changes: vec![Change {
            node: work.clone(),
            at: changed,
            what: "code changed".to_owned(),
            errors_since: Some(since),
        }],
        silent: vec![(stream.clone(), "its mapping is disabled".to_owned())],
    };
    let trouble = |id: &NodeId, severity, what: &str, since, why: &str, next: &str| Trouble {
        id: id.clone(),
        severity,
        what: what.to_owned(),
        since: Some(since),
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
        if chain % 3 == 0 && left > 4 {
            if let Some(last) = previous {
                for branch in 0..4 {
                    let id = a.node(NodeKind::Lambda, &format!("team{chain}-branch-{branch}"));
                    a.edge(&last, &id, EdgeKind::Trigger, EdgePolicy::default());
                }
                left -= 4;
            }
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
        let vitals = a.vitals(&red);
        vitals.health = Health::Failing;
        vitals.why = "every run fails".to_owned();
        a.troubles.push(Trouble {
            id: red,
            severity: Severity::Failing,
            what: "every run fails".to_owned(),
            since: Some(since),
            why: "log lines".to_owned(),
            next: String::new(),
        });
    }
    a
}

/// Something that could not be read.
#[must_use]
pub fn denied(api: &str) -> Unknown {
    Unknown {
        what: format!("{api} of 3 functions"),
        why: format!("AccessDenied: the role lacks {api}"),
    }
}
