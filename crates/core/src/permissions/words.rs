//! What stands in the way of an event, and what is not known: what there is to say of it.

use super::arrival::{Doubt, Obstacle};
use super::ask::Ask;
use super::evaluate::Misfit;
use crate::domain::phrase::Phrase;
use crate::domain::{Arn, Edge, EdgeKind};
use crate::phrases;

phrases! {
    /// Clauses about a target: why nothing arrives there, with what evidence, and what is not known of it.
    pub enum Said in "permissions" {
        NoStatement { service: String, source: Source },
        OnlySources { service: String, allowed: Vec<String>, source: Source, arn: String },
        OnlyAccounts { service: String, allowed: Vec<String>, source: Source, account: String },
        OnlyResources { service: String, allowed: Vec<String>, resource: String },
        OnlyWithKey { service: String, key: String, present: bool, source: Source },
        OnlyUnderCondition { service: String, key: String, values: Vec<String>, source: Source },
        Denied { service: String, statement: String },
        Gone,
        AwsManagedKey { key: String },
        Fifo,
        MappingOff,
        State { state: String },
        Missing { action: String, nearest: Option<String> },
        ActionDenied { action: String },
        NotListed,
        Cannot { does: Does, why: Phrase },
        Whether { from: String, does: Does },
        KeyPolicyFixed,
        PolicyUnread,
        StateUnread,
        DependsOn { what: String },
        ConditionsUnknown { keys: Vec<String> },
        OrganisationUnread { conditions: Vec<String> },
        RoleUnread { role: Option<String> },
        KeyUnread { key: String },
        Elsewhere,
        StateUndocumented { state: String },
        Allow { command: String },
        AddStatement { statement: String },
    }
}

phrases! {
    /// What a link does with its target.
    pub enum Does in "does" {
        WriteDeadLetterQueue { name: String },
        SendDeadLetters { name: String },
        WriteDestination { name: String },
        Invoke { name: String },
        Publish { name: String },
        Send { name: String },
        Reach { name: String },
    }
}

phrases! {
    /// The source in words.
    pub enum Source in "source" {
        Bucket,
        Topic,
        LogGroup,
        Alarm,
        Rule,
    }
}

impl Obstacle {
    /// Why nothing arrives, as a clause about the target.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::NotAllowed { ask, nearest } => {
                let misfit = nearest.as_ref().and_then(|nearest| nearest.misfits.first());
                not_allowed(ask, misfit)
            }
            Self::Denied { ask, statement } => Said::Denied {
                service: ask.service.to_string(),
                statement: statement.clone(),
            },
            Self::Gone => Said::Gone,
            Self::AwsManagedKey(key) => Said::AwsManagedKey { key: key.clone() },
            Self::Fifo => Said::Fifo,
            Self::MappingOff => Said::MappingOff,
            Self::State(state) => Said::State { state: state.clone() },
        }
    }

    /// What is missing, and the statement that comes nearest.
    #[must_use]
    pub fn evidence(&self) -> Phrase {
        match self {
            Self::NotAllowed { ask, nearest } => Said::Missing {
                action: ask.action.to_string(),
                // A statement for another principal is no help.
                nearest: nearest
                    .as_ref()
                    .filter(|nearest| !matches!(nearest.misfits.first(), Some(Misfit::Principal(_))))
                    .and_then(|nearest| nearest.sid.clone()),
            },
            Self::Denied { ask, .. } => Said::ActionDenied {
                action: ask.action.to_string(),
            },
            Self::Gone => Said::NotListed,
            Self::AwsManagedKey(_) => Said::KeyPolicyFixed,
            Self::Fifo | Self::MappingOff | Self::State(_) => return Phrase::default(),
        }
        .into()
    }
}

fn not_allowed(ask: &Ask, misfit: Option<&Misfit>) -> Said {
    let (service, source) = (ask.service.to_string(), source(ask));
    match misfit.cloned() {
        Some(Misfit::Source(allowed)) => Said::OnlySources {
            service,
            allowed,
            source,
            arn: ask.source_arn.clone(),
        },
        Some(Misfit::Account(allowed)) => Said::OnlyAccounts {
            service,
            allowed,
            source,
            account: ask.source_account.clone(),
        },
        Some(Misfit::Resource(allowed)) => Said::OnlyResources {
            service,
            allowed,
            resource: ask.resource.clone(),
        },
        Some(Misfit::Presence(key, present)) => Said::OnlyWithKey {
            service,
            key,
            present,
            source,
        },
        Some(Misfit::Condition(key, values)) => Said::OnlyUnderCondition {
            service,
            key,
            values,
            source,
        },
        Some(Misfit::Principal(_)) | None => Said::NoStatement { service, source },
    }
}

fn source(ask: &Ask) -> Source {
    match &*ask.service {
        "s3.amazonaws.com" => Source::Bucket,
        "sns.amazonaws.com" => Source::Topic,
        "logs.amazonaws.com" => Source::LogGroup,
        "lambda.alarms.cloudwatch.amazonaws.com" | "cloudwatch.amazonaws.com" => Source::Alarm,
        _ => Source::Rule,
    }
}

impl Doubt {
    /// What would have to be known, in words.
    #[must_use]
    pub fn said(&self) -> Said {
        match self.clone() {
            Self::Policy => Said::PolicyUnread,
            Self::FunctionState => Said::StateUnread,
            Self::OtherPolicy(what) => Said::DependsOn { what: what.to_string() },
            Self::Conditions(keys) => Said::ConditionsUnknown { keys },
            Self::Organisation(conditions) => Said::OrganisationUnread { conditions },
            Self::Role(role) => Said::RoleUnread { role },
            Self::Key(key) => Said::KeyUnread { key },
            Self::Elsewhere => Said::Elsewhere,
            Self::State(state) => Said::StateUndocumented { state },
        }
    }
}

/// What a link does with its target.
#[must_use]
pub fn does(edge: &Edge) -> Does {
    let to = Arn::parse(edge.key.to.as_str());
    let name = target_name(edge);
    match (edge.key.kind, to.map(|arn| arn.service)) {
        (EdgeKind::DeadLetter, Some("sqs")) => Does::WriteDeadLetterQueue { name },
        (EdgeKind::DeadLetter, _) => Does::SendDeadLetters { name },
        (EdgeKind::Destination, _) => Does::WriteDestination { name },
        (_, Some("lambda")) => Does::Invoke { name },
        (_, Some("sns")) => Does::Publish { name },
        (_, Some("sqs")) => Does::Send { name },
        _ => Does::Reach { name },
    }
}

/// The name of what a link leads to, with the alias or version that it invokes.
#[must_use]
pub fn target_name(edge: &Edge) -> String {
    let to = Arn::parse(edge.key.to.as_str());
    let name = to.map_or(edge.key.to.as_str(), |arn| arn.name());
    match &edge.key.qualifier {
        Some(alias) if edge.key.kind == EdgeKind::Trigger => format!("{name}:{alias}"),
        _ => name.to_owned(),
    }
}
