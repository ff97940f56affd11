//! What a row's scenario expects, and whether it happens.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{START, lines};
use crate::duration::{Length, Span};
use crate::scenario::Scenario;
use crate::world::logs::{LogGroup, SubscriptionFilter};
use crate::world::metrics::MetricKey;
use crate::world::queue::Message;
use crate::world::{World, arn};

/// A row's scenario: the keys beside those of a scenario.
#[derive(Debug, Deserialize)]
struct Head {
    row: String,
    run: Length,
    #[serde(default)]
    expect: Expect,
    redrive: Option<Redrive>,
    subscribe: Option<Subscribe>,
    forget: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expect {
    starts: Vec<Starts>,
    log: Vec<Log>,
    queue: Vec<Queue>,
    metric: Vec<Metric>,
    deliveries: Vec<Deliveries>,
}

/// Dead letters moved back during the row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Redrive {
    from: String,
    at: Length,
    rate: i64,
}

/// A log group fed into a function.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscribe {
    group: String,
    function: String,
    pattern: String,
}

/// When a function is started.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Starts {
    function: String,
    none: bool,
    first: Option<Span>,
    /// `end` or `start` of the attempt before.
    since: String,
    gaps: Vec<Span>,
    at_least: Option<usize>,
    each: Option<Span>,
    /// `same` or `new`.
    request: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    function: String,
    text: String,
    count: usize,
    within: Option<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Queue {
    name: String,
    messages: usize,
    expired: u64,
    arrives: Option<Span>,
    body: Vec<String>,
    attributes: BTreeMap<String, String>,
    system: BTreeMap<String, String>,
    without: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Metric {
    function: Option<String>,
    queue: Option<String>,
    topic: Option<String>,
    rule: Option<String>,
    api: Option<String>,
    pool: Option<String>,
    machine: Option<String>,
    name: String,
    sum: i32,
    /// How many values it has, where zeros count too.
    samples: Option<u32>,
}

/// The gaps between a topic's tries to deliver.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deliveries {
    topic: String,
    gaps: Vec<Span>,
}

/// A row's scenario, ready to run.
pub(super) struct Case {
    pub(super) row: String,
    head: Head,
    scenario: Scenario,
}

/// What is only seen while it happens.
#[derive(Default)]
struct Seen {
    /// When a queue first held something.
    arrivals: BTreeMap<String, i64>,
    /// When a topic's tries were.
    tries: BTreeMap<String, Vec<i64>>,
}

impl Case {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let head: Head = toml::from_str(text).map_err(|e| e.to_string())?;
        let mut plain: toml::Table = toml::from_str(text).map_err(|e| e.to_string())?;
        for key in ["row", "run", "expect", "redrive", "subscribe", "forget"] {
            plain.remove(key);
        }
        let scenario = Scenario::parse(&plain.to_string()).map_err(|e| e.to_string())?;
        Ok(Self {
            row: head.row.clone(),
            head,
            scenario,
        })
    }

    /// Runs it; what did not happen as expected comes back.
    pub(super) fn check(&self) -> Vec<String> {
        let mut world = match self.scenario.build(START, None) {
            Ok(world) => world,
            Err(e) => return vec![e.to_string()],
        };
        self.prepare(&mut world);
        let seen = self.run(&mut world);
        let expect = &self.head.expect;
        let mut wrong = Vec::new();
        expect.starts.iter().for_each(|e| check_starts(&world, e, &mut wrong));
        expect.log.iter().for_each(|e| check_log(&world, e, &mut wrong));
        expect
            .queue
            .iter()
            .for_each(|e| check_queue(&mut world, e, &seen, &mut wrong));
        expect.metric.iter().for_each(|e| check_metric(&world, e, &mut wrong));
        expect
            .deliveries
            .iter()
            .for_each(|e| check_deliveries(e, &seen, &mut wrong));
        wrong
    }

    fn prepare(&self, world: &mut World) {
        if let Some(name) = &self.head.forget {
            world.lambda.functions.remove(name);
        }
        if let Some(wanted) = &self.head.subscribe {
            let mut group = LogGroup::new(START);
            group.filters.push(SubscriptionFilter {
                name: "feed".to_owned(),
                pattern: wanted.pattern.clone(),
                destination: world.arn("lambda", &format!("function:{}", wanted.function)),
                role: None,
                created: START,
                sent: (START, 0),
            });
            world.records.logs.groups.insert(wanted.group.clone(), group);
            let source = world.arn("logs", &format!("log-group:{}:*", wanted.group));
            let statement = serde_json::json!({"Sid": "logs", "Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"},
                "Condition": {"ArnLike": {"AWS:SourceArn": source}}});
            if let Some(function) = world.lambda.functions.get_mut(&wanted.function) {
                function.policy.entry(String::new()).or_default().push(statement);
            }
        }
    }

    fn run(&self, world: &mut World) -> Seen {
        let end = START + self.head.run.0;
        let mut seen = Seen::default();
        let mut moved = self.head.redrive.is_none();
        while let Some(next) = world.next_event().filter(|next| *next <= end) {
            if let Some(redrive) = self.head.redrive.as_ref().filter(|r| !moved && next >= START + r.at.0) {
                world.advance_to(START + redrive.at.0);
                world.start_move(&redrive.from, None, Some(redrive.rate));
                moved = true;
                continue;
            }
            for wanted in &self.head.expect.deliveries {
                if world.next_delivery(&wanted.topic) == Some(next) {
                    seen.tries.entry(wanted.topic.clone()).or_default().push(next);
                }
            }
            world.step();
            for wanted in &self.head.expect.queue {
                if world.messaging.queues.get(&wanted.name).is_some_and(|q| !q.is_empty()) {
                    seen.arrivals.entry(wanted.name.clone()).or_insert(next);
                }
            }
        }
        world.advance_to(end);
        seen
    }
}

