//! What would be done, computed before anything happens: the dry run as the screen shows it.

use std::collections::BTreeSet;

use super::RedriveRequest;
use super::check::{Died, Evidence};
use super::earliest_return;
use super::queues::{chain, functions_behind};
use super::state::{DlqContents, Planned};
use crate::dead_letters::{DeadLetter, DeadLetterQueue, FunctionMatch, Provenance};
use crate::domain::{Arn, NodeId, NodeKind, Origin};
use crate::redrive::plan::{Plan, Targets, To};
use crate::redrive::route::Target;
use crate::redrive::targets::{against_move_task, known};
use crate::store::snapshot::Topology;

/// More messages than these want the queue's name typed.
pub const MANY: usize = 10;

/// Computes it. `targets` has the inputs of rules; queues and functions are taken from the topology.
#[must_use]
pub fn planned(
    wish: RedriveRequest,
    letters: &DlqContents,
    topology: &Topology,
    inputs: Targets,
    production: bool,
) -> Planned {
    let targets = Targets {
        inputs: inputs.inputs,
        earlier: inputs.earlier,
        ..known(chain(topology), wish.invoke_anyway)
    };
    let wanted: BTreeSet<&str> = wish.ids.iter().map(String::as_str).collect();
    let entries = letters.entries.iter();
    let entries: Vec<&DeadLetter> = entries
        .filter(|entry| wanted.contains(entry.letter.message_id.as_str()))
        .collect();
    let mut plan = Plan::default();
    let (mut candidates, mut functions) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries {
        let provenance = resolved(&entry.provenance, wish.choice.as_ref(), topology);
        candidates.extend(among(&entry.provenance).iter().cloned());
        if wish.to == To::Origin {
            functions.extend(provenance.function.function().cloned());
        }
        let edit = wish.edits.get(&entry.letter.message_id);
        plan.add(&entry.letter, &provenance, edit, &wish.to, &targets);
    }
    let bounces = plan
        .ways
        .iter()
        .filter_map(|way| earliest_return::after(&way.target, topology));
    let invoked = plan.ways.iter().filter_map(|way| Arn::parse(way.target.arn()));
    functions.extend(
        invoked
            .filter(|arn| arn.kind() == NodeKind::Lambda)
            .map(|arn| arn.node().0),
    );
    if let To::Named(target) = &wish.to {
        functions.extend(functions_behind(&[target.arn().to_owned()], topology));
    }
    let unguarded = plan.steps.iter().any(|step| step.way.is_err())
        && functions.iter().any(|id| targets.unguarded.contains_key(id.as_str()));
    let confirm = if production {
        Some("this account is marked as production")
    } else if plan.chosen.len() > MANY {
        Some("these are more than ten messages")
    } else {
        None
    };
    Planned {
        name: letters.queue.name.clone(),
        against_move_task: against_move_task(&letters.queue, &wish.to, wish.all && wish.edits.is_empty(), None)
            .or((targets.may_go_twice() > 0).then_some("earlier runs have sent some of these messages already")),
        candidates: candidates.into_iter().collect(),
        functions: functions.into_iter().collect(),
        unguarded,
        bounce_after_s: bounces.min().map(|after| after.as_secs()),
        confirm,
        unread: Vec::new(),
        evidence: Evidence {
            died: letters
                .entries
                .iter()
                .map(|entry| Died::of(entry, chain(topology)))
                .collect(),
            messages: plan.chosen.len() as u64,
            targets: plan.targets(),
            ..Evidence::default()
        },
        fifo: letters.queue.is_fifo(),
        depth: letters.queue.messages().unwrap_or(0),
        sources: sources(&letters.queue, &targets),
        journals: None,
        plan,
        wish,
    }
}

/// The queues that SQS moves messages of this one back to.
fn sources(queue: &DeadLetterQueue, targets: &Targets) -> Vec<Target> {
    let feeders = queue.feeders(Origin::SqsRedrive);
    feeders
        .filter_map(|feeder| {
            let (url, fifo) = targets.queues.get(feeder.id.as_str())?;
            Some(Target::Queue {
                arn: feeder.id.to_string(),
                url: url.clone(),
                fifo: *fifo,
            })
        })
        .collect()
}

/// Where a letter may be of several: those.
fn among(provenance: &Provenance) -> &[NodeId] {
    match (&provenance.function, provenance.origin) {
        (FunctionMatch::OneOf(several), Origin::LambdaAsync | Origin::Destination | Origin::Sns) => several,
        _ => &[],
    }
}

/// What is known of a letter once a person has chosen.
#[must_use]
pub fn resolved(provenance: &Provenance, choice: Option<&NodeId>, topology: &Topology) -> Provenance {
    let mut found = provenance.clone();
    let Some(choice) = choice.filter(|choice| among(provenance).contains(choice)) else {
        return found;
    };
    found.function = FunctionMatch::Function {
        id: choice.clone(),
        qualifier: None,
    };
    if found.origin == Origin::Sns {
        let topic = found.source.as_ref();
        let edges = topic.into_iter().flat_map(|topic| topology.from(topic));
        let mut policies = edges
            .filter(|edge| edge.key.to == *choice)
            .flat_map(|edge| &edge.policies);
        found.subscription = policies.find_map(|policy| policy.id.clone());
        found.target = Some(choice.to_string());
    }
    found
}
