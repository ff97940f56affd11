//! What is said of a few invocations, and above all what is not.

use std::collections::BTreeMap;

use super::*;
use crate::domain::{AttributeValue, Detail, Edge, EdgeKind, Evidence, MessageAttribute, NodeKind};
use crate::logs::buffer::{Lines, Put};
use crate::logs::{GroupLog, Invocations};

const M: &str = "5f1c0000-0000-4000-8000-00000000000a";
const N: &str = "5f1c0000-0000-4000-8000-00000000000b";

/// A request's ID.
fn r(n: u32) -> String {
    format!("aaaaaaaa-0000-4000-8000-{n:012}")
}

fn function(name: &str) -> NodeId {
    NodeId::from(format!("arn:aws:lambda:eu-west-1:111122223333:function:{name}"))
}

fn resource(text: &str) -> NodeId {
    NodeId::from(text)
}

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:q";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:t";
const BUCKET: &str = "arn:aws:s3:::orders-bkt";
const STREAM: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/s";
const RULE: &str = "arn:aws:events:eu-west-1:111122223333:rule/placed";

/// An account that is written down line by line.
#[derive(Default)]
struct Account {
    nodes: BTreeMap<NodeId, Arc<Node>>,
    edges: Vec<Arc<Edge>>,
    lines: BTreeMap<NodeId, Vec<(i64, String)>>,
    letters: Vec<Arc<QueueMessage>>,
    deliveries: Vec<Delivery>,
    keys: Keys,
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).expect("a time")
}

impl Account {
    /// A chain: names of functions and ARNs of resources, each leads to the next.
    fn chain(mut self, ends: &[&str]) -> Self {
        let id = |text: &&str| {
            if text.starts_with("arn:") {
                resource(text)
            } else {
                function(text)
            }
        };
        for end in ends {
            let id = id(end);
            let kind = crate::domain::Arn::parse(id.as_str()).map_or(NodeKind::External, |arn| arn.kind());
            let name = id.short_name().to_owned();
            let node = Node {
                id: id.clone(),
                kind,
                name,
                detail: Detail::None,
            };
            self.nodes.insert(id, Arc::new(node));
        }
        for pair in ends.windows(2) {
            let (from, to) = (id(&pair[0]), id(&pair[1]));
            let kind = if pair[0].starts_with("arn:") {
                EdgeKind::Trigger
            } else {
                EdgeKind::Writes
            };
            if !self.edges.iter().any(|edge| edge.key.from == from && edge.key.to == to) {
                self.edges
                    .push(Arc::new(Edge::new(from, to, kind, Evidence::Configured)));
            }
        }
        self
    }

    /// An invocation of 100 ms that prints lines.
    fn run(mut self, name: &str, ms: i64, request: &str, lines: &[&str]) -> Self {
        let said = self.lines.entry(function(name)).or_default();
        said.push((ms, format!("START RequestId: {request} Version: $LATEST")));
        for (n, line) in (1..).zip(lines) {
            said.push((ms + n, (*line).to_owned()));
        }
        said.push((ms + 100, format!("END RequestId: {request}")));
        said.push((
            ms + 100,
            format!("REPORT RequestId: {request}\tDuration: 99.00 ms\tBilled Duration: 99 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\t"),
        ));
        self
    }

