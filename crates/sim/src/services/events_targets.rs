//! EventBridge: the targets of rules.

use std::collections::BTreeMap;

use super::events::{PAGE, invalid, rule, rule_name};
use super::{Table, page, page_size};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::bus::Target;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("ListTargetsByRule", list_targets),
    ("PutTargets", put_targets),
    ("RemoveTargets", remove_targets),
];

/// Members of a target that are read into it; all others are kept and echoed.
const READ: [&str; 9] = [
    "Id",
    "Arn",
    "Input",
    "InputPath",
    "InputTransformer",
    "RoleArn",
    "DeadLetterConfig",
    "RetryPolicy",
    "SqsParameters",
];

fn read_target(given: &Value) -> Target {
    let text = |path: &str| given.path(path).str().map(str::to_owned);
    let transformer = given.get("InputTransformer");
    let paths: BTreeMap<String, String> = transformer
        .get("InputPathsMap")
        .entries()
        .filter_map(|(k, v)| Some((k.to_owned(), v.text()?)))
        .collect();
    let echoed = given
        .entries()
        .filter(|(k, _)| !READ.contains(k))
        .map(|(k, v)| (k.to_owned(), v.clone()));
    Target {
        id: text("Id").unwrap_or_default(),
        arn: text("Arn").unwrap_or_default(),
        input: text("Input"),
        input_path: text("InputPath"),
        transformer: transformer
            .get("InputTemplate")
            .str()
            .map(|template| (paths, template.to_owned())),
        role: text("RoleArn"),
        dead_letter: text("DeadLetterConfig.Arn"),
        retries: given
            .path("RetryPolicy.MaximumRetryAttempts")
            .int()
            .and_then(|n| u32::try_from(n).ok()),
        max_age_s: given.path("RetryPolicy.MaximumEventAgeInSeconds").int(),
        group: text("SqsParameters.MessageGroupId"),
        echoed: echoed.collect(),
    }
}

fn shown_target(target: &Target) -> Value {
    let transformer = target.transformer.as_ref().map(|(paths, template)| {
        let paths: crate::value::Map = paths.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        map! { "InputPathsMap" => if paths.is_empty() { Value::Null } else { Value::Map(paths) }, "InputTemplate" => template }
    });
    let retry = (target.retries.is_some() || target.max_age_s.is_some()).then(|| {
        map! { "MaximumRetryAttempts" => target.retries, "MaximumEventAgeInSeconds" => target.max_age_s }
    });
    let mut shown = map! {
        "Id" => &target.id,
        "Arn" => &target.arn,
        "RoleArn" => target.role.clone(),
        "Input" => target.input.clone(),
        "InputPath" => target.input_path.clone(),
        "InputTransformer" => transformer,
        "SqsParameters" => target.group.as_ref().map(|g| map! { "MessageGroupId" => g }),
        "DeadLetterConfig" => target.dead_letter.as_ref().map(|arn| map! { "Arn" => arn }),
        "RetryPolicy" => retry,
    };
    for (name, value) in &target.echoed {
        shown.set(name.as_str(), value);
    }
    shown
}

/// What AWS takes for no target, in its words.
fn refuse_target(n: usize, given: &Value) -> Result<(), Fault> {
    let id = given.get("Id").text().unwrap_or_default();
    let constraint = if id.len() > 64 {
        "Member must have length less than or equal to 64"
    } else if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c)) {
        "Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"
    } else {
        ""
    };
    if !constraint.is_empty() {
        return Err(invalid(format!(
            "1 validation error detected: Value '{id}' at 'targets.{n}.member.id' failed to satisfy constraint: {constraint}"
        )));
    }
    let fifo = |path: &str| given.path(path).str().is_some_and(arn::is_fifo);
    if fifo("DeadLetterConfig.Arn") {
        return Err(invalid("SQS FIFO is not supported by Dead Letter Queues."));
    }
    if fifo("Arn")
        && arn::service(given.get("Arn").str().unwrap_or_default()) == "sqs"
        && given.get("SqsParameters").is_null()
    {
        return Err(invalid(format!(
            "Parameter(s) SqsParameters must be specified for target: {id}."
        )));
    }
    let inputs = ["Input", "InputPath", "InputTransformer"];
    if inputs.iter().filter(|member| !given.get(member).is_null()).count() > 1 {
        return Err(invalid(format!(
            "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
        )));
    }
    let transformer = given.get("InputTransformer");
    let known: Vec<&str> = transformer
        .get("InputPathsMap")
        .entries()
        .map(|(name, _)| name)
        .collect();
    let template = transformer.get("InputTemplate").str().unwrap_or("");
    for name in template
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(name, _)| name)
    {
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        if is_name && !known.contains(&name) {
            return Err(invalid(format!(
                "InputTemplate for target {id} contains invalid placeholder {name}."
            )));
        }
    }
    Ok(())
}

fn put_targets(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (bus, name) = rule_name(world, call, "Rule")?;
    for (n, given) in call.get("Targets").list().iter().enumerate() {
        refuse_target(n + 1, given)?;
    }
    let mut failed = Vec::new();
    let found = rule(world, &bus, &name)?;
    for given in call.get("Targets").list() {
        let target = read_target(given);
        if !target.arn.starts_with("arn:") {
            let why = format!(
                "Parameter {} is not valid. Reason: Provided Arn is not in correct format.",
                target.arn
            );
            failed.push(map! { "TargetId" => target.id, "ErrorCode" => "ValidationException", "ErrorMessage" => why });
            continue;
        }
        found.targets.retain(|t| t.id != target.id);
        // AWS (apis): 5 targets a rule.
        if found.targets.len() >= 5 {
            let why = "The requested resource exceeds the maximum number allowed.";
            return Err(Fault::bad("LimitExceededException", why));
        }
        found.targets.push(target);
    }
    Ok(map! { "FailedEntryCount" => failed.len(), "FailedEntries" => failed }.into())
}

fn remove_targets(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (bus, name) = rule_name(world, call, "Rule")?;
    let gone: Vec<&str> = call.get("Ids").strings().collect();
    rule(world, &bus, &name)?
        .targets
        .retain(|t| !gone.contains(&t.id.as_str()));
    Ok(map! { "FailedEntryCount" => 0_i64, "FailedEntries" => Vec::<Value>::new() }.into())
}

fn list_targets(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (bus, name) = rule_name(world, call, "Rule")?;
    let found = rule(world, &bus, &name)?;
    let (targets, next) = page(&found.targets, call.str("NextToken"), page_size(call, "Limit", PAGE));
    let targets: Vec<Value> = targets.into_iter().map(shown_target).collect();
    Ok(map! { "Targets" => targets, "NextToken" => next }.into())
}
