//! `pitagora journey ID`: where an event went, hop by hop, and how each link is known.

mod json;
mod text;

use std::ops::ControlFlow;

use clap::Args;
use jiff::SignedDuration;

use super::connect::scope_words;
use super::failure::{Exit, Failure};
use super::headless::{Attention, Looked, Need, attend, matched};
use super::retries::unread_since;
use super::{Format, Globals, console};
use crate::config::Config;
use crate::dlq::queues::dead_letter_queues;
use crate::domain::Unknown;
use crate::domain::duration::duration;
use crate::domain::text::plain_json;
use crate::journey::{Held, Journey, Keys, follow};
use crate::pollers::Want;
use crate::store::Snapshot;

/// Options of `pitagora journey`.
#[derive(Args, Debug)]
pub(super) struct Asked {
    /// A request ID, a message ID, a trace, an object's key, or any text that log lines hold
    #[arg(value_name = "ID", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    id: String,
    /// How far back to read logs (90s, 15m, 2h, 1d)
    #[arg(long, default_value = "1h", value_name = "TIME", value_parser = duration)]
    since: SignedDuration,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What was not looked through.
#[derive(Debug, Default)]
pub(super) struct Unsearched {
    /// Dead-letter queues: reading one counts as a receive.
    dead_letter_queues: usize,
    /// Lines that were let go to make room.
    dropped: u64,
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, asked: Asked) -> Result<Exit, Failure> {
    let keys = Keys::new(&config.journey.keys()).map_err(Failure::usage)?;
    let snapshot = read(globals, config, asked.since).await?;
    let journey = found(&snapshot, &keys, &asked.id);
    let unsearched = Unsearched::of(&snapshot);
    let unread = unread_since(&snapshot, asked.since);
    let unknown: Vec<&Unknown> = snapshot.unknown().into_iter().chain(&unread).collect();
    let printed = match asked.format {
        Format::Json => plain_json(&format!(
            "{:#}\n",
            json::document(&snapshot, &journey, (asked.since, &unsearched), &unknown)
        )),
        Format::Text => text::whole(&snapshot, &journey, asked.since, &unsearched),
    };
    console::print("the journey", &printed)?;
    console::say_unknown(&unknown);
    // What was not found may be where nobody looked.
    let in_vain = journey.hops.is_empty() && unsearched.is_some();
    Ok(Exit::partly_if(!unknown.is_empty() || in_vain))
}

/// Reads the chain and the logs of all functions, as far back as this.
pub(super) async fn read(globals: &Globals, config: &Config, since: SignedDuration) -> Result<Looked, Failure> {
    let attention = Attention::Logs { since, endless: false };
    let want = if scope_words(globals, config).is_empty() {
        Want::Everything
    } else {
        Want::Functions
    };
    let until_known = |_: &Snapshot, known: bool| {
        if known {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let snapshot = attend(globals, config, (Need::Deliveries, want), attention, until_known).await?;
    matched(&snapshot, globals, config)?;
    Ok(snapshot)
}

/// What is held in a snapshot, to look for journeys in.
pub(super) fn held<'a>(snapshot: &'a Snapshot, keys: &'a Keys) -> Held<'a> {
    Held {
        now: snapshot.as_of.unwrap_or_default(),
        logs: &snapshot.logs,
        runs: &snapshot.invocations,
        deliveries: &snapshot.deliveries.deliveries,
        letters: &[],
        nodes: &snapshot.topology.nodes,
        edges: &snapshot.topology.edges,
        keys,
    }
}

fn found(snapshot: &Snapshot, keys: &Keys, id: &str) -> Journey {
    follow(&held(snapshot, keys), id)
}

impl Unsearched {
    fn of(snapshot: &Snapshot) -> Self {
        let queues = dead_letter_queues(snapshot).len();
        Self {
            dead_letter_queues: queues,
            dropped: snapshot.logs.dropped(),
        }
    }

    fn is_some(&self) -> bool {
        self.dead_letter_queues > 0 || self.dropped > 0
    }
}
