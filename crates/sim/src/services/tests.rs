//! What only shows when a service is asked more than once: waiting, pages, regions, and lazy ends.

use super::dispatch;
use crate::call::{Answer, Call, Fault, Reply, Service};
use crate::scenario::Scenario;
use crate::value::{Value, map};
use crate::world::World;

const START: i64 = 1_780_000_020_000;

fn world(text: &str) -> World {
    let scenario = Scenario::parse(text).unwrap_or_else(|e| panic!("{e}"));
    scenario.build(START, None).unwrap_or_else(|e| panic!("{e}"))
}

fn call(world: &World, service: Service, op: &str, input: Value) -> Call {
    Call {
        received_ms: world.now(),
        ..Call::new(service, op, input)
    }
}

fn ask(world: &mut World, service: Service, op: &str, input: Value) -> Result<Answer, Fault> {
    let call = call(world, service, op, input);
    match dispatch(world, &call) {
        Reply::Done(result) => result,
        other => panic!("{op} did not answer: {other:?}"),
    }
}

fn output(world: &mut World, service: Service, op: &str, input: Value) -> Value {
    ask(world, service, op, input)
        .unwrap_or_else(|fault| panic!("{op}: {fault}"))
        .output
}

/// The sum of a metric over all time, in whole numbers.
#[expect(clippy::cast_possible_truncation, reason = "counts of a few events")]
fn count(world: &World, namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> i64 {
    let key = crate::world::metrics::MetricKey::new(namespace, name, dimensions);
    world.records.metrics.total(&key).round() as i64
}

/// Whether a function printed a line with this text.
fn printed(world: &World, function: &str, text: &str) -> bool {
    let group = &world.records.logs.groups[&format!("/aws/lambda/{function}")];
    let mut lines = group.between((0, 0), i64::MAX - 1, i64::MAX - 1);
    lines.any(|line| line.message.contains(text))
}

mod alarms;
mod mappings;
mod policies;
mod refusals;
mod schedules;
mod versions;

const QUEUE: &str = "[[queue]]\nname = \"q\"\nvisibility = \"5s\"\n";

#[test]
fn a_long_poll_that_is_nearly_over_waits_for_its_end() {
    let mut world = world("[[queue]]\nname = \"q.fifo\"\nvisibility = \"5s\"\n");
    for n in ["1", "2"] {
        let message = map! {
            "QueueUrl" => "x/q.fifo", "MessageBody" => n, "MessageGroupId" => "g", "MessageDeduplicationId" => n,
        };
        output(&mut world, Service::Sqs, "SendMessage", message);
    }
    // The first blocks its group: the second could be seen, and is not given.
    output(
        &mut world,
        Service::Sqs,
        "ReceiveMessage",
        map! { "QueueUrl" => "x/q.fifo" },
    );
    let wait = map! { "QueueUrl" => "x/q.fifo", "WaitTimeSeconds" => 1_i64 };
    let poll = call(&world, Service::Sqs, "ReceiveMessage", wait);
    world.advance_to(START + 950);
    assert_eq!(dispatch(&mut world, &poll), Reply::Wait { until_ms: START + 1000 });
}

#[test]
fn a_long_poll_waits_for_the_message_that_shows_next() {
    let mut world = world(QUEUE);
    output(
        &mut world,
        Service::Sqs,
        "SendMessage",
        map! { "QueueUrl" => "x/q", "MessageBody" => "one" },
    );
    output(&mut world, Service::Sqs, "ReceiveMessage", map! { "QueueUrl" => "x/q" });
    let poll = call(
        &world,
        Service::Sqs,
        "ReceiveMessage",
        map! { "QueueUrl" => "x/q", "WaitTimeSeconds" => 20_i64 },
    );
    assert_eq!(dispatch(&mut world, &poll), Reply::Wait { until_ms: START + 5000 });
    world.advance_to(START + 5000);
    let Reply::Done(Ok(answer)) = dispatch(&mut world, &poll) else {
        panic!("it shows again")
    };
    assert_eq!(answer.output.path("Messages.0.Body").str(), Some("one"));
    let handle = answer.output.path("Messages.0.ReceiptHandle").clone();
    output(
        &mut world,
        Service::Sqs,
        "DeleteMessage",
        map! { "QueueUrl" => "x/q", "ReceiptHandle" => handle },
    );
    let poll = call(
        &world,
        Service::Sqs,
        "ReceiveMessage",
        map! { "QueueUrl" => "x/q", "WaitTimeSeconds" => 20_i64 },
    );
    assert_eq!(
        dispatch(&mut world, &poll),
        Reply::Wait {
            until_ms: START + 25_000
        }
    );
    world.advance_to(START + 25_000);
    let Reply::Done(Ok(answer)) = dispatch(&mut world, &poll) else {
        panic!("its end")
    };
    assert!(
        answer.output.get("Messages").is_null(),
        "an empty receive has no list at all"
    );
}

#[test]
fn an_invocation_waits_for_the_function() {
    let mut world = world(
        "[[function]]\nname = \"f\"\ndoes = { work = \"70ms\", init = \"100ms\", returns = '{\"ok\": {event.n}}', fails = [{ on = \"bad\", error = \"KeyError: 'n'\" }] }",
    );
    let mut run = |payload: &'static str, serial: u64| -> Answer {
        let mut invoke = call(
            &world,
            Service::Lambda,
            "Invoke",
            map! { "FunctionName" => "f", "LogType" => "Tail" },
        );
        invoke.payload = Some(payload.into());
        invoke.serial = serial;
        assert!(matches!(dispatch(&mut world, &invoke), Reply::Wait { .. }));
        while let Some(next) = world.next_event() {
            world.advance_to(next);
            if let Reply::Done(result) = dispatch(&mut world, &invoke) {
                return result.expect("an answer");
            }
        }
        panic!("it never ended");
    };
    let good = run("{\"n\": 3}", 1);
    assert_eq!(good.payload.as_deref(), Some(&b"{\"ok\": 3}"[..]));
    assert!(good.output.get("FunctionError").is_null() && good.output.get("LogResult").blob().is_some());
    let bad = run("\"bad\"", 2);
    assert_eq!(
        (bad.status, bad.output.get("FunctionError").str()),
        (Some(200), Some("Unhandled"))
    );
    let error: serde_json::Value = serde_json::from_slice(&bad.payload.expect("the error")).expect("JSON");
    assert_eq!(
        (error["errorType"].as_str(), error["errorMessage"].as_str()),
        (Some("KeyError"), Some("'n'"))
    );
}

