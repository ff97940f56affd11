//! Who may deliver to a queue or a topic: policies decide, as a client sets them and as a scenario does.

use serde_json::json;

use super::{ask, count, output, world};
use crate::call::Service;
use crate::value::map;
use crate::world::World;

const QUEUES: &str = "[[queue]]\nname = \"q\"\n[[queue]]\nname = \"dlq\"\n[[topic]]\nname = \"t\"\n[[bus]]\nname = \"shop\"\n[[bucket]]\nname = \"inbox\"\n";

fn queue(world: &World, name: &str) -> String {
    world.arn("sqs", name)
}

fn depth(world: &World, name: &str) -> usize {
    world.messaging.queues.get(name).expect("the queue").len()
}

/// Lets a service's resource send to a queue, as a client does.
fn permit(world: &mut World, name: &str, service: &str, source: &str) {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service},
        "Action": "sqs:SendMessage", "Resource": queue(world, name), "Condition": {"ArnEquals": {"aws:SourceArn": source}}}]});
    let attributes = map! { "Policy" => policy.to_string() };
    let input = map! { "QueueUrl" => format!("x/{name}"), "Attributes" => attributes };
    output(world, Service::Sqs, "SetQueueAttributes", input);
    let asked = map! { "QueueUrl" => format!("x/{name}"), "AttributeNames" => vec!["Policy"] };
    let kept = output(world, Service::Sqs, "GetQueueAttributes", asked);
    assert_eq!(kept.path("Attributes.Policy").str(), Some(policy.to_string().as_str()));
}

fn pass(world: &mut World, seconds: i64) {
    let until = world.now() + seconds * 1000;
    world.advance_to(until);
}

#[test]
fn a_queue_without_a_policy_takes_nothing_from_a_topic() {
    let mut world = world(QUEUES);
    let (topic, q, dlq) = (world.arn("sns", "t"), queue(&world, "q"), queue(&world, "dlq"));
    let redrive = json!({"deadLetterTargetArn": dlq}).to_string();
    let subscribe = map! { "TopicArn" => &topic, "Protocol" => "sqs", "Endpoint" => &q,
    "Attributes" => map! { "RedrivePolicy" => redrive } };
    output(&mut world, Service::Sns, "Subscribe", subscribe);
    let publish = |world: &mut World| {
        let message = map! { "TopicArn" => &topic, "Message" => "m" };
        output(world, Service::Sns, "Publish", message);
        pass(world, 5);
    };
    let counted = |world: &World| {
        ["Delivered", "Failed", "RedrivenToDlq", "FailedToRedriveToDlq"].map(|what| {
            let name = format!("NumberOfNotifications{what}");
            count(world, "AWS/SNS", &name, &[("TopicName", "t")])
        })
    };
    publish(&mut world);
    assert_eq!((depth(&world, "q"), depth(&world, "dlq")), (0, 0));
    assert_eq!(counted(&world), [0, 1, 0, 1]);
    permit(&mut world, "dlq", "sns.amazonaws.com", &topic);
    publish(&mut world);
    assert_eq!((depth(&world, "q"), depth(&world, "dlq")), (0, 1));
    assert_eq!(counted(&world), [0, 2, 1, 1]);
    permit(&mut world, "q", "sns.amazonaws.com", &topic);
    publish(&mut world);
    assert_eq!((depth(&world, "q"), depth(&world, "dlq")), (1, 1));
    assert_eq!(counted(&world), [1, 2, 1, 1]);
    // AWS's own key lets no service in, whatever the policy says.
    let key = map! { "KmsMasterKeyId" => "alias/aws/sqs" };
    output(
        &mut world,
        Service::Sqs,
        "SetQueueAttributes",
        map! { "QueueUrl" => "x/q", "Attributes" => key },
    );
    publish(&mut world);
    assert_eq!(counted(&world), [1, 3, 2, 1]);
}

