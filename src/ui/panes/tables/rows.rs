//! The rows of a table, as data from the snapshot. What was not read is `Unknown`, never nought.

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::domain::phrase::Phrase;
use crate::domain::{Detail, EdgeKind, EdgePolicy, Evidence, Metric, Node, NodeId, NodeKind};
use crate::store::issues::issues;
use crate::store::snapshot::{Health, Series, Severity, Snapshot, Vitals};

/// What a table is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Functions.
    Functions,
    /// Queues, dead-letter queues among them.
    Queues,
    /// Topics.
    Topics,
    /// Rules, schedules and pipes.
    Rules,
    /// What HTTP requests come in by.
    Apis,
    /// What needs attention.
    Issues,
}

/// A column beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// How it is.
    State,
    /// Invocations a minute.
    Invocations,
    /// Failed invocations among the last ones.
    Errors,
    /// p99 of the duration.
    P99,
    /// Concurrent invocations, of those reserved.
    Concurrency,
    /// Age of the oldest asynchronous event.
    AsyncAge,
    /// The dead-letter queue and its messages.
    Dlq,
    /// When code or configuration last changed.
    Deployed,
    /// Messages that can be received.
    Visible,
    /// Messages received and not yet deleted.
    InFlight,
    /// Messages not yet to be received.
    Delayed,
    /// Age of the oldest message.
    Oldest,
    /// Retention.
    Retention,
    /// How many read it.
    Consumers,
    /// How many are subscribed.
    Subscriptions,
    /// Deliveries of the last hour that failed.
    Failed,
    /// How many it starts.
    Targets,
    /// Rate, cron or at expression.
    Schedule,
    /// What kind of resource it is.
    Kind,
    /// What is wrong.
    What,
    /// Since when.
    Since,
    /// What comes next.
    Next,
}

impl Subject {
    /// Its columns, the most telling first: those that do not fit are left out from the end.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        use Column as C;
        match self {
            Self::Functions => &[
                C::State,
                C::Invocations,
                C::Errors,
                C::P99,
                C::Dlq,
                C::Concurrency,
                C::AsyncAge,
                C::Deployed,
            ],
            Self::Queues => &[
                C::State,
                C::Visible,
                C::InFlight,
                C::Oldest,
                C::Dlq,
                C::Consumers,
                C::Delayed,
                C::Retention,
            ],
            Self::Topics => &[C::State, C::Subscriptions, C::Failed, C::Dlq],
            Self::Rules => &[C::State, C::Kind, C::Schedule, C::Targets, C::Failed, C::Dlq],
            Self::Apis => &[C::State, C::Kind, C::Targets],
            Self::Issues => &[C::What, C::Since, C::Next],
        }
    }

    /// Whether a node belongs into it.
    fn has(self, node: &Node) -> bool {
        match self {
            Self::Functions => node.kind == NodeKind::Lambda,
            Self::Queues => node.kind == NodeKind::Sqs,
            Self::Topics => node.kind == NodeKind::Sns,
            Self::Rules => {
                let is_rule = node.kind == NodeKind::Eventbridge && node.resource().is_none();
                is_rule || matches!(node.kind, NodeKind::Schedule | NodeKind::Pipe)
            }
            Self::Apis => matches!(
                node.kind,
                NodeKind::Apigateway | NodeKind::FunctionUrl | NodeKind::Alb | NodeKind::Appsync | NodeKind::VpcLattice
            ),
            Self::Issues => false,
        }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// It was not read.
    Unknown,
    /// There is none.
    None,
    /// A text of a configuration.
    Text(String),
    /// A sentence.
    Phrase(Phrase),
    /// How a node is.
    Health(Health),
    /// A count or a rate.
    Number(f64),
    /// Some of several.
    Share(f64, f64),
    /// Milliseconds.
    Millis(f64),
    /// Seconds.
    Seconds(i64),
    /// When.
    At(Timestamp),
    /// A queue, and its messages if they were counted.
    Queue(String, Option<u64>),
}

