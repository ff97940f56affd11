//! Dead letters that go to a topic nobody is subscribed to are kept by nothing.

use pitagora::domain::Topic;
use pitagora::store::coming::Cause;
use pitagora::store::losses::{Doubt, Way};

use super::losses::{asynchronous, by, losses, metric, of, read_to, topic_id};
use super::*;
use crate::in_words::InWords as _;

fn topic(name: &str, subscriptions: Option<u32>) -> Node {
    Node {
        id: topic_id(name),
        kind: NodeKind::Sns,
        name: name.into(),
        detail: Detail::Topic(Box::new(Topic {
            subscriptions,
            ..Topic::default()
        })),
    }
}

/// The function's dead letters go to a topic with so many subscriptions.
fn dead_letters_to(subscriptions: Option<u32>) -> Told {
    let mut told = asynchronous();
    let link = edge(&function_id("work"), &topic_id("failed"), EdgeKind::DeadLetter).with(by("lambda", "dlq"));
    told.tell(
        2,
        found("configuration", vec![topic("failed", subscriptions)], vec![link]),
    )
    .tell(3, surveyed(&["rules", "configuration"]));
    told
}

fn dropped() -> Fact {
    metric(of(&function_id("work")), Metric::AsyncEventsDropped, &[(97, 2.0)])
}

fn fails_at(seconds: i64) -> Fact {
    read_to(seconds + 10, vec![start(seconds, "a"), report(seconds + 1, "a", true)])
}

#[test]
fn what_went_to_a_topic_without_a_subscription_is_lost() {
    let mut told = dead_letters_to(Some(0));
    told.tell(6_000, dropped());
    assert_eq!(losses(&mut told), [(Some(function_id("work")), Way::Dropped, 2)]);
    let snapshot = told.snapshot();
    let trouble = snapshot
        .troubles
        .iter()
        .find(|one| one.id == function_id("work"))
        .expect("told");
    assert_eq!(trouble.severity, Severity::Loss);
    assert_eq!(
        trouble.what.said(),
        "2 events lost: its topic failed has no subscription"
    );
    let next = trouble.next.said();
    assert!(next.contains("subscribe a queue to the topic failed"), "{next}");
}

#[test]
fn with_a_subscription_it_is_kept_and_unread_it_is_neither() {
    let mut told = dead_letters_to(Some(1));
    told.tell(6_000, dropped());
    assert!(losses(&mut told).is_empty() && told.snapshot().answers.losses.unsure.is_empty());

    let mut told = dead_letters_to(None);
    told.tell(6_000, dropped());
    assert!(losses(&mut told).is_empty());
    let snapshot = told.snapshot();
    let unsure = &snapshot.answers.losses.unsure;
    assert_eq!((unsure[0].doubt, unsure[0].count), (Doubt::KeepingUnread, 2));
    let trouble = snapshot
        .troubles
        .iter()
        .find(|one| one.id == function_id("work"))
        .expect("told");
    let next = trouble.next.said();
    assert_eq!(
        (trouble.severity, next.as_str()),
        (Severity::Warning, "allow sns:GetTopicAttributes to find out")
    );
}

#[test]
fn an_event_that_will_go_to_a_topic_without_a_subscription_is_announced_as_lost() {
    let mut told = dead_letters_to(Some(0));
    told.tell(1_010, fails_at(1_000));
    let snapshot = told.snapshot();
    let coming = &snapshot.answers.coming;
    assert_eq!((coming.len(), coming[0].cause), (1, Cause::KeeperUnheard));
    assert_eq!(
        (coming[0].gone.clone(), coming[0].conditional),
        (Some(topic_id("failed")), false)
    );
    let due = snapshot
        .troubles
        .iter()
        .find(|trouble| trouble.due.is_some())
        .expect("told");
    let why = due.why.said();
    assert_eq!(
        (due.severity, why.as_str()),
        (Severity::Failing, "its topic failed has no subscription")
    );
    let says_kept = |trouble: &&Trouble| trouble.next.said().contains("events go to");
    assert_eq!(snapshot.troubles.iter().find(says_kept), None);
    for subscriptions in [Some(1), None] {
        let mut told = dead_letters_to(subscriptions);
        told.tell(1_010, fails_at(1_000));
        assert!(told.snapshot().answers.coming.is_empty(), "{subscriptions:?}");
    }
}
