//! The own engine: message by message, with a journal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::super::super::console;
use super::super::super::failure::{Exit, Failure};
use super::super::super::headless::Live;
use super::super::signals::stop_on_signals;
use super::begin::{Begun, begin, journals};
use super::listen::{Watched, listen};
use super::prepare::Prepared;
use super::target::Target as Functions;
use super::{Redrive, Unknown, check, confirm, earliest_return, output, task};
use crate::aws::Session;
use crate::config;
use crate::dead_letters::DeadLetterQueue;
use crate::domain::text::plain;
use crate::domain::{Clock, MayWrite, Origin, Received};
use crate::redrive::audit::Act;
use crate::redrive::course::EngineKind;
use crate::redrive::driver::drive;
use crate::redrive::edits;
use crate::redrive::engine::Engine;
use crate::redrive::journal::Journal;
use crate::redrive::plan::{Plan, Targets, To};
use crate::redrive::progress::{Left, Progress, Summary};
use crate::redrive::queue_client::Remote;
use crate::redrive::receive_all::give_back;
use crate::redrive::record::{Growth, Header, VERSION};
use crate::redrive::replay::{Entry, Replay};
use crate::redrive::route::{Edit, Route, Target};
use crate::redrive::settings::{OnUnknown, Settings};
use crate::redrive::transform::Transform;

/// A new run, or a dry one.
#[expect(
    clippy::too_many_lines,
    reason = "one step after the other, each of which may be the last"
)]
pub(super) async fn run(
    session: Session,
    right: MayWrite,
    args: &Redrive,
    mut prepared: Prepared,
    production: bool,
) -> Result<Exit, Failure> {
    let name = plain(&prepared.queue.name).into_owned();
    let stop = stop_on_signals("what is on its way is brought to its end, the rest is given back");
    let clock = session.clock().unwrap_or(Clock::System);
    let path = journal_path(args, &prepared.queue.name, &clock)?;
    let settings = settings(args, &clock);
    let whole = prepared.engine == EngineKind::MoveTask;
    let journals = !args.dry_run && (!whole || args.canary(&settings) > 0);
    if journals {
        console::say(format_args!("journal: {}", path.display()));
    }
    let remote = Remote::new(session.clone(), right, prepared.queue.id.clone(), prepared.url.clone());
    let mut begun = begin(&session, args, &mut prepared, (&remote, &settings), &stop).await?;
    let queue = &prepared.queue;
    let now = clock.now();
    if args.dry_run {
        return dry(args, &remote, queue, &begun, now).await;
    }
    if !whole && begun.gathered.held.is_empty() {
        none_taken(&name, prepared.depth, begun.missed)?;
    }
    let refusal = refusal(args, &begun, now);
    // What stops it says all that the check found against it.
    let found = refusal.is_none().then(|| check::lines(&begun.check, now));
    for line in begun.course.lines().into_iter().chain(found.into_iter().flatten()) {
        console::say(format_args!("{line}."));
    }
    let mut held = std::mem::take(&mut begun.gathered.held);
    let messages = begun.course.messages;
    let against = !begun.check.passes();
    if let Some(why) = refusal {
        give_back(&remote, &held).await;
        return Err(Failure::partly(why));
    }
    if whole {
        held = first_in_hand(&remote, &begun, held).await;
    }
    let asked = confirm::confirm(
        args,
        (production, against && !args.ignore_check),
        &queue.name,
        messages,
        &stop,
    )
    .await;
    if asked.is_err() || stop.is_cancelled() {
        give_back(&remote, &held).await;
        asked?;
        return Err(confirm::stopped(usize::try_from(messages).unwrap_or(usize::MAX)));
    }
    let topology = &prepared.snapshot.topology;
    let targets = begun.plan.targets();
    let first_bounce = earliest_return::first(targets.iter(), topology);
    let header = header(&session, &prepared, &begun, (settings, held.len()));
    let both = (session.clone(), remote.clone());
    let mut functions = Functions::new(prepared.live, both, &targets, begun.started);
    functions.begin(clock.now());
    let watched = Watched {
        functions: Some(functions),
        first_bounce,
        proves: begun.course.canary_proves.then(|| clock.clone()),
    };
    let missed = begun.missed;
    let mut run = None;
    if !whole || !header.chosen.is_empty() {
        let journal = match Journal::create(&path, &header) {
            Ok(journal) => journal,
            Err(error) => {
                give_back(&remote, &held).await;
                return Err(Failure::usage(plain(&error.to_string())));
            }
        };
        run = Some(Run {
            remote: remote.clone(),
            session: session.clone(),
            journal,
            replay: Replay::new(header),
            edits: BTreeMap::new(),
            what: "redrive",
            stop: stop.clone(),
            canary: 0,
        });
    }
    if whole {
        let task = task::Task {
            session,
            right,
            queue: prepared.queue,
            url: prepared.url,
            depth: prepared.depth,
            to: prepared.to,
            path,
        };
        return Box::pin(task.run(args, begun, (run, held), watched, &stop)).await;
    }
    let Some(run) = run else {
        return Ok(Exit::Partly);
    };
    held.sort_by_key(|(held, _)| begun.unwanted.contains(&held.letter.message_id));
    let stays = stays(&begun.plan);
    let alone = begun.course.canary == 0 && begun.course.canary_proves;
    let code = run
        .finish(args, held, stays, (watched, alone), Some((&begun, now)))
        .await?;
    // What somebody else held was there, and was not put back.
    Ok(if missed > 0 { Exit::Partly } else { code })
}

