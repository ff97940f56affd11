use super::made::{Made, by, edge, function_id, id, mapping, partial, queue_id};
use crate::doctor::words::Unjudged;
use crate::doctor::{Rule, hints, unjudged};
use crate::domain::{Detail, Edge, EdgeKind, EdgePolicy, Evidence, Function, NodeKind, Queue};
use crate::permissions::Fix;
use crate::store::snapshot::Severity;

fn queue(retention_s: u32, visibility_timeout_s: u32, receives: Option<u32>) -> Queue {
    Queue {
        retention_s,
        visibility_timeout_s,
        max_receive_count: receives,
        ..Queue::default()
    }
}

fn pair(source: &str, of_source: Queue, dead: &str, of_dead: Queue) -> Made {
    Made::default().queue(source, of_source).queue(dead, of_dead).edge(by(
        "sqs",
        edge(&queue_id(source), &queue_id(dead), EdgeKind::DeadLetter),
    ))
}

/// The retentions of public templates: the source's, the dead-letter queue's.
#[test]
fn a_dead_letter_queue_keeps_longer_than_its_source() {
    for (what, source, dead, fifo, severity) in [
        (
            "apigw-sqs-lambda-ddb: both by default",
            345_600,
            345_600,
            false,
            Some(Severity::Notice),
        ),
        (
            "serverless-message-processing",
            345_600,
            345_600,
            false,
            Some(Severity::Notice),
        ),
        (
            "lambda-durable-esm-and-chaining",
            1_209_600,
            345_600,
            false,
            Some(Severity::Warning),
        ),
        (
            "cloud-platform-environments 29558: one day",
            345_600,
            86_400,
            false,
            Some(Severity::Warning),
        ),
        (
            "cloud-platform-environments 4070: the same",
            1_209_600,
            1_209_600,
            false,
            Some(Severity::Notice),
        ),
        ("sqs-lambda-python-sam", 345_600, 1_209_600, false, None),
        ("sqs-lambda-lmi-esm-provisioned-sam", 86_400, 1_209_600, false, None),
        ("sqs-lambda-dotnet-sam", 1_800, 345_600, false, None),
        ("node-ts/bus 93: 14 d", 345_600, 1_209_600, false, None),
        ("fifo-sqs-redrive: time begins anew", 1_209_600, 1_209_600, true, None),
        ("apigw-http-api-fifo-sqs-lambda-sns-sam", 345_600, 345_600, true, None),
    ] {
        let end = if fifo { ".fifo" } else { "" };
        let made = pair(
            &format!("q{end}"),
            queue(source, 30, Some(5)),
            &format!("dead{end}"),
            queue(dead, 30, None),
        );
        let found = made.hints_of(Rule::DlqRetention);
        assert_eq!(found.first().map(|hint| hint.severity), severity, "{what}");
        let raises = matches!(found.first().map(|hint| &hint.cure.copy), Some(Some(Fix::Command(_))));
        assert_eq!(raises, severity.is_some() && dead < 1_209_600, "{what}");
    }
    // What a topic or a function could not deliver comes there new.
    let topic = id("sns", "t");
    let made = Made::default()
        .node(topic.clone(), NodeKind::Sns)
        .queue("dead", queue(60, 30, None));
    let made = made.edge(by("sns", edge(&topic, &queue_id("dead"), EdgeKind::DeadLetter)));
    assert!(made.hints_of(Rule::DlqRetention).is_empty());
}

#[test]
fn a_message_reaches_its_dead_letter_queue_before_its_retention_ends() {
    for (what, retention, visibility, receives, is_told) in [
        ("losses: 5 × 60 s of 2 min", 120, 60, 5, true),
        ("the last receive ends as the retention does", 300, 60, 5, true),
        ("a worker trigger kept 60 s", 60, 30, 3, true),
        ("an hour hidden, ten times, kept 6 h", 21_600, 3_600, 10, true),
        ("12 h hidden, ten times, kept 4 d", 345_600, 43_200, 10, true),
        ("create_email_sqs: 3600 s, twice", 345_600, 3_600, 2, false),
        ("send_email_sqs: 610 s, twice", 345_600, 610, 2, false),
        ("sqs-lambda-dotnet-sam: 30 min", 1_800, 30, 3, false),
        ("sqs-lambda-lmi-esm-provisioned-sam", 86_400, 90, 3, false),
        ("sqs-lambda-ddb-sam-ts", 345_600, 20, 20, false),
        ("one second more", 301, 60, 5, false),
    ] {
        let made = pair(
            "q",
            queue(retention, visibility, Some(receives)),
            "dead",
            queue(1_209_600, 30, None),
        );
        assert_eq!(
            made.hints_of(Rule::RetentionBeforeDlq).len(),
            usize::from(is_told),
            "{what}"
        );
    }
}

