//! The Scheduler: schedules and their groups.

use super::{Table, page, page_size};
use crate::call::{Answer, Call, Fault};
use crate::value::{Map, Value, map};
use crate::world::bus::Target;
use crate::world::schedule::Expression;
use crate::world::scheduler::Schedule;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("CreateSchedule", create),
    ("CreateScheduleGroup", create_group),
    ("DeleteSchedule", delete),
    ("DeleteScheduleGroup", delete_group),
    ("GetSchedule", get),
    ("GetScheduleGroup", get_group),
    ("ListScheduleGroups", list_groups),
    ("ListSchedules", list),
    ("UpdateSchedule", update),
];

/// Members of a target that are read into it; all others are kept and echoed.
const READ: [&str; 6] = [
    "Arn",
    "RoleArn",
    "Input",
    "DeadLetterConfig",
    "RetryPolicy",
    "SqsParameters",
];

fn invalid(why: impl Into<String>) -> Fault {
    Fault::bad("ValidationException", why)
}

fn gone(name: &str) -> Fault {
    Fault::new(
        404,
        "ResourceNotFoundException",
        format!("Schedule {name} does not exist."),
    )
}

fn key(call: &Call) -> Result<(String, String), Fault> {
    let name = call.str("Name").ok_or_else(|| invalid("Name is missing"))?;
    Ok((call.str("GroupName").unwrap_or("default").to_owned(), name.to_owned()))
}

/// What a target may not say. AWS (delivery): the model of `Target`; no FIFO queue keeps what a schedule gives up.
fn refuse_target(target: &Value) -> Result<(), Fault> {
    let constraint = |value: &str, member: &str, rule: String| {
        Err(invalid(format!(
            "1 validation error detected: Value '{value}' at 'target.{member}' failed to satisfy constraint: Member must {rule}"
        )))
    };
    if let Some(queue) = target.path("DeadLetterConfig.Arn").str()
        && (arn::service(queue) != "sqs" || arn::is_fifo(queue))
    {
        let rule = "satisfy regular expression pattern: arn:aws(-[a-z]+)?:sqs:[a-z0-9\\-]+:\\d{12}:[a-zA-Z0-9\\-_]+";
        return constraint(queue, "deadLetterConfig.arn", rule.to_owned());
    }
    for (member, name, low, high) in [
        (
            "RetryPolicy.MaximumRetryAttempts",
            "retryPolicy.maximumRetryAttempts",
            0,
            185,
        ),
        (
            "RetryPolicy.MaximumEventAgeInSeconds",
            "retryPolicy.maximumEventAgeInSeconds",
            60,
            86_400,
        ),
    ] {
        let value = target.path(member).int();
        if let Some(value) = value.filter(|value| *value < low) {
            return constraint(
                &value.to_string(),
                name,
                format!("have value greater than or equal to {low}"),
            );
        }
        if let Some(value) = value.filter(|value| *value > high) {
            return constraint(
                &value.to_string(),
                name,
                format!("have value less than or equal to {high}"),
            );
        }
    }
    Ok(())
}

