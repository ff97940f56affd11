//! Health that does not lag: what broke or was fixed just now is told by the last invocations, throttles beside what they
//! cost, and a change is blamed only where it precedes the first error by minutes.

use super::*;
use crate::in_words::InWords as _;

fn health(told: &mut Told) -> (Health, String) {
    let snapshot = told.snapshot();
    let vitals = &snapshot.vitals[&function_id("work")];
    (vitals.health, vitals.why.said())
}

/// An invocation a second from then on: `x` fails, `.` succeeds.
fn story(from: i64, story: &str) -> Fact {
    let all = story.chars().zip(from..).flat_map(|(c, s)| {
        let id = format!("{s}");
        [start(s, &id), report(s, &id, c == 'x')]
    });
    lines(all.collect())
}

fn metric(metric: Metric, points: &[(i64, f64)]) -> Fact {
    let points = points.iter().map(|(s, value)| Point {
        at: at(*s),
        value: *value,
    });
    Fact::Metric {
        subject: Subject::Node(function_id("work")),
        metric,
        points: points.collect(),
    }
}

fn depth(queue: &str, visible: u64) -> Fact {
    Fact::Depth {
        queue: queue_id(queue),
        visible,
        in_flight: 0,
        delayed: 0,
    }
}

#[test]
fn sixteen_of_sixteen_is_not_eight_percent_of_five_minutes() {
    let mut told = chain();
    told.tell(230, story(10, &(".".repeat(200) + &"x".repeat(16))));
    assert_eq!(health(&mut told), (Health::Failing, "16/16 failed".to_owned()));
    let trouble = told.snapshot().troubles[0].clone();
    assert_eq!((trouble.last, trouble.since), (Some(at(225)), Some(at(210))));
}

#[test]
fn what_was_fixed_fails_no_more_whatever_the_late_metric_says() {
    let mut told = chain();
    told.tell(60, story(10, &"x".repeat(16)));
    assert_eq!(health(&mut told).0, Health::Failing);
    told.tell(70, story(30, "......"));
    told.tell(80, metric(Metric::Errors, &[(0, 16.0)]));
    assert_eq!(health(&mut told), (Health::Well, String::new()));
    // Errors that no line tells of are errors all the same.
    told.tell(90, metric(Metric::Errors, &[(0, 16.0), (60, 9.0)]));
    assert_eq!(health(&mut told).0, Health::Warning);
}

#[test]
fn one_that_fails_now_and_then_goes_on_to_be_worth_a_look() {
    let mut told = chain();
    told.tell(60, story(10, "x..x..x..x..x..x.."));
    assert_eq!(health(&mut told), (Health::Warning, "6/18 failed".to_owned()));
}

#[test]
fn a_throttled_function_is_never_well_beside_the_dead_letters_that_it_cost() {
    let mut told = chain();
    told.tell(10, depth("dead", 0)).tell(20, story(12, "....."));
    told.tell(30, metric(Metric::Throttles, &[(0, 156.0)]));
    assert_eq!(
        health(&mut told),
        (Health::Warning, "throttled 156 times in 5 min".to_owned())
    );
    told.tell(40, depth("dead", 12));
    let (state, why) = health(&mut told);
    assert_eq!(state, Health::Failing);
    assert_eq!(why, "throttled 156 times in 5 min; dead holds 12 dead letters");
    // The burst is over, and what it cost still lies there.
    told.tell(2_400, story(2_390, "....."));
    told.tell(2_400, metric(Metric::Throttles, &[(0, 156.0)]));
    assert_eq!(
        health(&mut told),
        (
            Health::Warning,
            "throttled 156 times in 1 h; dead holds 12 dead letters".to_owned()
        )
    );
    told.tell(2_410, depth("dead", 0));
    assert_eq!(health(&mut told).0, Health::Well);
}

#[test]
fn a_change_is_blamed_only_if_it_precedes_the_first_error_by_minutes() {
    let blamed = |changed: i64, told_story: &[(i64, &str)]| {
        let mut told = chain();
        let mut work = function("work");
        let Detail::Function(detail) = &mut work.detail else {
            panic!("a function")
        };
        detail.last_modified = Some(at(changed));
        told.tell(2, found("functions", vec![work], vec![]));
        for (from, runs) in told_story {
            told.tell(from + 60, story(*from, runs));
        }
        let change = told.snapshot().answers.changes[0].clone();
        change.errors_since
    };
    let broken = [(3_000, "...."), (4_000, "xxxx")];
    assert_eq!(blamed(3_820, &broken), Some(at(4_000)), "3 min before");
    assert_eq!(blamed(1_000, &broken), None, "50 min before");
    assert_eq!(blamed(4_002, &broken), None, "after the first error");
    // The log was read from before the change on: there was no error before.
    assert_eq!(blamed(3_820, &[(4_000, "xxxx")]), Some(at(4_000)));
}

#[test]
fn a_queue_that_deletes_failing_messages_is_failing_while_its_consumer_fails() {
    let mut told = chain();
    let forgets = Queue {
        retention_s: 120,
        visibility_timeout_s: 60,
        max_receive_count: Some(5),
        ..Queue::default()
    };
    let forgetful = Node {
        detail: Detail::Queue(Box::new(forgets)),
        ..queue("q")
    };
    let to_dead = edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter);
    told.tell(2, found("queues", vec![forgetful, queue("dead")], vec![to_dead]));
    let health = |told: &mut Told| told.snapshot().vitals[&queue_id("q")].health;
    assert_eq!(health(&mut told), Health::Warning);
    told.tell(60, story(10, "..xx"));
    assert_eq!(health(&mut told), Health::Failing);
    let snapshot = told.snapshot();
    let trouble = snapshot.troubles.iter().find(|trouble| trouble.id == queue_id("q"));
    let next = trouble.expect("a trouble").next.said();
    assert!(next.starts_with("failing messages are deleted"), "{next}");
}

