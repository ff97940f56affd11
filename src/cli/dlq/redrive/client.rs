//! The own engine: message by message, with a journal.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::super::super::{NO_CONNECTION, USAGE, refuse};
use super::super::signals::stop_on_signals;
use super::prepare::Prepared;
use super::{Redrive, Unknown, confirm, output};
use crate::aws::Session;
use crate::config;
use crate::desk::queues::chain;
use crate::domain::text::plain;
use crate::domain::{Clock, Held, MayWrite, Origin};
use crate::letters::caution::notice;
use crate::letters::entry::entries;
use crate::letters::witness::Nobody;
use crate::redrive::driver::{Word, drive};
use crate::redrive::effect::Command;
use crate::redrive::gather::{Gathered, gather, give_back};
use crate::redrive::journal::Journal;
use crate::redrive::ledger::Ledger;
use crate::redrive::machine::Machine;
use crate::redrive::plan::{Plan, To};
use crate::redrive::progress::{Left, Phase, Progress};
use crate::redrive::record::{Growth, Header, VERSION};
use crate::redrive::remote::Remote;
use crate::redrive::settings::{OnUnknown, Settings};
use crate::redrive::shape::Shape;
use crate::redrive::way::Way;
use crate::redrive::{audit as audits, scan};

/// A new run.
pub(super) async fn run(
    session: Session,
    right: MayWrite,
    args: &Redrive,
    prepared: &Prepared,
    production: bool,
) -> Result<ExitCode, ExitCode> {
    let queue = &prepared.queue;
    let name = plain(&queue.name).into_owned();
    let clock = session.clock().unwrap_or(Clock::System);
    let path = journal_path(args, &queue.name, &clock)?;
    if !args.dry_run {
        eprintln!("pitagora: journal: {}", path.display());
    }
    let settings = settings(args, &clock);
    let remote = Remote::new(session.clone(), right, queue.id.clone(), prepared.url.clone());
    let most = usize::try_from(prepared.depth).unwrap_or(scan::MOST).min(scan::MOST);
    for line in notice(queue, most, settings.visibility_s) {
        eprintln!("pitagora: {}", plain(&line));
    }
    let started = clock.now();
    let gathered = gather(&remote, prepared.depth, scan::MOST, settings.visibility_s, |_| {}).await;
    if let Some(error) = &gathered.trouble {
        give_back(&remote, &gathered.held).await;
        let why = plain(&error.to_string()).into_owned();
        return Err(refuse(
            NO_CONNECTION,
            &format!("{name} could not be read ({why}): nothing was sent."),
        ));
    }
    let (plan, unwanted) = plan(prepared, &gathered);
    if args.dry_run {
        give_back(&remote, &gathered.held).await;
        if queue.is_fifo() {
            eprintln!("pitagora: FIFO shows only the first messages of each group: what lies behind them goes too.");
        }
        return Ok(output::plan(args.format, queue.id.as_str(), &plan, "client"));
    }
    let messages = plan.chosen.len();
    if let Err(code) = confirm::confirm(args, production, &queue.name, messages).await {
        give_back(&remote, &gathered.held).await;
        return Err(code);
    }
    let grows = growth(prepared);
    let header = Header {
        pitagora_redrive: VERSION,
        started,
        who: session.identity.clone(),
        scope: session.scope.clone(),
        endpoint: session.endpoint().map(str::to_owned),
        queue: queue.id.clone(),
        url: prepared.url.clone(),
        depth: prepared.depth.max(gathered.held.len() as u64),
        settings,
        ways: ways(prepared, &plan, grows),
        grows,
        chosen: plan.chosen.clone(),
    };
    let journal = match Journal::create(&path, &header) {
        Ok(journal) => journal,
        Err(error) => {
            give_back(&remote, &gathered.held).await;
            return Err(refuse(USAGE, &plain(&error.to_string())));
        }
    };
    eprintln!("pitagora: engine client: {messages} messages of {name}.");
    let ledger = Ledger::new(header);
    let run = Run {
        remote,
        session,
        journal,
        ledger,
        what: "redrive",
    };
    let mut held = gathered.held;
    held.sort_by_key(|(held, _)| unwanted.contains(&held.letter.message_id));
    let stays = plan.staying().map(|(id, why)| Left {
        message_id: id.to_owned(),
        why: why.to_owned(),
    });
    Ok(run.to_its_end(args, held, stays.collect()).await)
}

