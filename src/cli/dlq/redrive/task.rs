//! SQS itself moves a whole queue.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::super::super::{NO_CONNECTION, PARTLY, refuse};
use super::super::signals::stop_on_signals;
use super::client::note;
use super::listen::clear_line;
use super::prepare::Prepared;
use super::target::say_cause;
use super::{Engine, Redrive, bounce, confirm, output};
use crate::aws::{Error, Session};
use crate::domain::text::plain;
use crate::domain::{Clock, MayWrite, MoveTask, NodeId, Origin};
use crate::redrive::audit::Act;
use crate::redrive::gather::{gather, give_back};
use crate::redrive::plan::To;
use crate::redrive::progress::{Left, Summary};
use crate::redrive::remote::Remote;

/// How often the task is asked about.
const ASK: Duration = Duration::from_secs(1);
/// Messages named that stayed.
const NAMED: usize = 100;

/// Stands for an endpoint that has no such tasks: another engine may do it.
pub(super) fn not_here() -> ExitCode {
    ExitCode::from(u8::MAX)
}

/// Starts a task and stays with it to its end.
pub(super) async fn run(
    session: Session,
    right: MayWrite,
    args: &Redrive,
    prepared: &mut Prepared,
    production: bool,
) -> Result<ExitCode, ExitCode> {
    let queue = &prepared.queue;
    let name = plain(&queue.name).into_owned();
    let messages = usize::try_from(prepared.depth).unwrap_or(usize::MAX);
    if args.dry_run {
        eprintln!("pitagora: SQS itself would move all {messages} messages of {name}; it cannot be asked which.");
        return Ok(output::whole(args.format, queue.id.as_str(), messages));
    }
    let stop = stop_on_signals("SQS is asked to stop, which it does lazily");
    let to = match &prepared.to {
        To::Origin => queue
            .feeders(Origin::SqsRedrive)
            .map(|feeder| feeder.id.to_string())
            .collect(),
        To::Named(target) => vec![target.arn().to_owned()],
    };
    let topology = &prepared.snapshot.topology;
    let first_bounce = to
        .iter()
        .filter_map(|arn| crate::desk::bounce::queue(&NodeId::from(arn.as_str()), topology))
        .min();
    let clock = session.clock().unwrap_or(Clock::System);
    say_cause(&mut prepared.live, &to, clock.now(), &stop).await;
    if args.engine == Engine::MoveTask {
        confirm::confirm(args, production, &queue.name, messages, &stop).await?;
    }
    if stop.is_cancelled() {
        return Err(confirm::stopped(messages));
    }
    let destination = match &prepared.to {
        To::Origin => None,
        To::Named(target) => Some(target.arn().to_owned()),
    };
    let started = session.start_move(right, queue.id.as_str(), destination.as_deref(), args.rate);
    let handle = match started.await {
        Ok(handle) => handle,
        Err(error) if args.engine == Engine::Auto && is_not_served(&error) => {
            eprintln!("pitagora: this endpoint has no move tasks ({error}): the own engine moves the messages.");
            return Err(not_here());
        }
        Err(error) => {
            let why = plain(&error.to_string()).into_owned();
            // An answer that refuses is no missing connection: everything stays where it was.
            let code = if matches!(error, Error::Failed { .. }) {
                PARTLY
            } else {
                NO_CONNECTION
            };
            return Err(refuse(
                code,
                &format!("SQS did not start to move {name} ({why}): nothing was moved; --engine client may do it."),
            ));
        }
    };
    eprintln!("pitagora: engine move-task: SQS moves {name}. Ctrl-C asks it to stop, which it does lazily.");
    let act = Act {
        who: session.identity.clone(),
        what: "move-task",
        chosen: messages,
        moved_before: 0,
        from: queue.id.to_string(),
        to,
        journal: None,
    };
    note(&act, &clock, None);
    let task = follow(&session, right, queue.id.as_str(), &handle, &stop).await?;
    let remote = Remote::new(session.clone(), right, queue.id.clone(), prepared.url.clone());
    let summary = sum_up(&remote, &task, prepared.depth).await;
    note(&act, &clock, Some(summary.sent));
    let stays = prepared
        .depth
        .saturating_sub(u64::try_from(summary.deleted).unwrap_or(0));
    let bounced = bounce::watch(&remote, args.watch, first_bounce, (summary.sent, stays), &stop).await;
    Ok(output::outcome(args.format, &summary, "move-task", None, bounced))
}

/// Errors of endpoints that do not know the call.
fn is_not_served(error: &Error) -> bool {
    match error {
        Error::Unreadable { .. } | Error::Empty { .. } | Error::NotFound => true,
        Error::Failed { code, .. } => [
            "InvalidAction",
            "UnknownOperation",
            "NotImplemented",
            "UnsupportedOperation",
            "HTTP 501",
            "InternalError",
        ]
        .iter()
        .any(|word| code.contains(word)),
        _ => false,
    }
}

/// Stays until the task has ended.
async fn follow(
    session: &Session,
    right: MayWrite,
    queue: &str,
    handle: &str,
    stop: &CancellationToken,
) -> Result<MoveTask, ExitCode> {
    let began = tokio::time::Instant::now();
    let mut asked_to_stop = false;
    loop {
        let tasks = session.moves(queue).await;
        let task = match tasks {
            Ok(tasks) => tasks.into_iter().next(),
            Err(error) => {
                let why = plain(&error.to_string()).into_owned();
                return Err(refuse(
                    PARTLY,
                    &format!("How far SQS is cannot be read ({why}); it goes on moving."),
                ));
            }
        };
        let Some(task) = task else {
            return Err(refuse(
                PARTLY,
                "SQS does not name the task it started: look at the queue.",
            ));
        };
        if !matches!(task.status.as_str(), "RUNNING" | "CANCELLING") {
            clear_line();
            return Ok(task);
        }
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K{}", words(&task, began.elapsed()));
        }
        if stop.is_cancelled() && !asked_to_stop {
            asked_to_stop = true;
            if let Err(error) = session.cancel_move(right, handle).await {
                eprintln!("pitagora: SQS could not be asked to stop ({error}).");
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
        eprintln!("pitagora: the task failed: {}.", plain(failure));
    }
    let rest = remote.count().await;
    if let Err(error) = &rest {
        let why = error.to_string();
        eprintln!(
            "pitagora: whether the queue is empty now could not be read ({}).",
            plain(&why)
        );
    }
    let unseen = rest.is_err();
    let rest = rest.unwrap_or(1);
    let asked_for = task.to_move.unwrap_or(depth).max(depth);
    if rest > 0 && task.status == "COMPLETED" && task.moved >= asked_for && !unseen {
        eprintln!(
            "pitagora: the queue has {rest} messages: SQS has moved all that were there at the start, so that these came in meanwhile."
        );
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
