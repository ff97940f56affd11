//! Metrics, counted by the minute and shown late.

use std::collections::BTreeMap;

use super::World;

/// Minutes that a series keeps: bounds memory. AWS keeps 15 days at one minute.
const KEPT_MINUTES: usize = 1500;
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
        self.sum += value;
        self.count += 1.0;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if self.samples.len() < SAMPLES {
            self.samples.push(value);
        }
    }

    /// With another one.
    pub fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        let room = SAMPLES * 4;
        self.samples
            .extend(other.samples.iter().take(room.saturating_sub(self.samples.len())));
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
                let mut sorted = self.samples.clone();
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

/// All series.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    series: BTreeMap<MetricKey, BTreeMap<i64, Datum>>,
}

impl Metrics {
    /// Counts a value at a moment.
    pub fn add(&mut self, key: MetricKey, at: i64, value: f64) {
        let minutes = self.series.entry(key).or_default();
        minutes
            .entry(at.div_euclid(60_000) * 60_000)
            .or_insert(Datum::EMPTY)
            .add(value);
        if minutes.len() > KEPT_MINUTES {
            minutes.pop_first();
        }
    }

    /// Counts values given as a statistic set.
    pub fn add_set(&mut self, key: MetricKey, at: i64, sum: f64, count: f64, min: f64, max: f64) {
        let minutes = self.series.entry(key).or_default();
        let set = Datum {
            sum,
            count,
            min,
            max,
            samples: vec![sum / count.max(1.0)],
        };
        minutes
            .entry(at.div_euclid(60_000) * 60_000)
            .or_insert(Datum::EMPTY)
            .merge(&set);
        if minutes.len() > KEPT_MINUTES {
            minutes.pop_first();
        }
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
        for (minute, datum) in minutes.range(from..to) {
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
            .retain(|_, minutes| minutes.last_key_value().is_some_and(|(minute, _)| *minute >= before));
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
}
