//! EventBridge Scheduler's universal targets: a call of any service, with its parameters in `Input`. What is really
//! reached is in these.

use serde_json::Value;

use crate::domain::{Arn, Scope, queue_url};

/// The ARNs that a universal target leads to. AWS (delivery): `arn:aws:scheduler:::aws-sdk:SERVICE:CALL`, and `Input` is the call's
/// request as JSON. Empty where the target is none, or where its input names nothing that is known here.
#[must_use]
pub fn reached(target: &str, input: Option<&str>, scope: &Scope) -> Vec<String> {
    let Some(arn) = Arn::parse(target).filter(|arn| arn.service == "scheduler") else {
        return Vec::new();
    };
    let mut call = arn.resource.split(':');
    let (Some("aws-sdk"), Some(service), Some(action)) = (call.next(), call.next(), call.next()) else {
        return Vec::new();
    };
    match input.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
        Some(input) => called((service, action), &input, scope),
        None => Vec::new(),
    }
}

/// The ARNs that a call of a service leads to, by the name of the service and of its operation in the SDK, and the call's
/// parameters. What is computed when it is called (`$.…`, `{% … %}`) is not known.
#[must_use]
pub fn called((service, action): (&str, &str), input: &Value, scope: &Scope) -> Vec<String> {
    let is_known = |text: &&str| !text.is_empty() && !text.starts_with('$') && !text.starts_with("{%");
    let get = |name: &str| field(input, name).and_then(Value::as_str).filter(is_known);
    let own = |service: &str, resource: String| scope.arn(service, &resource);
    let named = |text: &str, service: &str, prefix: &str| {
        if text.starts_with("arn:") {
            text.to_owned()
        } else {
            own(service, format!("{prefix}{text}"))
        }
    };
    let (service, action) = (service.to_ascii_lowercase(), action.to_ascii_lowercase());
    let one = match (service.as_str(), action.as_str()) {
        ("lambda", "invoke" | "invokeasync") => get("FunctionName").map(|name| {
            let arn = function(name, scope);
            match get("Qualifier") {
                Some(qualifier) if Arn::parse(&arn).is_some_and(|arn| arn.node().1.is_none()) => {
                    format!("{arn}:{qualifier}")
                }
                _ => arn,
            }
        }),
        ("sqs", "sendmessage" | "sendmessagebatch") => get("QueueUrl").and_then(|url| queue(url, scope)),
        ("sns", "publish" | "publishbatch") => get("TopicArn").or_else(|| get("TargetArn")).map(str::to_owned),
        ("sfn" | "states" | "stepfunctions", "startexecution" | "startsyncexecution") => {
            get("StateMachineArn").map(str::to_owned)
        }
        ("kinesis", "putrecord" | "putrecords") => get("StreamARN")
            .or_else(|| get("StreamName"))
            .map(|name| named(name, "kinesis", "stream/")),
        ("firehose", "putrecord" | "putrecordbatch") => {
            get("DeliveryStreamName").map(|name| named(name, "firehose", "deliverystream/"))
        }
        ("dynamodb", "putitem" | "updateitem" | "deleteitem") => {
            get("TableName").map(|name| named(name, "dynamodb", "table/"))
        }
        ("s3", "putobject" | "copyobject" | "deleteobject" | "deleteobjects") => get("Bucket").map(|name| {
            if name.starts_with("arn:") {
                name.to_owned()
            } else {
                format!("arn:{}:s3:::{name}", scope.partition)
            }
        }),
        ("eventbridge" | "events", "putevents") => {
            let entries = field(input, "Entries").and_then(Value::as_array);
            let mut buses: Vec<String> = entries
                .into_iter()
                .flatten()
                .filter_map(|entry| {
                    let bus = field(entry, "EventBusName").and_then(Value::as_str).unwrap_or_default();
                    let is_computed = field(entry, "EventBusName.$").is_some();
                    let bus = if bus.is_empty() { "default" } else { bus };
                    (is_known(&bus) && !is_computed).then(|| named(bus, "events", "event-bus/"))
                })
                .collect();
            buses.sort();
            buses.dedup();
            return buses;
        }
        _ => None,
    };
    one.into_iter().collect()
}

/// A member by its name, in any case: the service takes `QueueUrl`, and templates also write `queueUrl`.
fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    members.get(name).or_else(|| {
        let mut alike = members.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        alike.next().map(|(_, value)| value)
    })
}

