//! Looks up what messages leave open: which function had a request, and whether a function was invoked at all.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::failures::Failures;
use crate::aws::Session;
use crate::aws::cloudwatch::Query;
use crate::dead_letters::origin::tried;
use crate::dead_letters::run_history::{Answer, FailedBatch, RunHistory};
use crate::dead_letters::{Chain, DeadLetter, FunctionMatch};
use crate::domain::{Detail, Invocation, Metric, NodeId, Origin, Point, RunError, RunOutcome, RunReport, Subject};

/// AWS (async): an asynchronous event is retried for at most 6 hours; its dead letter is sent after that.
const TRIED: SignedDuration = SignedDuration::from_hours(6);
/// Margin around an interval: clock differences, and delivery.
const MARGIN: SignedDuration = SignedDuration::from_mins(10);
/// AWS (metrics): metrics are 1 to 3 minutes late. Newer ones say nothing yet.
const LATE: SignedDuration = SignedDuration::from_mins(5);
/// AWS (metrics): one-minute values are kept for 15 days.
const KEPT: SignedDuration = SignedDuration::from_hours(15 * 24);

/// What was looked up.
#[derive(Debug, Default)]
pub struct Traces {
    /// The requests that were looked for in a function's log, and how often each began there.
    requests: BTreeMap<NodeId, BTreeMap<String, u32>>,
    counts: BTreeMap<NodeId, Counts>,
    failures: Failures,
    /// Until when metrics can be believed.
    believed: Option<Timestamp>,
    /// What could not be looked up, each a sentence without its stop.
    pub unread: Vec<String>,
}

#[derive(Debug, Default)]
struct Counts {
    from: Option<Timestamp>,
    runs: Vec<Point>,
    throttles: Vec<Point>,
}

impl Traces {
    /// Looks up what these messages leave open.
    pub async fn of(session: &Session, chain: Chain<'_>, entries: &[DeadLetter], now: Timestamp) -> Self {
        let mut traces = Self::default();
        traces.search(session, chain, entries).await;
        traces.count(session, entries, now).await;
        traces.fail(session, chain, entries, now).await;
        traces
    }

    /// Searches the logs of the functions that may have sent a message.
    async fn search(&mut self, session: &Session, chain: Chain<'_>, entries: &[DeadLetter]) {
        let mut asked: BTreeMap<&NodeId, BTreeSet<&str>> = BTreeMap::new();
        let mut sent: Vec<Timestamp> = Vec::new();
        for entry in entries {
            if let (Origin::LambdaAsync, FunctionMatch::OneOf(functions), Some(request)) = (
                entry.provenance.origin,
                &entry.provenance.function,
                &entry.provenance.request_id,
            ) {
                sent.extend(entry.letter.sent());
                for function in functions {
                    asked.entry(function).or_default().insert(request);
                }
            }
        }
        let (Some(first), Some(last)) = (sent.iter().min(), sent.iter().max()) else {
            return;
        };
        let from = first.checked_sub(TRIED + MARGIN).unwrap_or(*first);
        let to = last.checked_add(MARGIN).unwrap_or(*last);
        for (function, ids) in asked {
            let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
            match session.lines_with_ids(&group(chain, function), &ids, from, to).await {
                Ok((lines, true)) => {
                    let starts = ids.into_iter().map(|id| {
                        let of_it = lines.iter().filter(|line| line.text.contains(&id));
                        let begun = of_it.filter(|line| is_start(&line.text)).count();
                        (id, u32::try_from(begun).unwrap_or(u32::MAX))
                    });
                    self.requests.insert(function.clone(), starts.collect());
                }
                Ok((_, false)) => self
                    .unread
                    .push(format!("the log of {function} is too long to be searched completely")),
                Err(error) => self.unread.push(format!("the log of {function} ({error})")),
            }
        }
    }

    /// Reads the counts of invocations and throttles during the attempts of queue messages.
    async fn count(&mut self, session: &Session, entries: &[DeadLetter], now: Timestamp) {
        let of_queues = entries
            .iter()
            .filter(|entry| entry.provenance.origin == Origin::SqsRedrive);
        let mut from: BTreeMap<&NodeId, Timestamp> = BTreeMap::new();
        for entry in of_queues {
            if let (Some(function), Some(sent)) = (entry.provenance.function.function(), entry.letter.sent()) {
                let first = from.entry(function).or_insert(sent);
                *first = sent.min(*first);
            }
        }
        self.believed = now.checked_sub(LATE).ok();
        let oldest = now.checked_sub(KEPT).unwrap_or(now);
        for (function, first) in from {
            let first = first.checked_sub(MARGIN).unwrap_or(first).max(oldest);
            let query = |metric| Query {
                subject: Subject::Node(function.clone()),
                metric,
            };
            let queries = [query(Metric::Invocations), query(Metric::Throttles)];
            match session.metrics(&queries, first, now).await {
                Ok(read) => {
                    let mut counts = Counts {
                        from: Some(first),
                        ..Counts::default()
                    };
                    for (query, points) in read {
                        match query.metric {
                            Metric::Throttles => counts.throttles = points,
                            _ => counts.runs = points,
                        }
                    }
                    self.counts.insert(function.clone(), counts);
                }
                Err(error) => self.unread.push(format!("the metrics of {function} ({error})")),
            }
        }
    }

