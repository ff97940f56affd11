use std::sync::Arc;

use super::made::{Made, by, edge, function_id, id, mapping, queue_id};
use crate::doctor::{Rule, hints};
use crate::domain::{
    Edge, EdgeKind, EdgePolicy, Evidence, Function, FunctionPermissions, NodeId, NodeKind, Qualified, Queue,
};
use crate::permissions::{Fix, parse};
use crate::store::snapshot::Severity;

/// What starts the function, with the kind of its node.
fn started(sources: &[(&str, &str, NodeKind, Option<&str>)]) -> Made {
    let mut made = Made::default().function("f", Function::default());
    for (service, resource, kind, schedule) in sources {
        let from = if *service == "s3" {
            NodeId::from(format!("arn:aws:s3:::{resource}"))
        } else {
            id(service, resource)
        };
        let trigger = edge(&from, &function_id("f"), EdgeKind::Trigger).with(EdgePolicy {
            schedule: schedule.map(str::to_owned),
            ..EdgePolicy::default()
        });
        made = made.node(from, *kind).edge(trigger);
    }
    made
}

#[test]
fn an_asynchronous_function_keeps_what_it_fails_with() {
    let bucket = ("s3", "photos", NodeKind::S3, None);
    let rule = ("events", "rule/paid", NodeKind::Eventbridge, None);
    let timed = ("events", "rule/nightly", NodeKind::Eventbridge, Some("rate(1 day)"));
    let schedule = ("scheduler", "schedule/default/nightly", NodeKind::Schedule, None);
    for (what, sources, severity) in [
        ("s3-lambda-resizing-python", &[bucket][..], Some(Severity::Warning)),
        ("eventbridge-lambda", &[rule], Some(Severity::Warning)),
        (
            "sns-lambda-nodejs-sam",
            &[("sns", "t", NodeKind::Sns, None)],
            Some(Severity::Warning),
        ),
        (
            "iot-lambda",
            &[("iot", "rule/r", NodeKind::Iot, None)],
            Some(Severity::Warning),
        ),
        (
            "cloudtrail-eventbridge-lambda-dynamodb-sam",
            &[rule],
            Some(Severity::Warning),
        ),
        (
            "a subscription of a log group",
            &[("logs", "log-group:/g", NodeKind::Logs, None)],
            Some(Severity::Warning),
        ),
        (
            "a repository's trigger",
            &[("codecommit", "r", NodeKind::Codecommit, None)],
            Some(Severity::Warning),
        ),
        ("a bucket and a schedule", &[bucket, timed], Some(Severity::Warning)),
        // The next start comes anyway.
        ("eventbridge-scheduled-lambda", &[timed], Some(Severity::Notice)),
        (
            "eventbridge-schedule-to-lambda-sam-go",
            &[schedule],
            Some(Severity::Notice),
        ),
        (
            "an alarm's action",
            &[("cloudwatch", "alarm:a", NodeKind::Alarm, None)],
            Some(Severity::Notice),
        ),
        // Nobody waits in vain: the caller is told (checkov 2194).
        (
            "apigw-lambda",
            &[("execute-api", "abc", NodeKind::Apigateway, None)],
            None,
        ),
        (
            "alb-lambda",
            &[("elasticloadbalancing", "targetgroup/t/1", NodeKind::Alb, None)],
            None,
        ),
        (
            "cognito",
            &[("cognito-idp", "userpool/p", NodeKind::Cognito, None)],
            None,
        ),
        ("lex", &[("lex", "bot-alias/b/a", NodeKind::Lex, None)], None),
        ("appsync", &[("appsync", "apis/a", NodeKind::Appsync, None)], None),
        (
            "step functions retry by themselves",
            &[("states", "stateMachine:m", NodeKind::Stepfunctions, None)],
            None,
        ),
        ("nothing starts it", &[], None),
    ] {
        let found = started(sources).hints_of(Rule::AsyncWithoutDlq);
        assert_eq!(found.first().map(|hint| hint.severity), severity, "{what}");
        assert!(found.len() < 2, "{what}");
    }
}

