//! CloudWatch Logs: reading, by window, by stream, and live.

use super::Table;
use super::logs::{group, group_name, invalid, name_of, no_stream};
use crate::call::{Answer, Call, Fault, Reply};
use crate::value::{Value, map};
use crate::world::World;
use crate::world::log_filter::LogFilter;
use crate::world::logs::LogEvent;

pub(super) const TABLE: Table = &[("FilterLogEvents", filter), ("GetLogEvents", get)];

/// AWS (apis): a page holds 10,000 events or 1 MB.
const EVENTS: usize = 10_000;
const BYTES: usize = 1_048_576;
/// Events searched per page: AWS searches only so far and returns an empty page with a token; simulated.
const LOOKED_AT: usize = 100_000;
/// AWS (apis): a live tail shows up to 500 events a second, a session lasts 3 hours.
const TAIL_EVENTS: usize = 500;
const TAIL_MS: i64 = 3 * 3_600_000;

/// A page's size as asked.
fn limit(call: &Call) -> Result<usize, Fault> {
    match call.int("limit") {
        None => Ok(EVENTS),
        Some(n) => usize::try_from(n)
            .ok()
            .filter(|n| (1..=EVENTS).contains(n))
            .ok_or_else(|| {
                invalid(format!(
                    "1 validation error detected: Value '{n}' at 'limit' failed to satisfy constraint"
                ))
            }),
    }
}

/// Where a page begins: time and number of an event.
fn token(at: (i64, u64)) -> String {
    format!("{}/{}", at.0, at.1)
}

fn read_token(text: &str) -> Option<(i64, u64)> {
    let (at, seq) = text.split_once('/')?;
    Some((at.parse().ok()?, seq.parse().ok()?))
}

fn filter(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let now = world.now();
    let wanted =
        LogFilter::parse(call.str("filterPattern").unwrap_or("")).ok_or_else(|| invalid("Invalid filter pattern"))?;
    let (from, to) = (
        call.int("startTime").unwrap_or(0),
        call.int("endTime").unwrap_or(i64::MAX - 1),
    );
    if from > to {
        return Err(invalid("endTime must be greater than startTime"));
    }
    let most = limit(call)?;
    let streams: Vec<&str> = call.get("logStreamNames").strings().collect();
    let prefix = call.str("logStreamNamePrefix");
    if !streams.is_empty() && prefix.is_some() {
        return Err(invalid("logStreamNames and logStreamNamePrefix are mutually exclusive"));
    }
    // AWS, since 2025: newest first where the caller says so.
    let backwards = call.get("startFromHead").bool() == Some(false);
    let page = call
        .str("nextToken")
        .map(|t| read_token(t).ok_or_else(|| invalid("The specified nextToken is invalid.")));
    let page = page.transpose()?;
    let group = group(world, call)?;
    if let Some(missing) = streams.iter().find(|s| !group.streams.contains_key(**s)) {
        return Err(Fault::bad(
            "ResourceNotFoundException",
            format!("The specified log stream does not exist: {missing}"),
        ));
    }
    let passes = |event: &LogEvent| {
        (streams.is_empty() || streams.contains(&&*event.stream))
            && prefix.is_none_or(|p| event.stream.starts_with(p))
            && wanted.passes(&event.message)
    };
    let mut events = Vec::new();
    let (mut bytes, mut looked, mut next) = (0, 0, None);
    let first = if backwards {
        (from, 0)
    } else {
        page.unwrap_or((from, 0))
    };
    let last = if backwards { page.map_or(to, |(at, _)| at) } else { to };
    let mut found = group.between(first, last, now);
    while let Some(event) = if backwards { found.next_back() } else { found.next() } {
        let key = (event.at, event.seq);
        if backwards && page.is_some_and(|page| key > page) {
            continue;
        }
        looked += 1;
        if events.len() >= most || bytes > BYTES || looked > LOOKED_AT {
            next = Some(token(key));
            break;
        }
        if passes(event) {
            bytes += event.message.len() + 26;
            events.push(shown(event));
        }
    }
    Ok(map! { "events" => events, "searchedLogStreams" => Vec::<Value>::new(), "nextToken" => next }.into())
}

fn shown(event: &LogEvent) -> Value {
    map! {
        "logStreamName" => &*event.stream, "timestamp" => event.at, "message" => &*event.message,
        "ingestionTime" => event.ingested, "eventId" => event.id(),
    }
}

fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let now = world.now();
    let stream = call.str("logStreamName").unwrap_or("");
    let most = limit(call)?;
    let (from, to) = (
        call.int("startTime").unwrap_or(0),
        call.int("endTime").map_or(i64::MAX - 1, |t| t - 1),
    );
    let group = group(world, call)?;
    if !group.streams.contains_key(stream) {
        return Err(no_stream());
    }
    // A token says where a page begins and in which direction it goes: `f/…` later, `b/…` earlier.
    let given = call.str("nextToken").map(|t| {
        let read = t
            .split_once('/')
            .and_then(|(way, at)| Some((way == "b", read_token(at)?)));
        read.ok_or_else(|| invalid("The specified nextToken is invalid."))
    });
    let given = given.transpose()?;
    let backwards = given.map_or(call.get("startFromHead").bool() != Some(true), |(backwards, _)| {
        backwards
    });
    let mut events: Vec<&LogEvent> = Vec::new();
    let mut bytes = 0;
    let mut take = |event| {
        let event: &LogEvent = event;
        if &*event.stream == stream {
            bytes += event.message.len() + 26;
            events.push(event);
        }
        events.len() < most && bytes < BYTES
    };
    if backwards {
        let before = given.map_or((to, u64::MAX), |(_, at)| at);
        let all = group
            .between((from, 0), before.0.min(to), now)
            .rev()
            .filter(|e| (e.at, e.seq) < before);
        for event in all {
            if !take(event) {
                break;
            }
        }
        events.reverse();
    } else {
        let after = given.map_or((from, 0), |(_, (at, seq))| (at, seq + 1));
        for event in group.between(after, to, now) {
            if !take(event) {
                break;
            }
        }
    }
    let place = |event: Option<&&LogEvent>| event.map(|e| (e.at, e.seq));
    let stay = given.map_or((from, 0), |(_, at)| at);
    let forward = place(events.last()).unwrap_or(stay);
    let backward = place(events.first()).unwrap_or(stay);
    let events: Vec<Value> = events
        .into_iter()
        .map(|e| map! { "timestamp" => e.at, "message" => &*e.message, "ingestionTime" => e.ingested })
        .collect();
    Ok(map! {
        "events" => events,
        "nextForwardToken" => format!("f/{}", token(forward)),
        "nextBackwardToken" => format!("b/{}", token(backward)),
    }
    .into())
}

/// Starts a live tail, and goes on with it: what came in since the last look.
pub(super) fn live_tail(world: &mut World, call: &Call) -> Reply {
    match tail(world, call) {
        Ok(reply) => reply,
        Err(fault) => fault.into(),
    }
}

/// Where a live tail goes on.
fn resume(now: i64, began: i64, last: u64) -> Value {
    let last = i64::try_from(last).unwrap_or(i64::MAX);
    map! { "since" => now, "began" => began, "last" => last }
}

fn tail(world: &mut World, call: &Call) -> Result<Reply, Fault> {
    let now = world.now();
    let groups: Vec<&str> = call.get("logGroupIdentifiers").strings().collect();
    if groups.is_empty() || groups.len() > 10 {
        return Err(invalid("logGroupIdentifiers: 1 to 10 log groups"));
    }
    if groups.iter().any(|g| !g.starts_with("arn:") || g.ends_with('*')) {
        return Err(invalid(
            "The log group identifiers must be ARNs without an asterisk at the end.",
        ));
    }
    let wanted = LogFilter::parse(call.str("logEventFilterPattern").unwrap_or(""))
        .ok_or_else(|| invalid("Invalid filter pattern"))?;
    let Some(resume) = &call.resume else {
        for group in &groups {
            let mut named = call.clone();
            named.input = map! { "logGroupIdentifier" => *group };
            group_name(world, &named)?;
        }
        let session = world.chance.uuid("live-tail", call.serial);
        let start = map! {
            "requestId" => world.chance.uuid("live-tail-request", call.serial), "sessionId" => session,
            "logGroupIdentifiers" => groups.clone(),
            "logEventFilterPattern" => call.str("logEventFilterPattern").unwrap_or(""),
        };
        let resume = resume(now, now, world.records.logs.last());
        return Ok(Reply::Stream {
            events: vec![("sessionStart".to_owned(), start)],
            resume,
            next_ms: Some(now + 1000),
        });
    };
    let began = resume.get("began").int().unwrap_or(now);
    if now - began > TAIL_MS {
        return Err(Fault::bad("SessionTimeoutException", "The session has timed out."));
    }
    let since = resume.get("since").int().unwrap_or(now);
    // What came in within this very millisecond, but after the last look, is new.
    let last = resume.get("last").int().and_then(|last| u64::try_from(last).ok());
    let mut lines: Vec<(&str, &LogEvent)> = Vec::new();
    for given in &groups {
        let name = name_of(given);
        if let Some(group) = world.records.logs.groups.get(name) {
            let arrived = group.arrived((since, last.unwrap_or(u64::MAX)), now).into_iter();
            lines.extend(arrived.filter(|e| wanted.passes(&e.message)).map(|e| (*given, e)));
        }
    }
    lines.sort_by_key(|(_, e)| (e.ingested, e.seq));
    let seconds = usize::try_from((now - since).max(1000) / 1000).unwrap_or(1);
    let sampled = lines.len() > TAIL_EVENTS * seconds;
    lines.truncate(TAIL_EVENTS * seconds);
    let results: Vec<Value> = lines
        .into_iter()
        .map(|(group, e)| {
            map! {
                "logStreamName" => &*e.stream, "logGroupIdentifier" => group, "message" => &*e.message,
                "timestamp" => e.at, "ingestionTime" => e.ingested,
            }
        })
        .collect();
    let update = map! { "sessionMetadata" => map! { "sampled" => sampled }, "sessionResults" => results };
    let resume = self::resume(now, began, world.records.logs.last());
    Ok(Reply::Stream {
        events: vec![("sessionUpdate".to_owned(), update)],
        resume,
        next_ms: Some(now + 1000),
    })
}
