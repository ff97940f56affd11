//! CloudWatch Logs: groups, streams, subscriptions, and writing.

use std::sync::Arc;

use super::{Table, as_map, page, page_size, tag_map};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::log_filter::LogFilter;
use crate::world::logs::{LogGroup, LogStream, SubscriptionFilter};
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("CreateLogGroup", create_group),
    ("CreateLogStream", create_stream),
    ("DeleteLogGroup", delete_group),
    ("DeleteLogStream", delete_stream),
    ("DeleteRetentionPolicy", delete_retention),
    ("DeleteSubscriptionFilter", delete_filter),
    ("DescribeLogGroups", describe_groups),
    ("DescribeLogStreams", describe_streams),
    ("DescribeSubscriptionFilters", describe_filters),
    ("ListTagsForResource", list_tags),
    ("ListTagsLogGroup", list_group_tags),
    ("PutLogEvents", put_events),
    ("PutRetentionPolicy", put_retention),
    ("PutSubscriptionFilter", put_filter),
    ("TagResource", tag),
    ("UntagResource", untag),
];

/// AWS (apis): `DescribeLogGroups` and `DescribeLogStreams` give 50 a page.
const PAGE: usize = 50;
/// The retentions that AWS knows, in days.
const RETENTIONS: [i64; 23] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, 0,
];

pub(super) fn invalid(why: impl Into<String>) -> Fault {
    Fault::bad("InvalidParameterException", why)
}

fn no_group() -> Fault {
    Fault::bad("ResourceNotFoundException", "The specified log group does not exist.")
}

pub(super) fn no_stream() -> Fault {
    Fault::bad("ResourceNotFoundException", "The specified log stream does not exist.")
}

/// The name in a log group's name or ARN.
pub(super) fn name_of(text: &str) -> &str {
    let tail = text
        .find(":log-group:")
        .map_or(text, |at| &text[at + ":log-group:".len()..]);
    tail.trim_end_matches(":*")
}

/// The name of the group that a call is about.
pub(super) fn group_name(world: &World, call: &Call) -> Result<String, Fault> {
    let given = call.str("logGroupName").or_else(|| call.str("logGroupIdentifier"));
    let name = name_of(given.ok_or_else(|| invalid("logGroupName is missing"))?);
    if world.records.logs.groups.contains_key(name) {
        Ok(name.to_owned())
    } else {
        Err(no_group())
    }
}

pub(super) fn group<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut LogGroup, Fault> {
    let name = group_name(world, call)?;
    world.records.logs.groups.get_mut(&name).ok_or_else(no_group)
}

fn create_group(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("logGroupName").unwrap_or("").to_owned();
    let known = |c: char| c.is_ascii_alphanumeric() || "._-/#".contains(c);
    if name.is_empty() || name.len() > 512 || !name.chars().all(known) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy constraint"
        )));
    }
    if world.records.logs.groups.contains_key(&name) {
        return Err(Fault::bad(
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        ));
    }
    let mut made = LogGroup::new(world.now());
    made.tags = tag_map(call.get("tags"));
    if let Some(class) = call.str("logGroupClass") {
        class.clone_into(&mut made.class);
    }
    world.records.logs.groups.insert(name, made);
    Ok(Answer::empty())
}

fn delete_group(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = group_name(world, call)?;
    world.records.logs.remove(&name);
    Ok(Answer::empty())
}

fn shown_group(world: &World, name: &str, group: &LogGroup) -> Value {
    let arn = world.arn("logs", &format!("log-group:{name}"));
    map! {
        "logGroupName" => name,
        "creationTime" => group.created,
        "retentionInDays" => group.retention_days,
        "metricFilterCount" => 0_i64,
        "arn" => format!("{arn}:*"),
        "storedBytes" => group.bytes,
        "logGroupClass" => &group.class,
        "logGroupArn" => arn,
    }
}

