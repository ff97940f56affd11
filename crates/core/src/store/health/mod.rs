//! Health rules: each derives issues of one node.

mod arrival;
mod configuration;
mod cures;
mod functions;
mod loops;
mod losses;
mod partial;
mod queues;
mod reasons;
mod redrive_allow;
mod schedules;
mod streams;
mod suspects;
mod words;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::arrivals::Arrivals;
use super::coming::Coming;
use super::losses::{Losses, counts_losses, is_counted, whole};
use super::mappings::Mappings;
use super::series::recent;
use super::snapshot::{Health, Kind, Severity, Topology, Trouble, Vitals};
use crate::domain::phrase::Phrase;
use crate::domain::{Detail, Edge, EdgeKind, Metric, Node, NodeId, NodeKind, Scope};
use crate::permissions::Arrival;
pub use functions::is_unexplained;
pub use losses::{account_lost, because, reason, saved};
pub use queues::backs_up;
pub use schedules::{Schedules, groups_lost};
pub use words::{Because, Elsewhere, Holds, Keeper, Next, Rate, Reason, Sent, Unit, What, Why};

/// A failure older than this, with nothing run since, is no longer "failing now".
pub const FRESH: SignedDuration = SignedDuration::from_mins(15);
/// This many failed invocations in a row cannot be chance, whatever succeeded before.
pub const IN_ROW: u32 = 3;
/// Minutes for rates.
const LATELY: i64 = 5;
/// AWS (streams): a stream's age rises by a second a second while its shard is blocked; a healthy one stays near zero.
const ITERATOR_AGE_MS: f64 = 60_000.0;

/// The edges at each node, found without walking all edges for each.
pub struct Neighbours<'a> {
    into: BTreeMap<&'a NodeId, Vec<&'a Edge>>,
    out: BTreeMap<&'a NodeId, Vec<&'a Edge>>,
}

impl<'a> Neighbours<'a> {
    /// Indexes a chain.
    #[must_use]
    pub fn new(topology: &'a Topology) -> Self {
        let mut neighbours = Self {
            into: BTreeMap::new(),
            out: BTreeMap::new(),
        };
        for edge in &topology.edges {
            neighbours.into.entry(&edge.key.to).or_default().push(edge);
            neighbours.out.entry(&edge.key.from).or_default().push(edge);
        }
        neighbours
    }

    /// The edges that reach a node.
    #[must_use]
    pub fn into(&self, id: &NodeId) -> &[&'a Edge] {
        self.into.get(id).map_or(&[], Vec::as_slice)
    }

    /// The edges that leave a node.
    #[must_use]
    pub fn out(&self, id: &NodeId) -> &[&'a Edge] {
        self.out.get(id).map_or(&[], Vec::as_slice)
    }
}

/// What a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Held {
    /// Messages, whether visible, in flight or delayed.
    pub total: u64,
    /// By how much it grew in the last 15 minutes.
    pub grown: u64,
    /// When it was last seen to hold more than before; `None` if not in the last hour.
    pub grown_at: Option<Timestamp>,
    /// The age of its oldest message in seconds, by the latest metric. AWS (dead-letters): in a dead-letter queue, since it was moved
    /// there.
    pub oldest_s: Option<f64>,
}

/// The input of a rule.
pub struct View<'a> {
    /// The node.
    pub node: &'a Node,
    /// The edges at all nodes.
    pub neighbours: &'a Neighbours<'a>,
    /// What is known of its present state.
    pub vitals: &'a Vitals,
    /// Since when a queue has not been empty, as far as was seen.
    pub filled_since: Option<Timestamp>,
    /// What the mappings reported.
    pub mappings: &'a Mappings,
    /// What each queue holds whose depth was read.
    pub queues: &'a BTreeMap<NodeId, Held>,
    /// The chain.
    pub topology: &'a Topology,
    /// The invocations of each function, as its log shows them.
    pub invocations: &'a BTreeMap<NodeId, std::sync::Arc<crate::logs::Runs>>,
    /// Which links are cut.
    pub arrivals: &'a Arrivals,
    /// Where, as far as is known.
    pub scope: Option<&'a Scope>,
    /// The profile that the AWS CLI must be given to reach the same account.
    pub profile: Option<&'a str>,
    /// What was lost in the last hour, of all nodes.
    pub losses: &'a Losses,
    /// What will be lost, of all nodes, the soonest first.
    pub coming: &'a [Coming],
    /// Up to when metrics and logs could be read.
    pub read: ReadTo,
}

/// Up to when the sources could be read: what can no longer be read is not OK.
#[derive(Clone, Copy, Debug)]
pub struct ReadTo {
    /// Account time, as far as metrics could be read.
    pub metrics: Timestamp,
    /// Account time, as far as logs could be read.
    pub logs: Timestamp,
    /// Whether metrics cannot be read, and never could.
    pub no_metrics: bool,
}

