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
/// A delivery by S3, EventBridge or SNS takes about a second, seldom more than a few. What begins later than this was started by
/// something else.
const HOP: SignedDuration = SignedDuration::from_secs(10);
/// Seconds that the deliveries of a loop take in the mean, at the most: of slower traffic it cannot be told.
const USUAL_HOP: f64 = 1.2;
/// The same for a bucket's notifications, which take one to five seconds.
const SLOW_HOP: f64 = 5.0;
/// How much neighbouring steps may balance each other out (their correlation): what a clock starts and a delivery delays comes
/// early after it came late.
const BALANCED: f64 = -0.2;
/// Fewer do not show whether the begin of one hangs on the end of another.
const ENOUGH_TO_HANG: usize = 40;
/// By how many standard errors the begin of one must follow the length of the last. Chance seldom brings three.
const SURE: f64 = 4.0;
/// Fewer are not worth a word of rate and price.
const WORTH_TELLING: usize = 10;
/// Where all invocations come as regularly as this, a clock starts them: the deviation of the time between two, as a
/// share of its mean.
const CLOCKWORK: f64 = 0.05;
/// Pauses that scatter as much as this are those of events that come by chance (whose deviation is their mean); a delivery takes
/// about the same time each time.
const CHANCE: f64 = 0.7;
/// One in so many may come from elsewhere, or have lost its lines.
const STRAY: usize = 30;
/// A rate that rises by so much each minute, for so many minutes, is no ordinary traffic.
const RISING: f64 = 1.5;
const RISING_MINUTES: usize = 3;

/// Strongly connected components over what carries events on, each sorted, in the order of their first node.
///
/// What a function logs goes to its log group: no edge of the graph, but a way on where the group has a subscription. What is
/// switched off carries nothing on.
pub(super) fn loops(nodes: &BTreeMap<NodeId, Arc<Node>>, edges: &[Arc<Edge>]) -> Vec<Vec<NodeId>> {
    let mut numbers: BTreeMap<&NodeId, u32> = BTreeMap::new();
    let mut names: Vec<&NodeId> = Vec::new();
    let mut graph: DiGraphMap<u32, ()> = DiGraphMap::new();
    let carried = edges
        .iter()
        .filter(|edge| edge.enabled && edge.key.kind != EdgeKind::DeadLetter);
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

/// How busy the functions of a loop are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Busy {
    /// Why they are taken to start one another, if they are.
    pub sign: Option<Sign>,
    /// Invocations a minute, of all its functions.
    pub a_minute: f64,
    /// US dollars an hour for Lambda alone; an estimate, by list prices.
    pub dollars_an_hour: f64,
}

/// One invocation in time.
struct Span<'a> {
    start: Timestamp,
    end: Option<Timestamp>,
    run: &'a Invocation,
}

/// The invocations of a loop's functions, and how they may be judged.
pub struct Seen<'a> {
    /// The invocations of all its functions.
    pub runs: Vec<&'a Invocation>,
    /// How many of them something outside may have started; `None` where that may be any number.
    pub others: Option<usize>,
    /// Whether invocations come one by one without a loop too: a shard or a concurrency of 1 makes them.
    pub is_serial_anyway: bool,
    /// Whether a bucket notifies a function of the loop, and recursive loop detection is set to let it run.
    pub is_slow: bool,
    /// Whether a filter by key may leave out what its functions write: then the begin of each must be seen to hang on the end of
    /// the one before.
    pub is_filtered: bool,
}

