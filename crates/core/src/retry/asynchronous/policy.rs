//! By which rules an asynchronous event is tried, and where it is left in the end: those of the alias or version that was
//! invoked, as far as they were read.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::domain::delivery::Fate;
use crate::domain::{Condition, Edge, EdgeKind, Function, Invocation, NodeId, Qualified};
use crate::retry::input::Input;
use crate::retry::is_dead_letter_of_function;
use crate::retry::place::Place;
use crate::retry::policy::{ASYNC_MAX_AGE, ASYNC_RETRIES};

/// How long a function tries an event, and where it leaves what it gives up.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Policy<'a> {
    pub retries: u32,
    pub max_age: SignedDuration,
    dead_letter: DeadLetter<'a>,
    on_failure: Option<&'a NodeId>,
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
enum DeadLetter<'a> {
    None,
    To(&'a NodeId),
    /// AWS: `ListFunctions` shows that of `$LATEST`, which is not that of a version.
    Unread(&'a str),
}

/// What of a function an event was sent to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Invoked<'a> {
    Latest,
    Qualified(&'a str),
}

impl<'a> Policy<'a> {
    /// That of one event, by what its triggers name and what its runs say of their version.
    pub fn of(place: &Place<'a>, runs: &[&Invocation]) -> Self {
        let version = runs.iter().find_map(|run| run.version.as_deref());
        let mut all = invoked(place, version)
            .into_iter()
            .map(|one| Self::with(place.config, &place.out, one));
        let Some(mut first) = all.next() else {
            return Self::with(place.config, &place.out, Invoked::Latest);
        };
        for other in all {
            if other != first {
                // Which of them it was sent to is in no line: the first that is tried longest, and nothing said of its end.
                first.retries = first.retries.max(other.retries);
                first.max_age = first.max_age.min(other.max_age);
                first.dead_letter = DeadLetter::Unread("which");
                first.only_if = first.only_if.or_else(|| {
                    Some(Condition::AliasDefaults {
                        alias: "that was invoked".to_owned(),
                    })
                });
            }
        }
        first
    }

    /// That of `$LATEST`, where no run tells more.
    pub fn of_latest(config: &Function, out: &[&'a Edge]) -> Policy<'a> {
        let on_failure = destination(out, None);
        Policy {
            retries: config.async_retries.unwrap_or(ASYNC_RETRIES),
            max_age: age(config.async_max_age_s),
            dead_letter: dead_letter(out, None).map_or(DeadLetter::None, DeadLetter::To),
            on_failure: on_failure.map(|edge| &edge.key.to),
            only_if: None,
        }
    }

    fn with(config: &'a Function, out: &[&'a Edge], invoked: Invoked<'a>) -> Self {
        let latest = Self::of_latest(config, out);
        let Invoked::Qualified(name) = invoked else {
            return latest;
        };
        let known = config.qualified.iter().find(|one| one.name == name);
        let on_failure = destination(out, Some(name));
        let dead_letter = match (dead_letter(out, Some(name)), known) {
            (Some(to), _) => DeadLetter::To(to),
            (None, Some(known)) if known.dead_letter_read => DeadLetter::None,
            (None, _) => DeadLetter::Unread(name),
        };
        let own = own(known, on_failure);
        // An alias without a configuration has AWS's defaults, as far as is known; where those of $LATEST are the same it
        // makes no difference.
        let (retries, max_age_s) = own.unwrap_or((None, None));
        let mut policy = Self {
            retries: retries.unwrap_or(ASYNC_RETRIES),
            max_age: age(max_age_s),
            dead_letter,
            on_failure: on_failure.map(|edge| &edge.key.to),
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
            (DeadLetter::To(queue), _, _) => (Fate::DeadLetter, Some(queue.clone())),
            (_, Some(target), _) => (Fate::Destination, Some(target.clone())),
            (DeadLetter::Unread(_), None, _) => (Fate::Unknown, None),
            (DeadLetter::None, None, _) if self.only_if.is_some() => (Fate::Unknown, None),
            (DeadLetter::None, None, Reason::Retries | Reason::Off) => (Fate::Dropped, None),
            (DeadLetter::None, None, Reason::Age) => (Fate::Expired, None),
        }
    }

    /// Where it lands, to end a sentence.
    pub fn lands(&self, input: &Input) -> String {
        let name = |id| input.name(id).to_owned();
        match (self.dead_letter, self.on_failure) {
            (DeadLetter::To(queue), Some(target)) => format!("it lands in {} and {}", name(queue), name(target)),
            (DeadLetter::To(only), None) | (_, Some(only)) => format!("it lands in {}", name(only)),
            (DeadLetter::Unread("which"), None) => {
                "where it ends is unknown: which alias or version was invoked is in no line".to_owned()
            }
            (DeadLetter::Unread(alias), None) => format!(
                "where it ends is unknown: the dead-letter queue of the version behind {alias} was not read \
                 (lambda:GetFunctionConfiguration)"
            ),
            (DeadLetter::None, None) => match &self.only_if {
                Some(Condition::AliasDefaults { alias }) => format!(
                    "where it ends is unknown: alias {alias} has no configuration of its own, and AWS does not document \
                     whether it takes the destination of $LATEST"
                ),
                _ => "it is dropped: the function has no dead-letter queue and no destination".to_owned(),
            },
        }
    }
}

fn age(seconds: Option<u32>) -> SignedDuration {
    seconds.map_or(ASYNC_MAX_AGE, |s| SignedDuration::from_secs(s.into()))
}

/// Retries and maximum age of an alias's own configuration; nothing where it has none.
fn own(known: Option<&Qualified>, on_failure: Option<&Edge>) -> Option<(Option<u32>, Option<u32>)> {
    if let Some(known) = known.filter(|known| known.configured) {
        return Some((known.retries, known.max_age_s));
    }
    let number = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
    let policy = on_failure?.policies.first()?;
    Some((number(policy.max_retries), number(policy.max_age_s)))
}

/// The `OnFailure` destination of a qualifier. AWS: its kind may be any; all keep the record.
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

/// What an event may have been sent to: what its triggers name, as far as that fits the version that ran.
fn invoked<'a>(place: &Place<'a>, version: Option<&str>) -> BTreeSet<Invoked<'a>> {
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
    // Somebody that no trigger tells of invoked this version: by an alias that leads there, as far as one is known.
    let qualified = place.config.qualified.iter();
    qualified
        .filter(|one| one.version.as_deref() == version || Some(one.name.as_str()) == version)
        .map(|one| Invoked::Qualified(&one.name))
        .collect()
}
