use jiff::SignedDuration;

use super::made::{Made, by, edge, function_id, id, mapping, queue_id};
use crate::doctor::budget::budgets;
use crate::doctor::words::{Dies, Unclear};
use crate::domain::phrase::Exact;
use crate::domain::{AsyncRetries, EdgeKind, EdgePolicy, Function, NodeId, NodeKind, Queue, RetryPolicy};

const MIN: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn queue(retention_s: u32, receives: Option<u32>) -> Queue {
    Queue {
        retention_s,
        visibility_timeout_s: 180,
        max_receive_count: receives,
        ..Queue::default()
    }
}

/// The seconds until the first loss of the only chain, and where.
fn first(made: Made) -> Option<(i64, NodeId)> {
    let mut all = budgets(&made.snapshot());
    assert!(all.len() < 2, "{all:?}");
    let first = all.pop()?.first?;
    Some((first.after.as_secs(), first.at))
}

fn uploads(retries: Option<u32>, max_age_s: Option<u32>) -> Made {
    let bucket = NodeId::from("arn:aws:s3:::photos");
    let function = Function {
        asynchronous: AsyncRetries { retries, max_age_s },
        ..Function::default()
    };
    Made::default()
        .function("f", function)
        .node(bucket.clone(), NodeKind::S3)
        .edge(edge(&bucket, &function_id("f"), EdgeKind::Trigger))
}

#[test]
fn an_asynchronous_event_is_lost_after_its_last_attempt() {
    for (retries, max_age, after) in [
        (None, None, 3 * MIN),
        (Some(1), None, MIN),
        (Some(0), None, 0),
        // AWS (async): an attempt that would come after the maximum age is not waited for.
        (None, Some(60), MIN),
        (None, Some(90), MIN),
        (None, Some(179), MIN),
        (None, Some(180), 3 * MIN),
    ] {
        let found = first(uploads(retries, max_age));
        assert_eq!(found, Some((after, function_id("f"))), "{retries:?} {max_age:?}");
    }
    let kept = uploads(None, None).queue("dead", queue(4 * 86_400, None)).edge(by(
        "lambda",
        edge(&function_id("f"), &queue_id("dead"), EdgeKind::DeadLetter),
    ));
    assert_eq!(first(kept), Some((4 * DAY + 3 * MIN, queue_id("dead"))));
    // A bucket keeps it for good.
    let store = NodeId::from("arn:aws:s3:::failed");
    let policy = EdgePolicy {
        condition: Some("OnFailure".into()),
        ..EdgePolicy::default()
    };
    let stored = uploads(None, None)
        .node(store.clone(), NodeKind::S3)
        .edge(edge(&function_id("f"), &store, EdgeKind::Destination).with(policy));
    assert_eq!(first(stored), None);
}

#[test]
fn a_message_is_lost_where_its_retention_ends() {
    let read = |retention: u32| {
        let made = Made::default()
            .queue("q", queue(retention, None))
            .function("f", Function::default());
        made.edge(mapping(&queue_id("q"), "f", 10, 0))
    };
    assert_eq!(first(read(345_600)), Some((4 * DAY, queue_id("q"))));
    let moved = |source: u32, dead: u32, end: &str| {
        let (q, d) = (format!("q{end}"), format!("dead{end}"));
        let made = Made::default()
            .queue(&q, queue(source, Some(3)))
            .queue(&d, queue(dead, None))
            .function("f", Function::default());
        made.edge(mapping(&queue_id(&q), "f", 10, 0))
            .edge(by("sqs", edge(&queue_id(&q), &queue_id(&d), EdgeKind::DeadLetter)))
    };
    // AWS (dead-letters): a standard queue keeps the time of the first enqueue, a FIFO queue counts anew.
    assert_eq!(first(moved(345_600, 1_209_600, "")), Some((14 * DAY, queue_id("dead"))));
    assert_eq!(
        first(moved(345_600, 1_209_600, ".fifo")),
        Some((14 * DAY + 9 * MIN, queue_id("dead.fifo")))
    );
    // Deleted as it is moved; and before it can be.
    assert_eq!(first(moved(345_600, 300, "")), Some((9 * MIN, queue_id("dead"))));
    assert_eq!(first(moved(300, 1_209_600, "")), Some((5 * MIN, queue_id("q"))));
}

