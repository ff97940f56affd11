//! CloudWatch: metrics, which cost by the metric, and alarms.

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{AlarmType, Dimension, MetricAlarm, MetricDataQuery, MetricStat, StateValue};
use jiff::Timestamp;

use super::pages::Pages;
use super::{Error, Session, api};
use crate::domain::{Alarm, Arn, Metric, NodeId, Point, Scope, Subject, Watch, Watches};

/// AWS (apis): at most 500 queries a call.
const QUERIES: usize = 500;

/// One metric to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Query {
    /// Of what.
    pub subject: Subject,
    /// Which.
    pub metric: Metric,
}

/// What an alarm does when its state changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmActions {
    /// Its ARN.
    pub arn: String,
    /// Whether it acts at all (`ActionsEnabled`).
    pub enabled: bool,
    /// ARNs of what it does on ALARM.
    pub on_alarm: Vec<String>,
    /// The same on OK.
    pub on_ok: Vec<String>,
    /// The same on `INSUFFICIENT_DATA`.
    pub on_insufficient_data: Vec<String>,
}

impl Session {
    /// One-minute values of metrics over a span. A metric without values is there with none: AWS writes no zeros.
    pub async fn metrics(
        &self,
        queries: &[Query],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Query, Vec<Point>)>, Error> {
        let mut read = Vec::with_capacity(queries.len());
        for chunk in queries.chunks(QUERIES) {
            read.extend(self.metrics_page(chunk, from, to).await?);
        }
        Ok(read)
    }

    async fn metrics_page(
        &self,
        queries: &[Query],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Query, Vec<Point>)>, Error> {
        let clients = self.clients();
        let asked: Vec<MetricDataQuery> = queries
            .iter()
            .enumerate()
            .map(|(n, query)| data_query(n, query))
            .collect();
        let mut points: Vec<Vec<Point>> = vec![Vec::new(); queries.len()];
        let mut pages = Pages::of(&api::GET_METRIC_DATA);
        while pages.more() {
            let token = pages.token();
            let priced = if token.is_none() { queries.len() as u64 } else { 0 };
            let call = || {
                let request = clients
                    .cloudwatch
                    .get_metric_data()
                    .set_metric_data_queries(Some(asked.clone()));
                let request = request.start_time(time(from)).end_time(time(to));
                request.set_next_token(token.clone()).send()
            };
            let answer = self.caller.call_priced(&api::GET_METRIC_DATA, priced, call).await?;
            for result in answer.metric_data_results() {
                let Some(n) = result.id().and_then(|id| id.strip_prefix('q')?.parse::<usize>().ok()) else {
                    continue;
                };
                let Some(series) = points.get_mut(n) else { continue };
                series.extend(
                    result
                        .timestamps()
                        .iter()
                        .zip(result.values())
                        .filter_map(|(at, value)| {
                            Some(Point {
                                at: Timestamp::from_millisecond(at.to_millis().ok()?).ok()?,
                                value: *value,
                            })
                        }),
                );
            }
            // Each metric's points come in time order: what shows pages apart is how far they are.
            let last = answer.metric_data_results().iter();
            let last = last.map(|result| (result.id(), result.timestamps().last().map(DateTime::secs)));
            pages.turn(answer.next_token(), last.filter(|(_, at)| at.is_some()))?;
        }
        for series in &mut points {
            series.sort_by_key(|point| point.at);
        }
        Ok(queries.iter().cloned().zip(points).collect())
    }

