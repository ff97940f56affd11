//! `pitagora dlq export`: letters to a file of JSON lines, whole or not at all.

use std::path::Path;

use super::super::failure::{Exit, Failure};
use super::super::{Globals, console};
use super::Which;
use super::read::read;
use crate::config::Config;
use crate::dlq::{DlqError, export};
use crate::domain::text::plain;

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, which: &Which, to: &Path) -> Result<Exit, Failure> {
    // Said before anything is received: an export may be the only copy of what is in it.
    if std::fs::metadata(to).is_ok_and(|file| file.len() > 0) {
        return Err(DlqError::Exists(to.to_owned()).into());
    }
    let read = Box::pin(read(globals, config, which)).await?;
    export::write(read.chosen(), to)?;
    console::say(format_args!(
        "wrote {} of {} letters of {} to {}.",
        read.chosen().len(),
        read.all.entries.len(),
        plain(&read.all.queue.name),
        to.display()
    ));
    Ok(Exit::partly_if(read.is_partial()))
}
