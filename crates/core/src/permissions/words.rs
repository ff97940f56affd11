//! What stands in the way of an event, and what is not known, in words.

use super::arrival::{Doubt, Obstacle};
use super::ask::Ask;
use super::evaluate::Misfit;
use crate::domain::{Arn, Edge, EdgeKind};

impl Obstacle {
    /// Why nothing arrives, as a clause about the target: "no statement in its policy allows …".
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::NotAllowed { ask, nearest } => {
                let misfit = nearest.as_ref().and_then(|nearest| nearest.misfits.first());
                not_allowed(ask, misfit)
            }
            Self::Denied { ask, statement } => format!("statement {statement} in its policy denies {}", ask.service),
            Self::Gone => "it does not exist".to_owned(),
            Self::AwsManagedKey(key) => {
                format!("it is encrypted with {key}, a key that AWS manages and that admits no service")
            }
            Self::Fifo => "AWS delivers nothing from there to a FIFO queue or topic".to_owned(),
            Self::MappingOff => "its event source mapping is disabled".to_owned(),
            Self::State(state) => format!("it is in state {state}"),
        }
    }

    /// What is missing, and the statement that comes nearest.
    #[must_use]
    pub fn evidence(&self) -> String {
        match self {
            Self::NotAllowed { ask, nearest } => {
                let missing = format!("permission {} is missing", ask.action);
                // A statement for somebody else altogether is of no help.
                let near = nearest
                    .as_ref()
                    .filter(|nearest| !matches!(nearest.misfits.first(), Some(Misfit::Principal(_))));
                match near.and_then(|nearest| nearest.sid.as_ref()) {
                    Some(sid) => format!("{missing}; nearest statement: {sid}"),
                    None => missing,
                }
            }
            Self::Denied { ask, .. } => format!("permission {} is denied", ask.action),
            Self::Gone => "named by a configuration, and not among what the account lists".to_owned(),
            Self::AwsManagedKey(_) => "the key's policy cannot be changed".to_owned(),
            Self::Fifo | Self::MappingOff | Self::State(_) => String::new(),
        }
    }
}

fn not_allowed(ask: &Ask, misfit: Option<&Misfit>) -> String {
    let (service, this) = (&ask.service, this(ask));
    let list = |names: &[String]| names.join(", ");
    match misfit {
        Some(Misfit::Source(sources)) => {
            format!(
                "its policy allows {service} for {} only, not for {this} ({})",
                list(sources),
                ask.source_arn
            )
        }
        Some(Misfit::Account(accounts)) => format!(
            "its policy allows {service} for account {} only, not for {this} of {}",
            list(accounts),
            ask.source_account
        ),
        Some(Misfit::Resource(resources)) => {
            format!(
                "its policy allows {service} to reach {} only, not {}",
                list(resources),
                ask.resource
            )
        }
        Some(Misfit::Presence(key, present)) => format!(
            "its policy allows {service} only for requests {} {key}, unlike those for {this}",
            if *present { "with" } else { "without" }
        ),
        Some(Misfit::Condition(key, values)) => format!(
            "its policy allows {service} only under a condition on {key} ({}) that {this} does not fulfil",
            list(values)
        ),
        Some(Misfit::Principal(_)) | None => format!("no statement in its policy allows {service} for {this}"),
    }
}

/// The source, as somebody would point at it.
fn this(ask: &Ask) -> &'static str {
    match &*ask.service {
        "s3.amazonaws.com" => "this bucket",
        "sns.amazonaws.com" => "this topic",
        "logs.amazonaws.com" => "this log group",
        "lambda.alarms.cloudwatch.amazonaws.com" | "cloudwatch.amazonaws.com" => "this alarm",
        _ => "this rule",
    }
}

impl Doubt {
    /// What would tell, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Policy => "its policy was not read".to_owned(),
            Self::FunctionState => "its state was not read".to_owned(),
            Self::OtherPolicy(what) => format!("it depends on {what}, which is not read"),
            Self::Conditions(keys) => format!("its policy depends on {}, which is not known here", keys.join(", ")),
            Self::Organisation(conditions) => format!(
                "its policy allows an organisation ({}), and which one this account is in was not read",
                conditions.join("; ")
            ),
            Self::Role(Some(role)) => format!("it depends on role {role}, which is not read"),
            Self::Role(None) => "it depends on a role, which is not read".to_owned(),
            Self::Key(key) => format!("it depends on the policy of key {key}, which is not read"),
            Self::Elsewhere => "it lies in another account or region".to_owned(),
            Self::State(state) => format!("AWS does not document whether it can be invoked in state {state}"),
        }
    }
}

/// What a link does with its target: "invoke thumb", "send to jobs", "write its dead-letter queue lost".
#[must_use]
pub fn does(edge: &Edge) -> String {
    let to = Arn::parse(edge.key.to.as_str());
    let name = to.map_or(edge.key.to.as_str(), |arn| arn.name());
    let name = match &edge.key.qualifier {
        Some(alias) if edge.key.kind == EdgeKind::Trigger => format!("{name}:{alias}"),
        _ => name.to_owned(),
    };
    match (edge.key.kind, to.map(|arn| arn.service)) {
        (EdgeKind::DeadLetter, Some("sqs")) => format!("write its dead-letter queue {name}"),
        (EdgeKind::DeadLetter, _) => format!("send dead letters to {name}"),
        (EdgeKind::Destination, _) => format!("write its destination {name}"),
        (_, Some("lambda")) => format!("invoke {name}"),
        (_, Some("sns")) => format!("publish to {name}"),
        (_, Some("sqs")) => format!("send to {name}"),
        _ => format!("reach {name}"),
    }
}
