//! Links: what decides, what stands in the way, what is open, and what would help.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{Account, Arrival, Doubt, Fix, Obstacle, Said, Source, fix, parse};
use super::scope;
use crate::domain::phrase::Phrase;
use crate::domain::{Arn, resource_policy::ResourcePolicy};
use crate::domain::{
    Detail, Edge, EdgeKind, EdgePolicy, EdgeStatus, Evidence, Function, FunctionPermissions, Missing, Node, NodeId,
    Part, Queue, Topic, Unknown,
};

const F: &str = "arn:aws:lambda:eu-west-1:111122223333:function:thumb";
const Q: &str = "arn:aws:sqs:eu-west-1:111122223333:jobs";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:orders";
const BUCKET: &str = "arn:aws:s3:::photos";
const RULE: &str = "arn:aws:events:eu-west-1:111122223333:rule/nightly";

fn policy(principal: &str) -> Arc<ResourcePolicy> {
    let text = format!(
        r#"{{"Statement":{{"Sid":"allow-s3-photos","Effect":"Allow","Principal":{{"Service":"{principal}"}},"Action":"*","Resource":"*"}}}}"#
    );
    Arc::new(parse(&text).expect("a policy"))
}

fn function(policy_of: &[(&str, Arc<ResourcePolicy>)]) -> Detail {
    Detail::Function(Box::new(Function {
        permissions: FunctionPermissions {
            policies: policy_of
                .iter()
                .map(|(alias, policy)| ((*alias).to_owned(), Arc::clone(policy)))
                .collect(),
            ..FunctionPermissions::default()
        },
        ..Function::default()
    }))
}

fn queue(policy: Option<Arc<ResourcePolicy>>, key: Option<&str>) -> Detail {
    Detail::Queue(Box::new(Queue {
        policy,
        kms_key: key.map(str::to_owned),
        ..Queue::default()
    }))
}

fn node(id: &str, detail: Detail) -> Arc<Node> {
    Arc::new(Node {
        detail,
        ..Node::from_arn(&Arn::parse(id).expect("an ARN"), &scope())
    })
}

fn edge(from: &str, to: &str, kind: EdgeKind) -> Edge {
    Edge::new(from.into(), to.into(), kind, Evidence::Configured)
}

fn judged(edge: &Edge, target: Arc<Node>, missing: &[(&str, Option<&str>)]) -> Option<Arrival> {
    judged_with(edge, target, missing, &[])
}

fn judged_with(
    edge: &Edge,
    target: Arc<Node>,
    missing: &[(&str, Option<&str>)],
    unread: &[(&str, &str)],
) -> Option<Arrival> {
    let missing = missing.iter().map(|(id, qualifier)| Missing {
        id: (*id).into(),
        qualifier: qualifier.map(str::to_owned),
    });
    let unknown = || Unknown {
        what: Phrase::default(),
        why: Phrase::default(),
    };
    let unread = unread.iter().map(|(api, of)| (Part::new(*api, *of), unknown()));
    let source = node(edge.key.from.as_str(), Detail::None);
    let nodes: BTreeMap<NodeId, Arc<Node>> = [source, target].map(|node| (node.id.clone(), node)).into();
    let scope = scope();
    let account = Account {
        scope: &scope,
        nodes: &nodes,
        missing: &missing.collect(),
        unread: &unread.collect(),
    };
    account.arrival(edge)
}

