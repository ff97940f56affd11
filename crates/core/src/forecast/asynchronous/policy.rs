//! The retry policy of an asynchronous event and its final destination, by the alias or version that was invoked.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::domain::delivery::Fate;
use crate::domain::{Condition, Edge, EdgeKind, Function, Invocation, NodeId, Qualified};
use crate::forecast::function_context::FunctionContext;
use crate::forecast::input::Input;
use crate::forecast::is_dead_letter_of_function;
use crate::forecast::policy::{ASYNC_MAX_AGE, ASYNC_RETRIES};
use crate::forecast::words::Lands;

/// Retries, maximum age, and destination of events that keep failing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Policy<'a> {
    pub retries: u32,
    pub max_age: SignedDuration,
    dead_letter: QueueMessage<'a>,
    on_failure: Option<&'a NodeId>,
    /// A configured dead-letter queue or destination that does not exist, or is a topic without a subscription.
    gone: Option<&'a NodeId>,
    /// What must hold for all of this.
    pub only_if: Option<Condition>,
}

/// Why an event was given up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Retries,
    Age,
    Off,
}

/// The dead-letter queue or topic of the version that is invoked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum QueueMessage<'a> {
    None,
    To(&'a NodeId),
    /// AWS (functions): `ListFunctions` shows that of `$LATEST`, which is not that of a version.
    Unread(&'a str),
    /// No line says which alias or version was invoked.
    Which,
}

/// What of a function an event was sent to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Invoked<'a> {
    Latest,
    Qualified(&'a str),
}

impl<'a> Invoked<'a> {
    fn name(self) -> &'a str {
        match self {
            Self::Latest => "$LATEST",
            Self::Qualified(name) => name,
        }
    }
}

