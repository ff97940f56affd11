//! What needs a look, and what is well.

use crate::in_words::InWords as _;
use pitagora::store::losses::Way;

use super::*;

#[test]
fn a_function_that_fails_turns_red_and_heals() {
    let mut told = chain();
    told.tell(10, lines(vec![start(8, "a"), report(9, "a", true)]));
    let snapshot = told.snapshot();
    let vitals = &snapshot.vitals[&function_id("work")];
    assert_eq!(
        (vitals.health, vitals.why.said().as_str()),
        (Health::Failing, "1/1 failed")
    );
    assert_eq!(snapshot.troubles[0].severity, Severity::Failing);
    assert_eq!(snapshot.troubles[0].since, Some(at(9)));
    told.tell(20, lines(vec![start(18, "b"), report(19, "b", false)]));
    assert_eq!(
        told.snapshot().vitals[&function_id("work")].health,
        Health::Warning,
        "one of two runs failed"
    );
    assert_eq!(
        told.snapshot().troubles[0].since,
        None,
        "the last failure is not when they began"
    );
}

#[test]
fn nothing_read_is_never_drawn_as_well() {
    let mut told = chain();
    let health = |told: &mut Told| {
        let snapshot = told.snapshot();
        snapshot
            .vitals
            .get(&function_id("work"))
            .map_or(Health::Unknown, |vitals| vitals.health)
    };
    assert_eq!(health(&mut told), Health::Unknown);
    told.tell(5, lines(vec![]));
    assert_eq!(
        health(&mut told),
        Health::Unknown,
        "a throttled function leaves an empty log too"
    );
    told.tell(
        6,
        Fact::Metric {
            subject: Subject::Node(function_id("work")),
            metric: Metric::Throttles,
            points: vec![],
        },
    );
    assert_eq!(health(&mut told), Health::Well, "a metric without values is a reading");
}

#[test]
fn dead_letters_are_counted_where_they_lie() {
    let mut told = chain();
    let depth = |visible| Fact::Depth {
        queue: queue_id("dead"),
        visible,
        in_flight: 0,
        delayed: 0,
    };
    told.tell(5, depth(0)).tell(10, depth(101));
    let snapshot = told.snapshot();
    let trouble = &snapshot.troubles[0];
    assert_eq!(
        (trouble.what.said().as_str(), trouble.since, trouble.why.said().as_str()),
        ("101 dead letters", Some(at(10)), "from q")
    );
    let pulse = snapshot.pulses.last().expect("what arrived is traffic");
    assert_eq!(
        (pulse.count, pulse.edge.kind, pulse.evidence),
        (101, EdgeKind::DeadLetter, Evidence::Observed)
    );
}

#[test]
fn a_rule_of_which_no_metric_can_be_read_is_not_well() {
    let mut told = chain();
    let scope = scope();
    let rule = Node {
        id: scope.arn("events", "rule/often").into(),
        kind: NodeKind::Eventbridge,
        name: "often".into(),
        detail: Detail::None,
    };
    let id = rule.id.clone();
    told.tell(
        2,
        found(
            "rules",
            vec![rule],
            vec![edge(&id, &function_id("work"), EdgeKind::Trigger)],
        ),
    );
    // Such a rule has nothing else to tell.
    let health = |told: &mut Told| {
        let snapshot = told.snapshot();
        snapshot.vitals.get(&id).map_or(Health::Unknown, |vitals| vitals.health)
    };
    assert_eq!(health(&mut told), Health::Unknown, "what it loses was not read yet");
    let error = Unknown {
        what: "metrics (cloudwatch:GetMetricData)".into(),
        why: "access denied".into(),
    };
    told.0.apply(Observation {
        at: at(3),
        scope,
        source: Source::Metrics,
        what: Fact::SourceState { error: Some(error) },
    });
    assert_eq!(health(&mut told), Health::Unknown);
    let read = Fact::Metric {
        subject: Subject::Node(id.clone()),
        metric: Metric::RuleFailures,
        points: Vec::new(),
    };
    told.tell(4, read);
    assert_eq!(health(&mut told), Health::Well, "read, and nothing counted");
}

