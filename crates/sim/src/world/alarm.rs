//! Alarms: evaluated each minute, with notifications when their state changes.
//!
//! AWS (permissions): an action with a function's ARN invokes it asynchronously, if its policy lets
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

/// What an alarm watches, and when it goes off.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The series.
    pub metric: MetricKey,
    /// `Sum`, `p99`, ….
    pub statistic: String,
    /// The period in milliseconds.
    pub period_ms: i64,
    /// The number of evaluation periods.
    pub periods: usize,
    /// How many of them must breach.
    pub breaches: usize,
    /// The limit.
    pub threshold: f64,
    /// `GreaterThanThreshold`, ….
    pub comparison: String,
    /// `breaching`, `notBreaching`, `ignore`, `missing`.
    pub missing: String,
}

/// What an alarm reports its state: ARNs.
#[derive(Clone, Debug)]
pub struct Actions {
    /// Whether they are reported at all.
    pub enabled: bool,
    /// When it goes into alarm.
    pub alarm: Vec<String>,
    /// When it is OK again.
    pub ok: Vec<String>,
    /// When there is no data.
    pub no_data: Vec<String>,
}

/// An alarm's state, why, and since when.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "said above")]
pub struct Status {
    pub state: AlarmState,
    pub reason: String,
    pub since: i64,
}

impl Status {
    /// The state of a new alarm.
    #[must_use]
    pub fn unchecked(now: i64) -> Self {
        Self {
            state: AlarmState::InsufficientData,
            reason: "Unchecked: Initial alarm creation".to_owned(),
            since: now,
        }
    }
}

/// An alarm on one metric.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// What it watches.
    pub condition: Condition,
    /// What it shows.
    pub actions: Actions,
    /// What was said about it.
    pub description: Option<String>,
    /// Its state.
    pub status: Status,
    /// When it was last configured.
    pub configured: i64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Condition {
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
        let names: Vec<String> = self.records.alarms.keys().cloned().collect();
        for name in names {
            let Some(alarm) = self.records.alarms.get(&name) else {
                continue;
            };
            let watched = &alarm.condition;
            let shown_by = self.metrics_shown_by(&watched.metric);
            let end = shown_by.div_euclid(watched.period_ms) * watched.period_ms;
            let count = i64::try_from(watched.periods).unwrap_or(1);
            let begin = end - watched.period_ms * count;
            let points = self
                .records
                .metrics
                .read(&watched.metric, begin, end, watched.period_ms, shown_by);
            let values: Vec<f64> = points
                .iter()
                .filter_map(|(_, d)| d.statistic(&watched.statistic))
                .collect();
            let missing = watched.periods - values.len().min(watched.periods);
            let mut breaches = values.iter().filter(|v| watched.breached_by(**v)).count();
            if watched.missing == "breaching" {
                breaches += missing;
            }
            let state = if breaches >= watched.breaches {
                AlarmState::Alarm
            } else if values.is_empty() && !matches!(watched.missing.as_str(), "notBreaching" | "breaching") {
                if watched.missing == "ignore" {
                    alarm.status.state
                } else {
                    AlarmState::InsufficientData
                }
            } else {
                AlarmState::Ok
            };
            if state == alarm.status.state {
                continue;
            }
            let reason = format!(
                "Threshold Crossed: {breaches} of the last {} datapoints breached {}.",
                watched.periods, watched.threshold
            );
            self.set_alarm(&name, state, reason);
        }
    }

    /// Sets an alarm's state, and notifies its actions if it changed.
    pub(crate) fn set_alarm(&mut self, name: &str, state: AlarmState, reason: String) {
        let now = self.clock.now;
        let Some(alarm) = self.records.alarms.get_mut(name) else {
            return;
        };
        if alarm.status.state == state {
            alarm.status.reason = reason;
            return;
        }
        let since = now;
        let before = std::mem::replace(&mut alarm.status, Status { state, reason, since });
        let alarm = alarm.clone();
        let told = match state {
            AlarmState::Alarm => &alarm.actions.alarm,
            AlarmState::Ok => &alarm.actions.ok,
            AlarmState::InsufficientData => &alarm.actions.no_data,
        };
        for action in told.iter().filter(|_| alarm.actions.enabled) {
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

    fn act(&mut self, name: &str, alarm: &Alarm, before: &Status, action: &str) {
        let alarm_arn = self.alarm_arn(name);
        let (to, service, body) = match arn::service(action) {
            "lambda" => {
                let body = json!({
                    "source": "aws.cloudwatch", "alarmArn": alarm_arn, "accountId": self.account,
                    "time": offset_time(self.clock.now), "region": self.region, "alarmData": alarm_data(name, alarm, before),
                });
                (NotifyKind::Function, "lambda.alarms.cloudwatch.amazonaws.com", body)
            }
            "sns" => {
                let body = self.alarm_message(name, alarm, before.state);
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
            subject: format!("{}: \"{name}\" in {}", alarm.status.state.name(), self.region),
            body,
            lineage: Lineage::default(),
        };
        let hop = self.chance.within("alarm/hop", id, HOP_MS);
        self.storage.notifications.insert(id, notification);
        self.later(self.clock.now + hop, Happening::Notification(id));
    }

    /// What a topic is reported.
    fn alarm_message(&self, name: &str, alarm: &Alarm, before: AlarmState) -> Json {
        let watched = &alarm.condition;
        let dimensions = watched.metric.dimensions.iter();
        let dimensions: Vec<Json> = dimensions.map(|(k, v)| json!({"name": k, "value": v})).collect();
        json!({
            "AlarmName": name, "AlarmDescription": alarm.description, "AWSAccountId": self.account,
            "NewStateValue": alarm.status.state.name(), "NewStateReason": alarm.status.reason, "StateChangeTime": offset_time(self.clock.now),
            "Region": self.region, "AlarmArn": self.alarm_arn(name), "OldStateValue": before.name(),
            "OKActions": alarm.actions.ok, "AlarmActions": alarm.actions.alarm,
            "InsufficientDataActions": alarm.actions.no_data,
            "Trigger": {"MetricName": watched.metric.name, "Namespace": watched.metric.namespace, "StatisticType": "Statistic",
                "Statistic": watched.statistic.to_uppercase(), "Unit": null, "Dimensions": dimensions,
                "Period": watched.period_ms / 1000, "EvaluationPeriods": watched.periods, "DatapointsToAlarm": watched.breaches,
                "ComparisonOperator": watched.comparison, "Threshold": watched.threshold, "TreatMissingData": watched.missing},
        })
    }
}

/// An alarm, its state and the one before, as functions and rules get it.
fn alarm_data(name: &str, alarm: &Alarm, before: &Status) -> Json {
    let (watched, status) = (&alarm.condition, &alarm.status);
    let dimensions: serde_json::Map<String, Json> = watched
        .metric
        .dimensions
        .iter()
        .map(|(k, v)| (k.clone(), v.as_str().into()))
        .collect();
    json!({
        "alarmName": name,
        "state": {"value": status.state.name(), "reason": status.reason, "timestamp": offset_time(status.since)},
        "previousState": {"value": before.state.name(), "reason": before.reason, "timestamp": offset_time(before.since)},
        "configuration": {"description": alarm.description, "metrics": [{"id": "m1", "returnData": true,
            "metricStat": {"metric": {"namespace": watched.metric.namespace, "name": watched.metric.name, "dimensions": dimensions},
                "period": watched.period_ms / 1000, "stat": watched.statistic}}]},
    })
}

/// ISO 8601 with an offset, as alarms carry it.
fn offset_time(ms: i64) -> String {
    to_iso(ms).replace('Z', "+0000")
}
