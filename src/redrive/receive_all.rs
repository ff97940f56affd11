//! Receives all messages of a queue, so that the messages of a redrive are known before it starts.

use std::collections::HashMap;

use futures::stream::StreamExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::queue_client::Remote;
use crate::aws::Error;
use crate::domain::Received;
use crate::domain::outgoing::BATCH;

/// Receives at the same time.
const PARALLEL: usize = 32;
/// Empty receives that end it. AWS (sqs): a receive may come back empty although messages are there.
const EMPTY: usize = 2;
/// A message that is held so long before its visibility ends is hidden for longer, in parts of its time.
const AHEAD: i64 = 2;

/// A message in hand, with the moment at which others may see it again, in account milliseconds.
pub type Held = (Received, i64);

/// What is in hand: each message with the moment at which others may see it again, in account milliseconds.
#[derive(Debug, Default)]
pub struct Gathered {
    /// In the order in which they were sent first.
    pub held: Vec<Held>,
    /// Why it ended early, where it did.
    pub trouble: Option<Error>,
}

/// Receives until nothing more comes, `max` messages are in hand, or it is stopped; `held` are in hand already. Extends the
/// visibility timeout as needed.
///
/// It ends once as many messages are in hand as the queue counted at first (`depth`) and no more are visible; otherwise
/// after empty receives, which wait for a second each.
pub async fn gather(
    remote: &Remote,
    held: Vec<Held>,
    (depth, max): (u64, usize),
    visibility_s: u32,
    stop: &CancellationToken,
) -> Gathered {
    let held = held.into_iter();
    let mut found: HashMap<String, Held> = held.map(|one| (one.0.letter.message_id.clone(), one)).collect();
    let (mut empty, mut trouble) = (0, None);
    // Tasks of their own: reading ten thousand answers is work for more than one core.
    let mut calls = JoinSet::new();
    let clock = remote.clock();
    let hidden_ms = i64::from(visibility_s) * 1000;
    let began = clock.now().as_millisecond();
    lengthen(remote, &mut found, began, visibility_s).await;
    let mut refresh_at = began + hidden_ms / AHEAD;
    let mut counted_none = false;
    loop {
        let missing = usize::try_from(depth).unwrap_or(usize::MAX).saturating_sub(found.len());
        if missing == 0 && !found.is_empty() && empty == 0 && calls.is_empty() && trouble.is_none() {
            counted_none = remote.counts().await.is_ok_and(|(visible, ..)| visible == 0);
        }
        let done = counted_none || empty >= EMPTY || trouble.is_some() || found.len() >= max || stop.is_cancelled();
        // No more receives than find messages, so that none waits for nothing. The last ones are made one by one: several
        // concurrent empty responses prove no more than one.
        let wanted = match empty {
            0 => missing.div_ceil(BATCH).clamp(1, PARALLEL),
            _ => 1,
        };
        while !done && calls.len() < wanted {
            let remote = remote.clone();
            calls.spawn(async move {
                let asked = remote.clock().now().as_millisecond();
                (asked, remote.receive(BATCH, visibility_s, 1).await)
            });
        }
        let (asked, answer) = match calls.join_next().await {
            Some(Ok(done)) => done,
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            None => break,
        };
        match answer {
            Ok(messages) if messages.is_empty() => empty += 1,
            Ok(messages) => {
                empty = 0;
                for held in messages {
                    found.insert(held.letter.message_id.clone(), (held, asked + hidden_ms));
                }
            }
            Err(error) => trouble = Some(error),
        }
        let now = clock.now().as_millisecond();
        if now >= refresh_at {
            lengthen(remote, &mut found, now, visibility_s).await;
            refresh_at = now + hidden_ms / (2 * AHEAD);
        }
    }
    let mut held: Vec<_> = found.into_values().collect();
    held.sort_by_cached_key(|(held, _)| {
        let sequence = held
            .letter
            .system
            .get("SequenceNumber")
            .map(|text| (text.len(), text.clone()));
        (held.letter.sent(), sequence, held.letter.message_id.clone())
    });
    Gathered { held, trouble }
}

async fn lengthen(remote: &Remote, found: &mut HashMap<String, Held>, now: i64, visibility_s: u32) {
    let soon = now + i64::from(visibility_s) * 1000 / AHEAD;
    let due = found.values_mut().filter(|(_, until)| *until < soon);
    let mut due: Vec<&mut Held> = due.collect();
    let calls = due.chunks_mut(BATCH).map(|batch| async move {
        let handles: Vec<String> = batch.iter().map(|(held, _)| held.handle.clone()).collect();
        let outcomes = remote.hide(&handles, visibility_s * 2).await;
        for ((_, until), outcome) in batch.iter_mut().map(|one| (&one.0, &mut one.1)).zip(outcomes) {
            if outcome == crate::domain::Handled::Done {
                *until = now + i64::from(visibility_s) * 2000;
            }
        }
    });
    futures::future::join_all(calls).await;
}

/// Gives everything back at once; answers with how many could not be.
pub async fn give_back(remote: &Remote, held: &[Held]) -> usize {
    let give = async |batch: &[Held]| {
        let handles: Vec<String> = batch.iter().map(|(held, _)| held.handle.clone()).collect();
        let outcomes = remote.hide(&handles, 0).await;
        outcomes
            .iter()
            .filter(|one| **one != crate::domain::Handled::Done)
            .count()
    };
    let calls: Vec<_> = held.chunks(BATCH).map(give).collect();
    futures::stream::iter(calls)
        .buffer_unordered(PARALLEL)
        .fold(0, |sum, failed| async move { sum + failed })
        .await
}