/// A function's ARN from what `Invoke` takes: `name`, `name:alias`, `123456789012:function:name`, or the ARN.
fn function(name: &str, scope: &Scope) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    if let Some((account, name)) = name.split_once(":function:") {
        return format!(
            "arn:{}:lambda:{}:{account}:function:{name}",
            scope.partition, scope.region
        );
    }
    let name = name.strip_prefix("function:").unwrap_or(name);
    scope.arn("lambda", &format!("function:{name}"))
}

/// A queue's ARN from its URL: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`. Other hosts are of this region.
fn queue(url: &str, scope: &Scope) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let mut parts = rest.trim_end_matches('/').rsplitn(3, '/');
    let (name, account, host) = (parts.next()?, parts.next()?, parts.next()?);
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) || name.is_empty() {
        return None;
    }
    let region = queue_url::region(host).unwrap_or(&scope.region);
    Some(format!("arn:{}:sqs:{region}:{account}:{name}", scope.partition))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_names_what_is_reached() {
        let scope = Scope {
            partition: "aws".into(),
            account: "123456789012".into(),
            region: "eu-west-1".into(),
        };
        let own = |rest: &str| format!("arn:aws:{}", rest.replace("HERE", "eu-west-1:123456789012"));
        for (call, input, expected) in [
            (
                "sqs:sendMessage",
                r#"{"QueueUrl":"https://sqs.us-east-2.amazonaws.com/111122223333/orders","MessageBody":"x"}"#,
                vec!["arn:aws:sqs:us-east-2:111122223333:orders".to_owned()],
            ),
            (
                "sqs:sendMessage",
                r#"{"QueueUrl":"http://localhost:4566/123456789012/orders"}"#,
                vec![own("sqs:HERE:orders")],
            ),
            (
                "sns:publish",
                r#"{"TopicArn":"arn:aws:sns:r:1:t","Message":"x"}"#,
                vec!["arn:aws:sns:r:1:t".into()],
            ),
            (
                "lambda:invoke",
                r#"{"FunctionName":"nightly"}"#,
                vec![own("lambda:HERE:function:nightly")],
            ),
            (
                "lambda:invoke",
                r#"{"FunctionName":"nightly","Qualifier":"live"}"#,
                vec![own("lambda:HERE:function:nightly:live")],
            ),
            (
                "lambda:invoke",
                r#"{"FunctionName":"nightly:7"}"#,
                vec![own("lambda:HERE:function:nightly:7")],
            ),
            (
                "lambda:invoke",
                r#"{"FunctionName":"111122223333:function:nightly"}"#,
                vec!["arn:aws:lambda:eu-west-1:111122223333:function:nightly".into()],
            ),
            (
                "lambda:invokeAsync",
                r#"{"FunctionName":"arn:aws:lambda:r:1:function:f"}"#,
                vec!["arn:aws:lambda:r:1:function:f".into()],
            ),
            (
                "eventbridge:putEvents",
                r#"{"Entries":[{"EventBusName":"shop","Detail":"{}"},{"Detail":"{}"}]}"#,
                vec![own("events:HERE:event-bus/default"), own("events:HERE:event-bus/shop")],
            ),
            (
                "sfn:startExecution",
                r#"{"StateMachineArn":"arn:aws:states:r:1:stateMachine:m"}"#,
                vec!["arn:aws:states:r:1:stateMachine:m".into()],
            ),
            (
                "kinesis:putRecord",
                r#"{"StreamName":"clicks"}"#,
                vec![own("kinesis:HERE:stream/clicks")],
            ),
            (
                "s3:putObject",
                r#"{"Bucket":"b","Key":"k"}"#,
                vec!["arn:aws:s3:::b".into()],
            ),
            ("ec2:stopInstances", r#"{"InstanceIds":["i-1"]}"#, vec![]),
            ("sqs:sendMessage", r#"{"QueueUrl":"orders"}"#, vec![]),
            ("sqs:sendMessage", "no JSON", vec![]),
        ] {
            let target = format!("arn:aws:scheduler:::aws-sdk:{call}");
            assert_eq!(reached(&target, Some(input), &scope), expected, "{call} {input}");
        }
        assert!(reached("arn:aws:lambda:r:1:function:f", Some("{}"), &scope).is_empty());
    }
}
