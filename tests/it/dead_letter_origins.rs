//! Every row of section 6 of the reference is a scenario file: the simulated account makes the dead letter, the product
//! reads it with its own calls, says where it comes from, and puts it back, so that what failed runs and ends well. The rows
//! are printed, and none is skipped.

pub mod back;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use back::Back;
use futures::StreamExt as _;
use http::Request;
use pitagora::aws::Session;
use pitagora::dead_letters::export::error_text;
use pitagora::dead_letters::run_history::NoHistory;
use pitagora::dead_letters::{Chain, DeadLetter, FunctionMatch, dead_letter, queues};
use pitagora::dlq::peek::{End, Scan, SqsMailbox, drive};
use pitagora::domain::phrase::Phrase;
use pitagora::domain::{Clock, Interest, MayWrite, NodeId, Origin};
use pitagora::pollers::trace::Traces;
use pitagora::pollers::{Pace, ScopeFilter, Watch};
use pitagora::sim::account::{Account, Motion};
use pitagora::sim::duration::Length;
use pitagora::sim::world::World;
use pitagora::store::Store;
use pitagora::store::snapshot::Topology;
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::bench::{self, connect, in_process};
use crate::in_words::InWords;

/// Account seconds in a second while the queue is read: its receives wait for seconds.
const SPEED: f64 = 20.0;

/// Scenarios that are played at the same time.
const AT_ONCE: usize = 4;

/// The rows of the table, in its order.
const ROWS: [&str; 6] = [
    "SQS redrive",
    "Lambda async DLQ",
    "Destination record",
    "Stream record",
    "SNS subscription DLQ",
    "EventBridge/Scheduler DLQ",
];

/// The keys of a row beside those of a scenario.
#[derive(Debug, Deserialize)]
struct Head {
    row: String,
    run: Length,
    /// A function that is deleted before it begins.
    forget: Option<String>,
    /// A queue that is deleted before it begins.
    forget_queue: Option<String>,
    letter: Vec<Letter>,
    back: Back,
}

/// A dead letter as it must be understood. `{region}` and `{account}` stand for those of the account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Letter {
    origin: Origin,
    source: Option<String>,
    function: Option<String>,
    #[serde(default)]
    one_of: Vec<String>,
    evidence: Vec<String>,
    error: Option<String>,
    capacity: Option<String>,
    /// The event that failed, byte for byte.
    event: Option<String>,
    /// A part of the body.
    body: Option<String>,
}

async fn account(head: &Head, text: &str) -> Arc<Account<World>> {
    let mut plain: toml::Table = toml::from_str(text).expect("TOML");
    for key in ["row", "run", "forget", "forget_queue", "letter", "back"] {
        plain.remove(key);
    }
    let account = bench::account(&bench::parsed(&plain.to_string()), SPEED);
    account.set_motion(Motion::Paused);
    if let Some(function) = &head.forget {
        let request = Request::delete(format!("/2015-03-31/functions/{function}"));
        back::ask(&account, request, serde_json::Value::Null).await;
    }
    if let Some(queue) = &head.forget_queue {
        let number = account.with(|world| world.account.clone());
        let url = format!("https://sqs.eu-west-1.amazonaws.com/{number}/{queue}");
        back::sqs(&account, "DeleteQueue", serde_json::json!({ "QueueUrl": url })).await;
    }
    account.step(u32::try_from(head.run.0).expect("a short run"));
    account
}

async fn topology(session: &Session, clock: &Clock) -> Arc<Topology> {
    let (sender, mut observations) = mpsc::channel(4_096);
    let (_attend, interest) = watch::channel(Interest::default());
    let watch = Watch::new(
        session.clone(),
        clock.clone(),
        ScopeFilter::default(),
        Pace::AWS,
        interest,
        sender,
    );
    let mut store = Store::new();
    let fold = async {
        while let Some(observation) = observations.recv().await {
            store.apply(observation);
            let snapshot = store.snapshot();
            if snapshot.topology.surveyed_at.is_some() {
                return Some(Arc::clone(&snapshot.topology));
            }
        }
        None
    };
    let found = tokio::select! {
        () = watch.run(&[]) => None,
        found = fold => found,
        () = tokio::time::sleep(Duration::from_mins(1)) => None,
    };
    found.expect("a survey that ends")
}