fn read(world: &World, call: &Call, created: i64) -> Result<Schedule, Fault> {
    let text = call
        .str("ScheduleExpression")
        .ok_or_else(|| invalid("ScheduleExpression is missing"))?;
    let expression = Expression::parse(text);
    let expression = expression.ok_or_else(|| invalid(format!("Invalid Schedule Expression {text}.")))?;
    let given = call.get("Target");
    let member = |path: &str| given.path(path).str().map(str::to_owned);
    let target = member("Arn").ok_or_else(|| invalid("Target.Arn is missing"))?;
    if member("RoleArn").is_none() {
        return Err(invalid(
            "1 validation error detected: Value null at 'target.roleArn' failed to satisfy constraint: Member must not be null",
        ));
    }
    refuse_reading(&target)?;
    refuse_target(given)?;
    let zone = call.str("ScheduleExpressionTimezone").unwrap_or("").to_owned();
    if expression.next(0, 0, &zone).is_none() && !matches!(expression, Expression::Cron(_)) {
        return Err(invalid(format!("The ScheduleExpressionTimezone {zone} is not valid.")));
    }
    let echoed = given
        .entries()
        .filter(|(k, _)| !READ.contains(k))
        .map(|(k, v)| (k.to_owned(), v.clone()));
    Ok(Schedule {
        text: text.to_owned(),
        expression,
        zone,
        enabled: call.str("State") != Some("DISABLED"),
        description: call.str("Description").map(str::to_owned),
        target: Target {
            arn: target,
            role: member("RoleArn"),
            input: member("Input"),
            dead_letter: member("DeadLetterConfig.Arn"),
            retries: given
                .path("RetryPolicy.MaximumRetryAttempts")
                .int()
                .and_then(|n| u32::try_from(n).ok()),
            max_age_s: given.path("RetryPolicy.MaximumEventAgeInSeconds").int(),
            group: member("SqsParameters.MessageGroupId"),
            echoed: echoed.collect(),
            ..Target::default()
        },
        window: call.get("FlexibleTimeWindow").clone(),
        start: call.get("StartDate").time(),
        end: call.get("EndDate").time(),
        delete_after: call.str("ActionAfterCompletion") == Some("DELETE"),
        created,
        modified: world.now(),
        next: None,
    })
}

/// Calls that begin like this only read. AWS (delivery): no universal target makes one.
const READING: [&str; 24] = [
    "get",
    "describe",
    "list",
    "poll",
    "receive",
    "search",
    "scan",
    "query",
    "select",
    "read",
    "lookup",
    "discover",
    "validate",
    "batchGet",
    "batchDescribe",
    "batchRead",
    "transactGet",
    "adminGet",
    "adminList",
    "testMigration",
    "retrieve",
    "testConnection",
    "translateDocument",
    "isAuthorized",
];

fn refuse_reading(target: &str) -> Result<(), Fault> {
    let Some(call) = target.strip_prefix("arn:aws:scheduler:::aws-sdk:") else {
        return Ok(());
    };
    let action = call.split_once(':').map_or("", |(_, action)| action);
    if action.is_empty() || READING.iter().any(|prefix| action.starts_with(prefix)) {
        return Err(invalid(format!("{target} is not a supported target.")));
    }
    Ok(())
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let key = key(call)?;
    if !world.events.schedule_groups.contains_key(&key.0) {
        return Err(Fault::new(
            404,
            "ResourceNotFoundException",
            format!("Schedule group {} does not exist.", key.0),
        ));
    }
    if world.events.schedules.contains_key(&key) {
        return Err(Fault::new(
            409,
            "ConflictException",
            format!("Schedule {} already exists.", key.1),
        ));
    }
    let made = read(world, call, world.now())?;
    Ok(set(world, &key, made))
}

fn set(world: &mut World, key: &(String, String), made: Schedule) -> Answer {
    let arn = world.schedule_arn(&key.0, &key.1);
    world.events.schedules.insert(key.clone(), made);
    world.plan_schedule(&key.0, &key.1);
    map! { "ScheduleArn" => arn }.into()
}

fn update(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let key = key(call)?;
    let created = world
        .events
        .schedules
        .get(&key)
        .map(|s| s.created)
        .ok_or_else(|| gone(&key.1))?;
    let made = read(world, call, created)?;
    Ok(set(world, &key, made))
}

fn target(target: &Target) -> Value {
    let retry = (target.retries.is_some() || target.max_age_s.is_some()).then(|| {
        map! { "MaximumRetryAttempts" => target.retries, "MaximumEventAgeInSeconds" => target.max_age_s }
    });
    let mut shown = Map::new();
    shown.push("Arn", &target.arn);
    shown.push("RoleArn", target.role.clone());
    shown.push("Input", target.input.clone());
    shown.push(
        "DeadLetterConfig",
        target.dead_letter.as_ref().map(|arn| map! { "Arn" => arn }),
    );
    shown.push("RetryPolicy", retry);
    shown.push(
        "SqsParameters",
        target.group.as_ref().map(|g| map! { "MessageGroupId" => g }),
    );
    for (name, value) in &target.echoed {
        shown.push(name.as_str(), value);
    }
    Value::Map(shown)
}

