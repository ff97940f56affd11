//! Starts a redrive, or a dry run.

use std::path::PathBuf;

use jiff::Timestamp;

use super::super::super::console;
use super::super::super::failure::{Exit, Failure};
use super::super::read::say_phrase;
use super::super::signals::stop_on_signals;
use super::super::told::{Events, heard, of_run};
use super::attend::{Question, attend};
use super::begin::{Begun, Held, begin};
use super::{Redrive, check, confirm, earliest_return, output, prepare};
use crate::aws::Error;
use crate::dlq::run::{Outcome, Start};
use crate::dlq::{DlqError, DlqService, Live};
use crate::domain::text::plain;
use crate::redrive::course::EngineKind;
use crate::redrive::progress::{Left, Summary};
use crate::redrive::queue_client::Remote;
use crate::redrive::receive_all::give_back;
use crate::redrive::settings::Settings;
use crate::redrive::words::Stays;

/// Runs the redrive or dry run.
pub(super) async fn run(
    (service, events): (&DlqService, &mut Events),
    args: &Redrive,
    mut live: Live,
) -> Result<Exit, Failure> {
    let prepared = prepare::prepare(args, service, &mut live).await?;
    stop_on_signals(service, "finishing messages in progress, making the rest visible again");
    let queue = &prepared.queue;
    let named = args.journaling.journal.clone().map(Ok);
    let journal = named.unwrap_or_else(|| service.journal_path(&queue.name))?;
    let settings = Settings {
        rate: args.rate,
        unknown: args.journaling.unknown.map(Into::into).unwrap_or_default(),
        stop_at: args.stop_at,
        ..service.settings()
    };
    let canary = args.canary(&settings);
    if !args.dry_run && (prepared.engine == EngineKind::Client || canary > 0) {
        console::say(format_args!("journal: {}", journal.display()));
    }
    let remote = service.remote(&queue.id, &prepared.url).map_err(DlqError::from)?;
    let mut begun = begin(service, args, &prepared, (&remote, canary), &mut live).await?;
    let now = service.clock().now();
    if args.dry_run {
        give_back(&remote, &begun.held).await;
        if queue.is_fifo() {
            console::say(
                "FIFO: only the first messages of each group can be received now; those behind them are \
            redriven, too.",
            );
        }
        return output::plan(args.format, queue.id.as_str(), &begun, now);
    }
    let held = agreed(service, args, &remote, &mut begun, now).await?;
    let start = Start {
        planned: &begun.planned,
        course: &begun.course,
        settings,
        journal,
        started: begun.started,
    };
    let run = match service.start(&start, live) {
        Ok(run) => run.holding(held),
        Err(why) => {
            give_back(&remote, &held).await;
            return Err(why.into());
        }
    };
    let journal = run.journal().map(|(path, _)| path);
    let outcome = Box::pin(attend((service, events), run, question(&begun))).await;
    ended((service, events), args, &remote, &begun, (outcome, journal, now)).await
}

/// Checks and asks for confirmation. Returns the messages in hand; if it must not start, they are made visible again.
async fn agreed(
    service: &DlqService,
    args: &Redrive,
    remote: &Remote,
    begun: &mut Begun,
    now: Timestamp,
) -> Result<Vec<Held>, Failure> {
    let (name, messages) = (begun.planned.name.clone(), begun.course.messages);
    let is_sqs = begun.planned.is_move_task();
    if !is_sqs && begun.held.is_empty() {
        none_taken(&plain(&name), begun)?;
    }
    let is_watched = !args.says_yes() || args.ignore_check || messages == 0;
    // A single message is its own canary.
    let canary = begun.course.canary > 0 || messages == 1;
    let refusal = check::refusal(&begun.check, canary, now).filter(|_| !is_watched);
    // A refusal already names all findings against it.
    let found = refusal.is_none().then(|| check::lines(&begun.check, now));
    let lines = begun.course.lines().into_iter().map(|line| say_phrase(&line.into()));
    for line in lines.chain(found.into_iter().flatten()) {
        console::say(format_args!("{}.", plain(&line)));
    }
    let mut held = std::mem::take(&mut begun.held);
    let asked = if let Some(why) = refusal {
        Err(Failure::partly(why))
    } else {
        if is_sqs {
            held = first_in_hand(remote, begun, held).await;
        }
        let against = !begun.check.passes() && !args.ignore_check;
        confirm::confirm(service, args, against, (&name, messages, messages)).await
    };
    if asked.is_err() || service.is_stopped() {
        give_back(remote, &held).await;
        asked?;
        return Err(confirm::stopped(messages));
    }
    Ok(held)
}

