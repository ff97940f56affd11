//! Opens the dashboard.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::chosen::{self, environment};
use super::failure::{Exit, Failure};
use super::stop::end_at_once;
use super::{Globals, connect, console};
use crate::aws::Session;
use crate::config::wrong::Wrong;
use crate::config::{self, Config};
use crate::dlq::{self, DlqContext, DlqHandle, DlqState};
use crate::domain::text::plain;
use crate::domain::{Clock, Interest, MayWrite};
use crate::driver;
use crate::pollers::{Cache, POLLERS, Pace, ScopeFilter, Watch};
use crate::signals::{self, Ending};
use crate::store::{Snapshot, Store};
use crate::ui::text::commands::Aim;
use crate::ui::{self, Settings};
use crate::words::Words;

/// Opens the dashboard on the account of the current profile.
pub(super) async fn run(globals: &Globals, config: &Config) -> Result<Exit, Failure> {
    terminal()?;
    let settings = settings(globals, config)?;
    let session = connect::session(globals, config).await?;
    let filter = connect::filter(globals, config, &session).await?;
    let account = config.account(&session.scope.account);
    let settings = Settings {
        title: account.name.or_else(|| session.profile()),
        read_only: settings.read_only || account.read_only,
        aim: Some(Aim {
            profile: session.profile(),
            endpoint: session.endpoint().map(str::to_owned),
        }),
        ..settings
    };
    let cache = config::cache_dir().map(|directory| Cache::new(&directory, &session.scope, session.endpoint()));
    let clock = session.clock().unwrap_or(Clock::System);
    let right = MayWrite::unless(settings.read_only);
    let start = async {
        Ok(Start {
            context: DlqContext::new(session.clone(), right, account.production),
            pace: Pace::of(&session),
            session,
            filter,
            cache,
        })
    };
    show(clock, settings, config.lines(), None, start).await
}

/// What the pollers need to start.
pub(super) struct Start {
    /// Access to dead-letter queues.
    pub(super) context: DlqContext,
    /// The connection.
    pub(super) session: Session,
    /// The part of the account to show.
    pub(super) filter: ScopeFilter,
    /// The polling intervals.
    pub(super) pace: Pace,
    /// The chain known from an earlier session.
    pub(super) cache: Option<Cache>,
}

/// Checks that stdin and stdout are terminals.
pub(super) fn terminal() -> Result<(), Failure> {
    if has_terminal() {
        return Ok(());
    }
    let why = "The dashboard needs a terminal. For a pipe or a file, use `pitagora graph` or `pitagora status`.";
    Err(Failure::usage(why))
}

/// Whether stdin and stdout are terminals.
pub(super) fn has_terminal() -> bool {
    std::io::stdout().is_terminal() && std::io::stdin().is_terminal()
}

/// The dashboard's settings from options, configuration and environment.
pub(super) fn settings(globals: &Globals, config: &Config) -> Result<Settings, Failure> {
    let named = config.keys();
    let keys = named
        .clone()
        .or_else(|| config::keys_file().filter(|path| path.exists()));
    let keys = match keys {
        Some(path) => match std::fs::read_to_string(&path) {
            Ok(text) => Some((text, path)),
            Err(error) => {
                let why = Wrong::KeysUnread {
                    path: path.display().to_string(),
                    why: error.to_string(),
                };
                return Err(match named {
                    Some(_) => Failure::usage(config.wrong_keys(why)),
                    None => Failure::usage(format_args!("{}.", Words::utc().say(&why.into()))),
                });
            }
        },
        None => None,
    };
    let scope = connect::scope_words(globals, config);
    let base = Settings::from_env();
    let settings = Settings {
        theme: chosen::theme(globals, config).value,
        themes_dir: config::theme_dir(),
        keys,
        charset: chosen::charset(config, &environment).value,
        mouse: chosen::mouse(config).value,
        read_only: globals.read_only,
        zone: chosen::zone(config).value,
        hidden: config.hidden(),
        scope,
        reports: config::state_dir().unwrap_or(base.reports),
        ..base
    };
    match ui::check(&settings) {
        Ok(()) => Ok(settings),
        // An error inside a theme file names its own file and line.
        Err(ui::SetupError::Theme(ui::ThemeError::Unusable(why @ Wrong::NoTheme { .. })))
            if globals.theme.is_none() && config.theme().is_some() =>
        {
            Err(Failure::usage(config.wrong_theme(why)))
        }
        Err(error) => Err(Failure::usage(format_args!("{error}."))),
    }
}