impl Value {
    /// What it is sorted by: a number, the largest first. Others are sorted by their words.
    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) | Self::Millis(value) | Self::Share(value, _) => Some(*value),
            #[expect(clippy::cast_precision_loss, reason = "only compared")]
            Self::Seconds(value) => Some(*value as f64),
            #[expect(clippy::cast_precision_loss, reason = "only compared")]
            Self::At(at) => Some(at.as_millisecond() as f64),
            #[expect(clippy::cast_precision_loss, reason = "only compared")]
            Self::Queue(_, count) => Some(count.unwrap_or(0) as f64),
            Self::Health(health) => Some(f64::from(*health as u8)),
            Self::Unknown | Self::None | Self::Text(_) | Self::Phrase(_) => None,
        }
    }

    /// The order of rows: large numbers and later times first, texts by the alphabet, what is not known last.
    #[must_use]
    pub fn before(&self, other: &Self) -> Ordering {
        match (self.number(), other.number()) {
            (Some(one), Some(two)) => two.total_cmp(&one),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => match (self, other) {
                (Self::Text(one), Self::Text(two)) => one.cmp(two),
                (Self::Text(_), _) => Ordering::Less,
                (_, Self::Text(_)) => Ordering::Greater,
                _ => Ordering::Equal,
            },
        }
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// The node.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// How it is.
    pub health: Health,
    /// The cells, one for each column.
    pub cells: Vec<Value>,
}

/// All rows of a table, in the order of their names.
#[must_use]
pub fn rows(subject: Subject, snapshot: &Snapshot) -> Vec<TableRow> {
    if subject == Subject::Issues {
        return of_issues(snapshot);
    }
    let nothing = Vitals::default();
    let nodes = snapshot.topology.nodes.values().filter(|node| subject.has(node));
    let mut rows: Vec<TableRow> = nodes
        .map(|node| {
            let vitals = snapshot.vitals.get(&node.id).unwrap_or(&nothing);
            let cells = subject.columns().iter();
            TableRow {
                id: node.id.clone(),
                name: node.name.clone(),
                health: vitals.health,
                cells: cells.map(|column| cell(*column, node, vitals, snapshot)).collect(),
            }
        })
        .collect();
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    rows
}

fn of_issues(snapshot: &Snapshot) -> Vec<TableRow> {
    let name = |id: &NodeId| match snapshot.topology.nodes.get(id) {
        Some(node) => node.name.clone(),
        None => id.short_name().to_owned(),
    };
    let all = issues(&snapshot.troubles, name).into_iter();
    all.map(|issue| {
        let trouble = issue.trouble;
        TableRow {
            name: name(&trouble.id),
            health: match trouble.severity {
                Severity::Loss | Severity::Failing => Health::Failing,
                Severity::Warning => Health::Warning,
                Severity::Notice => Health::Off,
            },
            id: trouble.id,
            cells: vec![
                Value::Phrase(trouble.what),
                trouble.since.map_or(Value::None, Value::At),
                Value::Phrase(trouble.next),
            ],
        }
    })
    .collect()
}