#[test]
fn lists_come_in_pages_of_the_services_own_size() {
    let mut world = world("[[repeat]]\ntimes = 120\n[[repeat.function]]\nname = \"f-{i}\"\n");
    let (mut names, mut sizes, mut marker) = (Vec::new(), Vec::new(), Value::Null);
    loop {
        let page = output(
            &mut world,
            Service::Lambda,
            "ListFunctions",
            map! { "Marker" => &marker },
        );
        sizes.push(page.get("Functions").list().len());
        names.extend(
            page.get("Functions")
                .list()
                .iter()
                .filter_map(|f| f.get("FunctionName").text()),
        );
        marker = page.get("NextMarker").clone();
        if marker.is_null() {
            break;
        }
    }
    assert_eq!(sizes, [50, 50, 20]);
    names.dedup();
    assert_eq!(names.len(), 120);
}

#[test]
fn log_events_come_in_pages_of_ten_thousand() {
    let mut world = world("");
    let group = map! { "logGroupName" => "g" };
    output(&mut world, Service::Logs, "CreateLogGroup", group.clone());
    let stream = map! { "logGroupName" => "g", "logStreamName" => "s" };
    output(&mut world, Service::Logs, "CreateLogStream", stream);
    for part in 0..3 {
        let events: Vec<Value> = (0..5000_i64)
            .map(|n| map! { "timestamp" => START + part * 5000 + n, "message" => "x" })
            .collect();
        let put = map! { "logGroupName" => "g", "logStreamName" => "s", "logEvents" => events };
        output(&mut world, Service::Logs, "PutLogEvents", put);
    }
    let first = output(&mut world, Service::Logs, "FilterLogEvents", group);
    assert_eq!(first.get("events").list().len(), 10_000);
    let next = map! { "logGroupName" => "g", "nextToken" => first.get("nextToken") };
    let second = output(&mut world, Service::Logs, "FilterLogEvents", next);
    assert_eq!(second.get("events").list().len(), 5000);
    assert!(second.get("nextToken").is_null());
    let newest = map! { "logGroupName" => "g", "startFromHead" => false, "limit" => 2_i64 };
    let newest = output(&mut world, Service::Logs, "FilterLogEvents", newest);
    assert_eq!(newest.path("events.0.timestamp").int(), Some(START + 14_999));
}

