//! The page of a resource in the AWS console.

use crate::domain::{Arn, Detail, Node, NodeKind, Scope};

/// Its address; `None` if no page of that kind of resource is known.
#[must_use]
pub fn console_url(node: &Node, scope: &Scope) -> Option<String> {
    let arn = Arn::parse(node.id.as_str());
    let region = arn.as_ref().map_or("", |arn| arn.region);
    let region = if region.is_empty() { &scope.region } else { region };
    let domain = match scope.partition.as_str() {
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    let page = |service: &str, rest: &str| format!("https://{region}.{domain}/{service}?region={region}{rest}");
    let (id, name) = (node.id.as_str(), node.name.as_str());
    Some(match node.kind {
        NodeKind::Lambda => page("lambda/home", &format!("#/functions/{}", encoded(name))),
        NodeKind::Sqs => match &node.detail {
            Detail::Queue(queue) => page("sqs/v3/home", &format!("#/queues/{}", encoded(&queue.url))),
            _ => page("sqs/v3/home", "#/queues"),
        },
        NodeKind::Sns => page("sns/v3/home", &format!("#/topic/{id}")),
        NodeKind::S3 => page(&format!("s3/buckets/{}", encoded(name)), ""),
        NodeKind::Eventbridge if node.resource().is_none() => {
            let rule = id.split_once(":rule/").map_or(name, |(_, rule)| rule);
            let (bus, rule) = rule.rsplit_once('/').unwrap_or(("default", rule));
            page(
                "events/home",
                &format!("#/eventbus/{}/rules/{}", encoded(bus), encoded(rule)),
            )
        }
        NodeKind::DynamodbStream => {
            let table = id.split_once(":table/").map_or(name, |(_, table)| table);
            let table = table.split('/').next().unwrap_or(table);
            page("dynamodbv2/home", &format!("#table?name={}", encoded(table)))
        }
        NodeKind::Kinesis => page(
            "kinesis/home",
            &format!("#/streams/details/{}/monitoring", encoded(name)),
        ),
        NodeKind::Stepfunctions => page("states/home", &format!("#/statemachines/view/{}", encoded(id))),
        _ => return None,
    })
}

/// A part of an address.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{NodeId, Queue};

    fn url(arn: &str, kind: NodeKind, name: &str, detail: Detail) -> Option<String> {
        let scope = Scope {
            partition: "aws".to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
        };
        let node = Node {
            id: NodeId::from(arn),
            kind,
            name: name.to_owned(),
            detail,
        };
        console_url(&node, &scope)
    }

    #[test]
    fn each_kind_has_its_page() {
        let queue = Queue {
            url: "https://sqs.eu-west-1.amazonaws.com/111122223333/q".to_owned(),
            ..Queue::default()
        };
        for (arn, kind, name, detail, wanted) in [
            (
                "arn:aws:lambda:eu-west-1:111122223333:function:work",
                NodeKind::Lambda,
                "work",
                Detail::None,
                Some("https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/functions/work"),
            ),
            (
                "arn:aws:sqs:eu-west-1:111122223333:q",
                NodeKind::Sqs,
                "q",
                Detail::Queue(Box::new(queue)),
                Some(
                    "https://eu-west-1.console.aws.amazon.com/sqs/v3/home?region=eu-west-1#/queues/\
                     https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F111122223333%2Fq",
                ),
            ),
            (
                "arn:aws:events:eu-west-1:111122223333:rule/shop/nightly",
                NodeKind::Eventbridge,
                "nightly",
                Detail::None,
                Some(
                    "https://eu-west-1.console.aws.amazon.com/events/home?region=eu-west-1#/eventbus/shop/rules/nightly",
                ),
            ),
            (
                "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026",
                NodeKind::DynamodbStream,
                "orders",
                Detail::None,
                Some("https://eu-west-1.console.aws.amazon.com/dynamodbv2/home?region=eu-west-1#table?name=orders"),
            ),
            (
                "arn:aws:s3:::book",
                NodeKind::S3,
                "book",
                Detail::None,
                Some("https://eu-west-1.console.aws.amazon.com/s3/buckets/book?region=eu-west-1"),
            ),
            ("arn:aws:mq:eu-west-1:1:broker:b", NodeKind::Mq, "b", Detail::None, None),
        ] {
            assert_eq!(url(arn, kind, name, detail).as_deref(), wanted, "{arn}");
        }
    }
}