/// Why nothing could be received from a queue that counted messages: they are in flight elsewhere, or no longer there.
fn none_taken(name: &str, begun: &Begun) -> Result<(), Failure> {
    if begun.missed > 0 {
        return Err(Failure::partly(format_args!(
            "Could not receive from {name}: all its messages are in flight at another consumer. Wait for it to finish, \
            then run this again."
        )));
    }
    let depth = begun.planned.depth;
    if depth > 0 {
        console::say(format_args!(
            "{name} counted {depth} messages, but none is there now: they expired, or another consumer took them."
        ));
    }
    Ok(())
}

/// Keeps the canary in hand and makes the rest visible again: SQS moves only visible messages.
async fn first_in_hand(remote: &Remote, begun: &Begun, held: Vec<Held>) -> Vec<Held> {
    let first = begun.planned.plan.chosen.iter().take(begun.course.canary);
    let first: Vec<&str> = first.map(|one| one.id.as_str()).collect();
    let (kept, back): (Vec<_>, Vec<_>) = held
        .into_iter()
        .partition(|(held, _)| first.contains(&held.letter.message_id.as_str()));
    give_back(remote, &back).await;
    kept
}

fn question(begun: &Begun) -> Question {
    let sqs = begun.planned.is_move_task().then_some(begun.course.messages);
    let queue = &begun.planned.wish.queue;
    Question {
        queue: sqs.map_or_else(|| queue.to_string(), |_| begun.planned.name.clone()),
        sqs,
        bounce_after_s: begun.planned.bounce_after_s,
    }
}

/// Reports the outcome, and what comes back.
async fn ended(
    (service, events): (&DlqService, &mut Events),
    args: &Redrive,
    remote: &Remote,
    begun: &Begun,
    (outcome, journal, now): (Outcome, Option<PathBuf>, Timestamp),
) -> Result<Exit, Failure> {
    let planned = &begun.planned;
    let unproved = outcome.unproved;
    let goes_on = outcome.moved.is_some() || !planned.is_move_task();
    let summary = match outcome.moved {
        None if planned.is_move_task() => stopped(begun, outcome.own),
        None => outcome.own,
        Some(Ok(task)) => {
            let sum_up = service.sum_up(planned, &task, outcome.own);
            let summary = heard(events, sum_up, of_run(&planned.name)).await;
            summary.map_err(DlqError::from)?
        }
        Some(Err(DlqError::MoveRefused { why: error })) => {
            return Err(refused(&planned.name, &error, outcome.own.sent));
        }
        Some(Err(why)) => return Err(why.into()),
    };
    let stays = planned.depth.saturating_sub(summary.deleted as u64);
    let watch = (args.watch.filter(|_| goes_on), planned.bounce_after_s);
    let bounced = earliest_return::watch(service, remote, watch, (summary.sent, stays)).await;
    let about = Some((begun, now));
    let exit = output::outcome(
        args.format,
        &summary,
        planned.engine(),
        journal.as_deref(),
        bounced,
        about,
    )?;
    // Messages in flight at another consumer were not redriven.
    let missed = begun.missed > 0 && !planned.is_move_task();
    Ok(if missed || unproved { Exit::Partly } else { exit })
}

/// The outcome if nothing followed the canary: the rest stays.
fn stopped(begun: &Begun, first: Summary) -> Summary {
    let rest = begun.planned.plan.chosen.iter().skip(begun.course.canary);
    let rest = rest.map(|one| Left {
        message_id: one.id.clone(),
        why: Stays::StoppedAtCanary.into(),
        remedy: None,
    });
    Summary {
        chosen: usize::try_from(begun.course.messages).unwrap_or(usize::MAX),
        left: first.left.into_iter().chain(rest).collect(),
        ..first
    }
}

fn refused(queue: &str, error: &Error, sent: usize) -> Failure {
    let so_far = match sent {
        0 => "nothing was moved".to_owned(),
        n => format!("only the canary ({n}) was sent"),
    };
    let (queue, why) = (plain(queue), error.to_string());
    let why = format!(
        "Could not start the move task for {queue} ({}): {so_far}. Try --engine client.",
        plain(&why)
    );
    // A refusal is not a connection failure: everything stays where it was.
    match error {
        Error::Failed { .. } => Failure::partly(why),
        _ => Failure::no_connection(why),
    }
}
