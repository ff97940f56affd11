//! `pitagora dlq export`: letters to a file of JSON lines, whole or not at all.

use std::path::Path;

use super::super::failure::{Exit, Failure};
use super::super::{Globals, console};
use super::Which;
use super::read::read;
use crate::config::Config;
use crate::dead_letters::export::exported;
use crate::domain::text::plain;
use crate::redrive::atomic_file::write_atomic;

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, which: &Which, to: &Path) -> Result<Exit, Failure> {
    // Said before anything is received: an export may be the only copy of what is in it.
    if std::fs::metadata(to).is_ok_and(|file| file.len() > 0) {
        return Err(Failure::usage(format_args!(
            "{} is there already and is not written over: choose another file.",
            to.display()
        )));
    }
    let read = Box::pin(read(globals, config, which)).await?;
    let written = write_atomic(to, |file| {
        for entry in read.chosen.iter().filter_map(|place| read.entries.get(*place)) {
            serde_json::to_writer(&mut *file, &exported(entry))?;
            file.write_all(b"\n")?;
        }
        Ok(())
    });
    if let Err(error) = written {
        return Err(Failure::usage(format_args!(
            "The letters could not be written to {} ({error}): nothing was.",
            to.display()
        )));
    }
    console::say(format_args!(
        "wrote {} of {} letters of {} to {}.",
        read.chosen.len(),
        read.entries.len(),
        plain(&read.queue.name),
        to.display()
    ));
    Ok(Exit::partly_if(read.is_partial()))
}