#[test]
fn a_rule_is_let_in_by_the_policies_of_its_target_and_of_its_dead_letter_queue() {
    let mut world = world(QUEUES);
    let pattern = json!({"source": ["s"]}).to_string();
    let rule = map! { "Name" => "r", "EventBusName" => "shop", "EventPattern" => pattern };
    output(&mut world, Service::Events, "PutRule", rule);
    let own = map! { "Arn" => queue(&world, "dlq") };
    let target = map! { "Id" => "1", "Arn" => queue(&world, "q"), "DeadLetterConfig" => own };
    let targets = map! { "Rule" => "r", "EventBusName" => "shop", "Targets" => vec![target] };
    output(&mut world, Service::Events, "PutTargets", targets);
    let put = |world: &mut World| {
        let entry = map! { "Source" => "s", "DetailType" => "t", "Detail" => "{}", "EventBusName" => "shop" };
        output(world, Service::Events, "PutEvents", map! { "Entries" => vec![entry] });
        pass(world, 5);
    };
    let both = [("EventBusName", "shop"), ("RuleName", "r")];
    let counted = |world: &World| {
        [
            "FailedInvocations",
            "InvocationsSentToDlq",
            "InvocationsFailedToBeSentToDlq",
        ]
        .map(|name| count(world, "AWS/Events", name, &both))
    };
    put(&mut world);
    assert_eq!(counted(&world), [1, 0, 1]);
    let by_name = count(&world, "AWS/Events", "FailedInvocations", &[("RuleName", "r")]);
    assert_eq!(by_name, 0, "the name alone is for rules of the default bus");
    let source = world.rule_arn("shop", "r");
    permit(&mut world, "dlq", "events.amazonaws.com", &source);
    put(&mut world);
    assert_eq!(counted(&world), [2, 1, 1]);
    let letter = world.messaging.queues["dlq"]
        .iter()
        .next()
        .expect("a dead letter")
        .letter
        .clone();
    assert_eq!(letter.attributes["ERROR_CODE"].as_text(), "NO_PERMISSIONS");
    assert!(!letter.attributes.contains_key("EXHAUSTED_RETRY_CONDITION"));
    permit(&mut world, "q", "events.amazonaws.com", &source);
    put(&mut world);
    assert_eq!((counted(&world), depth(&world, "q")), ([2, 1, 1], 1));
}

#[test]
fn a_role_of_the_target_decides_in_place_of_the_policy() {
    let mut world = world(QUEUES);
    let pattern = json!({"source": ["s"]}).to_string();
    output(
        &mut world,
        Service::Events,
        "PutRule",
        map! { "Name" => "r", "EventPattern" => pattern },
    );
    let target = map! { "Id" => "1", "Arn" => queue(&world, "q"), "RoleArn" => "arn:aws:iam::123456789012:role/r" };
    output(
        &mut world,
        Service::Events,
        "PutTargets",
        map! { "Rule" => "r", "Targets" => vec![target] },
    );
    let entry = map! { "Source" => "s", "DetailType" => "t", "Detail" => "{}" };
    output(
        &mut world,
        Service::Events,
        "PutEvents",
        map! { "Entries" => vec![entry] },
    );
    pass(&mut world, 5);
    assert_eq!(depth(&world, "q"), 1);
}

#[test]
fn a_bucket_is_held_to_what_its_destinations_allow() {
    let mut world = world(QUEUES);
    let put = |world: &mut World, configs: Vec<crate::value::Value>| {
        let config = map! { "QueueConfigurations" => configs };
        let input = map! { "Bucket" => "inbox", "NotificationConfiguration" => config };
        ask(world, Service::S3, "PutBucketNotificationConfiguration", input)
    };
    let created = |arn: &str| map! { "Id" => "n", "QueueArn" => arn, "Events" => vec!["s3:ObjectCreated:*"] };
    let prefixed = |arn: &str, prefix: &str| {
        let rules = vec![map! { "Name" => "Prefix", "Value" => prefix }];
        map! { "QueueArn" => arn, "Events" => vec!["s3:ObjectCreated:Put"],
        "Filter" => map! { "Key" => map! { "FilterRules" => rules } } }
    };
    let q = queue(&world, "q");
    let gone = world.arn("sqs", "gone");
    let fault = put(&mut world, vec![created(&q), prefixed(&gone, "x/")]).expect_err("they overlap");
    assert!(
        fault.message.starts_with("Configuration is ambiguously defined."),
        "{fault}"
    );
    let fault = put(&mut world, vec![created(&q), created(&gone)]).expect_err("they overlap");
    assert!(fault.message.starts_with("Configurations overlap."), "{fault}");
    let fault = put(&mut world, vec![prefixed(&q, "a/"), prefixed(&gone, "b/")]).expect_err("neither will do");
    assert_eq!(
        fault.message,
        "Unable to validate the following destination configurations"
    );
    let said = format!("{:?}", fault.extra);
    assert!(
        said.contains("Permissions on the destination queue do not allow S3 to publish notifications from this bucket")
    );
    assert!(
        said.contains("ArgumentValue2") && said.contains("The destination queue does not exist"),
        "{said}"
    );
    let fault = put(&mut world, vec![created(&format!("{q}.fifo"))]).expect_err("a FIFO queue");
    assert_eq!(
        (fault.code.as_str(), fault.message.as_str()),
        ("InvalidArgument", "FIFO SQS queues are not supported.")
    );
    let fault = put(&mut world, vec![created("no-arn")]).expect_err("no ARN");
    assert_eq!(fault.message, "The ARN could not be parsed");
    permit(&mut world, "q", "s3.amazonaws.com", "arn:aws:s3:::inbox");
    put(&mut world, vec![created(&q)]).expect("it may");
    pass(&mut world, 1);
    let body = world.messaging.queues["q"]
        .iter()
        .next()
        .expect("the test event")
        .letter
        .body
        .clone();
    let told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (&told["Event"], &told["Bucket"]),
        (&json!("s3:TestEvent"), &json!("inbox"))
    );
}

