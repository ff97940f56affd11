//! Accounts made of a few settings, folded as a survey would tell them.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::doctor::{Hint, Rule, hints};
use crate::domain::{
    Batching, Concurrency, Detail, Edge, EdgeKind, EdgePolicy, EdgeStatus, Evidence, Fact, Function, Logging, Node,
    NodeId, NodeKind, Observation, Part, Queue, Scope, Source, Watch, Watches,
};
use crate::store::Store;
use crate::store::snapshot::Snapshot;

pub(super) fn scope() -> Scope {
    Scope {
        partition: "aws".into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    }
}

pub(super) fn id(service: &str, resource: &str) -> NodeId {
    scope().arn(service, resource).into()
}

pub(super) fn function_id(name: &str) -> NodeId {
    id("lambda", &format!("function:{name}"))
}

pub(super) fn queue_id(name: &str) -> NodeId {
    id("sqs", name)
}

/// What a survey found so far.
#[derive(Default)]
pub(super) struct Made {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    watches: Option<Watches>,
    gone: BTreeSet<NodeId>,
}

impl Made {
    pub(super) fn function(mut self, name: &str, function: Function) -> Self {
        let detail = Function {
            logging: Logging::to(format!("/aws/lambda/{name}")),
            ..function
        };
        self.nodes.push(Node {
            id: function_id(name),
            kind: NodeKind::Lambda,
            name: name.into(),
            detail: Detail::Function(Box::new(detail)),
        });
        self
    }

    pub(super) fn queue(mut self, name: &str, queue: Queue) -> Self {
        let detail = Queue {
            url: format!("https://sqs.eu-west-1.amazonaws.com/111122223333/{name}"),
            fifo: name.strip_suffix(".fifo").is_some(),
            ..queue
        };
        self.nodes.push(Node {
            id: queue_id(name),
            kind: NodeKind::Sqs,
            name: name.into(),
            detail: Detail::Queue(Box::new(detail)),
        });
        self
    }

    pub(super) fn node(mut self, id: NodeId, kind: NodeKind) -> Self {
        self.nodes.push(Node {
            name: id.short_name().to_owned(),
            id,
            kind,
            detail: Detail::None,
        });
        self
    }

    pub(super) fn edge(mut self, edge: Edge) -> Self {
        self.edges.push(edge);
        self
    }

    pub(super) fn watched(mut self, all: &[(&str, &str)]) -> Self {
        let queues = all.iter().map(|(queue, metric)| Watch {
            queue: queue_id(queue),
            metric: (*metric).to_owned(),
            alarm: format!("{queue}-alarm"),
        });
        self.watches = Some(Watches {
            queues: queues.collect(),
            searches: false,
        });
        self
    }

    pub(super) fn searched(mut self) -> Self {
        self.watches = Some(Watches {
            queues: Vec::new(),
            searches: true,
        });
        self
    }

    pub(super) fn gone(mut self, id: NodeId) -> Self {
        self.gone.insert(id);
        self
    }

    pub(super) fn snapshot(self) -> Arc<Snapshot> {
        let part = Part::new("all", "");
        let mut facts = vec![
            Fact::Found {
                part: part.clone(),
                nodes: self.nodes,
                edges: self.edges,
            },
            Fact::GoneSources(self.gone),
            Fact::Surveyed {
                parts: BTreeSet::from([part]),
                unread: BTreeSet::new(),
            },
        ];
        facts.extend(self.watches.map(Fact::Watches));
        let mut store = Store::new();
        for what in facts {
            store.apply(Observation {
                at: Timestamp::from_second(1_700_000_000).expect("a time"),
                scope: scope(),
                source: Source::Topology,
                what,
            });
        }
        store.snapshot()
    }

    /// The hints of one rule.
    pub(super) fn hints_of(self, rule: Rule) -> Vec<Hint> {
        let mut all = hints(&self.snapshot());
        all.retain(|hint| hint.rule == rule);
        all
    }
}

pub(super) fn edge(from: &NodeId, to: &NodeId, kind: EdgeKind) -> Edge {
    Edge::new(from.clone(), to.clone(), kind, Evidence::Configured)
}

/// An event source mapping as AWS lists it.
pub(super) fn mapping(from: &NodeId, function: &str, batch: u32, window: u32) -> Edge {
    edge(from, &function_id(function), EdgeKind::Trigger).with(EdgePolicy {
        id: Some("5f1c8e0a-0000-4000-8000-000000000001".into()),
        status: EdgeStatus {
            state: Some("Enabled".into()),
            ..EdgeStatus::default()
        },
        batching: Batching {
            size: Some(batch),
            window_s: Some(window),
            ..Batching::default()
        },
        ..EdgePolicy::default()
    })
}

pub(super) fn partial(mut mapping: Edge) -> Edge {
    mapping.policies[0].batching.partial_response = Some(true);
    mapping
}

pub(super) fn at_most(mut mapping: Edge, maximum: u32) -> Edge {
    mapping.policies[0].concurrency = Concurrency {
        maximum: Some(maximum),
        ..Concurrency::default()
    };
    mapping
}

pub(super) fn by(who: &str, mut edge: Edge) -> Edge {
    edge.policies.push(EdgePolicy::retried_by(who));
    edge
}
