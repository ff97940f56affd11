//! What a dry run and a run have in common: what lies in the queue is taken in hand, what would be done with it is computed,
//! and what runs behind the targets is looked at. Nothing is sent.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::super::super::console;
use super::super::super::failure::Failure;
use super::prepare::Prepared;
use super::{Redrive, check, confirm};
use crate::aws::Session;
use crate::config;
use crate::dead_letters::FunctionMatch;
use crate::dead_letters::dead_letter::{self, DeadLetter};
use crate::dead_letters::peek;
use crate::dead_letters::read_guard::notice;
use crate::dead_letters::run_history::NoHistory;
use crate::dlq::check::{Check, Died};
use crate::dlq::plan::resolved;
use crate::dlq::queues::chain;
use crate::domain::text::plain;
use crate::domain::{Arn, Clock, NodeKind, Origin};
use crate::pollers::trace::Traces;
use crate::redrive::course::{Course, EngineKind};
use crate::redrive::plan::{Plan, To};
use crate::redrive::queue_client::Remote;
use crate::redrive::receive_all::{Gathered, gather, give_back};
use crate::redrive::record::Growth;
use crate::redrive::route::Target;
use crate::redrive::settings::Settings;

/// Messages that are read where SQS moves all of them: enough to see what they died of.
const SAMPLE: usize = 1_000;

/// What is known before anything is sent.
pub(super) struct Begun {
    /// What is in hand.
    pub(super) gathered: Gathered,
    /// What would be done with it.
    pub(super) plan: Plan,
    /// The ids of what was not meant.
    pub(super) unwanted: BTreeSet<String>,
    /// Messages that somebody else holds.
    pub(super) missed: u64,
    /// How messages are added that come into sight later.
    pub(super) grows: Option<Growth>,
    /// How it goes.
    pub(super) course: Course,
    /// Whether the cause is fixed.
    pub(super) check: Check,
    /// When it began.
    pub(super) started: Timestamp,
}

/// Does it. Where that fails, what was in hand is given back.
pub(super) async fn begin(
    session: &Session,
    args: &Redrive,
    prepared: &mut Prepared,
    (remote, settings): (&Remote, &Settings),
    stop: &CancellationToken,
) -> Result<Begun, Failure> {
    let name = plain(&prepared.queue.name).into_owned();
    let clock = session.clock().unwrap_or(Clock::System);
    let whole = prepared.engine == EngineKind::MoveTask;
    let canary = args.canary(settings);
    // The own engine works on what it has in hand. SQS cannot be asked what it moves: some are read to see what they died of.
    let reads = !whole || canary > 0 || !args.ignore_check;
    let most = if whole { SAMPLE } else { peek::MOST };
    let depth = usize::try_from(prepared.depth).unwrap_or(most).min(most);
    let started = clock.now();
    let mut gathered = Gathered::default();
    let mut missed = 0;
    if reads {
        for line in notice(&prepared.queue, depth, settings.visibility_s) {
            console::say(format_args!("{}", plain(&line)));
        }
        gathered = taken(remote, prepared, (depth, most, settings.visibility_s), stop).await?;
    }
    let (plan, unwanted, died) = Box::pin(plan(session, prepared, &gathered)).await;
    if reads && !whole {
        missed = held_elsewhere(remote, gathered.held.len(), &name).await;
    }
    let grows = growth(prepared);
    let targets = targets(prepared, &plan);
    // What is not invoked without being asked for is looked at where nothing else goes.
    let looked_at = if targets.is_empty() { &plan.guarded } else { &targets };
    let messages = if whole || grows.is_some() {
        prepared.depth.max(plan.chosen.len() as u64)
    } else {
        plan.chosen.len() as u64
    };
    let evidence = (died, messages, args.rate);
    let check = check::look(session, &mut prepared.live, looked_at, evidence, stop).await;
    let course = Course::new(prepared.engine, prepared.queue.is_fifo(), &targets, messages)
        .first(canary)
        // What nobody watches is proved by what goes first: that others succeed is no proof of these messages.
        .proved(args.yes && !args.no_canary && args.canary != Some(0))
        .journal(args.journal.clone().or_else(journals))
        .rate(args.rate);
    Ok(Begun {
        gathered,
        plan,
        unwanted,
        missed,
        grows,
        course,
        check,
        started,
    })
}

/// Where journals lie.
pub(super) fn journals() -> Option<PathBuf> {
    config::data_dir().map(|folder| folder.join("redrive"))
}

