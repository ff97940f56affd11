//! Alarms: judged each minute, and told of when their state changes.
//!
//! AWS: an action with a function's ARN invokes it asynchronously, if its policy lets
//! `lambda.alarms.cloudwatch.amazonaws.com` in for this alarm; one with a topic's publishes there. Each change is an event
//! of the default bus as well.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::bucket::NotifyKind;
use super::bus::Event;
use super::lineage::Lineage;
use super::metrics::MetricKey;
use super::notification::Notification;
use super::policy::Sender;
use super::{Happening, World, arn};
use crate::time::to_iso;

/// From the change to the action. Simulated.
const HOP_MS: std::ops::RangeInclusive<i64> = 100..=900;

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
    /// ARNs of what is told when it goes into alarm.
    pub actions: Vec<String>,
    /// ARNs of what is told when all is well again.
    pub ok_actions: Vec<String>,
    /// ARNs of what is told when there is no data.
    pub no_data_actions: Vec<String>,
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
    /// An alarm's ARN.
    #[must_use]
    pub fn alarm_arn(&self, name: &str) -> String {
        self.arn("cloudwatch", &format!("alarm:{name}"))
    }

    pub(super) fn judge_alarms(&mut self) {
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
            self.set_alarm(&name, state, reason);
        }
    }

    /// Gives an alarm its state, and tells whom it is to tell if that is another one than before.
    pub(crate) fn set_alarm(&mut self, name: &str, state: AlarmState, reason: String) {
        let now = self.now;
        let Some(alarm) = self.alarms.get_mut(name) else {
            return;
        };
        let before = (alarm.state, std::mem::replace(&mut alarm.reason, reason), alarm.since);
        if before.0 == state {
            return;
        }
        (alarm.state, alarm.since) = (state, now);
        let alarm = alarm.clone();
        let told = match state {
            AlarmState::Alarm => &alarm.actions,
            AlarmState::Ok => &alarm.ok_actions,
            AlarmState::InsufficientData => &alarm.no_data_actions,
        };
        for action in told.iter().filter(|_| alarm.actions_enabled) {
            self.act(name, &alarm, &before, action);
        }
        let event = Event {
            source: "aws.cloudwatch".to_owned(),
            detail_type: "CloudWatch Alarm State Change".to_owned(),
            detail: alarm_data(name, &alarm, &before),
            resources: vec![self.alarm_arn(name)],
            time: now,
        };
        self.tell_default_bus(&event);
    }

    fn act(&mut self, name: &str, alarm: &Alarm, before: &(AlarmState, String, i64), action: &str) {
        let alarm_arn = self.alarm_arn(name);
        let (to, service, body) = match arn::service(action) {
            "lambda" => {
                let body = json!({
                    "source": "aws.cloudwatch", "alarmArn": alarm_arn, "accountId": self.account,
                    "time": offset_time(self.now), "region": self.region, "alarmData": alarm_data(name, alarm, before),
                });
                (NotifyKind::Function, "lambda.alarms.cloudwatch.amazonaws.com", body)
            }
            "sns" => {
                let body = self.alarm_message(name, alarm, before.0);
                (NotifyKind::Topic, "cloudwatch.amazonaws.com", body)
            }
            // What else an alarm can do is not simulated.
            _ => return,
        };
        let id = self.next_id();
        let notification = Notification {
            sender: Sender::new(service, alarm_arn),
            to,
            arn: action.to_owned(),
            subject: format!("{}: \"{name}\" in {}", alarm.state.name(), self.region),
            body,
            lineage: Lineage::default(),
        };
        let hop = self.chance.within("alarm/hop", id, HOP_MS);
        self.notifications.insert(id, notification);
        self.later(self.now + hop, Happening::Notification(id));
    }

    /// What a topic is told.
    fn alarm_message(&self, name: &str, alarm: &Alarm, before: AlarmState) -> Json {
        let dimensions = alarm.metric.dimensions.iter();
        let dimensions: Vec<Json> = dimensions.map(|(k, v)| json!({"name": k, "value": v})).collect();
        json!({
            "AlarmName": name, "AlarmDescription": alarm.description, "AWSAccountId": self.account,
            "NewStateValue": alarm.state.name(), "NewStateReason": alarm.reason, "StateChangeTime": offset_time(self.now),
            "Region": self.region, "AlarmArn": self.alarm_arn(name), "OldStateValue": before.name(),
            "OKActions": alarm.ok_actions, "AlarmActions": alarm.actions,
            "InsufficientDataActions": alarm.no_data_actions,
            "Trigger": {"MetricName": alarm.metric.name, "Namespace": alarm.metric.namespace, "StatisticType": "Statistic",
                "Statistic": alarm.statistic.to_uppercase(), "Unit": null, "Dimensions": dimensions,
                "Period": alarm.period_ms / 1000, "EvaluationPeriods": alarm.periods, "DatapointsToAlarm": alarm.breaches,
                "ComparisonOperator": alarm.comparison, "Threshold": alarm.threshold, "TreatMissingData": alarm.missing},
        })
    }
}

/// An alarm, its state and the one before, as functions and rules get it.
fn alarm_data(name: &str, alarm: &Alarm, before: &(AlarmState, String, i64)) -> Json {
    let dimensions: serde_json::Map<String, Json> = alarm
        .metric
        .dimensions
        .iter()
        .map(|(k, v)| (k.clone(), v.as_str().into()))
        .collect();
    json!({
        "alarmName": name,
        "state": {"value": alarm.state.name(), "reason": alarm.reason, "timestamp": offset_time(alarm.since)},
        "previousState": {"value": before.0.name(), "reason": before.1, "timestamp": offset_time(before.2)},
        "configuration": {"description": alarm.description, "metrics": [{"id": "m1", "returnData": true,
            "metricStat": {"metric": {"namespace": alarm.metric.namespace, "name": alarm.metric.name, "dimensions": dimensions},
                "period": alarm.period_ms / 1000, "stat": alarm.statistic}}]},
    })
}

/// ISO 8601 with an offset, as alarms carry it.
fn offset_time(ms: i64) -> String {
    to_iso(ms).replace('Z', "+0000")
}