impl World {
    /// Lets only the very next thing happen.
    fn step(&mut self) {
        if let Some(next) = self.next_event()
            && let Some((at, what)) = self.clock.agenda.take(next)
        {
            self.clock.now = self.clock.now.max(at);
            self.happen(what);
        }
    }

    /// When the next thing that happens is an attempt of a topic to deliver: its time.
    fn next_delivery(&self, topic: &str) -> Option<i64> {
        let (at, what) = self.clock.agenda.peek()?;
        match what {
            super::super::Happening::Subscriber(id) => self.delivers(*id, topic).then_some(at),
            _ => None,
        }
    }
}

fn within(span: Span, from: i64, at: i64) -> bool {
    (span.low..=span.high).contains(&(at - from))
}

fn seconds(ms: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "for reading only")]
    let seconds = ms as f64 / 1000.0;
    format!("{seconds:.3} s")
}

/// Attempts of a function by its log: start, end, request.
fn attempts(world: &World, function: &str) -> Vec<(i64, i64, String)> {
    let lines = lines(world, function);
    let request = |line: &str, word: &str| {
        let rest = line.strip_prefix(word)?.strip_prefix(" RequestId: ")?;
        Some(rest.split_whitespace().next()?.to_owned())
    };
    let mut open: Vec<(i64, i64, String)> = Vec::new();
    for (at, line) in &lines {
        if let Some(id) = request(line, "START") {
            open.push((*at, i64::MAX, id));
        } else if let Some(id) = request(line, "END")
            && let Some(found) = open.iter_mut().find(|(_, end, open)| *end == i64::MAX && *open == id)
        {
            found.1 = *at;
        }
    }
    open
}

fn check_starts(world: &World, expect: &Starts, wrong: &mut Vec<String>) {
    let found = attempts(world, &expect.function);
    let mut say = |why: String| wrong.push(format!("{}: {why}", expect.function));
    if expect.none {
        if !found.is_empty() {
            say(format!("{} starts, none expected", found.len()));
        }
        return;
    }
    let expected = expect.at_least.unwrap_or(expect.gaps.len() + 1);
    if found.len() < expected || (expect.at_least.is_none() && found.len() > expected) {
        return say(format!("{} starts, {expected} expected", found.len()));
    }
    if let Some(first) = expect.first.filter(|first| !within(*first, START, found[0].0)) {
        say(format!(
            "first start after {}, expected {first:?}",
            seconds(found[0].0 - START)
        ));
    }
    for (n, pair) in found.windows(2).enumerate() {
        let Some(gap) = expect.gaps.get(n).copied().or(expect.each) else {
            continue;
        };
        let from = if expect.since == "end" { pair[0].1 } else { pair[0].0 };
        // Lines carry milliseconds; what was drawn within one is not seen.
        let gap = Span::range(gap.low - 1, gap.high + 1);
        if !within(gap, from, pair[1].0) {
            say(format!(
                "start {} came {} after, expected {gap:?}",
                n + 2,
                seconds(pair[1].0 - from)
            ));
        }
        if expect.request == "same" && pair[0].2 != pair[1].2 {
            say(format!("attempt {} has a request id of its own", n + 2));
        }
        if expect.request == "new" && pair[0].2 == pair[1].2 {
            say(format!("attempt {} has the request id of the one before", n + 2));
        }
    }
}

fn check_log(world: &World, expect: &Log, wrong: &mut Vec<String>) {
    let found: Vec<i64> = lines(world, &expect.function)
        .iter()
        .filter(|(_, line)| line.contains(&expect.text))
        .map(|(at, _)| *at)
        .collect();
    if found.len() != expect.count {
        wrong.push(format!(
            "{}: {} lines with {:?}, {} expected",
            expect.function,
            found.len(),
            expect.text,
            expect.count
        ));
    }
    if let Some(span) = expect.within {
        for at in found.iter().filter(|at| !within(span, START, **at)) {
            wrong.push(format!(
                "{}: {:?} after {}, expected {span:?}",
                expect.function,
                expect.text,
                seconds(at - START)
            ));
        }
    }
}

