//! One survey: reads the account and says, part by part, what chain it finds.

mod alarms;
mod bridge;
mod events;
mod existence;
mod found;
mod guess;
mod in_use;
mod lambda;
mod log_groups;
mod loops;
mod mappings;
mod near;
mod neighbours;
mod pattern;
mod settings;
mod sources;
mod streams;
mod versions;
mod worst;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream;
use tokio::sync::watch;

use super::ScopeFilter;
use super::connection::Link;
use super::emit::Emitter;
use super::targets::{Keeping, Targets};
use crate::aws::environment::Known;
use crate::aws::functions::FunctionSeen;
use crate::aws::{Api, Error, Session};
use crate::domain::{Arn, Detail, Fact, Node, NodeId, NodeKind, Part, Recollection, Scope};
use crate::pollers::unread::Unread;
use bridge::Bridge;
use existence::Existence;
use found::Before;
use guess::{GUESS, Guessing};
use in_use::InUse;
pub use log_groups::Turns;
pub use near::Want;
use worst::Worst;

/// Calls under way at the same time for one kind of resource; the limiter holds the pace.
const PARALLEL: usize = 16;
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// A survey under way.
pub struct Survey<'a> {
    session: &'a Session,
    emit: &'a Emitter,
    link: &'a Link,
    filter: &'a ScopeFilter,
    /// Buckets' configurations cost money to read: most surveys carry on with what the last reading said.
    read_buckets: bool,
    /// Log groups whose subscriptions are read again: the calls have a small budget.
    groups_again: usize,
    /// Surveys before this one.
    round: u32,
    before: Before,
    want: Want,
    /// Whether results are shown before the survey is complete.
    worst_first: bool,
    state: Mutex<State>,
}

/// State carried from one survey to the next.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// The buckets that are known to send to the default event bus.
    pub senders: BTreeSet<String>,
    /// Whose turn it is among the log groups.
    pub turns: Turns,
    /// Surveys so far.
    round: u32,
    before: Before,
    in_use: InUse,
}

impl Carried {
    /// With what the last survey found, which the next one asks about again only in turns.
    #[must_use]
    pub fn with(self, memory: Vec<Recollection>) -> Self {
        Self {
            before: Before::new(memory),
            ..self
        }
    }
}

#[derive(Default)]
struct State {
    progress: Progress,
    guessing: Guessing,
    asked: Asked,
    parts: BTreeSet<Part>,
    unread: BTreeSet<String>,
    targets: Targets,
    /// Whether each group of schedules keeps what it gives up.
    schedules_keep: BTreeMap<NodeId, Keeping>,
    memory: Vec<Recollection>,
    buckets: BTreeSet<String>,
    log_groups: BTreeSet<String>,
    turns: Turns,
    bridge: Bridge,
    existence: Existence,
    in_use: InUse,
    worst: Worst,
}

/// How far a survey is.
#[derive(Default)]
struct Progress {
    failed: bool,
    /// Calls that were answered.
    done: u32,
    /// Calls that it takes, as far as is known.
    total: u32,
    told: Option<Instant>,
}

/// What this survey asks about, or leaves to a later one.
#[derive(Default)]
struct Asked {
    /// Log groups.
    log_groups: BTreeSet<String>,
    /// Functions that are not as the last survey saw them.
    changed: BTreeSet<NodeId>,
    /// Queues that were asked for by name.
    queues: BTreeSet<NodeId>,
    /// Buckets.
    buckets: BTreeSet<String>,
}

impl State {
    /// A function polls a queue or stream: a variable that names it says what is read.
    fn consumes(&mut self, function: &NodeId, source: &NodeId) {
        self.guessing
            .consumed
            .entry(function.clone())
            .or_default()
            .insert(source.clone());
    }

    /// A resource that a function's environment may name.
    fn know(&mut self, node: &Node) {
        let url = match &node.detail {
            Detail::Queue(queue) => Some(queue.url.clone()),
            _ => None,
        };
        let known = self.guessing.known.entry(node.id.clone()).or_insert_with(|| Known {
            id: node.id.clone(),
            name: node.name.clone(),
            url: None,
        });
        known.url = url.or(known.url.take());
    }
}

/// What a survey leaves behind.
pub struct Surveyed {
    /// The targets of the other pollers.
    pub targets: Targets,
    /// Whether every part was read.
    pub whole: bool,
    /// What was found, part by part.
    pub memory: Vec<Recollection>,
    /// The parts there are, those that could not be read included.
    pub parts: BTreeSet<Part>,
    /// APIs of which what they said earlier stays.
    pub unread: BTreeSet<String>,
    /// For the next survey.
    pub carried: Carried,
}

