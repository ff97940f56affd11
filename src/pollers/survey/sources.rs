//! Queues, topics and buckets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::targets::{Keeping, TopicTargets};
use super::existence::Listing;
use super::{Survey, part};
use crate::aws::sns::{Subscription, SubscriptionDetail};
use crate::aws::{Error, api};
use crate::domain::{
    Arn, Bucket, Detail, Edge, EdgeKind, EdgePolicy, Evidence, Node, NodeId, NodeKind, Queue, RetryPolicy, Topic,
};
use crate::permissions;
use crate::pollers::unread::Unread;

impl Survey<'_> {
    /// All queues, each with its attributes and its dead-letter queue.
    pub(super) async fn queues(&self) {
        self.more(1);
        match self.session.queue_urls().await {
            Ok(urls) => {
                let all: Vec<String> = urls.iter().map(|url| self.queue_arn(url)).collect();
                self.state().existence.listed(Listing::Queues, all);
                // A listing names queues by URL: what is out of scope by its name need not be asked.
                self.each(urls, |url| async move { drop(self.queue(&url).await) }).await;
            }
            Err(error) => {
                self.unread(part(&api::LIST_QUEUES, ""), Unread::Queues, &error).await;
                self.state().unread.insert(api::GET_QUEUE_ATTRIBUTES.action.to_owned());
            }
        }
        self.done().await;
    }

    /// One queue. Answers with its policy document, where that was read.
    pub(super) async fn queue(&self, url: &str) -> Option<String> {
        let name = url.rsplit('/').next().unwrap_or(url);
        let id = NodeId::from(self.queue_arn(url));
        let part = part(&api::GET_QUEUE_ATTRIBUTES, id.as_str());
        // What is out of scope is known by its answer alone, which is not kept. The poller of queues reads depths.
        if self.filter.is_all() && self.carried(&part).is_some() {
            return None;
        }
        let queue = match self.session.queue(url).await {
            Ok(queue) => queue,
            // Deleted since it was listed.
            Err(Error::NotFound) => return None,
            Err(error) => {
                let what = Unread::Queue { queue: name.to_owned() };
                self.unread(part, what, &error).await;
                return None;
            }
        };
        let edges = queue.dead_letter.as_deref().and_then(super::node_of).map(|(to, _)| {
            let policy = EdgePolicy {
                retries: RetryPolicy {
                    receive_limit: queue.detail.max_receive_count,
                    by: Some("sqs".into()),
                    ..RetryPolicy::default()
                },
                ..EdgePolicy::default()
            };
            Edge::new(queue.id.clone(), to, EdgeKind::DeadLetter, Evidence::Configured).with(policy)
        });
        let (visible, in_flight, delayed) = queue.depth;
        self.state().worst.note_depth(&queue.id, visible);
        let node = Node {
            id: queue.id.clone(),
            kind: NodeKind::Sqs,
            name: name.to_owned(),
            detail: Detail::Queue(Box::new(Queue {
                policy: permissions::parse(&queue.policy).map(Arc::new),
                ..queue.detail
            })),
        };
        let in_scope = self.admits(&node.id, name);
        self.found(part, vec![node], edges.into_iter().collect()).await;
        if in_scope {
            // The same answer holds the depth: it costs nothing more.
            let depth = crate::domain::Fact::Depth {
                queue: queue.id,
                visible,
                in_flight,
                delayed,
            };
            self.emit.of(crate::domain::Source::Queues).send(depth).await;
        }
        Some(queue.policy)
    }

    /// Topics and their subscriptions.
    pub(super) async fn subscriptions(&self) {
        self.more(2);
        let listing = part(&api::LIST_TOPICS, "");
        match self.session.topics().await {
            Ok(topics) => {
                self.state().existence.listed(Listing::Topics, topics.iter().cloned());
                let nodes = topics
                    .iter()
                    .filter_map(|arn| Some(Node::from_arn(&Arn::parse(arn)?, self.scope())));
                self.found(listing, nodes.collect(), Vec::new()).await;
                self.each(topics, |arn| async move { self.topic(&arn).await }).await;
            }
            Err(error) => {
                self.unread(listing, Unread::Topics, &error).await;
                self.state().unread.insert(api::GET_TOPIC_ATTRIBUTES.action.to_owned());
            }
        }
        self.done().await;
        match self.session.subscriptions().await {
            Ok(subscriptions) => {
                let (joined, others): (Vec<_>, Vec<_>) = subscriptions
                    .into_iter()
                    .partition(|s| matches!(s.protocol.as_str(), "lambda" | "sqs" | "firehose"));
                let kept = Mutex::new(BTreeMap::<NodeId, TopicTargets>::new());
                let note = |topic: &str, keeping: Keeping, by_attempt: bool| {
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    let new = TopicTargets { keeping, by_attempt };
                    let known = kept.entry(NodeId::from(topic)).or_insert(new);
                    known.keeping = known.keeping.and(keeping);
                    known.by_attempt |= by_attempt;
                };
                for other in others {
                    // Its dead-letter queue is not read: both metrics together count its losses.
                    note(&other.topic, Keeping::Unknown, other.protocol.starts_with("http"));
                }
                let note = &note;
                self.each(joined, |subscription| async move {
                    let keeping = self.subscription(&subscription).await;
                    note(&subscription.topic, keeping, false);
                })
                .await;
                let kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
                for (topic, known) in &mut self.state().targets.topics {
                    let nobody = TopicTargets {
                        keeping: Keeping::Nothing,
                        by_attempt: false,
                    };
                    *known = kept.get(topic).copied().unwrap_or(nobody);
                }
            }
            Err(error) => {
                self.unread(part(&api::LIST_SUBSCRIPTIONS, ""), Unread::Subscriptions, &error)
                    .await;
            }
        }
        self.done().await;
    }

    /// The policy and limits of one topic; of those out of scope nothing is asked, as each call costs.
    pub(super) async fn topic(&self, arn: &str) {
        let Some(parsed) = Arn::parse(arn) else { return };
        let node = Node::from_arn(&parsed, self.scope());
        if !self.admits(&node.id, &node.name) {
            return;
        }
        let part = part(&api::GET_TOPIC_ATTRIBUTES, arn);
        // Check the missing subscription again, because events sent there are reported as lost.
        let is_unheard = |node: &Node| matches!(&node.detail, Detail::Topic(topic) if topic.subscriptions == Some(0));
        if self
            .carried(&part)
            .is_some_and(|found| !found.nodes.iter().any(is_unheard))
        {
            return;
        }
        match self.session.topic(arn).await {
            Ok(topic) => {
                let detail = Topic {
                    policy: permissions::parse(&topic.policy).map(Arc::new),
                    ..topic.detail
                };
                let node = Node {
                    detail: Detail::Topic(Box::new(detail)),
                    ..node
                };
                self.found(part, vec![node], Vec::new()).await;
            }
            // Deleted since it was listed.
            Err(Error::NotFound) => {}
            Err(error) => {
                let what = Unread::TopicPolicy {
                    topic: node.name.clone(),
                };
                self.unread(part, what, &error).await;
            }
        }
    }

    /// One subscription. Returns whether a dead-letter queue keeps its undelivered messages.
    pub(super) async fn subscription(&self, subscription: &Subscription) -> Keeping {
        let Some((to, qualifier)) = super::node_of(&subscription.endpoint) else {
            return Keeping::Unknown;
        };
        let Some((topic, _)) = super::node_of(&subscription.topic) else {
            return Keeping::Unknown;
        };
        let confirmed = subscription.arn.starts_with("arn:");
        let own = part(&api::LIST_SUBSCRIPTIONS, &subscription.arn);
        if self.filter.is_all()
            && confirmed
            && let Some(found) = self.carried(&own)
        {
            let dead_letters = found.edges.iter().filter(|edge| edge.key.kind == EdgeKind::DeadLetter);
            return Keeping::of([dead_letters.count() > 0]);
        }
        let (detail, failure) = if confirmed {
            match self.session.subscription(&subscription.arn).await {
                Ok(detail) => (detail, None),
                Err(Error::NotFound) => return Keeping::Unknown,
                Err(error) => (SubscriptionDetail::default(), Some(error)),
            }
        } else {
            (SubscriptionDetail::default(), None)
        };
        let keeping = match &failure {
            None => Keeping::of([detail.dead_letter.is_some()]),
            Some(_) => Keeping::Unknown,
        };
        let mut edges = vec![
            Edge::new(topic.clone(), to.clone(), EdgeKind::Trigger, Evidence::Configured)
                .qualified(qualifier)
                .enabled(confirmed)
                .with(detail.policy),
        ];
        if let Some((dead, _)) = detail.dead_letter.as_deref().and_then(super::node_of) {
            let policy = EdgePolicy {
                id: Some(subscription.arn.clone()),
                subscriber: Some(to.short_name().to_owned()),
                ..EdgePolicy::retried_by("sns")
            };
            edges.push(Edge::new(topic, dead, EdgeKind::DeadLetter, Evidence::Configured).with(policy));
        }
        self.found(own, Vec::new(), edges).await;
        if let Some(error) = failure {
            let name = subscription.arn.rsplit(':').next().unwrap_or_default();
            let what = Unread::Subscription {
                subscription: name.to_owned(),
            };
            self.unread(part(&api::GET_SUBSCRIPTION_ATTRIBUTES, &subscription.arn), what, &error)
                .await;
        }
        keeping
    }

    /// Streams without a mapping: listed only if a variable may name one.
    pub(super) async fn streams(&self) {
        let is_named = |state: &super::State| state.guessing.environments.iter().any(|(_, env)| env.hints_at_stream());
        if !is_named(&self.state()) {
            return;
        }
        self.more(1);
        let listing = part(&api::KINESIS_LIST, "");
        match self.session.kinesis_streams().await {
            Ok(names) => {
                let arns = names
                    .iter()
                    .map(|name| self.scope().arn("kinesis", &format!("stream/{name}")));
                let nodes = arns.map(|arn| self.bare_node(&arn.into())).collect();
                self.found(listing, nodes, Vec::new()).await;
            }
            Err(error) => {
                self.unread(listing, Unread::Streams, &error).await;
            }
        }
        self.done().await;
    }

    /// All buckets of the region: those that notify queues and topics are named by no function's policy.
    pub(super) async fn buckets(&self) {
        if !self.read_buckets {
            return self.keep_buckets();
        }
        self.more(1);
        match self.session.buckets().await {
            Ok(buckets) => {
                // A bucket without notifications may still be written to.
                let arns = buckets
                    .iter()
                    .map(|name| format!("arn:{}:s3:::{name}", self.scope().partition));
                let nodes = arns.map(|arn| self.bare_node(&arn.into())).collect();
                self.found(part(&api::LIST_BUCKETS, ""), nodes, Vec::new()).await;
                self.state().buckets.extend(buckets);
            }
            Err(error) => {
                self.unread(part(&api::LIST_BUCKETS, ""), Unread::Buckets, &error).await;
                self.keep_buckets();
            }
        }
        self.done().await;
    }

    /// What an earlier survey said of buckets stays.
    fn keep_buckets(&self) {
        self.state()
            .unread
            .insert(api::GET_BUCKET_NOTIFICATION.action.to_owned());
    }

    /// The notifications of the buckets listed or named by a policy.
    pub(super) async fn named_buckets(&self) {
        if !self.read_buckets {
            return;
        }
        let buckets = {
            let mut state = self.state();
            let named = state.buckets.clone();
            let fresh = named
                .into_iter()
                .filter(|bucket| state.asked.buckets.insert(bucket.clone()));
            fresh.collect::<Vec<String>>()
        };
        self.each(buckets, |bucket| async move { self.bucket(&bucket).await })
            .await;
    }

    pub(super) async fn bucket(&self, bucket: &str) {
        let id = NodeId::from(format!("arn:{}:s3:::{bucket}", self.scope().partition));
        let part = part(&api::GET_BUCKET_NOTIFICATION, id.as_str());
        match self.session.notifications(bucket).await {
            // A policy may name one that does not exist.
            Ok(None) => self.state().existence.no_bucket(id),
            Ok(Some(notifications)) => {
                let mut edges: Vec<Edge> = Vec::new();
                self.note_bucket(bucket, notifications.event_bridge);
                for notification in notifications.each {
                    let Some((to, qualifier)) = super::node_of(&notification.target) else {
                        continue;
                    };
                    let edge = Edge::new(id.clone(), to, EdgeKind::Trigger, Evidence::Configured)
                        .qualified(qualifier)
                        .with(notification.policy);
                    match edges.iter_mut().find(|known| known.key == edge.key) {
                        Some(known) => known.merge(&edge),
                        None => edges.push(edge),
                    }
                }
                let node = Node {
                    id,
                    kind: NodeKind::S3,
                    name: bucket.to_owned(),
                    detail: Detail::Bucket(Bucket {
                        event_bridge: notifications.event_bridge,
                    }),
                };
                self.found(part, vec![node], edges).await;
            }
            Err(error) => {
                let what = Unread::Notifications {
                    bucket: bucket.to_owned(),
                };
                self.unread(part, what, &error).await;
            }
        }
    }
}
