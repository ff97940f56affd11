//! Health rules: each looks at one node and says what needs a look, in plain words.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::mappings::Mappings;
use super::series::recent;
use super::snapshot::{Health, Severity, Topology, Trouble, Vitals};
use crate::domain::{Arn, Detail, Edge, EdgeKind, Metric, Node, NodeId, NodeKind};

/// A failure older than this, with nothing run since, is no longer "failing now".
const FRESH: SignedDuration = SignedDuration::from_mins(15);
/// Runs that fail one after the other and are no chance any more, whatever went well before.
const IN_ROW: u32 = 3;
/// Minutes over which rates are looked at.
const LATELY: i64 = 5;
/// AWS: a stream's age rises by a second a second while its shard is blocked; a healthy one stays near zero.
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

    fn into(&self, id: &NodeId) -> &[&'a Edge] {
        self.into.get(id).map_or(&[], Vec::as_slice)
    }

    fn out(&self, id: &NodeId) -> &[&'a Edge] {
        self.out.get(id).map_or(&[], Vec::as_slice)
    }
}

/// All a rule may look at.
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
    /// The chain.
    pub topology: &'a Topology,
    /// Account time, as far as metrics could be read: what cannot be read any more is not well.
    pub metrics_at: Timestamp,
    /// Account time, as far as logs could be read.
    pub logs_at: Timestamp,
    /// Whether the function's log cannot be read.
    pub log_unread: bool,
    /// Whether metrics cannot be read, and never could.
    pub metrics_unread: bool,
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
            .map_or(0.0, |series| recent(&series.points, self.metrics_at, LATELY))
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
        let mut names: Vec<&str> = feeders.chain(failures).map(|edge| name_of(&edge.key.from)).collect();
        names.dedup();
        names
    }

    /// Whether what is no dead letter comes here too: from a trigger, a topic, or on success.
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

    fn trouble(&self, severity: Severity, what: impl Into<String>) -> Trouble {
        Trouble {
            id: self.node.id.clone(),
            severity,
            what: what.into(),
            since: None,
            why: String::new(),
            next: String::new(),
        }
    }
}

fn name_of(id: &NodeId) -> &str {
    Arn::parse(id.as_str()).map_or(id.as_str(), |arn| arn.name())
}

/// Whether what fails asynchronously to the end along this edge's function is kept somewhere: a dead-letter queue or an
/// `OnFailure` destination. A mapping's `OnFailure` is for what it polls, and keeps none of these.
#[must_use]
pub fn keeps_failures(edge: &Edge) -> bool {
    let policy = |holds: fn(&crate::domain::EdgePolicy) -> bool| edge.policies.iter().any(holds);
    match edge.key.kind {
        EdgeKind::DeadLetter => policy(|policy| policy.retried_by.as_deref() == Some("lambda")),
        EdgeKind::Destination => policy(|policy| policy.condition.as_deref() == Some("OnFailure")),
        EdgeKind::Trigger | EdgeKind::Writes => false,
    }
}

type Rule = fn(&View<'_>) -> Option<Trouble>;

/// In the order in which they are named where several hold.
const RULES: &[Rule] = &[
    nothing_may_run,
    function_cannot_start,
    failing_runs,
    lost_events,
    throttled,
    mapping_fails,
    dead_letters_wait,
    nobody_reads,
    backlog_grows,
    stream_falls_behind,
    missing,
    alarm,
    switched_off,
    feeds_itself,
];

/// Judges one node: its health, the reason in a few words, and what to list.
#[must_use]
pub fn judge(view: &View<'_>) -> (Health, String, Vec<Trouble>) {
    let troubles: Vec<Trouble> = RULES.iter().filter_map(|rule| rule(view)).collect();
    let worst = troubles.iter().max_by_key(|trouble| trouble.severity);
    let health = match worst.map(|trouble| trouble.severity) {
        Some(Severity::Loss | Severity::Failing) => Health::Failing,
        Some(Severity::Warning) => Health::Warning,
        Some(Severity::Notice) | None if is_off(view) => Health::Off,
        _ if is_read(view) => Health::Well,
        _ => Health::Unknown,
    };
    let why = worst.map(|trouble| trouble.what.clone()).unwrap_or_default();
    (health, why, troubles)
}

/// Whether anything of the node's present state was read. A bucket has none of its own, so that its configuration is
/// enough.
fn is_read(view: &View<'_>) -> bool {
    match view.node.kind {
        // A throttled function leaves no line: an empty log alone says nothing.
        NodeKind::Lambda => {
            let ran = view.vitals.runs.as_ref().is_some_and(|runs| runs.last_start.is_some());
            // Metrics come minutes late: without the log it is not known to be well now.
            !view.log_unread && (ran || !view.vitals.metrics.is_empty())
        }
        NodeKind::Sqs => view.vitals.depth.is_some(),
        // What they lose only their metrics tell.
        NodeKind::Eventbridge | NodeKind::Sns => !view.metrics_unread,
        NodeKind::External => false,
        _ => true,
    }
}

fn is_off(view: &View<'_>) -> bool {
    let out = view.neighbours.out(&view.node.id);
    let triggers = out.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger);
    let mut starts_others = triggers.peekable();
    matches!(
        view.node.kind,
        NodeKind::Eventbridge | NodeKind::Schedule | NodeKind::Pipe
    ) && starts_others.peek().is_some()
        && starts_others.all(|edge| !edge.enabled)
}

