//! How long a mapping retries a batch, and where failed batches go, by the kind of its source.

use jiff::SignedDuration;

use crate::domain::delivery::{Fate, Outlook};
use crate::domain::phrase::Exact;
use crate::domain::{Arn, Edge, EdgePolicy, NodeId, NodeKind};
use crate::forecast::function_context::FunctionContext;
use crate::forecast::policy::{DOCUMENTDB_EXPIRY, KAFKA_RETRIES, STREAM_EXPIRY, Window};
use crate::forecast::words::{Shard, Until};

/// What a mapping reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A table's stream. AWS (streams): keeps records 24 h, always.
    Table,
    /// AWS (streams): keeps records 24 h, unless more is paid for.
    Kinesis,
    /// Its retention is the topic's.
    Kafka,
    /// The broker's redelivery limit and dead-letter queue decide.
    Mq,
    /// AWS (kafka): a change stream keeps 3 h, unless raised to 7 days at most; once events have expired, the mapping is disabled.
    Documentdb,
}

/// By which rules.
pub(super) struct Rules<'a> {
    pub kind: Kind,
    /// Retries after the first attempt; `None` if there is no limit.
    pub retries: Option<u32>,
    /// Whether that limit is Lambda's own: AWS gives a Kafka batch up after 10 retries where there is a destination and no
    /// limit.
    pub own_limit: bool,
    /// `MaximumRecordAgeInSeconds`.
    max_age: Option<SignedDuration>,
    /// How long the source keeps records, where that is known or the default.
    retention: Option<SignedDuration>,
    /// Whether that is the default, which may have been raised.
    is_default: bool,
    pub kept_by: Option<&'a NodeId>,
    /// Most batches processed at the same time: the lanes of all shards. `None` if the number of shards was not read.
    pub readers: Option<u32>,
}

/// What ends a batch that keeps failing by its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// The mapping gives it up, with a record where there is a destination.
    Mapping(SignedDuration),
    /// The source forgets it. AWS does not say that a record is written of it.
    Source(SignedDuration),
    /// Unknown.
    Unknown,
}

impl<'a> Rules<'a> {
    pub fn of(place: &FunctionContext<'a>, edge: &Edge, policy: &EdgePolicy) -> Self {
        let kind = kind(place, edge);
        let on_failure = place.on_failure_of_mapping(policy.id.as_deref());
        let kept_by = on_failure
            .filter(|edge| place.input.keeps(edge))
            .map(|edge| &edge.key.to);
        let set = policy.retries.max.and_then(|n| u32::try_from(n).ok());
        let own_limit = kind == Kind::Kafka && set.is_none() && on_failure.is_some();
        let max_age = policy
            .retries
            .max_age_s
            .filter(|age| *age > 0)
            .map(SignedDuration::from_secs);
        let read = policy.stream.retention_s.map(|s| SignedDuration::from_secs(s.into()));
        let (retention, is_default) = match kind {
            Kind::Table => (Some(STREAM_EXPIRY), false),
            Kind::Kinesis => (read.or(Some(STREAM_EXPIRY)), read.is_none()),
            Kind::Documentdb => (read.or(Some(DOCUMENTDB_EXPIRY)), read.is_none()),
            Kind::Kafka | Kind::Mq => (read, false),
        };
        Self {
            kind,
            retries: if own_limit { Some(KAFKA_RETRIES) } else { set },
            own_limit,
            max_age,
            retention,
            is_default,
            kept_by,
            readers: policy
                .stream
                .shards
                .map(|shards| shards.saturating_mul(policy.concurrency.parallelization.unwrap_or(1).max(1))),
        }
    }

    /// Which age ends a batch: the lesser one.
    pub fn age(&self) -> Age {
        match (self.max_age, self.retention) {
            (Some(age), Some(retention)) if age < retention => Age::Mapping(age),
            (_, Some(retention)) => Age::Source(retention),
            (Some(age), None) => Age::Mapping(age),
            (None, None) => Age::Unknown,
        }
    }

    /// Among how many batches failed attempts may be shared out: without retries each is a batch of its own.
    pub fn readers_of_attempts(&self) -> Option<u32> {
        if self.retries == Some(0) { Some(1) } else { self.readers }
    }

