//! Chains that may feed themselves: which they are, and whether one is seen to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::domain::{Arn, Detail, Edge, EdgeKind, Function, Invocation, Node, NodeId};

/// How far back one looks for a loop that runs.
pub const LATELY: SignedDuration = SignedDuration::from_mins(5);
/// Fewer invocations prove nothing.
const ENOUGH: usize = 20;
/// AWS: S3 delivers within seconds, and streams are polled once a second. What begins later was started by something else.
const HOP: SignedDuration = SignedDuration::from_secs(10);
/// Where all invocations come as regularly as this, a clock starts them: the deviation of the time between two, as a
/// share of its mean.
const CLOCKWORK: f64 = 0.05;
/// A rate that rises by so much each minute, for so many minutes, is no ordinary traffic.
const RISING: f64 = 1.5;
const RISING_MINUTES: usize = 3;

/// Strongly connected components over what carries events on, each sorted, in the order of their first node.
///
/// What a function logs goes to its log group: no edge of the graph, but a way on where the group has a subscription.
pub(super) fn loops(nodes: &BTreeMap<NodeId, Arc<Node>>, edges: &[Arc<Edge>]) -> Vec<Vec<NodeId>> {
    let mut numbers: BTreeMap<&NodeId, u32> = BTreeMap::new();
    let mut names: Vec<&NodeId> = Vec::new();
    let mut graph: DiGraphMap<u32, ()> = DiGraphMap::new();
    let carried = edges.iter().filter(|edge| edge.key.kind != EdgeKind::DeadLetter);
    let logged = nodes.values().filter_map(|node| {
        let (group, _) = nodes.get_key_value(&own_group(node)?)?;
        Some((&node.id, group))
    });
    for (from, to) in carried.map(|edge| (&edge.key.from, &edge.key.to)).chain(logged) {
        let mut number = |id| {
            *numbers.entry(id).or_insert_with(|| {
                names.push(id);
                u32::try_from(names.len() - 1).unwrap_or(u32::MAX)
            })
        };
        let (from, to) = (number(from), number(to));
        graph.add_edge(from, to, ());
    }
    let mut loops: Vec<Vec<NodeId>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|component| component.len() > 1 || component.iter().any(|n| graph.contains_edge(*n, *n)))
        .map(|component| {
            let mut ids: Vec<NodeId> = component
                .into_iter()
                .filter_map(|n| names.get(n as usize).map(|id| (*id).clone()))
                .collect();
            ids.sort();
            ids
        })
        .collect();
    loops.sort();
    loops
}

/// The node of the group that a function logs to.
pub(super) fn own_group(node: &Node) -> Option<NodeId> {
    let Detail::Function(function) = &node.detail else {
        return None;
    };
    let arn = Arn::parse(node.id.as_str()).filter(|_| !function.log_group.is_empty())?;
    Some(NodeId::from(format!(
        "arn:{}:logs:{}:{}:log-group:{}",
        arn.partition, arn.region, arn.account, function.log_group
    )))
}

/// Why the invocations of a loop's functions are taken to start one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// One at a time, each within seconds of the end of another: how many in a row, and the longest pause.
    OneByOne {
        /// Invocations in a row.
        count: usize,
        /// The longest pause between the end of one and the begin of the next.
        longest: SignedDuration,
    },
    /// Ever more by the minute: the first and the last of these minutes.
    Rising {
        /// Invocations in the first minute.
        from: usize,
        /// Invocations in the last minute.
        to: usize,
    },
}

/// A loop that is seen to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Running {
    /// How it is known.
    pub sign: Sign,
    /// Invocations a minute, of all its functions.
    pub a_minute: f64,
    /// US dollars an hour for Lambda alone; an estimate, by list prices.
    pub dollars_an_hour: f64,
}

