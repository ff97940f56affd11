//! What cannot arrive, told from configuration, and what was seen in spite of it.

use crate::in_words::InWords as _;
use pitagora::permissions::parse;

use super::*;

const BUCKET: &str = "arn:aws:s3:::orders-bkt";

fn bucket() -> Node {
    Node {
        id: BUCKET.into(),
        kind: NodeKind::S3,
        name: "orders-bkt".into(),
        detail: Detail::None,
    }
}

/// A statement that lets a service do everything.
fn admits(service: &str) -> String {
    format!(
        r#"{{"Statement":{{"Sid":"in","Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"*","Resource":"*"}}}}"#
    )
}

/// What `GetPolicy` says of a function.
fn policy_of(name: &str, document: &str) -> Fact {
    let policy = Arc::new(parse(document).expect("a policy"));
    let detail = Function {
        permissions: FunctionPermissions {
            policies: [(String::new(), policy)].into(),
            ..FunctionPermissions::default()
        },
        ..Function::default()
    };
    let node = Node {
        detail: Detail::Function(Box::new(detail)),
        ..function(name)
    };
    found("policies", vec![node], vec![])
}

fn open_queue(name: &str, document: &str) -> Node {
    let detail = Queue {
        policy: Some(Arc::new(parse(document).expect("a policy"))),
        ..Queue::default()
    };
    Node {
        detail: Detail::Queue(Box::new(detail)),
        ..queue(name)
    }
}

fn rule(name: &str) -> Node {
    Node {
        id: scope().arn("events", &format!("rule/{name}")).into(),
        kind: NodeKind::Eventbridge,
        name: name.into(),
        detail: Detail::None,
    }
}

fn trigger(from: &NodeId, to: &NodeId, id: &str) -> Edge {
    edge(from, to, EdgeKind::Trigger).with(EdgePolicy {
        id: Some(id.into()),
        ..EdgePolicy::default()
    })
}

/// A bucket that notifies a function whose policy is this.
fn thumbs(document: &str) -> Told {
    let mut told = Told::default();
    let link = trigger(&BUCKET.into(), &function_id("thumb"), "n");
    told.tell(0, found("functions", vec![function("thumb")], vec![]))
        .tell(0, policy_of("thumb", document))
        .tell(0, found("buckets", vec![bucket()], vec![link]))
        .tell(1, surveyed(&["functions", "policies", "buckets"]));
    told
}

/// The troubles of a node, in a few words each.
fn said(told: &mut Told, id: &NodeId) -> Vec<(Severity, String)> {
    let snapshot = told.snapshot();
    let own = snapshot.troubles.iter().filter(|trouble| trouble.id == *id);
    own.map(|trouble| (trouble.severity, trouble.what.said())).collect()
}

#[test]
fn a_bucket_that_may_not_invoke_its_function_is_told_with_the_command_that_helps() {
    let mut told = thumbs("");
    let snapshot = told.snapshot();
    let trouble = &snapshot.troubles[0];
    assert_eq!(
        (
            trouble.id.as_str(),
            trouble.severity,
            trouble.what.said().as_str(),
            trouble.why.said().as_str()
        ),
        (
            BUCKET,
            Severity::Failing,
            "cannot invoke thumb: no statement in its policy allows s3.amazonaws.com for this bucket",
            "permission lambda:InvokeFunction is missing"
        )
    );
    assert_eq!(
        trouble.next.said(),
        "every event is lost; allow it: aws lambda add-permission --function-name thumb --statement-id \
         allow-s3-orders-bkt --action lambda:InvokeFunction --principal s3.amazonaws.com --source-arn \
         arn:aws:s3:::orders-bkt --source-account 111122223333 --region eu-west-1"
    );
    assert_eq!(snapshot.vitals[&NodeId::from(BUCKET)].health, Health::Failing);
    // It is mended by the next survey.
    told.tell(60, policy_of("thumb", &admits("s3.amazonaws.com")));
    assert!(said(&mut told, &BUCKET.into()).is_empty());
    assert_eq!(
        told.snapshot().vitals.get(&NodeId::from(BUCKET)).map(|v| v.health),
        Some(Health::Well)
    );
}

#[test]
fn what_is_known_from_another_day_is_not_judged() {
    let mut told = Told::default();
    let part = |api: &str, nodes, edges| Recollection {
        part: Part::new(api, ""),
        nodes,
        edges,
    };
    let link = trigger(&BUCKET.into(), &function_id("thumb"), "n");
    let recalled = Fact::Recalled {
        at: at(-86_400),
        found: vec![
            part("functions", vec![function("thumb")], vec![]),
            part("buckets", vec![bucket()], vec![link]),
        ],
    };
    told.tell(0, recalled);
    let snapshot = told.snapshot();
    assert!(snapshot.troubles.is_empty(), "{:?}", snapshot.troubles);
    assert!(snapshot.unproved().is_empty());
}

