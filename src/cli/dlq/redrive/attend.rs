//! Beside a run: says what it tells, and asks whether the rest may follow what went first.

use std::pin::{Pin, pin};

use tokio::sync::mpsc;

use super::super::super::console;
use super::super::told::{Events, of_run};
use super::confirm;
use crate::dlq::run::{Outcome, Run};
use crate::dlq::{DlqEvent, DlqService};
use crate::domain::text::plain;
use crate::redrive::effect::Command;

/// What is asked once the first messages have gone.
pub(super) struct Question {
    /// The queue.
    pub(super) queue: String,
    /// All messages, where SQS moves the rest.
    pub(super) sqs: Option<u64>,
    /// Seconds after which a message that fails again can be back first.
    pub(super) bounce_after_s: Option<i64>,
}

impl Question {
    fn words(&self, sent: usize, chosen: usize) -> String {
        let bounce = self.bounce_after_s.map_or_else(String::new, |after| {
            format!(" What fails again can be back {after} s after it was sent at the earliest.")
        });
        let queue = plain(&self.queue);
        match self.sqs {
            Some(all) => format!(
                "Canary sent: {sent} of {all} messages of {queue}.{bounce} Let SQS move the remaining {}?",
                all.saturating_sub(sent as u64)
            ),
            None => format!(
                "{sent} of {chosen} messages of {queue} went first.{bounce} Look at their target; shall the rest follow?"
            ),
        }
    }
}

/// Goes with it to its end.
pub(super) async fn attend((service, events): (&DlqService, &mut Events), run: Run, question: Question) -> Outcome {
    let (say, controls) = mpsc::channel(8);
    let mut going = pin!(run.go(controls));
    let mut asked: Option<Pin<Box<dyn Future<Output = bool> + Send>>> = None;
    let (mut chosen, mut told) = (0, of_run(&question.queue));
    loop {
        tokio::select! {
            biased;
            Some(event) = events.recv() => match event {
                DlqEvent::Waiting(sent) => asked = Some(Box::pin(confirm::go_on(question.words(sent, chosen)))),
                DlqEvent::Progress(now) => {
                    chosen = now.chosen;
                    // A question has the line.
                    if asked.is_none() {
                        told(DlqEvent::Progress(now));
                    }
                }
                event => told(event),
            },
            outcome = &mut going => {
                while let Ok(event) = events.try_recv() {
                    told(event);
                }
                console::clear();
                return outcome;
            }
            () = service.stopped(), if asked.is_some() => asked = None,
            follows = answer(&mut asked) => {
                asked = None;
                let command = if follows { Command::GoOn } else { Command::Stop };
                // The run hears nothing any more once it has ended.
                let _ = say.send(command).await;
            }
        }
    }
}

async fn answer(asked: &mut Option<Pin<Box<dyn Future<Output = bool> + Send>>>) -> bool {
    match asked {
        Some(asked) => asked.as_mut().await,
        None => std::future::pending().await,
    }
}
