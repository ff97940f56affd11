//! SQS itself moves a whole queue, behind a canary of the own engine.

use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::super::super::console;
use super::super::super::failure::{Exit, Failure};
use super::begin::Begun;
use super::client::{Run, note};
use super::listen::{Watched, more_runs};
use super::{Redrive, confirm, earliest_return, output};
use crate::aws::{Error, Session};
use crate::dead_letters::DeadLetterQueue;
use crate::domain::text::plain;
use crate::domain::{Clock, MayWrite, MoveTask, Received};
use crate::redrive::audit::Act;
use crate::redrive::course::{Course, EngineKind};
use crate::redrive::plan::To;
use crate::redrive::progress::{Left, Summary};
use crate::redrive::queue_client::Remote;
use crate::redrive::receive_all::{gather, give_back};

/// How often the task is asked about.
const ASK: Duration = Duration::from_secs(1);
/// Messages named that stayed.
const NAMED: usize = 100;

/// A move task about to be started.
pub(super) struct Task {
    pub(super) session: Session,
    pub(super) right: MayWrite,
    pub(super) queue: DeadLetterQueue,
    pub(super) url: String,
    /// Messages in the queue, by its own count.
    pub(super) depth: u64,
    pub(super) to: To,
    /// The journal of what goes first.
    pub(super) path: PathBuf,
}

impl Task {
    /// Sends what goes first by the own engine, asks, starts the task and stays with it to its end.
    pub(super) async fn run(
        self,
        args: &Redrive,
        begun: Begun,
        (canary, held): (Option<Run>, Vec<(Received, i64)>),
        watched: Watched,
        stop: &CancellationToken,
    ) -> Result<Exit, Failure> {
        let clock = self.session.clock().unwrap_or(Clock::System);
        let name = plain(&self.queue.name).into_owned();
        let remote = Remote::new(
            self.session.clone(),
            self.right,
            self.queue.id.clone(),
            self.url.clone(),
        );
        let first_bounce = watched.first_bounce;
        let journal = canary.is_some().then(|| self.path.clone());
        let mut first = Summary::default();
        if let Some(canary) = canary {
            let first_sent = clock.now().as_millisecond();
            let (summary, watched) = canary.go(held, watched).await;
            first = summary;
            let go_on = first.left.is_empty() && !stop.is_cancelled() && {
                let question = question(&first, &begun.course, &name, first_bounce);
                match watched {
                    Some(mut watched) if watched.proves.is_some() => {
                        watched.proved(&clock, (Some(first_sent), first.sent), stop).await
                    }
                    watched => asked(question, watched, stop).await,
                }
            };
            if !go_on {
                first.left.extend(staying(&begun));
                first.chosen = usize::try_from(begun.course.messages).unwrap_or(usize::MAX);
                let at = clock.now();
                let journal = journal.as_deref();
                return output::outcome(
                    args.format,
                    &first,
                    EngineKind::MoveTask,
                    journal,
                    None,
                    Some((&begun, at)),
                );
            }
        }
        let destination = match &self.to {
            To::Origin => None,
            To::Named(target) => Some(target.arn().to_owned()),
        };
        let started = self
            .session
            .start_move(self.right, self.queue.id.as_str(), destination.as_deref(), args.rate);
        let handle = match started.await {
            Ok(handle) => handle,
            Err(error) => {
                let why = plain(&error.to_string()).into_owned();
                let so_far = match first.sent {
                    0 => "nothing was moved".to_owned(),
                    n => format!("only the canary ({n}) was sent"),
                };
                let why = format!("SQS did not start to move {name} ({why}): {so_far}; --engine client may do it.");
                // An answer that refuses is no missing connection: everything stays where it was.
                return Err(match error {
                    Error::Failed { .. } => Failure::partly(why),
                    _ => Failure::no_connection(why),
                });
            }
        };
        console::say(format_args!(
            "SQS moves {name}. Ctrl-C cancels; SQS may move a few more."
        ));
        let act = Act {
            who: self.session.identity.clone(),
            what: "move-task",
            chosen: usize::try_from(self.depth).unwrap_or(usize::MAX),
            moved_before: first.sent,
            from: self.queue.id.to_string(),
            to: begun.course.to.clone(),
            journal: None,
        };
        note(&act, &clock, None);
        let task = follow(&self.session, self.right, self.queue.id.as_str(), &handle, stop).await?;
        let rest = self.depth.saturating_sub(u64::try_from(first.deleted).unwrap_or(0));
        let mut summary = sum_up(&remote, &task, rest).await;
        note(&act, &clock, Some(summary.sent));
        summary.chosen += first.chosen;
        summary.sent += first.sent;
        summary.deleted += first.deleted;
        summary.unknown += first.unknown;
        summary.maybe_twice.extend(first.maybe_twice);
        let stays = self.depth.saturating_sub(u64::try_from(summary.deleted).unwrap_or(0));
        let bounced = earliest_return::watch(&remote, args.watch, first_bounce, (summary.sent, stays), stop).await;
        let at = clock.now();
        let journal = journal.as_deref();
        output::outcome(
            args.format,
            &summary,
            EngineKind::MoveTask,
            journal,
            bounced,
            Some((&begun, at)),
        )
    }
}