/// Runs of before may be of before the permission was taken away; a retry of an event that was accepted then is none.
#[test]
fn what_arrives_after_the_policy_was_read_outranks_it() {
    let mut told = thumbs("");
    let ran = |seconds: i64, id: &str| {
        let mut read = lines(vec![start(seconds, id), report(seconds, id, false)]);
        if let Fact::Lines(read) = &mut read {
            read.group = "/aws/lambda/thumb".into();
            read.functions = vec![function_id("thumb")];
        }
        read
    };
    told.snapshot();
    told.tell(30, ran(0, "a"));
    assert_eq!(
        said(&mut told, &BUCKET.into()).len(),
        1,
        "it ran before the policy was read"
    );
    told.tell(90, ran(80, "b"));
    assert_eq!(
        said(&mut told, &BUCKET.into()).len(),
        1,
        "that may have been on its way"
    );
    told.tell(400, ran(390, "c"));
    assert!(said(&mut told, &BUCKET.into()).is_empty(), "it is the only way in");
    // Another way in: the run may have come by that.
    let often = rule("often");
    let link = trigger(&often.id, &function_id("thumb"), "t");
    told.tell(401, found("rules", vec![often], vec![link]));
    assert_eq!(said(&mut told, &BUCKET.into()).len(), 1);
}

#[test]
fn a_rule_loses_events_or_keeps_them_in_a_queue_that_it_may_write() {
    let often = rule("often");
    let lost = |document: &str| {
        let mut told = Told::default();
        let dead = edge(&often.id, &queue_id("lost"), EdgeKind::DeadLetter).with(EdgePolicy {
            id: Some("t".into()),
            ..EdgePolicy::retried_by("eventbridge")
        });
        let links = vec![trigger(&often.id, &function_id("work"), "t"), dead];
        told.tell(0, found("functions", vec![function("work")], vec![]))
            .tell(0, policy_of("work", ""))
            .tell(0, found("queues", vec![open_queue("lost", document)], vec![]))
            .tell(0, found("rules", vec![often.clone()], links))
            .tell(1, surveyed(&["functions", "policies", "queues", "rules"]));
        told
    };
    let mut kept = lost(&admits("events.amazonaws.com"));
    let snapshot = kept.snapshot();
    assert_eq!(snapshot.troubles.len(), 1, "{:?}", snapshot.troubles);
    assert!(
        snapshot.troubles[0]
            .next
            .said()
            .starts_with("every event goes to dead-letter queue lost; allow it: aws lambda")
    );
    let mut gone = lost("");
    assert_eq!(
        said(&mut gone, &often.id),
        [
            (
                Severity::Failing,
                "cannot invoke work: no statement in its policy allows events.amazonaws.com for this rule".into()
            ),
            (
                Severity::Warning,
                "cannot write its dead-letter queue lost: no statement in its policy allows events.amazonaws.com for \
                 this rule"
                    .into()
            ),
        ]
    );
    let snapshot = gone.snapshot();
    assert!(
        snapshot.troubles[0]
            .next
            .said()
            .starts_with("every event is lost (its dead-letter queue lost cannot be written)")
    );
    assert!(
        snapshot.troubles[1]
            .next
            .said()
            .contains("add this statement to its policy: {"),
        "{}",
        snapshot.troubles[1].next.said()
    );
}

#[test]
fn a_topic_and_a_queue_with_the_key_that_aws_manages() {
    let mut told = Told::default();
    let topic = Node {
        id: scope().arn("sns", "orders").into(),
        kind: NodeKind::Sns,
        name: "orders".into(),
        detail: Detail::Topic(Box::default()),
    };
    let mut sealed = open_queue("jobs", &admits("sns.amazonaws.com"));
    if let Detail::Queue(queue) = &mut sealed.detail {
        queue.kms_key = Some("alias/aws/sqs".into());
    }
    let link = trigger(&topic.id, &queue_id("jobs"), "s");
    told.tell(0, found("queues", vec![sealed], vec![]))
        .tell(0, found("topics", vec![topic.clone()], vec![link]))
        .tell(1, surveyed(&["queues", "topics"]));
    let said = said(&mut told, &topic.id);
    assert!(
        said[0]
            .1
            .starts_with("cannot send to jobs: it is encrypted with alias/aws/sqs"),
        "{said:?}"
    );
}

/// A rule that leads to a function and to a queue of which nothing was read, and what the survey misses.
fn led(missing: &[NodeId]) -> Told {
    let often = rule("often");
    let bare = |node: Node| Node {
        detail: Detail::None,
        ..node
    };
    let links = vec![
        trigger(&often.id, &function_id("work"), "f"),
        trigger(&often.id, &queue_id("jobs"), "q"),
    ];
    let ends = vec![often, bare(function("work")), bare(queue("jobs"))];
    let missing = missing.iter().map(|id| Missing {
        id: id.clone(),
        qualifier: None,
    });
    let mut told = Told::default();
    told.tell(0, found("rules", ends, links))
        .tell(1, Fact::Missing(missing.collect()))
        .tell(1, surveyed(&["rules"]));
    told
}

