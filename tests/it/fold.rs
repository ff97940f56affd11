//! The fold, from observations to snapshots, without a terminal, a network or a clock.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use pitagora::domain::log::{Line, LogRead, Reach};
use pitagora::domain::{
    Batching, Detail, Edge, EdgeFilter, EdgeKind, EdgePolicy, EdgeStatus, Evidence, Fact, Function,
    FunctionPermissions, FunctionStatus, Logging, Metric, Missing, Node, NodeId, NodeKind, Observation, Part, Point,
    Queue, Recollection, RetryPolicy, Scope, Source, StreamSource, Subject, Unknown,
};
use pitagora::store::Store;
use pitagora::store::snapshot::{Health, Severity, Snapshot, Trouble};

mod arrival;
mod before;
mod coming;
mod cures;
mod expiry;
mod lately;
mod loops;
mod losses;
mod no_loss;
mod outlooks;
mod retention;
mod saved;
mod told_once;
mod troubles;
mod unheard;
mod unwritten;

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
        logging: Logging::to(format!("/aws/lambda/{name}")),
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
            optional: false,
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
        report(10, "a", true),
        start(10, "b"),
        report(11, "b", false),
        start(11, "c"),
        report(11, "c", false),
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
