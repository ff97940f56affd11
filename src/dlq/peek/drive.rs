//! Carries a scan out.

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Effect, Event, Reading, Scan};
use crate::domain::{Handled, NoAnswer, Received};

/// A queue, as a scan needs it.
pub trait Mailbox {
    /// Receives.
    fn receive(
        &self,
        max: usize,
        hidden_s: u32,
        wait_s: u32,
    ) -> impl Future<Output = Result<Vec<Received>, NoAnswer>> + Send;

    /// Hides messages for so many seconds from now, at most 10; 0 gives them back.
    fn hide(&self, handles: &[String], seconds: u32) -> impl Future<Output = Result<Vec<Handled>, NoAnswer>> + Send;

    /// Account time.
    fn now(&self) -> Timestamp;
}

/// Reads a queue and makes everything visible again, also once `stop` is cancelled: then it waits for a receive in
/// progress, whose messages must be made visible again, too. `progress` gets the number of messages read.
///
/// Dropping the future leaves what it holds hidden until its visibility ends; cancel instead.
pub async fn drive<M: Mailbox>(
    mailbox: &M,
    mut scan: Scan,
    stop: &CancellationToken,
    mut progress: impl FnMut(usize),
) -> Reading {
    let mut calls = FuturesUnordered::new();
    let mut stopped = false;
    loop {
        while let Some(effect) = scan.next(mailbox.now()) {
            calls.push(perform(mailbox, effect));
        }
        if scan.is_over() {
            return scan.finish();
        }
        tokio::select! {
            Some((wanted, event)) = calls.next() => scan.handle(wanted, event),
            () = stop.cancelled(), if !stopped => {
                stopped = true;
                scan.handle(0, Event::Stop);
            }
        }
        progress(scan.count());
    }
}

async fn perform<M: Mailbox>(mailbox: &M, effect: Effect) -> (usize, Event) {
    let asked = mailbox.now();
    match effect {
        Effect::Receive { max, hidden_s, wait_s } => {
            let answer = mailbox.receive(max, hidden_s, wait_s).await;
            (max, Event::Received { asked, answer })
        }
        Effect::Hide { messages, seconds } => {
            let handles: Vec<String> = messages.iter().map(|(_, handle)| handle.clone()).collect();
            let answer = mailbox.hide(&handles, seconds).await;
            let event = Event::Hidden {
                asked,
                messages,
                seconds,
                answer,
            };
            (0, event)
        }
    }
}
