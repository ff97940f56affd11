//! Stories of messages, told over chains made by hand.

mod lists;
mod origins;
mod queues;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Chain;
use crate::domain::{
    Arn, AttributeValue, Detail, Edge, EdgeKind, EdgePolicy, Evidence, Function, MessageAttribute, Node, NodeId, Queue,
    QueueMessage, Scope,
};

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + seconds).expect("a time")
}

pub(super) fn id(arn: &str) -> NodeId {
    NodeId::from(format!("arn:aws:{arn}"))
}

pub(super) fn function(name: &str) -> NodeId {
    id(&format!("lambda:r:1:function:{name}"))
}

pub(super) fn queue(name: &str) -> NodeId {
    id(&format!("sqs:r:1:{name}"))
}

/// A chain being made.
#[derive(Default)]
pub(super) struct Made {
    nodes: BTreeMap<NodeId, Arc<Node>>,
    edges: Vec<Arc<Edge>>,
}

impl Made {
    pub(super) fn chain(&self) -> Chain<'_> {
        Chain {
            nodes: &self.nodes,
            edges: &self.edges,
        }
    }

    fn node(&mut self, id: &NodeId) {
        let scope = Scope {
            partition: "aws".into(),
            account: "1".into(),
            region: "r".into(),
        };
        if let Some(arn) = Arn::parse(id.as_str()) {
            let node = Node::from_arn(&arn, &scope);
            self.nodes.entry(id.clone()).or_insert_with(|| Arc::new(node));
        }
    }

    pub(super) fn detail(mut self, id: &NodeId, detail: Detail) -> Self {
        self.node(id);
        let node = self.nodes.get_mut(id).map(Arc::make_mut).expect("a node");
        node.detail = detail;
        self
    }

    /// A queue that keeps messages so many seconds.
    pub(super) fn keeps(self, name: &str, retention_s: u32) -> Self {
        let detail = Queue {
            visibility_timeout_s: 30,
            retention_s,
            max_receive_count: Some(3),
            ..Queue::default()
        };
        self.detail(&queue(name), Detail::Queue(Box::new(detail)))
    }

    pub(super) fn reserves(self, name: &str, reserved: u32) -> Self {
        let detail = Function {
            reserved_concurrency: Some(reserved),
            ..Function::default()
        };
        self.detail(&function(name), Detail::Function(Box::new(detail)))
    }

    pub(super) fn edge(mut self, kind: EdgeKind, from: &NodeId, to: &NodeId, policy: EdgePolicy) -> Self {
        self.node(from);
        self.node(to);
        let edge = Edge::new(from.clone(), to.clone(), kind, Evidence::Configured).with(policy);
        match self.edges.iter_mut().find(|known| known.key == edge.key) {
            Some(known) => Arc::make_mut(known).merge(&edge),
            None => self.edges.push(Arc::new(edge)),
        }
        self
    }

    /// The last edge is disabled.
    pub(super) fn paused(mut self) -> Self {
        let edge = self.edges.last_mut().expect("an edge");
        Arc::make_mut(edge).enabled = false;
        self
    }

    /// Something whose dead letters go to a queue (or a topic).
    pub(super) fn dead(self, from: &NodeId, to: &NodeId, retried_by: &str, part: Option<&str>) -> Self {
        let policy = EdgePolicy {
            id: part.map(str::to_owned),
            ..EdgePolicy::retried_by(retried_by)
        };
        self.edge(EdgeKind::DeadLetter, from, to, policy)
    }

    pub(super) fn trigger(self, from: &NodeId, to: &NodeId, part: Option<&str>) -> Self {
        let policy = EdgePolicy {
            id: part.map(str::to_owned),
            ..EdgePolicy::default()
        };
        self.edge(EdgeKind::Trigger, from, to, policy)
    }
}

/// A message in the queue `dlq`.
pub(super) fn letter(body: &str) -> QueueMessage {
    QueueMessage {
        queue: queue("dlq"),
        message_id: "m-1".into(),
        body: body.into(),
        attributes: BTreeMap::new(),
        system: [("SentTimestamp", at(0)), ("ApproximateFirstReceiveTimestamp", at(10))]
            .map(|(name, at)| (name.to_owned(), at.as_millisecond().to_string()))
            .into(),
        read_at: at(1_000),
    }
}

pub(super) fn with(mut letter: QueueMessage, attributes: &[(&str, &str)]) -> QueueMessage {
    letter.attributes.extend(attributes.iter().map(|(name, value)| {
        let attribute = MessageAttribute {
            data_type: "String".into(),
            value: AttributeValue::Text((*value).to_owned()),
        };
        ((*name).to_owned(), attribute)
    }));
    letter
}

pub(super) fn moved(mut letter: QueueMessage, from: &NodeId) -> QueueMessage {
    letter
        .system
        .insert("DeadLetterQueueSourceArn".into(), from.to_string());
    letter.system.insert("ApproximateReceiveCount".into(), "4".into());
    letter
}
