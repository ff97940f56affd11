//! `pitagora logs`: the lines of log groups, merged in time order.

mod follow;
mod line;
mod named;

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};

use super::{DONE, Format, Globals, PARTLY, USAGE, connect, refuse};
use crate::config::Config;
use crate::domain::duration::duration;
use crate::domain::text::plain;
use crate::domain::{Clock, Interest, LogInterest, Source};
use crate::driver;
use crate::logs::{GroupLog, Pattern};
use crate::pollers::{Pace, Watch};
use crate::store::{Snapshot, Store};
use follow::Fresh;
use line::Writer;
use named::Named;

/// Lines that come while following are held back so long, so that those of several groups come in time order.
const HOLD: Duration = Duration::from_millis(1_500);

/// What is asked for.
#[derive(Clone, Debug, Args)]
pub(super) struct Ask {
    /// Functions, by name or ARN, or log groups by name; all functions where none is named
    #[arg(value_name = "FUNCTION")]
    functions: Vec<String>,
    /// How far back to begin (90s, 15m, 2h, 1d)
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration)]
    since: SignedDuration,
    /// Only lines that match this regular expression; without a capital letter in it case does not matter
    #[arg(long, value_name = "RE", value_parser = Pattern::new)]
    grep: Option<Pattern>,
    /// Go on with lines as they come
    #[arg(long)]
    follow: bool,
    /// How
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Prints lines until the window was read whole, or for ever.
pub(super) async fn run(globals: &Globals, config: &Config, ask: Ask) -> ExitCode {
    let session = match connect::session(globals, config).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let filter = match connect::filter(globals, config, &session).await {
        Ok(filter) => filter,
        Err(code) => return code,
    };
    let clock = session.clock().unwrap_or(Clock::System);
    let since = clock.now().checked_sub(ask.since).unwrap_or(Timestamp::UNIX_EPOCH);
    let named = Named::new(&ask.functions);
    let (sender, observations) = mpsc::channel(256);
    let (publish, snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let (attend, interest) = watch::channel(Interest::default());
    let pace = Pace::of(&session);
    let watch = Watch::new(session, clock.clone(), filter, pace, interest, sender);
    let store = tokio::spawn(driver::drive(Store::new(), observations, publish, clock));
    let zone = if config.utc == Some(true) {
        TimeZone::UTC
    } else {
        TimeZone::system()
    };
    let mut reading = Reading {
        writer: Writer::new(ask.format == Format::Json, ask.grep.clone(), zone, since),
        named,
        since,
        follow: ask.follow,
        attend,
        snapshots,
        progress: std::io::stderr().is_terminal(),
    };
    let code = tokio::select! {
        () = watch.run(&[Source::Logs]) => ExitCode::from(DONE),
        code = reading.run() => code,
        _ = tokio::signal::ctrl_c() => ExitCode::from(DONE),
    };
    store.abort();
    code
}

/// The command at work.
struct Reading {
    writer: Writer,
    named: Named,
    since: Timestamp,
    follow: bool,
    attend: watch::Sender<Interest>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    progress: bool,
}

impl Reading {
    async fn run(&mut self) -> ExitCode {
        let mut fresh = Fresh::default();
        self.look(&Snapshot::default());
        loop {
            let held = fresh.next_release(HOLD);
            tokio::select! {
                changed = self.snapshots.changed() => if changed.is_err() { return ExitCode::from(DONE) },
                () = tokio::time::sleep_until(held.unwrap_or_else(tokio::time::Instant::now)), if held.is_some() => {}
            }
            let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
            self.look(&snapshot);
            let wanted = self.named.wanted(&snapshot);
            let whole =
                self.named.is_found(&snapshot) && wanted.groups.iter().all(|name| self.is_read(&snapshot, name));
            let written = if self.follow {
                fresh.take(&snapshot, &wanted.groups, self.since);
                // What lies behind one comes in order only when all were read.
                let lines = if whole { fresh.release(HOLD) } else { Vec::new() };
                self.writer.fresh(&snapshot, &wanted, &lines)
            } else if whole {
                self.clear();
                let written = self.writer.all(&snapshot, &wanted);
                return match written {
                    Ok(()) => self.finish(&snapshot, &wanted.groups),
                    Err(error) => unwritten(&error),
                };
            } else {
                self.tell(&snapshot, &wanted.groups);
                Ok(())
            };
            if let Err(error) = written {
                return unwritten(&error);
            }
        }
    }

    /// Lets the pollers know what is wanted, as far as it was found.
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

    /// Says what is incomplete.
    fn finish(&self, snapshot: &Snapshot, wanted: &BTreeSet<String>) -> ExitCode {
        let missing = self.named.missing(snapshot);
        for name in &missing {
            eprintln!(
                "pitagora: There is no function and no log group {:?} here.",
                plain(name)
            );
        }
        if !missing.is_empty() && missing.len() == self.named.len() {
            return ExitCode::from(USAGE);
        }
        let mut code = if missing.is_empty() { DONE } else { PARTLY };
        let groups = wanted.iter().filter_map(|name| snapshot.logs.groups.get(name.as_str()));
        for group in groups {
            if let Some(why) = incomplete(group) {
                eprintln!("pitagora: unknown: lines of {}: {}.", plain(&group.name), plain(&why));
                code = PARTLY;
            }
        }
        if self.named.is_all() {
            for unknown in &snapshot.topology.unknown {
                if unknown.what.contains("lambda:ListFunctions") {
                    eprintln!("pitagora: unknown: {}: {}.", plain(&unknown.what), plain(&unknown.why));
                    code = PARTLY;
                }
            }
        }
        ExitCode::from(code)
    }

    /// Whether a group was read whole as far back as was asked, or is known not to be readable. An endpoint that chooses no
    /// lines is read whole from the first look on, which goes back less far.
    fn is_read(&self, snapshot: &Snapshot, name: &str) -> bool {
        let group = snapshot.logs.groups.get(name);
        group.is_some_and(|group| group.is_whole_since(self.since) || group.unread.is_some())
    }

    fn tell(&self, snapshot: &Snapshot, wanted: &BTreeSet<String>) {
        if self.progress {
            let read = wanted.iter().filter(|name| self.is_read(snapshot, name)).count();
            // Progress that cannot be shown is not worth failing for.
            let _ = write!(
                std::io::stderr(),
                "\r\x1b[Kreading logs: {read} of {} groups, {} lines",
                wanted.len(),
                snapshot.logs.len()
            );
            let _ = std::io::stderr().flush();
        }
    }

    fn clear(&self) {
        if self.progress {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// What is missing of a group's lines.
fn incomplete(group: &GroupLog) -> Option<String> {
    if let Some(why) = &group.unread {
        return Some(why.clone());
    }
    if group.lines.dropped > 0 {
        return Some(format!(
            "the oldest {} did not fit in memory: choose a later --since",
            group.lines.dropped
        ));
    }
    (group.cut > 0).then(|| "the endpoint gave only a part of them".to_owned())
}

/// A reader that went away ends the command quietly, as with any other tool.
fn unwritten(error: &std::io::Error) -> ExitCode {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return ExitCode::from(DONE);
    }
    refuse(
        USAGE,
        &format!("The lines could not be written ({error}): check where stdout leads."),
    )
}
