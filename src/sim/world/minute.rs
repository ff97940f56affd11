//! What happens each minute: gauges are read, alarms are judged, old things are forgotten.

use std::collections::BTreeMap;

use super::metrics::MetricKey;
use super::{Happening, World};

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are AWS's")]
pub enum AlarmState {
    Ok,
    Alarm,
    InsufficientData,
}

impl AlarmState {
    /// AWS's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// An alarm on one metric.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// What it watches.
    pub metric: MetricKey,
    /// `Sum`, `p99`, ….
    pub statistic: String,
    /// The period in milliseconds.
    pub period_ms: i64,
    /// How many periods are looked at.
    pub periods: usize,
    /// How many of them must breach.
    pub breaches: usize,
    /// The limit.
    pub threshold: f64,
    /// `GreaterThanThreshold`, ….
    pub comparison: String,
    /// `breaching`, `notBreaching`, `ignore`, `missing`.
    pub missing: String,
    /// ARNs of what is told.
    pub actions: Vec<String>,
    /// Whether they are told.
    pub actions_enabled: bool,
    /// What was said about it.
    pub description: Option<String>,
    /// Its state.
    pub state: AlarmState,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: i64,
    /// When it was last configured.
    pub configured: i64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Alarm {
    fn breached_by(&self, value: f64) -> bool {
        match self.comparison.as_str() {
            "GreaterThanOrEqualToThreshold" => value >= self.threshold,
            "LessThanThreshold" => value < self.threshold,
            "LessThanOrEqualToThreshold" => value <= self.threshold,
            _ => value > self.threshold,
        }
    }
}

impl World {
    pub(super) fn minute(&mut self) {
        let now = self.now;
        self.later(now + 60_000, Happening::Minute);
        self.read_gauges();
        self.judge_alarms();
        self.logs.forget(now);
        if now.div_euclid(60_000) % 60 == 0 {
            self.metrics.forget(now - 15 * 86_400_000);
        }
    }

    /// Reads what is counted as it stands. The values belong to the minute that has just ended.
    fn read_gauges(&mut self) {
        let (now, at) = (self.now, self.now - 1);
        let mut found: Vec<(String, &str, usize)> = Vec::new();
        for (name, queue) in &mut self.queues {
            queue.settle(now);
            let age = queue.oldest().map_or(0, |sent| now - sent) / 1000;
            found.push((name.clone(), "ApproximateNumberOfMessagesVisible", queue.visible()));
            found.push((name.clone(), "ApproximateNumberOfMessagesNotVisible", queue.in_flight()));
            found.push((name.clone(), "ApproximateNumberOfMessagesDelayed", queue.delayed()));
            found.push((
                name.clone(),
                "ApproximateAgeOfOldestMessage",
                usize::try_from(age).unwrap_or(0),
            ));
        }
        for (queue, name, value) in found {
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
            self.metrics.add(
                MetricKey::new("AWS/SQS", name, &[("QueueName", &queue)]),
                at,
                value as f64,
            );
        }
        let mut all = 0;
        let peaks: Vec<(String, u32)> = self
            .functions
            .values_mut()
            .map(|f| (f.name.clone(), std::mem::replace(&mut f.peak, f.running)))
            .filter(|(_, peak)| *peak > 0)
            .collect();
        for (name, peak) in peaks {
            all += peak;
            let key = MetricKey::new("AWS/Lambda", "ConcurrentExecutions", &[("FunctionName", &name)]);
            self.metrics.add(key, at, f64::from(peak));
        }
        if all > 0 {
            self.metrics.add(
                MetricKey::new("AWS/Lambda", "ConcurrentExecutions", &[]),
                at,
                f64::from(all),
            );
        }
    }

    /// By when a series' minutes must have ended to show now.
    pub(crate) fn metrics_shown_by(&self, key: &MetricKey) -> i64 {
        let late = &self.lateness.metrics;
        let entity = format!("{}/{}/{:?}", key.namespace, key.name, key.dimensions);
        self.now - self.chance.within(&entity, 0, late.low..=late.high)
    }

    fn judge_alarms(&mut self) {
        let names: Vec<String> = self.alarms.keys().cloned().collect();
        for name in names {
            let Some(alarm) = self.alarms.get(&name) else { continue };
            let shown_by = self.metrics_shown_by(&alarm.metric);
            let end = shown_by.div_euclid(alarm.period_ms) * alarm.period_ms;
            let count = i64::try_from(alarm.periods).unwrap_or(1);
            let begin = end - alarm.period_ms * count;
            let points = self.metrics.read(&alarm.metric, begin, end, alarm.period_ms, shown_by);
            let values: Vec<f64> = points
                .iter()
                .filter_map(|(_, d)| d.statistic(&alarm.statistic))
                .collect();
            let missing = alarm.periods - values.len().min(alarm.periods);
            let mut breaches = values.iter().filter(|v| alarm.breached_by(**v)).count();
            if alarm.missing == "breaching" {
                breaches += missing;
            }
            let state = if breaches >= alarm.breaches {
                AlarmState::Alarm
            } else if values.is_empty() && !matches!(alarm.missing.as_str(), "notBreaching" | "breaching") {
                if alarm.missing == "ignore" {
                    alarm.state
                } else {
                    AlarmState::InsufficientData
                }
            } else {
                AlarmState::Ok
            };
            if state == alarm.state {
                continue;
            }
            let reason = format!(
                "Threshold Crossed: {breaches} of the last {} datapoints breached {}.",
                alarm.periods, alarm.threshold
            );
            let now = self.now;
            if let Some(alarm) = self.alarms.get_mut(&name) {
                (alarm.state, alarm.reason, alarm.since) = (state, reason, now);
            }
        }
    }
}