#[test]
fn a_stream_forgets_what_its_reader_fails_with() {
    let stream = |service: &str, resource: &str, kind: NodeKind, retries: Option<i64>, max_age: Option<i64>| {
        let from = id(service, resource);
        let mut read = mapping(&from, "f", 100, 0);
        read.policies[0].retries = RetryPolicy {
            max: retries,
            max_age_s: max_age,
            ..RetryPolicy::default()
        };
        Made::default()
            .node(from, kind)
            .function("f", Function::default())
            .edge(read)
    };
    let documents = || stream("rds", "cluster:docs", NodeKind::Documentdb, None, None);
    assert_eq!(first(documents()), Some((3 * HOUR, id("rds", "cluster:docs"))));
    let why = budgets(&documents().snapshot()).remove(0).first.expect("a loss").why;
    let retention = Exact::secs(3 * HOUR);
    assert_eq!(
        why,
        Dies::StreamRetention {
            retention,
            assumed: true
        }
    );
    let table = |retries, age| stream("dynamodb", "table/t/stream/1", NodeKind::DynamodbStream, retries, age);
    assert_eq!(
        first(table(Some(-1), Some(-1))),
        Some((DAY, id("dynamodb", "table/t/stream/1")))
    );
    assert_eq!(first(table(Some(-1), Some(3_600))), Some((HOUR, function_id("f"))));
    assert_eq!(
        first(table(Some(-1), Some(604_800))),
        Some((DAY, id("dynamodb", "table/t/stream/1")))
    );
    // AWS publishes no wait between attempts.
    let unclear = budgets(&table(Some(2), None).snapshot()).remove(0);
    assert_eq!(unclear.first, None);
    let within = Some(SignedDuration::from_hours(24));
    assert_eq!(
        unclear.unclear[0].why,
        Unclear::RetriesUnpublished { retries: 2, within }
    );
    for (service, resource, kind, why) in [
        ("mq", "broker:b", NodeKind::Mq, Unclear::Broker),
        ("kafka", "cluster/c/1", NodeKind::Kafka, Unclear::TopicRetention),
    ] {
        let budget = budgets(&stream(service, resource, kind, None, None).snapshot()).remove(0);
        assert_eq!((budget.first, budget.unclear[0].why.clone()), (None, why.into()));
    }
}

#[test]
fn what_cannot_be_handed_over_is_given_up_in_time() {
    let sent = |service: &str, resource: &str, kind: NodeKind, policy: EdgePolicy| {
        let from = id(service, resource);
        let made = Made::default()
            .node(from.clone(), kind)
            .queue("q", queue(345_600, None));
        made.edge(edge(&from, &queue_id("q"), EdgeKind::Trigger).with(policy))
    };
    let rule = |policy| sent("events", "rule/paid", NodeKind::Eventbridge, policy);
    assert_eq!(
        first(rule(EdgePolicy::default())),
        Some((DAY, id("events", "rule/paid")))
    );
    let mut short = EdgePolicy::default();
    short.retries.max_age_s = Some(3_600);
    assert_eq!(first(rule(short)), Some((HOUR, id("events", "rule/paid"))));
    let topic = sent("sns", "t", NodeKind::Sns, EdgePolicy::default());
    assert_eq!(first(topic), Some((23 * DAY, id("sns", "t"))));
    let kept = rule(EdgePolicy::default())
        .queue("dead", queue(1_209_600, None))
        .edge(by(
            "eventbridge",
            edge(&id("events", "rule/paid"), &queue_id("dead"), EdgeKind::DeadLetter),
        ));
    assert_eq!(first(kept), Some((15 * DAY, queue_id("dead"))));
}

#[test]
fn the_least_of_a_chain_is_its_budget_and_callers_are_told_themselves() {
    let docs = id("rds", "cluster:docs");
    let chain = uploads(None, None)
        .queue("dead", queue(1_209_600, None))
        .edge(by(
            "lambda",
            edge(&function_id("f"), &queue_id("dead"), EdgeKind::DeadLetter),
        ))
        .function("tell", Function::default())
        .edge(edge(&function_id("f"), &docs, EdgeKind::Writes))
        .node(docs.clone(), NodeKind::Documentdb)
        .edge(mapping(&docs, "tell", 100, 0));
    let budget = budgets(&chain.snapshot()).remove(0);
    let first = budget.first.expect("a loss");
    assert_eq!(
        (first.after.as_secs(), first.at, first.to),
        (3 * HOUR, docs, function_id("tell"))
    );
    assert_eq!(budget.sources, [NodeId::from("arn:aws:s3:::photos")]);
    let api = id("execute-api", "abc");
    let called = Made::default()
        .node(api.clone(), NodeKind::Apigateway)
        .function("f", Function::default());
    assert!(budgets(&called.edge(edge(&api, &function_id("f"), EdgeKind::Trigger)).snapshot()).is_empty());
}
