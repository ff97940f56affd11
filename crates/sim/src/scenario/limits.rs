//! What AWS would not let anybody create: names and numbers out of its bounds. A scenario must not show what cannot be.

use super::source::Mistake;
use super::spec::{BucketSpec, FunctionSpec, MappingSpec, NotifySpec, QueueSpec, StreamSpec, TableSpec, TargetSpec};
use super::{Error, Length, Scenario, reference};
use crate::world::arn;
use crate::world::bucket::{Notify, NotifyKind};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// All of it is played before the account is first seen.
const HISTORY: i64 = 7 * DAY;

/// The events that S3 reports. AWS (delivery): the S3 user guide, "Event notification types".
const S3_EVENTS: [&str; 29] = [
    "s3:TestEvent",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:ReducedRedundancyLostObject",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAcl:Put",
    "s3:ObjectAnnotation:*",
];

impl Scenario {
    /// Everything that AWS bounds.
    pub(super) fn check_limits(&self) -> Result<(), Error> {
        if let Some(account) = &self.account
            && !(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
        {
            let why = format!("`account` is {account:?}: give twelve digits, such as \"123456789012\"");
            return Err(self.source.at_top("account", why));
        }
        if self.history.is_some_and(|history| history.0 > HISTORY) {
            let why = "`history` is long to play: give 7d at the most";
            return Err(self.source.at_top("history", why));
        }
        self.bound("script", &self.script, |step| number("drop", step.drop, 1, 10_000))?;
        self.bound("traffic", &self.traffic, |spec| number("burst", spec.burst, 1, 10_000))?;
        self.bound("queue", &self.queue, queue)?;
        self.bound("function", &self.function, function)?;
        self.bound("topic", &self.topic, |spec| named(&spec.name, 256, ""))?;
        self.bound("bucket", &self.bucket, bucket)?;
        self.bound("bus", &self.bus, |spec| named(&spec.name, 256, "./"))?;
        self.bound("table", &self.table, table)?;
        self.bound("stream", &self.stream, stream)?;
        self.bound("mapping", &self.mapping, mapping)?;
        self.bound("rule", &self.rule, |spec| {
            named(&spec.name, 64, ".")?;
            spec.target.iter().try_for_each(target)
        })?;
        self.bound("schedule", &self.schedule, |spec| {
            named(&spec.name, 64, ".")?;
            target(&spec.target)
        })?;
        self.bound("alarm", &self.alarm, |spec| {
            length(&spec.name, 255)?;
            number("periods", spec.periods, 1, 1_440)
        })
    }

    fn bound<T>(&self, kind: &str, specs: &[T], check: impl Fn(&T) -> Result<(), Mistake>) -> Result<(), Error> {
        for (n, spec) in specs.iter().enumerate() {
            check(spec).map_err(|mistake| self.source.in_part(kind, n, mistake))?;
        }
        Ok(())
    }
}

/// AWS (sqs-mappings): ten messages of a FIFO queue at most, 10,000 of a standard one.
fn mapping(spec: &MappingSpec) -> Result<(), Mistake> {
    let (kind, from) = reference(&spec.from);
    let most = if kind == "queue" && arn::is_fifo(from) {
        10
    } else {
        10_000
    };
    number("batch", spec.batch, 1, most)?;
    time("window", spec.window, 0, 5 * MINUTE, "at the most 300s")?;
    if kind == "queue" {
        number("max_concurrency", spec.max_concurrency, 2, 1_000)?;
        if spec.batch.is_some_and(|batch| batch > 10) && spec.window.is_none_or(|window| window.0 < SECOND) {
            let why = "`batch` is more than 10: AWS then wants a `window` of 1s or more";
            return Err(Mistake::key("batch", why));
        }
        return Ok(());
    }
    if spec.retries.is_some_and(|retries| !(-1..=10_000).contains(&retries)) {
        return Err(out(
            "retries",
            spec.retries.unwrap_or_default(),
            "from -1 (for ever) to 10000",
        ));
    }
    time("max_age", spec.max_age, MINUTE, 7 * DAY, "from 60s to 7d")?;
    number("lanes", spec.lanes, 1, 10)
}

fn queue(spec: &QueueSpec) -> Result<(), Mistake> {
    let bare = spec.name.strip_suffix(".fifo").unwrap_or(&spec.name);
    length(&spec.name, 80)?;
    named(bare, 80, "")?;
    time("visibility", spec.visibility, 0, 12 * HOUR, "at the most 12h")?;
    time("retention", spec.retention, MINUTE, 14 * DAY, "from 60s to 14d")?;
    time("delay", spec.delay, 0, 15 * MINUTE, "at the most 15m")?;
    number("max_receives", spec.max_receives, 1, 1_000)
}

fn function(spec: &FunctionSpec) -> Result<(), Mistake> {
    named(&spec.name, 64, "")?;
    time("timeout", spec.timeout, SECOND, 15 * MINUTE, "from 1s to 15m")?;
    number("memory", spec.memory, 128, 10_240)?;
    number("retries", spec.retries, 0, 2)?;
    let fails = spec.does.iter().flat_map(|does| &does.fails);
    fails
        .into_iter()
        .try_for_each(|fails| number("one_in", fails.one_in, 1, 1_000_000))?;
    time("max_age", spec.max_age, MINUTE, 6 * HOUR, "from 60s to 6h")?;
    match spec.log_format.as_deref() {
        None | Some("text" | "json") => Ok(()),
        Some(other) => Err(Mistake::key(
            "log_format",
            format!("`log_format` is {other:?}: give \"text\" or \"json\""),
        )),
    }
}

fn bucket(spec: &BucketSpec) -> Result<(), Mistake> {
    let name = spec.name.as_str();
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = (3..=63).contains(&name.len())
        && name.chars().all(inside)
        && name.starts_with(end)
        && name.ends_with(end)
        && !name.contains("..");
    if !fits {
        let why = format!(
            "`{name}` is no name for a bucket: give 3 to 63 small letters, digits, dots and hyphens, with a letter or digit at both ends"
        );
        return Err(Mistake::key("name", why));
    }
    spec.notify.iter().flat_map(events).try_for_each(|event| {
        if S3_EVENTS.contains(&event) {
            return Ok(());
        }
        let why = format!("`{event}` is no event of S3: write it as in \"s3:ObjectCreated:*\"");
        Err(Mistake::text(event, why))
    })?;
    for (n, one) in spec.notify.iter().enumerate() {
        if arn::is_fifo(&one.to) {
            let why = format!(
                "`{}` keeps order, and S3 tells no such queue or topic: name a standard one",
                one.to
            );
            return Err(Mistake::text(&one.to, why));
        }
        let overlapping = |other: &&NotifySpec| one.as_told().overlaps(&other.as_told());
        if let Some(other) = spec.notify[n + 1..].iter().find(overlapping) {
            let why = format!(
                "`{}` and `{}` would be told of the same objects, which S3 refuses: keep `prefix` or `suffix` apart",
                one.to, other.to
            );
            return Err(Mistake::text(&other.to, why));
        }
    }
    Ok(())
}

impl NotifySpec {
    /// What of it S3 holds against others.
    fn as_told(&self) -> Notify {
        Notify {
            id: String::new(),
            kind: NotifyKind::Function,
            arn: String::new(),
            events: self.told_events(),
            prefix: self.prefix.clone(),
            suffix: self.suffix.clone(),
        }
    }

