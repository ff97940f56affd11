//! Ten thousand dead letters understood, grouped, ordered and filtered: how long, and in how much memory.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use pitagora::dead_letters::jq::{Program, Verdict};
use pitagora::dead_letters::run_history::NoHistory;
use pitagora::dead_letters::{Chain, DeadLetter, DeadLetterQueue, Filter, dead_letter, queues};
use pitagora::domain::phrase::Phrase;
use pitagora::domain::{
    AttributeValue, Edge, EdgeKind, EdgePolicy, Evidence, MessageAttribute, Node, NodeId, QueueMessage,
};
use pitagora::words::Words;

const LETTERS: usize = 10_000;
/// Bytes of each body.
const BODY: usize = 1_024;
/// What the letters may take beside their bodies and attributes, each. A letter of SQS itself is some 2 KB.
const OWN: usize = 4 * 1_024;

fn say(phrase: &Phrase) -> String {
    Words::utc().say(phrase)
}

fn id(text: &str) -> NodeId {
    format!("arn:aws:{text}").into()
}

fn letter(n: usize) -> QueueMessage {
    let start = format!(r#"{{"id":{n},"customer":"c-{}","note":""#, n % 97);
    let body = format!("{start}{}\"}}", "x".repeat(BODY - start.len() - 2));
    let text = |value: String| MessageAttribute {
        data_type: "String".to_owned(),
        value: AttributeValue::Text(value),
    };
    let attributes = [
        ("RequestID", format!("00000000-0000-4000-8000-{n:012}")),
        ("ErrorCode", "200".to_owned()),
        (
            "ErrorMessage",
            format!("no price for order {n} in list {}", ["a", "b", "c"][n % 3]),
        ),
    ];
    let sent = 1_767_225_600_000 + n as u64;
    QueueMessage {
        queue: id("sqs:r:1:dlq"),
        message_id: format!("00000000-0000-4000-9000-{n:012}"),
        body: body.into(),
        attributes: attributes.map(|(name, value)| (name.to_owned(), text(value))).into(),
        system: [
            ("SentTimestamp", sent.to_string()),
            ("ApproximateReceiveCount", "2".to_owned()),
            ("ApproximateFirstReceiveTimestamp", sent.to_string()),
            ("SenderId", "AROAEXAMPLE:f".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
        read_at: Timestamp::UNIX_EPOCH,
    }
}

struct Account {
    nodes: BTreeMap<NodeId, Arc<Node>>,
    edges: Vec<Arc<Edge>>,
}

impl Account {
    fn new() -> Self {
        let policy = EdgePolicy::retried_by("lambda");
        let (from, to) = (id("lambda:r:1:function:f"), id("sqs:r:1:dlq"));
        let edge = Edge::new(from, to, EdgeKind::DeadLetter, Evidence::Configured).with(policy);
        Self {
            nodes: BTreeMap::new(),
            edges: vec![Arc::new(edge)],
        }
    }

    fn chain(&self) -> Chain<'_> {
        Chain {
            nodes: &self.nodes,
            edges: &self.edges,
        }
    }

    fn queue(&self) -> DeadLetterQueue {
        queues::queue(self.chain(), &id("sqs:r:1:dlq"), None)
    }

    fn understood(&self, letters: &[Arc<QueueMessage>]) -> Vec<DeadLetter> {
        dead_letter::entries(letters.iter().cloned(), &self.queue(), self.chain(), &NoHistory)
    }
}

/// What an expression and a text choose, in this process.
fn chosen(expression: &str, text: &str, entries: &[DeadLetter]) -> Vec<usize> {
    let filter = Filter::new(None, Some(text), say);
    let program = (!expression.is_empty()).then(|| Program::new(expression).unwrap_or_else(|_| panic!("{expression}")));
    let holds = |program: &Program, entry: &DeadLetter| program.run(filter.seen(entry).as_bytes()) == Verdict::Holds;
    let passes =
        |entry: &DeadLetter| filter.has_text(entry) && program.as_ref().is_none_or(|program| holds(program, entry));
    (0..entries.len()).filter(|place| passes(&entries[*place])).collect()
}

/// Bytes of memory in use, as the kernel counts them; nothing where it does not say.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? * 1_024)
}

/// Says how much memory ten thousand letters take, and holds it to its bound.
fn memory(account: &Account) -> Vec<Arc<QueueMessage>> {
    let before = resident();
    let letters: Vec<_> = (0..LETTERS).map(letter).map(Arc::new).collect();
    let entries = account.understood(&letters);
    let groups = dead_letter::groups(&entries);
    let chosen = chosen(".body.id % 7 == 0", "list b", &entries);
    assert_eq!(
        (groups.len(), chosen.len()),
        (3, (0..LETTERS).filter(|n| n % 21 == 7).count())
    );
    if let (Some(before), Some(after)) = (before, resident()) {
        let used = after.saturating_sub(before);
        println!(
            "{LETTERS} letters of {BODY} bytes: {} KB in memory, {} bytes a letter",
            used / 1_024,
            used / LETTERS
        );
        assert!(used < LETTERS * (BODY + OWN), "{used} bytes");
    }
    letters
}

fn understand(c: &mut Criterion) {
    let account = Account::new();
    let letters = memory(&account);
    let mut group = c.benchmark_group("letters");
    group.throughput(Throughput::Elements(LETTERS as u64));
    group.sample_size(10);
    group.bench_function("understood", |b| b.iter(|| account.understood(black_box(&letters))));
    let mut entries = account.understood(&letters);
    group.bench_function("grouped", |b| b.iter(|| dead_letter::groups(black_box(&entries))));
    group.bench_function("ordered", |b| {
        b.iter(|| dead_letter::sort(black_box(&mut entries), dead_letter::Order::Fault));
    });
    let jq = ".body.customer == \"c-5\"";
    group.bench_function("filtered by jq", |b| b.iter(|| chosen(jq, "", black_box(&entries))));
    group.bench_function("filtered by text", |b| {
        b.iter(|| chosen("", "ORDER 77", black_box(&entries)));
    });
    group.finish();
}

criterion_group!(benches, understand);
criterion_main!(benches);
