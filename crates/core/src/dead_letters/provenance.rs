//! What is known of a message's source.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::DlqSource;
use super::content::{Content, Record, content};
use super::words::{Capacity, Condition, Evidence, Unconfigured};
use crate::domain::phrase::Phrase;
use crate::domain::{Batch, NodeId, Origin, RunError};

/// The function that a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FunctionMatch {
    /// This one.
    Function {
        /// It.
        id: NodeId,
        /// The alias or version, if the message names it.
        qualifier: Option<String>,
    },
    /// One of these; which one is unknown.
    OneOf(Vec<NodeId>),
    /// None that is known: the target is no function, or the configuration does not say.
    Nobody,
}

impl FunctionMatch {
    /// The function, where it is certain.
    #[must_use]
    pub fn function(&self) -> Option<&NodeId> {
        match self {
            Self::Function { id, .. } => Some(id),
            Self::OneOf(_) | Self::Nobody => None,
        }
    }
}

/// The source of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// Who wrote it.
    pub origin: Origin,
    /// The queue, function, topic, rule, schedule, stream or pipe that it comes from, where that is certain.
    pub source: Option<NodeId>,
    /// The function it is about.
    pub function: FunctionMatch,
    /// What could not be reached: the ARN of a rule's, schedule's or subscription's target.
    pub target: Option<String>,
    /// The subscription that could not be served.
    pub subscription: Option<String>,
    /// The request that failed. AWS (async): the retries of an asynchronous event keep it.
    pub request_id: Option<String>,
    /// The position of the original event.
    pub event: Event,
    /// The batch, for streams.
    pub batch: Option<Batch>,
    /// Why it was given up: a [`Condition`].
    pub condition: Option<Phrase>,
    /// The number of attempts, if the message says so.
    pub tries: Option<u32>,
    /// What went wrong.
    pub error: Option<RunError>,
    /// The function was never invoked for lack of capacity, and how that is known, a [`Capacity`]: no fault of the message.
    pub capacity: Option<Phrase>,
    /// Whether the configuration has what the content says.
    pub configured: bool,
    /// How all this is known, each an [`Evidence`]. Names come from others.
    pub evidence: Vec<Phrase>,
}

/// The position of the failed event in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The body is the event.
    Body,
    /// The body is a topic's envelope; its message is the event.
    Message,
    /// `requestPayload` of the body.
    Payload,
    /// `requestPayload` of the message in a topic's envelope.
    MessagePayload,
    /// `detail.requestPayload` of the body.
    DetailPayload,
    /// Not in the message: still in its stream, or truncated.
    Elsewhere,
}

impl Event {
    /// The failed event, byte for byte; `None` if the message does not contain it.
    #[must_use]
    pub fn text(self, body: &str) -> Option<String> {
        let message = || match content(body) {
            Content::Notification(found) => Some(found.message),
            _ => None,
        };
        match self {
            Event::Body => Some(body.to_owned()),
            Event::Message => message(),
            Event::Payload => payload(body),
            Event::MessagePayload => payload(&message()?),
            Event::DetailPayload => {
                let all: std::collections::HashMap<&str, &RawValue> = serde_json::from_str(body).ok()?;
                payload(all.get("detail")?.get())
            }
            Event::Elsewhere => None,
        }
    }
}

impl Provenance {
    /// The functions it may be about: one where that is certain, none where none is known.
    #[must_use]
    pub fn suspects(&self) -> &[NodeId] {
        match &self.function {
            FunctionMatch::Function { id, .. } => std::slice::from_ref(id),
            FunctionMatch::OneOf(several) => several,
            FunctionMatch::Nobody => &[],
        }
    }

    /// The failed event, byte for byte; `None` if the message does not contain it.
    #[must_use]
    pub fn event_text(&self, body: &str) -> Option<String> {
        self.event.text(body)
    }

    pub(super) fn new(origin: Origin) -> Self {
        Self {
            origin,
            source: None,
            function: FunctionMatch::Nobody,
            target: None,
            subscription: None,
            request_id: None,
            event: Event::Body,
            batch: None,
            condition: None,
            tries: None,
            error: None,
            capacity: None,
            configured: false,
            evidence: Vec::new(),
        }
    }

    pub(super) fn with_evidence(mut self, evidence: Evidence) -> Self {
        self.shows(evidence);
        self
    }

    pub(super) fn shows(&mut self, evidence: Evidence) {
        self.evidence.push(evidence.into());
    }

    pub(super) fn starved(&mut self, why: Option<Capacity>) {
        self.capacity = why.map(Into::into);
    }

    /// Whether the queue's feeders bear it out.
    pub(super) fn confirmed(mut self, by: Option<&DlqSource>, otherwise: Unconfigured) -> Self {
        self.configured = by.is_some();
        self.with_evidence(match by {
            Some(feeder) => Evidence::Configured { by: feeder.id.clone() },
            None => Evidence::NotConfigured { what: otherwise },
        })
    }
}

impl Provenance {
    /// Takes over what a record says.
    pub(super) fn record(&mut self, record: Record, qualifier: Option<String>, function: NodeId) {
        self.function = FunctionMatch::Function {
            id: function,
            qualifier,
        };
        self.request_id = Some(record.request_id);
        self.condition = Some(Condition::Service { word: record.condition }.into());
        self.tries = record.invoke_count;
        self.error = record.error.or_else(|| {
            let message = record.function_error?;
            Some(RunError { kind: None, message })
        });
    }
}

fn payload(body: &str) -> Option<String> {
    match content(body) {
        Content::Destination(record) => record.payload,
        _ => None,
    }
}
