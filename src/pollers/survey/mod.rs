//! One survey: reads the account and says, part by part, what chain it finds.

mod alarms;
mod bridge;
mod events;
mod existence;
mod lambda;
mod log_groups;
mod mappings;
mod pattern;
mod sources;
mod streams;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream;

use super::ScopeFilter;
use super::connection::Link;
use super::emit::Emitter;
use super::targets::{Keeping, Targets};
use crate::aws::environment::{Environment, Known, KnownIndex};
use crate::aws::{Api, Error, Session};
use crate::domain::{
    Arn, Detail, Edge, EdgeKind, EdgePolicy, Evidence, Fact, Node, NodeId, NodeKind, Part, Recollection, Scope,
};
use bridge::Bridge;
use existence::Existence;
pub use log_groups::Turns;

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
    state: Mutex<State>,
}

/// What one survey leaves to the next.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// The buckets that are known to send to the default event bus.
    pub senders: BTreeSet<String>,
    /// Whose turn it is among the log groups.
    pub turns: Turns,
}

/// Stands for an API where what a function calls is guessed from its environment.
const GUESS: &str = "guess";

#[derive(Default)]
struct State {
    parts: BTreeSet<Part>,
    unread: BTreeSet<String>,
    failed: bool,
    done: u32,
    total: u32,
    told: Option<Instant>,
    known: BTreeMap<NodeId, Known>,
    environments: Vec<(NodeId, Environment)>,
    guessed: BTreeMap<NodeId, Vec<Edge>>,
    /// What is not in scope, as far as it was listed: a guess may yet lead there.
    left_out: BTreeMap<NodeId, Node>,
    targets: Targets,
    /// Whether each group of schedules keeps what it gives up.
    schedules_keep: BTreeMap<NodeId, Keeping>,
    memory: Vec<Recollection>,
    buckets: BTreeSet<String>,
    log_groups: BTreeSet<String>,
    /// The log groups that this survey asks about, or leaves to a later one.
    subscribed: BTreeSet<String>,
    turns: Turns,
    /// What each function polls, by mapping or pipe.
    consumed: BTreeMap<NodeId, BTreeSet<NodeId>>,
    bridge: Bridge,
    existence: Existence,
}

impl State {
    /// A function polls a queue or stream: a variable that names it says what is read.
    fn consumes(&mut self, function: &NodeId, source: &NodeId) {
        self.consumed
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
        let known = self.known.entry(node.id.clone()).or_insert_with(|| Known {
            id: node.id.clone(),
            name: node.name.clone(),
            url: None,
        });
        known.url = url.or(known.url.take());
    }
}

