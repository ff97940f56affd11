//! What messages name themselves: targets that a survey of their queue alone does not find, as nothing lists them.

use std::collections::BTreeSet;

use super::plan::Targets;
use super::unsendable::Unguarded;
use crate::aws::{Error, Session};
use crate::dead_letters::DeadLetter;
use crate::domain::text::plain;
use crate::domain::{Arn, NodeId, Origin};

/// Asks about the queues, rules and functions that messages name, and adds the answers to what is known of targets. Answers with
/// what could not be read, each a sentence without its stop: of those nothing is permitted.
pub async fn complete(session: &Session, entries: &[DeadLetter], targets: &mut Targets) -> Vec<String> {
    let mut unread = Vec::new();
    let of = |origin: Origin| {
        let own = entries.iter().filter(move |entry| entry.provenance.origin == origin);
        own.filter_map(|entry| entry.provenance.source.clone())
            .collect::<BTreeSet<NodeId>>()
    };
    for queue in of(Origin::SqsRedrive) {
        let here = Arn::parse(queue.as_str()).filter(|arn| session.scope.holds(arn));
        let (Some(arn), false) = (here, targets.queues.contains_key(queue.as_str())) else {
            continue;
        };
        if let Err(error) = self::queue(session, arn.name(), targets).await {
            unread.push(format!("could not read queue {} ({error})", plain(queue.short_name())));
        }
    }
    for rule in of(Origin::Eventbridge) {
        if targets.inputs.keys().any(|(known, _)| known == rule.as_str()) {
            continue;
        }
        match session.inputs(rule.as_str()).await {
            Ok(inputs) => {
                let inputs = inputs.into_iter();
                let inputs = inputs.map(|(target, input)| ((rule.to_string(), target), input));
                targets.inputs.extend(inputs);
            }
            Err(error) => unread.push(format!(
                "could not read the targets of rule {} ({error}): its events are sent unchanged",
                plain(rule.short_name())
            )),
        }
    }
    let functions: BTreeSet<NodeId> = entries
        .iter()
        .filter_map(|entry| entry.provenance.function.function().cloned())
        .collect();
    for function in functions {
        if let Err(error) = guard(session, &function, targets).await {
            unread.push(format!(
                "could not read the DLQ and destinations of {} ({error})",
                plain(function.short_name())
            ));
        }
    }
    unread
}

async fn queue(session: &Session, name: &str, targets: &mut Targets) -> Result<(), Error> {
    let url = match session.queue_url(name).await {
        // A deleted queue is no target.
        Err(Error::NotFound) => return Ok(()),
        other => other?,
    };
    let seen = session.queue(&url).await?;
    let most = seen
        .detail
        .maximum_message_bytes
        .and_then(|most| usize::try_from(most).ok());
    let arn = seen.id.to_string();
    targets.sizes.extend(most.map(|most| (arn.clone(), most)));
    targets.queues.insert(arn, (url, seen.detail.fifo));
    Ok(())
}

/// Whether a function leaves what fails somewhere, and whether it may run at all, by its own configuration.
async fn guard(session: &Session, function: &NodeId, targets: &mut Targets) -> Result<(), Error> {
    let known = targets.unguarded.get(function.as_str());
    let Some(Unguarded::Uncaught { name }) = known else {
        return Ok(());
    };
    let (name, short) = (name.clone(), function.short_name());
    let configs = session.invoke_configs(short).await?;
    if session
        .function_state(short)
        .await?
        .and_then(|detail| detail.reserved_concurrency)
        == Some(0)
    {
        let why = Unguarded::SwitchedOff { name };
        targets.unguarded.insert(function.to_string(), why);
    } else if configs.iter().any(|config| config.on_failure.is_some()) {
        targets.unguarded.remove(function.as_str());
    }
    Ok(())
}