/// How busy a loop's functions are, and the sign that they start one another, where there is one: nothing outside is known to
/// start them, and they follow one another as those of a loop do. Ordinary traffic overlaps and pauses. `None` where hardly
/// any was invoked.
#[must_use]
pub fn traffic(seen: &Seen<'_>, now: Timestamp) -> Option<Busy> {
    let since = now.checked_sub(LATELY).ok()?;
    let mut spans: Vec<Span<'_>> = seen
        .runs
        .iter()
        .filter_map(|run| {
            Some(Span {
                start: run.start.filter(|start| *start >= since && *start <= now)?,
                end: run.end,
                run,
            })
        })
        .collect();
    spans.sort_by_key(|span| span.start);
    if spans.len() < WORTH_TELLING {
        return None;
    }
    let has_other_cause = seen.others.is_none_or(|others| others * 2 > spans.len());
    let sign = if spans.len() < ENOUGH || has_other_cause || (seen.is_filtered && !hang_together(&spans)) {
        None
    } else {
        let serial = if seen.is_serial_anyway {
            None
        } else {
            one_by_one(&spans, if seen.is_slow { SLOW_HOP } else { USUAL_HOP })
        };
        serial.or_else(|| rising(&spans, now))
    };
    let seconds = now.duration_since(spans.first()?.start).as_secs_f64().max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "a count of minutes")]
    let a_minute = spans.len() as f64 * 60.0 / seconds;
    let dollars: f64 = spans.iter().map(price).sum();
    Some(Busy {
        sign,
        a_minute,
        dollars_an_hour: dollars * 3600.0 / seconds,
    })
}

fn one_by_one(spans: &[Span<'_>], usual_hop: f64) -> Option<Sign> {
    let mut pauses = Vec::new();
    let mut steps = Vec::new();
    let mut others = 0;
    for pair in spans.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        steps.push(after.start.duration_since(before.start).as_secs_f64());
        // The line that tells its end comes late, or never.
        let Some(end) = before.end else { continue };
        let pause = after.start.duration_since(end);
        if pause.is_negative() || pause > HOP {
            others += 1;
        } else {
            pauses.push(pause);
        }
    }
    if pauses.len() + 1 < ENOUGH || others * STRAY > spans.len() {
        return None;
    }
    let seconds: Vec<f64> = pauses.iter().map(SignedDuration::as_secs_f64).collect();
    let is_a_way = mean(&seconds) < usual_hop
        && scatter(&steps) > CLOCKWORK
        && scatter(&seconds) < CHANCE
        && neighbours(&steps) > BALANCED;
    is_a_way.then(|| Sign::OneByOne {
        count: pauses.len() + 1,
        longest: pauses.into_iter().max().unwrap_or_default(),
    })
}

/// Whether each invocation begins the later the longer the one before took: in a loop it does, by as much; what comes from outside
/// knows nothing of how long a function worked. This takes many invocations that differ in length.
fn hang_together(spans: &[Span<'_>]) -> bool {
    let pairs: Vec<(f64, f64)> = spans
        .windows(2)
        .filter_map(|pair| {
            let step = pair[1].start.duration_since(pair[0].start).as_secs_f64();
            Some((pair[0].end?.duration_since(pair[0].start).as_secs_f64(), step))
        })
        .collect();
    if pairs.len() < ENOUGH_TO_HANG {
        return false;
    }
    let (lengths, steps): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (length, step) = (mean(&lengths), mean(&steps));
    let spread: f64 = lengths.iter().map(|value| (value - length).powi(2)).sum();
    let together: f64 = pairs.iter().map(|(a, b)| (a - length) * (b - step)).sum();
    let slope = together / spread.max(f64::MIN_POSITIVE);
    let rests: Vec<f64> = pairs
        .iter()
        .map(|(a, b)| (b - step - slope * (a - length)).powi(2))
        .collect();
    let error = (mean(&rests) / spread.max(f64::MIN_POSITIVE)).sqrt();
    (0.5..1.5).contains(&slope) && slope > SURE * error
}

fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand at the most")]
    let count = values.len().max(1) as f64;
    values.iter().sum::<f64>() / count
}

/// The deviation of values as a share of their mean.
fn scatter(values: &[f64]) -> f64 {
    let middle = mean(values);
    let squares: Vec<f64> = values.iter().map(|value| (value - middle).powi(2)).collect();
    mean(&squares).sqrt() / middle.max(f64::MIN_POSITIVE)
}

/// How far a value and the next one go together, -1 to 1.
fn neighbours(values: &[f64]) -> f64 {
    let middle = mean(values);
    let together: f64 = values
        .windows(2)
        .map(|pair| (pair[0] - middle) * (pair[1] - middle))
        .sum();
    let alone: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    together / alone.max(f64::MIN_POSITIVE)
}

