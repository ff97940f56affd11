//! A policy held against one request.

use super::ask::Ask;
use super::conditions::{Holds, holds};
use super::glob;
use crate::domain::resource_policy::{Condition, Named, Principal, ResourcePolicy, Statement, Test};

/// What a policy says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A statement allows it, and none denies it.
    Allowed,
    /// A statement allows it to an organisation, which is shown but is no proof. Its conditions as written.
    AllowedIf(Vec<String>),
    /// A statement denies it, which no other can undo: its name, or its place in the document where it has none.
    Denied(String),
    /// No statement allows it.
    NoStatement(Option<Nearest>),
    /// It depends on condition keys whose values are not known here.
    Unknown(Vec<String>),
}

/// The statement that comes nearest to allowing a request, and why it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// Its name, where it has one.
    pub sid: Option<String>,
    /// What does not fit, in the order in which a person would look.
    pub misfits: Vec<Misfit>,
}

/// What of a statement does not fit a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It is for other principals.
    Principal(Vec<String>),
    /// It is for other resources, such as another alias of the function.
    Resource(Vec<String>),
    /// It is for other sources (`aws:SourceArn`).
    Source(Vec<String>),
    /// It is for sources of other accounts (`aws:SourceAccount`).
    Account(Vec<String>),
    /// It is for requests that have this condition key, or for those that have it not.
    Presence(String, bool),
    /// Another condition does not hold: its key, and its values.
    Condition(String, Vec<String>),
}

/// How one statement stands to a request.
enum Standing {
    Fits,
    Open {
        keys: Vec<String>,
        organisations: Vec<String>,
    },
    Not(Vec<Misfit>),
}

/// Holds a policy against a request.
#[must_use]
pub fn evaluate<'a>(policies: impl IntoIterator<Item = &'a ResourcePolicy>, ask: &Ask) -> Verdict {
    let mut allowed = false;
    let mut perhaps_denied = Vec::new();
    let mut perhaps_allowed: Option<Vec<String>> = None;
    let mut in_organisation = Vec::new();
    let mut nearest: Option<Nearest> = None;
    let statements = policies
        .into_iter()
        .flat_map(|policy| (1_usize..).zip(&policy.statements));
    for (place, statement) in statements.filter(|(_, statement)| acts(statement, ask.action)) {
        match (standing(statement, ask), statement.denies) {
            (Standing::Fits, true) => return Verdict::Denied(named(statement, place)),
            (Standing::Fits, false) => allowed = true,
            (Standing::Open { keys, organisations }, true) => {
                perhaps_denied.extend(keys);
                perhaps_denied.extend(organisations);
            }
            (Standing::Open { keys, organisations }, false) if keys.is_empty() => in_organisation.extend(organisations),
            (Standing::Open { keys, .. }, false) => perhaps_allowed.get_or_insert_default().extend(keys),
            (Standing::Not(_), true) => {}
            (Standing::Not(misfits), false) => {
                let closer = nearest
                    .as_ref()
                    .is_none_or(|known| weight(&misfits) < weight(&known.misfits));
                if closer {
                    let sid = statement.sid.clone();
                    nearest = Some(Nearest { sid, misfits });
                }
            }
        }
    }
    perhaps_denied.sort();
    perhaps_denied.dedup();
    if allowed {
        return if perhaps_denied.is_empty() {
            Verdict::Allowed
        } else {
            Verdict::Unknown(perhaps_denied)
        };
    }
    match perhaps_allowed {
        Some(keys) => {
            let mut keys = [keys, perhaps_denied].concat();
            keys.sort();
            keys.dedup();
            Verdict::Unknown(keys)
        }
        None if !in_organisation.is_empty() => Verdict::AllowedIf(in_organisation),
        None => Verdict::NoStatement(nearest),
    }
}

/// A statement's name in its document.
fn named(statement: &Statement, place: usize) -> String {
    let sid = statement.sid.clone().filter(|sid| !sid.is_empty());
    sid.unwrap_or_else(|| format!("{place} (without a Sid)"))
}

/// The distance of a statement from matching: another principal is further away than another source.
fn weight(misfits: &[Misfit]) -> usize {
    let one = |misfit: &Misfit| match misfit {
        Misfit::Principal(_) => 10,
        Misfit::Resource(_) => 4,
        _ => 1,
    };
    misfits.iter().map(one).sum()
}

