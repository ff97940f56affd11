//! Whether a loop is running, by the times of its functions' invocations.
//!
//! A loop with one event invokes one function after another: each starts a delivery after the end of the last. Other
//! traffic does not look like that for long: it overlaps or pauses ([`in_turn`]), is random ([`ALIKE`]) or periodic
//! ([`DRIFT`]). One that multiplies grows by the minute ([`rising`]).

use jiff::{SignedDuration, Timestamp};

use crate::domain::Invocation;

/// How far back running loops are searched.
pub const LATELY: SignedDuration = SignedDuration::from_mins(5);
/// The least number of invocations that proves a loop. AWS (loops): recursive loop detection stops a loop after about 16.
const ENOUGH: usize = 15;
/// The longest sequence that can be a loop if AWS stops loops: a loop would have ended before.
const STOPPED: usize = 18;
/// The least number of invocations for which rate and cost are stated.
const WORTH_TELLING: usize = 10;
/// The longest time from the end of one invocation to the start of the next in a loop.
const HOP: SignedDuration = SignedDuration::from_secs(10);
/// One in this many invocations may have another cause, or missing lines.
const STRAY: usize = 30;
/// Deliveries take about the same time each. Pauses between events that come by chance differ as much as they are long (their
/// deviation is their mean, 1): the share from which on pauses are those.
const ALIKE: f64 = 0.65;
/// What a clock starts stays near an even beat, however late each delivery is; a loop drifts away from it. The squared distance from
/// the beat as a share of the variance of the steps is 0.5 for a clock, and grows with each invocation of a loop.
const DRIFT: f64 = 0.7;
/// Invocations needed to detect a drift.
const PIECE: usize = 20;
/// Fewer do not show whether the begin of one hangs on the end of another.
const ENOUGH_TO_HANG: usize = 40;
/// By how many standard errors the begin of one must follow the length of the last. Chance seldom brings three.
const SURE: f64 = 4.0;
/// A rate that rises by so much each minute, for so many minutes, is no ordinary traffic.
const RISING: f64 = 1.5;
const RISING_MINUTES: usize = 3;

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

/// Longest delivery in a loop: slower traffic cannot be distinguished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// At most about a second.
    Usual,
    /// One to five seconds: a bucket's notification or a log group's subscription is on the way.
    Slow,
}

impl Hop {
    /// Longest mean in seconds.
    fn seconds(self) -> f64 {
        match self {
            Self::Usual => 1.2,
            Self::Slow => 5.0,
        }
    }
}

/// The invocations of a loop's functions, and how they may be judged.
pub struct Seen<'a> {
    /// The invocations of all its functions.
    pub runs: Vec<&'a Invocation>,
    /// How many of them something outside may have started; `None` where that may be any number.
    pub others: Option<usize>,
    /// Whether concurrency is limited to one: then any traffic is serial.
    pub is_serial_anyway: bool,
    /// How long its deliveries take.
    pub hop: Hop,
    /// Whether recursive loop detection ends a loop of this kind.
    pub is_stopped: bool,
    /// Whether a filter by key may leave out what its functions write: then the begin of each must be seen to hang on the end of
    /// the one before.
    pub is_filtered: bool,
}

/// One invocation in time.
struct Span<'a> {
    start: Timestamp,
    end: Option<Timestamp>,
    run: &'a Invocation,
}

/// How busy a loop's functions are, and the sign that they start one another, where there is one: hardly anything else is known to
/// start them, and they follow one another as those of a loop do. `None` where hardly any was invoked.
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
    let seconds = now.duration_since(spans.first()?.start).as_secs_f64().max(1.0);
    let dollars: f64 = spans.iter().map(price).sum();
    Some(Busy {
        sign: sign(seen, &spans, now),
        a_minute: count(spans.len()) * 60.0 / seconds,
        dollars_an_hour: dollars * 3600.0 / seconds,
    })
}

fn sign(seen: &Seen<'_>, spans: &[Span<'_>], now: Timestamp) -> Option<Sign> {
    let has_other_cause = seen.others.is_none_or(|others| others * 2 > spans.len());
    if spans.len() < ENOUGH || has_other_cause || (seen.is_filtered && !hang_together(spans)) {
        return None;
    }
    // What AWS stops has ended by now, and was not long.
    let is_over = spans
        .last()
        .is_some_and(|last| now.duration_since(last.start) > HOP * 2);
    let may_be = !seen.is_stopped || (is_over && spans.len() <= STOPPED);
    let in_turn = if may_be && !seen.is_serial_anyway {
        one_by_one(spans, seen.hop)
    } else {
        None
    };
    in_turn.or_else(|| rising(spans, now))
}

