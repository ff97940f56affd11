//! CloudWatch: metrics and alarms.

use std::collections::{BTreeMap, BTreeSet};

use super::{Table, as_list, page, page_size, tag_list};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::alarm::{Actions, Condition, Status};
use crate::world::metrics::MetricKey;
use crate::world::{Alarm, AlarmState, World, arn};

pub(super) const TABLE: Table = &[
    ("DeleteAlarms", delete_alarms),
    ("DescribeAlarms", describe_alarms),
    ("DescribeAlarmsForMetric", alarms_for_metric),
    ("DisableAlarmActions", |world, call| Ok(set_actions(world, call, false))),
    ("EnableAlarmActions", |world, call| Ok(set_actions(world, call, true))),
    ("GetMetricData", get_data),
    ("GetMetricStatistics", get_statistics),
    ("ListMetrics", list),
    ("ListTagsForResource", list_tags),
    ("PutMetricAlarm", put_alarm),
    ("PutMetricData", put_data),
    ("SetAlarmState", set_state),
];

/// AWS (apis): 500 queries a call, 500 metrics a page.
const QUERIES: usize = 500;
const PAGE: usize = 500;

fn invalid(why: impl Into<String>) -> Fault {
    Fault::bad("InvalidParameterValueException", why)
}

fn validation(why: impl Into<String>) -> Fault {
    Fault::bad("ValidationError", why)
}

fn dimensions(value: &Value) -> Vec<(String, String)> {
    let pairs = value
        .list()
        .iter()
        .map(|d| (d.get("Name").text(), d.get("Value").text()));
    pairs.filter_map(|(name, value)| Some((name?, value?))).collect()
}

/// The series that a metric's members mean.
fn key(metric: &Value) -> MetricKey {
    let own = dimensions(metric.get("Dimensions"));
    let own: Vec<(&str, &str)> = own.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    MetricKey::new(
        metric.get("Namespace").str().unwrap_or(""),
        metric.get("MetricName").str().unwrap_or(""),
        &own,
    )
}

fn shown_dimensions(key: &MetricKey) -> Value {
    key.dimensions
        .iter()
        .map(|(name, value)| map! { "Name" => name, "Value" => value })
        .collect()
}

fn put_data(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let namespace = call.str("Namespace").unwrap_or("").to_owned();
    if namespace.is_empty() {
        return Err(Fault::bad(
            "MissingRequiredParameterException",
            "The parameter Namespace is required.",
        ));
    }
    let data = call.get("MetricData").list();
    for datum in data {
        let kinds = ["Value", "Values", "StatisticValues"]
            .iter()
            .filter(|m| !datum.get(m).is_null())
            .count();
        if kinds != 1 {
            return Err(Fault::bad(
                "InvalidParameterCombinationException",
                "At least one of Value, Values and StatisticValues, and only one, must be given.",
            ));
        }
        if datum.get("MetricName").str().is_none_or(str::is_empty) {
            return Err(Fault::bad(
                "MissingRequiredParameterException",
                "The parameter MetricData.member.1.MetricName is required.",
            ));
        }
    }
    for datum in data {
        let at = datum.get("Timestamp").time().unwrap_or_else(|| world.now());
        let mut key = key(datum);
        key.namespace.clone_from(&namespace);
        let set = datum.get("StatisticValues");
        if !set.is_null() {
            let number = |name: &str| set.get(name).float().unwrap_or(0.0);
            world.records.metrics.add_set(
                key,
                at,
                number("Sum"),
                number("SampleCount"),
                number("Minimum"),
                number("Maximum"),
            );
        } else if let Some(value) = datum.get("Value").float() {
            world.records.metrics.add(key, at, value);
        } else {
            let counts = datum.get("Counts").list();
            for (n, value) in datum.get("Values").list().iter().enumerate() {
                let count = counts.get(n).and_then(Value::float).unwrap_or(1.0).clamp(1.0, 1000.0);
                let value = value.float().unwrap_or(0.0);
                world
                    .records
                    .metrics
                    .add_set(key.clone(), at, value * count, count, value, value);
            }
        }
    }
    Ok(Answer::empty())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let wanted: Vec<(String, Option<String>)> = call
        .get("Dimensions")
        .list()
        .iter()
        .filter_map(|d| Some((d.get("Name").text()?, d.get("Value").text())))
        .collect();
    let keys = world.records.metrics.keys().filter(|key| {
        call.str("Namespace").is_none_or(|n| key.namespace == n)
            && call.str("MetricName").is_none_or(|n| key.name == n)
            && wanted.iter().all(|(name, value)| {
                key.dimensions
                    .iter()
                    .any(|(k, v)| k == name && value.as_ref().is_none_or(|value| v == value))
            })
    });
    let (keys, next) = page(keys, call.str("NextToken"), PAGE);
    let metrics: Vec<Value> = keys
        .into_iter()
        .map(|k| map! { "Namespace" => &k.namespace, "MetricName" => &k.name, "Dimensions" => shown_dimensions(k) })
        .collect();
    Ok(map! { "Metrics" => metrics, "NextToken" => next }.into())
}

