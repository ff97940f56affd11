//! Topics without subscriptions.

use super::{Arn, Detail, Edge, EdgeKind, Evidence, Node, NodeId};

/// Whether `target` is a topic without a confirmed subscription, which loses what is published to it. `None` for a topic
/// whose subscriptions were not read; `out` are the links that leave it.
pub fn is_unheard<'a>(target: &NodeId, node: Option<&Node>, out: impl IntoIterator<Item = &'a Edge>) -> Option<bool> {
    if Arn::parse(target.as_str()).is_none_or(|arn| arn.service != "sns") {
        return Some(false);
    }
    // The count in the attributes may be older than the list of subscriptions: a listed subscription counts.
    let subscribes = |edge: &Edge| {
        edge.key.from == *target
            && edge.key.kind == EdgeKind::Trigger
            && edge.enabled
            && edge.evidence == Evidence::Configured
    };
    if out.into_iter().any(subscribes) {
        return Some(false);
    }
    match node.map(|node| &node.detail) {
        Some(Detail::Topic(topic)) => Some(topic.subscriptions? == 0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{NodeKind, Topic};

    fn of(id: &str, subscriptions: Option<u32>, out: &[Edge]) -> Option<bool> {
        let id = NodeId::from(id);
        let topic = Topic {
            subscriptions,
            ..Topic::default()
        };
        let node = Node {
            kind: NodeKind::Sns,
            name: id.short_name().to_owned(),
            detail: Detail::Topic(Box::new(topic)),
            id: id.clone(),
        };
        is_unheard(&id, Some(&node), out)
    }

    #[test]
    fn only_a_topic_that_was_read_and_has_no_subscriber_is_unheard() {
        const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:failed";
        assert_eq!(of(TOPIC, Some(0), &[]), Some(true));
        // An e-mail address, or a queue of another account, has no link.
        assert_eq!(of(TOPIC, Some(1), &[]), Some(false));
        assert_eq!(of(TOPIC, None, &[]), None);
        assert_eq!(is_unheard(&NodeId::from(TOPIC), None, &[]), None);
        let queue = NodeId::from("arn:aws:sqs:eu-west-1:111122223333:dead");
        let link = Edge::new(NodeId::from(TOPIC), queue, EdgeKind::Trigger, Evidence::Configured);
        assert_eq!(of(TOPIC, Some(0), std::slice::from_ref(&link)), Some(false));
        // AWS (delivery): nothing is sent to a subscription before it is confirmed.
        assert_eq!(of(TOPIC, Some(0), &[link.enabled(false)]), Some(true));
        assert_eq!(of("arn:aws:sqs:eu-west-1:111122223333:dead", None, &[]), Some(false));
    }
}
