//! The Scheduler: what its targets get, and what its metrics count.
#![expect(clippy::needless_pass_by_value, reason = "inputs are written where they are passed")]

use serde_json::json;

use super::{ask, count, output, printed, world};
use crate::call::Service;
use crate::value::{Value, map};
use crate::world::World;

const ACCOUNT: &str = r#"
    [[queue]]
    name = "q"
    [[queue]]
    name = "dlq"
    [[function]]
    name = "f"
    [function.does]
    work = "10ms"
    print = ["got {event}"]
"#;

fn schedule(name: &str, target: &str, more: Value) -> Value {
    let mut target = map! { "Arn" => target, "RoleArn" => "arn:aws:iam::123456789012:role/scheduler" };
    for (member, value) in more.entries() {
        target.set(member, value.clone());
    }
    map! { "Name" => name, "ScheduleExpression" => "rate(5 minutes)", "FlexibleTimeWindow" => map! { "Mode" => "OFF" },
    "Target" => target }
}

fn create(world: &mut World, name: &str, target: &str, more: Value) {
    output(
        world,
        Service::Scheduler,
        "CreateSchedule",
        schedule(name, target, more),
    );
}

fn pass(world: &mut World, seconds: i64) {
    let until = world.now() + seconds * 1000;
    world.advance_to(until);
}

fn counted(world: &World) -> [i64; 5] {
    [
        "InvocationAttemptCount",
        "TargetErrorCount",
        "InvocationDroppedCount",
        "InvocationsSentToDeadLetterCount",
        "InvocationsFailedToBeSentToDeadLetterCount",
    ]
    .map(|name| count(world, "AWS/Scheduler", name, &[("ScheduleGroup", "default")]))
}

fn bodies(world: &World, queue: &str) -> Vec<String> {
    world.messaging.queues[queue]
        .iter()
        .map(|m| m.letter.body.to_string())
        .collect()
}

#[test]
fn a_target_without_input_gets_an_event_that_names_its_schedule() {
    let mut world = world(ACCOUNT);
    let queue = world.arn("sqs", "q");
    create(&mut world, "tick", &queue, map! {});
    let input = json!({"at": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>"}).to_string();
    create(&mut world, "told", &queue, map! { "Input" => input });
    pass(&mut world, 310);
    let arn = |name: &str| world.schedule_arn("default", name);
    let mut got: Vec<serde_json::Value> = bodies(&world, "q")
        .iter()
        .map(|body| serde_json::from_str(body).expect("JSON"))
        .collect();
    got.sort_by_key(|event| event["source"].is_null());
    assert_eq!(got[0]["source"], "aws.scheduler");
    assert_eq!(got[0]["detail-type"], "Scheduled Event");
    assert_eq!(got[0]["resources"], json!([arn("tick")]));
    assert_eq!(got[0]["detail"], "{}", "AWS: a text");
    assert_eq!(got[1]["by"], arn("told").as_str());
    assert!(got[1]["at"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert_eq!(counted(&world), [2, 0, 0, 0, 0]);
}

#[test]
fn what_is_dropped_is_counted_with_what_became_of_it() {
    let mut world = world(ACCOUNT);
    let gone = world.arn("lambda", "function:gone");
    let dead = |world: &World, queue: &str| map! { "DeadLetterConfig" => map! { "Arn" => world.arn("sqs", queue) } };
    create(&mut world, "no-dlq", &gone, map! {});
    pass(&mut world, 310);
    assert_eq!(counted(&world), [1, 1, 1, 0, 0]);
    let with = dead(&world, "dlq");
    let update = schedule("no-dlq", &gone, with);
    output(&mut world, Service::Scheduler, "UpdateSchedule", update);
    pass(&mut world, 310);
    assert_eq!(counted(&world), [2, 2, 2, 1, 0]);
    assert_eq!(bodies(&world, "dlq").len(), 1, "by its role, without a policy");
    let with = dead(&world, "no-queue");
    let update = schedule("no-dlq", &gone, with);
    output(&mut world, Service::Scheduler, "UpdateSchedule", update);
    pass(&mut world, 310);
    assert_eq!(counted(&world), [3, 3, 3, 1, 1]);
}

#[test]
fn a_retried_call_is_an_error_and_no_loss() {
    let text =
        format!("{ACCOUNT}\n[[script]]\nat = \"0s\"\nunreachable = \"f\"\n[[script]]\nat = \"305s\"\nfix = \"f\"\n");
    let mut world = world(&text);
    let function = world.arn("lambda", "function:f");
    create(&mut world, "s", &function, map! {});
    pass(&mut world, 360);
    let [attempts, errors, dropped, ..] = counted(&world);
    assert!(attempts > errors && errors >= 1, "{attempts} {errors}");
    assert_eq!(dropped, 0);
    assert_eq!(world.lambda.functions["f"].runs, 1);
}

#[test]
fn universal_targets_make_their_calls() {
    let mut world = world(ACCOUNT);
    let url = format!("https://sqs.us-east-1.amazonaws.com/{}/q", world.account);
    let send = json!({"QueueUrl": url, "MessageBody": "due"}).to_string();
    let invoke = json!({"FunctionName": "f", "InvocationType": "Event", "Payload": "{\"n\": 1}"}).to_string();
    let lost = json!({"QueueUrl": "https://x/1/gone", "MessageBody": "due"}).to_string();
    let universal = |call: &str| format!("arn:aws:scheduler:::aws-sdk:{call}");
    create(
        &mut world,
        "send",
        &universal("sqs:sendMessage"),
        map! { "Input" => send },
    );
    create(
        &mut world,
        "invoke",
        &universal("lambda:invoke"),
        map! { "Input" => invoke },
    );
    create(
        &mut world,
        "lost",
        &universal("sqs:sendMessage"),
        map! { "Input" => lost },
    );
    pass(&mut world, 310);
    assert_eq!(bodies(&world, "q"), ["due"]);
    assert!(printed(&world, "f", "got {\"n\":1}"));
    assert_eq!(counted(&world), [3, 1, 1, 0, 0]);
    let reading = schedule("r", &universal("sqs:getQueueUrl"), map! { "Input" => "{}" });
    let fault = ask(&mut world, Service::Scheduler, "CreateSchedule", reading).expect_err("it only reads");
    assert_eq!(fault.code, "ValidationException");
    let mut roleless = schedule("r", &world.arn("sqs", "q"), map! {});
    roleless.set("Target", map! { "Arn" => world.arn("sqs", "q") });
    let fault = ask(&mut world, Service::Scheduler, "CreateSchedule", roleless).expect_err("no role");
    assert_eq!(fault.code, "ValidationException");
}