/// Whether the invocations of a loop's functions show that it runs: nothing outside is known to start them (`others`
/// counts what may have), and they follow one another as those of a loop do. Ordinary traffic overlaps and pauses.
#[must_use]
pub fn running(runs: &[&Invocation], others: usize, now: Timestamp) -> Option<Running> {
    let since = now.checked_sub(LATELY).ok()?;
    let mut spans: Vec<(Timestamp, Timestamp, &Invocation)> = runs
        .iter()
        .filter_map(|run| {
            let start = run.start.filter(|start| *start >= since && *start <= now)?;
            // One that still runs has no end yet.
            Some((start, run.end.unwrap_or(now).max(start), *run))
        })
        .collect();
    spans.sort_by_key(|(start, ..)| *start);
    if spans.len() < ENOUGH || others * 2 > spans.len() {
        return None;
    }
    let sign = one_by_one(&spans).or_else(|| rising(&spans, now))?;
    let (first, ..) = spans.first()?;
    let seconds = now.duration_since(*first).as_secs_f64().max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "a count of minutes")]
    let a_minute = spans.len() as f64 * 60.0 / seconds;
    let dollars: f64 = spans.iter().map(|(start, end, run)| price(run, *start, *end)).sum();
    Some(Running {
        sign,
        a_minute,
        dollars_an_hour: dollars * 3600.0 / seconds,
    })
}

