//! Letters of functions: dead-letter configs, destinations and stream mappings.

use super::super::DlqSource;
use super::super::content::Record;
use super::super::kafka::KafkaBatch;
use super::super::provenance::{Event, FunctionMatch, Provenance};
use super::super::run_history::Answer;
use super::{Look, is_throttle};
use crate::domain::{Arn, Batch, NodeId, Origin, RunError};

impl Look<'_> {
    /// A function's dead-letter config: the letter does not name the function.
    pub(super) fn asynchronous(
        &self,
        attribute: &dyn Fn(&str) -> Option<String>,
        topic: Option<&NodeId>,
    ) -> Option<Provenance> {
        let (request, code) = (attribute("RequestID")?, attribute("ErrorCode")?);
        let message = attribute("ErrorMessage");
        let feeders = self.queue.feeders(Origin::LambdaAsync);
        let feeders: Vec<&DlqSource> = feeders
            .filter(|feeder| topic.is_none() || feeder.via.as_ref() == topic)
            .collect();
        let mut found = Provenance::new(Origin::LambdaAsync)
            .says("attributes RequestID, ErrorCode and ErrorMessage")
            .confirmed(feeders.first().copied(), "no function names this queue");
        if feeders.len() > 1 {
            found.evidence.pop();
            found.evidence.push(format!(
                "configured: {} functions send their dead letters here",
                feeders.len()
            ));
        }
        found.function = match feeders.as_slice() {
            [] => FunctionMatch::Nobody,
            [only] => {
                found.evidence.push(format!("only {} sends here", only.id.short_name()));
                certain(&only.id)
            }
            several => self.asked_by(&request, several, &mut found.evidence),
        };
        if let Some(function) = found.function.function() {
            found.source = Some(function.clone());
            if let Answer::Yes(run) = self.witness.run(function, &request) {
                found.tries = Some(run.attempt);
                found.error = run.error;
            }
        }
        // AWS: 200 says that the function failed, anything else that it did not come to that.
        let throttled = code != "200" && (code == "429" || message.as_deref().is_some_and(is_throttle));
        let off = found
            .function
            .function()
            .filter(|id| code != "200" && self.reserved(id) == Some(0));
        found.capacity = if let Some(function) = off {
            Some(format!(
                "{} may run 0 times at once (reserved concurrency)",
                function.short_name()
            ))
        } else if throttled {
            Some(format!("throttled until it was given up (ErrorCode {code})"))
        } else {
            None
        };
        if let Some(text) = message {
            let kind = found.error.as_ref().and_then(|error| error.kind.clone());
            found.error = Some(RunError { kind, message: text });
        }
        found.event = if topic.is_some() { Event::Message } else { Event::Body };
        found.request_id = Some(request);
        Some(found)
    }

    /// Which of several functions had this request.
    fn asked_by(&self, request: &str, feeders: &[&DlqSource], evidence: &mut Vec<String>) -> FunctionMatch {
        let (mut all_read, mut found) = (true, Vec::new());
        for feeder in feeders {
            match self.witness.run(&feeder.id, request) {
                Answer::Yes(_) => found.push(&feeder.id),
                Answer::No => {}
                Answer::Unread => all_read = false,
            }
        }
        if let [only] = found.as_slice() {
            evidence.push(format!("the log of {} has request {request}", only.short_name()));
            return certain(only);
        }
        evidence.push(if all_read {
            format!("no log of the {} functions has request {request}", feeders.len())
        } else {
            format!("request {request} was not looked for in every log")
        });
        FunctionMatch::OneOf(feeders.iter().map(|feeder| feeder.id.clone()).collect())
    }

    pub(super) fn destination(&self, record: Record, event: Event, topic: Option<&NodeId>) -> Provenance {
        let (id, qualifier) = function_of(&record);
        let feeders = self.queue.feeders(Origin::Destination);
        let feeder = feeders
            .filter(|feeder| feeder.via.as_ref() == topic)
            .find(|feeder| feeder.id == id);
        let mut found = Provenance::new(Origin::Destination)
            .says(format!("a record of how a run of {} ended", id.short_name()))
            .confirmed(feeder, "that function's OnFailure does not lead here");
        let never_ran = !record.answered && record.error.is_none();
        found.capacity = match record.condition.as_str() {
            "ZeroReservedConcurrency" => Some(format!(
                "{} could run 0 times at once (ZeroReservedConcurrency)",
                id.short_name()
            )),
            "EventAgeExceeded" if never_ran => Some(format!(
                "it waited for {} until it was too old, and never ran (EventAgeExceeded)",
                id.short_name()
            )),
            _ => None,
        };
        found.event = if record.payload.is_some() {
            event
        } else {
            Event::Elsewhere
        };
        found.tell(record, qualifier, id.clone());
        found.source = Some(id);
        found
    }

    pub(super) fn stream(&self, record: Record, batch: Batch) -> Provenance {
        let (id, qualifier) = function_of(&record);
        // Where a consumer reads, it is the stream all the same.
        let stream = Arn::parse(&batch.stream_arn).map_or_else(|| NodeId::from(&batch.stream_arn), |arn| arn.node().0);
        let feeder = self.queue.feeders(Origin::Stream).find(|feeder| feeder.id == id);
        let mut found = Provenance::new(Origin::Stream)
            .says(format!(
                "a record of a batch of {} that {} could not do",
                stream.short_name(),
                id.short_name()
            ))
            .confirmed(feeder, "no mapping of that function leads here");
        if record.function_error.is_none() && record.condition == "RecordAgeExceeded" && record.invoke_count == Some(0)
        {
            found.capacity = Some(format!("the batch grew too old before {} ran once", id.short_name()));
        }
        found.event = Event::Elsewhere;
        found.batch = Some(batch);
        found.tell(record, qualifier, id);
        found.source = Some(stream);
        found
    }

    /// A batch of Kafka records that a mapping gave up: a stream's, and its records are still in their topic.
    pub(super) fn kafka(&self, record: Record, batch: &KafkaBatch) -> Provenance {
        let (id, qualifier) = function_of(&record);
        let cluster = NodeId::from(&batch.source);
        let feeder = self.queue.feeders(Origin::Stream).find(|feeder| feeder.id == id);
        let mut found = Provenance::new(Origin::Stream)
            .says(format!(
                "a record of a batch of Kafka cluster {} that {} could not process",
                cluster.short_name(),
                id.short_name()
            ))
            .says(format!("it names {}", batch.records()))
            .confirmed(feeder, "no mapping of that function leads here");
        found.event = Event::Elsewhere;
        found.tell(record, qualifier, id);
        found.source = Some(cluster);
        found
    }
}

fn certain(id: &NodeId) -> FunctionMatch {
    FunctionMatch::Function {
        id: id.clone(),
        qualifier: None,
    }
}

fn function_of(record: &Record) -> (NodeId, Option<String>) {
    Arn::parse(&record.function_arn).map_or_else(|| (NodeId::from(&record.function_arn), None), |arn| arn.node())
}
