//! Settings of event source mappings on queues.

use super::words::{Cure as Set, Proof, What};
use super::{Chain, Cure, Hint, Rule, is_live_trigger, name};
use crate::domain::{Edge, Node, NodeId, NodeKind};
use crate::store::snapshot::Severity;

/// AWS (sqs-mappings): a mapping starts with five concurrent invocations.
const POLLERS: u32 = 5;
/// AWS (sqs-mappings): the least `MaximumConcurrency`.
const LEAST_MAXIMUM: u32 = 2;

/// A batch of more than one message that one of them brings back as a whole. FIFO queues are left out: a function must stop at the first
/// failure there, or the order of a group breaks. Streams are left out: they may bisect.
pub(super) fn partial_batch_response(chain: &Chain<'_>, node: &Node) -> Vec<Hint> {
    let mappings = from_standard_queues(chain, node);
    let whole = mappings.filter_map(|edge| {
        let policy = edge.policies.iter().find(|policy| {
            policy.batching.size.is_some_and(|size| size > 1) && policy.batching.partial_response != Some(true)
        })?;
        let dead = chain.dead_letter_queue(&edge.key.from);
        let cure = Cure::set(Set::PartialBatchResponse);
        let cure = match policy.id.as_deref() {
            Some(uuid) => {
                let types = "--function-response-types";
                cure.by(&[
                    "lambda",
                    "update-event-source-mapping",
                    "--uuid",
                    uuid,
                    types,
                    "ReportBatchItemFailures",
                ])
            }
            None => cure,
        };
        Some(Hint {
            rule: Rule::PartialBatchResponse,
            of: node.id.clone(),
            link: Some(edge.key.from.clone()),
            // Without a dead-letter queue the others come back until they pass alone.
            severity: if dead.is_some() {
                Severity::Warning
            } else {
                Severity::Notice
            },
            what: What::WholeBatch {
                size: policy.batching.size.unwrap_or(0),
                queue: edge.key.from.clone(),
            }
            .into(),
            why: Proof::OneFailsAll { dlq: dead.cloned() }.into(),
            cure,
        })
    });
    whole.collect()
}

/// Reserved concurrency below what the mappings on standard queues invoke at a time. Zero is an issue of its own: nothing runs then.
pub(super) fn reserved_concurrency(chain: &Chain<'_>, node: &Node) -> Vec<Hint> {
    let Some(reserved) = chain
        .function(&node.id)
        .and_then(|function| function.reserved_concurrency)
    else {
        return Vec::new();
    };
    if reserved == 0 {
        return Vec::new();
    }
    let limited: Vec<(&Edge, u32)> = triggers(chain, node, false)
        .filter_map(|edge| {
            Some((
                edge,
                edge.policies
                    .iter()
                    .filter_map(|policy| policy.concurrency.maximum)
                    .max()?,
            ))
        })
        .collect();
    let sum: u32 = limited.iter().map(|(_, maximum)| *maximum).sum();
    let mut hints = Vec::new();
    if let Some((first, _)) = limited.first().filter(|_| sum > reserved) {
        hints.push(Hint {
            rule: Rule::ReservedConcurrency,
            of: node.id.clone(),
            link: Some(first.key.from.clone()),
            severity: Severity::Warning,
            what: What::ReservedBelowMaximum {
                reserved,
                maximum: sum,
                queues: limited.iter().map(|(edge, _)| edge.key.from.clone()).collect(),
            }
            .into(),
            why: Proof::ThrottlesUseReceives.into(),
            cure: raise_or_lower(node, first, limited.len(), (reserved, sum)),
        });
    }
    // AWS (sqs-mappings): a FIFO queue has as many invocations as groups.
    let unlimited = from_standard_queues(chain, node).find(|edge| {
        !edge.policies.is_empty()
            && edge
                .policies
                .iter()
                .all(|policy| policy.concurrency.maximum.is_none() && policy.status.state.is_some())
    });
    if let Some(edge) = unlimited.filter(|_| reserved < POLLERS) {
        let uuid = edge.policies.iter().find_map(|policy| policy.id.as_deref());
        let maximum = reserved.max(LEAST_MAXIMUM);
        let cure = Cure::set(Set::MaximumConcurrency { maximum });
        hints.push(Hint {
            rule: Rule::ReservedConcurrency,
            of: node.id.clone(),
            link: Some(edge.key.from.clone()),
            severity: Severity::Warning,
            what: What::ReservedBelowPollers {
                reserved,
                queue: edge.key.from.clone(),
            }
            .into(),
            why: Proof::StartsWithFive { pollers: POLLERS }.into(),
            cure: uuid.map_or_else(|| cure.clone(), |uuid| cure.clone().by(&scaling(uuid, &limit(maximum)))),
        });
    }
    hints
}

/// One limit is lowered; of several it is not known which one has room.
fn raise_or_lower(node: &Node, first: &Edge, mappings: usize, (reserved, sum): (u32, u32)) -> Cure {
    let uuid = first.policies.iter().find_map(|policy| policy.id.as_deref());
    match uuid.filter(|_| mappings == 1 && reserved >= LEAST_MAXIMUM) {
        Some(uuid) => Cure::set(Set::LowerMaximum { maximum: reserved }).by(&scaling(uuid, &limit(reserved))),
        None => Cure::set(Set::RaiseReserved { reserved: sum }).by(&[
            "lambda",
            "put-function-concurrency",
            "--function-name",
            name(&node.id),
            "--reserved-concurrent-executions",
            &sum.to_string(),
        ]),
    }
}

fn limit(maximum: u32) -> String {
    format!("MaximumConcurrency={maximum}")
}

fn scaling<'a>(uuid: &'a str, limit: &'a str) -> [&'a str; 6] {
    [
        "lambda",
        "update-event-source-mapping",
        "--uuid",
        uuid,
        "--scaling-config",
        limit,
    ]
}

fn from_standard_queues<'a>(chain: &'a Chain<'_>, node: &'a Node) -> impl Iterator<Item = &'a Edge> {
    triggers(chain, node, true)
}

/// The mappings by which a function reads queues.
fn triggers<'a>(chain: &'a Chain<'_>, node: &'a Node, only_standard: bool) -> impl Iterator<Item = &'a Edge> {
    let is_queue = move |id: &NodeId| {
        chain.kind(id) == Some(NodeKind::Sqs) && !(only_standard && id.as_str().strip_suffix(".fifo").is_some())
    };
    let into = chain.reaching(&node.id).iter().copied();
    into.filter(move |edge| node.kind == NodeKind::Lambda && is_live_trigger(edge) && is_queue(&edge.key.from))
}
