//! `pitagora dlq redrive`: puts dead letters back.

mod attend;
mod begin;
mod check;
mod confirm;
mod earliest_return;
mod output;
mod prepare;
mod resume;
mod start;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::SignedDuration;

use super::super::failure::{Exit, Failure};
use super::super::headless::beside;
use super::super::{Format, Globals, connect};
use crate::config::Config;
use crate::dlq::{DlqContext, DlqService};
use crate::domain::MayWrite;
use crate::domain::duration::{InvalidDuration, duration};
use crate::pollers::Want;
use crate::redrive::settings::{OnUnknown, Settings};

/// What `dlq redrive` takes.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of the command line")]
pub(in crate::cli) struct Redrive {
    /// Name, URL or ARN of the queue
    #[arg(value_name = "QUEUE", required_unless_present = "resume")]
    queue: Option<String>,
    /// Where to: `origin` (each to where it comes from), a queue's name or ARN, or a function's ARN
    #[arg(long, value_name = "WHERE", default_value = "origin")]
    to: String,
    /// Only letters on which this jq expression holds: `.body.id == 7`, `.error | contains("price")`
    #[arg(long = "where", value_name = "JQ")]
    expression: Option<String>,
    /// Who moves the messages
    #[arg(long, value_enum, default_value_t = Asked::Auto)]
    engine: Asked,
    /// Messages a second at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// So many messages go first, by the client engine. The rest waits for your word; with --yes, until an invocation of
    /// their target has succeeded [default: 1]
    #[arg(long, value_name = "N")]
    canary: Option<usize>,
    /// Send no canary: all messages go at once, and no invocation is waited for
    #[arg(long, conflicts_with = "canary")]
    no_canary: bool,
    #[command(flatten)]
    journaling: Journaling,
    /// The rest stays once this share of the target's new runs fails, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    stop_at: f64,
    /// Stay so long after the end, such as 90s or 5m, and count what bounces back
    #[arg(long, value_name = "DURATION", value_parser = watch_for)]
    watch: Option<std::time::Duration>,
    #[command(flatten)]
    anyway: Anyway,
    /// Say what would happen, message by message, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Ask nothing. The canary proves the fix by itself: the rest follows once an invocation of its target has succeeded; if
    /// none does, or one fails, the rest stays and the exit code is 3 (--no-canary waives it). The check whether the cause is
    /// fixed must pass: if it fails, or could not be made (something cannot be read), nothing is sent and the exit code is 3
    #[arg(long)]
    yes: bool,
    /// Redrive although the check failed or could not be made. The canary still goes first and must succeed: --no-canary
    /// waives that, too
    #[arg(long)]
    ignore_check: bool,
    /// How the outcome is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Where a run is written down, and which one is gone on with.
#[derive(Clone, Debug, Args)]
struct Journaling {
    /// The journal's file [default: a new one in the data directory]
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    journal: Option<PathBuf>,
    /// Go on with the run of this journal
    #[arg(long, value_name = "JOURNAL", conflicts_with_all = ["queue", "expression", "engine", "dry_run"])]
    resume: Option<PathBuf>,
    /// What is done with messages of which nobody knows whether they were sent [default: resend, or as the journal says]
    #[arg(long, value_enum, value_name = "WHAT")]
    unknown: Option<Unknown>,
}

/// What is done although something speaks against it.
#[derive(Clone, Copy, Debug, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the options")]
struct Anyway {
    /// Read a queue that moves messages on, that somebody consumes, or that is no dead-letter queue
    #[arg(long)]
    read_anyway: bool,
    /// Let SQS move the queue (--engine move-task) although journals tell that some of its messages were sent already: they
    /// are sent again
    #[arg(long)]
    move_again: bool,
    /// Invoke functions that keep nothing of an event that fails again, or that may not run
    #[arg(long)]
    invoke_anyway: bool,
}

/// Who is to move the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Asked {
    /// This program; SQS itself only where there are more messages than may be in flight, and where it can
    Auto,
    /// SQS itself (`StartMessageMoveTask`): the whole queue. Only the canary is journaled
    MoveTask,
    /// This program, message by message, with a journal
    Client,
}

impl Redrive {
    /// What is surveyed: the queue and where its messages go. A journal names both only once it is read.
    fn want(&self) -> Want {
        let to = (self.to != "origin").then(|| self.to.clone());
        match &self.queue {
            Some(queue) if self.journaling.resume.is_none() => {
                Want::Named(to.into_iter().chain([queue.clone()]).collect())
            }
            _ => Want::Everything,
        }
    }

    /// Messages that go first, where more follow.
    fn canary(&self, usual: &Settings) -> usize {
        match self.canary {
            Some(n) => n,
            None if self.no_canary => 0,
            None => usual.canary.max(1),
        }
    }

    /// Whether what goes first, or alone, proves by itself that the cause is fixed: nobody watches.
    fn proves(&self) -> bool {
        self.yes && !self.no_canary && self.canary != Some(0)
    }
}

/// What is done with messages of which nobody knows whether they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Unknown {
    /// They are sent again, and may be there twice
    Resend,
    /// They stay, and are named
    Leave,
}

impl From<Unknown> for OnUnknown {
    fn from(asked: Unknown) -> Self {
        match asked {
            Unknown::Resend => Self::Resend,
            Unknown::Leave => Self::Leave,
        }
    }
}

/// How long to watch.
fn watch_for(text: &str) -> Result<std::time::Duration, InvalidDuration> {
    duration(text).map(SignedDuration::unsigned_abs)
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, args: &Redrive) -> Result<Exit, Failure> {
    if !(0.0..=1.0).contains(&args.stop_at) {
        return Err(Failure::usage("--stop-at is a share from 0 to 1, such as 0.5."));
    }
    let session = connect::session(globals, config).await?;
    let account = config.account(&session.scope.account);
    let right = MayWrite::unless(globals.read_only || account.read_only);
    let (service, mut events) = DlqService::new(DlqContext::new(session, right, account.production));
    service.right().map_err(Failure::usage)?;
    Box::pin(beside(globals, config, args.want(), async |live| {
        let with = (&service, &mut events);
        match &args.journaling.resume {
            Some(journal) => Box::pin(resume::run(with, args, live, journal)).await,
            None => Box::pin(start::run(with, args, live)).await,
        }
    }))
    .await
}