fn one_by_one(spans: &[Span<'_>], hop: Hop) -> Option<Sign> {
    let mut pauses = in_turn(spans)?;
    pauses.sort();
    let sign = Sign::OneByOne {
        count: pauses.len() + 1,
        longest: pauses.last().copied().unwrap_or_default(),
    };
    // One delivery may be very late.
    pauses.truncate(pauses.len() - pauses.len() / STRAY);
    let pauses: Vec<f64> = pauses.iter().map(SignedDuration::as_secs_f64).collect();
    let is_alike = |values: &[f64]| variance(values).sqrt() < ALIKE * mean(values);
    // What a function sends long before its end arrives before it, too: then the begins are what follows one another.
    let ways_are_alike = if pauses.first().is_some_and(|shortest| *shortest < 0.0) {
        is_alike(&steps(spans))
    } else {
        is_alike(&pauses)
    };
    (mean(&pauses) < hop.seconds() && ways_are_alike && drift(spans) > DRIFT).then_some(sign)
}

/// The pauses between the end of each invocation and the begin of the next, where they come in turn: none begins long after the last
/// has ended, and no three run at once. A pause is negative where the next begins before the last has ended.
fn in_turn(spans: &[Span<'_>]) -> Option<Vec<SignedDuration>> {
    let mut pauses = Vec::new();
    let mut others = 0;
    for (n, pair) in spans.windows(2).enumerate() {
        // The line of its end comes late, or never.
        let Some(end) = pair[0].end else { continue };
        let pause = pair[1].start.duration_since(end);
        let is_third = spans.get(n + 2).is_some_and(|third| third.start < end);
        if pause > HOP || is_third {
            others += 1;
        } else {
            pauses.push(pause);
        }
    }
    (pauses.len() + 1 >= ENOUGH && others * STRAY <= spans.len()).then_some(pauses)
}

/// Seconds from the begin of each to the begin of the next.
fn steps(spans: &[Span<'_>]) -> Vec<f64> {
    spans
        .windows(2)
        .map(|pair| pair[1].start.duration_since(pair[0].start).as_secs_f64())
        .collect()
}

/// How far the begins are from an even beat, as a share of how far the steps between them are from their mean (both squared); the
/// median of some pieces, as a clock may miss a beat. 0 for an exact clock.
fn drift(spans: &[Span<'_>]) -> f64 {
    let pieces = (spans.len() / PIECE).max(1);
    let mut drifts: Vec<f64> = spans
        .chunks_exact((spans.len() / pieces).max(1))
        .map(|piece| {
            let since = |span: &Span<'_>| span.start.duration_since(piece[0].start).as_secs_f64();
            let starts: Vec<f64> = piece.iter().map(since).collect();
            let numbers: Vec<f64> = (0..starts.len()).map(count).collect();
            let (_, rest) = line(&numbers, &starts);
            rest / variance(&steps(piece)).max(1e-6)
        })
        .collect();
    drifts.sort_by(f64::total_cmp);
    drifts.get(drifts.len() / 2).copied().unwrap_or(0.0)
}

/// Whether each invocation begins the later the longer the one before took: in a loop it does, by as much; what comes from outside
/// knows nothing of how long a function worked. This takes many invocations that differ in length.
fn hang_together(spans: &[Span<'_>]) -> bool {
    let pairs = spans.windows(2).filter_map(|pair| {
        let step = pair[1].start.duration_since(pair[0].start).as_secs_f64();
        Some((pair[0].end?.duration_since(pair[0].start).as_secs_f64(), step))
    });
    let (lengths, steps): (Vec<f64>, Vec<f64>) = pairs.unzip();
    if lengths.len() < ENOUGH_TO_HANG {
        return false;
    }
    let (slope, rest) = line(&lengths, &steps);
    let error = (rest / (count(lengths.len()) * variance(&lengths)).max(f64::MIN_POSITIVE)).sqrt();
    (0.5..1.5).contains(&slope) && slope > SURE * error
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
    let rises = minutes
        .windows(2)
        .all(|pair| pair[0] > 0 && count(pair[1]) >= count(pair[0]) * RISING);
    let (from, to) = (minutes[0], minutes[RISING_MINUTES]);
    (rises && to >= WORTH_TELLING).then_some(Sign::Rising { from, to })
}

/// Linear regression: the slope, and the mean squared error.
fn line(x: &[f64], y: &[f64]) -> (f64, f64) {
    let (x_mean, y_mean) = (mean(x), mean(y));
    let products: Vec<f64> = x.iter().zip(y).map(|(x, y)| (x - x_mean) * (y - y_mean)).collect();
    let slope = mean(&products) / variance(x).max(f64::MIN_POSITIVE);
    let rests: Vec<f64> = x
        .iter()
        .zip(y)
        .map(|(x, y)| (y - y_mean - slope * (x - x_mean)).powi(2))
        .collect();
    (slope, mean(&rests))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len().max(1))
}

fn variance(values: &[f64]) -> f64 {
    let middle = mean(values);
    mean(&values.iter().map(|value| (value - middle).powi(2)).collect::<Vec<_>>())
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand invocations at the most")]
fn count(number: usize) -> f64 {
    number as f64
}

/// AWS (apis): $0.20 a million requests and $0.0000166667 a GB-second (x86, the first tier).
fn price(span: &Span<'_>) -> f64 {
    const REQUEST: f64 = 0.20 / 1_000_000.0;
    const GB_SECOND: f64 = 0.000_016_666_7;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of one invocation")]
    let seconds = span.run.report.billed_ms.map_or_else(
        || span.end.map_or(0.0, |end| end.duration_since(span.start).as_secs_f64()),
        |ms| ms as f64 / 1000.0,
    );
    let gigabytes = f64::from(span.run.report.memory_mb.unwrap_or(128)) / 1024.0;
    REQUEST + seconds * gigabytes * GB_SECOND
}

#[cfg(test)]
mod tests;