/// Goes on with a run that was killed or stopped.
pub(super) async fn resume(
    session: Session,
    right: MayWrite,
    args: &Redrive,
    path: &Path,
) -> Result<ExitCode, ExitCode> {
    let opened = Journal::open(path).map_err(|error| refuse(USAGE, &plain(&error.to_string())));
    let (journal, mut ledger) = opened?;
    let header = &mut ledger.header;
    if header.scope != session.scope {
        let there = format!("{} in {}", header.scope.account, header.scope.region);
        return Err(refuse(
            USAGE,
            &format!(
                "The journal is of account {}: choose its profile and region.",
                plain(&there)
            ),
        ));
    }
    if header.endpoint.as_deref() != session.endpoint() {
        let there = header
            .endpoint
            .as_deref()
            .unwrap_or("AWS itself, without --endpoint-url");
        let why = format!("The journal is of another endpoint: go on with it at {}.", plain(there));
        return Err(refuse(USAGE, &why));
    }
    eprintln!("pitagora: journal: {}", path.display());
    if let Some(unknown) = args.unknown {
        header.settings.unknown = on_unknown(Some(unknown));
    }
    header.settings.canary = 0;
    let remote = Remote::new(session.clone(), right, header.queue.clone(), header.url.clone());
    eprintln!(
        "pitagora: what the run held is given back first; what others hold is waited for, {} s at most.",
        header.settings.patience_ms / 1000
    );
    let run = Run {
        remote,
        session,
        journal,
        ledger,
        what: "resume",
    };
    Ok(run.to_its_end(args, Vec::new(), Vec::new()).await)
}

struct Run {
    remote: Remote,
    session: Session,
    journal: Journal,
    ledger: Ledger,
    what: &'static str,
}

impl Run {
    async fn to_its_end(self, args: &Redrive, held: Vec<(Held, i64)>, stays: Vec<Left>) -> ExitCode {
        let clock = self.remote.clock();
        let path = self.journal.path().to_owned();
        let now = clock.now().as_millisecond();
        let (machine, first) = Machine::start(&self.ledger, &BTreeMap::new(), held, now);
        let (say, words) = mpsc::channel(8);
        let (tell, progress) = watch::channel(Progress::default());
        let listening = tokio::spawn(listen(progress, say, self.ledger.header.queue.to_string()));
        let mut summary = drive(self.remote.clone(), self.journal, machine, first, words, tell).await;
        listening.abort();
        clear_line();
        summary.left.extend(stays);
        let header = &self.ledger.header;
        let to = header.ways.iter().map(|way| way.target.arn()).collect();
        audit(
            &self.session,
            self.what,
            summary.sent,
            header.queue.as_str(),
            to,
            Some(&path),
        );
        let bounced = watch_bounces(&self.remote, args.watch).await;
        output::outcome(args.format, &summary, "client", Some(&path), bounced)
    }
}

/// Shows progress on a terminal, asks after the canary, and passes signals on.
async fn listen(mut progress: watch::Receiver<Progress>, say: mpsc::Sender<Word>, queue: String) {
    let stop = stop_on_signals();
    let terminal = std::io::stderr().is_terminal();
    let mut asked = false;
    let mut stopped = false;
    loop {
        tokio::select! {
            changed = progress.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            () = stop.cancelled(), if !stopped => {
                stopped = true;
                let _ = say.send(Word::Command(Command::Stop)).await;
            }
        }
        let now = progress.borrow_and_update().clone();
        if terminal {
            show(&now);
        }
        if now.phase == Phase::Waiting && !asked {
            asked = true;
            clear_line();
            let question = format!(
                "{} of {} messages of {} went first. Look at their target; shall the rest follow?",
                now.sent,
                now.chosen,
                plain(&queue)
            );
            let command = if confirm::go_on(&question).await {
                Command::GoOn
            } else {
                Command::Stop
            };
            let _ = say.send(Word::Command(command)).await;
        }
    }
}

fn show(now: &Progress) {
    let left = now.seconds_left().map_or_else(String::new, |s| format!(", {s} s left"));
    let trouble = now
        .trouble
        .as_deref()
        .map_or_else(String::new, |why| format!(" ({})", plain(why)));
    eprint!(
        "\r\x1b[Kputting back: {} of {} sent, {} gone, {:.0} a second{left}{trouble}",
        now.sent,
        now.chosen,
        now.deleted,
        now.per_second()
    );
}

