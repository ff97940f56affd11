//! The common part of a dry run and a redrive: receives messages, computes the plan, and checks whether the cause is fixed.
//! Sends nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::super::super::console;
use super::super::super::failure::Failure;
use super::super::read::say_phrase;
use super::super::sift;
use super::prepare::Prepared;
use super::{Redrive, check, confirm};
use crate::dead_letters::FunctionMatch;
use crate::dead_letters::dead_letter::{self, DeadLetter};
use crate::dead_letters::peek::MOST;
use crate::dead_letters::read_guard::notice;
use crate::dead_letters::run_history::NoHistory;
use crate::dlq::check::Check;
use crate::dlq::plan::planned;
use crate::dlq::queues::chain;
use crate::dlq::state::Planned;
use crate::dlq::{DlqService, Hidden, Live, RedriveRequest, Waiter, visible_again};
use crate::domain::text::plain;
use crate::domain::{Arn, NodeKind};
use crate::pollers::trace::Traces;
use crate::redrive::course::{Course, EngineKind};
use crate::redrive::named::complete;
use crate::redrive::plan::To;
use crate::redrive::queue_client::Remote;
use crate::redrive::receive_all::{Held, gather, give_back};
use crate::redrive::record::Growth;

/// Messages to sample where SQS moves all of them: enough to see their errors.
const SAMPLE: usize = 1_000;

/// The state before anything is sent.
pub(super) struct Begun {
    /// The received messages, selected ones first.
    pub(super) held: Vec<Held>,
    /// The plan.
    pub(super) planned: Planned,
    /// Messages in flight at another consumer.
    pub(super) missed: u64,
    /// How the redrive would proceed.
    pub(super) course: Course,
    /// Whether the cause is fixed.
    pub(super) check: Check,
    /// When it started.
    pub(super) started: Timestamp,
}

/// Prepares a redrive. On failure, the received messages are made visible again.
pub(super) async fn begin(
    service: &DlqService,
    args: &Redrive,
    prepared: &Prepared,
    (remote, canary): (&Remote, usize),
    live: &mut Live,
) -> Result<Begun, Failure> {
    let is_sqs = prepared.engine == EngineKind::MoveTask;
    let started = service.clock().now();
    // The client engine works on received messages. SQS does not say what it moves: sample some to see their errors.
    let (mut held, mut missed) = (Vec::new(), 0);
    if !is_sqs || canary > 0 || !args.ignore_check {
        // SQS takes what is visible when it is asked.
        let waits = !args.no_wait && !is_sqs;
        held = taken(service, remote, prepared, (if is_sqs { SAMPLE } else { MOST }, waits)).await?;
    }
    let entries = understood(service, prepared, &held).await;
    if !is_sqs {
        missed = held_elsewhere(service, remote, prepared, held.len()).await;
    }
    let meant = match sift::sift(service, &prepared.filter, &entries).await {
        Ok(meant) => meant,
        Err(why) => {
            give_back(remote, &held).await;
            return Err(why);
        }
    };
    let wish = wish(args, prepared, meant.iter().map(|place| &entries[*place]));
    {
        let ids: BTreeSet<&str> = wish.ids.iter().map(String::as_str).collect();
        held.sort_by_key(|(held, _)| !ids.contains(&*held.letter.message_id));
    }
    let (topology, production) = (&prepared.snapshot.topology, service.is_production());
    let mut targets = prepared.targets.clone();
    if topology.narrowed {
        for unread in complete(service.session(), &entries, &mut targets).await {
            console::say(format_args!("unknown: {unread}."));
        }
    }
    let mut planned = planned(wish, (&prepared.queue, &entries), topology, &targets, production);
    planned.journals = args
        .journaling
        .journal
        .clone()
        .or_else(|| service.journals().map(Into::into));
    let check = check::look(service, live, &mut planned.evidence).await;
    // Unattended, only the canary proves the fix: success of other messages does not.
    let course = planned.course(canary).proved(args.proves());
    if !is_sqs {
        planned.depth = planned.depth.max(held.len() as u64);
    }
    Ok(Begun {
        held,
        planned,
        missed,
        course,
        check,
        started,
    })
}

/// The request for these messages.
fn wish<'a>(args: &Redrive, prepared: &Prepared, meant: impl Iterator<Item = &'a DeadLetter>) -> RedriveRequest {
    let ids = meant.map(|entry| entry.letter.message_id.clone()).collect();
    // Where a message may belong to several functions, the named target decides.
    let choice = match &prepared.to {
        To::Named(target) => Arn::parse(target.arn()).filter(|arn| arn.kind() == NodeKind::Lambda),
        To::Origin => None,
    };
    RedriveRequest {
        queue: prepared.queue.id.clone(),
        ids,
        all: prepared.filter.is_open(),
        to: prepared.to.clone(),
        choice: choice.map(|arn| arn.node().0),
        edits: std::collections::BTreeMap::new(),
        invoke_anyway: args.anyway.invoke_anyway,
        move_task: prepared.engine == EngineKind::MoveTask,
        move_again: args.anyway.move_again,
        rate: args.rate,
        grows: growth(prepared),
    }
}

