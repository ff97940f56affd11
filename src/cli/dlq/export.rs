//! `pitagora dlq export`: writes dead letters to a file of JSON lines, completely or not at all.

use std::path::Path;

use super::super::failure::{Exit, Failure};
use super::super::{Globals, console};
use super::Which;
use super::read::read;
use crate::config::Config;
use crate::dlq::export;
use crate::domain::text::plain;

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, which: &Which, to: &Path) -> Result<Exit, Failure> {
    export::target(to)?;
    let read = Box::pin(read(globals, config, which)).await?;
    export::write(read.chosen(), to)?;
    console::say(format_args!(
        "exported {} of {} messages of {} to {}.",
        read.chosen().len(),
        read.all.entries.len(),
        plain(&read.all.queue.name),
        to.display()
    ));
    Ok(Exit::partly_if(read.is_partial()))
}
