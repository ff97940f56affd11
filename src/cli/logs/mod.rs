//! `pitagora logs`: log lines of functions, merged in time order.

mod follow;
mod line;
mod named;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::failure::{Exit, Failure};
use super::patience::{Patience, patience};
use super::unread::Unread;
use super::{Format, Globals, connect, console, stop};
use crate::config::Config;
use crate::domain::duration::duration;
use crate::domain::text::plain;
use crate::domain::{Clock, Interest, LogInterest, Source, Unknown};
use crate::driver;
use crate::logs::{GroupLog, Pattern};
use crate::pollers::{Pace, Want, Watch};
use crate::signals;
use crate::store::{Snapshot, Store};
use follow::Fresh;
use line::Writer;
use named::Named;

/// Delay of new lines with `--follow`, so that lines of several groups are printed in time order.
const HOLD: Duration = Duration::from_millis(1_500);

/// Options of `pitagora logs`.
#[derive(Clone, Debug, Args)]
pub(super) struct Ask {
    /// Functions by name or ARN, or log groups by name [default: all functions]
    #[arg(value_name = "FUNCTION")]
    functions: Vec<String>,
    /// How far back to start (90s, 15m, 2h, 1d)
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration)]
    since: SignedDuration,
    /// Only lines that match this regular expression; ignores case unless it has a capital letter
    #[arg(long, value_name = "RE", value_parser = Pattern::new)]
    grep: Option<Pattern>,
    /// Keep printing new lines
    #[arg(long)]
    follow: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Prints lines until the window was read completely, or without end.