fn cannot(arrival: Option<Arrival>) -> Obstacle {
    match arrival {
        Some(Arrival::CannotArrive(obstacle)) => obstacle,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_not_read_is_never_an_obstacle() {
    let link = edge(BUCKET, F, EdgeKind::Trigger);
    for (target, doubt) in [
        (node(F, function(&[])), Doubt::Policy),
        (node(F, Detail::None), Doubt::Policy),
        (node(Q, queue(None, None)), Doubt::Policy),
    ] {
        let link = Edge::new(
            link.key.from.clone(),
            target.id.clone(),
            EdgeKind::Trigger,
            Evidence::Configured,
        );
        assert_eq!(judged(&link, target, &[]), Some(Arrival::Unknown(doubt)));
    }
    // The alias has a policy of its own, which was not read.
    let alias = link.clone().qualified(Some("live".into()));
    let target = node(F, function(&[("", policy("s3.amazonaws.com"))]));
    assert_eq!(judged(&alias, target, &[]), Some(Arrival::Unknown(Doubt::Policy)));
    let elsewhere = node("arn:aws:sqs:eu-west-1:999999999999:theirs", Detail::None);
    let link = edge(TOPIC, elsewhere.id.as_str(), EdgeKind::Trigger);
    assert_eq!(judged(&link, elsewhere, &[]), Some(Arrival::Unknown(Doubt::Elsewhere)));
}

#[test]
fn a_target_that_does_not_exist_is_gone_whatever_its_kind() {
    let bus = "arn:aws:events:eu-west-1:111122223333:event-bus/orders";
    for (from, to, kind) in [
        (RULE, F, EdgeKind::Trigger),
        (RULE, Q, EdgeKind::Trigger),
        (RULE, TOPIC, EdgeKind::Trigger),
        (RULE, bus, EdgeKind::Trigger),
        (RULE, Q, EdgeKind::DeadLetter),
        // By a role, too.
        (F, Q, EdgeKind::DeadLetter),
        (F, TOPIC, EdgeKind::DeadLetter),
        (F, TOPIC, EdgeKind::Destination),
        (F, bus, EdgeKind::Destination),
        (F, BUCKET, EdgeKind::Destination),
    ] {
        let link = edge(from, to, kind);
        assert_eq!(
            cannot(judged(&link, node(to, Detail::None), &[(to, None)])),
            Obstacle::Gone,
            "{from} {to}"
        );
        assert!(
            matches!(judged(&link, node(to, Detail::None), &[]), Some(Arrival::Unknown(_))),
            "{from} {to}"
        );
    }
}

#[test]
fn an_alias_or_version_that_does_not_exist_is_gone_with_its_function_there() {
    let target = || {
        node(
            F,
            function(&[("", policy("events.amazonaws.com")), ("live", Arc::default())]),
        )
    };
    let to = |qualifier: &str| edge(RULE, F, EdgeKind::Trigger).qualified(Some(qualifier.into()));
    let gone = [(F, Some("old")), (F, Some("9"))];
    assert_eq!(cannot(judged(&to("old"), target(), &gone)), Obstacle::Gone);
    assert_eq!(cannot(judged(&to("9"), target(), &gone)), Obstacle::Gone);
    assert_eq!(judged(&to("live"), target(), &gone), Some(Arrival::Arrives));
    assert_eq!(
        judged(&edge(RULE, F, EdgeKind::Trigger), target(), &gone),
        Some(Arrival::Arrives)
    );
    // The qualifier of what a function leaves somewhere is its own.
    let own = edge(F, Q, EdgeKind::DeadLetter).qualified(Some("old".into()));
    assert_eq!(
        judged(&own, node(Q, queue(None, None)), &[(Q, Some("old"))]),
        Some(Arrival::Unknown(Doubt::Role(None)))
    );
}

#[test]
fn a_version_is_judged_by_its_own_policy() {
    let link = edge(RULE, F, EdgeKind::Trigger).qualified(Some("1".into()));
    let of_version = |service: &str| node(F, function(&[("", Arc::default()), ("1", policy(service))]));
    assert_eq!(
        judged(&link, of_version("events.amazonaws.com"), &[]),
        Some(Arrival::Arrives)
    );
    assert!(matches!(
        cannot(judged(&link, of_version("s3.amazonaws.com"), &[])),
        Obstacle::NotAllowed { .. }
    ));
}

#[test]
fn a_function_whose_state_was_not_read_is_not_taken_for_ready() {
    let link = edge(BUCKET, F, EdgeKind::Trigger);
    let target = |service: &str| node(F, function(&[("", policy(service))]));
    let state = [("lambda:GetFunction", F)];
    assert_eq!(
        judged_with(&link, target("s3.amazonaws.com"), &[], &state),
        Some(Arrival::Unknown(Doubt::FunctionState))
    );
    assert!(
        matches!(
            judged_with(&link, target("sns.amazonaws.com"), &[], &state),
            Some(Arrival::CannotArrive(Obstacle::NotAllowed { .. }))
        ),
        "no state lets in what the policy does not"
    );
    let other = [(
        "lambda:GetFunction",
        "arn:aws:lambda:eu-west-1:111122223333:function:other",
    )];
    assert_eq!(
        judged_with(&link, target("s3.amazonaws.com"), &[], &other),
        Some(Arrival::Arrives)
    );
}

#[test]
fn what_a_rule_sends_to_a_log_group_or_a_bus_depends_on_what_is_not_read() {
    for (to, by) in [
        (
            "arn:aws:logs:eu-west-1:111122223333:log-group:/events/all",
            Doubt::OtherPolicy("the resource policies of CloudWatch Logs"),
        ),
        (
            "arn:aws:events:eu-west-1:111122223333:event-bus/orders",
            Doubt::OtherPolicy("the policy of the event bus"),
        ),
        ("arn:aws:kinesis:eu-west-1:111122223333:stream/s", Doubt::Role(None)),
    ] {
        let link = edge(RULE, to, EdgeKind::Trigger);
        assert_eq!(
            judged(&link, node(to, Detail::None), &[]),
            Some(Arrival::Unknown(by)),
            "{to}"
        );
    }
    // Nothing is sent along these: a mapping reads, a bus leads to its rules.
    let bus = "arn:aws:events:eu-west-1:111122223333:event-bus/orders";
    assert_eq!(
        judged(&edge(bus, RULE, EdgeKind::Trigger), node(RULE, Detail::None), &[]),
        None
    );
    assert_eq!(
        judged(&edge(Q, F, EdgeKind::Trigger), node(F, function(&[])), &[]),
        None
    );
}

#[test]
fn who_writes_by_a_role_is_judged_by_the_role() {
    let with_role = edge(RULE, F, EdgeKind::Trigger).with(EdgePolicy {
        role: Some("arn:aws:iam::111122223333:role/invoke".into()),
        ..EdgePolicy::default()
    });
    let none = node(F, function(&[("", Arc::default())]));
    let role = Some("arn:aws:iam::111122223333:role/invoke".to_owned());
    assert_eq!(
        judged(&with_role, Arc::clone(&none), &[]),
        Some(Arrival::Unknown(Doubt::Role(role)))
    );
    for (from, kind) in [
        (
            "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/nightly",
            EdgeKind::Trigger,
        ),
        ("arn:aws:pipes:eu-west-1:111122223333:pipe/p", EdgeKind::Trigger),
    ] {
        let link = edge(from, F, kind);
        assert_eq!(
            judged(&link, Arc::clone(&none), &[]),
            Some(Arrival::Unknown(Doubt::Role(None)))
        );
    }
    for kind in [EdgeKind::DeadLetter, EdgeKind::Destination] {
        let link = edge(F, Q, kind);
        let target = node(Q, queue(Some(Arc::default()), None));
        assert_eq!(judged(&link, target, &[]), Some(Arrival::Unknown(Doubt::Role(None))));
    }
}

#[test]
fn a_dead_letter_queue_must_admit_who_writes_it() {
    for source in [RULE, TOPIC] {
        let link = edge(source, Q, EdgeKind::DeadLetter);
        let closed = node(Q, queue(Some(Arc::default()), None));
        assert!(matches!(
            cannot(judged(&link, closed, &[])),
            Obstacle::NotAllowed { .. }
        ));
        let service = if source == RULE {
            "events.amazonaws.com"
        } else {
            "sns.amazonaws.com"
        };
        let open = node(Q, queue(Some(policy(service)), None));
        assert_eq!(judged(&link, open, &[]), Some(Arrival::Arrives));
    }
    // SQS moves by itself.
    let own = edge("arn:aws:sqs:eu-west-1:111122223333:work", Q, EdgeKind::DeadLetter);
    assert_eq!(judged(&own, node(Q, queue(Some(Arc::default()), None)), &[]), None);
}

#[test]
fn a_key_that_aws_manages_admits_no_service_and_another_is_open() {
    let link = edge(TOPIC, Q, EdgeKind::Trigger);
    let with = |key| node(Q, queue(Some(policy("sns.amazonaws.com")), Some(key)));
    assert_eq!(
        cannot(judged(&link, with("alias/aws/sqs"), &[])),
        Obstacle::AwsManagedKey("alias/aws/sqs".into())
    );
    let arn = "arn:aws:kms:eu-west-1:111122223333:alias/aws/sqs";
    assert_eq!(
        cannot(judged(&link, with(arn), &[])),
        Obstacle::AwsManagedKey(arn.into())
    );
    assert_eq!(
        judged(&link, with("alias/ours"), &[]),
        Some(Arrival::Unknown(Doubt::Key("alias/ours".into())))
    );
    let topic = node(
        "arn:aws:sns:eu-west-1:111122223333:news",
        Detail::Topic(Box::new(Topic {
            policy: Some(policy("events.amazonaws.com")),
            kms_key: Some("alias/aws/sns".into()),
            ..Topic::default()
        })),
    );
    let link = edge(RULE, topic.id.as_str(), EdgeKind::Trigger);
    assert!(matches!(cannot(judged(&link, topic, &[])), Obstacle::AwsManagedKey(_)));
}

#[test]
fn what_aws_does_not_deliver_to_a_fifo_queue() {
    let fifo = node(
        "arn:aws:sqs:eu-west-1:111122223333:jobs.fifo",
        queue(Some(Arc::default()), None),
    );
    for (source, kind, refused) in [
        (TOPIC, EdgeKind::Trigger, true),
        (BUCKET, EdgeKind::Trigger, true),
        (RULE, EdgeKind::DeadLetter, true),
        (RULE, EdgeKind::Trigger, false),
        (
            "arn:aws:sns:eu-west-1:111122223333:orders.fifo",
            EdgeKind::Trigger,
            false,
        ),
    ] {
        let obstacle = cannot(judged(&edge(source, fifo.id.as_str(), kind), Arc::clone(&fifo), &[]));
        assert_eq!(obstacle == Obstacle::Fifo, refused, "{source}: {obstacle:?}");
    }
}

#[test]
fn the_state_of_a_function_counts_where_its_policy_allows() {
    let link = edge(BUCKET, F, EdgeKind::Trigger);
    for (state, right) in [
        ("Active", Some(Arrival::Arrives)),
        ("Inactive", Some(Arrival::Arrives)),
        ("Pending", Some(Arrival::Arrives)),
        ("Failed", Some(Arrival::CannotArrive(Obstacle::State("Failed".into())))),
        (
            "Deactivated",
            Some(Arrival::Unknown(Doubt::State("Deactivated".into()))),
        ),
    ] {
        let Detail::Function(mut detail) = function(&[("", policy("s3.amazonaws.com"))]) else {
            panic!("a function");
        };
        detail.status.state = Some(state.into());
        let target = node(F, Detail::Function(detail));
        assert_eq!(judged(&link, target, &[]), right, "{state}");
    }
}

#[test]
fn only_what_is_configured_and_on_is_judged() {
    let target = node(F, function(&[("", Arc::default())]));
    let off = edge(RULE, F, EdgeKind::Trigger).enabled(false);
    assert_eq!(judged(&off, Arc::clone(&target), &[]), None);
    let permitted = Edge::new(BUCKET.into(), F.into(), EdgeKind::Trigger, Evidence::Permitted);
    assert_eq!(judged(&permitted, Arc::clone(&target), &[]), None);
    let mapping = edge(Q, F, EdgeKind::Trigger).enabled(false).with(EdgePolicy {
        status: EdgeStatus {
            state: Some("Disabled".into()),
            ..EdgeStatus::default()
        },
        ..EdgePolicy::default()
    });
    assert_eq!(cannot(judged(&mapping, target, &[])), Obstacle::MappingOff);
}

#[test]
fn the_command_that_would_help_is_ready_to_copy() {
    let target = node(
        F,
        function(&[("", policy("sns.amazonaws.com")), ("live", Arc::default())]),
    );
    let link = edge(BUCKET, F, EdgeKind::Trigger);
    let obstacle = cannot(judged(&link, Arc::clone(&target), &[]));
    let offered = fix(&obstacle, &target).and_then(|fix| fix.line(&["--region", "eu-west-1"]));
    // The statement id that it would have is taken.
    assert_eq!(
        offered.as_deref(),
        Some(
            "aws lambda add-permission --function-name thumb --statement-id allow-s3-photos-2 \
             --action lambda:InvokeFunction --principal s3.amazonaws.com --source-arn arn:aws:s3:::photos \
             --source-account 111122223333 --region eu-west-1"
        )
    );
    let to_alias = edge(RULE, F, EdgeKind::Trigger).qualified(Some("live".into()));
    let obstacle = cannot(judged(&to_alias, Arc::clone(&target), &[]));
    let text = fix(&obstacle, &target).and_then(|fix| fix.line(&[])).expect("a line");
    assert!(
        text.contains("--function-name thumb --qualifier live --statement-id allow-events-nightly "),
        "{text}"
    );
    assert!(!text.contains("--source-account"), "{text}");
}

#[test]
fn a_queue_gets_a_statement_because_the_command_would_overwrite_its_policy() {
    let target = node(Q, queue(Some(Arc::default()), None));
    let obstacle = cannot(judged(&edge(TOPIC, Q, EdgeKind::Trigger), Arc::clone(&target), &[]));
    let Some(Fix::Statement(statement)) = fix(&obstacle, &target) else {
        panic!("a statement");
    };
    // It is what it says: with it the notification arrives.
    let policy = parse(&format!(r#"{{"Statement":[{statement}]}}"#)).expect("a policy");
    let mended = node(Q, queue(Some(Arc::new(policy)), None));
    assert_eq!(
        judged(&edge(TOPIC, Q, EdgeKind::Trigger), mended, &[]),
        Some(Arrival::Arrives)
    );
}

#[test]
fn it_is_said_what_is_missing() {
    let target = node(F, function(&[("", Arc::default())]));
    let obstacle = cannot(judged(&edge(BUCKET, F, EdgeKind::Trigger), target, &[]));
    assert_eq!(
        obstacle.said(),
        Said::NoStatement {
            service: "s3.amazonaws.com".into(),
            source: Source::Bucket,
        }
    );
    let missing = Said::Missing {
        action: "lambda:InvokeFunction".into(),
        nearest: None,
    };
    assert_eq!(obstacle.evidence(), Phrase::from(missing));
}