fn state(schedule: &Schedule) -> &'static str {
    if schedule.enabled { "ENABLED" } else { "DISABLED" }
}

fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let key = key(call)?;
    let found = world.events.schedules.get(&key).ok_or_else(|| gone(&key.1))?;
    Ok(map! {
        "Arn" => world.schedule_arn(&key.0, &key.1),
        "GroupName" => &key.0,
        "Name" => &key.1,
        "ScheduleExpression" => &found.text,
        "ScheduleExpressionTimezone" => if found.zone.is_empty() { "UTC" } else { &found.zone },
        "State" => state(found),
        "Description" => found.description.clone(),
        "FlexibleTimeWindow" => &found.window,
        "Target" => target(&found.target),
        "StartDate" => found.start.map(Value::Time),
        "EndDate" => found.end.map(Value::Time),
        "ActionAfterCompletion" => if found.delete_after { "DELETE" } else { "NONE" },
        "CreationDate" => Value::Time(found.created),
        "LastModificationDate" => Value::Time(found.modified),
    }
    .into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let key = key(call)?;
    world
        .events
        .schedules
        .remove(&key)
        .map(|_| Answer::empty())
        .ok_or_else(|| gone(&key.1))
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let prefix = call.str("NamePrefix").unwrap_or("");
    let wanted = world.events.schedules.iter().filter(|((group, name), s)| {
        name.starts_with(prefix)
            && call.str("GroupName").is_none_or(|g| g == group)
            && call.str("State").is_none_or(|wanted| wanted == state(s))
    });
    let (found, next) = page(wanted, call.str("NextToken"), page_size(call, "MaxResults", 100));
    let found: Vec<Value> = found
        .into_iter()
        .map(|((group, name), s)| {
            map! {
                "Arn" => world.schedule_arn(group, name), "Name" => name, "GroupName" => group, "State" => state(s),
                "CreationDate" => Value::Time(s.created), "LastModificationDate" => Value::Time(s.modified),
                "Target" => map! { "Arn" => &s.target.arn },
            }
        })
        .collect();
    Ok(map! { "Schedules" => found, "NextToken" => next }.into())
}

fn group(world: &World, name: &str, created: i64) -> Value {
    map! {
        "Arn" => world.arn("scheduler", &format!("schedule-group/{name}")), "Name" => name, "State" => "ACTIVE",
        "CreationDate" => Value::Time(created), "LastModificationDate" => Value::Time(created),
    }
}

fn create_group(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Name").unwrap_or("").to_owned();
    if world.events.schedule_groups.contains_key(&name) {
        return Err(Fault::new(
            409,
            "ConflictException",
            format!("Schedule group {name} already exists."),
        ));
    }
    let now = world.now();
    let arn = world.arn("scheduler", &format!("schedule-group/{name}"));
    world.events.schedule_groups.insert(name, now);
    Ok(map! { "ScheduleGroupArn" => arn }.into())
}

fn get_group(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Name").unwrap_or("");
    let created = world.events.schedule_groups.get(name);
    let missing = || {
        Fault::new(
            404,
            "ResourceNotFoundException",
            format!("Schedule group {name} does not exist."),
        )
    };
    created.map(|at| group(world, name, *at).into()).ok_or_else(missing)
}

fn list_groups(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let prefix = call.str("NamePrefix").unwrap_or("");
    let wanted = world
        .events
        .schedule_groups
        .iter()
        .filter(|(name, _)| name.starts_with(prefix));
    let (found, next) = page(wanted, call.str("NextToken"), page_size(call, "MaxResults", 100));
    let found: Vec<Value> = found.into_iter().map(|(name, at)| group(world, name, *at)).collect();
    Ok(map! { "ScheduleGroups" => found, "NextToken" => next }.into())
}

fn delete_group(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Name").unwrap_or("");
    if name == "default" || world.events.schedule_groups.remove(name).is_none() {
        return Err(Fault::new(
            404,
            "ResourceNotFoundException",
            format!("Schedule group {name} does not exist."),
        ));
    }
    world.events.schedules.retain(|(group, _), _| group != name);
    Ok(Answer::empty())
}