/// Why a run that nobody watches does not begin.
fn refusal(args: &Redrive, begun: &Begun, now: Timestamp) -> Option<String> {
    let messages = begun.course.messages;
    if !args.yes || args.ignore_check || messages == 0 {
        return None;
    }
    // A single message is its own canary.
    check::refusal(&begun.check, begun.course.canary > 0 || messages == 1, now)
}

/// Prints what would be done; what was read is made visible again.
async fn dry(
    args: &Redrive,
    remote: &Remote,
    queue: &DeadLetterQueue,
    begun: &Begun,
    now: Timestamp,
) -> Result<Exit, Failure> {
    give_back(remote, &begun.gathered.held).await;
    if queue.is_fifo() {
        console::say("FIFO shows only the first messages of each group: what lies behind them goes too.");
    }
    output::plan(args.format, queue.id.as_str(), begun, now)
}

/// What goes first stays in hand; the rest is made visible again: SQS moves what is visible.
async fn first_in_hand(remote: &Remote, begun: &Begun, held: Vec<(Received, i64)>) -> Vec<(Received, i64)> {
    let first = begun.plan.chosen.iter().take(begun.course.canary);
    let first: Vec<&str> = first.map(|one| one.id.as_str()).collect();
    let (kept, back): (Vec<_>, Vec<_>) = held
        .into_iter()
        .partition(|(held, _)| first.contains(&held.letter.message_id.as_str()));
    give_back(remote, &back).await;
    kept
}

/// The journal's header: of all that goes, or of what goes first where SQS moves the rest.
fn header(session: &Session, prepared: &Prepared, begun: &Begun, (settings, held): (Settings, usize)) -> Header {
    let mut header = Header {
        pitagora_redrive: VERSION,
        started: begun.started,
        who: session.identity.clone(),
        scope: session.scope.clone(),
        endpoint: session.endpoint().map(str::to_owned),
        queue: prepared.queue.id.clone(),
        url: prepared.url.clone(),
        depth: prepared.depth.max(held as u64),
        settings: Settings {
            canary: begun.course.canary,
            ..settings
        },
        ways: ways(
            &prepared.queue,
            &prepared.targets,
            &prepared.to,
            &begun.plan,
            begun.grows,
        ),
        grows: begun.grows,
        chosen: begun.plan.chosen.clone(),
    };
    if prepared.engine == EngineKind::MoveTask {
        header.chosen.truncate(begun.course.canary);
        header.settings.canary = 0;
    }
    header
}

/// What does not go, and why.
fn stays(plan: &Plan) -> Vec<Left> {
    let stays = plan.staying().map(|(id, why)| Left {
        message_id: id.to_owned(),
        why: why.to_string(),
    });
    stays.collect()
}