pub(super) async fn run(globals: &Globals, config: &Config, ask: Ask) -> Result<Exit, Failure> {
    let session = connect::session(globals, config).await?;
    let filter = connect::filter(globals, config, &session).await?;
    let clock = session.clock().unwrap_or(Clock::System);
    let since = clock.now().checked_sub(ask.since).unwrap_or(Timestamp::UNIX_EPOCH);
    let named = Named::new(&ask.functions);
    let (sender, observations) = mpsc::channel(256);
    let (publish, snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let (attend, interest) = watch::channel(Interest::default());
    let pace = Pace::of(&session);
    let watch = Watch::new(session, clock.clone(), filter, pace, interest, sender).of(Want::Logs);
    let store = Store::new().keeping_lines(config.lines());
    let store = tokio::spawn(driver::drive(store, observations, publish, clock));
    let zone = if config.utc == Some(true) {
        TimeZone::UTC
    } else {
        TimeZone::system()
    };
    let mut reading = Reading {
        writer: Arc::new(Writer::new(ask.format == Format::Json, ask.grep.clone(), zone, since)),
        named,
        since,
        follow: ask.follow,
        attend,
        snapshots,
    };
    let stop = stop::token();
    let ended = tokio::select! {
        () = watch.run(&[Source::Logs]) => Ok(Exit::Done),
        ended = reading.run() => ended,
        () = stop.cancelled() => Ok(stopped(ask.follow).await),
    };
    store.abort();
    ended
}

/// The state of the command.
struct Reading {
    writer: Arc<Writer>,
    named: Named,
    since: Timestamp,
    follow: bool,
    attend: watch::Sender<Interest>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
}

impl Reading {
    async fn run(&mut self) -> Result<Exit, Failure> {
        let mut fresh = Fresh::default();
        self.look(&Snapshot::default());
        let mut patience = Patience::new(Instant::now());
        loop {
            let held = fresh.next_release(HOLD);
            let mut is_over = false;
            tokio::select! {
                changed = self.snapshots.changed() => if changed.is_err() { return Ok(Exit::Done) },
                () = tokio::time::sleep_until(held.unwrap_or_else(Instant::now)), if held.is_some() => {}
                () = tokio::time::sleep_until(patience.until()), if !self.follow => is_over = true,
            }
            let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
            self.look(&snapshot);
            patience.see(&snapshot, Some(self.since), Instant::now());
            let wanted = self.named.wanted(&snapshot);
            let whole =
                self.named.is_found(&snapshot) && wanted.groups.iter().all(|name| self.is_read(&snapshot, name));
            if self.follow {
                fresh.take(&snapshot, &wanted.groups, self.since);
                // Lines are in order only once all groups were read.
                let lines = if whole { fresh.release(HOLD) } else { Vec::new() };
                let writer = Arc::clone(&self.writer);
                let is_read = beside(move || writer.fresh(&snapshot, &wanted, &lines)).await?;
                if !is_read {
                    return Ok(Exit::Done);
                }
            } else if whole || is_over {
                let (writer, lines, groups) = (Arc::clone(&self.writer), Arc::clone(&snapshot), wanted.groups.clone());
                let is_read = beside(move || writer.all(&lines, &wanted)).await?;
                return Ok(if is_read {
                    self.finish(&snapshot, &groups)
                } else {
                    Exit::Done
                });
            } else {
                self.tell(&snapshot, &wanted.groups);
            }
        }
    }

    /// Tells the pollers which logs to read, as far as they were found.
    fn look(&mut self, snapshot: &Snapshot) {
        let logs = LogInterest {
            functions: self.named.functions(snapshot),
            groups: self.named.plain_groups(snapshot),
            since: Some(self.since),
            live: false,
        };
        self.attend.send_if_modified(|interest| {
            let changed = interest.logs != logs;
            interest.logs = logs;
            changed
        });
    }

    /// Reports what is incomplete.
    fn finish(&self, snapshot: &Snapshot, wanted: &BTreeSet<String>) -> Exit {
        let missing = if self.named.is_found(snapshot) {
            self.named.missing(snapshot)
        } else {
            Vec::new()
        };
        for name in &missing {
            console::say(format_args!(
                "No function or log group {:?} in this account and region.",
                plain(name)
            ));
        }
        if !missing.is_empty() && missing.len() == self.named.len() {
            return Exit::Usage;
        }
        let mut partly = !missing.is_empty();
        let mut unread: Vec<Unknown> = Vec::new();
        let mut say = |what: Unread, why: Unread| {
            unread.push(Unknown {
                what: what.into(),
                why: why.into(),
            });
        };
        let lines = |group: &str| Unread::Lines {
            group: group.to_owned(),
        };
        for name in wanted.iter().filter(|name| !self.is_read(snapshot, name)) {
            say(lines(name), Unread::PartlyRead { after: patience() });
        }
        if !self.named.is_found(snapshot) {
            say(Unread::Functions, Unread::NoResponse { after: patience() });
        }
        let groups = wanted.iter().filter_map(|name| snapshot.logs.groups.get(name.as_str()));
        for group in groups {
            if let Some(why) = incomplete(group) {
                say(lines(&group.name), why);
            }
        }
        let listing = &snapshot.topology.unknown;
        let listing = listing
            .iter()
            .filter(|unknown| unknown.what == crate::pollers::unread::Unread::Functions);
        let unlisted: Vec<&Unknown> = if self.named.is_all() {
            listing.collect()
        } else {
            Vec::new()
        };
        let all: Vec<&Unknown> = unread.iter().chain(unlisted).collect();
        console::say_unknown(&all);
        partly |= !all.is_empty();
        Exit::partly_if(partly)
    }

    /// Whether a group was read completely back to the requested time, or is known to be unreadable. An endpoint without
    /// filter patterns is read completely only from the first request on, which goes back less far.
    fn is_read(&self, snapshot: &Snapshot, name: &str) -> bool {
        let group = snapshot.logs.groups.get(name);
        group.is_some_and(|group| group.is_whole_since(self.since) || group.unread.is_some())
    }

    fn tell(&self, snapshot: &Snapshot, wanted: &BTreeSet<String>) {
        let read = wanted.iter().filter(|name| self.is_read(snapshot, name)).count();
        console::progress(format_args!(
            "reading logs: {read} of {} groups, {} lines",
            wanted.len(),
            snapshot.logs.len()
        ));
    }
}

/// How a command ends that a signal stopped: Ctrl-C is how one stops following, as long as somebody read all that was printed.
async fn stopped(follow: bool) -> Exit {
    // Perhaps it waits for a reader.
    let is_printed = tokio::task::spawn_blocking(console::is_printed).await;
    match signals::obeyed() {
        Some(ending) if !follow || !is_printed.unwrap_or(false) => Exit::by(ending),
        _ => Exit::of_endless(),
    }
}

/// Does it on a thread of its own: a signal does not wait for a pattern.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Why lines of a group are missing; `None` if it is complete.
fn incomplete(group: &GroupLog) -> Option<Unread> {
    if let Some(why) = &group.unread {
        return Some(Unread::Refused { why: why.clone() });
    }
    if group.lines.dropped > 0 {
        let lines = group.lines.dropped;
        return Some(Unread::DidNotFit { lines });
    }
    (group.cut > 0).then_some(Unread::Cut)
}
