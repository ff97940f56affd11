//! Prints the events of work on dead letters on stderr.

use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

use super::super::console;
use super::super::failure::Failure;
use super::read::say_phrase;
use crate::dead_letters::peek::{End, hidden_s};
use crate::dead_letters::read_guard::notice;
use crate::dead_letters::words::Guard;
use crate::dlq::{DlqContents, DlqError, DlqEvent};
use crate::domain::MoveTask;
use crate::domain::text::plain;
use crate::redrive::progress::Progress;

impl From<DlqError> for Failure {
    fn from(error: DlqError) -> Self {
        let why = match &error {
            DlqError::Guarded { against } => {
                let against = against.clone();
                say_phrase(&Guard::ReadAnyway { against }.into())
            }
            DlqError::NoHome => "No home directory for the journal: name a file with --journal.".to_owned(),
            error => error.to_string(),
        };
        let why = plain(&why);
        match error {
            DlqError::Unread { .. } | DlqError::AttributesUnread { .. } => Self::no_connection(why),
            DlqError::MoveUnread { .. } | DlqError::MoveUnnamed => Self::partly(why),
            _ => Self::usage(why),
        }
    }
}

/// Events of the work in progress.
pub(super) type Events = UnboundedReceiver<DlqEvent>;

/// Runs `work` and prints its events meanwhile.
pub(super) async fn heard<T>(events: &mut Events, work: impl Future<Output = T>, mut say: impl FnMut(DlqEvent)) -> T {
    let mut work = pin!(work);
    let done = loop {
        tokio::select! {
            biased;
            Some(event) = events.recv() => say(event),
            done = &mut work => break done,
        }
    };
    while let Ok(event) = events.try_recv() {
        say(event);
    }
    console::clear();
    done
}

/// Prints the events of reading at most `max` messages.
pub(super) fn of_reading(max: usize) -> impl FnMut(DlqEvent) {
    move |event| match event {
        DlqEvent::Receiving(queue) => {
            for line in notice(&queue, max, hidden_s(max)) {
                console::say(plain(&say_phrase(&line.into())));
            }
        }
        DlqEvent::Hidden(hidden) => console::say(say_phrase(&hidden.sentence().into())),
        DlqEvent::GivenBack(contents) => given_back(&contents),
        _ => {}
    }
}

fn given_back(read: &DlqContents) {
    let queue = plain(&read.queue.name);
    let (least, most) = read.receive_counts().unwrap_or_default();
    let now = if least == most {
        format!("{} → {least}", least.saturating_sub(1))
    } else {
        format!(
            "{}–{} → {least}–{most}",
            least.saturating_sub(1),
            most.saturating_sub(1)
        )
    };
    match read.entries.len() {
        0 => console::say(format_args!(
            "received no message of {queue} in {} receives.",
            read.receives
        )),
        n => console::say(format_args!(
            "read {n} messages of {queue} in {} receives; receive counts {now}; {} are visible again.",
            read.receives, read.given_back
        )),
    }
    if read.repeated > 0 {
        console::say(format_args!(
            "{} messages were received more than once: each receive counts.",
            read.repeated
        ));
    }
    for left in &read.left {
        console::say(format_args!(
            "could not make message {} visible again ({}): it becomes visible by itself at {}.",
            plain(&left.message_id),
            plain(&left.why),
            left.until
        ));
    }
    match &read.end {
        End::Failed(why) => console::say(format_args!(
            "reading ended early ({}): messages of a receive without a response become visible again within a minute.",
            plain(why)
        )),
        End::Stopped => console::say("stopped: there may be more messages."),
        End::Full => console::say("--max reached: there may be more messages."),
        End::Empty => {}
    }
    let held = read.held_elsewhere();
    if held > 0 {
        console::say(format_args!(
            "about {held} messages of {queue} are in flight at another consumer, perhaps another pitagora: they were not \
            read."
        ));
    }
}

/// Prints the events of a redrive from this queue.
pub(super) fn of_run(queue: &str) -> impl FnMut(DlqEvent) {
    let queue = plain(queue).into_owned();
    let mut began = Instant::now();
    move |event| match event {
        DlqEvent::Progress(now) => console::progress(own(&now)),
        DlqEvent::Proving { alone: false } => {
            console::say("canary sent: the rest is sent once an invocation of its target has succeeded.");
        }
        DlqEvent::Proving { alone: true } => {
            console::say("sent: waiting for an invocation of its target (--no-canary does not wait).");
        }
        DlqEvent::Proved { alone, proof } => match (alone, proof) {
            (false, Ok(proof)) => console::say(format_args!("{}: sending the rest.", proof.words())),
            (false, Err(why)) => console::say(format_args!(
                "the canary did not prove the fix ({why}): the rest stays."
            )),
            (true, Ok(proof)) => console::say(format_args!("{}.", proof.words())),
            (true, Err(why)) => console::say(format_args!("sent, but not proven to be processed: {why}.")),
        },
        DlqEvent::TargetRuns {
            all,
            failed: failed @ 1..,
        } => {
            console::say(format_args!("{failed} of {all} new invocations of the target failed."));
        }
        DlqEvent::MoveStarted => {
            began = Instant::now();
            console::say(format_args!(
                "SQS moves {queue}. Ctrl-C cancels; SQS may move a few more."
            ));
        }
        DlqEvent::Moving(task) => console::progress(sqs(&task, began.elapsed())),
        DlqEvent::Trouble(why) => console::say(plain(&why.to_string())),
        _ => {}
    }
}

fn own(now: &Progress) -> String {
    let rate = now.per_second();
    let rate = if rate > 0.0 {
        format!(", {rate:.0}/s")
    } else {
        String::new()
    };
    let left = now.seconds_left().map_or_else(String::new, |s| format!(", {s} s left"));
    let runs = match now.runs {
        (0, _) => String::new(),
        (all, failed) => format!("; target: {all} invocations, {failed} failed"),
    };
    let trouble = now
        .trouble
        .as_ref()
        .map_or_else(String::new, |why| format!(" ({})", plain(&say_phrase(why))));
    format!(
        "redriving: {} of {} sent, {} deleted{rate}{left}{runs}{trouble}",
        now.sent, now.chosen, now.deleted
    )
}

/// Progress of a move task. AWS (move-tasks): its counts lag, and it does not report the time left.
fn sqs(task: &MoveTask, elapsed: Duration) -> String {
    #[expect(clippy::cast_precision_loss, reason = "an approximate count of messages")]
    let moved = task.moved as f64;
    let rate = moved / elapsed.as_secs_f64().max(1.0);
    let rest = task.to_move.map(|all| all.saturating_sub(task.moved));
    #[expect(clippy::cast_precision_loss, reason = "an approximate count of messages")]
    let left = rest.filter(|_| rate > 0.0).map(|rest| rest as f64 / rate);
    let of = task.to_move.map_or_else(String::new, |all| format!(" of about {all}"));
    let left = left.map_or_else(String::new, |left| format!(", about {left:.0} s left"));
    let stopping = if task.status == "CANCELLING" {
        ", cancelling"
    } else {
        ""
    };
    format!("SQS has moved about {}{of}, {rate:.0}/s{left}{stopping}", task.moved)
}
