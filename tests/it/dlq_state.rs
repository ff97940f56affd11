//! What the screen knows of dead letters, on a simulated account: a queue is read and given back; letters go back, one of
//! them first; an edit, a file and a line for the books come of it.

mod move_task;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pitagora::aws::Session;
use pitagora::dlq::state::OwnPart;
use pitagora::dlq::{Command, DlqContext, DlqError, DlqState, RedriveRequest, Said, task};
use pitagora::domain::{Clock, Interest, MayWrite, NodeId, ReadOnly};
use pitagora::pollers::{Pace, ScopeFilter, Watch};
use pitagora::redrive::fingerprint::of_letter;
use pitagora::redrive::history::Fate;
use pitagora::redrive::progress::{Phase, Summary};
use pitagora::redrive::record::{Chosen, Header, Intent, Record, VERSION, line};
use pitagora::redrive::route::Edit;
use pitagora::redrive::settings::Settings;
use pitagora::redrive::unsendable::Unsendable;
use pitagora::store::{Snapshot, Store};
use pitagora::words::Words;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bench::{self, account, connect, in_process, parsed};

/// Account seconds in a second: receives wait for seconds.
const SPEED: f64 = 20.0;

/// Three orders that failed once, and nobody who takes them now.
const SCENARIO: &str = r#"
title = "letters to put back"

[[queue]]
name = "work"
visibility = "30s"
dlq = "dlq"
max_receives = 1

[[queue]]
name = "dlq"

[[mapping]]
from = "queue:work"
to = "f"
batch = 1

[[function]]
name = "f"
does = { work = "50ms", fails = [{ on = "bad", error = "ValueError: bad" }] }

[[script]]
at = "0s"
does = { send_message = { queue = "work", body = '{"order": "bad 1"}' } }

[[script]]
at = "1s"
does = { send_message = { queue = "work", body = '{"order": "bad 2"}' } }

[[script]]
at = "2s"
does = { send_message = { queue = "work", body = '{"order": "bad 3"}' } }
"#;

struct Bench {
    session: Session,
    commands: mpsc::Sender<Command>,
    desk: watch::Receiver<Arc<DlqState>>,
    dlq: NodeId,
    stop: CancellationToken,
    attending: JoinHandle<()>,
    folder: tempfile::TempDir,
    _snapshots: watch::Sender<Arc<Snapshot>>,
}

async fn surveyed(session: &Session, clock: &Clock) -> Snapshot {
    let (sender, mut observations) = mpsc::channel(4_096);
    let (_attend, interest) = watch::channel(Interest::default());
    let filter = ScopeFilter::default();
    let watch = Watch::new(session.clone(), clock.clone(), filter, Pace::AWS, interest, sender);
    let mut store = Store::new();
    let fold = async {
        while let Some(observation) = observations.recv().await {
            store.apply(observation);
            let snapshot = store.snapshot();
            if snapshot.topology.surveyed_at.is_some() {
                return Some(snapshot);
            }
        }
        None
    };
    let found = tokio::select! {
        () = watch.run(&[]) => None,
        found = fold => found,
        () = tokio::time::sleep(Duration::from_mins(1)) => None,
    };
    (*found.expect("a survey that ends")).clone()
}

impl Bench {
    async fn new(right: Result<MayWrite, ReadOnly>) -> Self {
        let account = account(&parsed(SCENARIO), SPEED);
        account.step(180_000);
        let session = connect(in_process(&account)).await;
        let clock = session.clock().expect("a clock");
        let snapshot = Box::pin(surveyed(&session, &clock)).await;
        let dlq = NodeId::from(session.scope.arn("sqs", "dlq"));
        let (snapshots, seen) = watch::channel(Arc::new(snapshot));
        let (commands, asked) = mpsc::channel(16);
        let (publish, desk) = watch::channel(Arc::default());
        let stop = CancellationToken::new();
        let folder = tempfile::tempdir().expect("a folder");
        let context = DlqContext {
            session: session.clone(),
            right,
            production: false,
            journals: Some(folder.path().join("journals")),
            audit: Some(folder.path().join("audit.jsonl")),
        };
        let attending = tokio::spawn(task::attend(context, seen, asked, publish, stop.clone()));
        Self {
            session,
            commands,
            desk,
            dlq,
            stop,
            attending,
            folder,
            _snapshots: snapshots,
        }
    }

