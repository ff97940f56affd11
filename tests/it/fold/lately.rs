//! Health that does not lag: what broke or was fixed just now is told by the last invocations, throttles beside what they
//! cost, and a change is blamed only where it precedes the first error by minutes.

use super::*;
use crate::in_words::InWords as _;

fn health(told: &mut Told) -> (Health, String) {
    let snapshot = told.snapshot();
    let vitals = &snapshot.vitals[&function_id("work")];
    (vitals.health, vitals.why.said().into())
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
