//! EventBridge: buses, rules, targets, events.

use std::collections::BTreeMap;

use super::{Table, as_list, page, page_size, tag_list};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::bus::{Bus, Event, Rule};
use crate::world::metrics::MetricKey;
use crate::world::pattern::Pattern;
use crate::world::schedule::Expression;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("CreateEventBus", create_bus),
    ("DeleteEventBus", delete_bus),
    ("DeleteRule", delete_rule),
    ("DescribeEventBus", describe_bus),
    ("DescribeRule", describe_rule),
    ("DisableRule", |world, call| enable(world, call, false)),
    ("EnableRule", |world, call| enable(world, call, true)),
    ("ListEventBuses", list_buses),
    ("ListRuleNamesByTarget", names_by_target),
    ("ListRules", list_rules),
    ("ListTagsForResource", list_tags),
    ("PutEvents", put_events),
    ("PutRule", put_rule),
    ("TagResource", tag),
    ("TestEventPattern", test_pattern),
    ("UntagResource", untag),
];

/// AWS (apis): EventBridge lists give 100 a page.
pub(super) const PAGE: usize = 100;
/// AWS (apis): what one `PutEvents` may hold.
const PUT_BYTES: usize = 1_048_576;
pub(super) fn invalid(why: impl Into<String>) -> Fault {
    Fault::bad("ValidationException", why)
}

fn no_bus(name: &str) -> Fault {
    Fault::bad("ResourceNotFoundException", format!("Event bus {name} does not exist."))
}

pub(super) fn no_rule(name: &str, bus: &str) -> Fault {
    Fault::bad(
        "ResourceNotFoundException",
        format!("Rule {name} does not exist on EventBus {bus}."),
    )
}

/// The bus that a call is about.
fn bus_name(world: &World, call: &Call) -> Result<String, Fault> {
    let name = arn::name(call.str("EventBusName").unwrap_or("default"));
    if world.events.buses.contains_key(name) {
        Ok(name.to_owned())
    } else {
        Err(no_bus(name))
    }
}

fn bus_arn(world: &World, name: &str) -> String {
    world.arn("events", &format!("event-bus/{name}"))
}

/// The bus and the name of the rule that a call is about, which must be there.
pub(super) fn rule_name(world: &World, call: &Call, member: &str) -> Result<(String, String), Fault> {
    let bus = bus_name(world, call)?;
    let name = call
        .str(member)
        .ok_or_else(|| invalid(format!("{member} is missing")))?;
    let there = world.events.buses.get(&bus).is_some_and(|b| b.rules.contains_key(name));
    if there {
        Ok((bus, name.to_owned()))
    } else {
        Err(no_rule(name, &bus))
    }
}

pub(super) fn rule<'a>(world: &'a mut World, bus: &str, name: &str) -> Result<&'a mut Rule, Fault> {
    let found = world.events.buses.get_mut(bus).and_then(|b| b.rules.get_mut(name));
    found.ok_or_else(|| no_rule(name, bus))
}

fn create_bus(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Name").ok_or_else(|| invalid("Name is missing"))?;
    // AWS (apis): only the bus of a partner, which is named as its source, has slashes.
    if name.contains('/') && call.str("EventSourceName") != Some(name) {
        return Err(invalid(format!(
            "Event bus name {name} is not valid: it must not contain '/'."
        )));
    }
    if world.events.buses.contains_key(name) {
        return Err(Fault::bad(
            "ResourceAlreadyExistsException",
            format!("Event bus {name} already exists."),
        ));
    }
    let description = call.str("Description").map(str::to_owned);
    let bus = Bus {
        created: world.now(),
        description,
        tags: tag_list(call.get("Tags")),
        ..Bus::default()
    };
    world.events.buses.insert(name.to_owned(), bus);
    Ok(map! { "EventBusArn" => bus_arn(world, name), "Description" => call.get("Description") }.into())
}

fn delete_bus(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Name").unwrap_or("");
    if name == "default" {
        return Err(invalid("Cannot delete event bus default."));
    }
    if world.events.buses.get(name).is_some_and(|b| !b.rules.is_empty()) {
        return Err(invalid(format!("Cannot delete event bus {name} while it has rules.")));
    }
    world.events.buses.remove(name);
    Ok(Answer::empty())
}

fn shown_bus(world: &World, name: &str, bus: &Bus) -> Value {
    map! {
        "Name" => name, "Arn" => bus_arn(world, name), "Description" => bus.description.clone(),
        "CreationTime" => (bus.created > 0).then_some(Value::Time(bus.created)),
        "LastModifiedTime" => (bus.created > 0).then_some(Value::Time(bus.created)),
    }
}

fn describe_bus(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = arn::name(call.str("Name").unwrap_or("default"));
    let bus = world.events.buses.get(name).ok_or_else(|| no_bus(name))?;
    Ok(shown_bus(world, name, bus).into())
}

