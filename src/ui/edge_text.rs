//! Policies and ends of edges in words, for the details.

use super::render_context::RenderContext;
use super::schedule;
use super::text::count;
use crate::domain::duration::exact;
use crate::domain::{Edge, EdgeKind, EdgePolicy, Evidence};
use crate::store::coming::Coming;
use crate::store::health::saved;
use crate::store::snapshot::{Kind, Severity, Trouble};

/// What an edge is, seen from its source: "starts", "dead letters to".
#[must_use]
pub fn verb_out(edge: &Edge) -> &'static str {
    match edge.key.kind {
        EdgeKind::Trigger => "starts",
        EdgeKind::Destination => "reports to",
        EdgeKind::DeadLetter => "dead letters to",
        EdgeKind::Writes => "writes to",
    }
}

/// What an edge is, seen from its target.
#[must_use]
pub fn verb_in(edge: &Edge) -> &'static str {
    match edge.key.kind {
        EdgeKind::Trigger => "started by",
        EdgeKind::Destination => "hears from",
        EdgeKind::DeadLetter => "dead letters of",
        EdgeKind::Writes => "written by",
    }
}

/// How sure the edge is, where it is less than configured.
#[must_use]
pub fn evidence(edge: &Edge) -> Option<String> {
    match edge.evidence {
        Evidence::Configured => None,
        Evidence::Observed => Some("seen in traffic, configured nowhere".to_owned()),
        Evidence::Declared => Some("declared in your file".to_owned()),
        Evidence::Permitted => Some("only permitted: a resource policy allows it, no service confirms it".to_owned()),
        Evidence::Guessed => {
            let variable = edge.policies.iter().find_map(|policy| policy.variable.as_deref());
            Some(variable.map_or_else(
                || "a guess".to_owned(),
                |name| format!("a guess: environment variable {name} names it"),
            ))
        }
    }
}

/// One policy, a sentence a line.
#[must_use]
pub fn policy(edge: &Edge, policy: &EdgePolicy) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |line: String| lines.push(line);
    if let Some(condition) = &policy.condition {
        say(format!(
            "on {}",
            if condition == "OnSuccess" { "success" } else { "failure" }
        ));
    }
    if let Some(expression) = &policy.schedule {
        say(match &policy.zone {
            Some(zone) => format!("{} ({zone})", schedule::words(expression)),
            None => schedule::words(expression),
        });
    }
    if !policy.filter.events.is_empty() {
        say(format!("on {}", policy.filter.events.join(", ")));
    }
    if let Some(subscriber) = &policy.subscriber {
        say(format!("for {subscriber}"));
    }
    for part in &policy.filter.reads {
        say(format!("reads {part}"));
    }
    for filter in &policy.filter.patterns {
        say(match &policy.filter.scope {
            Some(scope) => format!("only {filter} in {scope}"),
            None => format!("only {filter}"),
        });
    }
    if let Some(line) = batch(policy) {
        say(line);
    }
    if let Some(n) = policy.concurrency.parallelization.filter(|n| *n > 1) {
        say(format!("{n} batches of one shard at once"));
    }
    if let Some(n) = policy.concurrency.maximum {
        say(format!("at most {n} runs at once"));
    }
    if let Some(from) = &policy.stream.starting_position {
        say(format!("reads from {from}"));
    }
    if let Some(line) = retries(edge, policy) {
        say(line);
    }
    match policy.batching.partial_response {
        Some(true) => say("only the failed items of a batch come again".to_owned()),
        Some(false) if policy.batching.size.is_some_and(|n| n > 1) => {
            say("one failed item brings the whole batch again".to_owned());
        }
        _ => {}
    }
    if policy.batching.bisect == Some(true) {
        say("a failing batch is halved".to_owned());
    }
    if let Some(n) = policy.retries.receive_limit {
        say(format!("after {n} receive{}", if n == 1 { "" } else { "s" }));
    }
    if policy.raw_delivery == Some(true) {
        say("messages come without their envelope".to_owned());
    }
    if let Some(state) = policy
        .status
        .state
        .as_ref()
        .filter(|state| !state.eq_ignore_ascii_case("enabled"))
    {
        say(format!("state: {state}"));
    }
    if let Some(result) = policy
        .status
        .last_result
        .as_ref()
        .filter(|result| !matches!(result.as_str(), "OK" | "No records processed"))
    {
        say(format!("last result: {result}"));
    }
    lines
}