fn cell(column: Column, node: &Node, vitals: &Vitals, snapshot: &Snapshot) -> Value {
    let depth = |of: fn(crate::store::snapshot::Depth) -> u64| {
        vitals.depth.map_or(Value::Unknown, |depth| count(of(depth.value)))
    };
    match column {
        Column::State => Value::Health(vitals.health),
        Column::Invocations => invocations(vitals),
        Column::Errors => errors(vitals),
        Column::P99 => last(vitals, Metric::DurationP99, Value::Millis),
        Column::Concurrency => concurrency(node, vitals),
        Column::AsyncAge => last(vitals, Metric::AsyncEventAge, Value::Millis),
        Column::Dlq => dead_letter_queue(node, snapshot),
        Column::Deployed => match &node.detail {
            Detail::Function(function) => function.last_modified.map_or(Value::Unknown, Value::At),
            _ => Value::Unknown,
        },
        Column::Visible => depth(|depth| depth.visible),
        Column::InFlight => depth(|depth| depth.in_flight),
        Column::Delayed => depth(|depth| depth.delayed),
        #[expect(clippy::cast_possible_truncation, reason = "seconds")]
        Column::Oldest => last(vitals, Metric::OldestMessageAge, |age| Value::Seconds(age as i64)),
        Column::Retention => match &node.detail {
            Detail::Queue(queue) => Value::Seconds(i64::from(queue.retention_s)),
            _ => Value::Unknown,
        },
        Column::Consumers | Column::Targets => leaving(node, snapshot),
        Column::Subscriptions => match &node.detail {
            Detail::Topic(topic) => topic.subscriptions.map_or(Value::Unknown, |n| count(u64::from(n))),
            _ => Value::Unknown,
        },
        Column::Failed => failed(vitals),
        Column::Schedule => schedule(node, snapshot),
        Column::Kind => Value::Text(node.label().to_owned()),
        Column::What | Column::Since | Column::Next => Value::None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count for people")]
fn count(n: u64) -> Value {
    Value::Number(n as f64)
}

/// The last value of a metric; none where it was read and has none.
fn last(vitals: &Vitals, metric: Metric, value: impl Fn(f64) -> Value) -> Value {
    match vitals.metrics.get(&metric) {
        Some(series) => match series.points.last() {
            Some(point) => value(point.value),
            None if series.read_at.is_some() => Value::None,
            None => Value::Unknown,
        },
        None => Value::Unknown,
    }
}

/// The sum of the last hour; `None` if it was not read.
fn sum(series: Option<&Series>) -> Option<f64> {
    let series = series.filter(|series| series.read_at.is_some())?;
    Some(series.points.iter().map(|point| point.value).sum())
}

/// A minute, over the last five whole ones.
fn invocations(vitals: &Vitals) -> Value {
    const MINUTES: usize = 5;
    let runs = vitals.runs.as_ref().filter(|runs| runs.read_to.is_some());
    let values: Vec<f64> = match (runs, vitals.metrics.get(&Metric::Invocations)) {
        (Some(runs), _) => runs.starts.iter().map(|point| point.value).collect(),
        // A minute without a value is none without invocations: the metric leaves it out.
        (None, Some(series)) if series.read_at.is_some() => {
            let sum: f64 = series.points.iter().map(|point| point.value).sum();
            return Value::Number(sum / 60.0);
        }
        _ => return Value::Unknown,
    };
    // The present minute is not over.
    let whole = values.len().saturating_sub(1);
    let lately = &values[whole.saturating_sub(MINUTES)..whole];
    if lately.is_empty() {
        return Value::Number(0.0);
    }
    #[expect(clippy::cast_precision_loss, reason = "at most five")]
    Value::Number(lately.iter().sum::<f64>() / lately.len() as f64)
}

fn errors(vitals: &Vitals) -> Value {
    let runs = vitals.runs.as_ref().filter(|runs| runs.read_to.is_some());
    match runs {
        Some(runs) => {
            let (failed, of) = runs.lately.share(runs.failed_in_row);
            Value::Share(f64::from(failed), f64::from(of))
        }
        None => sum(vitals.metrics.get(&Metric::Errors)).map_or(Value::Unknown, Value::Number),
    }
}

fn concurrency(node: &Node, vitals: &Vitals) -> Value {
    let reserved = match &node.detail {
        Detail::Function(function) => function.reserved_concurrency,
        _ => None,
    };
    last(vitals, Metric::ConcurrentExecutions, |value| match reserved {
        Some(reserved) => Value::Share(value, f64::from(reserved)),
        None => Value::Number(value),
    })
}

fn failed(vitals: &Vitals) -> Value {
    let of = [
        Metric::NotificationsFailed,
        Metric::NotificationAttemptsFailed,
        Metric::RuleFailures,
        Metric::SchedulesDropped,
    ];
    let mut sums = of.iter().filter_map(|metric| sum(vitals.metrics.get(metric)));
    sums.next()
        .map_or(Value::Unknown, |first| Value::Number(first + sums.sum::<f64>()))
}

fn dead_letter_queue(node: &Node, snapshot: &Snapshot) -> Value {
    let topology = &snapshot.topology;
    let mut edges = topology.from(&node.id).filter(|edge| {
        let of_failure = |policy: &EdgePolicy| policy.condition.as_deref() == Some("OnFailure");
        edge.key.kind == EdgeKind::DeadLetter || edge.policies.iter().any(of_failure)
    });
    match edges.next() {
        Some(edge) => {
            let to = &edge.key.to;
            let name = topology.nodes.get(to).map_or(to.short_name(), |node| &node.name);
            let depth = snapshot.vitals.get(to).and_then(|vitals| vitals.depth);
            Value::Queue(name.to_owned(), depth.map(|depth| depth.value.total()))
        }
        None if topology.complete => Value::None,
        None => Value::Unknown,
    }
}

/// How many it delivers to, where all of that is known.
fn leaving(node: &Node, snapshot: &Snapshot) -> Value {
    let topology = &snapshot.topology;
    let edges = topology
        .from(&node.id)
        .filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.evidence != Evidence::Permitted);
    match edges.count() {
        0 if !topology.complete => Value::Unknown,
        n => count(n as u64),
    }
}

fn schedule(node: &Node, snapshot: &Snapshot) -> Value {
    let edges = snapshot.topology.from(&node.id);
    let text = edges
        .flat_map(|edge| &edge.policies)
        .find_map(|policy| policy.schedule.clone());
    text.map_or(Value::None, Value::Text)
}