#[test]
fn where_other_messages_come_too_none_is_called_a_dead_letter_for_sure() {
    let mut told = chain();
    let bucket = Node::from_arn(
        &pitagora::domain::Arn::parse("arn:aws:s3:::uploads").expect("an ARN"),
        &scope(),
    );
    let feeds = edge(&bucket.id, &queue_id("dead"), EdgeKind::Trigger);
    told.tell(2, found("buckets", vec![bucket], vec![feeds]));
    let depth = Fact::Depth {
        queue: queue_id("dead"),
        visible: 3,
        in_flight: 0,
        delayed: 0,
    };
    told.tell(5, depth);
    let snapshot = told.snapshot();
    let trouble = &snapshot.troubles[0];
    assert_eq!(
        (trouble.what.said().as_str(), trouble.why.said().as_str()),
        ("3 messages, perhaps dead letters", "dead letters come from q")
    );
}

#[test]
fn losses_of_the_last_hour_come_with_the_same_hour_yesterday() {
    let mut told = chain();
    let day = 86_400;
    let points = vec![
        Point {
            at: at(-day - 3_600),
            value: 1.0,
        },
        Point {
            at: at(-day - 60),
            value: 4.0,
        },
        Point {
            at: at(-7_200),
            value: 50.0,
        },
        Point {
            at: at(-120),
            value: 2.0,
        },
        Point {
            at: at(-60),
            value: 1.0,
        },
    ];
    told.tell(
        0,
        Fact::Metric {
            subject: Subject::Account,
            metric: Metric::DeadLetterErrors,
            points,
        },
    );
    let snapshot = told.snapshot();
    let lost = snapshot.answers.lost.expect("read");
    assert!((lost.hour - 3.0).abs() < f64::EPSILON);
    assert!(lost.yesterday.is_some_and(|count| (count - 4.0).abs() < f64::EPSILON));
    assert_eq!(lost.last, Some(at(-60)));
    let losses = &snapshot.answers.losses.certain;
    assert_eq!((losses[0].way, losses[0].count), (Way::DeadLetterUnwritten, 3));
    assert_eq!((&losses[0].of, losses.len()), (&None, 1), "no function was read");
}

#[test]
fn a_bucket_whose_function_feeds_it_is_a_loop() {
    let mut told = Told::default();
    let bucket = NodeId::from("arn:aws:s3:::b");
    let node = Node {
        id: bucket.clone(),
        kind: NodeKind::S3,
        name: "b".into(),
        detail: Detail::None,
    };
    let guess = Edge::new(function_id("copy"), bucket.clone(), EdgeKind::Writes, Evidence::Guessed);
    told.tell(
        0,
        found(
            "all",
            vec![function("copy"), node],
            vec![edge(&bucket, &function_id("copy"), EdgeKind::Trigger), guess],
        ),
    );
    assert_eq!(told.snapshot().topology.loops, [vec![function_id("copy"), bucket]]);
}

#[test]
fn a_queue_that_was_filled_when_first_seen_has_no_since() {
    let mut told = chain();
    told.tell(
        5,
        Fact::Depth {
            queue: queue_id("dead"),
            visible: 3,
            in_flight: 0,
            delayed: 0,
        },
    );
    assert_eq!(told.snapshot().troubles[0].since, None);
}

/// A mapping that changed last long before, with a result.
fn mapping(result: &str, enabled: bool) -> Fact {
    let policy = EdgePolicy {
        id: Some("uuid-1".into()),
        status: EdgeStatus {
            state: Some(if enabled { "Enabled" } else { "Disabled" }.into()),
            last_result: Some(result.into()),
            last_modified: Some(at(-7_200)),
        },
        ..EdgePolicy::default()
    };
    let edge = edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger);
    found("mappings", vec![], vec![edge.with(policy).enabled(enabled)])
}

fn mapping_troubles(told: &mut Told) -> Vec<(String, Option<Timestamp>)> {
    let snapshot = told.snapshot();
    let troubles = snapshot
        .troubles
        .iter()
        .filter(|trouble| trouble.what.said().contains("mapping reports"));
    troubles.map(|trouble| (trouble.why.said(), trouble.since)).collect()
}