    /// All alarms that are in ALARM.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, Error> {
        let clients = self.clients();
        let mut alarms = Vec::new();
        let mut pages = Pages::of(&api::DESCRIBE_ALARMS);
        while pages.more() {
            let call = || {
                clients
                    .cloudwatch
                    .describe_alarms()
                    .state_value(StateValue::Alarm)
                    .set_next_token(pages.token())
                    .send()
            };
            let answer = self.caller.call(&api::DESCRIBE_ALARMS, call).await?;
            alarms.extend(answer.metric_alarms().iter().map(|alarm| {
                let since = alarm
                    .state_transitioned_timestamp()
                    .or_else(|| alarm.state_updated_timestamp());
                Alarm {
                    name: alarm.alarm_name().unwrap_or_default().to_owned(),
                    node: alarm_node(&self.scope, alarm.dimensions()),
                    since: since.and_then(|at| Timestamp::from_millisecond(at.to_millis().ok()?).ok()),
                    reason: alarm.state_reason().unwrap_or_default().to_owned(),
                }
            }));
            let names = answer.metric_alarms().iter().map(|alarm| alarm.alarm_name());
            pages.turn(answer.next_token(), names)?;
        }
        Ok(alarms)
    }
}

impl Session {
    /// What every alarm of any state does, those of metrics and those of other alarms, and what queues they watch. AWS (apis): 100 a
    /// page.
    ///
    /// # Errors
    ///
    /// If the call failed.
    pub async fn alarm_actions(&self) -> Result<(Vec<AlarmActions>, Watches), Error> {
        let clients = self.clients();
        let mut found = Vec::new();
        let mut watches = Watches::default();
        let mut pages = Pages::of(&api::DESCRIBE_ALARMS);
        while pages.more() {
            let call = || {
                let request = clients.cloudwatch.describe_alarms();
                let request = request
                    .alarm_types(AlarmType::MetricAlarm)
                    .alarm_types(AlarmType::CompositeAlarm);
                request.max_records(100).set_next_token(pages.token()).send()
            };
            let answer = self.caller.call(&api::DESCRIBE_ALARMS, call).await?;
            let metric = answer.metric_alarms().iter().map(|alarm| alarm.alarm_arn());
            let composite = answer.composite_alarms().iter().map(|alarm| alarm.alarm_arn());
            pages.turn(answer.next_token(), metric.chain(composite))?;
            for alarm in answer.metric_alarms() {
                watch(&self.scope, alarm, &mut watches);
            }
            let metric = answer.metric_alarms.unwrap_or_default().into_iter().map(|alarm| {
                (
                    alarm.alarm_arn,
                    alarm.actions_enabled,
                    alarm.alarm_actions,
                    alarm.ok_actions,
                    alarm.insufficient_data_actions,
                )
            });
            let composite = answer.composite_alarms.unwrap_or_default().into_iter().map(|alarm| {
                (
                    alarm.alarm_arn,
                    alarm.actions_enabled,
                    alarm.alarm_actions,
                    alarm.ok_actions,
                    alarm.insufficient_data_actions,
                )
            });
            found.extend(metric.chain(composite).filter_map(
                |(arn, enabled, on_alarm, on_ok, on_insufficient_data)| {
                    Some(AlarmActions {
                        arn: arn?,
                        // AWS (metrics): true unless set otherwise.
                        enabled: enabled.unwrap_or(true),
                        on_alarm: on_alarm.unwrap_or_default(),
                        on_ok: on_ok.unwrap_or_default(),
                        on_insufficient_data: on_insufficient_data.unwrap_or_default(),
                    })
                },
            ));
        }
        Ok((found, watches))
    }
}

/// Notes the queues that an alarm is computed from.
fn watch(scope: &Scope, alarm: &MetricAlarm, watches: &mut Watches) {
    let own = (alarm.namespace(), alarm.metric_name(), alarm.dimensions());
    let in_math = alarm.metrics().iter().filter_map(|query| {
        let metric = query.metric_stat()?.metric()?;
        Some((metric.namespace(), metric.metric_name(), metric.dimensions()))
    });
    for (namespace, metric, dimensions) in std::iter::once(own).chain(in_math) {
        let queue = dimensions
            .iter()
            .find(|dimension| dimension.name() == Some("QueueName"));
        let queue = queue
            .and_then(Dimension::value)
            .filter(|_| namespace == Some("AWS/SQS"));
        if let (Some(queue), Some(metric)) = (queue, metric) {
            watches.queues.push(Watch {
                queue: NodeId::from(scope.arn("sqs", queue)),
                metric: metric.to_owned(),
                alarm: alarm.alarm_name().unwrap_or_default().to_owned(),
            });
        }
    }
    let is_search = |text: &str| text.contains("AWS/SQS") && (text.contains("SEARCH") || text.contains("SELECT"));
    watches.searches |= alarm
        .metrics()
        .iter()
        .filter_map(MetricDataQuery::expression)
        .any(is_search);
}