impl<'a> Survey<'a> {
    /// A survey that is about to run, with what the one before left. Buckets and alarms are read if `read_buckets` says so.
    #[must_use]
    pub fn new(
        session: &'a Session,
        emit: &'a Emitter,
        link: &'a Link,
        filter: &'a ScopeFilter,
        read_buckets: bool,
        groups_again: usize,
        carried: Carried,
    ) -> Self {
        let bridge = Bridge {
            buckets: carried.senders,
            ..Bridge::default()
        };
        Self {
            session,
            emit,
            link,
            filter,
            read_buckets,
            groups_again,
            round: carried.round,
            before: carried.before,
            want: Want::Everything,
            worst_first: false,
            state: Mutex::new(State {
                bridge,
                turns: carried.turns,
                in_use: carried.in_use,
                ..State::default()
            }),
        }
    }

    /// Limits the survey to what was asked for.
    #[must_use]
    pub fn of(self, want: Want) -> Self {
        Self { want, ..self }
    }

    /// Reads the errors of functions once, to survey the worst ones first, for a screen that shows them meanwhile.
    #[must_use]
    pub fn worst_first(self, worst_first: bool) -> Self {
        Self { worst_first, ..self }
    }

    /// Runs the survey. `targets` is published as soon as the listings are read, before the slow calls for each function
    /// end.
    pub async fn run(self, targets: &watch::Sender<Targets>) -> Surveyed {
        self.progress(true).await;
        // Listings first: they show the shape of the chain within seconds.
        // Mappings too: what a function reads is no guess of what it writes.
        let mappings = async {
            if self.want != Want::Logs {
                self.mappings().await;
            }
        };
        let (functions, (), ()) = tokio::join!(self.functions(), mappings, self.named_queues());
        if self.is_near().await {
            self.emit.send(Fact::Narrowed).await;
            self.state().targets.only_seen = true;
            self.near(&functions).await;
        } else {
            Box::pin(self.everything(&functions, targets)).await;
        }
        self.neighbours().await;
        self.end(targets).await
    }

    /// All that is not listed yet.
    async fn everything(&self, functions: &[Arc<FunctionSeen>], targets: &watch::Sender<Targets>) {
        // Each service has limits of its own: all of them are asked at once.
        tokio::join!(
            async {
                self.queues().await;
                self.guess().await;
                self.tell_early(targets);
            },
            self.find_what_is_used(functions.len()),
            self.subscriptions(),
            self.rules(),
            self.schedules(),
            self.pipes(),
            self.buckets(),
            self.configurations(functions),
            self.log_classes(functions),
            self.streams(),
            self.alarms(),
        );
        // Only now is known which buckets, log groups, URLs and qualifiers the policies and links name.
        tokio::join!(self.named_buckets(), self.urls(functions));
        self.aliases(functions).await;
        tokio::join!(
            self.named_buckets(),
            self.own_log_groups(functions),
            self.named_log_groups()
        );
        self.named_versions(functions).await;
        self.through_bus().await;
        self.guess().await;
        self.rules_of_default_bus().await;
        self.loop_detection(functions).await;
    }

    /// Says what the survey came to.
    async fn end(self, targets: &watch::Sender<Targets>) -> Surveyed {
        let missing = self.missing().await;
        let gone_sources = self.gone_sources().await;
        self.progress(true).await;
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.turns.end(&state.asked.log_groups);
        targets.send_if_modified(|now| {
            let changed = *now != state.targets;
            if changed {
                now.clone_from(&state.targets);
            }
            changed
        });
        let (parts, unread) = (state.parts, state.unread);
        self.emit.send(Fact::Missing(missing)).await;
        self.emit.send(Fact::GoneSources(gone_sources)).await;
        self.emit
            .send(Fact::Surveyed {
                parts: parts.clone(),
                unread: unread.clone(),
            })
            .await;
        Surveyed {
            targets: state.targets,
            whole: !state.progress.failed,
            memory: state.memory,
            parts,
            unread,
            carried: Carried {
                senders: state.bridge.buckets,
                turns: state.turns,
                round: self.round.wrapping_add(1),
                before: Before::default(),
                in_use: state.in_use,
            },
        }
    }

