//! Confirmation before anything is sent.

use std::io::{BufRead as _, IsTerminal as _};

use tokio::sync::oneshot;

use super::super::super::console;
use super::super::super::failure::Failure;
use super::Redrive;
use crate::config::Account;
use crate::dlq::DlqService;
use crate::dlq::plan::MANY;
use crate::domain::text::plain;

/// Checks the value of `--yes`: a production account must be named, by its name or number, and another account is refused.
pub(super) fn allowed(args: &Redrive, number: &str, account: &Account) -> Result<(), Failure> {
    let Some(said) = args.yes.as_deref().filter(|_| !args.dry_run) else {
        return Ok(());
    };
    let name = account.name.as_deref();
    if said == number || name == Some(said) && !said.is_empty() {
        return Ok(());
    }
    let is = match name {
        Some(name) => format!("{name} ({number})"),
        None => number.to_owned(),
    };
    let named = name.unwrap_or(number);
    if !said.is_empty() {
        let why = format_args!("--yes={said} names another account: this is {is}. Nothing was sent.");
        return Err(Failure::usage(why));
    }
    if account.production {
        return Err(Failure::usage(format_args!(
            "Account {is} is marked as production: name it, as in --yes={named}. Nothing was sent."
        )));
    }
    Ok(())
}

/// Asks for confirmation where the plan demands it. Without a terminal, `--yes` is required. `chosen` counts the messages of the
/// whole redrive, `messages` those that are still in the queue.
pub(super) async fn confirm(
    service: &DlqService,
    args: &Redrive,
    against: bool,
    (queue, messages, chosen): (&str, u64, u64),
) -> Result<(), Failure> {
    if args.says_yes() {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "Could not ask for confirmation: stdin is not a terminal. Use --yes to redrive, or --dry-run to preview.",
        ));
    }
    let (queue, production) = (plain(queue).into_owned(), service.is_production());
    if !production && !against && chosen <= MANY as u64 {
        return Ok(());
    }
    let why = match (production, against) {
        (_, true) => " The cause is not known to be fixed.",
        (true, false) => " This is a production account.",
        (false, false) => "",
    };
    console::ask(format_args!(
        "Redrive {messages} messages of {queue}?{why} Type the queue's name to confirm: "
    ));
    let said = tokio::select! {
        said = answer() => said,
        () = service.stopped() => return Err(stopped(messages)),
    };
    if said.is_some_and(|answer| answer == queue) {
        return Ok(());
    }
    Err(Failure::usage(
        "Not confirmed: that is not the queue's name. Nothing was sent.",
    ))
}

/// The failure for a redrive that was stopped before anything was sent.
pub(super) fn stopped(messages: u64) -> Failure {
    Failure::partly(format_args!(
        "Stopped: nothing was sent, {messages} messages stay in the queue."
    ))
}

/// Asks whether to send the rest after the canary.
pub(super) async fn go_on(question: String) -> bool {
    console::ask(format_args!("{question} [y/N] "));
    matches!(answer().await.as_deref(), Some("y" | "Y" | "yes"))
}

async fn answer() -> Option<String> {
    let (say, said) = oneshot::channel();
    // Not a thread of the runtime, which could not shut down while it waits for a line that may never come.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        // Nobody waits for the answer after a stop.
        let _ = say.send(read.map(|_| line));
    });
    let line = said.await.ok()?.ok()?;
    Some(line.trim().to_owned())
}
