//! Lambda: how asynchronous invocations are retried and where they end.

use super::lambda::{function_of, gone, invalid};
use super::{Table, page, page_size};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::function::InvokeConfig;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("DeleteFunctionEventInvokeConfig", delete),
    ("GetFunctionEventInvokeConfig", get),
    ("ListFunctionEventInvokeConfigs", list),
    ("PutFunctionEventInvokeConfig", put),
    ("UpdateFunctionEventInvokeConfig", update),
];

/// The function and the qualifier that a configuration stands under.
fn place(world: &World, call: &Call) -> Result<(String, String), Fault> {
    let (name, qualifier) = function_of(world, call)?;
    Ok((
        name,
        if qualifier.is_empty() {
            "$LATEST".to_owned()
        } else {
            qualifier
        },
    ))
}

fn shown(world: &World, name: &str, qualifier: &str, config: &InvokeConfig) -> Value {
    let destination = |arn: &Option<String>| {
        arn.as_ref()
            .map_or_else(|| map! {}, |arn| map! { "Destination" => arn })
    };
    map! {
        "LastModified" => Value::Time(config.modified),
        "FunctionArn" => format!("{}:{qualifier}", world.arn("lambda", &format!("function:{name}"))),
        "MaximumRetryAttempts" => config.retries,
        "MaximumEventAgeInSeconds" => config.max_age_s,
        "DestinationConfig" => map! { "OnSuccess" => destination(&config.on_success), "OnFailure" => destination(&config.on_failure) },
    }
}

fn none(world: &World, name: &str, qualifier: &str) -> Fault {
    let arn = world.arn("lambda", &format!("function:{name}"));
    gone(format!(
        "The function {arn}:{qualifier} doesn't have an EventInvokeConfig"
    ))
}

/// Refuses what AWS does not deliver to. AWS (async): no FIFO queue or topic, a bucket only for failures, and not the function itself.
fn refuse_destination(target: &str, of: &str, is_success: bool) -> Result<(), Fault> {
    if arn::service(target) == "lambda" && arn::function(target).0 == of {
        return Err(invalid("You can't specify the function as a destination for itself."));
    }
    let fits = match arn::service(target) {
        "sqs" | "sns" | "lambda" | "events" => !arn::is_fifo(target),
        "s3" => !is_success,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(invalid(format!("The destination ARN {target} is invalid.")))
    }
}

/// Takes in what is given for a function.
fn read(call: &Call, name: &str, mut config: InvokeConfig, now: i64) -> Result<InvokeConfig, Fault> {
    let limits = |member: &str, value: i64, low: i64, high: i64| {
        let why = format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value between {low} and {high}"
        );
        if (low..=high).contains(&value) {
            Ok(value)
        } else {
            Err(Fault::bad("ValidationException", why))
        }
    };
    if let Some(retries) = call.int("MaximumRetryAttempts") {
        config.retries = u32::try_from(limits("maximumRetryAttempts", retries, 0, 2)?).ok();
    }
    if let Some(age) = call.int("MaximumEventAgeInSeconds") {
        config.max_age_s = Some(limits("maximumEventAgeInSeconds", age, 60, 21_600)?);
    }
    for (member, place) in [
        ("OnSuccess", &mut config.on_success),
        ("OnFailure", &mut config.on_failure),
    ] {
        let side = call.get("DestinationConfig").get(member);
        if side.is_null() {
            continue;
        }
        let target = side.get("Destination").str().filter(|t| !t.is_empty());
        if let Some(target) = target {
            refuse_destination(target, name, member == "OnSuccess")?;
        }
        *place = target.map(str::to_owned);
    }
    config.modified = now;
    Ok(config)
}

fn put(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, qualifier) = place(world, call)?;
    set(world, &name, qualifier, call, InvokeConfig::default())
}

fn update(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, qualifier) = place(world, call)?;
    let there = world
        .lambda
        .functions
        .get(&name)
        .and_then(|f| f.invoke_configs.get(&qualifier))
        .cloned();
    let there = there.ok_or_else(|| none(world, &name, &qualifier))?;
    set(world, &name, qualifier, call, there)
}

fn set(world: &mut World, name: &str, qualifier: String, call: &Call, from: InvokeConfig) -> Result<Answer, Fault> {
    let config = read(call, name, from, world.now())?;
    let shown = shown(world, name, &qualifier, &config);
    if let Some(function) = world.lambda.functions.get_mut(name) {
        function.invoke_configs.insert(qualifier, config);
    }
    Ok(shown.into())
}

fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, qualifier) = place(world, call)?;
    let config = world
        .lambda
        .functions
        .get(&name)
        .and_then(|f| f.invoke_configs.get(&qualifier));
    let config = config.ok_or_else(|| none(world, &name, &qualifier))?;
    Ok(shown(world, &name, &qualifier, config).into())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = function_of(world, call)?;
    let configs = world
        .lambda
        .functions
        .get(&name)
        .into_iter()
        .flat_map(|f| &f.invoke_configs);
    let (configs, next) = page(configs, call.str("Marker"), page_size(call, "MaxItems", 50));
    let found: Vec<Value> = configs.into_iter().map(|(q, c)| shown(world, &name, q, c)).collect();
    Ok(map! { "FunctionEventInvokeConfigs" => found, "NextMarker" => next }.into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, qualifier) = place(world, call)?;
    let gone = world
        .lambda
        .functions
        .get_mut(&name)
        .and_then(|f| f.invoke_configs.remove(&qualifier));
    gone.map(|_| Answer::empty())
        .ok_or_else(|| none(world, &name, &qualifier))
}