    /// Shows the other pollers of functions and queues before the slow calls end.
    fn tell_early(&self, targets: &watch::Sender<Targets>) {
        let early = Targets {
            // Asked about once all of them are known, and what each of them keeps.
            stream_readers: BTreeSet::new(),
            counting: BTreeSet::new(),
            topics: BTreeMap::new(),
            rules: BTreeMap::new(),
            schedule_groups: BTreeMap::new(),
            ..self.state().targets.clone()
        };
        targets.send_if_modified(|now| {
            let more = early.functions.len() + early.queues.len() > now.functions.len() + now.queues.len();
            if more {
                now.clone_from(&early);
            }
            more
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn scope(&self) -> &Scope {
        &self.session.scope
    }

    fn bare_node(&self, id: &NodeId) -> Node {
        if let Some(arn) = Arn::parse(id.as_str()) {
            Node::from_arn(&arn, self.scope())
        } else {
            let (kind, name) = without_arn(id.as_str());
            Node {
                id: id.clone(),
                kind,
                name: name.to_owned(),
                detail: Detail::None,
            }
        }
    }

    /// Says that one part could not be read, and what is not known because of it. The part stays as it was.
    async fn unread(&self, part: Part, what: Unread, error: &Error) {
        self.link.report(error);
        {
            let mut state = self.state();
            state.progress.failed = true;
            if part.of.is_empty() {
                state.unread.insert(part.api.clone());
            }
            state.parts.insert(part.clone());
        }
        let unknown = error.unknown(what);
        self.emit.send(Fact::Unread { part, unknown }).await;
    }

    /// Whether a node of this id is in scope itself.
    fn admits(&self, id: &NodeId, name: &str) -> bool {
        self.filter.admits(id, name)
    }

    fn more(&self, calls: usize) {
        self.state().progress.total += u32::try_from(calls).unwrap_or(u32::MAX);
    }

    async fn done(&self) {
        self.state().progress.done += 1;
        self.progress(false).await;
    }

    async fn progress(&self, now: bool) {
        let fact = {
            let mut state = self.state();
            if !now && state.progress.told.is_some_and(|told| told.elapsed() < PROGRESS_EVERY) {
                return;
            }
            state.progress.told = Some(Instant::now());
            Fact::Progress {
                done: state.progress.done,
                total: state.progress.total,
            }
        };
        self.emit.send(fact).await;
    }

    /// Runs one call for each item, some at a time, counting progress.
    async fn each<T, F: Future<Output = ()>>(&self, items: Vec<T>, run: impl Fn(T) -> F) {
        self.more(items.len());
        stream::iter(items)
            .for_each_concurrent(PARALLEL, |item| {
                let one = run(item);
                async {
                    one.await;
                    self.done().await;
                }
            })
            .await;
    }
}

/// Kind and short name of what has no ARN: a Kafka cluster outside AWS, a function's URL, an Alexa skill.
fn without_arn(text: &str) -> (NodeKind, &str) {
    if let Some(server) = text.strip_prefix("kafka://") {
        // The host without its port, whole: `b-1` is the first server of every cluster.
        return (
            NodeKind::Kafka,
            server.rsplit_once(':').map_or(server, |(host, _)| host),
        );
    }
    if text == "amzn1.ask.skill.*" {
        return (NodeKind::Alexa, "any Alexa skill");
    }
    if text.starts_with("amzn1.") {
        return (NodeKind::Alexa, text.rsplit('.').next().unwrap_or(text));
    }
    let is_url = text.starts_with("https://") || text.starts_with("http://");
    let kind = if is_url {
        NodeKind::FunctionUrl
    } else {
        NodeKind::External
    };
    let host = text.split("://").last().unwrap_or(text).trim_end_matches('/');
    (kind, host.split('.').next().unwrap_or(host))
}

fn node_of(text: &str) -> Option<(NodeId, Option<String>)> {
    // AWS (kafka): a Kafka topic as a destination, or a cluster outside AWS.
    if text.starts_with("kafka://") {
        return Some((NodeId::from(text), None));
    }
    Some(Arn::parse(text)?.node())
}

fn part(api: &Api, of: impl Into<String>) -> Part {
    Part::new(api.action, of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_arn_has_a_name_that_tells_it_apart() {
        for (id, kind, name) in [
            (
                "amzn1.ask.skill.5ac5b15a-ee34-44d8-97d1-d1c1c6581020",
                NodeKind::Alexa,
                "5ac5b15a-ee34-44d8-97d1-d1c1c6581020",
            ),
            ("amzn1.ask.skill.*", NodeKind::Alexa, "any Alexa skill"),
            (
                "kafka://b-1.shop.example.com:9092",
                NodeKind::Kafka,
                "b-1.shop.example.com",
            ),
            ("kafka://10.0.0.7:9092", NodeKind::Kafka, "10.0.0.7"),
            (
                "https://abc123.lambda-url.eu-west-1.on.aws/",
                NodeKind::FunctionUrl,
                "abc123",
            ),
        ] {
            assert_eq!(without_arn(id), (kind, name));
        }
    }
}