/// The times that a call asks for, cut to whole periods' beginnings as AWS does.
fn window(call: &Call) -> Result<(i64, i64), Fault> {
    let time = |member: &str| {
        call.get(member)
            .time()
            .ok_or_else(|| validation(format!("The parameter {member} is required.")))
    };
    let (from, to) = (time("StartTime")?, time("EndTime")?);
    if from >= to {
        return Err(validation(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    Ok((from.div_euclid(60_000) * 60_000, to))
}

/// The points of one series, oldest first.
fn points(world: &World, key: &MetricKey, from: i64, to: i64, period_s: i64, statistic: &str) -> Vec<(i64, f64)> {
    // Metrics of functions, queues and so on are late; what a client put shows at once.
    let own = !key.namespace.starts_with("AWS/");
    let shown_by = if own { i64::MAX - 1 } else { world.metrics_shown_by(key) };
    let data = world
        .records
        .metrics
        .read(key, from, to, period_s.max(60) * 1000, shown_by);
    data.iter()
        .filter_map(|(at, datum)| Some((*at, datum.statistic(statistic)?)))
        .collect()
}

fn get_data(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (from, to) = window(call)?;
    let queries = call.get("MetricDataQueries").list();
    if queries.is_empty() || queries.len() > QUERIES {
        return Err(validation(format!(
            "The collection MetricDataQueries must hold 1 to {QUERIES} members."
        )));
    }
    let ascending = call.str("ScanBy") == Some("TimestampAscending");
    let mut results = Vec::new();
    let mut messages = Vec::new();
    for query in queries {
        let id = query.get("Id").str().unwrap_or("");
        let stat = query.get("MetricStat");
        let mut series: Vec<(String, Vec<(i64, f64)>)> = Vec::new();
        if let Some(expression) = query.get("Expression").str() {
            let period = query.get("Period").int().unwrap_or(300);
            match search(world, expression) {
                Some((keys, statistic)) => {
                    for key in keys {
                        let label = key
                            .dimensions
                            .iter()
                            .map(|(_, v)| v.as_str())
                            .collect::<Vec<_>>()
                            .join(" ");
                        let found = points(world, &key, from, to, period, &statistic);
                        series.push((format!("{label} {}", key.name).trim().to_owned(), found));
                    }
                }
                None => {
                    return Err(validation(format!(
                        "Error in expression '{id}': this account knows SEARCH only"
                    )));
                }
            }
        } else {
            let key = key(stat.get("Metric"));
            let period = stat.get("Period").int().unwrap_or(60);
            if period <= 0 || period % 60 != 0 {
                return Err(validation(format!(
                    "The value {period} for parameter Period is not a multiple of 60."
                )));
            }
            let statistic = stat.get("Stat").str().unwrap_or("Sum");
            series.push((key.name.clone(), points(world, &key, from, to, period, statistic)));
        }
        if query.get("ReturnData").bool() == Some(false) {
            continue;
        }
        if series.is_empty() {
            messages.push(map! { "Code" => "NoMetrics", "Value" => format!("No metrics matched {id}") });
        }
        for (label, mut found) in series {
            if !ascending {
                found.reverse();
            }
            let times: Vec<Value> = found.iter().map(|(at, _)| Value::Time(*at)).collect();
            let values: Vec<f64> = found.iter().map(|(_, v)| *v).collect();
            let label = query.get("Label").text().unwrap_or(label);
            results.push(map! {
                "Id" => id, "Label" => label, "Timestamps" => Value::List(times), "Values" => values,
                "StatusCode" => "Complete",
            });
        }
    }
    Ok(map! { "MetricDataResults" => results, "Messages" => messages }.into())
}

/// The series and the statistic that a search means: `SEARCH('{AWS/Lambda,FunctionName} MetricName="Errors"', 'Sum', 60)`.
fn search(world: &World, expression: &str) -> Option<(Vec<MetricKey>, String)> {
    let inner = expression.trim().strip_prefix("SEARCH(")?.strip_suffix(')')?;
    let mut parts = inner.split('\'');
    let (_, wanted, _, statistic) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (schema, rest) = match wanted.trim().strip_prefix('{') {
        Some(rest) => {
            let (schema, rest) = rest.split_once('}')?;
            (
                schema
                    .split(',')
                    .map(|s| s.trim().trim_matches('"'))
                    .collect::<Vec<_>>(),
                rest,
            )
        }
        None => (Vec::new(), wanted),
    };
    let (namespace, names) = schema
        .split_first()
        .map_or((None, None), |(n, rest)| (Some(*n), Some(rest)));
    let terms: Vec<(Option<&str>, &str)> = rest
        .split_whitespace()
        .filter(|t| !t.eq_ignore_ascii_case("AND"))
        .map(|term| match term.split_once('=') {
            Some((name, value)) => (Some(name), value.trim_matches('"')),
            None => (None, term.trim_matches('"')),
        })
        .collect();
    let keys = world.records.metrics.keys().filter(|key| {
        let own: BTreeSet<&str> = key.dimensions.iter().map(|(k, _)| k.as_str()).collect();
        namespace.is_none_or(|n| key.namespace == n)
            && names.is_none_or(|names| own == names.iter().copied().collect())
            && terms.iter().all(|(name, value)| match *name {
                Some("MetricName") => key.name == *value,
                Some("Namespace") => key.namespace == *value,
                Some(name) => key.dimensions.iter().any(|(k, v)| k == name && v == value),
                None => key.name.contains(value) || key.dimensions.iter().any(|(_, v)| v.contains(value)),
            })
    });
    Some((keys.take(QUERIES).cloned().collect(), statistic.to_owned()))
}

fn get_statistics(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (from, to) = window(call)?;
    let key = key(&call.input);
    let period = call.int("Period").unwrap_or(60);
    let unit = call.str("Unit").unwrap_or("None");
    let wanted: Vec<(&str, bool)> = (call.get("Statistics").strings().map(|s| (s, false)))
        .chain(call.get("ExtendedStatistics").strings().map(|s| (s, true)))
        .collect();
    if wanted.is_empty() {
        return Err(invalid(
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ));
    }
    let mut rows: BTreeMap<i64, (Value, Value)> = BTreeMap::new();
    for (statistic, extended) in wanted {
        for (at, value) in points(world, &key, from, to, period, statistic) {
            let row = rows.entry(at).or_default();
            if extended {
                row.1.set(statistic, value);
            } else {
                row.0.set(statistic, value);
            }
        }
    }
    let points: Vec<Value> = rows
        .into_iter()
        .map(|(at, (mut row, extended))| {
            row.set("Timestamp", Value::Time(at));
            row.set("Unit", unit);
            row.set("ExtendedStatistics", extended);
            row
        })
        .collect();
    Ok(map! { "Label" => &key.name, "Datapoints" => points }.into())
}

fn put_alarm(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call
        .str("AlarmName")
        .ok_or_else(|| validation("The parameter AlarmName is required."))?
        .to_owned();
    if call.str("MetricName").is_none() {
        return Err(validation("This account knows alarms on one metric only."));
    }
    let count = |member: &str| {
        call.int(member)
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n > 0)
    };
    let periods = count("EvaluationPeriods").unwrap_or(1);
    let now = world.now();
    let before = world.records.alarms.get(&name);
    let told = |member: &str| call.get(member).strings().map(str::to_owned).collect();
    let alarm = Alarm {
        condition: Condition {
            metric: key(&call.input),
            statistic: call
                .str("Statistic")
                .or(call.str("ExtendedStatistic"))
                .unwrap_or("Average")
                .to_owned(),
            period_ms: call.int("Period").unwrap_or(60).clamp(10, 86_400) * 1000,
            periods,
            breaches: count("DatapointsToAlarm").unwrap_or(periods),
            threshold: call.get("Threshold").float().unwrap_or(0.0),
            comparison: call
                .str("ComparisonOperator")
                .unwrap_or("GreaterThanThreshold")
                .to_owned(),
            missing: call.str("TreatMissingData").unwrap_or("missing").to_owned(),
        },
        actions: Actions {
            enabled: call.get("ActionsEnabled").bool().unwrap_or(true),
            alarm: told("AlarmActions"),
            ok: told("OKActions"),
            no_data: told("InsufficientDataActions"),
        },
        description: call.str("AlarmDescription").map(str::to_owned),
        status: before.map_or_else(|| Status::unchecked(now), |a| a.status.clone()),
        configured: now,
        tags: tag_list(call.get("Tags")),
    };
    world.records.alarms.insert(name, alarm);
    Ok(Answer::empty())
}

fn shown(world: &World, name: &str, alarm: &Alarm) -> Value {
    let (watched, status) = (&alarm.condition, &alarm.status);
    let percentile = watched.statistic.starts_with('p');
    map! {
        "AlarmName" => name,
        "AlarmArn" => world.alarm_arn(name),
        "AlarmDescription" => alarm.description.clone(),
        "AlarmConfigurationUpdatedTimestamp" => Value::Time(alarm.configured),
        "ActionsEnabled" => alarm.actions.enabled,
        "OKActions" => alarm.actions.ok.clone(),
        "AlarmActions" => alarm.actions.alarm.clone(),
        "InsufficientDataActions" => alarm.actions.no_data.clone(),
        "StateValue" => status.state.name(),
        "StateReason" => &status.reason,
        "StateUpdatedTimestamp" => Value::Time(status.since),
        "StateTransitionedTimestamp" => Value::Time(status.since),
        "MetricName" => &watched.metric.name,
        "Namespace" => &watched.metric.namespace,
        "Statistic" => (!percentile).then_some(&watched.statistic),
        "ExtendedStatistic" => percentile.then_some(&watched.statistic),
        "Dimensions" => shown_dimensions(&watched.metric),
        "Period" => watched.period_ms / 1000,
        "EvaluationPeriods" => watched.periods,
        "DatapointsToAlarm" => watched.breaches,
        "Threshold" => watched.threshold,
        "ComparisonOperator" => &watched.comparison,
        "TreatMissingData" => &watched.missing,
    }
}

fn describe_alarms(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let names: Vec<&str> = call.get("AlarmNames").strings().collect();
    let wanted = world.records.alarms.iter().filter(|(name, alarm)| {
        (names.is_empty() || names.contains(&name.as_str()))
            && call.str("AlarmNamePrefix").is_none_or(|p| name.starts_with(p))
            && call.str("StateValue").is_none_or(|s| alarm.status.state.name() == s)
    });
    let (found, next) = page(wanted, call.str("NextToken"), page_size(call, "MaxRecords", 100));
    let found: Vec<Value> = found
        .into_iter()
        .map(|(name, alarm)| shown(world, name, alarm))
        .collect();
    Ok(map! { "MetricAlarms" => found, "CompositeAlarms" => Vec::<Value>::new(), "NextToken" => next }.into())
}

fn alarms_for_metric(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let key = key(&call.input);
    let wanted = world
        .records
        .alarms
        .iter()
        .filter(|(_, alarm)| alarm.condition.metric == key);
    let found: Vec<Value> = wanted.map(|(name, alarm)| shown(world, name, alarm)).collect();
    Ok(map! { "MetricAlarms" => found }.into())
}

fn delete_alarms(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    for name in call.get("AlarmNames").strings() {
        world.records.alarms.remove(name);
    }
    Ok(Answer::empty())
}

fn set_actions(world: &mut World, call: &Call, enabled: bool) -> Answer {
    for name in call.get("AlarmNames").strings() {
        if let Some(alarm) = world.records.alarms.get_mut(name) {
            alarm.actions.enabled = enabled;
        }
    }
    Answer::empty()
}

fn set_state(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("AlarmName").unwrap_or("").to_owned();
    let state = match call.str("StateValue") {
        Some("OK") => AlarmState::Ok,
        Some("ALARM") => AlarmState::Alarm,
        Some("INSUFFICIENT_DATA") => AlarmState::InsufficientData,
        other => return Err(validation(format!("{other:?} is no state of an alarm"))),
    };
    let missing = || Fault::new(404, "ResourceNotFound", format!("Unknown alarm {name}"));
    if !world.records.alarms.contains_key(&name) {
        return Err(missing());
    }
    world.set_alarm(&name, state, call.str("StateReason").unwrap_or("").to_owned());
    Ok(Answer::empty())
}

fn list_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = arn::name(call.str("ResourceARN").unwrap_or(""));
    let missing = || Fault::new(404, "ResourceNotFoundException", format!("Unknown alarm {name}"));
    let alarm = world.records.alarms.get(name).ok_or_else(missing)?;
    Ok(map! { "Tags" => as_list(&alarm.tags) }.into())
}