fn list_buses(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let prefix = call.str("NamePrefix").unwrap_or("");
    let all = world.events.buses.iter().filter(|(name, _)| name.starts_with(prefix));
    let (found, next) = page(all, call.str("NextToken"), page_size(call, "Limit", PAGE));
    let found: Vec<Value> = found
        .into_iter()
        .map(|(name, bus)| shown_bus(world, name, bus))
        .collect();
    Ok(map! { "EventBuses" => found, "NextToken" => next }.into())
}

fn put_rule(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Name").ok_or_else(|| invalid("Name is missing"))?.to_owned();
    let bus = bus_name(world, call)?;
    let (pattern, schedule) = (call.str("EventPattern"), call.str("ScheduleExpression"));
    if pattern.is_none() && schedule.is_none() {
        return Err(invalid(
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ));
    }
    if schedule.is_some() && bus != "default" {
        return Err(invalid(
            "ScheduleExpression is supported only on the default event bus.",
        ));
    }
    let pattern = pattern.map(|text| {
        let read = Pattern::parse(text).map_err(|why| Fault::bad("InvalidEventPatternException", why.to_string()));
        read.map(|p| (text.to_owned(), p))
    });
    let schedule = schedule.map(|text| {
        let read =
            Expression::parse(text).filter(|e| !matches!(e, Expression::At(_)) && Expression::counts_in_grammar(text));
        read.map(|e| (text.to_owned(), e))
            .ok_or_else(|| invalid("Parameter ScheduleExpression is not valid."))
    });
    let (now, arn) = (world.now(), world.rule_arn(&bus, &name));
    let there = world.events.buses.get(&bus).and_then(|b| b.rules.get(&name));
    let made = Rule {
        pattern: pattern.transpose()?,
        schedule: schedule.transpose()?,
        enabled: call.str("State") != Some("DISABLED"),
        description: call.str("Description").map(str::to_owned),
        role: call.str("RoleArn").map(str::to_owned),
        targets: there.map(|r| r.targets.clone()).unwrap_or_default(),
        tags: there.map_or_else(|| tag_list(call.get("Tags")), |r| r.tags.clone()),
        created: there.map_or(now, |r| r.created),
        next: None,
    };
    if let Some(found) = world.events.buses.get_mut(&bus) {
        found.rules.insert(name.clone(), made);
    }
    world.plan_rule(&bus, &name);
    Ok(map! { "RuleArn" => arn }.into())
}

fn shown_rule(world: &World, bus: &str, name: &str, rule: &Rule) -> Value {
    map! {
        "Name" => name,
        "Arn" => world.rule_arn(bus, name),
        "EventPattern" => rule.pattern.as_ref().map(|(text, _)| text),
        "ScheduleExpression" => rule.schedule.as_ref().map(|(text, _)| text),
        "State" => if rule.enabled { "ENABLED" } else { "DISABLED" },
        "Description" => rule.description.clone(),
        "RoleArn" => rule.role.clone(),
        "EventBusName" => bus,
    }
}

fn describe_rule(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (bus, name) = rule_name(world, call, "Name")?;
    let found = world
        .events
        .buses
        .get(&bus)
        .and_then(|b| b.rules.get(&name))
        .ok_or_else(|| no_rule(&name, &bus))?;
    let mut shown = shown_rule(world, &bus, &name, found);
    shown.set("CreatedBy", &world.account);
    Ok(shown.into())
}

fn list_rules(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (bus, prefix) = (bus_name(world, call)?, call.str("NamePrefix").unwrap_or(""));
    let all = world
        .events
        .buses
        .get(&bus)
        .into_iter()
        .flat_map(|b| &b.rules)
        .filter(|(name, _)| name.starts_with(prefix));
    let (found, next) = page(all, call.str("NextToken"), page_size(call, "Limit", PAGE));
    let found: Vec<Value> = found
        .into_iter()
        .map(|(name, rule)| shown_rule(world, &bus, name, rule))
        .collect();
    Ok(map! { "Rules" => found, "NextToken" => next }.into())
}

fn enable(world: &mut World, call: &Call, enabled: bool) -> Result<Answer, Fault> {
    let (bus, name) = rule_name(world, call, "Name")?;
    rule(world, &bus, &name)?.enabled = enabled;
    world.plan_rule(&bus, &name);
    Ok(Answer::empty())
}

fn delete_rule(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    // AWS (apis): deleting a rule that is not there succeeds.
    let Ok((bus, name)) = rule_name(world, call, "Name") else {
        return Ok(Answer::empty());
    };
    if !rule(world, &bus, &name)?.targets.is_empty() {
        return Err(invalid("Rule can't be deleted since it has targets."));
    }
    if let Some(found) = world.events.buses.get_mut(&bus) {
        found.rules.remove(&name);
    }
    Ok(Answer::empty())
}

fn names_by_target(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (bus, target) = (bus_name(world, call)?, call.str("TargetArn").unwrap_or(""));
    let rules = world.events.buses.get(&bus).into_iter().flat_map(|b| &b.rules);
    let names = rules
        .filter(|(_, rule)| rule.targets.iter().any(|t| t.arn == target))
        .map(|(name, _)| name.as_str());
    let (names, next) = page(names, call.str("NextToken"), page_size(call, "Limit", PAGE));
    Ok(map! { "RuleNames" => names, "NextToken" => next }.into())
}

