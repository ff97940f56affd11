//! `pitagora dlq`: dead-letter queues on the command line.

mod export;
mod feeders;
mod list;
mod read;
mod redrive;
mod show;
mod sift;
mod signals;
mod told;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::failure::{Exit, Failure};
use super::{Format, Globals};
use crate::config::Config;
use crate::dead_letters::peek::{DEFAULT_MAX, MOST};

/// The subcommands of `dlq`.
#[derive(Debug, Subcommand)]
pub(super) enum Dlq {
    /// List the dead-letter queues, their sources and when messages expire; receives nothing
    List {
        /// Output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Read the messages of a queue once, make them visible again, and print them by error
    Show {
        #[command(flatten)]
        which: Which,
        /// Output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Print the bodies as well
        #[arg(long, value_enum, value_name = "HOW")]
        body: Option<Body>,
    },
    /// Read the messages of a queue once, make them visible again, and write them to a file (JSON lines)
    Export {
        #[command(flatten)]
        which: Which,
        /// File to create, readable by its owner only
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Redrive messages to their source or to another target, without losing any
    Redrive(Box<redrive::Redrive>),
}

/// Which messages to read.
#[derive(Clone, Debug, Args)]
pub(super) struct Which {
    /// Name, URL or ARN of the queue
    #[arg(value_name = "QUEUE")]
    pub(super) queue: String,
    /// Read at most this many messages
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX, value_parser = max)]
    pub(super) max: usize,
    /// Only messages for which this jq expression is true: `.body.id == 7`, `.error | contains("price")`
    #[arg(long = "where", value_name = "JQ")]
    pub(super) expression: Option<String>,
    /// Only messages that contain this text
    #[arg(long, value_name = "TEXT")]
    pub(super) grep: Option<String>,
    /// Read the queue even if it has a redrive policy or a consumer, or is not a dead-letter queue
    #[arg(long)]
    pub(super) read_anyway: bool,
    /// Do not wait for messages in flight at another consumer
    #[arg(long)]
    pub(super) no_wait: bool,
}

/// Formats of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Body {
    /// Decoded layer by layer, indented
    Pretty,
    /// As received
    Raw,
    /// Hexadecimal dump
    Hex,
}

/// An invalid `--max`.
#[derive(Debug, thiserror::Error)]
#[error("expected a number from 1 to {MOST} (the most messages SQS keeps in flight)")]
struct InvalidMax;

fn max(text: &str) -> Result<usize, InvalidMax> {
    match text.parse::<usize>() {
        Ok(n) if (1..=MOST).contains(&n) => Ok(n),
        _ => Err(InvalidMax),
    }
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, which: Dlq) -> Result<Exit, Failure> {
    match which {
        Dlq::List { format } => list::run(globals, config, format).await,
        Dlq::Show { which, format, body } => show::run(globals, config, &which, format, body).await,
        Dlq::Redrive(args) => redrive::run(globals, config, &args).await,
        Dlq::Export { which, to } => export::run(globals, config, &which, &to).await,
    }
}