    async fn ask(&self, command: Command) {
        self.commands.send(command).await.expect("somebody attends");
    }

    async fn until(&mut self, holds: impl FnMut(&Arc<DlqState>) -> bool) -> Arc<DlqState> {
        let wait = tokio::time::timeout(Duration::from_mins(1), self.desk.wait_for(holds));
        let found = wait.await.expect("it comes to that").expect("somebody attends");
        Arc::clone(&found)
    }

    fn reading(&self) -> Command {
        Command::Read {
            queue: self.dlq.clone(),
            max: 100,
            anyway: false,
        }
    }

    /// Reads the queue; answers with the letters' ids.
    async fn read(&mut self) -> Vec<String> {
        self.ask(self.reading()).await;
        let desk = self
            .until(|desk| desk.reading.is_none() && !desk.letters.is_empty())
            .await;
        let entries = desk.letters[&self.dlq].entries.iter();
        entries.map(|entry| entry.letter.message_id.clone()).collect()
    }

    /// Visible messages of a queue, and those that somebody holds.
    async fn counts(&self, name: &str) -> (u64, u64) {
        bench::counts(&self.session, name).await
    }

    async fn leave(self) -> tempfile::TempDir {
        self.stop.cancel();
        self.attending.await.expect("it ends");
        self.folder
    }
}

fn may() -> Result<MayWrite, ReadOnly> {
    MayWrite::unless(false)
}