#[test]
fn a_mappings_problem_is_dated_by_when_it_was_seen_to_begin_or_not_at_all() {
    let problem = "PROBLEM: Function call failed";
    let mut told = chain();
    told.tell(5, mapping(problem, true));
    assert_eq!(mapping_troubles(&mut told), [(problem.to_owned(), None)]);
    // Once it was seen well, the next look at it tells when it began, and later ones do not move that.
    told.tell(65, mapping("OK", true));
    assert!(mapping_troubles(&mut told).is_empty());
    told.tell(125, mapping(problem, true)).tell(185, mapping(problem, true));
    assert_eq!(mapping_troubles(&mut told), [(problem.to_owned(), Some(at(125)))]);
    // Nobody looked for an hour: it began somewhere in between.
    told.tell(245, mapping("OK", true)).tell(3_900, mapping(problem, true));
    assert_eq!(mapping_troubles(&mut told), [(problem.to_owned(), None)]);
    // Switched off, it tries no more.
    told.tell(3_960, mapping(problem, false));
    assert!(mapping_troubles(&mut told).is_empty());
    let snapshot = told.snapshot();
    let silent = snapshot.answers.silent.iter();
    assert_eq!(
        silent.map(|(id, how)| (id.clone(), how.said())).collect::<Vec<_>>(),
        [(function_id("work"), "does not read q: mapping disabled".to_owned())]
    );
}

/// What was wrong when the account could last be read is not said to have passed while it cannot be read.
#[test]
fn a_trouble_stays_while_nothing_can_be_read() {
    let mut told = chain();
    let of = |source: Source, seconds: i64, what: Fact| Observation {
        at: at(seconds),
        scope: scope(),
        source,
        what,
    };
    let failing = lines(vec![start(8, "a"), report(9, "a", true)]);
    told.0.apply(of(Source::Logs, 10, failing));
    let error = Unknown {
        what: "logs".into(),
        why: "credentials expired".into(),
    };
    told.0
        .apply(of(Source::Logs, 12, Fact::SourceState { error: Some(error) }));
    let health = |told: &mut Told| told.snapshot().vitals[&function_id("work")].health;
    told.tell(7_200, found("functions", vec![function("work")], vec![]));
    assert_eq!(health(&mut told), Health::Failing, "two hours later, unread");
    told.0.apply(of(Source::Logs, 7_201, Fact::SourceState { error: None }));
    told.0.apply(of(Source::Logs, 7_202, lines(vec![])));
    assert_ne!(
        health(&mut told),
        Health::Failing,
        "it was read, and nothing failed lately"
    );
}

/// A run that fails now and then among many does not change a box's colour with every run.
#[test]
fn one_failed_run_among_many_is_a_warning() {
    let mut told = chain();
    let mut all = Vec::new();
    for n in 0..20 {
        all.extend([start(n, &format!("g{n}")), report(n, &format!("g{n}"), false)]);
    }
    all.extend([start(21, "bad"), report(21, "bad", true)]);
    told.tell(22, lines(all));
    let health = |told: &mut Told| told.snapshot().vitals[&function_id("work")].health;
    assert_eq!(health(&mut told), Health::Warning);
    let two_more = ["bae", "baf"]
        .iter()
        .flat_map(|id| [start(23, id), report(24, id, true)]);
    told.tell(25, lines(two_more.collect()));
    assert_eq!(health(&mut told), Health::Failing, "three in a row are no chance");
}

#[test]
fn where_the_log_tells_nothing_the_metric_turns_a_function_red() {
    let mut told = chain();
    let metric = |metric, value| Fact::Metric {
        subject: Subject::Node(function_id("work")),
        metric,
        points: vec![Point { at: at(0), value }],
    };
    told.tell(60, metric(Metric::Invocations, 20.0))
        .tell(60, metric(Metric::Errors, 2.0));
    let health = |told: &mut Told| told.snapshot().vitals[&function_id("work")].health;
    assert_eq!(health(&mut told), Health::Warning);
    told.tell(61, metric(Metric::Errors, 19.0));
    assert_eq!(health(&mut told), Health::Failing);
    let why = told.snapshot().troubles[0].why.said();
    assert!(why.contains("minutes late"), "{why}");
}