/// What was read and does not go, because the person said so behind the canary.
fn staying(begun: &Begun) -> Vec<Left> {
    let rest = begun.plan.chosen.iter().skip(begun.course.canary);
    rest.map(|one| Left {
        message_id: one.id.clone(),
        why: "the run was stopped behind the canary".to_owned(),
    })
    .collect()
}

fn question(first: &Summary, course: &Course, queue: &str, first_bounce: Option<SignedDuration>) -> String {
    let rest = course.messages.saturating_sub(u64::try_from(first.sent).unwrap_or(0));
    let bounce = first_bounce.map_or_else(String::new, |after| {
        format!(
            " What fails again can be back {} s after it was sent at the earliest.",
            after.as_secs()
        )
    });
    format!(
        "Canary sent: {} of {} messages of {queue}.{bounce} Let SQS move the remaining {rest}?",
        first.sent, course.messages
    )
}

/// Waits for the person's word, and meanwhile tells how the target's functions do.
async fn asked(question: String, watched: Option<Watched>, stop: &CancellationToken) -> bool {
    let mut functions = watched.and_then(|watched| watched.functions);
    let answer = confirm::go_on(question);
    tokio::pin!(answer);
    loop {
        tokio::select! {
            go_on = &mut answer => return go_on,
            () = stop.cancelled() => return false,
            (all, failed) = more_runs(&mut functions) => {
                if failed > 0 {
                    console::say(format_args!("{failed} of {all} new runs of the target failed."));
                }
            }
        }
    }
}

/// Stays until the task has ended.
async fn follow(
    session: &Session,
    right: MayWrite,
    queue: &str,
    handle: &str,
    stop: &CancellationToken,
) -> Result<MoveTask, Failure> {
    let began = tokio::time::Instant::now();
    let mut asked_to_stop = false;
    loop {
        let tasks = session.moves(queue).await;
        let task = match tasks {
            Ok(tasks) => tasks.into_iter().next(),
            Err(error) => {
                let why = plain(&error.to_string()).into_owned();
                return Err(Failure::partly(format_args!(
                    "How far SQS is cannot be read ({why}); it goes on moving."
                )));
            }
        };
        let Some(task) = task else {
            return Err(Failure::partly(
                "SQS does not name the task it started: look at the queue.",
            ));
        };
        if !matches!(task.status.as_str(), "RUNNING" | "CANCELLING") {
            console::clear();
            return Ok(task);
        }
        console::progress(words(&task, began.elapsed()));
        if stop.is_cancelled() && !asked_to_stop {
            asked_to_stop = true;
            if let Err(error) = session.cancel_move(right, handle).await {
                console::say(format_args!("SQS could not be asked to stop ({error})."));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(ASK) => {}
            () = stop.cancelled(), if !asked_to_stop => {}
        }
    }
}

/// How far SQS is. AWS: its counts lag, and it says nothing of the time left.
fn words(task: &MoveTask, elapsed: Duration) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a count of messages, told coarsely")]
    let moved = task.moved as f64;
    let rate = moved / elapsed.as_secs_f64().max(1.0);
    let rest = task.to_move.map(|all| all.saturating_sub(task.moved));
    #[expect(clippy::cast_precision_loss, reason = "a count of messages, told coarsely")]
    let left = rest.filter(|_| rate > 0.0).map(|rest| rest as f64 / rate);
    let of = task.to_move.map_or_else(String::new, |all| format!(" of about {all}"));
    let left = left.map_or_else(String::new, |left| format!(", about {left:.0} s left"));
    let stopping = if task.status == "CANCELLING" { ", stopping" } else { "" };
    format!(
        "SQS has moved about {}{of}, {rate:.0} a second{left}{stopping}",
        task.moved
    )
}

/// A task that says that it is done is believed once the queue counts nothing any more; what stayed is named.
async fn sum_up(remote: &Remote, task: &MoveTask, depth: u64) -> Summary {
    let moved = usize::try_from(task.moved).unwrap_or(usize::MAX);
    let mut left = Vec::new();
    if let Some(failure) = &task.failure {
        console::say(format_args!("the task failed: {}.", plain(failure)));
    }
    let rest = remote.count().await;
    if let Err(error) = &rest {
        let why = error.to_string();
        console::say(format_args!(
            "whether the queue is empty now could not be read ({}).",
            plain(&why)
        ));
    }
    let unseen = rest.is_err();
    let rest = rest.unwrap_or(1);
    let asked_for = task.to_move.unwrap_or(depth).max(depth);
    if rest > 0 && task.status == "COMPLETED" && task.moved >= asked_for && !unseen {
        console::say(format_args!(
            "the queue has {rest} messages: SQS has moved all that were there at the start, so that these came in meanwhile."
        ));
    } else if rest > 0 || task.status != "COMPLETED" {
        let found = gather(remote, rest, NAMED, 10, &CancellationToken::new(), |_| {}).await;
        give_back(remote, &found.held).await;
        let why = match &task.failure {
            Some(failure) => format!("the task ended as {} ({failure})", task.status),
            None => format!("the task ended as {}", task.status),
        };
        left.extend(found.held.into_iter().map(|(held, _)| Left {
            message_id: held.letter.message_id,
            why: why.clone(),
        }));
    }
    Summary {
        chosen: usize::try_from(task.to_move.unwrap_or(depth).max(task.moved)).unwrap_or(usize::MAX),
        sent: moved,
        deleted: moved,
        left,
        unseen,
        ..Summary::default()
    }
}
