//! Reads a queue once for a command; reports beforehand what reading does, and afterwards what it did.

use super::super::failure::Failure;
use super::super::headless::{Need, look_for};
use super::super::{Globals, connect, console};
use super::feeders::say_if_unknown;
use super::signals::stop_on_signals;
use super::told::{heard, of_reading};
use super::{Which, sift};
use crate::config::Config;
use crate::dead_letters::peek::End;
use crate::dead_letters::{DeadLetter, dead_letter};
use crate::dlq::find::guard;
use crate::dlq::{DlqContents, DlqContext, DlqService};
use crate::domain::MayWrite;
use crate::domain::phrase::Phrase;
use crate::domain::text::plain;
use crate::pollers::Want;
use crate::words::Words;

/// The messages that were read.
pub(super) struct Read {
    /// All messages, the first to expire first.
    pub(super) all: DlqContents,
    /// Indices of those that match the filter.
    chosen: Vec<usize>,
}

impl Read {
    /// The messages that match the filter.
    pub(super) fn chosen(&self) -> impl ExactSizeIterator<Item = &DeadLetter> {
        self.chosen.iter().map(|place| &self.all.entries[*place])
    }

    /// Whether something stayed hidden or was not read.
    pub(super) fn is_partial(&self) -> bool {
        // Who asks for at most so many has no more to wait for.
        let whole = match self.all.end {
            End::Full => true,
            End::Empty => self.all.held_elsewhere() == 0,
            End::Large | End::Stopped | End::Failed(_) => false,
        };
        !whole || !self.all.left.is_empty() || !self.all.unread.is_empty()
    }
}

/// Reads the queue and applies the filter.
pub(super) async fn read(globals: &Globals, config: &Config, which: &Which) -> Result<Read, Failure> {
    let words = Words::utc();
    let filter = sift::filter(which.expression.as_deref(), which.grep.as_deref()).await?;
    let session = connect::session(globals, config).await?;
    let account = config.account(&session.scope.account);
    let right = MayWrite::unless(globals.read_only || account.read_only);
    if right.is_err() {
        return Err(Failure::usage(
            "Could not read the queue: reading receives messages, and this account is read-only (--read-only, or \
            read_only in the configuration). Nothing was received.",
        ));
    }
    let (service, mut events) = DlqService::new(DlqContext::new(session, right, account.production));
    let want = Want::Named(vec![which.queue.clone()]);
    let snapshot = Box::pin(look_for(globals, config, Need::Chain, want)).await?;
    let topology = &snapshot.topology;
    let queue = service.queue_named(topology, &which.queue).await?;
    guard(&queue, topology, which.read_anyway).inspect_err(|_| console::say_unknown(&snapshot.unknown()))?;
    say_if_unknown(&queue, topology);
    stop_on_signals(&service, "making messages visible again");
    let reading = service.read(queue, (which.max, which.read_anyway, !which.no_wait), topology);
    let mut all = heard(&mut events, Box::pin(reading), of_reading(which.max)).await?;
    dead_letter::sort(&mut all.entries, dead_letter::Order::Expiry);
    let chosen = sift::sift(&service, &filter, &all.entries).await?;
    if chosen.is_empty() && !all.entries.is_empty() {
        for name in filter.untold(&all.entries) {
            console::say(format_args!(
                "no message has a known `{name}`: a condition on it is never true."
            ));
        }
    }
    let unknown = snapshot.unknown().into_iter();
    let unknown: Vec<String> = unknown
        .map(|unknown| format!("{}: {}", words.say(&unknown.what), words.say(&unknown.why)))
        .collect();
    all.unread.splice(..0, unknown);
    for what in &all.unread {
        console::say(format_args!("unknown: {}.", plain(what)));
    }
    Ok(Read { all, chosen })
}

/// A phrase in words, with times in UTC.
pub(super) fn say_phrase(phrase: &Phrase) -> String {
    Words::utc().say(phrase)
}
