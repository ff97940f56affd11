//! A live tail of the groups in focus: a preview of lines that polling brings once more.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{focus, looked};
use crate::aws::Error;
use crate::aws::live_tail::{LiveTail, MOST_GROUPS};
use crate::domain::Fact;
use crate::domain::log::TailState;
use crate::pollers::context::Shared;

/// Wait before the next session after a failure: each one costs, even if it ends at once.
const AGAIN: Duration = Duration::from_mins(1);

/// Runs live tail sessions as requested.
pub(super) async fn run(shared: &Shared) {
    let mut interest = shared.interest.clone();
    loop {
        interest.mark_unchanged();
        let groups = groups(shared);
        if groups.is_empty() {
            looked(&mut interest).await;
            continue;
        }
        let ended = tokio::select! {
            ended = tail(shared, &groups) => ended,
            () = others(shared, &groups) => {
                say(shared, &groups, TailState::Off).await;
                continue;
            }
        };
        match ended {
            // A forgotten session must not cost another three hours.
            Ok(()) => {
                let why = "the live tail session ended, as each does after three hours: switch it off and on \
                again"
                    .to_owned();
                say(shared, &groups, TailState::Failed { why }).await;
                others(shared, &groups).await;
            }
            Err(error) => {
                let why = error.to_string();
                say(shared, &groups, TailState::Failed { why }).await;
                tokio::select! {
                    () = tokio::time::sleep(AGAIN) => {}
                    () = others(shared, &groups) => {}
                }
            }
        }
    }
}

/// The groups that a live tail is wanted of, as many as one can have.
fn groups(shared: &Shared) -> BTreeSet<String> {
    if !shared.interest.borrow().logs.live {
        return BTreeSet::new();
    }
    focus(shared).into_iter().take(MOST_GROUPS).collect()
}

/// Waits until the wanted groups change.
async fn others(shared: &Shared, groups: &BTreeSet<String>) {
    let mut interest = shared.interest.clone();
    while self::groups(shared) == *groups {
        looked(&mut interest).await;
    }
}

async fn say(shared: &Shared, groups: &BTreeSet<String>, state: TailState) {
    let groups = groups.clone();
    shared.emit.send(Fact::Tail { groups, state }).await;
}

/// One session, until it ends.
async fn tail(shared: &Shared, groups: &BTreeSet<String>) -> Result<(), Error> {
    shared.link.ready().await;
    let mut tail = LiveTail::start(&shared.session, groups).await?;
    say(shared, groups, TailState::On).await;
    while let Some(update) = tail.next().await? {
        for (group, lines) in update.lines {
            let sampled = update.sampled;
            shared.emit.send(Fact::Preview { group, lines, sampled }).await;
        }
    }
    Ok(())
}
