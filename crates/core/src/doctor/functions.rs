//! Settings of functions.

use std::collections::BTreeMap;

use super::words::{Cure as Set, Proof, What};
use super::{Chain, Cure, Hint, Rule, is_live_trigger, name};
use crate::domain::delivery::Pattern;
use crate::domain::resource_policy::{ResourcePolicy, Statement};
use crate::domain::{Edge, EdgeKind, Evidence, Function, Node, NodeId, NodeKind};
use crate::forecast::of_source;
use crate::store::losses::Kept;
use crate::store::snapshot::Severity;

/// Sources that a hint names.
const NAMED: usize = 3;

/// A function that something starts asynchronously, and that leaves nowhere what it fails with to the end.
pub(super) fn async_without_dlq(chain: &Chain<'_>, node: &Node) -> Vec<Hint> {
    let Some(function) = chain.function(&node.id) else {
        return Vec::new();
    };
    let mut by_qualifier: BTreeMap<Option<&str>, Vec<&Edge>> = BTreeMap::new();
    for edge in chain
        .reaching(&node.id)
        .iter()
        .filter(|edge| is_asynchronous(chain, edge))
    {
        // The qualifier of a destination is that of the function that has it.
        let qualifier = edge
            .key
            .qualifier
            .as_deref()
            .filter(|_| edge.key.kind == EdgeKind::Trigger);
        by_qualifier.entry(qualifier).or_default().push(edge);
    }
    let unkept = by_qualifier
        .into_iter()
        .filter(|(qualifier, _)| kept(chain, node, function, *qualifier) == Kept::No);
    unkept
        .map(|(qualifier, edges)| {
            let mut sources: Vec<NodeId> = edges.iter().map(|edge| edge.key.from.clone()).collect();
            sources.dedup();
            let more = sources.len().saturating_sub(NAMED);
            sources.truncate(NAMED);
            Hint {
                rule: Rule::AsyncWithoutDlq,
                of: node.id.clone(),
                link: edges.first().map(|edge| edge.key.from.clone()),
                // The next start comes anyway.
                severity: if edges.iter().all(|edge| is_timed(chain, edge)) {
                    Severity::Notice
                } else {
                    Severity::Warning
                },
                what: What::NothingKept {
                    qualifier: qualifier.map(str::to_owned),
                }
                .into(),
                why: Proof::DroppedAfter {
                    attempts: attempts(function, qualifier),
                    sources,
                    more,
                }
                .into(),
                cure: Cure::set(Set::AddDestination),
            }
        })
        .collect()
}

/// How often an event is tried in all. AWS (async): two retries, if not set.
fn attempts(function: &Function, qualifier: Option<&str>) -> u32 {
    let own = qualifier.and_then(|name| function.qualified.iter().find(|one| one.name == name));
    let retries = match qualifier {
        None => function.asynchronous.retries,
        Some(_) => own.and_then(|own| own.retries),
    };
    retries.unwrap_or(crate::forecast::policy::ASYNC_RETRIES) + 1
}

fn is_asynchronous(chain: &Chain<'_>, edge: &Edge) -> bool {
    // AWS (destinations): a destination is invoked asynchronously.
    let is_destination = edge.key.kind == EdgeKind::Destination && edge.evidence == Evidence::Configured;
    is_destination
        || is_live_trigger(edge) && chain.kind(&edge.key.from).and_then(of_source) == Some(Pattern::Asynchronous)
}

/// Whether it is started by the clock or by an alarm, again and again.
fn is_timed(chain: &Chain<'_>, edge: &Edge) -> bool {
    match chain.kind(&edge.key.from) {
        Some(NodeKind::Schedule | NodeKind::Alarm) => true,
        Some(NodeKind::Eventbridge) => edge.policies.iter().any(|policy| policy.schedule.is_some()),
        _ => false,
    }
}

