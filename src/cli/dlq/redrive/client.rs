//! The own engine: message by message, with a journal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::super::super::headless::Live;
use super::super::super::{NO_CONNECTION, PARTLY, USAGE, refuse};
use super::super::signals::stop_on_signals;
use super::listen::{Watched, clear_line, listen};
use super::prepare::Prepared;
use super::target::{Target as Functions, say_cause};
use super::{Engine, Redrive, Unknown, bounce, confirm, output};
use crate::aws::Session;
use crate::config;
use crate::desk::plan::resolved;
use crate::desk::queues::chain;
use crate::domain::text::plain;
use crate::domain::{Arn, Clock, Held, MayWrite, NodeKind, Origin};
use crate::letters::caution::notice;
use crate::letters::entry::{self, Entry};
use crate::letters::witness::Nobody;
use crate::letters::{DeadLetterQueue, Suspect};
use crate::observe::trace::Traces;
use crate::redrive::audit::Act;
use crate::redrive::driver::drive;
use crate::redrive::gather::{Gathered, gather, give_back};
use crate::redrive::journal::Journal;
use crate::redrive::ledger::Ledger;
use crate::redrive::machine::Machine;
use crate::redrive::plan::{Plan, Targets, To};
use crate::redrive::progress::{Left, Progress};
use crate::redrive::record::{Growth, Header, VERSION};
use crate::redrive::remote::Remote;
use crate::redrive::settings::{OnUnknown, Settings};
use crate::redrive::shape::Shape;
use crate::redrive::way::{Edit, Target, Way};
use crate::redrive::{edits, scan};

/// A new run.
pub(super) async fn run(
    session: Session,
    right: MayWrite,
    args: &Redrive,
    mut prepared: Prepared,
    production: bool,
) -> Result<ExitCode, ExitCode> {
    let queue = &prepared.queue;
    let name = plain(&queue.name).into_owned();
    let stop = stop_on_signals("what is on its way is brought to its end, the rest is given back");
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
    let gathered = taken(&remote, &prepared, settings.visibility_s, &stop).await?;
    let (plan, unwanted) = Box::pin(plan(&session, &prepared, &gathered)).await;
    let missed = held_elsewhere(&remote, gathered.held.len(), &name).await;
    if args.dry_run {
        give_back(&remote, &gathered.held).await;
        if queue.is_fifo() {
            eprintln!("pitagora: FIFO shows only the first messages of each group: what lies behind them goes too.");
        }
        let engine = if prepared.engine == Engine::Client {
            "client"
        } else {
            eprintln!(
                "pitagora: without --dry-run SQS itself moves the whole queue, where it can (--engine client does not let it)."
            );
            "move-task"
        };
        return Ok(output::plan(args.format, queue.id.as_str(), &plan, engine));
    }
    let messages = plan.chosen.len();
    if gathered.held.is_empty() {
        none_taken(&name, prepared.depth, missed)?;
    }
    let grows = growth(&prepared);
    let to: Vec<String> = plan.ways.iter().map(|way| way.target.arn().to_owned()).collect();
    let first_bounce = bounce::first(plan.ways.iter().map(|way| &way.target), &prepared.snapshot.topology);
    say_cause(&mut prepared.live, &to, clock.now(), &stop).await;
    let mut functions = Functions::new(prepared.live, to, started);
    if let Err(code) = confirm::confirm(args, production, &queue.name, messages, &stop).await {
        give_back(&remote, &gathered.held).await;
        return Err(code);
    }
    if stop.is_cancelled() {
        give_back(&remote, &gathered.held).await;
        return Err(confirm::stopped(messages));
    }
    functions.begin(clock.now());
    let ways = ways(queue, &prepared.targets, &prepared.to, &plan, grows);
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
        ways,
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
        edits: BTreeMap::new(),
        what: "redrive",
        watched: Watched {
            functions: Some(functions),
            first_bounce,
        },
        stop,
    };
    let mut held = gathered.held;
    held.sort_by_key(|(held, _)| unwanted.contains(&held.letter.message_id));
    let stays = plan.staying().map(|(id, why)| Left {
        message_id: id.to_owned(),
        why: why.to_owned(),
    });
    let code = run.finish(args, held, stays.collect()).await;
    // What somebody else held was there, and was not put back.
    Ok(if missed > 0 { ExitCode::from(PARTLY) } else { code })
}

