//! The fold, from observations to snapshots, without a terminal, a network or a clock.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use pitagora::domain::log::{Line, LogRead, Reach};
use pitagora::domain::{
    Detail, Edge, EdgeKind, EdgePolicy, Evidence, Fact, Function, Metric, Node, NodeId, NodeKind, Observation, Part,
    Point, Queue, Recollection, Scope, Source, Subject, Unknown,
};
use pitagora::store::Store;
use pitagora::store::snapshot::{Health, Severity, Snapshot};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
}

fn scope() -> Scope {
    Scope {
        partition: "aws".into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    }
}

fn function_id(name: &str) -> NodeId {
    scope().arn("lambda", &format!("function:{name}")).into()
}

fn queue_id(name: &str) -> NodeId {
    scope().arn("sqs", name).into()
}

fn function(name: &str) -> Node {
    let detail = Function {
        log_group: format!("/aws/lambda/{name}"),
        timeout_s: 3,
        ..Function::default()
    };
    Node {
        id: function_id(name),
        kind: NodeKind::Lambda,
        name: name.into(),
        detail: Detail::Function(Box::new(detail)),
    }
}

fn queue(name: &str) -> Node {
    let detail = Queue {
        retention_s: 345_600,
        ..Queue::default()
    };
    Node {
        id: queue_id(name),
        kind: NodeKind::Sqs,
        name: name.into(),
        detail: Detail::Queue(Box::new(detail)),
    }
}

fn edge(from: &NodeId, to: &NodeId, kind: EdgeKind) -> Edge {
    Edge::new(from.clone(), to.clone(), kind, Evidence::Configured)
}

fn found(api: &str, nodes: Vec<Node>, edges: Vec<Edge>) -> Fact {
    Fact::Found {
        part: Part::new(api, ""),
        nodes,
        edges,
    }
}

fn surveyed(parts: &[&str]) -> Fact {
    Fact::Surveyed {
        parts: parts.iter().map(|api| Part::new(*api, "")).collect(),
        unread: BTreeSet::new(),
    }
}

/// A store, and a conversation with it.
#[derive(Default)]
struct Told(Store);

impl Told {
    fn tell(&mut self, seconds: i64, what: Fact) -> &mut Self {
        self.0.apply(Observation {
            at: at(seconds),
            scope: scope(),
            source: Source::Topology,
            what,
        });
        self
    }

    fn snapshot(&mut self) -> Arc<Snapshot> {
        self.0.snapshot()
    }
}

/// A queue, its reader and its dead-letter queue.
fn chain() -> Told {
    let mut told = Told::default();
    told.tell(0, found("functions", vec![function("work")], vec![]))
        .tell(
            0,
            found(
                "queues",
                vec![queue("q"), queue("dead")],
                vec![edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter)],
            ),
        )
        .tell(
            0,
            found(
                "mappings",
                vec![],
                vec![edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger)],
            ),
        )
        .tell(1, surveyed(&["functions", "queues", "mappings"]));
    told
}

fn line(seconds: i64, text: String) -> Line {
    Line {
        at: at(seconds),
        stream: "s".into(),
        text,
    }
}

/// A request id as AWS writes it, made of a short name.
fn request(name: &str) -> String {
    let number = name.bytes().fold(0_u128, |number, byte| number << 8 | u128::from(byte));
    format!("{number:08x}-0000-4000-8000-000000000000")
}

fn start(seconds: i64, id: &str) -> Line {
    line(seconds, format!("START RequestId: {} Version: $LATEST\n", request(id)))
}

fn report(seconds: i64, id: &str, failed: bool) -> Line {
    let status = if failed { "Status: error" } else { "" };
    line(
        seconds,
        format!(
            "REPORT RequestId: {}\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\t{status}\n",
            request(id)
        ),
    )
}

fn lines(lines: Vec<Line>) -> Fact {
    Fact::Lines(LogRead {
        group: "/aws/lambda/work".into(),
        functions: vec![function_id("work")],
        lines,
        reach: Some(Reach {
            since: at(0),
            read_to: at(0),
            complete_to: None,
            settled_to: None,
            whole_since: None,
        }),
        ..LogRead::default()
    })
}

#[test]
fn what_is_gone_from_an_answer_is_gone_from_the_chain() {
    let mut told = chain();
    assert_eq!(told.snapshot().topology.edges.len(), 2);
    told.tell(2, found("mappings", vec![], vec![]));
    let topology = Arc::clone(&told.snapshot().topology);
    assert_eq!(topology.edges.len(), 1);
    assert!(
        topology.nodes.contains_key(&function_id("work")),
        "functions stay without an edge"
    );
    told.tell(3, surveyed(&["functions", "mappings"]));
    assert!(
        told.snapshot().topology.edges.is_empty(),
        "a part that a survey did not name is gone"
    );
}

