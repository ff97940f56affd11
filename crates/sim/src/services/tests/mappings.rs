//! What Lambda takes for an event source mapping, and how it says what it refuses.
#![expect(clippy::needless_pass_by_value, reason = "inputs are written where they are passed")]

use super::{ask, output, world};
use crate::call::Service;
use crate::value::{Value, map};
use crate::world::World;

const ACCOUNT: &str = r#"
    [[queue]]
    name = "q"
    [[queue]]
    name = "short"
    visibility = "2s"
    [[queue]]
    name = "q.fifo"
    [[stream]]
    name = "s"
    [[table]]
    name = "orders"
    stream = true
    [[function]]
    name = "f"
    timeout = "10s"
"#;

fn source(world: &World, name: &str) -> String {
    match name {
        "s" => world.arn("kinesis", "stream/s"),
        "orders" => world.storage.tables["orders"]
            .stream
            .as_ref()
            .expect("a stream")
            .arn
            .clone(),
        "kafka" => world.arn("kafka", "cluster/c/0000-1"),
        name => world.arn("sqs", name),
    }
}

fn create(world: &mut World, from: &str, more: Value) -> Result<Value, (String, String)> {
    let mut input = map! { "FunctionName" => "f", "EventSourceArn" => source(world, from) };
    if matches!(from, "s" | "orders" | "kafka") {
        input.set("StartingPosition", "TRIM_HORIZON");
    }
    for (name, value) in more.entries() {
        input.set(name, value.clone());
    }
    ask(world, Service::Lambda, "CreateEventSourceMapping", input)
        .map(|answer| answer.output)
        .map_err(|fault| (fault.code, fault.message))
}

#[test]
fn refuses_of_a_queue_what_aws_refuses_in_its_words() {
    let mut world = world(ACCOUNT);
    let failure = map! { "OnFailure" => map! { "Destination" => source(&world, "q") } };
    let (invalid, validation) = ("InvalidParameterValueException", "ValidationException");
    let window = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
    for (from, more, code, message) in [
        (
            "q",
            map! { "FunctionName" => "none" },
            invalid,
            "Function does not exist",
        ),
        (
            "gone",
            map! {},
            invalid,
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.",
        ),
        (
            "short",
            map! {},
            invalid,
            "Queue visibility timeout: 2 seconds is less than Function timeout: 10 seconds",
        ),
        ("q", map! { "BatchSize" => 11_i64 }, invalid, window),
        (
            "q",
            map! { "BatchSize" => 0_i64 },
            validation,
            "1 validation error detected: Value '0' at 'batchSize' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            "q.fifo",
            map! { "BatchSize" => 11_i64 },
            invalid,
            "Batch size must be 10 or less for FIFO queues.",
        ),
        (
            "q",
            map! { "MaximumBatchingWindowInSeconds" => 301_i64 },
            validation,
            "1 validation error detected: Value '301' at 'maximumBatchingWindowInSeconds' failed to satisfy constraint: Member must have value less than or equal to 300",
        ),
        (
            "q",
            map! { "DestinationConfig" => failure.clone() },
            invalid,
            "Unsupported DestinationConfig parameter for given event source mapping type.",
        ),
        (
            "q",
            map! { "ParallelizationFactor" => 2_i64 },
            invalid,
            "Unsupported ParallelizationFactor parameter for given event source mapping type.",
        ),
    ] {
        refuses(&mut world, from, &more, code, message);
    }
    let input = map! { "FunctionName" => "f" };
    let fault = ask(&mut world, Service::Lambda, "CreateEventSourceMapping", input).expect_err("no source");
    assert_eq!(
        (fault.code.as_str(), fault.message.as_str()),
        (invalid, "Unrecognized event source.")
    );
    assert!(world.lambda.mappings.is_empty(), "nothing of it was kept");
}

#[test]
fn refuses_filters_and_limits_of_a_queue_as_aws_does() {
    let mut world = world(ACCOUNT);
    let concurrency = |n: i64| map! { "MaximumConcurrency" => n };
    let (invalid, validation) = ("InvalidParameterValueException", "ValidationException");
    let no_filter = "Invalid filter pattern definition.";
    let filter = |pattern: &str| map! { "Filters" => vec![map! { "Pattern" => pattern }] };
    for (from, more, code, message) in [
        (
            "q",
            map! { "FilterCriteria" => filter("{\"eventSource\": \"aws:sqs\"}") },
            invalid,
            no_filter,
        ),
        (
            "q",
            map! { "FilterCriteria" => filter("{\"eventSource\": []}") },
            invalid,
            no_filter,
        ),
        (
            "q",
            map! { "ScalingConfig" => concurrency(1) },
            validation,
            "1 validation error detected: Value '1' at 'scalingConfig.maximumConcurrency'",
        ),
        (
            "q",
            map! { "ScalingConfig" => concurrency(5), "ProvisionedPollerConfig" => map! { "MinimumPollers" => 2_i64 } },
            invalid,
            "MaximumConcurrency and ProvisionedPollerConfig",
        ),
    ] {
        refuses(&mut world, from, &more, code, message);
    }
    assert!(world.lambda.mappings.is_empty(), "nothing of it was kept");
}