/// Whether what fails to the end is kept, by the alias or version that is invoked. AWS (async): each has destinations of its own, and the
/// dead-letter queue of the version behind it.
pub(super) fn kept(chain: &Chain<'_>, node: &Node, function: &Function, qualifier: Option<&str>) -> Kept {
    let all = chain.keepers.function(&node.id);
    let out = chain.leaving(&node.id).iter();
    let own = out.filter(|edge| edge.keeps_failures() && edge.key.qualifier.as_deref() == qualifier);
    // A topic without a subscription keeps nothing.
    let unheard: Vec<Option<bool>> = own.map(|edge| chain.topology.is_unheard(&edge.key.to)).collect();
    if unheard.contains(&Some(false)) {
        return Kept::Yes;
    }
    if unheard.contains(&None) {
        return Kept::Unknown;
    }
    let Some(name) = qualifier else {
        return if all == Kept::Unknown { Kept::Unknown } else { Kept::No };
    };
    let known = function.qualified.iter().find(|one| one.name == name);
    match (all, known) {
        (Kept::Unknown, _) | (_, None) => Kept::Unknown,
        (_, Some(known)) if !known.dead_letter_read => Kept::Unknown,
        // Whether an alias without a configuration of its own inherits is not documented.
        (Kept::Yes, Some(known)) if !known.configured => Kept::Unknown,
        _ => Kept::No,
    }
}

/// A statement of a function's policy that allows a source which does not exist any more.
pub(super) fn stale_permission(chain: &Chain<'_>, node: &Node) -> Vec<Hint> {
    let Some(function) = chain.function(&node.id) else {
        return Vec::new();
    };
    let into = chain.reaching(&node.id).iter();
    let gone = into.filter(|edge| {
        edge.evidence == Evidence::Permitted
            && edge.key.kind == EdgeKind::Trigger
            && chain.topology.gone_sources.contains(&edge.key.from)
    });
    gone.map(|edge| {
        let qualifier = edge.key.qualifier.as_deref();
        let policy = function.permissions.policies.get(qualifier.unwrap_or(""));
        let statement = policy.and_then(|policy| names_only(policy, edge.key.from.as_str()));
        let is_bucket = chain.kind(&edge.key.from) == Some(NodeKind::S3);
        // AWS (permissions): a bucket's ARN has no account id, and its name is free for anybody.
        let is_open = is_bucket && statement.is_some_and(|statement| !asks_for_account(statement));
        let sid = statement.and_then(|statement| statement.sid.as_deref());
        let cure = Cure::set(Set::RemovePermission {
            statement: sid.map(str::to_owned),
        });
        let cure = match sid {
            Some(sid) => {
                let mut words = vec!["lambda", "remove-permission", "--function-name", name(&node.id)];
                words.extend(qualifier.into_iter().flat_map(|qualifier| ["--qualifier", qualifier]));
                words.extend(["--statement-id", sid]);
                cure.by(&words)
            }
            None => cure,
        };
        Hint {
            rule: Rule::StalePermission,
            of: node.id.clone(),
            link: Some(edge.key.from.clone()),
            severity: if is_open { Severity::Warning } else { Severity::Notice },
            what: What::StalePermission {
                source: edge.key.from.clone(),
            }
            .into(),
            why: if is_open { Proof::NameIsFree } else { Proof::SourceGone }.into(),
            cure,
        }
    })
    .collect()
}

/// The statement whose condition on the source names this one and no other: taking it away takes nothing else away.
fn names_only<'a>(policy: &'a ResourcePolicy, source: &str) -> Option<&'a Statement> {
    let is_own = |statement: &&Statement| {
        let mut on_source = statement
            .conditions
            .iter()
            .filter(|condition| condition.key.eq_ignore_ascii_case("aws:SourceArn"));
        !statement.denies && on_source.any(|condition| condition.values == [source])
    };
    policy.statements.iter().find(is_own)
}

fn asks_for_account(statement: &Statement) -> bool {
    let keys = ["aws:SourceAccount", "aws:PrincipalOrgID", "aws:SourceOrgID"];
    let mut conditions = statement.conditions.iter();
    conditions.any(|condition| keys.iter().any(|key| condition.key.eq_ignore_ascii_case(key)))
}