/// Receives messages. If that fails or is stopped, they are made visible again.
/// Messages in flight elsewhere are waited for, if it `waits`.
async fn taken(
    service: &DlqService,
    remote: &Remote,
    prepared: &Prepared,
    (most, waits): (usize, bool),
) -> Result<Vec<Held>, Failure> {
    let queue = &prepared.queue;
    let depth = usize::try_from(queue.messages().unwrap_or(0)).unwrap_or(most).min(most);
    let visibility_s = service.settings().visibility_s;
    for line in notice(queue, depth, visibility_s) {
        console::say(plain(&say_phrase(&line.into())));
    }
    let mut waiter = Waiter::new(service, prepared.url.clone(), waits);
    let mut held = Vec::new();
    let gathered = loop {
        let stop = service.stop_token();
        let gathered = gather(remote, held, (depth as u64, most), visibility_s, stop).await;
        let is_short = gathered.held.len() < most && gathered.trouble.is_none();
        let say = |hidden: Hidden| console::say(say_phrase(&hidden.sentence().into()));
        if !is_short || !waiter.again(gathered.held.len() as u64, say).await {
            break gathered;
        }
        held = gathered.held;
    };
    if gathered.trouble.is_none() && !service.is_stopped() {
        return Ok(gathered.held);
    }
    give_back(remote, &gathered.held).await;
    let Some(error) = &gathered.trouble else {
        let elsewhere = waiter.told().map_or(0, |hidden| hidden.messages);
        return Err(confirm::stopped((gathered.held.len() as u64).max(elsewhere)));
    };
    let (name, why) = (plain(&queue.name), error.to_string());
    Err(Failure::no_connection(format_args!(
        "Could not read {name} ({}): nothing was sent.",
        plain(&why)
    )))
}

/// Counts and reports messages in flight at other consumers.
async fn held_elsewhere(service: &DlqService, remote: &Remote, prepared: &Prepared, here: usize) -> u64 {
    let Ok((visible, in_flight, _)) = remote.counts().await else {
        return 0;
    };
    let here = u64::try_from(here).unwrap_or(u64::MAX);
    // AWS (sqs): counts lag. While messages are visible, the count in flight may be a moment old.
    let held = in_flight.saturating_sub(here);
    if held > 0 && visible == 0 {
        let timeout = prepared
            .queue
            .detail
            .as_ref()
            .map_or(0, |detail| detail.visibility_timeout_s);
        let left_out = Hidden {
            messages: held,
            until: visible_again(service, timeout),
        };
        console::say(say_phrase(&left_out.left_out().into()));
        return held;
    }
    0
}

/// The received messages as dead letters.
async fn understood(service: &DlqService, prepared: &Prepared, held: &[Held]) -> Vec<DeadLetter> {
    let chain = chain(&prepared.snapshot.topology);
    let letters: Vec<_> = held.iter().map(|(held, _)| Arc::new(held.letter.clone())).collect();
    let entries = dead_letter::entries(letters.iter().cloned(), &prepared.queue, chain, &NoHistory);
    // Search logs only where it matters which function a message belongs to.
    let of_several = |entry: &DeadLetter| matches!(entry.provenance.function, FunctionMatch::OneOf(_));
    if prepared.to != To::Origin || !entries.iter().any(of_several) {
        return entries;
    }
    // Somebody who wants it to end does not wait for logs.
    let traces = tokio::select! {
        traces = Traces::of(service.session(), chain, &entries, service.clock().now()) => traces,
        () = service.stopped() => return entries,
    };
    for what in &traces.unread {
        console::say(format_args!("unknown: {}.", plain(what)));
    }
    dead_letter::entries(letters, &prepared.queue, chain, &traces)
}

/// How a plan for a FIFO queue grows: all of its messages become visible only while it is redriven.
fn growth(prepared: &Prepared) -> Option<Growth> {
    if !prepared.queue.is_fifo() || prepared.engine == EngineKind::MoveTask {
        return None;
    }
    if !prepared.filter.is_open() {
        console::say("FIFO: only the first messages of each group can be received, so the filter applies to those.");
        return None;
    }
    match &prepared.to {
        To::Origin => Some(Growth::Back),
        To::Named(_) => Some(Growth::First),
    }
}
