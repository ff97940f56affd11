//! Before anything is received: which queue, where to, who moves.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use super::super::super::headless::{Need, look};
use super::super::super::{Globals, USAGE, refuse};
use super::super::find;
use super::{Engine, Redrive};
use crate::aws::Session;
use crate::config::Config;
use crate::domain::text::plain;
use crate::domain::{Arn, Detail, EdgeKind, NodeKind, Origin};
use crate::letters::caution::{refusals, sentence};
use crate::letters::{DeadLetterQueue, Filter};
use crate::redrive::plan::{Targets, To};
use crate::redrive::way::Target;
use crate::store::Snapshot;

/// What is known before the first receive.
pub(super) struct Prepared {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) queue: DeadLetterQueue,
    pub(super) url: String,
    /// Messages in it, by its own count.
    pub(super) depth: u64,
    pub(super) to: To,
    pub(super) targets: Targets,
    pub(super) filter: Filter,
    pub(super) engine: Engine,
}

pub(super) async fn prepare(
    globals: &Globals,
    config: &Config,
    args: &Redrive,
    session: &Session,
) -> Result<Prepared, ExitCode> {
    let filter =
        Filter::new(args.expression.as_deref(), None).map_err(|error| refuse(USAGE, &plain(&error.to_string())))?;
    let snapshot = look(globals, config, Need::Chain).await?;
    let topology = &snapshot.topology;
    let asked = args.queue.as_deref().unwrap_or_default();
    let queue = find::queue(session, topology, asked).await?;
    let name = plain(&queue.name).into_owned();
    if let Some(why) = sentence(&refusals(&queue), &name).filter(|_| !args.read_anyway) {
        return Err(refuse(USAGE, &plain(&why)));
    }
    let url = queue
        .detail
        .as_ref()
        .map(|detail| detail.url.clone())
        .unwrap_or_default();
    let mut targets = targets(&snapshot, args.invoke_anyway);
    inputs(session, &queue, &mut targets).await;
    let to = to(args, session, &snapshot, &mut targets).await?;
    if matches!(&to, To::Named(target) if target.arn() == queue.id.as_str()) {
        return Err(refuse(USAGE, "Source and target are the same queue: nothing was done."));
    }
    let engine = engine(args, &queue, &to, &filter)?;
    Ok(Prepared {
        depth: queue.messages().unwrap_or(0),
        snapshot,
        queue,
        url,
        to,
        targets,
        filter,
        engine,
    })
}

/// What the configuration knows of everything that may be a target.
fn targets(snapshot: &Snapshot, invoke_anyway: bool) -> Targets {
    let topology = &snapshot.topology;
    let mut targets = Targets::default();
    for node in topology.nodes.values() {
        match &node.detail {
            Detail::Queue(detail) => {
                let known = (detail.url.clone(), detail.fifo);
                targets.queues.insert(node.id.to_string(), known);
            }
            Detail::Function(detail) if !invoke_anyway => {
                let catches = topology.edges.iter().any(|edge| {
                    let for_failures = match edge.key.kind {
                        EdgeKind::DeadLetter => edge.policies.iter().all(|policy| policy.batch_size.is_none()),
                        EdgeKind::Destination => edge
                            .policies
                            .iter()
                            .any(|policy| policy.condition.as_deref() == Some("OnFailure")),
                        _ => false,
                    };
                    edge.key.from == node.id && for_failures
                });
                let name = plain(&node.name);
                let why = if detail.reserved_concurrency == Some(0) {
                    Some(format!("{name} may run 0 times at once (reserved concurrency)"))
                } else if catches {
                    None
                } else {
                    Some(format!(
                        "{name} has no dead-letter queue and no failure destination, so that what fails again would be lost"
                    ))
                };
                if let Some(why) = why {
                    targets.unguarded.insert(node.id.to_string(), why);
                }
            }
            _ => {}
        }
    }
    targets
}

/// What the rules that feed the queue give to their targets.
async fn inputs(session: &Session, queue: &DeadLetterQueue, targets: &mut Targets) {
    let rules: std::collections::BTreeSet<_> = queue.feeders(Origin::Eventbridge).map(|feeder| &feeder.id).collect();
    for rule in rules {
        match session.inputs(rule.as_str()).await {
            Ok(inputs) => {
                let inputs = inputs
                    .into_iter()
                    .map(|(target, input)| ((rule.to_string(), target), input));
                targets.inputs.extend(inputs);
            }
            Err(error) => eprintln!(
                "pitagora: the targets of rule {} could not be read ({error}): its events go as they are.",
                plain(rule.as_str())
            ),
        }
    }
}

/// Where the person wants them.
async fn to(args: &Redrive, session: &Session, snapshot: &Snapshot, targets: &mut Targets) -> Result<To, ExitCode> {
    let text = args.to.as_str();
    if text == "origin" {
        return Ok(To::Origin);
    }
    if let Some(arn) = Arn::parse(text).filter(|arn| arn.kind() == NodeKind::Lambda) {
        let (id, _) = arn.node();
        if !snapshot.topology.nodes.contains_key(&id) {
            return Err(refuse(USAGE, &format!("There is no function {}.", plain(text))));
        }
        return Ok(To::Named(Target::Event { arn: text.to_owned() }));
    }
    let found = find::queue(session, &snapshot.topology, text).await?;
    let url = found
        .detail
        .as_ref()
        .map(|detail| detail.url.clone())
        .unwrap_or_default();
    let target = Target::Queue {
        arn: found.id.to_string(),
        fifo: found.is_fifo(),
        url: url.clone(),
    };
    targets.queues.insert(found.id.to_string(), (url, found.is_fifo()));
    Ok(To::Named(target))
}

/// AWS moves whole queues that SQS feeds, to queues, without a look at what it moves.
fn engine(args: &Redrive, queue: &DeadLetterQueue, to: &To, filter: &Filter) -> Result<Engine, ExitCode> {
    let origins: BTreeMap<Origin, usize> = queue.fed_by.iter().map(|feeder| (feeder.origin, 1)).collect();
    let fed_by_sqs = origins.contains_key(&Origin::SqsRedrive);
    let mixed = origins.len() > 1;
    let against = if !fed_by_sqs {
        Some("no SQS queue names it as its dead-letter queue")
    } else if mixed && *to == To::Origin {
        Some("others than SQS write into it, and it would not know where to put those")
    } else if !filter.is_open() {
        Some("it moves whole queues and not a selection (--where)")
    } else if matches!(to, To::Named(target) if !matches!(target, Target::Queue { .. })) {
        Some("it moves to queues only")
    } else if args.rate.is_some_and(|rate| rate > 500) {
        Some("it moves at most 500 messages a second")
    } else {
        None
    };
    match (args.engine, against) {
        (Engine::MoveTask, Some(why)) => Err(refuse(
            USAGE,
            &format!("SQS cannot move these messages itself ({why}): use --engine client."),
        )),
        // A journal, a canary and the rule for what nobody knows are this program's own.
        (Engine::Auto, _) if against.is_some() || args.journal.is_some() || args.unknown.is_some() => {
            Ok(Engine::Client)
        }
        (Engine::Auto, _) if args.canary.is_some_and(|n| n > 0) || !args.yes => Ok(Engine::Client),
        (engine, _) => Ok(engine),
    }
}
