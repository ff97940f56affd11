//! Metrics, counted by the minute and shown late.

use std::collections::{BTreeMap, VecDeque};

use super::World;

/// Minutes that a series keeps at most. AWS keeps 15 days at one minute.
const KEPT_MINUTES: usize = 1500;
/// Bytes that all series may take. The oldest minutes of all go first.
pub const BUDGET: usize = 32 * 1024 * 1024;
/// Samples that a minute keeps for percentiles.
const SAMPLES: usize = 100;

/// Which series: namespace, name, and dimensions in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricKey {
    /// Such as `AWS/Lambda`.
    pub namespace: String,
    /// Such as `Errors`.
    pub name: String,
    /// Name and value, sorted.
    pub dimensions: Vec<(String, String)>,
}

impl MetricKey {
    /// A key; the dimensions in any order.
    #[must_use]
    pub fn new(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Self {
        let mut dimensions: Vec<(String, String)> = dimensions
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        dimensions.sort();
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions,
        }
    }
}

/// What was seen in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    /// Sum of the values.
    pub sum: f64,
    /// How many there were.
    pub count: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Some of the values; none while all are the same, which they are in most series.
    samples: Vec<f64>,
}

impl Datum {
    const EMPTY: Self = Self {
        sum: 0.0,
        count: 0.0,
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
        samples: Vec::new(),
    };

    fn add(&mut self, value: f64) {
        self.merge(&Self {
            sum: value,
            count: 1.0,
            min: value,
            max: value,
            samples: Vec::new(),
        });
        self.samples.truncate(SAMPLES);
    }

    /// With another one.
    pub fn merge(&mut self, other: &Self) {
        let room = SAMPLES * 4;
        let same = self.samples.is_empty() && other.samples.is_empty();
        if self.count > 0.0 && !(same && self.min.to_bits() == other.min.to_bits()) {
            if self.samples.is_empty() {
                self.samples = self.spread().collect();
            }
            let room = room.saturating_sub(self.samples.len());
            self.samples.extend(other.spread().take(room));
        } else {
            self.samples.clone_from(&other.samples);
        }
        self.sum += other.sum;
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Its samples one by one, those that are all the same too.
    fn spread(&self) -> impl Iterator<Item = f64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count, and bounded"
        )]
        let same = if self.samples.is_empty() {
            self.count as usize
        } else {
            0
        };
        let one = std::iter::repeat_n(self.min, same.min(SAMPLES));
        self.samples.iter().copied().chain(one)
    }

    /// Bytes that it takes in a series.
    fn bytes(&self) -> usize {
        size_of::<(i64, Self)>() + self.samples.capacity() * size_of::<f64>()
    }

    /// A statistic by AWS's name: `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, `p99`, `p99.9`.
    #[must_use]
    pub fn statistic(&self, name: &str) -> Option<f64> {
        Some(match name {
            "Sum" => self.sum,
            "Average" => self.sum / self.count,
            "Minimum" => self.min,
            "Maximum" => self.max,
            "SampleCount" => self.count,
            _ => {
                let share: f64 = name.strip_prefix('p')?.parse().ok()?;
                let mut sorted: Vec<f64> = self.spread().collect();
                sorted.sort_by(f64::total_cmp);
                #[expect(
                    clippy::cast_precision_loss,
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "hundreds of samples"
                )]
                let at = ((share / 100.0 * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
                *sorted.get(at)?
            }
        })
    }
}

/// The minutes of a series, in their order.
type Minutes = VecDeque<(i64, Datum)>;

/// All series.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    series: BTreeMap<MetricKey, Minutes>,
    bytes: usize,
}

impl Metrics {
    /// Counts a value at a moment.
    pub fn add(&mut self, key: MetricKey, at: i64, value: f64) {
        self.change(key, at, |datum| datum.add(value));
    }

