//! Policies of queues and topics, likewise.

use super::{of, said, verdict};

const Q: &str = "arn:aws:sqs:eu-west-1:111122223333:jobs";
const T: &str = "arn:aws:sns:eu-west-1:111122223333:news";
const BUCKET: &str = "arn:aws:s3:::photos";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:orders";
const ALARM: &str = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:depth";
const RULE: &str = "arn:aws:events:eu-west-1:111122223333:rule/nightly";
const ON_BUS: &str = "arn:aws:events:eu-west-1:111122223333:rule/shop/nightly";

/// A queue's or topic's statement.
fn resource(principal: &str, action: &str, resource: &str, condition: &str) -> String {
    of(&format!(
        r#"{{"Effect":"Allow","Principal":{principal},"Action":{action},"Resource":"{resource}","Condition":{{{condition}}}}}"#
    ))
}

/// CDK's `enforceSSL`.
const ENFORCE_SSL: &str = r#"{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sqs:*",
    "Resource":"arn:aws:sqs:eu-west-1:111122223333:jobs","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
const ALLOW_EVENTS: &str = r#"{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},
    "Action":["sqs:GetQueueAttributes","sqs:GetQueueUrl","sqs:SendMessage"],
    "Resource":"arn:aws:sqs:eu-west-1:111122223333:jobs",
    "Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:eu-west-1:111122223333:rule/nightly"}}}"#;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn policies_of_queues_and_topics() {
    let send = r#""sqs:SendMessage""#;
    let service = |name: &str| format!(r#"{{"Service":"{name}.amazonaws.com"}}"#);
    let from = |operator: &str, arn: &str| format!(r#""{operator}":{{"aws:SourceArn":"{arn}"}}"#);
    let default_policy = format!(
        r#"{{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{{"Sid":"__default_statement_ID","Effect":"Allow",
        "Principal":{{"AWS":"*"}},"Action":["SNS:Publish","SNS:Subscribe"],"Resource":"{T}",
        "Condition":{{"StringEquals":{{"AWS:SourceOwner":"111122223333"}}}}}}]}}"#
    );
    let cases: Vec<(&str, String, &str, &str, &str)> = vec![
        (
            "an alarm by a topic's own policy: it acts for the account",
            default_policy.clone(),
            ALARM,
            T,
            "allowed",
        ),
        (
            "an alarm, in a policy of the topic's owner",
            resource(
                &service("cloudwatch"),
                r#""sns:Publish""#,
                T,
                &from("ArnLike", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*"),
            ),
            ALARM,
            T,
            "allowed",
        ),
        (
            "an alarm, where only rules may publish",
            resource(&service("events"), r#""sns:Publish""#, T, ""),
            ALARM,
            T,
            "no statement",
        ),
        (
            "CDK, SNS to SQS",
            resource(&service("sns"), send, Q, &from("ArnEquals", TOPIC)),
            TOPIC,
            Q,
            "allowed",
        ),
        (
            "of old, anyone with a source",
            resource(r#""*""#, send, Q, &from("ArnEquals", TOPIC)),
            TOPIC,
            Q,
            "allowed",
        ),
        (
            "and as AWS: *, the action in capitals",
            resource(r#"{"AWS":"*"}"#, r#""SQS:SendMessage""#, Q, &from("ArnLike", TOPIC)),
            TOPIC,
            Q,
            "allowed",
        ),
        (
            "StringEqualsIgnoreCase",
            resource(
                r#""*""#,
                send,
                Q,
                &from("StringEqualsIgnoreCase", &TOPIC.to_uppercase()),
            ),
            TOPIC,
            Q,
            "allowed",
        ),
        (
            "a list of topics, in any region",
            resource(
                r#"{"AWS":"*"}"#,
                send,
                Q,
                r#""ArnEquals":{"aws:SourceArn":["arn:aws:sns:*:999999999999:orders","arn:aws:sns:*:111122223333:orders"]}"#,
            ),
            TOPIC,
            Q,
            "allowed",
        ),
        (
            "the topic of another stage",
            resource(
                &service("sns"),
                send,
                Q,
                &from("ArnEquals", "arn:aws:sns:eu-west-1:111122223333:orders-dev"),
            ),
            TOPIC,
            Q,
            "no statement",
        ),
        (
            "the queue's owner lets no topic in",
            resource(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, r#""SQS:*""#, Q, ""),
            TOPIC,
            Q,
            "no statement",
        ),
        (
            "the topic as principal",
            resource(&format!(r#"{{"AWS":"{TOPIC}"}}"#), send, Q, ""),
            TOPIC,
            Q,
            "no statement",
        ),
        (
            "another queue's policy, copied",
            resource(&service("sns"), send, "arn:aws:sqs:eu-west-1:111122223333:other", ""),
            TOPIC,
            Q,
            "no statement",
        ),
        (
            "sqs:* on *",
            resource(&service("sns"), r#""sqs:*""#, "*", ""),
            TOPIC,
            Q,
            "allowed",
        ),
        (
            "receive in place of send",
            resource(&service("sns"), r#"["sqs:ReceiveMessage","sqs:DeleteMessage"]"#, Q, ""),
            TOPIC,
            Q,
            "no statement",
        ),
        ("CDK, a rule", of(ALLOW_EVENTS), RULE, Q, "allowed"),
        (
            "CDK, a rule, with a key: only the account",
            resource(
                &service("events"),
                send,
                Q,
                r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#,
            ),
            RULE,
            Q,
            "allowed",
        ),
        (
            "CDK's enforceSSL beside it",
            of(&format!("{ENFORCE_SSL},{ALLOW_EVENTS}")),
            RULE,
            Q,
            "allowed",
        ),
        ("enforceSSL alone", of(ENFORCE_SSL), RULE, Q, "no statement"),
        (
            "the rule that sends, the queue of another",
            of(ALLOW_EVENTS),
            ON_BUS,
            Q,
            "no statement",
        ),
        (
            "S3 to SQS, as the documentation has it",
            resource(
                &service("s3"),
                r#"["SQS:SendMessage"]"#,
                Q,
                r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:photos"},"StringEquals":{"aws:SourceAccount":"111122223333"}"#,
            ),
            BUCKET,
            Q,
            "allowed",
        ),
        (
            "deny what is not of the account: the topic is",
            of(&format!(
                r#"{{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*",
            "Condition":{{"StringNotEquals":{{"aws:SourceAccount":"111122223333"}}}}}},{ALLOW_EVENTS}"#
            )),
            RULE,
            Q,
            "allowed",
        ),
        (
            "deny what is not of another",
            of(&format!(
                r#"{{"Sid":"OnlyProd","Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*",
            "Condition":{{"StringNotEquals":{{"aws:SourceAccount":"999999999999"}}}}}},{ALLOW_EVENTS}"#
            )),
            RULE,
            Q,
            "denied",
        ),
        (
            "deny outside the organisation, services excepted",
            of(&format!(
                r#"{{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*",
            "Condition":{{"StringNotEqualsIfExists":{{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}},"BoolIfExists":{{"aws:PrincipalIsAWSService":"false"}}}}}},{ALLOW_EVENTS}"#
            )),
            RULE,
            Q,
            "allowed",
        ),
        (
            "deny outside the organisation, nobody excepted",
            of(&format!(
                r#"{{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*",
            "Condition":{{"StringNotEquals":{{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}}}},{ALLOW_EVENTS}"#
            )),
            RULE,
            Q,
            "unknown",
        ),
        (
            "deny outside a network",
            of(&format!(
                r#"{{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*",
            "Condition":{{"StringNotEquals":{{"aws:SourceVpce":"vpce-1"}}}}}},{ALLOW_EVENTS}"#
            )),
            RULE,
            Q,
            "unknown",
        ),
        (
            "deny all but one account, which is not the service",
            of(&format!(
                r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":"arn:aws:iam::111122223333:root"}},
            "Action":"sqs:SendMessage","Resource":"*"}},{ALLOW_EVENTS}"#
            )),
            RULE,
            Q,
            "denied",
        ),
        (
            "deny all but the service",
            of(&format!(
                r#"{{"Effect":"Deny","NotPrincipal":{{"Service":"events.amazonaws.com"}},
            "Action":"sqs:SendMessage","Resource":"*"}},{ALLOW_EVENTS}"#
            )),
            RULE,
            Q,
            "allowed",
        ),
        (
            "deny all but reading",
            of(&format!(
                r#"{{"Effect":"Deny","Principal":"*","NotAction":"sqs:SendMessage","Resource":"*"}},{ALLOW_EVENTS}"#
            )),
            RULE,
            Q,
            "allowed",
        ),
        (
            "a key that must be there",
            resource(&service("sns"), send, Q, r#""Null":{"aws:SourceArn":"false"}"#),
            TOPIC,
            Q,
            "allowed",
        ),
        (
            "a key that must not",
            resource(&service("sns"), send, Q, r#""Null":{"aws:SourceArn":"true"}"#),
            TOPIC,
            Q,
            "no statement",
        ),
        (
            "ForAnyValue",
            resource(
                &service("sns"),
                send,
                Q,
                r#""ForAnyValue:ArnLike":{"aws:SourceArn":["arn:aws:sns:*:*:orders"]}"#,
            ),
            TOPIC,
            Q,
            "allowed",
        ),
        (
            "addresses of callers",
            resource(r#""*""#, send, Q, r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#),
            TOPIC,
            Q,
            "unknown",
        ),
        (
            "of two statements one is open, and one fits",
            of(&format!(
                r#"{{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*",
            "Condition":{{"IpAddress":{{"aws:SourceIp":"10.0.0.0/8"}}}}}},{ALLOW_EVENTS}"#
            )),
            RULE,
            Q,
            "allowed",
        ),
        (
            "a topic's default policy admits no rule",
            default_policy.clone(),
            RULE,
            T,
            "no statement",
        ),
        ("nor a bucket", default_policy, BUCKET, T, "no statement"),
        (
            "the console's statement for S3",
            resource(
                &service("s3"),
                r#""SNS:Publish""#,
                T,
                &from("ArnLike", "arn:aws:s3:*:*:photos"),
            ),
            BUCKET,
            T,
            "allowed",
        ),
        (
            "CDK, a rule to a topic",
            resource(&service("events"), r#""sns:Publish""#, T, ""),
            RULE,
            T,
            "allowed",
        ),
        ("no policy", String::new(), TOPIC, Q, "no statement"),
        ("an empty one", "{}".to_owned(), TOPIC, Q, "no statement"),
    ];
    for (name, document, source, target, right) in cases {
        let verdict = verdict(&document, source, target);
        assert_eq!(said(&verdict), right, "{name}: {verdict:?}");
    }
}
