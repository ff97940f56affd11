//! Before anything is received: which queue, where to, who moves the messages.

use std::sync::Arc;

use super::super::super::console;
use super::super::super::failure::Failure;
use super::super::super::headless::chain;
use super::super::feeders::say_if_unknown;
use super::super::sift;
use super::{Asked, Redrive};
use crate::dead_letters::peek::MOST;
use crate::dead_letters::{DeadLetterQueue, Filter};
use crate::dlq::find::guard;
use crate::dlq::queues::url;
use crate::dlq::{DlqService, Live};
use crate::domain::text::plain;
use crate::domain::{Arn, NodeKind};
use crate::redrive::course::EngineKind;
use crate::redrive::plan::{Targets, To};
use crate::redrive::route::Target;
use crate::redrive::targets::against_move_task;
use crate::store::Snapshot;
use crate::words::Words;

/// What is known before the first receive.
pub(super) struct Prepared {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) queue: DeadLetterQueue,
    pub(super) url: String,
    pub(super) to: To,
    pub(super) targets: Targets,
    pub(super) filter: Filter,
    pub(super) engine: EngineKind,
}

pub(super) async fn prepare(args: &Redrive, service: &DlqService, live: &mut Live) -> Result<Prepared, Failure> {
    let filter = sift::filter(args.expression.as_deref(), None).await?;
    let snapshot = chain(live).await;
    let topology = &snapshot.topology;
    let asked = args.queue.as_deref().unwrap_or_default();
    let queue = service.queue_named(topology, asked).await?;
    guard(&queue, topology, args.anyway.read_anyway)?;
    say_if_unknown(&queue, topology);
    let (mut targets, unread) = service.targets(&queue, topology, args.anyway.invoke_anyway).await;
    for unread in unread {
        console::say(format_args!("{unread}."));
    }
    let to = to(args, service, &snapshot, &mut targets).await?;
    if matches!(&to, To::Named(target) if target.arn() == queue.id.as_str()) {
        return Err(Failure::usage(
            "Source and target are the same queue: nothing was sent.",
        ));
    }
    let engine = engine(args, service, (&queue, &to, &filter), &targets).await?;
    Ok(Prepared {
        url: url(&queue),
        snapshot,
        queue,
        to,
        targets,
        filter,
        engine,
    })
}

/// Where the person wants them.
async fn to(args: &Redrive, service: &DlqService, snapshot: &Snapshot, targets: &mut Targets) -> Result<To, Failure> {
    let text = args.to.as_str();
    if text == "origin" {
        return Ok(To::Origin);
    }
    if let Some(arn) = Arn::parse(text).filter(|arn| arn.kind() == NodeKind::Lambda) {
        let (id, _) = arn.node();
        if !snapshot.topology.nodes.contains_key(&id) {
            return Err(Failure::usage(format_args!(
                "No function {} in this account and region.",
                plain(text)
            )));
        }
        return Ok(To::Named(Target::Event { arn: text.to_owned() }));
    }
    let found = service.queue_named(&snapshot.topology, text).await?;
    let url = url(&found);
    let target = Target::Queue {
        arn: found.id.to_string(),
        fifo: found.is_fifo(),
        url: url.clone(),
    };
    targets.queues.insert(found.id.to_string(), (url, found.is_fifo()));
    let most = found.detail.as_ref().and_then(|detail| detail.maximum_message_bytes);
    if let Some(most) = most.and_then(|most| usize::try_from(most).ok()) {
        targets.sizes.insert(found.id.to_string(), most);
    }
    Ok(To::Named(target))
}

/// Chooses the engine, the same for a dry run and a redrive. SQS moves only whole queues to queues, without filtering.
async fn engine(
    args: &Redrive,
    service: &DlqService,
    (queue, to, filter): (&DeadLetterQueue, &To, &Filter),
    targets: &Targets,
) -> Result<EngineKind, Failure> {
    let against = against_move_task(queue, to, filter.is_open(), args.rate);
    // SQS also moves messages that a journal lists as sent.
    let twice = targets.may_go_twice();
    match (args.engine, against) {
        (Asked::MoveTask, None) if twice > 0 && !args.anyway.move_again => Err(Failure::usage(format_args!(
            "SQS would send {twice} messages again: journals list them as sent, or possibly sent, and they were not \
            deleted from {}. Finish their redrives with --resume (`pitagora dlq show` names the journals), use --engine \
            client, which leaves them out, or --move-again to send them again. Nothing was sent.",
            plain(&queue.name)
        ))),
        (Asked::MoveTask, Some(why)) => Err(Failure::usage(format_args!(
            "SQS cannot move these messages ({}): use --engine client.",
            Words::utc().say(&why.into())
        ))),
        (Asked::MoveTask, None) => Ok(EngineKind::MoveTask),
        (Asked::Client, _) => Ok(EngineKind::Client),
        // Only the client engine writes a full journal and knows `--unknown`.
        (Asked::Auto, _)
            if against.is_some()
                || twice > 0
                || args.journaling.journal.is_some()
                || args.journaling.unknown.is_some() =>
        {
            Ok(EngineKind::Client)
        }
        (Asked::Auto, _) if queue.messages().unwrap_or(0) <= MOST as u64 => Ok(EngineKind::Client),
        // An endpoint without move tasks fails here, before anything is moved.
        (Asked::Auto, _) => Ok(match service.session().moves(queue.id.as_str()).await {
            Ok(_) => EngineKind::MoveTask,
            Err(_) => EngineKind::Client,
        }),
    }
}
