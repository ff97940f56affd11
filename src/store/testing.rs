//! Small makers of observations, for the store's tests.

use jiff::Timestamp;

use crate::domain::{
    Detail, Edge, EdgeKind, Evidence, Fact, Node, NodeId, NodeKind, Observation, Part, Queue, Scope, Source,
};

/// A moment, in seconds after a fixed one.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
}

/// The scope of all tests.
pub(crate) fn scope() -> Scope {
    Scope {
        partition: "aws".into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    }
}

/// A fact observed at a moment.
pub(crate) fn seen(seconds: i64, what: Fact) -> Observation {
    Observation {
        at: at(seconds),
        scope: scope(),
        source: Source::Topology,
        what,
    }
}

/// A function's node id.
pub(crate) fn function_id(name: &str) -> NodeId {
    scope().arn("lambda", &format!("function:{name}")).into()
}

/// A queue's node id.
pub(crate) fn queue_id(name: &str) -> NodeId {
    scope().arn("sqs", name).into()
}

/// A function.
pub(crate) fn function(name: &str) -> Node {
    let detail = crate::domain::Function {
        log_group: format!("/aws/lambda/{name}"),
        ..Default::default()
    };
    Node {
        id: function_id(name),
        kind: NodeKind::Lambda,
        name: name.into(),
        detail: Detail::Function(Box::new(detail)),
    }
}

/// A queue.
pub(crate) fn queue(name: &str) -> Node {
    let detail = Queue {
        retention_s: 345_600,
        ..Queue::default()
    };
    Node {
        id: queue_id(name),
        kind: NodeKind::Sqs,
        name: name.into(),
        detail: Detail::Queue(Box::new(detail)),
    }
}

/// A configured edge.
pub(crate) fn edge(from: &NodeId, to: &NodeId, kind: EdgeKind) -> Edge {
    Edge::new(from.clone(), to.clone(), kind, Evidence::Configured)
}

/// A part that was read.
pub(crate) fn found(api: &str, nodes: Vec<Node>, edges: Vec<Edge>) -> Fact {
    Fact::Found {
        part: Part::new(api, ""),
        nodes,
        edges,
    }
}