/// Takes all messages in hand. Where that fails or is stopped, they are given back.
async fn taken(
    remote: &Remote,
    prepared: &Prepared,
    visibility_s: u32,
    stop: &CancellationToken,
) -> Result<Gathered, ExitCode> {
    let gathered = gather(remote, prepared.depth, scan::MOST, visibility_s, stop, |_| {}).await;
    if gathered.trouble.is_none() && !stop.is_cancelled() {
        return Ok(gathered);
    }
    give_back(remote, &gathered.held).await;
    let Some(error) = &gathered.trouble else {
        return Err(confirm::stopped(gathered.held.len()));
    };
    let (name, why) = (plain(&prepared.queue.name), error.to_string());
    Err(refuse(
        NO_CONNECTION,
        &format!("{name} could not be read ({}): nothing was sent.", plain(&why)),
    ))
}

/// Messages that others hold: the queue counts them in flight, and this run has none of them. Says so.
async fn held_elsewhere(remote: &Remote, here: usize, queue: &str) -> u64 {
    let Ok((visible, in_flight, _)) = remote.counts().await else {
        return 0;
    };
    let here = u64::try_from(here).unwrap_or(u64::MAX);
    // AWS: counts lag. Where the queue shows others, what it counts in flight may be of a moment ago.
    let held = in_flight.saturating_sub(here);
    if held > 0 && visible == 0 {
        eprintln!(
            "pitagora: about {held} messages of {queue} are in flight: somebody else holds them, perhaps another run of \
             pitagora. They are no part of this run."
        );
        return held;
    }
    0
}

/// Goes on with a run that was killed or stopped.
pub(super) async fn resume(
    live: Live,
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
    let edits = edits::read(path).map_err(|error| {
        let why = format!("The edits beside the journal could not be read ({error}): nothing was sent.");
        refuse(USAGE, &plain(&why))
    })?;
    let to = header.ways.iter().map(|way| way.target.arn().to_owned()).collect();
    let stop = stop_on_signals("what is on its way is brought to its end, the rest is given back");
    // The chain is looked at beside the run: it need not be known before.
    let clock = session.clock().unwrap_or(Clock::System);
    let mut functions = Functions::new(live, to, clock.now());
    functions.begin(clock.now());
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
        edits,
        what: "resume",
        watched: Watched {
            functions: Some(functions),
            first_bounce: None,
        },
        stop,
    };
    Ok(run.finish(args, Vec::new(), Vec::new()).await)
}

struct Run {
    remote: Remote,
    session: Session,
    journal: Journal,
    ledger: Ledger,
    edits: BTreeMap<String, Edit>,
    what: &'static str,
    watched: Watched,
    stop: CancellationToken,
}

impl Run {
    async fn finish(self, args: &Redrive, held: Vec<(Held, i64)>, stays: Vec<Left>) -> ExitCode {
        let clock = self.remote.clock();
        let path = self.journal.path().to_owned();
        let now = clock.now().as_millisecond();
        let (machine, first) = Machine::start(&self.ledger, &self.edits, held, now);
        let moved_before = machine.summary().sent;
        let act = Act::of_run(
            &self.session.identity,
            self.what,
            &self.ledger.header,
            moved_before,
            &path,
        );
        note(&act, &clock, None);
        let first_bounce = self.watched.first_bounce;
        let (say, words) = mpsc::channel(8);
        let (tell, progress) = watch::channel(Progress::default());
        let queue = self.ledger.header.queue.to_string();
        let listening = tokio::spawn(listen(progress, say, queue, self.watched, self.stop.clone()));
        let mut summary = drive(self.remote.clone(), self.journal, machine, first, words, tell).await;
        listening.abort();
        clear_line();
        let edited = |left: &Left| self.edits.contains_key(&left.message_id);
        if !summary.left.iter().any(edited)
            && let Err(error) = edits::forget(&path)
        {
            eprintln!("pitagora: the edits beside the journal could not be removed ({error}).");
        }
        summary.left.extend(stays);
        note(&act, &clock, Some(summary.sent.saturating_sub(act.moved_before)));
        let stays = self
            .ledger
            .header
            .depth
            .saturating_sub(u64::try_from(summary.deleted).unwrap_or(0));
        let bounced = bounce::watch(
            &self.remote,
            args.watch,
            first_bounce,
            (summary.sent, stays),
            &self.stop,
        )
        .await;
        output::outcome(args.format, &summary, "client", Some(&path), bounced)
    }
}

