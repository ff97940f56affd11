//! Policies and ends of edges in words, for the details.

use super::{count, schedule};
use crate::domain::phrase::Exact;
use crate::domain::{Edge, EdgeKind, EdgePolicy, Evidence};
use crate::store::coming::Coming;
use crate::store::health::{What, saved};
use crate::store::snapshot::{Kind, Severity, Trouble};
use crate::ui::theme::render_context::RenderContext;
use crate::words::{Words, say};
use pitagora_core::phrases;

phrases! {
    /// What the details say of an edge.
    pub enum Says in "edge" {
        Triggers,
        TriggeredBy,
        SuccessDestination,
        FailureDestination,
        Destination,
        DestinationOf,
        DeadLettersTo,
        DeadLettersOf,
        WritesTo,
        WrittenBy,
        Observed,
        Declared,
        Permitted,
        Guessed { variable: Option<String> },
        On { condition: String },
        Schedule { schedule: schedule::Schedule, zone: Option<String> },
        Events { events: Vec<String> },
        Subscriber { name: String },
        Reads { what: String },
        Only { filter: String, scope: Option<String> },
        Batch { size: u32, window: Option<Exact> },
        Parallelization { factor: u32 },
        MaximumConcurrency { limit: u32 },
        StartingPosition { position: String },
        PartialResponse { on: bool },
        Bisect,
        MaxReceiveCount { count: u32 },
        RawDelivery,
        AfterReceives { count: u32 },
        AfterAttempts { count: u64 },
        State { state: String },
        LastResult { result: String },
        RetriedByVisibility,
        RetriedByNobody,
        RetriedBySns,
        RetriedByS3,
        RetriedByLogs,
        Retries { count: Option<u32>, endless: bool, age: Option<Exact>, by: Option<By> },
    }
}

phrases! {
    /// Who retries.
    pub enum By in "retried-by" {
        Pipe,
        Lambda,
        Mapping,
        Eventbridge,
        Scheduler,
    }
}

/// What an edge is, seen from its source: "triggers".
#[must_use]
pub fn verb_out(edge: &Edge) -> Says {
    let on = |condition: &str| {
        let mut policies = edge.policies.iter().filter_map(|policy| policy.condition.as_deref());
        policies.next().is_some()
            && edge
                .policies
                .iter()
                .all(|policy| policy.condition.as_deref() == Some(condition))
    };
    match edge.key.kind {
        EdgeKind::Trigger => Says::Triggers,
        EdgeKind::Destination if on("OnSuccess") => Says::SuccessDestination,
        EdgeKind::Destination if on("OnFailure") => Says::FailureDestination,
        EdgeKind::Destination => Says::Destination,
        EdgeKind::DeadLetter => Says::DeadLettersTo,
        EdgeKind::Writes => Says::WritesTo,
    }
}

/// What an edge is, seen from its target.
#[must_use]
pub fn verb_in(edge: &Edge) -> Says {
    match edge.key.kind {
        EdgeKind::Trigger => Says::TriggeredBy,
        EdgeKind::Destination => Says::DestinationOf,
        EdgeKind::DeadLetter => Says::DeadLettersOf,
        EdgeKind::Writes => Says::WrittenBy,
    }
}

/// How sure the edge is, where it is less than configured.
#[must_use]
pub fn evidence(edge: &Edge) -> Option<Says> {
    Some(match edge.evidence {
        Evidence::Configured => return None,
        Evidence::Observed => Says::Observed,
        Evidence::Declared => Says::Declared,
        Evidence::Permitted => Says::Permitted,
        Evidence::Guessed => Says::Guessed {
            variable: edge.policies.iter().find_map(|policy| policy.variable.clone()),
        },
    })
}