fn summary(desk: &DlqState) -> Option<Summary> {
    desk.run.as_ref()?.own.as_ref()?.summary.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_read_once_and_given_back() {
    let mut bench = Bench::new(may()).await;
    let ids = bench.read().await;
    assert_eq!(ids.len(), 3);
    assert_eq!(bench.counts("dlq").await, (3, 0), "all are visible again");
    let letters = Arc::clone(&bench.desk.borrow().letters[&bench.dlq]);
    assert_eq!((letters.given_back, letters.left.len()), (3, 0));
    assert_eq!(
        letters.receive_counts(),
        Some((2, 2)),
        "once by the function, once by the reading"
    );
    let path = bench.folder.path().join("letters.jsonl");
    let export = Command::Export {
        queue: bench.dlq.clone(),
        ids: ids[..2].to_vec(),
        path: path.clone(),
    };
    bench.ask(export.clone()).await;
    bench
        .until(|desk| {
            desk.said
                .as_ref()
                .is_some_and(|said| said.what.is("dlq-said", "exported"))
        })
        .await;
    assert_eq!(std::fs::read_to_string(&path).expect("a file").lines().count(), 2);
    bench.ask(export).await;
    bench
        .until(|desk| {
            desk.said
                .as_ref()
                .is_some_and(|said| said.what.is("dlq-error", "exists"))
        })
        .await;
    bench.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_while_it_reads_leaves_nothing_hidden() {
    let mut bench = Bench::new(may()).await;
    bench.ask(bench.reading()).await;
    bench
        .until(|desk| desk.reading.as_ref().is_some_and(|reading| reading.count > 0))
        .await;
    bench.stop.cancel();
    bench.until(|desk| desk.reading.is_none()).await;
    assert_eq!(bench.counts("dlq").await, (3, 0));
    bench.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_go_back_one_first_and_one_of_them_edited() {
    let mut bench = Bench::new(may()).await;
    let ids = bench.read().await;
    let letters = Arc::clone(&bench.desk.borrow().letters[&bench.dlq]);
    let edits: BTreeMap<String, Edit> = letters
        .entries
        .iter()
        .map(|entry| {
            let edit = Edit {
                original: Arc::clone(&entry.letter.body),
                body: entry.letter.body.replace("bad", "good").into(),
            };
            (entry.letter.message_id.clone(), edit)
        })
        .collect();
    bench
        .ask(Command::Plan(RedriveRequest::of(bench.dlq.clone(), ids, true, edits)))
        .await;
    let desk = bench.until(|desk| desk.planned.is_some()).await;
    let planned = desk.planned.clone().expect("a plan");
    assert_eq!((planned.goes(), planned.plan.ways.len()), (3, 1));
    assert!(planned.plan.ways[0].target.arn().ends_with(":work"));
    assert_eq!(planned.bounce_after_s, Some(30), "one receive of 30 seconds");
    assert_eq!(bench.counts("dlq").await, (3, 0), "a plan touches nothing");

    bench.ask(Command::Go { at_once: false }).await;
    let waits = |desk: &Arc<DlqState>| {
        let progress = desk.run.as_ref().and_then(|run| run.progress());
        progress.is_some_and(|progress| progress.phase == Phase::Waiting)
    };
    let desk = bench.until(waits).await;
    let run = desk.run.clone().expect("a run");
    let Some(OwnPart { progress, journal, .. }) = &run.own else {
        panic!("{run:?}")
    };
    assert_eq!((progress.chosen, progress.sent), (3, 1), "one goes first");
    assert!(journal.exists() && run.bounce_at().is_some());
    let kept = pitagora::redrive::edits::read(journal).expect("the edits");
    assert!(kept.len() == 3 && kept.values().all(|edit| edit.original.contains("bad")));
    let journal = journal.clone();
    bench.ask(bench.reading()).await;
    bench
        .until(|desk| desk.said.as_ref().is_some_and(|said| said.what == Said::Busy))
        .await;

    bench.ask(Command::GoOn).await;
    let desk = bench.until(|desk| summary(desk).is_some()).await;
    let summary = summary(&desk).expect("an end");
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!((summary.chosen, summary.sent, summary.deleted), (3, 3, 3));
    assert_eq!(bench.counts("dlq").await, (0, 0), "what was edited does not fail again");
    assert_eq!(
        pitagora::redrive::edits::read(&journal).expect("none").len(),
        0,
        "originals are removed"
    );
    let folder = bench.leave().await;
    let audit = std::fs::read_to_string(folder.path().join("audit.jsonl")).expect("a line");
    assert_eq!(audit.lines().count(), 2, "one when it began, one when it ended");
    assert!(
        audit.contains("\"what\":\"redrive\"") && audit.contains("\"messages\":3"),
        "{audit}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_waits_while_the_original_may_have_been_sent() {
    let mut bench = Bench::new(may()).await;
    let ids = bench.read().await;
    let letters = Arc::clone(&bench.desk.borrow().letters[&bench.dlq]);
    let first = &letters.entries[0].letter;
    // A run that was killed between its intent and the answer.
    let header = Header {
        pitagora_redrive: VERSION,
        started: bench.session.clock().expect("a clock").now(),
        who: bench.session.identity.clone(),
        scope: bench.session.scope.clone(),
        endpoint: None,
        queue: bench.dlq.clone(),
        url: String::new(),
        depth: 3,
        settings: Settings::default(),
        ways: Vec::new(),
        grows: None,
        chosen: vec![Chosen {
            id: first.message_id.clone(),
            hash: of_letter(first),
            way: 0,
            group: None,
            edited: false,
        }],
    };
    let intent = Record::Intent(vec![Intent {
        id: first.message_id.clone(),
        to: String::new(),
        hash: of_letter(first),
        dedup: None,
        at: None,
    }]);
    let folder = bench.folder.path().join("journals");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("killed.jsonl"), line(&header) + &line(&intent)).expect("a journal");

    let edit = Edit {
        original: Arc::clone(&first.body),
        body: "edited".into(),
    };
    let edits = BTreeMap::from([(first.message_id.clone(), edit)]);
    let wish = RedriveRequest::of(bench.dlq.clone(), ids, true, edits);
    bench.ask(Command::Plan(wish.clone())).await;
    let desk = bench.until(|desk| desk.planned.is_some()).await;
    let plan = &desk.planned.as_ref().expect("a plan").plan;
    let staying: Vec<_> = plan.staying().collect();
    assert_eq!((plan.chosen.len(), staying.len()), (2, 1));
    assert_eq!(staying[0].0, first.message_id);
    assert!(
        matches!(staying[0].1, Unsendable::OtherTextEarlier { journal } if journal.ends_with("killed.jsonl")),
        "{:?}",
        staying[0].1
    );
    bench.ask(Command::Drop).await;
    bench.until(|desk| desk.planned.is_none()).await;

    // The same text again is the person's to decide.
    let edits = BTreeMap::new();
    bench.ask(Command::Plan(RedriveRequest { edits, ..wish })).await;
    let desk = bench.until(|desk| desk.planned.is_some()).await;
    assert_eq!(desk.planned.as_ref().map(|planned| planned.goes()), Some(3));
    bench.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_was_written_to_a_file_first() {
    let mut bench = Bench::new(may()).await;
    let ids = bench.read().await;
    let path = bench.folder.path().join("deleted.jsonl");
    let delete = Command::Delete {
        queue: bench.dlq.clone(),
        ids: ids[..2].to_vec(),
        path: path.clone(),
    };
    bench.ask(delete).await;
    let done = |desk: &Arc<DlqState>| {
        desk.said
            .as_ref()
            .is_some_and(|said| said.what.is("dlq-said", "deleted"))
    };
    let desk = bench.until(done).await;
    let said = Words::utc().say(&desk.said.clone().expect("a sentence").what);
    assert!(said.starts_with("2 of 2 messages of dlq were deleted."), "{said}");
    assert_eq!(std::fs::read_to_string(&path).expect("a file").lines().count(), 2);
    assert_eq!(bench.counts("dlq").await, (1, 0), "the third was given back");
    bench.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_account_is_not_even_read() {
    let mut bench = Bench::new(Err(ReadOnly)).await;
    bench.until(|desk| desk.closed.is_some()).await;
    bench.ask(bench.reading()).await;
    bench
        .until(|desk| desk.said.as_ref().is_some_and(|said| said.what == DlqError::ReadOnly))
        .await;
    assert!(bench.desk.borrow().letters.is_empty());
    bench.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_back_is_known_by_the_journal() {
    let mut bench = Bench::new(may()).await;
    let ids = bench.read().await;
    bench
        .ask(Command::Plan(RedriveRequest::of(
            bench.dlq.clone(),
            ids.clone(),
            true,
            BTreeMap::new(),
        )))
        .await;
    let desk = bench.until(|desk| desk.planned.is_some()).await;
    let check = &desk.planned.as_ref().expect("a plan").evidence;
    assert_eq!(check.died.len(), 3);
    bench.ask(Command::Go { at_once: true }).await;
    bench.until(|desk| summary(desk).is_some()).await;
    let desk = bench
        .until(|desk| desk.gone.values().any(|gone| gone.ids.len() == 3))
        .await;
    assert_eq!(desk.gone[&bench.dlq].ids.iter().collect::<Vec<_>>().len(), ids.len());
    // They fail once more, and are back after one visibility timeout of 30 s.
    let back = async {
        while bench.counts("dlq").await.0 < 3 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), back)
        .await
        .expect("they come back");
    let before = bench.desk.borrow().letters[&bench.dlq].number;
    bench.ask(bench.reading()).await;
    let desk = bench
        .until(|desk| desk.reading.is_none() && desk.letters.values().any(|letters| letters.number > before))
        .await;
    let letters = &desk.letters[&bench.dlq];
    assert!(desk.gone.is_empty(), "what was read anew is there");
    let back = |entry: &&pitagora::dead_letters::DeadLetter| matches!(letters.fate(entry), Some(Fate::Back(_)));
    assert_eq!(letters.entries.iter().filter(back).count(), 3);
    bench.leave().await;
}