#[test]
fn refuses_of_a_stream_what_aws_refuses_in_its_words() {
    let mut world = world(ACCOUNT);
    let (invalid, validation) = ("InvalidParameterValueException", "ValidationException");
    let null = "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.";
    for (from, more, code, message) in [
        (
            "s",
            map! { "ParallelizationFactor" => 11_i64 },
            validation,
            "1 validation error detected: Value '11' at 'parallelizationFactor' failed to satisfy constraint: Member must have value less than or equal to 10",
        ),
        (
            "s",
            map! { "ScalingConfig" => map! { "MaximumConcurrency" => 5_i64 } },
            invalid,
            "Unsupported ScalingConfig parameter for given event source mapping type.",
        ),
        ("s", map! { "StartingPosition" => Value::Null }, invalid, null),
        (
            "orders",
            map! { "StartingPosition" => "AT_TIMESTAMP" },
            invalid,
            "Unsupported starting position for arn type: ",
        ),
        (
            "s",
            map! { "StartingPosition" => "FIRST" },
            validation,
            "1 validation error detected: Value 'FIRST' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
        ),
    ] {
        refuses(&mut world, from, &more, code, message);
    }
    assert!(world.lambda.mappings.is_empty(), "nothing of it was kept");
}

fn refuses(world: &mut World, from: &str, more: &Value, code: &str, message: &str) {
    let (said, why) = create(world, from, more.clone()).expect_err(message);
    assert!(
        said == code && why.starts_with(message),
        "{from} {more:?}: {said}: {why}"
    );
}

#[test]
fn a_second_mapping_of_the_same_two_is_refused() {
    let mut world = world(ACCOUNT);
    for (from, kind) in [
        ("q", "with SQS arn (\" arn:"),
        ("s", "The event source arn (\" arn:"),
        ("orders", "provided mapping already exists"),
    ] {
        let uuid = create(&mut world, from, map! {})
            .expect("the first")
            .get("UUID")
            .text()
            .expect("a UUID");
        let (code, message) = create(&mut world, from, map! {}).expect_err("the second");
        assert_eq!(code, "ResourceConflictException");
        assert!(message.contains(kind), "{message}");
        assert!(message.ends_with(&format!(
            "Please update or delete the existing mapping with UUID {uuid}"
        )));
    }
}

#[test]
fn a_kafka_mapping_keeps_its_destination_and_its_topics() {
    let mut world = world(ACCOUNT);
    let failure = map! { "OnFailure" => map! { "Destination" => "kafka://lost" } };
    let access = vec![map! { "Type" => "BASIC_AUTH", "URI" => "arn:aws:secretsmanager:us-east-1:1:secret:s" }];
    let own = map! {
        "EventSourceArn" => Value::Null, "Topics" => vec!["orders"], "DestinationConfig" => failure.clone(),
        "SourceAccessConfigurations" => access, "StartingPosition" => "TRIM_HORIZON",
        "SelfManagedEventSource" => map! { "Endpoints" => map! { "KAFKA_BOOTSTRAP_SERVERS" => vec!["kafka:1000", "kafka:2000"] } },
    };
    let made = create(&mut world, "none", own.clone()).expect("it is taken");
    let uuid = made.get("UUID").text().expect("a UUID");
    assert_eq!(
        made.path("SelfManagedKafkaEventSourceConfig.ConsumerGroupId").str(),
        Some(uuid.as_str())
    );
    let mut again = own;
    let servers = map! { "KAFKA_BOOTSTRAP_SERVERS" => vec!["kafka:1000"] };
    again.set("SelfManagedEventSource", map! { "Endpoints" => servers });
    let (code, message) = create(&mut world, "none", again).expect_err("there is one");
    assert_eq!(code, "ResourceConflictException");
    let function = world.arn("lambda", "function:f");
    let told = format!(
        "An event source mapping with event source (\"kafka:1000\"), function (\"{function}\"), topics (\"orders\") already exists."
    );
    assert!(message.starts_with(&told), "{message}");
    let cluster = map! { "Topics" => vec!["orders"], "DestinationConfig" => failure.clone() };
    create(&mut world, "kafka", cluster).expect("a cluster is taken");
    let listed = output(&mut world, Service::Lambda, "ListEventSourceMappings", map! {});
    let listed = listed.get("EventSourceMappings").list();
    assert_eq!(listed.len(), 2);
    for mapping in listed {
        assert_eq!(mapping.get("DestinationConfig"), &failure);
        assert_eq!(mapping.path("Topics.0").str(), Some("orders"));
        assert_eq!(mapping.get("BatchSize").int(), Some(100));
        assert_eq!(mapping.get("StartingPosition").str(), Some("TRIM_HORIZON"));
        assert!(mapping.get("ParallelizationFactor").is_null());
        let of_cluster = mapping.get("EventSourceArn").str().is_some();
        assert_eq!(
            mapping.get("AmazonManagedKafkaEventSourceConfig").is_null(),
            !of_cluster
        );
    }
}
