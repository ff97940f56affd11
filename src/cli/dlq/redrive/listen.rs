//! Beside a run: shows how far it is, asks after the canary, passes signals on, and tells how the target's functions do.

use std::future::Future;
use std::pin::Pin;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::super::super::console;
use super::target::Target;
use super::{confirm, proof};
use crate::domain::Clock;
use crate::domain::text::plain;
use crate::redrive::driver::Control;
use crate::redrive::effect::Command;
use crate::redrive::progress::{Phase, Progress};

/// What is known of those that take the messages.
pub(super) struct Watched {
    /// The functions that will run with them.
    pub(super) functions: Option<Target>,
    /// When a message that fails again can be back first, after it was sent.
    pub(super) first_bounce: Option<SignedDuration>,
    /// Nobody answers: what goes first must prove by itself that the cause is fixed.
    pub(super) proves: Option<Clock>,
}

impl Watched {
    /// Whether the rest may follow what went first, by what came of it. Says why not.
    pub(super) async fn proved(
        &mut self,
        clock: &Clock,
        (sent_at, messages): (Option<i64>, usize),
        stop: &CancellationToken,
    ) -> bool {
        let sent = sent_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        console::say("canary sent: the rest follows once an invocation of its target has succeeded.");
        match proof::wait(
            &mut self.functions,
            (sent.unwrap_or_else(|| clock.now()), messages),
            clock,
            stop,
        )
        .await
        {
            Ok(proof) => {
                console::say(format_args!("{}: the rest follows.", proof.words()));
                true
            }
            Err(why) => {
                console::say(format_args!("the canary proved nothing ({why}): the rest stays."));
                false
            }
        }
    }

    /// Whether the only message was processed this time. Says why not.
    pub(super) async fn proved_alone(&mut self, clock: &Clock, sent: Timestamp, stop: &CancellationToken) -> bool {
        console::say("sent: waiting for an invocation of its target (--no-canary does not wait).");
        match proof::wait(&mut self.functions, (sent, 1), clock, stop).await {
            Ok(proof) => {
                console::say(format_args!("{}.", proof.words()));
                true
            }
            Err(why) => {
                console::say(format_args!(
                    "it was sent, and nothing proves that it was processed: {why}."
                ));
                false
            }
        }
    }
}

/// Goes on until the run is over. Answers with what it watched.
pub(super) async fn listen(
    mut progress: watch::Receiver<Progress>,
    say: mpsc::Sender<Control>,
    queue: String,
    mut watched: Watched,
    stop: CancellationToken,
) -> Watched {
    let (mut asked, mut stopped) = (false, false);
    let mut question: Option<Pin<Box<dyn Future<Output = bool> + Send>>> = None;
    loop {
        tokio::select! {
            changed = progress.changed() => {
                if changed.is_err() {
                    return watched;
                }
                let now = progress.borrow_and_update().clone();
                if question.is_none() {
                    show(&now);
                }
                if now.phase == Phase::Waiting && !asked && !stopped {
                    asked = true;
                    if let Some(clock) = watched.proves.clone() {
                        let go_on = watched.proved(&clock, (now.sent_at, now.sent), &stop).await;
                        let command = if go_on { Command::GoOn } else { Command::Stop };
                        let _ = say.send(Control::Command(command)).await;
                        continue;
                    }
                    question = Some(Box::pin(confirm::go_on(words(&now, &queue, watched.first_bounce))));
                }
            }
            () = stop.cancelled(), if !stopped => {
                stopped = true;
                question = None;
                let _ = say.send(Control::Command(Command::Stop)).await;
            }
            (all, failed) = more_runs(&mut watched.functions) => {
                if failed > 0 {
                    console::say(format_args!("{failed} of {all} new runs of the target failed."));
                }
                let _ = say.send(Control::Runs(all, failed)).await;
            }
            go_on = answer(&mut question), if question.is_some() => {
                question = None;
                let command = if go_on { Command::GoOn } else { Command::Stop };
                let _ = say.send(Control::Command(command)).await;
            }
        }
    }
}

pub(super) async fn more_runs(functions: &mut Option<Target>) -> (u64, u64) {
    match functions {
        Some(functions) => functions.more_runs().await,
        None => std::future::pending().await,
    }
}

async fn answer(question: &mut Option<Pin<Box<dyn Future<Output = bool> + Send>>>) -> bool {
    match question {
        Some(question) => question.as_mut().await,
        None => std::future::pending().await,
    }
}

fn words(now: &Progress, queue: &str, first_bounce: Option<SignedDuration>) -> String {
    let bounce = first_bounce.map_or_else(String::new, |after| {
        format!(
            " What fails again can be back {} s after it was sent at the earliest.",
            after.as_secs()
        )
    });
    format!(
        "{} of {} messages of {} went first.{bounce} Look at their target; shall the rest follow?",
        now.sent,
        now.chosen,
        plain(queue)
    )
}

fn show(now: &Progress) {
    let rate = now.per_second();
    let rate = if rate > 0.0 {
        format!(", {rate:.0} a second")
    } else {
        String::new()
    };
    let left = now.seconds_left().map_or_else(String::new, |s| format!(", {s} s left"));
    let runs = match now.runs {
        (0, _) => String::new(),
        (all, failed) => format!("; target: {all} runs, {failed} failed"),
    };
    let trouble = now
        .trouble
        .as_deref()
        .map_or_else(String::new, |why| format!(" ({})", plain(why)));
    console::progress(format_args!(
        "putting back: {} of {} sent, {} gone{rate}{left}{runs}{trouble}",
        now.sent, now.chosen, now.deleted
    ));
}
