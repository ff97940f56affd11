//! A person's word before it matters.

use std::io::{BufRead as _, IsTerminal as _};

use tokio::sync::oneshot;

use super::super::super::console;
use super::super::super::failure::Failure;
use super::Redrive;
use crate::dlq::DlqService;
use crate::dlq::plan::MANY;
use crate::domain::text::plain;

/// Asks where it matters; without a terminal it must have been said with `--yes`.
pub(super) async fn confirm(
    service: &DlqService,
    args: &Redrive,
    against: bool,
    (queue, messages): (&str, u64),
) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "There is no terminal to ask on: say --yes to go ahead, or --dry-run to see what would happen.",
        ));
    }
    let (queue, production) = (plain(queue).into_owned(), service.is_production());
    if !production && !against && messages <= MANY as u64 {
        return Ok(());
    }
    let why = match (production, against) {
        (_, true) => " The check says that the cause is not known to be fixed.",
        (true, false) => " This account is marked as production.",
        (false, false) => "",
    };
    console::ask(format_args!(
        "{messages} messages leave {queue}.{why} Type the queue's name to go ahead: "
    ));
    let said = tokio::select! {
        said = answer() => said,
        () = service.stopped() => return Err(stopped(messages)),
    };
    if said.is_some_and(|answer| answer == queue) {
        return Ok(());
    }
    Err(Failure::usage("That was not the queue's name: nothing was sent."))
}

/// It was stopped before anything was sent.
pub(super) fn stopped(messages: u64) -> Failure {
    Failure::partly(format_args!(
        "Stopped: nothing was sent; {messages} messages stay where they are."
    ))
}

/// Whether the rest may follow the canary.
pub(super) async fn go_on(question: String) -> bool {
    console::ask(format_args!("{question} [y/N] "));
    matches!(answer().await.as_deref(), Some("y" | "Y" | "yes"))
}

async fn answer() -> Option<String> {
    let (say, said) = oneshot::channel();
    // A thread of its own: the runtime would not end before one of its own had read a line that may never come.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        // Nobody waits any more where it was stopped.
        let _ = say.send(read.map(|_| line));
    });
    let line = said.await.ok()?.ok()?;
    Some(line.trim().to_owned())
}