#[test]
fn what_keeps_it_is_enough() {
    let bucket = ("s3", "photos", NodeKind::S3, None);
    let of = |made: Made| made.hints_of(Rule::AsyncWithoutDlq).len();
    let dlq = by(
        "lambda",
        edge(&function_id("f"), &queue_id("dead"), EdgeKind::DeadLetter),
    );
    let dead = || started(&[bucket]).queue("dead", Queue::default());
    assert_eq!(of(dead().edge(dlq)), 0);
    let destination = |condition: &str, to: &NodeId| {
        edge(&function_id("f"), to, EdgeKind::Destination).with(EdgePolicy {
            condition: Some(condition.into()),
            ..EdgePolicy::default()
        })
    };
    // apigw-direct-s3-lambda-dotnet has one; awslabs/aws-config-rules 394: a destination is enough.
    assert_eq!(of(dead().edge(destination("OnFailure", &queue_id("dead")))), 0);
    let bus = id("events", "event-bus/default");
    let on_bus = started(&[bucket]).node(bus.clone(), NodeKind::Eventbridge);
    assert_eq!(of(on_bus.edge(destination("OnFailure", &bus))), 0, "CDK's default");
    assert_eq!(of(dead().edge(destination("OnSuccess", &queue_id("dead")))), 1);
    // What a mapping polls does not go there, and what is polled does not need it.
    let polled = Made::default()
        .queue("q", Queue::default())
        .function("f", Function::default())
        .edge(mapping(&queue_id("q"), "f", 10, 0));
    assert_eq!(of(polled), 0);
    let stream = id("kinesis", "stream/s");
    let read = Made::default()
        .node(stream.clone(), NodeKind::Kinesis)
        .function("f", Function::default());
    assert_eq!(of(read.edge(mapping(&stream, "f", 100, 0))), 0);
    // Permitted or inferred is not configured; what is off starts nothing.
    for evidence in [Evidence::Permitted, Evidence::Guessed] {
        let from = NodeId::from("arn:aws:s3:::photos");
        let made = Made::default()
            .node(from.clone(), NodeKind::S3)
            .function("f", Function::default());
        assert_eq!(
            of(made.edge(Edge::new(from, function_id("f"), EdgeKind::Trigger, evidence))),
            0
        );
    }
    let rule = id("events", "rule/off");
    let off = Made::default()
        .node(rule.clone(), NodeKind::Eventbridge)
        .function("f", Function::default());
    assert_eq!(
        of(off.edge(edge(&rule, &function_id("f"), EdgeKind::Trigger).enabled(false))),
        0
    );
    // A rule's own dead-letter queue gets what it cannot hand over, not what the function fails with.
    let rule = ("events", "rule/paid", NodeKind::Eventbridge, None);
    let of_rule = by(
        "eventbridge",
        edge(&id("events", "rule/paid"), &queue_id("dead"), EdgeKind::DeadLetter),
    );
    assert_eq!(of(started(&[rule]).queue("dead", Queue::default()).edge(of_rule)), 1);
}

/// AWS (async): destinations are the alias's own, and the dead-letter queue that of the version behind it.
#[test]
fn an_alias_is_judged_by_its_own_destinations() {
    let of = |qualified: Qualified, kept_by: Option<Option<&str>>| {
        let function = Function {
            qualified: vec![qualified],
            ..Function::default()
        };
        let from = NodeId::from("arn:aws:s3:::photos");
        let trigger = edge(&from, &function_id("f"), EdgeKind::Trigger).qualified(Some("live".into()));
        let mut made = Made::default()
            .function("f", function)
            .queue("dead", Queue::default())
            .node(from, NodeKind::S3)
            .edge(trigger);
        if let Some(qualifier) = kept_by {
            let dlq = by(
                "lambda",
                edge(&function_id("f"), &queue_id("dead"), EdgeKind::DeadLetter),
            );
            made = made.edge(dlq.qualified(qualifier.map(str::to_owned)));
        }
        made.hints_of(Rule::AsyncWithoutDlq).len()
    };
    let live = |configured: bool, dead_letter_read: bool| Qualified {
        name: "live".into(),
        version: Some("7".into()),
        configured,
        dead_letter_read,
        ..Qualified::default()
    };
    assert_eq!(of(live(true, true), None), 1);
    assert_eq!(of(live(true, true), Some(Some("live"))), 0);
    assert_eq!(of(live(true, true), Some(None)), 1, "$LATEST's does not count");
    assert_eq!(
        of(live(false, true), Some(None)),
        0,
        "whether it inherits is not documented"
    );
    assert_eq!(of(live(true, false), None), 0, "its version was not read");
}

