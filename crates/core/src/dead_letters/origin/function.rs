//! Messages of functions: dead-letter configs, destinations and stream mappings.

use super::super::DlqSource;
use super::super::content::Record;
use super::super::kafka::KafkaBatch;
use super::super::provenance::{Event, FunctionMatch, Provenance};
use super::super::run_history::Answer;
use super::super::words::{Capacity, Evidence, Unconfigured};
use super::{Look, is_throttle};
use crate::domain::{Arn, Batch, NodeId, Origin, RunError};

impl Look<'_> {
    /// A message of a function's `DeadLetterConfig`, which does not name the function.
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
            .with_evidence(Evidence::Attributes)
            .confirmed(feeders.first().copied(), Unconfigured::Function);
        if feeders.len() > 1 {
            found.evidence.pop();
            found.shows(Evidence::ConfiguredSeveral {
                functions: feeders.len() as u64,
            });
        }
        found.function = match feeders.as_slice() {
            [] => FunctionMatch::Nobody,
            [only] => {
                found.shows(Evidence::OnlySender { id: only.id.clone() });
                certain(&only.id)
            }
            several => self.asked_by(&request, several, &mut found),
        };
        if let Some(function) = found.function.function() {
            found.source = Some(function.clone());
            if let Answer::Yes(run) = self.witness.run(function, &request) {
                found.tries = Some(run.attempt);
                found.error = run.error;
            }
        }
        // AWS (async): 200 says that the function failed, anything else that it did not come to that.
        let throttled = code != "200" && (code == "429" || message.as_deref().is_some_and(is_throttle));
        let off = found
            .function
            .function()
            .filter(|id| code != "200" && self.reserved(id) == Some(0));
        let off = off.map(|id| Capacity::ReservedZero { function: id.clone() });
        found.starved(off.or_else(|| throttled.then_some(Capacity::Throttled { code })));
        if let Some(text) = message {
            let kind = found.error.as_ref().and_then(|error| error.kind.clone());
            found.error = Some(RunError { kind, message: text });
        }
        found.event = if topic.is_some() { Event::Message } else { Event::Body };
        found.request_id = Some(request);
        Some(found)
    }

    /// The function, of several candidates, that had this request.
    fn asked_by(&self, request: &str, feeders: &[&DlqSource], told: &mut Provenance) -> FunctionMatch {
        let (mut all_read, mut found) = (true, Vec::new());
        let request_id = || request.to_owned();
        for feeder in feeders {
            match self.witness.run(&feeder.id, request) {
                Answer::Yes(_) => found.push(&feeder.id),
                Answer::No => {}
                Answer::Unread => all_read = false,
            }
        }
        if let [only] = found.as_slice() {
            told.shows(Evidence::LogHas {
                function: (*only).clone(),
                request: request_id(),
            });
            return certain(only);
        }
        told.shows(if all_read {
            Evidence::NoLogHas {
                functions: feeders.len() as u64,
                request: request_id(),
            }
        } else {
            Evidence::LogsUnread { request: request_id() }
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
            .with_evidence(Evidence::Ended { function: id.clone() })
            .confirmed(feeder, Unconfigured::OnFailure);
        let never_ran = !record.answered && record.error.is_none();
        let function = id.clone();
        found.starved(match record.condition.as_str() {
            "ZeroReservedConcurrency" => Some(Capacity::ZeroReservedConcurrency { function }),
            "EventAgeExceeded" if never_ran => Some(Capacity::EventAgeExceeded { function }),
            _ => None,
        });
        found.event = if record.payload.is_some() {
            event
        } else {
            Event::Elsewhere
        };
        found.record(record, qualifier, id.clone());
        found.source = Some(id);
        found
    }

    pub(super) fn stream(&self, record: Record, batch: Batch) -> Provenance {
        let (id, qualifier) = function_of(&record);
        // Where a consumer reads, it is the stream all the same.
        let stream = Arn::parse(&batch.stream_arn).map_or_else(|| NodeId::from(&batch.stream_arn), |arn| arn.node().0);
        let feeder = self.queue.feeders(Origin::Stream).find(|feeder| feeder.id == id);
        let mut found = Provenance::new(Origin::Stream)
            .with_evidence(Evidence::StreamBatch {
                stream: stream.clone(),
                function: id.clone(),
            })
            .confirmed(feeder, Unconfigured::Mapping);
        if record.function_error.is_none() && record.condition == "RecordAgeExceeded" && record.invoke_count == Some(0)
        {
            found.starved(Some(Capacity::RecordAgeExceeded { function: id.clone() }));
        }
        found.event = Event::Elsewhere;
        found.batch = Some(batch);
        found.record(record, qualifier, id);
        found.source = Some(stream);
        found
    }

    /// A batch of Kafka records that a mapping gave up: a stream's, and its records are still in their topic.
    pub(super) fn kafka(&self, record: Record, batch: &KafkaBatch) -> Provenance {
        let (id, qualifier) = function_of(&record);
        let cluster = NodeId::from(&batch.source);
        let feeder = self.queue.feeders(Origin::Stream).find(|feeder| feeder.id == id);
        let mut found = Provenance::new(Origin::Stream)
            .with_evidence(Evidence::KafkaBatch {
                cluster: cluster.clone(),
                function: id.clone(),
            })
            .with_evidence(Evidence::KafkaRecords {
                records: batch.records(),
            })
            .confirmed(feeder, Unconfigured::Mapping);
        found.event = Event::Elsewhere;
        found.record(record, qualifier, id);
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