/// Why nothing could be taken, where the queue had counted something: it is held by somebody, or is gone.
fn none_taken(name: &str, depth: u64, missed: u64) -> Result<(), ExitCode> {
    if missed > 0 {
        return Err(refuse(
            PARTLY,
            &format!(
                "Nothing of {name} could be taken: wait until whoever holds its messages has ended, then run this again."
            ),
        ));
    }
    if depth > 0 {
        eprintln!(
            "pitagora: {depth} were counted in {name}, and none is there now: somebody else took them, or they expired."
        );
    }
    Ok(())
}

/// What would be done, and the ids of what was not meant.
async fn plan(session: &Session, prepared: &Prepared, gathered: &Gathered) -> (Plan, BTreeSet<String>) {
    let chain = chain(&prepared.snapshot.topology);
    let letters: Vec<_> = gathered
        .held
        .iter()
        .map(|(held, _)| Arc::new(held.letter.clone()))
        .collect();
    let mut entries = entry::entries(letters.iter().cloned(), &prepared.queue, chain, &Nobody);
    // Logs are searched only where it matters whose letter it is.
    let of_several = |entry: &Entry| matches!(entry.provenance.function, Suspect::OneOf(_));
    if prepared.to == To::Origin && entries.iter().any(of_several) {
        let now = session.clock().unwrap_or(Clock::System).now();
        let traces = Traces::of(session, chain, &entries, now).await;
        for what in &traces.unread {
            eprintln!("pitagora: unknown: {}.", plain(what));
        }
        entries = entry::entries(letters, &prepared.queue, chain, &traces);
    }
    let mut plan = Plan::default();
    let mut unwanted = BTreeSet::new();
    // Where a letter may be of several, the target that the person names tells of which.
    let choice = match &prepared.to {
        To::Named(target) => Arn::parse(target.arn()).filter(|arn| arn.kind() == NodeKind::Lambda),
        To::Origin => None,
    };
    let choice = choice.map(|arn| arn.node().0);
    for entry in &entries {
        if prepared.filter.passes(entry) {
            let known = resolved(&entry.provenance, choice.as_ref(), &prepared.snapshot.topology);
            plan.add(&entry.letter, &known, None, &prepared.to, &prepared.targets);
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
fn ways(queue: &DeadLetterQueue, targets: &Targets, to: &To, plan: &Plan, grows: Option<Growth>) -> Vec<Way> {
    let mut ways = plan.ways.clone();
    // Nothing was in sight, because somebody else holds the head of each group: what comes goes this way.
    if let (Some(Growth::First), To::Named(target @ Target::Queue { .. }), true) = (grows, to, ways.is_empty()) {
        ways.push(Way {
            target: target.clone(),
            shape: Shape::Same,
        });
    }
    if grows != Some(Growth::Back) {
        return ways;
    }
    for feeder in queue.feeders(Origin::SqsRedrive) {
        if let Some((url, fifo)) = targets.queues.get(feeder.id.as_str()) {
            let way = Way {
                target: Target::Queue {
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

/// Notes in the audit file that an act begins, or ended with so many messages; that it failed is said, and changes nothing.
pub(super) fn note(act: &Act, clock: &Clock, messages: Option<usize>) {
    let file = config::state_dir().map(|folder| folder.join("audit.jsonl"));
    let noted = match messages {
        None => act.begins(file.as_deref(), clock.now()),
        Some(messages) => act.ends(file.as_deref(), clock.now(), messages),
    };
    if let Err(error) = noted {
        eprintln!("pitagora: the line for the audit file could not be written ({error}).");
    }
}