/// Opens the screen at once, starts the pollers as soon as they can start, and runs until the user quits. Keeps at most
/// `lines` bytes of log lines.
pub(super) async fn show(
    clock: Clock,
    settings: Settings,
    lines: usize,
    demo: Option<ui::DemoHandle>,
    start: impl Future<Output = Result<Start, Failure>>,
) -> Result<Exit, Failure> {
    let (sender, observations) = mpsc::channel(4_096);
    let (publish, snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let (attend, interest) = watch::channel(Interest::default());
    let store = Store::new().keeping_lines(lines);
    tokio::spawn(driver::drive(store, observations, publish, clock.clone()));
    let (command, commands) = mpsc::channel(16);
    let (lay_out, lying) = watch::channel(Arc::new(DlqState::default()));
    let (hand, handed) = oneshot::channel();
    let stop = CancellationToken::new();
    let (seen, stopped) = (snapshots.clone(), stop.clone());
    let handle = DlqHandle {
        commands: command,
        state: lying.clone(),
    };
    let signals = signals::of_screen(|ending| {
        end_at_once(
            ending,
            "ended at once: messages still in flight become visible again by themselves within minutes.",
        );
    });
    let signals = signals.map_err(|error| Failure::usage(format_args!("Could not handle signals ({error}).")))?;
    ui::tell_panics(settings.reports.clone());
    let watching = async {
        let Start {
            context,
            session,
            filter,
            pace,
            cache,
        } = start.await?;
        let attending = tokio::spawn(dlq::task::attend(context, seen, commands, lay_out, stopped));
        // The receiver is dropped only after the screen has ended, when nothing was started.
        let _ = hand.send(attending);
        Watch::new(session, clock.clone(), filter, pace, interest, sender)
            .with_cache(cache)
            .run(POLLERS)
            .await;
        Ok(())
    };
    let ended = tokio::select! {
        ended = ui::run((snapshots, attend), signals, clock.clone(), settings, Some(handle), demo) => ended.map_err(Failure::usage),
        ended = watching => ended.map(|()| ui::ExitReason::Closed),
    };
    stop.cancel();
    // The terminal may be gone, or take nothing: what is told goes to it.
    console::hurry();
    if let Ok(attending) = handed.await {
        clear_the_desk(attending, &lying).await;
    }
    ended.map(exit)
}

/// The exit code for a reason: a signal shows in it.
fn exit(reason: ui::ExitReason) -> Exit {
    match reason {
        ui::ExitReason::Quit => Exit::Done,
        ui::ExitReason::Signal(ending) => Exit::by(ending),
        // A closed terminal counts as a hangup, whichever of the two is noticed first.
        ui::ExitReason::Closed => Exit::by(Ending::HangUp),
    }
}

/// Longest wait for work in progress after the screen has ended. Wall time.
const LAST_WAIT: Duration = Duration::from_secs(30);

/// Waits until messages in hand are visible again and a running redrive has finished its sends.
async fn clear_the_desk(attending: JoinHandle<()>, desk: &watch::Receiver<Arc<DlqState>>) {
    let run = |desk: &DlqState| desk.run.clone().filter(|run| !run.over);
    let before = Arc::clone(&desk.borrow());
    if before.reading.is_some() {
        tell("making messages visible again.");
    }
    if run(&before).is_some() {
        tell("finishing messages in progress; nothing new is sent.");
    }
    if tokio::time::timeout(LAST_WAIT, attending).await.is_err() {
        tell("that takes too long: messages still in flight become visible again by themselves within minutes.");
    }
    let own = run(&before).filter(|run| !run.is_sqs()).and_then(|run| run.own);
    let Some(own) = own else { return };
    let after = desk.borrow().run.clone().and_then(|run| run.own?.summary);
    let journal = own.journal.display();
    let stayed = after.as_ref().map_or_else(
        || "the redrive did not finish".to_owned(),
        |summary| format!("{} of {} redriven", summary.deleted, summary.chosen),
    );
    tell(&if after.is_some_and(|summary| summary.is_complete()) {
        format!("{stayed}; journal: {journal}")
    } else {
        format!("{stayed}; continue with `pitagora dlq redrive --resume {journal}`.")
    });
}

fn tell(text: &str) {
    console::say(plain(text));
}