/// How many records a run gets, and how long they are gathered.
fn batch(policy: &EdgePolicy) -> Option<String> {
    let n = policy.batching.size?;
    let mut line = if n == 1 {
        "one record a run".to_owned()
    } else {
        format!("up to {n} records a run")
    };
    if let Some(window) = policy.batching.window_s.filter(|window| *window > 0) {
        line = format!("{line}, gathered for {} at most", exact(i64::from(window)));
    }
    Some(line)
}

/// Who tries again, how often and for how long.
fn retries(edge: &Edge, policy: &EdgePolicy) -> Option<String> {
    let times = match policy.retries.max {
        Some(0) => Some("no retry".to_owned()),
        Some(1) => Some("1 retry".to_owned()),
        Some(n) if n < 0 => Some("retries without end".to_owned()),
        Some(n) => Some(format!("{n} retries")),
        None => None,
    };
    let age = match policy.retries.max_age_s {
        Some(s) if s >= 0 => Some(format!("for {} at most", exact(s))),
        _ => None,
    };
    let who = match policy.retries.by.as_deref() {
        Some("sqs") => {
            return Some("a failed batch comes again when its visibility timeout ends".to_owned());
        }
        Some("caller") => return Some("nobody retries: the caller gets the error".to_owned()),
        // AWS: 100,015 tries over 23 days to Lambda and SQS, not changeable; at least once from S3; 24 h from Logs.
        Some("sns") if edge.key.kind != EdgeKind::DeadLetter => {
            return Some("SNS delivers for up to 23 days; a failing run is retried by Lambda".to_owned());
        }
        Some("s3") => return Some("S3 delivers at least once; a failing run is retried by Lambda".to_owned()),
        Some("logs") => return Some("Logs delivers for up to 24 h; a failing run is retried by Lambda".to_owned()),
        Some("pipe") => "by the pipe",
        Some("lambda") => "by Lambda",
        Some("mapping") => "by the mapping, the shard waits",
        Some("eventbridge") => "of the delivery by EventBridge",
        Some("scheduler") => "of the delivery by Scheduler",
        Some(_) | None => "",
    };
    let mut line = [times, age].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return None;
    }
    if !who.is_empty() {
        line = line.replacen(" for ", &format!(" {who} for "), 1);
        if !line.contains(who) {
            line = format!("{line} {who}");
        }
    }
    Some(line)
}

/// What makes a policy's source start something, as short as a box needs it: `every 5 min`, `incoming/*.json`,
/// `order placed`, `ObjectCreated:*`.
#[must_use]
pub fn rule(policy: &EdgePolicy) -> Option<String> {
    if let Some(expression) = &policy.schedule {
        return Some(schedule::words(expression));
    }
    let part = |name: &str| {
        policy
            .filter
            .patterns
            .iter()
            .find_map(|filter| filter.strip_prefix(name)?.strip_prefix(' '))
    };
    let (prefix, suffix) = (part("prefix"), part("suffix"));
    if prefix.is_some() || suffix.is_some() {
        return Some(format!("{}*{}", prefix.unwrap_or_default(), suffix.unwrap_or_default()));
    }
    policy
        .filter
        .patterns
        .first()
        .map(|filter| pattern(filter).unwrap_or_else(|| filter.clone()))
        .or_else(|| {
            policy
                .filter
                .events
                .first()
                .map(|event| event.trim_start_matches("s3:").to_owned())
        })
}

