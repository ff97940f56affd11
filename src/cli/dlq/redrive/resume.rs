//! Resumes a redrive that was killed or stopped.

use std::path::Path;

use super::super::super::console;
use super::super::super::failure::{Exit, Failure};
use super::super::signals::stop_on_signals;
use super::super::told::Events;
use super::attend::{Question, attend};
use super::{Redrive, check, confirm, earliest_return, output};
use crate::dlq::check::Evidence;
use crate::dlq::run::Resumed;
use crate::dlq::{DlqError, DlqService, Live};
use crate::redrive::course::EngineKind;

/// Resumes the redrive.
pub(super) async fn run(
    (service, events): (&DlqService, &mut Events),
    args: &Redrive,
    mut live: Live,
    (path, resumed): (&Path, Resumed),
) -> Result<Exit, Failure> {
    console::say(format_args!("journal: {}", path.display()));
    stop_on_signals(service, "finishing messages in progress, making the rest visible again");
    let (header, (unsent, before)) = (resumed.header().clone(), resumed.counts());
    let finished = if resumed.is_done() {
        "this redrive is finished, nothing is sent now; "
    } else {
        ""
    };
    console::say(format_args!(
        "{finished}counts are of the whole redrive, {before} messages were sent before."
    ));
    let (mut canary, mut against) = (0, false);
    // Unsent messages need the same check as a new redrive.
    if unsent > 0 || header.grows.is_some() {
        super::super::super::headless::chain(&mut live).await;
        let mut evidence = Evidence {
            targets: header.ways.iter().map(|way| way.target.clone()).collect(),
            messages: unsent as u64,
            rate: args.rate,
            ..Evidence::default()
        };
        let check = check::look(service, &mut live, &mut evidence).await;
        canary = args.canary(&service.settings());
        if unsent <= canary && header.grows.is_none() {
            canary = 0;
        }
        let now = service.clock().now();
        let is_watched = !args.says_yes() || args.ignore_check;
        if let Some(why) = check::refusal(&check, !args.no_canary, now).filter(|_| !is_watched) {
            return Err(Failure::partly(why));
        }
        for line in check::lines(&check, now) {
            console::say(format_args!("{line}."));
        }
        against = !check.passes() && !args.ignore_check;
    }
    // The same confirmation as for a new redrive, even if the messages only have to be deleted.
    if !resumed.is_done() {
        let leave = resumed.not_gone() as u64;
        let what = (header.queue.short_name(), leave, leave.max(header.chosen.len() as u64));
        confirm::confirm(service, args, against, what).await?;
    }
    console::say(format_args!(
        "making messages in flight visible again, then waiting up to {} s for those of other consumers.",
        header.settings.patience_ms / 1000
    ));
    let run = resumed.start(service, live, (canary, args.proves()));
    let question = Question {
        queue: header.queue.to_string(),
        sqs: None,
        bounce_after_s: None,
    };
    let outcome = Box::pin(attend((service, events), run, question)).await;
    let (summary, unproved) = (outcome.own, outcome.unproved);
    let stays = header.depth.saturating_sub(summary.deleted as u64);
    let remote = service.remote(&header.queue, &header.url).map_err(DlqError::from)?;
    let bounced = earliest_return::watch(service, &remote, (args.watch, None), (summary.sent, stays)).await;
    let exit = output::outcome(args.format, &summary, EngineKind::Client, Some(path), bounced, None)?;
    Ok(if unproved { Exit::Partly } else { exit })
}