    /// Counts values given as a statistic set.
    pub fn add_set(&mut self, key: MetricKey, at: i64, sum: f64, count: f64, min: f64, max: f64) {
        let set = Datum {
            sum,
            count,
            min,
            max,
            samples: vec![sum / count.max(1.0)],
        };
        self.change(key, at, |datum| datum.merge(&set));
    }

    fn change(&mut self, key: MetricKey, at: i64, change: impl FnOnce(&mut Datum)) {
        let minute = at.div_euclid(60_000) * 60_000;
        let minutes = self.series.entry(key).or_default();
        let place = minutes.partition_point(|(known, _)| *known < minute);
        let known = minutes.get(place).filter(|(known, _)| *known == minute);
        let before = known.map_or(0, |(_, datum)| datum.bytes());
        if known.is_none() {
            minutes.insert(place, (minute, Datum::EMPTY));
        }
        if let Some((_, datum)) = minutes.get_mut(place) {
            change(datum);
            self.bytes = self.bytes + datum.bytes() - before;
        }
        if minutes.len() > KEPT_MINUTES
            && let Some((_, gone)) = minutes.pop_front()
        {
            self.bytes -= gone.bytes();
        }
        if self.bytes > BUDGET {
            self.shrink();
        }
    }

    /// Drops the oldest eighth of the time that all series span.
    fn shrink(&mut self) {
        let first = self
            .series
            .values()
            .filter_map(|minutes| Some(minutes.front()?.0))
            .min();
        let last = self.series.values().filter_map(|minutes| Some(minutes.back()?.0)).max();
        let (Some(first), Some(last)) = (first, last) else {
            return;
        };
        let cut = first + ((last - first) / 8).max(60_000);
        for minutes in self.series.values_mut() {
            while let Some((_, gone)) = minutes.pop_front_if(|(minute, _)| *minute < cut) {
                self.bytes -= gone.bytes();
            }
            if minutes.capacity() > 2 * minutes.len() + 8 {
                minutes.shrink_to_fit();
            }
        }
        self.series.retain(|_, minutes| !minutes.is_empty());
    }

    /// Bytes that all series take.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The periods from `from` up to before `to` that show at `now`, oldest first: a minute shows when it is over and
    /// `late_ms` have passed.
    #[must_use]
    pub fn read(&self, key: &MetricKey, from: i64, to: i64, period_ms: i64, shown_by: i64) -> Vec<(i64, Datum)> {
        let mut found: BTreeMap<i64, Datum> = BTreeMap::new();
        let Some(minutes) = self.series.get(key) else {
            return Vec::new();
        };
        if from >= to {
            return Vec::new();
        }
        let begin = minutes.partition_point(|(minute, _)| *minute < from);
        for (minute, datum) in minutes.range(begin..).take_while(|(minute, _)| *minute < to) {
            if minute + 60_000 > shown_by {
                break;
            }
            let period = minute.div_euclid(period_ms) * period_ms;
            found.entry(period).or_insert(Datum::EMPTY).merge(datum);
        }
        found.into_iter().collect()
    }

    /// Series of a namespace and name (any where not given), by key.
    pub fn keys(&self) -> impl Iterator<Item = &MetricKey> {
        self.series.keys()
    }

    /// The sum of a series over all time, shown or not: for tests.
    #[must_use]
    pub fn total(&self, key: &MetricKey) -> f64 {
        self.series
            .get(key)
            .into_iter()
            .flatten()
            .map(|(_, datum)| datum.sum)
            .sum()
    }

    /// How many values a series has, shown or not: for tests.
    #[must_use]
    pub fn samples(&self, key: &MetricKey) -> f64 {
        self.series
            .get(key)
            .into_iter()
            .flatten()
            .map(|(_, datum)| datum.count)
            .sum()
    }

    /// Drops series that were not written to since then.
    pub fn forget(&mut self, before: i64) {
        self.series
            .retain(|_, minutes| minutes.back().is_some_and(|(minute, _)| *minute >= before));
        let all = self.series.values().flatten();
        self.bytes = all.map(|(_, datum)| datum.bytes()).sum();
    }
}

