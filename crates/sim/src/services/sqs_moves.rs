//! SQS: message move tasks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::Table;
use super::sqs::{bad_value, missing};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::move_task::{MoveStatus, MoveTask};
use crate::world::queue::Queue;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("CancelMessageMoveTask", cancel),
    ("ListMessageMoveTasks", list),
    ("StartMessageMoveTask", start),
];

fn not_found(what: &str) -> Fault {
    Fault::new(
        404,
        "ResourceNotFoundException",
        format!("The resource that you specified for the {what} parameter doesn't exist."),
    )
}

/// The queue that an ARN names.
fn queue_of(world: &World, call: &Call, member: &str) -> Result<String, Fault> {
    let given = call.str(member).ok_or_else(|| missing(member))?;
    let name = arn::name(given);
    let there = world.messaging.queues.contains_key(name) && world.queue_arn(name) == given;
    if there {
        Ok(name.to_owned())
    } else {
        Err(not_found(member))
    }
}

fn start(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let source = queue_of(world, call, "SourceArn")?;
    let source_arn = world.queue_arn(&source);
    let is_dlq = world
        .messaging
        .queues
        .values()
        .any(|q| q.redrive.as_ref().is_some_and(|r| r.target == source_arn));
    if !is_dlq {
        return Err(bad_value("Source queue must be configured as a Dead Letter Queue."));
    }
    let rate = call.int("MaxNumberOfMessagesPerSecond");
    if rate.is_some_and(|r| !(1..=500).contains(&r)) {
        return Err(bad_value(
            "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a value between 1 and 500.",
        ));
    }
    let destination = match call.str("DestinationArn") {
        None => None,
        Some(given) => {
            let name = queue_of(world, call, "DestinationArn")?;
            let fifo = |name: &str| world.messaging.queues.get(name).is_some_and(Queue::is_fifo);
            if fifo(&name) != fifo(&source) {
                return Err(bad_value("Source and destination queues must be of the same type."));
            }
            Some(given.to_owned())
        }
    };
    if world
        .messaging
        .moves
        .values()
        .any(|task| task.source == source && task.status.is_active())
    {
        let why =
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
        return Err(bad_value(why));
    }
    let id = world.start_move(&source, destination, rate);
    Ok(map! { "TaskHandle" => handle(id, &source_arn) }.into())
}

fn handle(id: u64, source: &str) -> String {
    BASE64.encode(format!("{{\"taskId\":\"{id}\",\"sourceArn\":\"{source}\"}}"))
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let source = queue_of(world, call, "SourceArn")?;
    let max = call.int("MaxResults").unwrap_or(1);
    if !(1..=10).contains(&max) {
        return Err(bad_value(
            "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 10.",
        ));
    }
    let arn = world.queue_arn(&source);
    let tasks = world
        .messaging
        .moves
        .iter()
        .rev()
        .filter(|(_, task)| task.source == source);
    let found: Vec<Value> = tasks
        .take(usize::try_from(max).unwrap_or(1))
        .map(|(id, task)| show(*id, task, &arn))
        .collect();
    Ok(map! { "Results" => found }.into())
}

fn show(id: u64, task: &MoveTask, source: &str) -> Value {
    let running = task.status == MoveStatus::Running;
    map! {
        "TaskHandle" => running.then(|| handle(id, source)),
        "Status" => task.status.name(),
        "SourceArn" => source,
        "DestinationArn" => task.destination.clone(),
        "MaxNumberOfMessagesPerSecond" => task.rate,
        "ApproximateNumberOfMessagesMoved" => task.moved,
        "ApproximateNumberOfMessagesToMove" => task.to_move,
        "FailureReason" => task.failure.clone(),
        "StartedTimestamp" => task.started,
    }
}

fn cancel(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let given = call.str("TaskHandle").ok_or_else(|| missing("TaskHandle"))?;
    let id = BASE64.decode(given).ok().and_then(|bytes| {
        let json: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        json["taskId"].as_str()?.parse::<u64>().ok()
    });
    let id = id
        .filter(|id| world.messaging.moves.contains_key(id))
        .ok_or_else(|| not_found("TaskHandle"))?;
    if world
        .messaging
        .moves
        .get(&id)
        .is_none_or(|task| task.status != MoveStatus::Running)
    {
        return Err(not_found("TaskHandle"));
    }
    world.cancel_move(id);
    let moved = world.messaging.moves.get(&id).map_or(0, |task| task.moved);
    Ok(map! { "ApproximateNumberOfMessagesMoved" => moved }.into())
}