#[test]
fn an_edge_both_permitted_and_configured_is_one_edge_configured() {
    let mut told = chain();
    let permitted = Edge::new(
        queue_id("q"),
        function_id("work"),
        EdgeKind::Trigger,
        Evidence::Permitted,
    )
    .with(EdgePolicy::default());
    told.tell(2, found("policy", vec![], vec![permitted]));
    let snapshot = told.snapshot();
    let trigger: Vec<_> = snapshot.topology.to(&function_id("work")).collect();
    assert_eq!((trigger.len(), trigger[0].evidence), (1, Evidence::Configured));
}

#[test]
fn what_could_not_be_read_stays_as_it_was_and_is_named() {
    let mut told = chain();
    let unknown = Unknown {
        what: "mappings".into(),
        why: "access denied".into(),
    };
    told.tell(
        2,
        Fact::Unread {
            part: Part::new("mappings", ""),
            unknown: unknown.clone(),
        },
    );
    let topology = Arc::clone(&told.snapshot().topology);
    assert_eq!(topology.edges.len(), 2);
    assert_eq!(
        (topology.unknown.as_slice(), topology.complete),
        (&[unknown][..], false)
    );
    told.tell(3, found("mappings", vec![], vec![]))
        .tell(4, surveyed(&["functions", "queues", "mappings"]));
    assert!(told.snapshot().topology.complete);
}

#[test]
fn the_cache_gives_way_to_what_is_read() {
    let mut told = Told::default();
    let old = Recollection {
        part: Part::new("functions", ""),
        nodes: vec![function("old")],
        edges: vec![],
    };
    told.tell(
        100,
        Fact::Recalled {
            at: at(0),
            found: vec![old],
        },
    );
    let topology = Arc::clone(&told.snapshot().topology);
    assert_eq!((topology.cached, topology.surveyed_at), (true, Some(at(0))));
    told.tell(101, found("functions", vec![function("new")], vec![]))
        .tell(102, surveyed(&["functions"]));
    let topology = Arc::clone(&told.snapshot().topology);
    assert_eq!((topology.cached, topology.surveyed_at), (false, Some(at(102))));
    assert_eq!(topology.nodes.keys().collect::<Vec<_>>(), [&function_id("new")]);
}

#[test]
fn a_function_that_fails_turns_red_and_heals() {
    let mut told = chain();
    told.tell(10, lines(vec![start(8, "a"), report(9, "a", true)]));
    let snapshot = told.snapshot();
    let vitals = &snapshot.vitals[&function_id("work")];
    assert_eq!(
        (vitals.health, vitals.why.as_str()),
        (Health::Failing, "the last run failed")
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
        (trouble.what.as_str(), trouble.since, trouble.why.as_str()),
        ("101 dead letters", Some(at(10)), "from q")
    );
    let pulse = snapshot.pulses.last().expect("what arrived is traffic");
    assert_eq!(
        (pulse.count, pulse.edge.kind, pulse.evidence),
        (101, EdgeKind::DeadLetter, Evidence::Observed)
    );
}