fn describe_groups(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (prefix, pattern) = (call.str("logGroupNamePrefix"), call.str("logGroupNamePattern"));
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let wanted = world.records.logs.groups.iter().filter(|(name, _)| {
        prefix.is_none_or(|p| name.starts_with(p))
            && pattern.is_none_or(|p| name.to_lowercase().contains(&p.to_lowercase()))
    });
    let (found, next) = page(wanted, call.str("nextToken"), page_size(call, "limit", PAGE));
    let found: Vec<Value> = found
        .into_iter()
        .map(|(name, group)| shown_group(world, name, group))
        .collect();
    Ok(map! { "logGroups" => found, "nextToken" => next }.into())
}

fn create_stream(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let now = world.now();
    let name: Arc<str> = call
        .str("logStreamName")
        .ok_or_else(|| invalid("logStreamName is missing"))?
        .into();
    let group = group(world, call)?;
    if group.streams.contains_key(&name) {
        return Err(Fault::bad(
            "ResourceAlreadyExistsException",
            "The specified log stream already exists",
        ));
    }
    group.streams.insert(
        name,
        LogStream {
            created: now,
            ..LogStream::default()
        },
    );
    Ok(Answer::empty())
}

fn delete_stream(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("logStreamName").unwrap_or("");
    let group = group(world, call)?;
    group.remove_stream(name).then(Answer::empty).ok_or_else(no_stream)
}

fn describe_streams(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = group_name(world, call)?;
    let (now, arn) = (world.now(), world.arn("logs", &format!("log-group:{name}")));
    let group = group(world, call)?;
    let by_time = call.str("orderBy") == Some("LastEventTime");
    let prefix = call.str("logStreamNamePrefix").unwrap_or("");
    if by_time && !prefix.is_empty() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let mut streams: Vec<(&Arc<str>, &LogStream)> = group
        .streams
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .collect();
    if by_time {
        streams.sort_by_key(|(name, s)| (s.last, *name));
    }
    if call.get("descending").bool() == Some(true) {
        streams.reverse();
    }
    let (found, next) = page(streams, call.str("nextToken"), page_size(call, "limit", PAGE));
    let found: Vec<Value> = found
        .into_iter()
        .map(|(stream, s)| {
            map! {
                "logStreamName" => &**stream,
                "creationTime" => s.created,
                "firstEventTimestamp" => s.first,
                "lastEventTimestamp" => s.last,
                "lastIngestionTime" => s.last_ingested.map(|at| at.min(now)),
                "uploadSequenceToken" => "49000000000000000000000000000000000000000000000000000000",
                "arn" => format!("{arn}:log-stream:{stream}"),
                "storedBytes" => 0_i64,
            }
        })
        .collect();
    Ok(map! { "logStreams" => found, "nextToken" => next }.into())
}

fn put_events(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = group_name(world, call)?;
    let stream: Arc<str> = call.str("logStreamName").unwrap_or("").into();
    if !world
        .records
        .logs
        .groups
        .get(&name)
        .is_some_and(|g| g.streams.contains_key(&stream))
    {
        return Err(no_stream());
    }
    let events = call.get("logEvents").list();
    if events.is_empty() || events.len() > 10_000 {
        return Err(invalid(
            "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and 10000",
        ));
    }
    let size: usize = events
        .iter()
        .map(|e| e.get("message").str().map_or(0, str::len) + 26)
        .sum();
    if size > 1_048_576 {
        return Err(invalid(format!(
            "Upload too large: {size} bytes exceeds limit of 1048576"
        )));
    }
    let mut last = i64::MIN;
    for event in events {
        let at = event
            .get("timestamp")
            .int()
            .ok_or_else(|| invalid("Log events need a timestamp"))?;
        if at < last {
            return Err(invalid(
                "Log events in a single PutLogEvents request must be in chronological order.",
            ));
        }
        last = at;
    }
    let now = world.now();
    for event in events {
        let (at, text) = (
            event.get("timestamp").int().unwrap_or(now),
            event.get("message").str().unwrap_or(""),
        );
        world.records.logs.put(&name, &stream, at, now, text);
    }
    world.log_arrived(&name, now);
    Ok(map! { "nextSequenceToken" => "49000000000000000000000000000000000000000000000000000001" }.into())
}

