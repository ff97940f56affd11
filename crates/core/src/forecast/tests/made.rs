//! Made-up accounts and observations, in seconds after a moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::delivery::{Deliveries, Delivery, Unobservable};
use crate::domain::phrase::{Arg, Phrase};
use crate::domain::{
    Arn, Detail, Edge, EdgeKind, EdgePolicy, Evidence, Function, Invocation, Metric, Missing, Node, NodeId, Point,
    Queue, QueueMessage, RunError, RunOutcome, RunReport,
};
use crate::forecast::policy::MEMORY;
use crate::forecast::{Depths, Growth, Input, Log, Measured, deliveries};

pub(super) fn at(seconds: f64) -> Timestamp {
    let base = Timestamp::from_second(1_780_000_000).expect("a time");
    base.checked_add(SignedDuration::from_secs_f64(seconds))
        .expect("a time")
}

/// Seconds after the beginning.
pub(super) fn seconds(at: Timestamp) -> f64 {
    at.duration_since(self::at(0.0)).as_secs_f64()
}

pub(super) fn lambda(name: &str) -> NodeId {
    NodeId::from(format!("arn:aws:lambda:eu-west-1:111122223333:function:{name}"))
}

pub(super) fn sqs(name: &str) -> NodeId {
    NodeId::from(format!("arn:aws:sqs:eu-west-1:111122223333:{name}"))
}

pub(super) fn rule(name: &str) -> NodeId {
    NodeId::from(format!("arn:aws:events:eu-west-1:111122223333:rule/{name}"))
}

pub(super) fn stream(name: &str) -> NodeId {
    NodeId::from(format!("arn:aws:kinesis:eu-west-1:111122223333:stream/{name}"))
}

pub(super) fn api(name: &str) -> NodeId {
    NodeId::from(format!("arn:aws:execute-api:eu-west-1:111122223333:{name}"))
}

/// An argument of a phrase.
pub(super) fn arg<'a>(phrase: &'a Phrase, name: &str) -> &'a Arg {
    let mut all = phrase.args.iter();
    let found = all.find(|(one, _)| one == name);
    found.map(|(_, arg)| arg).expect("the argument")
}

pub(super) fn by(who: &str) -> EdgePolicy {
    EdgePolicy::retried_by(who)
}

/// An account and what was seen of it.
#[derive(Default)]
pub(super) struct Made {
    pub now: f64,
    pub memory: Option<SignedDuration>,
    nodes: BTreeMap<NodeId, Arc<Node>>,
    pub edges: Vec<Arc<Edge>>,
    pub missing: BTreeSet<Missing>,
    runs: BTreeMap<NodeId, Vec<Invocation>>,
    pub from: Option<f64>,
    pub complete_to: Option<f64>,
    depths: BTreeMap<NodeId, (f64, u64, u64, Vec<Growth>)>,
    pub letters: Vec<QueueMessage>,
    metrics: BTreeMap<(NodeId, Metric), Vec<Point>>,
    pub unobservable: Vec<Unobservable>,
}

impl Made {
    fn node(&mut self, id: &NodeId, detail: Detail) -> &mut Self {
        let arn = Arn::parse(id.as_str()).expect("an ARN");
        let node = Node {
            id: id.clone(),
            kind: arn.kind(),
            name: arn.name().to_owned(),
            detail,
        };
        self.nodes.insert(id.clone(), Arc::new(node));
        self
    }

    pub fn function(&mut self, name: &str, change: impl FnOnce(&mut Function)) -> &mut Self {
        let mut function = Function {
            timeout_s: 3,
            ..Function::default()
        };
        change(&mut function);
        self.node(&lambda(name), Detail::Function(Box::new(function)))
    }

    pub fn queue(&mut self, name: &str, change: impl FnOnce(&mut Queue)) -> &mut Self {
        let mut queue = Queue {
            visibility_timeout_s: 30,
            retention_s: 345_600,
            ..Queue::default()
        };
        change(&mut queue);
        self.node(&sqs(name), Detail::Queue(Box::new(queue)))
    }

