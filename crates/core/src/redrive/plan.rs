//! What would be sent where, for each message: computed before anything happens. This is the dry run.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use jiff::Timestamp;

use super::fingerprint::{fingerprint, of_letter};
use super::record::Chosen;
use super::route::{Edit, Route, Target};
use super::transform::Transform;
use super::unsendable::{Unguarded, Unsendable};
use super::words::Stays;
use crate::dead_letters::{FunctionMatch, Provenance};
use crate::domain::phrase::Phrase;
use crate::domain::{Arn, Input, NodeKind, Origin, Outgoing, QueueMessage};

/// The requested target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// Back to where each comes from.
    Origin,
    /// To this queue or function.
    Named(Target),
}

/// What the configuration knows of targets.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Queues by their ARN: URL, and whether they keep order.
    pub queues: HashMap<String, (String, bool)>,
    /// Bytes of the largest message that a queue takes, by its ARN, where that is known.
    pub sizes: HashMap<String, usize>,
    /// How a rule makes its target's input, by rule and target.
    pub inputs: HashMap<(String, String), Input>,
    /// Why a function is not invoked, by its ARN without qualifier: no place for what fails, or nothing may run.
    pub unguarded: BTreeMap<String, Unguarded>,
    /// What earlier redrives may have sent already, by message.
    pub earlier: HashMap<String, Earlier>,
}

impl Targets {
    /// Messages that, according to journals, were or may have been sent but not deleted: moving the whole queue sends them
    /// again.
    #[must_use]
    pub fn may_go_twice(&self) -> usize {
        self.earlier.len()
    }
}

/// A message that an unfinished redrive has sent, or may have sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The fingerprint of what it sent.
    pub hash: String,
    /// Whether its target has it for certain: it waits to be deleted, and must not go again.
    pub sent: bool,
    /// When it began. AWS (sqs): a message that was sent later is another one.
    pub started: Timestamp,
    /// Its journal.
    pub journal: PathBuf,
}

/// One message of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The message.
    pub message_id: String,
    /// Which of the plan's ways it goes, or why it stays.
    pub way: Result<usize, Unsendable>,
    /// A warning.
    pub warning: Option<Phrase>,
}

/// What would be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Where messages go.
    pub ways: Vec<Route>,
    /// Each message.
    pub steps: Vec<Step>,
    /// What goes, for the journal's header.
    pub chosen: Vec<Chosen>,
    /// What is not invoked without being asked for, though messages would go there.
    pub guarded: Vec<Target>,
}

impl Plan {
    /// Adds a message.
    pub fn add(
        &mut self,
        letter: &QueueMessage,
        provenance: &Provenance,
        edit: Option<&Edit>,
        to: &To,
        targets: &Targets,
    ) {
        let found = way(letter, provenance, to, targets).and_then(|way| {
            if let Err(why) = guarded(&way.target, targets) {
                if !self.guarded.contains(&way.target) {
                    self.guarded.push(way.target);
                }
                return Err(why);
            }
            // Report what cannot be sent now, not during the redrive.
            let made = way.outgoing(letter, edit)?;
            fits(&way, &made, targets)?;
            same_as_earlier(letter, &made, targets).map(|()| way)
        });
        let way = found.map(|way| {
            let known = self.ways.iter().position(|one| *one == way);
            known.unwrap_or_else(|| {
                self.ways.push(way);
                self.ways.len() - 1
            })
        });
        if let Ok(way) = way {
            self.chosen.push(Chosen {
                id: letter.message_id.clone(),
                hash: of_letter(letter),
                way,
                group: letter.group().map(str::to_owned),
                edited: edit.is_some(),
            });
        }
        let ordered = matches!(&way, Ok(n) if matches!(self.ways[*n].target, Target::Run { .. }));
        self.steps.push(Step {
            message_id: letter.message_id.clone(),
            way,
            warning: ordered.then(|| Stays::OrderLost.into()),
        });
    }

    /// Messages that stay, and why.
    pub fn staying(&self) -> impl Iterator<Item = (&str, &Unsendable)> {
        self.steps
            .iter()
            .filter_map(|step| Some((step.message_id.as_str(), step.way.as_ref().err()?)))
    }
}

/// Whether its target takes a message of this length.
fn fits(way: &Route, made: &Outgoing, targets: &Targets) -> Result<(), Unsendable> {
    match targets.sizes.get(way.target.arn()) {
        Some(most) if made.size() > *most => Err(Unsendable::TooLong {
            bytes: made.size(),
            most: *most,
        }),
        _ => Ok(()),
    }
}

/// Two texts of one message are two messages: the second one waits until it is certain that the first was not sent.
fn same_as_earlier(letter: &QueueMessage, made: &Outgoing, targets: &Targets) -> Result<(), Unsendable> {
    let earlier = targets.earlier.get(&letter.message_id);
    let Some(earlier) = earlier.filter(|run| letter.sent().is_none_or(|sent| sent <= run.started)) else {
        return Ok(());
    };
    let journal = || earlier.journal.display().to_string();
    if earlier.sent {
        return Err(Unsendable::SentEarlier { journal: journal() });
    }
    if fingerprint(&made.body, &made.attributes) == earlier.hash {
        return Ok(());
    }
    Err(Unsendable::OtherTextEarlier { journal: journal() })
}

