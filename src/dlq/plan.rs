//! What would be done, computed before anything happens: the dry run.

use std::collections::BTreeSet;

use super::check::{Died, Evidence, functions_of};
use super::earliest_return;
use super::error::Confirm;
use super::queues::{chain, functions_behind, url};
use super::state::{DlqContents, Invoked, Planned};
use super::{DlqService, RedriveRequest};
use crate::dead_letters::{DeadLetter, DeadLetterQueue, FunctionMatch, Provenance};
use crate::domain::{Arn, NodeId, NodeKind, Origin};
use crate::redrive::plan::{Plan, Targets, To};
use crate::redrive::route::Target;
use crate::redrive::targets::{NoMove, against_move_task, inputs, known};
use crate::redrive::unfinished_runs::earlier;
use crate::store::snapshot::{Snapshot, Topology};

/// More messages than these must be confirmed with the queue's name.
pub const MANY: usize = 10;

impl DlqService {
    /// Targets by the configuration, the rules that send to the queue, and the journals. Also returns what could not be
    /// read, each a sentence without its stop.
    pub async fn targets(
        &self,
        queue: &DeadLetterQueue,
        topology: &Topology,
        invoke_anyway: bool,
    ) -> (Targets, Vec<String>) {
        let mut targets = known(chain(topology), invoke_anyway);
        let id = queue.id.clone();
        targets.earlier = self
            .of_journals(move |folder, endpoint| earlier(folder, &id, endpoint))
            .await;
        let unread = inputs(self.session(), queue, &mut targets).await;
        (targets, unread)
    }

    /// Plans a redrive of messages that were read, and checks whether the cause is fixed. Sends nothing.
    pub async fn plan(&self, wish: RedriveRequest, letters: &DlqContents, snapshot: &Snapshot) -> Planned {
        let (topology, queue) = (&snapshot.topology, &letters.queue);
        let (targets, unread) = self.targets(queue, topology, wish.invoke_anyway).await;
        let production = self.context.production;
        let mut planned = planned(wish, (queue, &letters.entries), topology, &targets, production);
        planned.unread = unread;
        planned.journals.clone_from(&self.context.journals);
        let mut functions = functions_of(&planned.looked_at(), snapshot);
        functions.extend(planned.invoked.functions.iter().cloned());
        let (session, now) = (self.session(), self.clock().now());
        planned.evidence.read(session, snapshot, &functions, now).await;
        planned
    }
}

/// Computes the plan for messages of a queue.
#[must_use]
pub fn planned(
    wish: RedriveRequest,
    (queue, entries): (&DeadLetterQueue, &[DeadLetter]),
    topology: &Topology,
    targets: &Targets,
    production: bool,
) -> Planned {
    let wanted: BTreeSet<&str> = wish.ids.iter().map(String::as_str).collect();
    let mut plan = Plan::default();
    let (mut candidates, mut functions) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries
        .iter()
        .filter(|entry| wanted.contains(&*entry.letter.message_id))
    {
        let provenance = resolved(&entry.provenance, wish.choice.as_ref(), topology);
        candidates.extend(among(&entry.provenance).iter().cloned());
        if wish.to == To::Origin {
            functions.extend(provenance.function.function().cloned());
        }
        let edit = wish.edits.get(&entry.letter.message_id);
        plan.add(&entry.letter, &provenance, edit, &wish.to, targets);
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
        Some(Confirm::Production)
    } else if plan.chosen.len() > MANY {
        Some(Confirm::Many)
    } else {
        None
    };
    let all = wish.all && wish.edits.is_empty();
    let twice = !wish.move_again && targets.may_go_twice() > 0;
    let mut planned = Planned {
        name: queue.name.clone(),
        url: url(queue),
        against_move_task: against_move_task(queue, &wish.to, all, wish.rate).or(twice.then_some(NoMove::SentBefore)),
        invoked: Invoked {
            candidates: candidates.into_iter().collect(),
            functions: functions.into_iter().collect(),
            unguarded,
        },
        bounce_after_s: bounces.min().map(|after| after.as_secs()),
        confirm,
        unread: Vec::new(),
        evidence: Evidence {
            died: entries.iter().map(|entry| Died::of(entry, chain(topology))).collect(),
            rate: wish.rate,
            ..Evidence::default()
        },
        fifo: queue.is_fifo(),
        depth: queue.messages().unwrap_or(0),
        sources: sources(queue, targets),
        journals: None,
        plan,
        wish,
    };
    planned.evidence.messages = planned.messages();
    planned.evidence.targets = planned.looked_at();
    planned
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

/// The candidates of messages with several.
fn among(provenance: &Provenance) -> &[NodeId] {
    match (&provenance.function, provenance.origin) {
        (FunctionMatch::OneOf(several), Origin::LambdaAsync | Origin::Destination | Origin::Sns) => several,
        _ => &[],
    }
}

/// The provenance of a message after the user chose a candidate.
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