fn put_events(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let entries = call.get("Entries").list();
    if entries.is_empty() || entries.len() > 10 {
        return Err(invalid(
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10",
        ));
    }
    // AWS (apis): source, type, detail and resources of all together, 1 MB.
    let length = |entry: &Value, member: &str| entry.get(member).str().map_or(0, str::len);
    let size = |entry: &Value| {
        let texts: usize = ["Source", "DetailType", "Detail"]
            .iter()
            .map(|m| length(entry, m))
            .sum();
        texts + entry.get("Resources").strings().map(str::len).sum::<usize>()
    };
    if entries.iter().map(size).sum::<usize>() > PUT_BYTES {
        return Err(invalid("Total size of the entries in the request is over the limit."));
    }
    let mut failures = 0_i64;
    let mut answers = Vec::new();
    for entry in entries {
        match put_one(world, entry) {
            Ok(id) => answers.push(map! { "EventId" => id }),
            Err((code, message)) => {
                failures += 1;
                let key = MetricKey::new("AWS/Events", "PutEventsFailedEntriesCount", &[]);
                world.records.metrics.add(key, world.now(), 1.0);
                answers.push(map! { "ErrorCode" => code, "ErrorMessage" => message });
            }
        }
    }
    Ok(map! { "FailedEntryCount" => failures, "Entries" => answers }.into())
}

fn put_one(world: &mut World, entry: &Value) -> Result<String, (&'static str, String)> {
    let text = |member: &str| {
        let found = entry.get(member).str().map(str::to_owned);
        found.ok_or((
            "InvalidArgument",
            format!("Parameter {member} is not valid. Reason: {member} is a required argument."),
        ))
    };
    let (source, detail_type, detail) = (text("Source")?, text("DetailType")?, text("Detail")?);
    let detail: serde_json::Value =
        serde_json::from_str(&detail).map_err(|_| ("MalformedDetail", "Detail is malformed.".to_owned()))?;
    if !detail.is_object() {
        return Err(("MalformedDetail", "Detail is malformed.".to_owned()));
    }
    if source.starts_with("aws.") {
        return Err((
            "NotAuthorizedForSourceException",
            "Not authorized for the source.".to_owned(),
        ));
    }
    let event = Event {
        source,
        detail_type,
        detail,
        resources: entry.get("Resources").strings().map(str::to_owned).collect(),
        time: entry.get("Time").time().unwrap_or_else(|| world.now()),
    };
    let bus = arn::name(entry.get("EventBusName").str().unwrap_or("default")).to_owned();
    // AWS (apis): an event for a bus that is not there is taken and lost.
    if !world.events.buses.contains_key(&bus) {
        return Ok(world.next_uuid("event"));
    }
    world
        .put_event(&bus, &event)
        .map_err(|fault| ("InternalFailure", fault.message))
}

fn test_pattern(_: &mut World, call: &Call) -> Result<Answer, Fault> {
    let pattern = Pattern::parse(call.str("EventPattern").unwrap_or(""));
    let pattern = pattern.map_err(|why| Fault::bad("InvalidEventPatternException", why.to_string()))?;
    let event: serde_json::Value = serde_json::from_str(call.str("Event").unwrap_or("")).unwrap_or_default();
    // AWS (apis): these are asked for, `resources` and `detail` are not.
    let needed = ["id", "account", "source", "time", "region", "detail-type"];
    if needed.iter().any(|name| event.get(name).is_none()) {
        return Err(invalid("Parameter Event is not valid."));
    }
    Ok(map! { "Result" => pattern.matches(&event) }.into())
}

/// The tags of a rule or a bus.
fn tags<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut BTreeMap<String, String>, Fault> {
    let resource = call.str("ResourceARN").unwrap_or("").to_owned();
    let missing = || Fault::bad("ResourceNotFoundException", format!("{resource} does not exist."));
    let path: Vec<&str> = arn::resource(&resource).split('/').collect();
    let found = match path.as_slice() {
        ["rule", name] => world
            .events
            .buses
            .get_mut("default")
            .and_then(|b| b.rules.get_mut(*name))
            .map(|r| &mut r.tags),
        ["rule", bus, name] => world
            .events
            .buses
            .get_mut(*bus)
            .and_then(|b| b.rules.get_mut(*name))
            .map(|r| &mut r.tags),
        ["event-bus", name] => world.events.buses.get_mut(*name).map(|b| &mut b.tags),
        _ => None,
    };
    found.ok_or_else(missing)
}

fn list_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(map! { "Tags" => as_list(tags(world, call)?) }.into())
}

fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    tags(world, call)?.extend(tag_list(call.get("Tags")));
    Ok(Answer::empty())
}

fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = tags(world, call)?;
    for key in call.get("TagKeys").strings() {
        found.remove(key);
    }
    Ok(Answer::empty())
}