/// What a survey leaves behind.
pub struct Surveyed {
    /// What the other pollers look at.
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
            state: Mutex::new(State {
                bridge,
                turns: carried.turns,
                ..State::default()
            }),
        }
    }

    /// Runs it. `targets` is told as soon as the listings are there, before the slow calls for each function end.
    pub async fn run(self, targets: &tokio::sync::watch::Sender<Targets>) -> Surveyed {
        self.progress(true).await;
        // Listings first: they show the shape of the chain within seconds.
        // Mappings too: what a function reads is no guess of what it writes.
        let (functions, (), ()) = tokio::join!(self.functions(), self.queues(), self.mappings());
        self.guess().await;
        let early = Targets {
            // Asked about with topics and rules, once all are known.
            stream_readers: BTreeSet::new(),
            ..self.state().targets.clone()
        };
        targets.send_if_modified(|now| {
            let more = early.functions.len() + early.queues.len() > now.functions.len() + now.queues.len();
            if more {
                now.clone_from(&early);
            }
            more
        });
        tokio::join!(
            self.subscriptions(),
            self.rules(),
            self.schedules(),
            self.pipes(),
            self.buckets(),
            self.configurations(&functions),
            self.log_classes(&functions),
            self.streams(),
            self.own_log_groups(&functions),
            self.alarms(),
        );
        // Only now is known which buckets and log groups the policies name.
        tokio::join!(self.named_buckets(), self.named_log_groups());
        self.named_versions(&functions).await;
        self.through_bus().await;
        self.guess().await;
        self.rules_of_default_bus().await;
        let missing = self.missing().await;
        self.progress(true).await;
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.turns.end(&state.subscribed);
        targets.send_if_modified(|now| {
            let changed = *now != state.targets;
            if changed {
                now.clone_from(&state.targets);
            }
            changed
        });
        let (parts, unread) = (state.parts, state.unread);
        self.emit.send(Fact::Missing(missing)).await;
        self.emit
            .send(Fact::Surveyed {
                parts: parts.clone(),
                unread: unread.clone(),
            })
            .await;
        Surveyed {
            targets: state.targets,
            whole: !state.failed,
            memory: state.memory,
            parts,
            unread,
            carried: Carried {
                senders: state.bridge.buckets,
                turns: state.turns,
            },
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn scope(&self) -> &Scope {
        &self.session.scope
    }

    /// Says what one part holds, as far as it is in scope.
    async fn found(&self, part: Part, mut nodes: Vec<Node>, mut edges: Vec<Edge>) {
        // Every end of an edge is a node, if only by its ARN.
        for edge in &edges {
            for id in [&edge.key.from, &edge.key.to] {
                if !nodes.iter().any(|node| node.id == *id) {
                    nodes.push(self.bare_node(id));
                }
            }
        }
        let listed = if self.filter.is_all() {
            Vec::new()
        } else {
            nodes.clone()
        };
        self.filter.apply(&mut nodes, &mut edges);
        {
            let mut state = self.state();
            for node in &nodes {
                state.know(node);
                state.targets.add(node);
            }
            for edge in &edges {
                state.existence.name(edge);
            }
            // AWS: what a mapping could not write to its on-failure destination is counted as the function's.
            let keepers = edges
                .iter()
                .filter(|edge| edge.keeps_failures() || edge.is_of_mapping());
            let keepers: Vec<NodeId> = keepers.map(|edge| edge.key.from.clone()).collect();
            state.targets.keepers.extend(keepers);
            for node in listed {
                if !nodes.iter().any(|kept| kept.id == node.id) {
                    state.know(&node);
                    state.targets.leave_out(&node);
                    // A bare name does not take the place of what is known in full.
                    if node.detail != Detail::None || !state.left_out.contains_key(&node.id) {
                        state.left_out.insert(node.id.clone(), node);
                    }
                }
            }
            state.parts.insert(part.clone());
            state.memory.push(Recollection {
                part: part.clone(),
                nodes: nodes.clone(),
                edges: edges.clone(),
            });
        }
        self.emit.send(Fact::Found { part, nodes, edges }).await;
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
    async fn unread(&self, part: Part, what: &str, error: &Error) {
        self.link.report(error);
        {
            let mut state = self.state();
            state.failed = true;
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
        self.state().total += u32::try_from(calls).unwrap_or(u32::MAX);
    }

    async fn done(&self) {
        self.state().done += 1;
        self.progress(false).await;
    }

    async fn progress(&self, now: bool) {
        let fact = {
            let mut state = self.state();
            if !now && state.told.is_some_and(|told| told.elapsed() < PROGRESS_EVERY) {
                return;
            }
            state.told = Some(Instant::now());
            Fact::Progress {
                done: state.done,
                total: state.total,
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

    /// Guesses from environment variables what functions call, with all that is known by now.
    async fn guess(&self) {
        let found: Vec<(NodeId, Vec<Node>, Vec<Edge>)> = {
            let mut state = self.state();
            let mut index = KnownIndex::new(self.scope());
            for known in state.known.values() {
                index.insert(known);
            }
            let mut found = Vec::new();
            let nothing = BTreeSet::new();
            for (function, environment) in &state.environments {
                let mut edges: Vec<Edge> = Vec::new();
                let consumed = state.consumed.get(function).unwrap_or(&nothing);
                for (variable, target) in environment.names(&index, consumed) {
                    let in_scope = |id: &NodeId| {
                        let known = state.known.get(id);
                        known.is_some_and(|known| self.admits(id, &known.name))
                    };
                    if target == *function || !(in_scope(function) || in_scope(&target)) {
                        continue;
                    }
                    let policy = EdgePolicy {
                        variable: Some(variable),
                        ..EdgePolicy::default()
                    };
                    let edge = Edge::new(function.clone(), target, EdgeKind::Writes, Evidence::Guessed).with(policy);
                    match edges.iter_mut().find(|known| known.key == edge.key) {
                        Some(known) => known.merge(&edge),
                        None => edges.push(edge),
                    }
                }
                if state.guessed.get(function) != Some(&edges) {
                    // Known nodes only: their own parts name those that are in scope.
                    let ends: BTreeSet<&NodeId> =
                        edges.iter().flat_map(|edge| [&edge.key.from, &edge.key.to]).collect();
                    let node = |id: &NodeId| match state.left_out.get(id) {
                        Some(node) => Some(node.clone()),
                        // Named by its ARN, and listed nowhere.
                        None => (!state.known.contains_key(id)).then(|| self.bare_node(id)),
                    };
                    let nodes = ends.into_iter().filter_map(node).collect();
                    found.push((function.clone(), nodes, edges));
                }
            }
            for (function, nodes, edges) in &found {
                state.guessed.insert(function.clone(), edges.clone());
                for node in nodes {
                    state.targets.add(node);
                }
            }
            found
        };
        for (function, nodes, edges) in found {
            let part = Part::new(GUESS, function.as_str());
            {
                let mut state = self.state();
                state.parts.insert(part.clone());
                state.memory.push(Recollection {
                    part: part.clone(),
                    nodes: nodes.clone(),
                    edges: edges.clone(),
                });
            }
            self.emit.send(Fact::Found { part, nodes, edges }).await;
        }
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
    // AWS: a Kafka topic as a destination, or a cluster outside AWS.
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