/// What takes the messages: also those that were not read.
fn targets(prepared: &Prepared, plan: &Plan) -> Vec<Target> {
    let mut targets = plan.targets();
    match &prepared.to {
        To::Named(target) => {
            // In the form that each message needs where some are in sight, else as it was named.
            if targets.is_empty() {
                targets.push(target.clone());
            }
        }
        To::Origin if prepared.engine == EngineKind::MoveTask || prepared.queue.is_fifo() => {
            for feeder in prepared.queue.feeders(Origin::SqsRedrive) {
                if let Some((url, fifo)) = prepared.targets.queues.get(feeder.id.as_str()) {
                    let target = Target::Queue {
                        arn: feeder.id.to_string(),
                        url: url.clone(),
                        fifo: *fifo,
                    };
                    if !targets.contains(&target) {
                        targets.push(target);
                    }
                }
            }
        }
        To::Origin => {}
    }
    targets
}

/// Takes messages in hand. Where that fails or is stopped, they are given back.
async fn taken(
    remote: &Remote,
    prepared: &Prepared,
    (depth, most, visibility_s): (usize, usize, u32),
    stop: &CancellationToken,
) -> Result<Gathered, Failure> {
    let gathered = gather(remote, depth as u64, most, visibility_s, stop, |_| {}).await;
    if gathered.trouble.is_none() && !stop.is_cancelled() {
        return Ok(gathered);
    }
    give_back(remote, &gathered.held).await;
    let Some(error) = &gathered.trouble else {
        return Err(confirm::stopped(gathered.held.len()));
    };
    let (name, why) = (plain(&prepared.queue.name), error.to_string());
    Err(Failure::no_connection(format_args!(
        "{name} could not be read ({}): nothing was sent.",
        plain(&why)
    )))
}

/// Messages that others hold: the queue counts them in flight, and this run has none of them. Says so.
async fn held_elsewhere(remote: &Remote, here: usize, queue: &str) -> u64 {
    let Ok((visible, in_flight, _)) = remote.counts().await else {
        return 0;
    };
    let here = u64::try_from(here).unwrap_or(u64::MAX);
    // AWS: counts lag. Where the queue shows others, what it counts in flight may be of a moment ago.
    let held = in_flight.saturating_sub(here);
    if held > 0 && visible == 0 {
        console::say(format_args!(
            "about {held} messages of {queue} are in flight: somebody else holds them, perhaps another run of \
             pitagora. They are no part of this run."
        ));
        return held;
    }
    0
}

/// What would be done, the ids of what was not meant, and what is known of how the messages died.
async fn plan(session: &Session, prepared: &Prepared, gathered: &Gathered) -> (Plan, BTreeSet<String>, Vec<Died>) {
    let chain = chain(&prepared.snapshot.topology);
    let letters: Vec<_> = gathered
        .held
        .iter()
        .map(|(held, _)| Arc::new(held.letter.clone()))
        .collect();
    let mut entries = dead_letter::entries(letters.iter().cloned(), &prepared.queue, chain, &NoHistory);
    // Logs are searched only where it matters whose letter it is.
    let of_several = |entry: &DeadLetter| matches!(entry.provenance.function, FunctionMatch::OneOf(_));
    if prepared.to == To::Origin && entries.iter().any(of_several) {
        let now = session.clock().unwrap_or(Clock::System).now();
        let traces = Traces::of(session, chain, &entries, now).await;
        for what in &traces.unread {
            console::say(format_args!("unknown: {}.", plain(what)));
        }
        entries = dead_letter::entries(letters, &prepared.queue, chain, &traces);
    }
    let mut plan = Plan::default();
    let mut unwanted = BTreeSet::new();
    // Where a letter may be of several, the target that the person names tells of which.
    let choice = match &prepared.to {
        To::Named(target) => Arn::parse(target.arn()).filter(|arn| arn.kind() == NodeKind::Lambda),
        To::Origin => None,
    };
    let choice = choice.map(|arn| arn.node().0);
    for entry in &entries {
        if prepared.filter.passes(entry) {
            let known = resolved(&entry.provenance, choice.as_ref(), &prepared.snapshot.topology);
            plan.add(&entry.letter, &known, None, &prepared.to, &prepared.targets);
        } else {
            unwanted.insert(entry.letter.message_id.clone());
        }
    }
    let died = entries.iter().map(|entry| Died::of(entry, chain)).collect();
    (plan, unwanted, died)
}

/// A whole FIFO queue comes into sight only while it is moved.
fn growth(prepared: &Prepared) -> Option<Growth> {
    if !prepared.queue.is_fifo() || prepared.engine == EngineKind::MoveTask {
        return None;
    }
    if !prepared.filter.is_open() {
        console::say("FIFO shows only the first messages of each group: the selection is made among those.");
        return None;
    }
    match &prepared.to {
        To::Origin => Some(Growth::Back),
        To::Named(_) => Some(Growth::First),
    }
}
