//! What happens each minute: gauges are read, alarms are judged, old things are forgotten.

use super::metrics::MetricKey;
use super::{Happening, World};

impl World {
    pub(super) fn minute(&mut self) {
        let now = self.clock.now;
        self.later(now + 60_000, Happening::Minute);
        self.read_gauges();
        self.judge_alarms();
        self.records.logs.forget(now);
        self.weigh();
        if now.div_euclid(60_000) % 60 == 0 {
            self.records.metrics.forget(now - 15 * 86_400_000);
        }
    }

    /// Reads what is counted as it stands. The values belong to the minute that has just ended.
    fn read_gauges(&mut self) {
        let (now, at) = (self.clock.now, self.clock.now - 1);
        let mut found: Vec<(String, &str, usize)> = Vec::new();
        for (name, queue) in &mut self.messaging.queues {
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
            self.records.metrics.add(
                MetricKey::new("AWS/SQS", name, &[("QueueName", &queue)]),
                at,
                value as f64,
            );
        }
        let mut all = 0;
        let peaks: Vec<(String, u32)> = self
            .lambda
            .functions
            .values_mut()
            .map(|f| (&f.name, &mut f.concurrency))
            .map(|(name, now)| (name.clone(), std::mem::replace(&mut now.peak, now.running)))
            .filter(|(_, peak)| *peak > 0)
            .collect();
        for (name, peak) in peaks {
            all += peak;
            let key = MetricKey::new("AWS/Lambda", "ConcurrentExecutions", &[("FunctionName", &name)]);
            self.records.metrics.add(key, at, f64::from(peak));
        }
        if all > 0 {
            self.records.metrics.add(
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
        self.clock.now - self.chance.within(&entity, 0, late.low..=late.high)
    }
}