    fn held<T>(&self, ask: impl FnOnce(&Held<'_>) -> T) -> T {
        let mut runs = Invocations::default();
        let mut logs = Logs::default();
        for (function, lines) in &self.lines {
            for (ms, text) in lines {
                runs.take(function, "stream", at(*ms), text);
            }
            let puts = lines.iter().map(|(ms, text)| Put {
                at: at(*ms).as_millisecond(),
                stream: "stream",
                function: Some(function),
                level: None,
                text,
            });
            let name: Arc<str> = format!("/aws/lambda/{}", function.short_name()).into();
            let group = GroupLog {
                name: Arc::clone(&name),
                functions: vec![function.clone()],
                lines: Lines::of(puts.collect()),
                ..GroupLog::default()
            };
            logs.groups.insert(name, Arc::new(group));
        }
        runs.refresh();
        let runs = self
            .lines
            .keys()
            .map(|function| (function.clone(), runs.runs(function)))
            .collect();
        ask(&Held {
            now: at(86_400_000),
            logs: &logs,
            runs: &runs,
            deliveries: &self.deliveries,
            letters: &self.letters,
            nodes: &self.nodes,
            edges: &self.edges,
            keys: &self.keys,
        })
    }

    /// All links: from, to, how and by what.
    fn links(&self) -> Vec<(String, String, Link, By)> {
        self.held(|held| {
            let (runs, joints) = links(held, at(0), at(86_400_000));
            let name = |place: usize| {
                format!(
                    "{} {}",
                    runs[place].function.short_name(),
                    &runs[place].request_id[34..]
                )
            };
            let mut all: Vec<_> = joints
                .iter()
                .map(|joint| (name(joint.from), name(joint.to), joint.link, joint.by))
                .collect();
            all.sort();
            all
        })
    }

    /// Links that are seen, not guessed.
    fn seen(&self) -> Vec<(String, String, Link, By)> {
        let mut all = self.links();
        all.retain(|(.., by)| !matches!(by, By::OnlyOne | By::OneOfSeveral));
        all
    }
}

fn link(from: &str, to: &str, link: Link, by: By) -> (String, String, Link, By) {
    (from.to_owned(), to.to_owned(), link, by)
}

#[test]
fn both_ends_name_the_message_of_the_queue_between() {
    let account = Account::default()
        .chain(&["a", QUEUE, "b"])
        .run("a", 0, &r(1), &[&format!("sent message {M}")])
        .run("b", 900, &r(2), &[&format!("INFO messageId={M} receive=1")]);
    assert_eq!(account.seen(), [link("a 01", "b 02", Link::Carried, By::MessageId)]);
}

#[test]
fn an_id_that_is_of_no_message_joins_nothing() {
    // An order's own ID, which every function prints.
    let account = Account::default()
        .chain(&["a", QUEUE, "b"])
        .run("a", 0, &r(1), &[&format!("order {M}")])
        .run("b", 900, &r(2), &[&format!("order {M}")]);
    assert_eq!(account.seen(), []);
    // A message, but no queue between.
    let account = Account::default()
        .chain(&["a", BUCKET, "b"])
        .run("a", 0, &r(1), &[&format!("sent message {M}")])
        .run("b", 900, &r(2), &[&format!("processing message {M}")]);
    assert_eq!(account.seen(), []);
}

#[test]
fn what_reached_both_from_further_up_was_sent_by_neither() {
    // `a` hears the topic and writes to the queue; the topic feeds the queue, too.
    let account = Account::default()
        .chain(&[TOPIC, "a", QUEUE, "b"])
        .chain(&[TOPIC, QUEUE])
        .run("a", 0, &r(1), &[&format!("message {M}")])
        .run("b", 900, &r(2), &[&format!("message {M}")]);
    assert_eq!(account.seen(), []);
    // Unless it says that it sent it.
    let account = Account::default()
        .chain(&[TOPIC, "a", QUEUE, "b"])
        .chain(&[TOPIC, QUEUE])
        .run(
            "a",
            0,
            &r(1),
            &[&format!("{{'MessageId': '{M}', 'ResponseMetadata': {{}}}}")],
        )
        .run("b", 900, &r(2), &[&format!("processing message {M}")]);
    assert_eq!(account.seen(), [link("a 01", "b 02", Link::Carried, By::MessageId)]);
}

#[test]
fn two_that_may_have_sent_it_are_candidates() {
    let account = Account::default()
        .chain(&["a", QUEUE, "b"])
        .run("a", 0, &r(1), &[&format!("message {M}")])
        .run("a", 300, &r(2), &[&format!("message {M}")])
        .run("b", 900, &r(3), &[&format!("processing message {M}")]);
    let of = |from| link(from, "b 03", Link::Candidate, By::MessageId);
    assert_eq!(account.seen(), [of("a 01"), of("a 02")]);
}

#[test]
fn a_caller_knows_the_request_that_it_invoked() {
    let account = Account::default()
        .chain(&["a", "b"])
        .run("a", 0, &r(1), &[&format!("invoked b: {}", r(2))])
        .run("b", 200, &r(2), &[]);
    assert_eq!(account.seen(), [link("a 01", "b 02", Link::Carried, By::RequestId)]);
    // What collects logs names it later, and called nobody.
    let account = Account::default()
        .chain(&["b", "a"])
        .chain(&["a", "b"])
        .run("b", 0, &r(2), &[])
        .run("a", 200, &r(1), &[&format!("failed request {}", r(2))]);
    assert!(
        account.seen().iter().all(|(from, ..)| from == "b 02"),
        "{:?}",
        account.seen()
    );
}

#[test]
fn a_key_that_holds_the_writers_request_leads_back_to_it() {
    let key = format!("incoming/{}.json", r(1));
    let account = Account::default()
        .chain(&["a", BUCKET, "b"])
        .run("a", 0, &r(1), &[])
        .run("b", 900, &r(2), &[&format!("parsing s3://orders-bkt/{key}")]);
    assert_eq!(account.seen(), [link("a 01", "b 02", Link::Carried, By::RequestId)]);
    // With another function between, it may have come that way.
    let account = Account::default()
        .chain(&["a", BUCKET, "b"])
        .chain(&["a", QUEUE, "c", BUCKET])
        .run("a", 0, &r(1), &[])
        .run("b", 900, &r(2), &[&format!("parsing s3://orders-bkt/{key}")]);
    assert_eq!(account.seen(), []);
}

#[test]
fn an_object_written_once_and_read_once_joins_and_one_written_twice_does_not() {
    let one = |account: Account, ms, n| account.run("a", ms, &r(n), &["wrote s3://orders-bkt/x/4711.json"]);
    let account = one(Account::default().chain(&["a", BUCKET, "b"]), 0, 1).run(
        "b",
        900,
        &r(2),
        &[r#"{"s3":{"bucket":{"name":"orders-bkt"},"object":{"key":"x/4711.json","sequencer":"0C"}}}"#],
    );
    assert_eq!(account.seen(), [link("a 01", "b 02", Link::Carried, By::ObjectKey)]);
    let account = one(account, 300, 3);
    assert!(
        account.seen().iter().all(|(.., link, _)| *link == Link::Candidate),
        "{:?}",
        account.seen()
    );
    assert_eq!(account.seen().len(), 2);
}

#[test]
fn records_and_events_are_joined_by_what_the_service_gave_them() {
    let sequence = "49590338271490256608559692538361571095921575989136588898";
    let account = Account::default()
        .chain(&["a", STREAM, "b"])
        .run(
            "a",
            0,
            &r(1),
            &[&format!(
                "{{'ShardId': 'shardId-000000000000', 'SequenceNumber': '{sequence}'}}"
            )],
        )
        .run("b", 900, &r(2), &[&format!("eventID shardId-000000000000:{sequence}")]);
    assert_eq!(
        account.seen(),
        [link("a 01", "b 02", Link::Carried, By::SequenceNumber)]
    );
    // The default bus stands in no box: that a service answered so is enough.
    let account = Account::default()
        .chain(&[RULE, "b"])
        .chain(&["a"])
        .run(
            "a",
            0,
            &r(1),
            &[&format!("{{'FailedEntryCount': 0, 'Entries': [{{'EventId': '{M}'}}]}}")],
        )
        .run("b", 900, &r(2), &[&format!("handling event {M}")]);
    assert_eq!(account.seen(), [link("a 01", "b 02", Link::Carried, By::EventId)]);
    // Two rules that took the same event.
    let account = Account::default()
        .chain(&[RULE, "b"])
        .chain(&[RULE, "a"])
        .run("a", 0, &r(1), &[&format!("handling event {M}")])
        .run("b", 900, &r(2), &[&format!("handling event {M}")]);
    assert_eq!(account.seen(), []);
}

/// One event a minute from `a` over the queue to `b`, which gets it so many milliseconds later.
fn steady(account: Account, late: &[i64]) -> Account {
    (0..).zip(late).fold(account, |account, (n, late)| {
        let ms = i64::from(n) * 60_000;
        account
            .run("a", ms, &r(100 + n), &[])
            .run("b", ms + late, &r(200 + n), &[])
    })
}

#[test]
fn what_can_only_have_been_it_is_inferred_once_the_one_before_was_too() {
    let account = steady(Account::default().chain(&["a", QUEUE, "b"]), &[900, 900, 900, 900]);
    let links = account.links();
    let how: Vec<Link> = links.iter().map(|(.., link, _)| *link).collect();
    assert_eq!(how, [Link::Candidate, Link::Inferred, Link::Inferred, Link::Inferred]);
}

#[test]
fn behind_a_backlog_nothing_is_inferred() {
    // Each comes 65 s late: near in time is the one after.
    let account = steady(Account::default().chain(&["a", QUEUE, "b"]), &[65_000; 5]);
    assert!(
        account.links().iter().all(|(.., link, _)| *link == Link::Candidate),
        "{:?}",
        account.links()
    );
}

#[test]
fn where_others_trigger_it_too_nothing_is_inferred() {
    let chain = Account::default().chain(&["a", QUEUE, "b"]).chain(&[RULE, "b"]);
    let account = steady(chain, &[900; 4]);
    assert!(
        account.links().iter().all(|(.., link, _)| *link == Link::Candidate),
        "{:?}",
        account.links()
    );
}

#[test]
fn a_journey_goes_from_the_first_to_the_last_whatever_it_is_asked_by() {
    let account = Account::default()
        .chain(&["a", QUEUE, "b", TOPIC, "c"])
        .run("a", 0, &r(1), &["order 4711", &format!("sent message {M}")])
        .run("a", 500, &r(9), &["order 4712"])
        .run(
            "b",
            900,
            &r(2),
            &[&format!("messageId={M}"), &format!("published message {N}")],
        )
        .run("c", 1_900, &r(3), &[&format!("message {N}")]);
    for id in ["4711", &r(1), M, &r(2), N, &r(3)] {
        let journey = account.held(|held| follow(held, id));
        let names: Vec<&str> = journey.hops.iter().map(|hop| hop.function.short_name()).collect();
        assert_eq!(names, ["a", "b", "c"], "{id}");
        let links: Vec<_> = journey
            .joints
            .iter()
            .map(|joint| (joint.from, joint.to, joint.link))
            .collect();
        assert_eq!(links, [(0, 1, Link::Carried), (1, 2, Link::Carried)], "{id}");
        assert_eq!(journey.joints[0].through, [resource(QUEUE)]);
    }
    let journey = account.held(|held| follow(held, "4713"));
    assert!(journey.hops.is_empty() && journey.cut.is_none());
}

#[test]
fn attempts_are_one_hop_and_the_dead_letter_is_its_end() {
    let mut account = Account::default().chain(&["a", QUEUE, "b"]);
    account = account.run("a", 0, &r(1), &[&format!("sent message {M}")]);
    for (n, ms) in [(2, 900), (3, 30_900), (4, 60_900)] {
        account = account.run("b", ms, &r(n), &[&format!("messageId={M}")]);
    }
    let letter = QueueMessage {
        queue: resource("arn:aws:sqs:eu-west-1:111122223333:q-dlq"),
        message_id: M.to_owned(),
        body: "{}".into(),
        attributes: BTreeMap::new(),
        system: BTreeMap::from([("DeadLetterQueueSourceArn".to_owned(), QUEUE.to_owned())]),
        read_at: at(99_000),
    };
    account.letters = vec![Arc::new(letter)];
    let journey = account.held(|held| follow(held, M));
    let hops: Vec<_> = journey
        .hops
        .iter()
        .map(|hop| (hop.function.short_name(), hop.attempts.len()))
        .collect();
    assert_eq!(hops, [("a", 1), ("b", 3)]);
    assert_eq!(journey.hops[1].dead.as_ref().map(|dead| dead.by), Some(By::MessageId));
}

#[test]
fn a_functions_dead_letter_is_joined_by_its_request() {
    let mut account = Account::default().chain(&["a"]).run("a", 0, &r(1), &[]);
    let text = |text: &str| MessageAttribute {
        data_type: "String".to_owned(),
        value: AttributeValue::Text(text.to_owned()),
    };
    account.letters = vec![Arc::new(QueueMessage {
        queue: resource("arn:aws:sqs:eu-west-1:111122223333:in-dlq"),
        message_id: M.to_owned(),
        body: "{}".into(),
        attributes: BTreeMap::from([("RequestID".to_owned(), text(&r(1)))]),
        system: BTreeMap::new(),
        read_at: at(99_000),
    })];
    let journey = account.held(|held| follow(held, M));
    assert_eq!(journey.hops.len(), 1);
    assert_eq!(journey.hops[0].dead.as_ref().map(|dead| dead.by), Some(By::RequestId));
}

#[test]
fn what_came_of_a_batch_may_be_of_another_message() {
    let account = Account::default()
        .chain(&["a", QUEUE, "b", TOPIC, "c"])
        .run("a", 0, &r(1), &[&format!("sent message {M}")])
        .run(
            "b",
            900,
            &r(2),
            &[
                &format!("messageId={M}"),
                &format!("messageId={N}"),
                "published message 5f1c0000-0000-4000-8000-00000000000c",
            ],
        )
        .run("c", 1_900, &r(3), &["message 5f1c0000-0000-4000-8000-00000000000c"]);
    let journey = account.held(|held| follow(held, &r(1)));
    let names: Vec<&str> = journey.hops.iter().map(|hop| hop.function.short_name()).collect();
    assert_eq!(names, ["a", "b"], "nobody knows which of the two it was");
    assert_eq!(journey.hops[1].batch.len(), 2);
}

#[test]
fn a_key_of_ones_own_makes_a_group_and_no_link() {
    let mut account = Account::default()
        .chain(&["a", QUEUE, "b"])
        .run("a", 0, &r(1), &[r#"{"order_id":"4711"}"#])
        .run("b", 900_000, &r(2), &[r#"{"order_id":"4711"}"#]);
    account.keys = Keys::new(&["order_id".to_owned()]).expect("a key");
    let journey = account.held(|held| follow(held, &r(1)));
    assert_eq!(journey.hops.len(), 1);
    assert_eq!(journey.correlated.len(), 1);
    assert_eq!(journey.correlated[0].others, [(function("b"), r(2))]);
}

#[test]
fn an_event_stands_where_it_was_seen_last() {
    use super::standing::{State, figures, standings};
    let account = Account::default()
        .chain(&["a", QUEUE, "b"])
        .run("a", 0, &r(1), &[&format!("sent message {M}")])
        .run("b", 900, &r(2), &[&format!("messageId={M}")])
        .run("a", 5_000, &r(3), &[&format!("sent message {N}")]);
    let journeys = account.held(|held| all(held, at(0), at(60_000)));
    let ways = Ways::of(&account.nodes, &account.edges);
    let states: Vec<State> = journeys
        .iter()
        .flat_map(|journey| standings(journey, &ways))
        .map(|standing| standing.state)
        .collect();
    assert_eq!(states, [State::Finished, State::NotSeenAfter]);
    let figures = figures(&journeys);
    let waits = figures[&function("b")].wait(50).map(|wait| wait.as_millis());
    assert_eq!((waits, figures[&function("a")].count()), (Some(800), 2));
}

#[test]
fn hostile_ids_change_nothing_but_the_answer() {
    let mut account = Account::default().chain(&["a", QUEUE, "b"]);
    for n in 0..500 {
        account = account.run("a", i64::from(n) * 200, &r(n), &["tenant 4711"]);
    }
    let journey = account.held(|held| follow(held, "4711"));
    assert_eq!((journey.hops.len(), journey.cut), (0, Some(Cut::Common)));
    let long = "x".repeat(65_536);
    for id in [
        "",
        "(?P<",
        "\u{1b}[31m",
        ".*",
        "\0",
        "\n",
        long.as_str(),
        "{",
        "arn:",
        "-",
    ] {
        let journey = account.held(|held| follow(held, id));
        assert!(journey.hops.is_empty(), "{id:?}");
    }
}
