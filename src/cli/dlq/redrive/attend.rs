//! Reports the progress of a redrive, and asks whether to send the rest after the canary.

use std::pin::{Pin, pin};

use tokio::sync::mpsc;

use super::super::super::console;
use super::super::told::{Events, of_run};
use super::confirm;
use crate::dlq::run::{Outcome, Run};
use crate::dlq::{DlqEvent, DlqService};
use crate::domain::text::plain;
use crate::redrive::effect::Command;

/// The question after the canary was sent.
pub(super) struct Question {
    /// The queue.
    pub(super) queue: String,
    /// Number of messages in all, if SQS moves the rest.
    pub(super) sqs: Option<u64>,
    /// Seconds after which a message that fails again can be back in the DLQ at the earliest.
    pub(super) bounce_after_s: Option<i64>,
}

impl Question {
    fn words(&self, sent: usize, chosen: usize) -> String {
        let bounce = self.bounce_after_s.map_or_else(String::new, |after| {
            format!(" A message that fails again is back in the DLQ after {after} s at the earliest.")
        });
        let queue = plain(&self.queue);
        match self.sqs {
            Some(all) => format!(
                "Canary sent: {sent} of {all} messages of {queue}.{bounce} Let SQS move the remaining {}?",
                all.saturating_sub(sent as u64)
            ),
            None => format!(
                "Canary sent: {sent} of {chosen} messages of {queue}.{bounce} Check the target. Send the remaining {}?",
                chosen.saturating_sub(sent)
            ),
        }
    }
}

/// Runs the redrive to its end.
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
                    // The question occupies the line.
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
                // Fails only if the redrive has ended.
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