/// Goes on with a run that was killed or stopped.
pub(super) async fn resume(
    mut live: Live,
    session: Session,
    (right, production): (MayWrite, bool),
    args: &Redrive,
    path: &Path,
) -> Result<Exit, Failure> {
    let opened = Journal::open(path).map_err(|error| Failure::usage(plain(&error.to_string())));
    let (journal, mut replay) = opened?;
    let header = &mut replay.header;
    if header.scope != session.scope {
        let there = format!("{} in {}", header.scope.account, header.scope.region);
        return Err(Failure::usage(format_args!(
            "The journal is of account {}: choose its profile and region.",
            plain(&there)
        )));
    }
    if header.endpoint.as_deref() != session.endpoint() {
        let there = header
            .endpoint
            .as_deref()
            .unwrap_or("AWS itself, without --endpoint-url");
        let why = format!("The journal is of another endpoint: go on with it at {}.", plain(there));
        return Err(Failure::usage(why));
    }
    console::say(format_args!("journal: {}", path.display()));
    if let Some(unknown) = args.unknown {
        header.settings.unknown = on_unknown(Some(unknown));
    }
    // What was proved then is not known now.
    header.settings.canary = 0;
    let edits = edits::read(path).map_err(|error| {
        let why = format!("The edits beside the journal could not be read ({error}): nothing was sent.");
        Failure::usage(plain(&why))
    })?;
    let targets: Vec<Target> = header.ways.iter().map(|way| way.target.clone()).collect();
    let stop = stop_on_signals("what is on its way is brought to its end, the rest is given back");
    let clock = session.clock().unwrap_or(Clock::System);
    let remote = Remote::new(session.clone(), right, header.queue.clone(), header.url.clone());
    let is_open = |entry: &Entry| !entry.gone && entry.sent.is_none();
    let grows = header.grows.is_some();
    let unsent = replay.entries.values().filter(|entry| is_open(entry)).count();
    let before = replay.entries.values().filter(|entry| entry.sent.is_some()).count();
    console::say(format_args!(
        "{}the counts are of the whole run; {before} messages were sent before.",
        if replay.done {
            "this run is finished: nothing is sent now; "
        } else {
            ""
        }
    ));
    // What a run held was sent by nobody: whether the cause is fixed by now is asked as before a new one.
    let mut canary = 0;
    let proves = args.yes && !args.no_canary && args.canary != Some(0);
    if unsent > 0 || grows {
        let snapshot = live.chain().await;
        let name = header.queue.short_name();
        let evidence = (Vec::new(), unsent as u64, args.rate);
        let check = check::look(&session, &mut live, &targets, evidence, &stop).await;
        canary = args.canary(&Settings::at_speed(clock.speed()));
        if unsent <= canary && !grows {
            canary = 0;
        }
        let now = clock.now();
        let is_watched = !args.yes || args.ignore_check;
        if let Some(why) = check::refusal(&check, !args.no_canary, now).filter(|_| !is_watched) {
            return Err(Failure::partly(why));
        }
        for line in check::lines(&check, now) {
            console::say(format_args!("{line}."));
        }
        let against = !check.passes() && !args.ignore_check;
        confirm::confirm(args, (production, against), name, unsent as u64, &stop).await?;
        drop(snapshot);
    }
    let header = &replay.header;
    let both = (session.clone(), remote.clone());
    let mut functions = Functions::new(live, both, &targets, clock.now());
    functions.begin(clock.now());
    console::say(format_args!(
        "what the run held is given back first; what others hold is waited for, {} s at most.",
        header.settings.patience_ms / 1000
    ));
    let run = Run {
        remote,
        session,
        journal,
        replay,
        edits,
        what: "resume",
        stop,
        canary,
    };
    let watched = Watched {
        functions: Some(functions),
        first_bounce: None,
        proves: (proves && canary > 0).then(|| clock.clone()),
    };
    let alone = proves && canary == 0 && unsent == 1;
    run.finish(args, Vec::new(), Vec::new(), (watched, alone), None).await
}

/// A run of the own engine whose journal is on the disk.
pub(super) struct Run {
    remote: Remote,
    session: Session,
    journal: Journal,
    replay: Replay,
    edits: BTreeMap<String, Edit>,
    what: &'static str,
    stop: CancellationToken,
    /// So many go first of a run that goes on; a new one has its number in its header.
    canary: usize,
}

impl Run {
    /// Goes to the end. Answers with what came of it, and with what was watched meanwhile.
    pub(super) async fn go(self, held: Vec<(Received, i64)>, watched: Watched) -> (Summary, Option<Watched>) {
        let path = self.journal.path().to_owned();
        let clock = self.remote.clock();
        let now = clock.now().as_millisecond();
        let (mut engine, first) = Engine::start(&self.replay, &self.edits, held, now);
        engine.first(self.canary);
        let moved_before = engine.summary().sent;
        let act = Act::of_run(
            &self.session.identity,
            self.what,
            &self.replay.header,
            moved_before,
            &path,
        );
        note(&act, &clock, None);
        let (say, words) = mpsc::channel(8);
        let (tell, progress) = watch::channel(Progress::default());
        let queue = self.replay.header.queue.to_string();
        let listening = tokio::spawn(listen(progress, say, queue, watched, self.stop.clone()));
        let summary = drive(self.remote, self.journal, engine, first, words, tell).await;
        let watched = listening.await.ok();
        console::clear();
        let edited = |left: &Left| self.edits.contains_key(&left.message_id);
        if !summary.left.iter().any(edited)
            && let Err(error) = edits::forget(&path)
        {
            console::say(format_args!(
                "the edits beside the journal could not be removed ({error})."
            ));
        }
        note(&act, &clock, Some(summary.sent.saturating_sub(act.moved_before)));
        (summary, watched)
    }