fn one_by_one(spans: &[(Timestamp, Timestamp, &Invocation)]) -> Option<Sign> {
    let mut pauses = Vec::new();
    let mut steps = Vec::new();
    for pair in spans.windows(2) {
        let ((start, end, _), (next, ..)) = (pair[0], pair[1]);
        let pause = next.duration_since(end);
        if pause.is_negative() || pause > HOP {
            return None;
        }
        pauses.push(pause);
        steps.push(next.duration_since(start).as_secs_f64());
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand at the most")]
    let count = steps.len() as f64;
    let mean = steps.iter().sum::<f64>() / count;
    let deviation = (steps.iter().map(|step| (step - mean).powi(2)).sum::<f64>() / count).sqrt();
    (deviation > mean * CLOCKWORK).then(|| Sign::OneByOne {
        count: spans.len(),
        longest: pauses.into_iter().max().unwrap_or_default(),
    })
}

fn rising(spans: &[(Timestamp, Timestamp, &Invocation)], now: Timestamp) -> Option<Sign> {
    let mut minutes = [0_usize; RISING_MINUTES + 1];
    for (start, ..) in spans {
        let ago = usize::try_from(now.duration_since(*start).as_secs() / 60).ok()?;
        if let Some(minute) = minutes.get_mut(ago) {
            *minute += 1;
        }
    }
    minutes.reverse();
    #[expect(clippy::cast_precision_loss, reason = "a count of invocations")]
    let rises = minutes
        .windows(2)
        .all(|pair| pair[0] > 0 && pair[1] as f64 >= pair[0] as f64 * RISING);
    let (from, to) = (minutes[0], minutes[RISING_MINUTES]);
    (rises && to >= ENOUGH).then_some(Sign::Rising { from, to })
}

/// AWS: $0.20 a million requests and $0.0000166667 a GB-second (x86, the first tier).
fn price(run: &Invocation, start: Timestamp, end: Timestamp) -> f64 {
    const REQUEST: f64 = 0.20 / 1_000_000.0;
    const GB_SECOND: f64 = 0.000_016_666_7;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of one invocation")]
    let seconds = run
        .billed_ms
        .map_or_else(|| end.duration_since(start).as_secs_f64(), |ms| ms as f64 / 1000.0);
    let gigabytes = f64::from(run.memory_mb.unwrap_or(128)) / 1024.0;
    REQUEST + seconds * gigabytes * GB_SECOND
}

/// Whether a subscription sends all that a function logs back to it: then every invocation starts another.
#[must_use]
pub fn is_fed_by_its_own_log(node: &Node, function: &Function, into: &[&Edge]) -> bool {
    let Some(group) = own_group(node).filter(|_| !function.log_group.is_empty()) else {
        return false;
    };
    into.iter().any(|edge| {
        // A pattern may leave out what the function itself writes.
        edge.key.from == group
            && edge.enabled
            && edge.evidence.is_solid()
            && edge.policies.iter().any(|policy| policy.filters.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RunOutcome;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + ms).expect("a time")
    }

    fn run(start: i64, end: i64) -> Invocation {
        Invocation {
            function: "f".into(),
            request_id: format!("r{start}"),
            attempt: 1,
            stream: "s".into(),
            start: Some(at(start)),
            end: Some(at(end)),
            outcome: RunOutcome::Ok,
            error: None,
            duration_us: None,
            billed_ms: Some(200),
            memory_mb: Some(1024),
            max_memory_mb: None,
            init_us: None,
            xray: None,
            version: None,
            message_ids: Vec::new(),
        }
    }

    fn judged(runs: &[Invocation], others: usize, now: i64) -> Option<Running> {
        running(&runs.iter().collect::<Vec<_>>(), others, at(now))
    }

    /// Pauses that repeat every seven, from 1.0 to 3.4 s.
    fn pause(n: i64) -> i64 {
        1_000 + (n * 5 % 7) * 400
    }

    fn in_a_row(count: i64) -> (Vec<Invocation>, i64) {
        let mut time = 0;
        let mut runs = Vec::new();
        for n in 0..count {
            runs.push(run(time, time + 200));
            time += 200 + pause(n);
        }
        (runs, time)
    }

    #[test]
    fn invocations_that_follow_one_another_run_in_a_circle() {
        let (runs, now) = in_a_row(60);
        let found = judged(&runs, 0, now).expect("a loop that runs");
        assert!(matches!(found.sign, Sign::OneByOne { count: 60, .. }), "{found:?}");
        assert!((found.a_minute - 25.0).abs() < 1.0, "{found:?}");
        // 25 a minute of 0.2 s at 1 GB: 1,500 x (0.0000002 + 0.00000333) an hour.
        assert!((found.dollars_an_hour - 0.0053).abs() < 0.0003, "{found:?}");
    }

    #[test]
    fn few_invocations_other_causes_and_pauses_prove_nothing() {
        let (runs, now) = in_a_row(15);
        assert_eq!(judged(&runs, 0, now), None, "too few");
        let (runs, now) = in_a_row(60);
        assert_eq!(
            judged(&runs, 40, now),
            None,
            "a queue from elsewhere brought most of them"
        );
        let (mut runs, now) = in_a_row(60);
        for run in &mut runs[30..] {
            run.start = run.start.map(|at| at + SignedDuration::from_secs(15));
            run.end = run.end.map(|at| at + SignedDuration::from_secs(15));
        }
        assert_eq!(judged(&runs, 0, now + 15_000), None, "a pause of more than a delivery");
    }

    #[test]
    fn a_clock_and_a_crowd_are_no_loop() {
        let clock: Vec<_> = (0..60).map(|n| run(n * 3_000, n * 3_000 + 200)).collect();
        assert_eq!(judged(&clock, 0, 180_000), None);
        let crowd: Vec<_> = (0..200).map(|n| run(n * 1_000, n * 1_000 + 200 + pause(n))).collect();
        assert_eq!(judged(&crowd, 0, 200_000), None);
    }

    #[test]
    fn a_rate_that_doubles_each_minute_is_a_loop_that_grows() {
        let mut runs = Vec::new();
        for (minute, count) in [(0, 10), (1, 20), (2, 40), (3, 80)] {
            runs.extend((0..count).map(|n| {
                let start = minute * 60_000 + n * 60_000 / count;
                run(start, start + 5_000)
            }));
        }
        let found = judged(&runs, 0, 240_000 - 1).expect("a loop that grows");
        assert_eq!(found.sign, Sign::Rising { from: 10, to: 80 });
    }
}
