//! Chains that may feed themselves, and those that are seen to.

use super::*;
use crate::in_words::InWords as _;

fn bucket_id() -> NodeId {
    "arn:aws:s3:::b".into()
}

fn bucket() -> Node {
    Node {
        id: bucket_id(),
        kind: NodeKind::S3,
        name: "b".into(),
        detail: Detail::None,
    }
}

/// A function whose variable names the bucket that starts it.
fn copier(filters: &[&str]) -> Told {
    let notification = EdgePolicy {
        id: Some("n".into()),
        filter: EdgeFilter {
            patterns: filters.iter().map(ToString::to_string).collect(),
            events: vec!["s3:ObjectCreated:*".into()],
            ..EdgeFilter::default()
        },
        ..EdgePolicy::default()
    };
    let guess = EdgePolicy {
        variable: Some("BUCKET".into()),
        ..EdgePolicy::default()
    };
    let mut told = Told::default();
    let starts = edge(&bucket_id(), &function_id("work"), EdgeKind::Trigger).with(notification);
    let writes = Edge::new(function_id("work"), bucket_id(), EdgeKind::Writes, Evidence::Guessed).with(guess);
    told.tell(0, found("all", vec![function("work"), bucket()], vec![starts, writes]));
    told
}

/// Invocations without length, each a second after the last, and every tenth after two.
fn one_after_another(told: &mut Told) {
    let mut second = 0;
    for n in 0..80 {
        let id = format!("r{n}");
        told.tell(second + 1, lines(vec![start(second, &id), report(second, &id, false)]));
        second += if n % 10 == 0 { 2 } else { 1 };
    }
}

fn trouble(told: &mut Told) -> Trouble {
    let snapshot = told.snapshot();
    let mut found = snapshot
        .troubles
        .iter()
        .filter(|trouble| trouble.what.said().contains("feed"));
    let trouble = found.next().expect("the loop is told").clone();
    assert!(found.next().is_none(), "and told once");
    trouble
}

#[test]
fn a_loop_that_hangs_on_a_guess_is_a_hint() {
    let mut told = copier(&[]);
    let hint = trouble(&mut told);
    assert_eq!(
        (hint.severity, hint.what.said().as_str()),
        (Severity::Notice, "may feed itself")
    );
    assert!(
        hint.why.said().contains("environment variable BUCKET"),
        "{}",
        hint.why.said()
    );
    assert_eq!(told.snapshot().topology.loops, [vec![function_id("work"), bucket_id()]]);
}

#[test]
fn invocations_that_start_one_another_make_it_trouble_with_rate_and_price() {
    let mut told = copier(&[]);
    one_after_another(&mut told);
    let running = trouble(&mut told);
    assert_eq!(running.severity, Severity::Warning);
    assert!(
        running.what.said().starts_with("seems to feed itself: 5")
            && running.what.said().contains(" invocations/min, about "),
        "{}",
        running.what.said()
    );
    assert!(running.why.said().contains("an estimate"), "{}", running.why.said());
}

#[test]
fn what_is_switched_off_closes_no_loop() {
    let off = |enabled: bool| {
        let starts = edge(&bucket_id(), &function_id("work"), EdgeKind::Trigger).enabled(enabled);
        let writes = Edge::new(function_id("work"), bucket_id(), EdgeKind::Writes, Evidence::Guessed);
        found("all", vec![function("work"), bucket()], vec![starts, writes])
    };
    let mut told = Told::default();
    told.tell(0, off(false));
    assert!(told.snapshot().topology.loops.is_empty());
    assert!(
        told.snapshot()
            .troubles
            .iter()
            .all(|trouble| !trouble.what.said().contains("feed"))
    );
    told.tell(1, off(true));
    assert_eq!(told.snapshot().topology.loops, [vec![function_id("work"), bucket_id()]]);
}

#[test]
fn what_the_bucket_filters_by_key_proves_no_loop() {
    let mut told = copier(&["prefix in/"]);
    one_after_another(&mut told);
    let hint = trouble(&mut told);
    assert_eq!(hint.severity, Severity::Notice);
    assert!(hint.why.said().contains("whatever starts it"), "{}", hint.why.said());
}

#[test]
fn a_queue_from_elsewhere_may_start_it_as_well() {
    let mut told = copier(&[]);
    let feeds = edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger);
    told.tell(0, found("queues", vec![queue("q")], vec![feeds]));
    one_after_another(&mut told);
    assert_eq!(trouble(&mut told).severity, Severity::Notice);
}

