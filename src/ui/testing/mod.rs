//! Snapshots made by hand, and a stage to draw them on: for the tests, the benches and the screenshots of the screen.
//! Nothing is folded here; each value is set.

mod accounts;
pub mod dead_letters;
mod events;
mod lines;
mod stage;

pub use accounts::{big, orders};
pub use events::deliveries;
pub use lines::logs;
pub use stage::{Stage, text_of};

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::delivery::Deliveries;
use crate::domain::phrase::{Arg, Phrase};
use crate::domain::{
    CallCount, Connection, Detail, Edge, EdgeKey, EdgeKind, EdgePolicy, Evidence, Metric, Node, NodeId, NodeKind,
    Point, Scope, Unknown,
};
use crate::logs::{self, Logs};
use crate::store::snapshot::{
    Compared, Cost, Depth, Health, Overview, Pulse, Reading, Runs, Series, Snapshot, Topology, Trouble, Vitals,
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
    pub answers: Overview,
    /// Traffic.
    pub pulses: Vec<Pulse>,
    /// Events on their way.
    pub deliveries: Deliveries,
    /// Lines of logs.
    pub logs: Logs,
    /// The runs that follow from them.
    pub invocations: BTreeMap<NodeId, Arc<logs::invocations::Runs>>,
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
            answers: Overview {
                lost: Some(Compared {
                    hour: 0.0,
                    yesterday: Some(0.0),
                    last: None,
                }),
                lost_at: Some(now - SignedDuration::from_secs(40)),
                ..Overview::default()
            },
            pulses: Vec::new(),
            deliveries: Deliveries::default(),
            logs: Logs::default(),
            invocations: BTreeMap::new(),
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

    /// How a node is, and why.
    pub fn health(&mut self, id: &NodeId, health: Health, why: &str) {
        let vitals = self.vitals(id);
        vitals.health = health;
        vitals.why = text(why);
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
            points: self.points(values).into(),
            read_at: Some(self.now),
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
            deliveries: Arc::new(self.deliveries.clone()),
            logs: Arc::new(self.logs.clone()),
            invocations: Arc::new(self.invocations.clone()),
            cost: Cost {
                calls: Arc::new(self.calls.clone()),
                ..Cost::default()
            },
            ..Snapshot::default()
        }
    }
}

/// A text where the program has a phrase.
#[must_use]
pub fn text(text: impl Into<String>) -> Phrase {
    Phrase::new("phrase", "text", vec![("text", Arg::Text(text.into()))])
}

/// Something that could not be read.
#[must_use]
pub fn denied(api: &str) -> Unknown {
    Unknown {
        what: text(format!("{api} of 3 functions")),
        why: text(format!("AccessDenied: the role lacks {api}")),
    }
}