/// The first value that an event pattern asks for: what kind of event, else whose.
fn pattern(text: &str) -> Option<String> {
    let pattern: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    let field = ["detail-type", "source"].into_iter().find_map(|name| pattern.get(name));
    let value = field.or_else(|| pattern.values().next())?;
    let values = value.as_array()?;
    let more = if values.len() > 1 { ", …" } else { "" };
    values.first()?.as_str().map(|value| format!("{value}{more}"))
}

/// The few words beside the line to a dead-letter queue: "after 3 receives".
#[must_use]
pub fn dead_letter_label(edge: &Edge) -> Option<String> {
    edge.policies
        .iter()
        .find_map(|policy| match (policy.retries.receive_limit, policy.retries.max) {
            (Some(n), _) => Some(format!("after {n} receive{}", if n == 1 { "" } else { "s" })),
            (None, Some(n)) if n >= 0 => Some(format!("after {}", n + 1)),
            _ => None,
        })
}

/// When events will be lost, counted down: "first event lost in 01:34".
#[must_use]
pub fn loss_to_come(one: &Coming, look: &RenderContext) -> String {
    if one.saved > 0 {
        return look.say(&saved(one).into());
    }
    if one.lost > 0 && !one.conditional {
        // What a queue or a stream loses is in no metric.
        let least = if one.cause.is_uncounted() { "at least " } else { "" };
        let lost = format!("{least}{}", count(one.lost));
        return match (one.earliest, one.latest) {
            _ if one.past => format!("{lost} lost, another may be by now"),
            (Some(at), _) if at > look.now => format!("{lost} lost, next in {}", look.countdown(at)),
            (None, Some(at)) if at > look.now => format!("{lost} lost, next within {}", look.countdown(at)),
            _ => format!("{lost} lost, next any moment"),
        };
    }
    let (first, may) = if one.conditional {
        ("an event", "may be lost")
    } else if one.cause.is_uncounted() {
        // What expired before the program was started is counted nowhere.
        ("an event", "is lost")
    } else {
        ("first event", "lost")
    };
    if one.past {
        return "an event may be lost by now".to_owned();
    }
    match (one.earliest, one.latest) {
        (Some(at), _) if at > look.now => format!("{first} {may} in {}", look.countdown(at)),
        (_, Some(at)) if at > look.now => format!("{first} {may} within {}", look.countdown(at)),
        _ if one.conditional => format!("{first} may be lost"),
        _ => "an event is lost if it goes on failing".to_owned(),
    }
}

/// What is wrong, with the time left where it is still to come: "first event lost in 01:34, no DLQ".
#[must_use]
pub fn trouble(trouble: &Trouble, look: &RenderContext) -> String {
    let what = look.say(&trouble.what);
    match trouble.due {
        Some(due) if trouble.severity == Severity::Loss => {
            if due > look.now {
                format!("{what}, next in {}", look.countdown(due))
            } else {
                format!("{what}, next any moment")
            }
        }
        Some(due) if due > look.now => {
            format!("{what} in {}, {}", look.countdown(due), look.say(&trouble.why))
        }
        Some(_) => format!("{what} any moment, {}", look.say(&trouble.why)),
        // Its reason says what can be done, as with those that are counted down.
        None if trouble.kind == Kind::LossToCome => format!("{what}, {}", look.say(&trouble.why)),
        None => match trouble.last {
            Some(last) => format!("{what}, last {} ago", look.age(last)),
            None => what,
        },
    }
}