#[test]
fn what_cannot_arrive_comes_with_what_lets_it_in() {
    let rule = id("events", "rule/paid");
    let trigger = || edge(&rule, &function_id("f"), EdgeKind::Trigger);
    let policies = |text: &str| Function {
        permissions: crate::domain::FunctionPermissions {
            policies: [(
                String::new(),
                std::sync::Arc::new(crate::permissions::parse(text).expect("a policy")),
            )]
            .into(),
            ..crate::domain::FunctionPermissions::default()
        },
        ..Function::default()
    };
    let made = |function: Function| {
        Made::default()
            .function("f", function)
            .node(rule.clone(), NodeKind::Eventbridge)
            .edge(trigger())
    };
    let cut = made(policies("")).hints_of(Rule::CannotArrive);
    assert_eq!((cut.len(), cut[0].severity), (1, Severity::Failing));
    let Some(Fix::Command(words)) = &cut[0].cure.copy else {
        panic!("a command")
    };
    assert_eq!(words[1..3], ["lambda", "add-permission"]);
    // Its policy was not read.
    assert!(made(Function::default()).hints_of(Rule::CannotArrive).is_empty());
    let allowed = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"*"}]}"#;
    assert!(made(policies(allowed)).hints_of(Rule::CannotArrive).is_empty());
}

#[test]
fn a_loop_is_told_once() {
    let bucket = crate::domain::NodeId::from("arn:aws:s3:::photos");
    let made = |evidence: Evidence| {
        Made::default()
            .function("f", Function::default())
            .node(bucket.clone(), NodeKind::S3)
            .edge(edge(&bucket, &function_id("f"), EdgeKind::Trigger))
            .edge(Edge::new(function_id("f"), bucket.clone(), EdgeKind::Writes, evidence))
    };
    assert_eq!(made(Evidence::Guessed).hints_of(Rule::Loop).len(), 1);
    // Back to the queue that it is read from; a dead-letter queue is no way on.
    let q = queue_id("q");
    let back = pair("q", queue(345_600, 30, Some(5)), "dead", queue(1_209_600, 30, None))
        .function("f", Function::default())
        .edge(mapping(&q, "f", 1, 0))
        .edge(by(
            "lambda",
            edge(&function_id("f"), &queue_id("dead"), EdgeKind::DeadLetter),
        ));
    assert!(back.hints_of(Rule::Loop).is_empty());
}

#[test]
fn what_roles_and_versions_decide_is_said_once() {
    let alias = partial(mapping(&queue_id("q"), "f", 10, 0)).qualified(Some("live".into()));
    let dlq = |name: &str| {
        by(
            "lambda",
            edge(&function_id(name), &queue_id("dead"), EdgeKind::DeadLetter),
        )
    };
    let made = pair("q", queue(345_600, 30, Some(5)), "dead", queue(1_209_600, 30, None))
        .function(
            "f",
            Function {
                timeout_s: 900,
                ..Function::default()
            },
        )
        .function("g", Function::default())
        .edge(alias)
        .edge(dlq("f"))
        .edge(dlq("g"))
        .watched(&[("dead", "ApproximateNumberOfMessagesVisible")]);
    let snapshot = made.snapshot();
    let said = unjudged(&snapshot);
    assert_eq!(said.len(), 2);
    assert_eq!(said[0], Unjudged::Roles { count: 2 });
    assert_eq!(said[1], Unjudged::Versions { count: 1 });
    assert!(hints(&snapshot).is_empty(), "{:?}", hints(&snapshot));
}

#[test]
fn the_worst_comes_first_and_a_queue_of_its_own_account_alone_is_judged() {
    let theirs = crate::domain::NodeId::from("arn:aws:sqs:eu-west-1:444455556666:q");
    let made = Made::default()
        .function(
            "f",
            Function {
                timeout_s: 900,
                ..Function::default()
            },
        )
        .node(theirs.clone(), NodeKind::External)
        .edge(mapping(&theirs, "f", 10, 0).with(EdgePolicy::default()));
    let snapshot = made.snapshot();
    assert!(
        snapshot
            .topology
            .nodes
            .values()
            .all(|node| !matches!(node.detail, Detail::Queue(_)))
    );
    assert!(hints(&snapshot).is_empty());
    let many = pair("q", queue(345_600, 1, Some(1)), "dead", queue(60, 30, None))
        .function(
            "f",
            Function {
                timeout_s: 900,
                ..Function::default()
            },
        )
        .edge(mapping(&queue_id("q"), "f", 10, 0))
        .watched(&[]);
    let severities: Vec<_> = hints(&many.snapshot()).iter().map(|hint| hint.severity).collect();
    assert!(
        severities.is_sorted_by(|a, b| a >= b) && severities.len() == 5,
        "{severities:?}"
    );
}