/// One policy, a sentence a line.
#[must_use]
pub fn policy(edge: &Edge, policy: &EdgePolicy) -> Vec<Says> {
    let mut lines: Vec<Says> = Vec::new();
    lines.extend(policy.condition.clone().map(|condition| Says::On { condition }));
    lines.extend(policy.schedule.as_ref().map(|expression| Says::Schedule {
        schedule: schedule::said(expression),
        zone: policy.zone.clone(),
    }));
    let filter = &policy.filter;
    if !filter.events.is_empty() {
        let events = filter.events.clone();
        lines.push(Says::Events { events });
    }
    lines.extend(policy.subscriber.clone().map(|name| Says::Subscriber { name }));
    lines.extend(filter.reads.iter().map(|part| Says::Reads { what: part.clone() }));
    lines.extend(filter.patterns.iter().map(|pattern| Says::Only {
        filter: pattern.clone(),
        scope: filter.scope.clone(),
    }));
    let (batching, concurrency) = (&policy.batching, &policy.concurrency);
    lines.extend(batching.size.map(|size| {
        Says::Batch {
            size,
            window: batching
                .window_s
                .filter(|window| *window > 0)
                .map(|window| Exact::secs(window.into())),
        }
    }));
    let factor = concurrency.parallelization.filter(|n| *n > 1);
    lines.extend(factor.map(|n| Says::Parallelization { factor: n }));
    lines.extend(concurrency.maximum.map(|n| Says::MaximumConcurrency { limit: n }));
    lines.extend(
        policy
            .stream
            .starting_position
            .clone()
            .map(|position| Says::StartingPosition { position }),
    );
    lines.extend(retries(edge, policy));
    match batching.partial_response {
        Some(true) => lines.push(Says::PartialResponse { on: true }),
        Some(false) if batching.size.is_some_and(|n| n > 1) => lines.push(Says::PartialResponse { on: false }),
        _ => {}
    }
    if batching.bisect == Some(true) {
        lines.push(Says::Bisect);
    }
    lines.extend(policy.retries.receive_limit.map(|n| Says::MaxReceiveCount { count: n }));
    if policy.raw_delivery == Some(true) {
        lines.push(Says::RawDelivery);
    }
    let state = policy
        .status
        .state
        .clone()
        .filter(|state| !state.eq_ignore_ascii_case("enabled"));
    lines.extend(state.map(|state| Says::State { state }));
    let result = policy.status.last_result.clone();
    let result = result.filter(|result| !matches!(result.as_str(), "OK" | "No records processed"));
    lines.extend(result.map(|result| Says::LastResult { result }));
    lines
}

/// Who retries, how often and for how long.
fn retries(edge: &Edge, policy: &EdgePolicy) -> Option<Says> {
    let by = match policy.retries.by.as_deref() {
        Some("sqs") => return Some(Says::RetriedByVisibility),
        Some("caller") => return Some(Says::RetriedByNobody),
        // AWS (delivery): 100,015 tries over 23 days to Lambda and SQS, not changeable; at least once from S3; 24 h from Logs.
        Some("sns") if edge.key.kind != EdgeKind::DeadLetter => return Some(Says::RetriedBySns),
        Some("s3") => return Some(Says::RetriedByS3),
        Some("logs") => return Some(Says::RetriedByLogs),
        Some("pipe") => Some(By::Pipe),
        Some("lambda") => Some(By::Lambda),
        Some("mapping") => Some(By::Mapping),
        Some("eventbridge") => Some(By::Eventbridge),
        Some("scheduler") => Some(By::Scheduler),
        Some(_) | None => None,
    };
    let age = policy.retries.max_age_s.filter(|s| *s >= 0).map(Exact::secs);
    let max = policy.retries.max;
    (max.is_some() || age.is_some()).then(|| Says::Retries {
        count: max.and_then(|n| u32::try_from(n).ok()),
        endless: max.is_some_and(|n| n < 0),
        age,
        by,
    })
}