    pub fn other(&mut self, id: &NodeId) -> &mut Self {
        self.node(id, Detail::None)
    }

    pub fn edge(&mut self, from: &NodeId, to: &NodeId, kind: EdgeKind, policy: EdgePolicy) -> &mut Self {
        let edge = Edge::new(from.clone(), to.clone(), kind, Evidence::Configured).with(policy);
        self.edges.push(Arc::new(edge));
        self
    }

    pub fn trigger(&mut self, from: &NodeId, to: &str) -> &mut Self {
        if !self.nodes.contains_key(from) {
            self.other(from);
        }
        self.edge(from, &lambda(to), EdgeKind::Trigger, EdgePolicy::default())
    }

    /// An invocation with this start and end; `Running` has no end.
    pub fn run(&mut self, function: &str, id: &str, start: f64, end: f64, outcome: RunOutcome) -> &mut Self {
        let ended = outcome.has_ended();
        let id_of = lambda(function);
        let runs = self.runs.entry(id_of.clone()).or_default();
        let attempt = 1 + runs.iter().filter(|run| run.request_id == id).count();
        runs.push(Invocation {
            function: id_of,
            request_id: id.to_owned(),
            attempt: u32::try_from(attempt).expect("few"),
            stream: "s".to_owned(),
            start: Some(at(start)),
            end: ended.then(|| at(end)),
            outcome,
            error: outcome.is_failure().then(|| RunError {
                kind: Some("ValueError".to_owned()),
                message: "poison".to_owned(),
            }),
            report: RunReport::default(),
            xray: None,
            version: None,
            message_ids: Vec::new(),
        });
        self
    }

    /// An invocation that ended with an unclear outcome.
    pub fn unclear(&mut self, function: &str, id: &str, start: f64) -> &mut Self {
        self.run(function, id, start, start, RunOutcome::Unknown);
        self.last_run(function).end = Some(at(start + 0.1));
        self
    }

    /// The latest invocation.
    pub fn last_run(&mut self, function: &str) -> &mut Invocation {
        let runs = self.runs.get_mut(&lambda(function)).expect("there");
        runs.last_mut().expect("there")
    }

    pub fn fails(&mut self, function: &str, id: &str, start: f64) -> &mut Self {
        self.run(function, id, start, start + 0.1, RunOutcome::Error)
    }

    /// An invocation of which only the end was read yet, and not yet for sure how it ended.
    pub fn ends(&mut self, function: &str, id: &str, end: f64) -> &mut Self {
        self.run(function, id, end, end, RunOutcome::Running);
        let runs = self.runs.get_mut(&lambda(function)).expect("there");
        let run = runs.last_mut().expect("there");
        (run.start, run.end) = (None, Some(at(end)));
        self
    }

    /// A failed invocation of a message that its lines name.
    pub fn receives(&mut self, function: &str, message: &str, start: f64, outcome: RunOutcome) -> &mut Self {
        let request = format!("{message}-{start}");
        self.run(function, &request, start, start + 0.1, outcome);
        let runs = self.runs.get_mut(&lambda(function)).expect("there");
        runs.last_mut().expect("there").message_ids.push(message.to_owned());
        self
    }

    /// Changes the last invocation of a function.
    pub fn last(&mut self, function: &str, change: impl FnOnce(&mut Invocation)) -> &mut Self {
        let runs = self.runs.get_mut(&lambda(function)).expect("there");
        change(runs.last_mut().expect("there"));
        self
    }

    /// The alias or version that the last edge is of.
    pub fn qualified(&mut self, qualifier: &str) -> &mut Self {
        let edge = self.edges.last_mut().expect("an edge");
        Arc::make_mut(edge).key.qualifier = Some(qualifier.to_owned());
        self
    }