    /// The events it names, or all creations where it names none.
    pub(super) fn told_events(&self) -> Vec<String> {
        if self.events.is_empty() {
            vec!["s3:ObjectCreated:*".to_owned()]
        } else {
            self.events.clone()
        }
    }
}

fn events(spec: &NotifySpec) -> impl Iterator<Item = &str> {
    spec.events.iter().map(String::as_str)
}

fn table(spec: &TableSpec) -> Result<(), Mistake> {
    named(&spec.name, 255, ".")?;
    if spec.name.len() < 3 {
        return Err(Mistake::key(
            "name",
            format!("`{}` is short for a table: give 3 letters or more", spec.name),
        ));
    }
    Ok(())
}

fn stream(spec: &StreamSpec) -> Result<(), Mistake> {
    named(&spec.name, 128, ".")?;
    number("shards", spec.shards, 1, 1_000)?;
    time("retention", spec.retention, DAY, 365 * DAY, "from 24h to 365d")
}

/// AWS (delivery): EventBridge and the Scheduler retry a target up to 185 times, for at most a day.
fn target(spec: &TargetSpec) -> Result<(), Mistake> {
    number("retries", spec.retries, 0, 185)?;
    time("max_age", spec.max_age, MINUTE, DAY, "from 60s to 24h")
}

/// A name of letters, digits, hyphens and underscores, and of what else this kind allows.
fn named(name: &str, most: usize, more: &str) -> Result<(), Mistake> {
    length(name, most)?;
    let odd = |c: &char| !(c.is_ascii_alphanumeric() || *c == '-' || *c == '_' || more.contains(*c));
    match name.chars().find(odd) {
        None => Ok(()),
        Some(odd) => {
            let why = format!("`{name}` is no name that AWS takes: leave out {odd:?}");
            Err(Mistake::key("name", why))
        }
    }
}

fn length(name: &str, most: usize) -> Result<(), Mistake> {
    if name.chars().count() <= most {
        return Ok(());
    }
    Err(Mistake::key(
        "name",
        format!("this name is too long for AWS: expected at most {most} characters"),
    ))
}

fn number<N>(key: &'static str, value: Option<N>, least: N, most: N) -> Result<(), Mistake>
where
    N: PartialOrd + std::fmt::Display + Copy,
{
    match value {
        Some(value) if value < least || most < value => Err(out(key, value, &format!("from {least} to {most}"))),
        _ => Ok(()),
    }
}

fn out(key: &'static str, value: impl std::fmt::Display, bounds: &str) -> Mistake {
    Mistake::key(key, format!("`{key}` is {value}: give a number {bounds}"))
}

fn time(key: &'static str, value: Option<Length>, least: i64, most: i64, bounds: &str) -> Result<(), Mistake> {
    match value {
        Some(Length(ms)) if !(least..=most).contains(&ms) => {
            let why = format!("`{key}` is out of AWS's bounds: give a time {bounds}");
            Err(Mistake::key(key, why))
        }
        _ => Ok(()),
    }
}
