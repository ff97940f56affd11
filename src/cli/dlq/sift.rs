//! Which messages a command is about: `--where` and `--grep`.

use super::super::console;
use super::super::failure::Failure;
use super::read::say_phrase;
use crate::dead_letters::words::Unfiltered;
use crate::dead_letters::{DeadLetter, Filter};
use crate::dlq::DlqService;
use crate::dlq::jq::Jq;
use crate::domain::phrase::Phrase;
use crate::domain::text::plain;

/// A filter whose expression can be used: what was mistyped is said before anything is asked, let alone received.
pub(super) async fn filter(expression: Option<&str>, text: Option<&str>) -> Result<Filter, Failure> {
    let filter = Filter::new(expression, text, say_phrase);
    Jq::default().check(&filter).await.map_err(|why| failed(&why))?;
    Ok(filter)
}

/// The places of the messages that pass, unless the expression does not come to an end, or somebody stops it.
pub(super) async fn sift(service: &DlqService, filter: &Filter, entries: &[DeadLetter]) -> Result<Vec<usize>, Failure> {
    if filter.is_open() {
        // Also what was read before somebody stopped it.
        return Ok((0..entries.len()).collect());
    }
    let (jq, all) = (Jq::default(), entries.len());
    let told = |count| {
        if count % 100 == 0 {
            console::progress(format_args!("filtering: {count} of {all} messages"));
        }
    };
    let sifted = tokio::select! {
        sifted = jq.sift(filter, entries, told) => sifted,
        () = service.stopped() => Err(Unfiltered::Stopped.into()),
    };
    console::clear();
    let sifted = sifted.map_err(|why| failed(&why))?;
    if let Some(trouble) = sifted.trouble() {
        console::say(plain(&say_phrase(&trouble)));
    }
    Ok(sifted.chosen)
}

fn failed(why: &Phrase) -> Failure {
    let said = say_phrase(why);
    if *why == Unfiltered::Stopped {
        return Failure::partly(plain(&said));
    }
    Failure::usage(plain(&said))
}