impl<'a> Policy<'a> {
    /// The policy of one event, by the alias its triggers name and the version of its invocations.
    pub fn of(place: &FunctionContext<'a>, runs: &[&Invocation]) -> Self {
        let version = runs.iter().find_map(|run| run.version.as_deref());
        let mut all: Vec<(Invoked<'a>, Self)> = invoked(place, version)
            .into_iter()
            .map(|one| (one, Self::with(place.config, &place.out, place.input, one)))
            .collect();
        // No log line names the alias: report the one that retries longest.
        all.sort_by_key(|(_, policy)| std::cmp::Reverse(policy.retries));
        let mut all = all.into_iter();
        let Some((invoked, first)) = all.next() else {
            return Self::with(place.config, &place.out, place.input, Invoked::Latest);
        };
        let others: Vec<_> = all.filter(|(_, policy)| *policy != first).collect();
        if others.is_empty() {
            return first;
        }
        let max_age = others.iter().map(|(_, policy)| policy.max_age).min();
        Self {
            max_age: max_age.map_or(first.max_age, |age| age.min(first.max_age)),
            // Its end is unknown.
            dead_letter: QueueMessage::Which,
            on_failure: None,
            only_if: Some(Condition::InvokedBy {
                qualifier: invoked.name().to_owned(),
                not: others.iter().map(|(one, _)| one.name().to_owned()).collect(),
            }),
            ..first
        }
    }

    /// The policy of `$LATEST`, if no invocation shows more.
    pub fn of_latest(config: &Function, out: &[&'a Edge], input: &Input) -> Policy<'a> {
        let (kept, gone) = sorted(out, input);
        let on_failure = destination(&kept, None);
        Policy {
            retries: config.asynchronous.retries.unwrap_or(ASYNC_RETRIES),
            max_age: age(config.asynchronous.max_age_s),
            dead_letter: dead_letter(&kept, None).map_or(QueueMessage::None, QueueMessage::To),
            on_failure: on_failure.map(|edge| &edge.key.to),
            gone: keeper(&gone, None),
            only_if: None,
        }
    }

    fn with(config: &'a Function, out: &[&'a Edge], input: &Input, invoked: Invoked<'a>) -> Self {
        let latest = Self::of_latest(config, out, input);
        let Invoked::Qualified(name) = invoked else {
            return latest;
        };
        let known = config.qualified.iter().find(|one| one.name == name);
        let (kept, gone) = sorted(out, input);
        // Retries and age also apply with a destination that does not exist.
        let configured = destination(out, Some(name));
        let on_failure = destination(&kept, Some(name));
        let dead_letter = match (dead_letter(&kept, Some(name)), known) {
            (Some(to), _) => QueueMessage::To(to),
            (None, _) if dead_letter(&gone, Some(name)).is_some() => QueueMessage::None,
            (None, Some(known)) if known.dead_letter_read => QueueMessage::None,
            (None, _) => QueueMessage::Unread(name),
        };
        let own = own(known, configured);
        // An alias without a configuration has AWS's defaults, as far as is known; where those of $LATEST are the same it
        // makes no difference.
        let (retries, max_age_s) = own.unwrap_or((None, None));
        let mut policy = Self {
            retries: retries.unwrap_or(ASYNC_RETRIES),
            max_age: age(max_age_s),
            dead_letter,
            on_failure: on_failure.map(|edge| &edge.key.to),
            gone: keeper(&gone, Some(name)),
            only_if: None,
        };
        let differs = (policy.retries, policy.max_age) != (latest.retries, latest.max_age);
        if own.is_none() && (differs || latest.on_failure.is_some()) {
            policy.only_if = Some(Condition::AliasDefaults { alias: name.to_owned() });
        }
        policy
    }

    pub fn fate(&self, reason: Reason) -> (Fate, Option<NodeId>) {
        match (self.dead_letter, self.on_failure, reason) {
            (QueueMessage::To(queue), _, _) => (Fate::DeadLetter, Some(queue.clone())),
            (_, Some(target), _) => (Fate::Destination, Some(target.clone())),
            (QueueMessage::Unread(_) | QueueMessage::Which, None, _) => (Fate::Unknown, None),
            (QueueMessage::None, None, _) if self.only_if.is_some() => (Fate::Unknown, None),
            (QueueMessage::None, None, Reason::Retries | Reason::Off) => (Fate::Dropped, None),
            (QueueMessage::None, None, Reason::Age) => (Fate::Expired, None),
        }
    }

    /// Where an ended event is. When a dead-letter queue was deleted is unknown, so the event may have been written before;
    /// a metric counts those that were not.
    pub fn ended(&self, reason: Reason) -> (Fate, Option<NodeId>) {
        match self.fate(reason) {
            (Fate::Dropped | Fate::Expired, _) if self.gone.is_some() => (Fate::Unknown, None),
            other => other,
        }
    }

    /// Where it landed, to end a sentence.
    pub fn landed(&self, input: &Input) -> Lands {
        match (self.gone, self.ended(Reason::Retries).0) {
            (Some(gone), Fate::Unknown) if input.is_unheard(gone) => Lands::UnheardByNow {
                topic: input.name(gone).to_owned(),
            },
            (Some(gone), Fate::Unknown) => Lands::MissingByNow {
                queue: input.name(gone).to_owned(),
            },
            _ => self.lands(input),
        }
    }

    /// Where it lands, to end a sentence.
    pub fn lands(&self, input: &Input) -> Lands {
        let name = |id| input.name(id).to_owned();
        match (self.dead_letter, self.on_failure) {
            (QueueMessage::To(queue), Some(target)) => Lands::InBoth {
                queue: name(queue),
                destination: name(target),
            },
            (QueueMessage::To(only), None) | (_, Some(only)) => Lands::In { queue: name(only) },
            (QueueMessage::Which, None) => Lands::QualifierUnknown,
            (QueueMessage::Unread(alias), None) => Lands::VersionUnread {
                alias: alias.to_owned(),
            },
            (QueueMessage::None, None) => match (&self.only_if, self.gone) {
                (Some(Condition::AliasDefaults { alias }), _) => Lands::AliasUndocumented { alias: alias.clone() },
                (_, Some(gone)) if input.is_unheard(gone) => Lands::Unheard { topic: name(gone) },
                (_, Some(gone)) => Lands::Missing { queue: name(gone) },
                _ => Lands::Dropped,
            },
        }
    }
}

fn age(seconds: Option<u32>) -> SignedDuration {
    seconds.map_or(ASYNC_MAX_AGE, |s| SignedDuration::from_secs(s.into()))
}

/// Retries and maximum age of an alias's own configuration; `None` if it has none.
fn own(known: Option<&Qualified>, on_failure: Option<&Edge>) -> Option<(Option<u32>, Option<u32>)> {
    if let Some(known) = known.filter(|known| known.configured) {
        return Some((known.retries, known.max_age_s));
    }
    let number = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
    let policy = on_failure?.policies.first()?;
    Some((number(policy.retries.max), number(policy.retries.max_age_s)))
}

/// Links to what keeps what it gets, and to what does not exist or is a topic without a subscription.
fn sorted<'a>(out: &[&'a Edge], input: &Input) -> (Vec<&'a Edge>, Vec<&'a Edge>) {
    out.iter().copied().partition(|edge| input.keeps(edge))
}