fn permitted(policy: &str, source: &NodeId, kind: NodeKind, is_gone: bool) -> Made {
    let function = Function {
        permissions: FunctionPermissions {
            policies: [(String::new(), Arc::new(parse(policy).expect("a policy")))].into(),
            ..FunctionPermissions::default()
        },
        ..Function::default()
    };
    let made = Made::default().function("f", function).node(source.clone(), kind);
    let made = made.edge(Edge::new(
        source.clone(),
        function_id("f"),
        EdgeKind::Trigger,
        Evidence::Permitted,
    ));
    if is_gone { made.gone(source.clone()) } else { made }
}

/// As `add-permission`, SAM, CDK and Terraform write it.
fn statement(sid: &str, service: &str, source: &str, more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{sid}","Effect":"Allow","Principal":{{"Service":"{service}"}},
        "Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:f",
        "Condition":{{"ArnLike":{{"AWS:SourceArn":"{source}"}}{more}}}}}]}}"#
    )
}

#[test]
fn a_permission_of_a_source_that_is_gone_is_left_over() {
    let account = r#","StringEquals":{"AWS:SourceAccount":"111122223333"}"#;
    for (what, sid, resource, kind, more, severity) in [
        (
            "SAM, a bucket",
            "sam-S3",
            "photos",
            NodeKind::S3,
            account,
            Severity::Notice,
        ),
        (
            "Terraform, no account",
            "AllowS3",
            "photos",
            NodeKind::S3,
            "",
            Severity::Warning,
        ),
        (
            "serverless, a topic",
            "svc-SNS",
            "t",
            NodeKind::Sns,
            "",
            Severity::Notice,
        ),
        (
            "CDK, a rule",
            "EventRule",
            "rule/nightly",
            NodeKind::Eventbridge,
            "",
            Severity::Notice,
        ),
        (
            "a rule of an own bus",
            "shop",
            "rule/shop/paid",
            NodeKind::Eventbridge,
            "",
            Severity::Notice,
        ),
        (
            "the console, an uuid",
            "5d2a7a66-3a39-4f0c",
            "old",
            NodeKind::Sns,
            "",
            Severity::Notice,
        ),
    ] {
        let (service, source) = match kind {
            NodeKind::S3 => ("s3", NodeId::from(format!("arn:aws:s3:::{resource}"))),
            NodeKind::Sns => ("sns", id("sns", resource)),
            _ => ("events", id("events", resource)),
        };
        let policy = statement(sid, &format!("{service}.amazonaws.com"), source.as_str(), more);
        let hints = permitted(&policy, &source, kind, true).hints_of(Rule::StalePermission);
        let severities: Vec<_> = hints.iter().map(|hint| hint.severity).collect();
        assert_eq!(severities, [severity], "{what}");
        let Some(Fix::Command(words)) = &hints[0].cure.copy else {
            panic!("{what}")
        };
        let removes = [
            "lambda",
            "remove-permission",
            "--function-name",
            "f",
            "--statement-id",
            sid,
        ];
        assert_eq!(words[1..], removes, "{what}");
        // It is there.
        let there = permitted(&policy, &source, kind, false);
        assert!(there.hints_of(Rule::StalePermission).is_empty(), "{what}");
    }
}

#[test]
fn a_statement_for_several_sources_is_not_removed_for_one() {
    let source = id("sns", "old");
    let two = statement("both", "sns.amazonaws.com", "X", "")
        .replace("\"X\"", &format!("[\"{source}\",\"{}\"]", id("sns", "new")));
    let hints = permitted(&two, &source, NodeKind::Sns, true).hints_of(Rule::StalePermission);
    assert_eq!(hints.len(), 1);
    assert_eq!(hints[0].cure.copy, None);
}

#[test]
fn nothing_is_said_of_what_was_not_read() {
    assert!(hints(&Made::default().snapshot()).is_empty());
    // Policies of whatever lies elsewhere, patterns, APIs: no listing tells of these.
    for source in [
        "arn:aws:sns:eu-west-1:444455556666:theirs",
        "arn:aws:execute-api:eu-west-1:111122223333:abc/*/GET/",
    ] {
        let source = NodeId::from(source);
        let policy = statement("s", "sns.amazonaws.com", source.as_str(), "");
        assert!(
            permitted(&policy, &source, NodeKind::External, false)
                .hints_of(Rule::StalePermission)
                .is_empty()
        );
    }
}