fn rising(spans: &[Span<'_>], now: Timestamp) -> Option<Sign> {
    let mut minutes = [0_usize; RISING_MINUTES + 1];
    for span in spans {
        let ago = usize::try_from(now.duration_since(span.start).as_secs() / 60).ok()?;
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
    (rises && to >= ENOUGH / 2).then_some(Sign::Rising { from, to })
}

/// AWS: $0.20 a million requests and $0.0000166667 a GB-second (x86, the first tier).
fn price(span: &Span<'_>) -> f64 {
    const REQUEST: f64 = 0.20 / 1_000_000.0;
    const GB_SECOND: f64 = 0.000_016_666_7;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of one invocation")]
    let seconds = span.run.billed_ms.map_or_else(
        || span.end.map_or(0.0, |end| end.duration_since(span.start).as_secs_f64()),
        |ms| ms as f64 / 1000.0,
    );
    let gigabytes = f64::from(span.run.memory_mb.unwrap_or(128)) / 1024.0;
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

    fn seen(runs: &[Invocation], others: usize) -> Seen<'_> {
        Seen {
            runs: runs.iter().collect(),
            others: Some(others),
            is_serial_anyway: false,
            is_slow: false,
            is_filtered: false,
        }
    }

    fn judged(runs: &[Invocation], others: usize, now: i64) -> Option<Sign> {
        traffic(&seen(runs, others), at(now))?.sign
    }

    /// Numbers from 0 to 1 that follow no rule.
    fn chances(seed: u64) -> impl Iterator<Item = f64> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            #[expect(clippy::cast_precision_loss, reason = "a fraction of one")]
            let chance = ((state >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
            chance
        })
        .skip(8)
    }

    #[expect(clippy::cast_possible_truncation, reason = "milliseconds")]
    fn ms(value: f64) -> i64 {
        value as i64
    }

    /// Invocations of 200 ms, each 300 to 900 ms after the end of the last.
    fn in_a_row(count: usize) -> (Vec<Invocation>, i64) {
        let mut time = 0;
        let mut runs = Vec::new();
        for chance in chances(7).take(count) {
            runs.push(run(time, time + 200));
            time += 500 + ms(chance * 600.0);
        }
        (runs, time)
    }

    #[test]
    fn invocations_that_follow_one_another_run_in_a_circle() {
        let (runs, now) = in_a_row(120);
        let found = traffic(&seen(&runs, 0), at(now)).expect("invocations");
        assert!(
            matches!(found.sign, Some(Sign::OneByOne { count: 120, .. })),
            "{found:?}"
        );
        assert!((found.a_minute - 75.0).abs() < 5.0, "{found:?}");
        // 75 a minute of 0.2 s at 1 GB: 4,500 x (0.0000002 + 0.00000333) an hour.
        assert!((found.dollars_an_hour - 0.0159).abs() < 0.001, "{found:?}");
        let serial = Seen {
            is_serial_anyway: true,
            ..seen(&runs, 0)
        };
        let busy = traffic(&serial, at(now)).expect("invocations");
        assert_eq!(busy.sign, None, "a shard makes them come one by one");
        let open = Seen {
            others: None,
            ..seen(&runs, 0)
        };
        assert_eq!(traffic(&open, at(now)).expect("invocations").sign, None);
    }

    /// Invocations of 150 to 400 ms, each one to five seconds after the end of the last.
    #[test]
    fn a_buckets_notifications_take_longer_and_run_in_a_circle_too() {
        let mut time = 0;
        let mut runs = Vec::new();
        for (work, hop) in chances(11).zip(chances(12)).take(80) {
            let end = time + 150 + ms(work * 250.0);
            runs.push(run(time, end));
            time = end + 1_000 + ms(hop * 4_000.0);
        }
        let slow = Seen {
            is_slow: true,
            ..seen(&runs, 0)
        };
        let busy = traffic(&slow, at(time)).expect("invocations");
        assert!(matches!(busy.sign, Some(Sign::OneByOne { .. })), "{busy:?}");
        assert_eq!(judged(&runs, 0, time), None, "no other delivery takes so long");
    }

    /// A clock and chance make no loop of a bucket either.
    #[test]
    fn slow_traffic_by_a_clock_or_by_chance_is_no_loop() {
        let clock: Vec<_> = (0..90)
            .zip(chances(3))
            .map(|(n, late)| run(n * 3_000 + ms(late * 1_000.0), n * 3_000 + 200 + ms(late * 1_000.0)))
            .collect();
        let mut time = 0.0;
        let mut chance = Vec::new();
        for value in chances(9) {
            time += -2_500.0 * value.ln();
            if time > 270_000.0 {
                break;
            }
            chance.push(run(ms(time), ms(time) + 10));
        }
        for runs in [clock, chance] {
            let slow = Seen {
                is_slow: true,
                ..seen(&runs, 0)
            };
            assert_eq!(traffic(&slow, at(270_000)).expect("invocations").sign, None);
        }
    }

    /// A prefix: uploads keep their pace however long the function works, and a loop waits for its end.
    #[test]
    fn what_a_filter_lets_through_begins_after_the_end_of_the_last() {
        for seed in 1..200 {
            let (mut time, mut looped, mut uploaded, mut next) = (0, Vec::new(), Vec::new(), 0);
            for (work, hop) in chances(seed).zip(chances(seed + 1_000)).take(270) {
                let work = 150 + ms(work * 250.0);
                looped.push(run(time, time + work));
                time += work + 300 + ms(hop * 400.0);
                uploaded.push(run(next, next + work));
                next += 600 + ms(hop * 1_000.0);
            }
            let filtered = |runs, now| {
                let seen = Seen {
                    is_filtered: true,
                    ..seen(runs, 0)
                };
                traffic(&seen, at(now)).expect("invocations").sign
            };
            assert!(filtered(&looped, time).is_some(), "seed {seed}");
            assert_eq!(filtered(&uploaded, next), None, "seed {seed}");
        }
    }

    #[test]
    fn ends_that_come_late_and_one_from_elsewhere_do_not_hide_a_loop() {
        let (mut runs, now) = in_a_row(120);
        for run in runs.iter_mut().rev().take(3) {
            run.end = None;
        }
        runs.push(run(30_000, 31_000));
        assert!(judged(&runs, 0, now).is_some());
    }

    #[test]
    fn few_invocations_other_causes_and_pauses_prove_nothing() {
        let (runs, now) = in_a_row(15);
        assert_eq!(judged(&runs, 0, now), None, "too few");
        let (runs, now) = in_a_row(120);
        assert_eq!(
            judged(&runs, 80, now),
            None,
            "a queue from elsewhere brought most of them"
        );
        let (mut runs, now) = in_a_row(120);
        for (n, run) in (0..).zip(&mut runs) {
            let later = SignedDuration::from_secs(n / 20 * 15);
            run.start = run.start.map(|at| at + later);
            run.end = run.end.map(|at| at + later);
        }
        assert_eq!(
            judged(&runs, 0, now + 75_000),
            None,
            "five pauses of more than a delivery"
        );
    }

    /// Short invocations that come by chance: nearly none overlaps or pauses for long.
    #[test]
    fn what_comes_by_chance_is_no_loop() {
        for (mean, seed) in [500.0, 1_000.0, 2_000.0].into_iter().zip(0..).cycle().take(300) {
            let mut time = 0.0;
            let mut runs = Vec::new();
            for chance in chances(seed) {
                time += -mean * chance.ln();
                if time > 300_000.0 {
                    break;
                }
                runs.push(run(ms(time), ms(time) + 10));
            }
            assert_eq!(judged(&runs, 0, 300_000), None, "seed {seed}");
        }
    }

    #[test]
    fn a_clock_and_a_crowd_are_no_loop() {
        let clock: Vec<_> = (0..200).map(|n| run(n * 1_000, n * 1_000 + 200)).collect();
        assert_eq!(judged(&clock, 0, 200_000), None);
        // What a clock sends arrives a little late, each time by another little.
        let late: Vec<_> = (0..200)
            .zip(chances(3))
            .map(|(n, chance)| run(n * 1_000 + ms(chance * 500.0), n * 1_000 + 200 + ms(chance * 500.0)))
            .collect();
        assert_eq!(judged(&late, 0, 200_000), None);
        let crowd: Vec<_> = (0..200)
            .zip(chances(5))
            .map(|(n, chance)| run(n * 1_000, n * 1_000 + 200 + ms(chance * 3_000.0)))
            .collect();
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
        assert_eq!(judged(&runs, 0, 240_000 - 1), Some(Sign::Rising { from: 10, to: 80 }));
    }
}
