//! What belongs to a version of a function, and what another account is let do.

use serde_json::json;

use super::{ask, call, dispatch, output, world};
use crate::call::Service;
use crate::value::{Value, map};
use crate::world::World;

const ACCOUNT: &str = r#"
    [[queue]]
    name = "first"
    [[queue]]
    name = "second"
    [[topic]]
    name = "t"
    [[function]]
    name = "f"
    dlq = "first"
    retries = 0
    does = { fails = [{ error = "E: e" }] }
"#;

fn invoke(world: &mut World, qualifier: Option<&str>) {
    let input = map! { "FunctionName" => "f", "InvocationType" => "Event", "Qualifier" => qualifier };
    let asked = call(world, Service::Lambda, "Invoke", input);
    dispatch(world, &asked);
    let until = world.now() + 400_000;
    world.advance_to(until);
}

fn depths(world: &World) -> (usize, usize) {
    (
        world.messaging.queues["first"].len(),
        world.messaging.queues["second"].len(),
    )
}

#[test]
fn a_dead_letter_queue_is_the_versions_own() {
    let mut world = world(ACCOUNT);
    output(
        &mut world,
        Service::Lambda,
        "PublishVersion",
        map! { "FunctionName" => "f" },
    );
    let alias = map! { "FunctionName" => "f", "Name" => "live", "FunctionVersion" => "1" };
    output(&mut world, Service::Lambda, "CreateAlias", alias);
    let second = map! { "TargetArn" => world.arn("sqs", "second") };
    let update = map! { "FunctionName" => "f", "DeadLetterConfig" => second };
    output(&mut world, Service::Lambda, "UpdateFunctionConfiguration", update);
    invoke(&mut world, Some("live"));
    assert_eq!(
        depths(&world),
        (1, 0),
        "the alias leads to version 1, which was published with the first queue"
    );
    invoke(&mut world, None);
    assert_eq!(depths(&world), (1, 1));
    let shown = |world: &mut World, qualifier: Option<&str>| {
        let input = map! { "FunctionName" => "f", "Qualifier" => qualifier };
        let shown = output(world, Service::Lambda, "GetFunctionConfiguration", input);
        shown.path("DeadLetterConfig.TargetArn").text().expect("a queue")
    };
    assert!(shown(&mut world, Some("live")).ends_with(":first") && shown(&mut world, None).ends_with(":second"));
}

#[test]
fn a_change_of_the_configuration_leaves_published_versions_alone() {
    let mut world = world(ACCOUNT);
    let publish = map! { "FunctionName" => "f", "Description" => "the first" };
    output(&mut world, Service::Lambda, "PublishVersion", publish);
    let shown = |world: &mut World, qualifier: &str| {
        let input = map! { "FunctionName" => "f", "Qualifier" => qualifier };
        output(world, Service::Lambda, "GetFunctionConfiguration", input)
    };
    let before = shown(&mut world, "1");
    assert_eq!(before.get("Description").str(), Some("the first"));
    let until = world.now() + 60_000;
    world.advance_to(until);
    let update = map! { "FunctionName" => "f", "Timeout" => 9_i64, "MemorySize" => 512_i64, "Runtime" => "nodejs22.x",
    "Environment" => map! { "Variables" => map! { "k" => "v" } }, "LoggingConfig" => map! { "LogGroup" => "/new" } };
    output(&mut world, Service::Lambda, "UpdateFunctionConfiguration", update);
    output(
        &mut world,
        Service::Lambda,
        "UpdateFunctionCode",
        map! { "FunctionName" => "f", "ZipFile" => Value::Blob("new".into()) },
    );
    assert_eq!(shown(&mut world, "1"), before, "version 1 is what it was");
    assert_eq!(shown(&mut world, "$LATEST").get("Timeout").int(), Some(9));
    invoke(&mut world, Some("1"));
    assert!(
        world.records.logs.groups.contains_key("/aws/lambda/f") && !world.records.logs.groups.contains_key("/new"),
        "version 1 runs by its own settings"
    );
    invoke(&mut world, None);
    assert!(world.records.logs.groups.contains_key("/new"));
}

