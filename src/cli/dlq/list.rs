//! `pitagora dlq list`: the dead-letter queues. Receives nothing.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::connect;
use super::super::failure::{Exit, Failure};
use super::super::headless::{Need, look, matched};
use super::super::{Format, Globals, console};
use crate::config::Config;
use crate::dead_letters::DeadLetterQueue;
use crate::dead_letters::expiry::Nearness;
use crate::dead_letters::read_guard::refusals;
use crate::dlq::queues::dead_letter_queues;
use crate::dlq::{DlqContext, DlqService};
use crate::domain::MayWrite;
use crate::domain::duration::span;
use crate::domain::phrase::Phrase;
use crate::domain::text::{plain, plain_json};
use crate::redrive::history::History;
use crate::words::{Words, spelled};

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, format: Format) -> Result<Exit, Failure> {
    let snapshot = Box::pin(look(globals, config, Need::Chain)).await?;
    matched(&snapshot, globals, config)?;
    let queues = dead_letter_queues(&snapshot);
    let session = connect::session(globals, config).await?;
    let now = snapshot.as_of.unwrap_or(Timestamp::UNIX_EPOCH);
    let (service, _events) = DlqService::new(DlqContext::new(session, MayWrite::unless(true), false));
    let mut histories: Vec<History> = Vec::new();
    for queue in &queues {
        histories.push(service.history(&queue.id, now).await);
    }
    let unknown = snapshot.unknown();
    let text = match format {
        Format::Json => {
            let both = queues.iter().zip(&histories);
            let queues: Vec<Value> = both.map(|(queue, history)| entry(queue, history, now)).collect();
            let document = json!({ "queues": queues, "complete": unknown.is_empty(), "unknown": unknown });
            plain_json(&format!("{:#}\n", spelled(&Words::utc(), document)))
        }
        Format::Text if queues.is_empty() && !unknown.is_empty() => {
            "No dead-letter queue found, but not everything could be read: there may be some.\n".to_owned()
        }
        Format::Text => text(&queues, &histories, now),
    };
    console::print("the list", &text)?;
    console::say_unknown(&unknown);
    Ok(Exit::partly_if(!unknown.is_empty()))
}

/// A queue in the JSON of the contract: fields are added, never renamed.
fn entry(queue: &DeadLetterQueue, history: &History, now: Timestamp) -> Value {
    let fed_by: Vec<Value> = queue
        .fed_by
        .iter()
        .map(|feeder| json!({"origin": feeder.origin, "id": feeder.id, "part": feeder.part, "via": feeder.via}))
        .collect();
    let refusals: Vec<Phrase> = refusals(queue).iter().map(|one| one.why(&queue.name).into()).collect();
    let expires = queue.bound();
    let warning = expires
        .zip(queue.retention())
        .map(|(expiry, kept)| expiry.nearness(now, kept) >= Nearness::Soon);
    json!({
        "name": queue.name,
        "arn": queue.id,
        "messages": queue.messages(),
        "in_flight": queue.known.map(|known| known.in_flight),
        "fed_by": fed_by,
        "expires": expires,
        "expires_soon": warning,
        "retention_s": queue.retention().map(|kept| kept.as_secs()),
        "fifo": queue.is_fifo(),
        "url": queue.detail.as_ref().map(|detail| &detail.url),
        "moves_on_to": queue.moves_on_to,
        "consumers": queue.consumers,
        "outlived_by": queue.outlived_by,
        "sent_already": history.unfinished().0,
        "used_as": queue.used_as(),
        "fed_otherwise": queue.fed_otherwise,
        "refused": refusals,
    })
}

fn text(queues: &[DeadLetterQueue], histories: &[History], now: Timestamp) -> String {
    if queues.is_empty() {
        return "No dead-letter queues in this chain.\n".to_owned();
    }
    let width = queues
        .iter()
        .map(|queue| queue.name.chars().count())
        .max()
        .unwrap_or_default();
    let (mut text, words) = (String::new(), Words::utc());
    for (queue, history) in queues.iter().zip(histories) {
        let messages = queue
            .messages()
            .map_or_else(|| "?".to_owned(), |count| count.to_string());
        let expires_in = match (queue.bound(), queue.messages()) {
            (_, Some(0)) => "-".to_owned(),
            (Some(expiry), _) => format!("expires within {}", span(expiry.at.duration_since(now).as_secs())),
            (None, _) => "expiry unknown".to_owned(),
        };
        let feeders: Vec<String> = queue
            .fed_by
            .iter()
            .map(|feeder| format!("{} ({})", feeder.id.short_name(), word(feeder.origin)))
            .collect();
        let _ = writeln!(
            text,
            "{:width$}  {messages:>7}  {expires_in:<20}  {}",
            plain(&queue.name),
            plain(&feeders.join(", "))
        );
        if let (n @ 1.., journals) = history.unfinished() {
            let journals: Vec<String> = journals.iter().map(|path| path.display().to_string()).collect();
            let _ = writeln!(
                text,
                "{:width$}  ! {n} already redriven but not deleted: finish with pitagora dlq redrive --resume {}",
                "",
                plain(&journals.join(", "))
            );
        }
        if let Some(why) = queue.not_only_dead_letters() {
            let _ = writeln!(text, "{:width$}  ! {}", "", plain(&words.say(&why.into())));
        }
        for source in &queue.outlived_by {
            let _ = writeln!(
                text,
                "{:width$}  ! retention of {} is as long or longer: messages may expire soon after they arrive here",
                "",
                plain(source.short_name())
            );
        }
        for refusal in refusals(queue) {
            let _ = writeln!(
                text,
                "{:width$}  ! {}",
                "",
                plain(&words.say(&refusal.why(&queue.name).into()))
            );
        }
    }
    text
}

/// An origin's name in the JSON contract.
pub(super) fn word(origin: crate::domain::Origin) -> String {
    let word = serde_json::to_value(origin).ok();
    word.and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default()
}