#[test]
fn a_topic_of_its_own_policy_takes_nothing_from_a_bucket_or_a_rule() {
    let text = format!(
        "{QUEUES}[[rule]]\nname = \"r\"\npattern = '{{\"source\": [\"s\"]}}'\ntarget = [{{ to = \"topic:t\", unpermitted = true }}]\n"
    );
    let mut world = world(&text);
    let config = map! { "TopicArn" => world.arn("sns", "t"), "Events" => vec!["s3:ObjectCreated:*"] };
    let input =
        map! { "Bucket" => "inbox", "NotificationConfiguration" => map! { "TopicConfigurations" => vec![config] } };
    let refused = ask(
        &mut world,
        Service::S3,
        "PutBucketNotificationConfiguration",
        input.clone(),
    );
    assert_eq!(refused.expect_err("not permitted").code, "InvalidArgument");
    let entry = map! { "Source" => "s", "DetailType" => "t", "Detail" => "{}" };
    output(
        &mut world,
        Service::Events,
        "PutEvents",
        map! { "Entries" => vec![entry] },
    );
    pass(&mut world, 5);
    assert_eq!(
        count(&world, "AWS/Events", "FailedInvocations", &[("RuleName", "r")]),
        1
    );
    let statement = json!({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "SNS:Publish", "Resource": "*"});
    let set = map! { "TopicArn" => world.arn("sns", "t"), "AttributeName" => "Policy",
    "AttributeValue" => json!({"Statement": [statement]}).to_string() };
    output(&mut world, Service::Sns, "SetTopicAttributes", set);
    output(&mut world, Service::S3, "PutBucketNotificationConfiguration", input);
}

#[test]
fn a_scenario_permits_what_it_wires_and_leaves_out_what_it_is_told_to() {
    let text = r#"
        [[queue]]
        name = "in"
        [[queue]]
        name = "out"
        [[queue]]
        name = "lost"
        [[topic]]
        name = "t"
        subscribe = [{ to = "queue:in", raw = true }, { to = "queue:out", unpermitted = true, dlq = "lost" }]
        [[script]]
        at = "60s"
        deny = { queue = "in", service = "sns" }
        [[traffic]]
        every = "30s"
        does = { publish = { topic = "t", message = "m" } }
    "#;
    let mut world = world(text);
    pass(&mut world, 59);
    let (before, lost) = (depth(&world, "in"), depth(&world, "lost"));
    assert_eq!((before, depth(&world, "out"), lost > 0), (lost, 0, true));
    pass(&mut world, 60);
    assert_eq!((depth(&world, "in"), depth(&world, "lost") > lost), (before, true));
}

#[test]
fn a_function_reaches_queues_by_its_role() {
    let text = r#"
        [[queue]]
        name = "failed"
        [[function]]
        name = "f"
        retries = 0
        on_failure = "queue:failed"
        does = { fails = [{ error = "E: e" }] }
    "#;
    let mut world = world(text);
    let input = map! { "FunctionName" => "f", "InvocationType" => "Event" };
    let call = super::call(&world, Service::Lambda, "Invoke", input);
    super::dispatch(&mut world, &call);
    pass(&mut world, 60);
    assert_eq!(depth(&world, "failed"), 1);
}