fn nothing_may_run(view: &View<'_>) -> Option<Trouble> {
    (view.function()?.reserved_concurrency == Some(0)).then(|| Trouble {
        why: "reserved concurrency is 0".into(),
        next: "asynchronous events go straight to the dead-letter queue or are dropped; set a concurrency above 0"
            .into(),
        ..view.trouble(Severity::Failing, "may not run: reserved concurrency 0")
    })
}

fn function_cannot_start(view: &View<'_>) -> Option<Trouble> {
    let function = view.function()?;
    let state = function.state.as_deref().filter(|state| *state == "Failed")?;
    Some(Trouble {
        why: function
            .state_reason
            .clone()
            .unwrap_or_else(|| format!("state {state}")),
        next: "it cannot be invoked until it is deployed again".into(),
        ..view.trouble(Severity::Failing, "cannot run: the function is in state Failed")
    })
}

fn failing_runs(view: &View<'_>) -> Option<Trouble> {
    let runs = view.vitals.runs.as_ref();
    let in_row = runs.map_or(0, |runs| runs.failed_in_row);
    let last = runs.and_then(|runs| runs.last_error.as_ref());
    let fresh = last.is_some_and(|(at, _)| view.logs_at.duration_since(*at) < FRESH);
    let (failures, starts) = runs.map_or((0.0, 0.0), |runs| {
        (
            recent(&runs.failures, view.logs_at, LATELY),
            recent(&runs.starts, view.logs_at, LATELY),
        )
    });
    let next = if view
        .neighbours
        .out(&view.node.id)
        .iter()
        .any(|e| e.key.kind == EdgeKind::DeadLetter)
    {
        "what fails to the end goes to its dead-letter queue"
    } else {
        "look at its log"
    };
    // One failed run among many good ones is no outage: the box would change its colour with every run.
    let is_present = in_row >= IN_ROW || failures * 2.0 >= starts;
    if in_row > 0 && fresh && is_present {
        let runs = runs?;
        let what = if in_row == 1 {
            "the last run failed".to_owned()
        } else {
            format!("the last {in_row} runs failed")
        };
        return Some(Trouble {
            since: runs.failing_since,
            why: last.map(|(_, message)| message.clone()).unwrap_or_default(),
            next: next.into(),
            ..view.trouble(Severity::Failing, what)
        });
    }
    let errors = view.lately(Metric::Errors).max(failures);
    (errors > 0.0).then(|| {
        let of = view.lately(Metric::Invocations).max(starts);
        let share = if of >= errors {
            format!("{errors:.0} of {of:.0} runs")
        } else {
            format!("{errors:.0} {}", if errors < 1.5 { "run" } else { "runs" })
        };
        // Where the log tells nothing, the metric is all there is.
        let log_tells = runs.is_some_and(|runs| runs.last_start.is_some());
        let fails = !log_tells && errors >= f64::from(IN_ROW) && errors * 2.0 >= of;
        let severity = if fails { Severity::Failing } else { Severity::Warning };
        Trouble {
            // Some runs go well in between: when that began is not known.
            why: last.filter(|_| fresh).map_or_else(
                || "metric Errors, 1 to 3 minutes late".into(),
                |(_, message)| message.clone(),
            ),
            next: next.into(),
            ..view.trouble(severity, format!("{share} failed in {LATELY} min"))
        }
    })
}