/// Where a qualifier sends events that keep failing: its dead-letter queue before its destination.
fn keeper<'a>(out: &[&'a Edge], qualifier: Option<&str>) -> Option<&'a NodeId> {
    dead_letter(out, qualifier).or_else(|| destination(out, qualifier).map(|edge| &edge.key.to))
}

/// The `OnFailure` destination of a qualifier. AWS (destinations): its kind may be any; all keep the record.
fn destination<'a>(out: &[&'a Edge], qualifier: Option<&str>) -> Option<&'a Edge> {
    let is_it = |edge: &&&Edge| {
        edge.key.kind == EdgeKind::Destination
            && edge.key.qualifier.as_deref() == qualifier
            && edge
                .policies
                .iter()
                .any(|policy| policy.condition.as_deref() == Some("OnFailure"))
    };
    out.iter().find(is_it).copied()
}

fn dead_letter<'a>(out: &[&'a Edge], qualifier: Option<&str>) -> Option<&'a NodeId> {
    out.iter()
        .find(|edge| is_dead_letter_of_function(edge) && edge.key.qualifier.as_deref() == qualifier)
        .map(|edge| &edge.key.to)
}

/// Qualifiers to which an event may have been sent: those its triggers name that match the invoked version.
fn invoked<'a>(place: &FunctionContext<'a>, version: Option<&str>) -> BTreeSet<Invoked<'a>> {
    let latest = |version: Option<&str>| version.is_none_or(|version| version == "$LATEST");
    let fits = |qualifier: Option<&'a str>| match qualifier {
        None => latest(version),
        Some(name) => version.is_none_or(|version| {
            let known = place.config.qualified.iter().find(|one| one.name == name);
            let behind = known.and_then(|known| known.version.as_deref());
            name == version || behind.is_none_or(|behind| behind == version)
        }),
    };
    let triggers = place.triggers.asynchronous.iter();
    let named: BTreeSet<Option<&'a str>> = triggers.map(|edge| edge.key.qualifier.as_deref()).collect();
    let of = |qualifier: Option<&'a str>| qualifier.map_or(Invoked::Latest, Invoked::Qualified);
    let fitting: BTreeSet<Invoked<'a>> = named.iter().filter(|one| fits(**one)).map(|one| of(*one)).collect();
    if !fitting.is_empty() || latest(version) {
        return fitting;
    }
    // An unknown caller invoked this version, possibly by an alias that leads there.
    let qualified = place.config.qualified.iter();
    qualified
        .filter(|one| one.version.as_deref() == version || Some(one.name.as_str()) == version)
        .map(|one| Invoked::Qualified(&one.name))
        .collect()
}
