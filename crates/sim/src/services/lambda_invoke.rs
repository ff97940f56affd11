//! Lambda: invocations.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;

use super::lambda::function_of;
use crate::call::{Answer, Call, Fault, Reply};
use crate::value::map;
use crate::world::World;
use crate::world::invocation::{Ask, Cause, Ending, Outcome, Waiting};
use crate::world::lineage::Lineage;

/// AWS (apis): an event of a synchronous invocation is 6 MB at most, of an asynchronous one 1 MB.
const SYNC_BYTES: usize = 6 * 1024 * 1024;
const ASYNC_BYTES: usize = 1024 * 1024;
/// How much of the log an invocation's answer carries.
const TAIL_BYTES: usize = 4096;
/// The header with the id under which the invocation logs. AWS (async): the answer's request id is the invocation's.
const REQUEST_ID: &str = "x-amzn-RequestId";

/// Invokes a function, and waits for it where the caller does.
pub(super) fn invoke(world: &mut World, call: &Call) -> Reply {
    match start(world, call) {
        Ok(reply) => reply,
        Err(fault) => fault.into(),
    }
}

fn start(world: &mut World, call: &Call) -> Result<Reply, Fault> {
    let far = world.now() + 900_000;
    if let Some(waiting) = world.lambda.waiting_calls.get(&call.serial) {
        let Some(outcome) = waiting.outcome.clone() else {
            return Ok(Reply::Wait { until_ms: far });
        };
        world.lambda.waiting_calls.remove(&call.serial);
        return Ok(Reply::Done(Ok(answer(outcome, call.str("LogType") == Some("Tail")))));
    }
    let (name, qualifier) = function_of(world, call)?;
    let kind = call.str("InvocationType").unwrap_or("RequestResponse");
    let payload = call.payload.clone().unwrap_or_default();
    let text: Arc<str> = match std::str::from_utf8(&payload) {
        Ok("") => "{}".into(),
        Ok(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => text.into(),
        _ => {
            let why = "Could not parse request body into json: Could not parse payload into json";
            return Err(Fault::bad("InvalidRequestContentException", why).with("Type", "User"));
        }
    };
    let limit = if kind == "Event" { ASYNC_BYTES } else { SYNC_BYTES };
    if text.len() > limit {
        let why = format!(
            "{} byte payload is too large for the {kind} invocation type (limit {limit} bytes)",
            text.len()
        );
        return Err(Fault::new(413, "RequestTooLargeException", why).with("Type", "User"));
    }
    match kind {
        "DryRun" => Ok(Reply::Done(Ok(plain(204)))),
        "Event" => {
            let request = world.invoke_async(&name, &qualifier, text, Lineage::default())?;
            let headers = vec![(REQUEST_ID.to_owned(), request)];
            Ok(Reply::Done(Ok(Answer { headers, ..plain(202) })))
        }
        "RequestResponse" => {
            let arn = world.arn("lambda", &format!("function:{name}"));
            let ask = Ask {
                function: name,
                qualifier,
                payload: text,
                cause: Cause::Call(call.serial),
                request: None,
                lineage: Lineage::default(),
                attempt: 1,
            };
            world.start(ask).map_err(|refusal| refusal.fault(&arn))?;
            world.lambda.waiting_calls.insert(call.serial, Waiting::default());
            Ok(Reply::Wait { until_ms: far })
        }
        other => Err(Fault::bad(
            "ValidationException",
            format!(
                "1 validation error detected: Value '{other}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
            ),
        )),
    }
}

fn plain(status: u16) -> Answer {
    Answer {
        output: map! { "StatusCode" => status },
        payload: Some(Bytes::new()),
        status: Some(status),
        ..Answer::default()
    }
}

fn answer(outcome: Outcome, tail: bool) -> Answer {
    let mut start = outcome.tail.len().saturating_sub(TAIL_BYTES);
    while !outcome.tail.is_char_boundary(start) {
        start += 1;
    }
    let failed = !matches!(outcome.ending, Ending::Returned(_));
    let output = map! {
        "StatusCode" => 200_i64,
        "FunctionError" => failed.then_some("Unhandled"),
        "LogResult" => tail.then(|| BASE64.encode(&outcome.tail[start..])),
        "ExecutedVersion" => outcome.version,
    };
    Answer {
        output,
        payload: Some(Bytes::from(outcome.payload.to_string())),
        headers: vec![(REQUEST_ID.to_owned(), outcome.request)],
        status: Some(200),
    }
}