/// US dollars an hour. What is less than a cent is said to be so: it is not nothing.
#[must_use]
pub fn per_hour(dollars: f64) -> String {
    if dollars > 0.0 && dollars < 0.01 {
        "<$0.01/h".to_owned()
    } else {
        format!("${dollars:.2}/h")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Batching, EdgeFilter, EdgeStatus, NodeId, RetryPolicy};

    fn edge(kind: EdgeKind, policy: EdgePolicy) -> Edge {
        Edge::new(NodeId::from("a"), NodeId::from("b"), kind, Evidence::Configured).with(policy)
    }

    fn say(kind: EdgeKind, rules: &EdgePolicy) -> Vec<String> {
        let edge = edge(kind, rules.clone());
        policy(&edge, rules)
    }

    #[test]
    fn an_asynchronous_function_says_who_retries_how_often() {
        let rules = EdgePolicy {
            retries: RetryPolicy {
                max: Some(2),
                max_age_s: Some(21_600),
                by: Some("lambda".to_owned()),
                ..RetryPolicy::default()
            },
            ..EdgePolicy::default()
        };
        assert_eq!(say(EdgeKind::Trigger, &rules), ["2 retries by Lambda for 6 h at most"]);
        let dead = edge(EdgeKind::DeadLetter, rules);
        assert_eq!(dead_letter_label(&dead).as_deref(), Some("after 3"));
    }

    #[test]
    fn a_queue_says_what_brings_a_batch_back() {
        let rules = EdgePolicy {
            batching: Batching {
                size: Some(10),
                window_s: Some(5),
                partial_response: Some(false),
                ..Batching::default()
            },
            status: EdgeStatus {
                state: Some("Enabled".to_owned()),
                ..EdgeStatus::default()
            },
            ..EdgePolicy::retried_by("sqs")
        };
        assert_eq!(
            say(EdgeKind::Trigger, &rules),
            [
                "up to 10 records a run, gathered for 5 s at most",
                "a failed batch comes again when its visibility timeout ends",
                "one failed item brings the whole batch again",
            ]
        );
    }

    #[test]
    fn a_rule_is_short_enough_for_a_box() {
        let of = |filters: &[&str], events: &[&str]| {
            rule(&EdgePolicy {
                filter: EdgeFilter {
                    patterns: filters.iter().map(ToString::to_string).collect(),
                    events: events.iter().map(ToString::to_string).collect(),
                    ..EdgeFilter::default()
                },
                ..EdgePolicy::default()
            })
        };
        assert_eq!(
            of(&["prefix in/", "suffix .json"], &["s3:ObjectCreated:*"]).as_deref(),
            Some("in/*.json")
        );
        assert_eq!(of(&[], &["s3:ObjectCreated:*"]).as_deref(), Some("ObjectCreated:*"));
        let pattern = r#"{"source":["shop"],"detail-type":["order placed","order paid"]}"#;
        assert_eq!(of(&[pattern], &[]).as_deref(), Some("order placed, …"));
        assert_eq!(
            of(&[r#"{"source":[{"prefix":"a"}]}"#], &[]).as_deref(),
            Some(r#"{"source":[{"prefix":"a"}]}"#)
        );
        assert_eq!(of(&["POST /orders"], &[]).as_deref(), Some("POST /orders"));
    }

    #[test]
    fn what_is_not_enabled_or_not_well_is_said() {
        let rules = EdgePolicy {
            status: EdgeStatus {
                state: Some("Disabled".to_owned()),
                last_result: Some("PROBLEM: Function call failed".to_owned()),
                ..EdgeStatus::default()
            },
            ..EdgePolicy::default()
        };
        assert_eq!(
            say(EdgeKind::Trigger, &rules),
            ["state: Disabled", "last result: PROBLEM: Function call failed"]
        );
    }

    #[test]
    fn less_than_a_cent_an_hour_is_not_nothing() {
        for (dollars, said) in [
            (0.0, "$0.00/h"),
            (0.004, "<$0.01/h"),
            (0.01, "$0.01/h"),
            (0.126, "$0.13/h"),
            (12.5, "$12.50/h"),
        ] {
            assert_eq!(per_hour(dollars), said);
        }
    }
}