#[test]
fn an_api_that_may_start_it_is_another_cause_and_a_bucket_that_does_not_is_none() {
    for (source, kind, severity) in [
        ("arn:aws:execute-api:r:1:abc", NodeKind::Apigateway, Severity::Notice),
        ("arn:aws:s3:::other", NodeKind::S3, Severity::Warning),
    ] {
        let mut told = copier(&[]);
        let node = Node {
            id: source.into(),
            kind,
            name: "x".into(),
            detail: Detail::None,
        };
        let may = Edge::new(
            node.id.clone(),
            function_id("work"),
            EdgeKind::Trigger,
            Evidence::Permitted,
        );
        told.tell(0, found("policies", vec![node], vec![may]));
        one_after_another(&mut told);
        assert_eq!(trouble(&mut told).severity, severity, "{source}");
    }
}

/// A function that a table's stream starts, and whose variable names the table; another that may write it as well.
#[test]
fn a_loop_through_a_tables_stream_runs_where_nothing_else_is_known_to_write_the_table() {
    let stream: NodeId = "arn:aws:dynamodb:r:1:table/t/stream/1".into();
    let table = Node {
        id: stream.clone(),
        kind: NodeKind::DynamodbStream,
        name: "t".into(),
        detail: Detail::None,
    };
    let writes = |name: &str| Edge::new(function_id(name), stream.clone(), EdgeKind::Writes, Evidence::Guessed);
    let starts = edge(&stream, &function_id("work"), EdgeKind::Trigger);
    for (api_runs, severity) in [(false, Severity::Warning), (true, Severity::Notice)] {
        let mut told = Told::default();
        let nodes = vec![function("work"), function("api"), table.clone()];
        told.tell(
            0,
            found("all", nodes, vec![starts.clone(), writes("work"), writes("api")]),
        );
        if api_runs {
            let Fact::Lines(mut read) = lines(vec![start(0, "a1"), report(0, "a1", false)]) else {
                panic!("lines");
            };
            read.group = "/aws/lambda/api".into();
            read.functions = vec![function_id("api")];
            told.tell(1, Fact::Lines(read));
        }
        one_after_another(&mut told);
        let trouble = trouble(&mut told);
        assert_eq!(trouble.severity, severity, "{}", trouble.why.said());
        assert!(
            trouble.next.said().contains("through DynamoDB"),
            "{}",
            trouble.next.said()
        );
    }
}

#[test]
fn what_goes_on_for_long_is_no_loop_where_aws_would_have_stopped_it() {
    for (recursive_loop, severity) in [("Terminate", Severity::Notice), ("Allow", Severity::Warning)] {
        let mut told = copier(&[]);
        let mut node = function("work");
        if let Detail::Function(detail) = &mut node.detail {
            detail.runtime = Some("python3.13".into());
            detail.recursive_loop = Some(recursive_loop.into());
        }
        told.tell(0, found("functions", vec![node], Vec::new()));
        one_after_another(&mut told);
        assert_eq!(trouble(&mut told).severity, severity, "{recursive_loop}");
    }
}

#[test]
fn a_function_whose_own_log_comes_back_to_it_feeds_itself() {
    let group: NodeId = scope().arn("logs", "log-group:/aws/lambda/ship").into();
    let node = Node {
        id: group.clone(),
        kind: NodeKind::Logs,
        name: "/aws/lambda/ship".into(),
        detail: Detail::None,
    };
    let subscribed = |filters: &[&str]| {
        let policy = EdgePolicy {
            id: Some("all".into()),
            filter: EdgeFilter {
                patterns: filters.iter().map(ToString::to_string).collect(),
                ..EdgeFilter::default()
            },
            ..EdgePolicy::default()
        };
        let mut told = Told::default();
        let edge = edge(&group, &function_id("ship"), EdgeKind::Trigger).with(policy);
        told.tell(0, found("all", vec![function("ship"), node.clone()], vec![edge]));
        told
    };
    let mut told = subscribed(&[]);
    assert_eq!(
        told.snapshot().topology.loops,
        [vec![function_id("ship"), group.clone()]]
    );
    let whole = trouble(&mut told);
    assert_eq!(whole.severity, Severity::Warning);
    assert!(whole.what.said().starts_with("feeds itself"), "{}", whole.what.said());
    assert_eq!(trouble(&mut subscribed(&["ERROR"])).severity, Severity::Notice);
}