fn lost_events(view: &View<'_>) -> Option<Trouble> {
    let mut lost = 0.0;
    let mut ways = Vec::new();
    // AWS counts an event as dropped also when it went to a dead-letter queue or destination before.
    let kept = view
        .neighbours
        .out(&view.node.id)
        .iter()
        .any(|edge| keeps_failures(edge));
    let losses = view.vitals.metrics.iter().filter(|(metric, _)| metric.means_lost());
    for (metric, series) in losses.filter(|(metric, _)| !(kept && **metric == Metric::AsyncEventsDropped)) {
        let count = recent(&series.points, view.metrics_at, 60);
        if count > 0.0 {
            lost += count;
            ways.push(metric.source().1);
        }
    }
    (lost > 0.0).then(|| Trouble {
        why: format!("metric {}", ways.join(", ")),
        next: "these events are gone; give it a dead-letter queue or destination that works".into(),
        ..view.trouble(Severity::Loss, format!("{lost:.0} lost for good in the last hour"))
    })
}

fn throttled(view: &View<'_>) -> Option<Trouble> {
    let throttles = view.lately(Metric::Throttles);
    (throttles > 0.0).then(|| Trouble {
        why: "metric Throttles; a throttled try leaves no line in the log".into(),
        next: "raise its concurrency; from a queue, throttling uses up receives until messages are dead letters".into(),
        ..view.trouble(
            Severity::Warning,
            if throttles < 1.5 {
                format!("throttled once in {LATELY} min")
            } else {
                format!("throttled {throttles:.0} times in {LATELY} min")
            },
        )
    })
}

fn mapping_fails(view: &View<'_>) -> Option<Trouble> {
    view.neighbours
        .into(&view.node.id)
        .iter()
        // One that is switched off tries no more: its last result is of long ago.
        .filter(|edge| edge.enabled)
        .flat_map(|edge| &edge.policies)
        .find_map(|policy| {
            Some(Trouble {
                why: policy.problem()?.to_owned(),
                since: view.mappings.failing_since(policy),
                next: "the mapping goes on trying; mend what it names".into(),
                ..view.trouble(Severity::Warning, "its event source mapping reports a problem")
            })
        })
}

fn dead_letters_wait(view: &View<'_>) -> Option<Trouble> {
    let depth = view.vitals.depth.filter(|depth| depth.value.total() > 0)?;
    let feeders = view.dead_letter_feeders();
    if feeders.is_empty() {
        return None;
    }
    let count = depth.value.total();
    let retention = if let Detail::Queue(queue) = &view.node.detail {
        queue.retention_s
    } else {
        0
    };
    let from = feeders.join(", ");
    let (what, why) = match (count, view.is_fed_otherwise()) {
        (1, false) => ("1 dead letter".to_owned(), format!("from {from}")),
        (_, false) => (format!("{count} dead letters"), format!("from {from}")),
        // Counts do not tell one message from another.
        (1, true) => (
            "1 message, perhaps a dead letter".to_owned(),
            format!("dead letters come from {from}"),
        ),
        (_, true) => (
            format!("{count} messages, perhaps dead letters"),
            format!("dead letters come from {from}"),
        ),
    };
    Some(Trouble {
        since: view.filled_since,
        why,
        next: format!("each is deleted {} after it was first sent", span(i64::from(retention))),
        ..view.trouble(Severity::Warning, what)
    })
}

fn nobody_reads(view: &View<'_>) -> Option<Trouble> {
    let depth = view.vitals.depth.filter(|depth| depth.value.visible > 0)?;
    let out = view.neighbours.out(&view.node.id);
    let mut readers = out.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger).peekable();
    readers.peek()?;
    readers.all(|edge| !edge.enabled).then(|| Trouble {
        since: view.filled_since,
        why: "its event source mapping is disabled".into(),
        next: "messages wait until it is enabled, and are deleted when their retention ends".into(),
        ..view.trouble(
            Severity::Warning,
            format!("{} wait, and the mapping is off", depth.value.visible),
        )
    })
}

/// Whether a queue fills faster than it is emptied: what the heavy line says, and the same as its trouble.
#[must_use]
pub fn backs_up(view: &View<'_>) -> bool {
    backlog_grows(view).is_some()
}