/// The letters in the queue `dlq`, understood; the reading must have given everything back.
async fn letters(account: &Arc<Account<World>>) -> Vec<DeadLetter> {
    let session = connect(in_process(account)).await;
    let clock = session.clock().expect("a clock");
    let topology = Box::pin(topology(&session, &clock)).await;
    let chain = Chain {
        nodes: &topology.nodes,
        edges: &topology.edges,
    };
    let id = NodeId::from(session.scope.arn("sqs", "dlq"));
    let all = queues::queues(chain, &std::collections::BTreeMap::new());
    let queue = all
        .iter()
        .find(|queue| queue.id == id)
        .expect("dlq is a dead-letter queue")
        .clone();
    let mailbox = SqsMailbox {
        session: &session,
        right: MayWrite::unless(false).expect("it may"),
        queue: id,
        url: queue.detail.as_ref().expect("attributes").url.clone(),
    };
    account.set_motion(Motion::Running);
    let mut reading = drive(&mailbox, Scan::new(100), &CancellationToken::new(), |_| {}).await;
    account.set_motion(Motion::Paused);
    assert_eq!((&reading.end, &reading.left[..]), (&End::Empty, &[][..]));
    assert_eq!(reading.given_back, reading.letters.len());
    let read: Vec<_> = std::mem::take(&mut reading.letters).into_iter().map(Arc::new).collect();
    let first = dead_letter::entries(read.iter().cloned(), &queue, chain, &NoHistory);
    let traces = Traces::of(&session, chain, &first, clock.now()).await;
    assert_eq!(traces.unread, [] as [String; 0]);
    dead_letter::entries(read, &queue, chain, &traces)
}

/// What of a letter is not as it must be.
fn wrong(entry: &DeadLetter, wanted: &Letter, home: (&str, &str)) -> Vec<String> {
    let (found, mut wrong) = (&entry.provenance, Vec::new());
    let filled = |text: &String| text.replace("{region}", home.0).replace("{account}", home.1);
    let mut hold = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    hold(found.origin == wanted.origin, format!("origin {:?}", found.origin));
    hold(found.configured, "not confirmed by the configuration".to_owned());
    let source = found.source.as_ref().map(NodeId::as_str);
    let fits = match wanted.source.as_ref().map(filled) {
        Some(text) => match text.strip_suffix('*') {
            Some(start) => source.is_some_and(|source| source.starts_with(start)),
            None => source == Some(&text),
        },
        None => source.is_none(),
    };
    hold(fits, format!("source {source:?}"));
    let suspects = entry.functions();
    let certain = found.function.function().is_some();
    let (names, is_certain): (Vec<&str>, bool) = match &wanted.function {
        Some(name) => (vec![name], true),
        None => (wanted.one_of.iter().map(String::as_str).collect(), false),
    };
    hold(
        suspects == names && certain == is_certain,
        format!("functions {suspects:?}, certain: {certain}"),
    );
    hold(
        certain || names.is_empty() || matches!(found.function, FunctionMatch::OneOf(_)),
        "no choice".to_owned(),
    );
    for words in &wanted.evidence {
        let mut lines = found.evidence.iter().map(InWords::said);
        hold(
            lines.any(|line| line.contains(words.as_str())),
            format!("no evidence {words:?} in {:?}", found.evidence),
        );
    }
    let error = found.error.as_ref().map(error_text).unwrap_or_default();
    hold(
        wanted.error.as_ref().is_none_or(|words| error.contains(words)),
        format!("error {error:?}"),
    );
    let capacity = found.capacity.as_ref().map(InWords::said);
    let fits = match &wanted.capacity {
        Some(words) => capacity.as_ref().is_some_and(|why| why.contains(words.as_str())),
        None => capacity.is_none(),
    };
    hold(fits, format!("capacity {capacity:?}"));
    let event = found.event_text(&entry.letter.body);
    let fits = match (&wanted.event, &wanted.body) {
        (Some(text), _) => event.as_ref() == Some(text),
        (None, Some(part)) => {
            entry.letter.body.contains(part.as_str()) && event.as_deref() == Some(&*entry.letter.body)
        }
        (None, None) => event.is_none() && found.batch.is_some(),
    };
    hold(fits, format!("event {event:?} of {:?}", entry.letter.body));
    wrong
}

