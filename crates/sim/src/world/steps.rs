//! What a running function does: each step goes through the same operations of the account as a client's call.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::World;
use super::api::Api;
use super::bucket::Object;
use super::bus::Event;
use super::function::Language;
use super::invocation::{Ask, Cause, Failed, Refusal, Run};
use super::lineage::Lineage;
use super::queue::Letter;
use super::stream::kinesis_number;
use super::template::{dig, fill, paths};
use super::topic::Publication;
use super::{arn, bucket};
use crate::behaviour::{Mode, Step};
use crate::call::Fault;
use crate::time::to_iso;

/// How a step went.
pub(super) enum Progress {
    /// The next may follow.
    Done,
    /// The next follows after so many milliseconds.
    Pause(i64),
    /// The next follows when another invocation has ended.
    Await,
    /// The function raises this.
    Failed(Failed),
}

/// For which records of an event a text is meant: each, where it speaks of records and the event has some; else once.
pub(super) fn records_for<T: AsRef<str>>(event: &Json, texts: impl IntoIterator<Item = T>) -> Vec<Option<usize>> {
    let of_records = |path: &str| matches!(path.split('.').next(), Some("record" | "object" | "data" | "file"));
    let count = event["Records"].as_array().map_or(0, Vec::len);
    if count > 0 && texts.into_iter().any(|text| paths(text.as_ref()).any(of_records)) {
        (0..count).map(Some).collect()
    } else {
        vec![None]
    }
}

impl World {
    /// Fills a template's holes with what this run knows.
    pub(super) fn fill(&self, run: &Run, record: Option<usize>, template: &str) -> String {
        let whole = run.event["Records"].get(record.unwrap_or(0)).unwrap_or(&run.event);
        fill(template, &|path| {
            let (root, rest) = path.split_once('.').unwrap_or((path, ""));
            match root {
                "event" => dig(&run.event, rest),
                "record" => dig(whole, rest),
                "object" => dig(&Json::String(self.object_text(whole)?), rest),
                "file" => {
                    let key = bucket::decode_key(whole["s3"]["object"]["key"].as_str()?);
                    Some(key.rsplit('/').next().unwrap_or("").into())
                }
                "data" => dig(&Json::String(decoded(whole)?), rest),
                "env" => Some(
                    self.lambda
                        .functions
                        .get(&run.function)?
                        .settings(&run.version)
                        .env
                        .get(rest)?
                        .as_str()
                        .into(),
                ),
                "request_id" => Some(run.request.as_str().into()),
                "sent" => Some(run.course.sent.get(&record)?.as_str().into()),
                "attempt" => Some(run.attempt.into()),
                "n" => Some(run.number.into()),
                "function" => Some(run.function.as_str().into()),
                "uuid" => Some(self.chance.uuid(&run.request, record.unwrap_or(0) as u64).into()),
                "time" => Some(to_iso(self.clock.now).into()),
                "account" => Some(self.account.as_str().into()),
                "region" => Some(self.region.as_str().into()),
                _ => None,
            }
        })
    }

    /// The text of the object that an S3 record names.
    fn object_text(&self, record: &Json) -> Option<String> {
        let name = record["s3"]["bucket"]["name"].as_str()?;
        let key = bucket::decode_key(record["s3"]["object"]["key"].as_str()?);
        let object = self.storage.buckets.get(name)?.objects.get(&key)?;
        String::from_utf8(object.body.to_vec()).ok()
    }

