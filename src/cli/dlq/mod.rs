//! `pitagora dlq`: dead letters without a screen.

mod export;
mod feeders;
mod list;
mod read;
mod redrive;
mod show;
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
    /// Print the dead-letter queues, who feeds them and when messages are gone; receives nothing
    List {
        /// How
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Read the dead letters of a queue once, give them back, and print them grouped by fault
    Show {
        #[command(flatten)]
        which: Which,
        /// How
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Print the bodies too
        #[arg(long, value_enum, value_name = "HOW")]
        body: Option<Body>,
    },
    /// Read the dead letters of a queue once, give them back, and write them to a file of JSON lines
    Export {
        #[command(flatten)]
        which: Which,
        /// The file; only its owner can read it
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Put dead letters back to where they come from, or elsewhere, without losing one
    Redrive(Box<redrive::Redrive>),
}

/// Which letters.
#[derive(Clone, Debug, Args)]
pub(super) struct Which {
    /// Name, URL or ARN of the queue
    #[arg(value_name = "QUEUE")]
    pub(super) queue: String,
    /// Read at most so many messages
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX, value_parser = max)]
    pub(super) max: usize,
    /// Only letters on which this jq expression holds: `.body.id == 7`, `.error | contains("price")`
    #[arg(long = "where", value_name = "JQ")]
    pub(super) expression: Option<String>,
    /// Only letters that have this text somewhere
    #[arg(long, value_name = "TEXT")]
    pub(super) grep: Option<String>,
    /// Read a queue that moves messages on, that somebody consumes, or that is no dead-letter queue
    #[arg(long)]
    pub(super) read_anyway: bool,
}

/// How a body is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Body {
    /// Its layers, unpacked and indented
    Pretty,
    /// As it came
    Raw,
    /// Its bytes
    Hex,
}

/// A `--max` that is no number of messages that may be in flight.
#[derive(Debug, thiserror::Error)]
#[error("a number from 1 to {MOST} (what may be in flight)")]
struct InvalidMax;

fn max(text: &str) -> Result<usize, InvalidMax> {
    match text.parse::<usize>() {
        Ok(n) if (1..=MOST).contains(&n) => Ok(n),
        _ => Err(InvalidMax),
    }
}

/// Runs one of them.
pub(super) async fn run(globals: &Globals, config: &Config, which: Dlq) -> Result<Exit, Failure> {
    match which {
        Dlq::List { format } => list::run(globals, config, format).await,
        Dlq::Show { which, format, body } => show::run(globals, config, &which, format, body).await,
        Dlq::Redrive(args) => redrive::run(globals, config, &args).await,
        Dlq::Export { which, to } => export::run(globals, config, &which, &to).await,
    }
}