/// What came of a scenario: its row, its name, the engines that put it back, what is not as it must be, and what was said of
/// its letters.
struct Held {
    row: String,
    name: String,
    engines: Vec<String>,
    wrong: Vec<String>,
    said: Vec<String>,
}

async fn hold(file: PathBuf) -> Held {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(&file).expect("the file");
    let head: Head = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let first = account(&head, &text).await;
    let home = first.with(|world| (world.region.clone(), world.account.clone()));
    let entries = letters(&first).await;
    let (mut wrong_here, mut said, mut engines) = (Vec::new(), Vec::new(), Vec::new());
    if entries.len() != head.letter.len() {
        let (found, wanted) = (entries.len(), head.letter.len());
        wrong_here.push(format!("{found} letters, {wanted} expected"));
    }
    for wanted in &head.letter {
        // The best fit is shown: several letters may lie in one queue in any order.
        let fits = entries.iter().map(|entry| wrong(entry, wanted, (&home.0, &home.1)));
        wrong_here.extend(fits.min_by_key(Vec::len).unwrap_or_default());
    }
    for entry in &entries {
        let (found, functions) = (&entry.provenance, entry.functions());
        said.push(format!(
            "{:?} {functions:?}: {}",
            found.origin,
            Phrase::clauses(found.evidence.iter().cloned()).said()
        ));
    }
    // Letters that SQS moved can be moved back by SQS itself; each engine is held to the same.
    let ways: &[&[&str]] = match head.letter[0].origin {
        Origin::SqsRedrive => &[&["--engine", "client"], &["--engine", "move-task"]],
        _ => &[&[]],
    };
    for (n, more) in ways.iter().enumerate() {
        let account = match n {
            0 => Arc::clone(&first),
            _ => account(&head, &text).await,
        };
        let (engine, wrong) = back::put_back(&account, &head.back, more, head.letter.len()).await;
        wrong_here.extend(wrong.into_iter().map(|why| format!("{engine}: {why}")));
        engines.push(engine);
    }
    Held {
        row: head.row,
        wrong: wrong_here.into_iter().map(|why| format!("{name}: {why}")).collect(),
        name,
        engines,
        said,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_is_recognised_and_put_back() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/dead-letters");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder")
        .filter_map(|e| Some(e.ok()?.path()))
        .collect();
    files.sort();
    let all: Vec<Held> = futures::stream::iter(files.into_iter().map(|file| Box::pin(hold(file))))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let known: BTreeSet<&str> = ROWS.into_iter().collect();
    for held in &all {
        let (row, name) = (&held.row, &held.name);
        assert!(
            known.contains(row.as_str()),
            "{name} names a row that the table does not have: {row}"
        );
        for said in &held.said {
            println!("{name}: {said}");
        }
    }
    println!("rows of section 6:");
    for row in ROWS {
        let of_row = all.iter().filter(|held| held.row == row);
        let names: Vec<String> = of_row
            .map(|held| format!("{} (by {})", held.name, held.engines.join(" and by ")))
            .collect();
        println!("  held     {row}: {}", names.join(", "));
        assert!(!names.is_empty(), "no scenario holds the row {row}");
    }
    let faults: Vec<String> = all.into_iter().flat_map(|held| held.wrong).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