    pub(super) fn take_step(&mut self, id: u64, run: &mut Run, step: usize, record: Option<usize>) -> Progress {
        let Some(behaviour) = run.behaviour.clone() else {
            return Progress::Done;
        };
        let Some(step) = behaviour.steps.get(step) else {
            return Progress::Done;
        };
        let step = step.filled(&mut |text| self.fill(run, record, text));
        let language = self.language(run);
        match &step {
            Step::Print { line } => {
                self.print(run, line);
                return Progress::Done;
            }
            Step::Post { url, body } => {
                self.print(run, format!("POST {url} 200 {body}").trim_end());
                return Progress::Done;
            }
            Step::Wait { time } => {
                return Progress::Pause(self.chance.within(&run.request, 7, time.low..=time.high));
            }
            Step::Invoke {
                function,
                payload,
                mode: Mode::Sync,
            } => {
                let payload = payload.clone().unwrap_or_else(|| run.event.to_string());
                return match self.invoke_and_wait(Cause::Parent(id), function, payload, run.lineage.clone()) {
                    Ok(()) => Progress::Await,
                    Err(fault) => Progress::Failed(client_error(language, "Invoke", &fault)),
                };
            }
            _ => {}
        }
        let salt = self.chance.bits(&run.request, record.unwrap_or(0) as u64);
        let operation = step.operation();
        let lineage = self.lineage_of(run, record);
        match self.perform(step, &run.event, &lineage, salt) {
            Ok(answer) => {
                run.course.sent.extend(answer.map(|id| (record, id)));
                Progress::Done
            }
            Err(fault) => Progress::Failed(client_error(language, operation, &fault)),
        }
    }

    /// The chain of what an invocation does for one record of its batch: only that record's marble rolls on with it.
    fn lineage_of(&self, run: &Run, record: Option<usize>) -> Lineage {
        let batch = match (&run.cause, run.lineage.marble()) {
            (Cause::Batch(batch), Some(_)) => self.lambda.batches.get(batch),
            _ => None,
        };
        let message = batch.zip(record).and_then(|(batch, record)| {
            let (place, _, _) = batch.messages.get(record)?;
            self.messaging.queues.get(&batch.queue)?.get(*place)
        });
        match message {
            Some(message) => run.lineage.clone().with_marble(message.letter.lineage.marble()),
            None => run.lineage.clone(),
        }
    }

    fn invoke_and_wait(&mut self, cause: Cause, target: &str, payload: String, lineage: Lineage) -> Result<(), Fault> {
        let (name, qualifier) = arn::function(target);
        let ask = Ask {
            function: name.to_owned(),
            qualifier: qualifier.to_owned(),
            payload: payload.into(),
            cause,
            request: None,
            lineage,
            attempt: 1,
        };
        let arn = self.arn("lambda", &format!("function:{name}"));
        self.start(ask).map(|_| ()).map_err(|refusal| refusal.fault(&arn))
    }

    /// Does what a step says, its holes filled. `event` is what an invocation without a payload of its own passes on. Returns
    /// the id that the service's answer names.
    pub(crate) fn perform(
        &mut self,
        step: Step,
        event: &Json,
        lineage: &Lineage,
        salt: u64,
    ) -> Result<Option<String>, Fault> {
        self.carrying(lineage.marble(), |world| world.carry_out(step, event, lineage, salt))
    }

    fn carry_out(&mut self, step: Step, event: &Json, lineage: &Lineage, salt: u64) -> Result<Option<String>, Fault> {
        let lineage = lineage.clone();
        match step {
            Step::PutObject { bucket, key, body } => {
                let object = Object::of(Bytes::from(body), self.clock.now);
                self.put_object(&bucket, &key, object, "ObjectCreated:Put", &lineage)
                    .map(|()| None)
            }
            Step::CopyObject {
                bucket,
                key,
                to_bucket,
                to_key,
            } => {
                let to = to_bucket.as_ref().unwrap_or(&bucket);
                let key = bucket::decode_key(&key);
                self.copy_object(&bucket, &key, to, &to_key, &lineage).map(|()| None)
            }
            Step::DeleteObject { bucket, key } => self.delete_object(&bucket, &key).map(|()| None),
            Step::PutItem { table, item } => {
                let item = item.into_iter().map(|(k, v)| (k, json!({"S": v}))).collect();
                self.put_item(&table, &Json::Object(item)).map(|_| None)
            }
            Step::Invoke {
                function,
                payload,
                mode,
            } => {
                let payload = payload.unwrap_or_else(|| event.to_string());
                let (name, qualifier) = arn::function(&function);
                match mode {
                    Mode::Async => self.invoke_async(name, qualifier, payload.into(), lineage).map(Some),
                    Mode::Sync => self
                        .invoke_and_wait(Cause::Nobody, &function, payload, lineage)
                        .map(|()| None),
                }
            }
            step => self.send_or_call(step, lineage, salt),
        }
    }

