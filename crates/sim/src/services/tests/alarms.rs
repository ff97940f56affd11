//! Alarms: whom they tell, and who lets them.

use serde_json::json;

use super::{output, printed, world};
use crate::call::Service;
use crate::value::map;
use crate::world::World;

const ACCOUNT: &str = r#"
    [[function]]
    name = "page"
    does = { work = "10ms", print = ["{event.alarmData.alarmName} was {event.alarmData.previousState.value}, is {event.alarmData.state.value}"] }
    [[queue]]
    name = "seen"
    [[topic]]
    name = "ops"
    subscribe = [{ to = "queue:seen", raw = true }]
    [[rule]]
    name = "changes"
    pattern = '{"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}'
    target = [{ to = "queue:seen" }]
"#;

fn pass(world: &mut World, seconds: i64) {
    let until = world.now() + seconds * 1000;
    world.advance_to(until);
}

fn put_alarm(world: &mut World) {
    let actions = vec![world.arn("lambda", "function:page"), world.arn("sns", "ops")];
    let alarm = map! {
        "AlarmName" => "errors", "Namespace" => "AWS/Lambda", "MetricName" => "Errors", "Statistic" => "Sum",
        "Period" => 60_i64, "EvaluationPeriods" => 1_i64, "Threshold" => 0_i64,
        "ComparisonOperator" => "GreaterThanThreshold", "AlarmActions" => actions.clone(),
        "OKActions" => vec![world.arn("sns", "ops")],
    };
    output(world, Service::CloudWatch, "PutMetricAlarm", alarm);
    let shown = output(world, Service::CloudWatch, "DescribeAlarms", map! {});
    let shown_actions: Vec<&str> = shown.path("MetricAlarms.0.AlarmActions").strings().collect();
    assert_eq!(shown_actions, actions);
    assert_eq!(shown.path("MetricAlarms.0.OKActions").list().len(), 1);
}

fn set(world: &mut World, state: &str) {
    let input = map! { "AlarmName" => "errors", "StateValue" => state, "StateReason" => "because" };
    output(world, Service::CloudWatch, "SetAlarmState", input);
    pass(world, 5);
}

fn seen(world: &World) -> Vec<serde_json::Value> {
    let letters = world.messaging.queues["seen"].iter();
    letters
        .map(|m| serde_json::from_str(&m.letter.body).expect("JSON"))
        .collect()
}

#[test]
fn a_function_is_told_only_if_it_lets_the_alarm_in() {
    let mut world = world(ACCOUNT);
    put_alarm(&mut world);
    set(&mut world, "ALARM");
    assert_eq!(
        world.lambda.functions["page"].runs, 0,
        "AWS: not permitted, not asked again"
    );
    let permission = map! {
        "FunctionName" => "page", "StatementId" => "alarm", "Action" => "lambda:InvokeFunction",
        "Principal" => "lambda.alarms.cloudwatch.amazonaws.com", "SourceArn" => world.alarm_arn("errors"),
    };
    output(&mut world, Service::Lambda, "AddPermission", permission);
    set(&mut world, "OK");
    assert_eq!(world.lambda.functions["page"].runs, 0, "it is told of alarms only");
    set(&mut world, "ALARM");
    assert!(printed(&world, "page", "errors was OK, is ALARM"));
    set(&mut world, "ALARM");
    assert_eq!(world.lambda.functions["page"].runs, 1, "no change, no action");
}

#[test]
fn a_topic_and_the_default_bus_hear_of_it() {
    let mut world = world(ACCOUNT);
    put_alarm(&mut world);
    set(&mut world, "ALARM");
    let (by_topic, by_bus): (Vec<_>, Vec<_>) = seen(&world).into_iter().partition(|m| m["source"].is_null());
    assert_eq!((by_topic.len(), by_bus.len()), (1, 1));
    assert_eq!(by_topic[0]["AlarmName"], "errors");
    assert_eq!(by_topic[0]["NewStateValue"], "ALARM");
    assert_eq!(by_topic[0]["OldStateValue"], "INSUFFICIENT_DATA");
    assert_eq!(by_bus[0]["detail-type"], "CloudWatch Alarm State Change");
    assert_eq!(by_bus[0]["resources"], json!([world.alarm_arn("errors")]));
}

#[test]
fn an_alarm_of_a_scenario_runs_its_function() {
    let text = r#"
        [[function]]
        name = "breaks"
        does = { fails = [{ error = "E: e" }] }
        [[function]]
        name = "page"
        [[function]]
        name = "deaf"
        [[alarm]]
        name = "errors"
        function = "breaks"
        metric = "Errors"
        above = 0
        actions = ["function:page"]
        [[alarm]]
        name = "unheard"
        function = "breaks"
        metric = "Errors"
        above = 0
        actions = ["function:deaf"]
        unpermitted = true
        [[traffic]]
        every = "20s"
        does = { invoke = { function = "breaks" } }
    "#;
    let mut world = world(text);
    pass(&mut world, 300);
    assert_eq!(
        (world.lambda.functions["page"].runs, world.lambda.functions["deaf"].runs),
        (1, 0)
    );
}
