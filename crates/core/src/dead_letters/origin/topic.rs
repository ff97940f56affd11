//! Messages of SNS subscriptions, and messages without an envelope.

use super::super::DlqSource;
use super::super::content::{Content, Notification, content};
use super::super::provenance::{Event, FunctionMatch, Provenance};
use super::super::words::{Evidence, Unconfigured};
use super::{Look, is_function};
use crate::domain::{EdgeKind, NodeId, Origin};

impl Look<'_> {
    /// A message with an SNS envelope: of a subscriber that could not be reached, or of a function whose DLQ is a topic.
    pub(super) fn notification(&self, envelope: &Notification) -> Provenance {
        let topic = NodeId::from(&envelope.topic);
        let attribute = |name: &str| envelope.attributes.get(name).cloned();
        let via = |feeder: &DlqSource| feeder.via.as_ref() == Some(&topic);
        let told = Evidence::Envelope { topic: topic.clone() };
        if let Some(found) = self.asynchronous(&attribute, Some(&topic)) {
            return found.with_evidence(told);
        }
        if let Content::Destination(record) = content(&envelope.message)
            && self.queue.fed_by.iter().any(via)
        {
            return self
                .destination(*record, Event::MessagePayload, Some(&topic))
                .with_evidence(told);
        }
        let feeders: Vec<&DlqSource> = self
            .queue
            .feeders(Origin::Sns)
            .filter(|feeder| feeder.id == topic)
            .collect();
        let named = envelope.subscription.as_ref();
        let exact = feeders
            .iter()
            .find(|feeder| feeder.part.is_some() && feeder.part.as_ref() == named);
        let mut found = Provenance::new(Origin::Sns)
            .with_evidence(Evidence::Notification { topic: topic.clone() })
            .confirmed(exact.or(feeders.first()).copied(), Unconfigured::Subscription);
        found.event = Event::Message;
        if let Some(subscription) = exact.and_then(|feeder| feeder.part.as_ref()) {
            found.shows(Evidence::UnsubscribeLink);
            self.subscriber(&mut found, subscription);
        } else {
            self.subscribers(&mut found, &feeders);
        }
        found.source = Some(topic);
        found
    }

    /// A topic's only subscription with this dead-letter queue, or several candidates.
    fn subscribers(&self, found: &mut Provenance, feeders: &[&DlqSource]) {
        match feeders {
            [] => {}
            [only] => {
                if let Some(subscription) = &only.part {
                    found.shows(Evidence::OnlySubscription);
                    self.subscriber(found, subscription);
                }
            }
            several => {
                let endpoints = several
                    .iter()
                    .filter_map(|feeder| self.endpoint(feeder.part.as_deref()?));
                let functions = endpoints.filter(|(id, _)| is_function(id)).map(|(id, _)| id);
                found.function = FunctionMatch::OneOf(functions.collect());
                found.shows(Evidence::SeveralSubscriptions {
                    subscriptions: several.len() as u64,
                });
            }
        }
    }

    fn subscriber(&self, found: &mut Provenance, subscription: &str) {
        found.subscription = Some(subscription.to_owned());
        if let Some((endpoint, qualifier)) = self.endpoint(subscription) {
            found.shows(Evidence::SubscriptionLeads { to: endpoint.clone() });
            found.target = Some(endpoint.to_string());
            if is_function(&endpoint) {
                found.function = FunctionMatch::Function {
                    id: endpoint,
                    qualifier,
                };
            }
        }
    }

    /// Where a subscription leads.
    fn endpoint(&self, subscription: &str) -> Option<(NodeId, Option<String>)> {
        let of = |edge: &&std::sync::Arc<crate::domain::Edge>| {
            let mut ids = edge.policies.iter().filter_map(|policy| policy.id.as_deref());
            edge.key.kind == EdgeKind::Trigger && ids.any(|id| id == subscription)
        };
        let edge = self.chain.edges.iter().find(of)?;
        Some((edge.key.to.clone(), edge.key.qualifier.clone()))
    }

    /// A message without an envelope. Only a subscription with raw delivery and a pipe write such messages, so the
    /// configuration may show its source.
    pub(super) fn unmarked(&self) -> Provenance {
        let silent =
            |feeder: &&DlqSource| matches!(feeder.origin, Origin::Sns | Origin::Pipe) && self.writes_raw(feeder);
        let feeders: Vec<&DlqSource> = self.queue.fed_by.iter().filter(silent).collect();
        let Some(first) = feeders.first().copied() else {
            return Provenance::new(Origin::Unknown).with_evidence(Evidence::Unmarked);
        };
        if feeders
            .iter()
            .any(|feeder| (feeder.origin, &feeder.id) != (first.origin, &first.id))
        {
            let senders = feeders.iter().map(|feeder| feeder.id.clone()).collect();
            return Provenance::new(Origin::Unknown).with_evidence(Evidence::OneOfSenders { senders });
        }
        let mut found = Provenance::new(first.origin)
            .with_evidence(Evidence::Unmarked)
            .confirmed(Some(first), Unconfigured::Subscription);
        found.shows(Evidence::OnlyBare {
            sender: first.id.clone(),
        });
        found.source = Some(first.id.clone());
        if first.origin == Origin::Sns {
            self.subscribers(&mut found, &feeders);
        } else {
            self.piped(&mut found, &first.id);
        }
        found
    }

    /// Whether a source's messages come without an envelope: those of a subscription do if raw delivery is on.
    fn writes_raw(&self, feeder: &DlqSource) -> bool {
        if feeder.origin != Origin::Sns {
            return true;
        }
        let policies = self
            .chain
            .edges
            .iter()
            .filter(|edge| edge.key.kind == EdgeKind::Trigger);
        let mut policies = policies.flat_map(|edge| &edge.policies);
        let own = policies.find(|policy| policy.id.is_some() && policy.id == feeder.part);
        own.is_none_or(|policy| policy.raw_delivery == Some(true))
    }
}