fn backlog_grows(view: &View<'_>) -> Option<Trouble> {
    if view.node.kind != NodeKind::Sqs || !view.dead_letter_feeders().is_empty() {
        return None;
    }
    let points: Vec<f64> = view
        .vitals
        .depths
        .iter()
        .rev()
        .take(10)
        .map(|point| point.value)
        .collect();
    let (now, before) = (*points.first()?, *points.last()?);
    // Five minutes at least, twice as many, and not a handful.
    let grows = points.len() >= 5 && now >= 10.0 && now > before * 2.0 && points.windows(2).all(|w| w[0] >= w[1]);
    grows.then(|| Trouble {
        why: format!("{before:.0} → {now:.0} messages in {} min", points.len() - 1),
        next: "its readers do not keep up".into(),
        ..view.trouble(Severity::Warning, format!("backs up: {now:.0} messages"))
    })
}

fn stream_falls_behind(view: &View<'_>) -> Option<Trouble> {
    let series = view.vitals.metrics.get(&Metric::IteratorAge)?;
    let last = series
        .points
        .last()
        .filter(|point| view.metrics_at.duration_since(point.at) < FRESH)?;
    (last.value >= ITERATOR_AGE_MS).then(|| Trouble {
        why: "metric IteratorAge; a failing batch blocks its shard".into(),
        next: "records are lost when they reach the stream's retention".into(),
        ..view.trouble(
            Severity::Warning,
            format!("reads its stream {} late", span(ms_to_s(last.value))),
        )
    })
}

#[expect(clippy::cast_possible_truncation, reason = "an age in seconds fits")]
fn ms_to_s(ms: f64) -> i64 {
    (ms / 1000.0) as i64
}

/// A queue or function that something points at, and that a whole survey did not list.
fn missing(view: &View<'_>) -> Option<Trouble> {
    let listed = matches!(view.node.kind, NodeKind::Sqs | NodeKind::Lambda);
    let bare = listed && view.node.detail.is_none() && view.topology.complete && !view.topology.cached;
    bare.then(|| Trouble {
        why: "named by a configuration, and not among what the account lists".into(),
        next: "events sent there are lost or retried in vain".into(),
        ..view.trouble(Severity::Warning, "does not exist")
    })
}

fn alarm(view: &View<'_>) -> Option<Trouble> {
    let alarm = view.vitals.alarms.first()?;
    Some(Trouble {
        since: alarm.since,
        why: alarm.reason.clone(),
        next: String::new(),
        ..view.trouble(Severity::Warning, format!("alarm {}", alarm.name))
    })
}

fn switched_off(view: &View<'_>) -> Option<Trouble> {
    let id = &view.node.id;
    let off = view.neighbours.into(id).iter().find(|edge| {
        edge.key.kind == EdgeKind::Trigger && !edge.enabled && edge.policies.iter().any(|policy| policy.state.is_some())
    });
    if let Some(edge) = off {
        let policy = edge.policies.first();
        return Some(Trouble {
            since: policy.and_then(|policy| policy.last_modified),
            why: "its event source mapping is disabled".into(),
            next: "nothing is read from there until it is enabled".into(),
            ..view.trouble(Severity::Notice, format!("does not read {}", name_of(&edge.key.from)))
        });
    }
    is_off(view).then(|| Trouble {
        why: "disabled".into(),
        next: "it starts nothing until it is enabled".into(),
        ..view.trouble(Severity::Notice, format!("{} is off", view.node.kind.label()))
    })
}

fn feeds_itself(view: &View<'_>) -> Option<Trouble> {
    // Named once, at the first function of the loop.
    let ring = view.topology.loops.iter().find(|ring| ring.contains(&view.node.id))?;
    let first = ring.iter().find(|id| id.as_str().contains(":function:"))?;
    (first == &view.node.id).then(|| Trouble {
        why: ring.iter().map(name_of).collect::<Vec<_>>().join(" → "),
        next: "AWS stops it after about 16 rounds through Lambda, SQS, SNS and S3, and nowhere else".into(),
        ..view.trouble(Severity::Notice, "may feed itself")
    })
}

/// A length of time in words, two units at most.
#[must_use]
pub fn span(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3600, seconds % 3600 / 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, m) => format!("{m} min"),
        (0, h, 0) => format!("{h} h"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, 0, _) => format!("{d} d"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}