#[test]
fn marbles_stand_for_counted_traffic_only() {
    let mut told = chain();
    // A silent account: depths that stay, empty readings, metrics.
    told.tell(5, lines(vec![])).tell(
        6,
        Fact::Depth {
            queue: queue_id("q"),
            visible: 7,
            in_flight: 0,
            delayed: 0,
        },
    );
    told.tell(
        7,
        Fact::Depth {
            queue: queue_id("q"),
            visible: 7,
            in_flight: 0,
            delayed: 0,
        },
    );
    told.tell(
        8,
        Fact::Metric {
            subject: Subject::Account,
            metric: Metric::Errors,
            points: vec![Point { at: at(0), value: 9.0 }],
        },
    );
    assert!(told.snapshot().pulses.is_empty());
    // Three events, one of them retried: three marbles.
    let events = vec![
        start(10, "a"),
        start(10, "b"),
        start(11, "c"),
        report(11, "a", true),
        start(12, "a"),
    ];
    told.tell(13, lines(events));
    let snapshot = told.snapshot();
    let count: u64 = snapshot
        .pulses
        .iter()
        .filter(|pulse| pulse.edge.to == function_id("work"))
        .map(|p| p.count)
        .sum();
    assert_eq!(count, 3);
    // What is long past is no marble, and a marble does not stay.
    told.tell(300, lines(vec![start(100, "old")]));
    told.tell(301, Fact::Reached);
    assert!(told.snapshot().pulses.is_empty());
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
    assert_eq!(snapshot.answers.lost_by, [("dead letters not written".to_owned(), 3)]);
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
fn sections_that_did_not_change_are_shared() {
    let mut told = chain();
    let before = told.snapshot();
    told.tell(
        5,
        Fact::Calls(pitagora::domain::CallCount {
            total: 1,
            ..Default::default()
        }),
    );
    let after = told.snapshot();
    assert!(Arc::ptr_eq(&before.topology, &after.topology) && Arc::ptr_eq(&before.vitals, &after.vitals));
    assert!(Arc::ptr_eq(&after, &told.snapshot()), "nothing new, nothing published");
    // The same answers again, as every survey brings them, change no revision.
    told.tell(6, found("functions", vec![function("work")], vec![]));
    assert_eq!(told.snapshot().topology.revision, before.topology.revision);
}

#[test]
fn a_drop_that_went_to_a_dead_letter_queue_is_no_loss() {
    let drops = |subject| Fact::Metric {
        subject,
        metric: Metric::AsyncEventsDropped,
        points: vec![Point {
            at: at(-60),
            value: 2.0,
        }],
    };
    let mut told = chain();
    told.tell(0, drops(Subject::Account))
        .tell(0, drops(Subject::Node(function_id("work"))));
    let lost = |told: &mut Told| told.snapshot().answers.lost.map(|lost| lost.hour);
    assert_eq!(lost(&mut told), Some(2.0), "nothing keeps what fails");
    let policy = EdgePolicy {
        retried_by: Some("lambda".into()),
        ..EdgePolicy::default()
    };
    let kept = edge(&function_id("work"), &queue_id("dead"), EdgeKind::DeadLetter).with(policy);
    told.tell(1, found("configuration", vec![], vec![kept]));
    assert_eq!(lost(&mut told), Some(0.0), "the dead-letter queue does");
    assert!(
        told.snapshot()
            .troubles
            .iter()
            .all(|trouble| trouble.severity != Severity::Loss)
    );
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
        state: Some(if enabled { "Enabled" } else { "Disabled" }.into()),
        last_result: Some(result.into()),
        last_modified: Some(at(-7_200)),
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
        .filter(|trouble| trouble.what.contains("mapping reports"));
    troubles.map(|trouble| (trouble.why.clone(), trouble.since)).collect()
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
    assert_eq!(
        told.snapshot().answers.silent,
        [(function_id("work"), "does not read q: mapping off".to_owned())]
    );
}

#[test]
fn a_drop_whose_function_is_not_known_is_perhaps_lost() {
    let mut told = chain();
    told.tell(
        0,
        Fact::Metric {
            subject: Subject::Account,
            metric: Metric::AsyncEventsDropped,
            points: vec![Point {
                at: at(-60),
                value: 2.0,
            }],
        },
    );
    let snapshot = told.snapshot();
    let lost = snapshot.answers.lost.expect("read").hour;
    assert_eq!((lost, snapshot.answers.perhaps_lost), (0.0, 2));
}

#[test]
fn what_a_poller_cannot_read_is_among_what_is_not_read() {
    let mut told = chain();
    let error = Unknown {
        what: "metrics".into(),
        why: "denied".into(),
    };
    told.tell(
        2,
        Fact::SourceState {
            error: Some(error.clone()),
        },
    );
    assert_eq!(told.snapshot().unread(), [&error]);
    told.tell(3, Fact::SourceState { error: None });
    assert!(told.snapshot().unread().is_empty());
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
fn a_log_without_news_changes_no_marble_and_no_trouble() {
    let mut told = chain();
    told.tell(10, lines(vec![start(8, "a"), report(9, "a", true)]));
    let before = told.snapshot();
    told.tell(11, lines(vec![]));
    let after = told.snapshot();
    assert!(Arc::ptr_eq(&before.pulses, &after.pulses) && Arc::ptr_eq(&before.troubles, &after.troubles));
}

#[test]
fn lines_that_may_have_been_told_before_are_held_once() {
    let mut told = chain();
    let twin = || Line {
        at: at(8),
        stream: "s".into(),
        text: "twin\n".into(),
    };
    told.tell(10, lines(vec![start(8, "a"), twin(), report(9, "a", true)]));
    let runs = |snapshot: &Snapshot| snapshot.invocations[&function_id("work")].len();
    assert_eq!((told.snapshot().logs.len(), runs(&told.snapshot())), (3, 1));
    // Read again after a long while: the same lines, and a twin that was not there before.
    let mut again = LogRead {
        group: "/aws/lambda/work".into(),
        functions: vec![function_id("work")],
        lines: vec![start(8, "a"), twin(), twin(), report(9, "a", true)],
        nth: vec![1, 1, 2, 1],
        ..LogRead::default()
    };
    told.tell(11, Fact::Lines(again.clone()));
    assert_eq!((told.snapshot().logs.len(), runs(&told.snapshot())), (4, 1));
    told.tell(12, Fact::Lines(again.clone()));
    assert_eq!(told.snapshot().logs.len(), 4);
    // Held no more, and still no second attempt: nothing starts twice at one time.
    again.nth.clear();
    told.tell(13, Fact::Lines(again));
    assert_eq!((told.snapshot().logs.len(), runs(&told.snapshot())), (8, 1));
}