    /// Switches off what was wired last.
    pub fn switch_off(&mut self) -> &mut Self {
        let edge = self.edges.last_mut().expect("an edge");
        Arc::make_mut(edge).enabled = false;
        self
    }

    pub fn depth(&mut self, queue: &str, when: f64, visible: u64, in_flight: u64) -> &mut Self {
        let record = self.depths.entry(sqs(queue)).or_insert((when, 0, 0, Vec::new()));
        (record.0, record.1, record.2) = (when, visible, in_flight);
        self
    }

    pub fn grew(&mut self, queue: &str, after: f64, until: f64, by: u64) -> &mut Self {
        let record = self.depths.entry(sqs(queue)).or_insert((until, by, 0, Vec::new()));
        record.3.push(Growth {
            after: at(after),
            until: at(until),
            by,
        });
        self
    }

    pub fn metric(&mut self, id: &NodeId, metric: Metric, when: f64, value: f64) -> &mut Self {
        let points = self.metrics.entry((id.clone(), metric)).or_default();
        points.push(Point { at: at(when), value });
        self
    }

    /// The log is complete to then, and that is now.
    pub fn until(&mut self, seconds: f64) -> &mut Self {
        self.now = seconds;
        self.complete_to = Some(seconds);
        self
    }

    pub fn told(&self) -> Deliveries {
        let logs = self.runs.iter().map(|(function, runs)| Log {
            function,
            runs: runs.iter().collect(),
            from: self.from.map(at),
            read_to: Some(at(self.now)),
            complete_to: self.complete_to.map(at),
        });
        let depths = self.depths.iter().map(|(queue, (when, visible, in_flight, grown))| {
            let depths = Depths {
                at: at(*when),
                visible: *visible,
                in_flight: *in_flight,
                in_flight_seen: (*in_flight > 0).then(|| at(*when)),
                delayed: 0,
                grown,
            };
            (queue, depths)
        });
        let metrics = self.metrics.iter().map(|((id, metric), points)| {
            let measured = Measured {
                points,
                read_at: Some(at(self.now)),
            };
            ((id, *metric), measured)
        });
        deliveries(&Input {
            now: at(self.now),
            memory: self.memory.unwrap_or(MEMORY),
            nodes: &self.nodes,
            edges: &self.edges,
            missing: &self.missing,
            logs: logs.collect(),
            depths: depths.collect(),
            letters: self.letters.iter().collect(),
            metrics: metrics.collect(),
            unobservable: &self.unobservable,
        })
    }

    /// The only row there is.
    pub fn row(&self) -> Delivery {
        let told = self.told().deliveries;
        let [row] = &told[..] else {
            panic!("not one row: {told:#?}")
        };
        row.clone()
    }
}

/// The next window in seconds.
pub(super) fn window(row: &Delivery) -> (f64, f64) {
    let next = row.next.as_ref().expect("a prediction");
    (seconds(next.earliest), seconds(next.latest.expect("a latest time")))
}

pub(super) fn letter(queue: &str, message: &str, request: Option<&str>, receives: u32) -> QueueMessage {
    use crate::domain::{AttributeValue, MessageAttribute};
    let attribute = |value: &str| MessageAttribute {
        data_type: "String".to_owned(),
        value: AttributeValue::Text(value.to_owned()),
    };
    let sent = at(200.0).as_millisecond();
    let mut system = BTreeMap::from([
        ("SentTimestamp".to_owned(), sent.to_string()),
        ("ApproximateReceiveCount".to_owned(), receives.to_string()),
    ]);
    if request.is_none() {
        system.insert("DeadLetterQueueSourceArn".to_owned(), sqs("q").to_string());
    }
    QueueMessage {
        queue: sqs(queue),
        message_id: message.to_owned(),
        body: "{}".into(),
        attributes: request
            .map(|id| ("RequestID".to_owned(), attribute(id)))
            .into_iter()
            .collect(),
        system,
        read_at: at(300.0),
    }
}