fn time(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millisecond())
}

fn data_query(n: usize, query: &Query) -> MetricDataQuery {
    let (namespace, name, statistic) = query.metric.source();
    let metric = aws_sdk_cloudwatch::types::Metric::builder()
        .namespace(namespace)
        .metric_name(name)
        .set_dimensions(Some(dimensions(&query.subject)))
        .build();
    let stat = MetricStat::builder().metric(metric).period(60).stat(statistic).build();
    MetricDataQuery::builder()
        .id(format!("q{n}"))
        .metric_stat(stat)
        .return_data(true)
        .build()
}

fn dimensions(subject: &Subject) -> Vec<Dimension> {
    let Subject::Node(id) = subject else { return Vec::new() };
    let Some(arn) = Arn::parse(id.as_str()) else {
        return Vec::new();
    };
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    match arn.service {
        "lambda" => vec![dimension("FunctionName", arn.name())],
        "sqs" => vec![dimension("QueueName", arn.name())],
        "sns" => vec![dimension("TopicName", arn.name())],
        // A rule of a bus of one's own has two dimensions: `rule/BUS/NAME`.
        "events" => match arn.resource.strip_prefix("rule/").and_then(|rest| rest.split_once('/')) {
            Some((bus, name)) => vec![dimension("EventBusName", bus), dimension("RuleName", name)],
            None => vec![dimension("RuleName", arn.name())],
        },
        // AWS (losses): Scheduler counts by the group only.
        "scheduler" => vec![dimension("ScheduleGroup", arn.name())],
        _ => Vec::new(),
    }
}

fn alarm_node(scope: &Scope, dimensions: &[Dimension]) -> Option<NodeId> {
    dimensions.iter().find_map(|dimension| {
        let value = dimension.value()?;
        let arn = match dimension.name()? {
            "FunctionName" => scope.arn("lambda", &format!("function:{value}")),
            "QueueName" => scope.arn("sqs", value),
            "TopicName" => scope.arn("sns", value),
            "RuleName" => scope.arn("events", &format!("rule/{value}")),
            "BucketName" => format!("arn:{}:s3:::{value}", scope.partition),
            _ => return None,
        };
        Some(NodeId::from(arn))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(arn: &str) -> Vec<(String, String)> {
        let dimensions = dimensions(&Subject::Node(arn.into()));
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        dimensions
            .iter()
            .map(|one| (text(one.name()), text(one.value())))
            .collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    /// AWS (metrics): with the wrong dimensions a metric reads as zero.
    #[test]
    fn each_is_asked_for_by_its_own_dimensions() {
        let of = |service: &str, resource: &str| told(&format!("arn:aws:{service}:eu-west-1:111122223333:{resource}"));
        assert_eq!(of("events", "rule/nightly"), [pair("RuleName", "nightly")]);
        assert_eq!(
            of("events", "rule/shop/paid"),
            [pair("EventBusName", "shop"), pair("RuleName", "paid")]
        );
        assert_eq!(
            of("scheduler", "schedule-group/default"),
            [pair("ScheduleGroup", "default")]
        );
        assert_eq!(of("sns", "orders"), [pair("TopicName", "orders")]);
        assert_eq!(of("lambda", "function:work:live"), [pair("FunctionName", "work")]);
    }
}