#[test]
fn streams_name_the_version_and_in_a_group_of_others_the_function() {
    let mut world = world(ACCOUNT);
    output(
        &mut world,
        Service::Lambda,
        "PublishVersion",
        map! { "FunctionName" => "f" },
    );
    invoke(&mut world, None);
    invoke(&mut world, Some("1"));
    let streams = |world: &World, group: &str| -> Vec<String> {
        let all = world.records.logs.groups[group].between((0, 0), i64::MAX - 1, i64::MAX - 1);
        let mut names: Vec<String> = all.map(|event| event.stream.to_string()).collect();
        names.dedup();
        names
    };
    let own = streams(&world, "/aws/lambda/f");
    assert!(
        own.len() == 2 && own[0].contains("/[$LATEST]") && own[1].contains("/[1]"),
        "{own:?}"
    );
    let shared = map! { "FunctionName" => "f", "LoggingConfig" => map! { "LogGroup" => "/shared" } };
    output(&mut world, Service::Lambda, "UpdateFunctionConfiguration", shared);
    let until = world.now() + 3_600_000;
    world.advance_to(until);
    invoke(&mut world, None);
    let shared = streams(&world, "/shared");
    assert!(
        shared[0].contains("/f[$LATEST][") && shared[0].ends_with(']'),
        "{shared:?}"
    );
}

#[test]
fn permissions_of_queues_and_topics_are_kept_as_aws_writes_them() {
    let mut world = world(ACCOUNT);
    let add = map! { "QueueUrl" => "x/first", "Label" => "l", "AWSAccountIds" => vec!["111122223333"], "Actions" => vec!["ReceiveMessage"] };
    output(&mut world, Service::Sqs, "AddPermission", add.clone());
    let fault = ask(&mut world, Service::Sqs, "AddPermission", add).expect_err("the label is taken");
    assert_eq!(
        fault.message,
        "Value l for parameter Label is invalid. Reason: Already exists."
    );
    let policy = |world: &mut World| {
        let input = map! { "QueueUrl" => "x/first", "AttributeNames" => vec!["Policy"] };
        let got = output(world, Service::Sqs, "GetQueueAttributes", input);
        got.path("Attributes.Policy")
            .text()
            .map(|text| serde_json::from_str::<serde_json::Value>(&text).expect("JSON"))
    };
    let statement = policy(&mut world).expect("a policy")["Statement"][0].clone();
    assert_eq!(statement["Action"], "SQS:ReceiveMessage");
    assert_eq!(statement["Principal"], json!({"AWS": "arn:aws:iam::111122223333:root"}));
    output(
        &mut world,
        Service::Sqs,
        "RemovePermission",
        map! { "QueueUrl" => "x/first", "Label" => "l" },
    );
    assert_eq!(policy(&mut world), None);
    let topic = world.arn("sns", "t");
    let add = |action: &str| -> Value {
        map! { "TopicArn" => &topic, "Label" => "l", "AWSAccountId" => vec!["111122223333"], "ActionName" => vec![action] }
    };
    let fault = ask(&mut world, Service::Sns, "AddPermission", add("Nonsense")).expect_err("no such action");
    assert_eq!(
        fault.message,
        "Invalid parameter: Policy statement action out of service scope!"
    );
    output(&mut world, Service::Sns, "AddPermission", add("Publish"));
    let got = output(
        &mut world,
        Service::Sns,
        "GetTopicAttributes",
        map! { "TopicArn" => &topic },
    );
    let policy: serde_json::Value =
        serde_json::from_str(&got.path("Attributes.Policy").text().expect("a policy")).expect("JSON");
    assert_eq!(policy["Statement"][0]["Sid"], "__default_statement_ID");
    assert_eq!(policy["Statement"][1]["Action"], "SNS:Publish");
}