fn acts(statement: &Statement, action: &str) -> bool {
    let any = |patterns: &[String]| patterns.iter().any(|pattern| glob::matches_any_case(pattern, action));
    match &statement.actions {
        Named::Only(patterns) => any(patterns),
        Named::Except(patterns) => !any(patterns),
    }
}

fn standing(statement: &Statement, ask: &Ask) -> Standing {
    let mut misfits = Vec::new();
    let (mut keys, mut organisations) = (Vec::new(), Vec::new());
    match principal(&statement.principals, ask) {
        Holds::Yes => {}
        Holds::No => misfits.push(Misfit::Principal(names(&statement.principals))),
        Holds::Unknown | Holds::Organisation => {
            keys.push(format!("principal {}", names(&statement.principals).join(", ")));
        }
    }
    match resource(&statement.resources, ask) {
        Holds::Yes => {}
        Holds::No => misfits.push(Misfit::Resource(match &statement.resources {
            Named::Only(patterns) => patterns.clone(),
            Named::Except(patterns) => patterns.iter().map(|pattern| format!("all but {pattern}")).collect(),
        })),
        Holds::Unknown | Holds::Organisation => keys.push("Resource".to_owned()),
    }
    for condition in &statement.conditions {
        match holds(condition, ask) {
            Holds::Yes => {}
            Holds::No => misfits.push(misfit(condition)),
            Holds::Unknown => keys.push(condition.key.clone()),
            Holds::Organisation => organisations.push(format!("{} {}", condition.key, condition.values.join(", "))),
        }
    }
    if !misfits.is_empty() {
        Standing::Not(misfits)
    } else if keys.is_empty() && organisations.is_empty() {
        Standing::Fits
    } else {
        Standing::Open { keys, organisations }
    }
}

fn misfit(condition: &Condition) -> Misfit {
    let values = condition.values.clone();
    if condition.operator.test == Test::Null {
        let absent = values.iter().any(|value| value.eq_ignore_ascii_case("true"));
        return Misfit::Presence(condition.key.clone(), !absent);
    }
    match condition.key.to_ascii_lowercase().as_str() {
        _ if condition.operator.negates => Misfit::Condition(condition.key.clone(), values),
        "aws:sourcearn" => Misfit::Source(values),
        "aws:sourceaccount" => Misfit::Account(values),
        _ => Misfit::Condition(condition.key.clone(), values),
    }
}

fn principal(principals: &Named<Principal>, ask: &Ask) -> Holds {
    let any = |list: &[Principal]| {
        let is = |principal: &Principal| match principal {
            Principal::Anyone => true,
            Principal::Service(name) => ask.is_by(name) == Some(true),
            Principal::Aws(_) | Principal::Other(_) => false,
        };
        let open = |principal: &Principal| matches!(principal, Principal::Service(name) if ask.is_by(name).is_none());
        if list.iter().any(is) {
            Holds::Yes
        } else if list.iter().any(open) {
            Holds::Unknown
        } else {
            Holds::No
        }
    };
    match principals {
        Named::Only(list) => any(list),
        Named::Except(list) => match any(list) {
            Holds::Yes => Holds::No,
            Holds::No => Holds::Yes,
            other => other,
        },
    }
}

fn names(principals: &Named<Principal>) -> Vec<String> {
    let name = |principal: &Principal| match principal {
        Principal::Anyone => "*".to_owned(),
        Principal::Service(name) | Principal::Aws(name) | Principal::Other(name) => name.clone(),
    };
    match principals {
        Named::Only(list) => list.iter().map(name).collect(),
        Named::Except(list) => list.iter().map(|one| format!("all but {}", name(one))).collect(),
    }
}

fn resource(resources: &Named<String>, ask: &Ask) -> Holds {
    let (Named::Only(patterns) | Named::Except(patterns)) = resources;
    if patterns.iter().any(|pattern| pattern.contains("${")) {
        return Holds::Unknown;
    }
    // A function that is meant without a qualifier may be written with this one.
    let latest = format!("{}:$LATEST", ask.resource);
    let fits = |pattern: &String| glob::matches(pattern, &ask.resource) || *pattern == latest;
    let any = patterns.iter().any(fits);
    if any == matches!(resources, Named::Only(_)) {
        Holds::Yes
    } else {
        Holds::No
    }
}