/// Whether a text is what is expected: `*` alone is any, `*x` ends with x.
fn fits(text: &str, expected: &str) -> bool {
    expected
        .strip_prefix('*')
        .map_or(text == expected, |end| text.ends_with(end))
}

fn check_queue(world: &mut World, expect: &Queue, seen: &Seen, wrong: &mut Vec<String>) {
    let now = world.now();
    let Some(queue) = world.messaging.queues.get_mut(&expect.name) else {
        return wrong.push(format!("no queue {}", expect.name));
    };
    queue.settle(now);
    let mut say = |why: String| wrong.push(format!("{}: {why}", expect.name));
    if queue.len() != expect.messages {
        say(format!("{} messages, {} expected", queue.len(), expect.messages));
    }
    if queue.ledger.expired != expect.expired {
        say(format!("{} expired, {} expected", queue.ledger.expired, expect.expired));
    }
    if let Some(span) = expect.arrives {
        match seen.arrivals.get(&expect.name) {
            Some(at) if within(span, START, *at) => {}
            Some(at) => say(format!(
                "first message after {}, expected {span:?}",
                seconds(at - START)
            )),
            None => say("nothing ever arrived".to_owned()),
        }
    }
    for message in queue.iter() {
        for text in expect
            .body
            .iter()
            .filter(|text| !message.letter.body.contains(text.as_str()))
        {
            say(format!("no {text:?} in {}", message.letter.body));
        }
        for (name, value) in &expect.attributes {
            let there = message.letter.attributes.get(name).map(|a| a.as_text().to_owned());
            if !there.as_ref().is_some_and(|there| fits(there, value)) {
                say(format!("attribute {name} is {there:?}, expected {value}"));
            }
        }
        for name in expect
            .without
            .iter()
            .filter(|name| message.letter.attributes.contains_key(*name))
        {
            say(format!("attribute {name} is there"));
        }
        for (name, value) in &expect.system {
            let there = system(message, name);
            if !there.as_ref().is_some_and(|there| fits(there, value)) {
                say(format!("{name} is {there:?}, expected {value}"));
            }
        }
    }
}

fn system(message: &Message, name: &str) -> Option<String> {
    match name {
        "DeadLetterQueueSourceArn" => message.moved_from.clone(),
        "ApproximateReceiveCount" => Some(message.receives.to_string()),
        "MessageGroupId" => message.letter.group.clone(),
        _ => None,
    }
}

fn check_metric(world: &World, expect: &Metric, wrong: &mut Vec<String>) {
    let api = expect
        .api
        .as_ref()
        .and_then(|name| Some(world.fronts.apis.iter().find(|(_, a)| a.name == *name)?.0.clone()));
    let pool = expect
        .pool
        .as_ref()
        .map(|name| world.fronts.user_pools[name].id.clone());
    let machine = expect.machine.as_ref();
    let machine = machine.map(|name| world.arn("states", &format!("stateMachine:{name}")));
    let (namespace, dimension, entity) = [
        ("AWS/Lambda", "FunctionName", &expect.function),
        ("AWS/SQS", "QueueName", &expect.queue),
        ("AWS/SNS", "TopicName", &expect.topic),
        ("AWS/Events", "RuleName", &expect.rule),
        ("AWS/ApiGateway", "ApiId", &api),
        ("AWS/Cognito", "UserPool", &pool),
        ("AWS/States", "StateMachineArn", &machine),
    ]
    .into_iter()
    .find_map(|(namespace, dimension, entity)| Some((namespace, dimension, entity.as_deref()?)))
    .expect("a metric is of something");
    let key = MetricKey::new(namespace, &expect.name, &[(dimension, entity)]);
    let samples = world.records.metrics.samples(&key);
    if let Some(expected) = expect.samples.filter(|n| (samples - f64::from(*n)).abs() > 1e-6) {
        wrong.push(format!("{}: {samples} values, expected {expected}", expect.name));
    }
    let total = world.records.metrics.total(&key);
    if (total - f64::from(expect.sum)).abs() > 1e-6 {
        wrong.push(format!(
            "{} of {}: {total}, expected {}",
            expect.name,
            arn::name(entity),
            expect.sum
        ));
    }
}

fn check_deliveries(expect: &Deliveries, seen: &Seen, wrong: &mut Vec<String>) {
    let tries = seen.tries.get(&expect.topic).map_or(&[][..], Vec::as_slice);
    for (n, gap) in expect.gaps.iter().enumerate() {
        match tries.get(n).zip(tries.get(n + 1)) {
            Some((from, at)) if within(*gap, *from, *at) => {}
            Some((from, at)) => wrong.push(format!(
                "try {} came {} after, expected {gap:?}",
                n + 2,
                seconds(at - from)
            )),
            None => return wrong.push(format!("{} tries of {} only", tries.len(), expect.topic)),
        }
    }
}