    /// Does a step that sends something, or calls a front end.
    fn send_or_call(&mut self, step: Step, lineage: Lineage, salt: u64) -> Result<Option<String>, Fault> {
        match step {
            Step::SendMessage { queue, body, group } => {
                let mut letter = Letter::of(body);
                letter.dedup = arn::is_fifo(&queue).then(|| self.chance.uuid("dedup", salt));
                (letter.group, letter.lineage) = (group, lineage);
                let sent = self.send_message(arn::name(&queue), letter);
                sent.map(|(id, _)| Some(id))
            }
            Step::Publish {
                topic,
                message,
                subject,
            } => {
                let publication = Publication {
                    message: message.into(),
                    subject,
                    lineage,
                    ..Publication::default()
                };
                self.publish(arn::name(&topic), publication).map(Some)
            }
            Step::PutEvents {
                bus,
                source,
                detail_type,
                detail,
            } => {
                let detail = serde_json::from_str(&detail).unwrap_or_else(|_| json!({"text": detail}));
                let event = Event {
                    source,
                    detail_type,
                    detail,
                    resources: Vec::new(),
                    time: self.clock.now,
                };
                let bus = bus.as_deref().map_or("default", arn::name);
                self.put_event(bus, &event).map(Some)
            }
            Step::PutRecord { stream, key, data } => {
                let put = self.put_record(arn::name(&stream), &key, Bytes::from(data));
                put.map(|(_, seq)| Some(kinesis_number(seq)))
            }
            step => {
                self.call_front(&step);
                Ok(None)
            }
        }
    }

    /// Runs a step that triggers functions through a front end. Other steps have no effect here.
    fn call_front(&mut self, step: &Step) {
        match step {
            Step::Request { api, route, body } => {
                let named = |(id, found): (&String, &Api)| (id == api || found.name == *api).then(|| id.clone());
                if let Some(id) = self.fronts.apis.iter().find_map(named) {
                    self.request(&id, route, body);
                }
            }
            Step::SignIn { user_pool, user } => self.sign_in(user_pool, user),
            Step::StartExecution { state_machine, input } => self.start_execution(state_machine, input),
            _ => {}
        }
    }
}

impl Refusal {
    /// What the Lambda API says.
    #[must_use]
    pub fn fault(self, function_arn: &str) -> Fault {
        match self {
            Self::NotFound => Fault::new(
                404,
                "ResourceNotFoundException",
                format!("Function not found: {function_arn}"),
            )
            .with("Type", "User"),
            Self::Throttled | Self::Off => Fault::new(429, "TooManyRequestsException", "Rate Exceeded.")
                .with(
                    "Reason",
                    if self == Self::Off {
                        "ReservedFunctionConcurrentInvocationLimitExceeded"
                    } else {
                        "ConcurrentInvocationLimitExceeded"
                    },
                )
                .with("Type", "User"),
            Self::Unreachable => Fault::new(
                500,
                "ServiceException",
                "An error occurred and the request cannot be processed.",
            ),
            Self::Recursive => Fault::new(
                400,
                "RecursiveInvocationException",
                "Lambda has detected your function being invoked in a recursive loop and stopped it.",
            ),
        }
    }
}

/// The error that the AWS client in a function raises.
fn client_error(language: Language, operation: &str, fault: &Fault) -> Failed {
    match language {
        Language::Python => {
            let message = format!(
                "An error occurred ({}) when calling the {operation} operation: {}",
                fault.code, fault.message
            );
            Failed::new(language, "ClientError", &message)
        }
        _ => Failed::new(language, &fault.code, &fault.message),
    }
}

/// The data of a Kinesis record, decoded.
fn decoded(record: &Json) -> Option<String> {
    let data = record["kinesis"]["data"].as_str()?;
    String::from_utf8(BASE64.decode(data).ok()?).ok()
}
