//! `pitagora dlq redrive`: redrives dead letters.

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
use crate::dlq::run::Resumed;
use crate::dlq::{DlqContext, DlqService};
use crate::domain::MayWrite;
use crate::domain::duration::{InvalidDuration, duration};
use crate::pollers::Want;
use crate::redrive::record::Header;
use crate::redrive::settings::{OnUnknown, Settings};

/// Options of `dlq redrive`.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of the command line")]
pub(in crate::cli) struct Redrive {
    /// Name, URL or ARN of the queue
    #[arg(value_name = "QUEUE", required_unless_present = "resume")]
    queue: Option<String>,
    /// Target: `origin` (each message to its source), a queue's name or ARN, or a function's ARN
    #[arg(long, value_name = "WHERE", default_value = "origin")]
    to: String,
    /// Only messages for which this jq expression is true: `.body.id == 7`, `.error | contains("price")`
    #[arg(long = "where", value_name = "JQ")]
    expression: Option<String>,
    /// Who moves the messages
    #[arg(long, value_enum, default_value_t = Asked::Auto)]
    engine: Asked,
    /// Send at most this many messages per second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Send this many messages first, by the client engine. The rest waits for your confirmation, or with --yes for a
    /// successful invocation of their target [default: 1]
    #[arg(long, value_name = "N")]
    canary: Option<usize>,
    /// Send no canary: send all messages at once, without waiting for an invocation
    #[arg(long, conflicts_with = "canary")]
    no_canary: bool,
    #[command(flatten)]
    journaling: Journaling,
    /// Stop once this share of the target's new invocations fails, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    stop_at: f64,
    /// Watch the queue this long afterwards, such as 90s or 5m, and count messages that come back
    #[arg(long, value_name = "DURATION", value_parser = watch_for)]
    watch: Option<std::time::Duration>,
    #[command(flatten)]
    anyway: Anyway,
    /// Do not wait for messages in flight at another consumer
    #[arg(long)]
    no_wait: bool,
    /// Print the plan, message by message, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask. A production account must be named, by its name or number: --yes=ACCOUNT. The check whether the cause is
    /// fixed must pass: if it fails or something cannot be read, nothing is sent and the exit code is 3. The canary must
    /// succeed: the rest is sent once an invocation of its target has succeeded; if one fails or none is seen in time, the
    /// rest stays and the exit code is 3
    #[arg(long, value_name = "ACCOUNT", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    yes: Option<String>,
    /// Redrive even if the check fails or cannot be made. The canary is still sent first and must succeed, unless
    /// --no-canary is given
    #[arg(long)]
    ignore_check: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Journal options.
#[derive(Clone, Debug, Args)]
struct Journaling {
    /// Journal file [default: a new one in the data directory]
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    journal: Option<PathBuf>,
    /// Resume the redrive of this journal
    #[arg(long, value_name = "JOURNAL", conflicts_with_all = ["queue", "expression", "engine", "dry_run"])]
    resume: Option<PathBuf>,
    /// What to do with messages that may have been sent already [default: resend, or as in the journal]
    #[arg(long, value_enum, value_name = "WHAT")]
    unknown: Option<Unknown>,
}

/// Options that override a refusal.
#[derive(Clone, Copy, Debug, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the options")]
struct Anyway {
    /// Read the queue even if it has a redrive policy or a consumer, or is not a dead-letter queue
    #[arg(long)]
    read_anyway: bool,
    /// Let SQS move the queue (--engine move-task) even if journals list some of its messages as sent: they are sent again
    #[arg(long)]
    move_again: bool,
    /// Invoke functions even if an event that fails again would be lost, or if invocations are switched off
    #[arg(long)]
    invoke_anyway: bool,
}

/// Who moves the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Asked {
    /// Client, or move-task where possible if there are more messages than SQS keeps in flight
    Auto,
    /// SQS itself moves the whole queue (`StartMessageMoveTask`); only the canary is in the journal
    MoveTask,
    /// Pitagora moves message by message, with a journal
    Client,
}

impl Redrive {
    /// What to survey: the queue and its target, as the command line names them or, for a redrive that is resumed, its
    /// journal.
    fn want(&self, resumed: Option<&Header>) -> Want {
        if let Some(header) = resumed {
            let to = header.ways.iter().map(|way| way.target.arn().to_owned());
            return Want::Named(to.chain([header.queue.to_string()]).collect());
        }
        let to = (self.to != "origin").then(|| self.to.clone());
        Want::Named(to.into_iter().chain(self.queue.clone()).collect())
    }

    /// Number of canary messages.
    fn canary(&self, usual: &Settings) -> usize {
        match self.canary {
            Some(n) => n,
            None if self.no_canary => 0,
            None => usual.canary.max(1),
        }
    }

    /// Whether no confirmation is asked.
    fn says_yes(&self) -> bool {
        self.yes.is_some()
    }

    /// Whether the canary must prove that the cause is fixed, because nobody watches.
    fn proves(&self) -> bool {
        self.says_yes() && !self.no_canary && self.canary != Some(0)
    }
}

/// What to do with messages that may have been sent already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Unknown {
    /// Send them again: they may arrive twice
    Resend,
    /// Leave them in the queue and name them
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

/// Parses `--watch`.
fn watch_for(text: &str) -> Result<std::time::Duration, InvalidDuration> {
    duration(text).map(SignedDuration::unsigned_abs)
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, args: &Redrive) -> Result<Exit, Failure> {
    if !(0.0..=1.0).contains(&args.stop_at) {
        return Err(Failure::usage(
            "Invalid --stop-at: expected a share from 0 to 1, such as 0.5.",
        ));
    }
    let session = connect::session(globals, config).await?;
    let account = config.account(&session.scope.account);
    confirm::allowed(args, &session.scope.account, &account)?;
    let right = MayWrite::unless(globals.read_only || account.read_only);
    let (service, mut events) = DlqService::new(DlqContext::new(session, right, account.production));
    service.right().map_err(Failure::usage)?;
    let unknown = args.journaling.unknown.map(Into::into);
    let resume = args.journaling.resume.as_deref();
    let resumed = resume.map(|journal| service.resume(journal, unknown)).transpose()?;
    let want = args.want(resumed.as_ref().map(Resumed::header));
    Box::pin(beside(globals, config, want, async |live| {
        let with = (&service, &mut events);
        match resume.zip(resumed) {
            Some(resumed) => Box::pin(resume::run(with, args, live, resumed)).await,
            None => Box::pin(start::run(with, args, live)).await,
        }
    }))
    .await
}