#[test]
fn a_function_whose_log_is_denied_is_as_its_metrics_say() {
    let mut told = chain();
    let metric = Fact::Metric {
        subject: Subject::Node(function_id("work")),
        metric: Metric::Errors,
        points: vec![Point { at: at(0), value: 0.0 }],
    };
    let health = |told: &mut Told| told.snapshot().vitals[&function_id("work")].health;
    told.tell(60, metric);
    assert_eq!(health(&mut told), Health::Well);
    let denied = Fact::LinesUnread {
        group: "/aws/lambda/work".to_owned(),
        functions: vec![function_id("work")],
        why: "access denied".to_owned(),
    };
    told.tell(61, denied);
    assert_eq!(
        health(&mut told),
        Health::Well,
        "the log stands in the list of what could not be read"
    );
    let nothing = Fact::LinesUnread {
        group: "/aws/lambda/work".to_owned(),
        functions: vec![function_id("work")],
        why: "access denied".to_owned(),
    };
    let mut told = chain();
    told.tell(61, nothing);
    let snapshot = told.snapshot();
    let health = snapshot.vitals.get(&function_id("work")).map(|vitals| vitals.health);
    assert_eq!(
        health.unwrap_or_default(),
        Health::Unknown,
        "nothing at all was read of it"
    );
}

#[test]
fn a_dead_letter_queue_that_does_not_let_its_source_in_is_told() {
    let q = queue_id("q").to_string();
    let other = queue_id("other").to_string();
    for (permission, sources, is_told) in [
        (Some("denyAll"), vec![], true),
        (Some("byQueue"), vec![other.clone()], true),
        (Some("byQueue"), vec![other, q], false),
        (Some("allowAll"), vec![], false),
        (None, vec![], false),
    ] {
        let mut dead = queue("dead");
        if let Detail::Queue(detail) = &mut dead.detail {
            detail.redrive_permission = permission.map(str::to_owned);
            detail.redrive_sources = sources;
        }
        let mut told = Told::default();
        let moves = edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter);
        told.tell(0, found("queues", vec![queue("q"), dead], vec![moves]));
        let snapshot = told.snapshot();
        let mut found = snapshot
            .troubles
            .iter()
            .filter(|trouble| trouble.what.said().contains("does not allow"));
        let trouble = found.next();
        assert_eq!(trouble.is_some(), is_told, "{permission:?}");
        if let Some(trouble) = trouble {
            assert_eq!((&trouble.id, trouble.severity), (&queue_id("q"), Severity::Warning));
            assert!(
                trouble.why.said().contains("does not document"),
                "{}",
                trouble.why.said()
            );
        }
    }
}

/// AWS (dead-letters): in a standard queue a message keeps its time when it is moved; in a FIFO queue it begins anew.
#[test]
fn a_fifo_dead_letter_queue_counts_from_arrival_and_what_was_not_read_is_no_number() {
    let said = |fifo: bool, retention_s: u32| {
        let mut told = chain();
        let detail = Detail::Queue(Box::new(Queue {
            fifo,
            retention_s,
            ..Queue::default()
        }));
        let dead = Node {
            detail,
            ..queue("dead")
        };
        told.tell(2, found("dead", vec![dead], vec![])).tell(
            5,
            Fact::Depth {
                queue: queue_id("dead"),
                visible: 3,
                in_flight: 0,
                delayed: 0,
            },
        );
        let snapshot = told.snapshot();
        let mut of_dead = snapshot.troubles.iter().filter(|one| one.id == queue_id("dead"));
        of_dead.next().expect("dead letters wait").next.said()
    };
    assert_eq!(said(false, 345_600), "each expires 4 d after it was first enqueued");
    assert_eq!(said(true, 345_600), "each expires 4 d after it arrived here");
    assert_eq!(said(false, 0), "its retention was not read");
}