fn clear_line() {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}

/// What would be done, and the ids of what was not meant.
fn plan(prepared: &Prepared, gathered: &Gathered) -> (Plan, std::collections::BTreeSet<String>) {
    let chain = chain(&prepared.snapshot.topology);
    let letters = gathered.held.iter().map(|(held, _)| Arc::new(held.letter.clone()));
    let entries = entries(letters, &prepared.queue, chain, &Nobody);
    let mut plan = Plan::default();
    let mut unwanted = std::collections::BTreeSet::new();
    for entry in &entries {
        if prepared.filter.passes(entry) {
            plan.add(&entry.letter, &entry.provenance, None, &prepared.to, &prepared.targets);
        } else {
            unwanted.insert(entry.letter.message_id.clone());
        }
    }
    (plan, unwanted)
}

/// A whole FIFO queue comes into sight only while it is moved.
fn growth(prepared: &Prepared) -> Option<Growth> {
    if !prepared.queue.is_fifo() {
        return None;
    }
    if !prepared.filter.is_open() {
        eprintln!("pitagora: FIFO shows only the first messages of each group: the selection is made among those.");
        return None;
    }
    match &prepared.to {
        To::Origin => Some(Growth::Back),
        To::Named(_) => Some(Growth::First),
    }
}

/// The plan's ways, and those of messages that will come into sight.
fn ways(prepared: &Prepared, plan: &Plan, grows: Option<Growth>) -> Vec<Way> {
    let mut ways = plan.ways.clone();
    if grows == Some(Growth::Back) {
        for feeder in prepared.queue.feeders(Origin::SqsRedrive) {
            if let Some((url, fifo)) = prepared.targets.queues.get(feeder.id.as_str()) {
                let way = Way {
                    target: crate::redrive::way::Target::Queue {
                        arn: feeder.id.to_string(),
                        url: url.clone(),
                        fifo: *fifo,
                    },
                    shape: Shape::Same,
                };
                if !ways.contains(&way) {
                    ways.push(way);
                }
            }
        }
    }
    ways
}

fn settings(args: &Redrive, clock: &Clock) -> Settings {
    let usual = Settings::at_speed(clock.speed());
    Settings {
        rate: args.rate,
        canary: args.canary.unwrap_or(if args.yes { 0 } else { usual.canary }),
        unknown: on_unknown(args.unknown),
        stop_at: args.stop_at,
        ..usual
    }
}

fn on_unknown(asked: Option<Unknown>) -> OnUnknown {
    match asked {
        Some(Unknown::Leave) => OnUnknown::Leave,
        Some(Unknown::Resend) | None => OnUnknown::Resend,
    }
}

fn journal_path(args: &Redrive, queue: &str, clock: &Clock) -> Result<PathBuf, ExitCode> {
    if let Some(path) = &args.journal {
        return Ok(path.clone());
    }
    let folder = config::data_dir().ok_or_else(|| {
        refuse(
            USAGE,
            "There is no home directory for the journal: name a file with --journal.",
        )
    })?;
    let name: String = queue
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let time = clock.now().strftime("%Y%m%dT%H%M%S%.3f").to_string();
    Ok(folder.join("redrive").join(format!("{name}-{time}.jsonl")))
}

/// Writes who did what; that it failed is said, and changes nothing.
pub(super) fn audit(session: &Session, what: &str, messages: usize, from: &str, to: Vec<&str>, journal: Option<&Path>) {
    let Some(folder) = config::state_dir() else { return };
    let act = audits::Act {
        at: session.clock().unwrap_or(Clock::System).now(),
        who: &session.identity,
        what,
        messages,
        from,
        to,
        journal,
    };
    if let Err(error) = audits::write(&folder.join("audit.jsonl"), &act) {
        eprintln!("pitagora: the line for the audit file could not be written ({error}).");
    }
}

/// Stays for a while and counts what comes back into the queue, without receiving.
pub(super) async fn watch_bounces(remote: &Remote, watch: Option<Duration>) -> Option<u64> {
    let until = tokio::time::Instant::now() + watch?;
    let before = remote.count().await.ok()?;
    let mut most = before;
    while tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_secs(1).min(until.duration_since(tokio::time::Instant::now()))).await;
        most = most.max(remote.count().await.unwrap_or(most));
    }
    Some(most - before)
}
