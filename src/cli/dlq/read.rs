//! Reads a queue once for a command: says before what reading does, and after what it did.

use std::sync::Arc;

use jiff::Timestamp;

use super::super::failure::Failure;
use super::super::headless::{Need, look};
use super::super::{Globals, connect, console};
use super::signals::stop_on_signals;
use super::{Which, find};
use crate::aws::Session;
use crate::config::{self, Config};
use crate::dead_letters::read_guard::{notice, refusals, sentence};
use crate::dead_letters::run_history::NoHistory;
use crate::dead_letters::{DeadLetter, DeadLetterQueue, Filter, dead_letter};
use crate::dlq::peek::{End, Reading, Scan, SqsMailbox, drive, hidden_s};
use crate::dlq::queues::chain;
use crate::domain::text::plain;
use crate::domain::{Clock, MayWrite, NodeId};
use crate::pollers::trace::Traces;
use crate::redrive::history::{Fate, History};
use crate::words::Words;

/// What was read.
pub(in crate::cli) struct Read {
    /// The queue.
    pub(in crate::cli) queue: DeadLetterQueue,
    /// All letters, understood, those that are gone first in front.
    pub(in crate::cli) entries: Vec<DeadLetter>,
    /// Which of them are meant, by their places.
    pub(in crate::cli) chosen: Vec<usize>,
    /// How the reading went; its letters are in `entries`.
    pub(in crate::cli) reading: Reading,
    /// What could not be looked up, each a sentence without its stop.
    pub(in crate::cli) unread: Vec<String>,
    /// What earlier redrives did with messages of this queue, by their journals.
    pub(in crate::cli) history: History,
}

impl Read {
    /// What an earlier redrive did with a message.
    pub(in crate::cli) fn fate(&self, entry: &DeadLetter) -> Option<Fate> {
        self.history.fate(&entry.letter, entry.provenance.request_id.as_deref())
    }

    /// Whether something stayed behind, or was not read.
    pub(in crate::cli) fn is_partial(&self) -> bool {
        let whole = matches!(self.reading.end, End::Empty | End::Full);
        !whole || !self.reading.left.is_empty() || !self.unread.is_empty()
    }
}

/// Reads the letters that are meant.
pub(in crate::cli) async fn read(globals: &Globals, config: &Config, which: &Which) -> Result<Read, Failure> {
    // What was mistyped is said before anything is asked, let alone received.
    let filter = Filter::new(which.expression.as_deref(), which.grep.as_deref())
        .map_err(|error| Failure::usage(plain(&error.to_string())))?;
    let session = connect::session(globals, config).await?;
    let read_only = globals.read_only || config.account(&session.scope.account).read_only;
    let right = MayWrite::unless(read_only).map_err(|_| {
        Failure::usage("Reading a queue receives its messages, and this account is read-only here (--read-only, or the configuration): \
             nothing was read.",
        )
    })?;
    let snapshot = Box::pin(look(globals, config, Need::Chain)).await?;
    let topology = &snapshot.topology;
    let queue = find::queue(&session, topology, &which.queue).await?;
    let name = plain(&queue.name).into_owned();
    if let Some(why) = sentence(&refusals(&queue), &name).filter(|_| !which.read_anyway) {
        console::say_unknown(&snapshot.unknown());
        return Err(Failure::usage(plain(&why)));
    }
    for line in notice(&queue, which.max, hidden_s(which.max)) {
        console::say(format_args!("{}", plain(&line)));
    }
    let mailbox = SqsMailbox {
        session: &session,
        right,
        queue: queue.id.clone(),
        url: queue
            .detail
            .as_ref()
            .map(|detail| detail.url.clone())
            .unwrap_or_default(),
    };
    let stop = stop_on_signals("giving back what was read");
    let mut reading = drive(&mailbox, Scan::new(which.max), &stop, |_| {}).await;
    let chain = chain(topology);
    let letters: Vec<_> = std::mem::take(&mut reading.letters).into_iter().map(Arc::new).collect();
    let first = dead_letter::entries(letters.iter().cloned(), &queue, chain, &NoHistory);
    say(&name, &reading, &first);
    let held = queue.known.map_or(0, |known| known.in_flight);
    if held > 0 {
        console::say(format_args!(
            "about {held} messages of {name} were in flight before: somebody else holds them, perhaps another run of pitagora; they were not read."
        ));
    }
    let now = session.clock().unwrap_or(Clock::System).now();
    let traces = Traces::of(&session, chain, &first, now).await;
    drop(first);
    let mut entries = dead_letter::entries(letters, &queue, chain, &traces);
    dead_letter::sort(&mut entries, dead_letter::Order::Expiry);
    let chosen = filter.chosen(&entries);
    if chosen.is_empty() && !entries.is_empty() {
        for name in filter.untold(&entries) {
            console::say(format_args!(
                "no letter here tells its `{name}`: a condition on it never holds."
            ));
        }
    }
    let words = Words::utc();
    let unknown = snapshot.unknown().into_iter();
    let unread: Vec<String> = unknown
        .map(|unknown| format!("{}: {}", words.say(&unknown.what), words.say(&unknown.why)))
        .collect();
    let unread: Vec<String> = unread.into_iter().chain(traces.unread.clone()).collect();
    for what in &unread {
        console::say(format_args!("unknown: {}.", plain(what)));
    }
    Ok(Read {
        history: history(&queue.id, &session, now),
        chosen,
        entries,
        reading,
        unread,
        queue,
    })
}

/// What earlier redrives of a queue did, as far as their journals lie where journals usually do.
pub(super) fn history(queue: &NodeId, session: &Session, now: Timestamp) -> History {
    let folder = config::data_dir().map(|folder| folder.join("redrive"));
    folder.map_or_else(History::default, |folder| {
        History::read(&folder, queue, session.endpoint(), now)
    })
}

/// Says on stderr what the reading did.
fn say(queue: &str, reading: &Reading, entries: &[DeadLetter]) {
    let counts = entries.iter().map(|entry| entry.letter.receive_count());
    let (least, most) = (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0));
    let now = if least == most {
        format!("{} → {least}", least.saturating_sub(1))
    } else {
        format!(
            "{}–{} → {least}–{most}",
            least.saturating_sub(1),
            most.saturating_sub(1)
        )
    };
    let read = entries.len();
    if read > 0 {
        console::say(format_args!(
            "read {read} messages of {queue} in {} receives; receive counts {now}; {} are visible again.",
            reading.receives, reading.given_back
        ));
    } else {
        console::say(format_args!(
            "{queue} gave no message in {} receives.",
            reading.receives
        ));
    }
    if reading.repeated > 0 {
        console::say(format_args!(
            "{} messages came more than once: their count went up each time.",
            reading.repeated
        ));
    }
    for left in &reading.left {
        console::say(format_args!(
            "message {} was not given back ({}): it is visible again at {}.",
            plain(&left.message_id),
            plain(&left.why),
            left.until
        ));
    }
    match &reading.end {
        End::Failed(why) => console::say(format_args!(
            "the reading ended early ({}): messages of a receive without an answer stay hidden for a minute at most.",
            plain(why)
        )),
        End::Stopped => console::say("the reading was stopped: there may be more."),
        End::Full => console::say("--max was reached: there may be more."),
        End::Empty => {}
    }
}