/// What a scope leaves out was not read, and exists.
#[test]
fn what_was_not_read_is_not_gone() {
    let mut told = led(&[]);
    let snapshot = told.snapshot();
    assert!(snapshot.topology.complete);
    assert!(snapshot.troubles.is_empty(), "{:?}", snapshot.troubles);
}

/// Whatever else could not be read: one refused call hides no deleted target.
#[test]
fn what_does_not_exist_is_told_whatever_else_was_refused() {
    let mut told = led(&[function_id("work")]);
    let unknown = Unknown {
        what: "pipes (pipes:ListPipes)".into(),
        why: "access denied".into(),
    };
    told.tell(
        2,
        Fact::Unread {
            part: Part::new("pipes:ListPipes", ""),
            unknown,
            optional: false,
        },
    );
    assert_eq!(
        said(&mut told, &rule("often").id),
        [(Severity::Failing, "cannot invoke work: it does not exist".into())]
    );
    // It is told once, and its box says it too.
    assert!(said(&mut told, &function_id("work")).is_empty());
    assert_eq!(
        told.snapshot().vitals[&function_id("work")].why.said(),
        "does not exist"
    );
    assert!(said(&mut told, &queue_id("jobs")).is_empty());
    // It is deployed again, and the next survey lists it.
    told.tell(60, found("functions", vec![function("work")], vec![]));
    assert!(said(&mut told, &rule("often").id).is_empty());
}

/// A role that was not read makes no box unknown; the link is named, until something came by it.
#[test]
fn what_depends_on_a_role_is_listed_until_it_was_seen_to_deliver() {
    let mut told = Told::default();
    let nightly = Node {
        id: scope().arn("scheduler", "schedule/default/nightly").into(),
        kind: NodeKind::Schedule,
        name: "nightly".into(),
        detail: Detail::None,
    };
    let link = trigger(&nightly.id, &function_id("work"), "t");
    told.tell(0, found("functions", vec![function("work")], vec![]))
        .tell(0, policy_of("work", ""))
        .tell(0, found("schedules", vec![nightly.clone()], vec![link]));
    assert!(told.snapshot().unproved().is_empty(), "the survey is under way");
    told.tell(1, surveyed(&["functions", "policies", "schedules"]));
    let snapshot = told.snapshot();
    let unproved = snapshot.unproved();
    assert_eq!(unproved.len(), 1);
    assert_eq!(unproved[0].what.said(), "whether schedule nightly may invoke work");
    assert!(
        snapshot.unread().is_empty() && snapshot.topology.complete,
        "no call failed"
    );
    assert_eq!(snapshot.vitals[&nightly.id].health, Health::Well);
    told.tell(20, lines(vec![start(18, "a"), report(19, "a", false)]));
    assert!(told.snapshot().unproved().is_empty());
    told.tell(7_200, Fact::Reached);
    assert_eq!(told.snapshot().unproved().len(), 1, "that was more than an hour ago");
}

/// What the policies prove is something read of a rule's state, without any metric.
#[test]
fn a_rule_whose_links_are_proved_is_not_unknown_where_metrics_are_denied() {
    let often = rule("often");
    let mut told = Told::default();
    let link = trigger(&often.id, &function_id("work"), "t");
    told.tell(0, found("functions", vec![function("work")], vec![]))
        .tell(0, policy_of("work", &admits("events.amazonaws.com")))
        .tell(0, found("rules", vec![often.clone()], vec![link]))
        .tell(1, surveyed(&["functions", "policies", "rules"]));
    told.0.apply(Observation {
        at: at(3),
        scope: scope(),
        source: Source::Metrics,
        what: Fact::SourceState {
            error: Some(Unknown {
                what: "metrics (cloudwatch:GetMetricData)".into(),
                why: "access denied".into(),
            }),
        },
    });
    assert_eq!(told.snapshot().vitals[&often.id].health, Health::Well);
}

/// AWS (functions): only `Failed` is documented to refuse; of the others that is said.
#[test]
fn the_state_of_a_function_is_told() {
    for (state, severity) in [
        ("Active", None),
        ("Inactive", None),
        ("Pending", None),
        ("Failed", Some(Severity::Failing)),
        ("Deactivated", Some(Severity::Warning)),
    ] {
        let mut told = Told::default();
        let detail = Function {
            status: FunctionStatus {
                state: Some(state.into()),
                ..FunctionStatus::default()
            },
            ..Function::default()
        };
        let node = Node {
            detail: Detail::Function(Box::new(detail)),
            ..function("work")
        };
        told.tell(0, found("functions", vec![function("work")], vec![]))
            .tell(0, found("states", vec![node], vec![]));
        let said = said(&mut told, &function_id("work"));
        assert_eq!(
            said.first().map(|(severity, _)| *severity),
            severity,
            "{state}: {said:?}"
        );
    }
}