/// The way of one message.
fn way(letter: &QueueMessage, provenance: &Provenance, to: &To, targets: &Targets) -> Result<Route, Unsendable> {
    // Where it is asked for by name what it comes from anyway, it goes in the form in which that gets it.
    let by_form = matches!(provenance.origin, Origin::Sns | Origin::Eventbridge | Origin::Scheduler);
    match to {
        To::Named(target) if by_form && provenance.target.as_deref() == Some(target.arn()) => {
            origin(letter, provenance, targets)
        }
        To::Named(Target::Event { arn }) if provenance.origin == Origin::Stream => Ok(Route {
            target: Target::Run { arn: arn.clone() },
            shape: Transform::Batch,
        }),
        To::Named(target @ (Target::Event { .. } | Target::Run { .. })) => Ok(Route {
            target: target.clone(),
            shape: Transform::Event { at: provenance.event },
        }),
        To::Named(target) => Ok(Route {
            target: target.clone(),
            shape: Transform::Same,
        }),
        To::Origin => origin(letter, provenance, targets),
    }
}

fn origin(letter: &QueueMessage, provenance: &Provenance, targets: &Targets) -> Result<Route, Unsendable> {
    match provenance.origin {
        Origin::SqsRedrive => {
            let source = letter.moved_from().unwrap_or_default();
            Ok(Route {
                target: queue(source, targets)?,
                shape: Transform::Same,
            })
        }
        Origin::LambdaAsync | Origin::Destination => Ok(Route {
            target: Target::Event {
                arn: named(provenance)?,
            },
            shape: Transform::Event { at: provenance.event },
        }),
        Origin::Sns => subscriber(provenance, targets),
        Origin::Eventbridge | Origin::Scheduler => {
            let arn = provenance.target.as_deref().ok_or(Unsendable::TargetUnnamed)?;
            let rule = provenance.source.as_ref().map_or("", |id| id.as_str());
            let input = targets.inputs.get(&(rule.to_owned(), arn.to_owned()));
            Ok(Route {
                target: target(arn, targets)?,
                shape: Transform::Input {
                    input: input.cloned().unwrap_or_default(),
                },
            })
        }
        // What fails again stays where it is: the function need not keep it.
        Origin::Stream => Ok(Route {
            target: Target::Run {
                arn: named(provenance)?,
            },
            shape: Transform::Batch,
        }),
        Origin::Pipe => Err(Unsendable::FromPipe),
        Origin::Unknown => Err(Unsendable::OriginUnknown),
    }
}

/// The ARN of the function that a message is about, with its alias or version.
fn named(provenance: &Provenance) -> Result<String, Unsendable> {
    match &provenance.function {
        FunctionMatch::Function { id, qualifier } => {
            let qualifier = qualifier.as_ref().map_or_else(String::new, |name| format!(":{name}"));
            Ok(format!("{id}{qualifier}"))
        }
        FunctionMatch::OneOf(several) => Err(Unsendable::OneOf {
            functions: several.clone(),
        }),
        FunctionMatch::Nobody => Err(Unsendable::FunctionUnnamed),
    }
}

/// Only to the subscriber that could not be reached: the topic would give it to all.
fn subscriber(provenance: &Provenance, targets: &Targets) -> Result<Route, Unsendable> {
    let arn = provenance.target.as_deref().ok_or(Unsendable::SubscriberUnknown)?;
    let parsed = Arn::parse(arn).ok_or(Unsendable::SubscriberOutside)?;
    let shape = match parsed.kind() {
        NodeKind::Lambda => Transform::Notification {
            subscription: provenance.subscription.clone().unwrap_or_default(),
        },
        _ => Transform::Same,
    };
    Ok(Route {
        target: target(arn, targets)?,
        shape,
    })
}

fn target(arn: &str, targets: &Targets) -> Result<Target, Unsendable> {
    let parsed = Arn::parse(arn).ok_or_else(|| Unsendable::NoArn { target: arn.to_owned() })?;
    match parsed.kind() {
        NodeKind::Lambda => Ok(Target::Event { arn: arn.to_owned() }),
        NodeKind::Sqs => queue(arn, targets),
        NodeKind::Sns => Ok(Target::Topic { arn: arn.to_owned() }),
        _ => Err(Unsendable::ServiceUnserved {
            service: parsed.service.to_owned(),
        }),
    }
}

fn queue(arn: &str, targets: &Targets) -> Result<Target, Unsendable> {
    let known = targets.queues.get(arn);
    let (url, fifo) = known.ok_or_else(|| Unsendable::QueueNotFound { queue: arn.to_owned() })?;
    Ok(Target::Queue {
        arn: arn.to_owned(),
        url: url.clone(),
        fifo: *fifo,
    })
}

/// AWS (destinations): an event that fails again is lost if the function has neither a dead-letter queue nor an on-failure destination.
fn guarded(target: &Target, targets: &Targets) -> Result<(), Unsendable> {
    // What was read from a stream and fails again stays where it is: its function need not keep it.
    let Target::Event { arn } = target else { return Ok(()) };
    let (function, _) = Arn::parse(arn).map_or_else(|| (arn.as_str().into(), None), |arn| arn.node());
    match targets.unguarded.get(function.as_str()) {
        Some(why) => Err(Unsendable::Unguarded { why: why.clone() }),
        None => Ok(()),
    }
}
