//! Carries out the engine's effects and returns their results as events.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::effect::{Effect, Event};
use super::engine::Engine;
use super::journal::Journal;
use super::progress::{Progress, Summary};
use super::queue_client::Remote;

/// How often progress is reported.
const TELL: Duration = Duration::from_millis(100);

/// Runs an engine to its end. `first` are its first effects; `said` are commands of the user or of the target watch.
pub async fn drive(
    remote: Remote,
    journal: Journal,
    mut engine: Engine,
    first: Vec<Effect>,
    mut said: mpsc::Receiver<Event>,
    progress: watch::Sender<Progress>,
) -> Summary {
    let (events, mut happened) = mpsc::unbounded_channel();
    let writer = journal.writer(events);
    let clock = remote.clock();
    let mut calls = JoinSet::new();
    let mut over = start(first, &remote, &writer, &mut calls);
    let mut told = tokio::time::Instant::now();
    while !over {
        let now = clock.now().as_millisecond();
        let wait = engine.deadline(now).map_or(Duration::from_secs(1), |at| {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of one wait")]
            let wall = (at - now).max(1) as f64 / clock.speed();
            Duration::from_secs_f64((wall / 1000.0).min(1.0))
        });
        let event = tokio::select! {
            biased;
            Some(event) = happened.recv() => event,
            Some(done) = calls.join_next(), if !calls.is_empty() => match done {
                Ok(event) => event,
                // A call that panicked is a call without an answer; the engine hears nothing of it and never ends.
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            },
            Some(event) = said.recv() => event,
            () = tokio::time::sleep(wait) => Event::Tick,
        };
        let effects = engine.step(clock.now().as_millisecond(), event);
        over = start(effects, &remote, &writer, &mut calls);
        if over || told.elapsed() >= TELL {
            told = tokio::time::Instant::now();
            progress.send_replace(engine.progress(clock.now().as_millisecond()));
        }
    }
    // The journal is whole before anybody hears of the end.
    drop(writer);
    engine.summary()
}

/// Starts effects; says whether the end was among them.
fn start(effects: Vec<Effect>, remote: &Remote, writer: &super::journal::Writer, calls: &mut JoinSet<Event>) -> bool {
    let mut over = false;
    for effect in effects {
        let remote = remote.clone();
        match effect {
            Effect::Journal(ticket, records) => writer.write(ticket, records),
            Effect::End => over = true,
            Effect::Receive {
                max,
                visibility_s,
                wait_s,
            } => {
                calls.spawn(async move {
                    let answer = remote.receive(max, visibility_s, wait_s).await;
                    Event::Received(answer.map_err(Into::into))
                });
            }
            Effect::Send(ticket, target, messages) => {
                calls.spawn(async move { Event::Sent(ticket, remote.send(&target, &messages).await) });
            }
            Effect::Delete(ticket, handles) => {
                calls.spawn(async move { Event::Deleted(ticket, remote.delete(&handles).await) });
            }
            Effect::Hide(ticket, handles, seconds) => {
                calls.spawn(async move { Event::Hidden(ticket, remote.hide(&handles, seconds).await) });
            }
            Effect::Count => {
                calls.spawn(async move { Event::Counted(remote.count().await.map_err(Into::into)) });
            }
        }
    }
    over
}