    /// The age itself.
    pub fn expiry(&self) -> Option<SignedDuration> {
        match self.age() {
            Age::Mapping(age) | Age::Source(age) => Some(age),
            Age::Unknown => None,
        }
    }

    /// Whether the end by age is known to the moment: a default may have been raised.
    pub fn is_exact(&self) -> bool {
        match self.age() {
            Age::Mapping(_) => true,
            Age::Source(_) => !self.is_default,
            Age::Unknown => false,
        }
    }

    /// Where a batch ends that keeps failing, whose oldest record came in within this window.
    pub fn outlook(&self, place: &FunctionContext, arrived: Window, left: Option<u32>) -> Outlook {
        let deadline = self.expiry().map(|expiry| arrived.after(expiry, expiry));
        let fate = self.fate();
        Outlook {
            to: self.kept_by.filter(|_| fate == Fate::DeadLetter).cloned(),
            earliest: deadline.filter(|_| self.retries.is_none()).map(|at| at.earliest),
            latest: deadline.filter(|_| self.is_exact()).map(|at| at.latest),
            attempts_left: left,
            ..Outlook::new(fate, self.rule(place))
        }
    }

    /// What becomes of a batch whose retries are used up.
    pub fn skipped(&self) -> Fate {
        if self.kept_by.is_some() {
            Fate::DeadLetter
        } else {
            Fate::Dropped
        }
    }

    /// The name of where the mapping leaves what it gave up.
    pub fn keeper(&self, place: &FunctionContext) -> Option<String> {
        self.kept_by.map(|id| place.input.name(id).to_owned())
    }

    fn fate(&self) -> Fate {
        match (self.kind, self.retries, self.age()) {
            (Kind::Mq, ..) => Fate::Unknown,
            (_, Some(_), _) => self.skipped(),
            (_, None, Age::Mapping(_)) if self.kept_by.is_some() => Fate::DeadLetter,
            (_, None, Age::Mapping(_) | Age::Source(_) | Age::Unknown) => Fate::Expired,
        }
    }

    fn rule(&self, place: &FunctionContext) -> Shard {
        let keeper = self.keeper(place);
        match (self.kind, self.retries, self.age()) {
            (Kind::Mq, ..) => Shard::Broker,
            (_, Some(retries), age) => Shard::Retries {
                retries,
                own_limit: self.own_limit,
                until: match age {
                    Age::Mapping(age) => Some(Until::Age { age: Exact(age) }),
                    Age::Source(age) => Some(self.until(age)),
                    Age::Unknown => None,
                },
                keeper,
            },
            (_, None, Age::Mapping(age)) => Shard::UntilOld {
                age: Exact(age),
                keeper,
            },
            (Kind::Documentdb, None, Age::Source(age)) => Shard::UntilDisabled { until: self.until(age) },
            (_, None, Age::Source(age)) => Shard::UntilExpired { until: self.until(age) },
            (_, None, Age::Unknown) => Shard::UntilUnread,
        }
    }

    fn until(&self, age: SignedDuration) -> Until {
        let retention = Exact(age);
        match (self.is_default, self.kind) {
            (false, _) => Until::Retention { retention },
            (true, Kind::Documentdb) => Until::DefaultRetentionOfSevenDays { retention },
            (true, _) => Until::DefaultRetention { retention },
        }
    }
}

fn kind(place: &FunctionContext, edge: &Edge) -> Kind {
    let node = place.input.nodes.get(&edge.key.from).map(|node| node.kind);
    let kind = node
        .filter(|kind| *kind != NodeKind::External)
        .or_else(|| Some(Arn::parse(edge.key.from.as_str())?.kind()));
    match kind {
        Some(NodeKind::DynamodbStream) => Kind::Table,
        Some(NodeKind::Mq) => Kind::Mq,
        Some(NodeKind::Documentdb) => Kind::Documentdb,
        Some(NodeKind::Kinesis) => Kind::Kinesis,
        // A cluster outside AWS has no ARN.
        _ => Kind::Kafka,
    }
}