fn put_retention(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let days = call.int("retentionInDays").filter(|d| *d > 0 && RETENTIONS.contains(d));
    let days = days.ok_or_else(|| invalid("1 validation error detected: Value at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set"));
    let group = group(world, call)?;
    group.retention_days = Some(days?);
    Ok(Answer::empty())
}

fn delete_retention(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    group(world, call)?.retention_days = None;
    Ok(Answer::empty())
}

fn put_filter(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let text = |member: &str| call.str(member).unwrap_or("").to_owned();
    let (name, pattern, destination) = (text("filterName"), text("filterPattern"), text("destinationArn"));
    if LogFilter::parse(&pattern).is_none() {
        return Err(invalid("Invalid filter pattern"));
    }
    if arn::service(&destination) == "lambda" {
        let (function, qualifier) = arn::function(&destination);
        let group = group_name(world, call)?;
        let source = world.arn("logs", &format!("log-group:{group}:*"));
        let regional = format!("logs.{}.amazonaws.com", world.region);
        let admitted = world.lambda.functions.get(function).is_some_and(|f| {
            ["logs.amazonaws.com", regional.as_str()]
                .iter()
                .any(|p| f.admits(qualifier, p, &source))
        });
        if !admitted {
            return Err(invalid(
                "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.",
            ));
        }
    }
    let now = world.now();
    let group = group(world, call)?;
    group.filters.retain(|f| f.name != name);
    // AWS (apis): two subscription filters a group.
    if group.filters.len() >= 2 {
        return Err(Fault::bad("LimitExceededException", "Resource limit exceeded."));
    }
    let role = call.str("roleArn").map(str::to_owned);
    group.filters.push(SubscriptionFilter {
        name,
        pattern,
        destination,
        role,
        created: now,
        sent: (now, u64::MAX),
    });
    Ok(Answer::empty())
}

fn describe_filters(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = group_name(world, call)?;
    let group = group(world, call)?;
    let prefix = call.str("filterNamePrefix").unwrap_or("");
    let found: Vec<Value> = group
        .filters
        .iter()
        .filter(|f| f.name.starts_with(prefix))
        .map(|f| {
            map! {
                "filterName" => &f.name, "logGroupName" => &name, "filterPattern" => &f.pattern,
                "destinationArn" => &f.destination, "roleArn" => f.role.clone(), "distribution" => "ByLogStream",
                "creationTime" => f.created,
            }
        })
        .collect();
    Ok(map! { "subscriptionFilters" => found }.into())
}

fn delete_filter(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("filterName").unwrap_or("");
    let group = group(world, call)?;
    let before = group.filters.len();
    group.filters.retain(|f| f.name != name);
    let missing = || {
        Fault::bad(
            "ResourceNotFoundException",
            "The specified subscription filter does not exist.",
        )
    };
    (group.filters.len() < before).then(Answer::empty).ok_or_else(missing)
}

fn tagged<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut LogGroup, Fault> {
    let name = name_of(call.str("resourceArn").unwrap_or(""));
    world.records.logs.groups.get_mut(name).ok_or_else(no_group)
}

fn list_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(map! { "tags" => as_map(&tagged(world, call)?.tags) }.into())
}

fn list_group_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(map! { "tags" => as_map(&group(world, call)?.tags) }.into())
}

fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    tagged(world, call)?.tags.extend(tag_map(call.get("tags")));
    Ok(Answer::empty())
}

fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let group = tagged(world, call)?;
    for key in call.get("tagKeys").strings() {
        group.tags.remove(key);
    }
    Ok(Answer::empty())
}