#[test]
fn a_cancelled_move_moves_on_for_a_while() {
    let mut world = world(
        "[[queue]]\nname = \"q\"\ndlq = \"dlq\"\nvisibility = \"30s\"\nmax_receives = 1\n[[queue]]\nname = \"dlq\"\n",
    );
    for n in 0..20 {
        let message = map! { "QueueUrl" => "x/q", "MessageBody" => format!("{n}") };
        output(&mut world, Service::Sqs, "SendMessage", message);
    }
    let take = map! { "QueueUrl" => "x/q", "MaxNumberOfMessages" => 10_i64, "VisibilityTimeout" => 0_i64 };
    for _ in 0..6 {
        output(&mut world, Service::Sqs, "ReceiveMessage", take.clone());
    }
    let dlq = world.queue_arn("dlq");
    let plain = world.queue_arn("q");
    let wrong = ask(
        &mut world,
        Service::Sqs,
        "StartMessageMoveTask",
        map! { "SourceArn" => plain },
    );
    assert_eq!(wrong.expect_err("no dead-letter queue").code, "InvalidParameterValue");
    let start = map! { "SourceArn" => &dlq, "MaxNumberOfMessagesPerSecond" => 5_i64 };
    let task = output(&mut world, Service::Sqs, "StartMessageMoveTask", start.clone());
    assert!(
        ask(&mut world, Service::Sqs, "StartMessageMoveTask", start).is_err(),
        "one task a queue"
    );
    world.advance_to(START + 1000);
    let cancelled = output(
        &mut world,
        Service::Sqs,
        "CancelMessageMoveTask",
        map! { "TaskHandle" => task.get("TaskHandle") },
    );
    let then = cancelled
        .get("ApproximateNumberOfMessagesMoved")
        .int()
        .expect("a count");
    world.advance_to(START + 10_000);
    let tasks = output(
        &mut world,
        Service::Sqs,
        "ListMessageMoveTasks",
        map! { "SourceArn" => &dlq },
    );
    let task = &tasks.get("Results").list()[0];
    let moved = task.get("ApproximateNumberOfMessagesMoved").int().expect("a count");
    assert_eq!(task.get("Status").str(), Some("CANCELLED"));
    assert!(task.get("TaskHandle").is_null(), "a handle only while it runs");
    assert!(
        then >= 3 && moved > then && moved < 20,
        "{then} at the cancel, {moved} finally"
    );
    let left = map! { "QueueUrl" => "x/dlq", "AttributeNames" => vec!["ApproximateNumberOfMessages"] };
    let left = output(&mut world, Service::Sqs, "GetQueueAttributes", left);
    assert_eq!(
        left.path("Attributes.ApproximateNumberOfMessages").int(),
        Some(20 - moved)
    );
}

#[test]
fn another_region_is_empty_and_keeps_what_it_is_given() {
    let mut world = world(QUEUE);
    let elsewhere = |world: &mut World, op: &str, input: Value| {
        let mut call = call(world, Service::Sqs, op, input);
        call.region = "eu-north-1".to_owned();
        match dispatch(world, &call) {
            Reply::Done(Ok(answer)) => answer.output,
            other => panic!("{op}: {other:?}"),
        }
    };
    assert!(elsewhere(&mut world, "ListQueues", map! {}).get("QueueUrls").is_null());
    let made = elsewhere(&mut world, "CreateQueue", map! { "QueueName" => "far" });
    assert_eq!(
        made.get("QueueUrl").str(),
        Some("https://sqs.eu-north-1.amazonaws.com/123456789012/far")
    );
    world.advance_to(START + 3_600_000);
    assert_eq!(
        elsewhere(&mut world, "ListQueues", map! {})
            .get("QueueUrls")
            .list()
            .len(),
        1
    );
    let home = output(&mut world, Service::Sqs, "ListQueues", map! {});
    assert_eq!(
        home.path("QueueUrls.0").str(),
        Some("https://sqs.us-east-1.amazonaws.com/123456789012/q")
    );
}

#[test]
fn metrics_show_after_their_lateness() {
    let mut world = world(
        "lateness.metrics = \"60s..90s\"\n[[function]]\nname = \"f\"\n[[script]]\nat = \"1s\"\ndoes = { invoke = { function = \"f\" } }",
    );
    let query = map! {
        "StartTime" => Value::Time(START - 600_000), "EndTime" => Value::Time(START + 600_000),
        "MetricDataQueries" => vec![map! { "Id" => "m", "MetricStat" => map! {
            "Period" => 60_i64, "Stat" => "Sum",
            "Metric" => map! { "Namespace" => "AWS/Lambda", "MetricName" => "Invocations",
                "Dimensions" => vec![map! { "Name" => "FunctionName", "Value" => "f" }] } } }],
    };
    let values = |world: &mut World| {
        let data = output(world, Service::CloudWatch, "GetMetricData", query.clone());
        data.path("MetricDataResults.0.Values").list().len()
    };
    world.advance_to(START + 119_000);
    assert_eq!(values(&mut world), 0);
    world.advance_to(START + 151_000);
    assert_eq!(values(&mut world), 1);
}

#[test]
fn an_operation_that_is_missing_is_never_a_false_success() {
    let mut world = world("");
    for service in Service::ALL {
        let fault = ask(&mut world, service, "MakeCoffee", map! {}).expect_err("no such operation");
        assert!(
            ["UnknownOperationException", "InvalidAction", "NotImplemented"].contains(&fault.code.as_str()),
            "{fault}"
        );
    }
}

#[test]
fn no_operation_panics_on_an_empty_or_an_odd_input() {
    let odd = [
        "QueueUrl",
        "FunctionName",
        "TopicArn",
        "Bucket",
        "Key",
        "Name",
        "TableName",
        "logGroupName",
        "StreamName",
    ];
    for service in Service::ALL {
        let names: Vec<&str> = super::tables(service)
            .iter()
            .flat_map(|t| t.iter().map(|(name, _)| *name))
            .collect();
        for op in names {
            let mut world = world(QUEUE);
            let _ = ask(&mut world, service, op, map! {});
            for value in [
                Value::from("\u{0}注文:::///"),
                Value::from(i64::MIN),
                Value::List(vec![Value::Null]),
            ] {
                let members = odd
                    .iter()
                    .map(|name| (*name, value.clone()))
                    .collect::<crate::value::Map>();
                let _ = ask(&mut world, service, op, Value::Map(members));
            }
        }
    }
}
