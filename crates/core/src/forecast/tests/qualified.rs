//! What an alias or version changes: retries and age follow its own configuration, the dead-letter queue the version.

use super::made::{Made, arg, by, lambda, rule, sqs};
use crate::domain::delivery::Fate;
use crate::domain::{Condition, EdgeKind, EdgePolicy, NodeId, Qualified};
use crate::forecast::words::Lands;

fn live(change: impl FnOnce(&mut Qualified)) -> Qualified {
    let mut live = Qualified {
        name: "live".to_owned(),
        version: Some("3".to_owned()),
        ..Qualified::default()
    };
    change(&mut live);
    live
}

/// A function invoked by its alias `live`, whose `$LATEST` has a dead-letter queue and tries once.
fn account(live: Qualified) -> Made {
    let mut made = Made::default();
    made.function("f", |f| {
        f.asynchronous.retries = Some(0);
        f.qualified = vec![live];
    })
    .queue("dead", |_| {})
    .edge(&lambda("f"), &sqs("dead"), EdgeKind::DeadLetter, by("lambda"))
    .trigger(&rule("r"), "f")
    .qualified("live");
    made
}

#[test]
fn retries_follow_the_alias_and_the_dead_letter_queue_the_version() {
    let mut made = account(live(|live| {
        live.configured = true;
        live.retries = Some(1);
        live.dead_letter_read = true;
    }));
    made.fails("f", "a", 0.0).until(5.0);
    let row = made.row();
    assert_eq!(row.next.expect("one more").conditions, []);
    let outlook = row.outlook.expect("an outlook");
    assert_eq!(
        (outlook.fate, outlook.attempts_left),
        (Fate::Dropped, Some(1)),
        "the version has no dead-letter queue, whatever $LATEST has"
    );
    // The version's own.
    made.queue("of-version", |_| {})
        .edge(&lambda("f"), &sqs("of-version"), EdgeKind::DeadLetter, by("lambda"))
        .qualified("live");
    let outlook = made.row().outlook.expect("an outlook");
    assert_eq!((outlook.fate, outlook.to), (Fate::DeadLetter, Some(sqs("of-version"))));
}

#[test]
fn the_dead_letter_queue_of_a_version_that_was_not_read_is_unknown() {
    let mut made = account(live(|live| live.configured = true));
    made.fails("f", "a", 0.0).until(5.0);
    let outlook = made.row().outlook.expect("an outlook");
    assert_eq!((outlook.fate, outlook.to), (Fate::Unknown, None));
    let unread = Lands::VersionUnread { alias: "live".into() };
    assert_eq!(*arg(&outlook.rule, "lands"), unread.into());
}

#[test]
fn an_alias_without_a_configuration_has_the_defaults_as_far_as_is_known() {
    let mut made = account(live(|live| live.dead_letter_read = true));
    made.fails("f", "a", 0.0).until(5.0);
    let next = made.row().next.expect("AWS's default is two retries");
    assert_eq!(
        next.conditions,
        [Condition::AliasDefaults {
            alias: "live".to_owned()
        }]
    );
    // Where $LATEST has the defaults too, it makes no difference.
    made.function("f", |f| {
        f.qualified = vec![live(|live| live.dead_letter_read = true)];
    });
    assert_eq!(made.row().next.expect("sure").conditions, []);
}

#[test]
fn the_version_that_ran_tells_which_of_several_was_invoked() {
    let mut made = account(live(|live| {
        live.configured = true;
        live.retries = Some(2);
        live.dead_letter_read = true;
    }));
    made.trigger(&rule("other"), "f").fails("f", "a", 0.0);
    made.last("f", |run| run.version = Some("$LATEST".to_owned()))
        .until(5.0);
    assert_eq!(made.row().end.expect("no retry of $LATEST").fate, Fate::DeadLetter);
    made.last("f", |run| run.version = Some("3".to_owned()));
    let row = made.row();
    assert_eq!(row.outlook.expect("an outlook").attempts_left, Some(2));
    // The version is unknown: what differs between the two is not reported.
    made.last("f", |run| run.version = None);
    assert_eq!(made.row().outlook.expect("an outlook").fate, Fate::Unknown);
}

#[test]
fn every_kind_of_destination_keeps_the_record() {
    for target in [
        "arn:aws:events:eu-west-1:111122223333:event-bus/default",
        "arn:aws:events:eu-west-1:111122223333:event-bus/shop",
        "arn:aws:sns:eu-west-1:111122223333:failed",
        "arn:aws:s3:::failed",
        "arn:aws:lambda:eu-west-1:111122223333:function:look",
        "kafka://failed",
    ] {
        let mut made = Made::default();
        let policy = EdgePolicy {
            condition: Some("OnFailure".into()),
            ..by("lambda")
        };
        let to = NodeId::from(target.to_owned());
        made.function("f", |f| f.asynchronous.retries = Some(0))
            .trigger(&rule("r"), "f")
            .edge(&lambda("f"), &to, EdgeKind::Destination, policy)
            .fails("f", "a", 0.0)
            .until(5.0);
        let end = made.row().end.expect("an end");
        assert_eq!((end.fate, end.to), (Fate::Destination, Some(to)), "{target}");
    }
}

#[test]
fn of_an_alias_and_its_version_the_words_say_that_either_may_have_been_invoked() {
    let configured = |name: &str, retries| Qualified {
        name: name.to_owned(),
        version: Some("1".to_owned()),
        configured: true,
        retries: Some(retries),
        dead_letter_read: true,
        ..Qualified::default()
    };
    let mut made = Made::default();
    made.function("f", |f| f.qualified = vec![configured("live", 2), configured("1", 0)])
        .fails("f", "a", 0.0);
    made.last("f", |run| run.version = Some("1".to_owned())).until(5.0);
    let row = made.row();
    let next = row.next.expect("if it was the alias");
    let said = Condition::InvokedBy {
        qualifier: "live".to_owned(),
        not: vec!["1".to_owned()],
    };
    assert!(next.conditions.contains(&said), "{:?}", next.conditions);
    assert_eq!(row.outlook.expect("an outlook").fate, Fate::Unknown);
}