impl View<'_> {
    fn function(&self) -> Option<&crate::domain::Function> {
        if let Detail::Function(function) = &self.node.detail {
            Some(function)
        } else {
            None
        }
    }

    fn lately(&self, metric: Metric) -> f64 {
        self.vitals
            .metrics
            .get(&metric)
            .map_or(0.0, |series| recent(&series.points, self.read.metrics, LATELY))
    }

    fn dead_letter_feeders(&self) -> Vec<&str> {
        let feeders = self
            .neighbours
            .into(&self.node.id)
            .iter()
            .filter(|edge| edge.key.kind == EdgeKind::DeadLetter);
        let failures = self.neighbours.into(&self.node.id).iter().filter(|edge| {
            edge.key.kind == EdgeKind::Destination
                && edge
                    .policies
                    .iter()
                    .any(|policy| policy.condition.as_deref() == Some("OnFailure"))
        });
        let mut names: Vec<&str> = feeders.chain(failures).map(|edge| edge.key.from.short_name()).collect();
        names.dedup();
        names
    }

    /// Who takes messages out of this queue: functions and pipes behind an enabled trigger.
    fn readers(&self) -> Vec<&str> {
        let triggers = self.neighbours.out(&self.node.id).iter();
        let triggers = triggers.filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled);
        triggers.map(|edge| edge.key.to.short_name()).collect()
    }

    /// Whether it also gets other messages: from a trigger, a topic, or on success.
    fn is_fed_otherwise(&self) -> bool {
        let on_success = |edge: &Edge| {
            edge.policies
                .iter()
                .any(|policy| policy.condition.as_deref() == Some("OnSuccess"))
        };
        self.neighbours
            .into(&self.node.id)
            .iter()
            .any(|edge| match edge.key.kind {
                EdgeKind::Trigger => edge.enabled,
                EdgeKind::Destination => on_success(edge),
                EdgeKind::DeadLetter | EdgeKind::Writes => false,
            })
    }

    fn trouble(&self, severity: Severity, what: impl Into<Phrase>) -> Trouble {
        Trouble::of(self.node.id.clone(), severity, what)
    }
}

/// What something is called that is no node of the chain; `None` if only its id names it.
#[must_use]
pub fn name_elsewhere(id: &NodeId) -> Option<Elsewhere> {
    let (_, group) = id.as_str().split_once(":schedule-group/")?;
    let group = group.to_owned();
    Some(Elsewhere::ScheduleGroup { group })
}

type Rule = fn(&View<'_>) -> Option<Trouble>;

/// In the order in which they are named where several hold.
const RULES: &[Rule] = &[
    // Said besides: what fails is named first, in the box too.
    losses::will_be_lost,
    functions::nothing_may_run,
    functions::function_cannot_start,
    functions::failing_runs,
    losses::lost_events,
    losses::perhaps_lost,
    schedules::of_its_group,
    functions::throttled,
    functions::mapping_fails,
    partial::gives_back,
    queues::dead_letters_wait,
    queues::nobody_reads,
    queues::backlog_grows,
    queues::forgets_before_dead_letter,
    queues::keeps_dead_letters_too_short,
    redrive_allow::is_not_let_in,
    streams::stream_falls_behind,
    streams::forgets_before_maximum_age,
    configuration::missing,
    configuration::alarm,
    configuration::switched_off,
    loops::feeds_itself,
];

/// Judges one node: its health, the reason in a few words, and what to list.
#[must_use]
pub fn evaluate(view: &View<'_>) -> (Health, Phrase, Vec<Trouble>) {
    let cut = arrival::cut_links(view);
    let mut troubles: Vec<Trouble> = cut
        .into_iter()
        .chain(RULES.iter().filter_map(|rule| rule(view)))
        .collect();
    let worst = troubles.iter().max_by_key(|trouble| trouble.severity);
    let health = match worst.map(|trouble| trouble.severity) {
        Some(Severity::Loss | Severity::Failing) => Health::Failing,
        Some(Severity::Warning) => Health::Warning,
        Some(Severity::Notice) | None if is_off(view) => Health::Off,
        _ if is_read(view) => Health::Well,
        _ => Health::Unknown,
    };
    let why = worst.map(|trouble| trouble.what.clone()).unwrap_or_default();
    // Its box shows it; in the list it is reported once, at the source.
    let is_told = arrival::is_told_at_source(view);
    troubles.retain(|trouble| trouble.kind != Kind::OfGroup && !(is_told && trouble.kind == Kind::Missing));
    (health, why, troubles)
}

/// Whether anything of the node's present state was read: what else is missing stands in the list of what could not be read.
/// A bucket has no state of its own, so that its configuration is enough.
fn is_read(view: &View<'_>) -> bool {
    match view.node.kind {
        // A throttled function leaves no line: an empty log alone says nothing.
        NodeKind::Lambda => {
            let ran = view.vitals.runs.as_ref().is_some_and(|runs| runs.last_start.is_some());
            ran || !view.vitals.metrics.is_empty()
        }
        NodeKind::Sqs => view.vitals.depth.is_some(),
        // A bus itself loses nothing, and has no metrics here.
        NodeKind::Eventbridge if view.node.resource().is_some() => true,
        // Their metrics count what they lose; policies decide whether they can deliver at all.
        NodeKind::Eventbridge | NodeKind::Sns if counts_losses(view.node) => {
            is_proved(view) || view.vitals.metrics.keys().any(|metric| is_counted(*metric))
        }
        NodeKind::Eventbridge | NodeKind::Sns => !view.read.no_metrics || is_proved(view),
        NodeKind::External => false,
        _ => true,
    }
}

/// Whether all that the node sends is known to be let in.
fn is_proved(view: &View<'_>) -> bool {
    let mut out = view.neighbours.out(&view.node.id).iter().peekable();
    out.peek().is_some() && out.all(|edge| view.topology.arrivals.get(&edge.key) == Some(&Arrival::Arrives))
}

fn is_off(view: &View<'_>) -> bool {
    let out = view.neighbours.out(&view.node.id);
    let triggers = out.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger);
    let mut starts_others = triggers.peekable();
    matches!(
        view.node.kind,
        NodeKind::Eventbridge | NodeKind::Schedule | NodeKind::Pipe
    ) && view.node.resource().is_none() // a bus cannot be switched off
        && starts_others.peek().is_some()
        && starts_others.all(|edge| !edge.enabled)
}
