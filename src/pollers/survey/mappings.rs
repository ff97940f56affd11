//! Event source mappings: the sources that Lambda polls for functions.

use super::{Survey, part};
use crate::aws::api;
use crate::aws::mappings::Mapping;
use crate::domain::{Arn, Edge, EdgeKind, EdgePolicy, Evidence, NodeId, RetryPolicy};
use crate::pollers::unread::Unread;

impl Survey<'_> {
    /// All mappings: the sources that Lambda polls for functions.
    pub(super) async fn mappings(&self) {
        self.more(1);
        let listing = part(&api::LIST_MAPPINGS, "");
        match self.session.mappings().await {
            Ok(mut mappings) => {
                self.stream_facts(&mut mappings).await;
                let edges = mappings
                    .iter()
                    .flat_map(|mapping| self.mapping_edges(mapping))
                    .collect();
                self.found(listing, Vec::new(), edges).await;
            }
            Err(error) => {
                self.unread(listing, Unread::Mappings, &error).await;
            }
        }
        self.done().await;
    }

    fn mapping_edges(&self, mapping: &Mapping) -> Vec<Edge> {
        let Some((function, qualifier)) = super::node_of(&mapping.function) else {
            return Vec::new();
        };
        let source = super::node_of(&mapping.source).map_or_else(|| NodeId::from(&mapping.source), |(id, _)| id);
        let is_stream = Arn::parse(source.as_str())
            .is_some_and(|arn| matches!(arn.service, "dynamodb" | "kinesis" | "rds" | "docdb"));
        if is_stream && self.admits(&function, Arn::parse(function.as_str()).map_or("", |arn| arn.name())) {
            self.state().targets.stream_readers.insert(function.clone());
        }
        if mapping.enabled && mapping.policy.batching.partial_response == Some(true) {
            self.state().targets.counting.insert(source.clone());
        }
        self.state().consumes(&function, &source);
        let trigger = Edge::new(source, function.clone(), EdgeKind::Trigger, Evidence::Configured)
            .qualified(qualifier.clone())
            .enabled(mapping.enabled)
            .with(mapping.policy.clone());
        let on_failure = mapping.on_failure.as_deref().and_then(super::node_of).map(|(to, _)| {
            let policy = EdgePolicy {
                id: mapping.policy.id.clone(),
                retries: RetryPolicy {
                    max: mapping.policy.retries.max,
                    max_age_s: mapping.policy.retries.max_age_s,
                    by: Some("mapping".into()),
                    ..RetryPolicy::default()
                },
                ..EdgePolicy::default()
            };
            Edge::new(function, to, EdgeKind::DeadLetter, Evidence::Configured)
                .with(policy)
                .enabled(mapping.enabled)
        });
        std::iter::once(trigger).chain(on_failure).collect()
    }
}