impl World {
    /// Counts a function's metric now: for the function, for its qualifier, and for the account.
    pub(crate) fn lambda_metric(&mut self, function: &str, qualifier: &str, name: &str, value: f64) {
        self.lambda_metric_at(function, qualifier, name, self.clock.now, value);
    }

    /// Counts a function's metric at a moment.
    pub(super) fn lambda_metric_at(&mut self, function: &str, qualifier: &str, name: &str, at: i64, value: f64) {
        const LAMBDA: &str = "AWS/Lambda";
        let resource = if qualifier.is_empty() {
            function.to_owned()
        } else {
            format!("{function}:{qualifier}")
        };
        let own = [("FunctionName", function)];
        let by_resource = [("FunctionName", function), ("Resource", resource.as_str())];
        for dimensions in [&[][..], &own[..], &by_resource[..]] {
            self.records
                .metrics
                .add(MetricKey::new(LAMBDA, name, dimensions), at, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_minutes_into_periods_and_shows_them_late() {
        let key = MetricKey::new("n", "m", &[("b", "2"), ("a", "1")]);
        let mut metrics = Metrics::default();
        for (at, value) in [(0, 1.0), (59_999, 2.0), (60_000, 5.0), (120_000, 9.0)] {
            metrics.add(key.clone(), at, value);
        }
        let sums = |period, shown_by| -> Vec<(i64, f64)> {
            metrics
                .read(&key, 0, 600_000, period, shown_by)
                .iter()
                .map(|(at, d)| (*at, d.sum))
                .collect()
        };
        assert_eq!(sums(60_000, 119_999), [(0, 3.0)]);
        assert_eq!(sums(60_000, 180_000), [(0, 3.0), (60_000, 5.0), (120_000, 9.0)]);
        assert_eq!(sums(300_000, 180_000), [(0, 17.0)]);
        assert_eq!(
            metrics.read(&key, 0, 60_000, 60_000, 60_000)[0].1.statistic("p50"),
            Some(1.0)
        );
        assert_eq!(
            metrics.read(&key, 0, 60_000, 60_000, 60_000)[0].1.statistic("Average"),
            Some(1.5)
        );
    }

    #[test]
    fn values_that_are_all_the_same_are_kept_as_one_and_tell_the_same_percentiles() {
        let (key, mut metrics) = (MetricKey::new("n", "m", &[]), Metrics::default());
        for _ in 0..9 {
            metrics.add(key.clone(), 0, 1.0);
        }
        assert_eq!(metrics.bytes(), size_of::<(i64, Datum)>());
        metrics.add(key.clone(), 0, 5.0);
        let read = metrics.read(&key, 0, 60_000, 60_000, 60_000);
        let told = |name| read[0].1.statistic(name);
        assert_eq!(
            (told("p50"), told("p90"), told("p99")),
            (Some(1.0), Some(1.0), Some(5.0))
        );
        assert_eq!((told("Sum"), told("SampleCount")), (Some(14.0), Some(10.0)));
    }

    #[test]
    fn the_oldest_minutes_go_when_all_series_together_are_too_much() {
        let mut metrics = Metrics::default();
        let keys: Vec<MetricKey> = (0..500).map(|n| MetricKey::new("n", &n.to_string(), &[])).collect();
        for minute in 0..2_000 {
            for key in &keys {
                metrics.add(key.clone(), minute * 60_000, 1.0);
            }
        }
        assert!(
            metrics.bytes() <= BUDGET && metrics.bytes() > BUDGET / 2,
            "{}",
            metrics.bytes()
        );
        let counted: usize = keys
            .iter()
            .map(|key| metrics.read(key, 0, i64::MAX, 60_000, i64::MAX).len())
            .sum();
        assert_eq!(
            counted * size_of::<(i64, Datum)>(),
            metrics.bytes(),
            "what is counted is what is held"
        );
        assert!(metrics.total(&keys[0]) > 0.0 && metrics.total(&keys[0]) < 2_000.0);
    }
}