    async fn finish(
        self,
        args: &Redrive,
        held: Vec<(Received, i64)>,
        stays: Vec<Left>,
        (watched, alone): (Watched, bool),
        begun: Option<(&Begun, Timestamp)>,
    ) -> Result<Exit, Failure> {
        let (clock, sent) = (self.remote.clock(), self.remote.clock().now());
        let first_bounce = watched.first_bounce;
        let path = self.journal.path().to_owned();
        let (remote, depth, stop) = (self.remote.clone(), self.replay.header.depth, self.stop.clone());
        let (mut summary, watched) = self.go(held, watched).await;
        let proved = match watched.filter(|_| alone && summary.sent > 0 && !stop.is_cancelled()) {
            Some(mut watched) => watched.proved_alone(&clock, sent, &stop).await,
            None => true,
        };
        summary.left.extend(stays);
        let stays = depth.saturating_sub(u64::try_from(summary.deleted).unwrap_or(0));
        let bounced = earliest_return::watch(&remote, args.watch, first_bounce, (summary.sent, stays), &stop).await;
        let code = output::outcome(args.format, &summary, EngineKind::Client, Some(&path), bounced, begun)?;
        Ok(if proved { code } else { Exit::Partly })
    }
}

/// Why nothing could be taken, where the queue had counted something: it is held by somebody, or is gone.
fn none_taken(name: &str, depth: u64, missed: u64) -> Result<(), Failure> {
    if missed > 0 {
        return Err(Failure::partly(format_args!(
            "Nothing of {name} could be taken: wait until whoever holds its messages has ended, then run this again."
        )));
    }
    if depth > 0 {
        console::say(format_args!(
            "{depth} were counted in {name}, and none is there now: somebody else took them, or they expired."
        ));
    }
    Ok(())
}

/// The plan's ways, and those of messages that will come into sight.
fn ways(queue: &DeadLetterQueue, targets: &Targets, to: &To, plan: &Plan, grows: Option<Growth>) -> Vec<Route> {
    let mut ways = plan.ways.clone();
    // Nothing was in sight, because somebody else holds the head of each group: what comes goes this way.
    if let (Some(Growth::First), To::Named(target @ Target::Queue { .. }), true) = (grows, to, ways.is_empty()) {
        ways.push(Route {
            target: target.clone(),
            shape: Transform::Same,
        });
    }
    if grows != Some(Growth::Back) {
        return ways;
    }
    for feeder in queue.feeders(Origin::SqsRedrive) {
        if let Some((url, fifo)) = targets.queues.get(feeder.id.as_str()) {
            let way = Route {
                target: Target::Queue {
                    arn: feeder.id.to_string(),
                    url: url.clone(),
                    fifo: *fifo,
                },
                shape: Transform::Same,
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
        canary: args.canary(&usual),
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

fn journal_path(args: &Redrive, queue: &str, clock: &Clock) -> Result<PathBuf, Failure> {
    if let Some(path) = &args.journal {
        return Ok(path.clone());
    }
    let folder = journals()
        .ok_or_else(|| Failure::usage("There is no home directory for the journal: name a file with --journal."))?;
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
    Ok(folder.join(format!("{name}-{time}.jsonl")))
}

/// Notes in the audit file that an act begins, or ended with so many messages; that it failed is said, and changes nothing.
pub(super) fn note(act: &Act, clock: &Clock, messages: Option<usize>) {
    let file = config::state_dir().map(|folder| folder.join("audit.jsonl"));
    let noted = match messages {
        None => act.begins(file.as_deref(), clock.now()),
        Some(messages) => act.ends(file.as_deref(), clock.now(), messages),
    };
    if let Err(error) = noted {
        console::say(format_args!(
            "the line for the audit file could not be written ({error})."
        ));
    }
}