    /// Reads the errors of failed invocations during the attempts of queue messages.
    async fn fail(&mut self, session: &Session, chain: Chain<'_>, entries: &[DeadLetter], now: Timestamp) {
        let mut spans: BTreeMap<&NodeId, (Timestamp, Timestamp)> = BTreeMap::new();
        for entry in entries {
            let (Some(function), Some((from, to))) = (
                entry.provenance.function.function(),
                tried(&entry.letter, &entry.provenance, chain),
            ) else {
                continue;
            };
            let span = spans.entry(function).or_insert((from, to));
            *span = (span.0.min(from), span.1.max(to));
        }
        for (function, (from, to)) in spans {
            let from = from.checked_sub(MARGIN).unwrap_or(from);
            let to = to.checked_add(MARGIN).unwrap_or(to).min(now);
            let group = group(chain, function);
            let all: Vec<NodeId> = chain
                .nodes
                .values()
                .filter(|node| matches!(&node.detail, Detail::Function(function) if function.logging.group == group))
                .map(|node| node.id.clone())
                .collect();
            let all = if all.is_empty() { vec![function.clone()] } else { all };
            match self.failures.read(session, &group, (function, &all), (from, to)).await {
                Ok(true) => {}
                Ok(false) => self
                    .unread
                    .push(format!("the log of {function} is too long to be searched completely")),
                Err(error) => self.unread.push(format!("the log of {function} ({error})")),
            }
        }
    }

    /// The sum of a metric between two moments, where it was read and can be believed.
    fn sum(&self, function: &NodeId, from: Timestamp, to: Timestamp, of: fn(&Counts) -> &[Point]) -> Answer<u64> {
        let Some(counts) = self.counts.get(function) else {
            return Answer::Unread;
        };
        if counts.from.is_none_or(|first| first > from) || self.believed.is_none_or(|last| last < to) {
            return Answer::Unread;
        }
        // A minute counts where a part of it is meant.
        let from = from.checked_sub(SignedDuration::from_secs(59)).unwrap_or(from);
        let within = of(counts).iter().filter(|point| (from..=to).contains(&point.at));
        let sum: f64 = within.map(|point| point.value).sum();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of counts")]
        Answer::Yes(sum.round() as u64)
    }
}

impl RunHistory for Traces {
    fn run(&self, function: &NodeId, request_id: &str) -> Answer<Invocation> {
        match self
            .requests
            .get(function)
            .and_then(|requests| requests.get(request_id))
        {
            None => Answer::Unread,
            Some(0) => Answer::No,
            Some(attempt) => Answer::Yes(Invocation {
                function: function.clone(),
                request_id: request_id.to_owned(),
                attempt: *attempt,
                stream: String::new(),
                start: None,
                end: None,
                outcome: RunOutcome::Unknown,
                error: None,
                report: RunReport::default(),
                xray: None,
                version: None,
                message_ids: Vec::new(),
            }),
        }
    }

    fn run_of_message(&self, function: &NodeId, message_id: &str) -> Option<Invocation> {
        self.failures.run_of_message(function, message_id)
    }

    fn errors(&self, function: &NodeId, from: Timestamp, to: Timestamp) -> Answer<Vec<RunError>> {
        self.failures.errors(function, from, to)
    }

    fn failed_batches(&self, function: &NodeId, from: Timestamp, to: Timestamp) -> Answer<Vec<FailedBatch>> {
        self.failures.batches(function, from, to)
    }

    fn starts(&self, function: &NodeId, from: Timestamp, to: Timestamp) -> Answer<u64> {
        self.sum(function, from, to, |counts| &counts.runs)
    }

    fn throttles(&self, function: &NodeId, from: Timestamp, to: Timestamp) -> Answer<u64> {
        self.sum(function, from, to, |counts| &counts.throttles)
    }
}

/// The group that a function writes to. AWS (logs): `/aws/lambda/<name>` where nothing else is configured.
fn group(chain: Chain<'_>, function: &NodeId) -> String {
    let configured = match chain.nodes.get(function).map(|node| &node.detail) {
        Some(Detail::Function(function)) if !function.logging.group.is_empty() => Some(function.logging.group.clone()),
        _ => None,
    };
    configured.unwrap_or_else(|| {
        let name = function.short_name();
        format!("/aws/lambda/{name}")
    })
}

/// Whether a line says that an invocation began: only that proves whose request it is, since a caller may print its
/// callee's.
fn is_start(line: &str) -> bool {
    line.starts_with("START RequestId: ") || line.contains("\"platform.start\"")
}