#[test]
fn what_failed_last_is_not_ok_because_nothing_came_since() {
    let mut told = chain();
    told.tell(60, story(10, &"x".repeat(26)));
    assert_eq!(health(&mut told), (Health::Failing, "26/26 failed".to_owned()));
    told.tell(1_800, Fact::Reached);
    assert_eq!(health(&mut told), (Health::Warning, "26/26 failed".to_owned()));
    let trouble = told.snapshot().troubles[0].clone();
    assert_eq!(trouble.last, Some(at(35)));
    assert!(
        trouble.next.said().contains("nothing was deployed or invoked since"),
        "{}",
        trouble.next.said()
    );
    told.tell(1_900, story(1_850, "..."));
    assert_eq!(health(&mut told).0, Health::Well);
}

/// Its invocations succeed, and its messages die.
#[test]
fn a_function_that_gives_messages_back_until_they_die_is_named() {
    let look = |partial: Option<bool>, runs: &str| {
        let mut told = Told::default();
        let policy = EdgePolicy {
            batching: Batching {
                partial_response: partial,
                ..Batching::default()
            },
            ..EdgePolicy::default()
        };
        let edges = vec![
            edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter),
            edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger).with(policy),
        ];
        let nodes = vec![function("work"), queue("q"), queue("dead")];
        told.tell(0, found("mappings", nodes, edges))
            .tell(1, surveyed(&["mappings"]));
        told.tell(10, depth("dead", 3)).tell(60, story(20, runs));
        told.tell(70, depth("dead", 8));
        health(&mut told)
    };
    let (health, why) = look(Some(true), "......");
    assert_eq!(health, Health::Warning);
    assert_eq!(why, "partial batch failures: 5 messages moved to dead in 15 min");
    assert_eq!(look(None, "......").0, Health::Well, "what moved them is not known");
    assert_eq!(look(Some(true), "..x...").1, "1/6 failed");
}

/// One look has no growth to see: what lies there came in the last hour, and nothing else in that hour explains it.
#[test]
fn a_function_that_gave_messages_back_is_named_at_the_first_look() {
    let look = |age_s: f64, errors: f64| {
        let mut told = Told::default();
        let policy = EdgePolicy {
            batching: Batching {
                partial_response: Some(true),
                ..Batching::default()
            },
            ..EdgePolicy::default()
        };
        let edges = vec![
            edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter),
            edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger).with(policy),
        ];
        let nodes = vec![function("work"), queue("q"), queue("dead")];
        told.tell(0, found("mappings", nodes, edges))
            .tell(1, surveyed(&["mappings"]))
            .tell(10, depth("dead", 883))
            .tell(60, story(20, "......"));
        assert_eq!(health(&mut told).0, Health::Well, "errors and throttles were not read");
        let age = Fact::Metric {
            subject: Subject::Node(queue_id("dead")),
            metric: Metric::OldestMessageAge,
            points: vec![Point {
                at: at(0),
                value: age_s,
            }],
        };
        told.tell(61, metric(Metric::Errors, &[(-1_800, errors)]))
            .tell(61, metric(Metric::Throttles, &[]))
            .tell(61, age);
        health(&mut told)
    };
    let told = "partial batch failures: 883 messages moved to dead in 1 h";
    assert_eq!(look(1_800.0, 0.0), (Health::Warning, told.to_owned()));
    assert_eq!(look(90_000.0, 0.0).0, Health::Well, "they may be of another day");
    assert_eq!(look(1_800.0, 3.0).0, Health::Well, "what failed may have moved them");
}

#[test]
fn beside_dead_letters_a_function_is_known_to_be_ok_once_its_throttles_are() {
    let mut told = chain();
    told.tell(60, story(20, "......"));
    let is_open = |told: &mut Told| told.snapshot().vitals[&function_id("work")].unexplained;
    assert!(!is_open(&mut told), "there are none");
    told.tell(70, depth("dead", 3));
    assert!(is_open(&mut told), "what moved them there is not known");
    told.tell(80, metric(Metric::Throttles, &[]));
    assert!(!is_open(&mut told), "they were there, and it was not throttled");
    told.tell(600, depth("dead", 4));
    assert!(is_open(&mut told), "the metric was read before");
    told.tell(700, metric(Metric::Throttles, &[]));
    assert!(is_open(&mut told), "it is minutes late");
    told.tell(1_000, metric(Metric::Throttles, &[]));
    assert!(!is_open(&mut told));
}

/// Each message fails once, and its second attempt succeeds.
#[test]
fn half_of_its_invocations_are_no_outage_that_comes_and_goes() {
    let mut told = chain();
    told.tell(60, story(10, &"x.".repeat(10)));
    assert_eq!(health(&mut told), (Health::Warning, "10/20 failed".to_owned()));
    told.tell(70, story(40, "x"));
    assert_eq!(health(&mut told), (Health::Warning, "10/20 failed".to_owned()));
    told.tell(80, story(50, "xx"));
    assert_eq!(health(&mut told).0, Health::Failing);
}
