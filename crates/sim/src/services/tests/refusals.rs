//! What topics, rules and functions refuse, and what lists leave out.
#![expect(clippy::needless_pass_by_value, reason = "inputs are written where they are passed")]

use serde_json::json;

use super::{ask, count, output, world};
use crate::call::{Fault, Service};
use crate::value::{Value, map};
use crate::world::World;

const ACCOUNT: &str = r#"
    [[queue]]
    name = "q"
    [[queue]]
    name = "q.fifo"
    [[topic]]
    name = "t"
    [[function]]
    name = "f"
    reserved = 7
    [[rule]]
    name = "r"
    pattern = '{"source": ["s"]}'
"#;

fn refused(world: &mut World, service: Service, op: &str, input: Value) -> Fault {
    ask(world, service, op, input.clone()).expect_err(&format!("{op} {input:?}"))
}

#[test]
fn a_topic_refuses_whom_it_cannot_deliver_to() {
    let mut world = world(ACCOUNT);
    let fifo = map! { "Name" => "t.fifo", "Attributes" => map! { "FifoTopic" => "true" } };
    output(&mut world, Service::Sns, "CreateTopic", fifo);
    let subscribe = |world: &World, topic: &str, protocol: &str, endpoint: &str| {
        let endpoint = match protocol {
            "sqs" => world.arn("sqs", endpoint),
            "lambda" => world.arn("lambda", &format!("function:{endpoint}")),
            _ => endpoint.to_owned(),
        };
        map! { "TopicArn" => world.arn("sns", topic), "Protocol" => protocol, "Endpoint" => endpoint }
    };
    for (topic, protocol, endpoint, message) in [
        (
            "t",
            "sqs",
            "q.fifo",
            "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
        (
            "t.fifo",
            "lambda",
            "f",
            "Invalid parameter: Protocol Reason: lambda cannot be subscribed to FIFO topics",
        ),
    ] {
        let input = subscribe(&world, topic, protocol, endpoint);
        assert_eq!(refused(&mut world, Service::Sns, "Subscribe", input).message, message);
    }
    let mut input = subscribe(&world, "t.fifo", "sqs", "q.fifo");
    let redrive = json!({"deadLetterTargetArn": world.arn("sqs", "q")}).to_string();
    input.set("Attributes", map! { "RedrivePolicy" => redrive });
    let told =
        "Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.";
    assert_eq!(refused(&mut world, Service::Sns, "Subscribe", input).message, told);
    let mut input = subscribe(&world, "t", "sqs", "q");
    input.set("Attributes", map! { "RawMessageDelivery" => "yes" });
    let told = "Invalid parameter: RawMessageDelivery: Invalid value [yes]. Must be true or false.";
    assert_eq!(refused(&mut world, Service::Sns, "Subscribe", input).message, told);
    let publish = map! { "TopicArn" => world.arn("sns", "t"), "Message" => "m", "MessageDeduplicationId" => "d" };
    let told = "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type";
    assert_eq!(refused(&mut world, Service::Sns, "Publish", publish).message, told);
}

#[test]
fn a_topic_takes_large_messages_once_it_is_told_to() {
    let mut world = world(ACCOUNT);
    let topic = world.arn("sns", "t");
    let publish = |bytes: usize| map! { "TopicArn" => &topic, "Message" => "x".repeat(bytes) };
    let size = |bytes: &str| {
        map! { "TopicArn" => &topic, "AttributeName" => "MaximumMessageSize", "AttributeValue" => bytes }
    };
    let attributes =
        |world: &mut World| output(world, Service::Sns, "GetTopicAttributes", map! { "TopicArn" => &topic });
    assert!(
        attributes(&mut world).path("Attributes.MaximumMessageSize").is_null(),
        "absent unless it is set"
    );
    let policy = attributes(&mut world)
        .path("Attributes.Policy")
        .text()
        .expect("a policy of its own");
    assert!(policy.contains("SNS:Publish") && policy.contains("AWS:SourceOwner"));
    assert_eq!(
        refused(&mut world, Service::Sns, "Publish", publish(262_145)).message,
        "Invalid parameter: Message too long"
    );
    refused(&mut world, Service::Sns, "SetTopicAttributes", size("1048577"));
    output(&mut world, Service::Sns, "SetTopicAttributes", size("1048576"));
    output(&mut world, Service::Sns, "Publish", publish(1_000_000));
    assert_eq!(
        attributes(&mut world).path("Attributes.MaximumMessageSize").str(),
        Some("1048576")
    );
    let email = map! { "TopicArn" => &topic, "Protocol" => "email", "Endpoint" => "a@example.com" };
    refused(&mut world, Service::Sns, "Subscribe", email);
}

#[test]
fn entries_of_put_events_fail_one_by_one() {
    let mut world = world(ACCOUNT);
    let entry = |source: Value, kind: Value, detail: &str| map! { "Source" => source, "DetailType" => kind, "Detail" => detail };
    let entries = vec![
        entry("s".into(), "t".into(), "{}"),
        entry("s".into(), "t".into(), "[]"),
        entry(Value::Null, "t".into(), "{}"),
        entry("aws.s3".into(), "t".into(), "{}"),
    ];
    let answer = output(&mut world, Service::Events, "PutEvents", map! { "Entries" => entries });
    assert_eq!(answer.get("FailedEntryCount").int(), Some(3));
    let codes: Vec<Option<&str>> = answer
        .get("Entries")
        .list()
        .iter()
        .map(|e| e.get("ErrorCode").str())
        .collect();
    let expected = [
        None,
        Some("MalformedDetail"),
        Some("InvalidArgument"),
        Some("NotAuthorizedForSourceException"),
    ];
    assert_eq!(codes, expected);
    assert_eq!(count(&world, "AWS/Events", "PutEventsFailedEntriesCount", &[]), 3);
    let large = entry(
        "s".into(),
        "t".into(),
        &json!({"text": "x".repeat(1_048_576)}).to_string(),
    );
    let fault = refused(
        &mut world,
        Service::Events,
        "PutEvents",
        map! { "Entries" => vec![large] },
    );
    assert_eq!(
        fault.message,
        "Total size of the entries in the request is over the limit."
    );
}

#[test]
fn targets_and_patterns_are_refused_in_aws_words() {
    let mut world = world(ACCOUNT);
    let target = |more: Value| {
        let mut target = map! { "Id" => "one", "Arn" => "arn:aws:sqs:us-east-1:123456789012:q" };
        for (name, value) in more.entries() {
            target.set(name, value.clone());
        }
        map! { "Rule" => "r", "Targets" => vec![target] }
    };
    let transformer = |template: &str| {
        map! { "InputTransformer" => map! { "InputPathsMap" => map! { "a" => "$.detail.a" }, "InputTemplate" => template } }
    };
    for (more, message) in [
        (
            map! { "Id" => "!@#" },
            "1 validation error detected: Value '!@#' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
        ),
        (
            map! { "Input" => "{}", "InputPath" => "$.detail" },
            "Only one of Input, InputPath, or InputTransformer must be provided for target one.",
        ),
        (
            transformer("\"<a> and <b>\""),
            "InputTemplate for target one contains invalid placeholder b.",
        ),
    ] {
        assert_eq!(
            refused(&mut world, Service::Events, "PutTargets", target(more)).message,
            message
        );
    }
    output(
        &mut world,
        Service::Events,
        "PutTargets",
        target(transformer("\"<a> <aws.events.rule-name>\"")),
    );
    for (pattern, reason) in [
        (r#"{"source": []}"#, "Empty arrays are not allowed"),
        (
            r#"{"source": [{"wildcard": "a**b"}]}"#,
            "Consecutive wildcard characters at pos 2",
        ),
        (r#"{"source": "s"}"#, "\"source\" must be an object or an array"),
    ] {
        let fault = refused(
            &mut world,
            Service::Events,
            "PutRule",
            map! { "Name" => "p", "EventPattern" => pattern },
        );
        assert_eq!(fault.code, "InvalidEventPatternException");
        assert_eq!(fault.message, format!("Event pattern is not valid. Reason: {reason}"));
    }
    for expression in [
        "rate(1 minutes)",
        "rate(10 hour)",
        " rate(10 minutes)",
        "cron(0 1 * * * *)",
    ] {
        let rule = map! { "Name" => "p", "ScheduleExpression" => expression };
        assert_eq!(
            refused(&mut world, Service::Events, "PutRule", rule).message,
            "Parameter ScheduleExpression is not valid."
        );
    }
    let event = map! { "EventPattern" => r#"{"source": ["s"]}"#, "Event" => r#"{"source": "s"}"# };
    assert_eq!(
        refused(&mut world, Service::Events, "TestEventPattern", event).message,
        "Parameter Event is not valid."
    );
}

#[test]
fn only_get_function_tells_the_state() {
    let mut world = world(ACCOUNT);
    let listed = output(&mut world, Service::Lambda, "ListFunctions", map! {});
    let function = &listed.get("Functions").list()[0];
    assert!(function.get("State").is_null() && function.get("LastUpdateStatus").is_null());
    let got = output(
        &mut world,
        Service::Lambda,
        "GetFunction",
        map! { "FunctionName" => "f" },
    );
    assert_eq!(got.path("Configuration.State").str(), Some("Active"));
    assert_eq!(got.path("Configuration.LastUpdateStatus").str(), Some("Successful"));
    assert_eq!(got.path("Concurrency.ReservedConcurrentExecutions").int(), Some(7));
}

#[test]
fn what_keeps_a_functions_failures_is_a_standard_queue_and_no_other_thing() {
    let mut world = world(ACCOUNT);
    let (fifo, function) = (world.arn("sqs", "q.fifo"), world.arn("lambda", "function:f"));
    let standard = world.arn("sqs", "q");
    let dead_letter = |arn: &str| map! { "FunctionName" => "f", "Timeout" => 9_i64, "DeadLetterConfig" => map! { "TargetArn" => arn } };
    for target in [&fifo, &function] {
        let fault = refused(
            &mut world,
            Service::Lambda,
            "UpdateFunctionConfiguration",
            dead_letter(target),
        );
        assert_eq!(fault.code, "InvalidParameterValueException");
    }
    let f = output(
        &mut world,
        Service::Lambda,
        "GetFunctionConfiguration",
        map! { "FunctionName" => "f" },
    );
    assert_ne!(f.get("Timeout").int(), Some(9), "what is refused changes nothing");
    output(
        &mut world,
        Service::Lambda,
        "UpdateFunctionConfiguration",
        dead_letter(&standard),
    );
    let config = |side: &str, arn: &str| {
        map! { "FunctionName" => "f", "DestinationConfig" => map! { side => map! { "Destination" => arn } } }
    };
    let put = "PutFunctionEventInvokeConfig";
    for (side, arn, message) in [
        (
            "OnSuccess",
            "arn:aws:s3:::b",
            "The destination ARN arn:aws:s3:::b is invalid.",
        ),
        (
            "OnFailure",
            fifo.as_str(),
            "The destination ARN arn:aws:sqs:us-east-1:123456789012:q.fifo is invalid.",
        ),
        (
            "OnFailure",
            function.as_str(),
            "You can't specify the function as a destination for itself.",
        ),
        (
            "OnFailure",
            "arn:aws:dynamodb:us-east-1:1:table/t",
            "The destination ARN arn:aws:dynamodb:us-east-1:1:table/t is invalid.",
        ),
    ] {
        assert_eq!(
            refused(&mut world, Service::Lambda, put, config(side, arn)).message,
            message
        );
    }
    output(&mut world, Service::Lambda, put, config("OnFailure", "arn:aws:s3:::b"));
}

#[test]
fn what_keeps_a_targets_failures_is_a_standard_queue_and_no_other_thing() {
    let mut world = world(ACCOUNT);
    let (fifo, function) = (world.arn("sqs", "q.fifo"), world.arn("lambda", "function:f"));
    let (standard, role) = (world.arn("sqs", "q"), "arn:aws:iam::123456789012:role/r");
    let rule_target = |dlq: &str| {
        let target = map! { "Id" => "one", "Arn" => &standard, "DeadLetterConfig" => map! { "Arn" => dlq } };
        map! { "Rule" => "r", "Targets" => vec![target] }
    };
    // Recorded on AWS.
    let told = "SQS FIFO is not supported by Dead Letter Queues.";
    assert_eq!(
        refused(&mut world, Service::Events, "PutTargets", rule_target(&fifo)).message,
        told
    );
    output(&mut world, Service::Events, "PutTargets", rule_target(&standard));
    let schedule = |name: &str, more: Value| {
        let mut target = map! { "Arn" => &standard, "RoleArn" => role };
        for (member, value) in more.entries() {
            target.set(member, value.clone());
        }
        map! { "Name" => name, "ScheduleExpression" => "rate(1 hour)", "FlexibleTimeWindow" => map! { "Mode" => "OFF" }, "Target" => target }
    };
    let retry = |member: &str, value: i64| map! { "RetryPolicy" => map! { member => value } };
    for more in [
        map! { "DeadLetterConfig" => map! { "Arn" => &fifo } },
        map! { "DeadLetterConfig" => map! { "Arn" => &function } },
        retry("MaximumRetryAttempts", 186),
        retry("MaximumRetryAttempts", -1),
        retry("MaximumEventAgeInSeconds", 59),
        retry("MaximumEventAgeInSeconds", 86_401),
    ] {
        let fault = refused(&mut world, Service::Scheduler, "CreateSchedule", schedule("s", more));
        assert_eq!(fault.code, "ValidationException");
    }
    for (name, more) in [
        ("s1", map! { "DeadLetterConfig" => map! { "Arn" => &standard } }),
        ("s2", retry("MaximumRetryAttempts", 185)),
        ("s3", retry("MaximumEventAgeInSeconds", 60)),
    ] {
        output(&mut world, Service::Scheduler, "CreateSchedule", schedule(name, more));
    }
}

#[test]
fn a_bus_has_no_slash_and_an_ordered_queue_wants_a_group() {
    let mut world = world(ACCOUNT);
    let bus = |name: &str| map! { "Name" => name };
    refused(&mut world, Service::Events, "CreateEventBus", bus("a/b"));
    output(&mut world, Service::Events, "CreateEventBus", bus("a.b"));
    let partner = "aws.partner/example.com/orders";
    let partner = map! { "Name" => partner, "EventSourceName" => partner };
    output(&mut world, Service::Events, "CreateEventBus", partner);
    let fifo = world.arn("sqs", "q.fifo");
    let target = |more: Value| {
        let mut target = map! { "Id" => "one", "Arn" => &fifo };
        for (member, value) in more.entries() {
            target.set(member, value.clone());
        }
        map! { "Rule" => "r", "Targets" => vec![target] }
    };
    let told = "Parameter(s) SqsParameters must be specified for target: one.";
    assert_eq!(
        refused(&mut world, Service::Events, "PutTargets", target(map! {})).message,
        told
    );
    let group = map! { "SqsParameters" => map! { "MessageGroupId" => "g" } };
    output(&mut world, Service::Events, "PutTargets", target(group));
}

#[test]
fn a_bucket_tells_of_events_that_there_are() {
    let mut world = world(ACCOUNT);
    output(
        &mut world,
        Service::S3,
        "CreateBucket",
        map! { "Bucket" => "events-of-a-bucket" },
    );
    let queue = world.arn("sqs", "q");
    let tell = |event: &str| {
        let to = map! { "QueueArn" => &queue, "Events" => vec![event] };
        map! { "Bucket" => "events-of-a-bucket", "SkipDestinationValidation" => true,
        "NotificationConfiguration" => map! { "QueueConfigurations" => vec![to] } }
    };
    let put = "PutBucketNotificationConfiguration";
    for event in [
        "s3:ObjectCreated:Foo",
        "s3:ObjectCreated",
        "ObjectCreated:*",
        "s3:*",
        "s3:ObjectAcl:*",
        "s3:LifecycleTransition:*",
        "s3:TestEvent",
    ] {
        let fault = refused(&mut world, Service::S3, put, tell(event));
        assert_eq!(fault.code, "InvalidArgument", "{event}");
        assert_eq!(fault.message, "The event is not supported for notifications");
    }
    for event in [
        "s3:ObjectCreated:*",
        "s3:ObjectCreated:CompleteMultipartUpload",
        "s3:ObjectRestore:Delete",
        "s3:LifecycleExpiration:DeleteMarkerCreated",
        "s3:IntelligentTiering",
        "s3:ReducedRedundancyLostObject",
        "s3:ObjectTagging:Put",
        "s3:Replication:OperationMissedThreshold",
    ] {
        output(&mut world, Service::S3, put, tell(event));
    }
}