/// What makes a policy's source start something, as short as a box needs it: `every 5 min`, `incoming/*.json`,
/// `order placed`, `ObjectCreated:*`.
#[must_use]
pub fn rule(policy: &EdgePolicy, words: &Words) -> Option<String> {
    if let Some(expression) = &policy.schedule {
        return Some(words.say(&schedule::said(expression).into()));
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
pub fn dead_letter_label(edge: &Edge) -> Option<Says> {
    edge.policies
        .iter()
        .find_map(|policy| match (policy.retries.receive_limit, policy.retries.max) {
            (Some(count), _) => Some(Says::AfterReceives { count }),
            (None, Some(n)) if n >= 0 => Some(Says::AfterAttempts {
                count: u64::try_from(n).ok()? + 1,
            }),
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
        let lost = say!(
            look,
            "loss-so-far",
            n = count(one.lost),
            least = one.cause.is_uncounted()
        );
        return match (one.earliest, one.latest) {
            _ if one.past => say!(look, "loss-another-by-now", lost = lost),
            (Some(at), _) if at > look.now => say!(look, "loss-next-in", lost = lost, left = look.countdown(at)),
            (None, Some(at)) if at > look.now => say!(look, "loss-next-within", lost = lost, left = look.countdown(at)),
            _ => say!(look, "loss-next-now", lost = lost),
        };
    }
    if one.past {
        return look.say(&What::MaybeLostByNow { count: one.by_now }.into());
    }
    let first = if one.conditional {
        say!(look, "trouble-maybe-lost")
    } else if one.cause.is_uncounted() {
        // What expired before the program was started is counted nowhere.
        say!(look, "trouble-lost")
    } else {
        say!(look, "trouble-first-lost")
    };
    match (one.earliest, one.latest) {
        (Some(at), _) if at > look.now => say!(look, "loss-in", first = first, left = look.countdown(at)),
        (_, Some(at)) if at > look.now => say!(look, "loss-within", first = first, left = look.countdown(at)),
        _ if one.conditional => first,
        _ => say!(look, "trouble-lost-if-failing"),
    }
}

/// What is wrong, with the time left where it is still to come: "first event lost in 01:34, no DLQ".
#[must_use]
pub fn trouble(trouble: &Trouble, look: &RenderContext) -> String {
    let what = look.say(&trouble.what);
    match trouble.due {
        Some(due) if trouble.severity == Severity::Loss => {
            if due > look.now {
                say!(look, "loss-next-in", lost = what, left = look.countdown(due))
            } else {
                say!(look, "loss-next-now", lost = what)
            }
        }
        Some(due) if due > look.now => {
            let left = look.countdown(due);
            let what = match latest_known(trouble) {
                Some(first) => say!(look, "loss-within", first = look.say(&first.into()), left = left),
                None => say!(look, "loss-in", first = what, left = left),
            };
            format!("{what}, {}", look.say(&trouble.why))
        }
        Some(_) => format!("{}, {}", say!(look, "loss-now", what = what), look.say(&trouble.why)),
        // Its reason says what can be done, as with those that are counted down.
        None if trouble.kind == Kind::LossToCome => format!("{what}, {}", look.say(&trouble.why)),
        None => match trouble.last {
            Some(last) => say!(look, "loss-last", what = what, age = look.age(last)),
            None => what,
        },
    }
}

/// What is wrong, where only the last moment of it is known.
fn latest_known(trouble: &Trouble) -> Option<What> {
    [(What::FirstLostWithin, What::FirstLost), (What::LostWithin, What::Lost)]
        .into_iter()
        .find_map(|(within, said)| (trouble.what == within).then_some(said))
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
        let words = Words::utc();
        policy(&edge, rules)
            .into_iter()
            .map(|one| words.say(&one.into()))
            .collect()
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
        assert_eq!(say(EdgeKind::Trigger, &rules), ["2 retries by Lambda for up to 6 h"]);
        let dead = edge(EdgeKind::DeadLetter, rules);
        assert_eq!(dead_letter_label(&dead), Some(Says::AfterAttempts { count: 3 }));
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
                "batch size 10, window 5 s",
                "a failed batch is visible again when its visibility timeout ends",
                "ReportBatchItemFailures off: one failure retries the whole batch",
            ]
        );
    }

    #[test]
    fn a_rule_is_short_enough_for_a_box() {
        let of = |filters: &[&str], events: &[&str]| {
            rule(
                &EdgePolicy {
                    filter: EdgeFilter {
                        patterns: filters.iter().map(ToString::to_string).collect(),
                        events: events.iter().map(ToString::to_string).collect(),
                        ..EdgeFilter::default()
                    },
                    ..EdgePolicy::default()
                },
                &Words::utc(),
            )
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
